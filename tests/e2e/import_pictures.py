"""Imports as they are hard to come by: a list with every kind of fault, one that is kept, one that was taken back."""

from collections.abc import Callable, Iterator
from typing import TypeVar

from playwright.sync_api import Page
from sqlmodel import select

from tests.e2e.form_pictures import LONG
from tests.e2e.payers import owner_of
from tests.e2e.stories import House, eventually
from trova_app import routes
from trova_app.models import FileImport
from trova_app.services import file_imports, waiting_files

T = TypeVar("T")
ROWS = 240
FAULTY = (
    "First name,Last name,E-mail,Mobile,Date of birth,Medical aid,Notes of the therapist kept elsewhere\n"
    ",,nobody@example.test,,,,\n=cmd|x,Moyo,,,,,\nAnn & Ben,Smit,not an address,,31/31/2020,,\n"
) + "".join(
    f'Naledi,"{LONG}",naledi{n}@example.test,082 555 {n:04d},{n % 28 + 1}/3/1984,Khanya,\n' for n in range(ROWS)
)
TWO_WAYS = "Name,Born in,Date of birth\nThandi Mokoena,Durban,03/04/1984\nPieter van Wyk,,05/06/1979\n"


def imported(house: House, text: str, *, state: str, name: str = "clients of the old system.csv") -> int:
    """An import that has come as far as `state`, by the server's own worker."""
    who = owner_of(house)

    def until(wanted: str) -> None:
        eventually(lambda: house.read(select(FileImport.state).where(FileImport.id == number))[0], wanted.__eq__)

    with house.served.act() as (db, desk):
        token = waiting_files.keep_file(db, desk, who, name=name, data=text.encode())
        number = file_imports.begin_import(db, desk, who, kind="clients", token=token)
    until("ready")
    if state != "ready":
        with house.served.act() as (db, desk):
            version = file_imports.import_view(db, desk, who, import_id=number).version
            file_imports.keep_import(db, desk, who, import_id=number, version=version)
        until("done")
    if state == "undone":
        with house.served.act() as (db, desk):
            file_imports.undo_import(db, desk, who, import_id=number)
        until("undone")
    return number


def of_imports(house: House, asked: House, make: Callable[..., T]) -> Iterator[T]:
    """`make`: how a scene is made."""
    undone = imported(house, FAULTY, state="undone")
    done = imported(house, FAULTY, state="done")
    ready = imported(house, FAULTY, state="ready")
    other = imported(asked, TWO_WAYS, state="ready", name="two ways.csv")
    yield make("import-preview", house.owner, routes.file_import(ready))
    yield make("import-dates", asked.owner, routes.file_import(other))
    yield make("import-done", house.owner, routes.file_import(done))
    yield make("import-question", house.owner, routes.file_import(done), _asked, False)
    yield make("import-undone", house.owner, routes.file_import(undone))
    yield make("import-list", house.owner, routes.IMPORTS)
    yield make("import-of-reception", house.reception, routes.IMPORTS)


def _asked(page: Page) -> None:
    page.get_by_role("button", name="Undo this import").click()
    page.get_by_role("dialog").wait_for()
