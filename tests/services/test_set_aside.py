"""What a gateway told and nobody could use waits for a person, once; when it is dealt with Settings is calm again."""

import pytest
from sqlmodel import select

from tests.giving_back import a_dispute_fact, a_refund_fact, items, paid_online
from trova_app.models import ProviderEvent, ReviewItem
from trova_app.services import gateway_health, kept_events, payments, review


def told(database, case, fact, event_id: str = "evt_1") -> None:
    """A kept event that says this, taken in."""
    with database.act() as (db, desk):
        given = {"practice_id": case.practice_id, "provider": fact.provider, "received_at": desk.now()}
        event = ProviderEvent(**given, event_id=event_id, type="x", body="{}")
        db.add(event)
        db.flush()
        kept_events.settle(db, desk, event.id, [fact])


def problems(database, case) -> list[tuple[str, str, str]]:
    with database.act(writes=False) as (db, desk):
        shown = gateway_health.health(db, desk, case.owner)
    return [(line.what, line.words, line.place) for line in shown.lines if line.is_problem]


@pytest.mark.parametrize("given", [{"is_live": True}, {"currency": "USD"}, {"account_ref": "acct_other"}])
@pytest.mark.parametrize("made", [a_refund_fact, a_dispute_fact])
def test_a_refund_or_dispute_that_does_not_fit_its_payment_waits_for_a_person(database, db, made, given):
    case, payment = paid_online(database)
    for event_id in ("evt_1", "evt_2"):  # created, updated: the same story
        told(database, case, made(payment, **given), event_id)
    (item,) = db.exec(select(ReviewItem)).all()
    assert (item.kind, item.state, item.invoice_id) == ("set_aside", "open", case.invoice_id)
    assert ("refund" if made is a_refund_fact else "dispute") in item.sentence
    assert payments.paid_minor(db, case.invoice_id) == 125000
    assert {event.state for event in db.exec(select(ProviderEvent))} == {"quarantined"}


def test_what_was_set_aside_is_a_problem_until_somebody_has_dealt_with_it(database, db):
    case, payment = paid_online(database)
    assert problems(database, case) == []
    told(database, case, a_refund_fact(payment, is_live=True))
    assert problems(database, case) == [("Not understood", "1 notice set aside, to be decided in Billing.", "billing")]
    (item,) = items(db, "set_aside")
    database.do(review.resolve, case.owner, item_id=item.id, decision="ignore", reason="A test of ours")
    assert problems(database, case) == []
    told(database, case, a_refund_fact(payment, is_live=True), "evt_again")
    assert problems(database, case) == []
