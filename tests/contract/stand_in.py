"""A server that speaks Stripe's API as far as Trova uses it, over real HTTP, with switches for what goes wrong.

It keeps links, sessions and the answers given under idempotency keys. Every request is held to Stripe's document and
every answer is too, before it is sent; `breaches` holds what did not fit.
"""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

from tests.contract import wire

DROP_REPLY = "drop reply"
"""Do what was asked, then hang up without a word."""


@dataclass
class Call:
    method: str
    path: str
    params: dict[str, Any]
    headers: dict[str, str]
    raw: str


@dataclass
class StandIn:
    """`switches`: for each coming call DROP_REPLY, a status to answer with, or "" for a good answer; then all good."""

    url: str = ""
    calls: list[Call] = field(default_factory=list)
    breaches: list[str] = field(default_factory=list)
    switches: list[str | int] = field(default_factory=list)
    links: dict[str, dict[str, Any]] = field(default_factory=dict)
    lines: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    sessions: list[dict[str, Any]] = field(default_factory=list)
    remembered: dict[str, tuple[str, tuple[int, dict[str, Any]]]] = field(default_factory=dict)
    lock: threading.RLock = field(default_factory=threading.RLock)

    def answer(self, call: Call) -> tuple[int, dict[str, Any]] | None:
        """(status, body), None to hang up."""
        with self.lock:
            self.calls.append(call)
            switch = self.switches.pop(0) if self.switches else ""
            if isinstance(switch, int):
                return switch, {"error": {"type": "api_error", "message": "switched"}}
            said = self._said(call)
            return None if switch == DROP_REPLY else said

    def _said(self, call: Call) -> tuple[int, dict[str, Any]]:
        if not call.headers.get("authorization", "").startswith("Bearer sk_test_"):
            return 401, {"error": {"type": "invalid_request_error", "message": "Invalid API Key provided"}}
        faults = wire.request_faults(call.method, call.path, call.params)
        self.breaches += faults
        if faults:
            return 400, {"error": {"type": "invalid_request_error", "message": faults[0], "code": "parameter_unknown"}}
        key = call.headers.get("idempotency-key", "")
        if call.method == "POST" and key in self.remembered:
            asked, said = self.remembered[key]
            return said if asked == call.raw else _idempotency_error()
        said = 200, self._done(call)
        self.breaches += wire.schema_faults(self._schema(call), said[1], "answer", is_sent=False)
        if call.method == "POST" and key:
            self.remembered[key] = call.raw, said
        return said

    def _schema(self, call: Call) -> dict[str, Any]:
        found = wire.operation(call.method, call.path)
        assert found
        return wire.response_schema(found[0])

    def _done(self, call: Call) -> dict[str, Any]:
        if call.method == "POST":
            return self._made_link(call)
        if call.path == "/v1/payment_links":
            return self._page(call, list(reversed(self.links.values())))
        if call.path.endswith("/line_items"):
            return self._page(call, self.lines[call.path.split("/")[3]])
        return self._page(call, [s for s in self.sessions if s["payment_link"] == call.params["payment_link"]])

    def _page(self, call: Call, rows: list[dict[str, Any]]) -> dict[str, Any]:
        ids = [row["id"] for row in rows]
        start = ids.index(call.params["starting_after"]) + 1 if "starting_after" in call.params else 0
        limit = int(call.params.get("limit", 10))
        more = len(rows) > start + limit
        return {"object": "list", "url": call.path, "has_more": more, "data": rows[start : start + limit]}

    def _made_link(self, call: Call) -> dict[str, Any]:
        link_id = f"plink_{len(self.links) + 1}"
        price = call.params["line_items"][0]["price_data"]
        self.lines[link_id] = [
            wire.example(
                wire.named("item"),
                id=f"li_{link_id}",
                amount_total=int(price["unit_amount"]),
                currency=price["currency"],
            )
        ]
        self.links[link_id] = wire.example(
            wire.named("payment_link"),
            id=link_id,
            active=True,
            url=f"https://pay.stripe.test/{link_id}",
            currency=price["currency"],
            metadata=call.params.get("metadata", {}),
        )
        return self.links[link_id]

    def visited(self, link_id: str, payment_status: str = "paid", **given: Any) -> dict[str, Any]:
        """A session of the link that its payer went through."""
        line = self.lines[link_id][0]
        session = wire.example(
            wire.named("checkout.session"),
            id=f"cs_{len(self.sessions) + 1}",
            payment_link=link_id,
            payment_intent=f"pi_{len(self.sessions) + 1}",
            payment_status=payment_status,
            status="complete",
            amount_total=line["amount_total"],
            currency=line["currency"],
            metadata=self.links[link_id]["metadata"],
        )
        self.sessions.append(session | given)
        return self.sessions[-1]


def an_event(session: dict[str, Any], kind: str = "checkout.session.completed", **given: Any) -> bytes:
    """The event Stripe would send about a session, held to Stripe's description of both."""
    event = wire.example(
        wire.named("event"), id=f"evt_{session['id']}_{kind}", type=kind, data={"object": session}, livemode=False
    )
    event |= given
    faults = wire.schema_faults(wire.named("event"), event, "event", is_sent=False)
    faults += wire.schema_faults(wire.named("checkout.session"), session, "session", is_sent=False)
    assert faults == []
    return json.dumps(event).encode()


def _idempotency_error() -> tuple[int, dict[str, Any]]:
    return 400, {"error": {"type": "idempotency_error", "message": "Keys must be used with the same parameters"}}


@contextmanager
def served() -> Iterator[StandIn]:
    stand_in = StandIn()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self._reply(self.rfile.read(int(self.headers.get("content-length", 0))).decode())

        def do_GET(self) -> None:
            self._reply(urlsplit(self.path).query)

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
        server.shutdown()
        server.server_close()
        thread.join()
