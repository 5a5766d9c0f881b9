"""The letters that carry documents. What the person was treated for stays in the PDF: a letter names the document, the
practice and the money, never a diagnosis or a service."""

from dataclasses import dataclass
from html import escape

from trova_app.domain.documents import DocumentContent, DocumentKind, long_date, money_text
from trova_app.domain.invoices import GivenBack

ACCENT = "#0f5f59"
WENT_BACK = {
    GivenBack.ALL: "What was paid on this invoice was given back. There is nothing to pay.",
    GivenBack.PART: "A part of what was paid on this invoice was given back. There is nothing to pay.",
}
NOT_REAL = "This is a demonstration: the document is not real and there is nothing to pay."


@dataclass(frozen=True)
class Letter:
    """Subject on one line, and the same letter as plain text and as HTML."""

    subject: str
    text: str
    html: str


@dataclass(frozen=True)
class _Parts:
    """A letter before it is written out: paragraphs, figures as (label, value), and where to pay."""

    greeting: str
    opening: str
    figures: tuple[tuple[str, str], ...]
    closing: str = ""
    pay_url: str = ""


def invoice_letter(
    content: DocumentContent, pay_url: str | None, due: int | None = None, *, given_back: GivenBack = GivenBack.NOTHING
) -> Letter:
    """To the client: the invoice is attached, this is due, pay here. `due`: what is due when the letter is written, in
    minor units; None for what the document says. `given_back`: it was paid once, and that since. Raises
    ValueError for a draft, another kind of document or a pay url that is no web address."""
    _must_be(content, "invoice")
    due = content.due if due is None else due
    is_payable = due > 0 and bool(pay_url)
    parts = _Parts(
        greeting=f"Dear {content.client.name}",
        opening=f"{_document(content)} from {content.practice.name} is attached.",
        figures=_what_is_due(content, due),
        closing=WENT_BACK.get(given_back) or _how_to_pay(content, due, is_payable),
        pay_url=_web_address(pay_url) if is_payable and pay_url else "",
    )
    return _letter(content, parts)


def receipt_letter(content: DocumentContent) -> Letter:
    """To the client: we received this, with thanks. Raises ValueError for a draft or another kind of document."""
    _must_be(content, "receipt")
    parts = _Parts(
        greeting=f"Dear {content.client.name}",
        opening=f"Thank you for your payment. {_document(content)} from {content.practice.name} is attached.",
        figures=_figures(
            ("Received", _money(content, content.paid)),
            ("Still due", _money(content, content.due) if content.due > 0 else ""),
        ),
    )
    return _letter(content, parts)


def insurer_letter(content: DocumentContent) -> Letter:
    """To the scheme's claims address. The member and the patient are named in the PDF only. Raises ValueError for a
    draft or another kind of document."""
    _must_be(content, "insurer_invoice")
    parts = _Parts(
        greeting="Dear claims department",
        opening=f"{_document(content)} from {content.practice.name} is attached for your assessment.",
        figures=_figures(
            ("Practice number", content.practice.practice_number),
            ("Total", _money(content, content.total)),
            ("Submit by", _date(content.submit_by)),
        ),
        closing="The attached document carries all the particulars of the claim. Please answer to this address.",
    )
    return _letter(content, parts)


def _must_be(content: DocumentContent, kind: DocumentKind) -> None:
    if content.kind != kind:
        raise ValueError(f"This letter carries a document of kind {kind}, not {content.kind}")
    if not content.number:
        raise ValueError("A draft has no number and is not sent")


def _web_address(url: str) -> str:
    if not url.startswith(("https://", "http://")) or any(c.isspace() for c in url):
        raise ValueError("A pay url is a web address")
    return url


def _document(content: DocumentContent) -> str:
    return f"{content.title} {content.number} of {long_date(content.issue_date)}"


def _what_is_due(content: DocumentContent, due: int) -> tuple[tuple[str, str], ...]:
    if due <= 0:
        return _figures(("Total", _money(content, content.total)), ("Amount due", _money(content, 0)))
    return _figures(("Amount due", _money(content, due)), ("Due by", _date(content.due_date)))


