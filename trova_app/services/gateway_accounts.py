"""Which gateway a practice's links go through: its own connected account, else what the installation's settings say.

Connecting takes two steps, because nothing is asked outside inside a transaction: `key_to_check` reads what was typed,
the caller tries the key at the gateway, `connect` stores it. A stored key is never shown again, only its end.
"""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast

import sqlalchemy as sa
from sqlmodel import Session, col, select

from trova_app.domain.gateways import CANNOT_CANCEL
from trova_app.domain.permissions import Permission, Principal
from trova_app.domain.refusals import Refusal
from trova_app.models import (
    GatewayAccount,
    Mode,
    Payment,
    PaymentRequest,
    Practice,
    Refund,
    SweepTurn,
    WebhookEndpoint,
)
from trova_app.services.ports import Desk, Vault

PROVIDERS = {"stripe": "Stripe", "paystack": "Paystack"}
KEYS = {
    "stripe": re.compile(r"(?:rk|sk)_(?P<mode>test|live)_[A-Za-z0-9]{8,240}", re.ASCII),
    "paystack": re.compile(r"sk_(?P<mode>test|live)_[A-Za-z0-9]{8,240}", re.ASCII),
}
WANTED_KEYS = {
    "stripe": "Enter a restricted key from Stripe's dashboard; it begins with rk_test_ or rk_live_.",
    "paystack": "Enter the secret key from Paystack's settings; it begins with sk_test_.",
}
PUBLIC_KEY = "That is the public key. Trova needs the secret one, or at Stripe better a restricted one."
PAYSTACK_CURRENCIES = frozenset({"ZAR", "USD"})
DISCONNECT_FIRST = "Another account is connected. Disconnect it first; its open links are closed then."
ONLY_TEST = (
    "{name} cannot close a payment page that is already open, so somebody could pay an invoice that is void or settled."
    " Live keys of {name} are therefore not accepted; with a test key, in a test practice, everything can be tried."
)
NO_NEW_LINKS = (
    "{name} cannot close a payment page that is already open, so no new links are made with a live key. Money that was"
    " asked for there before is still found. Disconnect it when you are ready."
)
NO_KEY = "none"
EARLIER_IS_GOOD = timedelta(hours=25)  # Stripe lets a rolled secret sign for up to 24
NOT_CONNECTED = "No account of the practice's own is connected."


@dataclass(frozen=True, slots=True)
class GatewayChoice:
    """`provider` is "" where no link can be made, and `problem` then says why."""

    provider: str
    account_ref: str = ""
    problem: str = ""


@dataclass(frozen=True, slots=True)
class KeyToCheck:
    """`mode` is test or live, as the key itself says."""

    provider: str
    key: str
    mode: str


@dataclass(frozen=True, slots=True)
class Connection:
    """What the worker needs to speak to a practice's gateway. Never leaves the server."""

    provider: str
    key: str
    account_ref: str = ""


def account_for(db: Session, practice_id: int, *, lock: bool = False) -> GatewayAccount | None:
    """The practice's connected account."""
    query = select(GatewayAccount).where(
        GatewayAccount.practice_id == practice_id, col(GatewayAccount.disconnected_at).is_(None)
    )
    return db.exec(query.with_for_update() if lock else query).first()


def gateway_for(db: Session, desk: Desk, practice_id: int) -> GatewayChoice:
    """The practice's own account, else the installation's gateway as the desk knows it."""
    practice = db.get_one(Practice, practice_id)
    account = account_for(db, practice_id)
    if account is None:
        return GatewayChoice(desk.gateway, desk.gateway_account, "" if desk.gateway else desk.gateway_problem)
    if account.provider in CANNOT_CANCEL and account.mode == "live":
        return GatewayChoice("", problem=NO_NEW_LINKS.format(name=PROVIDERS[account.provider]))
    if account.mode != key_mode_for(practice.mode):
        return GatewayChoice("", problem=_other_mode(account.mode, practice.mode))
    return GatewayChoice(account.provider, account.account_ref)


def key_mode_for(practice_mode: str) -> str:
    return "live" if practice_mode == Mode.LIVE else "test"


