from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from pathlib import Path

import pytest
from docx import Document

from tests.reports.quarter import a_report
from workflow.domain.errors import TiendoError
from workflow.paths import templates_dir
from workflow.reports.word import make_template
from workflow.reports.word.docx import read_ready_template, ready_template, write_docx
from workflow.reports.word.template_check import faults_in


def test_the_templates_that_ship_are_those_the_script_makes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(make_template, "templates_dir", lambda: tmp_path)
    for made, is_party in zip(make_template.make(), (True, False), strict=True):
        shipped = templates_dir() / ready_template(is_party=is_party)
        assert Document(str(made)).element.xml == Document(str(shipped)).element.xml


def test_the_offices_own_template_is_used_and_may_call_nothing() -> None:
    written = write_docx(a_report(), _template("{{ report.number_line }} của ta"))
    assert Document(BytesIO(written)).paragraphs[0].text == "Số 38-BC/ĐU của ta"
    with pytest.raises(TiendoError, match="check-template"):
        write_docx(a_report(), _template("{{ report.records.x.y }}"))


@pytest.mark.parametrize(
    ("text", "what", "cure"),
    [
        ("{{ report.subjet }}", "Không có “subjet” ở đây.", "Có phải “subject”?"),
        ("{%p for row in report.appendx %}", "Không có “appendx” ở đây.", "Có phải “appendix”?"),
        ("{{ reprot.subject }}", "Không có “reprot” ở đây.", "Có phải “report”?"),
        ("{% if report.is_draft %}", "Thẻ này chưa có thẻ đóng.", "Thêm endfor hoặc endif sau phần nó bao."),
        ("{% endfor %}", "Thẻ đóng này không khớp thẻ mở nào.", "Xóa thẻ, hoặc thêm thẻ mở trước nó."),
        ("{{ report.subject }", "Thẻ mở bằng {{ mà không đóng bằng }}.", "Viết trọn thẻ trong một đoạn"),
        ("{{ report.subject.upper() }}", "Mẫu chỉ in giá trị, không gọi hàm.", "Bỏ phần trong ngoặc đơn."),
        ("{{ report.subject|hoa }}", "Không có “hoa” ở đây.", "Dùng một trong"),
        ("{% for x in report.subject %}{% endfor %}", "Đây không phải một danh sách.", "Dùng {{ … }}"),
        ("{{ report.rollup }}", "Không có “rollup” ở đây.", ""),
        ("{{ 'a' * 10000000000 }}", "Mẫu chỉ nhân số với số.", "in thẳng"),
        ("{{ report.subject * 10000000000 }}", "Mẫu chỉ nhân số với số.", "in thẳng"),
        ("{{ 10 ** 10 ** 10 }}", "Mẫu không tính lũy thừa.", "in thẳng"),
        ("{{ report.subject|center(10000000000) }}", "Không có “center” ở đây.", ""),
        ("{{ " + "+".join(["report.subject"] * 50) + " }}", "Thẻ dài quá 500 ký tự.", "mẫu gốc"),
        ("{{ " + "(" * 220 + "1" + ")" * 220 + " }}", "Không hiểu thẻ: RecursionError.", "mẫu gốc"),
        (
            "{% for a in report.leads %}" * 7 + "{% endfor %}" * 7,
            "Quá 6 vòng lặp lồng nhau.",
            "không lặp lại từ đầu",
        ),
    ],
)
def test_a_wrong_tag_is_told_with_its_place_and_the_cure(text: str, what: str, cure: str) -> None:
    (fault, *_) = faults_in(_template("Mở đầu", text))
    assert (fault.where, fault.what) == ("đoạn 2", what)
    assert cure in fault.cure


@pytest.mark.parametrize(
    "tag",
    [
        "{{ 'a' * 10**10 }}",
        "{{ '%9999999d' % 1 }}",
        "{{ 'a'|indent(10**10) }}",
        "{{ 1|round(999999999, 'ceil') }}",
    ],
)
def test_a_template_kept_from_before_fills_no_memory_either(tag: str) -> None:
    with pytest.raises(TiendoError, match="Mẫu báo cáo Word không dùng được"):
        write_docx(a_report(), _template(tag))


def test_a_formula_that_fills_the_memory_is_told_where_the_checker_fills_it_in() -> None:
    (fault,) = faults_in(_template("{{ '%9999999999d' % 1 }}"))
    assert "không dùng được trong mẫu" in fault.what
    assert faults_in(_template("{% for x in report.leads %}{{ loop.index * 2 % 3 }}{% endfor %}")) == ()


def test_a_name_is_known_inside_its_loop_only_and_by_what_the_list_holds() -> None:
    table = _template(
        cells=["{%tr for row in report.leads %}", "{{ row.nam }} {{ row.total }}", "{%tr endfor %}"]
    )
    (fault,) = faults_in(table)
    assert (fault.where, fault.tag, fault.cure) == ("bảng 1, hàng 2", "{{ row.nam }}", "Có phải “name”?")
    after = _template("{%p for row in report.leads %}", "{%p endfor %}", "{{ row.name }}")
    assert [one.where for one in faults_in(after)] == ["đoạn 3"]


def test_the_ready_templates_hold_and_a_text_file_is_no_template() -> None:
    for is_party in (True, False):
        assert faults_in(read_ready_template(is_party=is_party)) == ()
    with pytest.raises(TiendoError, match="không phải tệp Word"):
        faults_in(b"{{ report.subject }}")


def _template(*paragraphs: str, cells: Sequence[str] = ()) -> bytes:
    document = Document()
    for text in paragraphs:
        document.add_paragraph(text)
    if cells:
        table = document.add_table(rows=len(cells), cols=1)
        for row, text in zip(table.rows, cells, strict=True):
            row.cells[0].text = text
    written = BytesIO()
    document.save(written)
    return written.getvalue()
