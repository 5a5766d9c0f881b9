"""Whatever a gateway says, how often and in which order: the books end up right."""

import itertools
import json
import threading
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlmodel import select

from tests import paying
from tests.paying import a_fact, an_invoice, asked_to_pay, documents_of, letter, only
from trova_app.domain.documents import DocumentContent
from trova_app.domain.refusals import Refusal
from trova_app.models import Invoice, OutboxRow, Payment, PaymentRequest, Practice, ReviewItem, TimelineEntry
from trova_app.services import billing, payments
from trova_app.services.balances import paid_minor
from trova_app.services.outcomes import Result


def take_in(database, *facts):
    outcomes = []
    for fact in facts:
        with database.act() as (db, desk):
            outcomes.append(payments.ingest(db, desk, fact))
    return outcomes


def request_of(database) -> PaymentRequest:
    with database.act() as (db, _desk):
        return only(db, PaymentRequest)


def notes(db) -> list[str]:
    return [entry.what for entry in db.exec(select(TimelineEntry))]


def receipts(db) -> list[OutboxRow]:
    return [row for row in db.exec(select(OutboxRow)) if row.key.startswith("receipt/")]


def test_asking_for_payment_stores_what_is_due_and_wants_a_link(database, db):
    case = asked_to_pay(database)
    request = only(db, PaymentRequest)
    assert (request.amount_minor, request.currency, request.state) == (125000, "ZAR", "creating")
    (row,) = db.exec(select(OutboxRow))
    assert (row.kind, row.key, row.invoice_id) == ("open_link", f"link/{request.request_uuid}", case.invoice_id)


def test_what_was_paid_at_the_desk_is_not_asked_for_again(database, db):
    with database.act() as (act_db, desk):
        case = an_invoice(act_db, desk)
        invoice = act_db.get_one(Invoice, case.invoice_id)
        pay_by_hand(act_db, desk, invoice, 25000)
        payments.open_request(act_db, desk, invoice, then={})
    assert only(db, PaymentRequest).amount_minor == 100000


def test_asking_twice_opens_one_link(database, db):
    case = asked_to_pay(database)
    with database.act() as (act_db, desk):
        again = paying.letter(case) | {"key": "letter/again"}
        payments.open_request(act_db, desk, act_db.get_one(Invoice, case.invoice_id), then=again)
    assert only(db, PaymentRequest).state == "creating"
    assert [row.kind for row in db.exec(select(OutboxRow).order_by(OutboxRow.id))] == ["open_link", "letter"]


@pytest.mark.parametrize(
    ("invoice", "gateway", "words"),
    [
        ({}, "", "no gateway here"),
        ({"total_minor": 0}, "simulated", "Nothing is due"),
        ({"currency": "USD", "total_minor": 49}, "simulated", "too small"),
        ({"currency": "ZAR", "total_minor": 100_000_000}, "simulated", "too large"),
        ({"currency": "KWD", "total_minor": 5124}, "simulated", "ends in 0"),
    ],
)
def test_what_cannot_be_charged_exactly_is_refused_before_anything_is_stored(database, db, invoice, gateway, words):
    with database.act() as (act_db, desk):
        case = an_invoice(act_db, desk, **invoice)
    desk = database.desk()
    desk.gateway, desk.gateway_problem = gateway, "There is no gateway here."
    with pytest.raises(Refusal) as refusal, database.act(desk) as (act_db, _):
        payments.open_request(act_db, desk, act_db.get_one(Invoice, case.invoice_id), then={})
    assert words in refusal.value.sentence
    assert db.exec(select(PaymentRequest)).all() == []


def test_a_payment_settles_the_invoice_and_a_receipt_is_on_its_way_once(database, db):
    case = asked_to_pay(database)
    fact = a_fact(request_of(database))
    assert [outcome.result for outcome in take_in(database, fact, fact, fact)] == ["applied", "unchanged", "unchanged"]
    assert payments.paid_minor(db, case.invoice_id) == 125000
    assert only(db, PaymentRequest).state == "paid"
    (receipt,) = documents_of(db, case.invoice_id, "receipt")
    (row,) = receipts(db)
    assert row.key == f"receipt/{only(db, Payment).id}"
    assert f'"document_id": {receipt.id}' in row.payload
    assert case.client_email in row.payload
    assert case.practice_id in database.desks[-3].changed_practices


