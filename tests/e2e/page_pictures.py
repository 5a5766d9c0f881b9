"""The pages in the states a picture is hard to come by: empty and crowded lists, questions and their faults, documents
in every state, what a payer sees, and what stands where there is nothing to show."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from playwright.sync_api import Page, expect
from sqlmodel import select

from tests.builders import a_client, a_service, an_appointment
from tests.e2e.demo_app import DemoApp
from tests.e2e.form_pictures import LONG
from tests.e2e.import_pictures import of_imports
from tests.e2e.payers import (
    Asked,
    asked_to_pay,
    finish,
    given_back,
    gives_back_there,
    has_paid,
    loses_its_account,
    objects,
    owner_of,
    pays,
    work,
    writes_down,
)
from tests.e2e.rare_pictures import of_the_rare
from tests.e2e.stories import House, press
from trova_app import routes
from trova_app.models import CareService, Member, Practice, WebhookEndpoint
from trova_app.services import billing
from trova_app.services.gateway_accounts import account_for
from trova_app.services.open_question import keep_question
from trova_app.services.webhook_endpoints import refused
from trova_app.services.working_copy import find_case, working_copy

DEAR = 98_765_432  # a price that is as wide as a list can get
ROWS = 200
WAYS = (("send_invoice", "other"), ("bill_insurer", "insurance"), ("save_draft", "online"), ("send_receipt", "other"))


def nothing(_page: Page) -> None:
    return None


@dataclass(frozen=True)
class Scene:
    """`email`: who looks, "" for a stranger. `do`: what is done before the picture is taken."""

    name: str
    email: str
    address: str
    do: Callable[[Page], None] = nothing
    is_whole: bool = True
    """False: only what is in view, for what floats over the page."""


def _crowd(house: House) -> None:
    """200 open sessions, half of them of people with long names, and as many days in the past as fit."""
    with house.served.act() as (db, _desk):
        practice = db.get_one(Practice, house.practice_id)
        owner = db.exec(select(Member).where(Member.email == house.owner)).one()
        plain = db.exec(select(CareService).where(CareService.practice_id == practice.id)).one()
        long = a_service(db, practice, DEAR, name="Neuropsychological assessment with report to school and physician")
        people = [
            a_client(db, practice, last_name=LONG if n % 2 else f"Mokoena {n}", email=f"client.{n}.{'x' * 20}@a.test")
            for n in range(40)
        ]
        now = datetime.now(UTC)
        for n in range(ROWS):
            over = now - timedelta(hours=2 + 5 * n)
            an_appointment(db, people[n % 40], long if n % 3 == 0 else plain, owner, ends=over, note="First session")


def _billed(house: House, act: str, payment_type: str, **typed: str) -> Asked:
    session = house.session(insured=payment_type == "insurance", last_name=typed.pop("last_name", "Mokoena"))
    return finish(house, session, act, payment_type=payment_type, **typed)


def _left_open(house: House) -> Asked:
    """Somebody was asked which of two texts should stay, and has closed the page; then it was sent."""
    session, who = house.session(), owner_of(house)
    with house.served.act() as (db, desk):
        form = working_copy(db, desk, find_case(db, who, session)).form
        mine = form.with_text("text.1", "Psychotherapy, at the rooms, with her mother for the last quarter of an hour")
        mine = mine.with_text("payment_type", "insurance").with_diagnosis("F43.2", "Adjustment disorders")
        billing.save_form(db, desk, who, appointment_id=session, version=0, form=form)
        keep_question(db, desk, who, appointment_id=session, question=(form, mine))
    return finish(house, session, "send_invoice", payment_type="other")


def _void(house: House) -> Asked:
    asked = asked_to_pay(house)
    with house.served.act() as (db, desk):
        billing.void_invoice(db, desk, owner_of(house), invoice_id=asked.id, reason="Another client's session")
    return asked


def _paid(house: House, back: str | None = None, **given: Any) -> Asked:
    asked = asked_to_pay(house, **{key: given.pop(key) for key in ("last_name",) if key in given})
    has_paid(house, asked, **given)
    if back is not None:
        given_back(house, asked, back)
    return asked


def _disputed(house: House) -> Asked:
    asked = asked_to_pay(house)
    payment = has_paid(house, asked)
    objects(house, payment, until=datetime.now(UTC) + timedelta(days=9))
    return asked


def question_of(act: str, **fields: str) -> Callable[[Page], None]:
    """Opens a question; with `fields`, answers it so that each of them is refused."""

    def do(page: Page) -> None:
        page.get_by_role("button", name=act).first.click()
        question = page.get_by_role("dialog")
        question.wait_for()
        for label, text in fields.items():
            question.get_by_label(label.replace("_", " "), exact=True).fill(text)
        if fields:
            question.locator("[type=submit]").click()
            question.get_by_role("alert").filter(has_text=".").first.wait_for()

    return do


def _edit(part: str, **fields: str) -> Callable[[Page], None]:
    def do(page: Page) -> None:
        press(page, f"Edit {part}")
        for label, text in fields.items():
            page.get_by_label(label.replace("_", " "), exact=True).fill(text)
        if fields:
            press(page, "Save in the profile")
            page.get_by_role("alert").filter(has_text=".").first.wait_for()

    return do


def _faulty_settings(page: Page) -> None:
    for label in ("Name", "Number prefix", "Payment terms, in days", "Sign out after, in minutes", "Mail address"):
        page.get_by_label(label, exact=True).fill("!" if label != "Name" else "")
    press(page, "Save settings")
    page.get_by_text("Please look at the marked fields").wait_for()


def _faulty_key(page: Page) -> None:
    page.get_by_label("Key", exact=True).fill("pk_test_51AbcDefGhi1Xyz")
    press(page, "Connect")
    page.get_by_text("That is the public key").wait_for()


def _connected(page: Page) -> None:
    if page.get_by_label("Key", exact=True).is_visible():
        page.get_by_label("Key", exact=True).fill("rk_test_51AbcDefGhi1Xyz")
        press(page, "Connect")
    expect(page.get_by_text("ends in 1Xyz")).to_be_visible()


def _refused(house: House) -> Callable[[Page], None]:
    """Where webhooks arrive, and something came that nobody signed."""

    def do(page: Page) -> None:
        _connected(page)
        with house.served.act() as (db, desk):
            account, place = account_for(db, house.practice_id), f"{house.practice_id:032x}"
            assert account is not None
            if not account.endpoint_public_id:
                db.add(WebhookEndpoint(public_id=place, practice_id=house.practice_id, provider="stripe", secret="x"))
                account.endpoint_public_id = place
            db.flush()
            refused(db, desk, place)
        page.reload()
        expect(page.get_by_text("was not signed as it should be")).to_be_visible()

    return do


def _letter(page: Page) -> None:
    page.get_by_role("button", name="Invoice").first.click()
    page.get_by_role("dialog").wait_for()


def _on_paper(page: Page) -> None:
    page.emulate_media(media="print")


def _searched(page: Page) -> None:
    page.get_by_role("searchbox").fill("nobody has this name")
    page.get_by_text("Nothing fits").or_(page.get_by_text("Nobody fits")).first.wait_for()


def scenes(demo: DemoApp) -> Iterator[Scene]:
    yield from _of_strangers()
    yield from _of_lists(House(demo), House(demo))
    yield from _of_sessions(House(demo))
    yield from _of_documents(House(demo))
    yield from _of_settings(House(demo), House(demo))
    yield from of_imports(House(demo), House(demo), Scene)
    yield from of_the_rare(House(demo), House(demo), Scene)


def _of_strangers() -> Iterator[Scene]:
    yield Scene("sign-in-refused", "", f"{routes.SIGN_IN}?problem=wrong")
    yield Scene("sign-in-again", "", f"{routes.SIGN_IN}?next=%2Fappointments%2F1")
    yield Scene("pay-unknown", "", routes.pay("nobody-has-this"))


def _of_lists(empty: House, crowded: House) -> Iterator[Scene]:
    for n, (act, payment_type) in enumerate(
        [("send_invoice", "other"), ("bill_insurer", "insurance"), ("save_draft", "online"), ("send_receipt", "other")]
        * 4
    ):
        price = {"price.1": "98765432,10"} if n % 3 == 0 else {}
        _billed(crowded, act, payment_type, last_name=LONG if n % 2 else "Mokoena", **price)
    work(crowded)
    for back in (None, "400", ""):
        _paid(crowded, back=back, last_name=LONG)
    pays(crowded, asked_to_pay(crowded, last_name=LONG), 100_000)
    unclear = has_paid(crowded, asked_to_pay(crowded, last_name=LONG))
    writes_down(crowded, unclear, "300", "200", "400", "100", "200")
    gives_back_there(crowded, unclear, 50_000)
    gives_back_there(crowded, unclear, 5_000, "small")
    _disputed(crowded)
    _crowd(crowded)
    for house, kind in ((empty, "empty"), (crowded, "crowded")):
        for tab in ("upcoming", "open", "completed"):
            yield Scene(f"appointments-{kind}-{tab}", house.owner, f"{routes.APPOINTMENTS}?tab={tab}")
        for tab in ("invoices", "payments", "refunds"):
            yield Scene(f"billing-{kind}-{tab}", house.owner, f"{routes.BILLING}?tab={tab}")
        for place in (routes.CLIENTS, routes.OUTBOX):
            yield Scene(f"{place[1:]}-{kind}", house.owner, place)
    yield Scene("appointments-searched", crowded.owner, f"{routes.APPOINTMENTS}?tab=open", _searched)
    yield Scene("outbox-letter", crowded.owner, routes.OUTBOX, _letter, is_whole=False)
    yield Scene("billing-leave-as-is", crowded.owner, routes.BILLING, question_of("Leave as it is"), is_whole=False)
    yield Scene("billing-count-it", crowded.owner, routes.BILLING, question_of("Count it"), is_whole=False)


def _of_sessions(house: House) -> Iterator[Scene]:
    plain = house.session()
    insured = house.session(insured=True, phone="082 555 0100")
    bare = house.session(email="", last_name=LONG)
    later = house.session(ended=timedelta(days=-3))
    missed = house.session(state="missed")
    for name, session in (
        ("plain", plain), ("insured", insured), ("bare", bare), ("later", later), ("missed", missed),
    ):  # fmt: skip
        yield Scene(f"session-{name}", house.owner, routes.appointment(session))
    draft = _billed(house, "save_draft", "online")
    yield Scene("session-completed", house.owner, routes.appointment(draft.session))
    yield Scene("session-contact", house.owner, routes.appointment(bare), _edit("the client's contact"))
    yield Scene(
        "session-contact-faulty", house.owner, routes.appointment(bare),
        _edit("the client's contact", Mail_address="nobody at home", Phone="x" * 80),
    )  # fmt: skip
    yield Scene("session-payer", house.owner, routes.appointment(bare), _edit("who pays"))
    yield Scene(
        "session-missed-question", house.owner, routes.appointment(plain), question_of("Mark Session Missed"), False
    )
    yield Scene("session-nowhere", house.owner, routes.appointment(0))
    yield Scene("session-of-reception", house.reception, routes.appointment(insured))
    yield Scene("nowhere", house.owner, "/nowhere")
    yield Scene("complete-of-missed", house.owner, routes.complete(missed))


def _of_documents(house: House) -> Iterator[Scene]:
    sent = asked_to_pay(house)
    claim = _billed(house, "bill_insurer", "insurance")
    paid = _paid(house)
    made = {
        "draft": _billed(house, "save_draft", "online"),
        "sent": sent,
        "part-paid": _billed(house, "send_receipt", "other", cash="450"),
        "receipt": _billed(house, "send_receipt", "other"),
        "paid": paid,
        "claim": claim,
        "void": _void(house),
        "refunded": _paid(house, back=""),
        "refunded-part": _paid(house, back="400"),
        "disputed": _disputed(house),
        "on-its-way": _paid(house, state="pending"),
        "dear": _billed(house, "send_invoice", "other", last_name=LONG, **{"price.1": "98765432,10"}),
    }
    work(house)
    for name, asked in made.items():
        yield Scene(f"document-{name}", house.owner, routes.invoice(asked.id))
    for name in ("sent", "part-paid", "paid", "void", "refunded", "refunded-part", "on-its-way", "dear"):
        yield Scene(f"pay-{name}", "", made[name].pay)
    yield Scene("pay-sent-paper", "", sent.pay, _on_paper)
    yield Scene("pay-gateway", "", f"/sim/pay/{house.links(sent.id)[-1].request_uuid}")
    yield Scene("pay-back", "", routes.pay_back(house.links(sent.id)[-1].request_uuid))
    yield from _of_questions(house, sent, claim, paid)
    left = _left_open(house)
    for name, address in (
        ("session", routes.appointment(left.session)), ("form", routes.complete(left.session)),
        ("document", routes.invoice(left.id)),
    ):  # fmt: skip
        yield Scene(f"kept-{name}", house.owner, address)
    yield Scene("document-nowhere", house.owner, routes.invoice(0))
    yield Scene("document-of-reception", house.reception, routes.invoice(sent.id))


def _told_of(house: House) -> Asked:
    """Its account was left; of what went back there, one part was told of and one was written down."""
    asked = asked_to_pay(house)
    payment = has_paid(house, asked)
    gives_back_there(house, payment, 30_000)
    work(house)
    loses_its_account(house, payment)
    given_back(house, asked, "20", method="cash", reference="Till 7")
    return asked


def _of_questions(house: House, sent: Asked, claim: Asked, paid: Asked) -> Iterator[Scene]:
    told = _told_of(house)
    asking = {
        "mark-paid": (sent, question_of("Mark as paid")),
        "mark-paid-faulty": (sent, question_of("Mark as paid", Amount="99 999", Date_received="2099-01-01")),
        "mail-again": (sent, question_of("Mail again")),
        "void": (sent, question_of("Void")),
        "void-faulty": (sent, question_of("Void", Reason="")),
        "correct": (sent, question_of("Correct")),
        "to-insurer": (claim, question_of("Mail to insurer")),
        "to-insurer-faulty": (claim, question_of("Mail to insurer", Mail_address="nobody")),
        "submitted": (claim, question_of("Mark as submitted")),
        "refund": (paid, question_of("Refund")),
        "refund-faulty": (paid, question_of("Refund", Amount="99 999")),
        "refund-told": (told, question_of("Refund", Amount="300")),
        "take-back": (told, question_of("Take back")),
        "take-back-faulty": (told, question_of("Take back", Why="")),
    }
    for name, (asked, do) in asking.items():
        yield Scene(f"question-{name}", house.owner, routes.invoice(asked.id), do, is_whole=False)


def _of_settings(house: House, connected: House) -> Iterator[Scene]:
    yield Scene("settings-faulty", house.owner, routes.SETTINGS, _faulty_settings)
    yield Scene("settings-reception", house.reception, routes.SETTINGS)
    yield Scene("payments-settings", house.owner, routes.PAYMENT_SETTINGS)
    yield Scene("payments-settings-faulty", house.owner, routes.PAYMENT_SETTINGS, _faulty_key)
    yield Scene("payments-settings-connected", connected.owner, routes.PAYMENT_SETTINGS, _connected)
    yield Scene("payments-settings-refused", connected.owner, routes.PAYMENT_SETTINGS, _refused(connected))
