"""The demo practice's bills of the past weeks, each made by the real act at its own moment."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlmodel import Session, select

from trova_app.domain.appointments import AppointmentState
from trova_app.domain.gateways import PaymentFact
from trova_app.domain.lines import shown
from trova_app.models import PaymentRequest
from trova_app.services import billing, payments
from trova_app.services.billing import Finished
from trova_app.services.ports import Desk
from trova_app.services.working_copy import find_case, working_copy

if TYPE_CHECKING:
    from trova_app.demo import House

SHORT_WAIT = timedelta(minutes=20)  # from the end of a session to its bill


class _Moment:
    """A clock that stands at a moment of the practice's past."""

    def __init__(self, moment: datetime) -> None:
        self._moment = moment

    def now(self) -> datetime:
        return self._moment


@dataclass(frozen=True, slots=True)
class _Bill:
    """A session so many working days ago, the closing button pressed, what was typed, and what followed later."""

    days: int
    hour: int
    client: str
    service: str
    act: str
    typed: tuple[tuple[str, str], ...] = ()
    then: tuple[tuple[int, str], ...] = ()  # days after the session -> what happened


ONLINE, OTHER, INSURANCE = (("payment_type", kind) for kind in ("online", "other", "insurance"))
BILLS = (
    _Bill(-28, 9, "thandi", "Intake 90 min", "bill_insurer", (INSURANCE,), ((1, "mail claim"), (16, "scheme pays"))),
    _Bill(-27, 10, "zoe", "Intake 90 min", "request_payment", (ONLINE,), ((2, "pays online"),)),
    _Bill(-24, 11, "bartholomew", "Couples therapy 75 min", "send_receipt", (OTHER, ("method", "bank_transfer"))),
    _Bill(-22, 9, "jan", "Intake 90 min", "request_payment", (ONLINE,)),
    _Bill(-19, 14, "maria", "Intake 90 min", "bill_insurer", (INSURANCE,), ((2, "mail claim"),)),
    _Bill(-17, 10, "aisha", "Intake 90 min", "bill_insurer", (INSURANCE,), ((3, "submitted"),)),
    _Bill(-12, 13, "fatima", "Intake 90 min", "send_invoice", (OTHER, ("invoice_off", "10%")), ((4, "part in cash"),)),
    _Bill(-10, 15, "bartholomew", "Psychotherapy 60 min", "send_receipt", (OTHER, ("method", "card_machine"))),
    _Bill(-9, 9, "thandi", "Psychotherapy 60 min", "bill_insurer", (INSURANCE,)),
    _Bill(-7, 11, "zoe", "Psychotherapy 60 min", "request_payment", (ONLINE,), ((1, "pays online"),)),
    _Bill(-6, 9, "lerato", "Psychotherapy 60 min", "bill_insurer", (INSURANCE,)),
    _Bill(-5, 14, "tom", "Psychotherapy 60 min", "request_payment", (ONLINE,)),
    _Bill(-4, 10, "naledi", "Psychotherapy 60 min", "bill_insurer", (INSURANCE,), ((1, "mail claim"),)),
    _Bill(-3, 15, "jan", "Psychotherapy 60 min", "save_draft", (OTHER, ("off.1", "100"))),
)


def bill_the_past(house: "House") -> None:
    """Every act at its own moment, the earliest first, so that numbers follow dates."""
    acts: list[tuple[datetime, Callable[[Desk], None]]] = []
    for bill in BILLS:
        starts = house.at(bill.days, bill.hour)
        appointment = house.appointment(bill.client, bill.service, starts, AppointmentState.SCHEDULED)
        finished: list[Finished] = []
        acts.append((appointment.ends_at + SHORT_WAIT, _finishing(house, bill, int(appointment.id or 0), finished)))
        for later, what in bill.then:
            acts.append((starts + timedelta(days=later, hours=4), _following(house, what, finished)))
    for moment, act in sorted(acts, key=lambda pair: pair[0]):
        if moment < house.now:
            act(replace(house.desk, clock=_Moment(moment), gateway=house.desk.gateway or "simulated"))


def _finishing(house: "House", bill: _Bill, appointment_id: int, finished: list[Finished]) -> Callable[[Desk], None]:
    def act(desk: Desk) -> None:
        case = find_case(house.db, house.who, appointment_id)
        copy = working_copy(house.db, desk, case)
        submitted = dict(copy.form.pairs()) | dict(bill.typed)
        seen = dict(shown(case.rules.pairs() + list(submitted.items())))["total"]
        finished.append(
            billing.finish(
                house.db,
                desk,
                house.who,
                appointment_id=appointment_id,
                version=copy.version,
                act=bill.act,
                submitted=submitted,
                seen=seen,
            )  # fmt: skip
        )

    return act


def _following(house: "House", what: str, finished: list[Finished]) -> Callable[[Desk], None]:
    db, who = house.db, house.who

    def act(desk: Desk) -> None:
        invoice_id, day = finished[0].invoice_id, desk.today(house.zone.key).isoformat()
        if what == "mail claim":
            billing.mail_to_insurer(db, desk, who, invoice_id=invoice_id, recipient="claims@schemes.demo.trova.test")
        elif what == "submitted":
            billing.mark_submitted(db, desk, who, invoice_id=invoice_id, on=day)
        elif what == "scheme pays":
            billing.mark_paid(
                db,
                desk,
                who,
                invoice_id=invoice_id,
                amount="",
                method="medical_aid",
                received_on=day,
                reference="RA 2231",
            )
        elif what == "part in cash":
            billing.mark_paid(db, desk, who, invoice_id=invoice_id, amount="500", method="cash", received_on=day)
        else:
            _paid_online(db, desk, invoice_id)

    return act


def _paid_online(db: Session, desk: Desk, invoice_id: int) -> None:
    request = db.exec(select(PaymentRequest).where(PaymentRequest.invoice_id == invoice_id)).one()
    fact = PaymentFact(
        provider=request.provider,
        account_ref=request.account_ref,
        provider_payment_id=f"demo_{request.request_uuid}",
        instance="demo",
        request_uuid=request.request_uuid,
        amount_minor=request.amount_minor,
        currency=request.currency,
        state="succeeded",
        is_live=False,
    )
    payments.ingest(db, desk, fact)
