"""One invoice or receipt and what may be done with it next."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import reflex as rx
from sqlmodel import Session

from trova_app import routes
from trova_app.domain.permissions import Principal
from trova_app.domain.refusals import NotFound, Refusal
from trova_app.services import appointments, billing, refunds, taken_back
from trova_app.services.given_back import RefundText
from trova_app.services.invoice_parts import DocumentText, PaymentText
from trova_app.services.invoice_view import InvoiceView, invoice_view
from trova_app.services.ports import Desk
from trova_app.services.practice_style import style_for
from trova_app.services.told_refunds import AlreadyTold, Answer
from trova_app.state import completion
from trova_app.state.faults import faults_of
from trova_app.state.live import Live
from trova_app.state.marks import handler, restores
from trova_app.state.one_page import OnePage, stands_at
from trova_app.wiring import act, ask

QUESTIONS = frozenset({"mark_paid", "mail_again", "mail_to_insurer", "mark_submitted", "reopen", "correct", "void"})
REFUND_FIELDS = ("amount", "reason", "note", "method", "given_on", "reference", "told", "seen")
CHOOSE = "Choose one of these."


def _today(db: Session, desk: Desk, who: Principal) -> date:
    return style_for(db, desk, who.practice_id).today


@stands_at(f"{routes.BILLING}/[iid]")
class InvoicePage(OnePage, rx.State):
    shown: InvoiceView | None = None
    problem: str = ""
    asking: str = ""  # the question in front of the page, one of QUESTIONS or ""
    refunding: PaymentText | None = None  # the payment the question "refund" is about
    taking_back: RefundText | None = None  # the refund the question "take_back" is about
    told: str = ""  # of what may be the same refund, where the person has to say whether it is
    answers: tuple[Answer, ...] = ()
    mailing: DocumentText | None = None  # the document the question "mail_again" is about
    faults: dict[str, str] = {}
    done: str = ""  # what was just done, in a sentence
    today: str = ""
    next_open: int = 0

    @handler
    async def load(self) -> None:
        await self._open(getattr(self, "iid", ""))

    @handler
    def question(self, what: str) -> None:
        self.asking = what if what in QUESTIONS else ""
        self.mailing = self.shown.documents[-1] if self.shown and self.shown.documents else None
        self.faults, self.done = {}, ""

    @handler
    def choose_document(self, chosen: str) -> None:
        given = self.shown.documents if self.shown else ()
        self.mailing = next((one for one in given if str(one.id) == chosen), self.mailing)

    @handler
    def ask_refund(self, payment_id: int) -> None:
        paid = self.shown.payments if self.shown else ()
        self.refunding = next((payment for payment in paid if payment.id == payment_id and payment.left), None)
        self.asking = "refund" if self.refunding else ""
        self.told, self.answers = "", ()
        self.faults, self.done = {}, ""

    @handler
    def ask_take_back(self, refund_id: int) -> None:
        back = self.shown.refunds if self.shown else ()
        self.taking_back = next((refund for refund in back if refund.id == refund_id and refund.may_take_back), None)
        self.asking = "take_back" if self.taking_back else ""
        self.faults, self.done = {}, ""

    @handler
    def close_question(self, is_open: bool) -> None:
        if is_open is not True:
            self.asking, self.faults = "", {}

    @handler
    def copied(self) -> None:
        self.done = "The address is copied."

    # -- acts

    @handler
    async def mark_paid(self, form: dict[str, Any]) -> None:
        names = ("amount", "method", "received_on", "reference", "recipient", "seen")
        await self._do("mark_paid", billing.mark_paid, mail_receipt=bool(_in(form, "mail_receipt")), **_of(form, names))

    @handler
    async def refund(self, form: dict[str, Any]) -> None:
        if self.refunding is not None:
            await self._act("refund", refunds.refund, payment_id=self.refunding.id, **_of(form, REFUND_FIELDS))

    @handler
    async def take_back(self, form: dict[str, Any]) -> None:
        if self.taking_back is not None:
            given = {"refund_id": self.taking_back.id, "reason": _in(form, "reason")}
            await self._act("take_back", taken_back.take_back, **given)

    @handler
    async def mail_again(self, form: dict[str, Any]) -> None:
        chosen = _in(form, "document")
        document_id = int(chosen) if chosen.isascii() and chosen.isdigit() and len(chosen) < 16 else 0
        await self._do("mail_again", billing.mail_again, document_id=document_id, recipient=_in(form, "recipient"))

    @handler
    async def mail_to_insurer(self, form: dict[str, Any]) -> None:
        await self._do("mail_to_insurer", billing.mail_to_insurer, recipient=_in(form, "recipient"))

    @handler
    async def mark_submitted(self, form: dict[str, Any]) -> None:
        await self._do("mark_submitted", billing.mark_submitted, on=_in(form, "submitted_on"))

    @handler
    async def reopen(self) -> Any:
        """The Draft is gone afterwards, so the way leads to its session."""
        appointment_id = self.shown.appointment_id if self.shown else None
        if appointment_id is None or self.asking != "reopen":
            return None
        try:
            await act(billing.reopen, appointment_id=appointment_id)
        except Refusal as refusal:
            self.faults = faults_of(refusal)
            return None
        self._clear()
        return rx.redirect(routes.appointment(appointment_id))

    @handler
    async def correct(self, form: dict[str, Any]) -> Any:
        """The way leads on to the Draft that takes its place."""
        if self.shown is None or self.asking != "correct":
            return None
        try:
            draft = await act(billing.correct_invoice, invoice_id=self.shown.id, reason=_in(form, "reason"))
        except Refusal as refusal:
            self.faults = faults_of(refusal)
            return None
        self._clear()
        return rx.redirect(routes.invoice(draft.invoice_id))

    @handler
    async def void(self, form: dict[str, Any]) -> None:
        await self._do("void", billing.void_invoice, reason=_in(form, "reason"))

    async def _do(self, what: str, service: Any, **kw: object) -> None:
        if self.shown:
            await self._act(what, service, invoice_id=self.shown.id, **kw)

    async def _act(self, what: str, service: Any, **kw: object) -> None:
        """Only while its question stands in front of the page: a second press, or one sent again, does nothing."""
        if self.asking != what:
            return
        try:
            finished = await act(service, **kw)
        except AlreadyTold as asked:
            self.faults = {"told": CHOOSE} if self.told == asked.sentence else {}
            self.told, self.answers = asked.sentence, asked.answers
            return
        except Refusal as refusal:
            self.faults = faults_of(refusal)
            return
        self.asking, self.faults, self.done = "", {}, finished.sentence
        await self._read()

    async def _open(self, given: object) -> None:
        if given != self._id:
            self._clear()
        self._id = given
        await self._read()

    async def _read(self) -> None:
        self._version = (await self.get_state(Live)).version
        try:
            self.shown, self.problem = await ask(invoice_view, invoice_id=self._id), ""
        except NotFound as refusal:
            self._clear()
            self.problem = refusal.sentence
            return
        await (await self.get_state(completion.Completion))._find_kept(self.shown.appointment_id or 0)
        self.today = (await ask(_today)).isoformat()
        self.next_open = await ask(appointments.next_open) or 0

    def _clear(self) -> None:
        self.shown, self.refunding, self.mailing, self.faults, self.done = None, None, None, {}, ""
        self.asking, self.problem, self._id = "", "", 0
        self.taking_back, self.told, self.answers = None, "", ()


def _in(form: object, name: str) -> str:
    value = form.get(name, "") if isinstance(form, Mapping) else ""
    return value if isinstance(value, str) else str(value or "")


def _of(form: object, names: tuple[str, ...]) -> dict[str, str]:
    return {name: _in(form, name) for name in names}


@restores(f"{routes.BILLING}/[iid]")
async def restore(root: Any, params: Mapping[str, Any], secret: str) -> None:
    """The document, and where it is a Draft the form that stands on its page."""
    await completion.bring_back(root, params, secret)
    state = await root.get_state(InvoicePage)
    await state._open(params.get("iid", ""))
