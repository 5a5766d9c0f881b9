"""The address a gateway sends payers back to: it opens nothing, but for the browser that set out from the invoice."""

from http.cookies import Morsel, SimpleCookie
from typing import Any

import pytest
from sqlmodel import select

from tests.paying import ORIGIN, SERVICE, asked_to_pay, only
from tests.web.served import at_hand, web, work  # noqa: F401 - fixtures
from trova_app.models import Invoice, OutboxRow, PaymentRequest
from trova_app.services.pay_page import PayState, came_back, pay_page
from trova_app.settings import Settings
from trova_app.web import cookies, pay_back

NOBODYS = "7f0c2f7e-6f0e-4f6e-9b1f-0f6a1c1d2e3f"
PAID = "?session=cs_test_1"


@pytest.fixture
def case(database, at_hand):  # noqa: F811
    """A link that stands open."""
    made = asked_to_pay(database)
    work(database, at_hand)
    return made


@pytest.fixture
def back(database, case) -> str:
    return f"/pay/back/{request_of(database)[0]}"


def request_of(database) -> tuple[str, str]:
    with database.act(writes=False) as (db, _desk):
        request = only(db, PaymentRequest)
        return request.request_uuid, request.url


def looks(db) -> list[str]:
    """The looks at the gateway that coming back has asked for."""
    db.rollback()
    return [key for key in db.exec(select(OutboxRow.key)) if key.startswith("check/")]


def state(database, case) -> PayState:
    with database.act(writes=False) as (db, desk):
        return pay_page(db, desk, token=case.token).state


def sets_out(web, case) -> Any:  # noqa: F811
    """A press on Pay on the invoice's page."""
    return web.get(f"/pay/{case.token}/now")


def kept(answer) -> Morsel:
    (cookie,) = SimpleCookie(answer.headers["set-cookie"]).values()
    return cookie


def test_a_press_on_pay_leads_to_the_gateway_and_leaves_a_cookie_for_the_way_back_alone(web, database, case, back):  # noqa: F811
    answer = sets_out(web, case)
    assert (answer.status_code, answer.headers["location"]) == (303, request_of(database)[1])
    cookie = kept(answer)
    assert (cookie.key, cookie["path"], cookie["samesite"].lower()) == ("trova-payer", back, "lax")
    assert cookie["httponly"] and not cookie["secure"] and 0 < int(cookie["max-age"]) <= 24 * 3600
    assert (answer.headers["cache-control"], answer.headers["referrer-policy"]) == ("no-store", "no-referrer")


def test_over_https_the_cookie_never_leaves_unencrypted(web, case, monkeypatch):  # noqa: F811
    monkeypatch.setattr(cookies, "settings", lambda: Settings(base_url="https://practice.example"))
    cookie = kept(sets_out(web, case))
    assert cookie.key == "__Secure-trova-payer" and cookie["secure"]


def test_a_press_that_leads_back_leaves_no_cookie(web, database, case):  # noqa: F811
    with database.act() as (db, _desk):
        db.get_one(Invoice, case.invoice_id).status = "void"
    for token in (case.token, "nobodys"):
        answer = web.get(f"/pay/{token}/now")
        assert (answer.status_code, answer.headers["location"]) == (303, f"/pay/{token}")
        assert "set-cookie" not in answer.headers


def test_who_comes_back_in_the_browser_that_set_out_is_led_to_the_invoice_which_asks_the_gateway(web, case, back):  # noqa: F811
    sets_out(web, case)
    answer = web.get(back + PAID)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/pay/{case.token}?session=back")
    assert answer.headers["cache-control"] == "no-store"


def test_who_only_turned_round_at_the_gateway_is_led_to_the_invoice_as_it_is(web, database, case, back, db):  # noqa: F811
    sets_out(web, case)
    assert web.get(back).headers["location"] == f"/pay/{case.token}"
    assert (looks(db), state(database, case)) == ([], PayState.PAYABLE)


