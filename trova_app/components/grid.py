"""The line items: uncontrolled boxes keyed by row, sums from the translated arithmetic, each redrawn by itself.

The page runs `domain/lines.py` (see `rxconfig.py`); `figures.js` adds up with each key and writes what has changed.
"""

import json
from typing import Any

import reflex as rx
from reflex.vars import VarData
from reflex_base.constants.state import FIELD_MARKER
from reflex_base.utils.imports import ImportVar

from trova_app.components.grid_tools import code_cell, drop_line, duplicate_button, grip, line_tools, price_was
from trova_app.state.completion import Completion
from trova_app.state.drawn import Row
from trova_app.state.figures import Figures

FIGURES_JS = "$/utils/figures.js"


def _from_figures(*names: str) -> VarData:
    return VarData(imports={FIGURES_JS: [ImportVar(name) for name in names]})


EDITS = rx.Var("edits()", _var_data=_from_figures("edits")).to(int)
"""How many edits were made on this page."""

FIELDS = rx.Var("Array.from(new FormData(document.forms.lines))").to(list[list[str]])
"""The whole form as the page shows it, read when a closing button is pressed."""


def _hook(name: str, call: str, of: rx.Var[Any], var_type: Any) -> rx.Var[Any]:
    """`name` is what the hook of `figures.js` answers; one name each in a memo."""
    hook = VarData(hooks={f"const {name} = {call}": None})
    data = VarData.merge(of._get_all_var_data(), _from_figures(call.partition("(")[0]), hook)
    return rx.Var(name, _var_type=var_type, _var_data=data)


def local(key: rx.Var[str] | str, name: str = "text") -> rx.Var[str]:
    """What the page's own arithmetic says for `key`, such as "fault.price.1"."""
    key = rx.Var.create(key)
    return _hook(name, f"useText({key!s})", key, str)


def behind(saved_rev: rx.Var[int]) -> rx.Var[bool]:
    """Whether edits were made on this page that the database has not; it has those up to `saved_rev`."""
    return _hook("is_behind", f"useBehind({saved_rev!s})", saved_rev, bool)


def figure(key: rx.Var[str] | str, first: rx.Var[str] | str | None = None) -> rx.Var[Any]:
    """The `ref` of an element without children that shows what the page's own arithmetic says for `key`; `data-state`
    says whether the server's text is the same, `data-late` that it has been another one for longer than a moment.
    `first` is the server's text until an answer tells another; without it nothing is compared."""
    given = [rx.Var.create(one) for one in (key, first)]
    of = rx.Var("", _var_data=VarData.merge(*[one._get_all_var_data() for one in given]))
    return _hook("figure", f"useFigure({', '.join(str(one) for one in given)})", of, Any)


def theirs(key: rx.Var[str], first: rx.Var[str] | str = "") -> rx.Var[str]:
    """The server's text for `key`."""
    first = rx.Var.create(first)
    of = rx.Var("", _var_data=VarData.merge(key._get_all_var_data(), first._get_all_var_data()))
    return _hook("theirs", f"useTheirs({key!s}, {first!s})", of, str)


def typed(e: rx.vars.ObjectVar) -> tuple[rx.Var[str], rx.Var[str], rx.Var[int]]:
    """Name and text of the box an input event comes from, and the page's count of edits."""
    target = e.target.to(dict[str, str])
    return target["name"], target["value"], EDITS


class FocusFault(rx.Fragment):
    """Puts the cursor into the first marked field of the form named `form` each time `changes` has another value. Draws
    nothing."""

    changes: rx.Var[int]
    form: rx.Var[str]

    def _exclude_props(self) -> list[str]:
        return ["changes", "form"]

    def add_imports(self) -> dict[str, str]:
        return {"react": "useEffect"}

    def add_hooks(self) -> list[rx.Var[Any]]:
        find = f"document.querySelector(`form[name=${{{self.form!s}}}] [aria-invalid=true]`)?.focus()"
        effect = f"useEffect(() => {{ if ({self.changes!s} > 0) {find} }}, [{self.changes!s}])"
        return [rx.Var(effect, _var_data=self.changes._get_all_var_data())]


class LinesForm(rx.el.Form):
    """One listener for every box of the form."""

    on_input: rx.EventHandler[typed]


@rx.memo
def line_total(line_id: rx.Var[str], n: rx.Var[str], first: rx.Var[str]) -> rx.Component:
    """Where the server's stays another one it is marked, and in the line in hand both are shown."""
    said = theirs("line." + line_id, first)
    return rx.fragment(
        rx.el.output(
            class_name="money block py-2 font-medium",
            custom_attrs={
                "ref": figure("line." + line_id, first),
                "aria-label": "Total, line " + n,
                "aria-live": "off",
            },
        ),
        rx.el.span(
            rx.cond(said != "", rx.fragment("The server has ", said), "The server has no figure"),
            class_name="apart small",
        ),
    )


