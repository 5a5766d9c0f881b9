"""What a payer sees: a calm sentence for every state, and nothing about health."""

import pytest
from sqlmodel import select

from tests import paying
from tests.paying import a_fact, a_worker, an_invoice, asked_to_pay, only
from trova_app.models import Invoice, PaymentRequest
from trova_app.services import payments
from trova_app.services.pay_page import PayState, pay_page


def seen(database, token):
    with database.act(writes=False) as (db, desk):
        return pay_page(db, desk, token=token)


def test_the_link_is_on_its_way_until_the_gateway_has_answered_then_it_can_be_paid(database, db):
    case = asked_to_pay(database)
    before = seen(database, case.token)
    assert (before.state, before.url) == (PayState.ON_ITS_WAY, "")
    a_worker(database).run_once()
    page = seen(database, case.token)
    assert (page.state, page.url) == (PayState.PAYABLE, only(db, PaymentRequest).url)
    assert (page.number, page.total, page.due) == ("KHA-0001", "R\xa01\xa0250,00", "R\xa01\xa0250,00")
    assert (page.practice_name, page.due_date) == ("Khanya Practice", "1 Apr 2026")
    assert page.banner == "Demonstration. No money moves."
    assert [line.total for line in page.lines] == ["R\xa01\xa0250,00"]
    assert page.invoice_document_id == case.document_id


def test_a_paid_invoice_thanks_and_offers_the_receipt(database):
    case = asked_to_pay(database)
    a_worker(database).run_once()
    with database.act() as (db, desk):
        payments.ingest(db, desk, a_fact(only(db, PaymentRequest)))
    page = seen(database, case.token)
    assert (page.state, page.url, page.due, page.paid) == (PayState.PAID, "", "R\xa00,00", "R\xa01\xa0250,00")
    assert page.receipt_document_id is not None


def test_a_gateway_that_refused_is_not_called_on_its_way(database):
    case = asked_to_pay(database)
    with database.act() as (db, _desk):
        only(db, PaymentRequest).state = "failed"
    assert seen(database, case.token).state is PayState.NOT_ONLINE


@pytest.mark.parametrize("status", ["draft", "void"])
def test_a_draft_or_withdrawn_invoice_shows_nothing_but_a_sentence(database, status):
    with database.act() as (db, desk):
        case = an_invoice(db, desk, status="draft" if status == "draft" else "issued")
        if status == "void":
            db.get_one(Invoice, case.invoice_id).status = "void"
    page = seen(database, case.token)
    assert page.state == status
    assert page.sentence
    assert (page.lines, page.total, page.url, page.number, page.invoice_document_id) == ((), "", "", "", None)


@pytest.mark.parametrize("token", ["", "nothing", None, 7, "\x00", "' or 1=1", "x" * 100_000, "\ud800"])
def test_a_token_that_leads_nowhere_is_answered_calmly(database, token):
    with database.act() as (db, desk):
        an_invoice(db, desk)
    page = seen(database, token)
    assert (page.state, page.practice_name) == (PayState.UNKNOWN, "")


def test_a_claim_is_not_shown_to_whoever_holds_its_token(database):
    with database.act() as (db, desk):
        case = an_invoice(db, desk, payment_type="insurance")
    assert seen(database, case.token).state is PayState.UNKNOWN


def test_an_invoice_paid_another_way_says_so(database):
    with database.act() as (db, desk):
        case = an_invoice(db, desk, payment_type="other")
    page = seen(database, case.token)
    assert (page.state, page.url, page.due) == (PayState.NOT_ONLINE, "", "R\xa01\xa0250,00")


def test_no_diagnosis_is_on_the_page(database, db):
    case = asked_to_pay(database)
    assert db.exec(select(Invoice)).one().pay_token == case.token
    shown = str(seen(database, case.token))
    assert paying.ICD not in shown
    assert "Generalized" not in shown
