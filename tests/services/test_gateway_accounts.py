"""A practice's own gateway account: who may connect it, what is stored, and which gateway a link goes through."""

import dataclasses
import json

import pytest
from sqlmodel import Session, select

from tests import builders as a
from tests import paying
from tests.conftest import Database
from trova_app.adapters.secrets import Vault
from trova_app.domain.gateways import GatewayTrouble, NewEndpoint
from trova_app.domain.permissions import Principal, Role
from trova_app.domain.refusals import NotAllowed, Refusal
from trova_app.models import (
    GatewayAccount,
    Invoice,
    Member,
    OutboxRow,
    Payment,
    PaymentRequest,
    Practice,
    Refund,
    WebhookEndpoint,
)
from trova_app.services import (
    gateway_accounts,
    gateway_connect,
    gateway_disconnect,
    gateway_health,
    gateway_webhooks,
    payments,
    refunds,
    sweep,
    trial_payments,
)
from trova_app.services.check import Invariant, check
from trova_app.services.gateway_accounts import account_for, account_of_request, gateway_for
from trova_app.services.gateway_webhooks import can_receive

KEY = "rk_test_51AbcDefGhi1Xyz"
NEXT_KEY = "rk_test_51AbcDefGhi2Uvw"
LIVE_KEY = "rk_live_51AbcDefGhi1Xyz"
PAYSTACK_KEY = "sk_test_0123456789abcdef"
PUBLIC = "https://practice.example"


class Office:
    """One practice with its owner; `do` runs a service with everything at hand."""

    def __init__(self, database: Database, **practice: object) -> None:
        self.database = database
        with database.act() as (db, _desk):
            made = a.a_practice(db, **practice)
            self.owner = a.principal(a.a_member(db, made, email=f"owner{made.id}@practice.test"))
        self.id = self.owner.practice_id

    def desk(self, origin: str = "http://localhost:3000"):
        desk = self.database.desk()
        desk.vault, desk.origin = Vault(b"tests-only"), origin
        return desk

    def do(self, service, who: Principal | None = None, origin: str = "http://localhost:3000", **given):
        with self.database.act(self.desk(origin)) as (db, desk):
            return service(db, desk, who or self.owner, **given)

    def connect(self, key: str = KEY, provider: str = "stripe", **given):
        made = self.do(gateway_accounts.connect, provider=provider, key=key, **given)
        self.database.clock.advance(minutes=1)
        return made

    def choice(self, **desk_given):
        desk = self.desk()
        for name, value in desk_given.items():
            setattr(desk, name, value)
        with self.database.act(desk, writes=False) as (db, _desk):
            return gateway_for(db, desk, self.id)

    def account(self, db: Session) -> GatewayAccount:
        return db.exec(select(GatewayAccount)).one()

    def as_role(self, role: Role) -> Principal:
        return dataclasses.replace(self.owner, role=role)


@pytest.fixture
def office(database: Database) -> Office:
    return Office(database)


# -- connecting


def test_a_connected_key_is_stored_so_that_nobody_can_read_it_there(office, db):
    assert office.connect() == "1Xyz"
    account = office.account(db)
    assert (account.provider, account.mode, account.key_hint) == ("stripe", "test", "1Xyz")
    assert "51Abc" not in json.dumps(account.model_dump(mode="json"))
    assert gateway_accounts.connection(Vault(b"tests-only"), account).key == KEY


def test_a_key_stored_with_another_installations_key_says_what_to_put_back(office, db):
    office.connect()
    with pytest.raises(Refusal, match="TROVA_SECRET_KEY"):
        gateway_accounts.connection(Vault(b"another"), office.account(db))


@pytest.mark.parametrize("role", [Role.CLINICIAN, Role.BILLER, Role.RECEPTION, Role.READ_ONLY])
def test_only_the_owner_may_connect_or_disconnect_or_look(office, role):
    office.connect()
    who = office.as_role(role)
    for service, given in (
        (gateway_accounts.key_to_check, {"provider": "stripe", "key": KEY}),
        (gateway_accounts.connect, {"provider": "stripe", "key": KEY}),
        (gateway_connect.connect, {"provider": "stripe", "key": KEY}),
        (gateway_webhooks.ask_for_webhooks, {}),
        (trial_payments.ask_for_test_payment, {"return_path": "/settings/payments", "seen": ""}),
        (gateway_disconnect.disconnect, {}),
        (gateway_health.health, {}),
    ):
        with pytest.raises(NotAllowed):
            office.do(service, who, origin=PUBLIC, **given)


