"""A practice's own webhooks: our end is made ready here, the gateway's by the worker, which is told beforehand what to
ask for and under which key. So a lost answer or a crash leaves neither two endpoints nor a forgotten one."""

import uuid
from dataclasses import dataclass
from ipaddress import ip_address
from typing import cast
from urllib.parse import urlsplit

from sqlmodel import Session, select

from trova_app.domain.gateways import NewEndpoint
from trova_app.domain.permissions import Permission, Principal
from trova_app.domain.refusals import Refusal
from trova_app.models import GatewayAccount, OutboxRow, WebhookEndpoint
from trova_app.services import outbox
from trova_app.services.gateway_accounts import NOT_CONNECTED, PROVIDERS, about, account_for, connection, replace_secret
from trova_app.services.outbox import Job
from trova_app.services.ports import Desk, Vault
from trova_app.services.review_items import ask_a_person

CONNECT, REMOVE = "connect_webhooks", "remove_webhooks"
COMING = "Webhooks are being connected. This page says so when they are."
LEFT_BEHIND = "The webhook could not be removed at {name}, which was disconnected. {why} Remove it in its dashboard."


@dataclass(frozen=True, slots=True)
class WantedEndpoint:
    """What the gateway is asked for, whenever it is asked."""

    account: GatewayAccount
    url: str
    instance: str
    idempotency_key: str


def can_receive(origin: str) -> bool:
    """Whether a gateway on the internet can reach this address: https, and a name or number that is public."""
    parts = urlsplit(origin)
    host = parts.hostname or ""
    if parts.scheme != "https" or host == "localhost":
        return False
    try:
        return ip_address(host).is_global
    except ValueError:
        return "." in host and not host.endswith((".local", ".localhost", ".internal", ".lan", ".home.arpa"))


def ask_for_webhooks(db: Session, desk: Desk, who: Principal) -> str:
    """Makes our end ready, without a secret yet: until the gateway has told it nothing can arrive there. What to say;
    "" for Paystack, whose dashboard has to be told by hand: our end is complete with this, as it signs with the
    account's own key."""
    who.must(Permission.SETTINGS)
    account = account_for(db, who.practice_id, lock=True)
    if account is None:
        raise Refusal(NOT_CONNECTED)
    if not can_receive(desk.origin):
        raise Refusal(
            f"{desk.origin} cannot be reached from the internet, so no webhook can arrive. That is fine: payments are "
            "looked up every few minutes. To receive them, set TROVA_BASE_URL to a public https address."
        )
    _have_our_end(db, desk, account)
    desk.tell(who.practice_id)
    if account.provider == "paystack":
        return ""
    _have_it_connected(db, desk, account)
    return COMING


def _have_our_end(db: Session, desk: Desk, account: GatewayAccount) -> None:
    if account.endpoint_public_id:
        return
    vault, secret = _vault(desk), ""
    if account.provider == "paystack":
        secret = vault.seal(connection(vault, account).key, about(account.practice_id))
    account.endpoint_public_id = desk.new_token()[:32]
    db.add(
        WebhookEndpoint(
            public_id=account.endpoint_public_id,
            practice_id=account.practice_id,
            provider=account.provider,
            secret=secret,
        )
    )
    db.flush()


def _have_it_connected(db: Session, desk: Desk, account: GatewayAccount) -> None:
    """One wish at a time: one that waits is due now, one that was given up makes room for another."""
    under_way = connecting(db, account)
    if under_way is not None and under_way.dead_at is None:
        outbox.hurry(db, desk, under_way.key)
        return
    if under_way is not None:
        outbox.withdraw(db, desk, under_way.key)
    name = f"{account.endpoint_public_id}/{uuid.uuid4().hex}"
    outbox.enqueue(
        db,
        desk,
        practice_id=account.practice_id,
        kind=CONNECT,
        key=f"webhooks/{name}",
        payload={
            "account_id": account.id,
            "url": f"{desk.origin}/hooks/{account.provider}/{account.endpoint_public_id}",
            "idempotency_key": f"trova/webhooks/{name}",
        },
    )


def connecting(db: Session, account: GatewayAccount) -> OutboxRow | None:
    """The wish that stands for this account; one for an account that was left is no other's."""
    if not account.endpoint_public_id:
        return None
    return outbox.newest(db, account.practice_id, CONNECT, f"webhooks/{account.endpoint_public_id}/")


# -- for the worker


def wanted(db: Session, job: Job, instance: str) -> WantedEndpoint | None:
    """None where the account has been left meanwhile. `instance`: this installation's name at the gateway."""
    account = db.get_one(GatewayAccount, job.payload["account_id"])
    if account.disconnected_at is not None:
        return None
    key = str(job.payload["idempotency_key"])
    return WantedEndpoint(account, str(job.payload["url"]), name_at(instance, job.practice_id), key)


def name_at(instance: str, practice_id: int) -> str:
    """Ours among the account's webhooks: this installation and this practice."""
    return f"{instance}/{practice_id}"


def connected(db: Session, desk: Desk, account_id: int, made: NewEndpoint) -> None:
    """Stores what the gateway told. The secret before stays valid beside it for a day, for events under way. Of an
    account that was left meanwhile nothing is stored: taking its webhooks away is a job of its own."""
    account = db.exec(select(GatewayAccount).where(GatewayAccount.id == account_id).with_for_update()).one()
    endpoint = db.get(WebhookEndpoint, account.endpoint_public_id)
    if account.disconnected_at is not None or endpoint is None:
        return
    vault, of = _vault(desk), about(account.practice_id)
    account.endpoint_ref = made.endpoint_ref
    if not endpoint.secret or vault.open(endpoint.secret, of) != made.secret:
        replace_secret(endpoint, vault.seal(made.secret, of), desk.now())
    db.flush()
    desk.tell(account.practice_id)


# -- leaving


def ask_for_removal(db: Session, desk: Desk, account: GatewayAccount) -> bool:
    """Before the account is left: whatever stands at the gateway for it is to be taken away; whether anything may."""
    under_way = connecting(db, account)
    if under_way is not None and not outbox.is_in_hand(db, desk, under_way.key):
        outbox.withdraw(db, desk, under_way.key)
    endpoint = db.get(WebhookEndpoint, account.endpoint_public_id) if account.endpoint_public_id else None
    if account.provider == "paystack" or endpoint is None or not (endpoint.secret or under_way):
        return False
    return outbox.enqueue(
        db,
        desk,
        practice_id=account.practice_id,
        kind=REMOVE,
        key=removal_key(account),
        payload={"account_id": account.id, "public_id": account.endpoint_public_id},
    )


def removal_key(account: GatewayAccount) -> str:
    return f"webhooks/{account.endpoint_public_id}/remove"


def is_just_connecting(db: Session, desk: Desk, account: GatewayAccount) -> bool:
    """Whether a worker may be making an endpoint of it at this moment."""
    under_way = connecting(db, account)
    return under_way is not None and outbox.is_in_hand(db, desk, under_way.key)


def left_behind(db: Session, desk: Desk, account: GatewayAccount, why: str) -> None:
    """The gateway does not let us take it away: a person has to. What it sends finds nobody here."""
    ask_a_person(
        db,
        desk,
        practice_id=account.practice_id,
        kind="webhook_left",
        about=account.endpoint_public_id,
        sentence=LEFT_BEHIND.format(name=PROVIDERS[account.provider], why=why),
    )


def _vault(desk: Desk) -> Vault:
    return cast(Vault, desk.vault)
