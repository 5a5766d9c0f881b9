"""One appointment with everything the clinician wants to see before billing it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from trova_app.domain import lines
from trova_app.domain.appointments import AppointmentState, Tab, tab_of
from trova_app.domain.claims import ClaimFacts, ClaimLine, missing_for_claim
from trova_app.domain.diagnoses import warnings_for
from trova_app.domain.invoices import DocumentStatus
from trova_app.domain.permissions import Permission, Principal
from trova_app.domain.refusals import NotFound
from trova_app.models import (
    Appointment,
    CareService,
    Client,
    Invoice,
    Member,
    Practice,
    Scheme,
    TimelineEntry,
)
from trova_app.services.arguments import an_id
from trova_app.services.balances import given_back, invoice_label, owed_by, paid_minor
from trova_app.services.default_lines import BookedSession, DefaultLine, comes_to, default_lines
from trova_app.services.ports import Desk
from trova_app.services.practice_style import PracticeStyle, style_for
from trova_app.services.series import words_for
from trova_app.services.session_client import ContactDetails, DiagnosisText, PayerDetails, SessionClient, client_of

DIAGNOSIS = "diagnosis_codes"
LINE_PLACES = 7  # quantity (3) times unit price (4)


@dataclass(frozen=True, slots=True)
class ServiceLineText:
    code: str
    description: str
    quantity: str
    unit_price: str
    total: str


@dataclass(frozen=True, slots=True)
class MissingPart:
    """Something to fill in before billing: `field` names where, `sentence` says what to do."""

    field: str
    sentence: str


@dataclass(frozen=True, slots=True)
class InvoiceMark:
    """The live invoice of a completed appointment. `number` is "" while it is a Draft."""

    id: int
    number: str
    label: str
    total: str


@dataclass(frozen=True, slots=True)
class TimelineText:
    when: str
    who: str
    what: str


@dataclass(frozen=True, slots=True)
class AppointmentDetails:
    """Texts ready to draw. `reason`: why it was cancelled, `fee`: what a missed session costs, `series`: how it
    repeats, "" for nothing. `diagnoses` is empty for roles that may not see them; `last_session` and `unpaid_balance`
    are "" where there is none. `price_words`: whose prices these are, where they are not the practice's present ones.
    `marks`, `form_version`, `keeps`: as in `SessionClient`; `may_fill_in_here`: for this session only. The `may_...`
    marks already weigh role and state."""

    id: int
    version: int
    tab: str
    day_words: str
    time: str
    place: str
    note: str
    practitioner: str
    client: ContactDetails
    payer: PayerDetails
    marks: Mapping[str, str]
    diagnoses: tuple[DiagnosisText, ...]
    diagnosis_warnings: tuple[str, ...]
    form_version: int
    keeps: bool
    service_name: str
    service_minutes: int
    service_lines: tuple[ServiceLineText, ...]
    service_total: str
    price_words: str
    last_session: str
    unpaid_balance: str
    missing: tuple[MissingPart, ...]
    invoice: InvoiceMark | None
    timeline: tuple[TimelineText, ...]
    reason: str
    fee: str
    series: str
    may_complete: bool
    may_mark_missed: bool
    may_edit_client: bool
    may_fill_in_here: bool
    may_see_diagnoses: bool
    may_reschedule: bool = False
    may_put_on_again: bool = False


def details(db: Session, desk: Desk, who: Principal, *, appointment_id: object) -> AppointmentDetails:
    """`NotFound` for another practice's appointment as for none."""
    who.must(Permission.SEE_APPOINTMENTS)
    found = _found(db, who, an_id(appointment_id, "appointment"))
    appointment, client, service, member, scheme = found
    style = style_for(db, desk, who.practice_id)
    invoice = _live_invoice(db, appointment)
    service_lines = default_lines(db, BookedSession(appointment, client, service), style.zone)
    tab = tab_of(AppointmentState(appointment.state), appointment.ends_at, desk.now())
    is_open = tab is Tab.OPEN and who.may(Permission.COMPLETE)
    has_fee = appointment.missed_fee_minor is not None
    is_fee_due = tab is Tab.MISSED and has_fee and invoice is None and who.may(Permission.COMPLETE)
    is_draft = invoice is not None and invoice[0].status == DocumentStatus.DRAFT
    has_form = who.may(Permission.COMPLETE) and (is_open or is_fee_due or is_draft)
    person = client_of(db, desk, who, appointment, client, scheme, has_form=has_form)
    undone = {Tab.CANCELLED: Permission.BOOK, Tab.MISSED: Permission.COMPLETE}
    return AppointmentDetails(
        id=int(appointment.id or 0),
        version=appointment.version,
        tab=tab.value,
        day_words=style.day_words(style.day(appointment.starts_at)),
        time=f"{style.time(appointment.starts_at)}\u2013{style.time(appointment.ends_at)}",
        place=appointment.place,
        note=appointment.note,
        practitioner=member.name,
        client=person.contact,
        payer=person.payer,
        marks=person.marks,
        diagnoses=person.diagnoses,
        diagnosis_warnings=tuple(warnings_for(list(person.billed))),
        form_version=person.form_version,
        keeps=person.keeps,
        service_name=service.name,
        service_minutes=service.duration_minutes,
        service_lines=tuple(_line_text(style, line) for line in service_lines),
        service_total=style.amount(comes_to(service_lines, style.money.places)),
        price_words=_price_words(appointment, service, scheme, service_lines),
        last_session=_last_session(db, style, appointment),
        unpaid_balance=_unpaid(db, style, who, client),
        missing=tuple(_missing(db, who, found, service_lines, person, style)),
        invoice=_invoice_mark(style, invoice) if invoice and who.may(Permission.SEE_BILLING) else None,
        timeline=_timeline(db, style, appointment, invoice[0].id if invoice else None),
        reason=appointment.cancel_reason,
        series=words_for(db, style, appointment),
        fee=style.amount(appointment.missed_fee_minor) if appointment.missed_fee_minor is not None else "",
        may_complete=is_open or is_fee_due,
        may_mark_missed=is_open,
        may_edit_client=who.may(Permission.EDIT_CLIENTS),
        may_fill_in_here=has_form,
        may_see_diagnoses=who.may(Permission.SEE_DIAGNOSES),
        may_reschedule=appointment.state == AppointmentState.SCHEDULED and who.may(Permission.BOOK),
        may_put_on_again=tab in undone and who.may(undone[tab]) and invoice is None,
    )


