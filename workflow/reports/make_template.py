"""Makes the ready Word template `templates/reports/bao-cao-quy.docx`; the office edits it in Word after.

Layout by Guidance 36-HD/VPTW (Party) and Decree 30/2020, annex I (state). Run it with
`python -m workflow.reports.make_template`; what the tags print is `workflow.reports.values.Report`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from docx import Document
from docx.enum.section import WD_ORIENT, WD_SECTION
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.shared import Cm

from workflow.paths import templates_dir
from workflow.reports.docx import TEMPLATE
from workflow.reports.layout import (
    CENTER,
    JUSTIFY,
    LEFT,
    a_paragraph,
    a_rule,
    a_table,
    a_tag,
    fill,
    set_base_style,
    set_cell_margins,
    set_page,
)

_STATUS_COLUMNS = (
    ("Tổng số", "total"),
    ("HT đúng hạn", "done_on_time"),
    ("HT quá hạn", "done_late"),
    ("Đang thực hiện", "under_way"),
    ("Quá hạn chưa HT", "overdue"),
    ("Chưa đến hạn", "not_started"),
    ("Thường xuyên", "ongoing"),
    ("Không phát sinh", "not_arisen"),
    ("Không có BC", "no_report"),
    ("Tiến độ BQ (%)", "progress"),
)
_APPENDIX_COLUMNS = (
    ("Mã số", "code", 1.6, CENTER),
    ("Nội dung", "content", 4.7, LEFT),
    ("Đơn vị chủ trì", "leads", 2.2, LEFT),
    ("Đơn vị phối hợp", "coordinating", 2.6, LEFT),
    ("Lãnh đạo phụ trách", "leaders", 2.3, LEFT),
    ("Thời hạn", "schedule", 1.8, CENTER),
    ("Kết quả thực hiện", "result", 5.0, LEFT),
    ("Tiến độ", "progress", 1.4, CENTER),
    ("Đánh giá", "status", 2.1, CENTER),
    ("Phê duyệt", "decision", 2.0, CENTER),
)


def make() -> Path:
    """Writes the template into the templates folder and tells where."""
    document = Document()
    set_base_style(document)
    set_page(document.sections[0])
    _party_heading(document)
    _state_heading(document)
    _body(document)
    _signature(document)
    _appendix(document)
    document.core_properties.author, document.core_properties.comments = "tiendo", ""
    target = templates_dir() / TEMPLATE
    target.parent.mkdir(parents=True, exist_ok=True)
    document.save(str(target))
    return target


def _party_heading(document: Any) -> None:
    a_tag(document, "{%p if report.heading.is_party %}")
    left, right = a_table(document, 1, (7.6, 8.9), has_borders=False).rows[0].cells
    fill(left, "{{ report.heading.superior|upper }}", size=14, align=CENTER)
    a_paragraph(left, "{{ report.heading.organisation|upper }}", size=14, align=CENTER, is_bold=True)
    a_paragraph(left, "*", size=14, align=CENTER)
    a_paragraph(left, "{{ report.number_line }}", size=14, align=CENTER)
    fill(right, "ĐẢNG CỘNG SẢN VIỆT NAM", size=15, align=CENTER, is_bold=True)
    a_rule(right, indent_cm=1)
    a_paragraph(right, "{{ report.place_and_date }}", size=14, align=CENTER, is_italic=True, before=10)
    a_paragraph(document, "BÁO CÁO", size=16, align=CENTER, is_bold=True, before=18)
    a_paragraph(document, "{{ report.subject }}", size=14, align=CENTER, is_bold=True)
    a_paragraph(document, "-----", size=14, align=CENTER, after=12)
    a_tag(document, "{%p endif %}")


def _state_heading(document: Any) -> None:
    a_tag(document, "{%p if not report.heading.is_party %}")
    left, right = a_table(document, 1, (6.3, 10.2), has_borders=False).rows[0].cells
    fill(left, "{{ report.heading.superior|upper }}", size=12, align=CENTER)
    a_paragraph(left, "{{ report.heading.organisation|upper }}", size=12, align=CENTER, is_bold=True)
    a_rule(left, indent_cm=2)
    a_paragraph(left, "{{ report.number_line }}", size=12, align=CENTER, before=8)
    fill(right, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", size=12, align=CENTER, is_bold=True)
    a_paragraph(right, "Độc lập - Tự do - Hạnh phúc", size=13, align=CENTER, is_bold=True)
    a_rule(right, indent_cm=2.3)
    a_paragraph(right, "{{ report.place_and_date }}", size=13, align=CENTER, is_italic=True, before=8)
    a_paragraph(document, "BÁO CÁO", size=14, align=CENTER, is_bold=True, before=18)
    a_paragraph(
        document, "{{ report.subject[:1]|upper }}{{ report.subject[1:] }}", align=CENTER, is_bold=True
    )
    a_rule(document, indent_cm=6)
    a_paragraph(document, "", size=8)
    a_tag(document, "{%p endif %}")


def _body(document: Any) -> None:
    _text(document, "{{ report.opening }}")
    _title(document, "I. CHẾ ĐỘ BÁO CÁO, XÁC NHẬN VÀ PHÊ DUYỆT")
    _each(document, "report.discipline")
    _title(document, "II. KẾT QUẢ THỰC HIỆN")
    _subtitle(document, "1. Kết quả chung")
    _each(document, "report.overview")
    _subtitle(document, "2. Kết quả theo nhóm nội dung")
    a_tag(document, "{%p for section in report.section_texts %}")
    paragraph = _text(document, "{{ section.code }}{% if section.code %}. {% endif %}{{ section.title }}: ")
    paragraph.runs[0].bold = paragraph.runs[0].italic = True
    paragraph.add_run("{{ section.text }}")
    a_tag(document, "{%p endfor %}")
    _caption(document, "Bảng 1. Tổng hợp theo nhóm nội dung")
    _totals(document, "Nhóm nội dung", "report.sections", "{{ row.code }} {{ row.name }}")
    note = "Ghi chú: HT: hoàn thành; BC: báo cáo; BQ: bình quân của các báo cáo được duyệt."
    a_paragraph(document, note, size=11, is_italic=True, before=3)
    _subtitle(document, "3. Kết quả theo đơn vị chủ trì")
    _caption(document, "Bảng 2. Tổng hợp theo đơn vị chủ trì")
    _totals(document, "Đơn vị chủ trì", "report.leads", "{{ row.name }}")
    a_tag(document, "{%p if report.figures %}")
    _subtitle(document, "4. Các chỉ tiêu định lượng")
    _caption(document, "Bảng 3. Kết quả so với chỉ tiêu")
    _figures(document)
    a_tag(document, "{%p endif %}")
    _title(document, "III. TỒN TẠI, HẠN CHẾ VÀ KHÓ KHĂN")
    _subtitle(document, "1. Nội dung quá hạn, thiếu báo cáo")
    _each(document, "report.shortfalls", "- ")
    _subtitle(document, "2. Khó khăn, vướng mắc do các đơn vị báo cáo")
    _each(document, "report.difficulties", "- ")
    _title(document, "IV. KẾT QUẢ CHẤM ĐIỂM, XẾP HẠNG")
    _ranking(document)
    _title(document, "V. NHIỆM VỤ TRỌNG TÂM KỲ TỚI")
    _each(document, "report.next_work", "- ")
    _title(document, "VI. KIẾN NGHỊ, ĐỀ XUẤT")
    _each(document, "report.proposals", "- ")
    a_tag(document, "{%p if report.is_draft %}")
    _text(document, "Số liệu tạm tính: kỳ báo cáo chưa khóa, một số nội dung còn chờ báo cáo hoặc phê duyệt.")
    a_tag(document, "{%p endif %}")
    _text(document, "(Kết quả từng nội dung tại Phụ lục kèm theo)").runs[0].italic = True


def _totals(document: Any, first: str, rows: str, name: str) -> None:
    titles = (first, *(title for title, _ in _STATUS_COLUMNS))
    table = a_table(document, 9, (3.7, *[1.28] * len(_STATUS_COLUMNS)), titles=titles, size=8.5)
    set_cell_margins(table, 40)
    # Outermost sections stand out in bold; units carry no code and stay plain.
    is_outermost = "if row.depth == 1 and row.code"
    for row, tag in ((1, f"for row in {rows}"), (2, is_outermost), (4, "else"), (6, "endif"), (7, "endfor")):
        fill(table.cell(row, 0), f"{{%tr {tag} %}}")
    _total_row(table, 3, "row", name, is_bold=True)
    _total_row(table, 5, "row", name, is_bold=False)
    _total_row(table, 8, "report.whole", "{{ report.whole.name }}", is_bold=True)


def _total_row(table: Any, row: int, source: str, name: str, *, is_bold: bool) -> None:
    fill(table.cell(row, 0), name, size=11, is_bold=is_bold)
    for column, (_, field) in enumerate(_STATUS_COLUMNS, 1):
        tag = f"{{{{ {source}.{field} }}}}"
        fill(table.cell(row, column), tag, size=11, align=CENTER, is_bold=is_bold)


def _figures(document: Any) -> None:
    columns = (("Mã số", 2.0), ("Chỉ tiêu", 6.9), ("Kế hoạch", 2.6), ("Kết quả", 2.6), ("Đánh giá", 2.4))
    table = a_table(document, 4, [w for _, w in columns], titles=[title for title, _ in columns], size=11)
    fill(table.cell(1, 0), "{%tr for row in report.figures %}")
    fill(table.cell(2, 0), "{{ row.code }}", size=11, align=CENTER)
    fill(table.cell(2, 1), "{{ row.text }}", size=11)
    fill(table.cell(2, 2), "{{ row.expected }}", size=11, align=CENTER)
    fill(table.cell(2, 3), "{{ row.reached }}", size=11, align=CENTER)
    fill(table.cell(2, 4), "{{ row.verdict }}", size=11, align=CENTER)
    fill(table.cell(3, 0), "{%tr endfor %}")


def _ranking(document: Any) -> None:
    a_tag(document, "{%p if not report.clusters %}")
    _text(document, "Kỳ này không chấm điểm.")
    a_tag(document, "{%p endif %}")
    a_tag(document, "{%p for cluster in report.clusters %}")
    _caption(document, "Bảng xếp hạng{% if cluster.name %} – {{ cluster.name }}{% endif %}")
    columns = (
        ("Hạng", "rank", 1.4),
        ("Đơn vị", "unit", 5.6),
        ("Điểm", "points", 1.8),
        ("Điểm tối đa áp dụng", "maximum", 2.0),
        ("Quy đổi", "converted", 1.8),
        ("Xếp loại", "grade", 3.9),
    )
    table = a_table(document, 4, [w for *_, w in columns], titles=[title for title, *_ in columns], size=11)
    fill(table.cell(1, 0), "{%tr for row in cluster.rows %}")
    for column, (_, field, _) in enumerate(columns):
        align = LEFT if field in ("unit", "grade") else CENTER
        fill(table.cell(2, column), f"{{{{ row.{field} }}}}", size=11, align=align)
    fill(table.cell(3, 0), "{%tr endfor %}")
    a_tag(document, "{%p for row in cluster.rows if row.note and row.rank != '–' %}")
    a_paragraph(document, "{{ row.unit }}: {{ row.note }}", size=12, is_italic=True, before=3)
    a_tag(document, "{%p endfor %}")
    a_tag(document, "{%p endfor %}")


def _signature(document: Any) -> None:
    a_paragraph(document, "", size=6)
    left, right = a_table(document, 1, (7.7, 8.8), has_borders=False, splits=False).rows[0].cells
    a_tag(left, "{%p if report.heading.is_party %}", is_first=True)
    a_paragraph(left, "Nơi nhận:", size=14).runs[0].underline = True
    a_tag(left, "{%p else %}")
    a_paragraph(left, "Nơi nhận:", size=12, is_bold=True, is_italic=True)
    a_tag(left, "{%p endif %}")
    a_tag(left, "{%p for recipient in report.heading.recipients %}")
    a_paragraph(left, "- {{ recipient }};", size=11, align=LEFT)
    a_tag(left, "{%p endfor %}")
    a_paragraph(left, "- {{ report.heading.filed }}.", size=11, align=LEFT)
    fill(right, "{{ report.heading.signs_for }}", size=14, align=CENTER, is_bold=True)
    # Guidance 36-HD/VPTW sets the signer's office upright; Decree 30/2020 sets it bold.
    a_tag(right, "{%p if report.heading.is_party %}")
    a_paragraph(right, "{{ report.heading.signs_as }}", size=14, align=CENTER)
    a_tag(right, "{%p else %}")
    a_paragraph(right, "{{ report.heading.signs_as }}", size=14, align=CENTER, is_bold=True)
    a_tag(right, "{%p endif %}")
    for _ in range(4):
        a_paragraph(right, "", size=14)
    a_paragraph(right, "{{ report.heading.signer }}", size=14, align=CENTER, is_bold=True)


def _appendix(document: Any) -> None:
    section = document.add_section(WD_SECTION.NEW_PAGE)
    section.orientation = WD_ORIENT.LANDSCAPE
    section.page_width, section.page_height = Cm(29.7), Cm(21)
    section.left_margin, section.right_margin = Cm(2), Cm(2)
    section.different_first_page_header_footer = False
    a_paragraph(document, "PHỤ LỤC", size=14, align=CENTER, is_bold=True)
    a_paragraph(document, "Kết quả thực hiện từng nội dung", size=14, align=CENTER, is_bold=True)
    number = "{{ report.number_line|replace('Số', 'số') }}"
    with_it = f"(Kèm theo Báo cáo {number} của {{{{ report.heading.organisation }}}})"
    a_paragraph(document, with_it, size=13, align=CENTER, is_italic=True, after=6)
    titles = [title for title, *_ in _APPENDIX_COLUMNS]
    table = a_table(document, 8, [w for *_, w, _ in _APPENDIX_COLUMNS], titles=titles, size=11)
    table.alignment = WD_TABLE_ALIGNMENT.CENTER
    set_cell_margins(table, 60)
    for row, tag in ((1, "for row in report.appendix"), (2, "if row.is_heading"), (4, "else")):
        fill(table.cell(row, 0), f"{{%tr {tag} %}}")
    heading = table.cell(3, 0).merge(table.cell(3, len(titles) - 1))
    fill(heading, "{{ row.code }}. {{ row.content }}", size=11, is_bold=True, keeps_next=True)
    for column, (_, field, _, align) in enumerate(_APPENDIX_COLUMNS):
        fill(table.cell(5, column), f"{{{{ row.{field} }}}}", size=10.5, align=align)
    fill(table.cell(6, 0), "{%tr endif %}")
    fill(table.cell(7, 0), "{%tr endfor %}")


def _title(document: Any, text: str) -> None:
    a_paragraph(document, text, size=14, is_bold=True, before=10, after=4, keeps_next=True)


def _subtitle(document: Any, text: str) -> None:
    a_paragraph(document, text, size=14, is_bold=True, before=6, after=4, indent_cm=1, keeps_next=True)


def _caption(document: Any, text: str) -> None:
    a_paragraph(document, text, size=12, align=CENTER, is_italic=True, before=8, after=4, keeps_next=True)


def _text(document: Any, text: str) -> Any:
    return a_paragraph(document, text, size=14, align=JUSTIFY, indent_cm=1, after=6)


def _each(document: Any, values: str, mark: str = "") -> None:
    a_tag(document, f"{{%p for line in {values} %}}")
    _text(document, f"{mark}{{{{ line }}}}")
    a_tag(document, "{%p endfor %}")


if __name__ == "__main__":
    print(f"Đã ghi {make()}.")
