"""The list of clients, by name."""

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col

from trova_app.domain.permissions import Permission, Principal
from trova_app.models import Client, Scheme
from trova_app.services.arguments import a_page_size, like, search_words
from trova_app.services.clients.find import owed_to
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
    db: Session, desk: Desk, who: Principal, *, search: object = "", after: object = "", limit: object = 50
) -> ClientPage:
    """Clients by name; `search` are words of name or mail address, all to be found."""
    who.must(Permission.SEE_APPOINTMENTS)
    size, place = a_page_size(limit), place_in("clients", after)
    key: Any = sa.tuple_(col(Client.search_text), col(Client.id))
    query: Any = (
        sa.select(Client, col(Scheme.name).label("scheme_name"))
        .outerjoin(Scheme, col(Scheme.id) == Client.scheme_id)
        .where(col(Client.practice_id) == who.practice_id)
        .where(*(col(Client.search_text).like(like(word), escape="!") for word in search_words(search)))
        .order_by(col(Client.search_text), col(Client.id))
    )
    if place is not None:
        query = query.where(key > sa.tuple_(sa.literal(place[0]), sa.literal(place[1])))
    found = db.execute(query.limit(size + 1)).all()
    style = style_for(db, desk, who.practice_id)
    owed = owed_to(db, who, [row.Client.id for row in found])
    rows = tuple(_row(style, row.Client, row.scheme_name, owed) for row in found[:size])
    last = found[size - 1].Client if len(found) > size else None
    return ClientPage(rows, cursor_of("clients", last.search_text, last.id) if last else "")


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
