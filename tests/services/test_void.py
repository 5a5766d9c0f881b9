"""An issued document is never changed: it is withdrawn, or replaced by a Draft of the same lines."""

import pytest
from sqlmodel import select

from tests.paying import a_worker, only
from trova_app.domain.refusals import FieldFaults, Refusal
from trova_app.models import (
    Appointment,
    CompletionDraft,
    Invoice,
    InvoiceLine,
    OutboxRow,
    PaymentRequest,
    TimelineEntry,
)
from trova_app.services import billing
from trova_app.services.pay_page import pay_page

LINES = ("service_date", "code", "description", "quantity", "unit_price", "discount_minor", "net_minor", "icd_codes")


def issued(session, act="request_payment", kind="online", **typed) -> int:
    return session.finish(act, payment_type=kind, **typed).invoice_id


def withdraw(session, how, invoice_id, reason="Wrong day"):
    return session.database.do(how, session.who, invoice_id=invoice_id, reason=reason)


def lines_of(db, invoice_id) -> list[tuple]:
    db.rollback()
    rows = db.exec(select(InvoiceLine).where(InvoiceLine.invoice_id == invoice_id).order_by(InvoiceLine.position))
    return [tuple(getattr(row, name) for name in LINES) for row in rows]


def test_a_voided_invoice_keeps_its_number_and_its_session_is_open_again(session, db):
    invoice_id = issued(session)
    assert withdraw(session, billing.void_invoice, invoice_id).sentence == "KHA-0001 is void."
    invoice = only(db, Invoice)
    assert (invoice.status, invoice.number_text, invoice.void_reason) == ("void", "KHA-0001", "Wrong day")
    assert only(db, Appointment).state == "scheduled"
    assert "Voided: Wrong day" in [entry.what for entry in db.exec(select(TimelineEntry))]


def test_what_was_billed_stands_in_the_form_again_and_the_next_number_is_used(session, db):
    invoice_id = issued(session, off_1="10%", invoice_off="50", price_1="1250,50", qty_1="1,5")
    before = lines_of(db, invoice_id)
    withdraw(session, billing.void_invoice, invoice_id)
    form, version = session.form()
    assert version == 1
    assert [(line.qty, line.price, line.off) for line in form.lines] == [("1,5", "1\u00a0250,50", "10%")]
    again = issued(session)
    assert lines_of(db, again) == before
    assert db.get(Invoice, again).number_text == "KHA-0002"
    assert db.get(Invoice, again).total_minor == db.get(Invoice, invoice_id).total_minor


@pytest.mark.parametrize(
    ("act", "kind"), [("request_payment", "online"), ("send_invoice", "other"), ("bill_insurer", "insurance")]
)
def test_correcting_puts_a_draft_of_the_same_lines_in_its_place(session, db, act, kind):
    invoice_id = issued(session, act, kind)
    finished = withdraw(session, billing.correct_invoice, invoice_id)
    draft = db.get(Invoice, finished.invoice_id)
    assert (draft.status, draft.number, draft.payment_type) == ("draft", None, kind)
    assert draft.total_minor == db.get(Invoice, invoice_id).total_minor
    assert lines_of(db, draft.id) == lines_of(db, invoice_id)
    assert only(db, Appointment).state == "completed"
    assert only(db, CompletionDraft).appointment_id == session.id
    assert issued(session, act, kind) == draft.id
    db.rollback()
    assert db.get(Invoice, draft.id).number_text == "KHA-0002"


def test_the_link_of_a_voided_invoice_is_closed_at_the_gateway(session, db):
    invoice_id = issued(session)
    a_worker(session.database).run_once()
    withdraw(session, billing.void_invoice, invoice_id)
    assert only(db, PaymentRequest).state == "closing"
    a_worker(session.database).run_once()
    db.rollback()
    assert (only(db, PaymentRequest).state, only(db, PaymentRequest).closed_reason) == ("closed", "the invoice is void")


def test_an_invoice_changed_to_the_medical_aid_closes_its_link_and_opens_no_other(session, db):
    invoice_id = issued(session)
    a_worker(session.database).run_once()
    token = db.get(Invoice, invoice_id).pay_token
    withdraw(session, billing.correct_invoice, invoice_id)
    issued(session, "bill_insurer", "insurance")
    a_worker(session.database).run_once()
    db.rollback()
    assert [request.state for request in db.exec(select(PaymentRequest))] == ["closed"]
    with session.database.act(writes=False) as (reading, desk):
        page = pay_page(reading, desk, token=token)
    assert (page.state, page.url, page.due) == ("replaced", "", "")


def test_a_link_the_gateway_was_never_asked_for_is_closed_at_once_and_no_letter_goes(session, db):
    withdraw(session, billing.void_invoice, issued(session))
    assert only(db, PaymentRequest).state == "closed"
    assert a_worker(session.database).run_once() == 0
    assert [(row.kind, row.done_at is not None) for row in db.exec(select(OutboxRow))] == [("open_link", True)]


def test_an_invoice_with_money_on_it_is_not_withdrawn_and_says_what_to_do(session, db):
    invoice_id = issued(session, "send_receipt", "other")
    for how in (billing.void_invoice, billing.correct_invoice):
        with pytest.raises(Refusal, match="Give it back under Payments first"):
            withdraw(session, how, invoice_id)
    assert only(db, Invoice).status == "issued"


@pytest.mark.parametrize("reason", ["", "   ", None, 7, "x" * 201])
def test_a_reason_is_needed(session, reason):
    with pytest.raises(FieldFaults):
        withdraw(session, billing.void_invoice, issued(session), reason)


def test_an_invoice_is_voided_once(session):
    invoice_id = issued(session)
    withdraw(session, billing.void_invoice, invoice_id)
    for how in (billing.void_invoice, billing.correct_invoice):
        with pytest.raises(Refusal, match="void"):
            withdraw(session, how, invoice_id)
