"""Nothing runs for a stranger, nothing unmarked runs for anybody, and a token alone leads nowhere."""

from datetime import timedelta

import pytest
from sqlmodel import select

from tests.served import STATE, ServedApp, Tab
from trova_app.domain.permissions import Role
from trova_app.models import SignIn

PROBE = f"{STATE}.tests___web___inside____probe"
FORM = f"{STATE}.figures.saving.completion"
LIVE = f"{STATE}.trova_app___state___live____live"
NOTICES = f"{STATE}.trova_app___state___notices____notices"


def answer(tab: Tab) -> dict:
    """What has arrived once a harmless public event was answered: everything sent before it has been dealt with."""
    tab.send(f"{NOTICES}.refused", sentence="the end")
    return tab.until(lambda seen: seen.get(NOTICES, {}).get("text_rx_state_") == "the end")


@pytest.fixture
def owner(served: ServedApp) -> str:
    return served.cookie_of(served.a_practice_with(Role.OWNER)[0])


MARKED = ["role", "team", "change", "take", "later", "look", "type", "keep", "glance", "chain", "count"]
UNMARKED = ["bare", "helper", "setvar"]


@pytest.mark.parametrize("name", [*MARKED, *UNMARKED, "no_such_handler"])
def test_a_stranger_reaches_no_handler(served: ServedApp, name: str) -> None:
    with served.tab(path="/sign-in") as tab:
        tab.hydrate()
        tab.send(f"{PROBE}.{name}")
        assert PROBE not in answer(tab)


def test_a_stranger_on_a_page_of_the_practice_is_sent_to_sign_in(served: ServedApp) -> None:
    with served.tab(path="/appointments") as tab:
        assert tab.hydrate()[LIVE]["ended_rx_state_"] is True
    with served.tab(path="/sign-in") as tab:
        assert tab.hydrate()[LIVE]["ended_rx_state_"] is False
        tab.send(f"{PROBE}.role")
        assert tab.until(lambda seen: LIVE in seen)[LIVE]["ended_rx_state_"] is True


@pytest.mark.parametrize("name", UNMARKED)
def test_what_has_no_mark_is_refused_to_signed_in_people_too(served: ServedApp, owner: str, name: str) -> None:
    with served.tab(owner) as tab:
        tab.hydrate()
        tab.send(f"{PROBE}.{name}")
        assert PROBE not in answer(tab)


@pytest.mark.parametrize("name", ["hydrate", "set_is_hydrated", "setvar"])
def test_the_frameworks_other_events_are_refused(served: ServedApp, name: str) -> None:
    with served.tab(path="/sign-in") as tab:
        tab.hydrate()
        tab.send(f"{STATE}.{name}", value=True)
        assert "rx_router_session_rx_state_" not in answer(tab).get(STATE, {})


@pytest.mark.parametrize(("name", "shown"), [("role", "owner"), ("later", "later as owner"), ("chain", "owner")])
def test_a_signed_in_person_is_served(served: ServedApp, owner: str, name: str, shown: str) -> None:
    with served.tab(owner) as tab:
        tab.hydrate()
        tab.send(f"{PROBE}.{name}")
        assert tab.until(lambda seen: PROBE in seen)[PROBE]["text_rx_state_"] == shown


def test_a_role_that_may_not_is_told_so_and_nothing_happens(served: ServedApp) -> None:
    reception = served.cookie_of(served.a_practice_with(Role.RECEPTION)[0])
    with served.tab(reception) as tab:
        tab.hydrate()
        tab.send(f"{PROBE}.team")
        seen = tab.until(_something_is_said)
        assert "may not" in seen[NOTICES]["text_rx_state_"] and PROBE not in seen


def test_a_stolen_token_opens_nothing_while_its_owner_is_there(served: ServedApp, owner: str) -> None:
    thief = served.cookie_of(served.a_practice_with(Role.OWNER)[0])
    with served.tab(owner) as tab:
        tab.hydrate()
        tab.send(f"{PROBE}.take", amount=1)
        tab.until(lambda seen: PROBE in seen)
        for cookie in (thief, "", "not-a-sign-in"):
            with served.tab(cookie, token=tab.token) as stolen:
                assert _text(stolen) == ""
        assert tab.is_open()


def test_a_stolen_token_opens_nothing_after_its_owner_left(served: ServedApp, owner: str) -> None:
    with served.tab(owner) as tab:
        tab.hydrate()
        tab.send(f"{PROBE}.take", amount=1)
        tab.until(lambda seen: PROBE in seen)
    with served.tab("", token=tab.token) as stolen:
        assert _text(stolen) == ""
    with served.tab(owner, token=tab.token) as again:
        assert _text(again) == "took a int"


def test_an_ended_sign_in_with_its_old_token_is_nobody(served: ServedApp, owner: str) -> None:
    with served.tab(owner) as tab:
        tab.hydrate()
        tab.send(f"{PROBE}.take", amount=1)
        tab.until(lambda seen: PROBE in seen)
    served.sign_out(owner)
    with served.tab(owner, token=tab.token) as dead:
        assert _text(dead) == ""


