"""Where gateways report, and the simulated gateway's page: only what is signed counts, and it counts once."""

import json
from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlmodel import select

from tests import paying
from tests.paying import asked_to_pay, documents_of, only
from tests.web.served import at_hand, web, work  # noqa: F401 - fixtures
from trova_app import wiring
from trova_app.adapters import signed_events
from trova_app.adapters.stripe_links import StripeLinks
from trova_app.models import (
    GatewayAccount,
    Invoice,
    Mail,
    OutboxRow,
    Payment,
    PaymentRequest,
    Practice,
    ProviderEvent,
    ReviewItem,
    TimelineEntry,
    WebhookEndpoint,
)
from trova_app.services import gateway_health, links, payments, provider_events
from trova_app.services.pay_page import pay_page
from trova_app.web import simulated_pay, webhooks

ORIGIN = {"origin": paying.ORIGIN}


@pytest.fixture
def case(database, at_hand):  # noqa: F811
    """A link that stands open and a letter that went out."""
    made = asked_to_pay(database)
    work(database, at_hand)
    return made


def endpoint(database, at_hand, provider="simulated"):  # noqa: F811
    with database.act() as (db, _desk):
        return at_hand.endpoint(db, provider)


def an_event(database, at_hand, answer="pay", **given):  # noqa: F811
    with database.act() as (db, desk):
        request = only(db, PaymentRequest)
        spec = links.spec_of(db, desk, request, at_hand.endpoint(db, "simulated").public_id)
    event = json.loads(at_hand.gateways["simulated"].said(spec, answer, database.clock.now()))
    event["data"]["object"] |= given
    return event


def deliver(web, database, at_hand, event, secret=None, header=None, at=None):  # noqa: F811
    hook = endpoint(database, at_hand)
    raw = event if isinstance(event, bytes) else json.dumps(event).encode()
    signed = (
        header
        if header is not None
        else signed_events.signature(raw, secret or hook.secret, at or database.clock.now())
    )
    return web.post(f"/hooks/stripe/{hook.public_id}", content=raw, headers={"stripe-signature": signed}).status_code


def events(db) -> list[tuple[str, str]]:
    db.rollback()
    return [(row.type, row.state) for row in db.exec(select(ProviderEvent).order_by(ProviderEvent.id))]


def test_a_reported_payment_is_kept_then_settles_the_invoice(web, database, at_hand, case, db):  # noqa: F811
    assert deliver(web, database, at_hand, an_event(database, at_hand)) == 200
    assert events(db) == [("checkout.session.completed", "received")]
    assert payments.paid_minor(db, case.invoice_id) == 0
    work(database, at_hand)
    assert events(db) == [("checkout.session.completed", "done")]
    assert payments.paid_minor(db, case.invoice_id) == 125000
    assert [mail.kind for mail in db.exec(select(Mail).order_by(Mail.id))] == ["invoice", "receipt"]


def test_the_same_event_a_hundred_times_is_one_payment_and_one_receipt(web, database, at_hand, case, db):  # noqa: F811
    event = an_event(database, at_hand)
    for _ in range(100):
        assert deliver(web, database, at_hand, event) == 200
        if database.clock.now().second == 0:
            database.clock.advance(seconds=1)
    work(database, at_hand)
    assert deliver(web, database, at_hand, event) == 200
    work(database, at_hand)
    assert len(events(db)) == 1
    assert len(db.exec(select(Payment)).all()) == 1
    assert len(documents_of(db, case.invoice_id, "receipt")) == 1


def test_different_events_about_the_same_money_are_one_payment(web, database, at_hand, case, db):  # noqa: F811
    for answer in ("arrived", "slow", "pay", "failed"):
        assert deliver(web, database, at_hand, an_event(database, at_hand, answer)) == 200
    work(database, at_hand)
    assert [state for _type, state in events(db)] == ["done"] * 4
    assert payments.paid_minor(db, case.invoice_id) == 125000
    assert len(documents_of(db, case.invoice_id, "receipt")) == 1


