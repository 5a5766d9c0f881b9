"""`trova check` finds nothing in sound books, and each single thing that is wrong in others."""

import hashlib
import json
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlmodel import Session, SQLModel, select
from typer.testing import CliRunner

from tests import builders as a
from tests.conftest import NOON, Database, FixedClock
from tests.giving_back import a_dispute_fact
from tests.paying import a_fact, a_worker, webhooks_set_up
from tests.services.conftest import OpenSession
from trova_app import demo
from trova_app.cli import app
from trova_app.migrate import step_back
from trova_app.models import Invoice, NumberSeries, OutboxRow, Payment, PaymentRequest, Refund
from trova_app.services import billing, gateway_accounts, gateway_disconnect, payments, refunds, review_items
from trova_app.services import working_copy as copies
from trova_app.services.check import RULES, Breach, Invariant, check
from trova_app.services.open_question import keep_question
from trova_app.services.payment_requests import Reason
from trova_app.wiring import vault

LATER = NOON + timedelta(days=2)


@pytest.fixture(scope="module")
def books(kept_engine: sa.Engine) -> Database:
    """One practice that bills in every way and a second one; tests change it only in transactions they take back."""
    made = Database(kept_engine, FixedClock())
    fill(made)
    return made


def fill(database: Database) -> None:
    """Each closing act, discounts, taxes, a payment by link, by hand and by a scheme; letters out, PDFs printed."""
    home = a_house(database, "KHA", charges_tax=True, prices_include_tax=False)
    home().finish("save_draft", payment_type="online", off_1="10%")
    home().finish("request_payment", payment_type="online", tax_2="0", qty_1="1,5", invoice_off="33,33")
    home().finish("request_payment", payment_type="online", cash="100")
    left_open(database, home()).finish(
        "send_invoice", payment_type="other", off_1="0,01", invoice_off="7,5%", cash="500"
    )
    home().finish("send_receipt", payment_type="other", method="card_machine")
    claim = home().finish("bill_insurer", payment_type="insurance")
    home().finish("send_invoice", payment_type="other", price_1="0")
    a_worker(database).run_once()
    still_open = home()
    with database.act() as (db, desk):
        request = db.exec(select(PaymentRequest).order_by(PaymentRequest.id)).first()
        assert request is not None
        payments.ingest(db, desk, a_fact(request))
        billing.mail_to_insurer(
            db, desk, still_open.who, invoice_id=claim.invoice_id, recipient="claims@khanya.example"
        )
        billing.mark_paid(
            db, desk, still_open.who, invoice_id=claim.invoice_id, amount="900", method="medical_aid",
            received_on="2026-03-18",
        )  # fmt: skip
        give_back(db, 50_00)
    money_goes_back(database, home, still_open.who)
    a_worker(database).run_once()
    form, version = still_open.form()
    database.do(copies.save, still_open.who, appointment_id=still_open.id, version=version, form=form)
    elsewhere = a_house(database, "OTH")()
    elsewhere.finish("send_receipt", payment_type="other")
    accounts_of_its_own(database, elsewhere.who)
    with database.act() as (db, desk):
        link = db.exec(select(PaymentRequest).where(PaymentRequest.state == "active")).one()
        review_items.ask_a_person(
            db, desk, practice_id=link.practice_id, kind="link_lost", about=link.request_uuid, sentence="Look there."
        )


def left_open(database: Database, session: OpenSession) -> OpenSession:
    """With a question that was not answered."""
    form, version = session.form()
    about = {"appointment_id": session.id}
    database.do(copies.save, session.who, **about, version=version, form=form)
    database.do(keep_question, session.who, **about, question=(form, form.with_text("text.1", "Report")))
    return session


def accounts_of_its_own(database: Database, who) -> None:
    """One the practice has left, and the one it is with."""
    desk = database.desk()
    desk.vault, desk.origin = vault(), "https://practice.example"
    for key in ("rk_test_0123456789abcdef", "rk_test_fedcba9876543210"):
        with database.act(desk) as (db, _):
            gateway_accounts.connect(db, desk, who, provider="stripe", key=key, account_ref=f"acct_{key[-4:]}")
            webhooks_set_up(db, desk, who)
            if key.endswith("f"):
                gateway_disconnect.disconnect(db, desk, who)
                db.exec(select(OutboxRow).where(OutboxRow.kind == "remove_webhooks")).one().done_at = desk.now()
                gateway_disconnect.forget_keys(db, desk)


def money_goes_back(database: Database, home, who) -> None:
    """A part of the online payment through the gateway; a credit that waits, one given back; a dispute."""
    with database.act() as (db, _):
        online = db.exec(select(Payment).where(Payment.provider == "simulated")).one()
    database.do(refunds.refund, who, payment_id=online.id, amount="10")
    a_worker(database).run_once()
    with database.act() as (db, desk):
        payments.ingest(db, desk, a_dispute_fact(online, amount_minor=100))
    a_payment_twice(database, home)
    database.do(refunds.refund, who, payment_id=a_payment_twice(database, home), reason="duplicate", method="cash")
    a_worker(database).run_once()


