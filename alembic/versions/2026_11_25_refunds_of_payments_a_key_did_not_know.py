"""which key did not know the payment that was to be given back"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("refund", sa.Column("unknown_to", sqlmodel.sql.sqltypes.AutoString(), server_default="", nullable=False))


def downgrade() -> None:
    op.drop_column("refund", "unknown_to")
