"""A gateway's event: what it says is taken into the books."""

from collections.abc import Sequence

from trova_app.domain.gateways import Fact, GatewayTrouble
from trova_app.jobs.means import Means, set_aside
from trova_app.models import ProviderEvent
from trova_app.services import kept_events, outbox
from trova_app.services.outbox import Job


def ingest_event(means: Means, job: Job) -> None:
    event_id = job.payload["event_id"]
    try:
        facts = _facts_of(means, event_id)
    except GatewayTrouble as trouble:
        with means.act() as (db, desk):
            set_aside(db, desk, job, trouble.sentence, is_permanent=trouble.is_permanent)
        return
    with means.act() as (db, desk):
        kept_events.settle(db, desk, event_id, facts)
        outbox.finish(db, desk, job)
        desk.point("worker: event taken in, not committed")


def _facts_of(means: Means, event_id: int) -> Sequence[Fact]:
    """What the event says, or what it only points at says now."""
    with means.act(writes=False) as (db, desk):
        event = db.get_one(ProviderEvent, event_id)
        body, gateway = event.body, means.outside.gateway_that_told(db, desk, event)
    payment = gateway.must_be_read(body)
    return gateway.read_payment(payment) if payment else gateway.facts_of(body)
