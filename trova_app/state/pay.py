"""What a payer sees. Nobody signs in here: the token in the address is the key."""

import asyncio

import reflex as rx
import structlog

from trova_app.logs import frames
from trova_app.services.pay_page import PayPage, PayState, came_back, first_opened, note_opened, pay_page
from trova_app.state.marks import handler
from trova_app.wiring import SIGN_IN, unit_of_work, writing

log = structlog.get_logger()

MAY_CHANGE = frozenset(
    {
        PayState.PAYABLE,
        PayState.ON_ITS_WAY,
        PayState.PENDING,
        PayState.CONFIRMING,
        PayState.HELD_BACK,
        PayState.USED_UP,
        PayState.DRAFT,  # about to be issued
        PayState.VOID,  # about to be replaced
    }
)


def _read(token: object) -> PayPage:
    with unit_of_work(writes=False) as (db, desk):
        return pay_page(db, desk, token=token)


def _came_back(token: object) -> None:
    with unit_of_work() as (db, desk):
        came_back(db, desk, token=token)


def _note_opened(token: object) -> None:
    with unit_of_work(writes=False) as (db, desk):
        is_first = first_opened(db, desk, token=token) is not None
    if is_first:
        with unit_of_work() as (db, desk):
            note_opened(db, desk, token=token)


class Payer(rx.State):
    page: PayPage | None = None
    key: str = ""  # the token again, for the links to the documents
    may_change: bool = False

    @handler(public=True)
    async def load(self) -> None:
        self.key = str(getattr(self, "token", ""))[:200]
        if "session" in self.router.url.query_parameters:
            await writing(_came_back, self.key)
        await self._look()
        if not SIGN_IN.get():  # who works here and looks at it is no client
            await self._note_it()

    @handler(public=True, quiet=True)
    async def look_again(self) -> None:
        if self.key:
            await self._look()

    async def _note_it(self) -> None:
        """The page is shown whether it can be noted or not."""
        try:
            await writing(_note_opened, self.key)
        except Exception as failure:
            log.error("a look at a pay page could not be noted", at=frames(failure))

    async def _look(self) -> None:
        self.page = await asyncio.to_thread(_read, self.key)
        self.may_change = self.page.state in MAY_CHANGE
