"""until when a replaced webhook secret is good, and when an endpoint last heard something"""

from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

MOMENT = sqlmodel.sql.sqltypes.UTCDateTime
ENDPOINT = sa.table(
    "webhook_endpoint", sa.column("earlier_secret", sa.String), sa.column("earlier_until", MOMENT())
)


def upgrade() -> None:
    """One that was replaced before is good for a day more, as if it had been replaced now."""
    op.add_column("webhook_endpoint", sa.Column("earlier_until", MOMENT(), nullable=True))
    op.add_column("webhook_endpoint", sa.Column("heard_at", MOMENT(), nullable=True))
    until = datetime.now(UTC) + timedelta(hours=25)
    op.execute(sa.update(ENDPOINT).where(ENDPOINT.c.earlier_secret != "").values(earlier_until=until))


def downgrade() -> None:
    op.drop_column("webhook_endpoint", "heard_at")
    op.drop_column("webhook_endpoint", "earlier_until")
