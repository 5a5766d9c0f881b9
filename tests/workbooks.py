"""Workbooks as Excel writes them, the little of them a list needs."""

import io
import zipfile
from collections.abc import Sequence
from xml.sax.saxutils import escape

MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
REFS = 'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
STYLES = (
    f'<styleSheet {MAIN}><numFmts count="3"><numFmt numFmtId="164" formatCode="0000"/>'
    '<numFmt numFmtId="165" formatCode="yyyy\\-mm\\-dd"/>'
    '<numFmt numFmtId="166" formatCode="[$-1C09]dd/mm/yyyy\\ hh:mm;@"/></numFmts>'
    '<cellXfs count="6"><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="164"/><xf numFmtId="165"/>'
    '<xf numFmtId="20"/><xf numFmtId="166"/></cellXfs>'
    "</styleSheet>"
)
PLAIN, DAY, FOUR_DIGITS, ISO_DAY, CLOCK, MOMENT = range(6)
"""The styles of `STYLES`, for cells given as (number, style)."""

Given = str | float | int | None | tuple[str, int]


def a_workbook(*rows: Sequence[Given], hidden_first: bool = False, **parts: str) -> bytes:
    """Texts are shared, numbers are numbers, (text, style) is a number with a style, None leaves the cell out."""
    texts: list[str] = []
    body = "".join(_row(number, row, texts) for number, row in enumerate(rows, start=1))
    shared = "".join(f"<si><t xml:space='preserve'>{escape(text)}</t></si>" for text in texts)
    secret = '<sheet name="Secret" sheetId="2" state="hidden" r:id="rId2"/>' if hidden_first else ""
    files = {
        "xl/workbook.xml": f'<workbook {MAIN} {REFS}><sheets>{secret}<sheet name="Prices" sheetId="1" r:id="rId1"/>'
        "</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/'
        'relationships"><Relationship Id="rId1" Target="worksheets/sheet1.xml"/>'
        '<Relationship Id="rId2" Target="/xl/worksheets/sheet2.xml"/></Relationships>',
        "xl/sharedStrings.xml": f"<sst {MAIN}>{shared}</sst>",
        "xl/styles.xml": STYLES,
        "xl/worksheets/sheet1.xml": f"<worksheet {MAIN}><sheetData>{body}</sheetData></worksheet>",
        "xl/worksheets/sheet2.xml": f"<worksheet {MAIN}><sheetData><row r='1'><c r='A1' t='inlineStr'><is><t>x</t></is>"
        "</c></row></sheetData></worksheet>",
    } | {name.replace("__", "/").replace("_xml", ".xml"): text for name, text in parts.items()}
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as book:
        for name, text in files.items():
            book.writestr(name, text)
    return held.getvalue()


def _row(number: int, row: Sequence[Given], texts: list[str]) -> str:
    cells = "".join(_cell(f"{chr(65 + at)}{number}", given, texts) for at, given in enumerate(row))
    return f'<row r="{number}">{cells}</row>'


def _cell(reference: str, given: Given, texts: list[str]) -> str:
    if given is None:
        return ""
    if isinstance(given, str):
        texts.append(given)
        return f'<c r="{reference}" t="s"><v>{len(texts) - 1}</v></c>'
    number, style = given if isinstance(given, tuple) else (str(given), PLAIN)
    return f'<c r="{reference}" s="{style}"><v>{number}</v></c>'
