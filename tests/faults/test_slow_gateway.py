"""Stripe is slow, or away for days: nobody waits for it here, the invoice says where its link is, and once Stripe is
back everything ends as it should, by itself."""

import asyncio
import threading

import pytest
from sqlmodel import select

from tests.contract.stand_in import HANG
from tests.faults.ground import Ground, Run, ground
from tests.faults.life import Life
from tests.faults.stories import Story, at_the_desk, finish, given_back, looked, nothing, paid_here, requested
from trova_app.domain.gateways import Fact
from trova_app.models import Invoice, PaymentRequest
from trova_app.services import billing, payment_requests
from trova_app.services.invoice_view import invoice_view
from trova_app.services.pay_page import pay_page
from trova_app.worker import LANES, Worker
from trova_app.worker import run as work_on

SHORT = (2.0, 0.3)
AWAY = 503
TRIES = 3


@pytest.fixture
def start(request, database, stand_in, tmp_path) -> Ground:
    stand_in.clear()
    return ground(database, stand_in, request.param, tmp_path)


def said(run: Run) -> tuple[str, str, str]:
    """How the link stands on the invoice's page with what is wrong with it, and how the client's page stands."""
    with run.life(engine=run.engine).act(writes=False) as (db, desk):
        invoice = db.exec(select(Invoice)).one()
        view = invoice_view(db, desk, run.start.who, invoice_id=invoice.id)
        return view.link.state, view.link.problem, pay_page(db, desk, token=invoice.pay_token).state


@pytest.mark.parametrize("start", [Story(nothing, finish)], indirect=True)
def test_request_payment_does_not_wait_for_stripe_and_the_link_comes_when_stripe_answers(start):
    with start.run() as run:
        life = run.life(engine=run.engine, time_limits=SHORT)
        finish(life, run.start)
        assert run.stand_in.calls == []
        assert said(run) == ("creating", "", "link on its way")
        run.stand_in.switches[:] = [HANG] * TRIES
        life.work()
        state, problem, page = said(run)
        assert (state, page) == ("creating", "link on its way")
        assert problem.startswith("Stripe did not answer. We will try again.")
        assert run.mails() == []
        run.clock.advance(seconds=10)
        life.work()
        assert said(run) == ("active", "", "payable")
        ending = run.ending()
        assert (len(run.stand_in.books.links), ending["Message-IDs"], ending["left undone"]) == (1, 1, [])


@pytest.mark.soak
@pytest.mark.parametrize("start", [Story(nothing, finish)], indirect=True)
@pytest.mark.parametrize("is_heard", [True, False])
def test_after_two_days_without_stripe_there_is_one_link_and_one_letter(start, is_heard):
    """Stripe hears us and we do not hear Stripe, or it does not even hear us."""
    with start.run() as run:
        life = run.life(engine=run.engine, time_limits=SHORT)
        finish(life, run.start)
        run.stand_in.switches[:] = [HANG] * TRIES if is_heard else [AWAY] * TRIES
        life.work()
        _days_pass_without_stripe(run)
        _stripe_is_back(run)
        ending = run.ending()
        assert (said(run)[0], len(run.stand_in.books.links), ending["Message-IDs"]) == ("active", 1, 1)


@pytest.mark.soak
@pytest.mark.parametrize("start", [Story(paid_here, given_back)], indirect=True)
@pytest.mark.parametrize("is_heard", [True, False])
def test_after_two_days_without_stripe_the_money_goes_back_once(start, is_heard):
    with start.run() as run:
        life = run.life(engine=run.engine, time_limits=SHORT)
        given_back(life, run.start)
        run.stand_in.switches[:] = [HANG] * TRIES if is_heard else [AWAY] * TRIES
        life.work()
        _days_pass_without_stripe(run)
        _stripe_is_back(run)
        ending = run.ending()
        assert (ending["refunds"], len(run.stand_in.books.refunds)) == ([("succeeded", 25000)], 1)
        assert ending["left undone"] == []


@pytest.mark.soak
@pytest.mark.parametrize("start", [Story(requested, at_the_desk("250"))], indirect=True)
def test_after_two_days_without_stripe_a_link_over_too_much_is_closed(start):
    with start.run() as run:
        at_the_desk("250")(run.life(engine=run.engine), run.start)
        _days_pass_without_stripe(run)
        state, problem, _page = said(run)
        assert state == "closing"
        assert "somebody may still pay" in problem
        _stripe_is_back(run)
        assert said(run)[0] == "active"
        assert run.ending()["links at Stripe"] == [("plink_1", False), ("plink_2", True)]


def _days_pass_without_stripe(run: Run) -> None:
    """Longer than anything is tried for."""
    run.stand_in.before = lambda _call: run.stand_in.switches.insert(0, AWAY)
    life = run.life(engine=run.engine)
    for _ in range(26):
        run.clock.advance(hours=2)
        life.work()
    life.sweep()


def _stripe_is_back(run: Run) -> None:
    run.stand_in.before = None
    run.stand_in.remembered.clear()  # keys are kept for a day
    run.stand_in.switches.clear()
    run.recover()


@pytest.mark.parametrize("start", [Story(requested, looked)], indirect=True)
def test_letters_go_out_while_stripe_keeps_everything_else_waiting(start):
    """There is more to ask of Stripe than the worker has lanes, and none of it is answered."""
    with start.run() as run:
        life = run.life()
        asked, release = threading.Semaphore(0), threading.Event()

        def silent(_link: object) -> list[Fact]:
            asked.release()
            release.wait(60)
            return []

        life.outside.gateways["stripe"].read = silent
        _looks_wanted(life, LANES + 2)
        before = len(run.mails())

        async def story() -> None:
            loop = asyncio.create_task(work_on(Worker(life.outside, life.act)))
            for _ in range(LANES - 1):
                assert await asyncio.to_thread(asked.acquire, timeout=30)
            await asyncio.to_thread(_letter_wanted, life, run)
            async with asyncio.timeout(30):
                while len(run.mails()) == before:  # noqa: ASYNC110 - the change comes from another thread
                    await asyncio.sleep(0.01)
            release.set()
            loop.cancel()
            await asyncio.gather(loop, return_exceptions=True)

        asyncio.run(story())
        life.end()
        assert len(run.mails()) == before + 1


def _looks_wanted(life: Life, count: int) -> None:
    with life.act() as (db, desk):
        request = db.exec(select(PaymentRequest)).one()
        for number in range(count):
            payment_requests.enqueue_about(db, desk, request, "check_link", f"check/{number}")


def _letter_wanted(life: Life, run: Run) -> None:
    with life.act(writes=False) as (db, desk):
        (document,) = invoice_view(db, desk, run.start.who, invoice_id=run.start.invoice_id).documents
    life.press(
        billing.mail_again, run.start.who, invoice_id=run.start.invoice_id, document_id=document.id,
        recipient="thandi@example.test",
    )  # fmt: skip
