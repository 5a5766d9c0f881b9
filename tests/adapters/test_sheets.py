"""Lists out of files people have: each cell as it was meant, and a sentence for everything that is no list."""

import io
import zipfile
from datetime import date
from decimal import Decimal

import pytest

from tests.workbooks import DAY, FOUR_DIGITS, ISO_DAY, PLAIN, STYLES, a_workbook
from trova_app.adapters import sheets, workbooks
from trova_app.adapters.sheets import read_sheet

Unreadable = sheets.Unreadable


def cells(data: bytes) -> list[tuple]:
    return [row for _, row in read_sheet(data).rows]


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_a_text_is_read_whatever_parts_its_cells_and_however_it_is_encoded(separator, encoding):
    text = (
        separator.join(("Code", "Beskrywing", "Price")) + "\r\n" + separator.join(("0190", "Raadpleging é", "980.50"))
    )
    assert cells(text.encode(encoding)) == [("Code", "Beskrywing", "Price"), ("0190", "Raadpleging é", "980.50")]


def test_a_comma_for_decimals_does_not_part_cells_where_a_semicolon_does():
    assert cells(b"Code;Price\n86205;1 250,50\n86206;980,00") == [
        ("Code", "Price"), ("86205", "1 250,50"), ("86206", "980,00")
    ]  # fmt: skip


def test_a_list_without_separators_has_one_column():
    assert cells(b"86205\n86206") == [("86205",), ("86206",)]


def test_rows_keep_the_number_a_spreadsheet_shows():
    found = read_sheet(b'\n\nCode,Price\n\n"86,205",1\n,,\n').rows
    assert found == ((3, ("Code", "Price")), (5, ("86,205", "1")))
    assert [number for number, _ in read_sheet(a_workbook([], ["Code"], [], ["86205"])).rows] == [2, 4]


def test_a_workbook_gives_texts_numbers_and_days_as_the_file_means_them():
    book = a_workbook(
        ["Code", "Description", None, "Price", "From"],
        [86205, "Psychotherapy & <more>", None, 980.5, ("46023", DAY)],
        [("190", FOUR_DIGITS), "Visit", None, ("1250.4000000000001", 0), ("46023.75", ISO_DAY)],
        ["0191", "", None, ("1E3", 0)],
    )
    assert cells(book) == [
        ("Code", "Description", "", "Price", "From"),
        (Decimal(86205), "Psychotherapy & <more>", "", Decimal("980.5"), date(2026, 1, 1)),
        ("0190", "Visit", "", Decimal("1250.4"), date(2026, 1, 1)),
        ("0191", "", "", Decimal(1000)),
    ]


def test_the_first_sheet_that_is_not_hidden_counts():
    assert cells(a_workbook(["seen"], hidden_first=True)) == [("seen",)]


def test_days_counted_from_1904_are_the_same_days():
    sheets_part = '<sheets><sheet name="A" sheetId="1" r:id="rId1"/></sheets>'
    workbook = f'<workbook xmlns:r="r"><workbookPr date1904="1"/>{sheets_part}</workbook>'
    assert cells(a_workbook([("44561", DAY)], xl__workbook_xml=workbook)) == [(date(2026, 1, 1),)]


def test_texts_in_the_cell_itself_in_runs_and_from_formulas_are_read():
    sheet = (
        "<w><sheetData><row><c t='inlineStr'><is><t>Code</t></is></c><c t='str'><f>A1</f><v>Price</v></c>"
        "<c t='b'><v>1</v></c><c t='e'><v>#N/A</v></c><c/></row><row><c t='s'><v>0</v></c></row></sheetData></w>"
    )
    shared = "<sst><si><r><t>Psycho</t></r><r><t>therapy</t></r><rPh><t>hint</t></rPh></si></sst>"
    book = a_workbook(xl__worksheets__sheet1_xml=sheet, xl__sharedStrings_xml=shared)
    assert cells(book) == [("Code", "Price", "1", "#N/A"), ("Psychotherapy",)]


