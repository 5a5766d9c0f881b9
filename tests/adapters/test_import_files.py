"""Clients and appointments out of other systems' exports. Every person in the fixtures is invented."""

import os
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trova_app.adapters import import_calendar, import_tables
from trova_app.adapters.import_files import read_appointments, read_clients
from trova_app.adapters.import_names import split_full_name, split_title
from trova_app.domain.imports import AppointmentRow, Attendance, ClientRow, ClientStanding, ParsedFile

FIXTURES = Path(__file__).resolve().parents[1] / "fixtures" / "imports"
ZONE = "Africa/Johannesburg"
YEAR = (datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC))


def clients_in(name: str) -> ParsedFile[ClientRow]:
    return read_clients((FIXTURES / name).read_bytes(), name, ZONE)


def appointments_in(name: str) -> ParsedFile[AppointmentRow]:
    return read_appointments((FIXTURES / name).read_bytes(), name, ZONE, *YEAR)


def clients(text: str | bytes, day_first: bool | None = None) -> ParsedFile[ClientRow]:
    return read_clients(text if isinstance(text, bytes) else text.encode(), "list.csv", ZONE, day_first)


def appointments(text: str | bytes, zone: str = ZONE, day_first: bool | None = None) -> ParsedFile[AppointmentRow]:
    data = text if isinstance(text, bytes) else text.encode()
    return read_appointments(data, "list", zone, *YEAR, day_first)


def calendar(*events: str, before: str = "") -> str:
    return "\r\n".join(["BEGIN:VCALENDAR", "VERSION:2.0", *before.splitlines(), *events, "END:VCALENDAR", ""])


def event(*lines: str, uid: str = "one@example.org", title: str = "Thandi Mokoena - Psychotherapy") -> str:
    given_times = lines if any(line.startswith("DTSTART") for line in lines) else (*MONDAY, *lines)
    return "\r\n".join(["BEGIN:VEVENT", f"UID:{uid}", f"SUMMARY:{title}", *given_times, "END:VEVENT"])


MONDAY = ("DTSTART:20260302T090000", "DTEND:20260302T100000")


def at(month: int, day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=UTC)


# Clients


def test_a_simplepractice_client_report_is_read_whole() -> None:
    parsed = clients_in("simplepractice_clients.csv")
    assert [row.row for row in parsed.rows] == [2, 3, 4]
    assert parsed.faults == ()
    assert parsed.rows[0] == ClientRow(
        row=2,
        first_name="Amara",
        last_name="Whitfield",
        email="amara.whitfield@example.org",
        phone="(555) 010-0001",
        birth_date=date(1988, 3, 25),
        scheme="Blue Harbor",
        member_number="BH-220018",
        address="12 Elm Street, Portland, OR, 97201, USA",
    )
    assert parsed.rows[1].birth_date == date(1990, 7, 4)
    assert [row.status for row in parsed.rows] == ["active", "archived", "prospect"]


def test_a_cliniko_patient_list_keeps_ids_particles_and_archived_clients() -> None:
    hana, tomas = clients_in("cliniko_patients.csv").rows
    assert (hana.external_id, hana.birth_date) == ("101", date(1984, 11, 2))
    assert hana.address == "4 Wattle Lane, Unit 2, Geelong, VIC, 3220, Australia"
    assert (tomas.last_name, tomas.status) == ("van der Berg", ClientStanding.ARCHIVED)


def test_a_goodx_list_keeps_members_dependants_schemes_and_ordered_diagnoses() -> None:
    parsed = clients_in("goodx_clients.csv")
    thandi, renee = parsed.rows
    assert parsed.faults == ()
    assert (thandi.row, thandi.first_name, thandi.last_name) == (4, "Thandi", "Mokoena")
    assert (thandi.main_member, thandi.dependant_code) == ("Mokoena S", "02")
    assert (thandi.scheme, thandi.scheme_option, thandi.member_number) == ("Karoo Health", "Saver Plus", "0045123")
    assert thandi.diagnoses == ("M54.5", "S93.4")
    assert (renee.first_name, renee.diagnoses, renee.birth_date) == ("Renée", ("F41.1",), date(1968, 12, 3))


def test_a_power_diary_list_splits_names_and_leaves_couples_to_a_person() -> None:
    parsed = clients_in("powerdiary_clients.csv")
    assert [(row.first_name, row.last_name) for row in parsed.rows] == [("Sipho", "Ndlovu"), ("Cher", "")]
    assert [(fault.row, fault.left_out) for fault in parsed.faults] == [(3, True), (4, False)]
    assert "more than one person" in parsed.faults[0].sentence