def test_who_was_seen_a_moment_ago_types_on_but_saves_nothing_after_the_sign_in_ended_elsewhere(
    served: ServedApp, owner: str
) -> None:
    with served.tab(owner) as tab:
        tab.hydrate()
        tab.send(f"{PROBE}.keep")
        tab.until(lambda seen: seen.get(PROBE, {}).get("text_rx_state_") == "kept as owner")
        tab.send(f"{PROBE}.type")
        tab.until(lambda seen: seen.get(PROBE, {}).get("text_rx_state_") == "typed")
        with served.act() as (db, desk):  # as another process would
            for row in db.exec(select(SignIn).where(SignIn.ended_at == None)):  # noqa: E711
                row.ended_at = desk.now()
        tab.send(f"{PROBE}.keep")
        assert PROBE not in tab.until(lambda seen: seen.get(LIVE, {}).get("ended_rx_state_"))


def test_after_a_sign_out_here_not_even_a_key_is_taken(served: ServedApp, owner: str) -> None:
    with served.tab(owner) as tab:
        tab.hydrate()
        tab.send(f"{PROBE}.type")
        tab.until(lambda seen: PROBE in seen)
    served.sign_out(owner)
    with served.tab(owner) as dead:
        dead.hydrate()
        dead.send(f"{PROBE}.type")
        dead.send(f"{PROBE}.glance")
        assert _text(dead) == ""


def _something_is_said(seen: dict) -> bool:
    return bool(seen.get(NOTICES, {}).get("text_rx_state_"))


def _text(tab: Tab) -> str:
    return str(tab.hydrate().get(PROBE, {}).get("text_rx_state_", ""))


def test_arguments_of_any_type_do_no_harm_and_leave_no_trace_in_the_log(served: ServedApp, owner: str) -> None:
    with served.tab(owner) as tab:
        tab.hydrate()
        for n, value in enumerate(("CANARY-text", ["CANARY-list"], {"CANARY": 1}, None, True, 1.5, 10**400)):
            tab.send(f"{PROBE}.take", amount=value)
            tab.send(f"{PROBE}.take", **{f"CANARY_argument_{n}": value})
        tab.send(f"{PROBE}.break_down", words="CANARY-exception")
        tab.send("CANARY.unknown_event", words="CANARY-payload")
        tab.send(
            f"{STATE}.reflex___state____frontend_event_exception_state.handle_frontend_exception",
            info="CANARY-info",
            component_stack="CANARY-stack",
        )
        tab.raw('42/_event,["client_error",{"message":"CANARY-client"}]')
        tab.raw('42/_event,["event","CANARY-as-text"]')
        answer(tab)
    assert "CANARY" not in served.said()
    assert owner not in served.said() and tab.token not in served.said()
    assert "incident" in served.said()


def test_what_asks_for_a_form_to_be_saved_where_there_is_none_stops_nobody(served: ServedApp) -> None:
    """An answer to a question nobody asked, then a save that waits for the typing to pause."""
    reception = served.let_in(served.a_practice_with(Role.RECEPTION)[0])
    with served.tab(reception, "/appointments/[aid]/complete") as tab:
        tab.hydrate()
        for name in ("keep_mine", "take_theirs", "flush"):
            tab.send(f"{FORM}.{name}")
            answer(tab)
        assert tab.is_open()
    with served.tab(path="/sign-in") as somebody:
        somebody.hydrate()


def test_what_breaks_gets_a_reference_and_no_reason(served: ServedApp, owner: str) -> None:
    with served.tab(owner) as tab:
        tab.hydrate()
        tab.send(f"{PROBE}.break_down", words="Thandi")
        shown = tab.until(_something_is_said)[NOTICES]["text_rx_state_"]
        assert "reference" in shown and "Thandi" not in shown
        assert shown.split()[-1].rstrip(".") in served.said()


def test_a_page_comes_back_as_it_was_before_it_is_shown(served: ServedApp, owner: str) -> None:
    with served.tab(owner, "/sign-in") as tab:
        assert _text(tab) == "restored"
    with served.tab("", "/sign-in") as stranger:
        assert _text(stranger) == ""


def test_only_a_person_keeps_a_sign_in_alive(served: ServedApp) -> None:
    email = served.a_practice_with(Role.OWNER)[0]
    cookie = served.cookie_of(email)
    with served.act() as (db, desk):
        row = db.exec(select(SignIn).order_by(SignIn.created_at.desc())).first()
        row.last_seen_at = earlier = desk.now() - timedelta(minutes=20)
        key = row.id_hash
        db.add(row)

    def seen_at() -> object:
        with served.act(writes=False) as (db, _):
            return db.get(SignIn, key).last_seen_at

    with served.tab(cookie, "/sign-in") as tab:  # a page that loads nothing: opening one is a person's act
        tab.hydrate()
        tab.send(f"{PROBE}.look")
        tab.until(lambda seen: PROBE in seen)
        tab.send(f"{PROBE}.glance")
        tab.until(lambda seen: seen.get(PROBE, {}).get("text_rx_state_") == "glanced")
        assert seen_at() == earlier
        tab.send(f"{PROBE}.type")
        tab.until(lambda seen: seen.get(PROBE, {}).get("text_rx_state_") == "typed")
        for _ in range(1000):  # nobody waits for the note
            if seen_at() > earlier:
                break
            assert tab.is_open()
        assert seen_at() > earlier
