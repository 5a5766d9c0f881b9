"""What an event of a calendar says of itself in words: its title, whether it takes place, whom it names."""

import re

import icalendar

from trova_app.domain.imports import Attendance

CALLED_OFF = re.compile(r"^\W*(?:cancell?ed|cxl)\b[\s:–-]*", re.I)
STAYED_AWAY = re.compile(r"^\W*(?:no[ -]?show|dna|missed)\b[\s:–-]*", re.I)


def title_and_status(event: icalendar.Event) -> tuple[str, Attendance]:
    title = a_line(event.get("SUMMARY"))
    if a_line(event.get("STATUS")).upper() == "CANCELLED" or CALLED_OFF.match(title):
        return CALLED_OFF.sub("", title), Attendance.CANCELLED
    if STAYED_AWAY.match(title):
        return STAYED_AWAY.sub("", title), Attendance.MISSED
    return title, Attendance.SCHEDULED


def only_attendee(event: icalendar.Event) -> tuple[str, str]:
    """Name and address of the one person invited beside the organizer; nothing where there are several or none."""
    invited = event.get("ATTENDEE", [])
    organizer = _address(event.get("ORGANIZER"))
    people = [
        one
        for one in (invited if isinstance(invited, list) else [invited])
        if _address(one) != organizer and str(one.params.get("CUTYPE", "INDIVIDUAL")).upper() == "INDIVIDUAL"
    ]
    return (common_name(people[0]), _address(people[0])) if len(people) == 1 else ("", "")


def _address(person: object) -> str:
    address = str(person or "").strip()
    return address[7:].strip() if address[:7].casefold() == "mailto:" else ""


def common_name(person: icalendar.vCalAddress | None) -> str:
    """What the person is called, unless the calendar only repeats their address."""
    name = a_line(person.params.get("CN")) if isinstance(person, icalendar.vCalAddress) else ""
    return "" if "@" in name else name


def a_line(said: object) -> str:
    return " ".join(str(said or "").split())[:500]


def called(event: icalendar.Event) -> str:
    """The event in a sentence: its title, cut short."""
    title = a_line(event.get("SUMMARY"))
    return f"“{title[:60]}”" if title else "An event without a title"
