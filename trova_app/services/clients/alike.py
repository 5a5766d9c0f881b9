"""Who might be the same person: of the same name, identity number or mail address. Only ever a question."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from trova_app.domain.permissions import Permission, Principal
from trova_app.domain.refusals import Refusal
from trova_app.models import Client, ClientStatus, TwoPeople
from trova_app.services.clients.find import find_client
from trova_app.services.ports import Desk
from trova_app.services.practice_style import short

MOST = 5
MOST_PAIRS = 50


@dataclass(frozen=True, slots=True)
class Alike:
    """Somebody who might be the same. `words`: what tells them apart, such as "born 21 Mar 1984, archived"."""

    id: int
    name: str
    words: str


@dataclass(frozen=True, slots=True)
class Pair:
    """Two clients that might be one. `why`: "same name and date of birth"."""

    first: Alike
    second: Alike
    why: str


class LooksAlike(Refusal):
    """Somebody who might be the same is there already; `known` are they."""

    def __init__(self, known: tuple[Alike, ...]) -> None:
        super().__init__("Somebody like this is there already. Look whether it is the same person.")
        self.known = known


def must_be_nobody_known(db: Session, client: Client, despite: object) -> None:
    """Raises `LooksAlike` for those not yet seen."""
    seen = set(despite) if isinstance(despite, Collection) and not isinstance(despite, str) else set()
    known = tuple(alike_text(one) for one in alike_to(db, client))
    if any(one.id not in seen for one in known):
        raise LooksAlike(known)


def alike_to(db: Session, client: Client) -> list[Client]:
    """The likeliest first, at most five. Of the same name with another date of birth or another identity number is
    somebody else."""
    same: list[Any] = []
    if client.name_key:
        same.append(col(Client.name_key) == client.name_key)
    if client.id_number:
        same.append(col(Client.id_number) == client.id_number)
    if client.email:
        same.append(col(Client.email) == client.email)
    there = Client.practice_id == client.practice_id, Client.status != ClientStatus.MERGED
    found = {
        one.id: one
        for way in same
        for one in db.exec(select(Client).where(*there, way).order_by(col(Client.id)).limit(50))
        if one.id != client.id
    }
    others = _told_apart(db, client)
    likely = [one for one in found.values() if one.id not in others and _may_be(client, one)]
    return sorted(likely, key=lambda one: (-len(_reasons(client, one)), one.id))[:MOST]


def _told_apart(db: Session, client: Client) -> set[int]:
    """Those somebody has said are not the same."""
    if client.id is None:
        return set()
    query = select(TwoPeople.client_id, TwoPeople.other_id).where(
        sa.or_(col(TwoPeople.client_id) == client.id, col(TwoPeople.other_id) == client.id)
    )
    return {key for pair in db.exec(query) for key in pair} - {client.id}


def _may_be(one: Client, other: Client) -> bool:
    """A family shares a mail address, so that alone says nothing; nothing may speak against it."""
    differs = (
        one.birth_date and other.birth_date and one.birth_date != other.birth_date,
        one.id_number and other.id_number and one.id_number != other.id_number,
    )
    return not any(differs) and bool({"name", "ID number"} & set(_reasons(one, other)))


def _reasons(one: Client, other: Client) -> list[str]:
    pairs = (
        ("name", one.name_key, other.name_key),
        ("ID number", one.id_number, other.id_number),
        ("date of birth", one.birth_date, other.birth_date),
        ("mail address", one.email, other.email),
        ("phone", one.phone, other.phone),
    )
    return [words for words, mine, theirs in pairs if mine and mine == theirs]


def alike_text(client: Client) -> Alike:
    words = (
        f"born {short(client.birth_date)}" if client.birth_date else "",
        client.email,
        client.phone,
        "archived" if client.status == ClientStatus.ARCHIVED else "",
    )
    name = f"{client.first_name} {client.last_name}".strip()
    return Alike(int(client.id or 0), name, ", ".join(word for word in words if word) or "nothing else is known")


def who_is_alike(db: Session, desk: Desk, who: Principal, *, client_id: object) -> tuple[Alike, ...]:
    """Who this client might be the same as, for those who may merge."""
    who.must(Permission.SEE_APPOINTMENTS)
    client = find_client(db, who, client_id)
    if not who.may(Permission.MERGE_CLIENTS) or client.status == ClientStatus.MERGED:
        return ()
    return tuple(alike_text(one) for one in alike_to(db, client))


def one_of_two(db: Session, desk: Desk, who: Principal, *, client_id: object) -> Alike:
    """What tells a client from others, before two are made one."""
    who.must(Permission.MERGE_CLIENTS)
    return alike_text(find_client(db, who, client_id))


def likely_pairs(db: Session, desk: Desk, who: Principal) -> tuple[Pair, ...]:
    """Pairs of the practice that might be one person, at most fifty."""
    who.must(Permission.MERGE_CLIENTS)
    pairs: dict[tuple[int, int], Pair] = {}
    for client in _shared(db, who):
        for other in alike_to(db, client):
            key = (min(int(client.id or 0), int(other.id or 0)), max(int(client.id or 0), int(other.id or 0)))
            why = f"same {_listed(_reasons(client, other))}"
            pairs.setdefault(key, Pair(alike_text(client), alike_text(other), why))
            if len(pairs) >= MOST_PAIRS:
                return tuple(pairs.values())
    return tuple(pairs.values())


def _shared(db: Session, who: Principal) -> Iterable[Client]:
    """One client of each name or identity number that several have."""
    for column in (col(Client.name_key), col(Client.id_number)):
        query = (
            select(sa.func.min(col(Client.id)))
            .where(Client.practice_id == who.practice_id, Client.status != ClientStatus.MERGED, column != "")
            .group_by(column)
            .having(sa.func.count() > 1)
            .limit(2 * MOST_PAIRS)
        )
        for client_id in db.exec(query).all():
            yield db.get_one(Client, client_id)


def _listed(words: list[str]) -> str:
    return " and ".join(filter(None, (", ".join(words[:-1]), words[-1]))) if words else ""


def tell_apart(db: Session, desk: Desk, who: Principal, *, client_id: object, other_id: object) -> None:
    """They are two people: nobody is asked about this pair again."""
    who.must(Permission.MERGE_CLIENTS)
    pair = sorted(int(find_client(db, who, key).id or 0) for key in (client_id, other_id))
    query = select(TwoPeople).where(TwoPeople.client_id == pair[0], TwoPeople.other_id == pair[1])
    if pair[0] != pair[1] and db.exec(query).first() is None:
        db.add(TwoPeople(practice_id=who.practice_id, client_id=pair[0], other_id=pair[1]))
        db.flush()
    desk.tell(who.practice_id)
