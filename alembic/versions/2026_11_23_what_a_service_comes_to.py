"""what a service comes to: editions of its lines, lines by length, colour, place, when it is paid"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

ADDED = (
    ("care_service", "is_virtual", sa.Boolean, sa.false()),
    ("care_service", "is_paid_in_advance", sa.Boolean, sa.false()),
    ("care_service", "tone", sa.Integer, None),
    ("care_service", "edition", sa.Integer, "1"),
    ("service_line", "edition", sa.Integer, "1"),
    ("service_line", "from_minutes", sa.Integer, None),
    ("appointment", "service_edition", sa.Integer, None),
)
"""Table, column, type, what present rows have (None: nothing, and it may stay so)."""


def upgrade() -> None:
    for table, name, kind, given in ADDED:
        op.add_column(table, sa.Column(name, kind(), server_default=given, nullable=given is None))


def downgrade() -> None:
    """Without editions and lengths every line of a service is billed: only those of today's edition and of the
    service's own length stay."""
    op.execute(
        "DELETE FROM service_line WHERE edition <> (SELECT s.edition FROM care_service s WHERE s.id = service_id)"
    )
    op.execute(
        "DELETE FROM service_line WHERE from_minutes IS NOT NULL AND from_minutes <> (SELECT MAX(o.from_minutes) "
        "FROM service_line o JOIN care_service s ON s.id = o.service_id WHERE o.service_id = service_line.service_id "
        "AND o.from_minutes IS NOT NULL AND o.from_minutes <= s.duration_minutes)"
    )
    for table, name, _, _ in reversed(ADDED):
        op.drop_column(table, name)