def a_payment_twice(database: Database, home) -> int:
    """Paid by link, and taken at the desk in the same moment: the second is a credit."""
    done = home().finish("request_payment", payment_type="online")
    with database.act() as (db, desk):
        invoice = db.get_one(Invoice, done.invoice_id)
        request = db.exec(select(PaymentRequest).where(PaymentRequest.invoice_id == invoice.id)).one()
        payments.ingest(db, desk, a_fact(request))
        taken = payments.record_manual(
            db, desk, invoice=invoice, amount_minor=5000, method="cash", received_on=desk.now().date(),
            member_id=invoice.created_by,
        )  # fmt: skip
        return int(taken.id or 0)


def give_back(db: Session, amount_minor: int) -> None:
    """A part of the money taken by card."""
    paid = db.exec(select(Payment).where(Payment.method == "card_machine")).one()
    db.add(
        Refund(
            practice_id=paid.practice_id, payment_id=paid.id, invoice_id=paid.invoice_id, provider="manual",
            refund_uuid=str(uuid.uuid4()), provider_refund_id=str(uuid.uuid4()), amount_minor=amount_minor,
            currency=paid.currency, method="cash", state="succeeded", created_at=NOON, changed_at=NOON,
        )
    )  # fmt: skip


def a_house(database: Database, prefix: str, **given):
    """A practice; each call of what is returned is one more open session of its one client."""
    with database.act() as (db, _):
        practice = a.a_practice(db, number_prefix=prefix, **given)
        member, service = a.a_member(db, practice), a.a_service(db, practice, lines=2)
        client = a.a_client(db, practice, scheme_id=a.a_scheme(db, practice).id, member_number="KM 123456")
        a.a_diagnosis(db, client)

    def an_open_session() -> OpenSession:
        with database.act() as (db, _):
            appointment = a.an_appointment(db, client, service, member)
        return OpenSession(database, practice, member, client, appointment)

    return an_open_session


# -- breaking things


def loosened(db: Session, table: str) -> None:
    """The table without its triggers, checks, unique and foreign keys, until the transaction is taken back."""
    if db.get_bind().dialect.name == "sqlite":
        for name in db.execute(sa.text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).scalars().all():
            db.execute(sa.text(f"DROP TRIGGER {name}"))
        db.execute(sa.text(f"CREATE TABLE loose AS SELECT * FROM {table}"))
        db.execute(sa.text(f"DROP TABLE {table}"))
        db.execute(sa.text(f"ALTER TABLE loose RENAME TO {table}"))
        return
    db.execute(sa.text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))
    ties = "SELECT conrelid::regclass::text, conname FROM pg_constraint WHERE contype IN ('c', 'u', 'f')"
    for owner, name in db.execute(sa.text(f"{ties} AND '{table}'::regclass IN (conrelid, confrelid)")).all():
        db.execute(sa.text(f"ALTER TABLE {owner} DROP CONSTRAINT {name}"))
    partial = f"SELECT indexname FROM pg_indexes WHERE tablename = '{table}' AND indexdef LIKE 'CREATE UNIQUE%WHERE%'"
    for name in db.execute(sa.text(partial)).scalars().all():
        db.execute(sa.text(f"DROP INDEX {name}"))


@dataclass(frozen=True)
class Harm:
    """Something done to a table behind the application's back, and the row the breach must name."""

    invariant: Invariant
    table: str
    statement: str
    row: str  # SQL for the key of the row at fault, asked before the harm
    named: str = ""  # its table where it is not the harmed one


def changes(table: str, change: str, which: str) -> tuple[str, str, str]:
    key = "appointment_id" if table == "completion_draft" else "id"
    return table, f"UPDATE {table} SET {change} WHERE {key} = ({which})", which


def copied(db: Session, table: str, row_id: int, **changed: object) -> int:
    """One more row like that one, under a new key."""
    made = SQLModel.metadata.tables[table]
    row = dict(db.execute(sa.select(made).where(made.c.id == row_id)).mappings().one())
    new_id = int(db.execute(sa.select(sa.func.max(made.c.id))).scalar_one()) + 1
    db.execute(made.insert().values(**{**row, **changed, "id": new_id}))
    return new_id


@pytest.fixture
def broken(books: Database) -> Iterator[Session]:
    """A session whose changes are never kept."""
    with books.engine.connect() as connection:
        _hold_foreign_keys(connection, "OFF")
        with Session(connection) as db:
            yield db
            db.rollback()
        _hold_foreign_keys(connection, "ON")


def _hold_foreign_keys(connection: sa.Connection, switch: str) -> None:
    if connection.dialect.name == "sqlite":  # only between two transactions
        connection.connection.driver_connection.execute(f"PRAGMA foreign_keys = {switch}")


def breaches(db: Session) -> list[Breach]:
    db.expire_all()
    return check(db, LATER)


def points_at(found: list[Breach], invariant: Invariant, table: str, row_id: int) -> bool:
    return any((b.invariant, b.table, b.row_id) == (invariant, table, row_id) for b in found)


