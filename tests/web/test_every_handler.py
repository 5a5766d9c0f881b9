"""Every handler of every page, called by every role: another practice's rows stay as they are and are never shown, and
in one's own practice nothing changes that the permission table does not allow."""

import json
import random
import re
import uuid
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import SQLModel

from tests import builders as a
from tests import databases, paying
from tests.conftest import BOTH
from tests.served import STATE, ServedApp, Tab
from trova_app.domain.permissions import Permission, Role, may
from trova_app.models import ClientEntry, CustomField, Invoice, KeptTexts, Payment
from trova_app.services.form_acts import KINDS
from trova_app.state.one_page import STANDS_AT
from trova_app.trova_app import app

NOTICES = f"{STATE}.trova_app___state___notices____notices"
PROBE = f"{STATE}.tests___web___inside____probe"
SECRET = "CANARY"
ODD = (None, -1, 2**70, "\x00", ["F41.1"], {"a": 1})

PAGES = {
    "/appointments": ("appointments.",),
    "/appointments/[aid]": ("appointment.", "moving.", "booking."),
    "/appointments/[aid]/complete": ("figures.saving.completion", "code_finder."),
    "/billing": ("billing.", "review.", "frame."),
    "/billing/[iid]": ("invoice.",),
    "/calendar": ("calendar", "moving.", "booking."),
    "/clients": ("clients.",),
    "/clients/new": ("new_client.",),
    "/clients/[cid]": ("client.",),
    "/import": ("imports.",),
    "/outbox": ("outbox.",),
    "/services": ("catalogue.",),
    "/services/[sid]": ("service.",),
    "/services/schemes/[kid]": ("scheme.",),
    "/settings": ("settings.", "tax_rates.", "help."),
    "/settings/payments": ("gateway.",),
    "/settings/clients": ("client_fields.",),
}
"""By address: the states whose handlers are called there, with the page's own row."""
NOT_CALLED = ("live.", "notices.", "pay.")
"""Handlers for anybody: they end the page, speak to it, or show what a client may see."""

CHANGES: dict[str, set[Permission]] = {
    "practice": {Permission.SETTINGS},
    "member": {Permission.TEAM},
    "gateway_account": {Permission.SETTINGS},
    "webhook_endpoint": {Permission.SETTINGS},
    "tax_rate": {Permission.SETTINGS},
    "custom_field": {Permission.SETTINGS},
    "care_service": {Permission.CATALOGUE},
    "service_line": {Permission.CATALOGUE},
    "scheme": {Permission.CATALOGUE, Permission.EDIT_CLIENTS, Permission.COMPLETE},
    "scheme_rate": {Permission.CATALOGUE},
    "client": {Permission.EDIT_CLIENTS, Permission.COMPLETE, Permission.IMPORT},
    "client_consent": {Permission.EDIT_CLIENTS},
    "client_contact": {Permission.EDIT_CLIENTS, Permission.COMPLETE},
    "client_diagnosis": {Permission.EDIT_CLIENTS, Permission.COMPLETE},
    "client_entry": {Permission.EDIT_CLIENTS, Permission.COMPLETE, Permission.MERGE_CLIENTS},
    "client_merge": {Permission.MERGE_CLIENTS},
    "two_people": {Permission.MERGE_CLIENTS, Permission.EDIT_CLIENTS},
    "custom_value": {Permission.EDIT_CLIENTS},
    "appointment": {Permission.BOOK, Permission.COMPLETE},
    "appointment_series": {Permission.BOOK},
    "calendar_feed": {Permission.SEE_APPOINTMENTS},  # one's own
    "calendar_subscription": {Permission.IMPORT},
    "completion_draft": {Permission.COMPLETE, Permission.BILL, Permission.BOOK},
    "kept_texts": {Permission.COMPLETE},  # one's own
    "invoice": {Permission.BILL, Permission.COMPLETE, Permission.RECORD_PAYMENT},
    "invoice_line": {Permission.BILL, Permission.COMPLETE},
    "invoice_diagnosis": {Permission.BILL, Permission.COMPLETE},
    "invoice_tax": {Permission.BILL, Permission.COMPLETE},
    "document": {Permission.BILL, Permission.RECORD_PAYMENT},
    "number_series": {Permission.BILL, Permission.RECORD_PAYMENT},
    "payment": {Permission.RECORD_PAYMENT, Permission.BILL},
    "payment_request": {Permission.BILL, Permission.RECORD_PAYMENT, Permission.SETTINGS},
    "refund": {Permission.RECORD_PAYMENT},
    "review_item": {Permission.RECORD_PAYMENT, Permission.BILL},
    "timeline_entry": {Permission.BILL, Permission.RECORD_PAYMENT, Permission.COMPLETE},
    "outbox": {Permission.BILL, Permission.RECORD_PAYMENT, Permission.SEE_OUTBOX, Permission.SETTINGS},
    "mail": {Permission.BILL, Permission.RECORD_PAYMENT, Permission.SEE_OUTBOX},
    "file_import": {Permission.IMPORT},
    "imported": {Permission.IMPORT},
    "waiting_file": {Permission.IMPORT, Permission.CATALOGUE},
}
"""By table: each of these permissions may change it. A table that is not here may be changed by no page."""
BY_ITSELF = {"sign_in", "provider_event"}
"""Written for everybody who is there, and by what gateways say."""