def test_another_browser_reads_a_few_words_and_the_gateway_is_asked_once_a_minute(web, database, case, back, db, clock):  # noqa: F811
    for _ in range(3):
        answer = web.get(back + PAID)
        assert answer.status_code == 200 and "set-cookie" not in answer.headers
        assert "the practice is confirming your payment" in answer.text and "letter from the practice" in answer.text
    assert len(looks(db)) == 1
    with database.act(writes=False) as (act_db, _desk):
        invoice = act_db.get_one(Invoice, case.invoice_id)
        named = ("Khanya", invoice.number_text, case.token, "250", SERVICE, "Thandi", "Mokoena", f"/{invoice.id}")
    assert [word for word in named if word in answer.text] == []


def test_who_knows_no_more_than_the_address_keeps_nobody_from_paying(web, database, case, back, db):  # noqa: F811
    web.get(back + PAID)
    assert len(looks(db)) == 1
    assert state(database, case) is PayState.PAYABLE
    with database.act() as (act_db, desk):
        came_back(act_db, desk, token=case.token)
    assert len(looks(db)) == 2
    assert state(database, case) is PayState.CONFIRMING


def test_once_asked_it_is_asked_again_only_in_another_minute(web, database, at_hand, case, back, db, clock):  # noqa: F811
    for expected in (1, 1):
        web.get(back + PAID)
        work(database, at_hand)
        assert len(looks(db)) == expected
    clock.advance(minutes=1)
    web.get(back + PAID)
    assert len(looks(db)) == 2


def test_somebody_who_knows_no_more_than_the_address_cannot_tell_whether_there_is_such_a_request(web, case, back, db):  # noqa: F811
    for end in ("", PAID):
        ours, nobodys = web.get(back + end), web.get(f"/pay/back/{NOBODYS}{end}")
        assert (ours.status_code, ours.content, dict(ours.headers)) == (
            nobodys.status_code,
            nobodys.content,
            dict(nobodys.headers),
        )
    assert len(looks(db)) == 1


@pytest.mark.parametrize("name", ["nothing", "%00", "%C3%A9", "%ED%A0%80", "x" * 3000, "' or 1=1"])
def test_an_address_that_leads_nowhere_is_answered_alike_and_asks_nobody(web, case, back, db, name):  # noqa: F811
    assert web.get(f"/pay/back/{name}{PAID}").text == web.get(back).text
    assert looks(db) == []


def test_the_cookie_of_one_invoice_is_not_sent_to_the_address_of_another(web, case, back):  # noqa: F811
    sets_out(web, case)
    assert web.get(f"/pay/back/{NOBODYS}{PAID}").status_code == 200


@pytest.mark.parametrize("forged", ["//evil.example", "https://evil.example", "../../settings", "\\evil"])
def test_a_cookie_of_somebodys_own_making_leads_to_no_other_site(web, case, back, forged):  # noqa: F811
    answer = web.get(back, headers={"cookie": f"trova-payer={forged}"})
    assert answer.headers["location"].startswith("/pay/")
    assert answer.headers["location"].count("/") == 2


def test_a_flood_of_people_coming_back_waits_for_nobody_and_leaves_the_rest_to_the_next_look(
    web,  # noqa: F811
    case,
    back,
    db,
    monkeypatch,
):
    monkeypatch.setattr(pay_back, "_looking", {f"somebody {n}" for n in range(pay_back.MOST_LOOKED_FOR)})
    assert web.get(back + PAID).status_code == 200
    assert looks(db) == []


def test_a_link_that_is_not_open_any_more_is_not_asked(web, database, case, back, db):  # noqa: F811
    with database.act() as (act_db, _desk):
        only(act_db, PaymentRequest).state = "paid"
    assert web.get(back + PAID).status_code == 200
    assert looks(db) == []


def test_the_simulated_gateway_knows_no_more_of_the_way_back_than_a_real_one(web, case, back):  # noqa: F811
    page = back.replace("/pay/back/", "/sim/pay/")
    shown = web.get(page)
    assert f'href="{back}"' in shown.text and case.token not in shown.text
    sets_out(web, case)
    answer = web.post(page, data={"answer": "pay"}, headers={"origin": ORIGIN})
    assert answer.headers["location"].startswith(f"{back}?session=")
    assert web.get(answer.headers["location"]).headers["location"] == f"/pay/{case.token}?session=back"
    stale = web.post(page, data={"answer": "arrived"}, headers={"origin": ORIGIN})
    assert (stale.status_code, stale.headers["location"]) == (303, back)
