"""A practice that did not exist a minute ago, by commands alone, to three finished sessions."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.e2e.demo_app import DemoApp
from tests.e2e.stories import cell, choose, figure, finished, in_billing, press, status

NAMES = ("Amara Whitfield", "Sipho Ndlovu", "Ren\u00e9e Fourie")


def calendar(now: datetime) -> str:
    """Three sessions that are over, the latest first, and one that is to come."""
    starts = [now - timedelta(hours=2 + n) for n in range(3)] + [now + timedelta(days=1)]
    events = [
        f"BEGIN:VEVENT\r\nUID:{n}@example.test\r\nDTSTAMP:20260101T000000Z\r\nDTSTART:{start:%Y%m%dT%H%M%SZ}\r\n"
        f"DURATION:PT50M\r\nSUMMARY:{name} - Psychotherapy 50 min\r\nEND:VEVENT\r\n"
        for n, (start, name) in enumerate(zip(starts, [*NAMES, NAMES[0]], strict=True))
    ]
    return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Test//EN\r\n{''.join(events)}END:VCALENDAR\r\n"


def told(served: DemoApp, *words: str) -> str:
    """What a command says."""
    done = served.trova(*words)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def made_by_commands(served: DemoApp, folder: Path) -> tuple[str, str]:
    """The owner's address and password."""
    email = f"founder.{folder.name}@example.test"
    practice = re.findall(r"Practice (\d+)", told(served, "practice", "new", "Jacaranda Rooms", "--country", "ZA"))[0]
    added = told(
        served, "user", "add", email, "--role", "owner", "--name", "Dr Nomsa Dube", "--practice", practice,
        "--generate-password",
    )  # fmt: skip
    file = folder / "practice.ics"
    file.write_text(calendar(datetime.now(UTC)))
    said = told(served, "import", "appointments", str(file), "--create-missing", "--practice", practice)
    assert "4 imported" in said, said
    return email, added.rsplit(": ", 1)[1].strip()


def open_session(page: Page, name: str) -> None:
    page.goto("/appointments?tab=open")
    page.get_by_role("link", name=f"View Details, {name}").click()
    press(page, "Mark Session Complete")
    cell(page, "Unit price").fill("950")
    expect(figure(page, "total")).to_have_text("R\u00a0950,00")


def test_a_practice_made_by_commands_finishes_three_sessions(served, stranger: Page, tmp_path: Path) -> None:
    email, password = made_by_commands(served, tmp_path)
    page = stranger
    page.goto("/sign-in")
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("link", name="View Details")).to_have_count(3)

    open_session(page, NAMES[0])
    choose(page, "Online")
    page.get_by_label("Client's mail address").fill("amara@example.test")
    press(page, "Request payment")
    finished(page)
    expect(status(page)).to_have_text("Sent")

    open_session(page, NAMES[1])
    choose(page, "Other")
    page.get_by_label("Client's mail address").fill("sipho@example.test")
    press(page, "Send Receipt")
    finished(page)
    expect(status(page)).to_have_text("Paid")

    open_session(page, NAMES[2])
    choose(page, "Insurance")
    page.get_by_label("Medical scheme").fill("Khanya Medical")
    page.get_by_label("Member number").fill("0081234567")
    press(page, "Generate invoice")
    finished(page)
    expect(status(page)).to_have_text("Ready to claim")

    page.goto("/billing")
    for name, word in zip(NAMES, ("Sent", "Paid", "Ready to claim"), strict=True):
        expect(in_billing(page, name)).to_contain_text(word)
    page.goto("/appointments?tab=open")
    expect(page.get_by_text("Nothing open.")).to_be_visible()
