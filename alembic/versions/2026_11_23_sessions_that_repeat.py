"""sessions that repeat"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

TEXT = sqlmodel.sql.sqltypes.AutoString
TO = {"practice_id": "practice", "client_id": "client", "service_id": "care_service", "practitioner_id": "member"}


def upgrade() -> None:
    op.create_table(
        "appointment_series",
        sa.Column("id", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in TO),
        sa.Column("place", TEXT(), nullable=False),
        sa.Column("rhythm", TEXT(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("at_minute", sa.Integer(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("time_zone", TEXT(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("made_to", sa.Date(), nullable=False),
        sa.Column("created_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.CheckConstraint("at_minute BETWEEN 0 AND 1439", name=op.f("ck_appointment_series_at_minute")),
        sa.CheckConstraint("minutes BETWEEN 1 AND 1440", name=op.f("ck_appointment_series_minutes")),
        *(
            sa.ForeignKeyConstraint([name], [f"{table}.id"], name=op.f(f"fk_appointment_series_{name}_{table}"))
            for name, table in TO.items()
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appointment_series")),
    )
    for name in ("practice_id", "client_id"):
        op.create_index(f"ix_appointment_series_{name}", "appointment_series", [name])
    op.add_column("appointment", sa.Column("series_id", sa.Integer(), nullable=True))
    op.add_column("appointment", sa.Column("planned_day", sa.Date(), nullable=True))
    op.create_index("uq_appointment_series_id_planned_day", "appointment", ["series_id", "planned_day"], unique=True)


def downgrade() -> None:
    op.drop_index("uq_appointment_series_id_planned_day", "appointment")
    op.drop_column("appointment", "planned_day")
    op.drop_column("appointment", "series_id")
    for name in ("client_id", "practice_id"):
        op.drop_index(f"ix_appointment_series_{name}", "appointment_series")
    op.drop_table("appointment_series")