def _found(db: Session, who: Principal, appointment_id: int) -> Any:
    query = (
        sa.select(Appointment, Client, CareService, Member, Scheme)
        .join(Client, col(Client.id) == Appointment.client_id)
        .join(CareService, col(CareService.id) == Appointment.service_id)
        .join(Member, col(Member.id) == Appointment.practitioner_id)
        .outerjoin(Scheme, col(Scheme.id) == Client.scheme_id)
        .where(col(Appointment.id) == appointment_id, col(Appointment.practice_id) == who.practice_id)
    )
    found = db.execute(query).first()
    if found is None:
        raise NotFound("appointment")
    return found


def _live_invoice(db: Session, appointment: Appointment) -> tuple[Invoice, int, str] | None:
    """The invoice that counts, what has been paid on it, and whether that was given back."""
    query = sa.select(Invoice, paid_minor(), given_back()).where(
        col(Invoice.appointment_id) == appointment.id, col(Invoice.status) != DocumentStatus.VOID
    )
    found = db.execute(query).first()
    return (found[0], int(found[1]), found[2]) if found else None


def _price_words(
    appointment: Appointment, service: CareService, scheme: Scheme | None, lines: Sequence[DefaultLine]
) -> str:
    if scheme is not None and any(line.is_scheme_price for line in lines):
        whole = all(line.is_scheme_price for line in lines)
        return f"{scheme.name}'s prices" if whole else f"{scheme.name}'s prices where it has one"
    is_earlier = appointment.service_edition not in (None, service.edition)
    return "The price it was booked at" if is_earlier else ""


def _line_text(style: PracticeStyle, line: DefaultLine) -> ServiceLineText:
    total = lines.half_up(line.quantity * line.unit_price, 10 ** (LINE_PLACES - style.money.places))
    return ServiceLineText(
        code=line.code,
        description=line.text,
        quantity=style.quantity(line.quantity),
        unit_price=style.price(line.unit_price),
        total=style.amount(total),
    )