def test_what_nobody_signed_just_now_leaves_no_row(web, database, at_hand, case, db):  # noqa: F811
    event, now = an_event(database, at_hand), database.clock.now()
    raw = json.dumps(event).encode()
    good = signed_events.signature(raw, endpoint(database, at_hand).secret, now)
    assert deliver(web, database, at_hand, event, header="") == 400
    assert deliver(web, database, at_hand, event, secret="guessed") == 400
    assert deliver(web, database, at_hand, event, secret="whsec_new") == 400
    assert deliver(web, database, at_hand, raw.replace(b"125000", b"999999"), header=good) == 400
    assert deliver(web, database, at_hand, b"not an event") == 400
    assert deliver(web, database, at_hand, b"\xff\xfe") == 400
    database.clock.advance(seconds=301)
    assert deliver(web, database, at_hand, event, header=good) == 400
    assert events(db) == []


def test_a_body_beyond_one_mebibyte_is_refused_unread(web, database, at_hand, case, db):  # noqa: F811
    event = an_event(database, at_hand) | {"padding": "x" * webhooks.LARGEST_BODY}
    assert deliver(web, database, at_hand, event) == 413
    assert events(db) == []


def test_an_address_that_is_not_ours_does_not_exist(web, database, at_hand, case):  # noqa: F811
    for public_id in ("0" * 32, "x", "..%2f..", "%00", "1' or '1'='1"):
        assert web.post(f"/hooks/stripe/{public_id}", content=b"{}").status_code == 404
    assert web.get(f"/hooks/stripe/{endpoint(database, at_hand).public_id}").status_code == 405


def test_stripes_address_does_not_exist_while_stripe_is_not_connected(web, database, at_hand, case):  # noqa: F811
    hook = endpoint(database, at_hand, "stripe")
    raw = json.dumps(an_event(database, at_hand)).encode()
    headers = {"stripe-signature": signed_events.signature(raw, "whsec_new", database.clock.now())}
    assert web.post(f"/hooks/stripe/{hook.public_id}", content=raw, headers=headers).status_code == 404


@pytest.mark.parametrize("secret", ["whsec_old", "whsec_new"])
def test_while_stripes_secret_is_replaced_both_are_good(web, database, at_hand, case, db, secret):  # noqa: F811
    at_hand.gateways["stripe"] = at_hand.gateways["simulated"]
    hook = endpoint(database, at_hand, "stripe")
    raw = json.dumps(an_event(database, at_hand)).encode()
    headers = {"stripe-signature": signed_events.signature(raw, secret, database.clock.now())}
    assert web.post(f"/hooks/stripe/{hook.public_id}", content=raw, headers=headers).status_code == 200
    assert events(db) == []  # its reference names the simulated endpoint


def test_while_the_database_is_away_the_gateway_is_asked_to_come_back(web, database, at_hand, case, monkeypatch):  # noqa: F811
    event = an_event(database, at_hand)
    hook, raw = endpoint(database, at_hand), json.dumps(event).encode()
    headers = {"stripe-signature": signed_events.signature(raw, hook.secret, database.clock.now())}
    away = sa.create_engine("sqlite:////nowhere/at/all.sqlite3")
    with monkeypatch.context() as broken:
        broken.setattr("trova_app.wiring.engine", lambda: away)
        assert web.post(f"/hooks/stripe/{hook.public_id}", content=raw, headers=headers).status_code == 503
    assert web.post(f"/hooks/stripe/{hook.public_id}", content=raw, headers=headers).status_code == 200


@pytest.mark.parametrize(
    "given", [{"amount_total": 124999}, {"currency": "usd"}, {"amount_total": 1, "currency": "xau"}]
)
def test_another_amount_is_set_aside_and_the_invoice_stays_unpaid(web, database, at_hand, case, db, given):  # noqa: F811
    assert deliver(web, database, at_hand, an_event(database, at_hand, **given)) == 200
    work(database, at_hand)
    assert events(db) == [("checkout.session.completed", "quarantined")]
    assert only(db, ProviderEvent).error == "Its amount is not the amount that was requested."
    assert payments.paid_minor(db, case.invoice_id) == 0


@pytest.mark.parametrize("given", [{"livemode": True}, {"account": "acct_other"}])
def test_real_money_and_other_accounts_do_not_settle_a_test_invoice(web, database, at_hand, case, db, given):  # noqa: F811
    assert deliver(web, database, at_hand, an_event(database, at_hand) | given) == 200
    work(database, at_hand)
    assert events(db) == [("checkout.session.completed", "quarantined")]
    assert payments.paid_minor(db, case.invoice_id) == 0


