"""A practice leaves its gateway: no new link goes through it, the open ones are closed and refunds
under way are given back, then its key is forgotten."""

from sqlmodel import Session, col, select

from trova_app.domain.permissions import Permission, Principal
from trova_app.domain.refusals import Refusal
from trova_app.models import GatewayAccount
from trova_app.services.gateway_accounts import NOT_CONNECTED, PROVIDERS, account_for, end
from trova_app.services.payment_requests import close_requests_of, needs_key
from trova_app.services.ports import Desk


def disconnect(db: Session, desk: Desk, who: Principal) -> str:
    """What follows, as a sentence. The account ends first, so that what is still due gets its new link elsewhere."""
    who.must(Permission.SETTINGS)
    account = account_for(db, who.practice_id, lock=True)
    if account is None:
        raise Refusal(NOT_CONNECTED)
    end(db, desk, account)
    closing = close_requests_of(db, desk, who.practice_id, account)
    name = PROVIDERS[account.provider]
    if _forget(db, account):
        return f"{name} is disconnected and its key is forgotten."
    if closing == 0:
        return f"{name} is disconnected. A refund or a link there is not finished yet; the key is forgotten after that."
    links = "One open link is" if closing == 1 else f"{closing} open links are"
    return f"{name} is disconnected. {links} being closed there; the key is forgotten after that."


def forget_keys(db: Session) -> int:
    """Keys of accounts that were disconnected and are not needed any more; how many were forgotten."""
    query = select(GatewayAccount).where(
        col(GatewayAccount.disconnected_at).is_not(None), GatewayAccount.key_encrypted != ""
    )
    return sum(_forget(db, account) for account in db.exec(query))


def _forget(db: Session, account: GatewayAccount) -> bool:
    db.flush()
    if needs_key(db, account):
        return False
    account.key_encrypted = ""
    db.add(account)
    db.flush()
    return True