def bomb(name: str = "xl/worksheets/sheet1.xml") -> bytes:
    """A small file of which one part unpacks to 120 MB."""
    held = io.BytesIO(a_workbook(["Code"]))
    with zipfile.ZipFile(held) as old:
        parts = {part: old.read(part) for part in old.namelist()}
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as book:
        for part, text in parts.items():
            if part != name:
                book.writestr(part, text)
        with book.open(name, "w") as out:
            out.write(b"<worksheet><sheetData>")
            for _ in range(120):
                out.write(b" " * 1_000_000)
            out.write(b"</sheetData></worksheet>")
    return made.getvalue()


ENTITIES = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><sst><si><t>&b;</t></si></sst>'


@pytest.mark.parametrize(
    "part", ["xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "xl/styles.xml", "xl/workbook.xml"]
)
def test_a_small_file_that_unpacks_to_a_large_one_is_put_down(part):
    with pytest.raises(Unreadable, match="unpacks to far more"):
        read_sheet(bomb(part))


def test_parts_that_only_together_unpack_to_far_more_are_put_down(monkeypatch):
    book = a_workbook(["Code"], xl__styles_xml=STYLES + " " * 600)
    assert cells(book) == [("Code",)]
    with zipfile.ZipFile(io.BytesIO(book)) as parts:
        largest = max(part.file_size for part in parts.infolist())
    monkeypatch.setattr(workbooks, "MOST_UNPACKED", largest + 1)
    with pytest.raises(Unreadable, match="unpacks to far more"):
        read_sheet(book)


@pytest.mark.parametrize("number", ["1E+999999", "-1E999999", "1E-999999", "1E+9999999", "0E+999999", "NaN", "INF"])
@pytest.mark.parametrize("style", [PLAIN, DAY, FOUR_DIGITS])
def test_a_number_with_a_million_digits_stays_the_few_letters_it_is_written_in(number, style):
    assert cells(a_workbook([(number, style), "Visit"])) == [(number, "Visit")]


def test_more_parts_or_rows_than_a_list_has_are_refused():
    held = io.BytesIO(a_workbook(["Code"]))
    with zipfile.ZipFile(held, "a") as book:
        for n in range(workbooks.MOST_PARTS):
            book.writestr(f"x{n}", "")
    with pytest.raises(Unreadable, match="unpacks to far more"):
        read_sheet(held.getvalue())
    with pytest.raises(Unreadable, match="20,000 rows"):
        read_sheet(b"86205,1\n" * (sheets.MOST_ROWS + 1))
    assert len(cells(b"86205,1\n" * sheets.MOST_ROWS)) == sheets.MOST_ROWS


@pytest.mark.parametrize(
    "data",
    [
        a_workbook(["x"])[:200],
        b"PK\x03\x04",
        b"PK\x03\x04" + b"\x00" * 500,
        a_workbook(["x"], xl__workbook_xml="<workbook/>"),
        a_workbook(["x"], xl__workbook_xml="<workbook"),
        a_workbook(["x"], xl__sharedStrings_xml=ENTITIES),
        a_workbook(["x"], xl__worksheets__sheet1_xml="<worksheet><sheetData><row r='x'/></sheetData></worksheet>"),
        a_workbook(xl__worksheets__sheet1_xml="<w><row><c t='s'><v>7</v></c></row></w>"),
        a_workbook(xl__worksheets__sheet1_xml="<w><row><c t='s'><v>seven</v></c></row></w>"),
        a_workbook(["x"], xl__styles_xml="<s><cellXfs><xf numFmtId='x'/></cellXfs></s>"),
        b"",
        b"   \n \n",
        b"\x00\x01\x02\x03" * 100,
        b"%PDF-1.7",
        b"\xd0\xcf\x11\xe0" + b"\x00" * 600,
        a_workbook([None, None]),
        b'"86205,1\n' + b"x" * 200_000,
    ],
)
def test_what_is_no_list_is_answered_with_a_sentence(data):
    with pytest.raises(Unreadable) as refused:
        read_sheet(data)
    assert str(refused.value).endswith(".") and "\n" not in str(refused.value)


def test_a_cell_with_far_too_much_in_it_is_cut_and_a_row_with_too_many_cells_too():
    (row,) = cells(b",".join([b"x" * 5000] * (sheets.MOST_COLUMNS + 20)))
    assert (len(row), len(row[0])) == (sheets.MOST_COLUMNS, sheets.MAX_CELL)
