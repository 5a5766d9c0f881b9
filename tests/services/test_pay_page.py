"""What a payer sees: a calm sentence for every state, and nothing about health."""

import pytest
from sqlmodel import select

from tests import paying
from tests.giving_back import give_back, paid_online
from tests.paying import a_fact, a_worker, an_invoice, asked_to_pay, only
from trova_app.models import Invoice, OutboxRow, PaymentRequest, Practice, TimelineEntry
from trova_app.services import payments
from trova_app.services.invoice_view import invoice_view
from trova_app.services.pay_page import PayState, came_back, first_opened, note_opened, pay_page


def seen(database, token):
    with database.act(writes=False) as (db, desk):
        return pay_page(db, desk, token=token)


def test_the_link_is_on_its_way_until_the_gateway_has_answered_then_it_can_be_paid(database, db):
    case = asked_to_pay(database)
    before = seen(database, case.token)
    assert (before.state, before.url) == (PayState.ON_ITS_WAY, "")
    a_worker(database).run_once()
    page = seen(database, case.token)
    assert (page.state, page.url) == (PayState.PAYABLE, f"/pay/{case.token}/now")
    assert (page.number, page.total, page.due) == ("KHA-0001", "R\xa01\xa0250,00", "R\xa01\xa0250,00")
    assert (page.practice_name, page.due_date) == ("Khanya Practice", "1 Apr 2026")
    assert page.banner == "Demonstration. No money moves."
    assert [line.total for line in page.lines] == ["R\xa01\xa0250,00"]
    assert page.invoice_document_id == case.document_id


def test_the_practice_is_told_once_that_the_page_was_opened(database, db):
    case = asked_to_pay(database)
    for _ in range(3):
        with database.act() as (inner, desk):
            note_opened(inner, desk, token=case.token)
    opened = select(TimelineEntry).where(TimelineEntry.invoice_id == case.invoice_id)
    assert [(one.who, one.what) for one in db.exec(opened) if "opened" in one.what] == [("Client", "Pay page opened")]


@pytest.mark.parametrize("given", [{"status": "draft"}, {"payment_type": "insurance"}])
def test_a_page_that_shows_nothing_is_not_noted_as_opened(database, db, given):
    with database.act() as (inner, desk):
        token = an_invoice(inner, desk, **given).token
    for known in (token, "nobody's", None, "\x00", 7):
        with database.act() as (inner, desk):
            assert first_opened(inner, desk, token=known) is None
            note_opened(inner, desk, token=known)
    assert [one.what for one in db.exec(select(TimelineEntry)) if "opened" in one.what] == []


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


def test_the_page_speaks_the_invoices_currency_after_the_practice_has_changed_its_own(database):
    case = asked_to_pay(database)
    with database.act() as (db, desk):
        db.get_one(Practice, case.practice_id).currency = "USD"
        db.flush()
        shown = pay_page(db, desk, token=case.token)
    assert (shown.total, shown.lines[0].total) == ("R\u00a01\u00a0250,00", "R\u00a01\u00a0250,00")


def test_no_diagnosis_is_on_the_page(database, db):
    case = asked_to_pay(database)
    assert db.exec(select(Invoice)).one().pay_token == case.token
    shown = str(seen(database, case.token))
    assert paying.ICD not in shown
    assert "Generalized" not in shown


def page_of(database, case):
    with database.act(writes=False) as (db, desk):
        return pay_page(db, desk, token=case.token)


def test_after_a_part_was_paid_another_way_only_the_rest_can_be_paid(database, db):
    case = asked_to_pay(database)
    a_worker(database).run_once()
    with database.act() as (act_db, desk):
        payments.record_manual(
            act_db, desk, invoice=act_db.get_one(Invoice, case.invoice_id), amount_minor=25000, method="cash",
            received_on=desk.now().date(), member_id=case.owner.member_id,
        )  # fmt: skip
    shown = page_of(database, case)
    assert (shown.state, shown.url) == ("link on its way", "")
    a_worker(database).run_once()
    shown = page_of(database, case)
    assert (shown.state, shown.due) == ("payable", "R\xa01\xa0000,00")
    assert "part of this invoice is paid" in shown.sentence
    old, new = db.exec(select(PaymentRequest).order_by(PaymentRequest.id))
    assert (old.state, new.state, new.amount_minor) == ("closed", "active", 100000)
    assert shown.url == f"/pay/{case.token}/now"


def test_who_comes_back_from_the_gateway_is_not_asked_to_pay_again_while_it_is_confirmed(database):
    case = asked_to_pay(database)
    a_worker(database).run_once()
    for _ in range(3):
        with database.act() as (act_db, desk):
            came_back(act_db, desk, token=case.token)
    assert (page_of(database, case).state, page_of(database, case).url) == ("being confirmed", "")
    assert a_worker(database).run_once() == 1
    assert page_of(database, case).state == "payable"


def test_a_token_that_leads_nowhere_leaves_nothing_to_do(database, db):
    with database.act() as (act_db, desk):
        came_back(act_db, desk, token="nothing")
    assert db.exec(select(OutboxRow)).all() == []


def given_back(database, amount=""):
    case, payment = paid_online(database)
    give_back(database, case, payment, amount)
    a_worker(database).run_once()
    return case, page_of(database, case)


def test_a_payment_given_back_is_not_asked_for_again(database):
    _, shown = given_back(database)
    assert (shown.state, shown.badge, shown.url, shown.due_date) == ("refunded", "Refunded", "", "")
    assert (shown.figure_name, shown.figure) == ("Given back", "R\xa01\xa0250,00")
    assert (shown.paid, shown.refunded) == ("R\xa01\xa0250,00", "-R\xa01\xa0250,00")
    assert "given back" in shown.sentence


def test_of_a_payment_given_back_in_part_the_payer_is_asked_for_nothing(database):
    case, shown = given_back(database, "400")
    assert (shown.state, shown.badge, shown.url) == ("partly refunded", "Partly refunded", "")
    assert (shown.figure_name, shown.figure, shown.refunded) == ("Given back", "R\xa0400,00", "-R\xa0400,00")
    with database.act(writes=False) as (db, desk):
        view = invoice_view(db, desk, case.owner, invoice_id=case.invoice_id)
    assert (view.pay_url, view.acts[0]) == ("", "mail_again")  # a link that is used up leads nowhere


def test_a_refund_on_its_way_leaves_the_page_as_it_was(database):
    case, payment = paid_online(database)
    give_back(database, case, payment)
    assert (page_of(database, case).state, page_of(database, case).figure) == ("paid", "R\xa01\xa0250,00")
