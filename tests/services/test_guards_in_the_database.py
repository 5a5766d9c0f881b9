"""What the database itself refuses, on both kinds, whatever the code above it does."""

from datetime import date

import pytest
import sqlalchemy as sa

from tests import builders as a
from tests.conftest import NOON
from trova_app.migrate import is_current, migrate, step_back
from trova_app.models import Document, Invoice, InvoiceDiagnosis, InvoiceLine, InvoiceTax, Payment, TimelineEntry


@pytest.fixture
def issued(database) -> int:
    with database.act() as (db, _desk):
        practice = a.a_practice(db)
        member = a.a_member(db, practice)
        client = a.a_client(db, practice)
        appointment = a.an_appointment(db, client, a.a_service(db, practice), member)
        invoice = Invoice(
            practice_id=practice.id, appointment_id=appointment.id, client_id=client.id, payment_type="other",
            currency="ZAR", mode="test", service_date=date(2026, 3, 18), prices_include_tax=True, total_minor=125000,
            pay_token="t", created_at=NOON, created_by=member.id,
        )  # fmt: skip
        db.add(invoice)
        db.flush()
        line = {"practice_id": practice.id, "service_date": date(2026, 3, 18), "quantity": 1000, "unit_price": 12500000}
        db.add(InvoiceLine(invoice_id=invoice.id, position=1, **line))
        db.add(Document(practice_id=practice.id, invoice_id=invoice.id, kind="invoice", content="{}", created_at=NOON))
        db.add(TimelineEntry(practice_id=practice.id, invoice_id=invoice.id, happened_at=NOON, who="A", what="made"))
        db.flush()
        invoice.status, invoice.number, invoice.number_text = "issued", 1, "KHA-0001"
        db.add(invoice)
    assert invoice.id is not None
    return invoice.id


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE invoice SET total_minor = 1",
        "UPDATE invoice SET number = 2",
        "UPDATE invoice SET client_id = client_id + 1",
        "UPDATE invoice SET status = 'draft', number = NULL",
        "DELETE FROM invoice",
        "UPDATE invoice_line SET net_minor = 1",
        "DELETE FROM invoice_line",
        "INSERT INTO invoice_line (practice_id, invoice_id, position, service_date, code, description, quantity,"
        " unit_price, gross_minor, discount_minor, discount_rate, net_minor, share_minor, tax_rate, icd_codes)"
        " SELECT practice_id, invoice_id, 2, service_date, code, description, quantity, unit_price,"
        " gross_minor, discount_minor, discount_rate, net_minor, share_minor, tax_rate, icd_codes FROM invoice_line",
        "UPDATE document SET content = '{\"total\": 1}'",
        *(
            f"UPDATE document SET {column} = {other}"
            for column, other in {
                "id": "id + 100",
                "practice_id": "practice_id + 1",
                "invoice_id": "invoice_id + 1",
                "kind": "'receipt'",
                "position": "2",
                "number_text": "'KHA-0002'",
                "fingerprint": "'f'",
                "created_at": "'2026-03-19 10:00:00'",
            }.items()
        ),
        "DELETE FROM document",
        "UPDATE timeline_entry SET who = 'B'",
        "DELETE FROM timeline_entry",
    ],
)
def test_an_issued_document_cannot_be_changed_by_any_statement(database, issued, statement):
    with pytest.raises(sa.exc.DBAPIError, match="cannot change|only grows"), database.act() as (db, _desk):
        db.connection().exec_driver_sql(statement)


@pytest.fixture
def draft(database, issued) -> int:
    """A Draft with one line, one tax and one diagnosis."""
    with database.act() as (db, _desk):
        first = db.get_one(Invoice, issued)
        columns = first.model_dump(exclude={"id", "number", "appointment_id"})
        invoice = Invoice(**columns | {"status": "draft", "number_text": "", "pay_token": "u"})
        db.add(invoice)
        db.flush()
        part = {"practice_id": first.practice_id, "invoice_id": invoice.id}
        line = {"service_date": date(2026, 3, 18), "quantity": 1000, "unit_price": 12500000}
        db.add(InvoiceLine(**part, position=7, **line))
        db.add(InvoiceTax(**part, rate=15000))
        db.add(InvoiceDiagnosis(**part, position=7, code="F41.1"))
    assert invoice.id is not None
    return invoice.id


@pytest.mark.parametrize("table", ["invoice_line", "invoice_tax", "invoice_diagnosis"])
def test_nothing_is_slipped_into_an_issued_document_from_a_draft(database, issued, draft, table):
    with pytest.raises(sa.exc.DBAPIError, match="cannot change"), database.act() as (db, _desk):
        moved = f"UPDATE {table} SET invoice_id = {issued} WHERE invoice_id = {draft}"
        db.connection().exec_driver_sql(moved)


def test_a_draft_may_still_be_changed_and_thrown_away(database, draft):
    with database.act() as (db, _desk):
        db.connection().exec_driver_sql(f"UPDATE invoice_line SET net_minor = 1 WHERE invoice_id = {draft}")
        for table in ("invoice_line", "invoice_tax", "invoice_diagnosis"):
            db.connection().exec_driver_sql(f"DELETE FROM {table} WHERE invoice_id = {draft}")


def test_the_pdf_of_a_document_is_kept_once(database, issued):
    with database.act() as (db, _desk):
        db.connection().execute(sa.update(Document).values(pdf=b"%PDF-1", pdf_sha256="a"))
    for other in ({"pdf": b"%PDF-2"}, {"pdf_sha256": "b"}, {"pdf": None}):
        with pytest.raises(sa.exc.DBAPIError, match="cannot change"), database.act() as (db, _desk):
            db.connection().execute(sa.update(Document).values(**other))


