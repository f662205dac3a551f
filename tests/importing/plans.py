"""Made-up plans for the tests of reading: a table of tab-separated rows, with lines above it where asked."""

from __future__ import annotations

from collections.abc import Iterable

from workflow.importing.readers.text import read_text
from workflow.importing.reading import Reading, read_plan
from workflow.importing.tables.gathering import PlanRows, plan_rows
from workflow.importing.tables.structure import Outline, outline

HEADER = (
    "TT\tNội dung\tLãnh đạo phụ trách\tĐơn vị chủ trì\tĐơn vị phối hợp"
    "\tThời gian thực hiện\tThời gian hoàn thành"
)
LETTERHEAD = ("KẾ HOẠCH", "Thực hiện nhiệm vụ trọng tâm năm 2024")


def a_row(
    number: str = "1",
    content: str = "Trồng cây",
    leader: str = "Đ/c Lê Thị Mai",
    lead: str = "UBND xã",
    coordinating: str = "Công an xã",
    start: str = "Tháng 2/2024",
    deadline: str = "Tháng 6/2024",
) -> str:
    """An item's row."""
    return "\t".join((number, content, leader, lead, coordinating, start, deadline))


def a_heading(number: str, title: str) -> str:
    """A heading's row, padded with empty cells as most files have it."""
    return f"{number}\t{title}" + "\t" * 5


def a_document(rows: Iterable[str], header: str = HEADER, above: Iterable[str] = LETTERHEAD) -> bytes:
    """The bytes of a plan document."""
    return "\n".join((*above, "", header, *rows, "")).encode()


def rows_of(*rows: str, header: str = HEADER) -> PlanRows:
    """The rows of such a document, made whole."""
    return plan_rows(read_text(a_document(rows, header)))


def outline_of(*rows: str, header: str = HEADER) -> Outline:
    """The outline of such a document."""
    return outline(rows_of(*rows, header=header).rows)


def reading_of(*rows: str, header: str = HEADER) -> Reading:
    """The reading of such a document."""
    return read_plan(a_document(rows, header))
