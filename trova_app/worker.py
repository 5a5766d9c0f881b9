"""The worker: does outside what services put in the outbox. In the server by default, or by itself as `trova worker`.

Each job: a short transaction to read what is wanted, the outside work with no transaction open, a short transaction for
the result. Whatever is cut short by a crash is done again once its lease has run out, under the same key.
"""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import structlog
from sqlmodel import Session

from trova_app import neighbours, wiring
from trova_app.domain.documents import DocumentContent
from trova_app.domain.gateways import Closed, Fact, Gateway, GatewayTrouble, LinkRef, OpenedLink, RefundFact
from trova_app.domain.mail import MailRefused, OutgoingMail
from trova_app.models import PaymentRequest, ProviderEvent
from trova_app.outside import Outside, outside
from trova_app.services import document_files, gateway_disconnect, links, mail_log, outbox, provider_events, refund_jobs
from trova_app.services.links import UnwantedLink, WantedLink
from trova_app.services.mail_log import WantedMail
from trova_app.services.outbox import Job, LeaseLost
from trova_app.services.ports import Desk
from trova_app.services.refund_jobs import WantedRefund
from trova_app.sweeper import Sweeper

UnitOfWork = Callable[..., AbstractContextManager[tuple[Session, Desk]]]

LANES = 4
SAME_SERVER = (("open_link", "close_link", "check_link", "refund", "ingest_event"), ("letter",))
LEASE_SECONDS = 180  # more than the slowest job: three tries of a gateway and a look through its links
POLL_SECONDS = 2.0
SWEEP_LOOK_SECONDS = 5.0  # one small question: is it anybody's turn
UNEXPECTED = "Something unexpected happened here. We will try again."
UNKNOWN = "This version of Trova does not know what to do with it."
BAD_ADDRESS = "The letter has an address that mail cannot be sent to."

log = structlog.get_logger()


