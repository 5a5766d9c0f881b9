"""What a payer sees behind the link in their letter. The token is the key: nobody signs in here."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, cast

import sqlalchemy as sa
from sqlmodel import Session, col, select

from trova_app.domain.gateways import CANNOT_CANCEL
from trova_app.domain.invoices import DocumentStatus, GivenBack, PaymentType
from trova_app.models import (
    Document,
    Invoice,
    InvoiceLine,
    Mode,
    OutboxRow,
    Payment,
    PaymentRequest,
    Practice,
    RequestState,
    TimelineEntry,
)
from trova_app.services import outbox, timeline
from trova_app.services.balances import due_minor, given_back, paid_minor, refunded_minor
from trova_app.services.lost_links import is_lost
from trova_app.services.payment_requests import LIVE_STATES, OFF, enqueue_about
from trova_app.services.ports import Desk
from trova_app.services.practice_style import PracticeStyle, short, style_for

CLIENT, OPENED = "Client", "Pay page opened"
RETURN, STRANGER = "return", "stranger"
"""Who came back from the gateway: with the invoice's token, or with no more than the address it sends payers to."""


class PayState(StrEnum):
    PAYABLE = "payable"
    ON_ITS_WAY = "link on its way"
    PENDING = "payment on its way"
    PAID = "paid"
    REFUNDED = "refunded"
    PARTLY_REFUNDED = "partly refunded"
    NOT_ONLINE = "not online"
    HELD_BACK = "held back"
    USED_UP = "used up"
    DRAFT = "draft"
    VOID = "void"
    REPLACED = "replaced"
    CONFIRMING = "being confirmed"
    UNKNOWN = "unknown"


SENTENCES = {
    PayState.PAYABLE: "",
    PayState.ON_ITS_WAY: "The way to pay is being prepared. This page will show it in a moment.",
    PayState.PENDING: "Your bank payment is on its way. This can take a few days; there is nothing more to do.",
    PayState.PAID: "This invoice is paid. Thank you.",
    PayState.REFUNDED: "Your payment was given back. Nothing is to be paid on this invoice.",
    PayState.PARTLY_REFUNDED: (
        "A part of your payment was given back. There is nothing to do; the practice writes to you if that changes."
    ),
    PayState.NOT_ONLINE: "This invoice cannot be paid online. Please pay as it says, or ask the practice.",
    PayState.HELD_BACK: "This invoice cannot be paid online just now. Please ask the practice, or look again later.",
    PayState.USED_UP: (
        "The way to pay this invoice online was opened too many times, so it is offered no more. If you have paid,"
        " there is nothing to do. Else please ask the practice for a new way to pay."
    ),
    PayState.DRAFT: "This invoice is not ready yet. The practice will write to you.",
    PayState.VOID: "This invoice was withdrawn. There is nothing to pay; please use the newest letter you have.",
    PayState.REPLACED: "This invoice was replaced by a corrected one. Please use the newest letter you have.",
    PayState.CONFIRMING: "Thank you. Your payment is being confirmed; this page will show it in a moment.",
    PayState.UNKNOWN: "There is no invoice under this address. Please use the link in your newest letter.",
}
NOTHING_DUE = frozenset({PayState.PAID, PayState.REFUNDED, PayState.PARTLY_REFUNDED})
PART_PAID = "A part of this invoice is paid. The amount due is what is left."
NOT_REAL = "Demonstration. No money moves."


@dataclass(frozen=True, slots=True)
class PayLine:
    description: str
    service_date: str
    quantity: str
    total: str


@dataclass(frozen=True, slots=True)
class PayPage:
    """Everything as text ready to be shown. For a draft, a void or an unknown invoice only `state` and `sentence` (and
    the practice to ask) are filled in. `figure`: the amount that counts now, and its name; `badge` is "" while money is
    due; `paid`: all that came. `url`: our own address that leads on to the gateway, only while it can be paid."""

    state: PayState
    sentence: str
    banner: str = ""
    practice_name: str = ""
    practice_email: str = ""
    practice_phone: str = ""
    number: str = ""
    issue_date: str = ""
    due_date: str = ""
    lines: tuple[PayLine, ...] = ()
    subtotal: str = ""
    discount: str = ""
    tax: str = ""
    total: str = ""
    paid: str = ""
    refunded: str = ""
    due: str = ""
    badge: str = ""
    figure_name: str = ""
    figure: str = ""
    url: str = ""
    invoice_document_id: int | None = None
    receipt_document_id: int | None = None


