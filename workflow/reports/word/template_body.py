"""The content of both built-in Word templates: the report's parts, tables, charts and appendix, as tags
for docxtpl.

Heading and signature are `workflow.reports.word.make_template`'s.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from docx.enum.section import WD_ORIENT, WD_SECTION
from docx.shared import Cm, Pt

from workflow.reports.word.layout import (
    CENTER,
    JUSTIFY,
    LEFT,
    a_paragraph,
    a_table,
    a_tag,
    fill,
    restart_page_numbers,
    set_cell_margins,
)


@dataclass(frozen=True, slots=True)
class LayoutForm:
    """How a layout writes what both say: `I-` or `I.` before a part, the height of a line (None: as tall as
    its letters), the end of the text, the appendix's title."""

    part_mark: str
    line_points: float | None
    ends_with: str
    appendix: str
    appendix_title: str


_NUMBERED = "{% if row.code %}{{ row.code }}. {% endif %}"
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
    ("Mục", "code", 1.5, CENTER),
    ("Nội dung", "content", 4.4, LEFT),
    ("Lãnh đạo phụ trách", "leaders", 1.9, LEFT),
    ("Đơn vị chủ trì", "leads", 2.0, LEFT),
    ("Đơn vị phối hợp", "coordinating", 2.2, LEFT),
    # A month, a quarter and a day in words stand in one line.
    ("Bắt đầu", "start", 2.5, CENTER),
    ("Hoàn thành", "deadline", 2.5, CENTER),
    ("Kết quả thực hiện", "result", 4.1, LEFT),
    ("Tiến độ", "progress", 1.2, CENTER),
    ("Đánh giá", "status", 1.8, CENTER),
    ("Phê duyệt", "decision", 1.9, CENTER),
)
_RANKING_COLUMNS = (
    ("Hạng", "rank", 1.2, CENTER),
    ("Đơn vị", "unit", 4.5, LEFT),
    ("Điểm tiêu chí", "points", 1.7, CENTER),
    ("Tối đa áp dụng", "maximum", 1.7, CENTER),
    ("Thưởng, trừ", "extras", 1.9, CENTER),
    ("Tổng điểm", "total", 1.7, CENTER),
    ("Xếp loại", "grade", 3.8, LEFT),
)
_FIGURE_COLUMNS = (
    ("Mục", "code", 2.0, CENTER),
    ("Chỉ tiêu", "text", 6.9, LEFT),
    ("Kế hoạch", "expected", 2.6, CENTER),
    ("Kết quả", "reached", 2.6, CENTER),
    ("Đánh giá", "verdict", 2.4, CENTER),
)