@dataclass(frozen=True)
class Worker:
    """`act` opens a unit of work, `wiring.unit_of_work` but for tests. Safe to run many at once, in many processes."""

    outside: Outside
    act: UnitOfWork = wiring.unit_of_work
    lease_seconds: int = LEASE_SECONDS

    def run_once(self) -> int:
        """Does everything that is due, one job after the other; how many."""
        done = 0
        while jobs := self.claim(1):
            self.do(jobs[0])
            done += 1
        return done

    def claim(self, limit: int, without: Sequence[str] = ()) -> list[Job]:
        """Looks without a write lock first: most looks find nothing."""
        with self.act(writes=False) as (db, desk):
            if limit < 1 or not outbox.has_due(db, desk, without):
                return []
        with self.act() as (db, desk):
            return outbox.claim(db, desk, limit=limit, lease_seconds=self.lease_seconds, without=without)

    def do(self, job: Job) -> None:
        """Never raises: a job's trouble is written to its row, and to the log without anybody's words."""
        try:
            self._do_kind(job)
        except LeaseLost:
            log.warning("job taken over", kind=job.kind, job=job.id)
        except Exception as failure:
            log.error("job failed", kind=job.kind, job=job.id, error=_where(failure))
            self._later(job, UNEXPECTED)

    def _do_kind(self, job: Job) -> None:
        kinds: dict[str, Callable[[Job], None]] = {
            "open_link": self._open_link,
            "letter": self._letter,
            "render_document": self._render_document,
            "ingest_event": self._ingest_event,
            "close_link": self._close_link,
            "check_link": self._check_link,
            "refund": self._refund,
        }
        if job.kind in kinds:
            kinds[job.kind](job)
            return
        with self.act() as (db, desk):
            outbox.bury(db, desk, job, UNKNOWN)

    def _later(self, job: Job, problem: str) -> None:
        """Where even this cannot be written (the database is away), the lease runs out by itself."""
        try:
            with self.act() as (db, desk):
                outbox.retry_later(db, desk, job, problem)
        except Exception as failure:
            log.error("job left to its lease", job=job.id, error=_where(failure))

    # A payment link

    def _open_link(self, job: Job) -> None:
        try:
            with self.act() as (db, desk):
                wanted = links.wanted(db, desk, job, self._instance(db, job))
                if wanted is None:
                    outbox.finish(db, desk, job)
                    return
                gateway = self.outside.gateway_of(db, desk, links.request_of(db, job))
            desk.point("worker: link wanted")
            link = self._opened(gateway, wanted)
        except GatewayTrouble as trouble:
            self._link_trouble(job, trouble.sentence, is_permanent=trouble.is_permanent)
        except ValueError as trouble:
            self._link_trouble(job, str(trouble), is_permanent=True)
        else:
            desk.point("worker: link opened, not stored")
            with self.act() as (db, desk):
                links.opened(db, desk, job, link)
                outbox.finish(db, desk, job)
                desk.point("worker: link stored, not committed")

    def _instance(self, db: Session, job: Job) -> str:
        """Our name at the gateway."""
        return self.outside.endpoint(db, links.request_of(db, job).provider).public_id

    def _opened(self, gateway: Gateway, wanted: WantedLink) -> OpenedLink:
        found = gateway.find(wanted.spec.request_uuid) if wanted.must_look_first else None
        return found or gateway.open(wanted.spec)

    def _link_trouble(self, job: Job, sentence: str, *, is_permanent: bool) -> None:
        with self.act() as (db, desk):
            links.troubled(db, desk, job, sentence, is_permanent=is_permanent)
            _set_aside(db, desk, job, sentence, is_permanent=is_permanent)

    # A link nobody may pay through any more

    def _close_link(self, job: Job) -> None:
        try:
            with self.act() as (db, desk):
                unwanted = links.unwanted(db, desk, job, self._instance(db, job))
                if unwanted is None:
                    outbox.finish(db, desk, job)
                    return
                gateway = self.outside.gateway_of(db, desk, links.request_of(db, job))
            desk.point("worker: link to close")
            ref = unwanted.ref or self._named(gateway, unwanted)
            result = gateway.close(ref) if ref else Closed()
        except GatewayTrouble as trouble:
            self._close_trouble(job, trouble)
        else:
            desk.point("worker: link closed, not stored")
            with self.act() as (db, desk):
                links.closed(db, desk, job, ref, result)
                outbox.finish(db, desk, job)
                gateway_disconnect.forget_keys(db)
                desk.point("worker: closing stored, not committed")

    def _named(self, gateway: Gateway, unwanted: UnwantedLink) -> LinkRef | None:
        """The link of a request whose opening was never answered. Asking for it again under its own key tells, also
        where another worker is just asking; a gateway that refuses to open it may still have an earlier one."""
        try:
            found = None if unwanted.must_look_first else gateway.open(unwanted.spec)
        except GatewayTrouble as trouble:
            if not trouble.is_permanent:
                raise
            found = None
        found = found or gateway.find(unwanted.spec.request_uuid)
        return unwanted.named(found) if found else None

    def _close_trouble(self, job: Job, trouble: GatewayTrouble) -> None:
        with self.act() as (db, desk):
            links.close_troubled(db, desk, job, trouble.sentence)
            _set_aside(db, desk, job, trouble.sentence, is_permanent=trouble.is_permanent)

    # A link looked at

    def _check_link(self, job: Job) -> None:
        with self.act() as (db, desk):
            request = links.request_of(db, job)
            ref = links.ref_of(request)
        try:
            facts = self.read_link(request, ref) if ref else []
        except GatewayTrouble as trouble:
            with self.act() as (db, desk):
                _set_aside(db, desk, job, trouble.sentence, is_permanent=trouble.is_permanent)
            return
        with self.act() as (db, desk):
            links.checked(db, desk, facts)
            outbox.finish(db, desk, job)

    def read_link(self, request: PaymentRequest, ref: LinkRef) -> list[Fact]:
        with self.act(writes=False) as (db, desk):
            gateway = self.outside.gateway_of(db, desk, request)
        return gateway.read(ref)

    # Money given back

    def _refund(self, job: Job) -> None:
        """Asked for under the key that was stored with it, so that a second try is the same refund. Where the key may
        be forgotten, the payment is looked at first."""
        try:
            with self.act() as (db, desk):
                request = refund_jobs.request_of(db, job)
                wanted = refund_jobs.wanted(db, desk, job, self.outside.endpoint(db, request.provider).public_id)
                if wanted is None:
                    outbox.finish(db, desk, job)
                    return
                gateway = self.outside.gateway_of(db, desk, request)
            desk.point("worker: refund wanted")
            fact = self._refunded(gateway, wanted)
        except GatewayTrouble as trouble:
            self._refund_trouble(job, trouble.sentence, is_permanent=trouble.is_permanent)
        except ValueError as trouble:
            self._refund_trouble(job, str(trouble), is_permanent=True)
        else:
            desk.point("worker: refunded, not stored")
            with self.act() as (db, desk):
                why = refund_jobs.answered(db, desk, fact)
                outbox.bury(db, desk, job, why) if why else outbox.finish(db, desk, job)
                desk.point("worker: refund stored, not committed")

    def _refunded(self, gateway: Gateway, wanted: WantedRefund) -> RefundFact:
        spec = wanted.spec
        known = gateway.read_payment(spec.provider_payment_id) if wanted.must_look_first else []
        return refund_jobs.already_made(spec, known) or gateway.refund(spec)

    def _refund_trouble(self, job: Job, sentence: str, *, is_permanent: bool) -> None:
        """One that cannot succeed is a question for a person, not a stopped job: trying it again by hand could give
        back what has been given back another way meanwhile."""
        with self.act() as (db, desk):
            refund_jobs.troubled(db, desk, job, sentence, is_permanent=is_permanent)
            outbox.finish(db, desk, job) if is_permanent else outbox.retry_later(db, desk, job, sentence)

    # A letter

    def _letter(self, job: Job) -> None:
        """No mail server knows of keys: that the job is still ours is made sure of in the last moment before."""
        pdf = self._printed(job.payload["document_id"])
        with self.act() as (db, desk):
            outbox.hold(db, desk, job, self.lease_seconds)
            wanted = mail_log.prepare(db, desk, job)
            if wanted.is_over:
                outbox.finish(db, desk, job)
                return
        is_kept_here = wanted.stays_here or self.outside.send is None
        try:
            if not is_kept_here:
                self._send(wanted, *pdf)
        except MailRefused as refusal:
            self._letter_refused(job, wanted, refusal)
            return
        desk.point("worker: letter sent, not stored")
        with self.act() as (db, desk):
            mail_log.went_out(db, desk, wanted, captured=is_kept_here)
            outbox.finish(db, desk, job)

    def _send(self, wanted: WantedMail, filename: str, pdf: bytes) -> None:
        assert self.outside.send is not None
        try:
            mail = OutgoingMail(
                message_id=wanted.message_id,
                sender_name=wanted.sender_name,
                sender_email=self.outside.mail_from or wanted.reply_to,
                to=wanted.recipient,
                subject=wanted.subject,
                text=wanted.text,
                html=wanted.html,
                attachments=((filename, "application/pdf", pdf),),
                reply_to=wanted.reply_to,
            )
        except ValueError:
            raise MailRefused(True, BAD_ADDRESS) from None
        asyncio.run(_awaited(self.outside.send, mail))

    def _letter_refused(self, job: Job, wanted: WantedMail, refusal: MailRefused) -> None:
        with self.act() as (db, desk):
            if refusal.permanent:
                mail_log.was_refused(db, desk, wanted, refusal.reason)
            _set_aside(db, desk, job, refusal.reason, is_permanent=refusal.permanent)

    # A document

    def _render_document(self, job: Job) -> None:
        self._printed(job.payload["document_id"])
        with self.act() as (db, desk):
            outbox.finish(db, desk, job)

    def _printed(self, document_id: int) -> tuple[str, bytes]:
        """(file name, PDF): printed at the first need and kept, so that everybody gets the same bytes."""
        with self.act(writes=False) as (db, _desk):
            file = document_files.for_worker(db, document_id)
        return file.filename, file.pdf or print_and_keep(self.outside, self.act, file.id, file.content)

    # A gateway's event

    def _ingest_event(self, job: Job) -> None:
        event_id = job.payload["event_id"]
        try:
            facts = self._facts_of(event_id)
        except GatewayTrouble as trouble:
            with self.act() as (db, desk):
                _set_aside(db, desk, job, trouble.sentence, is_permanent=trouble.is_permanent)
            return
        with self.act() as (db, desk):
            provider_events.settle(db, desk, event_id, facts)
            outbox.finish(db, desk, job)
            desk.point("worker: event taken in, not committed")

    def _facts_of(self, event_id: int) -> Sequence[Fact]:
        """What the event says, or what it only points at says now."""
        with self.act(writes=False) as (db, desk):
            event = db.get_one(ProviderEvent, event_id)
            body, request = event.body, provider_events.request_of(db, event)
            gateway = self.outside.gateway_of(db, desk, request) if request else self.outside.gateway(event.provider)
        payment = gateway.must_be_read(body)
        return gateway.read_payment(payment) if payment else gateway.facts_of(body)