TAXED = "SELECT min(id) FROM invoice WHERE number = 1"  # by link, discounted, taxed, paid online
BY_HAND = "SELECT min(id) FROM invoice WHERE number = 3"
CLAIM = "SELECT id FROM invoice WHERE payment_type = 'insurance'"
DRAFT = "SELECT id FROM invoice WHERE status = 'draft'"
VERY_LAST = "SELECT id FROM invoice WHERE number = 8"
ITS_LINE = f"SELECT min(id) FROM invoice_line WHERE invoice_id = ({TAXED})"
ITS_TAX = f"SELECT max(id) FROM invoice_tax WHERE invoice_id = ({TAXED})"
ITS_SESSION = f"SELECT appointment_id FROM invoice WHERE id = ({TAXED})"
OPEN_SESSION = (
    "SELECT appointment_id FROM completion_draft WHERE appointment_id NOT IN (SELECT appointment_id FROM invoice)"
)
KEPT = "SELECT id FROM kept_texts"
LINK = f"SELECT id FROM payment_request WHERE invoice_id = ({TAXED})"
OPEN_LINK = "SELECT id FROM payment_request WHERE state = 'active'"
ONLINE = "SELECT min(id) FROM payment WHERE provider <> 'manual'"
ITS_REFUND = f"SELECT id FROM refund WHERE payment_id = ({ONLINE})"
FIRST_REFUND = "SELECT min(id) FROM refund"
CREDIT = "SELECT min(id) FROM payment WHERE is_credit"
ITS_QUESTION = f"SELECT id FROM review_item WHERE payment_id = ({CREDIT})"
DISPUTE = "SELECT id FROM dispute"
ACCOUNT = "SELECT id FROM gateway_account WHERE disconnected_at IS NULL"
LEFT = "SELECT id FROM gateway_account WHERE disconnected_at IS NOT NULL"
CARD = "SELECT id FROM payment WHERE method = 'card_machine'"
RECEIPT = "SELECT max(id) FROM document WHERE kind = 'receipt' AND practice_id = (SELECT min(id) FROM practice)"
LETTER = "SELECT min(id) FROM mail"
LETTER_JOB = "SELECT min(id) FROM outbox WHERE kind = 'letter' AND done_at IS NOT NULL"
STRANGER = "SELECT max({}) FROM {}"