def test_a_plain_list_keeps_formulas_as_text_and_points_at_them() -> None:
    parsed = clients_in("plain_clients.csv")
    assert parsed.rows[0].first_name == "=cmd|' /C calc'!A0"
    assert [(fault.row, fault.field) for fault in parsed.faults][0] == (2, "first_name")
    zanele = parsed.rows[1]
    assert (zanele.first_name, zanele.last_name) == ("Zanele", "Khumalo-Nkosi")
    assert (zanele.email, zanele.birth_date) == ("", date(1959, 12, 31))
    assert zanele.diagnoses == ("F41.1", "F32.9")


@pytest.mark.parametrize("start", ["=", "+", "@"])
def test_a_name_that_starts_like_a_formula_is_pointed_at(start: str) -> None:
    parsed = clients(f"First name,Last name\n{start}Thandi,Mokoena\n")
    assert parsed.rows[0].first_name == f"{start}Thandi"
    assert [fault.left_out for fault in parsed.faults] == [False]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_any_usual_encoding_and_separator_is_understood(encoding: str, separator: str) -> None:
    text = "First name,Last name,E-mail\r\nRenée,Müller,r@example.org\r\n".replace(",", separator)
    (row,) = clients(text.encode(encoding)).rows
    assert (row.first_name, row.last_name, row.email) == ("Renée", "Müller", "r@example.org")


def test_dates_are_read_one_way_throughout_a_file() -> None:
    rows = clients("Client,DOB\nA B,03/04/1990\nC D,25/12/1980\n").rows
    assert [row.birth_date for row in rows] == [date(1990, 4, 3), date(1980, 12, 25)]
    rows = clients("Client,DOB\nA B,03/04/1990\nC D,12/25/1980\n").rows
    assert [row.birth_date for row in rows] == [date(1990, 3, 4), date(1980, 12, 25)]


def test_dates_that_can_be_read_two_ways_are_asked_about_and_never_guessed() -> None:
    doubtful = "Client,DOB\nA B,03/04/1990\nC D,05/05/1980\n"
    parsed = clients(doubtful)
    assert parsed.asks_day_first
    assert "day or the month first" in parsed.faults[0].sentence
    assert [row.birth_date for row in parsed.rows] == [None, date(1980, 5, 5)]
    assert clients(doubtful, day_first=True).rows[0].birth_date == date(1990, 4, 3)
    assert clients(doubtful, day_first=False).rows[0].birth_date == date(1990, 3, 4)
    assert not clients(doubtful, day_first=False).asks_day_first


def test_dates_in_both_orders_are_pointed_out() -> None:
    parsed = clients("Client,DOB\nA B,13/04/1990\nC D,04/13/1980\nE F,01/02/1990\n")
    assert parsed.asks_day_first and "some the month first" in parsed.faults[0].sentence
    assert parsed.rows[2].birth_date is None


@pytest.mark.parametrize(
    "said", ["31/02/1990", "1990-13-01", "90-01-01", "yesterday", "01/13/90", "1990-01-01x", "0001-01-01"]
)
def test_a_birth_date_that_cannot_be_read_is_left_empty_and_the_client_kept(said: str) -> None:
    parsed = clients(f"Client,DOB\nThandi Mokoena,{said}\n")
    assert parsed.rows[0].birth_date is None
    assert [(fault.field, fault.left_out) for fault in parsed.faults] == [("birth_date", False)]


@pytest.mark.parametrize(
    "said", ["1990-04-03", "1990/04/03", "19900403", "3 April 1990", "3-Apr-1990", "April 3, 1990", "Tue 3 Apr 1990"]
)
def test_dates_that_leave_no_doubt_are_read(said: str) -> None:
    assert clients(f'Client;DOB\nThandi Mokoena;"{said}"\n').rows[0].birth_date == date(1990, 4, 3)


@pytest.mark.parametrize(
    ("full", "names"),
    [
        ("Thandi Mokoena", ("Thandi", "Mokoena")),
        ("Mokoena, Thandi", ("Thandi", "Mokoena")),
        ("Dr. Pieter van der Merwe", ("Pieter", "van der Merwe")),
        ("Thandi Grace Mokoena", ("Thandi Grace", "Mokoena")),
        ("Maria de la Cruz", ("Maria", "de la Cruz")),
        ("Van Tran", ("Van", "Tran")),
        ("Cher", ("Cher", "")),
        ("", ("", "")),
    ],
)
def test_full_names_are_split_the_way_people_are_called(full: str, names: tuple[str, str]) -> None:
    assert split_full_name(full) == names


