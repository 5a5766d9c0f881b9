"""Lines begun with Enter that are not here yet: what is done in them meanwhile arrives in them, as it was done."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.stories import House, cell, figure, open_form, press
from tests.e2e.test_grid_keys import descriptions, lines
from tests.e2e.typists import RECONNECTING, Questions, caret, everything_is_kept, in_database, put_caret, says

TEXT = "Psychotherapy 60 min"
WAYS = [("far", 60), ("cut", 120)]
RARELY = [("near", 0), ("far", 120), ("cut", 60)]

KEY = re.compile(r"((Control|Shift|Alt)\+)*(Enter|Tab|Escape|Backspace|Delete|Home|End|Arrow\w+|[Adxyz])")

each_way = pytest.mark.parametrize(
    ("way", "pause"), [*WAYS, *(pytest.param(*way, marks=pytest.mark.soak) for way in RARELY)]
)


class Typist:
    """At the form of a session; `pause` ms after each key. The line to the server is near, far (300 ms) or cut."""

    def __init__(self, served, network, open_far, way: str = "far", pause: int = 60) -> None:
        self.house, self._network, self._way, self._pause = House(served), network, way, pause
        self.page: Page = open_far(self.house.owner)
        self.session = self.house.session()
        open_form(self.page, self.session)
        self.away()

    def away(self) -> None:
        if self._way == "far":
            self._network.far(300)
        if self._way == "cut":
            self._network.cut()
            expect(self.page.get_by_text(RECONNECTING)).to_be_visible()

    def keys(self, *keys: str) -> None:
        """Names of keys such as "Enter"; any other is a text."""
        for key in keys:
            if KEY.fullmatch(key):
                self.page.keyboard.press(key)
                self.page.wait_for_timeout(self._pause)
            else:
                self.page.keyboard.type(key, delay=self._pause)

    def shows(self, *texts: str, column: str) -> None:
        """In the end, from line to line, and the database has it too."""
        self._network.mend()
        lines(self.page, len(texts))
        for n, text in enumerate(texts, start=1):
            expect(cell(self.page, column, n)).to_have_value(text)
        everything_is_kept(self.house, self.session, self.page)


@each_way
@pytest.mark.parametrize(("column", "texts"), [("Unit price", ("900", "450", "10", "20")), ("Quantity", tuple("1234"))])
def test_enter_again_begins_a_further_line(served, network, open_far, way, pause, column, texts) -> None:
    one = Typist(served, network, open_far, way, pause)
    cell(one.page, column).select_text()
    one.keys(texts[0], *[key for text in texts[1:] for key in ("Enter", text)])
    one.shows(*texts, column=column)
    expect(cell(one.page, column, 4)).to_be_focused()
    if column == "Unit price":
        expect(figure(one.page, "total")).to_have_text("R\u00a01\u00a0380,00")


@each_way
def test_tab_goes_on_in_the_line_that_is_on_its_way(served, network, open_far, way, pause) -> None:
    one = Typist(served, network, open_far, way, pause)
    put_caret(cell(one.page, "Description"), len(TEXT))
    one.keys("Enter", "Re", "Tab", "Tab", "2", "Tab", "500", "Enter", "70", "Shift+Tab", "3")
    one.shows("1\u00a0250,00", "500", "70", column="Unit price")
    one.shows("1", "2", "3", column="Quantity")
    assert descriptions(one.page) == [TEXT, "Re", ""]
    expect(cell(one.page, "Quantity", 3)).to_be_focused()


@each_way
def test_what_is_corrected_ahead_arrives_corrected(served, network, open_far, way, pause) -> None:
    one = Typist(served, network, open_far, way, pause)
    put_caret(cell(one.page, "Description"), len(TEXT))
    one.keys(
        "Enter", "reort", "ArrowLeft", "ArrowLeft", "ArrowLeft", "p", "End", "ss", "Backspace", "Home", "Delete", "R"
    )
    one.keys("Tab", "f41", "Escape", "Tab", "7", "Backspace", "8", "Enter", "5", "Enter", "6", "Shift+Enter", "ArrowUp")
    one.keys("ArrowDown", "4")
    one.shows(TEXT, "Reports", "", "", column="Description")
    one.shows("1", "8", "4", "6", column="Quantity")
    one.shows("", "", "", "", column="ICD-10")


@each_way
def test_a_line_on_its_way_is_duplicated(served, network, open_far, way, pause) -> None:
    one = Typist(served, network, open_far, way, pause)
    put_caret(cell(one.page, "Description"), len(TEXT))
    one.keys("Enter", "Re", "Tab", "Tab", "2", "Control+d", "Tab", "450")
    one.shows(TEXT, "Re", "Re", column="Description")
    one.shows("1", "2", "2", column="Quantity")
    one.shows("1\u00a0250,00", "450", "", column="Unit price")
    expect(cell(one.page, "Unit price", 2)).to_be_focused()


@each_way
def test_lines_on_their_way_change_places_and_the_cursor_goes_along(served, network, open_far, way, pause) -> None:
    one = Typist(served, network, open_far, way, pause)
    cell(one.page, "Quantity").select_text()
    one.keys(
        "1", "Enter", "2", "Enter", "3", "Enter", "4", "Alt+ArrowUp", "4", "Alt+ArrowUp", "4", "Alt+ArrowDown", "4"
    )
    one.shows("1", "2", "4444", "3", column="Quantity")
    expect(cell(one.page, "Quantity", 3)).to_be_focused()


@pytest.mark.parametrize(("way", "pause"), [("far", 0), ("cut", 60)])
def test_a_line_on_its_way_is_moved_above_those_that_are_here(served, network, open_far, way, pause) -> None:
    one = Typist(served, network, open_far, way, pause)
    put_caret(cell(one.page, "Description"), len(TEXT))
    one.keys("Enter", "Re", "Alt+ArrowUp", "Alt+ArrowUp", "port", "ArrowDown", "End", "!")
    one.shows("Report", TEXT + "!", column="Description")
    expect(cell(one.page, "Description", 2)).to_be_focused()


def test_undo_and_redo_go_through_what_was_done_in_lines_on_their_way(served, network, open_far) -> None:
    one = Typist(served, network, open_far, "cut", 10)
    put_caret(cell(one.page, "Description"), len(TEXT))
    one.keys("Enter", "Report", "Tab", "Tab", "2", "Tab", "450", "Control+z", "Control+z", "Control+y", "Control+d")
    one.keys("Control+z", "Control+Shift+z", "Enter", "9", "Alt+ArrowDown", "Control+z")
    one.keys("Enter", "7", "Control+z", "Control+z", "5")
    one.shows(TEXT, "Report", "Report", column="Description")
    one.shows("1", "2", "2", column="Quantity")
    one.shows("1\u00a0250,00", "", "5", column="Unit price")


def test_undo_takes_a_line_on_its_way_back(served, network, open_far) -> None:
    one = Typist(served, network, open_far, "far", 0)
    put_caret(cell(one.page, "Description"), len(TEXT))
    one.keys("Enter", "Re", "Alt+ArrowUp", "Control+z", "Control+z", "Control+z", "!")
    expect(cell(one.page, "Description")).to_have_value(TEXT + "!")
    one.page.wait_for_timeout(700)
    one.shows(TEXT + "!", column="Description")


def test_a_page_that_goes_has_sent_what_was_done_to_a_line_typed_ahead(served, network, open_far) -> None:
    one = Typist(served, network, open_far, "far", 0)
    put_caret(cell(one.page, "Description"), len(TEXT))
    one.keys("Enter", "Re", "Control+d", "Alt+ArrowUp", "port")
    one.page.close(run_before_unload=False)
    one.house.wait_until_kept(one.session, "Re", "Report")
    network.far(0)
    one.page = open_far(one.house.owner)
    open_form(one.page, one.session)
    one.shows("Report", TEXT, "Re", column="Description")


def test_typing_goes_on_in_the_middle_of_a_text_typed_ahead(served, network, open_far) -> None:
    one = Typist(served, network, open_far)
    put_caret(cell(one.page, "Description"), len(TEXT))
    one.keys("Enter", "school", "Home")
    lines(one.page, 2)
    one.keys("the ")
    one.shows(TEXT, "the school", column="Description")
    assert caret(cell(one.page, "Description", 2)) == 4


def test_lines_whose_asking_was_lost_are_asked_for_again(served, network, open_far) -> None:
    one = Typist(served, network, open_far, "near", 20)
    network.silence()
    cell(one.page, "Unit price").select_text()
    one.keys("900", "Enter", "450", "Enter", "10", "Enter", "20")
    network.cut()
    one.shows("900", "450", "10", "20", column="Unit price")


def test_who_clicks_elsewhere_types_there(served, network, open_far) -> None:
    one = Typist(served, network, open_far, "cut", 20)
    put_caret(cell(one.page, "Description"), len(TEXT))
    one.keys("Enter", "Report", "Tab")
    cell(one.page, "Quantity").click()
    one.keys("Control+A", "3")
    cell(one.page, "Description").click()
    one.keys("End", "!")
    one.shows(TEXT + "!", "Report", column="Description")
    one.shows("3", "1", column="Quantity")
    assert caret(cell(one.page, "Description")) == len(TEXT) + 1


def test_tab_behind_the_last_cell_leaves_the_lines(served, network, open_far) -> None:
    one = Typist(served, network, open_far, "cut", 20)
    cell(one.page, "Discount").focus()
    one.keys("Enter", "10%", "Tab", "Tab", "Tab", "no", "Tab", "Tab")
    expect(one.page.get_by_role("button", name="Add line item")).to_be_focused()
    one.shows("", "10%", column="Discount")
    assert descriptions(one.page) == [TEXT, ""]


def test_a_day_cannot_be_typed_ahead_and_falls_nowhere_else(served, network, open_far) -> None:
    one = Typist(served, network, open_far, "cut", 20)
    day = cell(one.page, "Date").input_value()
    cell(one.page, "Date").focus()
    one.keys("Enter", "11", "Tab", "Backspace", "ArrowUp")
    one.shows(day, day, column="Date")
    assert in_database(one.house, one.session)["code.1"] == cell(one.page, "Code").input_value()
    expect(cell(one.page, "Code", 2)).to_have_value("")


def test_text_that_comes_by_no_key_goes_ahead_too(served, network, open_far) -> None:
    """Dead keys, dictation, words chosen from a list above a phone's keys, and what is pasted or cut."""
    one = Typist(served, network, open_far, "cut", 0)
    put_caret(cell(one.page, "Description"), len(TEXT))
    one.keys("Enter")
    one.page.keyboard.insert_text("né")
    browser = one.page.context.new_cdp_session(one.page)
    browser.send("Input.imeSetComposition", {"text": "e", "selectionStart": 1, "selectionEnd": 1})
    browser.send("Input.imeSetComposition", {"text": "ë", "selectionStart": 1, "selectionEnd": 1})
    browser.send("Input.insertText", {"text": "ë"})
    one.page.evaluate(
        """() => { const clipboardData = new DataTransfer(); clipboardData.setData("text/plain", " 12");
          const paste = (t) => { const d = new DataTransfer(); d.setData("text/plain", t); return d; };
          for (const t of [" 12", "A\\tB\\nC\\tD"]) document.activeElement.dispatchEvent(
            new ClipboardEvent("paste", { clipboardData: paste(t), bubbles: true, cancelable: true })); }"""
    )
    one.keys("Control+Backspace", "Control+x")
    expect(cell(one.page, "Description")).to_have_value(TEXT)
    one.shows(TEXT, "néë 12", column="Description")


