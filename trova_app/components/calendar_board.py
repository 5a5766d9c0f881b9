"""The calendar's board: a column for each day, or for each practitioner of one day, with the sessions in it.

Lists of links by day for whoever listens; placed by the hour for whoever looks.
"""

from typing import Any

import reflex as rx
from reflex.vars import VarData
from reflex_base.event import no_args_event_spec, passthrough_event_spec

from trova_app import routes
from trova_app.components.links import to
from trova_app.state.booking import Booking
from trova_app.state.calendar import CalendarPage as S
from trova_app.state.moving import Moving

C = S.shown
KEYS_JS = "$/utils/calendar.js"
SHORT, TINY = 40, 24  # minutes; drawn with room for one line where an hour is low, and where it is high
HOW = (
    "Arrow keys go from one time and day to the next, Enter opens or books, N books. Alt with the arrow keys moves a "
    "session, with Shift too it changes how long it is."
)


class CalendarKeys(rx.Fragment):
    """Hands the page's keys and drags to handlers (`calendar.js`). Draws nothing."""

    on_book: rx.EventHandler[passthrough_event_spec(str, int)]
    on_move: rx.EventHandler[passthrough_event_spec(int, int, str, int, int)]
    on_undo: rx.EventHandler[no_args_event_spec]
    now: rx.Var[str]
    answers: rx.Var[int]
    rows: rx.Var[Any]
    opens: rx.Var[str]

    ACTS = ("book", "move", "undo")

    def _exclude_props(self) -> list[str]:
        return [*(f"on_{act}" for act in self.ACTS), "now", "answers", "rows", "opens"]

    def add_imports(self) -> dict[str, Any]:
        return {
            "react": ["useEffect", "useLayoutEffect"],
            KEYS_JS: ["calendarKeys", "laid", "opened", "settle"],
        }

    def add_hooks(self) -> list[rx.Var[Any]]:
        calls = {act: rx.Var.create(self.event_triggers[f"on_{act}"]) for act in self.ACTS}
        listed = ", ".join(f"{act}: {call!s}" for act, call in calls.items())
        given = (*calls.values(), self.now, self.answers, self.rows, self.opens)
        data = VarData.merge(*[one._get_all_var_data() for one in given])
        return [
            rx.Var(f"useLayoutEffect(() => {{ opened() }}, [{self.opens!s}])", _var_data=data),
            rx.Var(f"useEffect(() => {{ calendarKeys({{ {listed} }}, {self.now!s}) }})", _var_data=data),
            rx.Var(f"useEffect(() => {{ laid() }}, [{self.answers!s}])", _var_data=data),
            rx.Var(f"useEffect(() => {{ settle() }}, [{self.rows!s}])", _var_data=data),
        ]


def board() -> rx.Component:
    return rx.el.div(
        rx.el.div(
            rx.el.ul(rx.foreach(C.hours, _hour), class_name="cal-hours", aria_hidden="true"),
            rx.foreach(C.columns, _column),
            _laid_over(),
            class_name="cal-board",
            custom_attrs={
                "data-view": C.view,
                "data-from": C.from_hour,
                "data-book": C.may_book,
                "style": rx.Var.create(
                    {"--columns": C.columns.length(), "--from": C.from_hour, "--hours": C.hours.length()}
                ),
            },
        ),
        CalendarKeys.create(
            on_book=Booking.open,
            on_move=Moving.move,
            on_undo=Moving.undo,
            now=S.now,
            answers=Moving.answers,
            rows=C.columns,
            opens=C.view + C.day,
        ),
        class_name="cal-frame",
    )


def _laid_over() -> rx.Component:
    """What `calendar.js` lays over the columns: the marker of a free time, a session under way, the hour it is."""
    return rx.fragment(
        rx.el.button(
            rx.el.span(class_name="unseen"),
            type="button",
            class_name="cal-marker",
            title="A free time",  # its name until it is laid over a time and says which
            custom_attrs={"aria-describedby": "how-to"},
        ),
        rx.el.div(rx.el.span(class_name="figures"), class_name="cal-ghost", aria_hidden="true"),
        rx.el.div(rx.el.span(), class_name="cal-now", aria_hidden="true"),
        rx.el.div(class_name="cal-say unseen", role="status"),
        rx.el.p(HOW, id="how-to", class_name="unseen"),
    )


def _hour(hour: Any) -> rx.Component:
    return rx.el.li(hour, class_name="figures")


