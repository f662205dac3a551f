from __future__ import annotations

import subprocess
from io import BytesIO
from pathlib import Path

import pytest
from docx import Document
from docx.oxml.ns import qn
from jinja2 import DictLoader, Environment, FileSystemLoader, StrictUndefined
from jinja2.loaders import ChoiceLoader
from openpyxl import load_workbook

from tests.reports.quarter import HOSTILE, a_heading, a_record, a_report
from workflow.domain.cycles.cycle import Stage
from workflow.domain.errors import TiendoError
from workflow.paths import templates_dir
from workflow.reports.page import TEMPLATE as PAGE
from workflow.reports.page import appendix_parts, page_context, score_sheet
from workflow.reports.pdf.libreoffice import as_pdf, libreoffice
from workflow.reports.report_files import files_of
from workflow.reports.sheets.xlsx import write_xlsx
from workflow.reports.values import PrintedReport
from workflow.reports.word.docx import write_docx


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
    assert [cell.text for cell in appendix.rows[0].cells][:2] == ["Mục", "Nội dung"]
    assert appendix.rows[0]._tr.xpath("w:trPr/w:tblHeader")
    assert len(appendix.rows) == 1 + len(a_report().appendix)


def test_an_appendix_row_reads_as_the_plan_prints_it_before_its_result() -> None:
    record = a_record(
        start_text="Từ 02/2026",
        deadline_text="Trước 30/6",
        coordinating_text="MTTQ và các đoàn thể",
        product="Báo cáo tổng kết",
        text="Đã xong.",
    )
    table = Document(BytesIO(write_docx(a_report(record)))).tables[-1]
    row = {head.text: cell.text for head, cell in zip(table.rows[0].cells, table.rows[-1].cells, strict=True)}
    assert row == {
        "Mục": "I.1.1",
        "Nội dung": "Nội dung I.1.1\nSản phẩm: Báo cáo tổng kết",
        "Lãnh đạo phụ trách": "Trần Thị Mai",
        "Đơn vị chủ trì": "UBND phường",
        "Đơn vị phối hợp": "MTTQ và các đoàn thể",
        "Bắt đầu": "Từ 02/2026",
        "Hoàn thành": "Trước 30/6",
        "Kết quả thực hiện": "Đã xong.",
        "Tiến độ": "50%",
        "Đánh giá": "Đang thực hiện (còn trong hạn)",
        "Phê duyệt": "Đã duyệt 23/03/2026 (4/5)",
    }


def test_the_pages_are_laid_out_as_the_rules_say() -> None:
    for is_party in (True, False):
        body, appendix = Document(
            BytesIO(write_docx(a_report(heading=a_heading(is_party=is_party))))
        ).sections
        assert [round(body.page_width.cm, 1), round(body.page_height.cm, 1)] == [21, 29.7]
        assert [round(side.cm, 1) for side in (body.top_margin, body.left_margin, body.right_margin)] == [
            2,
            3,
            1.5,
        ]
        assert body.different_first_page_header_footer
        assert body.header._element.xpath(".//w:fldSimple[@w:instr='PAGE']")
        assert appendix.page_width > appendix.page_height
        assert appendix._sectPr.xpath("w:pgNumType/@w:start") == ["1"]


def test_only_ranked_units_stand_in_the_ranking_and_the_others_are_named_under_it() -> None:
    text = _text(write_docx(a_report(a_record("I.1.1", asked="tn"))))
    assert "Không xếp hạng 01 đơn vị: Đoàn TNCS Hồ Chí Minh phường." in text


def test_charts_are_drawn_by_word_and_say_their_figures_in_words() -> None:
    document = Document(BytesIO(write_docx(a_report())))
    days, sections = (one.get("descr") for one in document.element.iter(qn("wp:docPr")))
    assert days == "Hạn báo cáo 16/03/2026: 12 báo cáo đúng hạn, 3 báo cáo chậm, 1 nội dung không có báo cáo."
    assert "I.1. Chỉnh trang đô thị: Hoàn thành đúng hạn 1" in sections
    parts = [part.partname for part in document.part.package.iter_parts()]
    assert sum(name.startswith("/word/charts/") for name in parts) == 2
    assert sum(name.startswith("/word/embeddings/") for name in parts) == 2