def test_a_colleagues_line_stays_the_colleagues(served, network, open_far, open_as) -> None:
    one = Typist(served, network, open_far, "cut", 20)
    colleague = open_as(one.house.colleague())
    open_form(colleague, one.session)
    put_caret(cell(one.page, "Description"), len(TEXT))
    one.keys("Enter", "Report", "Enter", "letter")
    press(colleague, "Add line item")
    lines(colleague, 2)
    one.house.wait_until_kept(one.session, TEXT)
    network.mend()
    one.shows(TEXT, "", "Report", "letter", column="Description")


def test_a_code_typed_ahead_leaves_no_list_open(served, network, open_far) -> None:
    one = Typist(served, network, open_far)
    cell(one.page, "Code").focus()
    one.keys("Enter", "862", "Tab", "Report")
    one.shows(TEXT, "Report", column="Description")
    expect(cell(one.page, "Code", 2)).to_have_value("862")
    expect(cell(one.page, "Code", 2)).to_have_attribute("aria-expanded", "false")
    expect(cell(one.page, "Description", 2)).to_be_focused()


@pytest.mark.parametrize("way", ["near", "far"])
def test_a_page_that_goes_has_sent_the_lines_typed_ahead(served, network, open_far, way) -> None:
    one = Typist(served, network, open_far, way, 0 if way == "near" else 30)
    put_caret(cell(one.page, "Description"), len(TEXT))
    one.keys("Enter", "Report", "Tab", "Tab", "2", "Enter", "3")
    one.page.close(run_before_unload=False)
    one.house.wait_until_kept(one.session, "Report", "3")
    network.far(0)
    again = open_far(one.house.owner)
    open_form(again, one.session)
    assert descriptions(again) == [TEXT, "Report", ""]
    one.page = again
    one.shows("1", "2", "3", column="Quantity")


