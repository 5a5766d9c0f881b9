"""What cannot be taken as typed is said beside its field, stays as typed, and nothing leaves."""

import pytest
from playwright.sync_api import Dialog, expect

from tests.e2e.conftest import on_desktop_and_tablet
from tests.e2e.stories import House, cell, choose, figure, finished, open_form, press

QUANTITY = "Enter a quantity above 0, such as 1 or 1,5."
PRICE = "Enter an amount such as 1\u00a0250,00."
DISCOUNT = "Enter a discount up to R\u00a01\u00a0250,00 (the line's price), or a percentage up to 100%."
REFUSED = [
    ("Quantity", "two", QUANTITY),
    ("Quantity", "NaN", QUANTITY),
    ("Quantity", "1e9", QUANTITY),
    ("Quantity", "\u0661\u0662\u0663", QUANTITY),
    ("Quantity", "9" * 40, QUANTITY),
    ("Quantity", "-1", QUANTITY),
    ("Quantity", "0", QUANTITY),
    ("Quantity", "1000001", "Enter a quantity up to 1\u00a0000\u00a0000."),
    ("Quantity", "1,000", "Is this 1000 or 1,00? Write it without the comma, or with two decimals."),
    ("Unit price", "Infinity", PRICE),
    ("Unit price", "-5", PRICE),
    ("Unit price", "=1+1", PRICE),
    ("Unit price", "\U0001f600", PRICE),
    ("Unit price", "1,250", "Is this 1250 or 1,25? Write it without the comma, or with two decimals."),
    ("Unit price", "1000000000", "Enter a price below R\u00a01\u00a0000\u00a0000\u00a0000,00."),
    ("Discount", "1250,01", DISCOUNT),
    ("Discount", "101%", DISCOUNT),
    ("Discount", "<b>10</b>", DISCOUNT),
]


@on_desktop_and_tablet
def test_each_figure_that_is_none_is_explained_at_its_field_while_it_is_typed(served, open_as) -> None:
    house = House(served)
    session = house.session()
    page = open_as(house.owner)
    open_form(page, session)
    choose(page, "Other")
    for name, typed, sentence in REFUSED:
        field = cell(page, name)
        good = field.input_value()
        field.fill(typed)
        expect(field).to_have_accessible_description(sentence)
        expect(field).to_have_attribute("aria-invalid", "true")
        expect(figure(page, "total")).to_have_text("")
        field.fill(good)
        expect(field).to_have_attribute("aria-invalid", "false")
        expect(figure(page, "total")).to_have_text("R\u00a01\u00a0250,00")
    assert house.invoices(session) == []


@pytest.mark.parametrize("closing", ["Save and Review", "Send", "Send Receipt"])
def test_a_form_with_faults_stays_as_typed_and_sends_nothing(served, open_as, closing: str) -> None:
    house = House(served)
    session = house.session()
    page = open_as(house.owner)
    open_form(page, session)
    choose(page, "Other")
    long = "x" * 10_000
    typed = {"Description": long, "Quantity": "-1", "Unit price": "9" * 40, "Discount": "\u0661\u0662%"}
    for name, text in typed.items():
        cell(page, name).fill(text)
    press(page, closing)
    expect(page.get_by_test_id("problem")).to_have_text("Please look at the 4 marked fields.")
    expect(cell(page, "Description")).to_have_accessible_description("Shorten this to 500 characters; it has 10000.")
    expect(cell(page, "Description")).to_be_focused()
    house.wait_until_kept(session, *typed.values())
    page.reload()
    for name, text in typed.items():
        expect(cell(page, name)).to_have_value(text)
    assert house.invoices(session) == []


def test_markup_formulas_and_emoji_are_only_words(served, open_as) -> None:
    house = House(served)
    words = "=HYPERLINK(1) <img src=x onerror=alert(1)> \U0001f9d1\u200d\u2695\ufe0f {{7*7}} 'quoted' \u202eright"
    session = house.session(first_name="<i>Anna</i>", last_name="O'Brien & Söhne")
    page = open_as(house.owner)
    asked: list[str] = []
    page.on("dialog", lambda dialog: _note(asked, dialog))
    open_form(page, session)
    expect(page.get_by_role("heading", level=1)).to_have_text("<i>Anna</i> O'Brien & Söhne")
    choose(page, "Other")
    cell(page, "Description").fill(words)
    press(page, "Send")
    finished(page)
    shown = page.get_by_role("table", name="Line items")
    expect(shown).to_contain_text(words)
    assert page.locator("main img").count() == 0 and asked == []


def test_a_date_that_is_to_come_and_a_form_without_lines_are_refused(served, open_as) -> None:
    house = House(served)
    session = house.session()
    page = open_as(house.owner)
    open_form(page, session)
    choose(page, "Other")
    cell(page, "Date").fill("2999-01-01")
    press(page, "Send")
    expect(cell(page, "Date")).to_have_accessible_description("Enter the day of the service, today or earlier.")
    press(page, "Remove line 1")
    expect(cell(page, "Date")).to_have_count(0)
    press(page, "Send")
    expect(page.get_by_role("alert").filter(has_text="Add at least one line item.")).to_be_visible()
    assert house.invoices(session) == []


def test_a_mail_address_that_is_none_is_said_and_nothing_is_sent(served, open_as) -> None:
    house = House(served)
    session = house.session(email="")
    page = open_as(house.owner)
    open_form(page, session)
    choose(page, "Other")
    mail = page.get_by_label("Client's mail address")
    for typed in ("", "nobody", "a@b", "two@example.test, three@example.test"):
        mail.fill(typed)
        press(page, "Send")
        expect(mail).to_have_attribute("aria-invalid", "true")
        expect(mail).to_have_value(typed)
    assert house.invoices(session) == []
    mail.fill("thandi@example.test")
    press(page, "Send")
    finished(page)


def _note(asked: list[str], dialog: Dialog) -> None:
    asked.append(dialog.message)
    dialog.dismiss()