def test_a_second_row_with_the_same_id_is_left_out_and_said() -> None:
    parsed = clients("ID,Client\n7,Thandi Mokoena\n7,Thandi Mokoena\n8,Sipho Ndlovu\n")
    assert [row.row for row in parsed.rows] == [2, 4]
    assert "same id as row 2" in parsed.faults[0].sentence


def test_an_unknown_status_is_pointed_out_and_the_client_read_as_active() -> None:
    parsed = clients("Client,Status\nThandi Mokoena,Purple\n")
    assert parsed.rows[0].status is ClientStanding.ACTIVE
    assert parsed.faults[0].field == "status"


# Appointments in tables


def test_cliniko_appointments_keep_arrivals_misses_and_cancellations() -> None:
    parsed = appointments_in("cliniko_appointments.csv")
    assert parsed.faults == ()
    assert [row.status for row in parsed.rows] == [Attendance.ARRIVED, Attendance.MISSED, Attendance.CANCELLED]
    assert [row.starts_at for row in parsed.rows] == [at(3, 2, 7), at(3, 2, 8), at(3, 3, 7)]
    assert (parsed.rows[0].service_name, parsed.rows[0].place) == ("Follow-up", "Rosebank")
    assert (parsed.rows[0].external_id, parsed.rows[0].note) == ("9001", "Bring forms")


def test_simplepractice_appointments_are_told_by_the_practices_clocks() -> None:
    amara, oscar, mei = appointments_in("simplepractice_appointments.csv").rows
    assert (amara.starts_at, amara.ends_at) == (at(3, 25, 7), at(3, 25, 7, 50))
    assert (oscar.client_name, oscar.status) == ("Oscar Lindqvist", Attendance.MISSED)
    assert (mei.status, mei.ends_at - mei.starts_at) == (Attendance.CANCELLED, timedelta(minutes=60))


def test_power_diary_appointments_with_impossible_times_are_left_out_one_by_one() -> None:
    parsed = appointments_in("powerdiary_appointments.csv")
    assert [row.external_id for row in parsed.rows] == ["B1", "B2"]
    assert parsed.rows[1].ends_at - parsed.rows[1].starts_at == timedelta(minutes=45)
    assert [(fault.row, fault.left_out) for fault in parsed.faults] == [(3, False), (4, True), (5, True)]


def test_jane_appointments_with_written_months_are_read() -> None:
    parsed = appointments_in("jane_appointments.csv")
    assert parsed.faults == ()
    assert [row.starts_at for row in parsed.rows] == [at(3, 4, 6, 15), at(3, 11, 6, 15)]


def test_appointments_whose_dates_can_be_read_two_ways_wait_for_an_answer() -> None:
    doubtful = "Client,Date,Time,Duration\nA B,03/04/2026,09:00,50\n"
    assert appointments(doubtful).rows == () and appointments(doubtful).asks_day_first
    assert appointments(doubtful, day_first=True).rows[0].starts_at == at(4, 3, 7)
    assert appointments(doubtful, day_first=False).rows[0].starts_at == at(3, 4, 7)


def test_appointments_outside_the_chosen_dates_are_counted_and_left_out() -> None:
    parsed = appointments("Client,Start,End\nA B,2025-12-31 09:00,10:00\nA B,2026-01-02 09:00,10:00\n")
    assert len(parsed.rows) == 1
    assert parsed.faults[0].sentence.startswith("1 appointments outside")


def test_an_hour_the_clocks_skipped_is_never_invented() -> None:
    parsed = appointments("Client,Start,End\nA B,2026-03-08 02:30,03:30\n", zone="America/New_York")
    assert parsed.rows == ()
    assert "the clocks went forward" in parsed.faults[0].sentence


@pytest.mark.parametrize("end", ["08:00", "09:00", "2026-03-09 09:00"])
def test_an_appointment_must_end_after_it_starts_within_a_day(end: str) -> None:
    parsed = appointments(f"Client,Start,End\nA B,2026-03-02 09:00,{end}\n")
    assert parsed.rows == () and parsed.faults[0].field == "ends_at"


# Calendars


