"""imports in the browser: what a file is read as, how far it is, and what came of it, so that it can be undone"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

TEXT = sqlmodel.sql.sqltypes.AutoString
MOMENT = sqlmodel.sql.sqltypes.UTCDateTime
STATES = "'reading', 'ready', 'running', 'done', 'undoing', 'undone', 'stopped'"


def upgrade() -> None:
    op.create_table(
        "file_import",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("practice_id", sa.Integer(), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("kind", TEXT(), nullable=False),
        sa.Column("name", TEXT(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.Column("state", TEXT(), nullable=False),
        sa.Column("options", sa.Text(), nullable=False),
        sa.Column("report", sa.Text(), nullable=False),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", MOMENT(), nullable=False),
        sa.Column("ended_at", MOMENT(), nullable=True),
        sa.CheckConstraint("kind IN ('clients', 'appointments')", name=op.f("ck_file_import_kind")),
        sa.CheckConstraint(f"state IN ({STATES})", name=op.f("ck_file_import_state")),
        sa.ForeignKeyConstraint(["practice_id"], ["practice.id"], name=op.f("fk_file_import_practice_id_practice")),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_file_import_member_id_member")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_file_import")),
    )
    for column in ("practice_id", "member_id", "created_at"):
        op.create_index(f"ix_file_import_{column}", "file_import", [column])
    op.create_table(
        "imported",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("practice_id", sa.Integer(), nullable=False),
        sa.Column("import_id", sa.Integer(), nullable=False),
        sa.Column("what", TEXT(), nullable=False),
        sa.Column("record_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("was", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["practice_id"], ["practice.id"], name=op.f("fk_imported_practice_id_practice")),
        sa.ForeignKeyConstraint(["import_id"], ["file_import.id"], name=op.f("fk_imported_import_id_file_import")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_imported")),
        sa.UniqueConstraint("import_id", "what", "record_id", name=op.f("uq_imported_import_id_what_record_id")),
    )
    op.create_index("ix_imported_practice_id", "imported", ["practice_id"])


def downgrade() -> None:
    op.drop_table("imported")
    op.drop_table("file_import")
