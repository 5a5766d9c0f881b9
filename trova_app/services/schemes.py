"""Schemes (medical aids, insurers): the list, one scheme with its price lists, and what is changed about it."""

from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from trova_app.domain.permissions import Permission, Principal
from trova_app.domain.refusals import ChangedElsewhere, FieldFaults, NotFound, Refusal
from trova_app.models import Client, Scheme, SchemeRate
from trova_app.services.arguments import Fields, a_page_size, a_version, an_id, folded, like, search_words
from trova_app.services.cursors import cursor_of, place_in
from trova_app.services.ports import Desk
from trova_app.services.practice_style import short, style_for
from trova_app.services.scheme_rates import is_latest

LONGEST_NAME = 120
MOST_SCHEMES = 500


@dataclass(frozen=True, slots=True)
class SchemeRow:
    """`list_words`: since when the present price list holds, "" without one."""

    id: int
    name: str
    claim_email: str
    clients: int
    codes: int
    list_words: str
    is_active: bool


@dataclass(frozen=True, slots=True)
class PriceList:
    """The prices that begin on one day. `day` is its ISO date; `standing` is "In force", "From then on" or
    "Earlier"."""

    day: str
    words: str
    codes: int
    standing: str


@dataclass(frozen=True, slots=True)
class SchemeDetails:
    """Everything about a scheme, ready to draw. `lists`: the latest first."""

    id: int
    version: int
    name: str
    claim_email: str
    is_active: bool
    clients: int
    lists: tuple[PriceList, ...]
    today: str
    may_change: bool


@dataclass(frozen=True, slots=True)
class RateRow:
    id: int
    code: str
    text: str
    price: str
    since: str


@dataclass(frozen=True, slots=True)
class RatePage:
    """`next_after`: the cursor of the next page, "" at the end."""

    rows: tuple[RateRow, ...]
    next_after: str = ""


def list_schemes(
    db: Session, desk: Desk, who: Principal, *, search: object = "", archived: object = False
) -> tuple[SchemeRow, ...]:
    """Schemes by name; a practice has dozens of them, so there are no pages. `search`: words of name or address."""
    who.must(Permission.SEE_APPOINTMENTS)
    words, today = search_words(search), style_for(db, desk, who.practice_id).today
    query = select(Scheme).where(Scheme.practice_id == who.practice_id, Scheme.is_active == (archived is not True))
    found = [one for one in db.exec(query) if _holds(one, words)]
    clients, codes = _clients(db, who), _codes(db, who, today)
    found.sort(key=lambda one: (folded(one.name), one.id))
    return tuple(_row(one, clients, codes) for one in found[:MOST_SCHEMES])


def _holds(scheme: Scheme, words: list[str]) -> bool:
    hay = folded(f"{scheme.name} {scheme.claim_email}")
    return all(word in hay for word in words)


def _row(scheme: Scheme, clients: dict[int, int], codes: dict[int, tuple[int, date]]) -> SchemeRow:
    key = int(scheme.id or 0)
    number, since = codes.get(key, (0, None))
    return SchemeRow(
        id=key,
        name=scheme.name,
        claim_email=scheme.claim_email,
        clients=clients.get(key, 0),
        codes=number,
        list_words=f"since {short(since)}" if since else "",
        is_active=scheme.is_active,
    )


def _clients(db: Session, who: Principal) -> dict[int, int]:
    query = (
        sa.select(col(Client.scheme_id), sa.func.count())
        .where(col(Client.practice_id) == who.practice_id, col(Client.scheme_id).is_not(None))
        .group_by(col(Client.scheme_id))
    )
    return dict(db.execute(query).all())


def _codes(db: Session, who: Principal, today: date) -> dict[int, tuple[int, date]]:
    """By scheme: how many codes have a price today, and when the newest of them began."""
    query = (
        sa.select(col(SchemeRate.scheme_id), sa.func.count(), sa.func.max(col(SchemeRate.valid_from)))
        .where(col(SchemeRate.practice_id) == who.practice_id, col(SchemeRate.valid_from) <= today, is_latest(today))
        .group_by(col(SchemeRate.scheme_id))
    )
    return {scheme: (number, since) for scheme, number, since in db.execute(query)}


# -- one scheme


def find_scheme(db: Session, who: Principal, scheme_id: object, *, lock: bool = False) -> Scheme:
    """`NotFound` for another practice's scheme as for none."""
    query = select(Scheme).where(Scheme.id == an_id(scheme_id, "scheme"), Scheme.practice_id == who.practice_id)
    found = db.exec(query.with_for_update().execution_options(populate_existing=True) if lock else query).first()
    if found is None:
        raise NotFound("scheme")
    return found


def scheme_details(db: Session, desk: Desk, who: Principal, *, scheme_id: object) -> SchemeDetails:
    who.must(Permission.SEE_APPOINTMENTS)
    scheme = find_scheme(db, who, scheme_id)
    today = style_for(db, desk, who.practice_id).today
    return SchemeDetails(
        id=int(scheme.id or 0),
        version=scheme.version,
        name=scheme.name,
        claim_email=scheme.claim_email,
        is_active=scheme.is_active,
        clients=_clients(db, who).get(int(scheme.id or 0), 0),
        lists=tuple(_lists(db, scheme, today)),
        today=today.isoformat(),
        may_change=who.may(Permission.CATALOGUE),
    )


