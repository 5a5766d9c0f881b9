"""Settings, Payments: which gateway the practice uses and how it is doing, in words."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session, col, func, select

from trova_app.domain.documents import long_date
from trova_app.domain.permissions import Permission, Principal
from trova_app.models import GatewayAccount, OutboxRow, PaymentRequest, Practice, ReviewItem, WebhookEndpoint
from trova_app.services import lost_links, trial_payments
from trova_app.services.gateway_accounts import (
    PAYSTACK_CURRENCIES,
    PROVIDERS,
    account_for,
    gateway_for,
    key_mode_for,
)
from trova_app.services.gateway_webhooks import CONNECT, REMOVE, can_receive, connecting
from trova_app.services.kept_events import SET_ASIDE
from trova_app.services.payment_requests import LIVE_STATES
from trova_app.services.ports import Desk
from trova_app.services.practice_style import style_for
from trova_app.services.sweep import SweepStatus, status_of, status_of_installation, sweep_status
from trova_app.services.webhook_endpoints import endpoint_of, last_heard, url_of

GATEWAY_JOBS = (
    *("open_link", "close_link", "check_link", "refund", "ingest_event"), CONNECT, REMOVE, trial_payments.CLOSE
)  # fmt: skip
SET_ASIDE_KINDS = ("wrong_amount", "wrong_mode", "wrong_account", "unknown_request", SET_ASIDE)
NO_WEBHOOKS = "This installation cannot receive webhooks; payments are looked up every few minutes."
WEBHOOKS = "Webhooks are connected: payments show at once, and are looked up every few minutes besides."
COULD = "Webhooks are not connected; payments are looked up every few minutes."
NONE_YET = "None has arrived yet; payments are looked up every few minutes."
NOT_BELIEVED = "STRIPE_WEBHOOK_SECRET is not set, so none are believed; payments are looked up every few minutes."
REFUSED = (
    "A message that was not signed as it should be came {ago}, and none that was has come since. Nothing of it was"
    " kept. If payments show late, look whether the webhook's signing secret is still the one given here."
)
PUT_IN = "Put this in, in Stripe's dashboard under Webhooks: "
NOT_NEEDED = "The simulated gateway tells at once; payments are looked up every few minutes besides."
SIMULATED = "The simulated gateway is used. No money moves."
LOST = "that can be neither closed nor looked at with the present key, to be decided in Billing."
INSTALLATION = "This installation's own Stripe key is used, as its settings say."


@dataclass(frozen=True, slots=True)
class HealthLine:
    """`place`: the page where a person can do something about it: outbox, billing or ""."""

    what: str
    words: str
    is_problem: bool = False
    place: str = ""


@dataclass(frozen=True, slots=True)
class UnderWay:
    """What was asked for here and is not done: how it stands, and whether it was given up."""

    words: str
    is_problem: bool


@dataclass(frozen=True, slots=True)
class GatewayHealth:
    """`provider` is "" while no account of the practice's own is connected; `uses` then says what its links go
    through. `mode` is test or live: the connected key's, else the one a key must have. `webhook_url` is set where the
    gateway's dashboard has to be told by hand; `test_url` is the link that was last asked for to try it with."""

    provider: str
    provider_name: str
    uses: str
    problem: str
    mode: str
    key_end: str
    connected_on: str
    account_name: str
    can_receive: bool
    has_webhooks: bool
    webhook_url: str
    webhooks_under_way: UnderWay | None
    may_test: bool
    test_under_way: UnderWay | None
    test_url: str
    offers_paystack: bool
    lines: tuple[HealthLine, ...]


