"""What every story begins with, and what a clinician does on the pages, in the tests' words."""

import json
import re
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from playwright.sync_api import Dialog, Locator, Page, WebSocketRoute, expect
from sqlmodel import col, select

from tests.builders import a_client, a_diagnosis, a_member, a_scheme, an_appointment
from tests.e2e.demo_app import DemoApp
from tests.served import PASSWORD
from trova_app.domain.permissions import Role
from trova_app.models import (
    Appointment,
    CareService,
    CompletionDraft,
    Invoice,
    Mail,
    Member,
    Payment,
    PaymentRequest,
    Practice,
    Refund,
    Scheme,
)
from trova_app.web.passwords import hash_password

T = TypeVar("T")
PATIENCE = 20.0  # seconds; how long anything may take on a busy machine


def eventually(read: Callable[[], T], is_right: Callable[[T], Any] = bool) -> T:
    """Reads again and again until it is right; what was read. For what no page shows."""
    until = time.monotonic() + PATIENCE
    while not is_right(seen := read()):
        assert time.monotonic() < until, f"It never became right; the last was {seen!r}"
        time.sleep(0.02)
    return seen


def stays(page: Page) -> list[str]:
    """Answers "no" to each of the browser's questions from now on; what was asked."""
    asked: list[str] = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.message)
        dialog.dismiss()

    page.on("dialog", stay)
    return asked


class Line:
    """What a page says to the server and hears of it, handed on only while a page is waited for. `asked` is what it has
    said; with `hears(False)` what the server tells it waits until `hears(True)`."""

    def __init__(self, page: Page) -> None:
        self.asked: list[str] = []
        self._waiting: list[str | bytes] = []
        self._hears = True
        page.route_web_socket(re.compile("/_event"), self._connect)

    def _connect(self, to_page: WebSocketRoute) -> None:
        self._to_page, server = to_page, to_page.connect_to_server()
        server.on_message(lambda frame: to_page.send(frame) if self._hears else self._waiting.append(frame))
        to_page.on_message(lambda frame: (self.asked.append(str(frame)), server.send(frame)))

    def hears(self, now: bool) -> None:
        self._hears = now
        while now and self._waiting:
            self._to_page.send(self._waiting.pop(0))


class House:
    """A practice of the story's own, and what its database says."""

    def __init__(self, served: DemoApp, **practice: Any) -> None:
        self.served = served
        made = served.own_practice(clients=1, appointments=0, **practice)
        self.practice_id, self.owner, self.reception = made.id, made.owner, made.reception

    def colleague(self, name: str = "Dr Bongani Sithole", role: Role = Role.OWNER) -> str:
        """Somebody else of the team; their e-mail address."""
        email = f"{role.value}.{name.split()[-1].lower()}.{self.practice_id}@example.test"
        with self.served.act() as (db, _):
            practice = db.get_one(Practice, self.practice_id)
            a_member(db, practice, role, email=email, name=name, password_hash=hash_password(PASSWORD))
        return email

    def session(
        self,
        *,
        ended: timedelta = timedelta(hours=1),
        insured: bool = False,
        state: str = "scheduled",
        diagnosis: tuple[str, ...] = (),
        **client: Any,
    ) -> int:
        """An appointment that ended so long ago (negative: it will end), of a new client; its id. `diagnosis`: code and
        words of one that is known of the client."""
        with self.served.act() as (db, _):
            practice = db.get_one(Practice, self.practice_id)
            if insured:
                known = db.exec(select(Scheme).where(Scheme.practice_id == practice.id)).first()
                scheme = known or a_scheme(db, practice)
                client |= {"scheme_id": scheme.id, "member_number": "0081234567", "dependant_code": "00"}
            person = a_client(db, practice, **client)
            if insured or diagnosis:
                a_diagnosis(db, person, *diagnosis)
            owner = db.exec(select(Member).where(Member.email == self.owner)).one()
            service = db.exec(select(CareService).where(CareService.practice_id == self.practice_id)).one()
            made = an_appointment(db, person, service, owner, ends=datetime.now(UTC) - ended, state=state)
            return int(made.id or 0)

    def read(self, query: Any) -> list[Any]:
        with self.served.act(writes=False) as (db, _):
            found = list(db.exec(query))
            db.expunge_all()
            return found

    def appointment(self, appointment_id: int) -> Appointment:
        return self.read(select(Appointment).where(Appointment.id == appointment_id))[0]

    def invoices(self, appointment_id: int) -> list[Invoice]:
        return self.read(select(Invoice).where(Invoice.appointment_id == appointment_id).order_by(col(Invoice.id)))

    def letters(self, invoice_id: int) -> list[Mail]:
        return self.read(select(Mail).where(Mail.invoice_id == invoice_id).order_by(col(Mail.id)))

    def links(self, invoice_id: int) -> list[PaymentRequest]:
        return self.read(select(PaymentRequest).where(PaymentRequest.invoice_id == invoice_id))

    def payments(self, invoice_id: int) -> list[Payment]:
        return self.read(select(Payment).where(Payment.invoice_id == invoice_id).order_by(col(Payment.id)))

    def refunds(self, invoice_id: int) -> list[Refund]:
        return self.read(select(Refund).where(Refund.invoice_id == invoice_id).order_by(col(Refund.id)))

    def kept(self, appointment_id: int) -> dict[str, Any]:
        """The working copy as the database has it, {} without one."""
        rows = self.read(select(CompletionDraft.form).where(CompletionDraft.appointment_id == appointment_id))
        return json.loads(rows[0]) if rows else {}

    def wait_until_kept(self, appointment_id: int, *texts: str) -> None:
        """Each of the texts stands in the working copy."""
        for text in texts:
            eventually(lambda: _all_texts(self.kept(appointment_id)), lambda kept, text=text: text in kept)

    def only_invoice(self, appointment_id: int) -> Invoice:
        found = self.invoices(appointment_id)
        assert len(found) == 1, found
        return found[0]


