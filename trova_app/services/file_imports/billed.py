"""Whether anything of an import was billed: then it can no longer be undone."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from trova_app.models import Client, FileImport, Imported, Invoice

MOST_NAMED = 3


def billed_sentence(db: Session, row: FileImport, some: Sequence[int] | None = None) -> str:
    """Says what was billed, "" for nothing. `some`: of these `Imported` alone."""
    of_it: tuple[Any, ...] = (Imported.import_id == row.id, Imported.was == "")
    if some is not None:
        of_it = (*of_it, col(Imported.id).in_(some))
    sessions = select(Imported.record_id).where(*of_it, Imported.what == "appointment")
    clients = select(Imported.record_id).where(*of_it, Imported.what == "client")
    billed = sa.union(
        *(
            select(col(Invoice.client_id)).where(is_of_it)
            for is_of_it in (col(Invoice.appointment_id).in_(sessions), col(Invoice.client_id).in_(clients))
        )
    )  # two questions, each by its own index: the records are the practice's own, as the import is
    names = (
        select(Client.first_name, Client.last_name)
        .where(col(Client.id).in_(billed))
        .order_by(col(Client.search_text), col(Client.id))
    )
    found = db.exec(names.limit(MOST_NAMED + 1)).all()
    if not found:
        return ""
    said = ", ".join(" ".join(pair).strip() for pair in found[:MOST_NAMED])
    others = " and others" if len(found) > MOST_NAMED else ""
    return f"This import can no longer be undone: {said}{others} were billed since. What was billed stays."
