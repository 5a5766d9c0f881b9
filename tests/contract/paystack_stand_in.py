"""A server that speaks Paystack's API as far as Trova uses it, over real HTTP, with switches for what goes wrong.

Made from Paystack's public API description (transaction initialize, verify, fetch and list; refund; dispute), not from
the live service. It keeps transactions and refunds, refuses a reference twice, lists what was made between `from` and
`to`, and signs events as Paystack says it does.
"""

import hashlib
import hmac
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests.contract import every_request

KEY = "sk_test_0123456789abcdef"
DROP_REPLY = "drop reply"
NOON = datetime(2026, 3, 18, 10, 0, tzinfo=UTC)
MOMENT = "2026-03-18T10:00:00.000Z"
INITIALIZE = {"email", "amount", "currency", "reference", "label", "callback_url", "metadata", "channels"}
REFUND = {"transaction", "amount", "currency", "customer_note", "merchant_note"}
Answer = tuple[int, dict[str, Any]]


@dataclass
class Call:
    method: str
    path: str
    query: dict[str, str]
    body: dict[str, Any]
    headers: dict[str, str]


@dataclass
class PaystackStandIn:
    """`switches`: for each coming call DROP_REPLY, a status to answer with, or "" for a good answer; then all good.
    `clock`: what time it is there. `noted`: every request there ever was, readable."""

    url: str = ""
    calls: list[Call] = field(default_factory=list)
    breaches: list[str] = field(default_factory=list)
    noted: list[str] = field(default_factory=list)
    switches: list[str | int] = field(default_factory=list)
    transactions: dict[str, dict[str, Any]] = field(default_factory=dict)
    refunds: list[dict[str, Any]] = field(default_factory=list)
    disputes: list[dict[str, Any]] = field(default_factory=list)
    clock: Callable[[], datetime] = lambda: NOON
    lock: threading.RLock = field(default_factory=threading.RLock)

    def clear(self) -> None:
        assert self.breaches == []
        for books in (self.calls, self.switches, self.transactions, self.refunds, self.disputes):
            books.clear()

    def now(self) -> str:
        return f"{self.clock():%Y-%m-%dT%H:%M:%S}.000Z"

    def answer(self, call: Call) -> Answer | None:
        """(status, body), None to hang up."""
        with self.lock:
            self.calls.append(call)
            asked = [*call.query.items(), *every_request.flat(call.body), *call.headers.items()]
            self.noted.append(every_request.note(f"{call.method} {call.path}", asked))
            switch = self.switches.pop(0) if self.switches else ""
            if isinstance(switch, int):
                return switch, {"status": False, "message": "switched"}
            said = self._said(call)
            return None if switch == DROP_REPLY else said

    def _said(self, call: Call) -> Answer:
        if call.headers.get("authorization") != f"Bearer {KEY}":
            return 401, {"status": False, "message": "Invalid key", "code": "invalid_Key"}
        routes = {
            ("POST", "/transaction/initialize"): self._initialize,
            ("POST", "/refund"): self._refund,
            ("GET", "/transaction"): lambda asked: self._list(asked, list(self.transactions.values())),
            ("GET", "/refund"): lambda asked: self._list(asked, self._of(asked, self.refunds)),
            ("GET", "/dispute"): lambda asked: self._list(asked, self._of(asked, self.disputes)),
        }
        if call.path.startswith("/transaction/verify/"):
            return self._verify(call.path.rpartition("/")[2])
        if (call.method, call.path) not in routes:
            self.breaches.append(f"{call.method} {call.path} is not in the description")
            return 404, {"status": False, "message": "Not found"}
        return routes[call.method, call.path](call)

    def _faults(self, call: Call, known: set[str], needed: set[str]) -> list[str]:
        body = call.body
        faults = [f"{name} is unknown" for name in body.keys() - known]
        faults += [f"{name} is missing" for name in needed - body.keys()]
        if type(body.get("amount")) is not int or body["amount"] <= 0:
            faults.append("amount is no whole number of subunits")
        if body.get("currency") not in {"ZAR", "USD", "NGN", "GHS", "KES"}:
            faults.append("currency is not one of Paystack's")
        return faults

    def _initialize(self, call: Call) -> Answer:
        faults = self._faults(call, INITIALIZE, {"email", "amount"})
        reference = str(call.body.get("reference", ""))
        if not reference or any(not (c.isalnum() or c in "-.=") for c in reference):
            faults.append("reference has other characters than letters, digits, -, . and =")
        if "@" not in str(call.body.get("email")) or "." not in str(call.body.get("email")).rpartition("@")[2]:
            faults.append("email is no mail address")
        self.breaches += faults
        if faults:
            return 400, {"status": False, "message": faults[0], "type": "validation_error", "code": "invalid_params"}
        if reference in self.transactions:
            return 400, {"status": False, "message": "Duplicate Transaction Reference", "code": "duplicate_reference"}
        self.transactions[reference] = {
            "id": 4_099_260_000 + len(self.transactions),
            "domain": "test",
            "status": "abandoned",
            "reference": reference,
            "amount": call.body["amount"],
            "currency": call.body["currency"],
            "paid_at": None,
            "created_at": self.now(),
            "channel": "card",
            "ip_address": "10.0.0.1",
            "metadata": call.body.get("metadata", ""),
            "customer": {"email": call.body["email"], "first_name": None},
        }
        made = {
            "authorization_url": f"https://checkout.paystack.test/{reference}",
            "access_code": reference,
            "reference": reference,
        }
        return 200, {"status": True, "message": "Authorization URL created", "data": made}

    def _verify(self, reference: str) -> Answer:
        if reference not in self.transactions:
            return 404, {"status": False, "message": "Transaction reference not found", "code": "transaction_not_found"}
        return 200, {"status": True, "message": "Verification successful", "data": self.transactions[reference]}

    def _of(self, call: Call, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        wanted = call.query.get("transaction")
        return [row for row in rows if not wanted or str(self._id_of(row)) == wanted]

    def _id_of(self, row: dict[str, Any]) -> Any:
        whose = row["transaction"]
        return whose["id"] if isinstance(whose, dict) else whose

    def _list(self, call: Call, rows: list[dict[str, Any]]) -> Answer:
        """By when each was made, whatever became of it since."""
        start, end = call.query.get("from"), call.query.get("to")
        rows = [
            row
            for row in rows
            if (not start or _made(row) >= _moment(start)) and (not end or _made(row) <= _moment(end))
        ]
        size, page = int(call.query.get("perPage", 50)), int(call.query.get("page", 1))
        meta = {"total": len(rows), "perPage": size, "page": page, "pageCount": -(-len(rows) // size)}
        return 200, {
            "status": True,
            "message": "Retrieved",
            "data": rows[(page - 1) * size : page * size],
            "meta": meta,
        }

    def _refund(self, call: Call) -> Answer:
        faults = self._faults(call, REFUND, {"transaction"})
        self.breaches += faults
        whose = self.transactions.get(str(call.body.get("transaction")))
        if whose is None or whose["status"] != "success":
            return 400, {"status": False, "message": "Transaction not found", "code": "transaction_not_found"}
        given_back = sum(
            r["amount"] for r in self.refunds if r["transaction"] == whose["id"] and r["status"] != "failed"
        )
        if faults or given_back + call.body["amount"] > whose["amount"]:
            return 400, {"status": False, "message": "Refund amount is too large", "code": "invalid_amount"}
        row = {
            "id": 15_581_000 + len(self.refunds),
            "domain": "test",
            "transaction": whose["id"],
            "transaction_reference": whose["reference"],
            "amount": call.body["amount"],
            "currency": call.body["currency"],
            "status": "pending",
            "merchant_note": call.body.get("merchant_note", ""),
            "customer_note": call.body.get("customer_note", ""),
            "createdAt": self.now(),
        }
        self.refunds.append(row)
        inside = {"id": whose["id"], "reference": whose["reference"], "amount": whose["amount"]}
        return 200, {"status": True, "message": "Refund has been queued", "data": row | {"transaction": inside}}

    # What people do there

    def pay(self, reference: str, status: str = "success", **given: Any) -> dict[str, Any]:
        with self.lock:
            about = self.transactions[reference]
            about |= {"status": status, "paid_at": self.now() if status == "success" else None} | given
            return about

    def dispute(self, reference: str, **given: Any) -> dict[str, Any]:
        whose = self.transactions[reference]
        row = {
            "id": 358_900 + len(self.disputes),
            "domain": "test",
            "status": "awaiting-merchant-feedback",
            "resolution": None,
            "refund_amount": whose["amount"],
            "currency": whose["currency"],
            "due_at": "2026-03-25T10:00:00.000Z",
            "created_at": self.now(),
            "transaction": {name: whose[name] for name in ("id", "reference", "amount", "currency")},
        }
        self.disputes.append(row | given)
        return self.disputes[-1]


def _made(row: dict[str, Any]) -> datetime:
    return _moment(row.get("created_at") or row["createdAt"])


def _moment(given: str) -> datetime:
    return datetime.fromisoformat(given)


def an_event(kind: str, about: dict[str, Any]) -> bytes:
    return json.dumps({"event": kind, "data": about}).encode()


def signed(raw: bytes, key: str = KEY) -> str:
    """x-paystack-signature of a body."""
    return hmac.new(key.encode(), raw, hashlib.sha512).hexdigest()


@contextmanager
def served() -> Iterator[PaystackStandIn]:
    stand_in = PaystackStandIn()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self._reply(json.loads(self.rfile.read(int(self.headers.get("content-length", 0)))))

        def do_GET(self) -> None:
            self._reply({})

        def _reply(self, body: dict[str, Any]) -> None:
            headers = {name.lower(): value for name, value in self.headers.items()}
            asked = urlsplit(self.path)
            said = stand_in.answer(Call(self.command, asked.path, dict(parse_qsl(asked.query)), body, headers))
            if said is None:
                self.close_connection = True
                return
            raw = json.dumps(said[1]).encode()
            self.send_response(said[0])
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(raw)))
            self.end_headers()
            self.wfile.write(raw)

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
    assert stand_in.breaches == []
