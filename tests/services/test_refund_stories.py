"""Refunds at random of an invoice paid by link, whose account was replaced: people write down, answer, take back and
decide, the gateway tells in any order and more than once. After each step the books add up; all told once more, in
another order, changes nothing. On both databases."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, note, settings
from hypothesis import strategies as st
from sqlmodel import Session, select

from tests import conftest
from tests.conftest import Database, FixedClock
from tests.giving_back import a_refund_fact, key_goes
from tests.paying import Gate, a_fact, a_worker, an_invoice, an_outside
from trova_app.domain.gateways import GatewayTrouble, RefundFact
from trova_app.domain.refusals import Refusal
from trova_app.jobs.means import UNEXPECTED
from trova_app.models import Invoice, OutboxRow, Payment, PaymentRequest, Refund, ReviewItem, TimelineEntry
from trova_app.services import balances, billing, payments, refunds, review, taken_back
from trova_app.services.check.question import asked
from trova_app.services.check.questions import QUESTIONS
from trova_app.services.told_refunds import AlreadyTold
from trova_app.sweeper import Sweeper
from trova_app.wiring import make_engine

SOUND = ("payment", "refund", "review_item", "payment_request")
RANK = {"pending": 0, "succeeded": 1, "failed": 2}
SILENT = "Stripe did not answer."

TYPED = st.sampled_from(["", "50", "100", "150", "200", "300", "450", "650"])
MINOR = st.sampled_from([5000, 10000, 15000, 20000, 30000, 45000, 65000, 125000])
STATE = st.sampled_from(["succeeded", "pending", "failed"])
PICK = st.integers(0, 5)
DAYS = st.integers(0, 10)
STEPS: dict[str, tuple[Any, ...]] = {
    "write_down": (PICK, TYPED, DAYS, PICK),
    "cash_back": (PICK, TYPED),
    "told": (PICK, MINOR, STATE, DAYS),
    "told_of_ours": (PICK, STATE),
    "told_again": (PICK, STATE),
    "take_back": (PICK,),
    "decide": (PICK, PICK, PICK),
    "ask_for": (PICK, TYPED, st.sampled_from(["lost", "answer lost", "waits"])),
    "look": (),
    "paid_at_the_desk": (MINOR,),
    "void": (),
    "wait": (DAYS,),
}
OFTEN = ("write_down", "told", "take_back", "decide")
STORY = st.tuples(
    st.booleans(),
    st.lists(
        st.sampled_from([*STEPS, *OFTEN, *OFTEN]).flatmap(lambda name: st.tuples(st.just(name), *STEPS[name])),
        min_size=4,
        max_size=16,
    ),
)


@dataclass
class There:
    """A refund as the former account knows it."""

    payment: Payment
    name: str
    minor: int
    when: Any
    state: str
    uuid: str = ""

    def fact(self, state: str) -> RefundFact:
        return a_refund_fact(
            self.payment, state, provider_refund_id=self.name, amount_minor=self.minor, when=self.when,
            refund_uuid=self.uuid,
        )  # fmt: skip


class Deaf(Gate):
    """Asked for a refund it does not answer."""

    def refund(self, spec: Any) -> RefundFact:
        raise GatewayTrouble(SILENT, is_permanent=False)


@dataclass
class Story:
    database: Database
    two_payers: bool
    account: list[There] = field(default_factory=list)
    told_so_far: list[RefundFact] = field(default_factory=list)

    def __post_init__(self) -> None:
        with self.act("simulated") as (db, desk):
            self.case = an_invoice(db, desk)
            payments.open_request(db, desk, db.get_one(Invoice, self.case.invoice_id), then={})
        self.works("simulated")
        with self.act() as (db, desk):
            request = db.exec(select(PaymentRequest)).one()
            for name in ("pi_1", "pi_2")[: 1 + self.two_payers]:
                payments.ingest(db, desk, a_fact(request, provider_payment_id=name))
        self.works("simulated")
        with self.act() as (db, _desk):
            self.paid = db.exec(select(Payment).order_by(Payment.id)).all()  # type: ignore[arg-type]
        for payment in self.paid:
            key_goes(self.act, payment)

    def act(self, gateway: str = "", writes: bool = True) -> Any:
        desk = self.database.desk()
        desk.gateway = gateway
        return self.database.act(desk, writes)

    def do(self, service: Callable[..., Any], gateway: str = "", **given: Any) -> Any:
        """None where it was refused."""
        try:
            with self.act(gateway) as (db, desk):
                return service(db, desk, self.case.owner, **given)
        except AlreadyTold:
            raise
        except Refusal as refusal:
            note(f"    refused: {refusal.sentence} {getattr(refusal, 'faults', '')}")
            return None

    def works(self, gateway: str = "", inner: Gate | None = None) -> None:
        gateways = {gateway: inner or Gate()} if gateway else {}
        a_worker(self.database, an_outside(gateways=gateways)).run_once()

    def refunds(self) -> list[Refund]:
        with self.act() as (db, _desk):
            return rows(db)

    # -- what people do

    def write_down(self, which: int, typed: str, days: int, answer: int) -> None:
        given = {"payment_id": self.paid[which % len(self.paid)].id, "amount": typed, "method": "online"}
        given |= {"given_on": (self.database.clock.now() - timedelta(days=days)).date().isoformat()}
        given |= {"reference": f"dashboard {days}"}
        try:
            self.do(refunds.refund, **given)
        except AlreadyTold as asked_of:
            said = asked_of.answers[answer % len(asked_of.answers)]
            note(f"    {said}")
            self.do(refunds.refund, **given, told=said.key)

    def cash_back(self, which: int, typed: str) -> None:
        self.do(refunds.refund, payment_id=self.paid[which % len(self.paid)].id, amount=typed, method="cash")

    def take_back(self, which: int) -> None:
        known = self.refunds()
        ids = [row.id for row in known if taken_back.may_be(row)] or [row.id for row in known]
        self.do(taken_back.take_back, refund_id=ids[which % len(ids)], reason="Wrong client")

    def decide(self, which: int, what: int, how: int) -> None:
        with self.act(writes=False) as (db, desk):
            open_ones = review.open_items(db, desk, self.case.owner)
        if not open_ones:
            return
        item = open_ones[which % len(open_ones)]
        decision = item.decisions[what % len(item.decisions)]
        way = item.ways[how % len(item.ways)].key if item.ways else ""
        note(f"    {item.kind}: {decision} {way}")
        self.do(review.resolve, item_id=item.id, decision=decision, way=way, reason="Said by phone")

    def ask_for(self, which: int, typed: str, then: str) -> None:
        """Through the gateway; then the key is replaced."""
        done = self.do(refunds.refund, "simulated", payment_id=self.paid[which % len(self.paid)].id, amount=typed)
        if done is None or then == "waits":
            return
        if then == "answer lost":
            self.works("simulated", Deaf())
            self.database.clock.advance(minutes=1)
        self.works()

    def paid_at_the_desk(self, minor: int) -> None:
        amount, day = f"{minor // 100},{minor % 100:02}", self.database.clock.now().date().isoformat()
        self.do(billing.mark_paid, invoice_id=self.case.invoice_id, amount=amount, method="cash", received_on=day)

    def void(self) -> None:
        self.do(billing.void_invoice, invoice_id=self.case.invoice_id, reason="Wrong price")

    def wait(self, days: int) -> None:
        self.database.clock.advance(days=days)

    def look(self) -> None:
        Sweeper(an_outside(gateways={}), self.database.act).sweep(at_once=True)
        self.works()

    # -- what the gateway tells

    def hear(self, there: There, state: str) -> None:
        there.state = max(there.state, state, key=lambda one: RANK[one])
        self.told_so_far.append(there.fact(state))
        with self.act() as (db, desk):
            payments.ingest(db, desk, self.told_so_far[-1])

    def makes(self, payment: Payment, minor: int, state: str, days: int = 0, uuid: str = "") -> None:
        gone = sum(one.minor for one in self.account if one.payment.id == payment.id and one.state != "failed")
        if gone + minor > payment.amount_minor:
            return
        when = max(conftest.NOON, self.database.clock.now() - timedelta(days=days))
        self.account.append(There(payment, f"re_{len(self.account)}", minor, when, state, uuid))
        self.hear(self.account[-1], state)

    def told(self, which: int, minor: int, state: str, days: int) -> None:
        self.makes(self.paid[which % len(self.paid)], minor, state, days)

    def told_of_ours(self, which: int, state: str) -> None:
        """One that was asked for here, and made there though nobody heard of it."""
        known = {one.uuid for one in self.account}
        ours = [row for row in self.refunds() if not row.provider_refund_id and row.refund_uuid not in known]
        ours = [row for row in ours if row.amount_minor > 1]
        if ours:
            row = ours[which % len(ours)]
            payment = next(payment for payment in self.paid if payment.id == row.payment_id)
            self.makes(payment, row.amount_minor, state, uuid=row.refund_uuid)

    def told_again(self, which: int, state: str) -> None:
        if self.account:
            self.hear(self.account[which % len(self.account)], state)

    # -- what must hold

    def adds_up(self) -> None:
        with self.act(writes=False) as (db, desk):
            now = self.database.clock.now()
            found = [one for question in QUESTIONS if question.table in SOUND for one in asked(db, question, now)]
            assert found == []
            assert [row.key for row in db.exec(select(OutboxRow)) if row.last_error == UNEXPECTED] == []
            self._stands(db, desk)

    def _stands(self, db: Session, desk: Any) -> None:
        """What the invoice shows is what its rows say."""
        shown = select(Invoice, balances.paid_minor(), balances.refunded_minor(), balances.given_back())
        invoice, is_paid, is_back, given_back = db.exec(shown).one()
        payments_here = db.exec(select(Payment).where(Payment.state == "succeeded")).all()
        counted = [row for row in rows(db) if row.is_counted and row.state == "succeeded"]
        paid = came = went = back = 0
        for payment in payments_here:
            gone = sum(row.amount_minor for row in counted if row.payment_id == payment.id)
            back += gone
            if not payment.is_credit:
                came, went, paid = came + payment.amount_minor, went + gone, paid + payment.amount_minor - gone
        assert (is_paid, is_back) == (paid, back)
        label = balances.invoice_label(invoice, is_paid, desk.now().date(), given_back=given_back)
        if invoice.status == "void":
            assert label == "Void"
        elif paid >= invoice.total_minor:
            assert label == "Paid"
        elif paid > 0:
            is_refunded = came >= invoice.total_minor and went > 0
            assert label == ("Partly refunded" if is_refunded else "Partly paid")
        elif came >= invoice.total_minor:
            assert label == "Refunded"
        else:
            assert label in ("Sent", "Overdue")

    def books(self) -> list[Any]:
        with self.act(writes=False) as (db, _desk):
            tables = (Refund, Payment, ReviewItem, TimelineEntry, OutboxRow)
            return [row.model_dump() for table in tables for row in db.exec(select(table).order_by(table.id))]  # type: ignore[attr-defined]


def rows(db: Session) -> list[Refund]:
    return list(db.exec(select(Refund).order_by(Refund.id)))  # type: ignore[arg-type]


@pytest.fixture(params=conftest.BOTH)
def anew(request: pytest.FixtureRequest, tmp_path: Any) -> Iterator[Callable[[], Database]]:
    """A database as it was made, for each story."""
    conftest._here_or_skip(request.param)
    made: list[Any] = []

    def fresh() -> Database:
        while made:
            made.pop().dispose()
        if request.param == "sqlite":
            made.append(conftest._a_file(request.getfixturevalue("sqlite_template"), tmp_path))
        else:
            url = request.getfixturevalue("emptied_postgres").fresh()
            made.append(conftest._compiled_before(make_engine(url)))
        return Database(made[0], FixedClock())

    yield fresh
    for engine in made:
        engine.dispose()


def told_as_it_happened(
    anew: Callable[[], Database], two_payers: bool, steps: list[tuple[Any, ...]], data: Any
) -> None:
    story = Story(anew(), two_payers)
    story.adds_up()
    for name, *given_to in steps:
        note(f"{name} {given_to}")
        getattr(story, name)(*given_to)
        story.adds_up()
    story.works()
    before = story.books()
    for fact in data.draw(st.permutations(story.told_so_far)):
        with story.act() as (db, desk):
            payments.ingest(db, desk, fact)
    assert story.books() == before


def many_stories(anew: Callable[[], Database], *, on_sqlite: int, on_postgres: int) -> None:
    many = on_sqlite if anew().kind == "sqlite" else on_postgres
    phases = set(Phase) - {Phase.explain}

    @settings(max_examples=many, deadline=None, suppress_health_check=list(HealthCheck), phases=phases)
    @given(story=STORY, data=st.data())
    def tell(story: tuple[bool, list[tuple[Any, ...]]], data: Any) -> None:
        told_as_it_happened(anew, *story, data)

    tell()


def test_the_books_add_up_whatever_is_written_down_told_and_decided(anew):
    many_stories(anew, on_sqlite=15, on_postgres=3)


@pytest.mark.soak
@pytest.mark.timeout(1800)
def test_hundreds_of_stories_of_refunds_add_up(anew):
    many_stories(anew, on_sqlite=500, on_postgres=100)
