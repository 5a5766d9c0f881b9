"""Not one webhook arrives, and the books end as if each had: here, at Stripe and in the mailboxes."""

import json
from collections.abc import Callable

import pytest

from tests.contract.books import Books
from tests.faults.ground import Ground, Run, ground, in_turn
from tests.faults.life import Life
from tests.faults.stories import Start, Story, at_the_desk, given_back, heard, looked, requested, void

Step = Callable[[Life, Start, Books], None]


def here(act: Callable[[Life, Start], None]) -> Step:
    """Somebody in the practice does it."""
    return lambda life, start, _books: act(life, start)


def there(act: Callable[[Books], object]) -> Step:
    """Somebody does it at Stripe: a payer, or the practice at the dashboard."""
    return lambda _life, _start, books: act(books)


def newest(books: Books) -> str:
    return list(books.links)[-1]


def only_payment(books: Books) -> str:
    return next(name for name, payment in books.payments.items() if payment["status"] == "succeeded")


def objected(status: str) -> Callable[[Books], object]:
    def said(books: Books) -> None:
        dispute = books.disputes[0]
        dispute["status"] = status
        books._tell("charge.dispute.closed", dispute)

    return said


def paid_then_voided(life: Life, start: Start, books: Books) -> None:
    books.pay(books.visit("plink_1"))
    void(life, start)


PAID_BY_CARD = there(lambda books: books.pay(books.visit(newest(books))))
BY_BANK = there(lambda books: books.pay(books.visit(newest(books)), by_bank=True))
PART_GIVEN_BACK_THERE = there(lambda books: books.give_back({"payment_intent": only_payment(books), "amount": "30000"}))
OBJECTED = there(lambda books: books.dispute(only_payment(books)))

FLOWS: dict[str, list[Step]] = {
    "a part at the desk, the rest by card, a part back at the dashboard, an objection that is lost": [
        here(at_the_desk("250")), PAID_BY_CARD, PART_GIVEN_BACK_THERE, OBJECTED, there(objected("lost")),
    ],
    "paid by card, objected to in vain, a part given back from here": [
        PAID_BY_CARD, OBJECTED, there(objected("won")), here(given_back),
    ],
    "a declined card, then a bank payment that takes days": [
        there(lambda books: books.decline(books.visit("plink_1"))), BY_BANK,
        there(lambda books: books.arrives(books.sessions[-1])),
    ],
    "a bank payment that does not arrive, then a card": [
        BY_BANK, there(lambda books: books.arrives(books.sessions[-1], arrived=False)), PAID_BY_CARD,
    ],
    "two payers at once": [
        there(lambda books: [books.pay(page) for page in (books.visit("plink_1"), books.visit("plink_1"))]),
    ],
    "paid, and voided before anybody here knew": [paid_then_voided],
}  # fmt: skip


@pytest.fixture
def begun(database, stand_in, tmp_path) -> Ground:
    stand_in.clear()
    return ground(database, stand_in, Story(requested, looked), tmp_path)


def lived(run: Run, steps: list[Step], tell: Callable[[Life, Start, Books], None]) -> dict:
    life, books = run.life(engine=run.engine), run.stand_in.books
    for step in steps:
        run.clock.advance(minutes=2)
        step(life, run.start, books)
        life.work()
        for _ in range(2):
            tell(life, run.start, books)
            life.work()
    return run.ending()


def by_webhook(life: Life, start: Start, books: Books) -> None:
    """Everything Stripe has told so far, again and again."""
    start.events = [json.dumps(event) for event in books.told]
    heard(life, start)


def by_sweep(life: Life, start: Start, _books: Books) -> None:
    looked(life, start)


@pytest.mark.parametrize(("flow", "engine"), in_turn(FLOWS), indirect=["engine"])
def test_without_a_single_webhook_the_books_end_as_with_all_of_them(begun, flow):
    with begun.run() as run:
        told = lived(run, FLOWS[flow], by_webhook)
    with begun.run() as run:
        found = lived(run, FLOWS[flow], by_sweep)
    assert found == told
