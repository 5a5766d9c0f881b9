"""The words and figures of a document, ready to lay out: what typst/document.typ reads. Layout only over there, words
only here. Every text passes `printable`, so that no character of a name can break or disguise the page."""

import unicodedata
from base64 import b64decode
from io import BytesIO
from typing import Any

import segno

from trova_app.domain.documents import (
    BankDetail,
    DocumentContent,
    DocumentLine,
    Logo,
    Reference,
    amount_text,
    long_date,
    money_text,
    short_date,
)

NOT_REAL = "DEMO - no real document"
DRAFT = "Draft - not yet issued"
MINUS = "\u2212"
LOGO_FORMATS = {"image/png": "png", "image/jpeg": "jpg"}
# Invisible marks that reorder neighbouring text could make a document read otherwise than it is.
REORDERING = set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f")
UNPRINTABLE = {"Cc", "Cs", "Co", "Cn", "Zl", "Zp"}

Sheet = dict[str, Any]
LabelledRow = tuple[str, str]


def sheet(content: DocumentContent) -> Sheet:
    """Everything the template draws, as JSON-ready values: texts, lists of texts, byte lists for pictures."""
    number = content.number or ""
    drawn: Sheet = {
        "title": content.title,
        "number": number or "Draft",
        "document": f"{content.title} {number}".strip(),
        "mark": _mark(content),
        "banner": "Copy for the medical aid" if content.kind == "insurer_invoice" else "",
        "practice": _practice(content),
        "facts": _facts(content),
        "parties": [_practitioner(content), _client(content), *_scheme(content)],
        "headline": _headline(content),
        "shows": _columns(content),
        "amounts_in": f"Amounts in {content.currency}",
        "lines": [_line(content, line) for line in content.lines],
        "totals": _totals(content),
        "tax_name": content.tax_name,
        "tax_rows": [[row.rate, _amount(content, row.base), _amount(content, row.tax)] for row in content.taxes],
        "diagnoses": [[diagnosis.code, diagnosis.description] for diagnosis in content.diagnoses],
        "payments": [_payment(content, index) for index in range(len(content.payments))],
        "bank": [[detail.label, detail.value] for detail in _bank_details(content)],
        "bank_reference": number if content.kind != "receipt" else "",
        "note": content.note.splitlines(),
        "footer": " · ".join(_footer(content)),
    }
    return _printable_all(drawn) | {"logo": _logo(content.practice.logo), "pay": _pay(content)}


def printable(text: str) -> str:
    """The text on one line, without control, private-use or reordering characters. Letters of any script stay."""
    kept = (" " if c.isspace() and c != "\u00a0" else c for c in text if c.isspace() or _is_printable(c))
    return "".join(kept)


def _is_printable(character: str) -> bool:
    return unicodedata.category(character) not in UNPRINTABLE and character not in REORDERING


