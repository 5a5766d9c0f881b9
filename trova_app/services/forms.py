"""The completion form as typed: plain texts, so that nothing anybody types is lost or changed by saving it.

Names of fields on the page: `date.ID code.ID text.ID qty.ID price.ID off.ID tax.ID dx.ID` for a line with id ID, and
one name for each other field (`FormTexts`). Hidden fields carry the rules `domain/lines.py` reads (`Rules`).
"""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from functools import lru_cache
from typing import Any

from trova_app.domain.money import MoneyStyle
from trova_app.domain.refusals import Refusal

LINE_CELLS = ("date", "code", "text", "qty", "price", "off", "tax", "dx")
MOST_LINES = 200
LONGEST_TEXT = 500
OF_A_PAGE = re.compile("p[0-9a-z]{12}")
"""The id of a line that was begun in a page (`typed_ahead.js`): by chance, so nobody else's line has it."""


def id_by_act(key: str, n: int = 0) -> str:
    """The id of the n-th line that an act makes, from the act's own key: the same wherever the act is done, upon the
    page's form or the saved one, and no other line's."""
    return "a" + hashlib.sha256(f"{key} {n}".encode()).hexdigest()[:12]


LONGEST_TYPED = 20_000  # kept as typed for the clinician to shorten; above it the connection's limit has refused it


@dataclass(frozen=True, slots=True)
class FormLine:
    """One line item as typed. `dx`: its own ICD-10 codes; "" means all of the form's."""

    id: str
    date: str = ""
    code: str = ""
    text: str = ""
    qty: str = "1"
    price: str = ""
    off: str = ""
    tax: str = "0"
    dx: str = ""


@dataclass(frozen=True, slots=True)
class FormTexts:
    """Every other field as typed."""

    payment_type: str = ""
    invoice_off: str = ""
    cash: str = ""
    method: str = "cash"
    received_on: str = ""
    reference: str = ""
    client_email: str = ""
    scheme: str = ""
    scheme_option: str = ""
    member_number: str = ""
    dependant_code: str = ""
    main_member: str = ""
    diagnosis: str = ""  # in the box for one, and not chosen yet
    keep: str = ""  # "on": what was filled in about the client is kept in the profile


@lru_cache(maxsize=20_000)
def _line_json(line: FormLine) -> str:
    """A form is saved again and again while one of its lines changes; the others are written as they were."""
    return json.dumps({name: getattr(line, name) for name in _LINE_NAMES})


CLIENT_TEXTS = ("client_email", "scheme", "scheme_option", "member_number", "dependant_code", "main_member")
TEXT_NAMES = tuple(f.name for f in fields(FormTexts))
_LINE_NAMES = tuple(f.name for f in fields(FormLine))