def print_and_keep(at_hand: Outside, act: UnitOfWork, document_id: int, content: DocumentContent) -> bytes:
    """Prints with no transaction open, then stores unless somebody was faster; the bytes that stand."""
    pdf = at_hand.print_pdf(content)
    with act() as (db, _desk):
        return document_files.keep_pdf(db, document_id, pdf)


def _set_aside(db: Session, desk: Desk, job: Job, problem: str, *, is_permanent: bool) -> None:
    if is_permanent:
        outbox.bury(db, desk, job, problem)
    else:
        outbox.retry_later(db, desk, job, problem)


async def _awaited(send: Callable[[OutgoingMail], object], mail: OutgoingMail) -> None:
    await send(mail)  # type: ignore[misc]


def _where(failure: Exception) -> str:
    """The kind of failure and the line it came from, without its text: that may quote a letter or a row."""
    trace = failure.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    place = f"{trace.tb_frame.f_code.co_name}:{trace.tb_lineno}" if trace else ""
    return f"{type(failure).__name__} {place}".strip()


@dataclass
class Bell:
    """Rung from any thread after a commit that left work; the loop that waits for it looks at once."""

    loop: asyncio.AbstractEventLoop
    rung: asyncio.Event = field(default_factory=asyncio.Event)

    def ring(self) -> None:
        try:
            self.loop.call_soon_threadsafe(self.rung.set)
        except RuntimeError:
            _BELLS.discard(self)  # its loop has ended

    def __hash__(self) -> int:
        return id(self)