def test_events_that_are_not_about_us_leave_no_row(web, database, at_hand, case, db):  # noqa: F811
    event = an_event(database, at_hand)
    unknown = event | {"id": "sim_evt_a", "type": "customer.created"}
    foreign = an_event(database, at_hand, metadata={"shop": "7"})
    other_install = an_event(database, at_hand, metadata={"trova_instance": "elsewhere", "trova_request": "x"})
    no_metadata = an_event(database, at_hand, metadata=None)
    for one in (unknown, foreign, other_install, no_metadata):
        assert deliver(web, database, at_hand, one) == 200
    assert events(db) == []


def test_a_request_of_ours_that_is_not_here_is_set_aside(web, database, at_hand, case, db):  # noqa: F811
    ours = {"trova_instance": endpoint(database, at_hand).public_id, "trova_request": "gone"}
    assert deliver(web, database, at_hand, an_event(database, at_hand, metadata=ours)) == 200
    assert events(db) == [("checkout.session.completed", "quarantined")]


def test_money_asked_for_after_the_copy_of_the_database_that_is_in_use_again_waits_for_its_practice_once(
    web,  # noqa: F811
    database,
    at_hand,  # noqa: F811
    case,
    db,
):
    ours = {"trova_instance": endpoint(database, at_hand).public_id, "trova_request": "gone"}
    for practice in ("999", "\u00b2", "1" * 400, "-1", "1 OR 1=1"):
        event = an_event(database, at_hand, metadata=ours | {"trova_practice": practice})
        assert deliver(web, database, at_hand, event | {"id": f"sim_evt_{practice[:4]}"}) == 200
    assert db.exec(select(ReviewItem)).all() == []
    db.rollback()
    named = ours | {"trova_practice": str(case.practice_id)}
    declined = an_event(database, at_hand, "decline", metadata=named)
    assert deliver(web, database, at_hand, declined) == 200
    event = an_event(database, at_hand, metadata=named)
    assert [deliver(web, database, at_hand, event) for _ in range(2)] == [200, 200]
    work(database, at_hand)
    item = only(db, ReviewItem)
    assert (item.kind, item.practice_id, item.state) == ("unknown_request", case.practice_id, "open")
    assert item.sentence.startswith("R\u00a01\u00a0250,00 came online for a payment request that is not here.")
    assert db.exec(select(Payment)).all() == []


def test_a_bank_payment_that_is_asked_about_is_one_question_and_only_once_it_has_arrived(
    web,  # noqa: F811
    database,
    at_hand,  # noqa: F811
    case,
    db,
):
    """Two questions would have the same money recorded twice by hand."""
    ours = {"trova_instance": endpoint(database, at_hand).public_id, "trova_request": "gone"}
    event = an_event(database, at_hand, metadata=ours | {"trova_practice": str(case.practice_id)})
    on_its_way = json.loads(json.dumps(event)) | {"id": "sim_evt_1"}
    on_its_way["data"]["object"]["payment_status"] = "unpaid"
    assert deliver(web, database, at_hand, on_its_way) == 200
    assert db.exec(select(ReviewItem)).all() == []
    db.rollback()
    for name, kind in (("2", "checkout.session.async_payment_succeeded"), ("3", "checkout.session.completed")):
        assert deliver(web, database, at_hand, event | {"id": f"sim_evt_{name}", "type": kind}) == 200
    assert only(db, ReviewItem).sentence.startswith("R\u00a01\u00a0250,00 came online")


# The simulated gateway's page


def page_path(database) -> str:
    with database.act() as (db, _desk):
        return f"/sim/pay/{only(db, PaymentRequest).request_uuid}"


def choose(web, database, answer, headers=ORIGIN):  # noqa: F811
    return web.post(page_path(database), data={"answer": answer}, headers=headers)


def test_the_page_shows_the_amount_and_says_that_no_money_moves(web, database, case):  # noqa: F811
    page = web.get(page_path(database))
    assert page.status_code == 200
    assert "Demonstration. No money moves." in page.text
    assert "R\xa01\xa0250,00" in page.text
    assert "<input" not in page.text
    assert "<style" not in page.text
    assert "style=" not in page.text
    for words in ("Pay", "Decline", "Pay by slow bank transfer"):
        assert f">{words}</button>" in page.text
    assert web.get("/plain.css").headers["content-type"].startswith("text/css")
    assert 'href="/plain.css"' in page.text
    assert case.token not in page.text


