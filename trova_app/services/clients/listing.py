"""The list of clients, by name."""

from dataclasses import dataclass
from typing import Any

import phonenumbers
import sqlalchemy as sa
from sqlmodel import Session, col

from trova_app.domain.permissions import Permission, Principal
from trova_app.models import Client, ClientStatus, Scheme
from trova_app.services.arguments import a_page_size, like, search_words
from trova_app.services.clients.find import compact, owed_to
from trova_app.services.cursors import cursor_of, place_in
from trova_app.services.ports import Desk
from trova_app.services.practice_style import PracticeStyle, style_for


@dataclass(frozen=True, slots=True)
class ClientRow:
    """One line of the list. `balance` is "" where nothing is owed."""

    id: int
    name: str
    email: str
    phone: str
    payer: str
    balance: str


@dataclass(frozen=True, slots=True)
class ClientPage:
    rows: tuple[ClientRow, ...]
    next_after: str = ""


def list_clients(
    db: Session,
    desk: Desk,
    who: Principal,
    *,
    search: object = "",
    archived: object = False,
    after: object = "",
    limit: object = 50,
) -> ClientPage:
    """Clients by name, those put away apart; `search` are words of name, mail address, phone or member number, all to
    be found. Found and ordered in one index, from which the page's rows are then taken."""
    who.must(Permission.SEE_APPOINTMENTS)
    size, place = a_page_size(limit), place_in("clients", after)
    key: Any = sa.tuple_(col(Client.search_text), col(Client.id))
    style = style_for(db, desk, who.practice_id)
    wanted = (
        sa.select(col(Client.id))
        .where(col(Client.practice_id) == who.practice_id)
        .where(col(Client.status) == (ClientStatus.ARCHIVED if archived is True else ClientStatus.ACTIVE))
        .where(*(col(Client.search_text).like(like(word), escape="!") for word in _words(search, style.country)))
        .order_by(col(Client.search_text), col(Client.id))
    )
    if place is not None:
        wanted = wanted.where(key > sa.tuple_(sa.literal(place[0]), sa.literal(place[1])))
    ids = list(db.execute(wanted.limit(size + 1)).scalars())
    found = {client.id: (client, scheme) for client, scheme in db.execute(_with_scheme(ids[:size]))}
    owed = owed_to(db, who, ids[:size])
    rows = tuple(_row(style, *found[client_id], owed) for client_id in ids[:size])
    last = found[ids[size - 1]][0] if len(ids) > size else None
    return ClientPage(rows, cursor_of("clients", last.search_text, last.id) if last else "")


def _with_scheme(ids: list[int]) -> Any:
    return (
        sa.select(Client, col(Scheme.name))
        .outerjoin(Scheme, col(Scheme.id) == Client.scheme_id)
        .where(col(Client.id).in_(ids))
    )


def _words(search: object, country: str) -> list[str]:
    """Numbers are kept without blanks and marks, in whichever way they were typed: a phone is looked for without its
    leading zeros or the country's own code."""
    code = f"+{phonenumbers.country_code_for_region(country)}"
    return [_as_kept(word.removeprefix(code)) for word in search_words(search) if word != code]


def _as_kept(word: str) -> str:
    bare = compact(word)
    return bare.lstrip("0") or bare if bare.isdigit() else word


def _row(style: PracticeStyle, client: Client, scheme_name: str | None, owed: dict[int, int]) -> ClientRow:
    key = int(client.id or 0)
    return ClientRow(
        id=key,
        name=f"{client.first_name} {client.last_name}".strip(),
        email=client.email,
        phone=client.phone,
        payer=scheme_name or "private",
        balance=style.amount(owed[key]) if key in owed else "",
    )
