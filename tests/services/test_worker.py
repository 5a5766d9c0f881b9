"""What the outbox holds gets done: once, outside of any transaction, whatever dies on the way."""

import asyncio
import hashlib
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
from sqlmodel import select
from structlog.testing import capture_logs

from tests import paying
from tests.contract.stand_in import DROP_REPLY, served
from tests.paying import Gate, Mailbox, a_worker, an_outside, asked_to_pay, only
from trova_app import wiring, worker
from trova_app.adapters.pdf import TypstPress
from trova_app.adapters.stripe_links import StripeLinks
from trova_app.domain.gateways import GatewayTrouble
from trova_app.domain.mail import MailRefused
from trova_app.jobs.documents import print_and_keep
from trova_app.models import Document, Invoice, Mail, OutboxRow, Payment, PaymentRequest, Practice, TimelineEntry
from trova_app.services import billing, links, mail_log, mailing, outbox, outbox_page, payments
from trova_app.sweeper import Sweeper


def rows(db) -> list[tuple[str, bool]]:
    db.rollback()
    return [(row.kind, row.done_at is not None) for row in db.exec(select(OutboxRow).order_by(OutboxRow.id))]


def notes(db) -> list[str]:
    return [entry.what for entry in db.exec(select(TimelineEntry))]


def test_the_link_is_opened_and_then_the_letter_goes_out(database, db):
    case = asked_to_pay(database)
    mailbox = Mailbox()
    assert a_worker(database, an_outside(send=mailbox.send)).run_once() == 2
    request = only(db, PaymentRequest)
    assert (request.state, request.url) == ("active", f"http://localhost:3000/sim/pay/{request.request_uuid}")
    (mail,) = mailbox.mails
    assert mail.to == case.client_email
    assert f"http://localhost:3000/pay/{case.token}" in mail.text
    ((filename, kind, pdf),) = mail.attachments
    document = only(db, Document)
    assert (filename, kind, pdf) == ("KHA-0001.pdf", "application/pdf", document.pdf)
    assert only(db, Mail).state == "sent"
    assert "Invoice mailed" in notes(db)
    assert rows(db) == [("open_link", True), ("letter", True)]


def test_the_mailed_document_is_the_real_thing(database, db):
    asked_to_pay(database)
    a_worker(database, an_outside(print_pdf=TypstPress().pdf)).run_once()
    document = only(db, Document)
    assert document.pdf.startswith(b"%PDF-")
    assert document.pdf_sha256 == hashlib.sha256(document.pdf).hexdigest()


def test_without_a_mail_server_the_letter_is_kept_and_says_so(database, db):
    asked_to_pay(database)
    a_worker(database).run_once()
    mail = only(db, Mail)
    assert (mail.state, mail.document_id) == ("captured", only(db, Document).id)
    assert any(note.startswith("Invoice mailed (kept in the Outbox") for note in notes(db))


def test_a_demo_practice_mails_nobody_even_with_a_mail_server(database, db):
    asked_to_pay(database)
    with database.act() as (act_db, _desk):
        only(act_db, Practice).mode = "demo"
    mailbox = Mailbox()
    a_worker(database, an_outside(send=mailbox.send)).run_once()
    assert mailbox.mails == []
    assert only(db, Mail).state == "captured"


def test_no_transaction_is_open_while_the_world_outside_is_asked(database, db):
    """A gateway that takes its time must not hold anybody up: it writes to the database itself here."""
    asked_to_pay(database)

    class Slow(Gate):
        def open(self, spec):
            with database.act() as (other_db, _desk):
                only(other_db, Practice).phone = "written meanwhile"
            return super().open(spec)

    async def send(_mail) -> None:
        with database.act() as (other_db, _desk):
            only(other_db, Practice).address = "written meanwhile"

    a_worker(database, an_outside(gateways={"simulated": Slow()}, send=send)).run_once()
    assert (only(db, Practice).phone, only(db, Practice).address) == ("written meanwhile", "written meanwhile")
    assert only(db, Mail).state == "sent"


