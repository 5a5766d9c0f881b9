"""A webhook of the account whose key the installation had before: taken in while its secret is still among the
settings', as it is about real money; refused without a row once it is not."""

import json
from dataclasses import replace

import pytest
from sqlmodel import select

from tests.contract.stand_in import StandIn, served
from tests.paying import asked_to_pay
from tests.web.served import at_hand, web, work  # noqa: F401 - fixtures
from trova_app.adapters import signed_events
from trova_app.adapters.stripe_links import StripeLinks
from trova_app.models import PaymentRequest, ProviderEvent
from trova_app.outside import Outside
from trova_app.services import payments, review
from trova_app.services.pay_page import pay_page
from trova_app.sweeper import Sweeper
from trova_app.web import webhooks


@pytest.fixture
def former():
    with served() as account:
        yield account


@pytest.fixture
def other():
    with served() as account:
        account.books.own = "other_"
        yield account


@pytest.fixture
def case(web, at_hand, database, former: StandIn, other: StandIn, monkeypatch):  # noqa: F811
    """A link was opened at the former account; then the installation was started with another one's key."""
    before: Outside = replace(at_hand, gateways={"stripe": StripeLinks("rk_test_1", former.url)})
    made = asked_to_pay(database, gateway="stripe")
    work(database, before)
    return made


@pytest.fixture
def now(at_hand, case, database, other: StandIn, monkeypatch) -> Outside:  # noqa: F811
    after = replace(at_hand, gateways={"stripe": StripeLinks("rk_test_2", other.url)})
    monkeypatch.setattr(webhooks, "outside", lambda: after)
    Sweeper(after, database.act).sweep(at_once=True)
    return after


def told(web, database, now: Outside, former: StandIn, secret: str) -> int:  # noqa: F811
    """The former account tells what happened last; the answer."""
    raw = json.dumps(former.books.told[-1]).encode()
    with database.act() as (db, _desk):
        path = f"/hooks/stripe/{now.endpoint(db, 'stripe').public_id}"
    signed = {"stripe-signature": signed_events.signature(raw, secret, database.clock.now())}
    return web.post(path, content=raw, headers=signed).status_code


def state(database, case) -> str:
    with database.act(writes=False) as (db, desk):
        return pay_page(db, desk, token=case.token).state.value


def test_a_payment_the_former_account_tells_of_settles_its_invoice_once(web, database, case, now, former, db):  # noqa: F811
    former.books.pay(former.books.visit("plink_1"))
    assert state(database, case) == "held back"
    for _ in range(2):
        assert told(web, database, now, former, "whsec_old") == 200
        work(database, now)
    assert payments.paid_minor(db, case.invoice_id) == 125000
    assert (state(database, case), db.exec(select(PaymentRequest)).one().state) == ("paid", "paid")
    with database.act(writes=False) as (act_db, desk):
        (question,) = review.open_items(act_db, desk, case.owner)  # another page of the link may stand open there
    assert question.kind == "link_lost"


def test_without_the_former_secret_its_webhooks_are_refused_and_the_question_stays(
    web,  # noqa: F811
    database,
    case,
    now,
    former,
    db,
):
    former.books.pay(former.books.visit("plink_1"))
    assert told(web, database, now, former, "whsec_of_the_former_account") == 400
    assert db.exec(select(ProviderEvent)).all() == []
    assert state(database, case) == "held back"
