"""Every request that any test sends to a payment gateway, held against everybody who stands in that test's database,
and against whatever opens an invoice there.

The stand-ins and the simulated gateway note what they are asked; after each test `must_name_nobody` looks for every
name, address, number, code, description and pay token its database knows. A served process of its own notes what it
asks of the simulated gateway into a file in its data folder (`tests/into_the_server.py`), and `ServedApp.stop` looks
through that; what it asked of a stand-in is looked through when the two are done (`tests/web/conftest.py`,
`tests/e2e/conftest.py`).
"""

import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from functools import wraps
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlmodel import SQLModel

Field = tuple[str, str]

REQUESTS: list[str] = []
"""What was asked since the last test ended, one request each, readable."""

FILE = "asked-of-gateways.txt"
COUNTS = {"amount", "unit_amount", "amount_minor", "quantity", "limit", "gte", "perPage", "page", "content-length"}
"""Fields that hold a number and can hold nothing else: a price may look like a code."""

OURS = {
    "host": re.compile(r"[\w.-]+:\d+"),
    "practice": re.compile(r"\d+"),
    "invoice": re.compile(r"\d+"),
    "instance": re.compile(r"[0-9a-f]{32}"),
}
"""Whom we ask, and the numbers of a row and of this installation: left out where they are just that."""

CODES = ("code", "icd_codes")
WHOLE = {
    "client": ("email", "phone", "address", "guardian_address", "member_number", "external_id", "scheme_option"),
    "custom_value": ("value",),
    "client_diagnosis": ("code", "description"),
    "invoice_diagnosis": ("code", "description"),
    "service_line": ("code",),
    "invoice_line": CODES,
    "member": ("email", "council_number", "practice_number"),
    "practice": ("name", "sender_name", "support", "email", "phone", "practice_number", "council_number", "tax_number"),
    "scheme": ("claim_email",),
    "mail": ("recipient",),
    "appointment": ("note", "place", "external_id"),
    "invoice": ("void_reason",),
    "payment": ("reference",),
    "refund": ("reference", "note"),
    "review_item": ("reason",),
}
"""Found as they stand; a line's codes also one by one."""

NAMES = {"client": ("first_name", "last_name", "main_member"), "member": ("name", "qualification")}
"""Each word of these tells who somebody is."""

DESCRIPTIONS = {
    "care_service": ("name",),
    "service_line": ("description",),
    "invoice": ("service_name",),
    "invoice_line": ("description",),
    "client_diagnosis": ("description",),
    "invoice_diagnosis": ("description",),
    "scheme": ("name",),
    "scheme_rate": ("description",),
}
"""Each longer word of these tells what somebody is treated for, or by whom it is paid."""

NEUTRAL_WORDS = {"invoice", "session", "payment", "practice", "request", "message", "settled", "without", "other"} | {
    "partner"
}
"""They stand in what we ask of a gateway ourselves, or in how its own client names itself."""

REAL_TOKEN = 20
"""Characters, at least."""

CANARIES = ("Thandi", "Mokoena", "thandi@example.test", "Naidoo", "F41.1", "Generalized", "Psychotherapy", "86205")
"""What `tests/builders.py` gives where a test does not say; looked for also where no database is at hand."""


def note(place: str, fields: Iterable[Field]) -> str:
    line = _line(place, fields)
    REQUESTS.append(line)
    return line


def _line(place: str, fields: Iterable[Field]) -> str:
    told = [f"{name}={value}" for name, value in fields if not _can_tell_nothing(name, value)]
    return re.sub(r"\s+", " ", f"{place} {' | '.join(told)}")


def _can_tell_nothing(name: str, value: str) -> bool:
    last = re.split(r"[\[\].]+", name.rstrip("]"))[-1].casefold().removeprefix("trova_")
    return last in COUNTS or (last in OURS and bool(OURS[last].fullmatch(value)))


def flat(value: Any, name: str = "") -> Iterator[Field]:
    """The leaves of a JSON body, each with the way to it."""
    if isinstance(value, dict):
        for key, held in value.items():
            yield from flat(held, f"{name}.{key}" if name else str(key))
    elif isinstance(value, list):
        for held in value:
            yield from flat(held, name)
    else:
        yield name, str(value)


