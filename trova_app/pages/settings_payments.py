"""Settings, Payments: connect a gateway, see how it is doing, try it, leave it."""

from typing import Any

import reflex as rx

from trova_app import help_topics, routes
from trova_app.components.browser import Whenever
from trova_app.components.dialog import dialog, dialog_buttons
from trova_app.components.fields import described, field, text_field
from trova_app.components.frame import framed
from trova_app.components.links import how, to
from trova_app.components.page_parts import empty, fact, head, said, waiting_rows
from trova_app.components.tabs import Choice, tab_panel, tabs
from trova_app.state.gateway import GatewayPage as S
from trova_app.state.live import Live

A = S.shown
PANEL = "settings-payments"
NOT_VERIFIED = (
    "Paystack's connection was built from its public documentation and is not verified against the live service."
)
CANNOT_CLOSE = (
    "Paystack cannot close a payment page that is already open: after an invoice is void, corrected or paid another"
    " way, it may still be paid there for a while. Such money is looked for during 60 days and comes up in Billing"
    ' under "To decide".'
)
ONLY_TEST = "So Paystack takes test keys only, to try everything with; live keys are not accepted."


def settings_tabs(chosen: str, panel: str) -> rx.Component:
    """Stands on every page of Settings."""
    places = (
        Choice("Practice", "practice", routes.SETTINGS),
        Choice("Payments", "payments", routes.PAYMENT_SETTINGS),
        Choice("Client fields", "fields", routes.CLIENT_FIELDS),
        Choice("Import", "import", routes.IMPORTS),
    )
    return tabs("Settings", rx.Var.create(chosen), places, panel)


def settings_payments() -> rx.Component:
    page = rx.fragment(
        rx.cond(A.provider != "", _account(), _connect()),
        rx.cond(A.lines.length() > 0, _health()),
        rx.cond((A.provider != "") & A.can_receive, _webhooks()),
        rx.cond(A.may_test, _test_payment()),
        rx.cond(A.provider != "", _leave()),
    )
    return framed(
        "Settings",
        Whenever.create(changes=Live.version.to_string(), then=S.refresh),
        head("Settings", under=rx.el.p("How clients pay online.", class_name="muted mt-1")),
        settings_tabs("payments", PANEL),
        tab_panel(
            PANEL,
            rx.Var.create("payments"),
            rx.cond(A, page, rx.cond(S.problem != "", empty(S.problem, how(help_topics.PAYMENTS)), waiting_rows())),
        ),
        narrow=True,
    )


def _group(title: str, words: Any, *parts: rx.Component) -> rx.Component:
    return rx.el.section(
        rx.el.div(rx.el.h2(title), rx.el.p(words, class_name="muted small mt-1"), class_name="group-words"),
        rx.el.div(*parts, class_name="stack gap-4 min-w-0"),
        class_name="section group first:border-t-0",
    )


def _mode() -> rx.Component:
    is_live = A.mode == "live"
    colour = {"data-status": rx.cond(is_live, "Paid", "Draft")}
    return rx.el.span(rx.cond(is_live, "Live", "Test"), class_name="badge", custom_attrs=colour)


def _account() -> rx.Component:
    return _group(
        "Gateway",
        "Payment links of this practice go through this account.",
        rx.el.dl(
            fact("Connected", rx.el.span(A.provider_name, class_name="font-semibold"), " ", _mode()),
            fact("Since", A.connected_on),
            fact("Key", rx.fragment("ends in ", rx.el.code(A.key_end))),
            rx.cond(A.account_name != "", fact("Account", A.account_name)),
            class_name="facts facts-wide",
        ),
        rx.cond(A.problem != "", rx.el.p(A.problem, class_name="callout callout-warn")),
        rx.cond(
            A.provider == "paystack",
            rx.el.p(f"{NOT_VERIFIED} {CANNOT_CLOSE} {ONLY_TEST}", class_name="callout callout-warn"),
        ),
    )


