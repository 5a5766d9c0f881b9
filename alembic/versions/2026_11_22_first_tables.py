"""first tables"""

import sqlalchemy as sa
import sqlmodel
from alembic import op


revision = '0001'
down_revision = None
branch_labels = None
depends_on = None

# Issued documents cannot change, in either database. What may still change on an issued invoice is not listed here:
# its way to void, the claim's marks and the version.
FROZEN = (
    "practice_id appointment_id client_id payment_type number number_text issue_date due_date currency mode "
    "service_name service_date prices_include_tax rounding subtotal_minor discount_minor net_minor tax_minor "
    "total_minor pay_token created_at created_by"
).split()
PARTS = ("invoice_line", "invoice_tax", "invoice_diagnosis")
REFUSAL = "issued documents cannot change"


def raise_guards() -> None:
    guards = sqlite_guards() if op.get_bind().dialect.name == "sqlite" else postgres_guards()
    for statement in guards:
        op.execute(statement)


def drop_guards() -> None:
    if op.get_bind().dialect.name == "sqlite":
        return  # SQLite drops a table's triggers with the table
    for function in ("invoice_frozen", "invoice_part_frozen", "document_frozen", "append_only"):
        op.execute(f"DROP FUNCTION IF EXISTS {function}() CASCADE")


def sqlite_guards() -> list[str]:
    def guard(name: str, table: str, when: str, condition: str, message: str = REFUSAL) -> str:
        return (
            f"CREATE TRIGGER {name} BEFORE {when} ON {table} FOR EACH ROW WHEN {condition} "
            f"BEGIN SELECT RAISE(ABORT, '{message}'); END"
        )

    changed = " OR ".join(f"OLD.{c} IS NOT NEW.{c}" for c in FROZEN)
    guards = [
        guard("invoice_frozen", "invoice", "UPDATE", f"OLD.status <> 'draft' AND ({changed})"),
        guard("invoice_way", "invoice", "UPDATE",
              "OLD.status <> NEW.status AND NOT (OLD.status = 'draft' AND NEW.status = 'issued' "
              "OR OLD.status = 'issued' AND NEW.status = 'void')"),
        guard("invoice_kept", "invoice", "DELETE", "OLD.status <> 'draft'"),
        guard("document_frozen", "document", "UPDATE",
              "OLD.content IS NOT NEW.content OR OLD.fingerprint IS NOT NEW.fingerprint "
              "OR OLD.invoice_id IS NOT NEW.invoice_id OR OLD.pdf IS NOT NULL AND OLD.pdf IS NOT NEW.pdf "
              "OR OLD.pdf_sha256 <> '' AND OLD.pdf_sha256 IS NOT NEW.pdf_sha256"),
        guard("document_kept", "document", "DELETE", "1"),
        guard("timeline_entry_frozen", "timeline_entry", "UPDATE",
              "OLD.what IS NOT NEW.what OR OLD.who IS NOT NEW.who OR OLD.happened_at IS NOT NEW.happened_at",
              "the timeline only grows"),
        guard("timeline_entry_kept", "timeline_entry", "DELETE", "1", "the timeline only grows"),
    ]
    for table in PARTS:
        for when, row in (("INSERT", "NEW"), ("UPDATE", "OLD"), ("DELETE", "OLD")):
            condition = f"(SELECT status FROM invoice WHERE id = {row}.invoice_id) <> 'draft'"
            guards.append(guard(f"{table}_{when.lower()}_frozen", table, when, condition))
    return guards


