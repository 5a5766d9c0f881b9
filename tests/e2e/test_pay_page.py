"""What a payer finds behind the link in their letter, in every state of the invoice: on a phone, dark, and on paper."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from sqlmodel import select

from tests.e2e.payers import Asked, asked_to_pay, finish, given_back, has_paid, let_go, owner_of, work
from tests.e2e.stories import House, figure
from trova_app.models import OutboxRow
from trova_app.services import billing

on_a_phone = pytest.mark.parametrize("size", ["phone"], indirect=True)
ALL, REST, PART = "R\u00a01\u00a0250,00", "R\u00a0800,00", "R\u00a0400,00"


@pytest.fixture(scope="module")
def house(served) -> House:
    return House(served)


def part_paid(house: House) -> Asked:
    asked = asked_to_pay(house)
    with house.served.act() as (db, desk):
        today = desk.now().date().isoformat()
        billing.mark_paid(
            db, desk, owner_of(house), invoice_id=asked.id, amount="450", method="cash", received_on=today, seen=ALL
        )
    work(house)  # the link over the whole closes
    work(house)  # the one over the rest opens
    return asked


def void(house: House) -> Asked:
    asked = asked_to_pay(house)
    with house.served.act() as (db, desk):
        billing.void_invoice(db, desk, owner_of(house), invoice_id=asked.id, reason="Another client's session")
    return asked


def replaced(house: House) -> Asked:
    asked = asked_to_pay(house)
    with house.served.act() as (db, desk):
        billing.correct_invoice(db, desk, owner_of(house), invoice_id=asked.id, reason="Two hours, not one")
    finish(house, asked.session, "request_payment", payment_type="online")
    return asked


def paid(house: House, **given: str) -> Asked:
    asked = asked_to_pay(house)
    has_paid(house, asked, **given)
    return asked


def refunded(house: House, amount: str = "") -> Asked:
    asked = paid(house)
    given_back(house, asked, amount)
    return asked


CAN_BE_SEEN = {
    "open": (asked_to_pay, "Amount due", ALL, ""),
    "part paid": (part_paid, "Amount due", REST, "A part of this invoice is paid."),
    "bank payment on its way": (lambda house: paid(house, state="pending"), "Amount due", ALL, "is on its way"),
    "paid": (paid, "Paid", ALL, "This invoice is paid. Thank you."),
    "refunded": (refunded, "Given back", ALL, "Nothing is to be paid on this invoice."),
    "refunded in part": (lambda house: refunded(house, "400"), "Given back", PART, "There is nothing to do"),
}
PAYABLE = {"open", "part paid"}


@on_a_phone
@pytest.mark.parametrize("state", CAN_BE_SEEN)
def test_the_payer_sees_what_counts_now_and_a_way_to_pay_only_while_money_is_due(
    house: House, open_browser: Callable[..., Page], axe, state: str
) -> None:
    made, name, amount, sentence = CAN_BE_SEEN[state]
    asked = made(house)
    page = open_browser(color_scheme="dark")
    page.goto(asked.pay)
    expect(page.get_by_role("heading", name=f"Invoice {asked.number}")).to_be_visible()
    expect(figure(page, "amount-due").locator("..")).to_have_text(f"{name}{amount}")
    pay = page.get_by_role("link", name=f"Pay {amount}", exact=True)
    expect(pay).to_have_count(1 if state in PAYABLE else 0)
    if sentence:
        expect(page.get_by_role("status").filter(has_text=sentence)).to_be_visible()
    axe(page)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


CANNOT_BE_SEEN = {
    "void": (void, "Withdrawn", "There is nothing to pay; please use the newest letter you have."),
    "replaced": (replaced, "Replaced", "was replaced by a corrected one. Please use the newest letter you have."),
    "unknown": (lambda _: None, "No invoice here", "There is no invoice under this address."),
}


@on_a_phone
@pytest.mark.parametrize("state", CANNOT_BE_SEEN)
def test_an_address_that_leads_to_no_invoice_says_why_and_shows_nothing_of_it(
    house: House, open_browser: Callable[..., Page], axe, state: str
) -> None:
    made, title, sentence = CANNOT_BE_SEEN[state]
    asked = made(house)
    page = open_browser(color_scheme="dark")
    page.goto(asked.pay if asked else "/pay/nobody-has-this")
    expect(page.get_by_role("heading", name=title)).to_be_visible()
    expect(page.get_by_text(sentence)).to_be_visible()
    expect(page.locator("main")).not_to_contain_text("250,00")
    expect(page.locator("main")).not_to_contain_text("Psychotherapy")
    axe(page)


@on_a_phone
def test_a_link_on_its_way_turns_into_the_button_by_itself(house: House, open_browser, axe) -> None:
    asked = asked_to_pay(house, is_linked=False)
    page = open_browser(color_scheme="dark")
    page.goto(asked.pay)
    expect(page.get_by_text("The way to pay is being prepared.")).to_be_visible()
    expect(page.get_by_role("link", name="Pay ")).to_have_count(0)
    axe(page)
    let_go(house, asked)
    expect(page.get_by_role("link", name=f"Pay {ALL}")).to_be_visible()


@on_a_phone
@pytest.mark.parametrize("way", ["Pay by slow bank transfer", "Back to the invoice"])
def test_who_comes_back_from_the_gateway_in_the_same_browser_stands_before_the_invoice_again(
    house: House, open_browser: Callable[..., Page], way: str
) -> None:
    asked = asked_to_pay(house)
    page = open_browser()
    page.goto(asked.pay)
    page.get_by_role("link", name=f"Pay {ALL}").click()
    page.wait_for_url("**/sim/pay/*")
    assert asked.pay not in page.content()
    page.get_by_text(way, exact=True).click()
    page.wait_for_url(f"**{asked.pay}*")
    expect(page.get_by_role("heading", name=f"Invoice {asked.number}")).to_be_visible()
    if way == "Back to the invoice":
        expect(page.get_by_role("link", name=f"Pay {ALL}")).to_be_visible()
    else:
        expect(page.get_by_role("status").filter(has_text="is on its way")).to_be_visible()


@pytest.mark.parametrize("size", ["phone", "desktop"], indirect=True)
@pytest.mark.parametrize("look", ["light", "dark"])
def test_who_opened_the_gateways_page_some_other_way_is_thanked_and_shown_nothing_of_the_invoice(
    house: House, open_browser: Callable[..., Page], axe, size: str, look: str
) -> None:
    asked = asked_to_pay(house, last_name="Canarynkosi")
    page = open_browser(color_scheme=look)
    page.goto(f"/sim/pay/{house.links(asked.id)[-1].request_uuid}")
    page.get_by_role("button", name="Pay", exact=True).click()
    page.wait_for_url("**/pay/back/*")
    expect(page.get_by_role("heading", name="Thank you")).to_be_visible()
    expect(page.get_by_role("status")).to_contain_text("the practice is confirming your payment")
    told = page.content()
    words = ("Canarynkosi", asked.number, "250,00", "Psychotherapy", asked.pay)
    assert [word for word in words if word in told] == [] and page.get_by_role("link").count() == 0
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    axe(page)
    assert page.request.get(page.url.replace(page.url.partition("/pay/back/")[2], "nobodys")).text() == told_by(page)
    page.goto(asked.pay)
    expect(page.get_by_text("This invoice is paid. Thank you.")).to_be_visible()


def told_by(page: Page) -> str:
    return page.request.get(page.url).text()


def test_a_link_that_an_earlier_version_made_leads_back_to_its_invoice_as_before(house: House, open_browser) -> None:
    asked = asked_to_pay(house)
    page = open_browser()
    page.goto(f"{asked.pay}?session=cs_test_1")
    expect(page.get_by_role("heading", name=f"Invoice {asked.number}")).to_be_visible()
    expect(page.get_by_role("link", name=f"Pay {ALL}")).to_be_visible()  # it was asked, and nobody had paid
    asked_about = [row.key for row in house.read(select(OutboxRow).where(OutboxRow.invoice_id == asked.id))]
    assert [key for key in asked_about if "/return/" in key] != []


@pytest.mark.parametrize("look", ["light", "dark"])
def test_on_paper_it_is_black_on_white_with_the_sum_and_without_buttons(
    house: House, open_browser: Callable[..., Page], axe, look: str
) -> None:
    page = open_browser(color_scheme=look)
    page.goto(asked_to_pay(house).pay)
    expect(page.get_by_role("link", name=f"Pay {ALL}")).to_be_visible()
    page.emulate_media(media="print", color_scheme=look)
    expect(page.get_by_role("link", name="Pay ")).to_have_count(0)
    expect(page.get_by_text("Invoice (PDF)")).to_be_hidden()
    expect(figure(page, "amount-due")).to_be_visible()
    expect(page.get_by_text("Demonstration. No money moves.")).to_be_visible()
    ink, paper, ground = page.evaluate(
        "() => [getComputedStyle(document.querySelector('h1')).color,"
        " getComputedStyle(document.querySelector('.paper')).backgroundColor,"
        " getComputedStyle(document.documentElement).colorScheme]"
    )
    assert lightness(ink) < 60 and lightness(paper) > 240 and ground == "light"
    axe(page)


def lightness(colour: str) -> int:
    """Of "rgb(r, g, b)": its lightest part, 0 to 255."""
    return max(int(part) for part in colour.removeprefix("rgb(").removesuffix(")").split(","))
