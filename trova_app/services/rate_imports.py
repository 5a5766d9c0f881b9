"""A scheme's new price list: shown before anything is kept, then kept as a whole or not at all."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

import sqlalchemy as sa
from sqlmodel import Session, col, select

from trova_app.domain.imports import RowFault, Sheet
from trova_app.domain.permissions import Permission, Principal
from trova_app.domain.refusals import ChangedElsewhere, Refusal
from trova_app.models import Scheme, SchemeRate
from trova_app.services.arguments import a_version
from trova_app.services.ports import Desk
from trova_app.services.practice_style import PracticeStyle, short, style_for
from trova_app.services.rate_sheets import NewRate, a_first_day, read_rates
from trova_app.services.scheme_clients import Affected, affected_clients
from trova_app.services.scheme_rates import is_latest, search_text_of
from trova_app.services.schemes import find_scheme

MOST_SHOWN = 200
ALL_AT_ONCE = 500  # rows of one statement


class Outcome(StrEnum):
    FAULT = "fault"
    CHANGED = "changed"
    NEW = "new"
    SAME = "same"


@dataclass(frozen=True, slots=True)
class PreviewLine:
    """One row of the list. `was`: what holds on that day so far, "" for nothing."""

    row: int
    code: str
    text: str
    price: str
    was: str
    outcome: str
    sentence: str = ""


@dataclass(frozen=True, slots=True)
class RatePreview:
    """What would happen. `lines`: faults first, then changes, then the rest, as many as are worth looking at; `left`:
    codes of the present list that are not in this one. `may_keep`: there is no fault, and something to keep.
    `version`: of the scheme as it was looked at."""

    counts: dict[str, int]
    lines: tuple[PreviewLine, ...]
    more: int
    left: int
    first_day: str
    affected: Affected
    may_keep: bool
    version: int


def preview_rates(
    db: Session, desk: Desk, who: Principal, *, scheme_id: object, sheet: Sheet, valid_from: object
) -> RatePreview:
    """What keeping the list would do; keeps nothing."""
    who.must(Permission.CATALOGUE)
    scheme = find_scheme(db, who, scheme_id)
    style = style_for(db, desk, who.practice_id)
    read = read_rates(sheet, style, a_first_day(style, valid_from))
    present = _present(db, scheme, read.rates)
    lines = [_fault_line(fault) for fault in read.faults]
    lines += sorted((_line(rate, present, style) for rate in read.rates), key=_pressing)
    counts = Counter(line.outcome for line in lines)
    first_day = min((rate.valid_from for rate in read.rates), default=style.today)
    return RatePreview(
        counts={outcome.value: counts[outcome.value] for outcome in Outcome},
        lines=tuple(lines[:MOST_SHOWN]),
        more=max(0, len(lines) - MOST_SHOWN),
        left=_left(db, scheme, first_day, {rate.code for rate in read.rates}),
        first_day=short(first_day),
        affected=affected_clients(db, desk, who, scheme_id=scheme.id, since=first_day),
        may_keep=not read.faults and counts[Outcome.NEW] + counts[Outcome.CHANGED] > 0,
        version=scheme.version,
    )


def keep_rates(
    db: Session, desk: Desk, who: Principal, *, scheme_id: object, version: object, sheet: Sheet, valid_from: object
) -> str:
    """Keeps the whole list, or raises and keeps nothing. A price for the same code and day takes the other's place.
    Gives a sentence about what was done. `ChangedElsewhere` where the scheme is not as it was when the list was looked
    at (`version`)."""
    who.must(Permission.CATALOGUE)
    scheme = find_scheme(db, who, scheme_id, lock=True)
    if scheme.version != a_version(version):
        raise ChangedElsewhere("The scheme or its prices changed in the meantime. Nothing was kept; look once more.")
    style = style_for(db, desk, who.practice_id)
    read = read_rates(sheet, style, a_first_day(style, valid_from))
    if read.faults:
        raise Refusal(f"Nothing was kept: {_count(len(read.faults), 'row')} cannot be read. Correct the list first.")
    if not read.rates:
        raise Refusal("There are headings in this list and no price under them.")
    _write(db, scheme, read.rates)
    scheme.version += 1
    db.add(scheme)
    db.flush()
    desk.tell(who.practice_id)
    days = sorted({rate.valid_from for rate in read.rates})
    return f"{_count(len(read.rates), 'price')} of {scheme.name} kept, valid from {short(days[0])}."


def _write(db: Session, scheme: Scheme, rates: Sequence[NewRate]) -> None:
    known = {(row.code, row.valid_from): row for row in _rows_of(db, scheme)}
    fresh = []
    for rate in rates:
        words = {
            "description": rate.text,
            "unit_price": rate.price,
            "search_text": search_text_of(rate.code, rate.text),
        }
        row = known.get((rate.code, rate.valid_from))
        if row is None:
            key = {"practice_id": scheme.practice_id, "scheme_id": scheme.id, "code": rate.code}
            fresh.append(key | words | {"valid_from": rate.valid_from})
            continue
        for name, value in words.items():
            setattr(row, name, value)
        db.add(row)
    for at in range(0, len(fresh), ALL_AT_ONCE):
        db.execute(sa.insert(SchemeRate), fresh[at : at + ALL_AT_ONCE])


def _rows_of(db: Session, scheme: Scheme) -> Iterable[SchemeRate]:
    return db.exec(
        select(SchemeRate).where(SchemeRate.practice_id == scheme.practice_id, SchemeRate.scheme_id == scheme.id)
    )


# -- what is shown

PRESSING = {Outcome.CHANGED.value: 0, Outcome.NEW.value: 1, Outcome.SAME.value: 2}


def _pressing(line: PreviewLine) -> tuple[int, int]:
    return PRESSING[line.outcome], line.row


def _fault_line(fault: RowFault) -> PreviewLine:
    return PreviewLine(fault.row, "", "", "", "", Outcome.FAULT.value, fault.sentence)


def _present(db: Session, scheme: Scheme, rates: Sequence[NewRate]) -> dict[str, list[SchemeRate]]:
    """Every price of the scheme by code."""
    found: dict[str, list[SchemeRate]] = {}
    for row in _rows_of(db, scheme) if rates else ():
        found.setdefault(row.code, []).append(row)
    return found


def _line(rate: NewRate, present: dict[str, list[SchemeRate]], style: PracticeStyle) -> PreviewLine:
    begun = [row for row in present.get(rate.code, []) if row.valid_from <= rate.valid_from]
    now = max(begun, key=lambda row: row.valid_from, default=None)
    if now is None:
        outcome = Outcome.NEW
    elif now.unit_price != rate.price or (now.valid_from == rate.valid_from and now.description != rate.text):
        outcome = Outcome.CHANGED
    else:
        outcome = Outcome.SAME
    was = style.price(now.unit_price) if now else ""
    return PreviewLine(rate.row, rate.code, rate.text, style.price(rate.price), was, outcome.value)


def _left(db: Session, scheme: Scheme, day: date, codes: set[str]) -> int:
    query = select(SchemeRate.code).where(
        SchemeRate.practice_id == scheme.practice_id,
        SchemeRate.scheme_id == scheme.id,
        col(SchemeRate.valid_from) <= day,
        is_latest(day),
    )
    return len(set(db.exec(query)) - codes)


def _count(number: int, thing: str) -> str:
    return f"{number:,} {thing}{'' if number == 1 else 's'}"
