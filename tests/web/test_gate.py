"""Whoever reaches the server passes the gate: origin, sign-in, size, pace, and what every answer carries."""

import json
import re
import time
import uuid
from typing import Any

import httpx
import pytest
from websockets.exceptions import InvalidStatus

from tests.served import STATE, ServedApp
from trova_app.domain.permissions import Role
from trova_app.web.limits import BURST, MOST_WAITING

PROBE = f"{STATE}.tests___web___inside____probe"
NOTICES = f"{STATE}.trova_app___state___notices____notices"


def said(seen: dict[str, Any]) -> str:
    return str(seen.get(PROBE, {}).get("text_rx_state_", ""))


def hostile_origins(served: ServedApp) -> list[str | None]:
    port = served.port
    return [
        None,
        "null",
        "http://evil.example",
        f"http://localhost.evil.example:{port}",
        f"http://evil.example:{port}",
        f"https://localhost:{port}",
        f"http://localhost:{port + 1}",
        "http://localhost",
        f"http://LOCALHOST:{port}",
        f"http://localhost:{port}.evil.example",
        f"http://localhost:{port}/",
        f"http://user@localhost:{port}",
        "*",
    ]


def test_the_socket_opens_only_for_our_own_pages(served: ServedApp) -> None:
    for origin in hostile_origins(served):
        with pytest.raises(InvalidStatus) as refused:
            served.tab(origin=origin)
        assert refused.value.response.status_code == 403, origin
    with served.tab() as ours:
        assert ours.hydrate()


def test_no_answer_lets_another_site_read_it(served: ServedApp) -> None:
    for origin in hostile_origins(served):
        for method in ("GET", "OPTIONS"):
            headers = {"origin": origin or "", "access-control-request-method": "POST"}
            answer = httpx.request(method, f"{served.url}/health/live", headers=headers)
            assert answer.headers.get("access-control-allow-origin") in (None, served.url)


def test_another_sites_form_changes_nothing(served: ServedApp) -> None:
    email = served.a_practice_with(Role.OWNER)[0]
    cookie = served.cookie_of(email)
    for origin in hostile_origins(served):
        headers = {"cookie": f"trova={cookie}"} | ({"origin": origin} if origin else {})
        for path in ("/auth/sign-out", "/auth/sign-in", "/anything"):
            assert httpx.post(f"{served.url}{path}", headers=headers).status_code == 403, origin
    with served.tab(cookie, "/sign-in") as tab:
        tab.hydrate()
        tab.send(f"{PROBE}.role")
        assert tab.until(lambda seen: PROBE in seen)[PROBE]["text_rx_state_"] == "owner"


def test_events_come_by_websocket_only(served: ServedApp) -> None:
    for method in ("GET", "POST"):
        address = f"{served.url}/_event/?EIO=4&transport=polling&token={uuid.uuid4()}"
        assert httpx.request(method, address, headers={"origin": served.url}).status_code == 403


@pytest.mark.parametrize(
    "path", ["/_upload", "/_upload/x.pdf", "/_all_routes", "/auth-codespace", "/.git/config", "/docs"]
)
def test_doors_we_do_not_use_are_not_there(served: ServedApp, path: str) -> None:
    assert httpx.get(served.url + path).status_code == 404
    assert httpx.post(served.url + path, headers={"origin": served.url}).status_code in (404, 405)


def test_every_answer_carries_the_standing_headers(served: ServedApp) -> None:
    first = httpx.get(f"{served.url}/sign-in")
    unchanged = httpx.get(f"{served.url}/sign-in", headers={"if-none-match": first.headers["etag"]})
    assert first.status_code == 200 and unchanged.status_code == 304
    answers = [first, unchanged]
    answers += [
        httpx.get(served.url + path) for path in ("/", "/nope", "/health/live", "/_upload", "/ping", "/_event/")
    ]
    answers += [httpx.post(served.url + path) for path in ("/auth/sign-in", "/nope")]
    answers += [
        httpx.options(f"{served.url}/sign-in", headers={"origin": served.url, "access-control-request-method": "GET"})
    ]
    policies = {answer.headers["content-security-policy"] for answer in answers}
    assert len(policies) == 1, "another policy on a 304 would replace the kept page's"
    for answer in answers:
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["x-frame-options"] == "DENY"
        assert answer.headers["referrer-policy"] == "same-origin"
    policy = policies.pop()
    assert "unsafe" not in policy and "frame-ancestors 'none'" in policy and "'sha256-" in policy