def people_words(engine: sa.Engine) -> set[str]:
    """Everything in the database that may tell who somebody is or what they are treated for."""
    found: set[str] = set()
    with engine.connect().execution_options(writes=False) as connection:
        for table, columns in WHOLE.items():
            for text in _texts(connection, table, columns):
                found |= {text, *re.split(r"[\s,;]+", text)} if columns == CODES else {text}
        for table, columns in NAMES.items():
            found |= {word for text in _texts(connection, table, columns) for word in re.findall(r"\w{3,}", text)}
        for table, columns in DESCRIPTIONS.items():
            for text in _texts(connection, table, columns):
                found |= {text, *re.findall(r"[^\W\d_]{5,}", text)}
    return {word for word in found if len(word) >= 3 and word.casefold() not in NEUTRAL_WORDS}


def _texts(connection: sa.Connection, table: str, columns: tuple[str, ...]) -> Iterator[str]:
    held = SQLModel.metadata.tables[table]
    for row in connection.execute(sa.select(*(held.c[name] for name in columns)).distinct()):
        yield from (text for text in row if text)


def named_in(requests: Iterable[str], words: Iterable[str]) -> list[str]:
    """Each word that stands in a request as a word of its own, with the request."""
    sent = "\n".join(requests).casefold()
    hits = []
    for word in words:
        plain = re.sub(r"\s+", " ", word).casefold()
        if plain in sent and (at := re.search(rf"(?<![^\W_]){re.escape(plain)}(?![^\W_])", sent)):
            line = sent[sent.rfind("\n", 0, at.start()) + 1 : at.end()]
            hits.append(f"{word!r} in: {line}")
    return hits


def pay_tokens(engine: sa.Engine) -> set[str]:
    """What opens an invoice and its documents. Tests that need no page give short ones, which are words like others."""
    with engine.connect().execution_options(writes=False) as connection:
        return {token for token in _texts(connection, "invoice", ("pay_token",)) if len(token) >= REAL_TOKEN}


def must_name_nobody(engine: sa.Engine, requests: list[str] | None = None) -> None:
    """Raises AssertionError where a request tells anything about anybody in this database, or opens anything in it."""
    sent = REQUESTS if requests is None else requests
    told = named_in(sent, people_words(engine)) if sent else []
    assert told == [], "A payment gateway was told about a person:\n" + "\n".join(told)
    given = named_in(sent, pay_tokens(engine)) if sent else []
    assert given == [], "A payment gateway was given the key to an invoice:\n" + "\n".join(given)


def must_carry_no_canary() -> None:
    told = named_in(REQUESTS, CANARIES)
    REQUESTS.clear()
    assert told == [], "A payment gateway was told about a person:\n" + "\n".join(told)


# The simulated gateway is asked in process


def watch_simulated(file: Path | None = None) -> None:
    """From now on everything the simulated gateway is asked is noted; into `file` where a test runs elsewhere."""
    from trova_app.adapters.simulated import SimulatedGateway

    def watched(name: str) -> Any:
        asked = getattr(SimulatedGateway, name)
        place = f"simulated{name.title().replace('_', '')}"  # one word: "open" by itself may be somebody's

        @wraps(asked)
        def noted(self: Any, *given: Any) -> Any:
            fields = [field for one in given for field in _fields_of(one)]
            if file is None:
                note(place, fields)
            else:
                with file.open("a") as out:
                    out.write(_line(place, fields) + "\n")
            return asked(self, *given)

        return noted

    for name in ("open", "find", "close", "read", "read_payment", "refund"):
        setattr(SimulatedGateway, name, watched(name))


def _fields_of(given: Any) -> Iterator[Field]:
    return flat(asdict(given)) if hasattr(given, "__dataclass_fields__") else flat(given, "given")


def watch_here() -> None:
    """In a served process: into its data folder."""
    folder = Path(os.environ["TROVA_DATA_DIR"])
    watch_simulated(folder / FILE)
