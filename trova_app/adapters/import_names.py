"""People's names as lists and calendar titles write them."""

import re

TITLES = re.compile(r"^(?:(?:mr|mrs|ms|miss|mx|dr|prof|rev|mnr|mev|me|adv)\.? +)+(?=\S)", re.I)
PARTICLES = frozenset(
    ["af", "al", "bin", "da", "dal", "de", "del", "della", "den", "der", "di", "dos", "du", "el", "la", "le", "ten"]
    + ["ter", "van", "vande", "vander", "von", "zu"]
)
COUPLE = re.compile(r"&|\+(?=\s)|\s(?:and|und|en|et)\s", re.I)
FORMULA_STARTS = ("=", "+", "@", "\t", "\r")

SERVICE_WORDS = re.compile(
    r"session|therapy|therapist|consult|appointment|appt|follow.?up|assessment|evaluation|intake|initial|review|physio|"
    r"massage|rehab|exercise|needling|pilates|diet|nutrition|meal|counsel|coaching|supervision|couples|family|group|"
    r"telehealth|online|virtual|treatment|check.?in|visit|\d+ ?min|\bcbt\b|\bemdr\b|meeting|call",
    re.I,
)
DIVIDED = re.compile(r"^(.*?\S)(?:\s+[-–—|·•]\s+|\s*:\s+)(\S.*)$")
WITH = re.compile(r"^(.+?)\s+(?:with|for|met)\s+(.+)$", re.I)
IN_BRACKETS = re.compile(r"^([^()]+?)\s*\(([^()]+)\)$")


def split_full_name(full: str) -> tuple[str, str]:
    """First and last names of "Thandi Mokoena", "Mokoena, Thandi", "Dr Pieter van der Merwe"; one word is a first."""
    if is_formula(full):
        return full, ""
    last, comma, first = full.partition(",")
    if comma:
        return TITLES.sub("", first.strip()), last.strip()
    words = TITLES.sub("", " ".join(full.split())).split(" ")
    if len(words) < 2:
        return "".join(words), ""
    starts = next((n for n, word in enumerate(words[1:-1], start=1) if word.casefold() in PARTICLES), len(words) - 1)
    return " ".join(words[:starts]), " ".join(words[starts:])


def is_couple(name: str) -> bool:
    """Whether the name is of more than one person: "Anna & Ben Smit"."""
    return COUPLE.search(name) is not None


def is_formula(name: str) -> bool:
    """Whether a spreadsheet would run this name as a formula. It is kept as the plain text it is."""
    return name.startswith(FORMULA_STARTS)


def split_title(title: str) -> tuple[str, str]:
    """Client and service of a calendar title: "Thandi Mokoena - Psychotherapy 60 min", "Session with Thandi Mokoena".

    The side that speaks of a service is the service; where neither or both do, the client comes first.
    """
    one, other = _two_parts(title)
    if _names_service(one) and not _names_service(other):
        one, other = other, one
    return one.strip(), other.strip()


def _two_parts(title: str) -> tuple[str, str]:
    for shape in (IN_BRACKETS, DIVIDED, WITH):
        if found := shape.match(title):
            return found[1], found[2]
    return title, ""


def _names_service(text: str) -> bool:
    return SERVICE_WORDS.search(text) is not None
