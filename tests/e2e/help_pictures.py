"""The pictures of the Help page, taken from the demo practice by `make screenshots` into `assets/help/`."""

import base64
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from playwright.sync_api import Browser, Page, StorageState
from sqlmodel import col, select

from tests.e2e.demo_app import CLINICIAN, DemoApp
from tests.e2e.page_pictures import nothing, question_of
from trova_app import help_topics as topics
from trova_app import routes
from trova_app.help_topics import Topic
from trova_app.models import CareService, Client, Invoice, Member, PaymentRequest, SchemeRate
from trova_app.settings import ROOT

FOLDER = ROOT / "assets" / "help"
LARGEST = 70_000  # bytes of one picture
SMALLER = """async (png) => {
  const picture = new Image();
  picture.src = "data:image/png;base64," + png;
  await picture.decode();
  const sheet = Object.assign(document.createElement("canvas"), { width: picture.width, height: picture.height });
  sheet.getContext("2d").drawImage(picture, 0, 0);
  return sheet.toDataURL("image/webp", 0.7).split(",")[1];
}"""


class Shot(NamedTuple):
    topic: Topic
    address: str
    do: Callable[[Page], None] = nothing


def shots(demo: DemoApp, session: int, form: str) -> Iterator[Shot]:
    """`session`: an open one; `form`: where a completion form with several lines is."""
    with demo.act(writes=False) as (db, _desk):
        here = db.exec(select(Member.practice_id).where(Member.email == CLINICIAN)).one()
        issued = select(Invoice.id).where(Invoice.practice_id == here, Invoice.status == "issued")
        asked = db.exec(issued.join(PaymentRequest).where(PaymentRequest.state == "active")).first()
        claim = db.exec(issued.where(Invoice.payment_type == "insurance", col(Invoice.submitted_on).is_(None))).first()
        insured = db.exec(
            select(Client.id).where(Client.practice_id == here, col(Client.scheme_id).is_not(None))
        ).first()
        service = db.exec(select(CareService.id).where(CareService.practice_id == here)).first()
        scheme = db.exec(select(SchemeRate.scheme_id).where(SchemeRate.practice_id == here)).first()
    yield Shot(topics.APPOINTMENTS, f"{routes.APPOINTMENTS}?tab=open")
    yield Shot(topics.COMPLETE, form)
    yield Shot(topics.ONLINE, routes.invoice(asked))
    yield Shot(topics.INSURANCE, routes.invoice(claim))
    yield Shot(topics.MARK_PAID, routes.invoice(claim), question_of("Mark as paid"))
    yield Shot(topics.MISSED, routes.appointment(session), question_of("Mark Session Missed"))
    yield Shot(topics.CLIENTS, routes.client(insured))
    yield Shot(topics.SERVICES, routes.service(service))
    yield Shot(topics.SCHEMES, routes.scheme(scheme))
    yield Shot(topics.CALENDAR, routes.CALENDAR)
    yield Shot(topics.PAYMENTS, routes.PAYMENT_SETTINGS)
    yield Shot(topics.OUTBOX, routes.OUTBOX)


def take(browser: Browser, demo: DemoApp, known: StorageState, wanted: list[Shot], settled: int) -> Iterator[Path]:
    """Each picture as small as a page can carry it; the files that were written."""
    context = browser.new_context(
        base_url=demo.url,
        viewport={"width": 1024, "height": 640},
        device_scale_factor=1.25,
        color_scheme="light",
        reduced_motion="reduce",
        locale="en-ZA",
        timezone_id="Africa/Johannesburg",
        storage_state=known,
    )
    press = browser.new_page()
    for shot in wanted:
        page = context.new_page()
        page.goto(shot.address)
        page.locator("h1").first.wait_for(state="attached")
        page.locator(".skeletons, [aria-busy=true]").first.wait_for(state="detached")
        shot.do(page)
        page.wait_for_timeout(settled)
        png = base64.b64encode(page.screenshot()).decode()
        file = FOLDER / f"{shot.topic.key}.webp"
        file.write_bytes(base64.b64decode(press.evaluate(SMALLER, png)))
        page.close()
        yield file
    context.close()
