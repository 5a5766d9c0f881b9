"""What is done to a client's record as a whole: put away, merged, told apart. Mixed into `ClientPage`."""

from typing import TYPE_CHECKING, Any

import reflex as rx

from trova_app.domain.refusals import Refusal
from trova_app.services import clients
from trova_app.services.clients import Alike, ClientProfile, ClientRow
from trova_app.state.marks import handler
from trova_app.state.notices import say
from trova_app.wiring import act, ask

MOST_FOUND = 6


class ClientRecord(rx.State, mixin=True):
    """`asking`: the question in front of the page, "merge" or "". `other`: who is to become part of this client."""

    asking: str = ""
    others: list[ClientRow] = []
    other: Alike | None = None
    question_fault: str = ""

    if TYPE_CHECKING:  # what `ClientPage` has
        shown: ClientProfile | None

        async def _read(self) -> None: ...

    @handler
    async def archive(self) -> None:
        await self._put(clients.archive)

    @handler
    async def bring_back(self) -> None:
        await self._put(clients.bring_back)

    @handler
    def ask_merge(self) -> None:
        self._shut_questions()
        self.asking = "merge" if self.shown and self.shown.may_merge else ""

    @handler
    def close_question(self, is_open: bool) -> None:
        if is_open is not True:
            self._shut_questions()

    @handler
    async def find_other(self, words: str) -> None:
        """Another client to merge with, by the list's own search."""
        if not self.shown:
            return
        page = await ask(clients.list_clients, search=words, limit=MOST_FOUND + 1)
        self.others = [row for row in page.rows if row.id != self.shown.id][:MOST_FOUND] if str(words).strip() else []

    @handler
    async def choose_other(self, client_id: int) -> None:
        if not self.shown or not self.shown.may_merge:
            return
        self.asking, self.question_fault = "merge", ""
        self.other = await ask(clients.one_of_two, client_id=client_id)

    @handler
    async def merge(self) -> None:
        if not self.shown or not self.other:
            return
        try:
            await act(clients.merge, client_id=self.shown.id, other_id=self.other.id)
        except Refusal as refusal:
            self.question_fault = refusal.sentence
            return
        self._shut_questions()
        await self._read()

    @handler
    async def undo_merge(self, merge_id: int) -> None:
        await self._put(clients.undo_merge, merge_id=merge_id)

    @handler
    async def tell_apart(self, other_id: int) -> None:
        if self.shown:
            await act(clients.tell_apart, client_id=self.shown.id, other_id=other_id)
            await self._read()

    async def _put(self, service: Any, **kw: object) -> None:
        if not self.shown:
            return
        given = kw or {"client_id": self.shown.id}
        try:
            await act(service, **given)
        except Refusal as refusal:
            await say(self, refusal.sentence, is_problem=True)
        await self._read()

    def _shut_questions(self) -> None:
        self.asking, self.others, self.other, self.question_fault = "", [], None, ""