def test_paying_on_the_page_ends_in_paid_with_one_receipt_mail(web, database, at_hand, case, db):  # noqa: F811
    reply = choose(web, database, "pay")
    back = page_path(database).replace("/sim/pay/", "/pay/back/")
    assert (reply.status_code, reply.headers["location"].partition("?")[0]) == (303, back)
    work(database, at_hand)
    assert payments.paid_minor(db, case.invoice_id) == 125000
    mails = db.exec(select(Mail).where(Mail.kind == "receipt")).all()
    assert [mail.recipient for mail in mails] == [case.client_email]
    with database.act(writes=False) as (act_db, desk):
        shown = pay_page(act_db, desk, token=case.token)
    assert (shown.state, shown.receipt_document_id) == ("paid", mails[0].document_id)


def test_pressing_pay_twice_pays_once(web, database, at_hand, case, db):  # noqa: F811
    assert [choose(web, database, "pay").status_code for _ in range(2)] == [303, 303]
    work(database, at_hand)
    assert choose(web, database, "pay").status_code == 303
    work(database, at_hand)
    assert payments.paid_minor(db, case.invoice_id) == 125000
    assert len(db.exec(select(Mail).where(Mail.kind == "receipt")).all()) == 1


def test_a_declined_card_leaves_the_link_open(web, database, at_hand, case, db):  # noqa: F811
    reply = choose(web, database, "decline")
    assert reply.headers["location"].endswith("?declined")
    assert "The card was declined" in web.get(reply.headers["location"]).text
    work(database, at_hand)
    assert only(db, PaymentRequest).state == "active"
    assert "A card payment was declined. The link stays open." in [e.what for e in db.exec(select(TimelineEntry))]
    choose(web, database, "pay")
    work(database, at_hand)
    db.rollback()
    assert payments.paid_minor(db, case.invoice_id) == 125000


def test_a_slow_transfer_counts_when_it_arrives(web, database, at_hand, case, db):  # noqa: F811
    choose(web, database, "slow")
    work(database, at_hand)
    assert payments.paid_minor(db, case.invoice_id) == 0
    assert "The transfer arrives" in web.get(page_path(database)).text
    with database.act(writes=False) as (act_db, desk):
        assert pay_page(act_db, desk, token=case.token).state == "payment on its way"
    choose(web, database, "arrived")
    work(database, at_hand)
    db.rollback()
    assert payments.paid_minor(db, case.invoice_id) == 125000


def test_a_slow_transfer_that_fails_leaves_the_invoice_to_be_paid(web, database, at_hand, case, db):  # noqa: F811
    for answer in ("slow", "failed"):
        choose(web, database, answer)
        work(database, at_hand)
    assert payments.paid_minor(db, case.invoice_id) == 0
    used_up, fresh = db.exec(select(PaymentRequest).order_by(PaymentRequest.id))
    assert (used_up.state, fresh.state) == ("closed", "active")
    web.post(f"/sim/pay/{fresh.request_uuid}", data={"answer": "pay"}, headers=ORIGIN)
    work(database, at_hand)
    db.rollback()
    assert payments.paid_minor(db, case.invoice_id) == 125000


@pytest.mark.parametrize("headers", [{}, {"origin": "null"}, {"origin": "https://evil.example"}])
def test_another_site_cannot_press_the_buttons(web, database, at_hand, case, db, headers):  # noqa: F811
    assert choose(web, database, "pay", headers).status_code == 403
    assert events(db) == []


@pytest.mark.parametrize("answer", ["", "refund", "arrived", "pay" * 1000])
def test_a_button_that_is_not_there_does_nothing(web, database, at_hand, case, db, answer):  # noqa: F811
    assert choose(web, database, answer).status_code == 303
    assert events(db) == []


def test_a_page_for_no_request_does_not_exist(web, database, case):  # noqa: F811
    for name in ("nothing", "%00", "x" * 3000):
        assert web.get(f"/sim/pay/{name}").status_code == 404
        assert web.post(f"/sim/pay/{name}", data={"answer": "pay"}, headers=ORIGIN).status_code == 404


