"""The completion form in the states a picture is hard to come by: one, eight and 200 lines, faults, what is told of a
paste, an open list of codes, tax, no network, and somebody else's edit of the same field."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from playwright.sync_api import BrowserContext, Page, expect
from sqlmodel import select

from tests.builders import a_client, a_diagnosis, a_service, an_appointment
from tests.e2e.demo_app import CLINICIAN, DemoApp
from tests.e2e.stories import cell
from tests.e2e.test_grid_paste import paste_into
from tests.network import Network
from trova_app import routes
from trova_app.models import Member, Practice

LONG = "Langverwacht-Rautenbach van der Westhuizen, Nomvuyiseko Philippa"
Fresh = Callable[[], BrowserContext]
TAKES = 8  # four sizes, light and dark


class Forms:
    """Sessions of the demo practice made for these pictures: one for every time a picture is taken."""

    def __init__(self, demo: DemoApp) -> None:
        self._demo = demo
        self._ids = {count: iter(self._sessions(count)) for count in (1, 8, 200)}

    def _sessions(self, lines: int) -> list[int]:
        with self._demo.act() as (db, _desk):
            member = db.exec(select(Member).where(Member.email == CLINICIAN)).one()
            practice = db.get_one(Practice, member.practice_id)
            self._practice_id = member.practice_id
            service = a_service(db, practice, lines=lines, name=f"Group programme, {lines} parts")
            client = a_client(db, practice, last_name=LONG if lines == 8 else "Mokoena")
            if lines == 8:
                a_diagnosis(db, client, "F41.0", "Panic disorder [episodic paroxysmal anxiety]")
            over = datetime.now(UTC) - timedelta(hours=2)
            made = [an_appointment(db, client, service, member, ends=over) for _ in range(4 * TAKES)]
            return [int(appointment.id or 0) for appointment in made]

    def next(self, lines: int) -> str:
        return routes.complete(next(self._ids[lines]))

    @contextmanager
    def taxed(self) -> Iterator[None]:
        """Meanwhile the practice charges tax."""
        self._charge_tax(True)
        yield
        self._charge_tax(False)

    def _charge_tax(self, does: bool) -> None:
        with self._demo.act() as (db, _desk):
            db.get_one(Practice, self._practice_id).charges_tax = does


def _to_the_lines(page: Page) -> None:
    """On narrow screens the lines are the second step."""
    go_on = page.get_by_role("button", name="Continue")
    expect(page.get_by_test_id("total")).not_to_have_text("")
    if go_on.is_visible():
        go_on.click()
    cell(page, "Description").wait_for()


def _open(page: Page, address: str) -> None:
    page.goto("about:blank")  # so that what the last picture left unsaved is not asked about
    page.goto(address)
    _to_the_lines(page)


def _faulty(page: Page) -> None:
    cell(page, "Quantity").fill("two")
    cell(page, "Unit price").fill("12e5")
    cell(page, "Discount").fill("9999999")
    cell(page, "Description", 2).fill("")
    page.locator("[aria-invalid=true]").first.wait_for()


def _told(page: Page) -> None:
    """A block that had more than there is room for, an empty line, words for a diagnosis that were not chosen, and a
    closing button that did not get through."""
    paste_into(page, cell(page, "Quantity"), "Qty\tPrice\tSeen by\tRoom\n2\t1 800,00\tAN\t3\n1\t450\tAN\t3")
    expect(page.get_by_test_id("told")).not_to_be_empty()
    page.get_by_role("button", name="Add line item").click()
    cell(page, "Description", 3).wait_for()
    page.get_by_role("combobox", name="Add diagnosis").fill("anxiety, adjustment")
    page.get_by_role("combobox", name="Add diagnosis").blur()
    expect(page.locator("[data-saved=Saved]")).to_be_attached()
    if page.get_by_role("button", name="Request payment").is_visible():
        page.get_by_role("button", name="Request payment").click()
        expect(page.get_by_test_id("problem")).not_to_be_empty()


def _listed(page: Page) -> None:
    cell(page, "Code").click()
    cell(page, "Code").fill("")
    cell(page, "Code").press_sequentially("86")
    page.get_by_role("option").first.wait_for()


def _offline(page: Page, network: Network) -> None:
    network.cut()
    cell(page, "Unit price").fill("1 400,00")
    page.get_by_text("Reconnecting").wait_for()
    page.wait_for_timeout(2_500)  # the notice waits a second, the server's figure a second and a half


def _conflicting(page: Page, network: Network, other: Page) -> None:
    network.cut()
    cell(page, "Description").fill("Psychotherapy, at the rooms")
    cell(other, "Description").fill("Psychotherapy, by telephone")
    expect(other.locator("[data-saved=Saved]")).to_be_attached()
    network.mend()
    page.get_by_role("table", name="What differs").wait_for()


def states(forms: Forms, page: Page, network: Network, another: Fresh) -> Iterator[tuple[str, bool]]:
    """(name, whether the whole page is to be seen) of each state, with `page` in it, which is behind the network;
    `another` gives a context that is not."""
    for lines in (1, 8, 200):
        _open(page, forms.next(lines))
        yield f"form-{lines}", lines < 200
    _open(page, forms.next(8))
    _faulty(page)
    yield "form-faulty", True
    _open(page, forms.next(1))
    _told(page)
    yield "form-told", True
    _open(page, forms.next(1))
    _listed(page)
    yield "form-codes", False
    with forms.taxed():
        _open(page, forms.next(8))
        yield "form-taxed", True
    _open(page, forms.next(8))
    _offline(page, network)
    yield "form-offline", False
    network.mend()
    address, context = forms.next(1), another()
    other = context.new_page()
    _open(other, address)
    _open(page, address)
    _conflicting(page, network, other)
    yield "form-conflict", False
    context.close()