def _last_session(db: Session, style: PracticeStyle, appointment: Appointment) -> str:
    """The client's latest completed session before this one: "4 Mar 2026, Psychotherapy 60 min"."""
    query = (
        select(Appointment.starts_at, CareService.name)
        .join(CareService, col(CareService.id) == Appointment.service_id)
        .where(
            Appointment.client_id == appointment.client_id,
            col(Appointment.starts_at) < appointment.starts_at,
            Appointment.state == AppointmentState.COMPLETED,
        )
        .order_by(col(Appointment.starts_at).desc())
    )
    found = db.exec(query.limit(1)).first()
    return f"{style.moment_words(found[0]).split(',')[0]}, {found[1]}" if found else ""


def _unpaid(db: Session, style: PracticeStyle, who: Principal, client: Client) -> str:
    if not who.may(Permission.SEE_BILLING):
        return ""
    owed = owed_by(db, who.practice_id, [int(client.id or 0)])
    return style.amount(next(iter(owed.values()))) if owed else ""


def _missing(
    db: Session,
    who: Principal,
    found: Any,
    service_lines: Sequence[DefaultLine],
    person: SessionClient,
    style: PracticeStyle,
) -> Iterator[MissingPart]:
    """The mail address for everybody; what a scheme asks for where the client has one."""
    appointment, client, _service, member, _scheme = found
    payer = person.payer
    if not person.contact.email:
        yield MissingPart("email", "Add the client's mail address, so that the invoice can be sent.")
    if not service_lines:
        yield MissingPart("lines", "Add line items and prices to this service.")
    if payer.is_private:
        return
    day = style.day(appointment.starts_at)
    facts = ClaimFacts(
        member_name=payer.main_member or client.last_name,
        patient_name=f"{client.first_name} {client.last_name}",
        scheme_name=payer.name,
        member_number=payer.member_number,
        practice_number=_practice_number(db, who) or member.practice_number,
        practitioner_name=member.name,
        practitioner_number=member.council_number or member.practice_number,
        lines=tuple(ClaimLine(line.text, day, line.code, person.billed) for line in service_lines),
    )
    yield from _of_the_claim(facts, who)


def _of_the_claim(facts: ClaimFacts, who: Principal) -> Iterator[MissingPart]:
    """The diagnosis once, not for each line, and only to those who may see it."""
    asked = False
    for part in missing_for_claim(facts):
        if part.field == "lines":
            continue
        if part.field != DIAGNOSIS:
            yield MissingPart(part.field, part.sentence)
        elif not asked and who.may(Permission.SEE_DIAGNOSES):
            asked = True
            yield MissingPart(DIAGNOSIS, "Add a diagnosis code (ICD-10) to the client.")


def _practice_number(db: Session, who: Principal) -> str:
    return db.exec(select(Practice.practice_number).where(Practice.id == who.practice_id)).one()


def _invoice_mark(style: PracticeStyle, found: tuple[Invoice, int, str]) -> InvoiceMark:
    invoice, paid, went_back = found
    return InvoiceMark(
        id=int(invoice.id or 0),
        number=invoice.number_text,
        label=invoice_label(invoice, paid, style.today, given_back=went_back).value,
        total=style.amount(invoice.total_minor),
    )


def _timeline(
    db: Session, style: PracticeStyle, appointment: Appointment, invoice_id: int | None
) -> tuple[TimelineText, ...]:
    """The appointment's and its invoice's entries, the latest first."""
    of_it = col(TimelineEntry.appointment_id) == appointment.id
    if invoice_id is not None:
        of_it = sa.or_(of_it, col(TimelineEntry.invoice_id) == invoice_id)
    query = select(TimelineEntry).where(TimelineEntry.practice_id == appointment.practice_id, of_it)
    latest = db.exec(query.order_by(col(TimelineEntry.happened_at).desc(), col(TimelineEntry.id).desc()))
    return tuple(TimelineText(style.moment_words(entry.happened_at), entry.who, entry.what) for entry in latest)