def postgres_guards() -> list[str]:
    changed = " OR ".join(f"OLD.{c} IS DISTINCT FROM NEW.{c}" for c in FROZEN)

    def function(name: str, body: str) -> str:
        return f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body} END $$"

    def trigger(name: str, table: str, when: str, runs: str) -> str:
        return f"CREATE TRIGGER {name} BEFORE {when} ON {table} FOR EACH ROW EXECUTE FUNCTION {runs}()"

    refuse = f"RAISE EXCEPTION '{REFUSAL}';"
    guards = [
        function(
            "invoice_frozen",
            f"IF TG_OP = 'DELETE' THEN IF OLD.status <> 'draft' THEN {refuse} END IF; RETURN OLD; END IF; "
            f"IF OLD.status <> 'draft' AND ({changed}) THEN {refuse} END IF; "
            "IF OLD.status <> NEW.status AND NOT (OLD.status = 'draft' AND NEW.status = 'issued' "
            f"OR OLD.status = 'issued' AND NEW.status = 'void') THEN {refuse} END IF; RETURN NEW;",
        ),
        trigger("invoice_frozen", "invoice", "UPDATE OR DELETE", "invoice_frozen"),
        function(
            "invoice_part_frozen",
            "IF (SELECT status FROM invoice WHERE id = CASE WHEN TG_OP = 'INSERT' THEN NEW.invoice_id "
            f"ELSE OLD.invoice_id END) <> 'draft' THEN {refuse} END IF; "
            "IF TG_OP = 'DELETE' THEN RETURN OLD; END IF; RETURN NEW;",
        ),
        *(trigger(f"{t}_frozen", t, "INSERT OR UPDATE OR DELETE", "invoice_part_frozen") for t in PARTS),
        function(
            "document_frozen",
            f"IF TG_OP = 'DELETE' THEN {refuse} END IF; "
            "IF OLD.content IS DISTINCT FROM NEW.content OR OLD.fingerprint IS DISTINCT FROM NEW.fingerprint "
            "OR OLD.invoice_id IS DISTINCT FROM NEW.invoice_id "
            "OR OLD.pdf IS NOT NULL AND OLD.pdf IS DISTINCT FROM NEW.pdf "
            f"OR OLD.pdf_sha256 <> '' AND OLD.pdf_sha256 <> NEW.pdf_sha256 THEN {refuse} END IF; RETURN NEW;",
        ),
        trigger("document_frozen", "document", "UPDATE OR DELETE", "document_frozen"),
        function(
            "append_only",
            "IF TG_OP = 'DELETE' OR OLD.what <> NEW.what OR OLD.who <> NEW.who OR OLD.happened_at <> NEW.happened_at "
            "THEN RAISE EXCEPTION 'the timeline only grows'; END IF; RETURN NEW;",
        ),
        trigger("timeline_entry_frozen", "timeline_entry", "UPDATE OR DELETE", "append_only"),
    ]
    return guards



