"""`trova check`: what must always be true of the books, recomputed over the whole database, every practice.

The acts keep these rules and the database refuses most breaches; this finds what got past both: a restored copy, a
repair by hand, a defect. Rules that are one question to the database stand in `questions`; the others are functions.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

from sqlmodel import Session

from trova_app.services.check.breaches import Breach, Invariant
from trova_app.services.check.given_out import documents, printed
from trova_app.services.check.numbering import numbers
from trova_app.services.check.question import asked
from trova_app.services.check.questions import QUESTIONS
from trova_app.services.check.tables import one_practice, whole_numbers
from trova_app.services.check.texts import texts_kept, wanted_letters, working_copies
from trova_app.services.check.totals import totals

__all__ = ["RULES", "Breach", "Invariant", "check"]

RULES: tuple[Callable[[Session], Iterator[Breach]], ...] = (
    whole_numbers,
    one_practice,
    totals,
    documents,
    printed,
    numbers,
    working_copies,
    texts_kept,
    wanted_letters,
)


def check(db: Session, now: datetime | None = None) -> list[Breach]:
    """Every breach found, [] for sound books. Reads only, in batches; `now`: the present moment if not the system's."""
    moment = now or datetime.now(UTC)
    found = [breach for question in QUESTIONS for breach in asked(db, question, moment)]
    return found + [breach for rule in RULES for breach in rule(db)]