_BELLS: set[Bell] = set()


def _after_commit(desk: Desk) -> None:
    if desk.woke_worker:
        for bell in list(_BELLS):
            bell.ring()


wiring.on_commit(_after_commit)


async def run(worker: Worker | None = None) -> None:
    """The loop, until it is cancelled. Its jobs have threads of their own, so a slow mail server holds nobody up. A job
    cut off by the end of the process is another's once its lease has run out."""
    chosen = worker if worker is not None else Worker(await asyncio.to_thread(outside))
    bell = Bell(asyncio.get_running_loop())
    _BELLS.add(bell)
    lanes = ThreadPoolExecutor(LANES + 2, thread_name_prefix="worker")
    sweeping = asyncio.ensure_future(_sweep(Sweeper(chosen.outside, chosen.act), lanes))
    try:
        await _work(chosen, bell, lanes)
    finally:
        sweeping.cancel()
        _BELLS.discard(bell)
        lanes.shutdown(wait=False, cancel_futures=True)


async def _sweep(sweeper: Sweeper, lanes: ThreadPoolExecutor) -> None:
    """Everything once at the start, then whatever is due, until it is cancelled."""
    loop = asyncio.get_running_loop()
    is_start = True
    while True:
        await loop.run_in_executor(lanes, partial(sweeper.sweep, at_once=is_start))
        is_start = False
        await asyncio.sleep(SWEEP_LOOK_SECONDS)


async def _work(worker: Worker, bell: Bell, lanes: ThreadPoolExecutor) -> None:
    loop = asyncio.get_running_loop()
    busy: dict[asyncio.Future[None], str] = {}
    while True:
        bell.rung.clear()
        while len(busy) < LANES and (
            jobs := await loop.run_in_executor(lanes, _claimed, worker, crowded(busy.values()))
        ):
            busy |= {loop.run_in_executor(lanes, worker.do, job): job.kind for job in jobs}
        ringing = asyncio.ensure_future(bell.rung.wait())
        watched: list[asyncio.Future[Any]] = [ringing, *busy]
        await asyncio.wait(watched, timeout=POLL_SECONDS, return_when=asyncio.FIRST_COMPLETED)
        ringing.cancel()
        busy = {doing: kind for doing, kind in busy.items() if not doing.done()}


def crowded(busy: Iterable[str]) -> tuple[str, ...]:
    """The kinds of job that must wait: those that ask the gateway may not take the last lane, nor may letters, so that
    neither waits for the other's slow server."""
    doing = list(busy)
    full = [group for group in SAME_SERVER if sum(kind in group for kind in doing) >= LANES - 1]
    return tuple(kind for group in full for kind in group)


def _claimed(worker: Worker, without: tuple[str, ...]) -> list[Job]:
    """The next job. A database that is away for a moment must not end the loop."""
    try:
        return worker.claim(1, without)
    except Exception as failure:
        log.error("outbox not read", error=_where(failure))
        return []


async def _by_itself() -> None:
    await asyncio.gather(run(), neighbours.run())


def main() -> None:
    """`trova worker`: drains the outbox in a process of its own."""
    try:
        asyncio.run(_by_itself())
    except KeyboardInterrupt:
        log.info("worker ended")
