from __future__ import annotations

import subprocess
from dataclasses import replace
from datetime import date
from decimal import Decimal
from io import BytesIO
from pathlib import Path

import pytest
from openpyxl import load_workbook

from tests.reports.quarter import HOSTILE, a_record, a_report
from workflow.domain.scores.score_lines import ExtraLine
from workflow.reports.pdf.libreoffice import libreoffice
from workflow.reports.sheets.xlsx import workbook_of, write_xlsx


def test_the_workbook_holds_numbers_and_days_with_frozen_filtered_headings() -> None:
    book = load_workbook(BytesIO(write_xlsx(a_report())))
    assert book.sheetnames[:5] == ["Tổng hợp", "Phụ lục", "Chỉ tiêu", "Xếp hạng", "Điểm chi tiết"]
    assert [len(sheet._charts) for sheet in book.worksheets[5:]] == [1, 1]
    appendix = book["Phụ lục"]
    assert appendix.freeze_panes == "C2"
    assert appendix.auto_filter.ref == "A1:S17"
    assert (appendix.page_setup.orientation, appendix.page_setup.paperSize) == ("landscape", 9)
    assert appendix.print_title_rows == "$1:$1"
    row = {head.value: cell.value for head, cell in zip(appendix[1], appendix[2], strict=True)}
    assert row["Mục"] == "I.1.1"
    assert row["Tiến độ (%)"] == 40
    assert row["Ngày đến hạn"].date() == date(2026, 11, 30)


def test_totals_are_formulas_over_the_appendix_with_their_values_beside_them() -> None:
    written = write_xlsx(a_report())
    formulas, values = (load_workbook(BytesIO(written), data_only=only)["Tổng hợp"] for only in (False, True))
    last = values.max_row
    assert [cell.value for cell in values[last]][:6] == ["Toàn kỳ", None, "Tổng số", 16, 4, 1]
    assert formulas.cell(last, 5).value == "=COUNTIFS('Phụ lục'!$J$2:$J$17,E$1)"
    assert formulas.cell(2, 5).value == "=COUNTIFS('Phụ lục'!$R$2:$R$17,$Q2,'Phụ lục'!$J$2:$J$17,E$1)"


def test_a_rank_is_a_formula_unless_a_further_criterion_broke_a_tie() -> None:
    report = a_report()
    shared = next(at for at, one in enumerate(report.scores) if one.rank_reason and one.rank == 1)
    scores = list(report.scores)
    scores[shared] = replace(scores[shared], rank=2)
    book = load_workbook(BytesIO(write_xlsx(replace(report, scores=tuple(scores)))))
    ranks = [(row[1], row[10]) for row in book["Xếp hạng"].iter_rows(min_row=2, values_only=True)]
    by_formula = [str(rank).startswith("=COUNTIFS") for rank, _ in ranks]
    assert by_formula.count(False) == 1
    rank, note = ranks[by_formula.index(False)]
    assert rank == 2
    assert "không theo công thức" in str(note)


def test_bonus_and_deduction_stand_apart_from_the_points_and_in_the_total() -> None:
    report = a_report()
    first, *rest = report.scores
    bonus = ExtraLine("x", "Sáng kiến cấp thành phố", Decimal("2.50"), ())
    first = replace(first, extras=(bonus,), total=first.total + bonus.points)
    book = load_workbook(BytesIO(write_xlsx(replace(report, scores=(first, *rest)))), data_only=True)
    heads, row = book["Xếp hạng"][1], book["Xếp hạng"][2]
    told = {head.value: cell.value for head, cell in zip(heads, row, strict=True)}
    assert (told["Thưởng, trừ"], told["Tổng điểm"]) == (2.5, float(first.total))


def test_a_text_that_looks_like_a_formula_stays_text_in_the_workbook() -> None:
    book = load_workbook(BytesIO(write_xlsx(a_report(a_record(difficulties="=1+1\x0b", content=HOSTILE)))))
    cell = book["Phụ lục"].cell(2, 15)  # Khó khăn, vướng mắc
    assert (cell.value, cell.data_type) == ("=1+1", "s")


@pytest.mark.slow
@pytest.mark.skipif(libreoffice() is None, reason="LibreOffice is not installed")
def test_libreoffice_reckons_every_formula_to_the_value_beside_it(tmp_path: Path) -> None:
    # The values are left out, so that LibreOffice must reckon them.
    book, formulas = workbook_of(a_report())
    book.save(tmp_path / "bare.xlsx")
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    command = [
        libreoffice() or "",
        "--headless",
        profile,
        "--convert-to",
        "xlsx",
        "--outdir",
        "out",
        "bare.xlsx",
    ]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, timeout=300)
    reckoned = load_workbook(tmp_path / "out" / "bare.xlsx", data_only=True)
    wrong = [
        (reckoned.worksheets[number - 1].title, name, formula, found)
        for number, cells in formulas.items()
        for name, formula in cells.items()
        for found in (reckoned.worksheets[number - 1][name].value,)
        if found != formula.value
        and not (isinstance(found, int | float) and found == pytest.approx(float(formula.value)))
    ]
    assert wrong == []
    assert sum(len(cells) for cells in formulas.values()) > 300
