"""the link somebody may try a gateway account with"""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("gateway_account", sa.Column("test_url", sa.Text(), server_default="", nullable=False))


def downgrade() -> None:
    op.drop_column("gateway_account", "test_url")