def test_a_gateway_that_is_away_is_asked_again_with_the_same_key(database, db, clock):
    asked_to_pay(database)
    gate = Gate(troubles=[GatewayTrouble("Stripe did not answer.", is_permanent=False)])
    at_work = a_worker(database, an_outside(gateways={"simulated": gate}))
    at_work.run_once()
    assert (only(db, PaymentRequest).state, only(db, PaymentRequest).last_error) == (
        "creating",
        "Stripe did not answer.",
    )
    assert only(db, OutboxRow).last_error == "Stripe did not answer."
    clock.advance(seconds=5)
    at_work.run_once()
    db.rollback()
    assert only(db, PaymentRequest).state == "active"
    assert gate.asked[0] == gate.asked[1]


def test_a_gateways_no_stops_and_a_person_may_try_again_with_a_new_key(database, db):
    case = asked_to_pay(database)
    gate = Gate(troubles=[GatewayTrouble("Stripe refused.", is_permanent=True)])
    looked = []
    gate.open_again = lambda spec, is_last_look: looked.append(spec) or gate.open(spec)
    at_work = a_worker(database, an_outside(gateways={"simulated": gate}))
    at_work.run_once()
    assert only(db, PaymentRequest).state == "failed"
    (row,) = database.do(outbox_page.waiting, case.owner)
    assert (row.state, row.problem) == ("stopped", "Stripe refused.")
    assert db.exec(select(Mail)).all() == []
    database.do(outbox_page.try_again, case.owner, row_id=row.id)
    at_work.run_once()
    db.rollback()
    assert only(db, PaymentRequest).state == "active"
    assert [spec.idempotency_key.rpartition("/")[2] for spec in gate.asked] == ["1", "2"]
    assert len(looked) == 1  # whether the first one was opened after all


def test_a_gateway_that_is_not_connected_any_more_is_said_so(database):
    case = asked_to_pay(database, gateway="stripe")
    a_worker(database).run_once()
    (row,) = database.do(outbox_page.waiting, case.owner)
    assert row.state == "stopped"
    assert "not connected any more" in row.problem


def test_a_link_paid_before_its_address_was_stored_sends_no_letter_asking_for_money(database, db):
    asked_to_pay(database)

    class PaidAtOnce(Gate):
        def open(self, spec):
            with database.act() as (other_db, desk):
                fact = paying.a_fact(only(other_db, PaymentRequest))
                payments.ingest(other_db, desk, fact)
            return super().open(spec)

    mailbox = Mailbox()
    a_worker(database, an_outside(gateways={"simulated": PaidAtOnce()}, send=mailbox.send)).run_once()
    assert only(db, PaymentRequest).state == "paid"
    assert [mail.subject for mail in mailbox.mails] == ["[TEST] Receipt KHA-R0001 from Khanya Practice"]


def test_an_invoice_mailed_again_after_it_was_paid_says_so_and_offers_no_payment(database, db):
    case, mailbox = asked_to_pay(database), Mailbox()
    at_work = a_worker(database, an_outside(send=mailbox.send))
    at_work.run_once()
    pdf = only(db, Document).pdf
    with database.act() as (acting, desk):
        payments.ingest(acting, desk, paying.a_fact(only(acting, PaymentRequest)))
    database.do(
        billing.mail_again, case.owner, invoice_id=case.invoice_id, document_id=case.document_id,
        recipient=case.client_email,
    )  # fmt: skip
    at_work.run_once()
    first, again = (mail for mail in mailbox.mails if "Invoice" in mail.subject)
    assert case.token in first.text and case.token in first.html
    assert "This invoice is paid." in again.text
    assert case.token not in again.text + again.html
    db.expire_all()
    assert db.get_one(Document, case.document_id).pdf == pdf


def test_a_mail_server_that_is_away_gets_the_same_letter_later(database, db, clock):
    asked_to_pay(database)
    mailbox = Mailbox(troubles=[MailRefused(False, "The mail server cannot be reached")])
    at_work = a_worker(database, an_outside(send=mailbox.send))
    at_work.run_once()
    first = only(db, Mail)
    assert (first.state, mailbox.mails) == ("waiting", [])
    clock.advance(seconds=5)
    at_work.run_once()
    assert [mail.message_id for mail in mailbox.mails] == [first.message_id]