def _other_mode(key_mode: str, practice_mode: str) -> str:
    if key_mode == "live":
        return "This is a live key, and this practice is not live yet. Enter a test key, so that no real money moves."
    return f"This is a test key, and this practice is {practice_mode}: nobody could really pay. Enter a live key."


def account_of_request(db: Session, request: PaymentRequest) -> GatewayAccount | None:
    """The account that was connected when the link was asked for, also where it has been disconnected since; where the
    same account is connected again, that. None for a link of the installation's own gateway."""
    query = select(GatewayAccount).where(
        GatewayAccount.practice_id == request.practice_id,
        GatewayAccount.provider == request.provider,
        GatewayAccount.connected_at <= request.created_at,
        sa.or_(col(GatewayAccount.disconnected_at).is_(None), col(GatewayAccount.disconnected_at) > request.created_at),
    )
    asked = db.exec(query.order_by(col(GatewayAccount.id).desc())).first()
    if asked is None or asked.disconnected_at is None or not asked.account_ref:
        return asked
    present = account_for(db, asked.practice_id)
    is_same = present is not None and (present.provider, present.account_ref) == (asked.provider, asked.account_ref)
    return present if is_same else asked


def is_installations() -> sa.ColumnElement[bool]:
    """Of the requests in a query those that `account_of_request` names no account for."""
    connected = select(GatewayAccount.id).where(
        GatewayAccount.practice_id == PaymentRequest.practice_id,
        GatewayAccount.provider == PaymentRequest.provider,
        col(GatewayAccount.connected_at) <= col(PaymentRequest.created_at),
        sa.or_(
            col(GatewayAccount.disconnected_at).is_(None),
            col(GatewayAccount.disconnected_at) > col(PaymentRequest.created_at),
        ),
    )
    return ~connected.exists()


def goes_back_by_hand(db: Session, desk: Desk, payment: Payment) -> bool:
    """Nothing of it can be given back from here: it was taken by hand, the key of its account is forgotten, or a refund
    was asked for and the gateway does not know the payment under the key that is still in use."""
    if payment.provider == "manual":
        return True
    request = db.get(PaymentRequest, payment.request_id) if payment.request_id else None
    account = account_of_request(db, request) if request else None
    if account is not None and not account.key_encrypted:
        return True
    mark = own_mark(account) if account else _key_in_use(db, desk, payment.provider)
    unknown = (Refund.payment_id == payment.id, Refund.unknown_to == mark, Refund.unknown_to != "")
    return db.exec(select(Refund.id).where(*unknown).limit(1)).first() is not None


def _key_in_use(db: Session, desk: Desk, provider: str) -> str:
    """Its mark, as of the installation's last look."""
    turn = db.get(SweepTurn, provider)
    return NO_KEY if desk.gateway != provider else turn.key_mark if turn else ""


def own_mark(account: GatewayAccount) -> str:
    """Which key of a practice's own account, as `Gateway.key_mark` says of the installation's."""
    return f"account/{account.id}/{account.key_hint}"


# -- secrets


def about(practice_id: int) -> str:
    """What a stored secret is bound to."""
    return f"practice {practice_id}"


def connection(vault: Vault, account: GatewayAccount) -> Connection:
    """Raises `Refusal` where the key does not open or has been forgotten."""
    if not account.key_encrypted:
        raise Refusal(NOT_CONNECTED)
    key = vault.open(account.key_encrypted, about(account.practice_id))
    return Connection(account.provider, key, account.account_ref)


def secrets_of(vault: Vault, endpoint: WebhookEndpoint, now: datetime) -> tuple[str, ...]:
    """What may sign events for a practice's own endpoint: the present secret, and for a day the one it replaced."""
    is_good = endpoint.earlier_until is not None and now < endpoint.earlier_until
    stored = (endpoint.secret, endpoint.earlier_secret if is_good else "")
    return tuple(vault.open(one, about(cast(int, endpoint.practice_id))) for one in stored if one)


def replace_secret(endpoint: WebhookEndpoint, sealed: str, now: datetime) -> None:
    """The one before stays good for events under way, and is then forgotten (`forget_earlier_secrets`)."""
    endpoint.earlier_secret, endpoint.secret = endpoint.secret, sealed
    endpoint.earlier_until = now + EARLIER_IS_GOOD if endpoint.earlier_secret else None


