"""Other people's typing while the payment gateway is silent, beside the same while it answers: in both, links are being
opened, payments looked for and money given back at several practices' own accounts, by the server that answers the
keys."""

import threading
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any

from sqlmodel import Session, col, select

from tests import builders as a
from tests.bench.crowd import Crowd, Task, crowd, seats
from tests.bench.report import Report, percentile
from tests.contract.stand_in import Call, StandIn
from tests.paying import Case, an_invoice
from tests.served import ServedApp
from trova_app.adapters.secrets import Vault
from trova_app.adapters.stripe_links import StripeLinks
from trova_app.models import Invoice, Payment, PaymentRequest, Practice, SweepTurn
from trova_app.services import gateway_accounts, links, payments, refunds
from trova_app.services.ports import Desk

KEY, INSTALLATION_KEY = "rk_test_12345678", b"tests-only"
PRACTICES, ASKED_A_ROUND = 4, 3
ROWS, PEOPLE = 50, 10
PATIENCE = 60.0


@dataclass
class Line:
    """The line to the gateway: open, or held so that every call waits, as if the gateway had stopped to answer."""

    stripe: StandIn
    is_open: threading.Event = field(default_factory=threading.Event)
    heard: int = 0

    def __post_init__(self) -> None:
        self.is_open.set()
        answer = self.stripe.answer

        def held(call: Call) -> tuple[int, dict[str, Any]] | None:
            self.heard += 1
            is_held = not self.is_open.is_set()
            self.is_open.wait(PATIENCE)
            said = answer(call)
            return None if is_held else said  # who asked has hung up long ago

        self.stripe.answer = held  # type: ignore[method-assign]

    def hold(self, *, is_silent: bool) -> None:
        self.heard = 0
        (self.is_open.clear if is_silent else self.is_open.set)()


@dataclass
class House:
    """Practices with an account of their own each, beside the people who type."""

    served: ServedApp
    stripe: StandIn
    owners: list[Case] = field(default_factory=list)

    def act(self) -> AbstractContextManager[tuple[Session, Desk]]:
        given: AbstractContextManager[tuple[Session, Desk]] = self.served.act()
        return given

    def open(self) -> None:
        for n in range(PRACTICES):
            with self.act() as (db, desk):
                desk.vault = Vault(INSTALLATION_KEY)
                case = an_invoice(db, desk, a.a_practice(db, number_prefix=f"GW{n}"))
                gateway_accounts.connect(db, desk, case.owner, provider="stripe", key=KEY)
                self._ask(db, desk, case)
                self.owners.append(case)

    def _ask(self, db: Session, desk: Desk, case: Case) -> None:
        payments.open_request(db, desk, db.get_one(Invoice, case.invoice_id), then={})

    def paid(self) -> list[Payment]:
        """Everything that was asked for has arrived; waits for the links."""
        gateway = StripeLinks(KEY, self.stripe.url)
        for request in self._opened():
            session = self.stripe.books.pay(self.stripe.books.visit(str(request.provider_ref)))
            ref = links.ref_of(request)
            assert session and ref
            facts = gateway.read(ref)
            with self.act() as (db, desk):
                links.checked(db, desk, request.request_uuid, facts)
        with self.act() as (db, _desk):
            found = list(db.exec(select(Payment).order_by(col(Payment.id))))
            db.expunge_all()
        return found

    def _opened(self) -> list[PaymentRequest]:
        pause, until = threading.Event(), 100
        for _ in range(until):
            with self.act() as (db, _desk):
                found = list(db.exec(select(PaymentRequest).order_by(col(PaymentRequest.id))))
                db.expunge_all()
            if all(request.state == "active" for request in found):
                return found
            pause.wait(0.2)
        raise RuntimeError("The links were not opened.")

    def work_to_do(self, paid: list[Payment], amount: str) -> None:
        """A round's worth: links to open, a part of each payment to give back, and every account to look through."""
        for case, payment in zip(self.owners, paid, strict=True):
            with self.act() as (db, desk):
                practice = db.get_one(Practice, case.practice_id)
                for _ in range(ASKED_A_ROUND):
                    self._ask(db, desk, an_invoice(db, desk, practice))
                refunds.refund(db, desk, case.owner, payment_id=payment.id, amount=amount)
        with self.act() as (db, _desk):
            for turn in db.exec(select(SweepTurn)):
                turn.taken_at = None


def beside_a_silent_gateway(report: Report, served: ServedApp, stripe: StandIn, seconds: float, rounds: int) -> None:
    house, line = House(served, stripe), Line(stripe)
    house.open()
    paid = house.paid()
    people = seats(served, PEOPLE, ROWS)
    task = Task(served.url, people, seconds)
    crowd(Task(served.url, people, 1), served.process_id)  # the first forms of a server open slowly
    answers: dict[bool, list[float]] = {False: [], True: []}
    heard = dict.fromkeys(answers, 0)
    for turn in range(rounds):
        for is_silent in (False, True):
            line.hold(is_silent=is_silent)
            house.work_to_do(paid, f"{turn + 1}")
            seen: Crowd = crowd(task, served.process_id)
            answers[is_silent] += seen.seen.answers + [10_000.0] * seen.seen.silent
            heard[is_silent] += line.heard
    line.hold(is_silent=False)
    _say(report, answers, heard)


def _say(report: Report, answers: dict[bool, list[float]], heard: dict[bool, int]) -> None:
    for is_silent, words in ((False, "answers"), (True, "is silent")):
        where = f"Key to answer while the gateway {words}, {PEOPLE} people typing, {ROWS} rows"
        more = f"{_ratio(answers, 50):.2f} x, p95 {_ratio(answers, 95):.2f} x; " if is_silent else ""
        report.spread(where, answers[is_silent], compared=f"{more}calls under way {heard[is_silent]}")


def _ratio(answers: dict[bool, list[float]], percent: int) -> float:
    return percentile(answers[True], percent) / percentile(answers[False], percent)
