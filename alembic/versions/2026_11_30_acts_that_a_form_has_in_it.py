"""keys of the acts that a form has in it, so that none is done twice"""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("completion_draft", sa.Column("done_keys", sa.Text(), server_default="", nullable=False))


def downgrade() -> None:
    op.drop_column("completion_draft", "done_keys")
