"""Up to six events in any order, any of them more than once: the books end alike."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import select

from tests.conftest import NOON
from tests.contract.books import Books
from tests.paying import a_worker, an_outside, asked_to_pay
from trova_app.adapters import signed_events
from trova_app.adapters.stripe_links import StripeLinks, link_params
from trova_app.domain.gateways import Closed, OpenedLink
from trova_app.models import Dispute, Invoice, OutboxRow, Payment, PaymentRequest, Refund, ReviewItem
from trova_app.services import balances, links, payments, provider_events

DAY = 86400


class Told(StripeLinks):
    """Stripe as events tell of it; nobody is asked."""

    def open(self, spec):
        return OpenedLink(f"plink_{spec.request_uuid}", "https://pay.stripe.test/x")

    def close(self, link):
        return Closed()


def arrived(books: Books) -> None:
    """A card that was declined, then a bank payment that took days, was partly given back and disputed in vain."""
    session = books.visit("plink_1")
    books.decline(session)
    books.pay(session, by_bank=True)
    books.arrives(session)
    books.give_back({"payment_intent": session["payment_intent"], "amount": "25000"})
    dispute = books.dispute(session["payment_intent"])
    dispute["status"] = "won"
    books._tell("charge.dispute.closed", dispute)


def lost(books: Books) -> None:
    """A card payment that the bank took back."""
    session = books.pay(books.visit("plink_1"))
    dispute = books.dispute(session["payment_intent"])
    books._tell("charge.dispute.updated", dispute | {"status": "under_review"})
    books._tell("charge.dispute.closed", dispute | {"status": "lost"})


def two_payers(books: Books) -> None:
    first, second = books.visit("plink_1"), books.visit("plink_1")
    books.pay(first)
    books.pay(second)
    books.update_link("plink_1", {"active": "false"})


def not_arrived(books: Books) -> None:
    left = books.visit("plink_1")
    session = books.pay(books.visit("plink_1"), by_bank=True)
    books.arrives(session, arrived=False)
    books.end_session(left["id"])


def given_back_then_lost(books: Books) -> None:
    """A part of a card payment was given back, then the bank took the rest."""
    session = books.pay(books.visit("plink_1"))
    books.now += DAY
    books.give_back({"payment_intent": session["payment_intent"], "amount": "25000"})
    books.now += DAY
    dispute = books.dispute(session["payment_intent"])
    books.now += DAY
    books._tell("charge.dispute.closed", dispute | {"status": "lost"})


STORIES = [arrived, lost, two_payers, not_arrived, given_back_then_lost]


def told(database, story) -> tuple[int, list[bytes]]:
    """An invoice of its own, and the events of the story about it with names of their own."""
    case = asked_to_pay(database, gateway="stripe")
    outside = an_outside(gateways={"stripe": Told("rk_test_1")})
    a_worker(database, outside).run_once()
    with database.act() as (db, desk):
        request = db.exec(select(PaymentRequest).where(PaymentRequest.invoice_id == case.invoice_id)).one()
        spec = links.spec_of(db, desk, request, outside.endpoint(db, "stripe").public_id)
    books = Books(now=int(NOON.timestamp()))
    books.open_link(link_params(spec))
    story(books)
    events = [json.dumps(event) for event in books.told]
    for kind in ("evt_", "pi_", "re_", "dp_", "cs_"):
        events = [event.replace(f'"{kind}', f'"{kind}{case.invoice_id}_') for event in events]
    return case.invoice_id, [event.encode() for event in events]


def hear(database, events: list[bytes]) -> None:
    gateway = Told("rk_test_1")
    outside = an_outside(gateways={"stripe": gateway})
    for raw in events:
        event = signed_events.read_event(raw)
        with database.act() as (db, desk):
            provider_events.receive(
                db, desk, provider="stripe", instance=outside.endpoint(db, "stripe").public_id, event=event,
                facts=gateway.facts_of(event.body),
            )  # fmt: skip
        a_worker(database, outside).run_once()


def standing(database, invoice_id: int) -> tuple:
    """What the books say in the end, what a person still has to decide, and which letters went. A question that was
    answered by the next event was never asked where that event came first."""
    with database.act(writes=False) as (db, _desk):
        paid = db.exec(select(Payment).where(Payment.invoice_id == invoice_id)).all()
        ids = [payment.id for payment in paid]
        refunds = db.exec(select(Refund).where(Refund.payment_id.in_(ids))).all()
        disputes = db.exec(select(Dispute).where(Dispute.payment_id.in_(ids))).all()
        requests = db.exec(select(PaymentRequest).where(PaymentRequest.invoice_id == invoice_id)).all()
        asked = db.exec(select(ReviewItem).where(ReviewItem.invoice_id == invoice_id)).all()
        wanted = db.exec(select(OutboxRow).where(OutboxRow.invoice_id == invoice_id, OutboxRow.kind == "letter")).all()
        sums = select(balances.due_minor(), balances.given_back()).select_from(Invoice).where(Invoice.id == invoice_id)
        return (
            payments.paid_minor(db, invoice_id),
            *db.exec(sums).one(),
            sorted((payment.state, payment.is_credit, payment.amount_minor) for payment in paid),
            sorted((refund.state, refund.amount_minor) for refund in refunds),
            sorted((dispute.state, dispute.amount_minor) for dispute in disputes),
            sorted(request.state for request in requests),
            sorted(item.kind for item in asked if item.state == "open"),
            sorted(json.loads(letter.payload)["kind"] for letter in wanted),
        )


def any_order(database, story, data) -> None:
    in_order, events = told(database, story)
    hear(database, events)
    shuffled, others = told(database, story)
    again = data.draw(st.lists(st.sampled_from(others), max_size=3))
    hear(database, data.draw(st.permutations([*others, *again])))
    assert standing(database, shuffled) == standing(database, in_order)


FEW, MANY = (
    settings(max_examples=n, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    for n in (5, 100)
)


@pytest.mark.parametrize("story", STORIES)
@FEW
@given(data=st.data())
def test_the_order_of_events_and_their_repetition_make_no_difference(database, story, data):
    any_order(database, story, data)


@pytest.mark.soak
@pytest.mark.parametrize("story", STORIES)
@MANY
@given(data=st.data())
def test_a_hundred_orders_of_events_make_no_difference(database, story, data):
    any_order(database, story, data)
