"""Payment without a provider: the "link" is our own page with the practice's bank details and the invoice's number.

Nothing is asked of anybody and nothing is ever told: what arrives at the bank a person records, and gives back by hand.
"""

from datetime import datetime

from trova_app.domain.gateways import (
    BadEvent,
    Capabilities,
    Closed,
    Fact,
    GatewayEvent,
    GatewayTrouble,
    LinkRef,
    LinkSpec,
    OpenedLink,
    Page,
    RefundFact,
    RefundSpec,
)

BY_HAND = "This was paid by hand, so give it back by hand and record it."


class ManualPayments:
    """Our page shows what is due at this moment, so an old link asks for nothing that is not owed."""

    name = "manual"
    account_ref = ""
    is_live = False
    signature_header = ""
    key_mark = ""
    capabilities = Capabilities(refunds=False, partial_refunds=False, list_payments=False)

    def open(self, spec: LinkSpec) -> OpenedLink:
        return OpenedLink(f"manual_{spec.request_uuid}", "")

    def open_again(self, spec: LinkSpec, *, is_last_look: bool) -> OpenedLink:
        return self.open(spec)

    def find(self, request_uuid: str) -> OpenedLink | None:
        return None

    def close(self, link: LinkRef) -> Closed:
        return Closed()

    def read(self, link: LinkRef) -> list[Fact]:
        return []

    def read_payment(self, provider_payment_id: str) -> list[Fact]:
        return []

    def list_facts(self, since: datetime, cursor: str | None) -> Page:
        return Page((), None, None)

    def refund(self, spec: RefundSpec) -> RefundFact:
        raise GatewayTrouble(BY_HAND, is_permanent=True)

    def parse_event(self, raw: bytes, header: str, secrets: tuple[str, ...], now: datetime) -> GatewayEvent:
        raise BadEvent("nobody reports here")

    def facts_of(self, body: str) -> list[Fact]:
        return []

    def must_be_read(self, body: str) -> str:
        return ""
