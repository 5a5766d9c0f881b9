"""An issued invoice, a worker beside the database, and everything outside as something a test can look into."""

import threading
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from sqlmodel import Session, select

from tests import builders as a
from tests.conftest import NOON, Database
from trova_app.adapters.simulated import SimulatedGateway
from trova_app.domain.gateways import LinkSpec, NewEndpoint, OpenedLink, PaymentFact
from trova_app.domain.mail import OutgoingMail
from trova_app.models import (
    Client,
    Document,
    Invoice,
    InvoiceDiagnosis,
    InvoiceLine,
    OutboxRow,
    PaymentRequest,
    Practice,
)
from trova_app.outside import Outside
from trova_app.services import documents, gateway_accounts, gateway_webhooks, payments
from trova_app.services.ports import Desk
from trova_app.worker import Worker

ORIGIN = "http://localhost:3000"
SERVICE = "Psychotherapy for anxiety"
ICD = "F41.1"


@dataclass
class Case:
    practice_id: int
    invoice_id: int
    client_email: str
    token: str
    document_id: int
    owner: Any


def an_invoice(db: Session, desk: Desk, practice: Practice | None = None, **given: Any) -> Case:
    """An issued invoice over R 1 250,00 with its invoice document; `given` overrides the invoice's columns, `email` the
    client's address."""
    practice = practice or a.a_practice(db)
    owner = a.a_member(db, practice)
    client = a.a_client(db, practice, email=given.pop("email", "thandi@example.test"))
    appointment = a.an_appointment(
        db, client, a.a_service(db, practice, name=f"{SERVICE} {desk.new_token()[:6]}"), owner
    )
    columns = {
        "practice_id": practice.id,
        "appointment_id": appointment.id,
        "client_id": client.id,
        "payment_type": "online",
        "currency": practice.currency,
        "mode": "test",
        "service_date": date(2026, 3, 18),
        "prices_include_tax": True,
        "subtotal_minor": 125000,
        "net_minor": 125000,
        "total_minor": 125000,
        "pay_token": desk.new_token(),
        "created_at": NOON,
        "created_by": owner.id,
    } | given
    status = columns.pop("status", "issued")
    invoice = Invoice(**columns)
    db.add(invoice)
    db.flush()
    _add_lines(db, invoice)
    if status == "draft":
        return _case(invoice, client, 0, owner)
    number = 1 + len(
        db.exec(select(Invoice.id).where(Invoice.practice_id == practice.id, Invoice.status != "draft")).all()
    )
    invoice.status, invoice.number, invoice.number_text = "issued", number, f"KHA-{number:04d}"
    invoice.issue_date, invoice.due_date = date(2026, 3, 18), date(2026, 4, 1)
    db.flush()
    kind = "insurer_invoice" if invoice.payment_type == "insurance" else "invoice"
    document = documents.give_out(db, desk, invoice, kind)
    return _case(invoice, client, document.id, owner)


def _add_lines(db: Session, invoice: Invoice) -> None:
    total = invoice.total_minor
    db.add(
        InvoiceLine(
            practice_id=invoice.practice_id,
            invoice_id=invoice.id,
            position=1,
            service_date=date(2026, 3, 18),
            code="86205",
            description=SERVICE,
            quantity=1000,
            unit_price=total * 100,
            gross_minor=total,
            net_minor=total,
            icd_codes=ICD,
        )
    )
    diagnosis = {"practice_id": invoice.practice_id, "invoice_id": invoice.id, "position": 1}
    db.add(InvoiceDiagnosis(**diagnosis, code=ICD, description="Generalized anxiety disorder"))
    db.flush()


def _case(invoice: Invoice, client: Client, document_id: int | None, owner: Any) -> Case:
    return Case(invoice.practice_id, invoice.id, client.email, invoice.pay_token, document_id or 0, a.principal(owner))


def letter(case: Case, kind: str = "invoice") -> dict[str, Any]:
    return {
        "document_id": case.document_id,
        "kind": kind,
        "recipient": case.client_email,
        "key": f"letter/{case.document_id}",
    }


def asked_to_pay(database: Database, gateway: str = "simulated", **given: Any) -> Case:
    """An issued invoice whose link and letter are wanted but not done."""
    desk = database.desk()
    desk.gateway = gateway
    with database.act(desk) as (db, desk):
        case = an_invoice(db, desk, **given)
        payments.open_request(db, desk, db.get_one(Invoice, case.invoice_id), then=letter(case))
    return case


@dataclass
class Mailbox:
    """A mail server that takes what it is given, or raises the next trouble of `troubles`."""

    mails: list[OutgoingMail] = field(default_factory=list)
    troubles: list[Exception] = field(default_factory=list)

    async def send(self, mail: OutgoingMail) -> None:
        if self.troubles:
            raise self.troubles.pop(0)
        self.mails.append(mail)


@dataclass
class Gate:
    """The simulated gateway, counting; raises the next trouble of `troubles` instead of opening."""

    inner: SimulatedGateway = field(default_factory=lambda: SimulatedGateway(ORIGIN, "test"))
    name: str = "simulated"
    asked: list[LinkSpec] = field(default_factory=list)
    troubles: list[Exception] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def open(self, spec: LinkSpec) -> OpenedLink:
        with self.lock:
            self.asked.append(spec)
            if self.troubles:
                raise self.troubles.pop(0)
        return self.inner.open(spec)

    def open_again(self, spec: LinkSpec, *, is_last_look: bool) -> OpenedLink:
        return self.open(spec)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)


def an_outside(**given: Any) -> Outside:
    """Nothing leaves: the simulated gateway, a press that prints the content's fingerprint, no mail server."""
    made = Outside(
        gateways={"simulated": Gate()},
        print_pdf=lambda content: b"%PDF-" + content.fingerprint().encode(),
        print_png=lambda content: b"\x89PNG" + content.fingerprint().encode(),
        send=None,
        mail_from="letters@khanya.example",
        endpoint_key=b"tests-only",
    )
    return replace(made, **given)


def a_worker(database: Database, outside: Outside | None = None, **given: Any) -> Worker:
    return Worker(outside or an_outside(), database.act, **given)


def only(db: Session, table: type) -> Any:
    return db.exec(select(table)).one()


def webhooks_set_up(db: Session, desk: Desk, who: Any, made: NewEndpoint = NewEndpoint("we_1", "whsec_1")) -> None:
    """As if the worker had asked the gateway for them."""
    gateway_webhooks.ask_for_webhooks(db, desk, who)
    account = gateway_accounts.account_for(db, who.practice_id)
    assert account and account.id
    gateway_webhooks.connected(db, desk, account.id, made)
    for row in db.exec(select(OutboxRow).where(OutboxRow.kind == gateway_webhooks.CONNECT)):
        row.done_at = desk.now()
    db.flush()


def a_fact(request: PaymentRequest, state: str = "succeeded", **given: Any) -> PaymentFact:
    said = {
        "provider": request.provider,
        "account_ref": request.account_ref,
        "provider_payment_id": f"pi_{request.request_uuid}",
        "instance": "here",
        "request_uuid": request.request_uuid,
        "amount_minor": request.amount_minor,
        "currency": request.currency,
        "state": state,
        "is_live": False,
    }
    return PaymentFact(**(said | given))


def documents_of(db: Session, invoice_id: int, kind: str) -> list[Document]:
    return list(db.exec(select(Document).where(Document.invoice_id == invoice_id, Document.kind == kind)))
