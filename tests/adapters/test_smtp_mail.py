import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from hypothesis import given
from hypothesis import strategies as st

from trova_app.adapters.smtp_mail import MailServer, SmtpMail
from trova_app.domain.mail import MailRefused, OutgoingMail, as_email

PDF = b"%PDF-1.7 \x00\xff\r\n.\r\n" * 50
MAIL = OutgoingMail(
    message_id="invoice-42-1@trova.example",
    sender_name="Naidoo Psychology",
    sender_email="rooms@naidoo.example",
    to="thandi@example.org",
    subject="Invoice INV-0042 from Naidoo Psychology",
    text="Amount due: R\u00a01\u00a0250,00\n.\nKind regards\n",
    html="<p>Amount due: R\u00a01\u00a0250,00</p>",
    attachments=(("INV-0042.pdf", "application/pdf", PDF),),
)


@dataclass
class Postbox:
    """A mail server's behaviour: what it answers, and what it took in."""

    at_recipient: str = ""
    at_data: str = ""
    arrived: list[tuple[list[str], EmailMessage]] = field(default_factory=list)

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802
        if self.at_recipient:
            return self.at_recipient
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        if self.at_data:
            return self.at_data
        self.arrived.append((envelope.rcpt_tos, message_from_bytes(envelope.content, policy=default)))
        return "250 taken"


@contextmanager
def serving(postbox: Postbox, **options: object) -> Iterator[str]:
    """The address of a mail server on this machine, as `host:port`."""
    controller = Controller(postbox, hostname="127.0.0.1", port=free_port(), **options)
    controller.start()
    try:
        yield f"127.0.0.1:{controller.port}"
    finally:
        controller.stop()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def send(url: str, mail: OutgoingMail = MAIL) -> None:
    asyncio.run(SmtpMail(url).send(mail))


def refusal(url: str, mail: OutgoingMail = MAIL) -> MailRefused:
    with pytest.raises(MailRefused) as refused:
        send(url, mail)
    return refused.value


def test_a_letter_arrives_with_both_bodies_and_its_document():
    postbox = Postbox()
    with serving(postbox) as address:
        send(f"smtp://{address}?tls=none")
    [(recipients, arrived)] = postbox.arrived
    assert recipients == ["thandi@example.org"]
    assert arrived["Subject"] == MAIL.subject
    assert arrived["From"] == "Naidoo Psychology <rooms@naidoo.example>"
    assert arrived["Message-ID"] == "<invoice-42-1@trova.example>"
    assert arrived["Auto-Submitted"] == "auto-generated"
    assert arrived.get_body(("plain",)).get_content().splitlines() == MAIL.text.splitlines()
    assert arrived.get_body(("html",)).get_content().strip() == MAIL.html
    [document] = arrived.iter_attachments()
    assert (document.get_filename(), document.get_content_type()) == ("INV-0042.pdf", "application/pdf")
    assert document.get_content() == PDF


def test_names_in_any_script_arrive_as_written():
    postbox = Postbox()
    mail = replace(MAIL, sender_name='Žižek, "Ngũgĩ" & 王', subject="Invoice Ž 王 😀", reply_to="desk@naidoo.example")
    with serving(postbox) as address:
        send(f"smtp://{address}?tls=none", mail)
    [(_, arrived)] = postbox.arrived
    assert arrived["From"].addresses[0].display_name == mail.sender_name
    assert arrived["Subject"] == mail.subject
    assert arrived["Reply-To"] == "desk@naidoo.example"


@pytest.mark.parametrize(
    ("postbox", "permanent", "code"),
    [
        (Postbox(at_recipient="550 5.1.1 <thandi@example.org> unknown"), True, "550 (5.1.1)"),
        (Postbox(at_recipient="451 4.7.1 try later, thandi@example.org"), False, "451 (4.7.1)"),
        (Postbox(at_data="554 5.7.1 thandi@example.org looks like spam"), True, "554 (5.7.1)"),
        (Postbox(at_data="452 full"), False, "452"),
    ],
)
def test_a_refusal_says_whether_trying_again_can_help_and_names_nobody(postbox, permanent, code):
    with serving(postbox) as address:
        refused = refusal(f"smtp://{address}?tls=none")
    assert refused.permanent is permanent
    assert refused.reason == f"The mail server answered {code}"
    assert refused.__suppress_context__


def test_a_mail_server_that_is_away_is_tried_again_later():
    refused = refusal(f"smtp://127.0.0.1:{free_port()}?tls=none")
    assert (refused.permanent, refused.reason) == (False, "The mail server cannot be reached")


def test_a_letter_is_never_sent_in_the_clear_unless_the_practice_said_so():
    postbox = Postbox()
    with serving(postbox) as address:
        for tls in ("", "?tls=starttls", "?tls=ssl"):
            assert refusal(f"smtp://{address}{tls}").permanent is False
    assert postbox.arrived == []


