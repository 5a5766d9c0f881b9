"""What needs no browser: printing, finishing a session, finding a diagnosis code."""

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from tests import builders as a
from tests.bench.report import Report
from tests.document_samples import LINE, an_invoice
from tests.served import ServedApp
from trova_app.adapters.icd_codes import open_codes
from trova_app.adapters.pdf import TypstPress
from trova_app.domain.lines import shown
from trova_app.services import billing
from trova_app.services.working_copy import find_case, working_copy

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


def finding_codes(report: Report, served: ServedApp, runs: int) -> None:
    codes = open_codes(served.data)
    for words in TYPED:
        codes.search(words)
    report.spread("ICD-10 search", [taken_ms(lambda w=w: codes.search(w)) for _ in range(runs) for w in TYPED])  # type: ignore[misc]
    codes.close()
