"""The server is killed in the middle of an import, and again in the middle of taking it back."""

from datetime import UTC, datetime

import sqlalchemy as sa
from playwright.sync_api import Page, expect
from sqlmodel import func, select

from tests.e2e.conftest import CUT_OFF
from tests.e2e.stories import House, eventually, press
from tests.e2e.test_imports import clients_csv, outcomes, paste
from trova_app.models import Client, FileImport, Imported, ImportState, OutboxRow

MANY = 1000
COUNT = 1 + MANY  # the story's house has a client already


def how_many(house: House, table: type) -> int:
    return house.read(select(func.count()).select_from(table).where(table.practice_id == house.practice_id))[0]


def killed_in_the_middle(house: House, state: ImportState) -> int:
    """Of an import that is `state`; how many clients there were in the dark. Once the power is back, as much time has
    passed as a job is kept for a worker that says nothing."""
    query = select(FileImport).where(FileImport.practice_id == house.practice_id)
    eventually(lambda: house.read(query)[0], lambda row: row.state == state and 0 < row.done < row.total)
    house.served.kill()
    left = house.read(query)[0]
    assert (left.state, 0 < left.done < left.total) == (state, True)
    there = how_many(house, Client)
    with house.served.act() as (db, _desk):
        held = sa.update(OutboxRow).where(OutboxRow.done_at.is_(None), OutboxRow.leased_until.is_not(None))
        db.execute(held.values(leased_until=datetime.now(UTC)))
    house.served.start()
    return there


def sound(house: House) -> None:
    books = house.served.trova("check")
    assert books.returncode == 0, books.stdout + books.stderr


def begun(house: House, page: Page) -> None:
    page.goto("/import")
    paste(page, clients_csv(MANY))
    expect(outcomes(page)).to_contain_text(f"{MANY} new")
    press(page, f"Import {MANY} clients")


def test_an_import_goes_on_by_itself_after_a_power_cut_and_so_does_its_undoing(served, open_as, console) -> None:
    console.allow(*CUT_OFF)
    house = House(served)
    page = open_as(house.owner)
    begun(house, page)
    assert 1 < killed_in_the_middle(house, ImportState.RUNNING) < COUNT
    expect(outcomes(page)).to_contain_text(f"{MANY} imported")
    assert (how_many(house, Client), how_many(house, Imported)) == (COUNT, MANY)
    press(page, "Undo this import")
    press(page, "Undo the import")
    assert 1 < killed_in_the_middle(house, ImportState.UNDOING) < COUNT
    expect(page.get_by_text("Everything this import made and changed is taken back.")).to_be_visible()
    assert (how_many(house, Client), how_many(house, Imported)) == (1, 0)
    sound(house)
