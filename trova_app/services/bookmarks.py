"""Where reading a gateway account's list stopped, so that the next turn goes on there instead of starting over."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from trova_app.models import SweepTurn


@dataclass(frozen=True, slots=True)
class Bookmark:
    """What happened since `since` is read, newest first, on from `page` (None: from the start). `newest`: the latest
    moment seen so far; what is younger is the next reading's."""

    since: datetime
    page: str | None = None
    newest: datetime | None = None

    def after(self, page: str | None, newest: datetime | None = None) -> "Bookmark":
        """One page further. `page` None: that was the last."""
        return Bookmark(self.since, page, max(filter(None, (self.newest, newest)), default=None))


def opened(turn: SweepTurn, since: datetime) -> Bookmark:
    """Where an earlier turn stopped, else the start of what happened since."""
    if turn.page and turn.page_since:
        return Bookmark(turn.page_since, turn.page, turn.page_newest)
    return Bookmark(since)


def lay(db: Session, key: str, mark: Bookmark) -> None:
    """Of the turn `key`; in one transaction with what was read up to there."""
    turn = db.get_one(SweepTurn, key)
    turn.page = mark.page or ""
    turn.page_since, turn.page_newest = (mark.since, mark.newest) if mark.page else (None, None)


def forget(db: Session, key: str) -> None:
    """The gateway does not know the page any more, or does not let us read: the next turn begins at the start."""
    turn = db.get_one(SweepTurn, key)
    turn.page, turn.page_since, turn.page_newest = "", None, None