def add_body(document: Any, form: LayoutForm) -> None:
    """The report's parts, up to its last sentence."""
    writer = _Writer(document, form)
    writer.text("{{ report.opening }}")
    writer.part("I", "CHẾ ĐỘ BÁO CÁO, XÁC NHẬN VÀ PHÊ DUYỆT")
    writer.each("report.discipline")
    _chart(document, "charts.timeliness", "Biểu đồ 1. Báo cáo lần đầu theo thời gian nộp")
    writer.part("II", "KẾT QUẢ THỰC HIỆN")
    writer.subtitle("1. Kết quả chung")
    writer.each("report.overview")
    writer.subtitle("2. Kết quả theo nhóm nội dung")
    a_tag(document, "{%p for section in report.section_texts %}")
    numbered = "{% if section.code and '*' not in section.code %}{{ section.code }}. {% endif %}"
    paragraph = writer.text(f"{numbered}{{{{ section.title }}}}: ")
    paragraph.runs[0].bold = paragraph.runs[0].italic = True
    paragraph.add_run("{{ section.text }}")
    a_tag(document, "{%p endfor %}")
    _chart(document, "charts.by_section", "Biểu đồ 2. Kết quả theo nhóm nội dung")
    _caption(document, "Bảng 1. Tổng hợp theo nhóm nội dung")
    _totals(
        document,
        "Nhóm nội dung",
        "report.sections",
        f"{_NUMBERED}{{{{ row.name }}}}",
    )
    note = "Ghi chú: HT: hoàn thành; BC: báo cáo được duyệt; BQ: bình quân của các báo cáo được duyệt."
    a_paragraph(document, note, size=11, is_italic=True, before=3)
    writer.subtitle("3. Kết quả theo đơn vị chủ trì")
    _caption(document, "Bảng 2. Tổng hợp theo đơn vị chủ trì")
    _totals(document, "Đơn vị chủ trì", "report.leads", "{{ row.name }}")
    a_tag(document, "{%p if report.figures|rejectattr('is_reached')|list %}")
    writer.subtitle("4. Các chỉ tiêu định lượng chưa đạt mức đề ra")
    _caption(document, "Bảng 3. Kết quả so với chỉ tiêu")
    _rows(document, "row in report.figures if not row.is_reached", _FIGURE_COLUMNS)
    a_tag(document, "{%p endif %}")
    writer.part("III", "TỒN TẠI, HẠN CHẾ VÀ NGUYÊN NHÂN")
    writer.subtitle("1. Nội dung quá hạn, thiếu báo cáo và nguyên nhân")
    writer.each("report.shortfalls", "- ")
    writer.subtitle("2. Khó khăn, vướng mắc do các đơn vị báo cáo")
    writer.each("report.difficulties", "- ")
    writer.part("IV", "KẾT QUẢ CHẤM ĐIỂM, XẾP HẠNG")
    _ranking(writer)
    writer.part("V", "NHIỆM VỤ TRỌNG TÂM KỲ TỚI")
    writer.each("report.next_work", "- ")
    writer.part("VI", "KIẾN NGHỊ, ĐỀ XUẤT")
    writer.each("report.proposals", "- ")
    a_tag(document, "{%p if report.is_draft %}")
    writer.text("Số liệu tạm tính: kỳ báo cáo chưa khóa, một số nội dung còn chờ báo cáo hoặc phê duyệt.")
    a_tag(document, "{%p endif %}")
    last = writer.text(f"Kết quả từng nội dung nêu tại Phụ lục kèm theo Báo cáo này{form.ends_with}")
    # The signature is never alone on a page.
    last.paragraph_format.keep_with_next = True


def add_appendix(document: Any, form: LayoutForm) -> None:
    """The appendix on landscape pages of its own: each item as the plan prints it, then its result."""
    section = document.add_section(WD_SECTION.NEW_PAGE)
    section.orientation = WD_ORIENT.LANDSCAPE
    section.page_width, section.page_height = Cm(29.7), Cm(21)
    section.left_margin, section.right_margin = Cm(2), Cm(1.7)
    # Decree 30/2020, annex I, part I, III.1: an appendix's pages are numbered by themselves.
    restart_page_numbers(section)
    a_paragraph(document, form.appendix, size=14, align=CENTER, is_bold=True)
    title = f"{form.appendix_title} thực hiện từng nội dung trong {{{{ report.span_text }}}}"
    if form.appendix_title.isupper():
        title = f"{form.appendix_title} THỰC HIỆN TỪNG NỘI DUNG TRONG {{{{ report.span_text|upper }}}}"
    a_paragraph(document, title, size=14, align=CENTER, is_bold=True)
    a_paragraph(document, "({{ report.appendix_note }})", size=13, align=CENTER, is_italic=True, after=6)
    titles = [title for title, *_ in _APPENDIX_COLUMNS]
    table = a_table(document, 8, [width for *_, width, _ in _APPENDIX_COLUMNS], titles=titles, size=11)
    set_cell_margins(table, 60)
    for row, tag in ((1, "for row in report.appendix"), (2, "if row.is_heading"), (4, "else")):
        fill(table.cell(row, 0), f"{{%tr {tag} %}}")
    heading = table.cell(3, 0).merge(table.cell(3, len(titles) - 1))
    fill(
        heading,
        f"{_NUMBERED}{{{{ row.content }}}}",
        size=11,
        is_bold=True,
        keeps_next=True,
    )
    for column, (_, field, _, align) in enumerate(_APPENDIX_COLUMNS):
        fill(table.cell(5, column), f"{{{{ row.{field} }}}}", size=10.5, align=align)
    fill(table.cell(6, 0), "{%tr endif %}")
    fill(table.cell(7, 0), "{%tr endfor %}")


