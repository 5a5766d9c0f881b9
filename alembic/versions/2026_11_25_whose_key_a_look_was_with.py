"""which key of the installation's a gateway account was looked through with"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "sweep_turn", sa.Column("key_mark", sqlmodel.sql.sqltypes.AutoString(), server_default="", nullable=False)
    )


def downgrade() -> None:
    op.drop_column("sweep_turn", "key_mark")