def test_a_weekly_series_keeps_its_exceptions_moves_and_cancellations() -> None:
    rows = [row for row in appointments_in("practice.ics").rows if row.external_id.startswith("weekly")]
    assert [row.starts_at for row in rows] == [at(3, 2, 7), at(3, 17, 12), at(3, 23, 7), at(3, 30, 7)]
    assert [row.status for row in rows] == ["scheduled", "scheduled", "cancelled", "scheduled"]
    assert rows[1].external_id == "weekly@example.org#20260316T070000Z"
    assert (rows[0].client_name, rows[0].service_name) == ("Thandi Mokoena", "Psychotherapy 60 min")
    assert (rows[0].place, rows[0].note) == ("Room 1, Rosebank", "First of the series")


def test_the_invited_person_is_the_client_and_not_the_organizer_or_the_room() -> None:
    (row,) = [row for row in appointments_in("practice.ics").rows if row.external_id.startswith("invited")]
    assert (row.client_name, row.client_email) == ("Renée Fourie", "renee@example.co.za")
    assert (row.service_name, row.practitioner_name) == ("Intake", "Nomsa Dube")
    assert row.ends_at - row.starts_at == timedelta(minutes=50)


def test_floating_times_are_the_practices_and_zoned_ones_follow_their_own_clocks() -> None:
    rows = {row.external_id: row.starts_at for row in appointments_in("practice.ics").rows}
    assert rows["floating@example.org"] == at(3, 5, 6)
    assert rows["newyork@example.org#20260306T140000Z"] == at(3, 6, 14)
    assert rows["newyork@example.org#20260313T130000Z"] == at(3, 13, 13)


def test_an_all_day_event_is_no_appointment_and_is_said() -> None:
    (fault,) = appointments_in("practice.ics").faults
    assert "lasts all day" in fault.sentence and fault.row == 7


def test_a_moved_single_event_keeps_its_id_and_a_moved_occurrence_too() -> None:
    (before,) = appointments(calendar(event())).rows
    (after,) = appointments(calendar(event("DTSTART:20260303T110000", "DTEND:20260303T120000"))).rows
    assert before.external_id == after.external_id
    assert before.starts_at != after.starts_at


def test_a_zone_the_file_defines_itself_never_leaks_into_the_next_file() -> None:
    def own_zone(offset: str) -> str:
        zone = "BEGIN:VTIMEZONE\nTZID:House Time\nBEGIN:STANDARD\nDTSTART:19700101T000000\n"
        zone += f"TZOFFSETFROM:{offset}\nTZOFFSETTO:{offset}\nEND:STANDARD\nEND:VTIMEZONE"
        return calendar(event("DTSTART;TZID=House Time:20260302T090000", "DURATION:PT1H"), before=zone)

    assert appointments(own_zone("+0300")).rows[0].starts_at == at(3, 2, 6)
    assert appointments(own_zone("+0500")).rows[0].starts_at == at(3, 2, 4)
    without = calendar(event("DTSTART;TZID=House Time:20260302T090000", "DURATION:PT1H"))
    assert "time zone “House Time” is not known" in appointments(without).faults[0].sentence


def test_outlooks_zone_names_are_known() -> None:
    outlook = event("DTSTART;TZID=South Africa Standard Time:20260302T090000", "DURATION:PT1H")
    assert appointments(calendar(outlook), zone="UTC").rows[0].starts_at == at(3, 2, 7)


@pytest.mark.parametrize(
    ("title", "client", "service"),
    [
        ("Thandi Mokoena - Psychotherapy 60 min", "Thandi Mokoena", "Psychotherapy 60 min"),
        ("Psychotherapy – Thandi Mokoena", "Thandi Mokoena", "Psychotherapy"),
        ("Session with Thandi Mokoena", "Thandi Mokoena", "Session"),
        ("Follow-up: Thandi Mokoena", "Thandi Mokoena", "Follow-up"),
        ("Thandi Mokoena (Intake)", "Thandi Mokoena", "Intake"),
        ("Thandi Mokoena", "Thandi Mokoena", ""),
        ("Anne-Marie Smit", "Anne-Marie Smit", ""),
        ("Thandi Mokoena | Room 4", "Thandi Mokoena", "Room 4"),
    ],
)
def test_a_title_gives_the_client_and_the_service(title: str, client: str, service: str) -> None:
    assert split_title(title) == (client, service)


