"""A letter: composed, sent with its document, noted."""

import asyncio
from collections.abc import Awaitable, Callable

from trova_app.domain.mail import MailRefused, OutgoingMail
from trova_app.jobs.documents import printed
from trova_app.jobs.means import Means, set_aside
from trova_app.outside import Outside
from trova_app.services import mail_log, outbox
from trova_app.services.mail_log import WantedMail
from trova_app.services.outbox import Job

BAD_ADDRESS = "The letter has an address that mail cannot be sent to."


def send_letter(means: Means, job: Job) -> None:
    """No mail server knows of keys: that the job is still ours is made sure of in the last moment before."""
    pdf = printed(means, job.payload["document_id"])
    with means.act() as (db, desk):
        outbox.hold(db, desk, job, means.lease_seconds)
        wanted = mail_log.prepare(db, desk, job)
        if wanted.is_over:
            outbox.finish(db, desk, job)
            return
    is_kept_here = wanted.stays_here or means.outside.send is None
    try:
        if not is_kept_here:
            _send(means.outside, wanted, *pdf)
    except MailRefused as refusal:
        _refused(means, job, wanted, refusal)
        return
    desk.point("worker: letter sent, not stored")
    with means.act() as (db, desk):
        mail_log.went_out(db, desk, wanted, captured=is_kept_here)
        outbox.finish(db, desk, job)


def _send(outside: Outside, wanted: WantedMail, filename: str, pdf: bytes) -> None:
    assert outside.send is not None
    try:
        mail = OutgoingMail(
            message_id=wanted.message_id,
            sender_name=wanted.sender_name,
            sender_email=outside.mail_from or wanted.reply_to,
            to=wanted.recipient,
            subject=wanted.subject,
            text=wanted.text,
            html=wanted.html,
            attachments=((filename, "application/pdf", pdf),),
            reply_to=wanted.reply_to,
        )
    except ValueError:
        raise MailRefused(True, BAD_ADDRESS) from None
    asyncio.run(_awaited(outside.send, mail))


async def _awaited(send: Callable[[OutgoingMail], Awaitable[None]], mail: OutgoingMail) -> None:
    await send(mail)


def _refused(means: Means, job: Job, wanted: WantedMail, refusal: MailRefused) -> None:
    with means.act() as (db, desk):
        if refusal.permanent:
            mail_log.was_refused(db, desk, wanted, refusal.reason)
        set_aside(db, desk, job, refusal.reason, is_permanent=refusal.permanent)
