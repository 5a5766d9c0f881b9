"""Files somebody chose to import: kept for an hour, for that person alone, outside of any page's state."""

from dataclasses import dataclass
from datetime import timedelta

import sqlalchemy as sa
from sqlmodel import Session, col, select

from trova_app.domain.permissions import Permission, Principal
from trova_app.domain.refusals import Refusal
from trova_app.models import WaitingFile
from trova_app.services.arguments import is_hidden
from trova_app.services.ports import Desk

LARGEST = 10_000_000  # bytes
WAITS = timedelta(hours=1)
MOST_OF_ONE = 3  # files of one person at a time; the oldest goes first
LONGEST_NAME = 120

KINDS = {
    b"\xd0\xcf\x11\xe0": "This workbook is of an old kind or locked with a password. Save it as .xlsx or CSV first.",
    b"%PDF": "This is a PDF. Choose the list as CSV or .xlsx instead.",
    b"\x89PNG": "This is a picture. Choose the list as CSV or .xlsx instead.",
    b"\xff\xd8\xff": "This is a picture. Choose the list as CSV or .xlsx instead.",
    b"\x1f\x8b": "This file is compressed. Unpack it first.",
}
UNKNOWN = "This file is neither text nor a workbook. Choose the list as CSV or .xlsx instead."
GONE = "That file is no longer here: it waits for an hour. Choose it again."


@dataclass(frozen=True, slots=True)
class Given:
    """A waiting file as it was chosen."""

    name: str
    data: bytes


def keep_file(db: Session, desk: Desk, who: Principal, *, name: object, data: bytes) -> str:
    """Looks at the first bytes, keeps the file and gives its token. Raises `Refusal` for what cannot be a list."""
    who.must(Permission.IMPORT)
    must_be_a_list(data)
    forget_old(db, desk)
    mine = select(WaitingFile).where(WaitingFile.member_id == who.member_id).order_by(col(WaitingFile.id).desc())
    for old in db.exec(mine.offset(MOST_OF_ONE - 1)):
        db.delete(old)
    row = WaitingFile(
        practice_id=who.practice_id,
        member_id=who.member_id,
        token=desk.new_token(),
        name=_plain(name),
        data=data,
        created_at=desk.now(),
    )
    db.add(row)
    db.flush()
    return row.token


def must_be_a_list(data: bytes) -> None:
    """By what stands in it; what the browser says of a file proves nothing."""
    if not data.strip():
        raise Refusal("This file is empty.")
    if len(data) > LARGEST:
        raise Refusal(f"This file is larger than {LARGEST // 1_000_000} MB. Split it and import the parts.")
    for start, sentence in KINDS.items():
        if data.startswith(start):
            raise Refusal(sentence)
    head = data[:4096]
    is_wide = head.startswith((b"\xff\xfe", b"\xfe\xff")) or head.count(0) > len(head) // 3
    if not data.startswith(b"PK\x03\x04") and b"\x00" in head and not is_wide:
        raise Refusal(UNKNOWN)


def waiting_file(db: Session, desk: Desk, who: Principal, *, token: object) -> Given:
    """The file, for the person who chose it and for nobody else."""
    who.must(Permission.IMPORT)
    row = _mine(db, who, token)
    if row is None or row.created_at + WAITS <= desk.now():
        raise Refusal(GONE)
    return Given(row.name, row.data)


def forget_file(db: Session, desk: Desk, who: Principal, *, token: object) -> None:
    row = _mine(db, who, token)
    if row is not None:
        db.delete(row)


def has_old(db: Session, desk: Desk) -> bool:
    """Whether there is anything for `forget_old` to do; asked often, and without a lock."""
    query = select(WaitingFile.id).where(col(WaitingFile.created_at) <= desk.now() - WAITS)
    return db.exec(query.limit(1)).first() is not None


def forget_old(db: Session, desk: Desk) -> int:
    """Deletes every file that has waited for too long, whoever's it is."""
    gone = db.execute(sa.delete(WaitingFile).where(col(WaitingFile.created_at) <= desk.now() - WAITS))
    return int(getattr(gone, "rowcount", 0))


def _mine(db: Session, who: Principal, token: object) -> WaitingFile | None:
    if not isinstance(token, str) or not 0 < len(token) <= 100:
        return None
    query = select(WaitingFile).where(
        WaitingFile.token == token,
        WaitingFile.practice_id == who.practice_id,
        WaitingFile.member_id == who.member_id,
    )
    return db.exec(query).first()


def _plain(name: object) -> str:
    """The last part of a path, without hidden characters."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1] if isinstance(name, str) else ""
    return "".join(c for c in last if not is_hidden(c)).strip()[:LONGEST_NAME]