STATES = ("pending", "failed", "succeeded")


@pytest.mark.parametrize("order", list(itertools.permutations([*STATES, "succeeded"], 4))[::2])
def test_the_order_in_which_news_arrives_makes_no_difference(database, db, order):
    case = asked_to_pay(database)
    request = request_of(database)
    take_in(database, *(a_fact(request, state) for state in order))
    assert only(db, Payment).state == "succeeded"
    assert payments.paid_minor(db, case.invoice_id) == 125000
    assert len(receipts(db)) == len(documents_of(db, case.invoice_id, "receipt")) == 1


def test_a_bank_payment_counts_only_once_it_has_arrived(database, db):
    case = asked_to_pay(database)
    request = request_of(database)
    take_in(database, a_fact(request, "pending"))
    assert payments.paid_minor(db, case.invoice_id) == 0
    assert receipts(db) == []
    db.rollback()
    take_in(database, a_fact(request, "succeeded"))
    assert payments.paid_minor(db, case.invoice_id) == 125000


def test_a_bank_payment_that_failed_leaves_the_invoice_unpaid(database, db):
    case = asked_to_pay(database)
    request = request_of(database)
    take_in(database, a_fact(request, "pending"), a_fact(request, "failed"), a_fact(request, "pending"))
    assert (only(db, Payment).state, payments.paid_minor(db, case.invoice_id)) == ("failed", 0)


def test_a_link_used_up_by_a_failed_bank_payment_gives_way_to_a_new_one(database, db):
    asked_to_pay(database)
    request = request_of(database)
    take_in(database, a_fact(request, "pending"), a_fact(request, "failed"))
    used_up, fresh = db.exec(select(PaymentRequest).order_by(PaymentRequest.id))
    assert (used_up.state, used_up.closed_reason) == ("closed", "a bank payment through it did not arrive")
    assert (fresh.state, fresh.amount_minor) == ("creating", 125000)


def test_a_declined_card_is_noted_and_moves_no_money(database, db):
    asked_to_pay(database)
    take_in(database, a_fact(request_of(database), "declined"))
    assert db.exec(select(Payment)).all() == []
    assert "A card payment was declined. The link stays open." in notes(db)


@pytest.mark.parametrize(
    "difference",
    [
        {"amount_minor": 124999},
        {"amount_minor": 125001},
        {"amount_minor": 0},
        {"currency": "USD"},
        {"account_ref": "acct_somebody"},
        {"provider": "stripe"},
        {"is_live": True},
        {"request_uuid": "00000000-0000-4000-8000-000000000000"},
    ],
)
def test_a_payment_that_is_not_the_one_asked_for_is_set_aside_and_never_counts(database, db, difference):
    case = asked_to_pay(database)
    (outcome,) = take_in(database, replace(a_fact(request_of(database)), **difference))
    assert outcome.result is Result.QUARANTINED
    assert outcome.why
    assert payments.paid_minor(db, case.invoice_id) == 0
    assert only(db, PaymentRequest).state == "creating"
    asked = db.exec(select(ReviewItem)).all()
    assert len(asked) == (0 if "request_uuid" in difference else 1)
    assert all(payment.is_credit for payment in db.exec(select(Payment)))


