"""A practice's own account at its gateway: webhooks connected and taken away, a link to try it with."""

from trova_app.domain.gateways import Gateway, GatewayTrouble, LinkSpec, OpensLate
from trova_app.jobs.means import Means, set_aside
from trova_app.models import GatewayAccount
from trova_app.services import gateway_disconnect, gateway_webhooks, outbox, trial_payments
from trova_app.services.outbox import Job

JUST_CONNECTING = "It is just being connected. We will try again."


def connect_webhooks(means: Means, job: Job) -> None:
    """The new endpoint first, then its secret stored, then whatever stood there before away: nothing is missed in
    between, and done again it is the same endpoint."""
    try:
        with means.act() as (db, desk):
            wanted = gateway_webhooks.wanted(db, job, means.outside.endpoint(db, "stripe").public_id)
            if wanted is None:
                outbox.finish(db, desk, job)
                return
            account_id, gateway = wanted.account.id or 0, means.outside.set_up_of(desk, wanted.account)
        earlier = gateway.endpoints_of(wanted.instance)
        made = gateway.make_endpoint(wanted.url, wanted.instance, wanted.idempotency_key)
        desk.point("worker: endpoint made, not stored")
        with means.act() as (db, desk):
            gateway_webhooks.connected(db, desk, account_id, made)
            outbox.hold(db, desk, job, means.lease_seconds)
            desk.point("worker: endpoint stored, not committed")
        for endpoint_ref in earlier:
            if endpoint_ref != made.endpoint_ref:
                gateway.remove_endpoint(endpoint_ref)
    except GatewayTrouble as trouble:
        _set_aside(means, job, trouble)
    else:
        with means.act() as (db, desk):
            outbox.finish(db, desk, job)
            desk.tell(job.practice_id)


def remove_webhooks(means: Means, job: Job) -> None:
    """Whatever reports to the address of the account that was left, also what an answer was lost about."""
    try:
        with means.act() as (db, desk):
            account = db.get_one(GatewayAccount, job.payload["account_id"])
            if gateway_webhooks.is_just_connecting(db, desk, account):
                outbox.retry_later(db, desk, job, JUST_CONNECTING)
                return
            gateway = means.outside.set_up_of(desk, account)
            instance = gateway_webhooks.name_at(means.outside.endpoint(db, "stripe").public_id, job.practice_id)
        for endpoint_ref, url in gateway.endpoints_of(instance).items():
            if url.endswith(job.payload["public_id"]):
                gateway.remove_endpoint(endpoint_ref)
    except GatewayTrouble as trouble:
        if not trouble.is_permanent:
            _set_aside(means, job, trouble)
            return
        _finish_removal(means, job, trouble.sentence)
    else:
        _finish_removal(means, job)


def _finish_removal(means: Means, job: Job, why: str = "") -> None:
    """With it the account's key may have become needless."""
    with means.act() as (db, desk):
        if why:
            gateway_webhooks.left_behind(db, desk, db.get_one(GatewayAccount, job.payload["account_id"]), why)
        outbox.finish(db, desk, job)
        gateway_disconnect.forget_keys(db, desk)
        desk.tell(job.practice_id)
        desk.point("worker: webhooks removed, not committed")


def open_test_payment(means: Means, job: Job) -> None:
    spec = trial_payments.spec_of(job)
    try:
        with means.act() as (db, desk):
            account = trial_payments.account_to_test(db, job)
            if account is None:
                outbox.finish(db, desk, job)
                return
            gateway, was_asked = means.outside.gateway_through(desk, account), trial_payments.asked_before(db, job)
        url = _tried(gateway, spec, was_asked=was_asked)
        desk.point("worker: test link opened, not stored")
    except GatewayTrouble as trouble:
        with means.act() as (db, desk):
            if trouble.left_open:
                trial_payments.left_open(db, desk, job, trouble.left_open)
            set_aside(db, desk, job, trouble.sentence, is_permanent=trouble.is_permanent)
    except ValueError:
        _set_aside(means, job, GatewayTrouble(trial_payments.CANNOT_TEST, is_permanent=True))
    else:
        with means.act() as (db, desk):
            trial_payments.opened(db, desk, job, url)
            outbox.finish(db, desk, job)
            desk.point("worker: test link stored, not committed")


def _tried(gateway: Gateway, spec: LinkSpec, *, was_asked: bool) -> str:
    if isinstance(gateway, OpensLate):
        return gateway.press(spec)
    return (gateway.open_again(spec, is_last_look=False) if was_asked else gateway.open(spec)).url


def close_test_payment(means: Means, job: Job) -> None:
    """Whoever may have paid there paid with a test card. One the gateway does not know needs no closing."""
    try:
        with means.act() as (db, desk):
            gateway = means.outside.gateway_through(desk, db.get_one(GatewayAccount, job.payload["account_id"]))
        gateway.close(trial_payments.ref_of(job))
    except GatewayTrouble as trouble:
        if not trouble.is_lost:
            _set_aside(means, job, trouble)
            return
    with means.act() as (db, desk):
        outbox.finish(db, desk, job)
        gateway_disconnect.forget_keys(db, desk)


def _set_aside(means: Means, job: Job, trouble: GatewayTrouble) -> None:
    with means.act() as (db, desk):
        set_aside(db, desk, job, trouble.sentence, is_permanent=trouble.is_permanent)
