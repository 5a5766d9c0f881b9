"""clients in full: ways to reach them, guardian, consents, the practice's own fields, what was done, merging"""

import re
import unicodedata

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

TEXT = sqlmodel.sql.sqltypes.AutoString
MOMENT = sqlmodel.sql.sqltypes.UTCDateTime
NEW_TEXTS = (
    "email_whose phone_whose id_number guardian_name guardian_relation guardian_address name_key"
).split()  # fmt: skip
NEW_INDEXES = {
    "ix_client_practice_id_status_search_text_id": ["practice_id", "status", "search_text", "id"],
    "ix_client_practice_id_name_key": ["practice_id", "name_key"],
    "ix_client_practice_id_id_number": ["practice_id", "id_number"],
    "ix_client_practice_id_email": ["practice_id", "email"],
}
TABLES = ("two_people", "client_merge", "client_entry", "custom_value", "custom_field", "client_consent",
          "client_contact")  # fmt: skip
GROWING = ("client_entry", "client_consent")
GROWS = "the record only grows"
ISSUED = "issued documents cannot change"
FROZEN = (
    "practice_id appointment_id payment_type number number_text issue_date due_date currency mode service_name "
    "service_date prices_include_tax rounding subtotal_minor discount_minor net_minor tax_minor total_minor pay_token "
    "created_at created_by"
).split()
MERGED = (
    "EXISTS (SELECT 1 FROM client_merge m WHERE m.practice_id = NEW.practice_id "
    "AND (m.merged_id = OLD.client_id AND m.kept_id = NEW.client_id "
    "OR m.kept_id = OLD.client_id AND m.merged_id = NEW.client_id))"
)
"""An issued document's row goes to another client only where the two were made one, or go apart again."""


def upgrade() -> None:
    for name in NEW_TEXTS:
        kind = sa.Text() if name == "guardian_address" else TEXT()
        op.add_column("client", sa.Column(name, kind, server_default="", nullable=False))
    op.add_column("client", sa.Column("guardian_pays", sa.Boolean(), server_default=sa.false(), nullable=False))
    _tables()
    op.drop_index("ix_client_practice_id_search_text", "client")
    for name, columns in NEW_INDEXES.items():
        op.create_index(name, "client", columns)
    _write_search_texts()
    _guards(merged=True)


def downgrade() -> None:
    op.execute("UPDATE client SET status = 'archived' WHERE status = 'merged'")  # known to nobody there, and not found
    _guards(merged=False)
    for name in NEW_INDEXES:
        op.drop_index(name, "client")
    op.create_index("ix_client_practice_id_search_text", "client", ["practice_id", "search_text"])
    for table in TABLES:
        op.drop_table(table)
    for name in ("guardian_pays", *NEW_TEXTS):
        op.drop_column("client", name)
    if op.get_bind().dialect.name != "sqlite":
        op.execute("DROP FUNCTION record_grows()")


def _tables() -> None:
    client = ("client_id", "client.id")
    _table("client_contact", [client], _text("kind"), _number("position"), _text("value"), _text("whose"),
           sa.CheckConstraint("kind IN ('mail', 'phone')", name=op.f("ck_client_contact_kind")))  # fmt: skip
    _table("client_consent", [client], _text("kind"), _truth("is_given"), sa.Column("given_on", sa.Date(), nullable=False),
           _number("noted_by"), _moment("noted_at"), _to("client_consent", "noted_by", "member.id"))  # fmt: skip
    _table("custom_field", [], _text("name"), _number("position"), _truth("shows_on_invoice"), _truth("is_active"),
           sa.UniqueConstraint("practice_id", "name", name=op.f("uq_custom_field_practice_id_name")))  # fmt: skip
    _table("custom_value", [client, ("field_id", "custom_field.id")], _words("value"),
           sa.UniqueConstraint("client_id", "field_id", name=op.f("uq_custom_value_client_id_field_id")))  # fmt: skip
    _table("client_entry", [client], _moment("happened_at"), _text("who"), _words("what"))
    _table("client_merge", [("kept_id", "client.id"), ("merged_id", "client.id")], _moment("merged_at"),
           _number("merged_by"), _words("moved"), sa.Column("undone_at", MOMENT(), nullable=True),
           _to("client_merge", "merged_by", "member.id"))  # fmt: skip
    _table("two_people", [client, ("other_id", "client.id")],
           sa.UniqueConstraint("client_id", "other_id", name=op.f("uq_two_people_client_id_other_id")))  # fmt: skip


