"""Who a cookie is, without taking the question for a sign of life."""

from trova_app.domain.permissions import Principal
from trova_app.domain.refusals import SignedOut
from trova_app.services import sign_in
from trova_app.wiring import unit_of_work


def who_quietly(secret: str) -> Principal | None:
    """`wiring.who_is` for what a page does by itself (connecting, asking again): an idle sign-in stays idle."""
    if not secret:
        return None
    try:
        with unit_of_work(writes=False) as (db, desk):
            return sign_in.principal_of(db, desk, secret)
    except SignedOut:
        return None
