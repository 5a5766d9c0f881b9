"""What needs no browser: printing, finishing a session, finding a diagnosis code."""

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

import sqlalchemy as sa

from tests import builders as a
from tests.bench.report import Report
from tests.document_samples import LINE, an_invoice
from tests.served import ServedApp
from trova_app.adapters.icd_codes import open_codes
from trova_app.adapters.pdf import TypstPress
from trova_app.domain.lines import shown
from trova_app.models import Client
from trova_app.services import billing
from trova_app.services.clients import list_clients
from trova_app.services.working_copy import find_case, working_copy

NAMES = ("thandi", "pieter", "zoe", "ayanda", "kagiso", "lerato", "sipho", "nomsa")
TYPED = ("a", "an", "anx", "anxi", "anxiety", "F41", "F41.1", "dep", "depress", "ptsd", "panic dis", "grief", "adhd")


def taken_ms(does: Callable[[], Any]) -> float:
    began = time.perf_counter()
    does()
    return (time.perf_counter() - began) * 1000


def printing(report: Report, runs: int) -> None:
    press = TypstPress()
    press.pdf(an_invoice())
    for count in (4, 80):
        content = an_invoice(
            lines=(LINE,) * count, subtotal=LINE.total * count, total=LINE.total * count, due=LINE.total * count
        )
        # another number each time, so that nothing is remembered
        numbered = [replace(content, number=f"INV-{n:04d}") for n in range(runs)]
        report.spread(f"PDF of {count} lines", [taken_ms(lambda c=c: press.pdf(c)) for c in numbered])  # type: ignore[misc]


def finishing(report: Report, served: ServedApp, runs: int) -> None:
    """The act behind "Send", with its commit to disk (SQLite, full sync), beside a running server and its worker."""
    with served.act() as (db, _):
        practice = a.a_practice(db, number_prefix="FIN")
        member, client = a.a_member(db, practice), a.a_client(db, practice)
        service = a.a_service(db, practice, lines=4)
        over = datetime.now(UTC) - timedelta(hours=1)
        ids = [a.an_appointment(db, client, service, member, ends=over).id for _ in range(runs)]
    who = a.principal(member)

    def finish(appointment_id: int | None) -> None:
        with served.act() as (db, desk):
            case = find_case(db, who, appointment_id)
            copy = working_copy(db, desk, case)
            submitted = dict(copy.form.pairs()) | {"payment_type": "other"}
            sums = dict(shown(case.rules.pairs() + list(submitted.items())))
            billing.finish(
                db, desk, who, appointment_id=int(appointment_id or 0), version=copy.version, act="send_invoice",
                submitted=submitted, seen=sums["total"],
            )  # fmt: skip

    report.spread("Finishing a session (Send, 4 lines), to disk", [taken_ms(lambda i=i: finish(i)) for i in ids])  # type: ignore[misc]


def finding_clients(report: Report, served: ServedApp, runs: int, count: int = 50_000) -> None:
    """The list's search while somebody types: by a name many have, by a phone one has, by what nobody has."""
    with served.act() as (db, _):
        practice = a.a_practice(db, number_prefix="MANY")
        who, first = a.principal(a.a_member(db, practice)), a.a_client(db, practice)
        one = first.model_dump(exclude={"id"})
        people = (
            one | {"search_text": f"{NAMES[n % 8]} {n:06d} person{n}@example.test 082{n:07d} {n:09d}"}
            for n in range(count)
        )
        for _ in range(0, count, 1000):
            db.execute(sa.insert(Client), list(islice(people, 1000)))
    for typed, words in {"a common name": "thandi", "a phone": "0820043210", "nobody": "zzzz"}.items():
        with served.act(writes=False) as (db, desk):
            found = [taken_ms(lambda w=words: list_clients(db, desk, who, search=w)) for _ in range(runs)]  # type: ignore[misc]  # noqa: B023
        report.spread(f"Client search, {count:,} clients: {typed}", found)


def finding_codes(report: Report, served: ServedApp, runs: int) -> None:
    codes = open_codes(served.data)
    for words in TYPED:
        codes.search(words)
    report.spread("ICD-10 search", [taken_ms(lambda w=w: codes.search(w)) for _ in range(runs) for w in TYPED])  # type: ignore[misc]
    codes.close()
