"""What the worker does outside, one module for each noun.

Each job: a short transaction to read what is wanted, the outside work with no transaction open, a short transaction for
the result. Whatever is cut short by a crash is done again once its lease has run out, under the same key.
"""

from collections.abc import Callable

from trova_app.jobs.calendars import read_calendar
from trova_app.jobs.documents import render_document
from trova_app.jobs.events import ingest_event
from trova_app.jobs.imports import import_file
from trova_app.jobs.letters import send_letter
from trova_app.jobs.links import check_link, close_link, open_link
from trova_app.jobs.means import Means
from trova_app.jobs.refunds import refund
from trova_app.jobs.series import extend_series
from trova_app.jobs.set_up import close_test_payment, connect_webhooks, open_test_payment, remove_webhooks
from trova_app.services.outbox import Job

__all__ = ["JOBS", "Means"]

JOBS: dict[str, Callable[[Means, Job], None]] = {
    "open_link": open_link,
    "close_link": close_link,
    "check_link": check_link,
    "refund": refund,
    "connect_webhooks": connect_webhooks,
    "remove_webhooks": remove_webhooks,
    "test_payment": open_test_payment,
    "close_test_payment": close_test_payment,
    "letter": send_letter,
    "render_document": render_document,
    "ingest_event": ingest_event,
    "extend_series": extend_series,
    "import_file": import_file,
    "read_calendar": read_calendar,
}
"""By the kind written in the outbox row. A job may raise: whoever runs it writes that to the row."""
