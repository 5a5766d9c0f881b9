"""Files on their way in, and what came of them."""

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlmodel import Field

from trova_app.domain.imports import ImportKind
from trova_app.models.base import SQLModel, at, key, of, one_of, words


class WaitingFile(SQLModel, table=True):
    """A file somebody chose to import, until it is imported, replaced or an hour old. Only that person reads it."""

    __tablename__ = "waiting_file"

    id: int | None = key()
    practice_id: int = of("practice.id")
    member_id: int = of("member.id")
    token: str = Field(unique=True)
    name: str = ""
    data: bytes = Field(sa_type=sa.LargeBinary)
    created_at: datetime = at(nullable=False, index=True)


class ImportState(StrEnum):
    """`READING` is looked through, `READY` waits for a person, `STOPPED` ended by itself before it was whole."""

    READING = "reading"
    READY = "ready"
    RUNNING = "running"
    DONE = "done"
    UNDOING = "undoing"
    UNDONE = "undone"
    STOPPED = "stopped"


class FileImport(SQLModel, table=True):
    """A list of clients or appointments, from the look through it to its undoing. `data` is the file until it is
    imported, empty afterwards. `options` (JSON) says how it is read, `report` (JSON) what was found or done; `done` of
    `total` rows are through, `refused` of them could not be kept. `version` goes up with every choice: a look at an
    earlier one counts for nothing."""

    __tablename__ = "file_import"
    __table_args__ = (one_of("kind", ImportKind), one_of("state", ImportState))

    id: int | None = key()
    practice_id: int = of("practice.id")
    member_id: int = of("member.id")
    kind: str
    name: str = ""
    data: bytes = Field(sa_type=sa.LargeBinary)
    state: str = ImportState.READING
    options: str = words("{}")
    report: str = words("{}")
    problem: str = words()
    total: int = 0
    done: int = 0
    refused: int = 0
    version: int = 1
    created_at: datetime = at(nullable=False, index=True)
    ended_at: datetime | None = at()


class Imported(SQLModel, table=True):
    """One record an import made or changed, `what` being its table, so that it can be undone. `was` (JSON): the columns
    it changed as they stood before, "" for a record that was made. `version` is the record's own as the import left it.
    In the order they were made."""

    __tablename__ = "imported"
    __table_args__ = (sa.UniqueConstraint("import_id", "what", "record_id"),)

    id: int | None = key()
    practice_id: int = of("practice.id")
    import_id: int = of("file_import.id", index=False)
    what: str
    record_id: int
    version: int = 0
    was: str = words()
