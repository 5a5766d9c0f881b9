"""The lists of appointments: Upcoming, Open, Completed, Missed, Cancelled."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from trova_app.domain.appointments import AppointmentState, Tab
from trova_app.domain.diary import LONGEST
from trova_app.domain.invoices import DocumentStatus, PaymentType
from trova_app.domain.permissions import Permission, Principal
from trova_app.domain.refusals import NotFound
from trova_app.models import Appointment, CareService, Client, Invoice, Scheme
from trova_app.services.appointment_details import AppointmentDetails, details
from trova_app.services.arguments import a_page_size, folded, like, search_words
from trova_app.services.balances import given_back, invoice_label, owed_by, paid_minor
from trova_app.services.cursors import cursor_of, moment_in
from trova_app.services.default_lines import BookedSession, comes_to, lines_of
from trova_app.services.ports import Desk
from trova_app.services.practice_style import PracticeStyle, style_for

__all__ = [
    "AppointmentDetails",
    "AppointmentPage",
    "AppointmentRow",
    "counts",
    "details",
    "next_open",
    "page_of",
]

STARTS_AT: Any = col(Appointment.starts_at)
KEY: Any = col(Appointment.id)
HAPPENING = (AppointmentState.SCHEDULED, AppointmentState.COMPLETED)
TO_COME = frozenset({Tab.UPCOMING, Tab.OPEN})


@dataclass(frozen=True, slots=True)
class AppointmentRow:
    """One line of the list, its texts ready to draw. `mark` is one small word or ""; the invoice's id, number and label
    are there for completed appointments that have one."""

    id: int
    day: str
    day_words: str
    time: str
    client_id: int
    client_name: str
    service_name: str
    payer: str
    amount_text: str
    mark: str = ""
    state: str = ""
    invoice_id: int | None = None
    invoice_number: str = ""
    label: str = ""


@dataclass(frozen=True, slots=True)
class AppointmentPage:
    """`next_after` is the cursor of the following page, "" at the end."""

    rows: tuple[AppointmentRow, ...]
    next_after: str = ""


def counts(db: Session, desk: Desk, who: Principal) -> dict[Tab, int]:
    """How many appointments stand on each tab now; every tab is there, in the screen's order."""
    who.must(Permission.SEE_APPOINTMENTS)
    is_over = col(Appointment.ends_at) <= desk.now()
    found = db.execute(
        sa.select(col(Appointment.state), is_over, sa.func.count())
        .where(col(Appointment.practice_id) == who.practice_id)
        .group_by(col(Appointment.state), is_over)
    )
    numbers = dict.fromkeys(Tab, 0)
    for state, over, number in found:
        numbers[_tab(AppointmentState(state), bool(over))] += number
    return numbers


def _tab(state: AppointmentState, is_over: bool) -> Tab:
    if state is AppointmentState.SCHEDULED:
        return Tab.OPEN if is_over else Tab.UPCOMING
    return Tab(state.value)


def page_of(
    db: Session, desk: Desk, who: Principal, *, tab: object, search: object = "", after: object = "", limit: object = 50
) -> AppointmentPage:
    """One page of a tab: the soonest first on Upcoming, the latest first elsewhere. `search`: words of the client's
    name or mail address, or of the service; all must be found. `after`: the `next_after` of the page before."""
    who.must(Permission.SEE_APPOINTMENTS)
    chosen, size = _a_tab(tab), a_page_size(limit)
    query = page_query(db, desk, who, chosen, search_words(search), moment_in(chosen.value, after))
    found = db.execute(query.limit(size + 1)).all()
    rows = _drawn(db, desk, who, chosen, found[:size])
    last = found[size - 1].Appointment if len(found) > size else None
    return AppointmentPage(rows, cursor_of(chosen.value, last.starts_at.isoformat(), last.id) if last else "")


def _a_tab(given: object) -> Tab:
    try:
        return Tab(str(given))
    except ValueError:
        raise NotFound("list") from None


def page_query(
    db: Session, desk: Desk, who: Principal, tab: Tab, words: list[str], after: tuple[datetime, int] | None
) -> sa.Select[Any]:
    """The rows of a tab behind `after`, in its order, along the index (practice_id, state, starts_at, id)."""
    place = sa.tuple_(STARTS_AT, KEY)
    ascends = tab is Tab.UPCOMING
    query: sa.Select[Any] = (
        sa.select(Appointment, Client, CareService)
        .add_columns(
            col(Scheme.name).label("scheme_name"),
            Invoice,
            paid_minor().label("paid"),
            given_back().label("given_back"),
        )
        .join(Client, col(Client.id) == Appointment.client_id)
        .join(CareService, col(CareService.id) == Appointment.service_id)
        .outerjoin(Scheme, col(Scheme.id) == Client.scheme_id)
        .outerjoin(Invoice, sa.and_(col(Invoice.appointment_id) == Appointment.id, _is_live()))
        .where(col(Appointment.practice_id) == who.practice_id, *_on_tab(tab, desk.now()))
        .where(*(_has_word(db, who, word) for word in words))
        .order_by(*(column.asc() if ascends else column.desc() for column in (STARTS_AT, KEY)))
    )
    if after is not None:
        query = query.where(place > _bound(after) if ascends else place < _bound(after))
    return query


