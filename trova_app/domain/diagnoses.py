"""Diagnosis codes as a claim prints them: WHO ICD-10, in the order the clinician gives.

The rules are those South African schemes check (ICD-10 Technical User Guide of the National Department of Health).
Nothing here blocks a bill: a code is a clinician's judgement, so every rule ends in a sentence, never in a refusal.
"""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

WHO_CODE = re.compile(r"[A-Z][0-9]{2}(\.[0-9]{1,2})?", re.ASCII)
UNDOTTED = re.compile(r"([A-Z][0-9]{2})\.?([0-9]{1,2})?", re.ASCII)
MARKS = re.compile(r"[\s*+†]+")

ASTERISKED = """
D63 D77 E35 E90 F00 F02 G01 G02 G05 G07 G13 G22 G26 G32 G46 G53 G55 G59 G63 G73 G94 G99 H03 H06 H13 H19 H22
H28 H32 H36 H42 H45 H48 H58 H62 H67 H75 H82 H94 I32 I39 I41 I43 I52 I68 I79 I98 J17 J91 J99 K23 K67 K77 K87
K93 L14 L45 L54 L62 L86 L99 M01 M03 M07 M09 M14 M36 M49 M63 M68 M73 M82 M90 N08 N16 N22 N29 N33 N37 N51 N74
N77 P75
"""
MANIFESTATIONS = frozenset(ASTERISKED.split())
"""WHO's asterisk categories: a manifestation of another disease, whose dagger code must come first."""


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """One ICD-10 code with its title, as printed. A free-typed code may have an empty title."""

    code: str
    description: str = ""


def tidy_code(typed: str) -> str:
    """The code as WHO prints it: capitals, a point after three characters, no dagger or asterisk. f411 -> F41.1.

    Text that cannot be a WHO code comes back trimmed and in capitals, so that nothing typed is lost.
    """
    bare = MARKS.sub("", typed).upper().replace(",", ".").rstrip(".")
    found = UNDOTTED.fullmatch(bare)
    if not found:
        return bare
    category, detail = found.groups()
    return f"{category}.{detail}" if detail else category


def is_well_formed(code: str) -> bool:
    """A letter and two digits, then at most a point and one or two digits. US codes such as S93.401A are not."""
    return WHO_CODE.fullmatch(code) is not None


def is_injury(code: str) -> bool:
    """S00 to T98: injury, poisoning and other consequences of external causes."""
    return code[:1] in {"S", "T"}


def is_external_cause(code: str) -> bool:
    """V01 to Y98: what caused an injury, never what is being treated."""
    return code[:1] in {"V", "W", "X", "Y"}


def is_manifestation(code: str) -> bool:
    """Whether WHO marks this category with an asterisk."""
    return code[:3] in MANIFESTATIONS


def not_chosen(words: str, codes: Collection[str] = ()) -> str:
    """A sentence where words stand in the box for a diagnosis that are none of these codes, else ""."""
    words = words.strip()
    if not words or tidy_code(words) in codes:
        return ""
    short = words if len(words) <= 40 else words[:39] + "\u2026"
    return f"The diagnosis \u201c{short}\u201d is not added yet. Choose a code from the list, or empty the box."


def warnings_for(codes: Sequence[str]) -> list[str]:
    """What a scheme would reject in these codes, primary first; each sentence says what to do about it."""
    tidy = [code for code in (tidy_code(typed) for typed in codes) if code]
    return [*_malformed(tidy), *_wrong_first(tidy), *_injury_without_cause(tidy), *_repeated(tidy)]


def _malformed(codes: list[str]) -> list[str]:
    return [
        f"{code} is not a WHO ICD-10 code such as F41.1 or S93.40. Check it: schemes reject other coding systems."
        for code in dict.fromkeys(codes)
        if not is_well_formed(code)
    ]


def _wrong_first(codes: list[str]) -> list[str]:
    if not codes:
        return []
    first = codes[0]
    if is_external_cause(first):
        return [
            f"{first} says what caused an injury, so it cannot come first. Put the injury itself (S or T) before it."
        ]
    if is_manifestation(first):
        return [f"{first} is a manifestation (asterisk) code. Put the code of the disease that causes it before it."]
    return []


def _injury_without_cause(codes: list[str]) -> list[str]:
    injury = next((code for code in codes if is_injury(code)), None)
    if injury is None or any(is_external_cause(code) for code in codes):
        return []
    return [f"{injury} is an injury. Add the external cause (a code from V01 to Y98) after it."]


def _repeated(codes: list[str]) -> list[str]:
    return [
        f"{code} is listed {codes.count(code)} times. Keep it once."
        for code in dict.fromkeys(codes)
        if codes.count(code) > 1
    ]
