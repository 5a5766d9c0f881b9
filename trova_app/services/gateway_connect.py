"""A practice takes up a gateway account of its own: from then on its links go through that one, the open ones too."""

from typing import cast

from sqlmodel import Session

from trova_app.domain.permissions import Permission, Principal
from trova_app.services import gateway_accounts
from trova_app.services.gateway_accounts import PROVIDERS, account_for
from trova_app.services.payment_requests import close_requests_of
from trova_app.services.ports import Desk


def connect(db: Session, desk: Desk, who: Principal, *, provider: object, key: object, account_ref: str = "") -> str:
    """Stores a key that was tried at the gateway; what follows, as a sentence. Links that were asked for through the
    installation's gateway are closed there, and what is still due is asked for through the practice's own account; the
    letters' address stays the same. A new key for the account that is connected already leaves its links as they are:
    it can close them like the old one."""
    who.must(Permission.SETTINGS)
    is_new = account_for(db, who.practice_id, lock=True) is None
    gateway_accounts.connect(db, desk, who, provider=provider, key=key, account_ref=account_ref)
    moved = close_requests_of(db, desk, who.practice_id, None) if is_new else 0
    name = PROVIDERS[cast(str, provider)]
    if moved == 0:
        return f"{name} is connected."
    links = "One open payment link is" if moved == 1 else f"{moved} open payment links are"
    return f"{name} is connected. {links} being made anew there."
