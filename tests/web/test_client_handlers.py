"""Whatever is sent to the pages about clients, by whatever role: no row of another practice is shown or changed, and
nothing breaks."""

import pytest
from sqlmodel import select

from tests import builders as a
from tests.served import STATE, ServedApp, Tab
from trova_app.domain.permissions import Role
from trova_app.models import Client, ClientDiagnosis, CustomField, Practice
from trova_app.state.client import ClientPage
from trova_app.state.client_fields import ClientFields
from trova_app.state.clients import ClientList
from trova_app.state.new_client import NewClient

NOTICES = f"{STATE}.trova_app___state___notices____notices"
SECRET = "CANARY"
FORM = {"first_name": "New", "last_name": "Somebody", "name": "A field"}
ODD = (None, True, -1, 2**70, 1.5, "x", "\x00", ["F41.1"], {"a": 1})


@pytest.fixture
def foreign(served: ServedApp) -> int:
    """A client of another practice."""
    with served.act() as (db, _):
        practice = a.a_practice(db, name="Elsewhere")
        client = a.a_client(db, practice, first_name=SECRET, email=f"{SECRET}@example.test", address=SECRET)
        a.a_diagnosis(db, client, description=SECRET)
        db.add(CustomField(practice_id=practice.id, name=SECRET, position=1))
        return int(client.id)


def everything_about(served: ServedApp, client_id: int) -> list[dict]:
    with served.act(writes=False) as (db, _):
        client = db.get_one(Client, client_id)
        codes = db.exec(select(ClientDiagnosis).where(ClientDiagnosis.client_id == client_id)).all()
        fields = db.exec(select(CustomField).where(CustomField.practice_id == client.practice_id)).all()
        return [row.model_dump() for row in (client, db.get_one(Practice, client.practice_id), *codes, *fields)]


def calls(state: type, foreign: int) -> list[tuple[str, dict]]:
    """Every handler of a state, with ids of the other practice and with what cannot be."""
    asked: list[tuple[str, dict]] = []
    for name, handler in state.event_handlers.items():
        if not hasattr(handler.fn, "trova_fence"):
            continue
        takes = list(handler.fn.__annotations__ | {})
        wanted = [word for word in takes if word != "return"]
        asked.append((name, {word: FORM if word == "form" else foreign for word in wanted}))
        asked += [(name, dict.fromkeys(wanted, odd)) for odd in ODD if wanted]
    return asked


def sent(tab: Tab, state: type, name: str, given: dict) -> None:
    tab.send(f"{state.get_full_name()}.{name}", **given)


@pytest.mark.parametrize("role", Role)
def test_no_role_reaches_another_practices_client_by_any_handler(served: ServedApp, foreign: int, role: Role) -> None:
    before = everything_about(served, foreign)
    cookie = served.cookie_of(served.a_practice_with(role)[0])
    shown = ""
    for state, path in (
        (ClientPage, f"/clients/{foreign}"),
        (ClientList, "/clients"),
        (NewClient, "/clients/new"),
        (ClientFields, "/settings/clients"),
    ):
        with served.tab(cookie, path=path) as tab:
            shown += repr(tab.hydrate())
            for name, given in calls(state, foreign):
                sent(tab, state, name, given)
            tab.send(f"{NOTICES}.refused", sentence="the end")
            shown += repr(tab.until(lambda seen: seen.get(NOTICES, {}).get("text_rx_state_") == "the end"))
    assert SECRET not in shown
    assert everything_about(served, foreign) == before
