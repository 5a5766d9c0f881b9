"""Many at once, on real databases: one invoice for a session, numbers without a gap."""

from concurrent.futures import ThreadPoolExecutor

from sqlmodel import select

from tests import builders as a
from tests.services.conftest import OpenSession
from trova_app.domain.refusals import Refusal
from trova_app.models import Invoice


def test_fifty_who_finish_one_session_at_once_make_one_invoice(session, db):
    def press(_: int) -> str:
        try:
            return session.finish("request_payment", payment_type="online").number_text
        except Refusal as refused:
            return refused.sentence

    with ThreadPoolExecutor(50) as crowd:
        answers = list(crowd.map(press, range(50)))
    assert answers.count("KHA-0001") == 1
    assert all("already billed" in x or "in the meantime" in x or x == "KHA-0001" for x in answers)
    assert len(db.exec(select(Invoice)).all()) == 1


def test_two_hundred_invoices_at_once_have_numbers_without_a_gap(session, db, database):
    with database.act() as (writing, _):
        service = a.a_service(writing, session.practice, name="Follow-up")
        many = [a.an_appointment(writing, session.client, service, session.member) for _ in range(200)]

    def finish(appointment) -> str:
        one = OpenSession(database, session.practice, session.member, session.client, appointment)
        return one.finish("send_invoice", payment_type="other").number_text

    with ThreadPoolExecutor(200) as crowd:
        numbers = list(crowd.map(finish, many))
    assert sorted(numbers) == [f"KHA-{n:04d}" for n in range(1, 201)]
