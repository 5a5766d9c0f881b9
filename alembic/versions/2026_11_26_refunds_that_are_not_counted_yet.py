"""refunds a gateway tells of that may be what was written down here"""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("refund", sa.Column("is_counted", sa.Boolean(), server_default=sa.true(), nullable=False))


def downgrade() -> None:
    """What is not counted must not be counted by who does not know better."""
    op.execute("DELETE FROM refund WHERE NOT is_counted")
    op.drop_column("refund", "is_counted")
