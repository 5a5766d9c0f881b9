"""Payment links from the worker's side: what to ask the gateway for, and what became of it."""

from dataclasses import dataclass
from datetime import timedelta
from typing import cast

from sqlmodel import Session, select

from trova_app.domain.gateways import AlreadyPaid, Closed, Fact, LinkRef, LinkSpec, OpenedLink
from trova_app.domain.invoices import DocumentStatus
from trova_app.models import Invoice, Mode, Payment, PaymentRequest, Practice, RequestState
from trova_app.services import lost_links, mailing, outbox, pay_page, payments
from trova_app.services.gateway_accounts import NO_KEY, account_of_request, gateway_for
from trova_app.services.outbox import Job
from trova_app.services.payment_requests import (
    ASKED_WITH,
    LIVE_STATES,
    OPEN_PAGES,
    OPEN_PAGES_NOTE,
    Reason,
    close_key,
    enqueue_about,
    live_request,
    locked_request,
    make_sure_key,
    note_closed,
    open_key,
    renew,
)
from trova_app.services.ports import Desk
from trova_app.services.practice_style import style_for

KEY_REMEMBERED = timedelta(hours=20)  # gateways keep an idempotency key for at least 24 hours
RETURNS_TO = "returns_to"
"""In the opening job's payload: where the gateway was told to send the payer back to."""
SOME_KEY = "unknown"
"""Instead of a mark, for a job that was tried by a version which did not note it."""
STILL_PAYABLE = "Until this is done somebody may still pay through the link."


@dataclass(frozen=True, slots=True)
class WantedLink:
    """`must_look_first`: an earlier try may have opened a link that its key does not lead to. `is_last_look`: its key
    may be forgotten by now, so what cannot be looked at is closed. `account_ref`: the account it was asked for at, and
    no other may open it."""

    provider: str
    account_ref: str
    spec: LinkSpec
    must_look_first: bool
    is_last_look: bool


@dataclass(frozen=True, slots=True)
class UnwantedLink:
    """`ref` is None where we were never told the link's name; `spec` leads to it, as long as its key is known.
    `may_be_elsewhere`: where nothing is found, another account may have it."""

    spec: LinkSpec
    ref: LinkRef | None
    must_look_first: bool
    may_be_elsewhere: bool

    def named(self, link: OpenedLink) -> LinkRef:
        return LinkRef(link.provider_ref, self.spec.request_uuid, self.spec.amount_minor, self.spec.currency)


def spec_of(db: Session, desk: Desk, request: PaymentRequest, instance: str, return_url: str = "") -> LinkSpec:
    """The same for every try of the same request. `return_url`: the one it was asked for with before, "" for a first
    try: this installation may have another address since, and a key is good only with the words it was used with. It
    opens nothing (`web/pay_back.py`), as whoever reads the gateway's pages can read it there."""
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
        return_url=return_url or f"{desk.origin}/pay/back/{request.request_uuid}",
    )


def ref_of(request: PaymentRequest) -> LinkRef | None:
    if not request.provider_ref:
        return None
    return LinkRef(request.provider_ref, request.request_uuid, request.amount_minor, request.currency)


def request_of(db: Session, job: Job) -> PaymentRequest:
    return db.get_one(PaymentRequest, job.payload["request_id"])


def _locked(db: Session, job: Job) -> tuple[PaymentRequest, Invoice]:
    return locked_request(db, cast(int, job.payload["request_id"]))


# -- opening