def health(db: Session, desk: Desk, who: Principal) -> GatewayHealth:
    who.must(Permission.SETTINGS)
    practice = db.get_one(Practice, who.practice_id)
    account = account_for(db, who.practice_id)
    choice = gateway_for(db, desk, who.practice_id)
    return GatewayHealth(
        provider=account.provider if account else "",
        provider_name=PROVIDERS.get(account.provider, "") if account else "",
        uses="" if account else {"simulated": SIMULATED, "stripe": INSTALLATION}.get(choice.provider, ""),
        problem=choice.problem,
        mode=account.mode if account else key_mode_for(practice.mode),
        key_end=account.key_hint if account else "",
        connected_on=_day(db, desk, account),
        account_name=account.account_ref if account else "",
        can_receive=can_receive(desk.origin),
        has_webhooks=_has_webhooks(db, account),
        webhook_url=_url_to_tell(desk, account),
        webhooks_under_way=_under_way(connecting(db, account) if account else None, "Being connected."),
        may_test=account is not None and account.mode == "test",
        test_under_way=_under_way(
            trial_payments.opening(db, account) if account else None, "The link is being opened."
        ),
        test_url=trial_payments.url_to_try(db, desk, account) if account else "",
        offers_paystack=practice.currency in PAYSTACK_CURRENCIES,
        lines=_lines(db, desk, who, account, choice.provider)
        if choice.provider or account
        else tuple(_failures(db, who.practice_id)),
    )


def _day(db: Session, desk: Desk, account: GatewayAccount | None) -> str:
    if account is None:
        return ""
    return long_date(style_for(db, desk, account.practice_id).day(account.connected_at).isoformat())


def _under_way(row: OutboxRow | None, words: str) -> UnderWay | None:
    return UnderWay(row.last_error or words, row.dead_at is not None) if row else None


def _own_endpoint(db: Session, account: GatewayAccount | None) -> WebhookEndpoint | None:
    return db.get(WebhookEndpoint, account.endpoint_public_id) if account and account.endpoint_public_id else None


def _has_webhooks(db: Session, account: GatewayAccount | None) -> bool:
    endpoint = _own_endpoint(db, account)
    return endpoint is not None and endpoint.secret != ""


def _url_to_tell(desk: Desk, account: GatewayAccount | None) -> str:
    if account is None or account.provider != "paystack" or not account.endpoint_public_id:
        return ""
    return f"{desk.origin}/hooks/paystack/{account.endpoint_public_id}"


def _lines(
    db: Session, desk: Desk, who: Principal, account: GatewayAccount | None, provider: str
) -> tuple[HealthLine, ...]:
    if account is not None:
        return lines_of_account(db, desk.now(), desk.origin, account)
    here = _webhooks_here(db, desk.origin, provider, desk.believes_webhooks)
    status = sweep_status(db, desk, who)
    return _all_lines(db, desk.now(), [who.practice_id], status, here, endpoint_of(db, provider))


def lines_of_account(db: Session, now: datetime, origin: str, account: GatewayAccount) -> tuple[HealthLine, ...]:
    """The same of one practice's own account, for whoever runs the installation (`trova doctor`)."""
    words = WEBHOOKS if _has_webhooks(db, account) else COULD if can_receive(origin) else NO_WEBHOOKS
    webhooks, own = [HealthLine("Webhooks", words)], _own_endpoint(db, account)
    return _all_lines(db, now, [account.practice_id], status_of(account), webhooks, own)


def lines_of_installation(db: Session, now: datetime, origin: str, believes: bool) -> tuple[HealthLine, ...]:
    """The same of the installation's own key of Stripe, for all practices without an account of their own."""
    own = select(GatewayAccount.practice_id).where(col(GatewayAccount.disconnected_at).is_(None))
    theirs = db.exec(select(Practice.id).where(col(Practice.id).not_in(own))).all()
    here = _webhooks_here(db, origin, "stripe", believes)
    status, practices = status_of_installation(db, "stripe"), [one for one in theirs if one]
    return _all_lines(db, now, practices, status, here, endpoint_of(db, "stripe"))


