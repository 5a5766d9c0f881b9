"""Many people's saves in one transaction: each stays its own person's, and one that is refused takes nobody along."""

import asyncio
from typing import Any

import pytest
import sqlalchemy as sa

from tests import builders as a
from trova_app import group_commit, wiring
from trova_app.domain.permissions import Permission, Role
from trova_app.domain.refusals import NotAllowed, Refusal, SignedOut
from trova_app.models import Client
from trova_app.services import sign_in


@pytest.fixture
def commits(database, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Grows with every commit of the tests' database."""
    monkeypatch.setattr(wiring, "engine", lambda: database.engine)
    monkeypatch.setattr(wiring, "clock", lambda: database.clock)
    seen: list[int] = []
    sa.event.listen(database.engine, "commit", lambda _: seen.append(1))
    return seen


@pytest.fixture
def people(database) -> list[tuple[str, int]]:
    """Cookie and client of three people in a practice of their own each; the last one may only read."""
    found = []
    with database.act() as (db, desk):
        for n, role in enumerate((Role.OWNER, Role.RECEPTION, Role.READ_ONLY)):
            practice = a.a_practice(db, number_prefix=f"P{n}")
            member = a.a_member(db, practice, role=role, email=f"{n}@example.test")
            client = a.a_client(db, practice)
            sign_in.open_sign_in(db, desk.now(), member, f"secret-{n}")
            found.append((f"secret-{n}", client.id))
    return found


def rename(db, _desk, who, *, client_id: int, name: str) -> str:
    who.must(Permission.EDIT_CLIENTS)
    client = db.get_one(Client, client_id)
    if client.practice_id != who.practice_id:
        raise Refusal("Not of this practice.")
    if name == "":
        raise RuntimeError("broken")
    client.first_name = name
    db.add(client)
    db.flush()
    return f"{name} by {who.role.value}"


def all_at_once(*acts: tuple[str, dict[str, Any]]) -> list[Any]:
    async def ask(secret: str, kw: dict[str, Any]) -> Any:
        wiring.SIGN_IN.set(secret)
        return await group_commit.act_together(rename, **kw)

    async def together() -> list[Any]:
        return await asyncio.gather(*[asyncio.create_task(ask(*one)) for one in acts], return_exceptions=True)

    return asyncio.run(together())


def names(database) -> list[str]:
    with database.act(writes=False) as (db, _):
        return [client.first_name for client in db.exec(sa.select(Client).order_by(Client.id)).scalars()]


def test_those_who_ask_at_once_share_a_commit_and_each_acts_as_oneself(database, people, commits) -> None:
    (one, first), (two, second), _ = people
    acts = [(one, {"client_id": first, "name": f"A{n}"}) for n in range(9)] + [
        (two, {"client_id": second, "name": "B"})
    ]
    outcomes = all_at_once(*acts)
    assert outcomes == [*[f"A{n} by owner" for n in range(9)], "B by reception"]
    assert len(commits) == 1
    assert names(database)[:2] == ["A8", "B"]


@pytest.mark.parametrize(
    ("secret", "of", "name", "error"),
    [
        ("secret-2", 2, "No", NotAllowed),
        ("secret-0", 1, "Theirs", Refusal),
        ("secret-0", 0, "", RuntimeError),
        ("unknown", 0, "Nobody", SignedOut),
        ("", 0, "Nobody", SignedOut),
    ],
    ids=["a role that may not", "another practice's client", "something breaks", "an unknown sign-in", "no sign-in"],
)
def test_one_that_is_refused_or_fails_takes_nobody_along(database, people, commits, secret, of, name, error) -> None:
    (one, first), (two, second), _ = people
    before = names(database)
    outcomes = all_at_once(
        (one, {"client_id": first, "name": "Anna"}),
        (secret, {"client_id": people[of][1], "name": name}),
        (two, {"client_id": second, "name": "Ben"}),
    )
    assert outcomes[0] == "Anna by owner" and outcomes[2] == "Ben by reception"
    assert isinstance(outcomes[1], error)
    assert names(database) == ["Anna", "Ben", before[2]]


def test_who_asks_while_a_transaction_is_under_way_is_in_the_next(database, people, commits) -> None:
    (one, first), (two, second), _ = people
    acts = [(one, {"client_id": first, "name": f"A{n}"}) for n in range(group_commit.MOST_TOGETHER + 5)]
    outcomes = all_at_once(*acts, (two, {"client_id": second, "name": "Ben"}))
    assert len(commits) == 2 and outcomes[-1] == "Ben by reception"