class Answers(rx.Fragment):
    """Hears the server's figures from Reflex's store itself: through React they would be written a millisecond later.
    Draws nothing."""

    def add_imports(self) -> dict[str, Any]:
        return {FIGURES_JS: "useAnswers", "react": "useContext", "$/utils/context-registry": "StateStoreContext"}

    def add_hooks(self) -> list[str]:
        names = (Figures.get_full_name(), *(name + FIELD_MARKER for name in ("confirmed", "line")))
        return [f"useAnswers(useContext(StateStoreContext), {', '.join(map(json.dumps, names))})"]


def _fault(name: rx.Var[str], ours: rx.Var[str], theirs: rx.Var[str] | str) -> rx.Component:
    return rx.el.span(
        rx.cond(ours != "", ours, theirs),
        id="fault-" + name.to(str),
        class_name="error fault empty:hidden",
        role="alert",
    )


@rx.memo
def number_cell(name: rx.Var[str], label: rx.Var[str], first: rx.Var[str], words: rx.Var[str]) -> rx.Component:
    """A box for a figure; its fault comes from the page's own arithmetic with the key that causes it."""
    ours = local("fault." + name, "ours")
    return rx.fragment(
        rx.el.input(
            name=name,
            default_value=first,
            placeholder=words,
            input_mode="decimal",
            auto_complete="off",
            class_name="input input-money",
            custom_attrs={
                "aria-label": label,
                "aria-invalid": rx.cond(ours != "", "true", "false"),
                "aria-describedby": "fault-" + name,
            },
        ),
        _fault(name, ours, ""),
    )


def _text_cell(name: rx.Var[str], label: rx.Var[str], first: Any, fault: rx.Var[str], **given: Any) -> rx.Component:
    return rx.fragment(
        rx.el.input(
            name=name,
            default_value=first,
            auto_complete="off",
            class_name="input",
            custom_attrs={
                "aria-label": label,
                "aria-invalid": rx.cond(fault != "", "true", "false"),
                "aria-describedby": "fault-" + name,
            },
            **given,
        ),
        rx.el.span(fault, id="fault-" + name.to(str), class_name="error fault empty:hidden", role="alert"),
    )


def _cell(column: str, *children: rx.Component, words: str = "") -> rx.Component:
    """On a phone the row is a card and each cell carries its column's name."""
    return rx.el.td(
        rx.el.span(words, class_name="cell-words", aria_hidden="true") if words else rx.fragment(),
        *children,
        role="cell",
        class_name=f"cell cell-{column}",
    )


def _move(row: rx.Var[Row], by: int, icon: str, words: str) -> rx.Component:
    return rx.el.button(
        rx.icon(icon, size=16, aria_hidden="true"),
        type="button",
        class_name="icon-btn",
        on_click=Completion.move_line(row.id, by),
        custom_attrs={"aria-label": f"Move line {row.n} {words}"},
    )


def _tax(row: rx.Var[Row], line: rx.Var[str]) -> rx.Component:
    return rx.cond(
        Completion.charges_tax,
        _cell(
            "tax",
            rx.el.select(
                rx.foreach(Completion.tax_choices, lambda choice: rx.el.option(choice.code + "%", value=choice.code)),
                name="tax." + row.id,
                default_value=row.tax,
                class_name="input",
                custom_attrs={
                    "aria-label": "Tax, " + line,
                    "aria-invalid": rx.cond(row.tax_fault != "", "true", "false"),
                    "aria-describedby": "fault-tax." + row.id,
                },
            ),
            rx.el.span(row.tax_fault, id="fault-tax." + row.id, class_name="error fault empty:hidden", role="alert"),
            words="Tax",
        ),
    )


def line_row(row: rx.Var[Row]) -> rx.Component:
    number = row.n.to_string()
    line = "line " + number
    return rx.el.tr(
        _cell(
            "date",
            _text_cell("date." + row.id, "Date, " + line, row.date, row.date_fault, type="date", max=Completion.today),
            words="Date",
        ),
        _cell(
            "code",
            code_cell(line_id=row.id, label="Code, " + line, first=row.code, is_faulty=row.code_fault != ""),
            rx.el.span(row.code_fault, id="fault-code." + row.id, class_name="error fault empty:hidden", role="alert"),
            words="Code",
        ),
        _cell(
            "text", _text_cell("text." + row.id, "Description, " + line, row.text, row.text_fault), words="Description"
        ),
        _cell(
            "dx", _text_cell("dx." + row.id, "ICD-10, " + line, row.dx, row.dx_fault, placeholder="all"), words="ICD-10"
        ),
        _cell(
            "qty", number_cell(name="qty." + row.id, label="Quantity, " + line, first=row.qty, words="1"), words="Qty"
        ),
        _cell(
            "price",
            number_cell(name="price." + row.id, label="Unit price, " + line, first=row.price, words="0"),
            price_was(row),
            words="Unit price",
        ),
        _cell(
            "off",
            number_cell(name="off." + row.id, label="Discount, " + line, first=row.off, words="–"),
            words="Discount",
        ),
        _tax(row, line),
        _cell("total", line_total(line_id=row.id, n=number, first=row.total), words="Total"),
        _cell(
            "acts",
            grip(),
            rx.el.div(
                _move(row, -1, "chevron-up", "up"),
                _move(row, 1, "chevron-down", "down"),
                duplicate_button(row),
                rx.el.button(
                    rx.icon("x", size=16, aria_hidden="true"),
                    type="button",
                    class_name="icon-btn",
                    on_click=Completion.remove_line(row.id),
                    custom_attrs={"aria-label": "Remove line " + number},
                ),
                class_name="line-acts",
            ),
        ),
        key=f"{row.id}.{Completion.form_of}.{row.stamp}",
        role="row",
        class_name="line",
    )


