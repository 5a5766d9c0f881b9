"""A new price list: what it would do is shown first; then all of it is kept, or none."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlmodel import col, select

from tests import builders as a
from tests.conftest import NOON
from trova_app.domain.imports import Sheet
from trova_app.domain.permissions import Role
from trova_app.domain.refusals import FieldFaults, NotAllowed, NotFound, Refusal
from trova_app.models import Scheme, SchemeRate
from trova_app.services import rate_imports
from trova_app.services.rate_imports import keep_rates, preview_rates
from trova_app.services.working_copy import save

TODAY = "2026-03-18"


def a_sheet(*rows) -> Sheet:
    return Sheet(tuple(enumerate((tuple(row) for row in rows), start=1)))


LIST = a_sheet(
    ("Code", "Description", "Price"),
    ("86205", "Psychotherapy 51 to 60 min", "980,00"),
    ("86207", "Psychotherapy 71 to 80 min", "1 430,50"),
)


def version_of(session) -> int:
    with session.database.act(writes=False) as (db, _):
        return db.get_one(Scheme, session.client.scheme_id).version


@pytest.fixture
def the(session):
    """Acts upon the session's scheme."""

    def act(service, sheet=LIST, since=TODAY, who=None, scheme=None):
        given = {"scheme_id": scheme or session.client.scheme_id, "sheet": sheet, "valid_from": since}
        if service is keep_rates:
            given["version"] = version_of(session)
        return session.database.do(service, who or session.who, **given)

    return act


def kept(db) -> list[tuple[str, int, str]]:
    db.rollback()
    rows = db.exec(select(SchemeRate).order_by(col(SchemeRate.code), col(SchemeRate.valid_from)))
    return [(row.code, row.unit_price, row.valid_from.isoformat()) for row in rows]


@pytest.mark.parametrize("heads", [("Rate 2025", "Rate 2026"), ("Price excl VAT", "Price incl VAT")])
def test_of_two_columns_that_could_be_the_price_none_is_taken_silently(the, heads):
    shown = the(preview_rates, a_sheet(("Code", *heads), ("86205", "900,00", "980,00")))
    assert not shown.may_keep and "Two columns could be the price" in str(shown)
    with pytest.raises(Refusal):
        the(keep_rates, a_sheet(("Code", *heads), ("86205", "900,00", "980,00")))


def test_a_list_is_shown_before_anything_is_kept_and_then_kept_as_a_whole(the, db, session):
    shown = the(preview_rates)
    assert shown.counts == {"fault": 0, "changed": 0, "new": 2, "same": 0} and shown.may_keep
    assert [(line.row, line.code, line.price, line.was) for line in shown.lines] == [
        (2, "86205", "R\u00a0980,00", ""), (3, "86207", "R\u00a01\u00a0430,50", "")
    ]  # fmt: skip
    assert kept(db) == []
    assert the(keep_rates) == "2 prices of Khanya Medical kept, valid from 18 Mar 2026."
    assert kept(db) == [("86205", 9_800_000, TODAY), ("86207", 14_305_000, TODAY)]
    assert [line.price for line in session.form()[0].lines] == ["980,00"]


def test_what_changes_stands_first_beside_what_holds_so_far(the, db):
    the(keep_rates, since="2025-01-01")
    later = a_sheet(
        ("Tariff", "Rate 2026 (R)"), ("86209", "100"), ("86205", "980"), ("86207", "1500,25")
    )  # fmt: skip
    shown = the(preview_rates, later, "2026-06-01")
    assert [(line.code, line.outcome, line.was) for line in shown.lines] == [
        ("86207", "changed", "R\u00a01\u00a0430,50"), ("86209", "new", ""), ("86205", "same", "R\u00a0980,00"),
    ]  # fmt: skip
    assert shown.counts == {"fault": 0, "changed": 1, "new": 1, "same": 1}
    the(keep_rates, later, "2026-06-01")
    assert ("86205", 9_800_000, "2026-06-01") in kept(db) and ("86205", 9_800_000, "2025-01-01") in kept(db)
    again = the(preview_rates, later, "2026-06-01")
    assert (again.counts["same"], again.may_keep) == (3, False)


