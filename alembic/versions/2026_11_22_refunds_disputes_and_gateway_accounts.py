"""refunds disputes and gateway accounts"""

import sqlalchemy as sa
import sqlmodel
from alembic import op


revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None


def upgrade() -> None:
    # The tables, as the models say.
    op.create_table('gateway_account',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('practice_id', sa.Integer(), nullable=False),
    sa.Column('provider', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('mode', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('account_ref', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('key_encrypted', sa.Text(), nullable=False),
    sa.Column('key_hint', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('endpoint_ref', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('endpoint_public_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('events_cursor', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.Column('last_event_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.Column('last_sweep_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.Column('last_sweep_error', sa.Text(), nullable=False),
    sa.Column('connected_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('connected_by', sa.Integer(), nullable=True),
    sa.Column('disconnected_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.CheckConstraint("mode IN ('test', 'live')", name=op.f('ck_gateway_account_mode')),
    sa.ForeignKeyConstraint(['connected_by'], ['member.id'], name=op.f('fk_gateway_account_connected_by_member')),
    sa.ForeignKeyConstraint(['practice_id'], ['practice.id'], name=op.f('fk_gateway_account_practice_id_practice')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_gateway_account'))
    )
    with op.batch_alter_table('gateway_account', schema=None) as batch_op:
        batch_op.create_index('uq_gateway_account_practice_id_connected', ['practice_id'], unique=True, sqlite_where=sa.text('disconnected_at IS NULL'), postgresql_where=sa.text('disconnected_at IS NULL'))

    op.create_table('dispute',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('practice_id', sa.Integer(), nullable=False),
    sa.Column('payment_id', sa.Integer(), nullable=False),
    sa.Column('provider', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('provider_dispute_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('amount_minor', sa.BigInteger(), nullable=False),
    sa.Column('currency', sqlmodel.sql.sqltypes.AutoString(length=3), nullable=False),
    sa.Column('status', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('state', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('evidence_due_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.Column('created_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('changed_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.CheckConstraint("state IN ('open', 'won', 'lost')", name=op.f('ck_dispute_state')),
    sa.ForeignKeyConstraint(['payment_id'], ['payment.id'], name=op.f('fk_dispute_payment_id_payment')),
    sa.ForeignKeyConstraint(['practice_id'], ['practice.id'], name=op.f('fk_dispute_practice_id_practice')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_dispute')),
    sa.UniqueConstraint('provider', 'provider_dispute_id', name=op.f('uq_dispute_provider_provider_dispute_id'))
    )
    with op.batch_alter_table('dispute', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_dispute_payment_id'), ['payment_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_dispute_practice_id'), ['practice_id'], unique=False)

    op.create_table('refund',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('practice_id', sa.Integer(), nullable=False),
    sa.Column('payment_id', sa.Integer(), nullable=False),
    sa.Column('invoice_id', sa.Integer(), nullable=True),
    sa.Column('refund_uuid', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('provider', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('provider_refund_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('amount_minor', sa.BigInteger(), nullable=False),
    sa.Column('currency', sqlmodel.sql.sqltypes.AutoString(length=3), nullable=False),
    sa.Column('reason', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('state', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('last_error', sa.Text(), nullable=False),
    sa.Column('requested_by', sa.Integer(), nullable=True),
    sa.Column('created_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('changed_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.CheckConstraint("state IN ('wanted', 'pending', 'succeeded', 'failed')", name=op.f('ck_refund_state')),
    sa.CheckConstraint('amount_minor > 0', name=op.f('ck_refund_amount')),
    sa.ForeignKeyConstraint(['invoice_id'], ['invoice.id'], name=op.f('fk_refund_invoice_id_invoice')),
    sa.ForeignKeyConstraint(['payment_id'], ['payment.id'], name=op.f('fk_refund_payment_id_payment')),
    sa.ForeignKeyConstraint(['practice_id'], ['practice.id'], name=op.f('fk_refund_practice_id_practice')),
    sa.ForeignKeyConstraint(['requested_by'], ['member.id'], name=op.f('fk_refund_requested_by_member')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_refund')),
    sa.UniqueConstraint('refund_uuid', name=op.f('uq_refund_refund_uuid'))
    )
    with op.batch_alter_table('refund', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_refund_invoice_id'), ['invoice_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_refund_payment_id'), ['payment_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_refund_practice_id'), ['practice_id'], unique=False)
        batch_op.create_index('uq_refund_provider_provider_refund_id', ['provider', 'provider_refund_id'], unique=True, sqlite_where=sa.text("provider_refund_id <> ''"), postgresql_where=sa.text("provider_refund_id <> ''"))

    op.create_table('review_item',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('practice_id', sa.Integer(), nullable=False),
    sa.Column('key', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('kind', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('sentence', sa.Text(), nullable=False),
    sa.Column('invoice_id', sa.Integer(), nullable=True),
    sa.Column('payment_id', sa.Integer(), nullable=True),
    sa.Column('event_id', sa.Integer(), nullable=True),
    sa.Column('state', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('decision', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('resolved_by', sa.Integer(), nullable=True),
    sa.Column('resolved_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.Column('created_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.CheckConstraint("decision IN ('', 'refund', 'apply', 'ignore')", name=op.f('ck_review_item_decision')),
    sa.CheckConstraint("state IN ('open', 'resolved')", name=op.f('ck_review_item_state')),
    sa.ForeignKeyConstraint(['event_id'], ['provider_event.id'], name=op.f('fk_review_item_event_id_provider_event')),
    sa.ForeignKeyConstraint(['invoice_id'], ['invoice.id'], name=op.f('fk_review_item_invoice_id_invoice')),
    sa.ForeignKeyConstraint(['payment_id'], ['payment.id'], name=op.f('fk_review_item_payment_id_payment')),
    sa.ForeignKeyConstraint(['practice_id'], ['practice.id'], name=op.f('fk_review_item_practice_id_practice')),
    sa.ForeignKeyConstraint(['resolved_by'], ['member.id'], name=op.f('fk_review_item_resolved_by_member')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_review_item')),
    sa.UniqueConstraint('key', name=op.f('uq_review_item_key'))
    )
    with op.batch_alter_table('review_item', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_review_item_invoice_id'), ['invoice_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_review_item_payment_id'), ['payment_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_review_item_practice_id'), ['practice_id'], unique=False)

    with op.batch_alter_table('payment', schema=None) as batch_op:
        batch_op.add_column(sa.Column('is_credit', sa.Boolean(), server_default=sa.false(), nullable=False))
        batch_op.add_column(sa.Column('fee_minor', sa.BigInteger(), nullable=True))

    with op.batch_alter_table('webhook_endpoint', schema=None) as batch_op:
        batch_op.add_column(sa.Column('earlier_secret', sqlmodel.sql.sqltypes.AutoString(), server_default='', nullable=False))



def downgrade() -> None:
    # The tables, as the models say.
    with op.batch_alter_table('webhook_endpoint', schema=None) as batch_op:
        batch_op.drop_column('earlier_secret')

    with op.batch_alter_table('review_item', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_review_item_practice_id'))
        batch_op.drop_index(batch_op.f('ix_review_item_payment_id'))
        batch_op.drop_index(batch_op.f('ix_review_item_invoice_id'))

    op.drop_table('review_item')
    with op.batch_alter_table('refund', schema=None) as batch_op:
        batch_op.drop_index('uq_refund_provider_provider_refund_id', sqlite_where=sa.text("provider_refund_id <> ''"), postgresql_where=sa.text("provider_refund_id <> ''"))
        batch_op.drop_index(batch_op.f('ix_refund_practice_id'))
        batch_op.drop_index(batch_op.f('ix_refund_payment_id'))
        batch_op.drop_index(batch_op.f('ix_refund_invoice_id'))

    op.drop_table('refund')
    with op.batch_alter_table('dispute', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_dispute_practice_id'))
        batch_op.drop_index(batch_op.f('ix_dispute_payment_id'))

    op.drop_table('dispute')
    # only now that nothing leads to a payment any more: SQLite makes the table anew
    with op.batch_alter_table('payment', schema=None) as batch_op:
        batch_op.drop_column('fee_minor')
        batch_op.drop_column('is_credit')
    with op.batch_alter_table('gateway_account', schema=None) as batch_op:
        batch_op.drop_index('uq_gateway_account_practice_id_connected', sqlite_where=sa.text('disconnected_at IS NULL'), postgresql_where=sa.text('disconnected_at IS NULL'))

    op.drop_table('gateway_account')
