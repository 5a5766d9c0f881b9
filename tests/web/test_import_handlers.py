"""Whatever is sent to the pages of imports, by whatever role: no import of another practice is shown or changed, only
those who may import do anything, and nothing breaks."""

import httpx
import pytest
from sqlmodel import select

from tests import builders as a
from tests.served import STATE, ServedApp
from trova_app.domain.permissions import Permission, Role, may
from trova_app.models import Client, FileImport, Imported, ImportState, WaitingFile
from trova_app.services import file_imports, waiting_files
from trova_app.state.imports import ImportList, ImportPage

NOTICES = f"{STATE}.trova_app___state___notices____notices"
SECRET = "CANARY"
ODD = (None, True, -1, 2**70, 1.5, "x", "\x00", ["F41.1"], {"a": 1})


@pytest.fixture
def foreign(served: ServedApp) -> tuple[int, str]:
    """An import and a waiting file of another practice."""
    with served.act() as (db, desk):
        who = a.principal(a.a_member(db, a.a_practice(db, name="Elsewhere", number_prefix="ELSE")))
        data = f"First name,Last name\n{SECRET},{SECRET}\n".encode()
        tokens = [waiting_files.keep_file(db, desk, who, name=f"{SECRET}.csv", data=data) for _ in range(2)]
        return file_imports.begin_import(db, desk, who, kind="clients", token=tokens[0]), tokens[1]


def everything_about(served: ServedApp, import_id: int) -> list[dict]:
    """But for what its own work, under way meanwhile, writes."""
    with served.act(writes=False) as (db, _):
        row = db.get_one(FileImport, import_id)
        of_it = (Client.practice_id == row.practice_id,)
        rows = [row, *db.exec(select(WaitingFile).where(WaitingFile.practice_id == row.practice_id))]
        rows += db.exec(select(Client).where(*of_it)).all()
        rows += db.exec(select(Imported).where(Imported.import_id == import_id)).all()
        return [one.model_dump(exclude={"report", "state", "total", "done"}) for one in rows]


def calls(state: type, foreign: int, token: str) -> list[tuple[str, dict]]:
    """Every handler of a state, with the other practice's ids and with what cannot be."""
    asked: list[tuple[str, dict]] = []
    for name, handler in state.event_handlers.items():
        if not hasattr(handler.fn, "trova_fence"):
            continue
        wanted = [word for word in handler.fn.__annotations__ if word != "return"]
        asked.append((name, {word: token if word == "token" else foreign for word in wanted}))
        asked += [(name, dict.fromkeys(wanted, odd)) for odd in ODD if wanted]
    return asked


@pytest.mark.parametrize("role", Role)
def test_no_role_reaches_another_practices_import_by_any_handler(served: ServedApp, foreign, role: Role) -> None:
    number, token = foreign
    before = everything_about(served, number)
    cookie = served.cookie_of(served.a_practice_with(role)[0])
    shown = ""
    for state, path in ((ImportList, "/import"), (ImportPage, f"/import/{number}")):
        with served.tab(cookie, path=path) as tab:
            shown += repr(tab.hydrate())
            for name, given in calls(state, number, token):
                tab.send(f"{state.get_full_name()}.{name}", **given)
            tab.send(f"{NOTICES}.refused", sentence="the end")
            shown += repr(tab.until(lambda seen: seen.get(NOTICES, {}).get("text_rx_state_") == "the end"))
    assert SECRET not in shown
    assert everything_about(served, number) == before


@pytest.mark.parametrize("role", Role)
def test_rows_to_look_at_go_to_those_of_the_practice_who_may_import(served: ServedApp, foreign, role: Role) -> None:
    (email,) = served.a_practice_with(role)
    with served.act() as (db, desk):
        member = db.exec(select(a.Member).where(a.Member.email == email)).one()
        owner = a.principal(a.a_member(db, db.get_one(a.Practice, member.practice_id)))
        token = waiting_files.keep_file(db, desk, owner, name="list.csv", data=b"First name,Last name\n,\nAnn,Smit\n")
        own = file_imports.begin_import(db, desk, owner, kind="clients", token=token)
        db.get_one(FileImport, own).state = ImportState.DONE  # until then it is the owner's alone
    cookies = {"trova": served.cookie_of(email)}

    def status(number: object) -> int:
        return httpx.get(f"{served.url}/documents/imports/{number}.csv", cookies=cookies).status_code

    assert status(own) == (200 if may(role, Permission.IMPORT) else 404)
    assert [status(one) for one in (foreign[0], 10**30, "x", "-1")] == [404] * 4
