"""The app object: pages, HTTP routes, the wall around them. No logic."""

import gc
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from typing import Any, NamedTuple

import reflex as rx
import structlog
from reflex.utils import prerequisites
from starlette.applications import Starlette
from starlette.responses import RedirectResponse
from starlette.routing import Route

from trova_app import logs, neighbours, routes
from trova_app.components.browser import broken_page, notice
from trova_app.components.signed_out import signed_out
from trova_app.pages import complete
from trova_app.pages.appointment import appointment
from trova_app.pages.appointments import appointments
from trova_app.pages.billing import billing
from trova_app.pages.calendar import calendar
from trova_app.pages.client import client
from trova_app.pages.clients import clients
from trova_app.pages.file_import import file_import
from trova_app.pages.help import help_page
from trova_app.pages.imports import imports as imports_page
from trova_app.pages.invoice import invoice
from trova_app.pages.new_client import new_client
from trova_app.pages.nowhere import nowhere
from trova_app.pages.outbox import outbox
from trova_app.pages.pay import pay
from trova_app.pages.scheme import scheme
from trova_app.pages.service import service
from trova_app.pages.services import services
from trova_app.pages.settings import settings as settings_page
from trova_app.pages.settings_fields import settings_fields
from trova_app.pages.settings_payments import settings_payments
from trova_app.pages.sign_in import sign_in
from trova_app.settings import settings
from trova_app.state import presence
from trova_app.state.appointment import AppointmentPage
from trova_app.state.appointments import AppointmentList
from trova_app.state.billing import Billing
from trova_app.state.calendar import CalendarPage
from trova_app.state.catalogue import Catalogue
from trova_app.state.client import ClientPage
from trova_app.state.client_fields import ClientFields
from trova_app.state.clients import ClientList
from trova_app.state.completion import Completion
from trova_app.state.gateway import GatewayPage
from trova_app.state.guard import Guard
from trova_app.state.help import Help
from trova_app.state.imports import ImportList, ImportPage
from trova_app.state.invoice import InvoicePage
from trova_app.state.live import end_tabs_of, live
from trova_app.state.new_client import NewClient
from trova_app.state.notices import backend_exception
from trova_app.state.outbox import Outbox
from trova_app.state.pay import Payer
from trova_app.state.review import Review
from trova_app.state.scheme import SchemePage
from trova_app.state.service import ServicePage
from trova_app.state.settings import SettingsPage
from trova_app.state.tax_rates import TaxRates
from trova_app.web import (
    client_records,
    documents,
    feeds,
    health,
    import_rows,
    imports,
    logo,
    pay_back,
    pay_now,
    plain,
    simulated_pay,
    unsaved,
    webhooks,
)
from trova_app.web import sign_in as signing_in
from trova_app.web.gate import Gate

log = structlog.get_logger()


class Page(NamedTuple):
    """One address and what is drawn there; `load` are the handlers that fill it."""

    route: str
    draw: Callable[[], rx.Component]
    title: str
    load: Sequence[Any] = ()


PAGES = [
    Page(routes.SIGN_IN, sign_in, "Sign in · Trova"),
    Page(complete.ROUTE, complete.complete, "Mark Session Complete · Trova", [Completion.load]),
    Page(routes.APPOINTMENTS, appointments, "Appointments · Trova", [AppointmentList.load]),
    Page(f"{routes.APPOINTMENTS}/[aid]", appointment, "Appointment · Trova", [AppointmentPage.load]),
    Page(routes.CALENDAR, calendar, "Calendar · Trova", [CalendarPage.load]),
    Page(routes.BILLING, billing, "Billing · Trova", [Billing.load, Review.load]),
    Page(f"{routes.BILLING}/[iid]", invoice, "Invoice · Trova", [InvoicePage.load, Completion.load]),
    Page(routes.CLIENTS, clients, "Clients · Trova", [ClientList.load]),
    Page(routes.NEW_CLIENT, new_client, "New client · Trova", [NewClient.load]),
    Page(f"{routes.CLIENTS}/[cid]", client, "Client · Trova", [ClientPage.load]),
    Page(routes.SERVICES, services, "Services · Trova", [Catalogue.load]),
    Page(f"{routes.SERVICES}/[sid]", service, "Service · Trova", [ServicePage.load]),
    Page(f"{routes.SCHEMES}/[kid]", scheme, "Scheme · Trova", [SchemePage.load]),
    Page(routes.IMPORTS, imports_page, "Import · Trova", [ImportList.load]),
    Page(f"{routes.IMPORTS}/[nid]", file_import, "Import · Trova", [ImportPage.load]),
    Page(routes.OUTBOX, outbox, "Outbox · Trova", [Outbox.load]),
    Page(routes.HELP, help_page, "Help · Trova", [Help.load]),
    Page(routes.SETTINGS, settings_page, "Settings · Trova", [SettingsPage.load, TaxRates.load]),
    Page(routes.PAYMENT_SETTINGS, settings_payments, "Payments · Trova", [GatewayPage.load]),
    Page(routes.CLIENT_FIELDS, settings_fields, "Client fields · Trova", [ClientFields.load]),
    Page(f"{routes.PAY}/[token]", pay, "Invoice · Trova", [Payer.load]),
    Page("404", nowhere, "Not here · Trova"),
]


async def to_appointments(_request: Any) -> RedirectResponse:
    return RedirectResponse(routes.APPOINTMENTS, status_code=307)


HTTP = [
    Route(routes.INDEX, to_appointments),
    *health.ROUTES,
    *signing_in.ROUTES,
    *logo.ROUTES,
    *imports.ROUTES,
    *import_rows.ROUTES,
    *unsaved.ROUTES,
    *client_records.ROUTES,
    *documents.routes,
    *pay_now.ROUTES,
    *pay_back.ROUTES,
    *plain.ROUTES,
    *webhooks.routes,
    *feeds.ROUTES,
    *simulated_pay.routes,
]


async def announce() -> None:
    log.info(f"Trova is ready at {settings().origin}")


class Trova(rx.App):
    """Reflex's app inside our wall, which lies outside of everything Reflex adds."""

    def __call__(self) -> Any:
        inner = super().__call__()
        logs.set_up()
        return Gate(inner, prerequisites.get_web_dir() / "build" / "client", self._waiting, presence.line_ended)

    def _waiting(self, address: str) -> int:
        return len(self.event_processor._token_queues.get(address, ()))


app = Trova(
    app_wraps={
        (55, "ErrorBoundary"): lambda _stateful: broken_page(),
        (5, "Overlay"): lambda _stateful: rx.fragment(signed_out(), notice()),
    },
    stylesheets=["/trova.css"],
    head_components=[  # a phone's keyboard takes its room from the page, so that the bar at the bottom stands above it
        rx.el.meta(name="viewport", content="width=device-width, initial-scale=1, interactive-widget=resizes-content")
    ],
    toaster=None,
    html_lang="en",
    backend_exception_handler=backend_exception,
    api_transformer=[Starlette(routes=HTTP)],
)
app.add_middleware(Guard(), index=0)
app.register_lifespan_task(live)
app.register_lifespan_task(neighbours.run)
app.register_lifespan_task(announce)
signing_in.on_end(end_tabs_of)
unsaved.on_kept(presence.saved)
for page in PAGES:
    app.add_page(page.draw, route=page.route, title=page.title, on_load=list(page.load) or None)

if settings().embedded_worker and find_spec("trova_app.worker"):
    from trova_app import worker

    app.register_lifespan_task(worker.run)

gc.set_threshold(50_000, 50, 50)  # full collections over many open pages' states would stall everybody
