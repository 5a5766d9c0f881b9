"""why a session was cancelled, and what a missed one costs"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

TEXT = sqlmodel.sql.sqltypes.AutoString


def upgrade() -> None:
    op.add_column("appointment", sa.Column("cancel_reason", TEXT(), server_default="", nullable=False))
    op.add_column("appointment", sa.Column("missed_fee_minor", sa.BigInteger(), nullable=True))


def downgrade() -> None:
    op.drop_column("appointment", "missed_fee_minor")
    op.drop_column("appointment", "cancel_reason")
