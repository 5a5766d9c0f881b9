"""What the worker and the web routes reach outside: gateways, the mail server, the press. Chosen once from settings."""

import asyncio
import hashlib
import hmac
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from functools import cache, partial
from typing import Any, TypeVar, cast
from zoneinfo import ZoneInfo

from sqlmodel import Session

from trova_app.domain.calendars import CalendarTrouble, Fetched
from trova_app.domain.documents import DocumentContent
from trova_app.domain.gateways import Gateway, GatewayTrouble, WebhookSetUp
from trova_app.domain.imports import AppointmentRow, ParsedFile
from trova_app.domain.mail import OutgoingMail
from trova_app.domain.refusals import Refusal
from trova_app.models import GatewayAccount, PaymentRequest, ProviderEvent, WebhookEndpoint
from trova_app.services import gateway_accounts, kept_events, webhook_endpoints
from trova_app.services.gateway_accounts import Connection
from trova_app.services.ports import Desk
from trova_app.settings import Settings, settings

T = TypeVar("T")

_WAITED_FOR = ThreadPoolExecutor(8, thread_name_prefix="outside")
NOT_CONNECTED = "The payment gateway this was requested through is not connected any more."


async def asked_outside(call: Callable[..., T], *given: Any) -> T:
    """A call outside that a person waits for, in threads of its own: a gateway that says nothing keeps nobody else's
    act from its turn (docs/decisions/0015)."""
    return await asyncio.get_running_loop().run_in_executor(_WAITED_FOR, partial(call, *given))


def _no_calendars(_address: str, _etag: str, _modified: str) -> Fetched:
    raise CalendarTrouble("This installation reads no other calendars.", is_permanent=True)


def _read_calendar(text: str, zone: ZoneInfo, since: datetime, until: datetime) -> ParsedFile[AppointmentRow]:
    """Raises `CalendarTrouble` where the text is no calendar, or only a part of one. An empty one is one."""
    from trova_app.adapters.import_calendar import is_calendar, read_calendar
    from trova_app.adapters.import_tables import Unreadable

    if not is_calendar(text):
        raise CalendarTrouble("There is no calendar under this address. Copy it again from the other program.")
    if not text.rstrip().upper().endswith("END:VCALENDAR"):
        raise CalendarTrouble("The other calendar arrived only in part. We will try again.")
    if "BEGIN:VEVENT" not in text.upper():
        return ParsedFile((), ())
    try:
        return read_calendar(text, zone, since, until)
    except Unreadable as trouble:
        raise CalendarTrouble(str(trouble), is_permanent=True) from None


def _no_own_accounts(_connection: Connection) -> Gateway:
    raise GatewayTrouble(NOT_CONNECTED, is_permanent=True)


def _read_list(*given: Any) -> ParsedFile[Any]:
    from trova_app.adapters.import_files import read_list

    return read_list(*given)


