"""A rule that is one question to the database."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlmodel import Session

from trova_app.domain.gateways import PAGES_LAST
from trova_app.models import OutboxRow
from trova_app.services.check.breaches import Breach, Invariant

LONGEST_LEASE = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Question:
    """`finds`: SQL for the keys of the rows at fault, the same on both databases. It may use :now, :hour_ago
    and :pages_end (a link closed before that has no page that could be paid)."""

    invariant: Invariant
    table: str
    sentence: str
    finds: str


def asked(db: Session, question: Question, now: datetime) -> Iterator[Breach]:
    moment = OutboxRow.__table__.c.leased_until.type  # type: ignore[attr-defined]
    given = {"now": now, "hour_ago": now - LONGEST_LEASE, "pages_end": now - PAGES_LAST}
    used = {name: value for name, value in given.items() if f":{name}" in question.finds}
    query = sa.text(question.finds).bindparams(*(sa.bindparam(n, v, type_=moment) for n, v in used.items()))
    for (row_id,) in db.execute(query):
        yield Breach(question.invariant, question.table, int(row_id), question.sentence)
