"""Explains why no plan was found in a document, from what it has instead of a plan's table."""

from __future__ import annotations

import re

from workflow.domain.errors import UnreadablePlan
from workflow.domain.words import Words
from workflow.importing.tables.numbering import NO_LABEL, split_label
from workflow.importing.tables.table import Document, Paragraph

_BULLET = re.compile(r"\s*[-–+•*]\s*\S")
_FEWEST_TASKS = 3


def nothing_found(document: Document) -> UnreadablePlan:
    """Returns the error to raise; a document without tables whose lines look like tasks has its own text."""
    lines = [block for block in document.blocks if isinstance(block, Paragraph)]
    tasks = [line for line in lines if _BULLET.match(line.text) or split_label(line.text)[0] is not NO_LABEL]
    if document.tables and any(len(table.rows) > 1 for table in document.tables):
        return UnreadablePlan(
            Words(
                "Không tìm thấy biểu kế hoạch trong tệp: không bảng nào trong %(n)s bảng có cột nội dung "
                "cùng cột đơn vị hoặc thời gian.",
                n=len(document.tables),
            ),
            where=document.name,
            cure=Words(
                "Thêm dòng tiêu đề cho biểu: STT, Nội dung, Đơn vị chủ trì, Đơn vị phối hợp, Thời hạn."
            ),
        )
    if len(tasks) >= _FEWEST_TASKS:
        place = tasks[0].place.through(tasks[-1].place)
        return UnreadablePlan(
            Words(
                "Không tìm thấy biểu kế hoạch trong tệp: nhiệm vụ được viết thành lời văn (%(n)s dòng "
                "đánh số hoặc gạch đầu dòng), không kẻ bảng.",
                n=len(tasks),
            ),
            where=", ".join(part for part in (document.name, str(place)) if part),
            cure=Words(
                "Lập biểu: mỗi nhiệm vụ một dòng, các cột STT, Nội dung, Đơn vị chủ trì, Đơn vị phối "
                "hợp, Thời hạn; rồi nhập lại."
            ),
        )
    return UnreadablePlan(
        Words("Không tìm thấy biểu kế hoạch trong tệp."),
        where=document.name,
        cure=Words(
            "Tệp cần một bảng có dòng tiêu đề, với cột nội dung và cột đơn vị chủ trì, phối hợp hoặc "
            "thời gian; trong tệp văn bản, các cột cách nhau bằng phím Tab."
        ),
    )
