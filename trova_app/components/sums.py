"""The sums under the lines, each figure beside the server's where the two stay apart; and the boxes of the form that
count but are not of a line."""

import reflex as rx

from trova_app.components.figures import behind, figure, is_apart, local, their_figure
from trova_app.state.completion import Completion


@rx.memo
def apart_words(name: rx.Var[str], saved_rev: rx.Var[int]) -> rx.Component:
    return rx.fragment(
        their_figure(name=name, first=""),
        ". ",
        rx.cond(
            behind(saved_rev),
            "Your last edits have not reached it yet.",
            "It adds up differently and is asked again.",
        ),
    )


@rx.memo
def apart(name: rx.Var[str], saved_rev: rx.Var[int]) -> rx.Component:
    """The server's figure and why it is another one than the page's, where they stay apart: only then React has
    anything to draw of an answer."""
    words = rx.cond(is_apart(name), apart_words(name=name, saved_rev=saved_rev))
    return rx.el.p(words, class_name="apart small", role="status")


@rx.memo
def sum_of(name: rx.Var[str], look: rx.Var[str]) -> rx.Component:
    """The page's own figure."""
    return rx.el.output(
        class_name=look, custom_attrs={"ref": figure(name, ""), "data-testid": name, "aria-live": "off"}
    )


@rx.memo
def amount_due(look: rx.Var[str]) -> rx.Component:
    """The one sum that is announced when it changes, and with its name: a bare number says nothing."""
    return rx.el.span(
        rx.el.span("Amount due ", class_name="sr-only"),
        rx.el.span(class_name=look, custom_attrs={"ref": figure("due", ""), "data-testid": "amount-due"}),
        role="status",
        custom_attrs={"aria-atomic": "true"},
    )


def _sum_row(words: str, key: str, look: str = "money") -> rx.Component:
    shown = amount_due(look=look) if key == "due" else sum_of(name=key, look=look)
    return rx.el.div(rx.el.dt(words), rx.el.dd(rx.el.span(shown, class_name="sum")), class_name=f"sum-row sum-{key}")


def sums_apart() -> list[rx.Component]:
    """The total says it where the server's figures stay apart, the amount due where only what was paid does."""
    return [apart(name=key, saved_rev=Completion.saved_rev) for key in ("total", "due")]


def sums() -> rx.Component:
    return rx.el.dl(
        _sum_row("Subtotal", "subtotal"),
        _sum_row("Discount", "discount"),
        rx.cond(Completion.charges_tax, _sum_row("Tax", "tax"), rx.el.div(_sum_row("Tax", "tax"), class_name="hidden")),
        _sum_row("Total", "total", "money sum-large"),
        _sum_row("Paid", "paid"),
        _sum_row("Amount due", "due", "money font-semibold"),
        class_name="sums",
        custom_attrs={"data-taxed": Completion.charges_tax.to_string()},
    )


@rx.memo
def amount_in_button(name: rx.Var[str]) -> rx.Component:
    return rx.el.span(rx.el.span(class_name="figures", custom_attrs={"ref": figure(name)}), aria_hidden="true")


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
