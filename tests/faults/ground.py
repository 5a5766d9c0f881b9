"""The same start for every run: a database and the books at Stripe, put back each time. And what both say in the
end."""

import shutil
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import Session, col, select

from tests import builders as a
from tests import databases
from tests.conftest import NOON, FixedClock
from tests.contract.stand_in import StandIn
from tests.databases import with_database
from tests.faults.life import VAULT, Life, PostOffice
from tests.faults.points import Points
from tests.faults.stories import Start, Story
from trova_app.models import (
    Appointment,
    Dispute,
    Document,
    GatewayAccount,
    Invoice,
    OutboxRow,
    Payment,
    PaymentRequest,
    Practice,
    Refund,
    ReviewItem,
    TimelineEntry,
    WebhookEndpoint,
)
from trova_app.services import payments
from trova_app.services.check import check
from trova_app.services.gateway_accounts import secrets_of
from trova_app.wiring import make_engine

ROUNDS = 6
BETWEEN_ROUNDS = 11  # minutes: longer than a lease, and than a request may stand between two states


def in_turn(names: Iterable[str]) -> list[Any]:
    """(name, kind of database) for every name: on one of the two in `make test`, in turn, on the other in the soak."""
    marks = {"sqlite": [], "postgres": [pytest.mark.postgres]}
    return [
        pytest.param(name, kind, marks=[*marks[kind], *([] if (n + m) % 2 else [pytest.mark.soak])])
        for n, name in enumerate(names)
        for m, kind in enumerate(marks)
    ]


def made(database: Any) -> Start:
    """One practice, one client, one session that has taken place."""
    with database.act() as (db, _desk):
        practice = a.a_practice(db)
        member = a.a_member(db, practice)
        client = a.a_client(db, practice)
        a.a_diagnosis(db, client)
        appointment = a.an_appointment(db, client, a.a_service(db, practice), member)
    assert appointment.id
    return Start(a.principal(member), appointment.id)


class Copies:
    """One database after the other like one that nobody is connected to any more, each at the same address."""

    def __init__(self, url: str, folder: Path) -> None:
        self._url = url
        self._is_file = url.startswith("sqlite")
        self._name = f"copy_{uuid.uuid4().hex[:12]}"
        self.url = f"sqlite:///{folder}/{self._name}.sqlite3" if self._is_file else with_database(url, self._name)
        self.engine = make_engine(self.url)

    @contextmanager
    def one(self) -> Iterator[str]:
        path = Path(str(sa.make_url(self.url).database))
        if self._is_file:
            shutil.copy(str(sa.make_url(self._url).database), path)
        else:
            source = str(sa.make_url(self._url).database)
            databases.leave_alone(self._server, source)
            databases.new(self._server, source, self._name)
        yield self.url
        self.engine.dispose()
        if self._is_file:
            for left in path.parent.glob(f"{path.name}*"):
                left.unlink()
        else:
            databases.drop(self._server, self._name)

    @property
    def _server(self) -> str:
        return with_database(self._url, "postgres")


@dataclass
class Run:
    """One run from the start: its database, its clock and its post office."""

    url: str
    engine: sa.Engine
    stand_in: StandIn
    story: Story
    start: Start
    book: Path
    clock: FixedClock = field(default_factory=lambda: FixedClock(NOON))

    def life(self, points: Points | None = None, **given: Any) -> Life:
        """A process like any other; the ones that only look or recover share what they know of the database."""
        return Life(self.url, self.stand_in.url, self.book, self.clock, points or Points(), **given)

    def recover(self) -> None:
        """The process starts again, people do what they do not see done, and everything is looked through."""
        life = self.life(engine=self.engine)
        for passed in range(ROUNDS):
            self.clock.advance(minutes=BETWEEN_ROUNDS)
            self.once_more(life)
            if passed and is_quiet(life):
                break

    def once_more(self, life: Life) -> None:
        self.story.run(life, self.start)
        life.sweep()
        life.work()

    def mails(self) -> list[tuple[str, str, str]]:
        return PostOffice(self.book).mails()

    def ending(self) -> dict[str, Any]:
        """What stands here, at Stripe and in the mailboxes. Raises where the books are unsound or do not agree."""
        life = self.life(engine=self.engine)
        with life.act(writes=False) as (db, _desk):
            assert check(db, self.clock.now()) == []
            must_agree(db, self.stand_in)
            found = here(db)
        books = self.stand_in.books
        return found | {
            "links at Stripe": [(name, link["active"]) for name, link in books.links.items()],
            "pages at Stripe": [(page["payment_link"], page["status"]) for page in books.sessions],
            "refunds at Stripe": [(refund["payment_intent"], refund["amount"]) for refund in books.refunds],
            "letters": sorted({(to, subject) for _id, to, subject in self.mails()}),
            "Message-IDs": len({message_id for message_id, _to, _subject in self.mails()}),
        }


