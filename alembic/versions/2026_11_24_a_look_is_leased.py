"""a look through a gateway account is held by a lease"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "sweep_turn", sa.Column("lease_token", sqlmodel.sql.sqltypes.AutoString(), server_default="", nullable=False)
    )
    op.add_column("sweep_turn", sa.Column("leased_until", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True))


def downgrade() -> None:
    op.drop_column("sweep_turn", "leased_until")
    op.drop_column("sweep_turn", "lease_token")
