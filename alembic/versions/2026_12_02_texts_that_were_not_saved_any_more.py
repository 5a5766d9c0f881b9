"""what somebody typed into a form and was not saved when the form went"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "kept_texts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("practice_id", sa.Integer(), nullable=False),
        sa.Column("appointment_id", sa.Integer(), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("cells", sa.Text(), nullable=False),
        sa.Column("kept_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["practice_id"], ["practice.id"], name=op.f("fk_kept_texts_practice_id_practice")),
        sa.ForeignKeyConstraint(
            ["appointment_id"], ["appointment.id"], name=op.f("fk_kept_texts_appointment_id_appointment")
        ),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_kept_texts_member_id_member")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_kept_texts")),
    )
    op.create_index("ix_kept_texts_practice_id", "kept_texts", ["practice_id"])
    op.create_index("ix_kept_texts_appointment_id_member_id", "kept_texts", ["appointment_id", "member_id"])


def downgrade() -> None:
    op.drop_table("kept_texts")
