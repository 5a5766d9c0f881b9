"""What only a person can decide, put in front of them once. `models.ReviewItem` lists the kinds."""

import sqlalchemy as sa
from sqlalchemy import ColumnElement
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col

from trova_app.models import ReviewItem
from trova_app.services.ports import Desk


def ask_a_person(
    db: Session,
    desk: Desk,
    *,
    practice_id: int,
    kind: str,
    about: str,
    sentence: str,
    invoice_id: int | None = None,
    payment_id: int | None = None,
    event_id: int | None = None,
) -> bool:
    """Adds an open item under the key kind/about. False where it was asked before, also when it is resolved since."""
    db.flush()
    insert = postgresql.insert if db.get_bind().dialect.name == "postgresql" else sqlite.insert
    row = ReviewItem(
        practice_id=practice_id,
        key=f"{kind}/{about}",
        kind=kind,
        sentence=sentence,
        invoice_id=invoice_id,
        payment_id=payment_id,
        event_id=event_id,
        created_at=desk.now(),
    )
    added = db.exec(
        insert(ReviewItem)
        .values(row.model_dump(exclude={"id"}))
        .on_conflict_do_nothing(index_elements=["key"])
        .returning(col(ReviewItem.id))
    )
    is_new = added.first() is not None
    if is_new:
        desk.tell(practice_id)
    return is_new


def ask_again(
    db: Session, desk: Desk, *, practice_id: int, kind: str, about: str, sentence: str, invoice_id: int | None
) -> bool:
    """The same about something that can come back: a question that had settled itself is open once more. One that a
    person has answered stays answered."""
    if ask_a_person(
        db, desk, practice_id=practice_id, kind=kind, about=about, sentence=sentence, invoice_id=invoice_id
    ):
        return True
    settled = (
        col(ReviewItem.key) == f"{kind}/{about}",
        col(ReviewItem.state) == "resolved",
        col(ReviewItem.resolved_by).is_(None),
    )
    reopened = sa.update(ReviewItem).where(*settled).values(state="open", decision="", resolved_at=None)
    is_open_again = db.exec(reopened.returning(col(ReviewItem.id))).first() is not None
    if is_open_again:
        desk.tell(practice_id)
    return is_open_again


def ask_anew(
    db: Session, desk: Desk, *, practice_id: int, kind: str, about: str, sentence: str, invoice_id: int | None,
    payment_id: int | None,
) -> None:  # fmt: skip
    """The same about something that was decided before and stands otherwise now, whoever decided it."""
    is_new = ask_a_person(
        db, desk, practice_id=practice_id, kind=kind, about=about, sentence=sentence, invoice_id=invoice_id,
        payment_id=payment_id,
    )  # fmt: skip
    if not is_new:
        open_again(db, desk, practice_id, col(ReviewItem.key) == f"{kind}/{about}", sentence=sentence)


def open_again(db: Session, desk: Desk, practice_id: int, *which: ColumnElement[bool], **given: str) -> bool:
    """Questions of a practice that what was decided holds no more for; False where there are none. One that is open
    counts, and stays. `given`: what is put in anew."""
    undecided = {"state": "open", "decision": "", "reason": "", "resolved_by": None, "resolved_at": None}
    asked = sa.update(ReviewItem).where(col(ReviewItem.practice_id) == practice_id, *which)
    is_asked = db.exec(asked.values(**undecided | given).returning(col(ReviewItem.id))).first() is not None
    if is_asked:
        desk.tell(practice_id)
    return is_asked


def settled_itself(db: Session, desk: Desk, *, kind: str, about: str) -> None:
    """An open question that no longer stands is closed, with nobody's name."""
    found = sa.update(ReviewItem).where(col(ReviewItem.key) == f"{kind}/{about}", col(ReviewItem.state) == "open")
    db.exec(found.values(state="resolved", decision="ignore", resolved_at=desk.now()))