@pytest.mark.parametrize("was_tried", [True, False])
def test_a_letter_that_waits_while_its_invoice_is_voided_is_not_sent(database, db, clock, was_tried):
    case = asked_to_pay(database)
    mailbox = Mailbox(troubles=[MailRefused(False, "The mail server cannot be reached")])
    at_work = a_worker(database, an_outside(send=mailbox.send))
    if was_tried:
        at_work.run_once()
    else:
        at_work.do(at_work.claim(1)[0])  # the link
    database.do(billing.void_invoice, case.owner, invoice_id=case.invoice_id, reason="Wrong client")
    clock.advance(minutes=30)
    at_work.run_once()
    at_work.run_once()
    assert mailbox.mails == []
    assert (only(db, Mail).state, only(db, Mail).error) == ("refused", mail_log.HELD_BACK)
    assert all(done for _kind, done in rows(db))
    assert notes(db).count("Invoice not mailed: it was void by then") == 1


def test_a_letter_that_waits_while_its_invoice_is_paid_asks_for_nothing_more(database, db, clock):
    case = asked_to_pay(database)
    mailbox = Mailbox(troubles=[MailRefused(False, "The mail server cannot be reached")])
    at_work = a_worker(database, an_outside(send=mailbox.send))
    at_work.run_once()
    first = only(db, Mail)
    assert "Pay online" in first.text
    with database.act() as (acting, desk):
        payments.ingest(acting, desk, paying.a_fact(only(acting, PaymentRequest)))
    clock.advance(minutes=30)
    at_work.run_once()
    (invoice,) = (mail for mail in mailbox.mails if "Invoice" in mail.subject)
    assert invoice.message_id == first.message_id
    assert "This invoice is paid." in invoice.text
    assert case.token not in invoice.text + invoice.html


def test_a_refused_letter_is_shown_to_people_and_can_be_tried_again(database, db):
    case = asked_to_pay(database)
    mailbox = Mailbox(troubles=[MailRefused(True, "The mail server answered 550 (5.1.1)")])
    at_work = a_worker(database, an_outside(send=mailbox.send))
    at_work.run_once()
    assert (only(db, Mail).state, only(db, Mail).error) == ("refused", "The mail server answered 550 (5.1.1)")
    (row,) = database.do(outbox_page.waiting, case.owner)
    assert (row.state, row.to_whom) == ("stopped", case.client_email)
    assert "Invoice could not be mailed. Look at the Outbox." in notes(db)
    database.do(outbox_page.try_again, case.owner, row_id=row.id)
    at_work.run_once()
    db.rollback()
    assert only(db, Mail).state == "sent"
    assert len(mailbox.mails) == 1


def test_an_address_nobody_can_mail_to_is_a_refusal_not_a_crash(database, db):
    asked_to_pay(database, email="two@example.test, three@example.test")
    mailbox = Mailbox()
    a_worker(database, an_outside(send=mailbox.send)).run_once()
    assert (only(db, Mail).state, mailbox.mails) == ("refused", [])


def test_a_letter_that_went_out_is_not_mailed_again_when_its_job_comes_back(database, db):
    """The worker died after the mail was noted and before its job was finished: not possible in one transaction, so the
    row is put back by hand."""
    asked_to_pay(database)
    mailbox = Mailbox()
    at_work = a_worker(database, an_outside(send=mailbox.send))
    at_work.run_once()
    with database.act() as (act_db, _desk):
        for row in act_db.exec(select(OutboxRow)):
            row.done_at = None
    at_work.run_once()
    assert len(mailbox.mails) == 1
    assert [done for _kind, done in rows(db)] == [True, True]
    assert notes(db).count("Invoice mailed") == 1


def test_a_claim_is_mailed_with_the_insurers_copy(database, db):
    with database.act() as (act_db, desk):
        case = paying.an_invoice(act_db, desk, payment_type="insurance")
        invoice = act_db.get_one(Invoice, case.invoice_id)
        letter = paying.letter(case, "insurer") | {"recipient": "claims@khanya.example"}
        mailing.enqueue_letter(act_db, desk, invoice=invoice, payload=letter)
    mailbox = Mailbox()
    a_worker(database, an_outside(send=mailbox.send)).run_once()
    (mail,) = mailbox.mails
    assert mail.to == "claims@khanya.example"
    assert "pay/" not in mail.text
    assert "Claim mailed to the insurer" in notes(db)