I = Invariant  # noqa: E741 - the table below reads better
HARMS = {
    **{
        f"{name} of an issued invoice is a cent off": Harm(I.TOTALS, *changes("invoice", f"{name} = {name} + 1", TAXED))
        for name in ("subtotal_minor", "net_minor", "tax_minor", "total_minor")
    },
    **{
        f"{name} of a line is a cent off": Harm(I.TOTALS, *changes("invoice_line", f"{name} = {name} + 1", ITS_LINE))
        for name in ("gross_minor", "discount_minor", "net_minor", "share_minor")
    },
    **{
        f"{name} is a cent off": Harm(I.TOTALS, *changes("invoice_tax", f"{name} = {name} + 1", ITS_TAX))
        for name in ("base_minor", "tax_minor")
    },
    "the invoice's discount is another one": Harm(
        I.TOTALS, *changes("invoice", "discount_minor = discount_minor + 1, total_minor = total_minor - 1", TAXED)
    ),
    "a line's quantity is another one": Harm(I.TOTALS, *changes("invoice_line", "quantity = 2000", ITS_LINE)),
    "a tax row is missing": Harm(
        I.TOTALS, "invoice_tax", f"DELETE FROM invoice_tax WHERE id = ({ITS_TAX})", TAXED, "invoice"
    ),
    "a Draft does not add up": Harm(I.TOTALS, *changes("invoice", "total_minor = 1", DRAFT)),
    "a document's PDF was exchanged": Harm(
        I.TOTALS, "document", f"UPDATE document SET pdf_sha256 = 'none' WHERE id = ({RECEIPT})", RECEIPT
    ),
    "a payment is in another currency": Harm(I.ONE_CURRENCY, *changes("payment", "currency = 'USD'", ONLINE)),
    "a link is in another currency": Harm(I.ONE_CURRENCY, *changes("payment_request", "currency = 'USD'", LINK)),
    "an invoice is in no currency": Harm(I.ONE_CURRENCY, *changes("invoice", "currency = 'XXX'", TAXED)),
    "a completed session has lost its Draft": Harm(
        I.COMPLETED, "invoice", "DELETE FROM invoice WHERE status = 'draft'",
        "SELECT appointment_id FROM invoice WHERE status = 'draft'", "appointment",
    ),
    "a completed session's only invoice is void": Harm(
        I.COMPLETED, "invoice", f"UPDATE invoice SET status = 'void' WHERE id = ({TAXED})", ITS_SESSION, "appointment"
    ),
    "a billed session is open again": Harm(
        I.COMPLETED, *changes("appointment", "state = 'scheduled', completed_at = NULL", ITS_SESSION)
    ),
    "a billed session counts as missed": Harm(I.COMPLETED, *changes("appointment", "state = 'missed'", ITS_SESSION)),
    "a session was completed before it was over": Harm(
        I.COMPLETED, *changes("appointment", "completed_at = starts_at", ITS_SESSION)
    ),
    "a session was completed at no known moment": Harm(
        I.COMPLETED, *changes("appointment", "completed_at = NULL", ITS_SESSION)
    ),
    "an open session has a moment of completion": Harm(
        I.COMPLETED, *changes("appointment", "completed_at = ends_at", OPEN_SESSION)
    ),
    "a Draft has a number": Harm(I.STATUS, *changes("invoice", "number = 7, number_text = 'KHA-0007'", DRAFT)),
    "a Draft has a date": Harm(I.STATUS, *changes("invoice", "issue_date = service_date", DRAFT)),
    "an issued invoice has no number": Harm(I.STATUS, *changes("invoice", "number = NULL", TAXED)),
    "an issued invoice has no date": Harm(I.STATUS, *changes("invoice", "issue_date = NULL", TAXED)),
    "an issued invoice has no document": Harm(
        I.STATUS, "document", f"DELETE FROM document WHERE invoice_id = ({CLAIM})", CLAIM, "invoice"
    ),
    "a number was left out": Harm(I.NUMBERS, *changes("invoice", "number = 10, number_text = 'KHA-0010'", VERY_LAST)),
    "two invoices have one number": Harm(
        I.NUMBERS, *changes("invoice", "number = 5, number_text = 'KHA-0005'", VERY_LAST)
    ),
    "a number is printed as another": Harm(I.NUMBERS, *changes("invoice", "number_text = 'KHA-0009'", VERY_LAST)),
    "the next number leaves a gap": Harm(
        I.NUMBERS, "number_series", "UPDATE number_series SET next_number = 9 WHERE series = 'receipt' AND practice_id"
        " = (SELECT min(id) FROM practice)", "SELECT min(id) FROM practice",
    ),
    "the next number was given already": Harm(
        I.NUMBERS, "number_series", "UPDATE number_series SET next_number = 6 WHERE series = 'invoice' AND practice_id"
        " = (SELECT min(id) FROM practice)", "SELECT min(id) FROM practice",
    ),
    "a receipt was left out": Harm(I.NUMBERS, *changes("document", "number_text = 'KHA-R0009'", RECEIPT)),
    "two receipts have one number": Harm(I.NUMBERS, *changes("document", "number_text = 'KHA-R0001'", RECEIPT)),
    "a receipt is in no series": Harm(I.NUMBERS, *changes("document", "number_text = 'KHA-0001'", RECEIPT)),
    "an invoice document has another number": Harm(
        I.NUMBERS,
        *changes("document", "number_text = 'KHA-0002'", f"SELECT id FROM document WHERE invoice_id = ({CLAIM})"),
    ),
    "a line is discounted by more than it costs": Harm(
        I.BALANCE, *changes("invoice_line", "discount_minor = gross_minor + 1", ITS_LINE)
    ),
    "a line's discount is negative": Harm(I.BALANCE, *changes("invoice_line", "discount_minor = -1", ITS_LINE)),
    "a line's share is more than the line": Harm(
        I.BALANCE, *changes("invoice_line", "share_minor = net_minor + 1", ITS_LINE)
    ),
    "an invoice is discounted by more than it costs": Harm(
        I.BALANCE, *changes("invoice", "discount_minor = subtotal_minor + 1", TAXED)
    ),
    "an invoice's discount is negative": Harm(I.BALANCE, *changes("invoice", "discount_minor = -1", TAXED)),
    "more was taken by hand than was due": Harm(
        I.BALANCE, "payment", f"UPDATE payment SET amount_minor = 900000 WHERE invoice_id = ({BY_HAND})",
        BY_HAND, "invoice",
    ),
    "money counts for a void invoice": Harm(
        I.BALANCE, "invoice", f"UPDATE invoice SET status = 'void' WHERE id = ({TAXED})", ONLINE, "payment"
    ),
    "money was taken for a Draft": Harm(I.BALANCE, *changes("payment", f"invoice_id = ({DRAFT})", CARD)),
    "more was given back than was received": Harm(
        I.BALANCE, "refund", "UPDATE refund SET amount_minor = 9000000", CARD, "payment"
    ),
    "a refund is in another currency": Harm(
        I.ONE_CURRENCY, *changes("refund", "currency = 'USD'", FIRST_REFUND)
    ),
    "a refund is of another invoice's payment": Harm(
        I.ONE_PRACTICE, *changes("refund", f"invoice_id = ({TAXED})", FIRST_REFUND)
    ),
    "an online payment has no paid request": Harm(
        I.PAID_ONLINE, "payment_request", f"UPDATE payment_request SET state = 'closed' WHERE id = ({LINK})",
        ONLINE, "payment",
    ),
    "an online payment has no request at all": Harm(
        I.PAID_ONLINE, *changes("payment", "request_id = NULL", ONLINE)
    ),
    "an online payment is another amount than was asked for": Harm(
        I.PAID_ONLINE, *changes("payment", "amount_minor = amount_minor - 1", ONLINE)
    ),
    "a request is paid without a payment": Harm(
        I.PAID_ONLINE, "payment", f"UPDATE payment SET state = 'failed' WHERE id = ({ONLINE})", LINK, "payment_request"
    ),
    "money went back that never came": Harm(
        I.GIVEN_BACK, "payment", f"UPDATE payment SET state = 'failed' WHERE id = ({ONLINE})", ITS_REFUND, "refund"
    ),
    "a refund is another gateway's": Harm(I.GIVEN_BACK, *changes("refund", "provider = 'stripe'", FIRST_REFUND)),
    "a refund has no key": Harm(I.GIVEN_BACK, *changes("refund", "refund_uuid = ''", ITS_REFUND)),
    "a refund went back without a name": Harm(I.GIVEN_BACK, *changes("refund", "provider_refund_id = ''", ITS_REFUND)),
    "no job asks the gateway for a refund": Harm(I.GIVEN_BACK, *changes("refund", "state = 'wanted'", FIRST_REFUND)),
    "a dispute is in another currency": Harm(I.GIVEN_BACK, *changes("dispute", "currency = 'USD'", DISPUTE)),
    "a dispute is about more than came": Harm(I.GIVEN_BACK, *changes("dispute", "amount_minor = 9000000", DISPUTE)),
    "nobody was asked about a credit": Harm(
        I.REVIEW, "review_item", f"DELETE FROM review_item WHERE payment_id = ({CREDIT})", CREDIT, "payment"
    ),
    "a decision has no moment": Harm(
        I.REVIEW, *changes("review_item", "state = 'resolved', decision = 'ignore'", ITS_QUESTION)
    ),
    "an open question has a decision": Harm(I.REVIEW, *changes("review_item", "decision = 'ignore'", ITS_QUESTION)),
    "a credit was to be counted and is not": Harm(
        I.REVIEW,
        *changes("review_item", "state = 'resolved', decision = 'apply', resolved_at = created_at", ITS_QUESTION),
    ),
    "a credit was to be given back and nothing was asked for": Harm(
        I.REVIEW,
        *changes("review_item", "state = 'resolved', decision = 'refund', resolved_at = created_at", ITS_QUESTION),
    ),
    "a question is about a credit that counts already": Harm(
        I.REVIEW, "payment", f"UPDATE payment SET is_credit = (1 = 0) WHERE id = ({CREDIT})",
        ITS_QUESTION, "review_item",
    ),
    "nobody was asked to answer a dispute": Harm(
        I.REVIEW, "review_item", "DELETE FROM review_item WHERE kind = 'dispute'", DISPUTE, "dispute"
    ),
    "a dispute is another gateway's": Harm(I.GIVEN_BACK, *changes("dispute", "provider = 'stripe'", DISPUTE)),
    "a dispute is about money that never came": Harm(
        I.GIVEN_BACK, "payment", "UPDATE payment SET state = 'failed' WHERE id IN (SELECT payment_id FROM dispute)",
        DISPUTE, "dispute",
    ),
    "somebody is asked to answer a decided dispute": Harm(I.REVIEW, *changes("dispute", "state = 'lost'", DISPUTE)),
    "a link is closed on nobody's word": Harm(
        I.REVIEW,
        *changes("payment_request", f"state = 'closed', closed_reason = '{Reason.SWITCHED_OFF}'", OPEN_LINK),
    ),
    "somebody is asked about a link that is closed": Harm(
        I.REVIEW, *changes("payment_request", "state = 'closed'", OPEN_LINK)
    ),
    "a refund waits for a gateway that does not know its payment": Harm(
        I.GIVEN_BACK,
        *changes("refund", "unknown_to = 'none', state = 'wanted', provider_refund_id = ''", FIRST_REFUND),
    ),
    "a refund that was taken back still counts": Harm(
        I.GIVEN_BACK,
        *changes("refund", "taken_back_at = created_at, taken_back_by = requested_by", FIRST_REFUND),
    ),
    "nobody took back the refund that was taken back": Harm(
        I.GIVEN_BACK, *changes("refund", "taken_back_at = created_at, state = 'failed'", FIRST_REFUND)
    ),
    "a refund is not counted, and nobody was asked": Harm(
        I.REVIEW, *changes("refund", "is_counted = false", FIRST_REFUND)
    ),
    "a refund is counted, and still asked about": Harm(
        I.REVIEW,
        "review_item",
        "UPDATE review_item SET key = 'refund_unclear/'"
        f" || (SELECT refund_uuid FROM refund WHERE id = ({FIRST_REFUND})) WHERE id = ({ITS_QUESTION})",
        FIRST_REFUND,
        "refund",
    ),
    "a fee is more than the payment": Harm(I.BALANCE, *changes("payment", "fee_minor = amount_minor + 1", ONLINE)),
    "a fee is below nothing": Harm(I.BALANCE, *changes("payment", "fee_minor = -1", ONLINE)),
    "cash was taken for a fee": Harm(I.BALANCE, *changes("payment", "fee_minor = 1", CARD)),
    "an account has no key": Harm(I.GATEWAY_ACCOUNT, *changes("gateway_account", "key_encrypted = ''", ACCOUNT)),
    "an account's key can be read by anybody": Harm(
        I.GATEWAY_ACCOUNT, *changes("gateway_account", "key_encrypted = 'rk_test_0123456789abcdef'", ACCOUNT)
    ),
    "an account's events arrive nowhere": Harm(
        I.GATEWAY_ACCOUNT, *changes("gateway_account", "endpoint_public_id = 'x'", ACCOUNT)
    ),
    "an account's events arrive at another gateway's address": Harm(
        I.GATEWAY_ACCOUNT, *changes("gateway_account", "provider = 'paystack'", ACCOUNT)
    ),
    "an account's events can be signed by anybody who reads the table": Harm(
        I.GATEWAY_ACCOUNT, "webhook_endpoint", "UPDATE webhook_endpoint SET secret = 'whsec_1' WHERE secret <> ''"
        " AND practice_id IS NOT NULL", ACCOUNT, "gateway_account",
    ),
    "a replaced secret is good for ever": Harm(
        I.GATEWAY_ACCOUNT, "webhook_endpoint", "UPDATE webhook_endpoint SET earlier_secret = 'sealed',"
        " earlier_until = NULL WHERE public_id ="
        f" (SELECT endpoint_public_id FROM gateway_account WHERE id = ({ACCOUNT}))", ACCOUNT, "gateway_account",
    ),
    "events of an account that was left are believed": Harm(
        I.GATEWAY_ACCOUNT, "webhook_endpoint", "UPDATE webhook_endpoint SET earlier_secret = 'sealed' WHERE public_id ="
        f" (SELECT endpoint_public_id FROM gateway_account WHERE id = ({LEFT}))", LEFT, "gateway_account",
    ),
    "the key of an account that was left is kept": Harm(
        I.GATEWAY_ACCOUNT, *changes("gateway_account", "key_encrypted = 'sealed'", LEFT)
    ),
    "two accounts are connected": Harm(
        I.GATEWAY_ACCOUNT, "gateway_account", "UPDATE gateway_account SET disconnected_at = NULL, key_encrypted = 'x'",
        ACCOUNT,
    ),
    "a Draft can be paid by link": Harm(
        I.ONE_LINK, "payment_request", f"UPDATE payment_request SET invoice_id = ({DRAFT}) WHERE id = ({OPEN_LINK})",
        DRAFT, "invoice",
    ),
    "a link is being closed by nobody": Harm(I.ONE_LINK, *changes("payment_request", "state = 'closing'", OPEN_LINK)),
    "a withdrawn invoice can be paid": Harm(
        I.ONE_LINK, "invoice", f"UPDATE invoice SET status = 'void' WHERE id IN (SELECT invoice_id FROM payment_request"
        f" WHERE id = ({OPEN_LINK}))", OPEN_LINK, "payment_request",
    ),
    "a link was asked for without a key": Harm(I.LINK_KEY, *changes("payment_request", "request_uuid = ''", LINK)),
    "an open link leads nowhere": Harm(I.LINK_KEY, *changes("payment_request", "url = ''", OPEN_LINK)),
    "a job is both done and stopped": Harm(I.OUTBOX, *changes("outbox", "dead_at = done_at", LETTER_JOB)),
    "a done job is still held": Harm(I.OUTBOX, *changes("outbox", "lease_token = 'x'", LETTER_JOB)),
    "a worker never came back to a job": Harm(
        I.OUTBOX, *changes("outbox", "done_at = NULL, lease_token = 'x', leased_until = created_at", LETTER_JOB)
    ),
    "a job's wish cannot be read": Harm(I.OUTBOX, *changes("outbox", "payload = '{'", LETTER_JOB)),
    "a letter has no Message-ID": Harm(I.MAIL, *changes("mail", "message_id = ''", LETTER)),
    "a letter that went out has no time": Harm(I.MAIL, *changes("mail", "sent_at = NULL", LETTER)),
    "a done job's letter was never written": Harm(
        I.MAIL, "mail", f"DELETE FROM mail WHERE key = (SELECT key FROM outbox WHERE id = ({LETTER_JOB}))",
        LETTER_JOB, "outbox",
    ),
    "an insurer's invoice can be paid by link": Harm(
        I.INSURER, *changes("payment_request", f"invoice_id = ({CLAIM})", LINK)
    ),
    "a claim is given out as a client's invoice": Harm(
        I.INSURER, *changes("document", "kind = 'invoice'", f"SELECT id FROM document WHERE invoice_id = ({CLAIM})")
    ),
    **{
        f"a row of {table} leads to another practice's {other}": Harm(
            I.ONE_PRACTICE, *changes(table, f"{key} = ({STRANGER.format('id', other)})", which)
        )
        for table, key, other, which in (
            ("invoice", "client_id", "client", TAXED),
            ("invoice", "created_by", "member", TAXED),
            ("invoice", "appointment_id", "appointment", VERY_LAST),
            ("appointment", "client_id", "client", ITS_SESSION),
            ("appointment", "service_id", "care_service", ITS_SESSION),
            ("appointment", "practitioner_id", "member", ITS_SESSION),
            ("invoice_line", "invoice_id", "invoice", ITS_LINE),
            ("payment", "invoice_id", "invoice", ONLINE),
            ("payment_request", "invoice_id", "invoice", OPEN_LINK),
            ("document", "invoice_id", "invoice", RECEIPT),
            ("mail", "document_id", "document", LETTER),
            ("outbox", "invoice_id", "invoice", LETTER_JOB),
            ("timeline_entry", "invoice_id", "invoice", "SELECT min(id) FROM timeline_entry"),
            ("client", "scheme_id", "scheme", "SELECT min(id) FROM client"),
            ("completion_draft", "saved_by", "member", OPEN_SESSION),
            ("kept_texts", "appointment_id", "appointment", KEPT),
            ("kept_texts", "member_id", "member", KEPT),
        )
    },
    "a letter carries another invoice's document": Harm(
        I.ONE_PRACTICE, *changes("mail", f"document_id = ({RECEIPT})", LETTER)
    ),
    "a job mails another practice's document": Harm(
        I.ONE_PRACTICE, *changes("outbox", "payload = '{\"document_id\": 999}'", LETTER_JOB)
    ),
    "an issued invoice has no timeline": Harm(
        I.TIMELINE, "timeline_entry", f"DELETE FROM timeline_entry WHERE invoice_id = ({TAXED})", TAXED, "invoice"
    ),
    "a billed session still has a working copy": Harm(
        I.WORKING_COPY, *changes("completion_draft", f"appointment_id = ({ITS_SESSION})", OPEN_SESSION)[:2], ITS_SESSION
    ),
    "a working copy cannot be read": Harm(
        I.WORKING_COPY, *changes("completion_draft", "form = '{\"lines\": 1}'", OPEN_SESSION)
    ),
    "what is kept for its writer cannot be read": Harm(I.WORKING_COPY, *changes("kept_texts", "cells = '{'", KEPT)),
}  # fmt: skip


