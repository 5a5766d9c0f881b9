"""Undo beside somebody else: their edits are taken in, and what can be undone here are one's own."""

import asyncio
import threading
from types import SimpleNamespace

import pytest
import reflex as rx
from sqlmodel import select

from tests import builders as a
from tests.services.test_form_acts import a_form
from trova_app import wiring
from trova_app.domain.lines import shown
from trova_app.models import Invoice, Member
from trova_app.services import billing
from trova_app.services.forms import Form
from trova_app.services.history import History
from trova_app.services.sign_in import open_sign_in
from trova_app.services.working_copy import WorkingCopy, find_case, working_copy
from trova_app.state.completion import Completion
from trova_app.state.grid_acts import GridActs
from trova_app.state.two_people import TwoPeople
from trova_app.trova_app import app

assert app, "every state is registered"


class Page(SimpleNamespace):
    """What the form's state is to undo and to another person's save."""

    _plain, _remember, _travel, _become = GridActs._plain, GridActs._remember, GridActs._travel, GridActs._become
    _show_lines, _draw_anew, _keep_steps = GridActs._show_lines, GridActs._draw_anew, GridActs._keep_steps
    _steps_with_theirs, _renew_steps = TwoPeople._steps_with_theirs, TwoPeople._renew_steps
    _join, _put_together, _take = TwoPeople._join, TwoPeople._put_together, TwoPeople._take
    _show_question, take_theirs, keep_mine = TwoPeople._show_question, TwoPeople.take_theirs, TwoPeople.keep_mine

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
        asyncio.run(self._join(WorkingCopy(form, self._version + 1, None, "Dr Bongani Sithole")))

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


def test_after_keeping_mine_undo_leads_to_theirs(page):
    page.type_("text.1", "Mine")
    page.type_("text.2", "Mine")
    page.hear(page._base.with_text("text.1", "Theirs"))
    assert page.conflict
    asyncio.run(page.keep_mine())
    page.undo()
    assert texts(page) == ["Mine", "Two"]
    page.undo()
    assert texts(page) == ["Theirs", "Two"]
    assert not page.can_undo
    page.redo()
    assert texts(page) == ["Mine", "Two"]


def test_steps_are_put_together_beside_the_event_loop(page, monkeypatch):
    """Another person's save comes to everybody who has the form open; it must not hold up anybody's keys."""
    on, with_theirs = [], History.with_theirs
    monkeypatch.setattr(
        History, "with_theirs", lambda *given: (on.append(threading.current_thread()), with_theirs(*given))[1]
    )
    page.type_("text.1", "Mine")
    page.hear(page._base.with_text("text.2", "Theirs"))
    assert on and threading.main_thread() not in on
    assert page.can_undo


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


def test_a_form_that_was_gone_and_came_back_begins_its_steps_anew(database, monkeypatch):
    """Finished by somebody else, and opened again as its document was voided: what stands there now is theirs."""
    monkeypatch.setattr(wiring, "engine", lambda: database.engine)
    monkeypatch.setattr(wiring, "clock", lambda: database.clock)
    with database.act() as (db, desk):
        practice = a.a_practice(db)
        member, client = a.a_member(db, practice), a.a_client(db, practice)
        them = a.principal(a.a_member(db, practice, email="sithole@example.test", name="Dr Bongani Sithole"))
        session = a.an_appointment(db, client, a.a_service(db, practice), member).id
        secret = desk.new_token()
        open_sign_in(db, desk.now(), db.get_one(Member, member.id), secret)
    wiring.SIGN_IN.set(secret)
    page = asyncio.run(rx.State(_reflex_internal_init=True).get_state(Completion))
    asyncio.run(page._read(session))
    page._remember("price.1")
    page._form, page._is_dirty = page._form.with_text("price.1", "700"), True
    assert asyncio.run(page._save())
    with database.act() as (db, desk):
        copy = working_copy(db, desk, find_case(db, them, session))
        form = copy.form.with_text("price.1", "900").with_text("payment_type", "other")
        billing.save_form(db, desk, them, appointment_id=session, version=copy.version, form=form)
    with database.act() as (db, desk):
        copy = working_copy(db, desk, case := find_case(db, them, session))
        submitted = dict(copy.form.pairs())
        seen = dict(shown(case.rules.pairs() + list(submitted.items())))["total"]
        of_it = {"appointment_id": session, "version": copy.version, "submitted": submitted, "seen": seen}
        billing.finish(db, desk, them, act="send_invoice", **of_it)
    asyncio.run(page._catch_up())
    assert page._form is None
    with database.act() as (db, desk):
        billing.void_invoice(db, desk, them, invoice_id=db.exec(select(Invoice.id)).one(), reason="Twice")
    asyncio.run(page._read(session))
    assert (page._form.lines[0].price, page.can_undo) == ("900,00", False)
    page._remember("text.1")
    page._form = page._form.with_text("text.1", "Words")
    for _ in range(2):
        asyncio.run(page._travel(back=True))
    assert page._form.lines[0].price == "900,00"