def pay_page(db: Session, desk: Desk, *, token: object) -> PayPage:
    """The page behind a token; a calm sentence for every token that leads nowhere. Diagnoses are never on it."""
    invoice = _invoice(db, token)
    if invoice is None:
        return PayPage(PayState.UNKNOWN, SENTENCES[PayState.UNKNOWN])
    practice = db.get_one(Practice, invoice.practice_id)
    if invoice.status != DocumentStatus.ISSUED:
        state = PayState.DRAFT if invoice.status == DocumentStatus.DRAFT else _withdrawn(db, invoice)
        return PayPage(state, SENTENCES[state], **_asked_at(practice))
    return _issued_page(db, desk, invoice, practice)


def _invoice(db: Session, token: object) -> Invoice | None:
    """A claim is between practice and insurer: its token opens nothing."""
    if not isinstance(token, str) or not token or not (token.isascii() and token.isprintable()):
        return None
    found = db.exec(select(Invoice).where(Invoice.pay_token == token)).first()
    return found if found and found.payment_type != PaymentType.INSURANCE else None


def _withdrawn(db: Session, invoice: Invoice) -> PayState:
    """Replaced where the same session has been billed again."""
    query = select(Invoice.id).where(
        Invoice.appointment_id == invoice.appointment_id, Invoice.status == DocumentStatus.ISSUED
    )
    is_replaced = invoice.appointment_id is not None and db.exec(query).first() is not None
    return PayState.REPLACED if is_replaced else PayState.VOID


def came_back(db: Session, desk: Desk, *, token: object) -> None:
    """The gateway sent the payer back to us: the link is asked what became of it, once a minute at most. What stands in
    the address is no proof and is not even read."""
    _have_it_asked(db, desk, payable_request(db, token), RETURN)


def came_back_to(db: Session, desk: Desk, *, request_uuid: object) -> None:
    """The same, of whoever came back in a browser that does not know the invoice. They may know no more than the
    address, so the invoice's page goes on as if nobody had come."""
    _have_it_asked(db, desk, payable_request(db, _token_behind(db, request_uuid)), STRANGER)


def _have_it_asked(db: Session, desk: Desk, request: PaymentRequest | None, who: str) -> None:
    if request is not None and request.provider_ref:
        enqueue_about(db, desk, request, "check_link", _check_key(request, who, desk.now()))


def is_to_be_asked(db: Session, desk: Desk, *, request_uuid: object) -> bool:
    """Whether coming back would have the link asked now: it is open, and was not asked in this minute."""
    request = payable_request(db, _token_behind(db, request_uuid))
    return request is not None and not outbox.payload_of(db, _check_key(request, STRANGER, desk.now()))


def _token_behind(db: Session, request_uuid: object) -> str:
    """Of the invoice that a request is for; "" for none."""
    if not isinstance(request_uuid, str) or not (request_uuid.isascii() and request_uuid.isprintable()):
        return ""
    query = select(Invoice.pay_token).join(PaymentRequest, col(PaymentRequest.invoice_id) == Invoice.id)
    return db.exec(query.where(PaymentRequest.request_uuid == request_uuid)).first() or ""


def press(invoice: Invoice) -> str:
    """Where a press on Pay goes: the way to the gateway leads through our own address, which lets the payer's browser
    find back to this page."""
    return f"/pay/{invoice.pay_token}/now"


@dataclass(frozen=True, slots=True)
class WayToPay:
    """`url`: the gateway's page; "" where every visit there begins with a page of its own."""

    request_uuid: str
    url: str


