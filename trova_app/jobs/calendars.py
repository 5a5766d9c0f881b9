"""Another calendar is read, and the sessions here brought in step with it."""

from collections.abc import Iterator, Sequence

from trova_app.domain.calendars import CalendarTrouble, Fetched
from trova_app.domain.imports import AppointmentRow, ParsedFile
from trova_app.domain.refusals import Refusal
from trova_app.jobs.means import Means
from trova_app.services import calendar_subscriptions, outbox
from trova_app.services.calendar_subscriptions import Wanted
from trova_app.services.outbox import Job

AT_A_TIME = 20  # events in one transaction


def read_calendar(means: Means, job: Job) -> None:
    """Trouble is kept with the subscription, where people see it; it is asked for again at the next turn."""
    key = job.payload["subscription_id"]
    try:
        with means.act() as (db, desk):
            wanted = calendar_subscriptions.wanted(db, desk, key)
            if wanted is None:
                outbox.finish(db, desk, job)
                return
        fetched, parsed = _read(means, wanted)
    except (CalendarTrouble, Refusal) as trouble:
        with means.act() as (db, desk):
            calendar_subscriptions.troubled(db, desk, key, trouble.sentence)
            outbox.finish(db, desk, job)
        return
    left_out = 0
    for rows in _few_at_a_time(parsed.rows if parsed else ()):
        with means.act() as (db, desk):
            left_out += calendar_subscriptions.take_in(db, desk, key, rows)
            desk.point("worker: some of a calendar taken in")
    with means.act() as (db, desk):
        calendar_subscriptions.all_taken_in(db, desk, key, fetched, parsed, left_out)
        outbox.finish(db, desk, job)


def _few_at_a_time(rows: Sequence[AppointmentRow]) -> Iterator[Sequence[AppointmentRow]]:
    """So that nobody's save waits for a whole calendar; taken in twice, an event is the same session."""
    for at in range(0, len(rows), AT_A_TIME):
        yield rows[at : at + AT_A_TIME]


def _read(means: Means, wanted: Wanted) -> tuple[Fetched, ParsedFile[AppointmentRow] | None]:
    fetched = means.outside.fetch_calendar(wanted.address, wanted.etag, wanted.modified)
    if fetched.text is None:
        return fetched, None
    return fetched, means.outside.read_calendar(fetched.text, wanted.zone, wanted.since, wanted.until)