def test_no_subject_or_text_of_a_letter_names_a_diagnosis_or_a_service(database, db):
    asked_to_pay(database)
    a_worker(database).run_once()
    mail = only(db, Mail)
    for word in (paying.ICD, paying.SERVICE, "nxiety"):
        assert word not in mail.subject + mail.text + mail.html


def test_a_document_is_printed_once_and_keeps_its_bytes(database, db):
    with database.act() as (act_db, desk):
        case = paying.an_invoice(act_db, desk)
        mailing.render(act_db, desk, act_db.get_one(Document, case.document_id))
    printed = []
    at_hand = an_outside(print_pdf=lambda _content: printed.append(1) or b"%PDF-first")
    a_worker(database, at_hand).run_once()
    later = print_and_keep(an_outside(print_pdf=lambda _c: b"%PDF-second"), database.act, case.document_id, None)
    assert (later, only(db, Document).pdf, len(printed)) == (b"%PDF-first", b"%PDF-first", 1)


def test_an_unexpected_fault_is_tried_again_and_shows_no_text_of_it(database):
    case = asked_to_pay(database)
    gate = Gate(troubles=[RuntimeError("Thandi Mokoena F41.1")])
    with capture_logs() as lines:
        a_worker(database, an_outside(gateways={"simulated": gate})).run_once()
    (row,) = database.do(outbox_page.waiting, case.owner)
    assert (row.state, row.problem) == ("waiting", worker.UNEXPECTED)
    (line,) = lines
    assert (line["event"], line["kind"]) == ("job failed", "open_link")
    assert line["error"].startswith("RuntimeError open:")
    assert "Thandi" not in str(line)


def test_a_job_this_version_does_not_know_waits_for_a_person(database):
    with database.act() as (db, desk):
        case = paying.an_invoice(db, desk)
        outbox.enqueue(db, desk, practice_id=case.practice_id, kind="telegram", key="k", payload={})
    a_worker(database).run_once()
    assert database.do(outbox_page.waiting, case.owner)[0].problem == worker.UNKNOWN


def test_two_workers_at_once_open_one_link_and_mail_one_letter(database):
    for _ in range(6):
        asked_to_pay(database)
    gate, mailbox = Gate(), Mailbox()
    at_hand = an_outside(gateways={"simulated": gate}, send=mailbox.send)
    ready = threading.Barrier(2)

    def work() -> None:
        ready.wait()
        a_worker(database, at_hand).run_once()

    workers = [threading.Thread(target=work) for _ in range(2)]
    for thread in workers:
        thread.start()
    for thread in workers:
        thread.join()
    a_worker(database, at_hand).run_once()  # rows that were passed over while another worker was just taking them
    assert len({spec.request_uuid for spec in gate.asked}) == len(gate.asked) == 6
    assert len({mail.message_id for mail in mailbox.mails}) == len(mailbox.mails) == 6


# Crashes


class Crash(BaseException):
    """Ends a worker where it stands: no handler of ours catches it."""


@contextmanager
def crashing_at(database, point: str) -> Iterator[None]:
    plain = database.desk

    def desk():
        made = plain()
        made.point = crash
        return made

    def crash(reached: str) -> None:
        if reached == point:
            raise Crash

    database.desk = desk
    with pytest.raises(Crash):
        yield
    database.desk = plain


POINTS = ["worker: link opened, not stored", "worker: link stored, not committed"]


@pytest.mark.parametrize("point", POINTS)
def test_a_worker_that_ends_between_the_gateways_answer_and_our_commit_leaves_one_link(database, db, clock, point):
    asked_to_pay(database, gateway="stripe")
    with served() as stripes:
        at_hand = an_outside(gateways={"stripe": StripeLinks("sk_test_1", stripes.url)})
        with crashing_at(database, point):
            a_worker(database, at_hand).run_once()
        assert only(db, PaymentRequest).state == "creating"
        clock.advance(seconds=worker.LEASE_SECONDS + 1)
        a_worker(database, at_hand).run_once()
        assert len(stripes.links) == 1
        assert stripes.breaches == []
    db.rollback()
    assert (only(db, PaymentRequest).state, only(db, PaymentRequest).provider_ref) == ("active", "plink_1")
    assert rows(db) == [("open_link", True), ("letter", True)]


