"""when the list a session came from says that it begins"""

from datetime import UTC, datetime

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

MOMENT = sqlmodel.sql.sqltypes.UTCDateTime
SESSION = sa.table(
    "appointment",
    sa.column("id", sa.Integer),
    sa.column("external_mark", sa.Text),
    sa.column("listed_at", MOMENT()),
)
AT_ONCE = 1_000


def upgrade() -> None:
    op.add_column("appointment", sa.Column("listed_at", MOMENT(), nullable=True))
    op.create_index("ix_appointment_practice_id_listed_at", "appointment", ["practice_id", "listed_at"])
    _fill()


def _fill() -> None:
    """A list's mark begins with the moment it said; a calendar's is a number without a meaning."""
    db = op.get_bind()
    marked = sa.select(SESSION.c.id, SESSION.c.external_mark).where(SESSION.c.external_mark.like("____-__-__T%"))
    last = 0
    while rows := db.execute(marked.where(SESSION.c.id > last).order_by(SESSION.c.id).limit(AT_ONCE)).all():
        for key, mark in rows:
            said = datetime.fromisoformat(mark.split(" ")[0]).astimezone(UTC)
            db.execute(sa.update(SESSION).where(SESSION.c.id == key).values(listed_at=said))
        last = rows[-1].id


def downgrade() -> None:
    op.drop_index("ix_appointment_practice_id_listed_at", "appointment")
    op.drop_column("appointment", "listed_at")
