"""One service: its particulars, its lines, and what is booked for it."""

from typing import Any

import reflex as rx

from trova_app import routes
from trova_app.components.browser import Whenever
from trova_app.components.dialog import dialog
from trova_app.components.fields import FocusFault, described, field, text_field
from trova_app.components.frame import framed
from trova_app.components.leaving import AskBeforeLeaving
from trova_app.components.links import back
from trova_app.components.page_parts import fact, facts, head, problem_page, said, section, waiting_rows
from trova_app.pages.service_lines import lines
from trova_app.state.live import Live
from trova_app.state.service import ServicePage as S

A = S.shown
TONES = ("Teal", "Blue", "Violet", "Amber", "Green", "Pink", "Grey", "Orange")


def service() -> rx.Component:
    way_back = back(routes.SERVICES, "Services")
    here = rx.cond(A, _page(), rx.cond(S.problem != "", problem_page(S.problem, way_back), waiting_rows()))
    return framed(
        "Services",
        rx.el.div(
            Whenever.create(changes=Live.version.to_string(), then=S.refresh),
            rx.cond(S.is_new, _new(way_back), here),
            on_unmount=S.leave,
        ),
    )


def _new(way_back: rx.Component) -> rx.Component:
    drawn = rx.cond(S.lines.length() > 0, _form("", "60", "", False, False, "Add service"), waiting_rows())
    return rx.fragment(way_back, head("New service"), drawn)


def _page() -> rx.Component:
    form = _form(A.name, A.minutes.to_string(), A.tone.to_string(), A.is_virtual, A.is_paid_in_advance, "Save")
    return rx.fragment(
        back(routes.SERVICES, "Services"),
        head(A.name, rx.cond(A.may_change, _archive()), under=_under()),
        rx.el.div(
            rx.cond(A.may_change, form, _read_only()),
            rx.el.aside(_comes_to(), _booked()),
            class_name="split",
        ),
        _question(),
        AskBeforeLeaving.create(),
    )


def _under() -> rx.Component:
    return rx.el.p(
        rx.cond(A.is_virtual, "Virtual", "In person"),
        f" · {A.minutes} min",
        rx.cond(A.is_paid_in_advance, " · paid in advance", ""),
        rx.cond(A.is_active, "", " · archived"),
        class_name="muted mt-1",
    )


def _archive() -> rx.Component:
    return rx.cond(
        A.is_active,
        rx.el.button("Archive", type="button", class_name="btn", on_click=S.archive(True)),
        rx.el.button("Bring back", type="button", class_name="btn", on_click=S.archive(False)),
    )


def _fault(name: Any) -> rx.Var[str]:
    return S.faults.get(name, "")


# -- the form


def _form(name: Any, minutes: Any, tone: Any, is_virtual: Any, in_advance: Any, words: str) -> rx.Component:
    return rx.el.form(
        FocusFault.create(changes=S.marks, form="service"),
        rx.el.div(
            text_field("Name", "name", value=name, error=_fault("name"), auto_complete="off", class_name="all"),
            text_field(
                "Length, in minutes",
                "minutes",
                value=minutes,
                error=_fault("minutes"),
                input_mode="numeric",
                auto_complete="off",
                hint="Usual length. What is booked for longer or shorter takes the lines for its own length.",
            ),
            _tone(tone),
            _radios("Where", "where", (("here", "In person"), ("virtual", "Virtual")), is_virtual),
            _radios(
                "Paid",
                "paid",
                (("completion", "At completion"), ("advance", "In advance")),
                in_advance,
                hint="In advance: the check-list asks what has come in. A session is billed once it is over.",
            ),
            class_name="form-grid",
        ),
        section("Lines", lines()),
        rx.el.div(
            rx.el.button(words, type="submit", class_name="btn btn-primary"),
            said(_fault("")),
            rx.cond(S.faults.length() > 0, rx.el.span("Please look at the marked fields.", class_name="error")),
            class_name="save-bar",
        ),
        on_submit=S.save,
        name="service",
        no_validate=True,
        key=S.face.to_string(),
        custom_attrs={"data-kept": "true"} if words == "Save" else {},  # asked about before the page is left
    )