@pytest.mark.parametrize(
    ("title", "status"), [("Cancelled: Thandi Mokoena", "cancelled"), ("No show - Thandi Mokoena", "missed")]
)
def test_a_title_may_say_that_nobody_came(title: str, status: str) -> None:
    (row,) = appointments(calendar(event(title=title))).rows
    assert (row.client_name, row.status) == ("Thandi Mokoena", status)


def test_a_couple_in_a_calendar_is_kept_and_pointed_out() -> None:
    parsed = appointments(calendar(event(title="Anna & Ben Smit - Couples therapy")))
    assert parsed.rows[0].client_name == "Anna & Ben Smit"
    assert [fault.left_out for fault in parsed.faults] == [False]


def test_an_event_without_an_end_takes_an_hour_and_says_so() -> None:
    parsed = appointments(calendar(event("DTSTART:20260302T090000")))
    assert parsed.rows[0].ends_at - parsed.rows[0].starts_at == timedelta(minutes=60)
    assert not parsed.faults[0].left_out


RULES_REFUSED = [
    "FREQ=SECONDLY",
    "FREQ=MINUTELY",
    "FREQ=HOURLY",
    "FREQ=DAILY;INTERVAL=0",
    "FREQ=DAILY;BYHOUR=8,9,10;BYMINUTE=0,1,2",
    "FREQ=YEARLY;BYYEARDAY=400",
    "FREQ=DAILY;BYSETPOS=2",
    "FREQ=WEEKLY;BYDAY=ZZ",
    "FREQ=DAILY;COUNT=-1",
    "FREQ=DAILY;INTERVAL=99999999999999999999",
    "nonsense",
]


@pytest.mark.parametrize("rule", RULES_REFUSED)
def test_a_repetition_no_diary_has_costs_its_own_event_and_not_the_file(rule: str) -> None:
    bomb = event(*MONDAY, f"RRULE:{rule}", uid="bomb@example.org")
    parsed = appointments(calendar(bomb, event()))
    assert [row.external_id for row in parsed.rows] == ["one@example.org"]
    assert [fault.row for fault in parsed.faults] == [1]


def test_a_zone_that_counts_seconds_is_refused() -> None:
    zone = "BEGIN:VTIMEZONE\nTZID:Bomb\nBEGIN:STANDARD\nDTSTART:19700101T000000\nRRULE:FREQ=SECONDLY\n"
    zone += "TZOFFSETFROM:+0300\nTZOFFSETTO:+0400\nEND:STANDARD\nEND:VTIMEZONE"
    for opening in ("BEGIN:VTIMEZONE", "BEGIN;X=1:VTIMEZONE", "begin:vtimezone"):
        text = calendar(event("DTSTART;TZID=Bomb:20260302T090000"), before=zone.replace("BEGIN:VTIMEZONE", opening))
        assert "time zones" in appointments(text).faults[0].sentence


def test_only_so_many_occurrences_are_read_and_that_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_calendar, "MAX_ROWS", 10)
    daily = [event(*MONDAY, "RRULE:FREQ=DAILY", uid=f"{n}@example.org") for n in range(3)]
    parsed = appointments(calendar(*daily))
    assert len(parsed.rows) == 10
    assert parsed.faults[-1].sentence.startswith("Only the first")


def test_a_calendar_that_takes_too_long_is_cut_short_and_that_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_calendar, "SECONDS_TO_READ", -1.0)
    parsed = appointments(calendar(event()))
    assert parsed.rows == () and "too long" in parsed.faults[0].sentence


def test_a_window_of_a_lifetime_is_cut_to_five_years() -> None:
    forever = event(*MONDAY, "RRULE:FREQ=WEEKLY")
    lifetime = (datetime(2026, 1, 1, tzinfo=UTC), datetime(2126, 1, 1, tzinfo=UTC))
    parsed = read_appointments(calendar(forever).encode(), "x.ics", ZONE, *lifetime)
    assert 250 < len(parsed.rows) < 262
    assert "five years" in parsed.faults[0].sentence


# Whatever the bytes are


