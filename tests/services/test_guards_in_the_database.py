"""What the database itself refuses, on both kinds, whatever the code above it does."""

from datetime import date

import pytest
import sqlalchemy as sa

from tests import builders as a
from tests.conftest import NOON
from trova_app.migrate import is_current, migrate, step_back
from trova_app.models import Document, Invoice, InvoiceLine, TimelineEntry


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
        "DELETE FROM document",
        "UPDATE timeline_entry SET who = 'B'",
        "DELETE FROM timeline_entry",
    ],
)
def test_an_issued_document_cannot_be_changed_by_any_statement(database, issued, statement):
    with pytest.raises(sa.exc.DBAPIError, match="cannot change|only grows"), database.act() as (db, _desk):
        db.connection().exec_driver_sql(statement)


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
    step_back(database.engine)
    assert not sa.inspect(database.engine).has_table("invoice")
    assert migrate(database.engine)
    assert is_current(database.engine)
    assert not migrate(database.engine)


def test_the_tables_are_those_of_the_models(database):
    from alembic.autogenerate import compare_metadata
    from alembic.runtime.migration import MigrationContext
    from sqlmodel import SQLModel

    with database.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), SQLModel.metadata) == []