def _connect() -> rx.Component:
    choices = rx.el.select(
        rx.el.option("Stripe", value="stripe"),
        rx.cond(A.offers_paystack, rx.el.option("Paystack (test keys only, not verified)", value="paystack")),
        id="provider",
        name="provider",
        default_value="stripe",
        class_name="input",
        custom_attrs=described("provider", S.faults.get("provider", "")),
    )
    live = A.mode == "live"
    form = rx.el.form(
        field("Gateway", "provider", choices, error=S.faults.get("provider", "")),
        text_field(
            "Key",
            "key",
            type="password",
            error=S.faults.get("key", ""),
            hint="At Stripe a restricted key, at Paystack the secret key. Stored encrypted, never shown again.",
            auto_complete="new-password",
            spell_check=False,
            max_length=400,
            custom_attrs={"data-1p-ignore": "true", "data-lpignore": "true"},
        ),
        rx.el.p(
            rx.cond(
                live,
                "This practice is live: the key must be a live one.",
                "No real money moves in this practice: the key must be a test one.",
            ),
            class_name="muted small",
        ),
        rx.cond(A.offers_paystack, rx.el.p(f"{CANNOT_CLOSE} {ONLY_TEST}", class_name="muted small")),
        rx.el.div(rx.el.button("Connect", type="submit", class_name="btn btn-primary"), said(S.faults.get("", ""))),
        on_submit=S.connect,
        no_validate=True,
        class_name="stack gap-4",
    )
    return _group(
        "Gateway",
        "Connect the practice's own account, so that its clients can pay by link.",
        rx.cond(A.uses != "", rx.el.p(A.uses, class_name="callout")),
        rx.cond(A.problem != "", rx.el.p(A.problem, class_name="callout callout-warn")),
        form,
    )


def _health() -> rx.Component:
    return _group(
        "Health",
        "Every payment is found, whether or not the gateway's notices arrive.",
        rx.el.dl(rx.foreach(A.lines, _health_line), class_name="facts facts-wide"),
        rx.el.div(rx.el.button("Check payments now", type="button", class_name="btn", on_click=S.check_now)),
    )


def _health_line(line: Any) -> rx.Component:
    way = rx.match(
        line.place,
        ("outbox", to(routes.OUTBOX, "Open the Outbox", class_name="link whitespace-nowrap")),
        ("billing", to(routes.BILLING, "Open Billing", class_name="link whitespace-nowrap")),
        rx.fragment(),
    )
    return rx.el.div(
        rx.el.dt(line.what),
        rx.el.dd(rx.el.span(line.words, class_name=rx.cond(line.is_problem, "text-danger", "")), " ", way),
        key=line.what,
    )


def _webhooks() -> rx.Component:
    by_hand = rx.el.div(
        rx.el.p("Put this address in as the webhook URL, in Paystack's dashboard under API keys and webhooks:"),
        rx.el.p(rx.el.code(A.webhook_url, class_name="wrap"), class_name="mt-2"),
    )
    button = rx.el.button(
        rx.cond(A.has_webhooks, "Connect webhooks again", "Connect webhooks"),
        type="button",
        class_name="btn",
        on_click=S.connect_webhooks,
    )
    return _group(
        "Webhooks",
        "The gateway tells about a payment at once, instead of being asked.",
        rx.cond(A.webhook_url != "", by_hand),
        rx.cond(A.webhook_url == "", rx.el.div(button)),
        _under_way(A.webhooks_under_way),
        said(S.trouble),
    )


def _under_way(what: Any) -> rx.Component:
    """How it stands, until it is done."""
    return rx.el.p(
        rx.cond(what, what.words, ""),
        role="status",
        class_name=rx.cond(what.is_problem, "error wrap empty:hidden", "muted small wrap empty:hidden"),
    )


def _test_payment() -> rx.Component:
    opened = rx.el.p(
        rx.el.a(A.test_url, href=A.test_url, target="_blank", rel="noopener noreferrer", class_name="link wrap"),
        role="status",
    )
    return _group(
        "Test payment",
        "Opens a link over the smallest amount, to be paid with the gateway's test card. It touches no invoice.",
        rx.el.div(rx.el.button("Test payment", type="button", class_name="btn", on_click=S.test_payment)),
        _under_way(A.test_under_way),
        rx.cond(A.test_url != "", opened),
        said(S.test_trouble),
    )


def _leave() -> rx.Component:
    question = dialog(
        S.is_asking,
        S.question,
        rx.fragment("Disconnect ", A.provider_name, "?"),
        rx.cond(
            A.provider == "paystack",
            "Open payment links are closed first. Pages that are open at Paystack may still be paid for a while, so its"
            " key is kept for up to 60 days to find such money. Payments already made stay in the books.",
            "Open payment links are closed first, and the key is forgotten. Payments already made stay in the books.",
        ),
        dialog_buttons(
            rx.el.button("Disconnect", type="button", class_name="btn btn-danger", on_click=S.disconnect),
            cancel=S.question(False),
        ),
    )
    return _group(
        "Disconnect",
        "Clients can then not pay by link, until an account is connected again.",
        rx.el.div(
            rx.el.button("Disconnect", type="button", class_name="btn", on_click=S.question(True)),
        ),
        question,
    )