def test_codes_the_new_list_leaves_out_are_counted(the):
    the(keep_rates, since="2025-01-01")
    assert the(preview_rates, a_sheet(("Code", "Price"), ("86205", "1000"))).left == 1
    assert the(preview_rates, a_sheet(("Code", "Price"), ("86205", "1000")), "2024-01-01").left == 0


def test_a_list_for_the_same_day_takes_the_others_place(the, db):
    the(keep_rates)
    the(keep_rates, a_sheet(("Code", "Price"), ("86205", "1000")))
    assert kept(db) == [("86205", 10_000_000, TODAY), ("86207", 14_305_000, TODAY)]


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        (("", "x", "1"), "Enter a code"),
        (("x" * 21, "x", "1"), "Enter a code"),
        (("862\u202e05", "x", "1"), "Enter a code"),
        (("86205", "x", ""), "Enter an amount such as"),
        (("86205", "x", "-1"), "Enter an amount such as"),
        (("86205", "x", "free"), "“free” is no price"),
        (("86205", "x", "1,250"), "Is this 1250 or 1,25"),
        (("86205", "x", "1,23456"), "Enter an amount such as"),
        (("86205", "x", "1000000000"), "Enter a price below"),
        (("86205", "x", Decimal("1.23456")), "at most 4 decimals"),
        (("86205", "x", Decimal("-1")), "not negative"),
        (("86205", "x", Decimal("1E30")), "no price"),
        (("86205", "x", date(2026, 1, 1)), "A day stands"),
        (("86205", "x" * 301, "1"), "Shorten the description"),
        ((date(2026, 1, 1), "x", "1"), "Enter a code"),
        (("86205", "x", "1", "someday"), "is not a day"),
        (("86205", "x", "1", "1850-01-01"), "is not a day"),
        (("86205", "x", "1", "2099-01-01"), "is not a day"),
    ],
)
def test_a_row_that_cannot_be_read_is_named_and_nothing_at_all_is_kept(the, db, row, sentence):
    sheet = a_sheet(("Code", "Description", "Price", "Valid from"), ("86207", "y", "5"), row)
    shown = the(preview_rates, sheet)
    assert (shown.lines[0].row, shown.lines[0].outcome, shown.may_keep) == (3, "fault", False)
    assert sentence in shown.lines[0].sentence
    with pytest.raises(Refusal, match="Nothing was kept: 1 row cannot be read"):
        the(keep_rates, sheet)
    assert kept(db) == []


def test_a_code_with_two_prices_is_a_fault_and_one_said_twice_alike_is_not(the, db):
    twice = a_sheet(("Code", "Price"), ("86205", "5"), ("86205", "5,00"))
    the(keep_rates, twice)
    assert kept(db) == [("86205", 50_000, TODAY)]
    torn = a_sheet(("Code", "Price"), ("86205", "5"), ("86205", "6"))
    assert the(preview_rates, torn).lines[0].sentence == "86205 has another price in row 2: R\u00a05,00."


def test_a_list_without_headings_has_the_code_first_and_the_price_last(the, db):
    the(keep_rates, a_sheet(("86205", "Talk", "any", Decimal("980.1234")), (Decimal(86207), "More", "", Decimal("1"))))
    assert kept(db) == [("86205", 9_801_234, TODAY), ("86207", 10_000, TODAY)]


def test_a_row_may_have_a_day_of_its_own_as_people_write_it(the, db):
    sheet = a_sheet(
        ("Code", "Price", "Effective from"),
        ("1", "1", "2026-07-01"), ("2", "2", "1/7/2026"), ("3", "3", date(2026, 7, 1)), ("4", "4"),
    )  # fmt: skip
    the(keep_rates, sheet)
    assert [day for _, _, day in kept(db)] == ["2026-07-01"] * 3 + [TODAY]