def test_a_worker_that_ends_after_the_mail_went_out_sends_the_same_message_again(database, db, clock):
    """At least once: only the mail server could tell, and the same Message-ID lets it."""
    asked_to_pay(database)
    mailbox = Mailbox()
    at_hand = an_outside(send=mailbox.send)
    with crashing_at(database, "worker: letter sent, not stored"):
        a_worker(database, at_hand).run_once()
    clock.advance(seconds=worker.LEASE_SECONDS + 1)
    a_worker(database, at_hand).run_once()
    assert len(mailbox.mails) == 2
    assert mailbox.mails[0] == mailbox.mails[1]
    assert notes(db).count("Invoice mailed") == 1


@pytest.mark.parametrize("point", POINTS)
def test_a_killed_worker_process_leaves_one_link_after_the_restart(database, db, clock, point):
    asked_to_pay(database, gateway="stripe")
    url = database.engine.url.render_as_string(hide_password=False).replace("+psycopg", "")
    with served() as stripes:
        command = [sys.executable, "-m", "tests.services.killed_worker", url, stripes.url, point]
        killed = subprocess.run(command, check=False, capture_output=True, timeout=60)
        assert killed.returncode == -9, killed.stderr.decode()
        assert len(stripes.links) == 1
        assert rows(db) == [("open_link", False)]
        clock.advance(seconds=worker.LEASE_SECONDS + 1)
        at_hand = an_outside(gateways={"stripe": StripeLinks("sk_test_1", stripes.url)})
        assert a_worker(database, at_hand).run_once() == 2
        assert len(stripes.links) == 1
        assert stripes.breaches == []
    db.rollback()
    assert only(db, PaymentRequest).state == "active"
    assert only(db, Mail).state == "captured"


def test_a_key_the_gateway_may_have_forgotten_is_not_used_before_looking(database, db, clock):
    """The answer got lost more than 20 hours ago: the link is found by our reference instead of opened again."""
    asked_to_pay(database, gateway="stripe")
    with served() as stripes:
        stripes.switches[:] = [DROP_REPLY] * 3
        at_hand = an_outside(gateways={"stripe": StripeLinks("sk_test_1", stripes.url)})
        a_worker(database, at_hand).run_once()
        stripes.remembered.clear()
        clock.advance(hours=25)
        a_worker(database, at_hand).run_once()
        assert len(stripes.links) == 1
    db.rollback()
    assert only(db, PaymentRequest).provider_ref == "plink_1"
    assert only(db, PaymentRequest).created_at + links.KEY_REMEMBERED < clock.now()


def test_nothing_personal_is_in_any_call_to_the_gateway(database, db):
    case = asked_to_pay(database, gateway="stripe")
    with served() as stripes:
        a_worker(database, an_outside(gateways={"stripe": StripeLinks("sk_test_1", stripes.url)})).run_once()
        said = " ".join(call.raw + str(call.params) + call.path for call in stripes.calls)
    assert "KHA-0001" in said
    practice = only(db, Practice)
    personal = ("Thandi", "Mokoena", case.client_email, paying.ICD, paying.SERVICE, "nxiety", "86205", practice.name)
    for word in (*personal, "Naidoo"):
        assert word not in said


# The loop


async def until(condition, seconds=20.0) -> None:
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 - the change comes from another thread
            await asyncio.sleep(0.01)


def test_the_loop_looks_at_once_after_a_commit_that_left_work(database, monkeypatch):
    """The pause between looks is an hour here: only being woken can explain the letter."""
    monkeypatch.setattr(worker, "POLL_SECONDS", 3600.0)
    mailbox = Mailbox()
    at_work = a_worker(database, an_outside(send=mailbox.send))

    async def story() -> None:
        loop = asyncio.create_task(worker.run(at_work))
        await until(lambda: worker._BELLS)
        await asyncio.to_thread(asked_to_pay, database)
        await until(lambda: mailbox.mails)
        loop.cancel()
        await asyncio.gather(loop, return_exceptions=True)

    asyncio.run(story())
    assert set() == worker._BELLS


