"""Acts of a page: their keys are kept with the form once, they are done once whoever did them first, and they are taken
in with the texts in the order in which they were made."""

import asyncio
from dataclasses import replace
from types import SimpleNamespace

import pytest

from tests.services.test_form_acts import a_form, around  # noqa: F401
from trova_app.domain.refusals import ChangedElsewhere
from trova_app.services.form_acts import done
from trova_app.services.forms import Form, FormLine
from trova_app.services.merging import merge
from trova_app.services.working_copy import MOST_KEYS, with_keys
from trova_app.state import autosave
from trova_app.state.acts import MOST_IDLE, Acts
from trova_app.state.autosave import Autosave
from trova_app.state.unsaved import Unsaved


class Page(SimpleNamespace):
    """What the form's state is to acts and to saves."""

    _do, _do_again, _leave_out = Acts._do, Acts._do_again, Acts._leave_out
    _around, _put_before, _fill_again = Acts._around, Acts._put_before, Acts._fill_again
    _begin_saving, _save, _agree = Autosave._begin_saving, Autosave._save, Autosave._agree
    do, say_again = Acts.do, Unsaved.say_again

    def _plain(self) -> Form:
        return self._form

    def _is_news(self, rev: int) -> bool:
        return rev > self._rev

    def _count(self, rev: int) -> None:
        self._rev = rev

    async def _become(self, form: Form, _told: str) -> None:
        if form == self._form:
            return
        self._form, self._is_dirty = form, True
        await self._save()

    async def _catch_up(self) -> bool:
        copy = self.database.copy
        self._version = copy.version
        self._leave_out(copy.done_keys)
        self._form = merge(self._base, self._form, copy.form).form
        self._base = copy.form
        return True

    async def _hear_of_saving(self) -> None:
        pass

    async def _hear(self, told, _put) -> None:
        for name, text, _, _ in told:
            self._form = self._form.with_text(name, text)

    def _hear_press(self, _pressed) -> None:
        pass

    def _draw_anew(self, _before: Form, _after: Form) -> None:
        pass

    def _draw(self) -> None:
        pass

    def _save_soon(self) -> None:
        pass


class Database:
    def __init__(self, form: Form) -> None:
        self.copy = SimpleNamespace(form=form, version=0, done_keys=())
        self.sent: list[tuple[str, ...]] = []

    async def save(self, _service, *, version, form, done_keys, **_given):
        if version != self.copy.version:
            raise ChangedElsewhere("Somebody saved this form in the meantime.")
        self.sent.append(done_keys)
        keys = with_keys(" ".join(self.copy.done_keys), done_keys)
        self.copy = SimpleNamespace(form=form, version=version + 1, done_keys=keys)
        return self.copy


@pytest.fixture
def page(monkeypatch, around):  # noqa: F811
    form = a_form("One", "Two")
    database = Database(form)
    monkeypatch.setattr(autosave, "act_together", database.save)
    monkeypatch.setattr(autosave, "_writing", {})
    return Page(
        database=database, _form=form, _base=form, _version=0, _id=1, _rev=0, saved_rev=0, told="", problem="",
        conflict=[], saved="", is_previewing=False, _is_dirty=False, _is_refused=False, _is_asking=False,
        _done_keys=(), _open_acts=(), _put=(), _known=(around.helps,), _standard_tax="0", charges_tax=True, _faults={},
        known_rev=0, structure=0, idle_acts="",
    )  # fmt: skip


def texts(form: Form) -> list[str]:
    return [line.text for line in form.lines]


def test_a_key_is_sent_with_the_form_that_has_its_act_in_it_and_not_again(page):
    async def story():
        await page._do("duplicate", ["1"], "key0000001")
        await page._do("duplicate", ["1"], "key0000002")
        page._form, page._is_dirty = page._form.with_text("text.2", "Three"), True
        await page._save()

    asyncio.run(story())
    assert page.database.sent == [("key0000001",), ("key0000002",), ()]
    assert page.database.copy.done_keys == ("key0000001", "key0000002")


def test_a_block_said_again_covers_nobodys_text_and_is_asked_about(page):
    """The page knew "One" there; somebody else has written "Theirs" meanwhile."""
    page._form = page._base = page._form.with_text("text.1", "Theirs")
    heard = []

    async def hear(told, _put) -> None:
        heard.extend(told)

    page._hear = hear
    had = [["text.1", "One"], ["text.2", "Two"], ["qty.1", "1"], ["qty.2", "1"]]
    acts = [["paste", ["text.1", "Mine\t3\nTwo\t4\nNew\t5"], "key0000001", 1, had]]
    asyncio.run(page.say_again([], 1, acts, ""))
    assert [cell[:3] for cell in heard] == [("text.1", "Mine", "One"), ("qty.1", "3", "1"), ("qty.2", "4", "1")]
    assert texts(page._form) == ["Theirs", "Two", "New"]
    assert "key0000001" in page.database.copy.done_keys