def upgrade() -> None:
    # The tables, as the models say.
    op.create_table('practice',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('name', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('mode', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('country', sqlmodel.sql.sqltypes.AutoString(length=2), nullable=False),
    sa.Column('currency', sqlmodel.sql.sqltypes.AutoString(length=3), nullable=False),
    sa.Column('time_zone', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('address', sa.Text(), nullable=False),
    sa.Column('phone', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('email', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('practice_number', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('council_number', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('charges_tax', sa.Boolean(), nullable=False),
    sa.Column('tax_number', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('prices_include_tax', sa.Boolean(), nullable=False),
    sa.Column('bank_name', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('bank_account_name', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('bank_account_number', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('bank_branch_code', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('number_prefix', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('sender_name', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('default_payment_type', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('payment_terms_days', sa.Integer(), nullable=False),
    sa.Column('idle_minutes', sa.Integer(), nullable=False),
    sa.Column('logo', sa.LargeBinary(), nullable=True),
    sa.Column('logo_mime', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('created_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.CheckConstraint("mode IN ('demo', 'test', 'live')", name=op.f('ck_practice_mode')),
    sa.CheckConstraint('idle_minutes BETWEEN 15 AND 720', name=op.f('ck_practice_idle_minutes')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_practice'))
    )
    op.create_table('sign_in_attempt',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('account_hash', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('network_hash', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('tried_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_sign_in_attempt'))
    )
    with op.batch_alter_table('sign_in_attempt', schema=None) as batch_op:
        batch_op.create_index('ix_sign_in_attempt_account_hash_tried_at', ['account_hash', 'tried_at'], unique=False)
        batch_op.create_index('ix_sign_in_attempt_network_hash_tried_at', ['network_hash', 'tried_at'], unique=False)

    op.create_table('care_service',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('practice_id', sa.Integer(), nullable=False),
    sa.Column('name', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('duration_minutes', sa.Integer(), nullable=False),
    sa.Column('price_minor', sa.BigInteger(), nullable=False),
    sa.Column('is_active', sa.Boolean(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['practice_id'], ['practice.id'], name=op.f('fk_care_service_practice_id_practice')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_care_service')),
    sa.UniqueConstraint('practice_id', 'name', name=op.f('uq_care_service_practice_id_name'))
    )
    with op.batch_alter_table('care_service', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_care_service_practice_id'), ['practice_id'], unique=False)

    op.create_table('member',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('practice_id', sa.Integer(), nullable=False),
    sa.Column('email', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('name', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('role', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('password_hash', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('qualification', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('council_number', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('practice_number', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('is_practitioner', sa.Boolean(), nullable=False),
    sa.Column('disabled_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.Column('created_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.CheckConstraint("role IN ('owner', 'clinician', 'biller', 'reception', 'read_only')", name=op.f('ck_member_role')),
    sa.ForeignKeyConstraint(['practice_id'], ['practice.id'], name=op.f('fk_member_practice_id_practice')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_member')),
    sa.UniqueConstraint('email', name=op.f('uq_member_email'))
    )
    with op.batch_alter_table('member', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_member_practice_id'), ['practice_id'], unique=False)

    op.create_table('number_series',
    sa.Column('practice_id', sa.Integer(), nullable=False),
    sa.Column('series', sqlmodel.sql.sqltypes.AutoString(length=16), nullable=False),
    sa.Column('next_number', sa.Integer(), nullable=False),
    sa.CheckConstraint("series IN ('invoice', 'receipt')", name=op.f('ck_number_series_series')),
    sa.ForeignKeyConstraint(['practice_id'], ['practice.id'], name=op.f('fk_number_series_practice_id_practice')),
    sa.PrimaryKeyConstraint('practice_id', 'series', name=op.f('pk_number_series'))
    )
    op.create_table('provider_event',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('practice_id', sa.Integer(), nullable=True),
    sa.Column('provider', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('account_ref', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('event_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('type', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('is_live', sa.Boolean(), nullable=False),
    sa.Column('body', sa.Text(), nullable=False),
    sa.Column('state', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('error', sa.Text(), nullable=False),
    sa.Column('attempts', sa.Integer(), nullable=False),
    sa.Column('received_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.CheckConstraint("state IN ('received', 'done', 'ignored', 'quarantined', 'failed')", name=op.f('ck_provider_event_state')),
    sa.ForeignKeyConstraint(['practice_id'], ['practice.id'], name=op.f('fk_provider_event_practice_id_practice')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_provider_event')),
    sa.UniqueConstraint('provider', 'account_ref', 'event_id', name=op.f('uq_provider_event_provider_account_ref_event_id'))
    )
    with op.batch_alter_table('provider_event', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_provider_event_practice_id'), ['practice_id'], unique=False)

    op.create_table('scheme',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('practice_id', sa.Integer(), nullable=False),
    sa.Column('name', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('claim_email', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.ForeignKeyConstraint(['practice_id'], ['practice.id'], name=op.f('fk_scheme_practice_id_practice')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_scheme')),
    sa.UniqueConstraint('practice_id', 'name', name=op.f('uq_scheme_practice_id_name'))
    )
    with op.batch_alter_table('scheme', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_scheme_practice_id'), ['practice_id'], unique=False)

    op.create_table('tax_rate',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('practice_id', sa.Integer(), nullable=False),
    sa.Column('name', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('rate', sa.Integer(), nullable=False),
    sa.Column('is_standard', sa.Boolean(), nullable=False),
    sa.Column('valid_from', sa.Date(), nullable=False),
    sa.Column('valid_to', sa.Date(), nullable=True),
    sa.CheckConstraint('rate BETWEEN 0 AND 100000', name=op.f('ck_tax_rate_rate')),
    sa.ForeignKeyConstraint(['practice_id'], ['practice.id'], name=op.f('fk_tax_rate_practice_id_practice')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_tax_rate'))
    )
    with op.batch_alter_table('tax_rate', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_tax_rate_practice_id'), ['practice_id'], unique=False)

    op.create_table('webhook_endpoint',
    sa.Column('public_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('practice_id', sa.Integer(), nullable=True),
    sa.Column('provider', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('secret', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.ForeignKeyConstraint(['practice_id'], ['practice.id'], name=op.f('fk_webhook_endpoint_practice_id_practice')),
    sa.PrimaryKeyConstraint('public_id', name=op.f('pk_webhook_endpoint'))
    )
    with op.batch_alter_table('webhook_endpoint', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_webhook_endpoint_practice_id'), ['practice_id'], unique=False)

    op.create_table('client',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('practice_id', sa.Integer(), nullable=False),
    sa.Column('first_name', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('last_name', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('email', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('phone', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('birth_date', sa.Date(), nullable=True),
    sa.Column('address', sa.Text(), nullable=False),
    sa.Column('default_payment_type', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('scheme_id', sa.Integer(), nullable=True),
    sa.Column('scheme_option', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('member_number', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('dependant_code', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('main_member', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('status', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('external_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('search_text', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('created_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.ForeignKeyConstraint(['practice_id'], ['practice.id'], name=op.f('fk_client_practice_id_practice')),
    sa.ForeignKeyConstraint(['scheme_id'], ['scheme.id'], name=op.f('fk_client_scheme_id_scheme')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_client'))
    )
    with op.batch_alter_table('client', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_client_practice_id'), ['practice_id'], unique=False)
        batch_op.create_index('ix_client_practice_id_search_text', ['practice_id', 'search_text'], unique=False)
        batch_op.create_index(batch_op.f('ix_client_scheme_id'), ['scheme_id'], unique=False)
        batch_op.create_index('uq_client_practice_id_external_id', ['practice_id', 'external_id'], unique=True, sqlite_where=sa.text("external_id <> ''"), postgresql_where=sa.text("external_id <> ''"))

    op.create_table('service_line',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('practice_id', sa.Integer(), nullable=False),
    sa.Column('service_id', sa.Integer(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('code', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('description', sa.Text(), nullable=False),
    sa.Column('quantity', sa.BigInteger(), nullable=False),
    sa.Column('unit_price', sa.BigInteger(), nullable=False),
    sa.Column('tax_rate', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['practice_id'], ['practice.id'], name=op.f('fk_service_line_practice_id_practice')),
    sa.ForeignKeyConstraint(['service_id'], ['care_service.id'], name=op.f('fk_service_line_service_id_care_service')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_service_line'))
    )
    with op.batch_alter_table('service_line', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_service_line_practice_id'), ['practice_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_service_line_service_id'), ['service_id'], unique=False)

    op.create_table('sign_in',
    sa.Column('id_hash', sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
    sa.Column('member_id', sa.Integer(), nullable=False),
    sa.Column('practice_id', sa.Integer(), nullable=False),
    sa.Column('created_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('last_seen_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('expires_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('ended_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.ForeignKeyConstraint(['member_id'], ['member.id'], name=op.f('fk_sign_in_member_id_member')),
    sa.ForeignKeyConstraint(['practice_id'], ['practice.id'], name=op.f('fk_sign_in_practice_id_practice')),
    sa.PrimaryKeyConstraint('id_hash', name=op.f('pk_sign_in'))
    )
    with op.batch_alter_table('sign_in', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_sign_in_member_id'), ['member_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_sign_in_practice_id'), ['practice_id'], unique=False)

    op.create_table('appointment',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('practice_id', sa.Integer(), nullable=False),
    sa.Column('client_id', sa.Integer(), nullable=False),
    sa.Column('service_id', sa.Integer(), nullable=False),
    sa.Column('practitioner_id', sa.Integer(), nullable=False),
    sa.Column('starts_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('ends_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('place', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('note', sa.Text(), nullable=False),
    sa.Column('state', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('completed_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.Column('external_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('created_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.CheckConstraint("state IN ('scheduled', 'completed', 'missed', 'cancelled')", name=op.f('ck_appointment_state')),
    sa.CheckConstraint('ends_at > starts_at', name=op.f('ck_appointment_ends_after_start')),
    sa.ForeignKeyConstraint(['client_id'], ['client.id'], name=op.f('fk_appointment_client_id_client')),
    sa.ForeignKeyConstraint(['practice_id'], ['practice.id'], name=op.f('fk_appointment_practice_id_practice')),
    sa.ForeignKeyConstraint(['practitioner_id'], ['member.id'], name=op.f('fk_appointment_practitioner_id_member')),
    sa.ForeignKeyConstraint(['service_id'], ['care_service.id'], name=op.f('fk_appointment_service_id_care_service')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_appointment'))
    )
    with op.batch_alter_table('appointment', schema=None) as batch_op:
        batch_op.create_index('ix_appointment_client_id_starts_at', ['client_id', 'starts_at'], unique=False)
        batch_op.create_index('ix_appointment_practice_id_state_ends_at', ['practice_id', 'state', 'ends_at'], unique=False)
        batch_op.create_index('ix_appointment_practice_id_state_starts_at_id', ['practice_id', 'state', 'starts_at', 'id'], unique=False)
        batch_op.create_index(batch_op.f('ix_appointment_practitioner_id'), ['practitioner_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_appointment_service_id'), ['service_id'], unique=False)
        batch_op.create_index('ix_appointment_state_ends_at', ['state', 'ends_at'], unique=False)
        batch_op.create_index('uq_appointment_practice_id_external_id', ['practice_id', 'external_id'], unique=True, sqlite_where=sa.text("external_id <> ''"), postgresql_where=sa.text("external_id <> ''"))

    op.create_table('client_diagnosis',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('practice_id', sa.Integer(), nullable=False),
    sa.Column('client_id', sa.Integer(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('code', sqlmodel.sql.sqltypes.AutoString(length=16), nullable=False),
    sa.Column('description', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['client_id'], ['client.id'], name=op.f('fk_client_diagnosis_client_id_client')),
    sa.ForeignKeyConstraint(['practice_id'], ['practice.id'], name=op.f('fk_client_diagnosis_practice_id_practice')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_client_diagnosis')),
    sa.UniqueConstraint('client_id', 'code', name=op.f('uq_client_diagnosis_client_id_code'))
    )
    with op.batch_alter_table('client_diagnosis', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_client_diagnosis_client_id'), ['client_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_client_diagnosis_practice_id'), ['practice_id'], unique=False)

    op.create_table('completion_draft',
    sa.Column('appointment_id', sa.Integer(), nullable=False),
    sa.Column('practice_id', sa.Integer(), nullable=False),
    sa.Column('form', sa.Text(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('saved_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('saved_by', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['appointment_id'], ['appointment.id'], name=op.f('fk_completion_draft_appointment_id_appointment')),
    sa.ForeignKeyConstraint(['practice_id'], ['practice.id'], name=op.f('fk_completion_draft_practice_id_practice')),
    sa.ForeignKeyConstraint(['saved_by'], ['member.id'], name=op.f('fk_completion_draft_saved_by_member')),
    sa.PrimaryKeyConstraint('appointment_id', name=op.f('pk_completion_draft'))
    )
    with op.batch_alter_table('completion_draft', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_completion_draft_practice_id'), ['practice_id'], unique=False)

    op.create_table('invoice',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('practice_id', sa.Integer(), nullable=False),
    sa.Column('appointment_id', sa.Integer(), nullable=True),
    sa.Column('client_id', sa.Integer(), nullable=False),
    sa.Column('payment_type', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('status', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=True),
    sa.Column('number_text', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('issue_date', sa.Date(), nullable=True),
    sa.Column('due_date', sa.Date(), nullable=True),
    sa.Column('currency', sqlmodel.sql.sqltypes.AutoString(length=3), nullable=False),
    sa.Column('mode', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('service_name', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('service_date', sa.Date(), nullable=False),
    sa.Column('prices_include_tax', sa.Boolean(), nullable=False),
    sa.Column('rounding', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('subtotal_minor', sa.BigInteger(), nullable=False),
    sa.Column('discount_minor', sa.BigInteger(), nullable=False),
    sa.Column('net_minor', sa.BigInteger(), nullable=False),
    sa.Column('tax_minor', sa.BigInteger(), nullable=False),
    sa.Column('total_minor', sa.BigInteger(), nullable=False),
    sa.Column('pay_token', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('submitted_on', sa.Date(), nullable=True),
    sa.Column('void_reason', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('created_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('created_by', sa.Integer(), nullable=False),
    sa.CheckConstraint("(status = 'draft') = (number IS NULL)", name=op.f('ck_invoice_number_when_issued')),
    sa.CheckConstraint("payment_type IN ('online', 'other', 'insurance')", name=op.f('ck_invoice_payment_type')),
    sa.CheckConstraint("status IN ('draft', 'issued', 'void')", name=op.f('ck_invoice_status')),
    sa.CheckConstraint('total_minor >= 0', name=op.f('ck_invoice_total')),
    sa.ForeignKeyConstraint(['appointment_id'], ['appointment.id'], name=op.f('fk_invoice_appointment_id_appointment')),
    sa.ForeignKeyConstraint(['client_id'], ['client.id'], name=op.f('fk_invoice_client_id_client')),
    sa.ForeignKeyConstraint(['created_by'], ['member.id'], name=op.f('fk_invoice_created_by_member')),
    sa.ForeignKeyConstraint(['practice_id'], ['practice.id'], name=op.f('fk_invoice_practice_id_practice')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_invoice')),
    sa.UniqueConstraint('pay_token', name=op.f('uq_invoice_pay_token')),
    sa.UniqueConstraint('practice_id', 'number', name=op.f('uq_invoice_practice_id_number'))
    )
    with op.batch_alter_table('invoice', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_invoice_client_id'), ['client_id'], unique=False)
        batch_op.create_index('ix_invoice_practice_id_id', ['practice_id', 'id'], unique=False)
        batch_op.create_index('uq_invoice_appointment_id_live', ['appointment_id'], unique=True, sqlite_where=sa.text("status <> 'void'"), postgresql_where=sa.text("status <> 'void'"))

    op.create_table('document',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('practice_id', sa.Integer(), nullable=False),
    sa.Column('invoice_id', sa.Integer(), nullable=False),
    sa.Column('kind', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('number_text', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('content', sa.Text(), nullable=False),
    sa.Column('fingerprint', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('pdf', sa.LargeBinary(), nullable=True),
    sa.Column('pdf_sha256', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('created_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.CheckConstraint("kind IN ('invoice', 'receipt', 'insurer_invoice')", name=op.f('ck_document_kind')),
    sa.ForeignKeyConstraint(['invoice_id'], ['invoice.id'], name=op.f('fk_document_invoice_id_invoice')),
    sa.ForeignKeyConstraint(['practice_id'], ['practice.id'], name=op.f('fk_document_practice_id_practice')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_document')),
    sa.UniqueConstraint('invoice_id', 'kind', 'position', name=op.f('uq_document_invoice_id_kind_position'))
    )
    with op.batch_alter_table('document', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_document_practice_id'), ['practice_id'], unique=False)

    op.create_table('invoice_diagnosis',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('practice_id', sa.Integer(), nullable=False),
    sa.Column('invoice_id', sa.Integer(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('code', sqlmodel.sql.sqltypes.AutoString(length=16), nullable=False),
    sa.Column('description', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['invoice_id'], ['invoice.id'], name=op.f('fk_invoice_diagnosis_invoice_id_invoice')),
    sa.ForeignKeyConstraint(['practice_id'], ['practice.id'], name=op.f('fk_invoice_diagnosis_practice_id_practice')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_invoice_diagnosis')),
    sa.UniqueConstraint('invoice_id', 'position', name=op.f('uq_invoice_diagnosis_invoice_id_position'))
    )
    op.create_table('invoice_line',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('practice_id', sa.Integer(), nullable=False),
    sa.Column('invoice_id', sa.Integer(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('service_date', sa.Date(), nullable=False),
    sa.Column('code', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('description', sa.Text(), nullable=False),
    sa.Column('quantity', sa.BigInteger(), nullable=False),
    sa.Column('unit_price', sa.BigInteger(), nullable=False),
    sa.Column('gross_minor', sa.BigInteger(), nullable=False),
    sa.Column('discount_minor', sa.BigInteger(), nullable=False),
    sa.Column('discount_rate', sa.Integer(), nullable=False),
    sa.Column('net_minor', sa.BigInteger(), nullable=False),
    sa.Column('share_minor', sa.BigInteger(), nullable=False),
    sa.Column('tax_rate', sa.Integer(), nullable=False),
    sa.Column('icd_codes', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.ForeignKeyConstraint(['invoice_id'], ['invoice.id'], name=op.f('fk_invoice_line_invoice_id_invoice')),
    sa.ForeignKeyConstraint(['practice_id'], ['practice.id'], name=op.f('fk_invoice_line_practice_id_practice')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_invoice_line')),
    sa.UniqueConstraint('invoice_id', 'position', name=op.f('uq_invoice_line_invoice_id_position'))
    )
    op.create_table('invoice_tax',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('practice_id', sa.Integer(), nullable=False),
    sa.Column('invoice_id', sa.Integer(), nullable=False),
    sa.Column('rate', sa.Integer(), nullable=False),
    sa.Column('base_minor', sa.BigInteger(), nullable=False),
    sa.Column('tax_minor', sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(['invoice_id'], ['invoice.id'], name=op.f('fk_invoice_tax_invoice_id_invoice')),
    sa.ForeignKeyConstraint(['practice_id'], ['practice.id'], name=op.f('fk_invoice_tax_practice_id_practice')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_invoice_tax')),
    sa.UniqueConstraint('invoice_id', 'rate', name=op.f('uq_invoice_tax_invoice_id_rate'))
    )
    op.create_table('outbox',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('practice_id', sa.Integer(), nullable=False),
    sa.Column('invoice_id', sa.Integer(), nullable=True),
    sa.Column('kind', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('key', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('payload', sa.Text(), nullable=False),
    sa.Column('due_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('attempts', sa.Integer(), nullable=False),
    sa.Column('leased_until', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.Column('lease_token', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('last_error', sa.Text(), nullable=False),
    sa.Column('done_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.Column('dead_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.Column('created_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.ForeignKeyConstraint(['invoice_id'], ['invoice.id'], name=op.f('fk_outbox_invoice_id_invoice')),
    sa.ForeignKeyConstraint(['practice_id'], ['practice.id'], name=op.f('fk_outbox_practice_id_practice')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_outbox')),
    sa.UniqueConstraint('key', name=op.f('uq_outbox_key'))
    )
    with op.batch_alter_table('outbox', schema=None) as batch_op:
        batch_op.create_index('ix_outbox_done_at_dead_at_due_at', ['done_at', 'dead_at', 'due_at'], unique=False)
        batch_op.create_index(batch_op.f('ix_outbox_invoice_id'), ['invoice_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_outbox_practice_id'), ['practice_id'], unique=False)

    op.create_table('payment_request',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('practice_id', sa.Integer(), nullable=False),
    sa.Column('invoice_id', sa.Integer(), nullable=False),
    sa.Column('request_uuid', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('provider', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('account_ref', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('amount_minor', sa.BigInteger(), nullable=False),
    sa.Column('currency', sqlmodel.sql.sqltypes.AutoString(length=3), nullable=False),
    sa.Column('state', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('attempt', sa.Integer(), nullable=False),
    sa.Column('provider_ref', sqlmodel.sql.sqltypes.AutoString(), nullable=True),
    sa.Column('url', sa.Text(), nullable=False),
    sa.Column('last_error', sa.Text(), nullable=False),
    sa.Column('closed_reason', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('created_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('changed_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.CheckConstraint("state IN ('creating', 'active', 'closing', 'closed', 'paid', 'failed')", name=op.f('ck_payment_request_state')),
    sa.CheckConstraint('amount_minor > 0', name=op.f('ck_payment_request_amount')),
    sa.ForeignKeyConstraint(['invoice_id'], ['invoice.id'], name=op.f('fk_payment_request_invoice_id_invoice')),
    sa.ForeignKeyConstraint(['practice_id'], ['practice.id'], name=op.f('fk_payment_request_practice_id_practice')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_payment_request')),
    sa.UniqueConstraint('provider', 'account_ref', 'provider_ref', name=op.f('uq_payment_request_provider_account_ref_provider_ref')),
    sa.UniqueConstraint('request_uuid', name=op.f('uq_payment_request_request_uuid'))
    )
    with op.batch_alter_table('payment_request', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_payment_request_invoice_id'), ['invoice_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_payment_request_practice_id'), ['practice_id'], unique=False)
        batch_op.create_index('uq_payment_request_invoice_id_live', ['invoice_id'], unique=True, sqlite_where=sa.text("state IN ('creating', 'active', 'closing')"), postgresql_where=sa.text("state IN ('creating', 'active', 'closing')"))

    op.create_table('timeline_entry',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('practice_id', sa.Integer(), nullable=False),
    sa.Column('invoice_id', sa.Integer(), nullable=True),
    sa.Column('appointment_id', sa.Integer(), nullable=True),
    sa.Column('happened_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('who', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('what', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['appointment_id'], ['appointment.id'], name=op.f('fk_timeline_entry_appointment_id_appointment')),
    sa.ForeignKeyConstraint(['invoice_id'], ['invoice.id'], name=op.f('fk_timeline_entry_invoice_id_invoice')),
    sa.ForeignKeyConstraint(['practice_id'], ['practice.id'], name=op.f('fk_timeline_entry_practice_id_practice')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_timeline_entry'))
    )
    with op.batch_alter_table('timeline_entry', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_timeline_entry_appointment_id'), ['appointment_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_timeline_entry_invoice_id'), ['invoice_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_timeline_entry_practice_id'), ['practice_id'], unique=False)

    op.create_table('mail',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('practice_id', sa.Integer(), nullable=False),
    sa.Column('invoice_id', sa.Integer(), nullable=True),
    sa.Column('document_id', sa.Integer(), nullable=True),
    sa.Column('key', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('message_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('kind', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('recipient', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('subject', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('html', sa.Text(), nullable=False),
    sa.Column('state', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('error', sa.Text(), nullable=False),
    sa.Column('created_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('sent_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.CheckConstraint("state IN ('waiting', 'captured', 'sent', 'refused')", name=op.f('ck_mail_state')),
    sa.ForeignKeyConstraint(['document_id'], ['document.id'], name=op.f('fk_mail_document_id_document')),
    sa.ForeignKeyConstraint(['invoice_id'], ['invoice.id'], name=op.f('fk_mail_invoice_id_invoice')),
    sa.ForeignKeyConstraint(['practice_id'], ['practice.id'], name=op.f('fk_mail_practice_id_practice')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_mail')),
    sa.UniqueConstraint('key', name=op.f('uq_mail_key'))
    )
    with op.batch_alter_table('mail', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_mail_invoice_id'), ['invoice_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_mail_practice_id'), ['practice_id'], unique=False)

    op.create_table('payment',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('practice_id', sa.Integer(), nullable=False),
    sa.Column('invoice_id', sa.Integer(), nullable=True),
    sa.Column('request_id', sa.Integer(), nullable=True),
    sa.Column('provider', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('provider_payment_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('amount_minor', sa.BigInteger(), nullable=False),
    sa.Column('currency', sqlmodel.sql.sqltypes.AutoString(length=3), nullable=False),
    sa.Column('method', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('state', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('received_on', sa.Date(), nullable=False),
    sa.Column('reference', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('recorded_by', sa.Integer(), nullable=True),
    sa.Column('created_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.CheckConstraint("method IN ('cash', 'bank_transfer', 'card_machine', 'online', 'medical_aid')", name=op.f('ck_payment_method')),
    sa.CheckConstraint("state IN ('pending', 'succeeded', 'failed')", name=op.f('ck_payment_state')),
    sa.CheckConstraint('amount_minor > 0', name=op.f('ck_payment_amount')),
    sa.ForeignKeyConstraint(['invoice_id'], ['invoice.id'], name=op.f('fk_payment_invoice_id_invoice')),
    sa.ForeignKeyConstraint(['practice_id'], ['practice.id'], name=op.f('fk_payment_practice_id_practice')),
    sa.ForeignKeyConstraint(['recorded_by'], ['member.id'], name=op.f('fk_payment_recorded_by_member')),
    sa.ForeignKeyConstraint(['request_id'], ['payment_request.id'], name=op.f('fk_payment_request_id_payment_request')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_payment')),
    sa.UniqueConstraint('provider', 'provider_payment_id', name=op.f('uq_payment_provider_provider_payment_id'))
    )
    with op.batch_alter_table('payment', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_payment_invoice_id'), ['invoice_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_payment_practice_id'), ['practice_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_payment_request_id'), ['request_id'], unique=False)

    raise_guards()


def downgrade() -> None:
    drop_guards()

    # The tables, as the models say.
    with op.batch_alter_table('payment', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_payment_request_id'))
        batch_op.drop_index(batch_op.f('ix_payment_practice_id'))
        batch_op.drop_index(batch_op.f('ix_payment_invoice_id'))

    op.drop_table('payment')
    with op.batch_alter_table('mail', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_mail_practice_id'))
        batch_op.drop_index(batch_op.f('ix_mail_invoice_id'))

    op.drop_table('mail')
    with op.batch_alter_table('timeline_entry', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_timeline_entry_practice_id'))
        batch_op.drop_index(batch_op.f('ix_timeline_entry_invoice_id'))
        batch_op.drop_index(batch_op.f('ix_timeline_entry_appointment_id'))

    op.drop_table('timeline_entry')
    with op.batch_alter_table('payment_request', schema=None) as batch_op:
        batch_op.drop_index('uq_payment_request_invoice_id_live', sqlite_where=sa.text("state IN ('creating', 'active', 'closing')"), postgresql_where=sa.text("state IN ('creating', 'active', 'closing')"))
        batch_op.drop_index(batch_op.f('ix_payment_request_practice_id'))
        batch_op.drop_index(batch_op.f('ix_payment_request_invoice_id'))

    op.drop_table('payment_request')
    with op.batch_alter_table('outbox', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_outbox_practice_id'))
        batch_op.drop_index(batch_op.f('ix_outbox_invoice_id'))
        batch_op.drop_index('ix_outbox_done_at_dead_at_due_at')

    op.drop_table('outbox')
    op.drop_table('invoice_tax')
    op.drop_table('invoice_line')
    op.drop_table('invoice_diagnosis')
    with op.batch_alter_table('document', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_document_practice_id'))

    op.drop_table('document')
    with op.batch_alter_table('invoice', schema=None) as batch_op:
        batch_op.drop_index('uq_invoice_appointment_id_live', sqlite_where=sa.text("status <> 'void'"), postgresql_where=sa.text("status <> 'void'"))
        batch_op.drop_index('ix_invoice_practice_id_id')
        batch_op.drop_index(batch_op.f('ix_invoice_client_id'))

    op.drop_table('invoice')
    with op.batch_alter_table('completion_draft', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_completion_draft_practice_id'))

    op.drop_table('completion_draft')
    with op.batch_alter_table('client_diagnosis', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_client_diagnosis_practice_id'))
        batch_op.drop_index(batch_op.f('ix_client_diagnosis_client_id'))

    op.drop_table('client_diagnosis')
    with op.batch_alter_table('appointment', schema=None) as batch_op:
        batch_op.drop_index('uq_appointment_practice_id_external_id', sqlite_where=sa.text("external_id <> ''"), postgresql_where=sa.text("external_id <> ''"))
        batch_op.drop_index('ix_appointment_state_ends_at')
        batch_op.drop_index(batch_op.f('ix_appointment_service_id'))
        batch_op.drop_index(batch_op.f('ix_appointment_practitioner_id'))
        batch_op.drop_index('ix_appointment_practice_id_state_starts_at_id')
        batch_op.drop_index('ix_appointment_practice_id_state_ends_at')
        batch_op.drop_index('ix_appointment_client_id_starts_at')

    op.drop_table('appointment')
    with op.batch_alter_table('sign_in', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_sign_in_practice_id'))
        batch_op.drop_index(batch_op.f('ix_sign_in_member_id'))

    op.drop_table('sign_in')
    with op.batch_alter_table('service_line', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_service_line_service_id'))
        batch_op.drop_index(batch_op.f('ix_service_line_practice_id'))

    op.drop_table('service_line')
    with op.batch_alter_table('client', schema=None) as batch_op:
        batch_op.drop_index('uq_client_practice_id_external_id', sqlite_where=sa.text("external_id <> ''"), postgresql_where=sa.text("external_id <> ''"))
        batch_op.drop_index(batch_op.f('ix_client_scheme_id'))
        batch_op.drop_index('ix_client_practice_id_search_text')
        batch_op.drop_index(batch_op.f('ix_client_practice_id'))

    op.drop_table('client')
    with op.batch_alter_table('webhook_endpoint', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_webhook_endpoint_practice_id'))

    op.drop_table('webhook_endpoint')
    with op.batch_alter_table('tax_rate', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_tax_rate_practice_id'))

    op.drop_table('tax_rate')
    with op.batch_alter_table('scheme', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_scheme_practice_id'))

    op.drop_table('scheme')
    with op.batch_alter_table('provider_event', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_provider_event_practice_id'))

    op.drop_table('provider_event')
    op.drop_table('number_series')
    with op.batch_alter_table('member', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_member_practice_id'))

    op.drop_table('member')
    with op.batch_alter_table('care_service', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_care_service_practice_id'))

    op.drop_table('care_service')
    with op.batch_alter_table('sign_in_attempt', schema=None) as batch_op:
        batch_op.drop_index('ix_sign_in_attempt_network_hash_tried_at')
        batch_op.drop_index('ix_sign_in_attempt_account_hash_tried_at')

    op.drop_table('sign_in_attempt')
    op.drop_table('practice')
