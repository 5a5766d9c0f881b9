"""A server that speaks Stripe's API as far as Trova uses it, over real HTTP, with switches for what goes wrong.

It keeps books (`books.py`) and the answers given under idempotency keys, and posts its events (`post.py`). Every
request is held to Stripe's document and to the types of Stripe's client, and every answer to the document before it is
sent, refusals too; `breaches` holds what did not fit. Whoever starts one cannot pass with a breach, unless the test
that wanted it has taken it out.
"""

import json
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests.contract import every_request, wire
from tests.contract.books import Books, NotKnown, NotPossible
from tests.contract.post import Post
from tests.contract.typed import sent_faults

DROP_REPLY = "drop reply"
"""Do what was asked, then hang up without a word."""
HANG = "hang"
"""Do what was asked, then say nothing until the test is over."""


@dataclass
class Call:
    method: str
    path: str
    params: dict[str, Any]
    headers: dict[str, str]
    raw: str


@dataclass
class StandIn:
    """`switches`: for each coming call DROP_REPLY, HANG, a status to answer with, or "" for a good answer; then all
    good. `slow`: seconds until each answer. `before` is called with each call before it is answered: a test lets
    somebody pay in between. `noted`: every request there ever was, readable."""

    url: str = ""
    books: Books = field(default_factory=Books)
    calls: list[Call] = field(default_factory=list)
    breaches: list[str] = field(default_factory=list)
    noted: list[str] = field(default_factory=list)
    switches: list[str | int] = field(default_factory=list)
    slow: float = 0
    remembered: dict[str, tuple[str, tuple[int, dict[str, Any]]]] = field(default_factory=dict)
    before: Callable[[Call], None] | None = None
    lock: threading.RLock = field(default_factory=threading.RLock)
    over: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self.post = Post(lambda: list(self.books.endpoints.values()))
        self.books.on_told = lambda event: self.post.take(event)  # a function stays itself in copies of the books

    @property
    def links(self) -> dict[str, dict[str, Any]]:
        return self.books.links

    @property
    def lines(self) -> dict[str, list[dict[str, Any]]]:
        return self.books.lines

    @property
    def sessions(self) -> list[dict[str, Any]]:
        return self.books.sessions

    def clear(self) -> None:
        assert self.breaches == []
        self.books.clear()
        self.before, self.slow = None, 0
        self.post.clear()
        for kept in (self.calls, self.switches, self.remembered):
            kept.clear()

    def answer(self, call: Call) -> tuple[int, dict[str, Any]] | None:
        """(status, body), None to hang up."""
        with self.lock:
            self.calls.append(call)
            asked = [*parse_qsl(call.raw), *call.headers.items()]
            self.noted.append(every_request.note(f"{call.method} {call.path}", asked))
            if self.before:
                self.before(call)
            faults = wire.request_faults(call.method, call.path, call.params)
            faults += [f"{fault} (client)" for fault in sent_faults(call.method, call.path, call.params)]
            self.breaches += faults
            switch = self.switches.pop(0) if self.switches else ""
            said = (switch, _error("switched", "api_error")) if isinstance(switch, int) else self._said(call, faults)
            schema = wire.response_schema(call.method, call.path) if said[0] == 200 else wire.named("error")
            self.breaches += wire.schema_faults(schema, said[1], "answer", is_sent=False)
        time.sleep(self.slow)
        if switch == HANG:
            self.over.wait()
        return None if switch in (DROP_REPLY, HANG) else said

    def _said(self, call: Call, faults: list[str]) -> tuple[int, dict[str, Any]]:
        mode = "live" if self.books.is_live else "test"
        if not re.match(rf"Bearer [rs]k_{mode}_(?!wrong)", call.headers.get("authorization", "")):
            return 401, _error("Invalid API Key provided")
        if faults:
            return 400, _error(faults[0], code="parameter_unknown")
        key = call.headers.get("idempotency-key", "")
        if call.method == "POST" and key in self.remembered:
            asked, said = self.remembered[key]
            return said if asked == call.raw else _idempotency_error()
        try:
            said = 200, self._done(call)
        except NotKnown as refusal:
            return 404, _error(str(refusal), code="resource_missing")
        except NotPossible as refusal:
            return 400, _error(str(refusal))
        if call.method == "POST" and key:
            self.remembered[key] = call.raw, json.loads(json.dumps(said))
        return said

    def _done(self, call: Call) -> dict[str, Any]:
        books, asked = self.books, call.params
        ways: dict[str, Callable[..., dict[str, Any]]] = {
            "POST /v1/payment_links": lambda: books.open_link(asked),
            "POST /v1/payment_links/([^/]+)": lambda name: books.update_link(name, asked),
            "POST /v1/checkout/sessions/([^/]+)/expire": books.end_session,
            "POST /v1/refunds": lambda: books.give_back(asked),
            "POST /v1/webhook_endpoints": lambda: books.make_endpoint(asked),
            "DELETE /v1/webhook_endpoints/([^/]+)": self._deleted,
            "GET /v1/account": lambda: wire.example(wire.named("account"), id="acct_1"),
            "GET /v1/payment_links": lambda: self._page(call, self._links_asked_for(asked)),
            "GET /v1/payment_links/([^/]+)": lambda name: books.found(books.links, name),
            "GET /v1/payment_links/([^/]+)/line_items": lambda name: self._page(call, books.found(books.lines, name)),
            "GET /v1/payment_intents/([^/]+)": lambda name: books.found(books.payments, name),
            "GET /v1/checkout/sessions": lambda: self._page(call, self._sessions_asked_for(asked)),
            "GET /v1/refunds": lambda: self._page(call, _of_payment(books.refunds, asked)),
            "GET /v1/disputes": lambda: self._page(call, _of_payment(books.disputes, asked)),
            "GET /v1/events": lambda: self._page(call, self._events_asked_for(asked)),
            "GET /v1/balance_transactions": lambda: self._page(call, self._booked_since(asked)),
            "GET /v1/webhook_endpoints": lambda: self._page(call, list(map(_without_secret, books.endpoints.values()))),
        }
        for pattern, way in ways.items():
            if found := re.fullmatch(pattern, f"{call.method} {call.path}"):
                return way(*found.groups())
        raise NotPossible(f"Unrecognized request URL ({call.method}: {call.path}).")

    def _deleted(self, name: str) -> dict[str, Any]:
        if self.books.endpoints.pop(name, None) is None:
            raise NotKnown("No such webhook endpoint")
        return {"id": name, "object": "webhook_endpoint", "deleted": True}

    def _links_asked_for(self, asked: dict[str, Any]) -> list[dict[str, Any]]:
        wanted = [link for link in self.links.values() if str(link["active"]).lower() == asked.get("active", "true")]
        return list(reversed(wanted))

    def _sessions_asked_for(self, asked: dict[str, Any]) -> list[dict[str, Any]]:
        of_link = [one for one in self.sessions if one["payment_link"] == asked["payment_link"]]
        return [one for one in of_link if one["status"] == asked.get("status", one["status"])]

    def _events_asked_for(self, asked: dict[str, Any]) -> list[dict[str, Any]]:
        since = int(asked.get("created", {}).get("gte", 0))
        kinds = asked.get("types") or [asked["type"]] if {"type", "types"} & asked.keys() else None
        told = [event for event in self.books.told if event["created"] >= since]
        told = [event for event in told if kinds is None or event["type"] in kinds]
        return list(reversed(told))

    def _booked_since(self, asked: dict[str, Any]) -> list[dict[str, Any]]:
        """The source is an id unless it is asked for whole."""
        since, is_whole = int(asked.get("created", {}).get("gte", 0)), "data.source" in asked.get("expand", ())
        booked = [entry for entry in reversed(self.books.balance) if entry["created"] >= since]
        return [entry if is_whole else entry | {"source": entry["source"]["id"]} for entry in booked]

    def _page(self, call: Call, rows: list[dict[str, Any]]) -> dict[str, Any]:
        ids = [row["id"] for row in rows]
        start = ids.index(call.params["starting_after"]) + 1 if "starting_after" in call.params else 0
        limit = int(call.params.get("limit", 10))
        more = len(rows) > start + limit
        return {"object": "list", "url": call.path, "has_more": more, "data": rows[start : start + limit]}

    def visited(self, link_id: str, payment_status: str = "paid", **given: Any) -> dict[str, Any]:
        """A session of the link that its payer went through."""
        session = self.books.pay(self.books.visit(link_id), by_bank=payment_status == "unpaid")
        session |= given
        return session


