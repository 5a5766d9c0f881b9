"""Finding something from anywhere: what is found, and for whom."""

from datetime import timedelta

import pytest

from tests import builders as a
from tests.conftest import NOON
from trova_app.domain.permissions import Role
from trova_app.services import finding
from trova_app.services.at_work import at_work
from trova_app.services.finding import Finds


def find(at, words, who=None) -> Finds:
    with at.database.act(writes=False) as (db, desk):
        return finding.find(db, desk, who or at.who, search=words)


def test_a_clients_name_finds_the_session_the_client_and_the_documents(session) -> None:
    found = find(session, "moko")
    assert [one.id for one in found.sessions] == [session.id]
    assert found.sessions[0].under.startswith("Psychotherapy 60 min, Today")
    assert [one.title for one in found.clients] == ["Thandi Mokoena"]
    assert found.documents == ()
    done = session.finish("send_invoice", payment_type="other")
    found = find(session, "thandi MOKO")
    assert found.sessions == ()
    assert [(one.id, one.title) for one in found.documents] == [(done.invoice_id, done.number_text)]
    assert "R\u00a01\u00a0250,00, Sent" in found.documents[0].under


def test_a_documents_number_finds_it_alone(session) -> None:
    done = session.finish("send_invoice", payment_type="other")
    assert find(session, done.number_text.lower()).documents[0].id == done.invoice_id
    assert find(session, done.number_text).clients == ()


def test_five_of_each_kind_are_enough(session) -> None:
    with session.database.act() as (db, _):
        service = a.a_service(db, session.practice, name="Intake 90 min")
        for count in range(7):
            client = a.a_client(db, session.practice, last_name=f"Dlamini {count}")
            a.an_appointment(db, client, service, session.member, ends=NOON - timedelta(days=count + 1))
    found = find(session, "dlamini")
    assert (len(found.sessions), len(found.clients)) == (5, 5)


@pytest.mark.parametrize("words", ["", "   ", None, 7, ["moko"], "\x00", "%", "nobody"])
def test_no_words_find_nothing_and_nonsense_no_more(session, words) -> None:
    assert find(session, words) == Finds()


def test_nothing_of_another_practice_is_found(session) -> None:
    with session.database.act() as (db, _):
        stranger = a.principal(a.a_member(db, a.a_practice(db, name="Elsewhere")))
    assert find(session, "moko", stranger) == Finds()


def test_everybody_knows_who_they_are_and_for_whom_they_work(session) -> None:
    with session.database.act(writes=False) as (db, desk):
        here = at_work(db, desk, session.as_role(Role.RECEPTION))
    assert (here.person, here.role, here.practice) == (session.member.name, "Reception", "Khanya Practice")
