"""The working copy of a completion form: read, prefilled, saved with a version, never silently overwritten."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlmodel import Session, col, select

from trova_app.domain.appointments import AppointmentState, Tab, tab_of
from trova_app.domain.invoices import DocumentStatus, PaymentType
from trova_app.domain.money import style_of
from trova_app.domain.permissions import Permission, Principal
from trova_app.domain.refusals import ChangedElsewhere, NotFound, Refusal
from trova_app.models import (
    Appointment,
    CareService,
    Client,
    ClientDiagnosis,
    CompletionDraft,
    Invoice,
    Member,
    Practice,
    Scheme,
)
from trova_app.services.arguments import an_id
from trova_app.services.default_lines import BookedSession, DefaultLine, default_lines
from trova_app.services.forms import CLIENT_TEXTS, Form, FormLine, FormTexts, Rules
from trova_app.services.gateway_accounts import gateway_for
from trova_app.services.ports import Desk
from trova_app.services.practice_style import quantity_text, thousandths_text
from trova_app.services.tax_rates import rate_on, standard_rate, tax_rates_of
from trova_app.services.typed_amounts import price_text

MOST_KEYS = 200  # of acts done lately


@dataclass(frozen=True, slots=True)
class Case:
    """An appointment with all that its completion reads; rows of one practice."""

    appointment: Appointment
    practice: Practice
    client: Client
    service: CareService
    practitioner: Member
    scheme: Scheme | None
    invoice: Invoice | None

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.practice.time_zone)

    @property
    def session(self) -> BookedSession:
        return BookedSession(self.appointment, self.client, self.service)

    @property
    def service_day(self) -> date:
        return self.appointment.starts_at.astimezone(self.zone).date()

    @property
    def rules(self) -> Rules:
        return Rules(
            style=style_of(self.practice.currency, self.practice.country),
            inclusive=self.practice.prices_include_tax,
        )


@dataclass(frozen=True, slots=True)
class WorkingCopy:
    """`version` 0: nothing was saved yet, the form is as prefilled. `done_keys`: keys of acts that the form has in it,
    the latest last, so that a page may say one again."""

    form: Form
    version: int
    saved_at: datetime | None = None
    saved_by: str = ""
    done_keys: tuple[str, ...] = ()


def find_appointment(db: Session, who: Principal, appointment_id: object, *, lock: bool = False) -> Appointment:
    """The appointment of this person's practice; `NotFound` for any other id."""
    wanted = an_id(appointment_id, "session")
    query = select(Appointment).where(Appointment.id == wanted, Appointment.practice_id == who.practice_id)
    appointment = db.exec(query.with_for_update() if lock else query).first()
    if appointment is None:
        raise NotFound("session")
    return appointment


def find_case(db: Session, who: Principal, appointment_id: object, *, lock: bool = False) -> Case:
    """The same with its surroundings."""
    appointment = find_appointment(db, who, appointment_id, lock=lock)
    client = db.get_one(Client, appointment.client_id)
    return Case(
        appointment=appointment,
        practice=db.get_one(Practice, appointment.practice_id),
        client=client,
        service=db.get_one(CareService, appointment.service_id),
        practitioner=db.get_one(Member, appointment.practitioner_id),
        scheme=db.get(Scheme, client.scheme_id) if client.scheme_id else None,
        invoice=live_invoice(db, appointment),
    )


def live_invoice(db: Session, appointment: Appointment) -> Invoice | None:
    query = select(Invoice).where(Invoice.appointment_id == appointment.id, Invoice.status != DocumentStatus.VOID)
    return db.exec(query).first()


def must_be_completable(appointment: Appointment, invoice: Invoice | None, now: datetime) -> None:
    """Billing never starts before the session has taken place, and a finished one is not finished twice."""
    status, number = (invoice.status, invoice.number_text) if invoice else (None, None)
    has_fee = appointment.missed_fee_minor is not None
    _must_be_open(status, number, appointment.state, appointment.ends_at, now, has_fee)


def _must_be_open(
    status: str | None, number: str | None, state: str, ends_at: datetime, now: datetime, has_fee: bool
) -> None:
    """`status`, `number`: of the session's live invoice; `has_fee`: it costs something though it was missed."""
    if status not in (None, DocumentStatus.DRAFT):
        raise ChangedElsewhere(f"This session is already billed: {number}.")
    tab = tab_of(AppointmentState(state), ends_at, now)
    if tab is Tab.MISSED and has_fee:
        return
    if tab is Tab.UPCOMING:
        raise Refusal("This session has not taken place yet. It can be completed once its time has passed.")
    if tab in (Tab.MISSED, Tab.CANCELLED):
        raise Refusal(f"This session is marked {tab.value}, so there is nothing to complete.")