def way_to_pay(db: Session, *, token: object) -> WayToPay | None:
    """None where the page behind the token would not offer to pay."""
    request = payable_request(db, token)
    if request is None:
        return None
    is_ours = request.url.endswith(f"/pay/{token}/now")
    return WayToPay(request.request_uuid, "" if is_ours else request.url)


def first_opened(db: Session, _desk: Desk, *, token: object) -> Invoice | None:
    """The issued invoice whose page nobody is noted to have looked at yet."""
    invoice = _invoice(db, token)
    if invoice is None or invoice.status != DocumentStatus.ISSUED:
        return None
    known = select(TimelineEntry.id).where(TimelineEntry.invoice_id == invoice.id, TimelineEntry.what == OPENED)
    return invoice if db.exec(known.limit(1)).first() is None else None


def note_opened(db: Session, desk: Desk, *, token: object) -> None:
    """Once, that somebody without a sign-in here has looked at the page."""
    if (invoice := _invoice(db, token)) is None:
        return
    db.exec(select(Invoice.id).where(Invoice.id == invoice.id).with_for_update())
    if first_opened(db, desk, token=token) is not None:
        timeline.note(db, desk, practice_id=invoice.practice_id, who=CLIENT, what=OPENED, invoice_id=invoice.id)
        desk.tell(invoice.practice_id)


def _check_keys(request: PaymentRequest, who: str) -> str:
    """What the keys of all looks at this link after such a person came back begin with."""
    return f"check/{request.request_uuid}/{who}/"


def _check_key(request: PaymentRequest, who: str, now: datetime) -> str:
    return f"{_check_keys(request, who)}{now:%Y%m%d%H%M}"


def _is_being_confirmed(db: Session, request: PaymentRequest) -> bool:
    """Somebody who knows the invoice came back from the gateway and it has not been asked yet. Nobody is invited to pay
    in that moment."""
    start = _check_keys(request, RETURN)
    query = select(OutboxRow.id).where(
        col(OutboxRow.key).between(start, f"{start}~"), col(OutboxRow.done_at).is_(None), OutboxRow.attempts < 3
    )
    return db.exec(query.limit(1)).first() is not None


def _asked_at(practice: Practice) -> dict[str, Any]:
    return {
        "practice_name": practice.name,
        "practice_email": practice.email,
        "practice_phone": practice.phone,
    }


@dataclass(frozen=True, slots=True)
class _Money:
    """In minor units. `paid`: less what went back."""

    paid: int
    refunded: int
    due: int
    given_back: GivenBack


def _money(db: Session, invoice: Invoice) -> _Money:
    query: Any = sa.select(paid_minor(), refunded_minor(), due_minor(), given_back()).select_from(Invoice)
    paid, refunded, due, went_back = db.execute(query.where(col(Invoice.id) == invoice.id)).one()
    return _Money(int(paid or 0), int(refunded or 0), max(0, int(due)), GivenBack(went_back))


def _issued_page(db: Session, desk: Desk, invoice: Invoice, practice: Practice) -> PayPage:
    style = style_for(db, desk, invoice.practice_id).in_currency(invoice.currency)
    invoice_id = cast(int, invoice.id)
    money = _money(db, invoice)
    request = _newest_request(db, invoice_id)
    state = _state(db, invoice, money, request)
    return PayPage(
        state=state,
        sentence=PART_PAID if state is PayState.PAYABLE and money.paid else SENTENCES[state],
        banner="" if invoice.mode == Mode.LIVE else NOT_REAL,
        **_asked_at(practice),
        number=invoice.number_text,
        issue_date=short(invoice.issue_date) if invoice.issue_date else "",
        due_date=short(invoice.due_date) if invoice.due_date and state not in NOTHING_DUE else "",
        lines=_lines(db, invoice_id, style),
        **_totals(invoice, money, style),
        **_figure(invoice, money, state, style),
        url=press(invoice) if state is PayState.PAYABLE else "",
        invoice_document_id=_document(db, invoice_id, "invoice"),
        receipt_document_id=_document(db, invoice_id, "receipt"),
    )


