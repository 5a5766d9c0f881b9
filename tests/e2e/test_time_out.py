"""A sign-in that ends while somebody types: they sign in again and everything is where it was."""

import re
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from playwright.sync_api import Page, expect
from sqlmodel import col

from tests.e2e.stories import House, cell, choose, finished, open_form, press, status
from trova_app.models import SignIn


def end_sign_ins(house: House) -> None:
    _change(house, ended_at=datetime.now(UTC))


def let_them_idle(house: House) -> None:
    _change(house, last_seen_at=datetime.now(UTC) - timedelta(hours=2))


def _change(house: House, **values: datetime) -> None:
    with house.served.act() as (db, _):
        db.execute(sa.update(SignIn).where(col(SignIn.practice_id) == house.practice_id).values(**values))


def sign_in_again(page: Page, house: House) -> None:
    page.wait_for_url(re.compile(r"/sign-in\?next="), wait_until="commit")
    page.get_by_label("E-mail").fill(house.owner)
    page.get_by_label("Password").fill(house.served.password_of(house.owner))
    page.get_by_role("button", name="Sign in").click()


@pytest.mark.parametrize("end", [end_sign_ins, let_them_idle])
def test_after_a_time_out_one_is_back_at_the_form_with_every_saved_character(served, open_as, end) -> None:
    house = House(served)
    session = house.session()
    page = open_as(house.owner)
    open_form(page, session)
    choose(page, "Other")
    words = "Psychotherapy \u2013 90 min, Zo\u00eb & fam\u00edlia \u6f22\u5b57"
    cell(page, "Description").fill(words)
    page.get_by_label("Reference").fill("EFT 4711")
    page.get_by_label("Invoice discount", exact=True).fill("12,5%")
    house.wait_until_kept(session, words, "EFT 4711", "12,5%")
    end(house)
    sign_in_again(page, house)
    page.wait_for_url(f"**/appointments/{session}/complete")
    expect(cell(page, "Description")).to_have_value(words)
    expect(page.get_by_label("Reference")).to_have_value("EFT 4711")
    expect(page.get_by_label("Invoice discount", exact=True)).to_have_value("12,5%")
    expect(page.get_by_role("radio", name="Other Payment")).to_be_checked()
    press(page, "Send")
    finished(page)
    expect(status(page)).to_have_text("Sent")
    assert house.only_invoice(session).total_minor == 109_375


def test_nobody_sees_the_form_without_signing_in_again(served, open_as) -> None:
    house = House(served)
    session = house.session(first_name="Thandi", last_name="Mokoena")
    page = open_as(house.owner)
    open_form(page, session)
    end_sign_ins(house)
    page.wait_for_url(re.compile(r"/sign-in\?next="), wait_until="commit")
    page.goto(f"/appointments/{session}/complete", wait_until="commit")
    page.wait_for_url(re.compile(r"/sign-in\?next="), wait_until="commit")
    expect(page.get_by_label("Password")).to_be_visible()
    expect(page.get_by_text("Mokoena")).to_have_count(0)