def test_what_was_paid_while_nothing_ran_is_found_at_the_start_though_it_is_nobodys_turn(database):
    at_hand = an_outside()
    gate = at_hand.gateways["simulated"]
    asked_to_pay(database)
    a_worker(database, at_hand).run_once()
    assert (Sweeper(at_hand, database.act).sweep(), Sweeper(at_hand, database.act).sweep()) == (1, 0)
    gate.said(gate.asked[0], "pay", database.clock.now())  # and no webhook tells of it

    def is_paid() -> bool:
        with database.act(writes=False) as (db, _desk):
            return db.exec(select(Payment)).first() is not None

    async def story() -> None:
        loop = asyncio.create_task(worker.run(a_worker(database, at_hand)))
        await until(is_paid)
        loop.cancel()
        await asyncio.gather(loop, return_exceptions=True)

    assert not is_paid()
    asyncio.run(story())


def test_one_slow_mail_server_does_not_hold_up_the_other_jobs(database):
    release, mailbox = threading.Event(), Mailbox()
    first = asked_to_pay(database)

    async def send(mail) -> None:
        if mail.to == first.client_email and not mailbox.mails and not release.is_set():
            release.wait(20)
        await mailbox.send(mail)

    async def story() -> None:
        loop = asyncio.create_task(worker.run(a_worker(database, an_outside(send=send))))
        await asyncio.to_thread(asked_to_pay, database, email="other@example.test")
        await until(lambda: any(mail.to == "other@example.test" for mail in mailbox.mails))
        assert not release.is_set()
        release.set()
        await until(lambda: len(mailbox.mails) == 2)
        loop.cancel()
        await asyncio.gather(loop, return_exceptions=True)

    asyncio.run(story())


def test_one_lane_is_kept_from_those_who_all_wait_for_the_same_server():
    assert worker.crowded(["open_link", "refund"]) == ()
    assert "close_link" in worker.crowded(["open_link", "refund", "check_link"])
    assert "letter" not in worker.crowded(["open_link", "refund", "check_link"])
    assert worker.crowded(["letter", "letter", "letter"]) == ("letter",)
    assert "refund" not in worker.crowded(["import_file", "letter", "letter"])
    assert set(worker.crowded(["import_file", "letter", "letter"])) == {"letter", "import_file"}


def test_imports_have_one_lane_and_no_more():
    assert worker.crowded(["import_file"]) == ("import_file",)
    assert worker.crowded(["letter", "read_calendar"]) == ()


def test_a_worker_that_stood_still_while_another_mailed_the_letter_does_not_mail_it_again(database, clock):
    asked_to_pay(database)
    mailbox = Mailbox()
    at_hand = an_outside(send=mailbox.send)
    at_work = a_worker(database, at_hand)
    at_work.do(at_work.claim(1)[0])
    (letter,) = at_work.claim(1)
    clock.advance(seconds=worker.LEASE_SECONDS + 1)
    a_worker(database, at_hand).run_once()
    at_work.do(letter)
    assert len(mailbox.mails) == 1


def test_a_database_that_is_away_for_a_moment_does_not_end_the_loop(database):
    asked_to_pay(database)
    mailbox, faults = Mailbox(), [ConnectionError("away")]
    real = a_worker(database, an_outside(send=mailbox.send))

    def act(writes: bool = True):
        if faults:
            raise faults.pop()
        return database.act(writes=writes)

    async def story() -> None:
        loop = asyncio.create_task(worker.run(replace(real, act=act)))
        await until(lambda: not faults)
        wiring.after_commit(woken(database))
        await until(lambda: mailbox.mails)
        loop.cancel()
        await asyncio.gather(loop, return_exceptions=True)

    asyncio.run(story())


def woken(database):
    desk = database.desk()
    desk.wake()
    return desk