def _totals(invoice: Invoice, money: _Money, style: PracticeStyle) -> dict[str, Any]:
    came = money.paid + money.refunded
    return {
        "subtotal": style.amount(invoice.subtotal_minor),
        "discount": style.amount(-invoice.discount_minor) if invoice.discount_minor else "",
        "tax": style.amount(invoice.tax_minor) if invoice.tax_minor else "",
        "total": style.amount(invoice.total_minor),
        "paid": style.amount(came) if came else "",
        "refunded": style.amount(-money.refunded) if money.refunded else "",
        "due": style.amount(money.due),
    }


def _figure(invoice: Invoice, money: _Money, state: PayState, style: PracticeStyle) -> dict[str, str]:
    """The largest figure of the page: what is due, else what came or went back."""
    name, minor, badge = "Amount due", money.due, ""
    if state is PayState.PAID:
        name, minor, badge = "Paid", invoice.total_minor, "Paid"
    elif state in NOTHING_DUE:
        name, minor = "Given back", money.refunded
        badge = "Refunded" if state is PayState.REFUNDED else "Partly refunded"
    return {"figure_name": name, "figure": style.amount(minor), "badge": badge}


def _state(db: Session, invoice: Invoice, money: _Money, request: PaymentRequest | None) -> PayState:
    if money.paid >= invoice.total_minor:
        return PayState.PAID
    if _is_pending(db, cast(int, invoice.id)):
        return PayState.PENDING
    is_open = request is not None and request.state in LIVE_STATES
    if money.given_back and not is_open:
        return PayState.REFUNDED if money.given_back is GivenBack.ALL else PayState.PARTLY_REFUNDED
    if request is None or invoice.payment_type != PaymentType.ONLINE:
        return PayState.NOT_ONLINE
    is_held = request.last_error == OFF or is_lost(db, request.request_uuid) or _is_never_real(invoice, request)
    if is_open and is_held:
        return PayState.HELD_BACK
    if request.state == RequestState.ACTIVE and request.last_error:
        return PayState.USED_UP
    if request.state == RequestState.ACTIVE and request.amount_minor == money.due:
        return PayState.CONFIRMING if _is_being_confirmed(db, request) else PayState.PAYABLE
    return PayState.ON_ITS_WAY if is_open else PayState.NOT_ONLINE


def _is_never_real(invoice: Invoice, request: PaymentRequest) -> bool:
    """A link for real money that an earlier version opened where a page cannot be cancelled."""
    return invoice.mode == Mode.LIVE and request.provider in CANNOT_CANCEL


def payable_request(db: Session, token: object) -> PaymentRequest | None:
    """The open link behind a token; None where the page behind it would not offer to pay."""
    invoice = _invoice(db, token)
    if invoice is None or invoice.status != DocumentStatus.ISSUED:
        return None
    request = _newest_request(db, cast(int, invoice.id))
    return request if _state(db, invoice, _money(db, invoice), request) is PayState.PAYABLE else None


def _newest_request(db: Session, invoice_id: int) -> PaymentRequest | None:
    query = select(PaymentRequest).where(PaymentRequest.invoice_id == invoice_id)
    return db.exec(query.order_by(col(PaymentRequest.id).desc()).limit(1)).first()


def _is_pending(db: Session, invoice_id: int) -> bool:
    query = select(Payment.id).where(Payment.invoice_id == invoice_id, Payment.state == "pending")
    return db.exec(query.limit(1)).first() is not None


def _lines(db: Session, invoice_id: int, style: PracticeStyle) -> tuple[PayLine, ...]:
    query = select(InvoiceLine).where(InvoiceLine.invoice_id == invoice_id).order_by(col(InvoiceLine.position))
    return tuple(
        PayLine(
            description=line.description,
            service_date=short(line.service_date),
            quantity=style.quantity(line.quantity),
            total=style.amount(line.net_minor),
        )
        for line in db.exec(query)
    )


def _document(db: Session, invoice_id: int, kind: str) -> int | None:
    query = select(Document.id).where(Document.invoice_id == invoice_id, Document.kind == kind)
    return db.exec(query.order_by(col(Document.position).desc()).limit(1)).first()