def _printable_all(value: Any) -> Any:
    if isinstance(value, str):
        return printable(value)
    if isinstance(value, dict):
        return {name: _printable_all(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [_printable_all(part) for part in value]
    return value


def _mark(content: DocumentContent) -> str:
    if not content.is_real:
        return NOT_REAL
    return "" if content.number else DRAFT


def _practice(content: DocumentContent) -> Sheet:
    practice = content.practice
    return {
        "name": practice.name,
        "address": list(practice.address),
        "contact": _filled([practice.phone, practice.email]),
        "numbers": _rows(("Practice no.", practice.practice_number), (_tax_label(content), practice.tax_number)),
    }


def _tax_label(content: DocumentContent) -> str:
    return f"{content.tax_name} no."


def _facts(content: DocumentContent) -> list[LabelledRow]:
    dates = _rows(
        ("Issued", long_date(content.issue_date)),
        ("Due", long_date(content.due_date) if content.due_date and content.kind == "invoice" else ""),
        ("Submit by", long_date(content.submit_by) if content.submit_by else ""),
    )
    return dates + [_labelled(reference) for reference in content.references]


def _practitioner(content: DocumentContent) -> Sheet:
    who = content.practitioner
    numbers = _rows(("Council no.", who.council_number), ("Practice no.", who.practice_number))
    label = "Treated by" if content.kind == "insurer_invoice" else "From"
    return {"label": label, "name": who.name, "plain": _filled([who.qualification]), "rows": numbers}


def _client(content: DocumentContent) -> Sheet:
    client = content.client
    born = _rows(("Born", long_date(client.birth_date) if client.birth_date else ""))
    label = "Patient" if content.kind == "insurer_invoice" else "To"
    return {"label": label, "name": client.name, "plain": _filled([*client.address, client.email]), "rows": born}


def _scheme(content: DocumentContent) -> list[Sheet]:
    scheme = content.scheme
    if scheme is None:
        return []
    rows = _rows(
        ("Member", scheme.member_name),
        ("Member no.", scheme.member_number),
        ("Dependant", scheme.dependant_code),
    )
    return [{"label": "Medical aid", "name": scheme.name, "plain": _filled([scheme.option]), "rows": rows}]


def _headline(content: DocumentContent) -> Sheet:
    if content.kind == "receipt":
        return _receipt_headline(content)
    if content.kind == "insurer_invoice":
        return {"figure": _money(content, content.total), "words": _claim_words(content), "tone": "due"}
    if content.due <= 0:
        return _settled_headline(content)
    due = f"due {long_date(content.due_date)}" if content.due_date else "due"
    return {"figure": _money(content, content.due), "words": due, "tone": "due"}


def _receipt_headline(content: DocumentContent) -> Sheet:
    received = f"{_money(content, content.paid)} received"
    if content.due > 0:
        rest = f"{received} · {_money(content, content.due)} still due"
        return {"figure": "Partly paid", "words": rest, "tone": "part"}
    return _settled_headline(content)


def _settled_headline(content: DocumentContent) -> Sheet:
    if not content.paid:
        return {"figure": _money(content, content.total), "words": "nothing to pay", "tone": "paid"}
    return {"figure": "Paid", "words": f"{_money(content, content.paid)} received, thank you", "tone": "paid"}


def _claim_words(content: DocumentContent) -> str:
    claimed = (
        "paid by the patient, to be refunded to the member" if content.due <= 0 else "claimed from the medical aid"
    )
    return f"{claimed}, submit by {long_date(content.submit_by)}" if content.submit_by else claimed


def _columns(content: DocumentContent) -> Sheet:
    return {
        "code": any(line.code for line in content.lines),
        "discount": any(line.discount for line in content.lines),
        "tax": bool(content.taxes) and (content.is_tax_invoice or content.tax != 0),
    }


def _line(content: DocumentContent, line: DocumentLine) -> Sheet:
    return {
        "date": short_date(line.service_date).replace(" ", "\u00a0"),
        "code": line.code,
        "description": line.description,
        "icd": ", ".join(line.icd),
        "quantity": line.quantity,
        "unit_price": line.unit_price,
        "discount": _amount(content, -line.discount) if line.discount else "",
        "tax_rate": line.tax_rate,
        "total": _amount(content, line.total),
    }


def _totals(content: DocumentContent) -> list[Sheet]:
    """Subtotal, discount and tax where there are any, the total, then what is paid and still due."""
    has_parts = bool(content.discount or (content.tax and not content.prices_include_tax))
    rows = [
        _total("Subtotal", _money(content, content.subtotal), has_parts),
        _total("Discount", _money(content, -content.discount), bool(content.discount)),
        _total(content.tax_name, _money(content, content.tax), bool(content.tax) and not content.prices_include_tax),
        _total("Total", _money(content, content.total), True, "total"),
        _total(_included(content), _money(content, content.tax), bool(content.tax) and content.prices_include_tax),
        _total("Paid", _money(content, -content.paid), bool(content.paid)),
        _total("Amount due", _money(content, content.due), True, "due"),
    ]
    return [row for row in rows if row["is_shown"]]


def _total(label: str, amount: str, is_shown: bool, weight: str = "plain") -> Sheet:
    return {"label": label, "amount": amount, "is_shown": is_shown, "weight": weight}


def _included(content: DocumentContent) -> str:
    return f"Includes {content.tax_name}"


def _payment(content: DocumentContent, index: int) -> list[str]:
    payment = content.payments[index]
    return [short_date(payment.date), payment.method, payment.reference, _money(content, payment.amount)]


def _bank_details(content: DocumentContent) -> tuple[BankDetail, ...]:
    return content.practice.bank_details if content.due > 0 else ()


def _footer(content: DocumentContent) -> list[str]:
    return _filled([content.practice.name, f"{content.title} {content.number or ''}".strip()])


def _pay(content: DocumentContent) -> Sheet | None:
    """The pay-online panel: never on an insurer's copy, never when nothing is due."""
    if content.kind == "insurer_invoice" or content.due <= 0 or not content.pay_url:
        return None
    url = printable(content.pay_url)
    shown = url.removeprefix("https://").removeprefix("http://")
    return {"url": url, "shown": shown, "qr": list(_qr(url)), "amount": _money(content, content.due)}


def _qr(url: str) -> bytes:
    picture = BytesIO()
    segno.make(url, error="m", micro=False).save(picture, kind="svg", border=0, dark="#10211f", xmldecl=False)
    return picture.getvalue()


def _logo(logo: Logo | None) -> Sheet | None:
    """None when the picture is not a PNG or JPEG in base64: a document is never held up by its logo."""
    if logo is None or logo.mime not in LOGO_FORMATS:
        return None
    try:
        return {"bytes": list(b64decode(logo.base64)), "format": LOGO_FORMATS[logo.mime]}
    except ValueError:
        return None


def _money(content: DocumentContent, minor: int) -> str:
    return (MINUS if minor < 0 else "") + money_text(abs(minor), content.money)


def _amount(content: DocumentContent, minor: int) -> str:
    return (MINUS if minor < 0 else "") + amount_text(abs(minor), content.money)


def _rows(*rows: LabelledRow) -> list[LabelledRow]:
    return [(label, value) for label, value in rows if value]


def _labelled(reference: Reference) -> LabelledRow:
    return reference.label, reference.value


def _filled(texts: list[str]) -> list[str]:
    return [text for text in texts if text.strip()]
