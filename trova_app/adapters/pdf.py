"""Documents as PDF and PNG, by Typst. The same content gives the same bytes on every machine and day."""

import json
import logging
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

import typst

from trova_app.adapters.pdf_sheet import Sheet, sheet
from trova_app.domain.documents import DocumentContent

TYPST_FOLDER = Path(__file__).parent / "typst"
TEMPLATE = TYPST_FOLDER / "document.typ"
STANDARDS: list[Any] = ["a-2a", "ua-1"]
SCREEN_PPI = 144.0

log = logging.getLogger(__name__)


class TypstPress:
    """Prints documents. Safe to share over threads: a compiler must not be, so each thread keeps its own.

    `more_fonts` is a folder of further fonts, for names in scripts that Inter lacks.
    """

    def __init__(self, more_fonts: Path | None = None) -> None:
        folders = [TYPST_FOLDER / "fonts"] + ([more_fonts] if more_fonts else [])
        self._fonts = typst.Fonts(include_system_fonts=False, font_paths=folders)
        self._of_thread = threading.local()

    def pdf(self, content: DocumentContent) -> bytes:
        """A tagged PDF/A-2a and PDF/UA-1. Where no font has a character of the text (an emoji, say) those standards
        cannot be kept; the document still prints, tagged, with a box in that place."""
        drawn = sheet(content)
        printed = _first_that_prints(
            lambda: self._compile(content, drawn, "pdf", STANDARDS),
            lambda: self._compile(content, _without_logo(drawn), "pdf", STANDARDS),
            lambda: self._compile(content, drawn, "pdf", []),
            lambda: self._compile(content, _without_logo(drawn), "pdf", []),
        )
        return printed[0]

    def png(self, content: DocumentContent, page: int = 1, ppi: float = SCREEN_PPI) -> bytes:
        """One page as a picture, pages counted from 1. Raises IndexError beyond the last page."""
        pages = self._pictures(content, ppi)
        if not 1 <= page <= len(pages):
            raise IndexError(f"The document has {len(pages)} pages, not {page}")
        return pages[page - 1]

    def page_count(self, content: DocumentContent) -> int:
        return len(self._pictures(content, ppi=1))

    def _pictures(self, content: DocumentContent, ppi: float) -> list[bytes]:
        drawn = sheet(content)
        return _first_that_prints(
            lambda: self._compile(content, drawn, "png", [], ppi),
            lambda: self._compile(content, _without_logo(drawn), "png", [], ppi),
        )

    def _compile(
        self,
        content: DocumentContent,
        drawn: Sheet,
        kind: Literal["pdf", "png"],
        standards: list[Any],
        ppi: float = SCREEN_PPI,
    ) -> list[bytes]:
        printed = self._compiler().compile(
            format=kind,
            ppi=ppi,
            sys_inputs={"sheet": json.dumps(drawn)},
            pdf_standards=standards,
            timestamp=datetime.fromisoformat(content.issue_date).replace(tzinfo=UTC),
        )
        return printed if isinstance(printed, list) else [printed or b""]

    def _compiler(self) -> typst.Compiler:
        if not hasattr(self._of_thread, "compiler"):
            self._of_thread.compiler = typst.Compiler(
                TEMPLATE, root=TYPST_FOLDER, font_paths=self._fonts, ignore_system_fonts=True
            )
        compiler: typst.Compiler = self._of_thread.compiler
        return compiler


def _without_logo(drawn: Sheet) -> Sheet:
    """A damaged picture must not hold up a document."""
    return drawn | {"logo": None}


def _first_that_prints(*attempts: Callable[[], list[bytes]]) -> list[bytes]:
    """The first attempt that compiles. Raises the first attempt's error when none does. Logs no text of a document."""
    failures: list[typst.TypstError] = []
    for attempt in attempts:
        try:
            return attempt()
        except typst.TypstError as failure:
            failures.append(failure)
            log.info("document_printed_with_less", extra={"attempt": len(failures)})
    raise failures[0]