def a_payment(database, invoice_id: int, **given) -> int:
    with database.act() as (db, _desk):
        columns = {"practice_id": db.get_one(Invoice, invoice_id).practice_id, "invoice_id": invoice_id}
        columns |= {"provider_payment_id": "p1", "amount_minor": 125000, "currency": "ZAR", "method": "cash"}
        payment = Payment(**columns | {"received_on": date(2026, 3, 18), "created_at": NOON} | given)
        db.add(payment)
        db.flush()
        assert payment.id is not None
        return payment.id


def change_payment(database, **values) -> None:
    with database.act() as (db, _desk):
        db.connection().execute(sa.update(Payment).values(**values))


@pytest.mark.parametrize(
    "values",
    [
        {"amount_minor": 1},
        {"currency": "USD"},
        {"method": "online"},
        {"reference": "another"},
        {"provider": "stripe"},
        {"provider_payment_id": "p2"},
        {"received_on": date(2026, 3, 17)},
        {"created_at": NOON.replace(year=2025)},
        {"recorded_by": 1},
        {"request_id": 1},
        {"invoice_id": None},
        {"state": "pending"},
        {"state": "failed"},
    ],
)
def test_money_that_was_received_cannot_be_rewritten(database, issued, values):
    a_payment(database, issued)
    with pytest.raises(sa.exc.DBAPIError, match="cannot change"):
        change_payment(database, **values)


@pytest.mark.parametrize("state", ["pending", "failed", "succeeded"])
def test_a_payment_is_never_deleted(database, issued, state):
    a_payment(database, issued, state=state)
    with pytest.raises(sa.exc.DBAPIError, match="cannot change"), database.act() as (db, _desk):
        db.connection().exec_driver_sql("DELETE FROM payment")


@pytest.mark.parametrize(
    ("before", "after"), [("pending", "succeeded"), ("pending", "failed"), ("failed", "succeeded")]
)
def test_a_payment_moves_up_with_the_day_it_came(database, issued, before, after):
    a_payment(database, issued, state=before)
    change_payment(database, state=after, received_on=date(2026, 3, 20))


def test_a_failed_payment_does_not_become_pending_again(database, issued):
    a_payment(database, issued, state="failed")
    with pytest.raises(sa.exc.DBAPIError, match="cannot change"):
        change_payment(database, state="pending")


def test_only_a_credit_goes_to_another_invoice(database, issued, draft):
    a_payment(database, issued)
    with pytest.raises(sa.exc.DBAPIError, match="cannot change"):
        change_payment(database, invoice_id=draft)
    change_payment(database, is_credit=True)
    change_payment(database, is_credit=False, invoice_id=draft)
    change_payment(database, fee_minor=350)
    with pytest.raises(sa.exc.DBAPIError, match="cannot change"):
        change_payment(database, invoice_id=issued)


def test_voiding_is_the_only_way_on_and_there_is_no_way_back(database, issued):
    with database.act() as (db, _desk):
        db.connection().exec_driver_sql("UPDATE invoice SET status = 'void', void_reason = 'wrong client'")
    with pytest.raises(sa.exc.DBAPIError), database.act() as (db, _desk):
        db.connection().exec_driver_sql("UPDATE invoice SET status = 'issued'")


def test_one_appointment_has_one_live_invoice(database, issued):
    with pytest.raises(sa.exc.IntegrityError), database.act() as (db, _desk):
        db.connection().exec_driver_sql(
            "INSERT INTO invoice (practice_id, appointment_id, client_id, payment_type, status, number_text, currency,"
            " mode, service_name, service_date, prices_include_tax, rounding, subtotal_minor, discount_minor,"
            " net_minor, tax_minor, total_minor, pay_token, void_reason, version, created_at, created_by)"
            " SELECT practice_id, appointment_id, client_id, payment_type, 'draft', '', currency, mode, service_name,"
            " service_date, prices_include_tax, rounding, 0, 0, 0, 0, 0, 'u', '', 1, created_at, created_by"
            " FROM invoice"
        )


def test_the_tables_go_up_down_and_up_again_with_data_in_them(database, issued):
    a_payment(database, issued)
    step_back(database.engine)
    assert not sa.inspect(database.engine).has_table("invoice")
    assert migrate(database.engine)
    assert is_current(database.engine)
    assert not migrate(database.engine)


def test_one_step_down_and_up_keeps_every_guard(database, issued, draft):
    a_payment(database, issued)
    step_back(database.engine, to="0004")
    change_payment(database, reference="only the older guards stand")
    with pytest.raises(sa.exc.DBAPIError, match="cannot change"), database.act() as (db, _desk):
        db.connection().exec_driver_sql(f"UPDATE invoice_line SET net_minor = 1 WHERE invoice_id = {issued}")
    with pytest.raises(sa.exc.DBAPIError, match="cannot change"), database.act() as (db, _desk):
        db.connection().exec_driver_sql("UPDATE document SET fingerprint = 'f'")
    assert migrate(database.engine)
    with pytest.raises(sa.exc.DBAPIError, match="cannot change"):
        change_payment(database, reference="another")


def test_the_tables_are_those_of_the_models(database):
    from alembic.autogenerate import compare_metadata
    from alembic.runtime.migration import MigrationContext
    from sqlmodel import SQLModel

    with database.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), SQLModel.metadata) == []
