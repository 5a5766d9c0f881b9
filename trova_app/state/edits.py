"""A part of a profile in the hands of one person while others may change it: what each wrote is put together field by
field, and only where both wrote in the same field is anybody asked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from trova_app.state.drawn import Difference

Texts = Mapping[str, str]


@dataclass(frozen=True)
class Field:
    """One thing people write in: its words, and the boxes it consists of (several where they only make sense together,
    such as a list of addresses)."""

    words: str
    boxes: tuple[str, ...]

    def of(self, texts: Texts) -> tuple[str, ...]:
        return tuple(texts.get(box, "") for box in self.boxes)


@dataclass
class Edit:
    """`base`: the texts this edit began with, {} where nobody knows any more. `seen`: the others' texts the person has
    been shown since. `version` is the profile's that `seen` was read from."""

    part: str
    version: int
    base: Texts
    seen: Texts = field(default_factory=dict)

    def changed_by_both(self, fields: Sequence[Field], mine: Texts, theirs: Texts) -> list[Field]:
        known = {**self.base, **self.seen}
        return [
            one
            for one in fields
            if one.of(mine) not in (one.of(self.base), one.of(theirs)) and one.of(theirs) != one.of(known)
        ]

    def put_together(self, fields: Sequence[Field], mine: Texts, theirs: Texts) -> dict[str, str]:
        """What I changed as I wrote it, the rest as it stands."""
        texts: dict[str, str] = {}
        for one in fields:
            whose = theirs if one.of(mine) == one.of(self.base) else mine
            texts |= dict(zip(one.boxes, one.of(whose), strict=True))
        return texts


def differences(fields: Sequence[Field], mine: Texts, theirs: Texts) -> list[Difference]:
    return [Difference(one.words, _shown(one.of(theirs)), _shown(one.of(mine))) for one in fields]


def _shown(texts: tuple[str, ...]) -> str:
    return ", ".join(text for text in texts if text) or "\u2013"
