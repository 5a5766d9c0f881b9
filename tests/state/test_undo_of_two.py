"""Undo beside somebody else: their edits are taken in, and what can be undone here are one's own."""

import asyncio
from types import SimpleNamespace

import pytest

from tests.services.test_form_acts import a_form
from trova_app.services.forms import Form
from trova_app.services.history import History
from trova_app.services.working_copy import WorkingCopy
from trova_app.state.grid_acts import GridActs
from trova_app.state.two_people import TwoPeople


class Page(SimpleNamespace):
    """What the form's state is to undo and to another person's save."""

    _plain, _remember, _travel, _become = GridActs._plain, GridActs._remember, GridActs._travel, GridActs._become
    _show_lines, _draw_anew, _keep_steps = GridActs._show_lines, GridActs._draw_anew, GridActs._keep_steps
    _steps_with_theirs = TwoPeople._steps_with_theirs
    _join, _put_together, _take = TwoPeople._join, TwoPeople._put_together, TwoPeople._take
    _show_question, take_theirs = TwoPeople._show_question, TwoPeople.take_theirs

    def _leave_out(self, _done_there) -> None:
        pass

    def _draw(self) -> None:
        pass

    async def _restructured(self) -> None:
        pass

    async def _settle(self) -> None:
        self.conflict, self._theirs = [], None

    def type_(self, name: str, text: str) -> None:
        self._remember(name)
        self._form = self._form.with_text(name, text)

    def hear(self, form: Form) -> None:
        """Somebody else's save."""
        self._join(WorkingCopy(form, self._version + 1, None, "Dr Bongani Sithole"))

    def undo(self) -> None:
        asyncio.run(self._travel(back=True))

    def redo(self) -> None:
        asyncio.run(self._travel(back=False))


@pytest.fixture
def page():
    form = a_form("One", "Two")
    return Page(
        _form=form, _base=form, _theirs=None, _version=1, _rev=0, saved_rev=0, told="", conflict=[], saved="",
        conflict_with="", _touching=(), _is_dirty=False, _steps=(History(),), _stamps={}, fields_face=0, code_face=0,
        can_undo=False, can_redo=False,
    )  # fmt: skip


def texts(page: Page) -> list[str]:
    return [line.text for line in page._form.lines]


def test_another_persons_save_leaves_my_undo_and_my_redo(page):
    page.type_("text.1", "Mine")
    page.type_("qty.1", "3")
    page.undo()
    page.hear(page._base.with_text("text.2", "Theirs"))
    assert (page.can_undo, page.can_redo) == (True, True)
    page.redo()
    assert (texts(page), page._form.lines[0].qty) == (["Mine", "Theirs"], "3")
    page.undo()
    page.undo()
    assert texts(page) == ["One", "Theirs"]
    assert not page.can_undo


def test_their_text_over_mine_cannot_be_undone_here(page):
    page.type_("text.1", "Mine")
    page._base = page._form  # saved
    page.hear(page._form.with_text("text.1", "Theirs"))
    assert not page.can_undo
    page.undo()
    assert texts(page) == ["Theirs", "Two"]
    assert page.told == "There is nothing to undo any more."


def test_after_taking_theirs_the_steps_before_are_there(page):
    page.type_("text.2", "Mine")
    page.type_("text.1", "Mine")
    page.hear(page._base.with_text("text.1", "Theirs"))
    assert page.conflict
    asyncio.run(page.take_theirs())
    assert texts(page) == ["Theirs", "Mine"]
    page.undo()
    assert texts(page) == ["Theirs", "Two"]
    assert not page.can_undo


def test_an_act_the_page_has_posted_as_well_can_be_undone(page):
    """It is taken out of the page's form, and comes back with the saved one."""
    before = page._form
    made = before.with_new_line("0", "p0123456789ab")
    asyncio.run(page._become(made, ""))

    def leave_out(_keys):
        page._form = before

    page._leave_out = leave_out
    page.hear(made.with_text("text.2", "Theirs"))
    page.undo()
    assert texts(page) == ["One", "Theirs"]
