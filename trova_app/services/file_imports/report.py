"""What was found in a file, as it stands in its row."""

import json
from dataclasses import asdict, dataclass, field

from trova_app.domain.imports import Column
from trova_app.models import FileImport

MOST_LINES = 2_000  # that have something to look at; the rest is counted
MOST_PLAIN = 10  # that have nothing to look at, to see that they are read as meant


@dataclass(slots=True)
class Line:
    """One row of the file: who or what it is, what becomes of it, and what to look at. Row 0 is the whole file."""

    row: int
    words: str
    outcome: str
    sentence: str = ""


@dataclass(slots=True)
class Report:
    """`counts` by outcome. `more`: lines worth a look that are not among `lines`."""

    columns: tuple[Column, ...] = ()
    counts: dict[str, int] = field(default_factory=dict)
    lines: list[Line] = field(default_factory=list)
    more: int = 0
    asks_day_first: bool = False
    stayed: list[str] = field(default_factory=list)
    stayed_count: int = 0

    def count(self, outcome: str, number: int = 1) -> None:
        self.counts[outcome] = self.counts.get(outcome, 0) + number

    def say(self, line: Line) -> None:
        if len(self.lines) < MOST_LINES:
            self.lines.append(line)
        else:
            self.more += 1


@dataclass(frozen=True, slots=True)
class How:
    """How a file is read. `fields`: what each column is, None as its headings say. `since` and `until`: appointments
    from the first day on and before the second, as ISO dates."""

    fields: tuple[str, ...] | None = None
    day_first: bool | None = None
    create_missing: bool = False
    since: str = ""
    until: str = ""


def report_of(row: FileImport) -> Report:
    read = json.loads(row.report)
    return Report(
        **read
        | {
            "columns": tuple(Column(one["heading"], tuple(one["samples"]), one["field"]) for one in read["columns"]),
            "lines": [Line(**one) for one in read["lines"]],
        }
        if read
        else {}
    )


def how_of(row: FileImport) -> How:
    read = json.loads(row.options)
    return How(**read | {"fields": tuple(read["fields"]) if read.get("fields") is not None else None})


def written(given: Report | How) -> str:
    return json.dumps(asdict(given))