@dataclass
class Ground:
    """A story's start, kept."""

    copies: Copies
    stand_in: StandIn
    story: Story
    start: Start
    folder: Path
    books: Any
    remembered: Any
    mails: str

    @contextmanager
    def run(self) -> Iterator[Run]:
        """Begins at the start again."""
        self.stand_in.clear()
        self.stand_in.books = deepcopy(self.books)
        self.stand_in.remembered.update(self.remembered)
        book = self.folder / f"{uuid.uuid4().hex}.post"
        book.write_text(self.mails)
        with self.copies.one() as url:
            start = replace(self.start, events=list(self.start.events))
            yield Run(url, self.copies.engine, self.stand_in, self.story, start, book)


def ground(database: Any, stand_in: StandIn, story: Story, folder: Path) -> Ground:
    """Leads to the story's start."""
    start, book = made(database), folder / "start.post"
    book.touch()
    url = database.engine.url.render_as_string(hide_password=False).replace("+psycopg", "")
    database.engine.dispose()
    life = Life(url, stand_in.url, book, database.clock)
    story.begin(life, start, stand_in.books)
    life.end()
    return Ground(
        copies=Copies(url, folder),
        stand_in=stand_in,
        story=story,
        start=start,
        folder=folder,
        books=deepcopy(stand_in.books),
        remembered=dict(stand_in.remembered),
        mails=book.read_text(),
    )


def is_quiet(life: Life) -> bool:
    """Nothing is left to do, and no link stands between two states."""
    with life.act(writes=False) as (db, _desk):
        jobs = db.exec(select(OutboxRow.id).where(col(OutboxRow.done_at).is_(None))).all()
        between = select(PaymentRequest.id).where(col(PaymentRequest.state).in_(("creating", "closing")))
        return not jobs and not db.exec(between).all()


def here(db: Session) -> dict[str, Any]:
    """The books of the only practice, without the names that chance gives."""
    practice = db.exec(select(Practice)).one()
    jobs = db.exec(select(OutboxRow).where(col(OutboxRow.done_at).is_(None))).all()
    return {
        "practice": practice.name,
        "sessions": [one.state for one in _all(db, Appointment)],
        "invoices": [
            (one.status, one.number_text, one.total_minor, payments.paid_minor(db, one.id)) for one in _all(db, Invoice)
        ],
        "documents": sorted((one.kind, one.number_text) for one in _all(db, Document)),
        "requests": [
            (one.state, one.amount_minor, one.provider_ref, one.last_error) for one in _all(db, PaymentRequest)
        ],
        "payments": sorted((one.provider, one.state, one.amount_minor, one.is_credit) for one in _all(db, Payment)),
        "refunds": [(one.state, one.amount_minor) for one in _all(db, Refund)],
        "disputes": [(one.state, one.amount_minor) for one in _all(db, Dispute)],
        "timeline": sorted(one.what for one in _all(db, TimelineEntry)),
        "questions": sorted((one.kind, one.state) for one in _all(db, ReviewItem)),
        "accounts": [
            (one.disconnected_at is None, one.key_encrypted != "", one.test_url != "")
            for one in _all(db, GatewayAccount)
        ],
        "left undone": [(job.kind, job.last_error) for job in jobs],
    }


def must_agree(db: Session, stand_in: StandIn) -> None:
    """Our books and Stripe's, each payment, each refund and each link by its name there."""
    books = stand_in.books
    assert stand_in.breaches == []
    requests, online = _all(db, PaymentRequest), [one for one in _all(db, Payment) if one.provider == "stripe"]
    arrived = {name: row["amount"] for name, row in books.payments.items() if row["status"] == "succeeded"}
    assert {one.provider_payment_id: one.amount_minor for one in online if one.state == "succeeded"} == arrived
    went = {row["id"]: row["amount"] for row in books.refunds}
    assert {one.provider_refund_id: one.amount_minor for one in _all(db, Refund)} == went
    disputed = {row["id"]: row["amount"] for row in books.disputes}
    assert {one.provider_dispute_id: one.amount_minor for one in _all(db, Dispute)} == disputed
    of_tests = [name for name, link in books.links.items() if link["metadata"]["trova_instance"] == "test payment"]
    assert sorted(one.provider_ref for one in requests if one.provider_ref) == sorted({*books.links} - {*of_tests})
    payable = [name for name in books.payable() if name not in of_tests]
    assert [one.provider_ref for one in requests if one.state == "active"] == payable
    assert len(payable) <= 1
    assert sorted(one.test_url for one in _all(db, GatewayAccount) if one.test_url) == sorted(
        books.links[name]["url"] for name in of_tests
    )
    own = [one for one in _all(db, WebhookEndpoint) if one.practice_id]
    believed = [secret for one in own for secret in secrets_of(VAULT, one, NOON)]
    assert [endpoint["secret"] for endpoint in books.endpoints.values()] == believed


def _all(db: Session, table: type[Any]) -> list[Any]:
    return list(db.exec(select(table).order_by(*sa.inspect(table).primary_key)).all())
