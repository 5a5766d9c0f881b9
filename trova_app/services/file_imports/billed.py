"""Whether anything of an import was billed: then it can no longer be undone."""

import sqlalchemy as sa
from sqlmodel import Session, col, select

from trova_app.models import Client, FileImport, Imported, Invoice

MOST_NAMED = 3


def billed_sentence(db: Session, row: FileImport) -> str:
    """Says what was billed, "" for nothing."""
    of_it = (Imported.import_id == row.id, Imported.was == "")
    sessions = select(Imported.record_id).where(*of_it, Imported.what == "appointment")
    clients = select(Imported.record_id).where(*of_it, Imported.what == "client")
    is_of_it = sa.or_(col(Invoice.appointment_id).in_(sessions), col(Invoice.client_id).in_(clients))
    names = (
        select(Client.first_name, Client.last_name)
        .where(col(Client.id).in_(select(Invoice.client_id).where(Invoice.practice_id == row.practice_id, is_of_it)))
        .order_by(col(Client.search_text), col(Client.id))
    )
    found = db.exec(names.limit(MOST_NAMED + 1)).all()
    if not found:
        return ""
    said = ", ".join(" ".join(pair).strip() for pair in found[:MOST_NAMED])
    others = " and others" if len(found) > MOST_NAMED else ""
    return f"This import can no longer be undone: {said}{others} were billed since. What was billed stays."