HOSTILE = {
    "empty": b"",
    "blank": b" \r\n\t\r\n",
    "zeros": b"\0" * 1000,
    "workbook": b"PK\x03\x04" + b"\x01\x02" * 50,
    "old workbook": b"\xd0\xcf\x11\xe0" + b"\0" * 50,
    "pdf": b"%PDF-1.7 ...",
    "prose": b"Dear colleague, please find attached",
    "headings only": b"First name,Last name\n",
    "torn utf-16": b"\xff\xfea",
    "noise": bytes(range(256)) * 40,
    "torn calendar": b"BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:2026",
    "empty calendar": b"BEGIN:VCALENDAR\nEND:VCALENDAR\n",
    "nested calendar": b"BEGIN:VCALENDAR\n"
    + b"BEGIN:VEVENT\n" * 20_000
    + b"END:VEVENT\n" * 20_000
    + b"END:VCALENDAR\n",
    "zones without end": b"BEGIN:VCALENDAR\n" + b"BEGIN:VTIMEZONE\n" * 20_000,
    "one long line": b"First name,Last name\n" + b"a" * 3_000_000,
    "open quote": b'First name,Last name\n"' + b"a\n" * 1_000_000,
    "short open quote": b'First name,Last name\n"Thandi,Mokoena\nSipho,Ndlovu\n',
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_file_nobody_can_use_is_answered_with_a_sentence(name: str) -> None:
    for parsed in (clients(HOSTILE[name]), appointments(HOSTILE[name])):
        assert parsed.rows == ()
        assert all(fault.sentence.endswith(".") for fault in parsed.faults)
        assert parsed.faults


def test_a_file_too_large_is_refused_before_it_is_read() -> None:
    large = b"First name,Last name\n" + b"a" * 50_000_000
    assert "larger than 10 MB" in clients(large).faults[0].sentence
    assert "larger than 5 MB" in appointments(calendar("X:" + "a" * 5_000_000)).faults[0].sentence


def test_only_so_many_rows_are_read_and_that_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_tables, "MAX_ROWS", 10)
    parsed = clients("Client\n" + "Thandi Mokoena\n" * 50)
    assert len(parsed.rows) == 10
    assert parsed.faults[-1].sentence.startswith("Only the first")


def test_a_row_with_a_stray_comma_is_left_out_rather_than_shifted() -> None:
    parsed = clients("First name,Last name,City\nThandi,Mokoena,Cape Town, South\nSipho,Ndlovu,Durban\n")
    assert [row.row for row in parsed.rows] == [3]
    assert parsed.faults[0].row == 2


def test_a_list_without_names_says_which_columns_to_add() -> None:
    assert "Name the columns First name and Last name" in clients("Email,Phone\na@example.org,1\n").faults[0].sentence
    assert "Name one column Client" in appointments("Date,Time\n2026-03-02,09:00\n").faults[0].sentence
    assert "Name the columns Date and Start time" in appointments("Client\nA B\n").faults[0].sentence


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=400))
def test_no_bytes_ever_raise(data: bytes) -> None:
    for start in (b"", b"Client,DOB,Status\n", b"Client,Date,Time,End\n", b"BEGIN:VCALENDAR\nBEGIN:VEVENT\n"):
        clients(start + data)
        appointments(start + data)


CELLS = st.lists(
    st.sampled_from(["03/04/2026", "9am", "=1+1", "A & B", '"', "\n", "2026-13-45 99:99", "Ünal", "é" * 50, "-5", ""])
)


@settings(max_examples=60, deadline=None)
@given(st.lists(CELLS, max_size=6))
def test_no_table_ever_raises(rows: list[list[str]]) -> None:
    body = "\n".join(",".join(row) for row in rows)
    clients("Client,DOB,Email,Status,Diagnosis\n" + body)
    appointments("Client,Date,Start time,End time,Duration,Status\n" + body)


VALUES = st.sampled_from(
    [
        "20260302T090000",
        "20260302",
        "99999999T999999",
        "FREQ=WEEKLY",
        "PT-5H",
        "P9999999D",
        "\ud83d",
        "a" * 90,
        "mailto:",
        "",
    ]
)
NAMES = st.sampled_from(
    [
        "DTSTART",
        "DTEND",
        "DURATION",
        "RRULE",
        "RDATE",
        "EXDATE",
        "RECURRENCE-ID",
        "SUMMARY",
        "ATTENDEE;CN=",
        "UID",
        "STATUS",
    ]
)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(NAMES, VALUES), max_size=8))
def test_no_calendar_ever_raises(lines: list[tuple[str, str]]) -> None:
    body = [f"{name}:{value}" for name, value in lines]
    text = calendar("BEGIN:VEVENT", *body, "END:VEVENT", event())
    parsed = appointments(text.encode("utf-8", "replace"))
    assert parsed.rows or parsed.faults


def test_random_noise_is_never_a_table() -> None:
    assert clients(os.urandom(50_000)).rows == ()
