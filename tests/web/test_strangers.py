"""What the server keeps of closed pages."""

import time

from tests.served import STATE, ServedApp, Tab
from trova_app.domain.permissions import Role

PROBE = f"{STATE}.tests___web___inside____probe"


def said(seen: dict) -> str:
    return str(seen.get(PROBE, {}).get("text_rx_state_", ""))


def address(page: Tab) -> str:
    page.hydrate()
    page.send(f"{PROBE}.where")
    return said(page.until(lambda seen: said(seen).startswith("at "))).removeprefix("at ")


def is_held(page: Tab, tab: str) -> bool:
    page.send(f"{PROBE}.holds", tab=tab)
    return said(page.until(lambda seen: said(seen) in ("held", "gone"))) == "held"


def test_a_strangers_closed_page_is_let_go_and_a_persons_stays(served: ServedApp) -> None:
    owner = served.cookie_of(served.a_practice_with(Role.OWNER)[0])
    with served.tab(owner) as tab, served.tab(path="/sign-in") as stays:
        tab.hydrate()
        still_there = address(stays)
        with served.tab(path="/sign-in") as left:
            stranger = address(left)
        with served.tab(owner) as own:
            person = address(own)
        assert is_held(tab, stranger)
        until = time.monotonic() + 20
        while is_held(tab, stranger) and time.monotonic() < until:
            time.sleep(0.2)
        assert not is_held(tab, stranger)
        assert is_held(tab, person) and is_held(tab, still_there)
