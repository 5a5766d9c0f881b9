"""What the worker and the web routes reach outside: gateways, the mail server, the press. Chosen once from settings."""

import hashlib
import hmac
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import cache

from sqlmodel import Session

from trova_app.domain.documents import DocumentContent
from trova_app.domain.gateways import Gateway, GatewayTrouble
from trova_app.domain.mail import OutgoingMail
from trova_app.models import WebhookEndpoint
from trova_app.services import provider_events
from trova_app.settings import Settings, settings

NOT_CONNECTED = "The payment gateway this was requested through is not connected any more."


@dataclass(frozen=True)
class Outside:
    """`send` is None where no mail server is set: letters are then kept in the Outbox. `endpoint_key` makes the names
    and secrets of webhook endpoints, `stripe_secret` is what Stripe signs with ("" while there is none)."""

    gateways: dict[str, Gateway]
    print_pdf: Callable[[DocumentContent], bytes]
    print_png: Callable[[DocumentContent], bytes]
    send: Callable[[OutgoingMail], Awaitable[None]] | None
    mail_from: str
    endpoint_key: bytes
    stripe_secret: str = ""

    def gateway(self, provider: str) -> Gateway:
        """Raises `GatewayTrouble` where that provider is not connected."""
        if provider not in self.gateways:
            raise GatewayTrouble(NOT_CONNECTED, is_permanent=True)
        return self.gateways[provider]

    def endpoint(self, db: Session, provider: str) -> WebhookEndpoint:
        """This installation's webhook endpoint for a provider, made on first need."""
        public_id = self._derived(f"{provider} endpoint")[:32]
        secret = self._derived(f"{provider} secret") if provider == "simulated" else ""
        return provider_events.make_endpoint(db, provider, public_id, secret)

    def secrets(self, endpoint: WebhookEndpoint) -> tuple[str, ...]:
        """What may have signed an event for this endpoint. Stripe's are comma-separated while one replaces another."""
        if endpoint.provider == "stripe":
            return tuple(part.strip() for part in self.stripe_secret.split(",") if part.strip())
        return (endpoint.secret,) if endpoint.secret else ()

    def _derived(self, purpose: str) -> str:
        return hmac.new(self.endpoint_key, purpose.encode(), hashlib.sha256).hexdigest()


def outside_of(chosen: Settings) -> Outside:
    """The real ones, imported where they are needed: Stripe's client alone takes a third of a second."""
    from trova_app.adapters.pdf import TypstPress

    press = TypstPress()
    return Outside(
        gateways=_gateways(chosen),
        print_pdf=press.pdf,
        print_png=press.png,
        send=_sender(chosen),
        mail_from=chosen.mail_from,
        endpoint_key=chosen.key(),
        stripe_secret=chosen.stripe_webhook_secret.get_secret_value(),
    )


def _gateways(chosen: Settings) -> dict[str, Gateway]:
    gateways: dict[str, Gateway] = {}
    if chosen.mode != "live":
        from trova_app.adapters.simulated import SimulatedGateway

        gateways["simulated"] = SimulatedGateway(chosen.origin, chosen.mode)
    key = chosen.stripe_api_key.get_secret_value()
    if key and "_live_" not in key:
        from trova_app.adapters.stripe_links import StripeLinks

        gateways["stripe"] = StripeLinks(key, chosen.stripe_api_base)
    return gateways


def _sender(chosen: Settings) -> Callable[[OutgoingMail], Awaitable[None]] | None:
    url = chosen.smtp_url.get_secret_value()
    if not url or chosen.mode == "demo":
        return None
    from trova_app.adapters.smtp_mail import SmtpMail

    return SmtpMail(url).send


@cache
def outside() -> Outside:
    return outside_of(settings())