def _head(*words: rx.Component | str, class_name: str = "") -> rx.Component:
    return rx.el.th(*words, scope="col", role="columnheader", class_name=class_name)


def line_items() -> rx.Component:
    """Rows are laid out as grids, so those out of sight need no drawing; the roles say that it is still a table."""
    heads = (
        ("Date", ""),
        ("Code", ""),
        ("Description", ""),
        ("ICD-10", ""),
        ("Qty", "money"),
        ("Unit price", "money"),
        ("Discount", "money"),
    )
    return rx.el.div(
        rx.el.table(
            rx.el.thead(
                rx.el.tr(
                    *[_head(words, class_name=look) for words, look in heads],
                    rx.cond(Completion.charges_tax, _head("Tax")),
                    _head("Total", class_name="money"),
                    _head(rx.el.span("Move or remove", class_name="sr-only")),
                    role="row",
                ),
                role="rowgroup",
            ),
            rx.el.tbody(rx.foreach(Completion.rows, line_row), role="rowgroup"),
            role="table",
            class_name="lines",
            custom_attrs={
                "aria-label": "Line items",
                "data-taxed": Completion.charges_tax.to_string(),
                "data-tried": (Completion.marks > 0).to_string(),
            },
        ),
        rx.cond(
            Completion.problems["lines"] != "",
            rx.el.p(Completion.problems["lines"], class_name="error", role="alert"),
        ),
        drop_line(),
        Answers.create(),
        line_tools(),
        class_name="lines-frame",
    )


# -- the sums


@rx.memo
def apart(name: rx.Var[str], saved_rev: rx.Var[int]) -> rx.Component:
    """The server's figure and why it is another one than the page's; seen only where they stay apart."""
    said = theirs(name)
    return rx.el.span(
        rx.cond(said != "", rx.fragment("The server has ", said, ". "), "The server has no figure. "),
        rx.cond(
            behind(saved_rev),
            "Your last edits have not reached it yet.",
            "It adds up differently and is asked again.",
        ),
        class_name="apart small",
        role="status",
    )


@rx.memo
def sum_of(name: rx.Var[str], look: rx.Var[str]) -> rx.Component:
    """The page's own figure; beside it the server's, where the two stay apart for longer than a moment."""
    return rx.el.output(
        class_name=look,
        custom_attrs={
            "ref": figure(name, ""),
            "data-testid": rx.cond(name == "due", "amount-due", name),
            "aria-live": rx.cond(name == "due", "polite", "off"),
        },
    )


def _sum_row(words: str, key: str, look: str = "money") -> rx.Component:
    """The total says it where the server's figures stay apart, the amount due where only what was paid does."""
    said = [apart(name=key, saved_rev=Completion.saved_rev)] if key in ("total", "due") else []
    return rx.el.div(
        rx.el.dt(words),
        rx.el.dd(rx.el.span(sum_of(name=key, look=look), *said, class_name="sum")),
        class_name=f"sum-row sum-{key}",
    )


def sums() -> rx.Component:
    return rx.el.dl(
        _sum_row("Subtotal", "subtotal"),
        _sum_row("Discount", "discount"),
        rx.cond(Completion.charges_tax, _sum_row("Tax", "tax"), rx.el.div(_sum_row("Tax", "tax"), class_name="hidden")),
        _sum_row("Total", "total", "money sum-large"),
        _sum_row("Paid", "paid"),
        _sum_row("Amount due", "due", "money font-semibold"),
        class_name="sums",
    )


@rx.memo
def amount_in_button(name: rx.Var[str]) -> rx.Component:
    return rx.el.span(class_name="figures", aria_hidden="true", custom_attrs={"ref": figure(name)})


SEEN = rx.Var("get('total')", _var_data=_from_figures("get")).to(str)
"""The total on the screen at the moment a closing button is pressed."""


def form_fault(name: str) -> rx.Component:
    """The sentence under a figure that is not in the grid (invoice discount, cash received)."""
    return form_fault_cell(name=name)


@rx.memo
def form_fault_cell(name: rx.Var[str]) -> rx.Component:
    return rx.el.span(
        local("fault." + name, "ours"), id=name + "-error", class_name="error fault empty:hidden", role="alert"
    )


@rx.memo
def figure_box(name: rx.Var[str], first: rx.Var[str], words: rx.Var[str]) -> rx.Component:
    ours = local("fault." + name, "ours")
    return rx.el.input(
        id=name,
        name=name,
        default_value=first,
        placeholder=words,
        input_mode="decimal",
        auto_complete="off",
        class_name="input input-money",
        custom_attrs={"aria-invalid": rx.cond(ours != "", "true", "false"), "aria-describedby": name + "-error"},
    )
