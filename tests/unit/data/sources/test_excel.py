from __future__ import annotations

import sys
import zipfile
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

import pytest

from millwright.core.errors import InvalidInputError, MissingExtraError
from millwright.data.sources.request import SourceOptions
from millwright.data.sources.source import read_source

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

pytest.importorskip("fastexcel", reason="needs fastexcel: pip install 'millwright[excel]'")

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_REL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"


def write_workbook(path: Path, sheets: Mapping[str, Sequence[Sequence[object]]]) -> str:
    """A minimal workbook: inline texts, numbers, booleans, and dates as numbers with a date format."""
    names = list(sheets)
    tags = "".join(f'<sheet name="{n}" sheetId="{i}" r:id="rId{i}"/>' for i, n in enumerate(names, 1))
    links = "".join(
        f'<Relationship Id="rId{i}" Type="{_REL}/worksheet" Target="worksheets/sheet{i}.xml"/>'
        for i in range(1, len(names) + 1)
    )
    parts = "".join(
        f'<Override PartName="/xl/worksheets/sheet{i}.xml" ContentType="{_TYPE}.worksheet+xml"/>'
        for i in range(1, len(names) + 1)
    )
    files = {
        "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types"><Default Extension="rels" '
        'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPE}.sheet.main+xml"/>'
        f'<Override PartName="/xl/styles.xml" ContentType="{_TYPE}.styles+xml"/>{parts}</Types>',
        "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="rId1" '
        f'Type="{_REL}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_REL}"><sheets>{tags}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">{links}<Relationship '
        f'Id="rId99" Type="{_REL}/styles" Target="styles.xml"/></Relationships>',
        "xl/styles.xml": f'<styleSheet xmlns="{_MAIN}"><cellXfs count="2"><xf numFmtId="0"/>'
        '<xf numFmtId="14" applyNumberFormat="1"/></cellXfs></styleSheet>',
    }
    for number, rows in enumerate(sheets.values(), 1):
        lines = "".join(
            f'<row r="{r}">{"".join(_cell(value, f"{chr(65 + c)}{r}") for c, value in enumerate(row))}</row>'
            for r, row in enumerate(rows, 1)
        )
        files[f"xl/worksheets/sheet{number}.xml"] = (
            f'<worksheet xmlns="{_MAIN}"><sheetData>{lines}</sheetData></worksheet>'
        )
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, f'<?xml version="1.0" encoding="UTF-8"?>{text}')
    return str(path)


def _cell(value: object, place: str) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return f'<c r="{place}" t="b"><v>{int(value)}</v></c>'
    if isinstance(value, date):
        return f'<c r="{place}" s="1"><v>{(value - date(1899, 12, 30)).days}</v></c>'
    if isinstance(value, int | float):
        return f'<c r="{place}"><v>{value}</v></c>'
    return f'<c r="{place}" t="inlineStr"><is><t>{escape(str(value))}</t></is></c>'


ROWS = [["id", " Name "], [1.0, "a"], [2.5, None]]


def test_only_sheet_with_rows_is_read_with_types(tmp_path: Path) -> None:
    rows = [["id", "when", "ok", " Name "], [1, date(2026, 1, 2), True, "007"], [2, None, False, None]]
    source = write_workbook(tmp_path / "t.xlsx", {"Empty": [], "Data": rows})
    table = read_source(source)
    assert table.format == "excel"
    assert table.frame.columns == ["id", "when", "ok", "Name"]
    assert table.frame.to_dicts() == [
        {"id": 1, "when": datetime(2026, 1, 2, tzinfo=UTC).replace(tzinfo=None), "ok": True, "Name": "007"},
        {"id": 2, "when": None, "ok": False, "Name": None},
    ]


def test_sheet_is_chosen_by_name_or_position_and_makes_another_digest(tmp_path: Path) -> None:
    source = write_workbook(tmp_path / "t.xlsx", {"One": ROWS, "Two": [["b"], ["x"]]})
    by_name = read_source(source, SourceOptions(sheet="Two"))
    assert by_name.frame.rows() == [("x",)]
    assert read_source(source, SourceOptions(sheet="1")).frame.columns == ["id", "Name"]
    assert by_name.digest != read_source(source, SourceOptions(sheet="One")).digest


def test_column_of_several_types_becomes_text_also_late(tmp_path: Path) -> None:
    rows: list[list[object]] = [["a"], *[[number] for number in range(1500)], ["late"]]
    frame = read_source(write_workbook(tmp_path / "t.xlsx", {"S": rows})).frame
    assert frame["a"].null_count() == 0
    assert frame["a"].to_list()[-1] == "late"


def test_several_sheets_without_a_choice_are_named(tmp_path: Path) -> None:
    source = write_workbook(tmp_path / "t.xlsx", {"One": ROWS, "Two": ROWS})
    with pytest.raises(InvalidInputError, match=r"found 2: 'One', 'Two'.*--sheet"):
        read_source(source)


def test_absent_sheet_names_the_nearest(tmp_path: Path) -> None:
    source = write_workbook(tmp_path / "t.xlsx", {"Schedules": ROWS})
    with pytest.raises(InvalidInputError, match=r"no sheet 'Schedule'.*Did you mean 'Schedules'"):
        read_source(source, SourceOptions(sheet="Schedule"))
    with pytest.raises(InvalidInputError, match="no sheet '2'"):
        read_source(source, SourceOptions(sheet="2"))


def test_workbook_is_known_without_its_name(tmp_path: Path) -> None:
    assert read_source(write_workbook(tmp_path / "download", {"S": ROWS})).format == "excel"


def test_workbook_without_rows_or_broken_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError, match="only empty sheets"):
        read_source(write_workbook(tmp_path / "t.xlsx", {"S": []}))
    (tmp_path / "b.xlsx").write_bytes(b"PK\x03\x04 broken")
    with pytest.raises(InvalidInputError, match="Expected an Excel or OpenDocument workbook"):
        read_source(str(tmp_path / "b.xlsx"))


def test_sheet_of_another_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("a\n1\n")
    with pytest.raises(InvalidInputError, match="Expected a workbook"):
        read_source(str(tmp_path / "t.csv"), SourceOptions(sheet="S"))


def test_missing_library_names_the_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = write_workbook(tmp_path / "t.xlsx", {"S": ROWS})
    monkeypatch.setitem(sys.modules, "fastexcel", None)
    with pytest.raises(MissingExtraError, match=r"millwright\[excel\]"):
        read_source(source)
