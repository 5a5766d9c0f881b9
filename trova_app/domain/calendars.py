"""What passes between a subscription and the other calendar (adapters/fetch_calendar.py)."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fetched:
    """`text` is None where nothing has changed since the last time."""

    text: str | None
    etag: str
    modified: str


class CalendarTrouble(Exception):
    """The other calendar could not be read; the sentence is for people. `is_permanent`: asking again will not help."""

    def __init__(self, sentence: str, *, is_permanent: bool = False) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.is_permanent = is_permanent
