"""What a breach is, and how the books are read: in batches, never all at once."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlmodel import Session

BATCH = 500

Row = Any  # a row of a query; its columns are named where the query is


class Invariant(StrEnum):
    """The rules, by the name a breach carries."""

    TOTALS = "totals"  # every stored part follows from the lines, and every document prints the stored parts
    WHOLE_NUMBERS = "whole numbers"
    ONE_CURRENCY = "one currency"
    COMPLETED = "completed"  # a session is completed exactly when it has one live invoice, and only once it is over
    STATUS = "status"
    NUMBERS = "numbers"  # unique and without gaps for each practice and series
    BALANCE = "balance"  # discounts and payments stay within what they reduce
    PAID_ONLINE = "paid online"
    GIVEN_BACK = "given back"  # a refund is of money that came, under a key of its own
    REVIEW = "review"  # money that settles nothing waits for a person, and what was decided was done
    GATEWAY_ACCOUNT = "gateway account"  # keys and secrets are sealed, and end with the account they belong to
    ONE_LINK = "one link"
    LINK_KEY = "link key"  # what makes a repeated request harmless is stored before it is made
    OUTBOX = "outbox"
    MAIL = "mail"
    INSURER = "insurer"  # an insurer's invoice never asks the client to pay online
    ONE_PRACTICE = "one practice"
    TIMELINE = "timeline"
    WORKING_COPY = "working copy"


@dataclass(frozen=True, slots=True)
class Breach:
    """`row_id`: the row's key; for `number_series` and `completion_draft` the practice's and the appointment's.
    The sentence names no person and no diagnosis."""

    invariant: str
    table: str
    row_id: int
    sentence: str


def batches(db: Session, query: Any, key: Any, size: int = BATCH) -> Iterator[Sequence[Row]]:
    """The query's rows by a whole-numbered key, which is its first column; never all at once."""
    last = -1
    while rows := db.execute(query.where(key > last).order_by(key).limit(size)).all():
        yield rows
        last = rows[-1][0]


def parsed_json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None
