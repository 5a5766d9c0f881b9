"""A session that does not take place: cancelled, missed with a fee or without one, and put on again."""

from typing import Any

from sqlmodel import Session

from trova_app.domain.appointments import AppointmentState, Tab, tab_of
from trova_app.domain.permissions import Permission, Principal
from trova_app.domain.refusals import ChangedElsewhere, FieldFaults, Refusal
from trova_app.models import Appointment, Client, CompletionDraft
from trova_app.services.arguments import Fields
from trova_app.services.booking_rules import Booked, done, held, must_wait, name_of, when_words, written_down
from trova_app.services.kept_texts import keep_unanswered
from trova_app.services.ports import Desk
from trova_app.services.practice_style import style_for
from trova_app.services.typed_amounts import typed_amount
from trova_app.services.working_copy import live_invoice

LONGEST_REASON = 200
LARGEST_FEE = 10**9  # minor units
REASONS = ("Cancelled by the client", "The client is ill", "The practitioner is away", "Booked by mistake")


def cancel(
    db: Session, desk: Desk, who: Principal, *, appointment_id: object, version: object, reason: object
) -> Booked:
    """It leaves the calendar for Cancelled, with the reason. Nobody is written to. Raises `ChangedElsewhere` where
    somebody moved it in the meantime, `FieldFaults` beside the reason."""
    who.must(Permission.BOOK)
    style = style_for(db, desk, who.practice_id)
    appointment = held(db, who, appointment_id)
    must_wait(style, appointment, version)
    form = Fields()
    why = form.line("reason", reason, most=LONGEST_REASON, needed="Say why in a few words; it stays with the session.")
    form.done()
    appointment.cancel_reason = why
    _change(db, desk, who, appointment, AppointmentState.CANCELLED, f"Cancelled: {why}")
    name = name_of(db.get_one(Client, appointment.client_id))
    sentence = f"{name}, {when_words(style, appointment)}, is cancelled."
    return Booked(int(appointment.id or 0), appointment.version, sentence, ())


def mark_missed(db: Session, desk: Desk, who: Principal, *, appointment_id: object, fee: object = None) -> int:
    """The client did not come: the appointment leaves Open for Missed. Nobody is written to. With a `fee`, an amount
    as typed, it is billed as a completed session is; the fee in minor units, 0 for none."""
    who.must(Permission.COMPLETE)
    appointment = held(db, who, appointment_id)
    tab = tab_of(AppointmentState(appointment.state), appointment.ends_at, desk.now())
    if tab is Tab.UPCOMING:
        raise Refusal("This session is not over yet. It can be marked as missed once its time has passed.")
    if tab is not Tab.OPEN:
        raise ChangedElsewhere(f"This session is already under {tab.value.capitalize()}. Nothing was changed.")
    charged = _fee(db, desk, who, fee)
    appointment.missed_fee_minor = charged
    if charged is not None:  # what was typed for a session that took place is not what a missed one costs
        _forget_form(db, desk, appointment)
    what = "Session marked as missed" + (", with a fee" if charged is not None else "")
    _change(db, desk, who, appointment, AppointmentState.MISSED, what)
    return charged or 0


def _fee(db: Session, desk: Desk, who: Principal, given: object) -> int | None:
    if given is None or (isinstance(given, str) and not given.strip()):
        return None
    style = style_for(db, desk, who.practice_id)
    try:
        return typed_amount(given, LARGEST_FEE, style, "the largest fee", "fee")
    except FieldFaults as faults:
        raise FieldFaults([("fee", "Enter an amount above 0, or leave it empty.")]) from faults


def put_on_again(db: Session, desk: Desk, who: Principal, *, appointment_id: object) -> Booked:
    """A cancelled or missed session stands in the calendar again, as it was. A fee that was billed goes first."""
    who.must(Permission.SEE_APPOINTMENTS)
    appointment = held(db, who, appointment_id)
    state = AppointmentState(appointment.state)
    who.must(Permission.COMPLETE if state is AppointmentState.MISSED else Permission.BOOK)
    if state not in (AppointmentState.CANCELLED, AppointmentState.MISSED):
        raise ChangedElsewhere(f"This session is {state.value} already. Nothing was changed.")
    invoice = live_invoice(db, appointment)
    if invoice is not None:
        raise Refusal(f"Its fee is billed: {invoice.number_text or 'a Draft'}. Take that back in Billing first.")
    if appointment.missed_fee_minor is not None:  # what a missed session costs is not what one that takes place does
        _forget_form(db, desk, appointment)
    appointment.cancel_reason, appointment.missed_fee_minor = "", None
    _change(db, desk, who, appointment, AppointmentState.SCHEDULED, "Put on again")
    style = style_for(db, desk, who.practice_id)
    name = name_of(db.get_one(Client, appointment.client_id))
    return done(db, who, style, appointment, f"{name} stands on {when_words(style, appointment)} again.")


def _forget_form(db: Session, desk: Desk, appointment: Appointment) -> None:
    kept = db.get(CompletionDraft, appointment.id)
    if kept is not None:
        keep_unanswered(db, desk, kept)
        db.delete(kept)


def _change(
    db: Session, desk: Desk, who: Principal, appointment: Appointment, state: AppointmentState, what: str
) -> Any:
    appointment.state = state
    appointment.version += 1
    db.add(appointment)
    db.flush()
    written_down(db, desk, who, appointment, what)
    desk.tell(who.practice_id)