def test_old_keys_of_mine_do_not_push_out_another_persons(page):
    theirs = tuple(f"theirs{n:04d}" for n in range(MOST_KEYS))
    page._done_keys = tuple(f"mine{n:06d}" for n in range(MOST_KEYS))
    page.database.copy.done_keys = theirs
    asyncio.run(page._do("duplicate", ["1"], "key0000001"))
    assert page.database.copy.done_keys == (*theirs[1:], "key0000001")


def test_a_key_that_could_not_be_saved_goes_with_the_next_save(page, monkeypatch):
    async def fails(*_service, **_given):
        raise OSError

    async def story():
        with monkeypatch.context() as away:
            away.setattr(autosave, "act_together", fails)
            await page._do("duplicate", ["1"], "key0000001")
        await page._save()

    asyncio.run(story())
    assert page.database.sent == [("key0000001",)]


@pytest.mark.parametrize("is_away", [False, True])
def test_an_act_that_the_page_has_posted_as_well_is_done_once(page, around, monkeypatch, is_away):  # noqa: F811
    """Before it came here over the page's line, or while what was done here could not be saved. Somebody else has saved
    the form as well, so the line has another id there."""

    def is_posted():
        theirs = page._base.with_line(FormLine("", text="Theirs"))
        made = done(theirs, "duplicate", ["1"], around).form
        page.database.copy = SimpleNamespace(form=made, version=1, done_keys=("key0000001",))

    async def fails(*_service, **_given):
        raise OSError

    async def story():
        if not is_away:
            is_posted()
        with monkeypatch.context() as away:
            if is_away:
                away.setattr(autosave, "act_together", fails)
            await page._do("duplicate", ["1"], "key0000001")
        if is_away:
            page._form = page._form.with_text("text.2", "Two, and more")
            is_posted()
            await page._save()
        await page._do("duplicate", ["1"], "key0000001")

    asyncio.run(story())
    assert texts(page._form) == ["One", "One", "Two, and more" if is_away else "Two", "Theirs"]
    assert page._open_acts == ()


def test_texts_and_acts_told_out_of_order_are_taken_in_by_their_place(page):
    acts = [["duplicate", ["2"], "key0000002", 4], ["duplicate", ["1"], "key0000001", 2]]
    cells = [["text.2", "b", None, 5], ["text.2", "a", None, 3], ["text.1", "1", None, 1]]
    asyncio.run(page.say_again(cells, 5, acts, ""))
    assert texts(page._form) == ["1", "1", "b", "a"]
    assert page._rev == 5


def test_an_act_on_a_line_that_is_gone_by_the_time_it_is_said_says_so_and_the_others_are_done(page):
    page._form = page._base = replace(page._form, lines=page._form.lines[1:])
    acts = [["duplicate", ["1"], "key0000001", 1], ["duplicate", ["2"], "key0000002", 2]]
    asyncio.run(page.say_again([], 2, acts, ""))
    assert texts(page._form) == ["Two", "Two"]
    assert page.told == "That line is not on this form any more. Nothing was done to it."


def test_an_act_that_could_not_be_done_is_not_told_to_be_saved_and_is_done_when_it_is_said_again(page, around):  # noqa: F811
    """What is asked of the database first may fail; a page whose helps were not there reads them now."""
    page._known, page._rev = (), 0

    async def fails() -> None:
        raise OSError

    async def reads() -> None:
        page._known = (around.helps,)

    async def story() -> None:
        page._fetch_helps = fails
        with pytest.raises(OSError):
            await page.do("duplicate", ["1"], "key0000001", 1)
        assert (page.saved_rev, page._done_keys, texts(page._form)) == (0, (), ["One", "Two"])
        page._fetch_helps = reads
        await page.say_again([], 1, [["duplicate", ["1"], "key0000001", 1]], "")

    asyncio.run(story())
    assert texts(page._form) == ["One", "One", "Two"]


def test_what_changes_nothing_is_no_open_act(page):
    """A key held down: the keys of a form have room for so many."""
    for n in range(3):
        asyncio.run(page.do("move", ["1", -1], f"key000000{n}", n + 1))
    assert (page._open_acts, page.saved_rev) == ((), 3)


def test_while_a_question_is_open_the_page_hears_which_acts_changed_nothing(page):
    """They wait for no save, and are not to be posted: upon the other's form they might do something."""

    async def story() -> None:
        page._is_dirty, page.conflict = True, ["asked"]
        await page.do("move", ["1", -1], "key0000001", 1)
        await page.do("duplicate", ["7"], "key0000002", 2)
        await page.do("duplicate", ["1"], "key0000003", 3)

    asyncio.run(story())
    assert page.idle_acts == "key0000001 key0000002"
    assert [act.key for act in page._open_acts] == ["key0000003"]


def test_only_the_latest_of_them_are_told(page):
    page._is_dirty, page.conflict = True, ["asked"]
    for n in range(MOST_IDLE + 5):
        asyncio.run(page.do("move", ["1", -1], f"key{n:07d}", n + 1))
    assert len(page.idle_acts.split()) == MOST_IDLE
    assert page.idle_acts.endswith(f"key{MOST_IDLE + 4:07d}")