def test_sound_books_of_every_payment_type_have_no_breach(books):
    with books.act(writes=False) as (db, _):
        assert check(db, LATER) == []
        kinds = set(db.exec(select(Invoice.payment_type, Invoice.status)))
    assert kinds == {
        ("online", "draft"), ("online", "issued"), ("other", "issued"), ("insurance", "issued"),
    }  # fmt: skip


@pytest.mark.parametrize("name", HARMS)
def test_each_wrong_thing_is_found_at_its_row(broken, name):
    harm = HARMS[name]
    row_id = broken.execute(sa.text(harm.row)).scalar_one()
    loosened(broken, harm.table)
    broken.execute(sa.text(harm.statement))
    found = breaches(broken)
    assert points_at(found, harm.invariant, harm.named or harm.table, row_id), found


def test_a_single_letter_changed_in_a_given_out_document_is_found(broken):
    loosened(broken, "document")
    broken.execute(sa.text("UPDATE document SET content = replace(content, 'Mokoena', 'Mokoana') WHERE id = 1"))
    assert [(b.invariant, b.row_id) for b in breaches(broken)] == [(I.TOTALS, 1)]


@pytest.mark.parametrize("field", ["total", "subtotal", "discount", "number", "currency", "mode", "due", "paid"])
def test_a_document_that_prints_another_figure_is_found_even_with_a_new_fingerprint(broken, field):
    rewritten(broken, lambda content: content.update({field: 1 if isinstance(content.get(field, 0), int) else "X"}))
    assert any(b.sentence == f"It prints another {field} than is stored." for b in breaches(broken))