@pytest.mark.parametrize(
    ("provider", "key", "field", "sentence"),
    [
        ("stripe", "", "key", "restricted key"),
        ("stripe", None, "key", "restricted key"),
        ("stripe", 7, "key", "restricted key"),
        ("stripe", "rk_test_", "key", "restricted key"),
        ("stripe", "rk_test_" + "a" * 300, "key", "restricted key"),
        ("stripe", "rk_test_51Abc\u0410DefGhi", "key", "restricted key"),
        ("stripe", "rk_test_51AbcDef; DROP", "key", "restricted key"),
        ("stripe", "pk_test_51AbcDefGhi", "key", "public key"),
        ("stripe", LIVE_KEY, "key", "live key"),
        ("paystack", "rk_test_51AbcDefGhi", "key", "Paystack"),
        ("paypal", KEY, "provider", "Choose"),
        (None, KEY, "provider", "Choose"),
        ([], KEY, "provider", "Choose"),
    ],
)
def test_what_is_no_fitting_key_is_refused_beside_its_field_and_never_repeated(office, provider, key, field, sentence):
    for service in (gateway_accounts.key_to_check, gateway_accounts.connect):
        with pytest.raises(Refusal, match=sentence) as refused:
            office.do(service, provider=provider, key=key)
        assert refused.value.field == field
        assert not isinstance(key, str) or len(key) < 9 or key not in refused.value.sentence
    assert office.choice().provider == "simulated"


def test_a_live_practice_takes_a_live_key_and_no_other(database):
    office = Office(database, mode="live")
    with pytest.raises(Refusal, match="nobody could really pay"):
        office.connect(KEY)
    office.connect(LIVE_KEY)
    assert office.choice().provider == "stripe"


def test_a_key_pasted_with_spaces_round_it_is_the_key(office, db):
    office.connect(f"  {KEY}\n")
    assert gateway_accounts.connection(Vault(b"tests-only"), office.account(db)).key == KEY


def test_paystack_is_offered_only_where_it_can_charge(database):
    office = Office(database, currency="EUR")
    with pytest.raises(Refusal, match="EUR"):
        office.connect(PAYSTACK_KEY, "paystack")


def test_a_new_key_of_the_same_account_takes_the_old_ones_place(office, db):
    office.connect(account_ref="acct_1")
    office.connect(NEXT_KEY, account_ref="acct_1")
    account = office.account(db)
    assert (account.key_hint, gateway_accounts.connection(Vault(b"tests-only"), account).key) == ("2Uvw", NEXT_KEY)


@pytest.mark.parametrize(("first", "second"), [("acct_1", "acct_2"), ("", ""), ("acct_1", "")])
def test_another_accounts_key_asks_to_disconnect_first(office, db, first, second):
    office.connect(account_ref=first)
    with pytest.raises(Refusal, match="Disconnect it first"):
        office.connect(NEXT_KEY, account_ref=second)
    assert office.account(db).key_hint == "1Xyz"


def test_another_practices_account_is_nobody_elses(office):
    office.connect()
    other = Office(office.database)
    assert other.choice().provider == "simulated"
    with pytest.raises(Refusal, match="No account"):
        other.do(gateway_webhooks.ask_for_webhooks)
    with pytest.raises(Refusal, match="No account"):
        other.do(gateway_disconnect.disconnect)


# -- which gateway


def test_a_practice_without_an_account_uses_what_the_installation_has(office):
    assert office.choice(gateway="stripe", gateway_account="").provider == "stripe"
    none = office.choice(gateway="", gateway_problem="No payment gateway is connected.")
    assert (none.provider, none.problem) == ("", "No payment gateway is connected.")


def test_a_practice_with_an_account_uses_its_own(office):
    office.connect(account_ref="acct_1")
    choice = office.choice(gateway="", gateway_problem="None.")
    assert (choice.provider, choice.account_ref, choice.problem) == ("stripe", "acct_1", "")


