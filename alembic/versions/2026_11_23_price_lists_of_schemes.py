"""price lists of schemes"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

TEXT = sqlmodel.sql.sqltypes.AutoString


def upgrade() -> None:
    op.create_table(
        "scheme_rate",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("practice_id", sa.Integer(), nullable=False),
        sa.Column("scheme_id", sa.Integer(), nullable=False),
        sa.Column("code", TEXT(length=20), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("unit_price", sa.BigInteger(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("search_text", TEXT(), nullable=False),
        sa.ForeignKeyConstraint(["practice_id"], ["practice.id"], name=op.f("fk_scheme_rate_practice_id_practice")),
        sa.ForeignKeyConstraint(["scheme_id"], ["scheme.id"], name=op.f("fk_scheme_rate_scheme_id_scheme")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scheme_rate")),
        sa.UniqueConstraint("scheme_id", "code", "valid_from", name=op.f("uq_scheme_rate_scheme_id_code_valid_from")),
    )
    op.create_index("ix_scheme_rate_practice_id", "scheme_rate", ["practice_id"])
    op.add_column("scheme", sa.Column("is_active", sa.Boolean(), server_default=sa.true(), nullable=False))
    op.add_column("scheme", sa.Column("version", sa.Integer(), server_default="1", nullable=False))


def downgrade() -> None:
    op.drop_column("scheme", "version")
    op.drop_column("scheme", "is_active")
    op.drop_index("ix_scheme_rate_practice_id", "scheme_rate")
    op.drop_table("scheme_rate")
