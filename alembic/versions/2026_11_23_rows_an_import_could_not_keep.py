"""rows an import could not keep; documents by their appointment, void ones too"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("file_import", sa.Column("refused", sa.Integer(), server_default="0", nullable=False))
    op.create_index("ix_invoice_appointment_id", "invoice", ["appointment_id"])


def downgrade() -> None:
    op.drop_index("ix_invoice_appointment_id", "invoice")
    op.drop_column("file_import", "refused")