def test_a_practice_that_went_live_with_a_test_key_says_why_nobody_can_pay(office, database):
    office.connect()
    with database.act() as (db, _desk):
        db.get_one(Practice, office.id).mode = "live"
    choice = office.choice()
    assert choice.provider == ""
    assert "test key" in choice.problem


def asked_to_pay(office: Office) -> int:
    """An issued invoice of the practice with a link wanted; the request's id."""
    desk = office.desk()
    with office.database.act(desk) as (db, desk):
        _known = db.exec(select(Member)).all()  # the builders make addresses out of how many rows are known
        case = paying.an_invoice(db, desk, db.get_one(Practice, office.id))
        payments.open_request(db, desk, db.get_one(Invoice, case.invoice_id), then={})
    office.database.clock.advance(minutes=1)
    with office.database.act(writes=False) as (db, _desk):
        return db.exec(select(PaymentRequest.id).where(PaymentRequest.invoice_id == case.invoice_id)).one()


def test_a_link_asks_the_practices_own_account_and_stays_with_it(office, db):
    before = asked_to_pay(office)
    office.connect(account_ref="acct_1")
    after = asked_to_pay(office)
    requests = {key: db.get_one(PaymentRequest, key) for key in (before, after)}
    assert [requests[key].provider for key in (before, after)] == ["simulated", "stripe"]
    assert requests[after].account_ref == "acct_1"
    assert account_of_request(db, requests[before]) is None
    assert account_of_request(db, requests[after]) is not None


# -- disconnecting


def test_a_disconnected_accounts_key_is_forgotten(office, db):
    office.connect()
    assert "forgotten" in office.do(gateway_disconnect.disconnect)
    account = office.account(db)
    assert account.key_encrypted == "" and account.disconnected_at is not None
    assert account_for(db, office.id) is None
    assert office.choice().provider == "simulated"


def test_the_key_stays_until_the_last_open_link_is_closed(office, db):
    office.connect()
    request_id = asked_to_pay(office)
    with office.database.act() as (writing, _desk):
        request = writing.get_one(PaymentRequest, request_id)
        request.state, request.provider_ref, request.url = "active", "plink_1", "https://pay.example/1"
    assert "being closed" in office.do(gateway_disconnect.disconnect)
    account = office.account(db)
    assert account.key_encrypted != ""
    request = db.get_one(PaymentRequest, request_id)
    assert (request.state, account_of_request(db, request).id) == ("closing", account.id)
    forget = lambda db, desk, _who: gateway_disconnect.forget_keys(db, desk)  # noqa: E731
    assert office.do(forget) == 0
    with office.database.act() as (writing, desk):
        writing.get_one(PaymentRequest, request_id).state = "closed"
        for row in writing.exec(select(OutboxRow)):
            row.done_at = desk.now()
    assert office.do(forget) == 1
    db.rollback()
    assert office.account(db).key_encrypted == ""


class Refunding:
    """The practice's own gateway: a payment came through it, R 300 of it is wanted back."""

    def __init__(self, office: Office, db: Session) -> None:
        self.office, self.db, self.gate = office, db, paying.Gate()
        self.gate.inner.name = "stripe"
        office.connect()
        request_id = asked_to_pay(office)
        self.work()
        with office.database.act(office.desk()) as (acting, desk):
            payments.ingest(acting, desk, paying.a_fact(acting.get_one(PaymentRequest, request_id)))
        self.work()
        payment_id = db.exec(select(Payment.id)).one()
        office.do(refunds.refund, payment_id=payment_id, amount="300")

    def work(self) -> None:
        act = lambda writes=True: self.office.database.act(self.office.desk(), writes)  # noqa: E731
        paying.Worker(paying.an_outside(connect=lambda _connection: self.gate), act).run_once()

    def has_its_key(self) -> bool:
        self.db.rollback()
        account = self.db.exec(select(GatewayAccount).order_by(GatewayAccount.id)).first()
        return account.key_encrypted != ""

    def complaints(self) -> list[str]:
        self.db.rollback()
        found = check(self.db, self.office.database.clock.now())
        return [breach.sentence for breach in found if breach.invariant == Invariant.GATEWAY_ACCOUNT]


