"""Whose form an address shows."""

from trova_app import routes
from trova_app.domain.refusals import Refusal
from trova_app.services import completion
from trova_app.wiring import ask


def number_in(text: object) -> int:
    """The id in the address, 0 for anything that is none."""
    return int(text) if isinstance(text, str) and text.isascii() and text.isdigit() and len(text) < 16 else 0


def page_of(aid: object, iid: object) -> str:
    return f"{routes.appointment(number_in(aid))}/complete" if aid else routes.invoice(number_in(iid))


async def wanted_of(aid: object, iid: object) -> int:
    """The appointment whose form this address shows: its own page, or the page of its Draft in Billing. 0: none."""
    if aid:
        return number_in(aid)
    try:
        return await ask(completion.appointment_of_draft, invoice_id=number_in(iid))
    except Refusal:
        return 0
