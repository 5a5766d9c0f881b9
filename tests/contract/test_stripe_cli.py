"""A second client Stripe wrote, in another language than the first, finds nothing strange in the stand-in."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from tests.adapters.conformance import SPEC, ref
from tests.contract.stand_in import StandIn
from tests.contract.stripe_cli import KEY, CommandLine, NoCommandLine, program
from trova_app.adapters.signed_events import EVENTS
from trova_app.adapters.stripe_links import StripeLinks, endpoint_params, link_params

PRICE = "line_items[0][price_data]"
A_LINK = [f"{PRICE}[currency]=zar", f"{PRICE}[unit_amount]=125000", f"{PRICE}[product_data][name]=Invoice KHA-0042"]
A_LINK += ["line_items[0][quantity]=1", f"metadata[trova_request]={SPEC.request_uuid}"]


@pytest.fixture(scope="module", autouse=True)
def _is_here() -> None:
    try:
        program()
    except NoCommandLine as why:
        pytest.skip(str(why))


@pytest.fixture
def cli(stripes: StandIn, tmp_path: Path) -> CommandLine:
    return CommandLine(stripes.url, tmp_path)


def given(*fields: str) -> list[str]:
    return [word for field in fields for word in ("-d", field)]


def test_a_link_is_made_read_listed_and_closed_by_it_and_paid_to_our_own_client(cli, stripes):
    made = cli.asked("payment_links", "create", *given(*A_LINK))
    assert cli.asked("payment_links", "retrieve", made["id"]) == made
    assert cli.asked("payment_links", "list", "--limit", "3")["data"] == [made]
    gateway = StripeLinks(KEY, stripes.url)
    opened = gateway.find(SPEC.request_uuid)
    assert opened and opened.provider_ref == made["id"]
    stripes.visited(made["id"], metadata=SPEC.reference())
    (payment, _link) = gateway.read(ref(SPEC, opened))
    assert (payment.amount_minor, payment.currency, payment.state) == (125000, "ZAR", "succeeded")
    assert cli.asked("payment_links", "update", made["id"], "--active=false")["active"] is False
    assert cli.asked("payment_links", "list")["data"] == []


def test_it_reads_what_our_own_client_did_and_what_the_payer_did(cli, stripes):
    opened = StripeLinks(KEY, stripes.url).open(SPEC)
    assert cli.asked("payment_links", "retrieve", opened.provider_ref)["metadata"] == SPEC.reference()
    stripes.visited(opened.provider_ref)
    (session,) = cli.asked("get", "/v1/checkout/sessions", *given(f"payment_link={opened.provider_ref}"))["data"]
    assert (session["payment_status"], session["amount_total"]) == ("paid", 125000)
    (event,) = cli.asked("events", "list", *given("type=checkout.session.completed"))["data"]
    assert event["data"]["object"] == session
    refund = cli.asked("refunds", "create", "--payment-intent", session["payment_intent"], "--amount", "25000")
    assert [row["type"] for row in cli.asked("events", "list")["data"]] == ["refund.created", event["type"]]
    assert cli.asked("get", "/v1/refunds", *given(f"payment_intent={session['payment_intent']}"))["data"] == [refund]


def test_what_we_ask_word_for_word_can_be_played_by_it(cli, stripes, tmp_path):
    """`fixtures` is what its `trigger` does: requests written down, one using the answer of the one before."""
    steps = [
        {"name": "link", "path": "/v1/payment_links", "method": "post", "params": link_params(SPEC)},
        {"name": "off", "path": "/v1/payment_links/${link:id}", "method": "post", "params": {"active": False}},
        {
            "name": "hook", "path": "/v1/webhook_endpoints", "method": "post",
            "params": endpoint_params("https://practice.example/hooks/stripe/a", "here"),
        },
    ]  # fmt: skip
    script = tmp_path / "steps.json"
    script.write_text(json.dumps({"_meta": {"template_version": 0}, "fixtures": steps}))
    done = cli("fixtures", str(script))
    assert done.returncode == 0, done.stderr
    (link,), (endpoint,) = stripes.links.values(), stripes.books.endpoints.values()
    assert (link["active"], link["metadata"]) == (False, SPEC.reference())
    assert sorted(endpoint["enabled_events"]) == sorted(EVENTS)


def test_an_endpoint_is_made_listed_and_deleted(cli):
    events = [word for kind in ("charge.refunded", "refund.created") for word in ("--enabled-events", kind)]
    made = cli.asked("webhook_endpoints", "create", "--url", "https://practice.example/hooks/stripe/a", *events)
    assert made["enabled_events"] == ["charge.refunded", "refund.created"]
    assert [row["id"] for row in cli.asked("webhook_endpoints", "list")["data"]] == [made["id"]]
    assert cli("webhook_endpoints", "delete", made["id"], "--confirm").returncode == 0
    assert cli.asked("webhook_endpoints", "list")["data"] == []


def test_it_hears_that_a_key_is_wrong_and_that_a_field_is_missing(cli, stripes):
    wrong = replace(cli, key="sk_test_wrong0123456789")("payment_links", "list")
    assert wrong.returncode != 0
    assert "Invalid API Key" in wrong.stderr + wrong.stdout
    refused = cli("payment_links", "create", *given(*A_LINK[1:]))
    assert "[line_items][0][price_data][currency] is missing" in refused.stdout + refused.stderr
    stripes.breaches.clear()
