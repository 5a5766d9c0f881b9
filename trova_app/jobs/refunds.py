"""Money given back through the gateway it came by."""

from sqlmodel import Session

from trova_app.domain.gateways import Gateway, GatewayTrouble, RefundFact
from trova_app.jobs.means import Means
from trova_app.models import PaymentRequest
from trova_app.services import gateway_disconnect, outbox, refund_jobs
from trova_app.services.outbox import Job
from trova_app.services.ports import Desk
from trova_app.services.refund_jobs import GivenBackThere, WantedRefund


def refund(means: Means, job: Job) -> None:
    """Asked for under the key that was stored with it, so that a second try is the same refund. One that has waited
    looks at the payment first: the key may be forgotten, or the money gone another way."""
    try:
        with means.act() as (db, desk):
            request = refund_jobs.request_of(db, job)
            wanted = refund_jobs.wanted(db, desk, job, means.outside.endpoint(db, request.provider).public_id)
            if wanted is None:
                _finish(db, desk, job)
                return
            gateway = means.outside.gateway_of(db, desk, request)
        desk.point("worker: refund wanted")
        fact = _refunded(gateway, wanted)
    except GivenBackThere as found:
        with means.act() as (db, desk):
            refund_jobs.held_back(db, desk, job, found)
            _finish(db, desk, job)
    except GatewayTrouble as trouble:
        if trouble.is_lost:
            _not_known(means, job, trouble.sentence, request)
        else:
            _not_refunded(means, job, trouble.sentence, is_permanent=trouble.is_permanent)
    except ValueError as trouble:
        _not_refunded(means, job, str(trouble), is_permanent=True)
    else:
        desk.point("worker: refunded, not stored")
        with means.act() as (db, desk):
            why = refund_jobs.answered(db, desk, fact)
            outbox.bury(db, desk, job, why) if why else _finish(db, desk, job)
            desk.point("worker: refund stored, not committed")


def _finish(db: Session, desk: Desk, job: Job) -> None:
    """It may have been the last that an account needed its key for."""
    outbox.finish(db, desk, job)
    gateway_disconnect.forget_keys(db, desk)


def _refunded(gateway: Gateway, wanted: WantedRefund) -> RefundFact:
    facts = gateway.read_payment(wanted.spec.provider_payment_id) if wanted.must_look_first else []
    return refund_jobs.already_made(wanted, facts) or gateway.refund(wanted.spec)


def _not_known(means: Means, job: Job, sentence: str, request: PaymentRequest) -> None:
    with means.act() as (db, desk):
        refund_jobs.unknown(db, desk, job, sentence, key_mark=means.outside.mark_of(db, request))
        _finish(db, desk, job)


def _not_refunded(means: Means, job: Job, sentence: str, *, is_permanent: bool) -> None:
    """One that cannot succeed is a question for a person, not a stopped job: trying it again by hand could give back
    what has been given back another way meanwhile."""
    with means.act() as (db, desk):
        refund_jobs.troubled(db, desk, job, sentence, is_permanent=is_permanent)
        _finish(db, desk, job) if is_permanent else outbox.retry_later(db, desk, job, sentence)
