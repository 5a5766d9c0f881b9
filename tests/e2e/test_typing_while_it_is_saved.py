"""The database takes its time over a save: here another program has it to itself (SQLite)."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from playwright.sync_api import Page, expect

from tests.e2e.demo_app import DemoApp
from tests.e2e.stories import House, cell, choose, figure, open_form
from tests.e2e.typists import everything_is_kept, says

LONGER = 3_000  # ms; a save begins 2.5 s after the first key at the latest


@contextmanager
def saves_wait(served: DemoApp) -> Iterator[None]:
    with served.act() as (db, _):
        db.connection()  # begins, and so keeps out everybody else who writes
        yield


def a_saved_form(served: DemoApp, open_as: Callable[[str], Page]) -> tuple[House, int, Page]:
    house = House(served)
    page = open_as(house.owner)
    session = house.session()
    open_form(page, session)
    cell(page, "Unit price").fill("100")
    says(page, "Saved")
    return house, session, page


def type_into_the_save(page: Page) -> None:
    """The save of 200 is under way by the time 300 is typed."""
    cell(page, "Unit price").fill("200")
    page.wait_for_timeout(LONGER)
    cell(page, "Unit price").fill("300")


def is_answered(page: Page, total: str) -> None:
    expect(figure(page, "total")).to_have_text(total)
    expect(figure(page, "total")).to_have_attribute("data-state", "confirmed", timeout=3_000)


def nothing_was_asked(page: Page) -> None:
    expect(page.get_by_text("saved this form in the meantime")).to_have_count(0)
    expect(page.get_by_test_id("problem")).to_have_text("")


def test_keys_are_answered_while_the_form_is_being_saved(served, open_as) -> None:
    house, session, page = a_saved_form(served, open_as)
    with saves_wait(served):
        type_into_the_save(page)
        is_answered(page, "R 300,00")
        page.wait_for_timeout(LONGER)
        cell(page, "Unit price").fill("400")
        is_answered(page, "R 400,00")
        says(page, "Saving")
    everything_is_kept(house, session, page)
    nothing_was_asked(page)


def test_lines_come_and_go_while_the_form_is_being_saved(served, open_as) -> None:
    """These are saved before they are answered: the save under way first, then theirs."""
    house, session, page = a_saved_form(served, open_as)
    with saves_wait(served):
        type_into_the_save(page)
        page.get_by_role("button", name="Duplicate line 1").click()
        page.wait_for_timeout(300)
    is_answered(page, "R 600,00")
    cell(page, "Unit price", 2).fill("50")
    is_answered(page, "R 350,00")
    everything_is_kept(house, session, page)
    nothing_was_asked(page)


def test_a_page_loaded_anew_while_its_form_is_being_saved_has_everything(served, open_as) -> None:
    house, session, page = a_saved_form(served, open_as)
    with saves_wait(served):
        type_into_the_save(page)
        is_answered(page, "R 300,00")
        page.on("dialog", lambda dialog: dialog.accept())
        page.reload()
        page.wait_for_timeout(300)
    expect(cell(page, "Unit price")).to_have_value("300")
    everything_is_kept(house, session, page)
    nothing_was_asked(page)


def test_a_session_finished_while_its_form_is_being_saved_is_billed_as_typed(served, open_as) -> None:
    _house, _session, page = a_saved_form(served, open_as)
    choose(page, "Other")
    says(page, "Saved")
    with saves_wait(served):
        type_into_the_save(page)
        is_answered(page, "R 300,00")
        page.get_by_role("button", name="Send Receipt").click()
        page.wait_for_timeout(300)
    expect(page).to_have_url(re.compile("/billing/"))
    expect(page.get_by_text("R 300,00").first).to_be_visible()