def test_a_report_without_scores_or_records_has_no_empty_tables_or_charts() -> None:
    report = a_report(a_record(stage=Stage.WITHDRAWN))
    document = Document(BytesIO(write_docx(report)))
    assert "Kỳ này không chấm điểm." in _text(write_docx(report))
    assert not list(document.element.iter(qn("wp:docPr")))


def test_a_hundred_long_items_with_characters_xml_refuses_make_a_document_word_opens() -> None:
    long = f"{HOSTILE} " * 60
    records = [
        a_record(f"I.1.{n}", asked="mt", content=long, text=long, difficulties=long, proposals=f"{n} {long}")
        for n in range(1, 108)
    ]
    report = a_report(*records)
    assert len(Document(BytesIO(write_docx(report))).tables[-1].rows) == 1 + len(report.appendix)
    assert load_workbook(BytesIO(write_xlsx(report)))["Phụ lục"].max_row == 108


def test_the_page_shows_the_figures_and_escapes_what_units_wrote() -> None:
    report = a_report(a_record(asked="mt", text=HOSTILE))
    page = _rendered(report)
    assert "{{ 7*7 }} &lt;b&gt;đậm&lt;/b&gt;" in page
    assert report.overview[0] in page
    assert "10 điểm tối đa áp dụng" in page


def test_every_point_of_a_units_sheet_has_its_reasons() -> None:
    report = a_report()
    for score in report.scores:
        sheet = score_sheet(report, score.unit.id)
        assert sheet is not None
        for line, told in zip(score.lines, sheet.lines, strict=True):
            assert [text for text, _ in told.reasons] == [reason.text for reason in line.reasons]


def test_a_long_appendix_is_cut_into_parts_that_hold_every_row_once() -> None:
    report = a_report(*(a_record(f"I.1.{n}", content="Chỉnh trang đô thị " * 40) for n in range(1, 108)))
    parts = appendix_parts(report)
    assert len(parts) > 1
    assert tuple(row for part in parts for row in part.rows) == report.appendix
    assert (parts[0].first, parts[-1].last) == ("I.1.1", "I.1.107")


def _rendered(report: PrintedReport) -> str:
    """The whole on one page, as the pages of the office show a small report."""
    rest = {"sheets": {}, "unranked": [], "appendix": [], "figures_address": "", "apart": ()}
    return _page().get_template(PAGE).render(page_context(report) | rest)


@pytest.mark.slow
@pytest.mark.skipif(libreoffice() is None, reason="LibreOffice is not installed")
def test_libreoffice_opens_the_report_and_prints_it(tmp_path: Path) -> None:
    (tmp_path / "bao-cao.pdf").write_bytes(as_pdf(write_docx(a_report())))
    text = subprocess.run(
        ["pdftotext", "-layout", "bao-cao.pdf", "-"], cwd=tmp_path, check=True, capture_output=True, text=True
    ).stdout
    assert "ĐẢNG CỘNG SẢN VIỆT NAM" in text
    assert "Nơi nhận:" in text
    assert "Biểu đồ 2. Kết quả theo nhóm nội dung" in text
    assert 6 <= text.count("\f") <= 10


def test_a_report_comes_as_pdf_too_where_libreoffice_is_and_without_where_it_fails(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fails(document: bytes) -> bytes:
        raise TiendoError("LibreOffice không xong bản PDF trong 120 giây.")

    report = a_report(a_record())
    assert [one.ending for one in files_of(report)] == ["docx", "xlsx"]
    monkeypatch.setattr("workflow.reports.report_files.libreoffice", lambda: "soffice")
    monkeypatch.setattr("workflow.reports.report_files.as_pdf", lambda document: b"%PDF")
    assert [one.ending for one in files_of(report)] == ["docx", "xlsx", "pdf"]
    monkeypatch.setattr("workflow.reports.report_files.as_pdf", fails)
    assert [one.ending for one in files_of(report)] == ["docx", "xlsx"]


def test_without_libreoffice_the_pdf_is_refused_with_the_way_to_get_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("workflow.reports.pdf.libreoffice.libreoffice", lambda: None)
    with pytest.raises(TiendoError, match="apt-get install libreoffice-writer"):
        as_pdf(b"")


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
