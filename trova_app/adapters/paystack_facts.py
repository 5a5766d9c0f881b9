"""Paystack's transactions, refunds and disputes as facts; of its events only ids, amounts, states and our references
are kept.

A payment is known by our own reference to it: refunds, disputes and events all carry that.
"""

import json
import re
from datetime import UTC, datetime
from typing import Any

from trova_app.domain.gateways import (
    BadEvent,
    DisputeFact,
    DisputeFactState,
    Fact,
    GatewayEvent,
    GatewayTrouble,
    LinkRef,
    PaymentFact,
    PaymentFactState,
    RefundFact,
    RefundFactState,
    RefundSpec,
    RequestFact,
)

REFERENCE = re.compile(r"(?P<request>[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})-[1-9][0-9]?", re.ASCII)
NOTE = re.compile(r"Trova (?P<refund>[0-9a-f-]{32,36})", re.ASCII)
PAYMENT_STATES: dict[str, PaymentFactState] = {"success": "succeeded", "reversed": "succeeded"}
ON_ITS_WAY = frozenset({"pending", "processing", "queued"})
REFUND_STATES: dict[str, RefundFactState] = {"processed": "succeeded", "failed": "failed"}
LOST = frozenset({"merchant-accepted", "auto-accepted"})
OURS = ("trova_instance", "trova_practice", "trova_invoice", "trova_request")
KEPT: tuple[str, ...] = (
    "id",
    "domain",
    "status",
    "reference",
    "amount",
    "currency",
    "paid_at",
    "transaction_reference",
)
KEPT += ("refund_reference", "refund_amount", "resolution", "due_at")
CHARGE, DECLINED = "charge.success", "charge.failed"
DISPUTE_EVENTS = ("charge.dispute.create", "charge.dispute.remind", "charge.dispute.resolve")
MISSHAPEN = "Paystack's answer could not be understood."


def note_of(refund_uuid: str) -> str:
    return f"Trova {refund_uuid}"


def is_paid_or_on_its_way(transaction: dict[str, Any]) -> bool:
    return transaction.get("status") in PAYMENT_STATES or transaction.get("status") in ON_ITS_WAY


def rows_of(said: dict[str, Any]) -> list[dict[str, Any]]:
    rows = said.get("data")
    return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []


def has_more(said: dict[str, Any], page: int) -> bool:
    count = (said.get("meta") or {}).get("pageCount")
    return type(count) is int and page < count


def is_refund_of(row: dict[str, Any], transaction_id: int, reference: str) -> bool:
    whose = row.get("transaction")
    known = whose.get("id") if isinstance(whose, dict) else whose
    return known == transaction_id or row.get("transaction_reference") == reference


# -- facts


def payment_fact(about: dict[str, Any], state: PaymentFactState | None = None) -> PaymentFact | None:
    """None for a transaction nobody paid, or that is not of this app."""
    state = state or PAYMENT_STATES.get(str(about.get("status")))
    reference = REFERENCE.fullmatch(str(about.get("reference", "")))
    ours = metadata_of(about)
    if state is None or reference is None or ours.get("trova_request") != reference["request"]:
        return None
    return PaymentFact(
        provider="paystack",
        account_ref="",
        provider_payment_id=reference[0],
        instance=ours.get("trova_instance", ""),
        request_uuid=reference["request"],
        amount_minor=_whole(about.get("amount")),
        currency=str(about.get("currency", "")).upper(),
        state=state,
        is_live=about.get("domain") == "live",
        when=moment(about.get("paid_at")),
    )


def metadata_of(about: dict[str, Any]) -> dict[str, str]:
    """Our references. Paystack gives metadata back as an object or as its text."""
    given = about.get("metadata")
    if isinstance(given, str):
        try:
            given = json.loads(given)
        except ValueError:
            given = None
    if not isinstance(given, dict):
        return {}
    return {name: given[name] for name in OURS if _is_text(given.get(name))}


def refund_fact(row: dict[str, Any]) -> RefundFact | None:
    """None for a refund of somebody else's payment."""
    whose = row.get("transaction")
    named = whose.get("reference") if isinstance(whose, dict) else row.get("transaction_reference")
    reference = REFERENCE.fullmatch(str(named or ""))
    if reference is None or row.get("id") is None:
        return None
    note = NOTE.fullmatch(str(row.get("merchant_note") or ""))
    return RefundFact(
        provider="paystack",
        account_ref="",
        provider_refund_id=str(row["id"]),
        provider_payment_id=reference[0],
        refund_uuid=note["refund"] if note else "",
        instance="",
        request_uuid=reference["request"],
        amount_minor=_whole(row.get("amount")),
        currency=str(row.get("currency", "")).upper(),
        state=REFUND_STATES.get(str(row.get("status")), "pending"),
        reason="",
        is_live=row.get("domain") == "live",
        when=moment(row.get("createdAt") or row.get("created_at")),
    )


