"""One sentence at a time to the person at the page: what was done, what came in, what is said when something broke."""

import re
import secrets
from functools import partial

import reflex as rx
import structlog
from reflex.event import EventSpec

from trova_app.domain.refusals import Refusal, SignedOut
from trova_app.logs import frames
from trova_app.services.ports import Desk
from trova_app.state import live
from trova_app.state.live import Live
from trova_app.state.marks import handler
from trova_app.wiring import on_commit

log = structlog.get_logger()

_REFERENCE = re.compile(r"[0-9a-f]{8}")


class Notices(rx.State):
    text: str = ""
    is_problem: bool = False
    _is_new: bool = False  # said on the way to the page that is now arrived at

    def _arrive(self) -> None:
        """A page has been opened: what was said on the way there stays, what was said before it goes."""
        if not self._is_new:
            self.text = ""
        self._is_new = False

    @handler(public=True)
    def dismiss(self) -> None:
        self.text = ""

    @handler(public=True)
    def refused(self, sentence: str) -> None:
        """A refusal nobody showed at its place."""
        self.text = str(sentence)[:300]
        self.is_problem = self._is_new = True

    @handler(public=True)
    def failed(self, reference: str) -> None:
        if _REFERENCE.fullmatch(str(reference)):
            self.text = (
                f"Something went wrong on our side. What you typed is kept. Please try again; reference {reference}."
            )
            self.is_problem = self._is_new = True


async def say(state: rx.State, sentence: str, *, is_problem: bool = False) -> None:
    """Shows `sentence` on the page `state` belongs to ("" takes the last one away)."""
    notices = await state.get_state(Notices)
    notices.text = sentence
    notices.is_problem = is_problem
    notices._is_new = True


# -- news, from whatever thread


async def _show(sentence: str, token: str) -> None:
    """What went wrong stays in front of what came in; the lists show that anyway."""
    app = live.app()
    assert app is not None
    async with app.modify_state(rx.BaseStateToken(ident=token, cls=Notices)) as root:
        notices = await root.get_state(Notices)
        if not (notices.text and notices.is_problem):
            notices.text, notices.is_problem = sentence, False


def _committed(desk: Desk) -> None:
    for practice_id, sentence in desk.news:
        live.soon(lambda to=practice_id, say=partial(_show, sentence): live.run(live.on_every_page(to, say)))


on_commit(_committed)


def backend_exception(exception: Exception) -> EventSpec:
    """Called by Reflex for what no handler caught. The exception's words stay on the server, and out of the log."""
    if isinstance(exception, SignedOut):
        return Live.leave()
    if isinstance(exception, Refusal):
        return Notices.refused(exception.sentence)
    reference = secrets.token_hex(4)
    log.error("incident", reference=reference, at=frames(exception))
    return Notices.failed(reference)