def test_a_request_of_a_real_gateway_has_no_simulated_page(web, database, case):  # noqa: F811
    path = page_path(database)
    with database.act() as (db, _desk):
        only(db, PaymentRequest).provider = "stripe"
    assert web.get(path).status_code == 404


def test_in_live_mode_the_page_is_not_even_mounted():
    assert simulated_pay.routes_for("live") == []
    assert len(simulated_pay.routes_for("demo")) == 2


def test_names_are_shown_as_text_not_as_markup(web, database, case):  # noqa: F811
    with database.act() as (db, _desk):
        only(db, Practice).name = "<script>alert(1)</script>"
    assert "<script" not in web.get(page_path(database)).text


def test_no_outbox_row_of_a_payment_names_a_diagnosis(web, database, at_hand, case, db):  # noqa: F811
    choose(web, database, "pay")
    kept = " ".join(row.payload for row in db.exec(select(OutboxRow))) + only(db, ProviderEvent).body
    for word in (paying.ICD, paying.SERVICE, "Mokoena"):
        assert word not in kept
    assert db.exec(select(Invoice)).one().number_text == "KHA-0001"


# The installation's own key of Stripe


@pytest.fixture
def shown(database, at_hand, case):  # noqa: F811
    """What Settings, Payments says: {what: words}."""
    endpoint(database, at_hand, "stripe")

    def health(origin="https://practice.example", believes=True) -> dict[str, str]:
        desk = database.desk()
        desk.gateway, desk.origin, desk.believes_webhooks = "stripe", origin, believes
        with database.act(desk, writes=False) as (db, desk):
            return {line.what: line.words for line in gateway_health.health(db, desk, case.owner).lines}

    return health


def test_settings_say_where_the_installations_webhooks_go_and_that_they_arrive(web, database, at_hand, shown, case):  # noqa: F811
    object.__setattr__(at_hand, "gateways", at_hand.gateways | {"stripe": StripeLinks("rk_test_12345678")})
    address = f"https://practice.example/hooks/stripe/{endpoint(database, at_hand, 'stripe').public_id}"
    assert shown("http://localhost:3000")["Webhooks"] == gateway_health.NO_WEBHOOKS
    assert shown(believes=False)["Webhooks"] == gateway_health.NOT_BELIEVED
    before = shown()
    assert (before["Webhooks"], before["Last notice"]) == (gateway_health.NONE_YET, "None yet")
    assert before["Webhook address"].endswith(address)
    raw = json.dumps(an_event(database, at_hand) | {"type": "customer.created"}).encode()
    headers = {"stripe-signature": signed_events.signature(raw, "whsec_new", database.clock.now())}
    for _ in range(2):
        assert web.post(address, content=raw, headers=headers).status_code == 200
    database.clock.advance(minutes=3)
    after = shown()
    assert (after["Webhooks"], after["Last notice"]) == (gateway_health.WEBHOOKS, "3 min ago")
    assert after["Webhook address"] == address


def test_what_was_refused_shows_in_settings_until_what_fits_arrives(web, database, at_hand, shown, case, db):  # noqa: F811
    object.__setattr__(at_hand, "gateways", at_hand.gateways | {"stripe": StripeLinks("rk_test_12345678")})
    hook = endpoint(database, at_hand, "stripe")

    def post(secret: str) -> int:
        raw = json.dumps(an_event(database, at_hand) | {"type": "customer.created"}).encode()
        headers = {"stripe-signature": signed_events.signature(raw, secret, database.clock.now())}
        return web.post(f"/hooks/stripe/{hook.public_id}", content=raw, headers=headers).status_code

    assert "Refused" not in shown()
    assert post("whsec_of_another") == 400
    database.clock.advance(minutes=3)
    assert shown()["Refused"] == (
        "A message that was not signed as it should be came 3 min ago, and none that was has come since. Nothing of it"
        " was kept. If payments show late, look whether the webhook's signing secret is still the one given here."
    )
    assert post("whsec_new") == 200
    assert "Refused" not in shown()


