"""A document: printed at the first need and kept, so that everybody gets the same bytes."""

from trova_app.domain.documents import DocumentContent
from trova_app.jobs.means import Means, UnitOfWork
from trova_app.outside import Outside
from trova_app.services import document_files, outbox
from trova_app.services.outbox import Job


def render_document(means: Means, job: Job) -> None:
    printed(means, job.payload["document_id"])
    with means.act() as (db, desk):
        outbox.finish(db, desk, job)


def printed(means: Means, document_id: int) -> tuple[str, bytes]:
    """(file name, PDF)."""
    with means.act(writes=False) as (db, _desk):
        file = document_files.for_worker(db, document_id)
    return file.filename, file.pdf or print_and_keep(means.outside, means.act, file.id, file.content)


def print_and_keep(outside: Outside, act: UnitOfWork, document_id: int, content: DocumentContent) -> bytes:
    """Prints with no transaction open, then stores unless somebody was faster; the bytes that stand."""
    pdf = outside.print_pdf(content)
    with act() as (db, _desk):
        return document_files.keep_pdf(db, document_id, pdf)
