"""Payment links from the worker's side: what to ask the gateway for, and what became of it."""

from dataclasses import dataclass
from datetime import timedelta
from typing import cast

from sqlmodel import Session, select

from trova_app.domain.gateways import LinkSpec, OpenedLink
from trova_app.models import Invoice, Mode, Payment, PaymentRequest, Practice, RequestState
from trova_app.services import mailing
from trova_app.services.outbox import Job
from trova_app.services.ports import Desk
from trova_app.services.practice_style import style_for

KEY_REMEMBERED = timedelta(hours=20)  # gateways keep an idempotency key for at least 24 hours


@dataclass(frozen=True, slots=True)
class WantedLink:
    """`must_look_first`: an earlier try may have opened a link that its key no longer leads to."""

    provider: str
    spec: LinkSpec
    must_look_first: bool


def spec_of(db: Session, desk: Desk, request: PaymentRequest, instance: str) -> LinkSpec:
    """The same for every try of the same request."""
    invoice = db.get_one(Invoice, request.invoice_id)
    return LinkSpec(
        request_uuid=request.request_uuid,
        idempotency_key=f"trova/{instance}/{request.request_uuid}/create/{request.attempt}",
        amount_minor=request.amount_minor,
        currency=request.currency,
        label=f"Invoice {invoice.number_text}",
        instance=instance,
        practice=str(request.practice_id),
        invoice=str(request.invoice_id),
        return_url=f"{desk.origin}/pay/{invoice.pay_token}",
    )


def provider_of(db: Session, job: Job) -> str:
    return db.get_one(PaymentRequest, job.payload["request_id"]).provider


def wanted(db: Session, desk: Desk, job: Job, instance: str) -> WantedLink | None:
    """What to ask for; None when the request no longer needs a link. One that failed for good gets a new key: the old
    one would only repeat the refusal."""
    request = _locked(db, job)
    if request.state not in (RequestState.CREATING, RequestState.FAILED):
        return None
    has_failed = request.state == RequestState.FAILED
    if has_failed:
        request.state, request.attempt, request.last_error = RequestState.CREATING, request.attempt + 1, ""
    is_old = desk.now() - request.created_at > KEY_REMEMBERED
    return WantedLink(request.provider, spec_of(db, desk, request, instance), has_failed or is_old)


def opened(db: Session, desk: Desk, job: Job, link: OpenedLink) -> None:
    """Stores the link and lets the letter go that waited for it. A request that was paid or closed meanwhile keeps that
    state, and no letter asks for money any more."""
    request = _locked(db, job)
    request.provider_ref, request.url, request.changed_at = link.provider_ref, link.url, desk.now()
    if request.state == RequestState.CREATING:
        request.state, request.last_error = RequestState.ACTIVE, ""
        _send_letter(db, desk, request, job)
    desk.tell(request.practice_id)


def _send_letter(db: Session, desk: Desk, request: PaymentRequest, job: Job) -> None:
    if job.payload.get("then"):
        invoice = db.get_one(Invoice, request.invoice_id)
        mailing.enqueue_letter(db, desk, invoice=invoice, payload=job.payload["then"])


def troubled(db: Session, desk: Desk, job: Job, sentence: str, *, is_permanent: bool) -> None:
    request = _locked(db, job)
    request.last_error, request.changed_at = sentence, desk.now()
    if is_permanent and request.state == RequestState.CREATING:
        request.state = RequestState.FAILED
    desk.tell(request.practice_id)


def _locked(db: Session, job: Job) -> PaymentRequest:
    request_id = cast(int, job.payload["request_id"])
    return db.exec(select(PaymentRequest).where(PaymentRequest.id == request_id).with_for_update()).one()


@dataclass(frozen=True, slots=True)
class SimulatedPage:
    """What the simulated gateway's page shows, and the link it stands for. `state`: open, pending, paid or closed."""

    spec: LinkSpec
    state: str
    practice_name: str
    amount: str
    pay_token: str


def simulated_page(db: Session, desk: Desk, *, request_uuid: object, instance: str) -> SimulatedPage | None:
    """None for a request that is absent, another gateway's, or belongs to a real invoice."""
    if not isinstance(request_uuid, str) or not (request_uuid.isascii() and request_uuid.isprintable()):
        return None
    query = select(PaymentRequest).where(
        PaymentRequest.request_uuid == request_uuid, PaymentRequest.provider == "simulated"
    )
    request = db.exec(query).first()
    invoice = db.get_one(Invoice, request.invoice_id) if request else None
    if request is None or invoice is None or Mode.LIVE in (desk.mode, invoice.mode):
        return None
    return SimulatedPage(
        spec=spec_of(db, desk, request, instance),
        state=_page_state(db, request),
        practice_name=db.get_one(Practice, request.practice_id).name,
        amount=style_for(db, desk, request.practice_id).amount(request.amount_minor),
        pay_token=invoice.pay_token,
    )


def _page_state(db: Session, request: PaymentRequest) -> str:
    if request.state == RequestState.ACTIVE:
        query = select(Payment.id).where(Payment.request_id == request.id, Payment.state == "pending")
        return "open" if db.exec(query).first() is None else "pending"
    return {RequestState.PAID: "paid"}.get(RequestState(request.state), "closed")
