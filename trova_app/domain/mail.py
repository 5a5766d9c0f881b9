"""A letter on its way out: one recipient, text and HTML, attachments. No header injection, by construction."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
from email.utils import format_datetime

# One plain mailbox: no spaces, lists, brackets, quotes or comments, so that one address can never become two.
MAILBOX = re.compile(r"""[^\s@<>(),;:"\\\[\]]+@[^\s@<>(),;:"\\\[\]]+""")
MIME_TYPE = re.compile(r"[a-z]+/[a-z0-9.+-]+")
LINE_BREAKING = {"Cc", "Cs", "Zl", "Zp"}
# The email package decodes this in values we set, and a decoded value may hold line breaks: =?utf-8?q?a=0D=0ABcc:_x?=
ENCODED_WORD = "=?"


@dataclass(frozen=True)
class OutgoingMail:
    """One mail. `message_id` is the caller's, kept over retries; attachments are (filename, mime type, bytes).

    Raises ValueError when a header value holds a line break, control character or encoded word, or an address is not
    one mailbox.
    """

    message_id: str
    sender_name: str
    sender_email: str
    to: str
    subject: str
    text: str
    html: str
    attachments: tuple[tuple[str, str, bytes], ...] = ()
    reply_to: str = ""

    def __post_init__(self) -> None:
        for name in ("message_id", "sender_name", "sender_email", "to", "subject", "reply_to"):
            _must_be_one_line(name, getattr(self, name))
        for name in ("sender_email", "to"):
            _must_be_mailbox(name, getattr(self, name))
        if self.reply_to:
            _must_be_mailbox("reply_to", self.reply_to)
        _must_be_mailbox("message_id", self.message_id.removeprefix("<").removesuffix(">"))
        for filename, mime, _ in self.attachments:
            _must_be_one_line("filename", filename)
            _must_be(bool(MIME_TYPE.fullmatch(mime)), "An attachment needs a mime type such as application/pdf")


class MailRefused(Exception):
    """The mail did not go out. `permanent`: trying again cannot help. `reason` names no person and no address."""

    def __init__(self, permanent: bool, reason: str) -> None:
        super().__init__(reason)
        self.permanent = permanent
        self.reason = reason


def as_email(mail: OutgoingMail, sent_at: datetime) -> EmailMessage:
    """The mail as an RFC 5322 message: text and HTML alternatives, then the attachments."""
    is_ascii = all(address.isascii() for address in (mail.sender_email, mail.to, mail.reply_to))
    message = EmailMessage(policy=SMTP if is_ascii else SMTPUTF8)
    message["From"] = _mailbox(mail.sender_email, mail.sender_name)
    message["To"] = _mailbox(mail.to)
    if mail.reply_to:
        message["Reply-To"] = _mailbox(mail.reply_to)
    message["Subject"] = mail.subject
    message["Date"] = format_datetime(sent_at)
    message["Message-ID"] = f"<{mail.message_id.removeprefix('<').removesuffix('>')}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(mail.text, cte="quoted-printable")
    message.add_alternative(mail.html, subtype="html", cte="quoted-printable")
    for filename, mime, payload in mail.attachments:
        maintype, _, subtype = mime.partition("/")
        message.add_attachment(payload, maintype=maintype, subtype=subtype, filename=filename)
    return message


def _mailbox(address: str, name: str = "") -> Address:
    username, _, domain = address.partition("@")
    return Address(name, username, domain)


def _must_be_one_line(name: str, value: str) -> None:
    is_one_line = not any(unicodedata.category(character) in LINE_BREAKING for character in value)
    _must_be(is_one_line, f"{name} must be a single line without control characters")
    _must_be(ENCODED_WORD not in value, f"{name} must not contain {ENCODED_WORD}")


def _must_be_mailbox(name: str, value: str) -> None:
    _must_be(bool(MAILBOX.fullmatch(value)), f"{name} must be one plain address such as name@example.org")


def _must_be(is_right: bool, message: str) -> None:
    if not is_right:
        raise ValueError(message)