@pytest.mark.filterwarnings("ignore:Requiring AUTH")
def test_a_refused_sign_in_keeps_the_letter_waiting():
    def sign_in(server, session, envelope, mechanism, data):
        return AuthResult(success=(data.login, data.password) == (b"rooms@naidoo", b"p@ss:w/rd"), handled=False)

    postbox = Postbox()
    with serving(postbox, authenticator=sign_in, auth_require_tls=False, auth_required=True) as address:
        send(f"smtp://rooms%40naidoo:p%40ss%3Aw%2Frd@{address}?tls=none")
        refused = refusal(f"smtp://rooms%40naidoo:wrong@{address}?tls=none")
    assert len(postbox.arrived) == 1
    assert refused.permanent is False
    assert "wrong" not in refused.reason


def test_an_address_the_server_cannot_carry_is_refused_for_good():
    with serving(Postbox(), enable_SMTPUTF8=False) as address:
        refused = refusal(f"smtp://{address}?tls=none", replace(MAIL, to="jürgen@example.org"))
    assert refused.permanent


def test_an_address_with_accents_is_delivered_where_the_server_can():
    postbox = Postbox()
    with serving(postbox, enable_SMTPUTF8=True) as address:
        send(f"smtp://{address}?tls=none", replace(MAIL, to="jürgen@example.org"))
    assert postbox.arrived[0][0] == ["jürgen@example.org"]


@pytest.mark.parametrize("break_", ["\r\n", "\n", "\r", "\x00", "\u2028", "\u2029", "\x0b", "\x85"])
@pytest.mark.parametrize("name", ["message_id", "sender_name", "sender_email", "to", "subject", "reply_to"])
def test_no_header_can_hold_a_line_break(name, break_):
    with pytest.raises(ValueError, match=name):
        replace(MAIL, **{name: f"a@b.example{break_}Bcc: all@example.org"})


@pytest.mark.parametrize("filename", ["a.pdf\r\nBcc: all@example.org", "a\n.pdf"])
def test_no_file_name_can_hold_a_line_break(filename):
    with pytest.raises(ValueError, match="filename"):
        replace(MAIL, attachments=((filename, "application/pdf", PDF),))


@pytest.mark.parametrize("word", ["=?utf-8?q?a=0D=0ABcc:_x?=", "é =?utf-8?b?YQ0KQmNjOiB4?="])
@pytest.mark.parametrize("name", ["subject", "sender_name"])
def test_no_header_can_hide_a_line_break_in_an_encoded_word(name, word):
    with pytest.raises(ValueError, match=name):
        replace(MAIL, **{name: word})
    with pytest.raises(ValueError, match="filename"):
        replace(MAIL, attachments=((f"{word}.pdf", "application/pdf", PDF),))


WORDS = st.text(st.sampled_from('ab é王😀"\\,;:<>()[]@=?_\r\n\t\x00\u2028%&') | st.characters(), max_size=120)


@given(WORDS, WORDS, WORDS)
def test_whatever_a_practice_types_the_letter_keeps_its_headers_and_its_one_recipient(subject, sender, filename):
    try:
        document = (f"{filename}.pdf", "application/pdf", PDF)
        mail = replace(MAIL, subject=subject, sender_name=sender, attachments=(document,))
    except ValueError:
        return
    written = as_email(mail, datetime(2025, 11, 21, tzinfo=UTC)).as_bytes()
    arrived = message_from_bytes(written, policy=default)
    assert set(arrived.keys()) == {
        *("From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "MIME-Version", "Content-Type")
    }
    assert arrived["To"] == MAIL.to
    assert [part.get_content() for part in arrived.iter_attachments()] == [PDF]


def test_no_mime_type_can_hold_a_header():
    with pytest.raises(ValueError, match="mime"):
        replace(MAIL, attachments=(("a.pdf", "application/pdf\r\nBcc: x", PDF),))


@pytest.mark.parametrize(
    "to", ["a@b.example,c@d.example", "A <a@b.example>", "a b@c.example", "a", "", "@", '"a"@b.example']
)
def test_a_letter_goes_to_exactly_one_address(to):
    with pytest.raises(ValueError, match="one plain address"):
        replace(MAIL, to=to)


def test_a_stored_letter_is_a_whole_mail_with_its_date():
    written = as_email(MAIL, datetime(2025, 11, 21, 13, 0, tzinfo=UTC)).as_bytes()
    assert b"Date: Fri, 21 Nov 2025 13:00:00 +0000\r\n" in written
    assert PDF in [part.get_content() for part in message_from_bytes(written, policy=default).iter_attachments()]


def test_the_mail_servers_address_is_read_with_safe_defaults():
    assert MailServer.from_url("smtp://u%40x:p%3A@mail.example") == MailServer(
        "mail.example", 587, "u@x", "p:", "starttls"
    )
    assert MailServer.from_url("smtp://mail.example:465").tls == "ssl"
    assert MailServer.from_url("smtp://mail.example?tls=none").port == 25


@pytest.mark.parametrize("url", ["", "http://u:secret@mail.example", "smtp://u:secret@", "smtp://u:secret@h?tls=maybe"])
def test_an_unreadable_address_is_refused_without_repeating_the_password(url):
    with pytest.raises(ValueError) as refused:
        MailServer.from_url(url)
    assert "secret" not in str(refused.value)
