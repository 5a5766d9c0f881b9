"""Mail again: the same document once more, to the same or another address."""

from sqlmodel import Session

from trova_app.domain.permissions import Permission, Principal
from trova_app.domain.refusals import NotFound
from trova_app.models import Document
from trova_app.services import mailing, timeline
from trova_app.services.arguments import an_id
from trova_app.services.billing.addresses import must_be_address
from trova_app.services.billing.find import find_issued
from trova_app.services.billing.finish import Finished
from trova_app.services.ports import Desk


def mail_again(
    db: Session, desk: Desk, who: Principal, *, invoice_id: int, document_id: int, recipient: object
) -> Finished:
    """Never makes a second link: the letter carries the same one."""
    who.must(Permission.BILL)
    invoice = find_issued(db, who, invoice_id)
    document = db.get(Document, an_id(document_id, "document"))
    if document is None or document.invoice_id != invoice.id:
        raise NotFound("document")
    email = must_be_address(recipient, field="recipient")
    kind = {"insurer_invoice": "insurer"}.get(document.kind, document.kind)
    time = mailing.letters_wanted(db, document, email) + 1
    mailing.enqueue_letter(db, desk, invoice=invoice, payload=mailing.letter_payload(document, kind, email, time))
    what = f"{document.number_text} mailed again"
    timeline.note(db, desk, practice_id=who.practice_id, who=who.name, what=what, invoice_id=invoice_id)
    desk.tell(who.practice_id)
    return Finished(invoice_id, invoice.number_text, f"{document.number_text} is on its way to {email}.")