def wanted(db: Session, desk: Desk, job: Job, instance: str, key_mark: str) -> WantedLink | None:
    """What to ask for; None when the request no longer needs a link. One that failed for good gets a new idempotency
    key: the old one would only repeat the refusal. Every try but the very first looks for what an earlier one may have
    made, as a key only leads to what was made and answered under it. One that another gateway key may have made, or
    that was made and is of no use, is never made a second time: nobody has its address, so it is given up, and what is
    still due gets a request of its own."""
    request, invoice = _locked(db, job)
    if request.state not in (RequestState.CREATING, RequestState.FAILED):
        return None
    has_failed = request.state == RequestState.FAILED
    if has_failed and (invoice.status != DocumentStatus.ISSUED or live_request(db, request.invoice_id)):
        return None
    made_with = _made_with(job, request, key_mark)
    is_elsewhere = made_with not in (None, key_mark)
    if key_mark != NO_KEY and (is_elsewhere or lost_links.is_left_open(request)):
        request.state = RequestState.CLOSING
        db.flush()
        lost_links.never_given(db, desk, request.request_uuid, job.payload)
        return None
    if has_failed:
        request.state, request.attempt, request.last_error = RequestState.CREATING, request.attempt + 1, ""
    is_old = desk.now() - request.created_at > KEY_REMEMBERED
    must_look_first = is_old or request.attempt > 1 or made_with is not None
    spec = spec_of(db, desk, request, instance, "" if has_failed else job.payload.get(RETURNS_TO, ""))
    outbox.remember(db, job, **{ASKED_WITH: key_mark, RETURNS_TO: spec.return_url})
    return WantedLink(request.provider, request.account_ref, spec, must_look_first, is_last_look=is_old)


def _made_with(job: Job, request: PaymentRequest, key_mark: str) -> str | None:
    """As of before this try. A gateway whose key has no mark is always the same one."""
    if ASKED_WITH in job.payload:
        return cast(str | None, job.payload[ASKED_WITH])
    return SOME_KEY if key_mark and (request.state == RequestState.FAILED or job.attempts > 1) else None


def refused(db: Session, desk: Desk, job: Job, key_mark: str, *, left_open: str = "") -> None:
    """The gateway said no for good, so this try has made nothing, but for a link it names: that is closed as soon as
    its key lets us. An earlier try may have made one."""
    request, _ = _locked(db, job)
    if left_open:
        request.provider_ref = request.provider_ref or left_open
        enqueue_about(db, desk, request, "close_link", make_sure_key(request, key_mark))
    made_with = key_mark if left_open else _made_with(job, request, key_mark)
    outbox.remember(db, job, **{ASKED_WITH: made_with})


def opened(db: Session, desk: Desk, job: Job, link: OpenedLink) -> None:
    """Stores the link and lets the letter go that waited for it. A request that was paid or closed meanwhile keeps that
    state, no letter asks for money any more, and the link is closed."""
    request, invoice = _locked(db, job)
    request.provider_ref, request.changed_at = link.provider_ref, desk.now()
    request.url = link.url or f"{desk.origin}{pay_page.press(invoice)}"
    if request.state == RequestState.CREATING:
        request.state, request.last_error = RequestState.ACTIVE, ""
        if job.payload.get("then"):
            mailing.enqueue_letter(db, desk, invoice=invoice, payload=job.payload["then"])
    elif request.state not in LIVE_STATES:
        enqueue_about(db, desk, request, "close_link", f"{close_key(request)}/late")
    desk.tell(request.practice_id)


def left_behind(db: Session, desk: Desk, job: Job) -> bool:
    """Asked for in the moment in which a practice left its account, so that nobody closed it: it goes through what is
    connected now. False where that is the same, or a link may be there already; one of the installation's own gateway
    waits for a person."""
    request, invoice = _locked(db, job)
    is_practices = request.account_ref != "" or account_of_request(db, request) is not None
    now = gateway_for(db, desk, request.practice_id)
    is_same = (now.provider, now.account_ref) == (request.provider, request.account_ref)
    if (
        not is_practices
        or is_same
        or request.state != RequestState.CREATING
        or request.provider_ref
        or job.attempts > 1
    ):
        return False
    request.state, request.closed_reason, request.changed_at = RequestState.CLOSED, Reason.OTHER_GATEWAY, desk.now()
    db.flush()
    note_closed(db, desk, invoice, request)
    renew(db, desk, invoice, job.payload.get("then", {}))
    desk.tell(request.practice_id)
    return True


def troubled(db: Session, desk: Desk, job: Job, sentence: str, *, is_permanent: bool) -> None:
    request, _ = _locked(db, job)
    if request.state not in LIVE_STATES:
        return
    request.last_error, request.changed_at = sentence, desk.now()
    if is_permanent and request.state == RequestState.CREATING:
        request.state = RequestState.FAILED
    desk.tell(request.practice_id)


