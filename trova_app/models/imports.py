"""Files on their way in."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field

from trova_app.models.base import SQLModel, at, key, of


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