def must_be_refund(row: Any, spec: RefundSpec) -> RefundFact:
    """The refund we asked for; its answer has the transaction inside or not at all."""
    if not isinstance(row, dict) or row.get("id") is None:
        raise GatewayTrouble(MISSHAPEN, is_permanent=False)
    fact = refund_fact({**row, "transaction": {"reference": spec.provider_payment_id}})
    if fact is None:
        raise GatewayTrouble(MISSHAPEN, is_permanent=False)
    if (fact.amount_minor, fact.currency) != (spec.amount_minor, spec.currency):
        raise GatewayTrouble("Paystack's refund is over another amount than was asked for.", is_permanent=True)
    return fact


def dispute_fact(row: dict[str, Any]) -> DisputeFact | None:
    whose = row.get("transaction")
    reference = REFERENCE.fullmatch(str(whose.get("reference", ""))) if isinstance(whose, dict) else None
    if reference is None or not isinstance(whose, dict) or row.get("id") is None:
        return None
    amount = row.get("refund_amount")
    return DisputeFact(
        provider="paystack",
        account_ref="",
        provider_dispute_id=str(row["id"]),
        provider_payment_id=reference[0],
        amount_minor=_whole(amount if amount is not None else whose.get("amount")),
        currency=str(row.get("currency") or whose.get("currency") or "").upper(),
        status=str(row.get("status", "")),
        state=_dispute_state(row),
        evidence_due_at=moment(row.get("due_at") or row.get("dueAt")),
        is_live=row.get("domain") == "live",
        when=moment(row.get("created_at") or row.get("createdAt")),
        request_uuid=reference["request"],
    )


def _dispute_state(row: dict[str, Any]) -> DisputeFactState:
    """A word we do not know leaves it open."""
    if row.get("status") != "resolved":
        return "open"
    if row.get("resolution") in LOST:
        return "lost"
    return "won" if row.get("resolution") == "declined" else "open"


def request_fact(link: LinkRef, *, is_live: bool, is_paid: bool) -> RequestFact:
    return RequestFact(
        provider="paystack",
        account_ref="",
        provider_ref=link.provider_ref,
        instance="",
        request_uuid=link.request_uuid,
        amount_minor=link.amount_minor,
        currency=link.currency,
        state="inactive" if is_paid else "active",
        is_live=is_live,
    )


# -- events


def read_event(raw: bytes) -> GatewayEvent:
    """Only the fields we need. Paystack gives events no name; theirs is made of what they are about."""
    try:
        event = json.loads(raw)
        kind = _word(event["event"])
        return _named(kind, {"event": kind, "data": _kept(event["data"])})
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise BadEvent("not an event") from None


def listed_event(which: int, row: dict[str, Any]) -> GatewayEvent:
    """A row of a list as the event it would have been."""
    kind = (CHARGE, f"refund.{row.get('status')}", f"dispute.{row.get('status')}")[which]
    return _named(kind, {"event": kind, "data": _kept(row)})


def _named(kind: str, kept: dict[str, Any]) -> GatewayEvent:
    about = kept["data"]
    name = about.get("id") or about.get("refund_reference") or about.get("transaction_reference") or ""
    return GatewayEvent(
        event_id=f"{kind}/{name}/{about.get('status', '')}",
        type=kind,
        account_ref="",
        is_live=about.get("domain") == "live",
        body=json.dumps(kept, sort_keys=True),
    )


def _kept(about: dict[str, Any]) -> dict[str, Any]:
    kept = {name: _plain(about[name]) for name in KEPT if about.get(name) is not None}
    kept["metadata"] = metadata_of(about)
    whose = about.get("transaction")
    if isinstance(whose, dict):
        kept["transaction"] = {n: _plain(whose[n]) for n in ("reference", "amount", "currency") if n in whose}
    return kept


def facts_of(body: str) -> list[Fact]:
    event = json.loads(body)
    kind, about = event["event"], event["data"]
    if kind == CHARGE:
        fact: Fact | None = payment_fact(about)
    elif kind == DECLINED:
        fact = payment_fact(about, "declined")
    else:
        fact = dispute_fact(about) if kind in DISPUTE_EVENTS or kind.startswith("dispute.") else None
    return [fact] if fact else []


def must_be_read(body: str) -> str:
    """Refund events carry neither the refund's id nor our note: the payment is read anew."""
    event = json.loads(body)
    about, inside = event["data"], event["data"].get("transaction")
    reference = str(inside.get("reference", "") if isinstance(inside, dict) else about.get("transaction_reference", ""))
    return reference if event["event"].startswith("refund.") and REFERENCE.fullmatch(reference) else ""


# -- parts


def moment(given: Any) -> datetime | None:
    """ "2024-08-22T09:14:24.000Z" as a moment; None for anything else."""
    try:
        read = datetime.fromisoformat(given)
    except (TypeError, ValueError):
        return None
    return read if read.tzinfo else read.replace(tzinfo=UTC)


def _whole(given: Any) -> int:
    """An amount that is no whole number is never what was asked for, so it is set aside and looked at."""
    return given if type(given) is int else 0


def _is_text(given: Any) -> bool:
    return isinstance(given, str) and len(given) <= 500 and given.isprintable()


def _word(given: Any) -> str:
    if not _is_text(given):
        raise TypeError("text")
    return str(given)


def _plain(given: Any) -> Any:
    if type(given) is int:
        return given
    return _word(given)