def _all_lines(
    db: Session,
    now: datetime,
    practices: Sequence[int],
    status: SweepStatus,
    webhooks: Sequence[HealthLine],
    endpoint: WebhookEndpoint | None,
) -> tuple[HealthLine, ...]:
    return (
        *webhooks,
        HealthLine("Last notice", ago(status.last_event_at, now) or "None yet"),
        *_refused(endpoint, status.last_event_at, now),
        _sweep_line(status.last_sweep_at, status.last_sweep_error, now),
        HealthLine("Open payment links", _count_words(_open_links(db, practices), "link")),
        *(line for one in practices for line in _failures(db, one)),
    )


def _webhooks_here(db: Session, origin: str, provider: str, believes: bool) -> list[HealthLine]:
    """Of the installation's own gateway. What arrives shows that they are connected."""
    if provider == "simulated":
        return [HealthLine("Webhooks", NOT_NEEDED)]
    url = url_of(db, origin, provider)
    has_heard = believes and last_heard(db, provider) is not None
    if not url or not (has_heard or can_receive(origin)):
        return [HealthLine("Webhooks", COULD if can_receive(origin) else NO_WEBHOOKS)]
    words = WEBHOOKS if has_heard else NONE_YET if believes else NOT_BELIEVED
    return [HealthLine("Webhooks", words), HealthLine("Webhook address", url if has_heard else f"{PUT_IN}{url}")]


def _refused(endpoint: WebhookEndpoint | None, heard_at: datetime | None, now: datetime) -> Iterator[HealthLine]:
    """Something that fits has come since: then the secret is right, and nobody can do anything about the rest."""
    refused_at = endpoint.refused_at if endpoint else None
    if refused_at is not None and (heard_at is None or heard_at < refused_at):
        yield HealthLine("Refused", REFUSED.format(ago=ago(refused_at, now)), is_problem=True)


def _sweep_line(at: datetime | None, error: str, now: datetime) -> HealthLine:
    last = f"Last successful check {ago(at, now)}" if at else "Not checked yet"
    if error:
        return HealthLine("Looking up payments", f"{last}. Since then: {error}", is_problem=True)
    return HealthLine("Looking up payments", last)


def _open_links(db: Session, practices: Sequence[int]) -> int:
    query = select(func.count()).where(
        col(PaymentRequest.practice_id).in_(practices), col(PaymentRequest.state).in_(LIVE_STATES)
    )
    return db.exec(query).one()


def _failures(db: Session, practice_id: int) -> list[HealthLine]:
    stopped = db.exec(
        select(func.count()).where(
            OutboxRow.practice_id == practice_id,
            col(OutboxRow.dead_at).is_not(None),
            col(OutboxRow.done_at).is_(None),
            col(OutboxRow.kind).in_(GATEWAY_JOBS),
        )
    ).one()
    odd = select(func.count()).where(ReviewItem.practice_id == practice_id, ReviewItem.state == "open")
    unclear = db.exec(odd.where(col(ReviewItem.kind).in_(SET_ASIDE_KINDS))).one()
    lines = []
    if stopped:
        words = f"{_count_words(stopped, 'task')} given up, to be tried again in the Outbox."
        lines.append(HealthLine("Stopped", words, is_problem=True, place="outbox"))
    if unclear:
        words = f"{_count_words(unclear, 'notice')} set aside, to be decided in Billing."
        lines.append(HealthLine("Not understood", words, is_problem=True, place="billing"))
    if lost := lost_links.how_many(db, practice_id):
        lines.append(HealthLine("Made with another key", f"{_count_words(lost, 'link')} {LOST}", True, "billing"))
    return lines


def _count_words(count: int, noun: str) -> str:
    return "None" if count == 0 else f"1 {noun}" if count == 1 else f"{count} {noun}s"


def ago(moment: datetime | None, now: datetime) -> str:
    """ "4 min ago"; "" for never."""
    if moment is None:
        return ""
    passed = now - moment
    if passed < timedelta(minutes=1):
        return "just now"
    if passed < timedelta(hours=1):
        return f"{passed // timedelta(minutes=1)} min ago"
    if passed < timedelta(days=2):
        return f"{passed // timedelta(hours=1)} h ago"
    return f"{passed.days} days ago"