def _table(name: str, links: list[tuple[str, str]], *parts: sa.Column | sa.Constraint) -> None:
    links = [("practice_id", "practice.id"), *links]
    op.create_table(
        name,
        sa.Column("id", sa.Integer(), nullable=False),
        *(_number(column) for column, _ in links),
        *parts,
        *(_to(name, column, target) for column, target in links),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{name}")),
    )
    for column, _ in links:
        op.create_index(f"ix_{name}_{column}", name, [column])


def _to(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_{column}_{target.split('.')[0]}")
    return sa.ForeignKeyConstraint([column], [target], name=name)


def _text(name: str) -> sa.Column:
    return sa.Column(name, TEXT(), nullable=False)


def _words(name: str) -> sa.Column:
    return sa.Column(name, sa.Text(), nullable=False)


def _number(name: str) -> sa.Column:
    return sa.Column(name, sa.Integer(), nullable=False)


def _truth(name: str) -> sa.Column:
    return sa.Column(name, sa.Boolean(), nullable=False)


def _moment(name: str) -> sa.Column:
    return sa.Column(name, MOMENT(), nullable=False)


# -- what the search looks through, for those who are there already


def _write_search_texts() -> None:
    rows = op.get_bind().execute(
        sa.text("SELECT id, first_name, last_name, email, phone, member_number FROM client")
    )
    texts = [
        {
            "id": row.id,
            "name_key": _folded(f"{row.first_name} {row.last_name}"),
            "search_text": _folded(
                f"{row.first_name} {row.last_name} {row.email} {_compact(row.phone)} {_compact(row.member_number)}"
            )[:400],
        }
        for row in rows
    ]
    if texts:
        statement = "UPDATE client SET name_key = :name_key, search_text = :search_text WHERE id = :id"
        op.get_bind().execute(sa.text(statement), texts)


def _folded(text: str) -> str:
    apart = unicodedata.normalize("NFKD", text.casefold())
    return " ".join("".join(c for c in apart if not unicodedata.combining(c)).split())


def _compact(text: str) -> str:
    return re.sub(r"[^0-9a-z]", "", text.casefold())


# -- guards


def _guards(*, merged: bool) -> None:
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    for statement in sqlite_guards(merged) if is_sqlite else postgres_guards(merged):
        op.execute(statement)


def _invoice_changed(differs: str, merged: bool) -> str:
    columns = " OR ".join(f"OLD.{column} {differs} NEW.{column}" for column in FROZEN)
    client = f"OLD.client_id {differs} NEW.client_id"
    return f"{columns} OR {client} AND NOT {MERGED}" if merged else f"{columns} OR {client}"


def sqlite_guards(merged: bool) -> list[str]:
    def guard(name: str, table: str, when: str, condition: str, message: str) -> str:
        return (
            f"CREATE TRIGGER {name} BEFORE {when} ON {table} FOR EACH ROW WHEN {condition} "
            f"BEGIN SELECT RAISE(ABORT, '{message}'); END"
        )

    changed = f"OLD.status <> 'draft' AND ({_invoice_changed('IS NOT', merged)})"
    guards = ["DROP TRIGGER invoice_frozen", guard("invoice_frozen", "invoice", "UPDATE", changed, ISSUED)]
    if merged:
        for table in GROWING:
            guards += [
                guard(f"{table}_{when.lower()}", table, when, "1", GROWS) for when in ("UPDATE", "DELETE")
            ]
    return guards


def postgres_guards(merged: bool) -> list[str]:
    def function(name: str, body: str) -> str:
        return f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body} END $$"

    refuse = f"RAISE EXCEPTION '{ISSUED}';"
    guards = [
        function(
            "invoice_frozen",
            f"IF TG_OP = 'DELETE' THEN IF OLD.status <> 'draft' THEN {refuse} END IF; RETURN OLD; END IF; "
            f"IF OLD.status <> 'draft' AND ({_invoice_changed('IS DISTINCT FROM', merged)}) THEN {refuse} END IF; "
            "IF OLD.status <> NEW.status AND NOT (OLD.status = 'draft' AND NEW.status = 'issued' "
            f"OR OLD.status = 'issued' AND NEW.status = 'void') THEN {refuse} END IF; RETURN NEW;",
        )
    ]
    if merged:
        guards.append(function("record_grows", f"RAISE EXCEPTION '{GROWS}';"))
        guards += [
            f"CREATE TRIGGER {table}_grows BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION record_grows()"
            for table in GROWING
        ]
    return guards