@pytest.mark.parametrize("trouble", [None, GatewayTrouble("The charge is too old.", is_permanent=True)])
def test_the_key_stays_until_a_refund_under_way_is_given_back_or_given_up(office, db, trouble):
    refunding = Refunding(office, db)
    said = office.do(gateway_disconnect.disconnect)
    assert said == (
        "Stripe is disconnected. A payment, a refund or a link there is not finished yet;"
        " the key is forgotten after that."
    )
    assert refunding.has_its_key()
    assert refunding.complaints() == []
    if trouble:

        def refuse(_spec):
            raise trouble

        refunding.gate.inner.refund = refuse
    refunding.work()
    db.rollback()
    assert db.exec(select(Refund.state)).one() == ("failed" if trouble else "succeeded")
    assert not refunding.has_its_key()


def test_a_kept_key_is_no_breach_while_its_own_refund_is_open_but_is_one_for_another_accounts(office, db):
    refunding = Refunding(office, db)
    office.do(gateway_disconnect.disconnect)
    office.connect(NEXT_KEY)
    assert refunding.complaints() == []
    refunding.work()
    asked_to_pay(office)
    with office.database.act() as (acting, _desk):
        left = acting.exec(select(GatewayAccount).order_by(GatewayAccount.id)).first()
        left.key_encrypted = "sealed"
    assert refunding.complaints() == ["It is disconnected, nothing through it is open, and its key was not forgotten."]
    forget = lambda db, desk, _who: gateway_disconnect.forget_keys(db, desk)  # noqa: E731
    assert office.do(forget) == 1


def test_another_account_can_be_connected_afterwards(office, db):
    office.connect()
    office.do(gateway_disconnect.disconnect)
    office.connect(PAYSTACK_KEY, "paystack")
    assert office.choice().provider == "paystack"
    assert len(db.exec(select(GatewayAccount)).all()) == 2


# -- webhooks


@pytest.mark.parametrize(
    ("origin", "can"),
    [
        ("https://practice.example", True),
        ("https://8.8.8.8", True),
        ("http://practice.example", False),
        ("https://localhost", False),
        ("https://trova", False),
        ("https://trova.local", False),
        ("https://nas.home.arpa", False),
        ("https://192.168.1.20", False),
        ("https://127.0.0.1:3000", False),
        ("https://[::1]", False),
        ("", False),
    ],
)
def test_only_an_address_on_the_internet_can_receive_webhooks(origin, can):
    assert can_receive(origin) is can


def test_an_installation_nobody_can_reach_says_that_this_is_fine(office):
    office.connect()
    with pytest.raises(Refusal, match="looked up every few minutes"):
        office.do(gateway_webhooks.ask_for_webhooks)


def test_a_webhooks_secret_is_kept_encrypted_and_the_one_before_stays_valid_for_a_day(office, database, db, clock):
    office.connect()
    vault = Vault(b"tests-only")
    office.do(gateway_webhooks.ask_for_webhooks, origin=PUBLIC)
    endpoint = db.exec(select(WebhookEndpoint)).one()
    assert gateway_accounts.secrets_of(vault, endpoint, clock.now()) == ()
    for made in (NewEndpoint("we_1", "whsec_one"), NewEndpoint("we_2", "whsec_two"), NewEndpoint("we_2", "whsec_two")):
        office.do(paying.webhooks_set_up, origin=PUBLIC, made=made)
    db.rollback()
    endpoint = db.exec(select(WebhookEndpoint)).one()
    assert gateway_accounts.secrets_of(vault, endpoint, clock.now()) == ("whsec_two", "whsec_one")
    assert "whsec" not in endpoint.secret + endpoint.earlier_secret
    assert office.account(db).endpoint_ref == "we_2"
    clock.advance(minutes=25 * 60 - 1)
    assert gateway_accounts.secrets_of(vault, endpoint, clock.now()) == ("whsec_two", "whsec_one")
    assert _earlier_after_a_sweep(database, db, office) != ""
    clock.advance(minutes=1)
    assert gateway_accounts.secrets_of(vault, endpoint, clock.now()) == ("whsec_two",)
    assert _earlier_after_a_sweep(database, db, office) == ""
    assert check(db, clock.now()) == []


def _earlier_after_a_sweep(database, db, office) -> str:
    with database.act() as (inside, desk):
        account = office.account(inside)
        sweep.revive(inside, desk, sweep.Account(f"account/{account.id}", "stripe", office.id, account.id))
    db.rollback()
    return db.exec(select(WebhookEndpoint)).one().earlier_secret


