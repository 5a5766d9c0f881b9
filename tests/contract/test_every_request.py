"""The look over every request itself: it finds whoever is named, and knows every column that may name somebody."""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import replace

import pytest
import sqlalchemy as sa
from sqlmodel import SQLModel

from tests import builders as a
from tests import paying
from tests.adapters.conformance import SPEC, refund_of
from tests.conftest import Database
from tests.contract import every_request, paystack_stand_in, stand_in
from tests.contract.every_request import DESCRIPTIONS, NAMES, WHOLE, must_name_nobody, people_words
from trova_app.adapters.paystack import PaystackLinks
from trova_app.adapters.simulated import SimulatedGateway
from trova_app.adapters.stripe_links import StripeLinks
from trova_app.domain.gateways import PaymentFact

NEUTRAL = {
    "kind", "state", "status", "mode", "currency", "payment_type", "default_payment_type", "provider", "method", "role",
    "country", "time_zone", "rounding", "decision", "closed_reason", "type", "series", "logo_mime", "key", "message_id",
    "number_text", "number_prefix", "fingerprint", "pdf_sha256", "pay_token", "request_uuid", "refund_uuid",
    "account_ref", "provider_ref", "provider_payment_id", "provider_refund_id", "provider_dispute_id", "event_id",
    "endpoint_ref", "endpoint_public_id", "public_id", "url", "key_encrypted", "key_hint", "secret", "earlier_secret",
    "password_hash", "id_hash", "account_hash", "network_hash", "lease_token", "last_error", "last_sweep_error",
    "error", "dependant_code", "reason",
}  # fmt: skip
"""Columns of words of our own, of the gateway's, or of two letters."""
MADE_OF_OTHERS = {
    "calendar_subscription.address_sealed", "calendar_subscription.problem", "file_import.options",
    "file_import.problem", "file_import.report",
    "client.search_text", "client_entry.what", "client_merge.moved",
    "completion_draft.aside", "completion_draft.form", "document.content", "imported.was", "kept_texts.cells",
    "mail.subject", "mail.text", "mail.html", "outbox.payload", "provider_event.body", "review_item.sentence",
    "timeline_entry.what", "timeline_entry.who",
}  # fmt: skip
NOT_ABOUT_PEOPLE = {"tax_rate.name", "practice.bank_name", "practice.bank_account_name", "practice.bank_account_number"}
NOT_ABOUT_PEOPLE |= {
    "practice.bank_branch_code",
    "practice.address",
    "gateway_account.test_url",
    "completion_draft.done_keys",
}


@pytest.fixture
def case(database) -> paying.Case:
    return paying.asked_to_pay(database)


@contextmanager
def somebody_found(database: Database, word: str = "told about a person") -> Iterator[None]:
    """What is named here on purpose is forgotten before the same look is taken over this test itself."""
    yield
    try:
        with pytest.raises(AssertionError, match=word):
            must_name_nobody(database.engine)
    finally:
        every_request.REQUESTS.clear()


def test_every_column_of_words_is_known_to_the_look_or_known_to_name_nobody():
    known = {f"{table}.{column}" for part in (WHOLE, NAMES, DESCRIPTIONS) for table in part for column in part[table]}
    undecided = {
        f"{table.name}.{column.name}"
        for table in SQLModel.metadata.tables.values()
        for column in table.columns
        if isinstance(column.type, sa.String | sa.Text) and column.name not in NEUTRAL
    }
    assert undecided - known - MADE_OF_OTHERS - NOT_ABOUT_PEOPLE == set()


WAYS = {
    "stripe": (stand_in.served, lambda url: StripeLinks("sk_test_1", url)),
    "simulated": (
        lambda: nullcontext(stand_in.StandIn("https://practice.example")),
        lambda url: SimulatedGateway(url, "test"),
    ),
    "paystack": (paystack_stand_in.served, lambda url: PaystackLinks(paystack_stand_in.KEY, url)),
}
NAMING = (
    "Invoice for Thandi",
    "Invoice MOKOENA",
    "thandi@example.test",
    "Invoice F41.1",
    "Invoice (86205)",
    "Anxiety, 60 min",
    "Generalized  anxiety\tdisorder",
    "Dr Naidoo",
    "Khanya Practice",
)


@pytest.mark.parametrize("label", NAMING)
@pytest.mark.parametrize("provider", WAYS)
def test_a_link_that_names_somebody_is_found_whoever_it_was_asked_of(database, case, provider, label):
    served, gateway = WAYS[provider]
    with somebody_found(database), served() as server:
        ask = gateway(server.url)
        getattr(ask, "press", ask.open)(replace(SPEC, label=label))


