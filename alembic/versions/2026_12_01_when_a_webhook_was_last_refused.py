"""when something that was not signed as it should be last came to a webhook"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    moment = sqlmodel.sql.sqltypes.UTCDateTime()
    op.add_column("webhook_endpoint", sa.Column("refused_at", moment, nullable=True))


def downgrade() -> None:
    op.drop_column("webhook_endpoint", "refused_at")