@pytest.fixture(scope="module", params=BOTH)
def served(
    request: pytest.FixtureRequest, served: ServedApp, paystack, stripes, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[ServedApp]:
    """The real server, on each database."""
    if request.param == "sqlite":
        yield served
        return
    if "postgres" not in databases.KINDS:
        pytest.skip("only on the other database in this run")
    server = request.getfixturevalue("postgres_url")
    name = databases.new(server, request.getfixturevalue("postgres_template"))
    other = ServedApp(
        tmp_path_factory.mktemp("on-postgres"),
        inside="tests.web.inside",
        TROVA_DATABASE_URL=databases.with_database(server, name),
        TROVA_PAYSTACK_API_BASE=paystack.url,
        TROVA_STRIPE_API_BASE=stripes.url,
    )
    try:
        yield other.start()
    finally:
        other.stop()
        other.engine.dispose()
        databases.drop(server, name)


def a_full_practice(served: ServedApp, *roles: Role) -> SimpleNamespace:
    """A practice with a row of every kind a page can be about; every text a client would mind carries the canary."""
    now = datetime.now(UTC)
    with served.act() as (db, desk):
        practice = a.a_practice(db, name=f"{SECRET} Practice", number_prefix=desk.new_token()[:6].upper())
        case = paying.an_invoice(db, desk, practice, email=f"{SECRET}@example.test")
        invoice, other = (db.get_one(Invoice, one.invoice_id) for one in (case, paying.an_invoice(db, desk, practice)))
        scheme = a.a_scheme(db, practice, f"{SECRET} Medical")
        client = a.a_client(db, practice, first_name=SECRET, last_name=SECRET, scheme_id=scheme.id, address=SECRET)
        member = a.a_member(db, practice, name=f"Dr {SECRET}", email=f"{desk.new_token()[:12]}@example.test")
        service = a.a_service(db, practice, name=f"{SECRET} session")
        a.a_diagnosis(db, client, description=SECRET)
        a.a_rate(db, scheme, text=SECRET)
        over = a.an_appointment(db, client, service, member, ends=now - timedelta(hours=2), note=SECRET)
        later = a.an_appointment(db, client, service, member, ends=now + timedelta(days=2), note=SECRET)
        field = CustomField(practice_id=practice.id, name=SECRET, position=1)
        paid = Payment(
            practice_id=practice.id, provider_payment_id=desk.new_token(), invoice_id=other.id, amount_minor=1000,
            currency="ZAR", method="cash", state="succeeded", received_on=now.date(), created_at=now,
        )  # fmt: skip
        about = {"practice_id": practice.id, "client_id": client.id}
        db.add_all([field, paid, ClientEntry(**about, happened_at=now, who=SECRET, what=SECRET)])
        db.flush()
        team = [a.a_member(db, practice, role, email=f"{role.value}.{desk.new_token()[:12]}@example.test")
                for role in roles]  # fmt: skip
        emails, cells = [one.email for one in team], json.dumps([["text.1", "Description, line 1", SECRET]])
        db.add_all(
            KeptTexts(practice_id=practice.id, appointment_id=of, member_id=one.id, cells=cells, kept_at=now)
            for one in team
            for of in (over.id, later.id, invoice.appointment_id)
        )
        return SimpleNamespace(
            practice_id=practice.id, aid=later.id, iid=invoice.id, cid=client.id, sid=service.id, kid=scheme.id,
            over=over.id, payment_id=paid.id, emails=dict(zip(roles, emails, strict=True)),
        )  # fmt: skip


@pytest.fixture(scope="module")
def foreign(served: ServedApp) -> SimpleNamespace:
    return a_full_practice(served, Role.OWNER)


def rows_of(served: ServedApp, practice_id: int) -> dict[str, list[Any]]:
    """Everything a practice has, by table."""
    found = {}
    with served.engine.connect() as connection:
        for table in SQLModel.metadata.sorted_tables:
            key = table.c.get("practice_id") if table.name != "practice" else table.c["id"]
            if key is not None:
                found[table.name] = sorted(map(repr, connection.execute(sa.select(table).where(key == practice_id))))
    return found


def handlers_of(marks: tuple[str, ...]) -> list[tuple[str, list[tuple[str, Any]]]]:
    """Full names of the handlers of the states named, with their parameters."""
    return [
        (name, [(word, kind) for word, kind in one.handler.fn.__annotations__.items() if word != "return"])
        for name, one in app._registration_context.event_handlers.items()
        if getattr(one.handler.fn, "trova_fence", "") and name.startswith(states(marks))
    ]


def states(marks: Sequence[str]) -> tuple[str, ...]:
    """How the full names of the states begin that are meant."""
    ours = (mark if "figures" in mark else "trova_app___state___" + mark.replace(".", "____") for mark in marks)
    return tuple(f"{STATE}.{name}" for name in ours)


def plausible(word: str, kind: Any, about: SimpleNamespace) -> Any:
    ids = {
        "appointment_id": about.aid, "client_id": about.cid, "other_id": about.cid, "payment_id": about.payment_id,
        "key": "Enter", "rev": 1, "version": 1, "by": 1, "n": 0, "name": "price.1", "value": "999", "part": "contact",
        "what": "void", "words": "a", "line_id": "1", "upon": -1, "act_name": "save", "step": 2, "seen": "",
        "code": "F41.1", "scope": "this", "minutes": 60, "minute": 600, "column": datetime.now(UTC).date().isoformat(),
        "rate_id": 0,  # not by chance the one that was added a moment ago
    }  # fmt: skip
    if word in ids:
        return ids[word]
    if word == "form":
        return FORM | {"client": str(about.cid), "client_id": str(about.cid), "service_id": str(about.sid)}
    return {int: about.cid, str: str(about.cid), bool: True}.get(kind, [["price.1", "999", "999"]])


FORM = {
    "first_name": "New", "last_name": "Somebody", "name": "A name of its own", "email": "new@example.test",
    "amount": "10", "reason": "other", "why": "because", "method": "cash", "received_on": "2026-03-18", "minutes": "60",
    "fee": "", "phone": "0825550101", "address": "1 New Road", "code": "F41.1", "key": "sk_test_1", "gateway": "stripe",
    "number_prefix": "NEW", "note": "x", "date": "2026-03-18", "time": "10:00", "recipient": "new@example.test",
    "seen": "R\u00a01\u00a0250,00", "submitted_on": "2026-03-18", "starts": "2026-03-18T10:00",
    "rate_name": "VAT", "rate_percent": "16", "rate_since": "2030-01-01",
}  # fmt: skip


def everything_called(served: ServedApp, cookie: str, about: SimpleNamespace, odd: Sequence[Any] = ()) -> str:
    """Calls every handler on its page; all that was shown meanwhile."""
    shown = ""
    for path, marks in PAGES.items():
        with OnPage(served, cookie, path, about) as tab:
            shown += repr(tab.hydrate())
            for name, takes in handlers_of(marks):
                state, _, does = name.rpartition(".")
                tab.send(f"{state}.load")
                tab.send(f"{state}.question", what=does)  # some acts run only while they are asked about
                tab.send(name, **{word: plausible(word, kind, about) for word, kind in takes})
                if does == "do":
                    every_act_called(tab, state)
                for value in odd if takes else ():
                    tab.send(name, **{word: value for word, _ in takes})
            shown += repr(the_end(tab))
    return shown


def every_act_called(tab: Tab, state: str) -> None:
    """What is done to a form's lines comes by one handler."""
    tab.send(f"{state}.say_again", cells=[], rev=0, acts=[], pressed="")
    for rev, (name, kinds) in enumerate(KINDS.items(), start=1):
        args = {"paste": ["price.1", "1\n2"], "remove_code": ["F41.1"]}.get(name, ["1", 1][: len(kinds)])
        tab.send(f"{state}.do", name=name, args=args, key=f"{name:0<10}"[:10].replace("_", "0"), rev=rev)


def the_end(tab: Tab) -> dict[str, Any]:
    """All that was shown until everything sent so far has been dealt with."""
    words = f"the end {uuid.uuid4()}"
    tab.send(f"{NOTICES}.refused", sentence=words)
    return tab.until(lambda seen: seen.get(NOTICES, {}).get("text_rx_state_") == words)


REACHED = {
    Role.OWNER: {"appointment", "care_service", "client", "custom_field", "payment", "practice", "scheme", "tax_rate"},
    Role.RECEPTION: {"appointment", "client", "payment"},
}
"""What the calls do change: they are no empty ones."""


class OnPage(Tab):
    """A page whose address has a part that says what it is about."""

    def __init__(self, served: ServedApp, cookie: str, path: str, about: SimpleNamespace) -> None:
        super().__init__(served, cookie, path)
        self.params = {param: str(getattr(about, param)) for param in re.findall(r"\[(\w+)\]", path)}
        if path.endswith("/complete"):
            self.params = {"aid": str(about.over)}

    def event(self, name: str, /, **payload: Any) -> dict[str, Any]:
        said = super().event(name, **payload)
        said["router_data"] |= {"query": self.params, "asPath": self._as_typed()}
        return said

    def _as_typed(self) -> str:
        typed = self.path
        for name, value in self.params.items():
            typed = typed.replace(f"[{name}]", value)
        return typed


def test_every_handler_of_the_app_is_called_here() -> None:
    called = {name for marks in PAGES.values() for name, _ in handlers_of(marks)}
    ours = {name for name, _ in handlers_of(("figures.", ""))} - {name for name, _ in handlers_of(NOT_CALLED)}
    assert ours - called == set()


def test_to_its_own_people_each_page_shows_what_it_is_about(served: ServedApp, foreign: SimpleNamespace) -> None:
    """Otherwise the next story would look into empty pages."""
    cookie = served.let_in(foreign.emails[Role.OWNER])
    for path in PAGES:
        if "[" in path:
            with OnPage(served, cookie, path, foreign) as tab:
                assert SECRET in repr(tab.hydrate()), path


def test_a_page_loaded_anew_keeps_nothing_of_the_one_before(served: ServedApp, foreign: SimpleNamespace) -> None:
    cookie = served.let_in(foreign.emails[Role.OWNER])
    for path in sorted(STANDS_AT.keys() & PAGES.keys()):
        state = states(PAGES[path][:1])
        with OnPage(served, cookie, path, foreign) as tab:
            assert SECRET in the_thing(tab.hydrate(), state), path
        with served.tab(cookie, "/help", token=tab.token) as anew:
            assert the_thing(anew.hydrate(), state) == "[None]", path


def the_thing(shown: dict[str, Any], state: tuple[str, ...]) -> str:
    """What a page about one thing is about."""
    return repr(
        [
            part["shown_rx_state_"]
            for name, part in shown.items()
            if name.startswith(state) and "shown_rx_state_" in part
        ]
    )


def test_what_is_another_practices_answers_as_what_is_not_there(served: ServedApp, foreign: SimpleNamespace) -> None:
    nowhere = SimpleNamespace(**dict.fromkeys(vars(foreign), 987_654_321))
    cookie = served.let_in(served.a_practice_with(Role.OWNER)[0])
    for path, marks in PAGES.items():
        if "[" in path:
            theirs, none = (page_shown(served, cookie, path, marks, about) for about in (foreign, nowhere))
            assert theirs == none != {}


def page_shown(
    served: ServedApp, cookie: str, path: str, marks: Sequence[str], about: SimpleNamespace
) -> dict[str, str]:
    """The page's own states as they are sent, the number in the address left out."""
    with OnPage(served, cookie, path, about) as tab:
        shown = tab.hydrate()
        number = next(iter(tab.params.values()))
    return {name: repr(part).replace(number, "#") for name, part in shown.items() if name.startswith(states(marks))}


@pytest.fixture
def _asked_of_postgres_once(request: pytest.FixtureRequest, role: Role) -> None:
    """What a role may do is the same on each database; that the database is reached at all is shown by one."""
    if role is not Role.OWNER and request.node.callspec.params["served"] == "postgres":
        pytest.skip("the owner's calls show it")


def each_role(test: Any) -> Any:
    return pytest.mark.parametrize("role", Role)(pytest.mark.usefixtures("_asked_of_postgres_once")(test))


@each_role
def test_nobody_sees_or_changes_another_practices_rows_by_any_handler(
    served: ServedApp, foreign: SimpleNamespace, role: Role
) -> None:
    before = rows_of(served, foreign.practice_id)
    shown = everything_called(served, served.let_in(served.a_practice_with(role)[0]), foreign, ODD)
    assert SECRET not in shown
    after = rows_of(served, foreign.practice_id)
    assert {name for name in before if before[name] != after[name]} - BY_ITSELF == set()


@each_role
def test_a_role_changes_by_no_handler_what_its_permissions_do_not_cover(served: ServedApp, role: Role) -> None:
    own = a_full_practice(served, role)
    before = rows_of(served, own.practice_id)
    everything_called(served, served.let_in(own.emails[role]), own)
    after = rows_of(served, own.practice_id)
    changed = {name for name in before if before[name] != after[name]} - BY_ITSELF
    covered = {name for name, needed in CHANGES.items() if any(may(role, permission) for permission in needed)}
    assert changed - covered == set()
    assert changed >= REACHED.get(role, set())
    assert changed or role is Role.READ_ONLY


@pytest.mark.parametrize("path", ["/appointments", "/billing", "/clients"])
def test_asking_for_more_at_the_end_of_a_list_shows_nothing_twice(
    served: ServedApp, foreign: SimpleNamespace, path: str
) -> None:
    more = next(name for name, _ in handlers_of(PAGES[path]) if name.endswith(".show_more"))
    state = more.rpartition(".")[0]
    with OnPage(served, served.let_in(foreign.emails[Role.OWNER]), path, foreign) as tab:
        seen = [tab.hydrate()]
        for name in (f"{state}.load", more, more):
            tab.send(name)
            seen.append(the_end(tab))
    listed = [ids for shown in seen for ids in ids_in(shown.get(state, {}))]
    assert any(listed)
    assert all(len(ids) == len(set(ids)) for ids in listed)


def ids_in(shown: Any) -> Iterator[list[int]]:
    """Of each list in what was shown, at any depth."""
    if isinstance(shown, dict):
        for part in shown.values():
            yield from ids_in(part)
    elif isinstance(shown, list):
        yield [part["id"] for part in shown if isinstance(part, dict) and "id" in part]
        for part in shown:
            yield from ids_in(part)


def test_however_often_a_save_is_asked_for_one_waits_for_the_pause(served: ServedApp) -> None:
    own = a_full_practice(served, Role.OWNER)
    form = f"{STATE}.figures.saving.completion"
    with OnPage(served, served.let_in(own.emails[Role.OWNER]), "/appointments/[aid]/complete", own) as tab:
        tab.hydrate()
        tab.send(f"{form}.say_again", cells=[], rev=0, acts=[], pressed="")
        before = at_work(tab)
        for rev in range(1, 161):  # while somebody types on, no save is over
            tab.send(f"{form}.edit", name="price.1", value=f"999{rev}", rev=rev)
            if rev <= 60:
                tab.send(f"{form}.flush")
            elif (in_hand := at_work(tab)) < before + 20:
                break
        assert in_hand < before + 20
        for _ in range(1000):
            if "999" in repr(rows_of(served, own.practice_id)["completion_draft"]):
                break
            assert tab.is_open()
        assert "999" in repr(rows_of(served, own.practice_id)["completion_draft"])


def at_work(tab: Tab) -> int:
    """How much the server has in hand, for everybody together."""
    tab.send(f"{PROBE}.count")
    return int(tab.until(lambda seen: PROBE in seen)[PROBE]["text_rx_state_"].partition(" ")[0])


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(20))
def test_the_server_answers_whatever_the_order_in_which_pages_ask(served: ServedApp, seed: int) -> None:
    chance = random.Random(seed)
    own = a_full_practice(served, *Role)
    for _ in range(30):
        path, role = chance.choice(list(PAGES)), chance.choice(list(Role))
        with OnPage(served, served.let_in(own.emails[role]), path, own) as tab:
            tab.hydrate() if chance.random() < 0.9 else tab.raw("40/_event,")
            for name, takes in chance.choices(handlers_of(PAGES[path]), k=chance.randint(1, 70)):
                state, _, does = name.rpartition(".")
                if chance.random() < 0.3:
                    tab.send(f"{state}.{chance.choice(('load', 'question'))}", what=does)
                odd = [*ODD, 0, 1, 2, "", "1"]
                tab.send(name, **{word: chance.choice([plausible(word, kind, own)] * 4 + odd) for word, kind in takes})
            the_end(tab)
