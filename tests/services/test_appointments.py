"""The lists of appointments and one appointment's details, on both databases."""

from datetime import date, datetime, timedelta

import pytest
import sqlalchemy as sa

from tests import builders as a
from tests.conftest import NOON
from trova_app.domain.appointments import Tab
from trova_app.domain.permissions import Permission, Role, may
from trova_app.domain.refusals import ChangedElsewhere, NotAllowed, NotFound, Refusal
from trova_app.models import Appointment, Invoice, InvoiceLine, Payment, Practice, TimelineEntry
from trova_app.services import appointments, standing, statistics

LONG = "Ngwenya-van der Westhuizen " * 380
EMOJI = "👩🏽‍⚕️ session 🌿"


class House:
    """A practice with its people, kept so that tests can speak of them."""

    def __init__(self, db, name="Khanya Practice", role=Role.OWNER) -> None:
        self.practice = a.a_practice(db, name=name)
        self.member = a.a_member(db, self.practice, role)
        self.client = a.a_client(db, self.practice)
        self.service = a.a_service(db, self.practice)
        self.who = a.principal(self.member)

    def appointment(self, db, ends=NOON - timedelta(hours=1), **given) -> Appointment:
        client = given.pop("client", self.client)
        return a.an_appointment(db, client, self.service, self.member, ends=ends, **given)


@pytest.fixture
def house(database) -> House:
    with database.act() as (db, _desk):
        return House(db)


def add(database, house, *args, **given) -> int:
    with database.act() as (db, _desk):
        return house.appointment(db, *args, **given).id


def an_invoice(
    db, house, appointment_id, *, paid=0, total=125000, status="issued", payment_type="other", number=1, **given
):
    invoice = Invoice(
        practice_id=house.practice.id, appointment_id=appointment_id, client_id=house.client.id,
        payment_type=payment_type, currency="ZAR", mode="test", service_date=date(2026, 3, 18),
        prices_include_tax=True, total_minor=total, pay_token=f"t{appointment_id}-{number}", created_at=NOON,
        created_by=house.member.id, **given,
    )  # fmt: skip
    db.add(invoice)
    db.flush()
    line = {"practice_id": house.practice.id, "service_date": date(2026, 3, 18), "quantity": 1000, "unit_price": total}
    db.add(InvoiceLine(invoice_id=invoice.id, position=1, **line))
    db.flush()
    if status != "draft":
        invoice.status, invoice.number, invoice.number_text = "issued", number, f"KHA-{number:04d}"
        db.flush()
    if status == "void":
        invoice.status = "void"
    if paid:
        db.add(
            Payment(
                practice_id=house.practice.id, invoice_id=invoice.id, provider_payment_id=f"p{invoice.id}",
                amount_minor=paid, currency="ZAR", method="cash", received_on=date(2026, 3, 18), created_at=NOON,
            )
        )  # fmt: skip
    db.flush()
    return invoice.id


def ids(page) -> list[int]:
    return [row.id for row in page.rows]


def test_a_session_is_upcoming_until_its_end_has_passed_and_open_from_then_on(database, house, clock):
    running = add(database, house, NOON + timedelta(minutes=10))
    assert ids(database.do(appointments.page_of, house.who, tab="upcoming")) == [running]
    clock.advance(minutes=10)
    assert ids(database.do(appointments.page_of, house.who, tab="upcoming")) == []
    assert ids(database.do(appointments.page_of, house.who, tab="open")) == [running]


def test_each_tab_counts_what_its_list_shows(database, house):
    for days, state in [(1, "scheduled"), (2, "scheduled"), (-1, "scheduled"), (-2, "completed"), (-3, "missed")]:
        add(database, house, NOON + timedelta(days=days), state=state)
    add(database, house, NOON + timedelta(days=4), state="cancelled")
    counts = database.do(appointments.counts, house.who)
    assert counts == {Tab.UPCOMING: 2, Tab.OPEN: 1, Tab.COMPLETED: 1, Tab.MISSED: 1, Tab.CANCELLED: 1}
    for tab, number in counts.items():
        assert len(database.do(appointments.page_of, house.who, tab=tab).rows) == number


def test_an_empty_practice_shows_every_tab_with_nothing_on_it(database, house):
    assert database.do(appointments.counts, house.who) == dict.fromkeys(Tab, 0)
    assert database.do(appointments.page_of, house.who, tab="open") == appointments.AppointmentPage((), "")


