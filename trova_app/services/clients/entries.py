"""What was done to a client's record: who and when, in words that carry nothing about health."""

from dataclasses import dataclass

from sqlmodel import Session, col, select

from trova_app.domain.permissions import Principal
from trova_app.models import Client, ClientEntry
from trova_app.services.clients.persons import same_person
from trova_app.services.ports import Desk
from trova_app.services.practice_style import PracticeStyle

MOST = 30


@dataclass(frozen=True, slots=True)
class EntryText:
    when: str
    who: str
    what: str


def note(db: Session, desk: Desk, who: Principal, client: Client, what: str) -> None:
    db.add(
        ClientEntry(
            practice_id=client.practice_id,
            client_id=int(client.id or 0),
            happened_at=desk.now(),
            who=who.name,
            what=what,
        )
    )


def entries_of(db: Session, style: PracticeStyle, client: Client) -> tuple[EntryText, ...]:
    """The latest first."""
    query = select(ClientEntry).where(col(ClientEntry.client_id).in_(same_person(db, client)))
    latest = db.exec(query.order_by(col(ClientEntry.happened_at).desc(), col(ClientEntry.id).desc()).limit(MOST))
    return tuple(EntryText(style.moment_words(row.happened_at), row.who, row.what) for row in latest)