def test_a_flood_of_forged_messages_is_written_down_once_a_minute(web, database, at_hand, case, db):  # noqa: F811
    written = []
    sa.event.listen(database.engine, "before_cursor_execute", lambda *said: written.append(said[2]))
    event = an_event(database, at_hand)
    for _ in range(20):
        assert deliver(web, database, at_hand, event, secret="guessed") == 400
    database.clock.advance(seconds=61)
    assert deliver(web, database, at_hand, event, secret="guessed") == 400
    assert sum(statement.startswith(("UPDATE", "INSERT", "DELETE")) for statement in written) == 2
    assert endpoint(database, at_hand).refused_at == database.clock.now()
    assert events(db) == []


def test_what_a_look_finds_is_no_notice(database, at_hand, shown, case):  # noqa: F811
    kept = signed_events.kept_event(an_event(database, at_hand))
    facts, hook = signed_events.facts_of("simulated", kept.body), endpoint(database, at_hand)
    with database.act() as (db, desk):
        assert provider_events.receive(db, desk, provider="simulated", instance=hook.public_id, event=kept, facts=facts)
    assert shown()["Last notice"] == "None yet"


# A practice's own account


@pytest.fixture
def own(database, at_hand, case):  # noqa: F811
    """The practice's own endpoint, whose secret is just being replaced; its gateway is Stripe's."""
    vault = wiring.vault()
    with database.act() as (db, _desk):
        now = database.clock.now()
        sealed = {name: vault.seal(f"whsec_own_{name}", f"practice {case.practice_id}") for name in ("new", "old")}
        key = vault.seal("rk_test_12345678", f"practice {case.practice_id}")
        given = {"practice_id": case.practice_id, "provider": "stripe"}
        db.add(GatewayAccount(**given, mode="test", key_encrypted=key, endpoint_public_id="e" * 32, connected_at=now))
        replaced = {"earlier_secret": sealed["old"], "earlier_until": now + timedelta(hours=25)}
        db.add(WebhookEndpoint(public_id="e" * 32, **given, secret=sealed["new"], **replaced))
    object.__setattr__(at_hand, "connect", lambda _held: StripeLinks("rk_test_12345678"))
    return case


def deliver_to_own(web, database, event, secret):  # noqa: F811
    raw = json.dumps(event).encode()
    headers = {"stripe-signature": signed_events.signature(raw, secret, database.clock.now())}
    return web.post(f"/hooks/stripe/{'e' * 32}", content=raw, headers=headers).status_code


@pytest.mark.parametrize(
    ("secret", "status"), [("whsec_own_new", 200), ("whsec_own_old", 200), ("whsec_new", 400), ("", 400)]
)
def test_at_a_practices_own_address_only_its_own_two_secrets_are_good(web, database, at_hand, own, db, secret, status):  # noqa: F811
    event = an_event(database, at_hand) | {"type": "customer.created"}
    assert deliver_to_own(web, database, event, secret) == status
    heard = only(db, GatewayAccount).last_event_at
    assert (heard == database.clock.now()) if status == 200 else heard is None
    assert events(db) == []


def test_a_replaced_secret_is_good_for_a_day_and_no_longer(web, database, at_hand, own):  # noqa: F811
    event = an_event(database, at_hand) | {"type": "customer.created"}
    database.clock.advance(minutes=25 * 60 - 1)
    assert deliver_to_own(web, database, event, "whsec_own_old") == 200
    database.clock.advance(minutes=1)
    assert deliver_to_own(web, database, event, "whsec_own_old") == 400
    assert deliver_to_own(web, database, event, "whsec_own_new") == 200


def test_an_event_about_another_account_is_refused_at_a_practices_own_address(web, database, at_hand, own, db):  # noqa: F811
    event = an_event(database, at_hand)
    event["data"]["object"]["metadata"]["trova_instance"] = endpoint(database, at_hand, "stripe").public_id
    assert deliver_to_own(web, database, event | {"account": "acct_other"}, "whsec_own_new") == 400
    assert events(db) == []


def test_news_of_a_request_made_through_another_account_is_set_aside_for_a_person(web, database, at_hand, own, db):  # noqa: F811
    event = an_event(database, at_hand)
    event["data"]["object"]["metadata"]["trova_instance"] = endpoint(database, at_hand, "stripe").public_id
    assert deliver_to_own(web, database, event, "whsec_own_new") == 200
    assert events(db) == [("checkout.session.completed", "quarantined")]
    item = only(db, ReviewItem)
    assert (item.kind, item.invoice_id) == ("wrong_account", own.invoice_id)
    assert payments.paid_minor(db, own.invoice_id) == 0