def forget_earlier_secrets(db: Session, now: datetime) -> None:
    """Those whose time is over."""
    over = sa.update(WebhookEndpoint).where(col(WebhookEndpoint.earlier_until) <= now)
    db.exec(over.values(earlier_secret="", earlier_until=None))


def _vault(desk: Desk) -> Vault:
    assert desk.vault is not None
    return desk.vault


# -- connecting


def key_to_check(db: Session, desk: Desk, who: Principal, *, provider: object, key: object) -> KeyToCheck:
    """The key as typed, before anybody outside is asked. Raises `Refusal` beside the field."""
    who.must(Permission.SETTINGS)
    chosen = _provider(provider)
    practice = db.get_one(Practice, who.practice_id)
    if chosen == "paystack" and practice.currency not in PAYSTACK_CURRENCIES:
        raise Refusal(
            f"Paystack is offered here for ZAR and USD; this practice bills in {practice.currency}.", "provider"
        )
    typed = "".join(key.split()) if isinstance(key, str) and len(key) <= 400 else ""
    if typed.startswith("pk_"):
        raise Refusal(PUBLIC_KEY, "key")
    if chosen in CANNOT_CANCEL and (typed.startswith("sk_live_") or key_mode_for(practice.mode) == "live"):
        raise Refusal(ONLY_TEST.format(name=PROVIDERS[chosen]), "key")
    fits = KEYS[chosen].fullmatch(typed)
    if fits is None:
        raise Refusal(WANTED_KEYS[chosen], "key")
    if fits["mode"] != key_mode_for(practice.mode):
        raise Refusal(_other_mode(fits["mode"], practice.mode), "key")
    present = account_for(db, who.practice_id)
    if present and present.provider != chosen:
        raise Refusal(DISCONNECT_FIRST, "provider")
    return KeyToCheck(chosen, typed, fits["mode"])


def _provider(given: object) -> str:
    if not isinstance(given, str) or given not in PROVIDERS:
        raise Refusal("Choose Stripe or Paystack.", "provider")
    return given


def connect(db: Session, desk: Desk, who: Principal, *, provider: object, key: object, account_ref: str = "") -> str:
    """Stores a key that was tried at the gateway; its end. `account_ref`: the account's name there, "" where the key
    may not read it. A new key for the account that is connected takes the old key's place."""
    given = key_to_check(db, desk, who, provider=provider, key=key)
    db.exec(select(Practice).where(Practice.id == who.practice_id).with_for_update()).one()
    account = account_for(db, who.practice_id, lock=True)
    if account and not (account_ref and account_ref == account.account_ref):
        raise Refusal(DISCONNECT_FIRST, "key")
    if account is None:
        account = GatewayAccount(
            practice_id=who.practice_id,
            provider=given.provider,
            mode=given.mode,
            account_ref=account_ref,
            connected_at=desk.now(),
        )
        db.add(account)
    account.key_encrypted = _vault(desk).seal(given.key, about(who.practice_id))
    account.key_hint, account.connected_by = given.key[-4:], who.member_id
    _renew_signing_key(db, desk, account, given.key)
    db.flush()
    desk.tell(who.practice_id)
    return account.key_hint


def _renew_signing_key(db: Session, desk: Desk, account: GatewayAccount, key: str) -> None:
    """Paystack signs events with the account's own key, so its endpoint follows the key."""
    endpoint = db.get(WebhookEndpoint, account.endpoint_public_id) if account.endpoint_public_id else None
    if account.provider == "paystack" and endpoint is not None:
        replace_secret(endpoint, _vault(desk).seal(key, about(account.practice_id)), desk.now())


def end(db: Session, desk: Desk, account: GatewayAccount) -> None:
    """From now on no link goes through it. Its key stays until its last link is closed (`forget_keys`)."""
    account.disconnected_at, account.endpoint_ref, account.test_url = desk.now(), "", ""
    endpoint = db.get(WebhookEndpoint, account.endpoint_public_id) if account.endpoint_public_id else None
    if endpoint is not None:
        endpoint.secret, endpoint.earlier_secret, endpoint.earlier_until = "", "", None
    db.flush()
    desk.tell(account.practice_id)
