"""What arrives from outside, parsed: any type may come, nothing is trusted.

`Fields` collects a sentence for each field that cannot be taken as typed, and raises them together.
"""

import unicodedata
from collections.abc import Collection
from datetime import date
from functools import lru_cache

from email_validator import EmailNotValidError, validate_email

from trova_app.domain.refusals import FieldFaults, NotFound, Refusal

LARGEST_ID = 2**31 - 1
LONGEST_SEARCH = 200
MOST_WORDS = 8
LONGEST_PAGE = 200
LINE_ENDS = {"\r\n": "\n", "\r": "\n", "\u2028": "\n", "\u2029": "\n"}
TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")  # they reorder the words around them


def an_id(given: object, what: str) -> int:
    """A row's id, as a whole number or its digits. `NotFound` for everything else: there can be no such row."""
    if isinstance(given, str) and given.isascii() and given.isdigit() and len(given) <= 10:
        given = int(given)
    if type(given) is not int or not 0 < given <= LARGEST_ID:
        raise NotFound(what)
    return given


def a_version(given: object) -> int:
    if type(given) is not int or not 0 < given <= LARGEST_ID:
        raise Refusal("Please load the page again: what it shows is out of date.")
    return given


def a_page_size(given: object) -> int:
    return max(1, min(given, LONGEST_PAGE)) if type(given) is int else 50


@lru_cache(maxsize=5_000)
def folded(text: str) -> str:
    """Lower case without accents, for searching: "Zoë Müller" -> "zoe muller"."""
    apart = unicodedata.normalize("NFKD", text.casefold())
    return " ".join("".join(c for c in apart if not unicodedata.combining(c)).split())


def search_words(given: object) -> list[str]:
    """At most eight folded words of what was typed; control characters and half characters part words."""
    if not isinstance(given, str):
        return []
    plain = "".join(" " if is_hidden(c) else c for c in given[:LONGEST_SEARCH])
    return folded(plain).split()[:MOST_WORDS]


def is_hidden(character: str) -> bool:
    """Control characters, half surrogates, line separators and marks that turn the reading direction."""
    return unicodedata.category(character) in {"Cc", "Cs", "Zl", "Zp"} or character in TURNING


def one_line(text: str) -> str:
    """A line as it is kept: no tabs, nothing around it, accents in one with their letters. What is kept is found by it
    too."""
    return unicodedata.normalize("NFC", text.replace("\t", " ").strip())


class Fields:
    """Reads fields one by one; `done()` raises `FieldFaults` when any could not be taken. A field read with a fault
    comes back as its empty value, so that the reading can go on."""

    def __init__(self) -> None:
        self.faults: list[tuple[str, str]] = []

    def fault(self, field: str, sentence: str) -> None:
        self.faults.append((field, sentence))

    def done(self) -> None:
        if self.faults:
            raise FieldFaults(self.faults)

    def line(self, field: str, given: object, *, most: int = 200, needed: str = "") -> str:
        """One line of text as `one_line` keeps it. `needed`: the sentence for an empty one."""
        return self._text(field, one_line(given) if isinstance(given, str) else None, most, needed)

    def paragraph(self, field: str, given: object, *, most: int = 2000) -> str:
        """Text of several lines, line ends as "\\n"."""
        return self._text(field, _with_plain_ends(given) if isinstance(given, str) else None, most, "", breaks="\n")

    def _text(self, field: str, text: str | None, most: int, needed: str, breaks: str = "") -> str:
        if text is None:
            self.fault(field, "Write this as text.")
        elif not text and needed:
            self.fault(field, needed)
        elif len(text) > most:
            self.fault(field, f"Shorten this to {most} characters; it has {len(text)}.")
        elif any(is_hidden(c) and c not in breaks for c in text):
            self.fault(field, "Take out the line breaks and hidden characters, or type it anew.")
        else:
            return unicodedata.normalize("NFC", text)
        return ""

    def mailbox(self, field: str, given: object) -> str:
        """One e-mail address in lower case, or "". Whether it can be reached is not asked."""
        text = self.line(field, given, most=254)
        if not text:
            return ""
        try:
            found = validate_email(text, check_deliverability=False, test_environment=True)
        except EmailNotValidError:
            self.fault(field, "Enter one address such as name@example.com.")
            return ""
        return found.normalized.lower()

    def choice(self, field: str, given: object, choices: Collection[str], sentence: str) -> str:
        if isinstance(given, str) and given in choices:
            return str(given)
        self.fault(field, sentence)
        return ""

    def whole(self, field: str, given: object, low: int, high: int) -> int:
        """A whole number from `low` to `high`, as a number or its digits."""
        if isinstance(given, str) and given.strip().isascii() and given.strip().isdigit() and len(given) < 12:
            given = int(given)
        if type(given) is int and low <= given <= high:
            return given
        self.fault(field, f"Enter a whole number from {low} to {high}.")
        return low

    def truth(self, field: str, given: object) -> bool:
        if isinstance(given, bool):
            return given
        self.fault(field, "Choose yes or no.")
        return False

    def day(self, field: str, given: object, *, latest: date) -> date | None:
        """A date, or its ISO text, from 1900 to `latest`; None for the empty text."""
        if given is None or given == "":
            return None
        found = given if type(given) is date else _iso_day(given)
        if found and date(1900, 1, 1) <= found <= latest:
            return found
        self.fault(field, f"Enter a date such as 1984-03-21, up to {latest.isoformat()}.")
        return None


def _iso_day(given: object) -> date | None:
    try:
        return date.fromisoformat(given) if isinstance(given, str) and len(given) == 10 else None
    except ValueError:
        return None


def _with_plain_ends(text: str) -> str:
    for end, plain in LINE_ENDS.items():
        text = text.replace(end, plain)
    return "\n".join(line.replace("\t", " ").strip() for line in text.split("\n")).strip()


def like(word: str) -> str:
    """The pattern for a word anywhere in a text; use with escape="!"."""
    return "%" + "".join(f"!{c}" if c in "!%_" else c for c in word) + "%"