def _all_texts(kept: Any) -> list[str]:
    if isinstance(kept, dict):
        kept = list(kept.values())
    if isinstance(kept, list):
        return [text for part in kept for text in _all_texts(part)]
    return [kept] if isinstance(kept, str) else []


# -- on the pages


def open_form(page: Page, appointment_id: int) -> None:
    page.goto(f"/appointments/{appointment_id}/complete")
    expect(page.get_by_role("radio", name="Online Payment")).to_be_visible()


def to_step(page: Page, name: str) -> None:
    """Payment type, Line items or Finalize."""
    link = page.get_by_role("navigation", name="Steps").get_by_role("link", name=name)
    link.click()
    expect(link).to_have_attribute("aria-current", "step")


def choose(page: Page, payment_type: str) -> None:
    """Online, Other or Insurance."""
    page.get_by_role("radio", name=f"{payment_type} Payment").check(force=True)


def press(page: Page, words: str) -> None:
    page.get_by_role("button", name=words, exact=True).click()


def fill_in(page: Page, button: str, **fields: str) -> Locator:
    """Fills in the question that is open and presses its button."""
    question = page.get_by_role("dialog")
    for label, text in fields.items():
        question.get_by_label(label.replace("_", " ")).fill(text)
    question.get_by_role("button", name=button, exact=True).click()
    return question


def answer(page: Page, act: str, **fields: str) -> None:
    """Opens the question of one of a document's acts, fills its fields in and says yes."""
    press(page, act)
    expect(fill_in(page, act, **fields)).to_be_hidden()


def finished(page: Page) -> int:
    """On the document's page, after a closing button; its id."""
    page.wait_for_url(re.compile(r"/billing/\d+$"), wait_until="commit")
    return int(page.url.rsplit("/", 1)[1])


def cell(page: Page, name: str, line: int = 1) -> Locator:
    """A box of the grid, such as "Quantity"."""
    return page.get_by_label(f"{name}, line {line}", exact=True)


def figure(page: Page, name: str) -> Locator:
    """One of the sums: subtotal, discount, tax, total, paid, amount-due."""
    return page.get_by_test_id(name)


def status(page: Page) -> Locator:
    """The document's status on its own page; of a Draft, on its form."""
    return page.locator("aside .badge, .form-heading .badge").first


def in_billing(page: Page, client_or_number: str) -> Locator:
    """The row of the table of invoices."""
    table = page.get_by_role("table", name="Invoices")
    return table.get_by_role("row").filter(has_text=client_or_number)
