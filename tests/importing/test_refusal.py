import pytest

from workflow.domain.errors import UnreadablePlan
from workflow.importing.reading import read_plan


def test_tasks_written_as_prose_are_refused_as_such():
    lines = [
        "KẾ HOẠCH NĂM 2025",
        "1. Công an xã tuần tra hằng đêm.",
        "- Trạm Y tế tiêm chủng.",
        "- Các thôn dọn vệ sinh.",
    ]
    with pytest.raises(UnreadablePlan) as refused:
        read_plan("\n".join(lines).encode())
    assert "lời văn" in refused.value.what
    assert "dòng 2-4" in refused.value.where
    assert "Lập biểu" in refused.value.cure


def test_a_document_whose_tables_are_no_plan_is_told_what_a_plan_has():
    with pytest.raises(UnreadablePlan, match="không bảng nào trong 1 bảng"):
        read_plan("STT\tHọ và tên\tĐiểm\n1\tLê An\t10\n2\tVũ Bình\t9".encode())
