"""A payment link: opened, closed so that nobody can pay through it any more, looked at."""

from collections.abc import Callable
from typing import TypeVar

from sqlmodel import Session

from trova_app.domain.gateways import Closed, Fact, Gateway, GatewayTrouble, LinkRef, OpenedLink
from trova_app.jobs.means import Means, set_aside
from trova_app.models import PaymentRequest
from trova_app.outside import NOT_CONNECTED
from trova_app.services import gateway_disconnect, links, lost_links, outbox
from trova_app.services.links import UnwantedLink, WantedLink
from trova_app.services.outbox import Job
from trova_app.services.payment_requests import make_sure_key
from trova_app.services.ports import Desk

NOT_HERE = "The gateway has no link of this name."

T = TypeVar("T")


def open_link(means: Means, job: Job) -> None:
    try:
        asked = _to_ask(means, job, links.wanted)
        if asked is None:
            return
        desk, gateway, wanted = asked
        if gateway.account_ref != wanted.account_ref:
            raise GatewayTrouble(NOT_CONNECTED, is_permanent=True, is_lost=True)
        desk.point("worker: link wanted")
        link = _opened(gateway, wanted)
    except GatewayTrouble as trouble:
        _not_opened(means, job, trouble)
    except ValueError as trouble:
        _not_opened(means, job, GatewayTrouble(str(trouble), is_permanent=True))
    else:
        desk.point("worker: link opened, not stored")
        with means.act() as (db, desk):
            links.opened(db, desk, job, link)
            outbox.finish(db, desk, job)
            desk.point("worker: link stored, not committed")


def _to_ask(
    means: Means, job: Job, read: Callable[[Session, Desk, Job, str, str], T | None]
) -> tuple[Desk, Gateway, T] | None:
    """What is asked for by now, and of whom; None where it is not wanted any more, and the job is done."""
    with means.act() as (db, desk):
        request = links.request_of(db, job)
        instance, key_mark = means.outside.endpoint(db, request.provider).public_id, means.outside.mark_of(db, request)
        asked = read(db, desk, job, instance, key_mark)
        if asked is None:
            outbox.finish(db, desk, job)
            return None
        return desk, means.outside.gateway_of(db, desk, request), asked


def _opened(gateway: Gateway, wanted: WantedLink) -> OpenedLink:
    if wanted.must_look_first:
        return gateway.open_again(wanted.spec, is_last_look=wanted.is_last_look)
    return gateway.open(wanted.spec)


def _not_opened(means: Means, job: Job, trouble: GatewayTrouble) -> None:
    with means.act() as (db, desk):
        if trouble.is_lost and links.left_behind(db, desk, job):
            outbox.finish(db, desk, job)
            return
        if trouble.is_permanent:
            key_mark = means.outside.mark_of(db, links.request_of(db, job))
            links.refused(db, desk, job, key_mark, left_open=trouble.left_open)
        links.troubled(db, desk, job, trouble.sentence, is_permanent=trouble.is_permanent)
        set_aside(db, desk, job, trouble.sentence, is_permanent=trouble.is_permanent)


def close_link(means: Means, job: Job) -> None:
    try:
        asked = _to_ask(means, job, links.unwanted)
        if asked is None:
            return
        desk, gateway, unwanted = asked
        desk.point("worker: link to close")
        ref = unwanted.ref or _named(gateway, unwanted)
        result = gateway.close(ref) if ref else Closed()
    except GatewayTrouble as trouble:
        _not_closed(means, job, trouble)
    else:
        desk.point("worker: link closed, not stored")
        with means.act() as (db, desk):
            links.closed(db, desk, job, ref, result)
            outbox.finish(db, desk, job)
            gateway_disconnect.forget_keys(db, desk)
            desk.point("worker: closing stored, not committed")


def _named(gateway: Gateway, unwanted: UnwantedLink) -> LinkRef | None:
    """The link of a request whose opening was never answered. It is looked for; where there is none, asking again under
    its own idempotency key tells, also where another worker is just asking. Where it was asked for with another of our
    keys it is only looked for: opening it here would leave the real one, in another account, open for good. Not found,
    it is closed without a question, since nobody was ever given its address, and each key that comes is asked for it
    (`lost_links.never_given`)."""
    found = gateway.find(unwanted.spec.request_uuid)
    try:
        found = found or (None if unwanted.must_look_first else gateway.open(unwanted.spec))
    except GatewayTrouble as trouble:
        if not trouble.is_permanent:
            raise
    if found is None and unwanted.may_be_elsewhere:
        raise GatewayTrouble(NOT_HERE, is_permanent=True, is_lost=True)
    return unwanted.named(found) if found else None


def _not_closed(means: Means, job: Job, trouble: GatewayTrouble) -> None:
    with means.act() as (db, desk):
        request = links.request_of(db, job)
        if trouble.is_lost and (lost_links.is_given_up(request) or lost_links.is_left_open(request)):
            _asked_in_vain(means, db, desk, job, request)
            return
        if trouble.is_lost and lost_links.never_given(db, desk, request.request_uuid, job.payload):
            outbox.finish(db, desk, job)
            return
        if not (trouble.is_lost and lost_links.lost(db, desk, request.request_uuid)):
            links.close_troubled(db, desk, job, trouble.sentence)
        set_aside(db, desk, job, trouble.sentence, is_permanent=trouble.is_permanent)


def _asked_in_vain(means: Means, db: Session, desk: Desk, job: Job, request: PaymentRequest) -> None:
    """This key does not know it either; the next one is asked. A job that was meant for another key than the one in use
    by now has asked nobody: it is made anew once its own is."""
    if job.key == make_sure_key(request, means.outside.mark_of(db, request)):
        outbox.finish(db, desk, job)
    else:
        outbox.drop(db, job)


def check_link(means: Means, job: Job) -> None:
    with means.act() as (db, desk):
        request = links.request_of(db, job)
        ref = links.ref_of(request)
    try:
        facts = _read(means, request, ref) if ref else []
    except GatewayTrouble as trouble:
        with means.act() as (db, desk):
            if trouble.is_lost:
                lost_links.lost(db, desk, request.request_uuid)
                outbox.finish(db, desk, job)  # every look at the account asks for it, or nobody needs it any more
            else:
                set_aside(db, desk, job, trouble.sentence, is_permanent=trouble.is_permanent)
        return
    with means.act() as (db, desk):
        links.checked(db, desk, request.request_uuid, facts)
        outbox.finish(db, desk, job)


def _read(means: Means, request: PaymentRequest, ref: LinkRef) -> list[Fact]:
    with means.act(writes=False) as (db, desk):
        gateway = means.outside.gateway_of(db, desk, request)
    return gateway.read(ref)
