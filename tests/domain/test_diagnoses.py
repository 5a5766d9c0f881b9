"""Codes as they are typed and as a scheme wants them."""

import pytest

from trova_app.domain.diagnoses import Diagnosis, is_manifestation, is_well_formed, not_chosen, tidy_code, warnings_for


@pytest.mark.parametrize(
    ("typed", "printed"),
    [
        ("f411", "F41.1"),
        (" F41.1 ", "F41.1"),
        ("f 41 . 1", "F41.1"),
        ("F41,1", "F41.1"),
        ("f41", "F41"),
        ("F41.", "F41"),
        ("s9340", "S93.40"),
        ("G63.2*", "G63.2"),
        ("E11.4+", "E11.4"),
        ("E11.4†", "E11.4"),
        ("s93.401a", "S93.401A"),
        ("anxiety", "ANXIETY"),
        ("", ""),
    ],
)
def test_a_code_is_printed_the_way_who_prints_it_however_it_was_typed(typed: str, printed: str) -> None:
    assert tidy_code(typed) == printed
    assert tidy_code(printed) == printed


@pytest.mark.parametrize("code", ["F41.1", "F41", "S93.40", "U07.1"])
def test_who_codes_are_well_formed(code: str) -> None:
    assert is_well_formed(code)


@pytest.mark.parametrize("code", ["S93.401A", "F411", "41.1", "F4", "f41.1", "F41.1 ", "F41.1\n", "F４1.1", ""])
def test_american_half_typed_and_foreign_codes_are_not_well_formed(code: str) -> None:
    assert not is_well_formed(code)


def test_sound_codes_in_order_raise_no_warning() -> None:
    assert warnings_for(["F41.1", "F32.9"]) == []
    assert warnings_for(["s93.4", "w19.9"]) == []
    assert warnings_for(["E11.4", "G63.2"]) == []
    assert warnings_for([]) == []


def test_an_external_cause_cannot_come_first() -> None:
    assert warnings_for(["W19.9", "S93.4"]) == [
        "W19.9 says what caused an injury, so it cannot come first. Put the injury itself (S or T) before it."
    ]


@pytest.mark.parametrize("codes", [["S93.4"], ["T14.6", "M62.6"], ["M54.5", "S33.5"]])
def test_an_injury_needs_its_external_cause(codes: list[str]) -> None:
    (warning,) = warnings_for(codes)
    assert "Add the external cause (a code from V01 to Y98) after it." in warning


@pytest.mark.parametrize("cause", ["V89.2", "W01.9", "X50", "Y34.9"])
def test_any_external_cause_satisfies_an_injury(cause: str) -> None:
    assert warnings_for(["S93.4", cause]) == []


def test_a_repeated_code_is_named_once_however_it_was_typed() -> None:
    assert warnings_for(["F41.1", "f411", "F41.1"]) == ["F41.1 is listed 3 times. Keep it once."]


def test_a_manifestation_code_follows_the_disease_that_causes_it() -> None:
    (warning,) = warnings_for(["G63.2", "E11.4"])
    assert warning.startswith("G63.2 is a manifestation (asterisk) code.")
    assert is_manifestation("F00.1") and not is_manifestation("F41.1")


def test_an_american_code_is_pointed_out_and_not_refused() -> None:
    (warning,) = warnings_for(["M54.50X"])
    assert "not a WHO ICD-10 code" in warning


def test_a_blank_code_is_ignored() -> None:
    assert warnings_for(["", "  ", "F41.1"]) == []


def test_a_diagnosis_cannot_be_changed_once_made() -> None:
    with pytest.raises(AttributeError):
        Diagnosis("F41.1", "Generalized anxiety disorder").code = "F41.2"  # type: ignore[misc]


@pytest.mark.parametrize("words", ["", "  ", "f41.1", "F411"])
def test_nothing_is_said_of_an_empty_box_and_of_a_code_that_is_listed(words):
    assert not_chosen(words, ["F41.1"]) == ""


def test_words_that_are_no_listed_code_are_told_and_long_ones_shortened():
    assert not_chosen(" anxiety ", ["F41.1"]) == (
        "The diagnosis \u201canxiety\u201d is not added yet. Choose a code from the list, or empty the box."
    )
    assert "\u201c" + 39 * "a" + "\u2026\u201d" in not_chosen(41 * "a")