def test_lines_typed_ahead_are_asked_about_before_the_page_is_left(served, network, open_far) -> None:
    one = Typist(served, network, open_far, "cut", 20)
    questions = Questions(one.page)
    questions.leave = False
    put_caret(cell(one.page, "Description"), len(TEXT))
    one.keys("Enter", "Report", "Enter", "letter")
    says(one.page, "Saving")
    one.page.evaluate("location.reload()")
    questions.are("beforeunload")
    one.shows(TEXT, "Report", "letter", column="Description")


def test_a_page_that_was_hidden_and_goes_on_has_each_line_once(served, network, open_far) -> None:
    one = Typist(served, network, open_far, "far", 20)
    put_caret(cell(one.page, "Description"), len(TEXT))
    one.keys("Enter", "Rep")
    one.page.evaluate(
        """() => { Object.defineProperty(document, "visibilityState", { value: "hidden", configurable: true });
          document.dispatchEvent(new Event("visibilitychange")); delete document.visibilityState; }"""
    )
    one.keys("ort", "Enter", "letter")
    one.shows(TEXT, "Report", "letter", column="Description")


def test_nothing_is_billed_while_a_line_is_on_its_way(served, network, open_far) -> None:
    one = Typist(served, network, open_far, "far", 0)
    cell(one.page, "Unit price").focus()
    one.keys("Enter", "450", "Enter", "10")
    press(one.page, "Save and Review")
    one.shows("1\u00a0250,00", "450", "10", column="Unit price")
    assert one.house.invoices(one.session) == []
