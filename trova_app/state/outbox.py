"""What must leave the building and has not yet, and the letters that did."""

import reflex as rx

from trova_app.domain.refusals import Refusal
from trova_app.services import outbox_page, sent_mail
from trova_app.services.outbox_page import WaitingRow
from trova_app.services.sent_mail import LetterRow, LetterText
from trova_app.settings import settings
from trova_app.state.live import Live
from trova_app.state.marks import handler
from trova_app.wiring import act, ask

PAGE = 50
MOST = 200


class Outbox(rx.State):
    waiting: list[WaitingRow] = []
    letters: list[LetterRow] = []
    opened: LetterText | None = None
    problem: str = ""
    has_more: bool = False
    is_ready: bool = False
    stays_here: bool = False  # no mail leaves this installation
    _after: str = ""
    _version: int = -1

    @handler
    async def load(self) -> None:
        self.opened = None
        await self._read(PAGE)

    @handler(quiet=True)
    async def refresh(self) -> None:
        live = await self.get_state(Live)
        if self.is_ready and live.version != self._version:
            await self._read(max(PAGE, min(len(self.letters), MOST)))

    @handler(quiet=True)
    def leave(self) -> None:
        """No letter stays in a page that is no longer shown."""
        self.waiting, self.letters, self.opened, self.is_ready = [], [], None, False

    @handler
    async def show_more(self) -> None:
        if not self._after:  # pressed twice at the end
            return
        page = await ask(sent_mail.letters, after=self._after, limit=PAGE)
        self.letters = [*self.letters, *page.rows]
        self._after, self.has_more = page.next_after, bool(page.next_after)

    @handler
    async def retry(self, row_id: int) -> None:
        await act(outbox_page.try_again, row_id=row_id)
        await self._read(PAGE)

    @handler
    async def open_letter(self, mail_id: int) -> None:
        self.opened = await ask(sent_mail.letter, mail_id=mail_id)

    @handler
    def close_letter(self, is_open: bool) -> None:
        if is_open is not True:
            self.opened = None

    async def _read(self, limit: int) -> None:
        self._version = (await self.get_state(Live)).version
        chosen = settings()
        self.stays_here = chosen.mode == "demo" or not chosen.smtp_url.get_secret_value()
        try:
            self.waiting = list(await ask(outbox_page.waiting))
            page = await ask(sent_mail.letters, limit=limit)
        except Refusal as refusal:
            self.problem = refusal.sentence
            return
        self.letters, self.problem = list(page.rows), ""
        self._after, self.has_more, self.is_ready = page.next_after, bool(page.next_after), True
