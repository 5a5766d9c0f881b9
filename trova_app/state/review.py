"""What waits for a person's decision, on the Billing page."""

from collections.abc import Mapping
from typing import Any

import reflex as rx

from trova_app import routes
from trova_app.domain.refusals import ChangedElsewhere, NotFound, Refusal
from trova_app.services import review
from trova_app.services.review import ReviewText
from trova_app.state.faults import faults_of
from trova_app.state.live import Live
from trova_app.state.marks import handler, restores
from trova_app.wiring import act, ask


class Review(rx.State):
    items: list[ReviewText] = []
    count: int = 0  # of all that wait; `items` may be the first of them
    chosen: ReviewText | None = None
    asking: str = ""  # the decision in front of the page: apply, count, refund, ignore or ""
    faults: dict[str, str] = {}
    done: str = ""  # what was just decided, in a sentence
    _version: int = -1

    @handler
    async def load(self) -> None:
        self.chosen, self.asking, self.faults, self.done = None, "", {}, ""
        await self._read()

    @handler(quiet=True)
    async def refresh(self) -> None:
        live = await self.get_state(Live)
        if live.version != self._version:
            await self._read()

    @handler
    def question(self, item_id: int, decision: str) -> None:
        self.chosen = next((item for item in self.items if item.id == item_id), None)
        self.asking = decision if self.chosen and decision in self.chosen.decisions else ""
        self.faults, self.done = {}, ""

    @handler
    def close_question(self, is_open: bool) -> None:
        if is_open is not True:
            self.asking, self.faults = "", {}

    @handler
    async def decide(self, form: dict[str, Any]) -> None:
        """Only what stands in front of the page, so that a second press of its button does nothing."""
        if self.chosen is None or not self.asking:
            return
        names = ("invoice_id", "reason", "way")
        given = {name: form.get(name, "") for name in names} if isinstance(form, Mapping) else {}
        try:
            resolved = await act(review.resolve, item_id=self.chosen.id, decision=self.asking, **given)
        except (ChangedElsewhere, NotFound) as refusal:
            self.asking, self.faults, self.done = "", {}, refusal.sentence
        except Refusal as refusal:
            self.faults = faults_of(refusal)
            return
        else:
            self.asking, self.faults, self.done = "", {}, resolved.sentence
        await self._read()

    async def _read(self) -> None:
        self._version = (await self.get_state(Live)).version
        self.items = list(await ask(review.open_items))
        self.count = await ask(review.how_many) if len(self.items) == review.MOST else len(self.items)


@restores(routes.BILLING)
async def restore(root: Any, _params: Mapping[str, Any], _secret: str) -> None:
    state = await root.get_state(Review)
    await state._read()