@dataclass(frozen=True, slots=True)
class Form:
    """The whole form. `diagnoses`: (code, description) in order. `profile`: what the client's profile said when the
    form was filled from it ("diagnoses": the codes), so that a field nobody touched follows the profile, and only what
    was typed here is kept in it."""

    lines: tuple[FormLine, ...]
    texts: FormTexts
    diagnoses: tuple[tuple[str, str], ...] = ()
    profile: tuple[tuple[str, str], ...] = ()

    def to_json(self) -> str:
        rest = {
            "profile": self.profile,
            "texts": {name: getattr(self.texts, name) for name in TEXT_NAMES},
        }
        lines = ", ".join(map(_line_json, self.lines))
        return f'{{"diagnoses": {json.dumps(self.diagnoses)}, "lines": [{lines}], {json.dumps(rest)[1:]}'

    @classmethod
    def from_json(cls, text: str) -> "Form":
        kept = json.loads(text)
        return cls(
            lines=tuple(FormLine(**line) for line in kept["lines"]),
            texts=FormTexts(**kept["texts"]),
            diagnoses=tuple((code, words) for code, words in kept["diagnoses"]),
            profile=tuple((name, text) for name, text in kept.get("profile", [])),
        )

    # -- one edit each; all return a new form

    def with_text(self, name: str, text: str) -> "Form":
        """The form with one field as now typed. Unknown names and rows are refused, not created."""
        text = as_typed(text)
        if name in TEXT_NAMES:
            return replace(self, texts=replace(self.texts, **{name: text}))
        cell, _, line_id = name.partition(".")
        at = next((n for n, line in enumerate(self.lines) if line.id == line_id), -1)
        if cell not in LINE_CELLS or at < 0:
            raise Refusal("That field is not on this form any more.")
        line = replace(self.lines[at], **{cell: text})
        return replace(self, lines=(*self.lines[:at], line, *self.lines[at + 1 :]))

    def with_texts(self, pairs: Iterable[tuple[str, str]]) -> "Form":
        form = self
        for name, text in pairs:
            form = form.with_text(name, text)
        return form

    def with_line(self, line: FormLine) -> "Form":
        """With this line behind the others; one without an id, as of a form that is filled in anew, gets its number."""
        if len(self.lines) >= MOST_LINES:
            raise Refusal(f"A document has up to {MOST_LINES} lines. Complete this one and make another.")
        return replace(self, lines=(*self.lines, replace(line, id=line.id or str(len(self.lines) + 1))))

    def takes_line(self, line_id: object) -> bool:
        """Whether `line_id` is of a page's making, and not of one of these lines."""
        is_good = isinstance(line_id, str) and OF_A_PAGE.fullmatch(line_id) is not None
        return is_good and all(line.id != line_id for line in self.lines)

    def with_new_line(self, tax: str, line_id: str) -> "Form":
        """An empty line of this tax rate, dated as the one before."""
        return self.with_line(FormLine(id=line_id, date=self.lines[-1].date if self.lines else "", tax=tax))

    def without_line(self, line_id: str) -> "Form":
        return replace(self, lines=tuple(line for line in self.lines if line.id != line_id))

    def moved(self, line_id: str, by: int) -> "Form":
        ids = [line.id for line in self.lines]
        if line_id not in ids:
            return self
        here = ids.index(line_id)
        there = max(0, min(len(ids) - 1, here + by))
        lines = list(self.lines)
        lines.insert(there, lines.pop(here))
        return replace(self, lines=tuple(lines))

    def with_diagnosis(self, code: str, words: str) -> "Form":
        if any(have == code for have, _ in self.diagnoses):
            return self
        if len(self.diagnoses) >= 12:
            raise Refusal("A document carries up to 12 diagnoses.")
        return replace(self, diagnoses=(*self.diagnoses, (code, words)))

    def without_diagnosis(self, code: str) -> "Form":
        return replace(self, diagnoses=tuple(d for d in self.diagnoses if d[0] != code))

    # -- for the arithmetic

    def pairs(self) -> list[tuple[str, str]]:
        """(name, text) of every field in page order."""
        lines = [(f"{cell}.{line.id}", getattr(line, cell)) for line in self.lines for cell in LINE_CELLS]
        return lines + [(name, getattr(self.texts, name)) for name in TEXT_NAMES]


@dataclass(frozen=True, slots=True)
class Rules:
    """What the arithmetic needs beside the form: how money is written, and what was paid earlier (minor units)."""

    style: MoneyStyle
    inclusive: bool
    earlier: int = 0

    def pairs(self) -> list[tuple[str, str]]:
        return [
            ("places", str(self.style.places)),
            ("inclusive", "1" if self.inclusive else "0"),
            ("symbol", self.style.symbol),
            ("group", self.style.group),
            ("point", self.style.point),
            ("earlier", str(self.earlier)),
        ]


def taken_from_page(form: Form, submitted: Mapping[str, Any]) -> Form:
    """The form as submitted by the page: exactly the working copy's lines, each field's text as the page shows it.

    Raises `Refusal` when the page shows other lines than the working copy has.
    """
    shown = {name.partition(".")[2] for name in submitted if isinstance(name, str) and name.startswith("qty.")}
    if shown != {line.id for line in form.lines}:
        raise Refusal("The lines on this page are not the saved ones. They were read again; please check them.")
    known = {f"{cell}.{line.id}" for line in form.lines for cell in LINE_CELLS} | set(TEXT_NAMES)
    given = [(name, text) for name, text in submitted.items() if name in known]
    keep = "on" if submitted.get("keep") in ("on", True, "true") else ""
    return form.with_texts([(name, text) for name, text in given if name != "keep"]).with_text("keep", keep)


def as_typed(text: object, longest: int | None = LONGEST_TYPED) -> str:
    """A text from the page: any type may arrive; control characters and half ones cannot be
    typed into a form. `longest`: None for what is no single box's."""
    if not isinstance(text, str):
        raise Refusal("That is not a text.")
    return "".join(c for c in text[:longest] if (c >= " " and not "\ud800" <= c <= "\udfff") or c in "\n\t")
