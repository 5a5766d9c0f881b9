"""calendars of other systems: who reads ours, and which we read"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

TEXT = sqlmodel.sql.sqltypes.AutoString
MOMENT = sqlmodel.sql.sqltypes.UTCDateTime


def _to(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=op.f(f"fk_{table}_{column}_{target}"))


def upgrade() -> None:
    op.create_table(
        "calendar_feed",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("practice_id", sa.Integer(), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("token_hash", TEXT(length=64), nullable=False),
        sa.Column("shows_initials", sa.Boolean(), nullable=False),
        sa.Column("created_at", MOMENT(), nullable=False),
        sa.Column("revoked_at", MOMENT(), nullable=True),
        _to("calendar_feed", "practice_id", "practice"),
        _to("calendar_feed", "member_id", "member"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendar_feed")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_calendar_feed_token_hash")),
    )
    for name in ("practice_id", "member_id"):
        op.create_index(f"ix_calendar_feed_{name}", "calendar_feed", [name])
    op.create_table(
        "calendar_subscription",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("practice_id", sa.Integer(), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("created_by", sa.Integer(), nullable=False),
        sa.Column("host", TEXT(), nullable=False),
        sa.Column("address_sealed", sa.Text(), nullable=False),
        sa.Column("adds_clients", sa.Boolean(), nullable=False),
        sa.Column("etag", TEXT(), nullable=False),
        sa.Column("modified", TEXT(), nullable=False),
        sa.Column("read_at", MOMENT(), nullable=True),
        sa.Column("asked_at", MOMENT(), nullable=True),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.Column("created_at", MOMENT(), nullable=False),
        sa.Column("ended_at", MOMENT(), nullable=True),
        _to("calendar_subscription", "practice_id", "practice"),
        _to("calendar_subscription", "member_id", "member"),
        _to("calendar_subscription", "created_by", "member"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendar_subscription")),
    )
    op.create_index("ix_calendar_subscription_practice_id", "calendar_subscription", ["practice_id"])
    op.add_column("appointment", sa.Column("external_mark", TEXT(), server_default="", nullable=False))
    op.add_column("appointment", sa.Column("subscription_id", sa.Integer(), nullable=True))


def downgrade() -> None:
    op.drop_column("appointment", "subscription_id")
    op.drop_column("appointment", "external_mark")
    op.drop_index("ix_calendar_subscription_practice_id", "calendar_subscription")
    op.drop_table("calendar_subscription")
    for name in ("member_id", "practice_id"):
        op.drop_index(f"ix_calendar_feed_{name}", "calendar_feed")
    op.drop_table("calendar_feed")