@dataclass(frozen=True)
class Outside:
    """`gateways` are the installation's own by name; `connect` makes the one of a practice's own account. `send` is
    None where no mail server is set: letters are then kept in the Outbox. `endpoint_key` makes the names and secrets of
    webhook endpoints, `stripe_secret` is what Stripe signs with ("" while there is none)."""

    gateways: dict[str, Gateway]
    print_pdf: Callable[[DocumentContent], bytes]
    print_png: Callable[[DocumentContent], bytes]
    send: Callable[[OutgoingMail], Awaitable[None]] | None
    mail_from: str
    endpoint_key: bytes
    stripe_secret: str = ""
    connect: Callable[[Connection], Gateway] = _no_own_accounts
    read_list: Callable[..., ParsedFile[Any]] = _read_list
    fetch_calendar: Callable[[str, str, str], Fetched] = _no_calendars
    read_calendar: Callable[[str, ZoneInfo, datetime, datetime], ParsedFile[AppointmentRow]] = _read_calendar

    def gateway(self, provider: str) -> Gateway:
        """The installation's own. Raises `GatewayTrouble` where that provider is not connected."""
        if provider not in self.gateways:
            raise GatewayTrouble(NOT_CONNECTED, is_permanent=True, is_lost=True)
        return self.gateways[provider]

    def gateway_of(self, db: Session, desk: Desk, request: PaymentRequest) -> Gateway:
        """The gateway a payment was requested through, also where the practice has disconnected it since. Raises
        `GatewayTrouble`."""
        account = gateway_accounts.account_of_request(db, request)
        return self.gateway(request.provider) if account is None else self.gateway_through(desk, account)

    def mark_of(self, db: Session, request: PaymentRequest) -> str:
        """Under which key `gateway_of` asks: two keys never have the same mark. `NO_KEY` where there is none."""
        account = gateway_accounts.account_of_request(db, request)
        if account is not None:
            return gateway_accounts.own_mark(account)
        gateway = self.gateways.get(request.provider)
        return gateway.key_mark if gateway else gateway_accounts.NO_KEY

    def gateway_that_told(self, db: Session, desk: Desk, event: ProviderEvent) -> Gateway:
        """The gateway that knows what an event is about: the account connected by now of the practice that was told
        (the key of the request may have been renewed since), else the one the request it names went through, else the
        installation's. Raises `GatewayTrouble`."""
        told = gateway_accounts.account_for(db, event.through) if event.through is not None else None
        if told is not None and told.provider == event.provider:
            return self.gateway_through(desk, told)
        request = kept_events.request_of(db, event)
        return self.gateway(event.provider) if request is None else self.gateway_of(db, desk, request)

    def gateway_through(self, desk: Desk, account: GatewayAccount) -> Gateway:
        """Raises `GatewayTrouble` where its key is gone or does not open."""
        if desk.vault is None:
            raise GatewayTrouble(NOT_CONNECTED, is_permanent=True)
        try:
            return self.connect(gateway_accounts.connection(desk.vault, account))
        except Refusal as refusal:
            raise GatewayTrouble(refusal.sentence, is_permanent=True, is_lost=not account.key_encrypted) from None

    def set_up_of(self, desk: Desk, account: GatewayAccount) -> WebhookSetUp:
        """The same, of a provider that is told by its API where to send its events."""
        return cast(WebhookSetUp, self.gateway_through(desk, account))

    def endpoint(self, db: Session, provider: str) -> WebhookEndpoint:
        """This installation's webhook endpoint for a provider, made on first need."""
        public_id = self._derived(f"{provider} endpoint")[:32]
        secret = self._derived(f"{provider} secret") if provider == "simulated" else ""
        return webhook_endpoints.make_endpoint(db, provider, public_id, secret)

    def secrets(self, desk: Desk, endpoint: WebhookEndpoint) -> tuple[str, ...]:
        """What may have signed an event for this endpoint: two while one replaces another (comma-separated in the
        setting). Raises `Refusal` where a stored one does not open."""
        if endpoint.practice_id is not None:
            return gateway_accounts.secrets_of(desk.vault, endpoint, desk.now()) if desk.vault else ()
        if endpoint.provider == "stripe":
            return tuple(part.strip() for part in self.stripe_secret.split(",") if part.strip())
        return tuple(secret for secret in (endpoint.secret, endpoint.earlier_secret) if secret)

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
        connect=partial(_connected, chosen),
        fetch_calendar=_calendars(chosen),
    )


def _calendars(chosen: Settings) -> Callable[[str, str, str], Fetched]:
    from trova_app.adapters.fetch_calendar import fetch

    return partial(fetch, allows_private=chosen.private_calendars and chosen.mode != "live")


def _connected(chosen: Settings, held: Connection) -> Gateway:
    from trova_app.own_gateways import gateway_with

    return gateway_with(chosen, held.provider, held.key, held.account_ref)


def _gateways(chosen: Settings) -> dict[str, Gateway]:
    gateways: dict[str, Gateway] = {}
    if chosen.mode != "live":
        from trova_app.adapters.simulated import SimulatedGateway

        gateways["simulated"] = SimulatedGateway(chosen.origin, chosen.mode)
    key = chosen.stripe_api_key.get_secret_value()
    if key and ("_live_" in key) == (chosen.mode == "live"):
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
