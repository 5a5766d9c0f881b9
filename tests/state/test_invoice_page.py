"""What is asked about an invoice is done once, and only while its question stands in front of the page."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
import reflex as rx
from sqlmodel import Session, select

from tests.giving_back import a_refund_fact, account_is_left, paid_online, take_in
from tests.paying import Case, an_invoice
from trova_app import wiring
from trova_app.models import Invoice, Member, OutboxRow, Payment, Refund
from trova_app.services.sign_in import open_sign_in
from trova_app.state.invoice import InvoicePage
from trova_app.trova_app import app

CASH = {"amount": "500", "method": "cash", "received_on": "2026-03-18", "seen": "R\u00a01\u00a0250,00"}
assert app, "every state is registered"


@pytest.fixture
def press(database: Any, monkeypatch: pytest.MonkeyPatch) -> Callable[..., InvoicePage]:
    """`press(case, (handler, given...), ...)`: these events of one signed-in page, one after the other."""
    monkeypatch.setattr(wiring, "engine", lambda: database.engine)
    monkeypatch.setattr(wiring, "clock", lambda: database.clock)

    def pressed(case: Case, *events: tuple[Any, ...]) -> InvoicePage:
        with database.act() as (db, desk):
            secret = desk.new_token()
            open_sign_in(db, desk.now(), db.get_one(Member, case.owner.member_id), secret)
        return asyncio.run(_run(secret, case, events))

    return pressed


async def _run(secret: str, case: Case, events: tuple[tuple[Any, ...], ...]) -> InvoicePage:
    wiring.SIGN_IN.set(secret)
    page = await rx.State(_reflex_internal_init=True).get_state(InvoicePage)
    await page._open(case.invoice_id)
    for name, *given in events:
        done = InvoicePage.event_handlers[name].fn(page, *given)
        if asyncio.iscoroutine(done):
            await done
    return page


def a_case(database: Any, **given: Any) -> Case:
    with database.act() as (db, desk):
        return an_invoice(db, desk, payment_type="other", **given)


def count(db: Session, table: Any) -> int:
    return len(db.exec(select(table)).all())


def test_a_payment_confirmed_with_a_double_click_is_recorded_once(database, db, press):
    page = press(a_case(database), ("question", "mark_paid"), ("mark_paid", CASH), ("mark_paid", CASH))
    assert (page.asking, page.faults) == ("", {})
    assert count(db, Payment) == 1


def test_a_letter_confirmed_with_a_double_click_is_mailed_once(database, db, press):
    case = a_case(database)
    form = {"document": str(case.document_id), "recipient": "thandi@example.test"}
    press(case, ("question", "mail_again"), ("mail_again", form), ("mail_again", form))
    assert count(db, OutboxRow) == 1


@pytest.mark.parametrize("asked", ["", "mark_submitted"])
def test_nothing_is_done_that_was_not_asked_in_front_of_the_page(database, db, press, asked):
    case = a_case(database)
    form = {"document": str(case.document_id), "recipient": "thandi@example.test", "reason": "sent again"}
    acts = [("mark_paid", CASH), *((name, form) for name in ("mail_again", "void", "correct", "refund"))]
    press(case, ("question", asked), *acts, ("reopen",))
    assert (count(db, Payment), count(db, OutboxRow)) == (0, 0)
    assert db.get_one(Invoice, case.invoice_id).status == "issued"


def test_a_payment_over_another_amount_than_the_one_shown_is_not_recorded(database, db, press):
    page = press(a_case(database), ("question", "mark_paid"), ("mark_paid", CASH | {"seen": "R\u00a01,00"}))
    assert "Nothing was recorded" in page.faults[""] and page.asking == "mark_paid"
    assert count(db, Payment) == 0


def test_mail_again_offers_the_newest_document_and_follows_the_choice(database, press):
    case = a_case(database)
    paid = CASH | {"mail_receipt": "on", "recipient": "payer@example.test"}
    asked = [("question", "mark_paid"), ("mark_paid", paid), ("question", "mail_again")]
    choices = [("choose_document", chosen) for chosen in (str(case.document_id), "x", 5, None)]
    page = press(case, *asked)
    assert (page.mailing.kind, page.mailing.recipient) == ("receipt", "payer@example.test")
    assert press(case, ("question", "mail_again"), *choices).mailing.kind == "invoice"


THERE = {
    "amount": "300",
    "seen": "R\u00a0950,00",
    "reason": "duplicate",
    "note": "",
    "method": "online",
    "given_on": "2026-03-18",
}


@pytest.mark.parametrize(("answer", "counted"), [(0, [30000]), (-1, [30000, 30000])])
def test_a_refund_the_gateway_has_told_of_is_asked_about_before_it_is_written_down(
    database, db, press, answer, counted
):
    case, payment = paid_online(database)
    take_in(database, a_refund_fact(payment, amount_minor=30000, when=database.clock.now()))
    account_is_left(database.act, payment)
    asked = ("ask_refund", payment.id), ("refund", THERE)
    page = press(case, *asked)
    assert (page.asking, page.faults, page.done) == ("refund", {}, "")
    assert "R\u00a0300,00 on 18 Mar 2026" in page.told
    assert press(case, *asked, ("refund", THERE)).faults == {"told": "Choose one of these."}
    assert press(case, *asked, ("question", ""), ("ask_refund", payment.id)).told == ""
    chosen = ("refund", THERE | {"told": page.answers[answer].key})
    assert press(case, *asked, chosen).asking == ""
    succeeded = db.exec(select(Refund.amount_minor).where(Refund.state == "succeeded"))
    assert list(succeeded) == counted
