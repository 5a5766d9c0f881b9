"""What a scheme pays on a day: its price lists, effective-dated, one price for each code."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from trova_app.domain.invoices import PaymentType
from trova_app.models import Client, SchemeRate
from trova_app.services.arguments import folded, like, search_words

LONGEST_CODE = 20
LONGEST_SEARCH_TEXT = 400
MOST_CODES = 500


@dataclass(frozen=True, slots=True)
class ListedRate:
    """One price of a scheme's list. `price` in ten-thousandths; it holds from `valid_from` on."""

    code: str
    text: str
    price: int
    valid_from: date


def paying_scheme(client: Client) -> int | None:
    """The scheme whose prices this client's lines begin with; none for somebody who by habit pays otherwise."""
    return client.scheme_id if client.default_payment_type in ("", PaymentType.INSURANCE) else None


def has_rates(db: Session, practice_id: int, scheme_id: int | None) -> bool:
    """Whether the scheme has any price at all."""
    return scheme_id is not None and db.exec(_of_scheme(practice_id, scheme_id).limit(1)).first() is not None


def rates_on(
    db: Session, practice_id: int, scheme_id: int | None, day: date, codes: Collection[str]
) -> dict[str, ListedRate]:
    """The prices in force on the day, by code; codes the scheme has no price for are left out."""
    listed = rates_of_codes(db, practice_id, scheme_id, codes)
    return {code: rate for code, rates in listed.items() if (rate := in_force(rates, day)) is not None}


def rates_of_codes(
    db: Session, practice_id: int, scheme_id: int | None, codes: Collection[str]
) -> dict[str, tuple[ListedRate, ...]]:
    """Every price these codes have or will have, by code, the latest first."""
    wanted = sorted({code for code in codes if 0 < len(code) <= LONGEST_CODE})[:MOST_CODES]
    if scheme_id is None or not wanted:
        return {}
    query = _of_scheme(practice_id, scheme_id).where(col(SchemeRate.code).in_(wanted))
    found: dict[str, list[ListedRate]] = {}
    for row in db.exec(query.order_by(col(SchemeRate.valid_from).desc())):
        found.setdefault(row.code, []).append(_listed(row))
    return {code: tuple(rates) for code, rates in found.items()}


def in_force(rates: Iterable[ListedRate], day: date) -> ListedRate | None:
    """Of one code's prices, the latest that had begun by then."""
    return max((rate for rate in rates if rate.valid_from <= day), key=lambda rate: rate.valid_from, default=None)


def search_rates(
    db: Session, practice_id: int, scheme_id: int | None, day: date, typed: object, limit: int = 8
) -> list[ListedRate]:
    """Prices in force on the day whose code begins with what was typed, then those whose code and words hold all of its
    words; by code."""
    words = search_words(typed)
    if scheme_id is None or not words:
        return []
    text = col(SchemeRate.search_text)
    begins = text.like(like("".join(words)).removeprefix("%"), escape="!")
    holds = sa.and_(*(text.like(like(word), escape="!") for word in words))
    query = (
        _of_scheme(practice_id, scheme_id)
        .where(col(SchemeRate.valid_from) <= day, sa.or_(begins, holds), is_latest(day))
        .order_by(sa.case((begins, 0), else_=1), col(SchemeRate.code))
    )
    return [_listed(row) for row in db.exec(query.limit(limit))]


def is_latest(day: date) -> Any:
    """No later price of the same code had begun by the day."""
    later = sa.orm.aliased(SchemeRate)
    return ~(
        sa.exists()
        .where(
            col(later.scheme_id) == SchemeRate.scheme_id,
            col(later.code) == SchemeRate.code,
            col(later.valid_from) > SchemeRate.valid_from,
            col(later.valid_from) <= day,
        )
        .correlate(SchemeRate)
    )


def search_text_of(code: str, text: str) -> str:
    return folded(f"{code} {text}")[:LONGEST_SEARCH_TEXT]


def _of_scheme(practice_id: int, scheme_id: int) -> Any:
    return select(SchemeRate).where(SchemeRate.practice_id == practice_id, SchemeRate.scheme_id == scheme_id)


def _listed(row: SchemeRate) -> ListedRate:
    return ListedRate(row.code, row.description, row.unit_price, row.valid_from)