def test_what_a_page_is_made_of_carries_what_concerns_it_and_no_policy_of_its_own(served: ServedApp) -> None:
    page = httpx.get(f"{served.url}/sign-in").text
    parts = re.findall(r'"(/assets/[\w.-]+\.(?:js|css))"', page)
    kinds = {path.rpartition(".")[2] for path in parts}
    assert kinds == {"js", "css"}
    for path in [*parts[:20], "/fonts/inter-latin-wght-normal.woff2"]:
        answer = httpx.get(served.url + path)
        assert answer.status_code == 200
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cross-origin-resource-policy"] == "same-origin"
        assert "content-security-policy" not in answer.headers
    for path in ("/assets/nowhere.js", "/nowhere.css"):
        assert "content-security-policy" in httpx.get(served.url + path).headers


def test_a_page_is_answered_at_its_own_address(served: ServedApp) -> None:
    answer = httpx.get(f"{served.url}/sign-in")
    assert answer.status_code == 200 and "Sign in" in answer.text


def test_a_frame_of_70_kb_closes_only_its_own_socket(served: ServedApp) -> None:
    with served.tab() as giant, served.tab() as neighbour:
        giant.hydrate(), neighbour.hydrate()
        giant.raw("42/_event," + json.dumps(["event", {"name": "x" * 70_000}]))
        assert not giant.is_open()
        assert neighbour.is_open()


def test_a_flood_waits_and_the_neighbour_does_not(served: ServedApp) -> None:
    """The neighbour's 20 questions are all answered while most of the flood is still waiting its turn."""
    email = served.a_practice_with(Role.OWNER)[0]
    with served.tab(served.cookie_of(email)) as flood, served.tab(served.cookie_of(email)) as neighbour:
        flood.hydrate(), neighbour.hydrate()
        for n in range(1200):
            flood.send(f"{PROBE}.take", amount=n)
        flood.send(f"{PROBE}.role")
        for kind in ("int", "str") * 10:
            neighbour.send(f"{PROBE}.take", amount=1 if kind == "int" else "many")
            seen = neighbour.until(lambda seen: PROBE in seen)
            assert seen[PROBE]["text_rx_state_"] == f"took a {kind}"
        neighbour.send(f"{PROBE}.role")
        assert neighbour.until(lambda seen: PROBE in seen)[PROBE]["text_rx_state_"] == "owner"
        first = flood.until(lambda seen: PROBE in seen)
        assert first[PROBE]["text_rx_state_"] == "took a int", (
            "the flood's last event was answered before the neighbour"
        )


def test_rubbish_does_not_hurt_anybody(served: ServedApp) -> None:
    with served.tab() as rude, served.tab() as neighbour:
        rude.hydrate(), neighbour.hydrate()
        for frame in (
            '42/_event,["event",' + "[" * 5000,
            "42/_event,[]",
            "99",
            "4",
            "42/_event,[1]",
            '42/_event,["event",7]',
        ):
            rude.raw(frame)
        assert neighbour.is_open()
    with served.tab() as next_one:
        assert next_one.hydrate()


def test_of_a_page_whose_act_takes_its_time_only_so_many_events_are_read(served: ServedApp) -> None:
    """All of them are done in the end."""
    email = served.a_practice_with(Role.OWNER)[0]
    with served.tab(served.cookie_of(email)) as busy, served.tab(served.cookie_of(email)) as neighbour:
        busy.hydrate(), neighbour.hydrate()
        busy.send(f"{PROBE}.where")
        tab = said(busy.until(lambda seen: PROBE in seen)).removeprefix("at ")
        busy.send(f"{PROBE}.rest", seconds=4)
        for _ in range(int(BURST) + 60):
            busy.send(f"{PROBE}.take", amount=1)
        busy.send(f"{PROBE}.role")
        time.sleep(2)  # more than the pace makes the last of them wait
        neighbour.send(f"{PROBE}.waits", tab=tab)
        waiting = int(said(neighbour.until(lambda seen: PROBE in seen)).split()[0])
        assert MOST_WAITING <= waiting <= MOST_WAITING + 1
        busy.until(lambda seen: said(seen) == "owner")
