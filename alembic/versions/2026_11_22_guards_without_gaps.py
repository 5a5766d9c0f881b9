"""guards without gaps: parts by old and new invoice, documents whole, payments kept"""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

PARTS = ("invoice_line", "invoice_tax", "invoice_diagnosis")
ISSUED = "issued documents cannot change"
RECEIVED = "a payment that was recorded cannot change"

# The PDF follows once, after the document was given out; until now only these of the other columns were guarded.
GUARDED_SO_FAR = ("content", "fingerprint", "invoice_id")
DOCUMENT = (
    "id", "practice_id", "invoice_id", "kind", "position", "number_text", "content", "fingerprint", "created_at",
)  # fmt: skip

# What still moves on a payment: its state goes up, with the day it came; its fee becomes known; it becomes a credit or
# stops being one, and only as a credit does it go to another invoice.
PAYMENT = (
    "id", "practice_id", "request_id", "provider", "provider_payment_id", "amount_minor", "currency", "method",
    "reference", "recorded_by", "created_at",
)  # fmt: skip
STATE_GOES_UP = (
    "(OLD.state = NEW.state OR OLD.state = 'pending' AND NEW.state IN ('succeeded', 'failed') "
    "OR OLD.state = 'failed' AND NEW.state = 'succeeded')"
)


def upgrade() -> None:
    for statement in sqlite_up() if is_sqlite() else postgres_up():
        op.execute(statement)


def downgrade() -> None:
    for statement in sqlite_down() if is_sqlite() else postgres_down():
        op.execute(statement)


def is_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"


def _changed(columns: tuple[str, ...], differs: str) -> str:
    return " OR ".join(f"OLD.{column} {differs} NEW.{column}" for column in columns)


def _is_issued(row: str) -> str:
    return f"(SELECT status FROM invoice WHERE id = {row}.invoice_id) <> 'draft'"  # noqa: S608 - OLD or NEW


def _document_changed(columns: tuple[str, ...], differs: str) -> str:
    return (
        f"{_changed(columns, differs)} OR OLD.pdf IS NOT NULL AND OLD.pdf {differs} NEW.pdf "
        f"OR OLD.pdf_sha256 <> '' AND OLD.pdf_sha256 {differs} NEW.pdf_sha256"
    )


def _payment_changed(differs: str) -> str:
    return (
        f"{_changed(PAYMENT, differs)} OR NOT {STATE_GOES_UP} "
        f"OR OLD.state = NEW.state AND OLD.received_on {differs} NEW.received_on "
        f"OR NOT OLD.is_credit AND OLD.invoice_id {differs} NEW.invoice_id"
    )


# -- SQLite: one trigger for each table and kind of change


def _guard(name: str, table: str, when: str, condition: str, message: str = ISSUED) -> list[str]:
    return [
        f"DROP TRIGGER IF EXISTS {name}",
        f"CREATE TRIGGER {name} BEFORE {when} ON {table} FOR EACH ROW WHEN {condition} "
        f"BEGIN SELECT RAISE(ABORT, '{message}'); END",
    ]


def _part_guards(*rows: str) -> list[str]:
    is_issued = " OR ".join(_is_issued(row) for row in rows)
    return [line for table in PARTS for line in _guard(f"{table}_update_frozen", table, "UPDATE", is_issued)]


def sqlite_up() -> list[str]:
    return [
        *_part_guards("OLD", "NEW"),
        *_guard("document_frozen", "document", "UPDATE", _document_changed(DOCUMENT, "IS NOT")),
        *_guard("payment_frozen", "payment", "UPDATE", _payment_changed("IS NOT"), RECEIVED),
        *_guard("payment_kept", "payment", "DELETE", "1", RECEIVED),
    ]


def sqlite_down() -> list[str]:
    return [
        *_part_guards("OLD"),
        *_guard("document_frozen", "document", "UPDATE", _document_changed(GUARDED_SO_FAR, "IS NOT")),
        "DROP TRIGGER payment_frozen",
        "DROP TRIGGER payment_kept",
    ]


# -- PostgreSQL: the triggers stand, what they run is replaced


def _function(name: str, body: str) -> str:
    return f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body} END $$"


def _part_function(*whose: str) -> str:
    checks = " ".join(
        f"IF {when} AND {_is_issued(row)} THEN RAISE EXCEPTION '{ISSUED}'; END IF;"
        for row, when in (("OLD", "TG_OP <> 'INSERT'"), ("NEW", f"TG_OP IN ({', '.join(whose)})"))
    )
    return _function("invoice_part_frozen", f"{checks} IF TG_OP = 'DELETE' THEN RETURN OLD; END IF; RETURN NEW;")


def _frozen(name: str, changed: str, message: str) -> str:
    refuse = f"RAISE EXCEPTION '{message}';"
    return _function(name, f"IF TG_OP = 'DELETE' THEN {refuse} END IF; IF {changed} THEN {refuse} END IF; RETURN NEW;")


def postgres_up() -> list[str]:
    return [
        _part_function("'INSERT'", "'UPDATE'"),
        _frozen("document_frozen", _document_changed(DOCUMENT, "IS DISTINCT FROM"), ISSUED),
        _frozen("payment_frozen", _payment_changed("IS DISTINCT FROM"), RECEIVED),
        "CREATE TRIGGER payment_frozen BEFORE UPDATE OR DELETE ON payment "
        "FOR EACH ROW EXECUTE FUNCTION payment_frozen()",
    ]


def postgres_down() -> list[str]:
    return [
        _part_function("'INSERT'"),
        _frozen("document_frozen", _document_changed(GUARDED_SO_FAR, "IS DISTINCT FROM"), ISSUED),
        "DROP TRIGGER payment_frozen ON payment",
        "DROP FUNCTION payment_frozen()",
    ]
