"""The tables: columns and constraints, nothing else."""

from trova_app.models.appointments import Appointment, CareService, CompletionDraft, ServiceLine
from trova_app.models.clients import Client, ClientDiagnosis, Scheme, SchemeRate
from trova_app.models.imports import WaitingFile
from trova_app.models.invoices import (
    Document,
    Invoice,
    InvoiceDiagnosis,
    InvoiceLine,
    InvoiceTax,
    NumberSeries,
    TimelineEntry,
)
from trova_app.models.outbox import Mail, OutboxRow
from trova_app.models.payments import (
    Dispute,
    DisputeState,
    GatewayAccount,
    Payment,
    PaymentRequest,
    ProviderEvent,
    Refund,
    RefundState,
    RequestState,
    ReviewItem,
    SweepTurn,
    WebhookEndpoint,
)
from trova_app.models.practice import Member, Mode, Practice, SignIn, SignInAttempt, TaxRate

__all__ = [
    "Appointment",
    "CareService",
    "Client",
    "ClientDiagnosis",
    "CompletionDraft",
    "Dispute",
    "DisputeState",
    "Document",
    "GatewayAccount",
    "Invoice",
    "InvoiceDiagnosis",
    "InvoiceLine",
    "InvoiceTax",
    "Mail",
    "Member",
    "Mode",
    "NumberSeries",
    "OutboxRow",
    "Payment",
    "PaymentRequest",
    "Practice",
    "ProviderEvent",
    "Refund",
    "RefundState",
    "RequestState",
    "ReviewItem",
    "Scheme",
    "SchemeRate",
    "ServiceLine",
    "SignIn",
    "SignInAttempt",
    "SweepTurn",
    "TaxRate",
    "TimelineEntry",
    "WaitingFile",
    "WebhookEndpoint",
]
