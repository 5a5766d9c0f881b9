"""A save that is cut off while the database writes it."""

import asyncio
from types import SimpleNamespace

import pytest

from trova_app.state import autosave
from trova_app.state.autosave import Autosave

TAB = ""  # what a page is called where none has sent anything


class Page(SimpleNamespace):
    """What the form's state is to its save."""

    _begin_saving, _hear_of_saving = Autosave._begin_saving, Autosave._hear_of_saving
    _take_up, _save, _agree = Autosave._take_up, Autosave._save, Autosave._agree

    async def __aenter__(self):
        return self

    async def __aexit__(self, *_failure):
        return None


def a_page():
    return Page(
        _id=1, _version=4, _form="first", _base="none", _rev=7, _open_acts=(), _is_dirty=True, _is_refused=False,
        conflict=[], saved="", saved_rev=0, problem="", is_previewing=False,
    )  # fmt: skip


@pytest.fixture
def database(monkeypatch):
    """Takes its time over each save: until `done` is set."""
    done, given = asyncio.Event(), []

    async def act_together(_service, **kw):
        given.append(kw["form"])
        await done.wait()
        return SimpleNamespace(version=kw["version"] + 1, form=kw["form"])

    monkeypatch.setattr(autosave, "act_together", act_together)
    monkeypatch.setattr(autosave, "_writing", {})
    monkeypatch.setattr(autosave, "PAUSE", 0.0)
    return SimpleNamespace(done=done, given=given)


async def cut_off(page, database):
    """The page's save is cancelled once the database has begun."""
    saving = asyncio.create_task(Autosave.flush(page))
    while not database.given:
        await asyncio.sleep(0)
    await asyncio.sleep(0)
    saving.cancel()
    with pytest.raises(asyncio.CancelledError):
        await saving


async def rest():
    for _ in range(20):
        await asyncio.sleep(0)


def test_what_the_database_wrote_is_heard_of_though_nobody_types_on(database):
    async def story():
        page = a_page()
        await cut_off(page, database)
        database.done.set()
        await rest()
        assert autosave._writing == {} and autosave._flushed == set()
        assert (page._version, page._base, page.saved, page.saved_rev) == (5, "first", "Saved", 7)
        assert not page._is_dirty

    asyncio.run(story())


def test_what_is_typed_after_the_cut_is_saved_upon_what_was_written(database):
    async def story():
        page = a_page()
        await cut_off(page, database)
        page._form = "second"
        database.done.set()
        await rest()
        assert page._version == 5 and page._is_dirty
        await page._save()
        assert (page._version, page._base, page._is_dirty) == (6, "second", False)
        assert database.given == ["first", "second"]

    asyncio.run(story())


def test_a_page_that_cannot_be_reached_is_let_go(database):
    async def story():
        page = a_page()
        await cut_off(page, database)
        Page.__aenter__, before = _gone, Page.__aenter__
        try:
            database.done.set()
            await rest()
        finally:
            Page.__aenter__ = before
        assert autosave._writing == {}

    asyncio.run(story())


async def _gone(_page):
    raise RuntimeError("the page's state is gone")
