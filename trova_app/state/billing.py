"""The Billing section: invoices, payments and refunds."""

from collections.abc import Mapping
from typing import Any

import reflex as rx

from trova_app import routes
from trova_app.domain.invoices import Label
from trova_app.services import billing_lists
from trova_app.services.billing_lists import InvoiceRow, PaymentRow, RefundRow
from trova_app.state.live import Live
from trova_app.state.marks import handler, restores
from trova_app.wiring import ask

PAGE = 50
MOST = 200
TABS = ("invoices", "payments", "refunds")


class Billing(rx.State):
    tab: str = ""
    counts: dict[str, int] = {}
    invoices: list[InvoiceRow] = []
    payments: list[PaymentRow] = []
    refunds: list[RefundRow] = []
    search: str = ""
    status: str = ""
    has_more: bool = False
    is_ready: bool = False
    _after: str = ""
    _version: int = -1

    @handler
    async def load(self) -> None:
        await self._open(self.router.url.query_parameters.get("tab"))

    @handler
    async def look_for(self, words: str) -> None:
        self.search = str(words)[:200]
        await self._read(PAGE)

    @handler
    async def choose_status(self, label: str) -> None:
        self.status = str(label) if label in set(Label) else ""
        await self._read(PAGE)

    @handler
    async def show_more(self) -> None:
        if not self._after:  # pressed twice at the end
            return
        if self.tab == "invoices":
            page = await ask(
                billing_lists.invoices, search=self.search, status=self.status, after=self._after, limit=PAGE
            )
            self.invoices = [*self.invoices, *page.rows]
        elif self.tab == "payments":
            page = await ask(billing_lists.payments, search=self.search, after=self._after, limit=PAGE)
            self.payments = [*self.payments, *page.rows]
        else:
            page = await ask(billing_lists.refunds, search=self.search, after=self._after, limit=PAGE)
            self.refunds = [*self.refunds, *page.rows]
        self._after, self.has_more = page.next_after, bool(page.next_after)

    @handler(quiet=True)
    async def refresh(self) -> None:
        live = await self.get_state(Live)
        if self.is_ready and live.version != self._version:
            await self._read(max(PAGE, min(len(self.invoices or self.payments or self.refunds), MOST)))

    async def _open(self, tab: object) -> None:
        self.tab = str(tab) if tab in TABS else TABS[0]
        await self._read(PAGE)

    async def _read(self, limit: int) -> None:
        """Only the chosen tab's rows stay in the page."""
        self._version = (await self.get_state(Live)).version
        counted = await ask(billing_lists.counts)
        self.counts = {"invoices": counted.invoices, "payments": counted.payments, "refunds": counted.refunds}
        rows: dict[str, list[Any]] = dict.fromkeys(TABS, [])
        self._after = ""
        if self.tab == "invoices":
            page = await ask(billing_lists.invoices, search=self.search, status=self.status, limit=limit)
            rows["invoices"], self._after = list(page.rows), page.next_after
        elif self.tab == "payments":
            paid = await ask(billing_lists.payments, search=self.search, limit=limit)
            rows["payments"], self._after = list(paid.rows), paid.next_after
        else:
            given = await ask(billing_lists.refunds, search=self.search, limit=limit)
            rows["refunds"], self._after = list(given.rows), given.next_after
        self.invoices, self.payments, self.refunds = rows["invoices"], rows["payments"], rows["refunds"]
        self.has_more, self.is_ready = bool(self._after), True


@restores(routes.BILLING)
async def restore(root: Any, params: Mapping[str, Any], _secret: str) -> None:
    state = await root.get_state(Billing)
    await state._open(params.get("tab"))