def test_a_replaced_key_of_paystack_signs_for_a_day_more(office, db, clock):
    office.connect(PAYSTACK_KEY, "paystack", account_ref="acct")
    office.do(gateway_webhooks.ask_for_webhooks, origin=PUBLIC)
    office.connect(f"{PAYSTACK_KEY}0", "paystack", account_ref="acct")
    endpoint, vault = db.exec(select(WebhookEndpoint)).one(), Vault(b"tests-only")
    assert gateway_accounts.secrets_of(vault, endpoint, clock.now()) == (f"{PAYSTACK_KEY}0", PAYSTACK_KEY)
    clock.advance(minutes=25 * 60)
    assert gateway_accounts.secrets_of(vault, endpoint, clock.now()) == (f"{PAYSTACK_KEY}0",)


def test_paystack_signs_with_its_key_also_after_the_account_was_disconnected_and_not_before(office, db, clock):
    office.connect(PAYSTACK_KEY, "paystack")
    assert office.do(gateway_webhooks.ask_for_webhooks, origin=PUBLIC) == ""
    assert office.do(gateway_health.health, origin=PUBLIC).webhook_url.startswith(f"{PUBLIC}/hooks/paystack/")
    assert db.exec(select(OutboxRow)).all() == []
    endpoint = db.exec(select(WebhookEndpoint)).one()
    assert gateway_accounts.secrets_of(Vault(b"tests-only"), endpoint, clock.now()) == (PAYSTACK_KEY,)
    office.do(gateway_disconnect.disconnect)
    db.rollback()
    endpoint = db.exec(select(WebhookEndpoint)).one()
    assert gateway_accounts.secrets_of(Vault(b"tests-only"), endpoint, clock.now()) == ()


# -- health


def test_the_health_list_says_in_words_how_payments_are_found(office):
    office.connect()
    shown = office.do(gateway_health.health)
    words = {line.what: line.words for line in shown.lines}
    assert words["Webhooks"] == gateway_health.NO_WEBHOOKS
    assert words["Looking up payments"] == "Not checked yet"
    assert words["Open payment links"] == "None"
    assert (shown.provider_name, shown.mode, shown.key_end, shown.may_test) == ("Stripe", "test", "1Xyz", True)
    assert KEY not in str(shown)


def test_health_tells_open_links_and_what_stopped(office, database):
    office.connect()
    asked_to_pay(office)
    with database.act() as (db, desk):
        for row in db.exec(select(OutboxRow)):
            row.dead_at = desk.now()
    words = {line.what: line for line in office.do(gateway_health.health).lines}
    assert words["Open payment links"].words == "1 link"
    assert words["Stopped"].words.startswith("1 task given up") and words["Stopped"].is_problem


def test_a_practice_without_an_account_is_told_what_its_links_go_through(office):
    shown = office.do(gateway_health.health)
    assert (shown.provider, shown.uses, shown.may_test) == ("", gateway_health.SIMULATED, False)


@pytest.mark.parametrize(
    ("minutes", "words"),
    [(0, "just now"), (4, "4 min ago"), (61, "1 h ago"), (47 * 60, "47 h ago"), (3000, "2 days ago")],
)
def test_how_long_ago_is_said_in_words(clock, minutes, words):
    then = clock.now()
    clock.advance(minutes=minutes)
    assert gateway_health.ago(then, clock.now()) == words
    assert gateway_health.ago(None, clock.now()) == ""


def test_the_worker_closes_the_link_at_the_old_account_and_forgets_its_key_by_itself(office, db, database):
    office.connect()
    asked_to_pay(office)
    gateway = paying.Gate()
    through: list[str] = []

    def connect(connection):
        through.append(connection.key)
        return gateway

    def act(writes: bool = True):
        return database.act(office.desk(), writes)

    worker = paying.Worker(paying.an_outside(connect=connect), act)
    worker.run_once()
    office.do(gateway_disconnect.disconnect)
    assert office.account(db).key_encrypted != ""
    worker.run_once()
    db.rollback()
    assert set(through) == {KEY}
    assert office.account(db).key_encrypted == ""
    states = [(one.provider, one.state) for one in db.exec(select(PaymentRequest).order_by(PaymentRequest.id))]
    assert states == [("stripe", "closed"), ("simulated", "active")]
