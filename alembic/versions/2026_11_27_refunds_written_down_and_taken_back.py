"""refunds that were written down and taken back, and what they had answered"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

# In words, as SQLite takes a reference with a column of its own and in no other way.
TAKEN_BACK_BY = (
    "ALTER TABLE refund ADD COLUMN taken_back_by INTEGER CONSTRAINT fk_refund_taken_back_by_member REFERENCES member (id)"
)


def upgrade() -> None:
    text = sqlmodel.sql.sqltypes.AutoString()
    op.add_column("refund", sa.Column("answered", text, server_default="", nullable=False))
    op.add_column("refund", sa.Column("taken_back_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True))
    op.execute(TAKEN_BACK_BY)


def downgrade() -> None:
    """What was taken back stays failed, and says why."""
    op.drop_column("refund", "taken_back_by")
    op.drop_column("refund", "taken_back_at")
    op.drop_column("refund", "answered")
