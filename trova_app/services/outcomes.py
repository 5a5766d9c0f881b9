"""What became of a fact that a gateway told."""

from dataclasses import dataclass
from enum import StrEnum


class Result(StrEnum):
    APPLIED = "applied"
    UNCHANGED = "unchanged"
    IGNORED = "ignored"
    QUARANTINED = "quarantined"
    EARLY = "early"  # what it is about is not known here yet


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a fact; `why` for people who look into a quarantined one."""

    result: Result
    why: str = ""
