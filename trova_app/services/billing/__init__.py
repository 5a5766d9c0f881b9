"""Billing: a Draft, its issue, and what follows. One module for each act of the clinician."""

from trova_app.services.billing.claim import mail_to_insurer, mark_submitted
from trova_app.services.billing.finish import (
    ClosingAct,
    Finished,
    bill_insurer,
    finish,
    request_payment,
    save_draft,
    send_invoice,
    send_receipt,
)
from trova_app.services.billing.mail_again import mail_again
from trova_app.services.billing.mark_paid import mark_paid
from trova_app.services.billing.preview import preview
from trova_app.services.billing.reopen import reopen
from trova_app.services.billing.save import save_form
from trova_app.services.billing.void import correct_invoice, void_invoice

__all__ = [
    "ClosingAct",
    "Finished",
    "bill_insurer",
    "correct_invoice",
    "finish",
    "mail_again",
    "mail_to_insurer",
    "mark_paid",
    "mark_submitted",
    "preview",
    "reopen",
    "request_payment",
    "save_draft",
    "save_form",
    "send_invoice",
    "send_receipt",
    "void_invoice",
]