@pytest.mark.parametrize(("part", "words"), [("lines", "line amounts"), ("taxes", "taxes")])
def test_a_document_that_prints_other_parts_is_found(broken, part, words):
    rewritten(broken, lambda content: content.update({part: content[part][:-1]}))
    assert [b.sentence for b in breaches(broken)] == [f"It prints other {words} than are stored."]


def test_a_claim_that_asks_to_pay_online_is_found(broken):
    claim = broken.execute(sa.text(f"SELECT id FROM document WHERE invoice_id = ({CLAIM})")).scalar_one()
    rewritten(broken, lambda content: content.update(pay_url="http://localhost/pay/x"), claim)
    assert points_at(breaches(broken), I.INSURER, "document", claim)


def test_a_document_with_another_invoices_link_is_found(broken):
    rewritten(broken, lambda content: content.update(pay_url="http://localhost:3000/pay/of-somebody-else"))
    assert points_at(breaches(broken), I.ONE_PRACTICE, "document", 1)


def rewritten(db: Session, change, document_id: int = 1) -> None:
    loosened(db, "document")
    which = {"id": document_id}
    content = json.loads(db.execute(sa.text("SELECT content FROM document WHERE id = :id"), which).scalar_one())
    change(content)
    text = json.dumps(content, sort_keys=True, separators=(",", ":"))
    given = {**which, "content": text, "fingerprint": hashlib.sha256(text.encode()).hexdigest()}
    db.execute(sa.text("UPDATE document SET content = :content, fingerprint = :fingerprint WHERE id = :id"), given)


