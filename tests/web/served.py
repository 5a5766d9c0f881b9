"""The HTTP routes beside the pages, on a test's own database and clock."""

from collections.abc import Iterator

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from tests.paying import ORIGIN, an_outside
from trova_app import wiring
from trova_app.adapters.simulated import SimulatedGateway
from trova_app.outside import Outside
from trova_app.services import sign_in
from trova_app.web import client_records, documents, pay_back, pay_now, plain, simulated_pay, webhooks
from trova_app.worker import Worker


@pytest.fixture
def at_hand() -> Outside:
    simulated = SimulatedGateway(ORIGIN, "test")
    return an_outside(gateways={"simulated": simulated}, stripe_secret="whsec_old, whsec_new")


@pytest.fixture
def web(database, at_hand: Outside, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    monkeypatch.setattr(wiring, "engine", lambda: database.engine)
    monkeypatch.setattr(wiring, "clock", lambda: database.clock)
    for module in (client_records, documents, pay_now, simulated_pay, webhooks):
        monkeypatch.setattr(module, "outside", lambda: at_hand)
    paying = pay_now.ROUTES + pay_back.ROUTES + plain.ROUTES + simulated_pay.routes
    app = Starlette(routes=webhooks.routes + paying + client_records.ROUTES + documents.routes)
    with TestClient(app, base_url=ORIGIN, follow_redirects=False) as client:
        yield client


def work(database, at_hand: Outside) -> int:
    return Worker(at_hand, database.act).run_once()


def signed_in(database, web: TestClient, member_id: int) -> None:
    """Puts a cookie of this member into the browser."""
    secret = f"secret-{member_id}"
    with database.act() as (db, desk):
        sign_in.open_sign_in(db, desk.now(), db.get_one(sign_in.Member, member_id), secret)
    web.cookies.set("trova", secret)
