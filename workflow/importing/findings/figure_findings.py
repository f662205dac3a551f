"""Findings about the numbers of targets: what can be read two ways, and what in none."""

from __future__ import annotations

from collections.abc import Iterator

from workflow.domain.plans.plan import PlanPart
from workflow.domain.typed import FIGURES
from workflow.domain.vietnamese import number
from workflow.domain.words import Words
from workflow.importing.cells.targets import doubtful_figures
from workflow.importing.findings.findings import Finding, FindingKind, Severity, of_row, quoted


def figures_in_doubt(row: PlanPart, place: str) -> Iterator[Finding]:
    """Reports each figure of a row that was taken in doubt, or not at all, once."""
    for doubt in dict.fromkeys(doubtful_figures(row.content)):
        if doubt.taken is None or doubt.other is None:
            yield Finding(
                FindingKind.FIGURE_UNREAD,
                Severity.WARNING,
                place,
                of_row(
                    row.code,
                    Words(
                        "Không đọc được số trong %(text)s nên chưa lấy làm chỉ tiêu.", text=quoted(doubt.text)
                    ),
                ),
                Words("Ghi chỉ tiêu này ở trang Chỉ tiêu số; hàng nghìn viết như 12.500, phần lẻ như 12,5."),
                (row.code,),
            )
        else:
            yield Finding(
                FindingKind.NUMBER_IN_DOUBT,
                Severity.WARNING,
                place,
                of_row(
                    row.code,
                    Words(
                        "%(text)s có thể là %(first)s hoặc %(second)s; đọc là %(first)s.",
                        text=quoted(doubt.text),
                        first=number(doubt.taken, FIGURES.after),
                        second=number(doubt.other, FIGURES.after),
                    ),
                ),
                Words("Xác nhận, hoặc sửa giá trị ở trang Chỉ tiêu số."),
                (row.code,),
            )