def test_a_printed_file_with_one_byte_flipped_is_found(broken):
    loosened(broken, "document")
    pdf = broken.execute(sa.text("SELECT pdf FROM document WHERE id = 1")).scalar_one()
    flipped = bytes([pdf[0] ^ 1]) + pdf[1:]
    broken.execute(sa.text("UPDATE document SET pdf = :pdf WHERE id = 1"), {"pdf": flipped})
    assert [(b.invariant, b.table, b.row_id) for b in breaches(broken)] == [(I.TOTALS, "document", 1)]


@pytest.mark.parametrize(
    ("table", "which", "changed", "invariant"),
    [
        ("mail", LETTER, {"message_id": "another"}, I.MAIL),
        ("mail", LETTER, {"key": "another"}, I.MAIL),
        ("outbox", LETTER_JOB, {}, I.OUTBOX),
        ("payment_request", LINK, {"provider_ref": "another", "state": "closed"}, I.LINK_KEY),
    ],
)
def test_a_row_that_stands_there_twice_is_found(broken, table, which, changed, invariant):
    row_id = broken.execute(sa.text(which)).scalar_one()
    loosened(broken, table)
    second = copied(broken, table, row_id, **changed)
    assert points_at(breaches(broken), invariant, table, second)


def test_a_second_live_link_is_found(broken):
    loosened(broken, "payment_request")
    link = broken.execute(sa.text(OPEN_LINK)).scalar_one()
    copied(broken, "payment_request", link, request_uuid=str(uuid.uuid4()), provider_ref="another")
    assert [b.invariant for b in breaches(broken)] == [I.ONE_LINK]