def test_a_name_in_an_idempotency_key_a_reference_or_an_address_is_found_too(database, case):
    named = [
        {"idempotency_key": "trova/Mokoena/1"},
        {"instance": "thandi-mokoena"},
        {"return_url": "https://practice.example/pay/abc?client=Mokoena"},
    ]
    for given in named:
        with somebody_found(database, "okoena"), stand_in.served() as server:
            StripeLinks("sk_test_1", server.url).open(replace(SPEC, **given))


@pytest.mark.parametrize("provider", WAYS)
def test_an_address_to_come_back_to_that_opens_the_invoice_is_found(database, case, provider):
    served, gateway = WAYS[provider]
    with somebody_found(database, "the key to an invoice"), served() as server:
        ask = gateway(server.url)
        getattr(ask, "press", ask.open)(replace(SPEC, return_url=f"https://practice.example/pay/{case.token}"))


def test_a_refund_that_gives_its_reason_in_words_is_found(database, case):
    payment = PaymentFact("simulated", "", "sim_1", "here", SPEC.request_uuid, 1000, "ZAR", "succeeded", False)
    spec = replace(refund_of(payment, 1000), reason="Thandi was ill")
    with somebody_found(database, "thandi"):
        SimulatedGateway("https://practice.example", "test").refund(spec)


def test_what_the_worker_asks_for_names_nobody_even_where_the_amount_looks_like_a_code(database):
    case = paying.asked_to_pay(database, "stripe", total_minor=86205)
    with stand_in.served() as server:
        outside = paying.an_outside(gateways={"stripe": StripeLinks("sk_test_1", server.url)})
        paying.a_worker(database, outside).run_once()
    assert any("Invoice KHA-0001" in request for request in every_request.REQUESTS)
    assert "86205" in people_words(database.engine)
    assert case.token not in "".join(every_request.REQUESTS)
    must_name_nobody(database.engine)


def test_whoever_is_put_into_the_books_is_looked_for(database):
    with database.act() as (db, _desk):
        practice = a.a_practice(db, tax_number="4230123456")
        scheme = a.a_scheme(db, practice, name="Umhlanga Health")
        client = a.a_client(
            db, practice, first_name="Zo\u00eb", last_name="van Wyk", email="zoe@wyk.example", phone="+27 82 555 0142",
            scheme_id=scheme.id, member_number="90812345", external_id="P-1007", address="4 Oak Lane\nKnysna",
        )  # fmt: skip
        a.a_diagnosis(db, client, "F32.9", "Depressive episode, unspecified")
    words = people_words(database.engine)
    wanted = {"Zo\u00eb", "van", "Wyk", "zoe@wyk.example", "+27 82 555 0142", "90812345", "P-1007", "F32.9", "Umhlanga"}
    wanted |= {"Health", "4230123456", "Depressive episode, unspecified", "Depressive", "claims@khanya.example"}
    assert wanted <= words
    for word in wanted:
        assert every_request.named_in([f"POST /v1/payment_links a={word}"], words), word


def test_parts_of_other_words_and_of_reference_numbers_are_nobodys_name():
    requests = ["POST /x metadata[trova_request]=7f0c2f7e-6f0e-4f6e-9b1f | name=Invoice KHA-0042"]
    assert every_request.named_in(requests, {"Inv", "6f0", "voice", "KHA-004", "Ann"}) == []


def test_whom_we_ask_and_our_own_numbers_are_left_out_only_where_they_are_that():
    plain = [
        ("Host", "127.0.0.1:4242"),
        ("practice", "107"),
        ("metadata[trova_invoice]", "127"),
        ("metadata[trova_instance]", "9dd465a204284e9c438083fb49fe5e72"),
    ]
    words = {"127", "107", "9dd465a204284e9c438083fb49fe5e72"}
    assert every_request.named_in([every_request.note("GET /v1/payment_links", plain)], words) == []
    told = [("Host", "thandi.example:443/127"), ("practice", "Thandi 107"), ("metadata[trova_instance]", "Thandi")]
    for field in told:
        assert every_request.named_in([every_request.note("GET /v1/payment_links", [field])], {"thandi"}), field
    every_request.REQUESTS.clear()


def test_what_a_served_process_asked_is_looked_through_when_it_stops(tmp_path):
    from tests.served import ServedApp  # imported here: the module itself needs no server

    app = ServedApp(tmp_path)
    with app.act() as (db, _desk):
        a.a_client(db, a.a_practice(db))
    (tmp_path / every_request.FILE).write_text("simulated open label=Invoice KHA-0001\n")
    app.stop()
    (tmp_path / every_request.FILE).write_text("simulated open label=Invoice KHA-0001 for T. Mokoena\n")
    with pytest.raises(AssertionError, match="mokoena"):
        app.stop()
