"""Cells of the tables that are given out, which spreadsheets open."""

import re

FORMULA = re.compile(r"\s*[=@]|[+-](?![\d .,()/-]*$)|[\t\r]")
"""What a spreadsheet would take for a formula."""
BEHIND_A_SEMICOLON = re.compile(r"(;\s*)(?=[=@+-])")
"""Spreadsheets of many countries begin a new cell there, quoted or not."""


def inert(text: str) -> str:
    """The text so that no spreadsheet runs anything of it."""
    behind = BEHIND_A_SEMICOLON.sub(r"\1'", text)
    return f"'{behind}" if FORMULA.match(text) else behind
