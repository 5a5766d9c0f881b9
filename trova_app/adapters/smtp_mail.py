"""Mail over SMTP. Refusals are told apart: permanent ones are shown to the practice, temporary ones are tried again."""

import re
import ssl
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal
from urllib.parse import parse_qs, unquote, urlsplit

import aiosmtplib

from trova_app.domain.mail import MailRefused, OutgoingMail, as_email

TIMEOUT_SECONDS = 20.0
Tls = Literal["starttls", "ssl", "none"]
DEFAULT_PORTS: dict[str, int] = {"starttls": 587, "ssl": 465, "none": 25}
ENHANCED_CODE = re.compile(r"\b[245]\.\d{1,3}\.\d{1,3}\b")


@dataclass(frozen=True)
class MailServer:
    host: str
    port: int
    user: str | None
    password: str | None
    tls: Tls

    @classmethod
    def from_url(cls, url: str) -> "MailServer":
        """Read `smtp://user:pass@host:port?tls=starttls|ssl|none`. Without `tls`: ssl on port 465, else starttls.

        Raises ValueError, without repeating the url (it holds a password).
        """
        parts = urlsplit(url)
        if parts.scheme != "smtp" or not parts.hostname:
            raise ValueError("The mail server's address looks like smtp://user:pass@host:port?tls=starttls")
        tls = _tls(parse_qs(parts.query).get("tls", ["ssl" if parts.port == DEFAULT_PORTS["ssl"] else "starttls"])[0])
        user, password = (unquote(part) if part else None for part in (parts.username, parts.password))
        return cls(parts.hostname, parts.port or DEFAULT_PORTS[tls], user, password, tls)


class SmtpMail:
    """Sends each mail in a connection of its own; safe to share. Raises ValueError for an unreadable url."""

    def __init__(self, url: str) -> None:
        self._server = MailServer.from_url(url)

    async def send(self, message: OutgoingMail) -> None:
        """Hand the mail to the server. Raises MailRefused; returning means the server took responsibility for it."""
        server = self._server
        try:
            await aiosmtplib.send(
                as_email(message, datetime.now(UTC)),
                sender=message.sender_email,
                recipients=[message.to],
                hostname=server.host,
                port=server.port,
                username=server.user,
                password=server.password,
                use_tls=server.tls == "ssl",
                start_tls=server.tls == "starttls",
                timeout=TIMEOUT_SECONDS,
            )
        except (aiosmtplib.SMTPException, OSError) as failure:
            raise _refusal(failure) from None

    async def shake_hands(self) -> None:
        """Connects, secures, signs in and leaves; no mail goes. Raises MailRefused as `send` would."""
        server = self._server
        client = aiosmtplib.SMTP(
            hostname=server.host,
            port=server.port,
            username=server.user,
            password=server.password,
            use_tls=server.tls == "ssl",
            start_tls=server.tls == "starttls",
            timeout=TIMEOUT_SECONDS,
        )
        try:
            async with client:
                await client.noop()
        except (aiosmtplib.SMTPException, OSError) as failure:
            raise _refusal(failure) from None


def _tls(name: str) -> Tls:
    match name:
        case "starttls" | "ssl" | "none":
            return name
        case _:
            raise ValueError("tls is one of starttls, ssl, none")


def _refusal(failure: Exception) -> MailRefused:
    """5xx is permanent, all else worth another try. A refused sign-in is the practice's setting, not the mail's fault:
    the mail waits for it to be put right."""
    if isinstance(failure, aiosmtplib.SMTPAuthenticationError):
        return MailRefused(False, f"The mail server refused our sign-in ({failure.code})")
    if isinstance(failure, aiosmtplib.SMTPRecipientsRefused) and failure.recipients:
        return _answered(failure.recipients[0])
    if isinstance(failure, aiosmtplib.SMTPResponseException):
        return _answered(failure)
    if isinstance(failure, aiosmtplib.SMTPNotSupported):
        return MailRefused(True, "The mail server cannot carry an address with these letters")
    if isinstance(failure, ssl.SSLError):
        return MailRefused(False, "No secure connection to the mail server")
    if isinstance(failure, OSError):
        return MailRefused(False, "The mail server cannot be reached")
    return MailRefused(False, "The mail server lacks the TLS or sign-in that our settings ask for")


def _answered(answer: aiosmtplib.SMTPResponseException) -> MailRefused:
    """Only the codes are kept: the sentence may quote a person's address."""
    enhanced = ENHANCED_CODE.search(answer.message)
    detail = f" ({enhanced.group()})" if enhanced else ""
    return MailRefused(500 <= answer.code < 600, f"The mail server answered {answer.code}{detail}")
