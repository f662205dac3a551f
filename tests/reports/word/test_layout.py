"""What a ward office would send back: broken dates, names in capitals, labels cut short, empty columns."""

from __future__ import annotations

from io import BytesIO

from docx import Document
from openpyxl import load_workbook

from tests.reports.quarter import a_heading, a_record, a_report
from workflow.domain.results.record import LeaderRef
from workflow.domain.vietnamese import name_in_text, unbroken
from workflow.reports.sheets.office_charts import _short
from workflow.reports.sheets.xlsx import write_xlsx
from workflow.reports.word.docx import write_docx

NB = "\N{NO-BREAK SPACE}"


def test_no_time_is_broken_over_two_lines() -> None:
    assert unbroken("Tháng 12/2026") == f"Tháng{NB}12/2026"
    assert unbroken("Quý IV/2026") == f"Quý{NB}IV/2026"
    assert unbroken("Tháng 9/ 2026") == f"Tháng{NB}9/{NB}2026"
    assert unbroken("Trước ngày 30/8/2026") == f"Trước ngày{NB}30/8/2026"
    assert unbroken("Hàng tháng các đơn vị") == "Hàng tháng các đơn vị"


def test_a_name_in_capitals_is_a_name_in_the_text_and_an_abbreviation_stays() -> None:
    assert name_in_text("NGUYỄN THỊ ÁNH") == "Nguyễn Thị Ánh"
    assert name_in_text("Lê Văn Hùng") == "Lê Văn Hùng"
    assert name_in_text("UBND") == "UBND"


def test_a_long_label_of_a_chart_ends_with_a_phrase() -> None:
    assert _short("Chăm lo đời sống") == "Chăm lo đời sống"
    long = (
        "II.3. An sinh xã hội, chăm lo đời sống nhân dân, giảm nghèo bền vững và giải quyết việc làm cho dân"
    )
    assert _short(long) == "II.3. An sinh xã hội, chăm lo đời sống nhân dân…"


def test_a_column_in_which_no_row_says_anything_is_not_printed() -> None:
    heading = a_heading()
    with_all = a_report(
        a_record(leaders=(LeaderRef("TRẦN THỊ MAI"),), coordinating_text="MTTQ"), heading=heading
    )
    without = a_report(a_record(leaders=()), heading=heading)
    shown = [
        [cell.text for cell in Document(BytesIO(write_docx(one))).tables[-1].rows[0].cells]
        for one in (with_all, without)
    ]
    assert set(shown[0]) - set(shown[1]) == {"Lãnh đạo phụ trách", "Đơn vị phối hợp"}
    sheet = load_workbook(BytesIO(write_xlsx(without)))["Phụ lục"]
    assert [sheet.column_dimensions[column].hidden for column in "CE"] == [True, True]
    assert not sheet.column_dimensions["B"].hidden
    assert "Trần Thị Mai" in [row.leaders for row in with_all.appendix]


def test_a_bodys_place_is_not_torn_apart_in_the_heading() -> None:
    report = a_report(heading=a_heading(organisation="Ủy ban nhân dân phường Hòa Xuân Đông"))
    assert report.organisation_head == f"ỦY BAN NHÂN DÂN PHƯỜNG{NB}HÒA{NB}XUÂN{NB}ĐÔNG"