def _column(column: Any, n: Any) -> rx.Component:
    return rx.el.div(
        rx.el.h2(
            _weekday(column),
            rx.cond(column.number != "", rx.el.span(column.number, class_name="cal-number figures")),
            class_name="cal-day-name",
            custom_attrs={"aria-label": column.label},
        ),
        rx.el.ul(
            rx.foreach(column.blocks, _block),
            rx.foreach(column.stacks, lambda one: _stack(column, one)),
            class_name="cal-sessions",
        ),
        role="group",  # seven or more landmarks would be in the way of whoever goes from one to the next
        class_name="cal-day",
        key=column.key,
        custom_attrs={
            "data-key": column.key,
            "data-today": column.is_today,
            "data-chosen": column.is_chosen,
            "aria-label": column.label,
            "style": rx.Var.create({"--column": n + 2, "--most": column.lanes}),
        },
    )


def _weekday(column: Any) -> rx.Component:
    """Short where columns are narrow; a practitioner's name is never cut by hand."""
    short = rx.fragment(column.title.to(str)[:3], rx.el.span(column.title.to(str)[3:], class_name="cal-rest"))
    return rx.el.span(rx.cond(column.number != "", short, column.title), class_name="cal-weekday")


def _block(block: Any) -> rx.Component:
    label = (
        f"{block.time}, {block.client_name}, {block.service_name}, {block.practitioner}"
        + rx.cond(block.place != "", f", {block.place}", "")
        + rx.cond(block.tab == "upcoming", "", f", {block.tab}")
        + rx.cond(block.repeats, ", repeats", "")
        + rx.cond(block.clash != "", f". {block.clash}", "")
    )
    return rx.el.li(
        to(
            f"{routes.APPOINTMENTS}/{block.id}",
            rx.el.span(
                block.time.to(str)[:5],
                rx.el.span(block.time.to(str)[5:], class_name="cal-end"),
                class_name="cal-time figures",
            ),
            " ",
            rx.cond(block.clash != "", rx.icon("triangle-alert", size=14, aria_hidden="true", class_name="cal-clash")),
            rx.cond(block.repeats, rx.icon("repeat", size=12, aria_hidden="true", class_name="cal-repeats")),
            rx.el.span(block.client_name, class_name="cal-name"),
            rx.el.span(block.service_name, class_name="cal-what"),
            label=label,
            class_name="cal-link",
            title=rx.cond(block.clash != "", f"{block.client_name}. {block.clash}", block.client_name),
            tab_index=-1,
            draggable=False,
        ),
        class_name="cal-block",
        key=block.key,
        custom_attrs={
            "data-id": block.id,
            "data-version": block.version,
            "data-tone": block.tone,
            "data-tab": block.tab,
            "data-fixed": ~block.may_move,
            "data-crowded": block.crowded,
            "data-lanes": block.lanes,
            "data-short": block.minutes.to(int) < SHORT,
            "data-tiny": (block.minutes.to(int) < TINY) & (block.tall.to(int) == 0),
            "data-pair": block.tall.to(int) > 0,
            "style": rx.Var.create(
                {
                    "--at": block.at,
                    "--len": block.minutes,
                    "--lane": block.lane,
                    "--lanes": block.lanes,
                    "--top": block.top,
                    "--tall": block.tall,
                    "--seen": block.seen,
                }
            ),
        },
    )


def _stack(column: Any, stack: Any) -> rx.Component:
    """How many more there are in an hour; it opens the day, where each practitioner has a column. Where columns are
    narrow it stands for all of them."""
    label = (
        rx.cond(stack.more > 0, f"+{stack.more} more, ", "").to(str)
        + f"{stack.count} sessions from {stack.time}"
        + rx.cond(stack.clashes > 0, f", {stack.clashes} wanted twice", "")
        + f". Open {column.label}"
    )
    return rx.el.li(
        to(
            f"{routes.CALENDAR}?view=day&date={column.day}{C.filters}",
            rx.cond(stack.clashes > 0, rx.icon("triangle-alert", size=14, aria_hidden="true", class_name="cal-clash")),
            rx.el.span(f"+{stack.more} more", class_name="cal-few figures"),
            rx.el.span(f"{stack.count} sessions", class_name="cal-all figures"),
            label=label,
            class_name="cal-link",
            tab_index=-1,
            draggable=False,
        ),
        class_name="cal-block cal-stack",
        key=stack.key,
        custom_attrs={
            "data-fixed": True,
            "data-more": stack.more,
            "style": rx.Var.create({"--at": stack.at, "--len": stack.minutes}),
        },
    )
