"""What a payer sees. Nobody signs in here: the token in the address is the key."""

import asyncio

import reflex as rx

from trova_app.services.pay_page import PayPage, PayState, came_back, pay_page
from trova_app.state.marks import handler
from trova_app.wiring import unit_of_work

MAY_CHANGE = frozenset({PayState.PAYABLE, PayState.ON_ITS_WAY, PayState.PENDING, PayState.CONFIRMING})


def _read(token: object) -> PayPage:
    with unit_of_work(writes=False) as (db, desk):
        return pay_page(db, desk, token=token)


def _came_back(token: object) -> None:
    with unit_of_work() as (db, desk):
        came_back(db, desk, token=token)


class Payer(rx.State):
    page: PayPage | None = None
    key: str = ""  # the token again, for the links to the documents
    may_change: bool = False

    @handler(public=True)
    async def load(self) -> None:
        self.key = str(getattr(self, "token", ""))[:200]
        if "session" in self.router.url.query_parameters:
            await asyncio.to_thread(_came_back, self.key)
        await self._look()

    @handler(public=True, quiet=True)
    async def look_again(self) -> None:
        if self.key:
            await self._look()

    async def _look(self) -> None:
        self.page = await asyncio.to_thread(_read, self.key)
        self.may_change = self.page.state in MAY_CHANGE
