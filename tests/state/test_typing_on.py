"""What is looked at while somebody types on: the sign-in and the pause."""

import asyncio
import time
from types import SimpleNamespace

import pytest

from trova_app.domain.permissions import Principal, Role
from trova_app.state import autosave, live


@pytest.fixture
def sighting(monkeypatch):
    now = time.monotonic()
    made = live.Sighting(Principal(1, 1, Role.OWNER, "Dr Naidoo"), now, now + live.LOOK_BY)
    monkeypatch.setattr(live, "SEEN", {"secret": made})
    return made


def test_a_save_that_went_through_is_as_good_as_a_look_at_the_sign_in(sighting):
    before = sighting.until
    live.has_saved("secret")
    assert before < sighting.until <= time.monotonic() + live.MOMENT


def test_the_saves_of_somebody_who_types_on_come_before_another_look_would():
    assert autosave.SAVE_BY + 2 * autosave.TOGETHER < live.MOMENT


def test_saves_do_not_put_the_look_off_that_notes_that_somebody_is_there(sighting):
    sighting.look_by = sighting.until + 0.1
    live.has_saved("secret")
    assert sighting.until == sighting.look_by


def test_a_save_lets_nobody_in_whose_sign_in_has_ended(sighting):
    live.SEEN.clear()
    live.has_saved("secret")
    assert live.SEEN == {}


@pytest.fixture
def soon(monkeypatch):
    monkeypatch.setattr(autosave, "PAUSE", 0.05)
    monkeypatch.setattr(autosave, "SAVE_BY", 0.2)


def test_a_pause_in_typing_is_told_from_typing_that_goes_on(soon, monkeypatch):
    async def typing() -> None:
        while True:
            autosave._typed_at["tab"] = time.monotonic()
            await asyncio.sleep(0)

    async def waited(goes_on: bool) -> bool:
        task = asyncio.create_task(typing() if goes_on else asyncio.sleep(0))
        try:
            return await autosave._pause_in_typing("tab")
        finally:
            task.cancel()

    monkeypatch.setattr(autosave, "_typed_at", {"tab": time.monotonic()})
    assert asyncio.run(waited(goes_on=True)) is False
    assert asyncio.run(waited(goes_on=False)) is True


class Page(SimpleNamespace):
    """What the form's state is to its saves while somebody types."""

    async def __aenter__(self):
        return self

    async def __aexit__(self, *_failure):
        return None

    def _begin_saving(self) -> None:
        pass

    async def _save(self, *, once: bool) -> bool:
        self.done.append("save")
        return True

    async def _keep_question(self) -> None:
        pass

    def _look_over(self) -> None:
        self.done.append("look")


def test_the_check_list_follows_each_save_of_somebody_who_types_on(monkeypatch):
    pauses = iter([False, False, True])

    async def pause(_tab: str) -> bool:
        return next(pauses)

    monkeypatch.setattr(autosave, "_pause_in_typing", pause)
    page = Page(done=[], conflict=[], _form="typed", _is_dirty=False, _is_refused=False)
    asyncio.run(autosave.Autosave.flush(page))
    assert page.done == ["save", "look"] * 3