def used_up(db: Session, desk: Desk, request_id: int, sentence: str) -> None:
    """The gateway begins no more pages for this link: nobody is sent there any more, and the invoice says why. It stays
    open to be looked at, as one of its pages may be paid."""
    request, _ = locked_request(db, request_id)
    if request.state == RequestState.ACTIVE:
        request.last_error = sentence
        desk.tell(request.practice_id)


# -- closing


def unwanted(db: Session, desk: Desk, job: Job, instance: str, key_mark: str) -> UnwantedLink | None:
    """The link to make unpayable; None for one that is wanted (again). One that another key than this may have made may
    be in another account; one that none has made is not asked for anew."""
    request, _ = _locked(db, job)
    is_over = request.state in (RequestState.CLOSING, RequestState.CLOSED, RequestState.PAID)
    if not is_over and not lost_links.is_left_open(request):
        return None
    is_old = desk.now() - request.created_at > KEY_REMEMBERED
    asked = outbox.payload_of(db, open_key(request))
    made_with = asked.get(ASKED_WITH, SOME_KEY if key_mark else "")
    is_elsewhere = made_with not in (None, key_mark) or lost_links.is_given_up(request)
    must_look_first = is_old or is_elsewhere or made_with is None
    spec = spec_of(db, desk, request, instance, asked.get(RETURNS_TO, ""))
    return UnwantedLink(spec, ref_of(request), must_look_first, is_elsewhere)


def closed(db: Session, desk: Desk, job: Job, ref: LinkRef | None, result: Closed | AlreadyPaid) -> None:
    """What the last look found is taken in first; then the request is closed, unless that was a payment, and what is
    still due gets a new link."""
    lost_links.found(db, desk, request_of(db, job).request_uuid)
    request, invoice = _locked(db, job)
    if ref is not None and not request.provider_ref:
        request.provider_ref = ref.provider_ref
    for fact in result.facts if isinstance(result, AlreadyPaid) else ():
        payments.ingest(db, desk, fact)
    desk.point("close: taken in")
    request.changed_at = desk.now()
    if request.state != RequestState.FAILED:  # why that one cannot be paid still holds
        request.last_error = ""
    has_open_pages = isinstance(result, Closed) and result.has_open_pages
    if request.state == RequestState.CLOSING:
        request.state = RequestState.CLOSED
        request.last_error = OPEN_PAGES if has_open_pages else ""
        db.flush()
        note_closed(db, desk, invoice, request, OPEN_PAGES_NOTE if has_open_pages else "")
        renew(db, desk, invoice, job.payload.get("then", {}))
    elif lost_links.is_given_up(request):
        request.closed_reason = Reason.MADE_SURE
        note_closed(db, desk, invoice, request)
    desk.tell(request.practice_id)


def close_troubled(db: Session, desk: Desk, job: Job, sentence: str) -> None:
    """The request stays closing, and everybody who looks at the invoice sees that it may still be paid. Through one
    that failed nobody can, as nobody was given its address."""
    request, _ = _locked(db, job)
    request.changed_at = desk.now()
    if request.state != RequestState.FAILED:
        request.last_error = f"{sentence} {STILL_PAYABLE}"
    desk.tell(request.practice_id)


# -- looking


def checked(db: Session, desk: Desk, request_uuid: str, facts: list[Fact]) -> None:
    """What asking about one link told; the link's own state comes last, when its payments are known."""
    lost_links.found(db, desk, request_uuid)
    for fact in facts:
        payments.ingest(db, desk, fact)


@dataclass(frozen=True, slots=True)
class SimulatedPage:
    """What the simulated gateway's page shows, and the link it stands for. `state`: open, pending, paid or closed.
    Nothing here opens the invoice: the page shows no more than a real gateway could."""

    spec: LinkSpec
    state: str
    practice_name: str
    amount: str


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
        amount=style_for(db, desk, request.practice_id).in_currency(request.currency).amount(request.amount_minor),
    )


def _page_state(db: Session, request: PaymentRequest) -> str:
    if request.state == RequestState.ACTIVE:
        query = select(Payment.id).where(Payment.request_id == request.id, Payment.state == "pending")
        return "open" if db.exec(query).first() is None else "pending"
    return {RequestState.PAID: "paid"}.get(RequestState(request.state), "closed")