@dataclass(frozen=True, slots=True)
class _Writer:
    """Parts and paragraphs in a layout's form."""

    document: Any
    form: LayoutForm

    def part(self, number: str, text: str) -> None:
        a_paragraph(
            self.document,
            f"{number}{self.form.part_mark} {text}",
            is_bold=True,
            indent_cm=1,
            before=10,
            after=4,
            keeps_next=True,
        )

    def subtitle(self, text: str) -> None:
        a_paragraph(self.document, text, is_bold=True, indent_cm=1, before=6, after=4, keeps_next=True)

    def text(self, text: str) -> Any:
        # Decree 30/2020, annex I, part I, II.6: justified, first line 1 cm in, 6 points between paragraphs,
        # lines from single to 1.5; Guidance 05-HD/VPTW: the same, lines of 18 points.
        paragraph = a_paragraph(self.document, text, align=JUSTIFY, indent_cm=1, after=6)
        points = self.form.line_points
        paragraph.paragraph_format.line_spacing = Pt(points) if points else 1.1
        return paragraph

    def each(self, values: str, mark: str = "") -> None:
        a_tag(self.document, f"{{%p for line in {values} %}}")
        self.text(f"{mark}{{{{ line }}}}")
        a_tag(self.document, "{%p endfor %}")


def _chart(document: Any, name: str, caption: str) -> None:
    a_tag(document, f"{{%p if {name} %}}")
    a_paragraph(document, f"{{{{ {name} }}}}", align=CENTER, before=6, keeps_next=True)
    a_paragraph(document, caption, size=12, align=CENTER, is_italic=True, before=2, after=8)
    a_tag(document, "{%p endif %}")


def _caption(document: Any, text: str) -> None:
    a_paragraph(document, text, size=12, align=CENTER, is_italic=True, before=8, after=4, keeps_next=True)


def _totals(document: Any, first: str, rows: str, name: str) -> None:
    titles = (first, *(title for title, _ in _STATUS_COLUMNS))
    table = a_table(document, 9, (3.7, *[1.28] * len(_STATUS_COLUMNS)), titles=titles, size=8.5)
    set_cell_margins(table, 40)
    # Outermost sections are bold; units have no code and stay plain.
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


def _rows(document: Any, rows: str, columns: Sequence[tuple[str, str, float, Any]]) -> None:
    """A table with a row for each `row in …`."""
    widths = [width for *_, width, _ in columns]
    table = a_table(document, 4, widths, titles=[title for title, *_ in columns], size=11)
    set_cell_margins(table, 60)
    fill(table.cell(1, 0), f"{{%tr for {rows} %}}")
    for column, (_, field, _, align) in enumerate(columns):
        fill(table.cell(2, column), f"{{{{ row.{field} }}}}", size=11, align=align)
    fill(table.cell(3, 0), "{%tr endfor %}")


def _ranking(writer: _Writer) -> None:
    document = writer.document
    a_tag(document, "{%p if not report.clusters %}")
    writer.text("Kỳ này không chấm điểm.")
    a_tag(document, "{%p endif %}")
    a_tag(document, "{%p for cluster in report.clusters %}")
    a_tag(document, "{%p if cluster.rows|selectattr('is_ranked')|list %}")
    _caption(document, "Bảng xếp hạng{% if cluster.name %} – {{ cluster.name }}{% endif %}")
    _rows(document, "row in cluster.rows if row.is_ranked", _RANKING_COLUMNS)
    a_tag(document, "{%p endif %}")
    a_tag(document, "{%p for row in cluster.rows if row.note and row.is_ranked and not row.is_shared %}")
    a_paragraph(document, "{{ row.unit }}: {{ row.note }}", size=12, is_italic=True, before=3)
    a_tag(document, "{%p endfor %}")
    a_tag(document, "{%p if cluster.unranked %}")
    a_paragraph(document, "{{ cluster.unranked }}", size=12, is_italic=True, align=JUSTIFY, before=3)
    a_tag(document, "{%p endif %}")
    a_tag(document, "{%p endfor %}")
