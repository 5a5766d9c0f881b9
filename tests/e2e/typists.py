"""Somebody types into the completion form; what the page shows and what the database has are compared box by box."""

import re
from typing import Any

from playwright.sync_api import Dialog, Locator, Page, expect

from tests.e2e.stories import House

SHOWN = "Object.fromEntries(new FormData(document.forms.lines))"
RECONNECTING = "Reconnecting. What you typed stays on this page."


def shown(page: Page) -> dict[str, str]:
    """Name and text of each box of the form."""
    return page.evaluate(SHOWN)


def in_database(house: House, session: int) -> dict[str, str]:
    """The same of the saved working copy."""
    kept: dict[str, Any] = house.kept(session)
    lines = {f"{cell}.{line['id']}": text for line in kept["lines"] for cell, text in line.items() if cell != "id"}
    return lines | kept["texts"]


def says(page: Page, word: str, **given: Any) -> None:
    """Beside the client's name: Saved, Saving or Not saved."""
    expect(page.locator("[data-saved]")).to_have_attribute("data-saved", word, **given)


def everything_is_kept(house: House, session: int, page: Page) -> None:
    """The page says so, and at that moment the database has each text that is shown, and no other line."""
    says(page, "Saved")
    kept, here = in_database(house, session), shown(page)
    assert {n for n in here if n.startswith("qty.")} == {n for n in kept if n.startswith("qty.")}
    assert {name: kept[name] for name in here if name in kept} == {n: text for n, text in here.items() if n in kept}


def caret(box: Locator) -> int:
    """Where the cursor stands in the box; -1: elsewhere."""
    return box.evaluate("box => document.activeElement === box ? box.selectionStart : -1")


def put_caret(box: Locator, at: int) -> None:
    box.evaluate("(box, at) => { box.focus(); box.setSelectionRange(at, at) }", at)


def type_at(page: Page, box: Locator, at: int, words: str, burst: int = 6, pause: int = 40) -> None:
    """From there on, without looking: keys in bursts, a short pause after each."""
    put_caret(box, at)
    for burst_of in re.findall(rf".{{1,{burst}}}", words):
        page.keyboard.type(burst_of)
        page.wait_for_timeout(pause)


class Questions:
    """What the browser asks before a page is left, and the answer it gets."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self.leave = True
        self.asked: list[str] = []
        page.on("dialog", self._answer)

    def are(self, *asked: str) -> None:
        """These were asked by now, or soon will have been, and no other. The browser is heard while we wait."""
        for _ in range(1000):
            if self.asked == list(asked):
                return
            self._page.wait_for_timeout(20)
        raise AssertionError(self.asked)

    def _answer(self, dialog: Dialog) -> None:
        self.asked.append(dialog.type)
        if self.leave:
            dialog.accept()
        else:
            dialog.dismiss()