@pytest.mark.parametrize(("tab", "sign"), [("upcoming", 1), ("open", -1)])
def test_paging_shows_every_appointment_once_even_where_many_begin_together(database, house, tab, sign):
    made = [add(database, house, NOON + sign * timedelta(hours=2 + n // 5)) for n in range(17)]
    seen, after = [], ""
    while True:
        page = database.do(appointments.page_of, house.who, tab=tab, after=after, limit=4)
        seen += ids(page)
        after = page.next_after
        if not after:
            break
    assert sorted(seen) == sorted(made)
    assert len(seen) == len(set(seen))


def test_upcoming_begins_with_the_soonest_and_open_with_the_latest(database, house):
    soon, later = add(database, house, NOON + timedelta(hours=2)), add(database, house, NOON + timedelta(days=2))
    old, recent = add(database, house, NOON - timedelta(days=3)), add(database, house, NOON - timedelta(hours=1))
    assert ids(database.do(appointments.page_of, house.who, tab="upcoming")) == [soon, later]
    assert ids(database.do(appointments.page_of, house.who, tab="open")) == [recent, old]
    assert database.do(appointments.next_open, house.who) == recent


def test_there_is_no_next_session_when_nothing_is_open(database, house):
    add(database, house, NOON + timedelta(hours=2))
    assert database.do(appointments.next_open, house.who) is None


@pytest.mark.parametrize("after", ["nonsense", "bm90aGluZw==", 7, None, "é" * 5000, "\ud800"])
def test_a_place_in_the_list_that_was_never_given_out_is_refused(database, house, after):
    with pytest.raises(Refusal, match="from its beginning"):
        database.do(appointments.page_of, house.who, tab="open", after=after)


def test_a_place_in_one_list_is_no_place_in_another(database, house):
    for n in range(3):
        add(database, house, NOON - timedelta(hours=1 + n))
    after = database.do(appointments.page_of, house.who, tab="open", limit=1).next_after
    with pytest.raises(Refusal):
        database.do(appointments.page_of, house.who, tab="upcoming", after=after)


@pytest.mark.parametrize("tab", ["", "requested", None, 3, "OPEN", ["open"]])
def test_an_unknown_tab_is_not_found(database, house, tab):
    with pytest.raises(NotFound):
        database.do(appointments.page_of, house.who, tab=tab)


# -- searching


def test_searching_finds_words_of_client_and_service_in_any_order_without_accents(database, house):
    with database.act() as (db, _desk):
        zoe = a.a_client(db, house.practice, first_name="Zoë", last_name="Müller", search_text="zoe muller zoe@x.test")
        found = house.appointment(db, client=zoe).id
        house.appointment(db)
    for search in ["MÜLLER", "muller psychotherapy", "60 zoe", "  zoë  "]:
        assert ids(database.do(appointments.page_of, house.who, tab="open", search=search)) == [found], search


@pytest.mark.parametrize(
    "search", ["100%", "_", "!", "thandi' OR 1=1 --", "nobody", EMOJI, "zz" * 5000, "\x00zz\ud800"]
)
def test_a_search_that_matches_nobody_shows_nothing(database, house, search):
    add(database, house)
    assert ids(database.do(appointments.page_of, house.who, tab="open", search=search)) == []


@pytest.mark.parametrize("search", [None, 5, ["thandi"], "", "\x00", " "])
def test_an_empty_or_meaningless_search_shows_the_whole_list(database, house, search):
    made = add(database, house)
    assert ids(database.do(appointments.page_of, house.who, tab="open", search=search)) == [made]


# -- what a row says


def only_row(database, house, tab="open", **kw):
    (row,) = database.do(appointments.page_of, house.who, tab=tab, **kw).rows
    return row


def test_a_row_is_drawn_in_the_practices_zone_and_money(database, house):
    add(database, house, datetime.fromisoformat("2026-03-18T08:30:00+00:00"))
    row = only_row(database, house)
    assert (row.day, row.day_words, row.time) == ("2026-03-18", "Today, Wednesday 18 March", "09:30")
    assert (row.client_name, row.service_name, row.payer) == ("Thandi Mokoena", "Psychotherapy 60 min", "private")
    assert row.amount_text == "R\u00a01\u00a0250,00"


def test_the_day_is_the_practices_own_where_midnight_lies_between(database):
    with database.act() as (db, _desk):
        house = House(db)
        practice = db.get(Practice, house.practice.id)
        practice.time_zone, practice.country, practice.currency = "Pacific/Auckland", "NZ", "NZD"
        house.appointment(db, datetime.fromisoformat("2026-03-17T12:30:00+00:00"))
    row = only_row(database, house)
    assert (row.day, row.day_words, row.time) == (
        "2026-03-18",
        "Today, Wednesday 18 March",
        "00:30",
    )
    assert row.amount_text == "$1,250.00"


@pytest.mark.parametrize(
    ("days", "words"),
    [
        (-1, "Yesterday, Tuesday 17 March"),
        (-5, "Friday 13 March"),
        (-400, "Tuesday 11 February 2025"),
        (1, "Tomorrow, Thursday 19 March"),
    ],
)
def test_days_are_named_as_people_name_them(database, house, days, words):
    add(database, house, NOON + timedelta(days=days))
    assert only_row(database, house, tab="upcoming" if days > 0 else "open").day_words == words


def change_client(database, house, **values):
    with database.act() as (db, _desk):
        client = db.merge(house.client)
        for name, value in values.items():
            setattr(client, name, value)


def test_the_payer_is_the_scheme_unless_the_client_pays_privately(database, house):
    add(database, house)
    with database.act() as (db, _desk):
        scheme_id = a.a_scheme(db, house.practice).id
    change_client(database, house, scheme_id=scheme_id)
    assert only_row(database, house).payer == "Khanya Medical"
    change_client(database, house, default_payment_type="online")
    assert only_row(database, house).payer == "private"


def test_the_first_session_is_marked_and_the_second_is_not(database, house):
    first = add(database, house, NOON - timedelta(days=7))
    second = add(database, house)
    marks = {row.id: row.mark for row in database.do(appointments.page_of, house.who, tab="open").rows}
    assert marks == {first: "First session", second: ""}


def test_a_missed_session_does_not_make_the_next_one_a_second(database, house):
    add(database, house, NOON - timedelta(days=7), state="missed")
    add(database, house)
    assert only_row(database, house).mark == "First session"


def test_an_unpaid_balance_is_the_mark_that_goes_before_all_others(database, house):
    earlier = add(database, house, NOON - timedelta(days=7), state="completed")
    add(database, house, note="brings her daughter")
    with database.act() as (db, _desk):
        an_invoice(db, house, earlier, paid=25000)
    change_client(database, house, email="")
    assert only_row(database, house).mark == "Unpaid balance R\u00a01\u00a0000,00"


@pytest.mark.parametrize(
    "given", [{"status": "void"}, {"status": "draft"}, {"payment_type": "insurance"}, {"paid": 125000}]
)
def test_no_balance_is_shown_for_what_the_client_does_not_owe(database, house, given):
    earlier = add(database, house, NOON - timedelta(days=7), state="completed")
    add(database, house)
    with database.act() as (db, _desk):
        an_invoice(db, house, earlier, **given)
    assert only_row(database, house).mark == ""


def test_a_missing_mail_address_and_a_note_are_marked(database, house):
    add(database, house, NOON - timedelta(days=7), state="completed")
    add(database, house, note="brings her daughter")
    assert only_row(database, house).mark == "Note"
    change_client(database, house, email="")
    assert only_row(database, house).mark == "No mail address"


@pytest.mark.parametrize(
    ("given", "label"),
    [
        ({"status": "draft"}, "Draft"),
        ({}, "Sent"),
        ({"due_date": date(2026, 3, 1)}, "Overdue"),
        ({"paid": 100}, "Partly paid"),
        ({"paid": 125000}, "Paid"),
        ({"payment_type": "insurance"}, "Ready to claim"),
    ],
)
def test_a_completed_row_carries_its_invoice_and_what_became_of_it(database, house, given, label):
    done = add(database, house, state="completed")
    with database.act() as (db, _desk):
        an_invoice(db, house, done, status="void", number=1)
        live = an_invoice(db, house, done, number=2, total=99900, **{k: v for k, v in given.items() if k != "paid"},
                          paid=99900 if given.get("paid") == 125000 else given.get("paid", 0))  # fmt: skip
    row = only_row(database, house, tab="completed")
    assert (row.invoice_id, row.label, row.amount_text) == (live, label, "R\u00a0999,00")
    assert row.invoice_number == ("" if label == "Draft" else "KHA-0002")


def test_the_longest_names_and_emoji_are_shown_as_they_are(database, house):
    change_client(database, house, first_name=EMOJI, last_name=LONG, search_text="x")
    add(database, house, note=EMOJI * 900)
    assert only_row(database, house).client_name == f"{EMOJI} {LONG}".strip()


# -- whose appointments


def test_nobody_sees_another_practices_appointments(database, house):
    made = add(database, house)
    with database.act() as (db, _desk):
        other = House(db, "Elsewhere")
    assert database.do(appointments.page_of, other.who, tab="open").rows == ()
    assert database.do(appointments.counts, other.who)[Tab.OPEN] == 0
    assert database.do(appointments.next_open, other.who) is None
    sentences = set()
    for service in (appointments.details, standing.mark_missed):
        for appointment_id in (made, 999_999, -1, 0, 2**70, "x", None, True, 1.0, [made]):
            with pytest.raises(NotFound) as refused:
                database.do(service, other.who, appointment_id=appointment_id)
            sentences.add(refused.value.sentence)
    assert len(sentences) == 1


@pytest.mark.parametrize("role", Role)
def test_each_role_does_what_the_permission_table_grants(database, house, role):
    made = add(database, house)
    with database.act() as (db, _desk):
        who = a.principal(a.a_member(db, house.practice, role))
    acts = [
        (Permission.SEE_APPOINTMENTS, appointments.counts, {}),
        (Permission.SEE_APPOINTMENTS, appointments.next_open, {}),
        (Permission.SEE_APPOINTMENTS, appointments.page_of, {"tab": "open"}),
        (Permission.SEE_APPOINTMENTS, appointments.details, {"appointment_id": made}),
        (Permission.COMPLETE, standing.mark_missed, {"appointment_id": made}),
    ]
    for permission, service, kw in acts:
        if may(role, permission):
            database.do(service, who, **kw)
        else:
            with pytest.raises(NotAllowed):
                database.do(service, who, **kw)


# -- missed


def test_a_missed_session_leaves_open_for_missed_and_the_timeline_says_who(database, house, db):
    made = add(database, house)
    database.do(standing.mark_missed, house.who, appointment_id=made)
    counts = database.do(appointments.counts, house.who)
    assert (counts[Tab.OPEN], counts[Tab.MISSED]) == (0, 1)
    entry = db.exec(sa.select(TimelineEntry)).scalar_one()
    assert (entry.appointment_id, entry.who, entry.what) == (made, "Dr Anisha Naidoo", "Session marked as missed")
    assert database.desks[-2].changed_practices == {house.practice.id}


def test_a_session_still_to_come_cannot_be_missed(database, house):
    made = add(database, house, NOON + timedelta(minutes=1))
    with pytest.raises(Refusal, match="not over yet"):
        database.do(standing.mark_missed, house.who, appointment_id=made)


@pytest.mark.parametrize("state", ["completed", "missed", "cancelled"])
def test_only_an_open_session_can_be_marked_as_missed(database, house, state, db):
    made = add(database, house, state=state)
    with pytest.raises(ChangedElsewhere):
        database.do(standing.mark_missed, house.who, appointment_id=made)
    assert db.exec(sa.select(sa.func.count()).select_from(TimelineEntry)).scalar_one() == 0


# -- details


@pytest.fixture
def full(database, house) -> int:
    """An insured client's open session with a history."""
    with database.act() as (db, _desk):
        scheme = a.a_scheme(db, house.practice)
        client = db.merge(house.client)
        client.scheme_id, client.member_number, client.dependant_code = scheme.id, "900123", "01"
        client.scheme_option, client.main_member, client.birth_date = "Classic", "Mokoena S", date(1984, 3, 21)
        a.a_diagnosis(db, client)
        old = house.appointment(db, NOON - timedelta(days=14), state="completed").id
        an_invoice(db, house, old)
        return house.appointment(db, note="Quiet room").id


def test_details_say_everything_the_clinician_needs_before_billing(database, house, full):
    shown = database.do(appointments.details, house.who, appointment_id=str(full))
    assert (shown.tab, shown.day_words, shown.time) == ("open", "Today, Wednesday 18 March", "10:00\u201311:00")
    assert (shown.practitioner, shown.place, shown.note) == ("Dr Anisha Naidoo", "Rosebank rooms", "Quiet room")
    assert (shown.client.name, shown.client.email, shown.client.birth_date, shown.client.born) == (
        "Thandi Mokoena",
        "thandi@example.test",
        "1984-03-21",
        "21 Mar 1984",
    )
    assert (shown.payer.name, shown.payer.scheme_option, shown.payer.member_number) == (
        "Khanya Medical",
        "Classic",
        "900123",
    )
    assert (shown.payer.dependant_code, shown.payer.main_member) == ("01", "Mokoena S")
    assert shown.payer.claim_email == "claims@khanya.example"
    assert [(d.code, d.description) for d in shown.diagnoses] == [("F41.1", "Generalized anxiety disorder")]
    (line,) = shown.service_lines
    assert (line.code, line.quantity, line.unit_price, line.total) == (
        "86205",
        "1",
        "R\u00a01\u00a0250,00",
        "R\u00a01\u00a0250,00",
    )
    assert shown.last_session == "4 Mar 2026, Psychotherapy 60 min"
    assert shown.unpaid_balance == "R\u00a01\u00a0250,00"
    assert (shown.may_complete, shown.may_mark_missed, shown.may_edit_client) == (True, True, True)
    assert shown.missing == ()
    assert shown.invoice is None


def test_details_of_a_completed_session_show_its_invoice_and_offer_nothing_more_to_complete(database, house, db):
    made = add(database, house, state="completed")
    with database.act() as (work, _desk):
        invoice = an_invoice(work, house, made, paid=125000)
        work.add(
            TimelineEntry(practice_id=house.practice.id, invoice_id=invoice, happened_at=NOON, who="T", what="Paid")
        )
    shown = database.do(appointments.details, house.who, appointment_id=made)
    assert (shown.invoice.id, shown.invoice.number, shown.invoice.label) == (invoice, "KHA-0001", "Paid")
    assert not (shown.may_complete or shown.may_mark_missed)
    assert [(t.when, t.who, t.what) for t in shown.timeline] == [("18 Mar 2026, 12:00", "T", "Paid")]


@pytest.mark.parametrize("role", Role)
def test_diagnoses_are_shown_only_to_roles_that_may_see_them(database, house, full, role):
    with database.act() as (db, _desk):
        who = a.principal(a.a_member(db, house.practice, role))
    shown = database.do(appointments.details, who, appointment_id=full)
    assert bool(shown.diagnoses) == may(role, Permission.SEE_DIAGNOSES) == shown.may_see_diagnoses
    assert ("F41" in repr(shown)) == may(role, Permission.SEE_DIAGNOSES)
    assert shown.may_complete == may(role, Permission.COMPLETE)


def test_what_a_claim_still_needs_is_said_once_and_the_diagnosis_only_to_those_who_may_see_it(database, house):
    with database.act() as (db, _desk):
        client = db.merge(house.client)
        client.scheme_id, client.email = a.a_scheme(db, house.practice).id, ""
        service = a.a_service(db, house.practice, name="Intake", lines=3)
        made = a.an_appointment(db, client, service, house.member).id
        reception = a.principal(a.a_member(db, house.practice, Role.RECEPTION))
    asked = [part.field for part in database.do(appointments.details, house.who, appointment_id=made).missing]
    assert asked == ["email", "member_number", "diagnosis_codes"]
    asked = [part.field for part in database.do(appointments.details, reception, appointment_id=made).missing]
    assert asked == ["email", "member_number"]


def test_a_private_client_needs_no_scheme_details(database, house):
    shown = database.do(appointments.details, house.who, appointment_id=add(database, house))
    assert (shown.payer.name, shown.missing) == ("private", ())


# -- speed that follows from the plan, not from the clock


@pytest.mark.parametrize("knows", [False, True], ids=["", "knowing how full the tables are"])
@pytest.mark.parametrize("tab", list(Tab))
def test_every_list_walks_the_index_in_its_order_and_sorts_nothing(database, house, tab, knows):
    if database.kind != "sqlite":
        pytest.skip("a plan of PostgreSQL depends on how full the tables are")
    for hours in (2, 3, 4):
        for state, sign in [("scheduled", 1), ("scheduled", -1), ("completed", -1), ("missed", -1), ("cancelled", -1)]:
            add(database, house, NOON + sign * timedelta(hours=hours), state=state)
    if knows:
        with database.act() as (db, desk):
            statistics.renew(db, desk)
        database.engine.dispose()
    after = database.do(appointments.page_of, house.who, tab=tab, limit=1).next_after
    for place in ("", after):
        plan = plan_of(
            database, lambda at=place: database.do(appointments.page_of, house.who, tab=tab, after=at, search="thandi")
        )
        assert "USING INDEX ix_appointment_practice_id_state_starts_at_id (practice_id=? AND state=?" in plan
        assert "uq_invoice_appointment_id_live" in plan
        assert "TEMP B-TREE" not in plan
        assert not [table for table in ("appointment", "client", "invoice", "payment") if f"SCAN {table}" in plan]


def plan_of(database, act) -> str:
    """How SQLite answers the list's own question, as it was really asked."""
    asked = []

    def keep(connection, cursor, statement, parameters, context, executemany) -> None:
        if "FROM appointment JOIN" in statement:
            asked.append((statement, parameters))

    sa.event.listen(database.engine, "before_cursor_execute", keep)
    act()
    sa.event.remove(database.engine, "before_cursor_execute", keep)
    (statement, parameters) = asked[0]
    with database.engine.connect() as connection:
        rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
        return "\n".join(row[-1] for row in rows)