def _without_secret(endpoint: dict[str, Any]) -> dict[str, Any]:
    """It is told once, to whoever made the endpoint."""
    return {name: value for name, value in endpoint.items() if name != "secret"}


def _of_payment(rows: list[dict[str, Any]], asked: dict[str, Any]) -> list[dict[str, Any]]:
    return [row for row in reversed(rows) if row["payment_intent"] == asked["payment_intent"]]


def an_event(session: dict[str, Any], kind: str = "checkout.session.completed", **given: Any) -> bytes:
    """The event Stripe would send about a session, held to Stripe's description of both."""
    event = wire.example(
        wire.named("event"), id=f"evt_{session['id']}_{kind}", type=kind, data={"object": session}, livemode=False
    )
    event |= given
    wire.must_be_an_event(event)
    return json.dumps(event).encode()


def _idempotency_error() -> tuple[int, dict[str, Any]]:
    return 400, _error("Keys must be used with the same parameters", "idempotency_error")


def _error(message: str, kind: str = "invalid_request_error", **given: str) -> dict[str, Any]:
    return {"error": {"type": kind, "message": message, **given}}


@contextmanager
def served() -> Iterator[StandIn]:
    stand_in = StandIn()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self._reply(self.rfile.read(int(self.headers.get("content-length", 0))).decode())

        def do_GET(self) -> None:
            self._reply(urlsplit(self.path).query)

        do_DELETE = do_GET

        def _reply(self, raw: str) -> None:
            headers = {name.lower(): value for name, value in self.headers.items()}
            call = Call(self.command, urlsplit(self.path).path, wire.decoded(raw), headers, raw)
            said = stand_in.answer(call)
            if said is None:
                self.close_connection = True
                return
            body = json.dumps(said[1]).encode()
            self.send_response(said[0])
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
            self.send_header("request-id", "req_1")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_given: Any) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    stand_in.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield stand_in
    finally:
        stand_in.over.set()
        server.shutdown()
        server.server_close()
        thread.join()
    assert stand_in.breaches == []
