"""questions about a form that are not answered yet, kept with it"""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("completion_draft", sa.Column("aside", sa.Text(), server_default="", nullable=False))


def downgrade() -> None:
    op.drop_column("completion_draft", "aside")