def working_copy(db: Session, desk: Desk, case: Case) -> WorkingCopy:
    """What was saved, else the form as prefilled from service and client."""
    kept = db.get(CompletionDraft, case.appointment.id)
    if kept is None:
        return WorkingCopy(prefilled(db, desk, case), 0)
    saved_by = db.get_one(Member, kept.saved_by).name
    form = _as_things_are(db, desk, case, Form.from_json(kept.form))
    return WorkingCopy(form, kept.version, kept.saved_at, saved_by, tuple(kept.done_keys.split()))


def _as_things_are(db: Session, desk: Desk, case: Case, form: Form) -> Form:
    """The form with what has changed around it since: a field nobody typed in follows the client's profile, and a
    practice that charges no tax (any more) has none on any line."""
    if not case.practice.charges_tax:
        form = replace(form, lines=tuple(replace(line, tax="0") for line in form.lines))
    was, now = dict(form.profile), dict(profile_of(db, desk, case))
    follow = {name: now[name] for name in CLIENT_TEXTS if getattr(form.texts, name) == was.get(name)}
    gone = set(was.get("diagnoses", "").split()) - set(now["diagnoses"].split())
    return replace(
        form,
        texts=replace(form.texts, **follow),
        diagnoses=tuple(d for d in form.diagnoses if d[0] not in gone),
        profile=tuple(now.items()),
    )


def profile_of(db: Session, desk: Desk, case: Case) -> tuple[tuple[str, str], ...]:
    """What a form takes from the client's profile: billing details by field, and the codes of the diagnoses."""
    texts = _client_texts(db, desk, case)
    codes = " ".join(code for code, _ in _diagnoses(db, case.client))
    return (*((name, getattr(texts, name)) for name in CLIENT_TEXTS), ("diagnoses", codes))


_STANDING: Any = (
    sa.select(
        col(Appointment.state),
        col(Appointment.ends_at),
        col(Appointment.missed_fee_minor),
        col(Invoice.status),
        col(Invoice.number_text),
        col(CompletionDraft.version),
        col(CompletionDraft.done_keys),
        col(Member.name).label("saved_by"),
    )
    .select_from(Appointment)
    .outerjoin(Invoice, (col(Invoice.appointment_id) == Appointment.id) & (col(Invoice.status) != DocumentStatus.VOID))
    .outerjoin(CompletionDraft, col(CompletionDraft.appointment_id) == Appointment.id)
    .outerjoin(Member, col(Member.id) == CompletionDraft.saved_by)
    .where(col(Appointment.id) == sa.bindparam("wanted"), col(Appointment.practice_id) == sa.bindparam("practice"))
)
_KEEP = (
    sa.update(CompletionDraft)
    .where(col(CompletionDraft.appointment_id) == sa.bindparam("wanted"))
    .values({name: sa.bindparam(name) for name in ("form", "version", "saved_at", "saved_by", "done_keys")})
)


@dataclass(frozen=True, slots=True)
class Saved:
    """A form that was kept. `has_draft`: a Draft in Billing follows it."""

    copy: WorkingCopy
    has_draft: bool


def save(
    db: Session,
    desk: Desk,
    who: Principal,
    *,
    appointment_id: int,
    version: int,
    form: Form,
    done_keys: tuple[str, ...] = (),
) -> Saved:
    """Keeps the form if `version` is still the newest; otherwise raises `ChangedElsewhere` and keeps the other's. Done
    after every pause in somebody's typing: one question and one answer, built once."""
    who.must(Permission.COMPLETE)
    wanted = an_id(appointment_id, "session")
    if db.get_bind().dialect.name == "postgresql":  # SQLite's one writer is lock enough
        find_appointment(db, who, wanted, lock=True)
    connection, now = db.connection(), desk.now()
    found = connection.execute(_STANDING, {"wanted": wanted, "practice": who.practice_id}).first()
    if found is None:
        raise NotFound("session")
    has_fee = found.missed_fee_minor is not None
    _must_be_open(found.status, found.number_text, found.state, found.ends_at, now, has_fee)
    if (found.version or 0) != version:
        raise ChangedElsewhere(
            f"{found.saved_by or 'Somebody'} saved this form in the meantime. Nothing was overwritten."
        )
    done = with_keys(found.done_keys or "", done_keys)
    kept = {"form": form.to_json(), "version": version + 1, "saved_at": now, "saved_by": who.member_id}
    kept |= {"done_keys": " ".join(done)}
    if found.version is None:
        connection.execute(
            sa.insert(CompletionDraft), kept | {"appointment_id": wanted, "practice_id": who.practice_id, "aside": ""}
        )
    else:
        connection.execute(_KEEP, kept | {"wanted": wanted})
    return Saved(WorkingCopy(form, version + 1, now, who.name, done), found.status is not None)


