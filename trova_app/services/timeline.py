"""The timeline of an invoice or an appointment: who did what when, in words without diagnoses."""

from sqlmodel import Session, select

from trova_app.models import TimelineEntry
from trova_app.services.ports import Desk


def note(
    db: Session,
    desk: Desk,
    *,
    practice_id: int,
    who: str,
    what: str,
    invoice_id: int | None = None,
    appointment_id: int | None = None,
) -> None:
    """Adds one entry in the act's own transaction, so that nothing happens unseen and nothing is noted that did not."""
    db.add(
        TimelineEntry(
            practice_id=practice_id,
            invoice_id=invoice_id,
            appointment_id=appointment_id,
            happened_at=desk.now(),
            who=who,
            what=what,
        )
    )


def says(db: Session, invoice_id: int | None, what: str) -> bool:
    """Whether an invoice's timeline has an entry in these words."""
    known = select(TimelineEntry.id).where(TimelineEntry.invoice_id == invoice_id, TimelineEntry.what == what)
    return db.exec(known.limit(1)).first() is not None