def _how_to_pay(content: DocumentContent, due: int, is_payable: bool) -> str:
    if due <= 0:
        return "This invoice is paid. There is nothing left to pay."
    if is_payable:
        return ""
    return "The ways to pay are on the attached document." if content.practice.bank_details else ""


def _letter(content: DocumentContent, parts: _Parts) -> Letter:
    return Letter(_subject(content), _text(content, parts), _html(content, parts))


def _subject(content: DocumentContent) -> str:
    mark = "" if content.is_real else f"[{content.mode.upper()}] "
    return _one_line(f"{mark}{content.title} {content.number} from {content.practice.name}")


def _one_line(text: str) -> str:
    """One line, readable as written: "=?" would start an encoded word in a mail header."""
    text = text.replace("=?", "= ?")
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def _text(content: DocumentContent, parts: _Parts) -> str:
    figures = "\n".join(f"{label}: {value}" for label, value in parts.figures)
    pay = f"Pay online: {parts.pay_url}" if parts.pay_url else ""
    mark = "" if content.is_real else NOT_REAL
    signature = "\n".join(["Kind regards", *_signature(content)])
    blocks = [mark, f"{_one_line(parts.greeting)},", _one_line(parts.opening), figures, pay, parts.closing, signature]
    return "\n\n".join(block for block in blocks if block) + "\n"


def _html(content: DocumentContent, parts: _Parts) -> str:
    """A table of one column with inline styles: what mail programs agree on. Every value is escaped."""
    cells = [
        "" if content.is_real else _paragraph(NOT_REAL, "color:#8a5300;font-weight:600"),
        _paragraph(f"{parts.greeting},"),
        _paragraph(parts.opening),
        _figure_table(parts.figures),
        _button(parts.pay_url) if parts.pay_url else "",
        _paragraph(parts.closing) if parts.closing else "",
        f'<p style="margin:24px 0 0">Kind regards<br>{"<br>".join(escape(line) for line in _signature(content))}</p>',
    ]
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        f"<title>{escape(_subject(content))}</title></head>"
        '<body style="margin:0;padding:0;background:#f3f7f6">'
        '<table role="presentation" width="100%" cellpadding="0" cellspacing="0"><tr><td align="center" '
        'style="padding:32px 16px"><table role="presentation" width="560" cellpadding="0" cellspacing="0" '
        'style="max-width:560px;width:100%;background:#ffffff;border-radius:8px"><tr><td style="padding:32px;'
        "font-family:Inter,'Segoe UI',Helvetica,Arial,sans-serif;font-size:15px;line-height:1.5;color:#10211f\">"
        f"{''.join(cells)}</td></tr></table></td></tr></table></body></html>"
    )


def _paragraph(text: str, style: str = "") -> str:
    return f'<p style="margin:0 0 16px;{style}">{escape(_one_line(text))}</p>'


def _figure_table(figures: tuple[tuple[str, str], ...]) -> str:
    rows = "".join(
        f'<tr><td style="padding:4px 24px 4px 0;color:#586866">{escape(label)}</td>'
        f'<td style="padding:4px 0;font-weight:600;white-space:nowrap">{escape(value)}</td></tr>'
        for label, value in figures
    )
    return f'<table cellpadding="0" cellspacing="0" style="margin:0 0 24px;font-size:15px">{rows}</table>'


def _button(url: str) -> str:
    return (
        f'<p style="margin:0 0 24px"><a href="{escape(url)}" style="display:inline-block;padding:12px 24px;'
        f'background:{ACCENT};color:#ffffff;text-decoration:none;border-radius:6px;font-weight:600">Pay online</a></p>'
        f'<p style="margin:0 0 16px;font-size:13px;color:#586866;word-break:break-all">Or open {escape(url)}</p>'
    )


def _signature(content: DocumentContent) -> list[str]:
    practice = content.practice
    return [_one_line(line) for line in (practice.name, practice.phone, practice.email) if line]


def _figures(*figures: tuple[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple((label, value) for label, value in figures if value)


def _money(content: DocumentContent, minor: int) -> str:
    return money_text(minor, content.money)


def _date(iso: str | None) -> str:
    return long_date(iso) if iso else ""