def _tone(chosen: Any) -> rx.Component:
    control = rx.el.select(
        rx.el.option("Any", value=""),
        *(rx.el.option(words, value=str(n)) for n, words in enumerate(TONES)),
        id="tone",
        name="tone",
        default_value=rx.cond(chosen == "-1", "", chosen),
        class_name="input",
        custom_attrs=described("tone", _fault("tone")),
    )
    return field("Colour in the calendar", "tone", control, error=_fault("tone"))


def _radios(
    legend: str, name: str, choices: tuple[tuple[str, str], tuple[str, str]], is_second: Any, hint: str = ""
) -> rx.Component:
    def choice(value: str, words: str, is_chosen: Any) -> rx.Component:
        box = rx.el.input(type="radio", name=name, value=value, default_checked=is_chosen)
        return rx.el.label(box, words, class_name="check")

    (first, first_words), (second, second_words) = choices
    is_second = rx.Var.create(is_second)
    return rx.el.fieldset(
        rx.el.legend(legend, class_name="label"),
        choice(first, first_words, ~is_second),
        choice(second, second_words, is_second),
        rx.el.span(hint, class_name="hint empty:hidden basis-full"),
        class_name="radios",
    )


# -- beside it


def _read_only() -> rx.Component:
    def row(line: Any) -> rx.Component:
        words = rx.cond(line.since != "", f"from {line.since} min", "")
        return rx.el.li(
            rx.el.span(
                rx.el.span(rx.el.strong(line.code, class_name="figures"), " ", line.text, class_name="wrap"),
                rx.el.span(words, class_name="muted small empty:hidden"),
                class_name="grid min-w-0 flex-1",
            ),
            rx.el.span(line.qty, " × ", line.price, class_name="money"),
            class_name="spread",
            key=line.id,
        )

    return section("Lines", rx.el.ul(rx.foreach(S.lines, row), class_name="plain-list lines-list"))


def _comes_to() -> rx.Component:
    lengths = rx.el.ul(
        rx.foreach(
            A.lengths,
            lambda one: rx.el.li(
                rx.el.span(one.words), rx.el.span(one.price, class_name="money"), class_name="spread", key=one.words
            ),
        ),
        class_name="plain-list lines-list",
    )
    return section(
        "Comes to",
        rx.cond(
            A.price != "", rx.el.p(A.price, class_name="big figures"), rx.el.p("No price yet.", class_name="muted")
        ),
        rx.cond(A.lengths.length() > 1, lengths),
    )


def _booked() -> rx.Component:
    return section(
        "Booked, not completed",
        facts(
            fact("At this price", A.booked.present.to_string()),
            rx.cond(A.booked.earlier > 0, fact("At an earlier price", A.booked.earlier.to_string())),
            rx.cond(A.booked.begun > 0, fact("With a form begun", A.booked.begun.to_string())),
        ),
        rx.cond(
            (A.booked.earlier > 0) & A.may_change,
            rx.el.button("Use this price for all", type="button", class_name="btn", on_click=S.use_present_price),
        ),
    )


def _question() -> rx.Component:
    begun = rx.cond(
        S.question_begun == 1,
        " 1 form that somebody has begun stays as it is.",
        f" {S.question_begun} forms that somebody has begun stay as they are.",
    )
    change = rx.cond(
        S.question_was == S.question_now,
        f"It comes to {S.question_now} as before; its lines change.",
        f"It was {S.question_was} and will be {S.question_now}.",
    )
    return dialog(
        S.question != "",
        S.asked,
        S.question,
        rx.fragment(change, " Documents that were made stay as they are.", rx.cond(S.question_begun > 0, begun, "")),
        rx.el.div(
            rx.el.button("Cancel", type="button", class_name="btn", on_click=S.asked(False)),
            rx.el.button("Keep the old price for them", type="button", class_name="btn", on_click=S.keep_price),
            rx.el.button("Use the new price", type="button", class_name="btn btn-primary", on_click=S.change_price),
            class_name="dialog-buttons dialog-many",
        ),
    )
