"""Documents and their money: payment types, document status, and the words derived from both."""

from datetime import date
from enum import StrEnum


class PaymentType(StrEnum):
    """Chosen at completion: who pays, and how."""

    ONLINE = "online"
    OTHER = "other"
    INSURANCE = "insurance"


class DocumentStatus(StrEnum):
    """draft -> issued -> void, never back. Whether it is paid is another question."""

    DRAFT = "draft"
    ISSUED = "issued"
    VOID = "void"


class PaymentMethod(StrEnum):
    CASH = "cash"
    BANK_TRANSFER = "bank_transfer"
    CARD_MACHINE = "card_machine"
    ONLINE = "online"
    MEDICAL_AID = "medical_aid"


METHOD_WORDS = {
    PaymentMethod.CASH: "Cash",
    PaymentMethod.BANK_TRANSFER: "Bank transfer",
    PaymentMethod.CARD_MACHINE: "Card machine",
    PaymentMethod.ONLINE: "Online payment",
    PaymentMethod.MEDICAL_AID: "Medical aid",
}


class Label(StrEnum):
    """What the screen says: derived from document status, payments and dates; never stored."""

    DRAFT = "Draft"
    SENT = "Sent"
    READY_TO_CLAIM = "Ready to claim"
    PARTLY_PAID = "Partly paid"
    PAID = "Paid"
    PARTLY_REFUNDED = "Partly refunded"
    REFUNDED = "Refunded"
    OVERDUE = "Overdue"
    VOID = "Void"


class GivenBack(StrEnum):
    """What went back of an invoice that was paid in full once: what is missing since then nobody is expected to pay. Of
    one that never was, what was given back is simply still owed, and it counts as nothing."""

    NOTHING = ""
    PART = "part"
    ALL = "all"


def label_of(
    status: DocumentStatus,
    payment_type: PaymentType,
    total_minor: int,
    paid_minor: int,
    given_back: GivenBack,
    is_submitted: bool,
    due_date: date | None,
    today: date,
) -> Label:
    """Amounts in minor units; `is_submitted`: mailed to the insurer or marked so; `due_date` None before issue."""
    if status is DocumentStatus.DRAFT:
        return Label.DRAFT
    if status is DocumentStatus.VOID:
        return Label.VOID
    if paid_minor >= total_minor:
        return Label.PAID
    if paid_minor > 0:
        return Label.PARTLY_REFUNDED if given_back is GivenBack.PART else Label.PARTLY_PAID
    if given_back is GivenBack.ALL:
        return Label.REFUNDED
    if payment_type is PaymentType.INSURANCE:
        return Label.SENT if is_submitted else Label.READY_TO_CLAIM
    return Label.OVERDUE if due_date is not None and due_date < today else Label.SENT


class Series(StrEnum):
    """Each series is numbered without gaps, for each practice apart."""

    INVOICE = "invoice"
    RECEIPT = "receipt"


def number_text(prefix: str, series: Series, number: int) -> str:
    """ "DEMO-0042"; receipts "DEMO-R0042". Four digits at least."""
    return f"{prefix}-{'R' if series is Series.RECEIPT else ''}{number:04d}"
