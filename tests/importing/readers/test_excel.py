"""What only workbooks have: formulas, formats, hidden sheets, merged ranges."""

import io
from datetime import date, datetime, time

import openpyxl
import pytest

from workflow.domain.errors import UnreadablePlan
from workflow.importing.findings.findings import FindingKind
from workflow.importing.readers.excel import read_excel
from workflow.importing.readers.excel_values import shown
from workflow.importing.reading import read_plan
from workflow.importing.tables.table import Document

HEADER = ["TT", "Nội dung", "Đơn vị chủ trì", "Thời hạn hoàn thành"]


def a_day(day: int, month: int) -> datetime:
    """A day as openpyxl gives it: a time at midnight, of no zone."""
    return datetime.combine(date(2022, month, day), time.min)


def workbook_of(rows: list[list[object]], *merged: str) -> openpyxl.Workbook:
    workbook = openpyxl.Workbook()
    workbook.active.title = "Biểu 1"
    for row in rows:
        workbook.active.append(row)
    for cells in merged:
        workbook.active.merge_cells(cells)
    return workbook


def saved(workbook: openpyxl.Workbook) -> bytes:
    buffer = io.BytesIO()
    workbook.save(buffer)
    return buffer.getvalue()


def document_of(rows: list[list[object]], *merged: str) -> Document:
    return read_excel(saved(workbook_of(rows, *merged)))


@pytest.mark.parametrize(
    ("value", "number_format", "text"),
    [
        (1234.5, "General", "1234.5"),
        (1234.5, "#,##0.##", "1.234,5"),
        (1250, "#,##0.##", "1.250"),
        (2.125, "General", "2,1250"),
        (2.125, "#,##0.000", "2,1250"),
        (0.5, "0%", "50%"),
        (0.125, "0.0#%", "12,5%"),
        (1.1, "0.00", "1.10"),
    ],
)
def test_a_number_is_shown_so_that_it_is_read_as_that_number(value, number_format, text):
    assert shown(value, number_format) == text


def test_merged_ranges_are_spread_and_marked():
    (table,) = document_of([["1", "A", "UBND"], ["2", "B"], ["I", "MỤC TIÊU"]], "C1:C2", "B3:C3").tables
    assert [row.texts for row in table.rows] == [
        ("1", "A", "UBND"),
        ("2", "B", "UBND"),
        ("I", "MỤC TIÊU", "MỤC TIÊU"),
    ]
    assert table.rows[1][2].is_from_above
    assert table.rows[2][2].is_from_left


def test_a_formula_never_worked_out_is_remarked_and_not_evaluated():
    document = document_of([HEADER, ["1", "Trồng cây", "=cmd|'/C calc'!A0", "=B2"]])
    (remark,) = document.remarks
    assert "C2, D2" in remark.message
    assert "Excel" in remark.cure
    assert document.tables[0].rows[1].texts[:2] == ("1", "Trồng cây")


def test_the_remark_reaches_the_findings():
    workbook = workbook_of(
        [HEADER, ["1", "Trồng cây", "UBND", "Tháng 6/2026"], ["2", "Sửa cầu", "=C2", "2026"]]
    )
    findings = read_plan(saved(workbook), year=2026).findings
    assert [finding.place for finding in findings if finding.kind is FindingKind.CELL_UNREAD] == [
        "trang tính “Biểu 1”, dòng 3"
    ]


def test_each_visible_sheet_is_a_table_with_its_name_in_the_places():
    workbook = workbook_of([HEADER])
    for title, state in (("Biểu 2", "visible"), ("Nháp", "hidden")):
        sheet = workbook.create_sheet(title)
        sheet.sheet_state = state
        sheet.append(HEADER)
    document = read_excel(saved(workbook))
    assert [str(table.rows[0].place) for table in document.tables] == [
        "trang tính “Biểu 1”, dòng 1",
        "trang tính “Biểu 2”, dòng 1",
    ]


def test_empty_rows_are_left_out_but_counted_in_the_places():
    (table,) = document_of([["A", "B"], [], ["C", "D"]]).tables
    assert [row.place.first for row in table.rows] == [1, 3]


def test_lines_typed_below_the_table_are_paragraphs():
    document = document_of(
        [HEADER, ["1", "Trồng cây", "UBND", "2026"], ["III. TỔ CHỨC THỰC HIỆN"], ["Trần An"]]
    )
    assert [getattr(block, "text", "") for block in document.blocks[1:]] == [
        "III. TỔ CHỨC THỰC HIỆN",
        "Trần An",
    ]


def test_an_old_font_is_converted():
    workbook = workbook_of([["nhieäm vuï", "A"]])
    workbook.active["A1"].font = openpyxl.styles.Font(name="VNI-Times")
    assert read_excel(saved(workbook)).tables[0].rows[0][0].text == "nhiệm vụ"


def test_a_workbook_with_nothing_in_it_is_refused():
    with pytest.raises(UnreadablePlan, match="trống"):
        document_of([])


@pytest.mark.parametrize(
    ("value", "number_format", "text"),
    [
        (date(2022, 11, 15), "dd/mm/yyyy", "15/11/2022"),
        (a_day(15, 11), "mm-dd-yy", "15/11/2022"),
        (a_day(15, 11), "yyyy-mm-dd", "15/11/2022"),
        (a_day(1, 2), "mm/yyyy", "02/2022"),
        (a_day(1, 2), '"Tháng "m/yyyy', "Tháng 2/2022"),
        (0.955, "0.0%", "95,5%"),
        (0.95, "0%", "95%"),
        (1200000, "#,##0", "1.200.000"),
        (1.1, "0.00", "1.10"),
        (1.1, "General", "1.1"),
        (3.0, "General", "3"),
        (5, "00", "05"),
        (None, "General", ""),
        (True, "General", "TRUE"),
    ],
)
def test_values_are_written_as_they_are_shown(value, number_format, text):
    assert shown(value, number_format) == text