def test_the_same_news_in_two_workers_at_once_counts_once(database, db):
    case = asked_to_pay(database)
    fact, ready, outcomes = a_fact(request_of(database)), threading.Barrier(2), []

    def work() -> None:
        ready.wait()
        outcomes.extend(take_in(database, fact))

    workers = [threading.Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sorted(outcome.result for outcome in outcomes) == ["applied", "unchanged"]
    assert len(documents_of(db, case.invoice_id, "receipt")) == 1


def test_money_for_a_void_invoice_is_kept_and_pointed_out(database, db):
    case = asked_to_pay(database)
    with database.act() as (act_db, _desk):
        act_db.get_one(Invoice, case.invoice_id).status = "void"
    take_in(database, a_fact(request_of(database)))
    assert (only(db, Payment).amount_minor, only(db, Payment).is_credit) == (125000, True)
    assert receipts(db) == []
    assert any("although KHA-0001 is void" in note for note in notes(db))
    item = only(db, ReviewItem)
    assert (item.kind, item.payment_id, item.state) == ("credit", only(db, Payment).id, "open")


def test_money_that_came_both_ways_is_paid_once_and_the_other_is_a_visible_credit(database, db):
    case = asked_to_pay(database)
    request = request_of(database)
    with database.act() as (act_db, desk):
        pay_by_hand(act_db, desk, act_db.get_one(Invoice, case.invoice_id), 125000)
    take_in(database, a_fact(request))
    assert payments.paid_minor(db, case.invoice_id) == 125000
    assert [(p.provider, p.is_credit) for p in db.exec(select(Payment).order_by(Payment.id))] == [
        ("manual", False),
        ("simulated", True),
    ]
    assert any("although KHA-0001 was paid already" in note for note in notes(db))
    assert only(db, ReviewItem).kind == "credit"


def test_more_by_link_than_was_left_counts_and_the_surplus_is_asked_about(database, db):
    case = asked_to_pay(database)
    request = request_of(database)
    with database.act() as (act_db, desk):
        pay_by_hand(act_db, desk, act_db.get_one(Invoice, case.invoice_id), 25000)
    take_in(database, a_fact(request))
    assert payments.paid_minor(db, case.invoice_id) == 150000
    assert (only(db, ReviewItem).kind, "more than was still due" in only(db, ReviewItem).sentence) == ("overpaid", True)


def test_a_client_without_an_address_gets_no_letter_and_the_practice_is_told(database, db):
    case = asked_to_pay(database, email="")
    take_in(database, a_fact(request_of(database)))
    assert receipts(db) == []
    assert len(documents_of(db, case.invoice_id, "receipt")) == 1
    assert "The receipt was not mailed: the client has no e-mail address." in notes(db)


def test_a_receipt_goes_where_the_invoice_was_mailed_last_not_to_the_wrong_address_before(database, db):
    case = asked_to_pay(database, email="thandy@example.test")
    right = "thandi@example.test"
    database.do(
        billing.mail_again, case.owner, invoice_id=case.invoice_id, document_id=case.document_id, recipient=right
    )
    with database.act() as (acting, desk):
        payments.ingest(acting, desk, a_fact(only(acting, PaymentRequest)))
    assert [letter["recipient"] for letter in letters_wanted(db) if letter["kind"] == "receipt"] == [right]


def test_a_receipt_goes_to_the_address_of_a_letter_that_waits_for_its_link(database, db):
    with database.act() as (acting, desk):
        desk.gateway = "simulated"
        case = an_invoice(acting, desk, email="thandy@example.test")
        invoice = acting.get_one(Invoice, case.invoice_id)
        payments.open_request(acting, desk, invoice, then=letter(case) | {"recipient": "thandi@example.test"})
        payments.ingest(acting, desk, a_fact(only(acting, PaymentRequest)))
    assert [letter["recipient"] for letter in letters_wanted(db)] == ["thandi@example.test"]


def test_a_receipt_is_written_as_its_invoice_was_after_currency_and_tax_status_have_changed(database, db):
    case = asked_to_pay(database, tax_minor=16304)
    with database.act() as (acting, desk):
        practice = acting.get_one(Practice, case.practice_id)
        practice.currency, practice.charges_tax, practice.tax_number = "USD", True, "4012345678"
        acting.flush()
        payments.ingest(acting, desk, a_fact(only(acting, PaymentRequest)))
    (receipt,) = documents_of(db, case.invoice_id, "receipt")
    (invoice,) = documents_of(db, case.invoice_id, "invoice")
    printed, first = DocumentContent.from_json(receipt.content), DocumentContent.from_json(invoice.content)
    assert (printed.currency, printed.money.symbol) == ("ZAR", "R")
    assert (printed.money, printed.is_tax_invoice, printed.taxes) == (first.money, False, ())
    assert "R\u00a01\u00a0250,00 paid online" in notes(db)


def letters_wanted(db) -> list[dict]:
    return [json.loads(row.payload) for row in db.exec(select(OutboxRow).where(OutboxRow.kind == "letter"))]


def test_no_note_on_the_timeline_names_a_diagnosis_or_a_service(database, db):
    asked_to_pay(database)
    request = request_of(database)
    take_in(database, a_fact(request, "declined"), a_fact(request, "pending"), a_fact(request))
    said = " ".join(notes(db))
    assert said
    assert paying.ICD not in said
    assert paying.SERVICE not in said


def pay_by_hand(db, desk, invoice, amount_minor, **given):
    wanted = {"method": "cash", "received_on": desk.now().date(), "reference": "", "member_id": invoice.created_by}
    return payments.record_manual(db, desk, invoice=invoice, amount_minor=amount_minor, **(wanted | given))


def test_cash_is_recorded_with_who_took_it_and_when(database, db):
    with database.act() as (act_db, desk):
        case = an_invoice(act_db, desk)
        invoice = act_db.get_one(Invoice, case.invoice_id)
        pay_by_hand(act_db, desk, invoice, 50000, method="card_machine", reference="slip 12")
    payment = only(db, Payment)
    assert (payment.amount_minor, payment.method, payment.reference) == (50000, "card_machine", "slip 12")
    assert (payment.recorded_by, payment.provider) == (case.owner.member_id, "manual")


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"amount_minor": 125001}, "amount"),
        ({"amount_minor": 0}, "amount"),
        ({"amount_minor": -5}, "amount"),
        ({"amount_minor": 1.5}, "amount"),
        ({"amount_minor": "1"}, "amount"),
        ({"amount_minor": True}, "amount"),
        ({"method": "online"}, "method"),
        ({"method": "gold"}, "method"),
        ({"method": None}, "method"),
        ({"method": ["cash"]}, "method"),
        ({"received_on": "2026-03-18"}, "received_on"),
        ({"received_on": None}, "received_on"),
        ({"reference": "a\nb"}, "reference"),
        ({"reference": "x" * 101}, "reference"),
        ({"reference": 7}, "reference"),
    ],
)
def test_a_payment_that_cannot_be_taken_as_typed_is_refused_beside_its_field(database, db, given, field):
    with database.act() as (act_db, desk):
        case = an_invoice(act_db, desk)
    with pytest.raises(Refusal) as refusal, database.act() as (act_db, desk):
        invoice = act_db.get_one(Invoice, case.invoice_id)
        pay_by_hand(act_db, desk, invoice, **({"amount_minor": 125000} | given))
    assert refusal.value.field == field
    assert db.exec(select(Payment)).all() == []


