"""The time zones a calendar file brings along, kept apart from every other file's."""

import re
from hashlib import sha256
from itertools import islice

from icalendar.timezone import tzp

from trova_app.adapters.import_tables import Unreadable

MAX_ZONES = 50
BAD_ZONES = "The time zones in this calendar cannot be read. Export it again with a named time zone."
ZONE_EDGE = re.compile(r"^(BEGIN|END)\b[^\r\n]*VTIMEZONE", re.M | re.I)
ZONE_NAME = re.compile(r"^TZID(?:;[^:\r\n]*)?:([^\r\n]+)", re.M | re.I)
ZONE_RULE = re.compile(r"^RRULE[^:\r\n]*:([^\r\n]*)", re.M | re.I)
SAFE_ZONE_RULE = re.compile(
    r"FREQ=YEARLY(;(BYMONTH=\d{1,2}|BYDAY=[+-]?\d?[A-Z]{2}|BYMONTHDAY=-?\d{1,2}(,-?\d{1,2}){0,6}|UNTIL=[0-9TZ]{8,16}|"
    r"INTERVAL=1|WKST=[A-Z]{2}|COUNT=\d{1,4}))*",
    re.I,
)


def with_own_zones(text: str) -> str:
    """Give zones that only this file defines a name made from their definition.

    The calendar library remembers zones by name for the whole process: without this, one practice's "Custom" would
    shift the appointments of the next practice whose file has another "Custom". A zone whose rule could keep the
    library counting for hours is refused.
    """
    blocks = _zone_blocks(text)
    rules = [rule.strip() for block in blocks for rule in ZONE_RULE.findall(block)]
    if not all(map(SAFE_ZONE_RULE.fullmatch, rules)):
        raise Unreadable(BAD_ZONES)
    for block in blocks:
        name = ZONE_NAME.search(block)
        if name and not _is_known_zone(name[1].strip()):
            text = _renamed(text, name[1].strip(), f"own-{sha256(block.encode('utf-8', 'replace')).hexdigest()[:32]}")
    return text


def _zone_blocks(text: str) -> list[str]:
    edges = list(islice(ZONE_EDGE.finditer(text), 2 * MAX_ZONES + 1))
    begins, ends = edges[::2], edges[1::2]
    in_turn = [edge[1].upper() for edge in edges] == ["BEGIN", "END"] * len(ends)
    if not in_turn or len(edges) > 2 * MAX_ZONES:
        raise Unreadable(BAD_ZONES)
    return [text[begin.start() : end.end()] for begin, end in zip(begins, ends, strict=True)]


def _is_known_zone(name: str) -> bool:
    try:
        return tzp.timezone(name) is not None
    except Exception:  # names are whatever the file says; one the library trips over is not known
        return False


def _renamed(text: str, name: str, own: str) -> str:
    in_block = re.compile(rf"^(TZID(?:;[^:\r\n]*)?:){re.escape(name)}[ ]*(?=\r?$)", re.M | re.I)
    in_use = re.compile(rf';TZID="?{re.escape(name)}"?(?=[;:])', re.I)
    return in_use.sub(f";TZID={own}", in_block.sub(rf"\g<1>{own}", text))