def _is_live() -> Any:
    return sa.text(f"invoice.status <> '{DocumentStatus.VOID.value}'")  # as the index says it, so that it is used


def _bound(after: tuple[datetime, int]) -> Any:
    return sa.tuple_(sa.literal(after[0], STARTS_AT.type), sa.literal(after[1], KEY.type))


def _on_tab(tab: Tab, now: datetime) -> list[Any]:
    state = col(Appointment.state)
    if tab is Tab.UPCOMING:
        # none is longer than a day: with this the index is entered a day back, in its order
        return [state == AppointmentState.SCHEDULED, col(Appointment.ends_at) > now, now - LONGEST < STARTS_AT]
    if tab is Tab.OPEN:
        # what has ended has begun: with this the index is entered at the present moment
        return [
            state == AppointmentState.SCHEDULED,
            col(Appointment.ends_at) <= now,
            now > STARTS_AT,
        ]
    return [state == AppointmentState(tab.value)]


def _has_word(db: Session, who: Principal, word: str) -> Any:
    services = db.exec(select(CareService.id, CareService.name).where(CareService.practice_id == who.practice_id))
    fitting = [key for key, name in services if word in folded(name)]
    return sa.or_(col(Client.search_text).like(like(word), escape="!"), col(Appointment.service_id).in_(fitting))


def _drawn(db: Session, desk: Desk, who: Principal, tab: Tab, found: Any) -> tuple[AppointmentRow, ...]:
    style = style_for(db, desk, who.practice_id)
    client_ids = {row.Client.id for row in found} if tab in TO_COME else set()
    owed = owed_by(db, who.practice_id, client_ids) if who.may(Permission.SEE_BILLING) else {}
    first = _first_sessions(db, who, client_ids)
    amounts = _amounts(db, style, [row for row in found if row.Invoice is None])
    return tuple(_row(style, row, _mark(style, row, owed, first) if tab in TO_COME else "", amounts) for row in found)


def _amounts(db: Session, style: PracticeStyle, rows: Sequence[Any]) -> dict[int, int]:
    """What the form of each session begins with, in minor units, by appointment."""
    sessions = [BookedSession(row.Appointment, row.Client, row.CareService) for row in rows]
    lines = lines_of(db, sessions, style.zone)
    return {
        int(one.appointment.id or 0): comes_to(of, style.money.places) for one, of in zip(sessions, lines, strict=True)
    }


def _first_sessions(db: Session, who: Principal, client_ids: set[int]) -> dict[int, datetime]:
    """When each client was seen, or will be seen, for the first time."""
    query = (
        select(Appointment.client_id, sa.func.min(STARTS_AT, type_=STARTS_AT.type))
        .where(
            Appointment.practice_id == who.practice_id,
            col(Appointment.client_id).in_(client_ids),
            col(Appointment.state).in_(HAPPENING),
        )
        .group_by(col(Appointment.client_id))
    )
    return dict(db.execute(query).all())


def _mark(style: PracticeStyle, row: Any, owed: dict[int, int], first: dict[int, datetime]) -> str:
    """The one thing worth knowing before the row is opened, the most pressing first."""
    client: Client = row.Client
    if client.id in owed:
        return f"Unpaid balance {style.amount(owed[client.id])}"
    if not client.email:
        return "No mail address"
    if first.get(client.id or 0) == row.Appointment.starts_at:
        return "First session"
    return "Note" if row.Appointment.note else ""


def _row(style: PracticeStyle, row: Any, mark: str, amounts: dict[int, int]) -> AppointmentRow:
    service = row.CareService.name
    appointment, client, invoice = row.Appointment, row.Client, row.Invoice
    day = style.day(appointment.starts_at)
    return AppointmentRow(
        id=appointment.id,
        day=day.isoformat(),
        day_words=style.day_words(day),
        time=style.time(appointment.starts_at),
        client_id=client.id,
        client_name=f"{client.first_name} {client.last_name}".strip(),
        service_name=invoice.service_name or service if invoice else service,
        payer=_payer(client, row.scheme_name, invoice),
        amount_text=style.amount(invoice.total_minor if invoice else amounts[appointment.id]),
        mark=mark,
        state=appointment.state,
        invoice_id=invoice.id if invoice else None,
        invoice_number=invoice.number_text if invoice else "",
        label=invoice_label(invoice, int(row.paid), style.today, given_back=row.given_back).value if invoice else "",
    )


def _payer(client: Client, scheme_name: str | None, invoice: Invoice | None) -> str:
    """The scheme where it pays: by the invoice once there is one, by the client's own habit before."""
    chosen = invoice.payment_type if invoice else client.default_payment_type
    is_private = bool(chosen) and chosen != PaymentType.INSURANCE
    return scheme_name if scheme_name and not is_private else "private"


def next_open(db: Session, desk: Desk, who: Principal) -> int | None:
    """The appointment at the top of Open, None where nothing waits."""
    who.must(Permission.SEE_APPOINTMENTS)
    query = (
        select(Appointment.id)
        .where(Appointment.practice_id == who.practice_id, *_on_tab(Tab.OPEN, desk.now()))
        .order_by(STARTS_AT.desc(), KEY.desc())
    )
    return db.exec(query.limit(1)).first()