def _lists(db: Session, scheme: Scheme, today: date) -> list[PriceList]:
    query = (
        sa.select(col(SchemeRate.valid_from), sa.func.count())
        .where(col(SchemeRate.practice_id) == scheme.practice_id, col(SchemeRate.scheme_id) == scheme.id)
        .group_by(col(SchemeRate.valid_from))
        .order_by(col(SchemeRate.valid_from).desc())
    )
    lists = []
    newest = True  # of those that have begun
    for day, number in db.execute(query):
        standing = "To come" if day > today else "In force" if newest else "Earlier"
        newest = newest and day > today
        lists.append(PriceList(day.isoformat(), short(day), number, standing))
    return lists


def rates_page(
    db: Session,
    desk: Desk,
    who: Principal,
    *,
    scheme_id: object,
    day: object = "",
    search: object = "",
    after: object = "",
    limit: object = 50,
) -> RatePage:
    """The prices in force on a day (ISO; today without one), by code. `search`: words of code or description."""
    who.must(Permission.SEE_APPOINTMENTS)
    scheme = find_scheme(db, who, scheme_id)
    style = style_for(db, desk, who.practice_id)
    form = Fields()
    chosen = form.day("day", day, latest=date(2100, 1, 1)) or style.today
    form.done()
    size, place = a_page_size(limit), place_in("rates", after)
    key: Any = sa.tuple_(col(SchemeRate.code), col(SchemeRate.id))
    query = (
        select(SchemeRate)
        .where(
            SchemeRate.practice_id == who.practice_id,
            SchemeRate.scheme_id == scheme.id,
            col(SchemeRate.valid_from) <= chosen,
            is_latest(chosen),
            *(col(SchemeRate.search_text).like(like(word), escape="!") for word in search_words(search)),
        )
        .order_by(col(SchemeRate.code), col(SchemeRate.id))
    )
    if place is not None:
        query = query.where(key > sa.tuple_(sa.literal(place[0]), sa.literal(place[1])))
    found = list(db.exec(query.limit(size + 1)))
    rows = tuple(
        RateRow(int(row.id or 0), row.code, row.description, style.price(row.unit_price), short(row.valid_from))
        for row in found[:size]
    )
    last = found[size - 1] if len(found) > size else None
    return RatePage(rows, cursor_of("rates", last.code, int(last.id or 0)) if last else "")


# -- changing


def save_scheme(
    db: Session,
    desk: Desk,
    who: Principal,
    *,
    scheme_id: object = None,
    version: object = None,
    name: object,
    claim_email: object,
) -> int:
    """Adds a scheme, or changes the one with this id; its id. Raises `FieldFaults`, or `ChangedElsewhere`."""
    who.must(Permission.CATALOGUE)
    scheme = (
        _changed(db, who, scheme_id, version) if scheme_id is not None else Scheme(practice_id=who.practice_id, name="")
    )
    form = Fields()
    text = " ".join(form.line("name", name, most=LONGEST_NAME, needed="Enter the scheme's name.").split())
    address = form.mailbox("claim_email", claim_email)
    form.done()
    if _is_taken(db, who, text, scheme.id):
        raise FieldFaults([("name", "There is a scheme of this name already; it may be archived.")])
    scheme.name, scheme.claim_email = text, address
    return _kept(db, desk, who, scheme)


def archive_scheme(
    db: Session, desk: Desk, who: Principal, *, scheme_id: object, version: object, archived: object
) -> int:
    """An archived scheme is offered no more; its clients and prices stay as they are."""
    who.must(Permission.CATALOGUE)
    scheme = _changed(db, who, scheme_id, version)
    if not isinstance(archived, bool):
        raise Refusal("Choose whether the scheme is archived.")
    scheme.is_active = not archived
    return _kept(db, desk, who, scheme)


def remove_list(db: Session, desk: Desk, who: Principal, *, scheme_id: object, version: object, day: object) -> str:
    """Takes the prices that begin on a day away again, as after a wrong import; documents that were made stay as they
    are. Gives a sentence about what was done."""
    who.must(Permission.CATALOGUE)
    scheme = _changed(db, who, scheme_id, version)
    form = Fields()
    chosen = form.day("day", day, latest=date(2100, 1, 1))
    form.done()
    gone = db.execute(
        sa.delete(SchemeRate).where(
            col(SchemeRate.practice_id) == who.practice_id,
            col(SchemeRate.scheme_id) == scheme.id,
            col(SchemeRate.valid_from) == chosen,
        )
    )
    number = int(getattr(gone, "rowcount", 0))
    if chosen is None or not number:
        raise ChangedElsewhere("That price list is not there any more.")
    _kept(db, desk, who, scheme)
    return f"The list from {short(chosen)} was removed; {number:,} price{'' if number == 1 else 's'} went with it."


def _changed(db: Session, who: Principal, scheme_id: object, version: object) -> Scheme:
    scheme = find_scheme(db, who, scheme_id, lock=True)
    if scheme.version != a_version(version):
        raise ChangedElsewhere("Somebody changed this scheme in the meantime. Nothing was overwritten.")
    scheme.version += 1
    return scheme


def _is_taken(db: Session, who: Principal, name: str, own: int | None) -> bool:
    query = select(Scheme.id, Scheme.name).where(Scheme.practice_id == who.practice_id)
    return any(folded(known) == folded(name) and key != own for key, known in db.exec(query))


def _kept(db: Session, desk: Desk, who: Principal, scheme: Scheme) -> int:
    db.add(scheme)
    db.flush()
    desk.tell(who.practice_id)
    return int(scheme.id or 0)


def may_change(db: Session, desk: Desk, who: Principal) -> bool:
    """Whether this person may change services and price lists."""
    return who.may(Permission.CATALOGUE)