def with_keys(kept: str, told: Sequence[str]) -> tuple[str, ...]:
    """The keys of everybody's acts at this form, each once, the latest last."""
    return tuple(dict.fromkeys((*kept.split(), *told)))[-MOST_KEYS:]


# -- what a new form starts with


def prefilled(db: Session, desk: Desk, case: Case) -> Form:
    """Lines from the service, diagnoses and billing details from the client, the payment type most likely meant."""
    form = Form(
        lines=(),
        texts=_client_texts(db, desk, case),
        diagnoses=_diagnoses(db, case.client),
        profile=profile_of(db, desk, case),
    )
    for line in _service_lines(db, case):
        form = form.with_line(line)
    return form


def standard_tax(db: Session, case: Case) -> str:
    """What a new line says."""
    return thousandths_text(standard_rate(db, case.practice, case.service_day), ".")


def _service_lines(db: Session, case: Case) -> list[FormLine]:
    day, style = case.service_day, case.rules.style
    standard = standard_rate(db, case.practice, day)
    rates = tax_rates_of(db, case.practice)

    def typed(line: DefaultLine) -> FormLine:
        own = line.tax_rate if case.practice.charges_tax else None
        found = rate_on(rates, day, own) if own is not None else None
        rate = found if found is not None else standard if own is None else own
        return FormLine(
            id="",
            date=day.isoformat(),
            code=line.code,
            text=line.text,
            qty=quantity_text(line.quantity, style.point),
            price=price_text(line.unit_price, style.places, style.group, style.point),
            tax=thousandths_text(rate, "."),
        )

    if case.appointment.missed_fee_minor is not None:
        words = f"Missed session: {case.service.name}"
        fee = DefaultLine("", words, 1000, case.appointment.missed_fee_minor * 10 ** (4 - style.places), None)
        return [typed(fee)]
    lines = [typed(line) for line in default_lines(db, case.session, case.zone)]
    return lines or [FormLine(id="", date=day.isoformat(), text=case.service.name, tax=thousandths_text(standard, "."))]


def _diagnoses(db: Session, client: Client) -> tuple[tuple[str, str], ...]:
    query = select(ClientDiagnosis).where(
        ClientDiagnosis.client_id == client.id, ClientDiagnosis.practice_id == client.practice_id
    )
    return tuple((d.code, d.description) for d in db.exec(query.order_by(col(ClientDiagnosis.position))))


def _client_texts(db: Session, desk: Desk, case: Case) -> FormTexts:
    client = case.client
    return FormTexts(
        payment_type=likely_payment_type(db, desk, case),
        received_on=desk.today(case.practice.time_zone).isoformat(),
        client_email=client.email,
        scheme=case.scheme.name if case.scheme else "",
        scheme_option=client.scheme_option,
        member_number=client.member_number,
        dependant_code=client.dependant_code,
        main_member=client.main_member,
        keep="on",
    )


def likely_payment_type(db: Session, desk: Desk, case: Case) -> str:
    """The client's own choice, else the last one used for this client, else the practice's; never one not available."""
    last = db.exec(
        select(Invoice.payment_type)
        .where(Invoice.practice_id == case.practice.id, Invoice.client_id == case.client.id)
        .order_by(col(Invoice.id).desc())
        .limit(1)
    ).first()
    chosen = case.client.default_payment_type or last or case.practice.default_payment_type
    if case.appointment.missed_fee_minor is not None and chosen == PaymentType.INSURANCE:
        chosen = PaymentType.OTHER.value  # no scheme pays for a session that did not take place
    if chosen == PaymentType.ONLINE and not gateway_for(db, desk, case.practice.id or 0).provider:
        return PaymentType.OTHER.value
    return PaymentType(chosen).value