@pytest.mark.parametrize("sheet", [a_sheet(("only one column",)), a_sheet(), a_sheet(("Code", "Price"))])
def test_a_list_with_nothing_to_keep_cannot_be_kept(the, sheet):
    assert not the(preview_rates, sheet).may_keep
    with pytest.raises(Refusal):
        the(keep_rates, sheet)


def test_prices_that_changed_since_the_list_was_looked_at_are_not_kept_over(the, session, db):
    seen = the(preview_rates).version
    the(keep_rates, a_sheet(("Code", "Price"), ("86205", "1000")))
    for version in (seen, None, "1", True):
        with pytest.raises(Refusal):
            session.database.do(
                keep_rates,
                session.who,
                scheme_id=session.client.scheme_id,
                version=version,
                sheet=LIST,
                valid_from=TODAY,
            )
    assert [price for _, price, _ in kept(db)] == [10_000_000]


@pytest.mark.parametrize("since", ["", None, "soon", 7, "1999-12-31", "2099-01-01", "2026-02-31", ["2026-01-01"]])
def test_a_list_needs_a_day_from_which_it_holds(the, since):
    for service in (preview_rates, keep_rates):
        with pytest.raises(FieldFaults) as refused:
            the(service, since=since)
        assert [name for name, _ in refused.value.faults] == ["valid_from"]


def test_clients_of_the_scheme_with_sessions_to_be_billed_are_named(the, session):
    with session.database.act() as (db, desk):
        practice, scheme_id = session.practice, session.client.scheme_id
        service = a.a_service(db, practice, name="Other")
        other = a.a_client(db, practice, first_name="Sipho", last_name="Nkosi", scheme_id=scheme_id)
        private = a.a_client(db, practice, scheme_id=scheme_id, default_payment_type="online")
        elsewhere = a.a_client(db, practice, scheme_id=a.a_scheme(db, practice, "Baobab Cover").id)
        for client in (other, other, private, elsewhere):
            a.an_appointment(db, client, service, session.member, ends=NOON + timedelta(days=2))
        a.an_appointment(db, session.client, service, session.member, ends=NOON - timedelta(days=9))
        a.an_appointment(db, other, service, session.member, state="cancelled")
        begun, _ = session.form()
        save(db, desk, session.who, appointment_id=session.id, version=0, form=begun)
    shown = the(preview_rates).affected
    assert (shown.clients, shown.sessions, shown.begun) == (2, 3, 1)
    assert [(one.name, one.sessions, one.begun) for one in shown.named] == [
        ("Thandi Mokoena", 1, 1),
        ("Sipho Nkosi", 2, 0),
    ]
    assert the(preview_rates, since="2026-03-19").affected.clients == 1
    assert the(preview_rates, since="2027-01-01").affected.clients == 0


def test_only_those_who_may_change_the_catalogue_import_and_only_into_their_own_schemes(the, session, database, db):
    with database.act() as (inner, _):
        practice = a.a_practice(inner, number_prefix="OTH")
        stranger, theirs = a.principal(a.a_member(inner, practice)), a.a_scheme(inner, practice)
    for service in (preview_rates, keep_rates):
        for role in (Role.BILLER, Role.RECEPTION, Role.READ_ONLY):
            with pytest.raises(NotAllowed):
                the(service, who=session.as_role(role))
        for who, scheme in ((stranger, None), (session.who, theirs.id), (session.who, 999), (session.who, "x")):
            with pytest.raises(NotFound):
                the(service, who=who, scheme=scheme)
    assert kept(db) == []
    the(keep_rates, who=session.as_role(Role.CLINICIAN))
    assert len(kept(db)) == 2


def test_a_list_that_is_wrong_throughout_says_so_without_end(the):
    sheet = a_sheet(("Code", "Price"), *[("86205", "free")] * 5_000)
    shown = the(preview_rates, sheet)
    assert len(shown.lines) == rate_imports.MOST_SHOWN and shown.more == 301