def test_a_second_live_invoice_of_one_session_is_found(broken):
    session = broken.execute(sa.text(f"SELECT appointment_id FROM invoice WHERE id = ({DRAFT})")).scalar_one()
    draft = broken.execute(sa.text(DRAFT)).scalar_one()
    loosened(broken, "invoice")
    copied(broken, "invoice", draft, pay_token="another")
    assert points_at(breaches(broken), I.COMPLETED, "appointment", session)


def test_half_a_cent_is_found_where_the_database_would_keep_it(broken, books):
    if books.kind != "sqlite":
        pytest.skip("PostgreSQL's columns hold nothing but whole numbers")
    invoice = broken.execute(sa.text(TAXED)).scalar_one()
    for table, column in (("invoice", "discount_minor"), ("invoice_line", "unit_price"), ("payment", "amount_minor")):
        loosened(broken, table)
        broken.execute(sa.text(f"UPDATE {table} SET {column} = {column} + 0.5"))
    found = [b for b in breaches(broken) if b.invariant == I.WHOLE_NUMBERS]
    assert {b.table for b in found} == {"invoice", "invoice_line", "payment"}
    assert points_at(found, I.WHOLE_NUMBERS, "invoice", invoice)


def test_what_counts_beyond_the_total_is_a_breach_until_somebody_is_asked(broken):
    loosened(broken, "payment")
    online, invoice = (broken.execute(sa.text(which)).scalar_one() for which in (ONLINE, TAXED))
    total = broken.execute(sa.text(f"SELECT total_minor FROM invoice WHERE id = ({TAXED})")).scalar_one()
    by_hand = {"provider": "manual", "provider_payment_id": "m", "method": "cash", "request_id": None}
    copied(broken, "payment", online, amount_minor=total, **by_hand)
    found = breaches(broken)
    assert (len(found), points_at(found, I.BALANCE, "invoice", invoice)) == (1, True)
    question = broken.execute(sa.text(ITS_QUESTION)).scalar_one()
    about = {"kind": "overpaid", "key": f"overpaid/{online}", "invoice_id": invoice, "payment_id": online}
    copied(broken, "review_item", question, **about)
    assert breaches(broken) == []


def test_the_demo_practice_is_sound(database):
    with database.act() as (db, desk):
        demo.seed_into(db, desk, lambda password: "!")
    a_worker(database).run_once()
    with database.act(writes=False) as (db, _):
        assert check(db, database.clock.now()) == []


def test_the_command_says_so_in_words_or_json_and_by_its_exit_code(database, monkeypatch):
    with database.act() as (db, _):
        client = a.a_client(db, a.a_practice(db))
    monkeypatch.setattr("trova_app.wiring.unit_of_work", lambda writes: database.act(writes=writes))
    sound = CliRunner().invoke(app, ["check"])
    with database.act() as (db, _):
        db.add(NumberSeries(practice_id=client.practice_id, series="invoice", next_number=3))
    words, as_json = CliRunner().invoke(app, ["check"]), CliRunner().invoke(app, ["check", "--json"])
    assert (sound.exit_code, sound.output) == (0, "The books are sound.\n")
    assert words.exit_code == 1
    assert "The next invoice number is 3, the last one given 0." in words.output
    assert as_json.exit_code == 1
    first, last = [json.loads(line) for line in as_json.output.splitlines()]
    assert (first["invariant"], first["table"], first["row_id"]) == ("numbers", "number_series", client.practice_id)
    assert last == {"breaches": 1}


def test_a_dispute_that_is_heard_of_before_its_payment_has_arrived_is_no_breach(broken):
    loosened(broken, "payment")
    broken.execute(sa.text("UPDATE payment SET state = 'pending' WHERE id IN (SELECT payment_id FROM dispute)"))
    assert broken.execute(sa.text(DISPUTE)).all()
    assert [b for b in breaches(broken) if b.table == "dispute"] == []


def test_what_was_given_back_may_be_taken_again(broken):
    loosened(broken, "payment")
    card = broken.execute(sa.text(CARD)).scalar_one()
    copied(broken, "payment", card, amount_minor=50_00, provider_payment_id="again")
    assert breaches(broken) == []
    copied(broken, "payment", card, amount_minor=1, provider_payment_id="once more")
    assert [b.invariant for b in breaches(broken)] == [I.BALANCE]


def test_no_sentence_names_a_person_or_a_diagnosis(broken):
    loosened(broken, "document")
    broken.execute(sa.text("UPDATE document SET content = replace(content, '1', '2')"))
    text = " ".join(b.sentence for b in breaches(broken))
    assert text
    assert not any(word in text for word in ("Mokoena", "Thandi", "F41.1", "anxiety"))


def test_every_rule_has_been_seen_to_fail():
    assert {harm.invariant for harm in HARMS.values()} | {I.WHOLE_NUMBERS} == set(Invariant)
    assert len(RULES) == 9


def test_a_database_that_is_not_up_to_date_is_said_to_be_so(database, monkeypatch):
    monkeypatch.setattr("trova_app.wiring.unit_of_work", lambda writes: database.act(writes=writes))
    step_back(database.engine)
    said = CliRunner().invoke(app, ["check"])
    assert (said.exit_code, said.stdout) == (1, "")
    assert "trova migrate" in said.stderr and "Traceback" not in said.stderr
