"""A report as a workbook: totals, the appendix, the ranking and the points behind it.

Figures are cells of numbers, not text, so that the office can go on reckoning with them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from fractions import Fraction
from io import BytesIO

from openpyxl import Workbook

from workflow.domain.record import CycleRecord
from workflow.domain.rollup import Tally
from workflow.reports.context import decision_text, result_text, schedule_text
from workflow.reports.sheets import Value, add_sheet
from workflow.reports.values import Report, TotalRow

_TOTALS = (
    ("Tổng số", "total"),
    ("Hoàn thành đúng hạn", "done_on_time"),
    ("Hoàn thành quá hạn", "done_late"),
    ("Đang thực hiện", "under_way"),
    ("Quá hạn chưa hoàn thành", "overdue"),
    ("Chưa đến hạn", "not_started"),
    ("Thường xuyên", "ongoing"),
    ("Không phát sinh", "not_arisen"),
    ("Không có báo cáo", "no_report"),
)
_APPENDIX = (
    ("Mã số", 11),
    ("Nhóm nội dung", 20),
    ("Nội dung", 38),
    ("Đơn vị chủ trì", 20),
    ("Đơn vị phối hợp", 24),
    ("Lãnh đạo phụ trách", 18),
    ("Thời hạn", 14),
    ("Ngày đến hạn", 13),
    ("Ngày báo cáo", 13),
    ("Chậm (ngày làm việc)", 12),
    ("Kết quả thực hiện", 38),
    ("Tiến độ (%)", 10),
    ("Đánh giá", 18),
    ("Phê duyệt", 16),
    ("Khó khăn, vướng mắc", 28),
    ("Kiến nghị, đề xuất", 28),
)
_RANKING = (
    ("Cụm thi đua", 20),
    ("Hạng", 8),
    ("Đơn vị", 34),
    ("Điểm", 10),
    ("Điểm tối đa áp dụng", 12),
    ("Quy đổi", 10),
    ("Xếp loại", 30),
    ("Ghi chú", 60),
)
_POINTS = (
    ("Đơn vị", 34),
    ("Nhóm tiêu chí", 28),
    ("Tiêu chí", 40),
    ("Điểm", 10),
    ("Điểm tối đa", 10),
    ("Lý do", 90),
)


def write_xlsx(report: Report) -> bytes:
    """The report's figures as an XLSX file: four sheets, each with a frozen, filtered heading row."""
    book = Workbook()
    book.remove(book.worksheets[0])
    header = f"{report.heading.organisation} – {report.span.label}"
    totals = (("Theo", 14), ("Mã số", 10), ("Tên", 44), *((title, 12) for title, _ in _TOTALS))
    add_sheet(book, header, "Tổng hợp", (*totals, ("Tiến độ bình quân (%)", 12)), _total_rows(report), 3)
    add_sheet(book, header, "Phụ lục", _APPENDIX, (_appendix_row(record) for record in report.records), 3)
    add_sheet(book, header, "Xếp hạng", _RANKING, _rank_rows(report), 3)
    add_sheet(book, header, "Điểm chi tiết", _POINTS, _point_rows(report), 1)
    written = BytesIO()
    book.save(written)
    return written.getvalue()


def _total_rows(report: Report) -> Iterable[Sequence[Value]]:
    sections = zip(report.sections, report.rollup.sections, strict=True)
    leads = zip(report.leads, report.rollup.leads, strict=True)
    for row, section in sections:
        yield _total("Nhóm nội dung", row, section.tally)
    for row, lead in leads:
        yield _total("Đơn vị chủ trì", row, lead.tally)
    yield _total("Toàn kỳ", report.whole, report.rollup.whole)


def _total(kind: str, row: TotalRow, tally: Tally) -> Sequence[Value]:
    counts: list[int] = [getattr(row, field) for _, field in _TOTALS]
    return kind, row.code, row.name, *counts, _rounded(tally.mean_progress)


def _appendix_row(record: CycleRecord) -> Sequence[Value]:
    return (
        record.code,
        record.section_titles[-1] if record.section_titles else "",
        record.content,
        "\n".join(unit.name for unit in record.leads),
        ", ".join(word.unit.name for word in record.words),
        "\n".join(record.leaders),
        schedule_text(record),
        record.due,
        record.first_submitted_on,
        record.days_late if record.first_submitted_on else None,
        result_text(record),
        record.progress,
        record.status.label,
        decision_text(record),
        record.difficulties,
        record.proposals,
    )


def _rank_rows(report: Report) -> Iterable[Sequence[Value]]:
    for score in report.scores:
        yield (
            score.unit.cluster,
            score.rank,
            score.unit.name,
            score.points,
            score.maximum,
            score.total,
            score.grade or "Không xếp loại",
            score.rank_reason,
        )


def _point_rows(report: Report) -> Iterable[Sequence[Value]]:
    for score in report.scores:
        for line in score.lines:
            reasons = "\n".join(reason.text for reason in line.reasons)
            criterion = line.criterion
            yield score.unit.name, criterion.group, criterion.title, line.points, line.maximum, reasons


def _rounded(share: Fraction | None) -> Decimal | None:
    return None if share is None else round(Decimal(share.numerator) / Decimal(share.denominator), 1)
