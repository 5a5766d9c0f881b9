"""who told an event, and where a look through a gateway account stopped"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

TEXT = sqlmodel.sql.sqltypes.AutoString
MOMENT = sqlmodel.sql.sqltypes.UTCDateTime


def upgrade() -> None:
    op.add_column("provider_event", sa.Column("through", sa.Integer(), nullable=True))
    op.add_column("sweep_turn", sa.Column("page", TEXT(), server_default="", nullable=False))
    op.add_column("sweep_turn", sa.Column("page_since", MOMENT(), nullable=True))
    op.add_column("sweep_turn", sa.Column("page_newest", MOMENT(), nullable=True))


def downgrade() -> None:
    for name in ("page_newest", "page_since", "page"):
        op.drop_column("sweep_turn", name)
    op.drop_column("provider_event", "through")
