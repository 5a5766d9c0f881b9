"""Two servers and a worker on one database: what one of them changes shows in the open pages of all, over Redis."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest
from sqlmodel import select

from tests.paying import an_invoice, letter
from tests.redis_server import redis_served
from tests.served import STATE, ServedApp, Tab
from trova_app.domain.permissions import Role
from trova_app.models import Client, Invoice, Member, PaymentRequest, Practice
from trova_app.services import payments
from trova_app.settings import ROOT

LIVE = f"{STATE}.trova_app___state___live____live"
NOTICES = f"{STATE}.trova_app___state___notices____notices"
PROBE = f"{STATE}.tests___web___inside____probe"
ALONE = {"TROVA_EMBEDDED_WORKER": "0", "TROVA_OPEN_CHECK_SECONDS": "3600"}
"""Nothing but the message itself makes a page ask again."""


class Houses(NamedTuple):
    """Two servers on the same data, and the Redis between them while `line` is open."""

    here: ServedApp
    there: ServedApp
    line: ExitStack
    port: int


@pytest.fixture(scope="module")
def houses(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Houses]:
    data = tmp_path_factory.mktemp("two")
    with ExitStack() as line, ExitStack() as ends:
        address = line.enter_context(redis_served())
        two = [ServedApp(data, inside="tests.web.inside", TROVA_REDIS_URL=address, **ALONE) for _ in range(2)]
        for house in two:
            ends.callback(house.stop)
        with ThreadPoolExecutor(2) as starting:
            list(starting.map(ServedApp.start, two))
        yield Houses(*two, line, int(address.rpartition(":")[2].split("/")[0]))


@contextmanager
def beside(house: ServedApp, *words: str) -> Iterator[subprocess.Popen[bytes]]:
    """`trova ...` on the same data; ended with the block."""
    command = [sys.executable, "-m", "trova_app.cli", *words]
    with house.log.open("ab") as out:
        process = subprocess.Popen(command, cwd=ROOT, env={**os.environ, **house._env}, stdout=out, stderr=out)
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=30)


def version(seen: dict[str, Any]) -> int:
    return int(seen.get(LIVE, {}).get("version_rx_state_", 0))


def told(tab: Tab) -> int:
    """Waits until the page has been told; its version."""
    return version(tab.until(lambda seen: version(seen) > 0))


def practice_of(house: ServedApp, email: str) -> int:
    with house.act(writes=False) as (db, _desk):
        return db.exec(select(Member.practice_id).where(Member.email == email)).one()


def notice(seen: dict[str, Any]) -> str:
    return str(seen.get(NOTICES, {}).get("text_rx_state_", ""))


def test_a_change_made_at_one_server_shows_in_a_page_of_the_other_and_nobody_elses(houses):
    here, there = houses.here, houses.there
    one, two = here.a_practice_with(Role.OWNER, Role.RECEPTION)
    other = here.a_practice_with(Role.OWNER)[0]
    with here.tab(here.cookie_of(one)) as a, there.tab(there.cookie_of(two)) as b:
        with there.tab(there.cookie_of(other)) as stranger:
            for tab in (a, b, stranger):
                tab.hydrate()
            a.send(f"{PROBE}.change")
            assert [told(a), told(b)] == [1, 1]
            b.send(f"{PROBE}.change")
            assert version(a.until(lambda seen: version(seen) > 1)) == 2
            stranger.send(f"{PROBE}.role")
            assert LIVE not in stranger.until(lambda seen: PROBE in seen)


def test_what_a_worker_of_its_own_does_shows_in_the_pages_of_every_server(houses):
    here, there = houses.here, houses.there
    owner = here.a_practice_with(Role.OWNER)[0]
    with here.tab(here.cookie_of(owner)) as a, there.tab(there.cookie_of(owner)) as b:
        for tab in (a, b):
            tab.hydrate()
        with here.act() as (db, desk):
            case = an_invoice(db, desk, db.get_one(Practice, practice_of(here, owner)))
            payments.open_request(db, desk, db.get_one(Invoice, case.invoice_id), then=letter(case))
        with beside(here, "worker"):
            assert told(a) and told(b)
            with here.act(writes=False) as (db, _desk):
                request = db.exec(select(PaymentRequest).where(PaymentRequest.invoice_id == case.invoice_id)).one()
                assert request.state == "active"
                page = f"{here.url}/sim/pay/{request.request_uuid}"
            assert httpx.post(page, data={"answer": "pay"}, headers={"origin": here.url}).status_code == 303
            for tab in (a, b):
                assert notice(tab.until(notice)) == "A payment has come in."


def test_an_import_at_the_command_line_shows_in_open_pages(houses, tmp_path: Path):
    here, there = houses.here, houses.there
    owner = here.a_practice_with(Role.OWNER)[0]
    practice_id = practice_of(here, owner)
    file = tmp_path / "clients.csv"
    file.write_text("First name,Last name,Email\nLerato,Dube,lerato@example.test\n")
    with there.tab(there.cookie_of(owner)) as tab:
        tab.hydrate()
        with beside(here, "import", "clients", str(file), "--practice", str(practice_id)) as importing:
            assert importing.wait(timeout=60) == 0
        assert told(tab) == 1
    with here.act(writes=False) as (db, _desk):
        assert db.exec(select(Client.last_name).where(Client.practice_id == practice_id)).all() == ["Dube"]


def test_while_redis_is_away_work_goes_on_and_once_it_is_back_every_page_asks_again(houses):
    here, there = houses.here, houses.there
    owner = here.a_practice_with(Role.OWNER)[0]
    with here.tab(here.cookie_of(owner)) as a, there.tab(there.cookie_of(owner)) as b:
        for tab in (a, b):
            tab.hydrate()
        houses.line.close()
        a.send(f"{PROBE}.change")
        assert told(a) == 1
        b.send(f"{PROBE}.role")
        assert version(b.until(lambda seen: PROBE in seen)) == 0
        houses.line.enter_context(redis_served(houses.port))
        assert told(b) > 0
        assert version(a.until(lambda seen: version(seen) > 1)) > 1
