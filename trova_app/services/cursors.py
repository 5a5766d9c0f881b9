"""Where a page of a list ended, as a text that says nothing to anybody else.

A cursor holds the last row's place in the list's order: a moment or a text, and the id.
"""

import base64
import binascii
import json
from datetime import datetime
from typing import Any

from sqlmodel import Session

from trova_app.domain.refusals import Refusal
from trova_app.services.arguments import LARGEST_ID, a_page_size, is_hidden

LONGEST = 2000


def cursor_of(name: str, place: str, key: int) -> str:
    return base64.urlsafe_b64encode(json.dumps([name, place, key]).encode()).decode()


def place_in(name: str, given: object) -> tuple[str, int] | None:
    """The place a cursor of this list stands for, None for "" (the beginning). Refuses everything else."""
    if given == "":
        return None
    try:
        if isinstance(given, str) and given.isascii() and len(given) <= LONGEST:
            of_list, place, key = json.loads(base64.urlsafe_b64decode(given))
            is_ours = of_list == name and isinstance(place, str) and not any(map(is_hidden, place))
            if is_ours and type(key) is int and 0 < key <= LARGEST_ID:
                return place, key
    except (ValueError, TypeError, binascii.Error, RecursionError):
        pass
    raise Refusal("This list has changed. Please load it again from its beginning.")


def moment_in(name: str, given: object) -> tuple[datetime, int] | None:
    """The same for a list in order of time."""
    place = place_in(name, given)
    if place is None:
        return None
    try:
        moment = datetime.fromisoformat(place[0])
    except ValueError:
        moment = datetime.min  # noqa: DTZ901  (refused below)
    if moment.utcoffset() is None:
        raise Refusal("This list has changed. Please load it again from its beginning.")
    return moment, place[1]


def latest_first(db: Session, query: Any, key: Any, name: str, after: object, limit: object) -> tuple[list[Any], str]:
    """One page of a list in order of `key`, the id of each row's first part, the highest first: its rows, and the
    cursor of the next page, "" at the end."""
    size, place = a_page_size(limit), place_in(name, after)
    if place is not None:
        query = query.where(key < place[1])
    found = list(db.execute(query.order_by(key.desc()).limit(size + 1)))
    rows = found[:size]
    return rows, cursor_of(name, "", rows[-1][0].id) if len(found) > size else ""
