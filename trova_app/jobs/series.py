"""A series of sessions: the next ones are made, once a month."""

from trova_app.jobs.means import Means
from trova_app.services import outbox, series
from trova_app.services.outbox import Job


def extend_series(means: Means, job: Job) -> None:
    with means.act() as (db, desk):
        series.extend(db, desk, job.payload["series_id"])
        outbox.finish(db, desk, job)