def test_money_cannot_have_come_tomorrow(database):
    with pytest.raises(Refusal), database.act() as (db, desk):
        case = an_invoice(db, desk)
        tomorrow = desk.now().date() + timedelta(days=1)
        pay_by_hand(db, desk, db.get_one(Invoice, case.invoice_id), 100, received_on=tomorrow)


def test_two_people_who_record_the_same_cash_record_it_once(database, db):
    with database.act() as (act_db, desk):
        case = an_invoice(act_db, desk)
    ready, refusals = threading.Barrier(2), []

    def record() -> None:
        ready.wait()
        try:
            with database.act() as (own_db, desk):
                pay_by_hand(own_db, desk, own_db.get_one(Invoice, case.invoice_id), 125000)
        except Refusal as refusal:
            refusals.append(refusal.sentence)

    people = [threading.Thread(target=record) for _ in range(2)]
    for person in people:
        person.start()
    for person in people:
        person.join()
    assert payments.paid_minor(db, case.invoice_id) == 125000
    assert len(refusals) == 1


def test_lists_add_up_the_same_payments(database, db):
    case = asked_to_pay(database)
    take_in(database, a_fact(request_of(database)))
    query = select(paid_minor()).select_from(Invoice).where(Invoice.id == case.invoice_id)
    assert db.exec(query).one() == payments.paid_minor(db, case.invoice_id) == 125000
