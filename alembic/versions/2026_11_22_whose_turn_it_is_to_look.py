"""whose turn it is to look a gateway account through"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

TEXT = sqlmodel.sql.sqltypes.AutoString
MOMENT = sqlmodel.sql.sqltypes.UTCDateTime


def upgrade() -> None:
    op.create_table(
        "sweep_turn",
        sa.Column("key", TEXT(), nullable=False),
        sa.Column("taken_at", MOMENT(), nullable=True),
        sa.Column("events_cursor", MOMENT(), nullable=True),
        sa.Column("last_event_at", MOMENT(), nullable=True),
        sa.Column("last_sweep_at", MOMENT(), nullable=True),
        sa.Column("last_sweep_error", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_sweep_turn")),
    )


def downgrade() -> None:
    op.drop_table("sweep_turn")
