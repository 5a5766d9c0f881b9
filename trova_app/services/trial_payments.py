"""A test payment: a link over the smallest amount, in test mode, for somebody to pay with the gateway's test card. It
touches no invoice, and its events are nobody's: it carries no reference of ours."""

import uuid
from collections.abc import Sequence
from datetime import timedelta

from sqlmodel import Session, col, select

from trova_app.domain.gateways import SMALLEST_SENT, LinkRef, LinkSpec, kept_amount, why_not_online
from trova_app.domain.permissions import Permission, Principal
from trova_app.domain.refusals import Refusal
from trova_app.models import GatewayAccount, OutboxRow, Practice
from trova_app.services import outbox
from trova_app.services.gateway_accounts import NOT_CONNECTED, account_for
from trova_app.services.outbox import Job
from trova_app.services.ports import Desk

KIND, CLOSE = "test_payment", "close_test_payment"
TEST_AMOUNT = 2000  # R 20,00: above what gateways take at least in the currencies we know
SHOWN_FOR = timedelta(hours=1)
CANNOT_TEST = "A test payment needs an amount this gateway can charge."
ONLY_IN_TEST = "A test payment needs a test key: with this one real money would move."


def ask_for_test_payment(db: Session, desk: Desk, who: Principal, *, return_path: str, seen: object) -> None:
    """The worker opens the link; one that is on its way already is due now. `seen` is the link that was shown when it
    was asked for, "" for none: where another one stands by now, somebody has just asked for that, and it is enough."""
    who.must(Permission.SETTINGS)
    account = account_for(db, who.practice_id, lock=True)
    if account is None:
        raise Refusal(NOT_CONNECTED)
    if account.mode != "test":
        raise Refusal(ONLY_IN_TEST)
    under_way = opening(db, account)
    if under_way is not None and under_way.dead_at is None:
        outbox.hurry(db, desk, under_way.key)
        return
    if url_to_try(db, desk, account) not in ("", seen):
        return
    if under_way is not None:
        outbox.withdraw(db, desk, under_way.key)
    currency = db.get_one(Practice, who.practice_id).currency
    name, account.test_url = str(uuid.uuid4()), ""
    outbox.enqueue(
        db,
        desk,
        practice_id=who.practice_id,
        kind=KIND,
        key=f"test/{account.id}/{name}",
        payload={
            "account_id": account.id,
            "name": name,
            "amount_minor": _smallest(currency),
            "currency": currency,
            "return_url": f"{desk.origin}{return_path}",
        },
    )
    desk.tell(who.practice_id)


def url_to_try(db: Session, desk: Desk, account: GatewayAccount) -> str:
    """For as long as somebody may just be trying it: a link is good for one payment."""
    if not account.test_url:
        return ""
    of = (OutboxRow.practice_id == account.practice_id, OutboxRow.kind == KIND)
    is_fresh = col(OutboxRow.done_at) > desk.now() - SHOWN_FOR
    return account.test_url if db.exec(select(OutboxRow.id).where(*of, is_fresh)).first() is not None else ""


def opening(db: Session, account: GatewayAccount) -> OutboxRow | None:
    """The link that is on its way for this account."""
    return outbox.newest(db, account.practice_id, KIND, f"test/{account.id}/")


def _smallest(currency: str) -> int:
    try:
        amount = kept_amount(SMALLEST_SENT.get(currency, TEST_AMOUNT), currency)
    except ValueError:
        raise Refusal(CANNOT_TEST) from None
    if why_not_online(amount, currency):
        raise Refusal(CANNOT_TEST)
    return amount


def no_longer_wanted(db: Session, desk: Desk, account: GatewayAccount) -> None:
    """Before the account is left. One that is just being opened finds that out by itself."""
    under_way = opening(db, account)
    if under_way is not None and not outbox.is_in_hand(db, desk, under_way.key):
        outbox.withdraw(db, desk, under_way.key)


def account_to_test(db: Session, job: Job) -> GatewayAccount | None:
    """None where it has been left meanwhile."""
    account = db.get_one(GatewayAccount, job.payload["account_id"])
    return account if account.disconnected_at is None else None


def spec_of(job: Job) -> LinkSpec:
    """A pure function of what was stored, so that asking again is the same link."""
    given = job.payload
    return LinkSpec(
        request_uuid=given["name"],
        idempotency_key=f"trova/test/{given['name']}",
        amount_minor=given["amount_minor"],
        currency=given["currency"],
        label="Test payment",
        instance="test payment",
        practice=str(job.practice_id),
        invoice="none",
        return_url=given["return_url"],
    )


def asked_before(db: Session, job: Job) -> bool:
    """Whether an earlier try may have made the link; from now on it may. The count of tries begins anew with a Retry,
    and the gateway forgets the key."""
    outbox.remember(db, job, asked=True)
    return bool(job.payload.get("asked"))


def opened(db: Session, desk: Desk, job: Job, url: str) -> None:
    account = account_to_test(db, job)
    if account is not None:
        account.test_url = url
    desk.tell(job.practice_id)


# -- one that the gateway made and neither let us see nor close


def left_open(db: Session, desk: Desk, job: Job, link_id: str) -> None:
    """It is closed as soon as the gateway lets us; who tries again gets another one."""
    given = {"provider_ref": link_id} | {key: job.payload[key] for key in ("account_id", "name", "amount_minor")}
    outbox.enqueue(
        db, desk, practice_id=job.practice_id, kind=CLOSE, key=f"{_about(given['account_id'])}{given['name']}/close",
        payload=given | {"currency": job.payload["currency"]}, due_at=desk.now() + outbox.FIRST_WAIT,
    )  # fmt: skip
    outbox.remember(db, job, name=str(uuid.uuid4()), asked=False)


def _about(account_id: int | None) -> str:
    return f"test/{account_id}/"


def ref_of(job: Job) -> LinkRef:
    given = job.payload
    return LinkRef(given["provider_ref"], given["name"], given["amount_minor"], given["currency"])


def closing(db: Session, account_id: int | None) -> Sequence[OutboxRow]:
    """The links of this account that are still to be closed."""
    about = col(OutboxRow.key).startswith(_about(account_id), autoescape=True)
    return db.exec(select(OutboxRow).where(OutboxRow.kind == CLOSE, about, col(OutboxRow.done_at).is_(None))).all()
