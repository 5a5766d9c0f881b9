"""The rows of a list of clients."""

import re
from collections.abc import Iterator, Sequence
from datetime import date

from trova_app.adapters.import_columns import CLIENT_COLUMNS, CLIENT_STATUSES, meaning
from trova_app.adapters.import_dates import is_two_way, read_date
from trova_app.adapters.import_names import is_couple, split_full_name
from trova_app.adapters.import_reading import LeftOut, Reading, an_address, note_formula, rows_of, table_of
from trova_app.adapters.import_tables import Lines, Record
from trova_app.domain.diagnoses import tidy_code
from trova_app.domain.imports import ClientRow, ClientStanding

CODE_DIVIDER = re.compile(r"[;,|/\n]+|\s+(?=[A-Za-z]\d\d)")
DATES = ("birth_date",)


def client_rows(readings: Sequence[Lines], reading: Reading) -> Iterator[ClientRow]:
    """Raises `Unreadable`."""
    table = table_of(readings, CLIENT_COLUMNS, reading, DATES, _missing_columns)
    return rows_of(table, reading, _client)


def _missing_columns(fields: frozenset[str]) -> str | None:
    if fields & {"full_name", "first_name", "last_name"}:
        return None
    return "No column holds the clients' names. Name the columns First name and Last name, or one column Client."


def _client(record: Record, reading: Reading) -> ClientRow:
    first_name, last_name = _client_names(record, reading)
    return ClientRow(
        row=record.row,
        first_name=first_name,
        last_name=last_name,
        email=an_address(record, "email", reading),
        phone=record.get("phone"),
        birth_date=_birth_date(record, reading),
        scheme=record.get("scheme"),
        scheme_option=record.get("scheme_option"),
        member_number=record.get("member_number"),
        dependant_code=record.get("dependant_code"),
        main_member=record.get("main_member"),
        diagnoses=_diagnoses(record.get("diagnoses")),
        address=record.get("address"),
        status=_standing(record, reading),
        external_id=record.get("external_id"),
    )


def _client_names(record: Record, reading: Reading) -> tuple[str, str]:
    first_name, last_name = _names(record)
    if not first_name and not last_name:
        raise LeftOut("first_name", "This row has no name.")
    if is_couple(first_name) or is_couple(last_name):
        raise LeftOut("first_name", "This looks like more than one person. Give each a row of their own.")
    for name, said in (("first_name", first_name), ("last_name", last_name)):
        note_formula(record.row, name, said, reading)
    if not first_name or not last_name:
        reading.note(record.row, "last_name", "Only one name is given. Check whether the other is missing.")
    return first_name, last_name


def _names(record: Record) -> tuple[str, str]:
    """First and last name, out of one column or two. "Patient name" beside "Surname" is a first name."""
    first_name, last_name, full = record.get("first_name"), record.get("last_name"), record.get("full_name")
    if first_name or last_name:
        return first_name or full, last_name
    return split_full_name(full)


def _birth_date(record: Record, reading: Reading) -> date | None:
    """The date of birth; one that cannot be read is left empty, and the client kept."""
    said = record.get("birth_date")
    if not said or (reading.asks_day_first and is_two_way(said)):
        return None
    try:
        return read_date(said.removesuffix(" 00:00:00").removesuffix("T00:00:00"), reading.day_first)
    except ValueError as problem:
        reading.note(record.row, "birth_date", f"{problem} The date of birth was left empty.")
        return None


def _diagnoses(said: str) -> tuple[str, ...]:
    """Codes in their order. "F41.1; F32.9", "F41.1 F32.9" and one code per line are the same."""
    return tuple(dict.fromkeys(code for part in CODE_DIVIDER.split(said) if (code := tidy_code(part))))


def _standing(record: Record, reading: Reading) -> ClientStanding:
    archived, said = record.get("archived"), record.get("status")
    if archived and archived.casefold() not in {"no", "false", "0"}:
        return ClientStanding.ARCHIVED
    known = meaning(said, CLIENT_STATUSES)
    if said and known is None:
        reading.note(record.row, "status", "This status is not known. The client was read as active.")
    return ClientStanding(known or "active")
