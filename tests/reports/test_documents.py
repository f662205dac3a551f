from __future__ import annotations

import shutil
import subprocess
from dataclasses import asdict
from datetime import date
from decimal import Decimal
from io import BytesIO
from pathlib import Path

import pytest
from docx import Document
from jinja2 import DictLoader, Environment, FileSystemLoader, StrictUndefined
from jinja2.loaders import ChoiceLoader
from openpyxl import load_workbook

from tests.reports.quarter import a_heading, a_record, a_report
from workflow.domain.errors import TiendoError
from workflow.paths import templates_dir
from workflow.reports import make_template
from workflow.reports.docx import TEMPLATE, write_docx
from workflow.reports.page import TEMPLATE as PAGE
from workflow.reports.page import page_context
from workflow.reports.xlsx import write_xlsx

HOSTILE = "5 < 7 & {{ 7*7 }} <b>đậm</b>\x0b\x00 hết\nDòng hai"


def test_the_word_report_says_what_the_report_says() -> None:
    report = a_report()
    text = _text(write_docx(report))
    for said in (*report.overview, *report.shortfalls, *report.next_work, "ĐẢNG CỘNG SẢN VIỆT NAM"):
        assert said in text
    assert "{{" not in text
    assert "{%" not in text


def test_a_party_report_and_a_state_report_each_have_their_own_heading() -> None:
    party = _text(write_docx(a_report(a_record())))
    state = _text(write_docx(a_report(a_record(), heading=a_heading(is_party=False, number="9/BC-UBND"))))
    assert "Số 38-BC/ĐU" in party
    assert "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM" not in party
    assert "Số: 9/BC-UBND" in state
    assert "Độc lập - Tự do - Hạnh phúc" in state
    assert "ĐẢNG CỘNG SẢN VIỆT NAM" not in state


def test_what_a_unit_wrote_is_printed_as_written_in_word() -> None:
    text = _text(write_docx(a_report(a_record(text=HOSTILE, difficulties=HOSTILE))))
    assert "5 < 7 & {{ 7*7 }} <b>đậm</b> hết\nDòng hai" in text


def test_the_tables_of_the_word_report_repeat_their_headings() -> None:
    document = Document(BytesIO(write_docx(a_report())))
    appendix = document.tables[-1]
    assert [cell.text for cell in appendix.rows[0].cells][:2] == ["Mã số", "Nội dung"]
    assert appendix.rows[0]._tr.xpath("w:trPr/w:tblHeader")
    assert len(appendix.rows) == 1 + len(a_report().appendix)


def test_a_missing_template_says_how_to_get_it_back(tmp_path: Path) -> None:
    with pytest.raises(TiendoError, match="make_template"):
        write_docx(a_report(a_record()), tmp_path / "mau.docx")


def test_the_template_that_ships_is_the_one_the_script_makes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(make_template, "templates_dir", lambda: tmp_path)
    made, shipped = (Document(str(path)) for path in (make_template.make(), templates_dir() / TEMPLATE))
    assert made.element.xml == shipped.element.xml


def test_the_workbook_holds_numbers_and_days_with_frozen_filtered_headings() -> None:
    book = load_workbook(BytesIO(write_xlsx(a_report())))
    assert book.sheetnames == ["Tổng hợp", "Phụ lục", "Xếp hạng", "Điểm chi tiết"]
    appendix = book["Phụ lục"]
    assert appendix.freeze_panes == "D2"
    assert appendix.auto_filter.ref == "A1:P17"
    row = {head.value: cell.value for head, cell in zip(appendix[1], appendix[2], strict=True)}
    assert row["Mã số"] == "I.1.1"
    assert row["Tiến độ (%)"] == 40
    assert row["Ngày đến hạn"].date() == date(2026, 11, 30)
    whole = [cell.value for cell in book["Tổng hợp"][book["Tổng hợp"].max_row]]
    assert whole[:6] == ["Toàn kỳ", None, "Tổng số", 16, 4, 1]


def test_the_workbooks_points_add_up_to_its_ranking() -> None:
    book = load_workbook(BytesIO(write_xlsx(a_report())))
    totals = {row[2]: row[3] for row in book["Xếp hạng"].iter_rows(min_row=2, values_only=True)}
    sums: dict[str, Decimal] = {}
    for unit, _, _, points, *_ in book["Điểm chi tiết"].iter_rows(min_row=2, values_only=True):
        sums[unit] = sums.get(unit, Decimal(0)) + Decimal(str(points))
    assert sums == {unit: Decimal(str(points)) for unit, points in totals.items()}


def test_a_text_that_looks_like_a_formula_stays_text_in_the_workbook() -> None:
    book = load_workbook(BytesIO(write_xlsx(a_report(a_record(difficulties="=1+1\x0b", content=HOSTILE)))))
    cell = book["Phụ lục"].cell(2, 15)
    assert (cell.value, cell.data_type) == ("=1+1", "s")


def test_the_page_shows_the_figures_and_escapes_what_units_wrote() -> None:
    report = a_report(a_record(asked="mt", text=HOSTILE))
    page = _page().get_template(PAGE).render(page_context(report))
    assert "{{ 7*7 }} &lt;b&gt;đậm&lt;/b&gt;" in page
    assert report.overview[0] in page
    assert "10 điểm tối đa áp dụng" in page
    assert '<details id="diem-1">' in page


def test_every_point_on_the_page_opens_to_its_reasons() -> None:
    report = a_report()
    page = _page().get_template(PAGE).render(page_context(report))
    for score in report.scores:
        for line in score.lines:
            assert all(reason.text in page for reason in line.reasons), asdict(line)


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
def test_libreoffice_opens_the_report_and_prints_it(tmp_path: Path) -> None:
    (tmp_path / "bao-cao.docx").write_bytes(write_docx(a_report()))
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    command = ["soffice", "--headless", profile, "--convert-to", "pdf", "bao-cao.docx"]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, timeout=180)
    text = subprocess.run(
        ["pdftotext", "-layout", "bao-cao.pdf", "-"], cwd=tmp_path, check=True, capture_output=True, text=True
    ).stdout
    assert "ĐẢNG CỘNG SẢN VIỆT NAM" in text
    assert "Nơi nhận:" in text
    assert 6 <= text.count("\f") <= 10


def _text(docx: bytes) -> str:
    document = Document(BytesIO(docx))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(paragraph.text for paragraph in document.paragraphs), *cells])


def _page() -> Environment:
    base = DictLoader(
        {"pages/base.html": "<main>{% block title %}{% endblock %}{% block content %}{% endblock %}</main>"}
    )
    loader = ChoiceLoader([base, FileSystemLoader(templates_dir())])
    page = Environment(
        loader=loader, autoescape=True, undefined=StrictUndefined, extensions=["jinja2.ext.i18n"]
    )
    page.install_null_translations(newstyle=True)  # type: ignore[attr-defined]
    return page
