"""What the played people write: short, ordinary sentences of reports, objections and returns."""

from __future__ import annotations

import re

_FIRST_CLAUSE = re.compile(r"[,;:]\s")


def body_of(content: str, progress: int, *, again: bool) -> str:
    """The results paragraph of a report on an item."""
    subject = _FIRST_CLAUSE.split(content.partition(" ")[2], maxsplit=1)[0].rstrip(". ")
    opening = "Tiếp thu ý kiến, đơn vị đã rà soát lại số liệu. " if again else ""
    if progress >= 100:
        return f"{opening}Đã hoàn thành: {subject}. Hồ sơ, biên bản nghiệm thu lưu tại đơn vị."
    if progress >= 50:
        return f"{opening}Đang thực hiện đúng tiến độ: {subject}. Khối lượng đạt khoảng {progress}%."
    return f"{opening}Đã ban hành kế hoạch, phân công cụ thể và triển khai bước đầu: {subject}."


def difficulty_of(dice: int) -> str:
    """A difficulty for about one report in seven."""
    return {
        0: "Kinh phí cấp về chậm so với kế hoạch.",
        1: "Một số hộ dân chưa thống nhất phương án triển khai.",
    }.get(dice % 14, "")


def proposal_of(dice: int) -> str:
    """A proposal to go with each difficulty."""
    return {
        0: "Đề nghị UBND phường tạm ứng kinh phí từ nguồn chi thường xuyên.",
        1: "Đề nghị Mặt trận và các đoàn thể cùng tham gia vận động.",
    }.get(dice % 14, "")


def opinion_of(dice: int) -> str:
    """What the committee decides on a difficulty."""
    return (
        "Đồng ý đề xuất; đơn vị được giao khẩn trương thực hiện, báo cáo kết quả đúng hạn.",
        "Giao đơn vị chủ động phối hợp tháo gỡ, không để ảnh hưởng tiến độ chung.",
    )[dice % 2]


REASON = "Số liệu đã được đối chiếu với sổ theo dõi của đơn vị; tài liệu kèm theo sẽ gửi ở kỳ sau."
"""What a unit gives as the reason for something odd."""

SOLVED = "Đã phối hợp tháo gỡ xong; các bên thống nhất phương án triển khai tiếp."
"""What a unit says that was made responsible for a difficulty."""


def objection_of(code: str) -> str:
    """Why a coordinating unit does not agree."""
    return f"Số liệu của nội dung {code} chưa khớp với số đơn vị theo dõi; đề nghị rà soát, bổ sung."


def return_of(code: str) -> str:
    """Why a member returns a report."""
    return f"Nội dung {code} chưa nêu rõ kết quả so với chỉ tiêu; đề nghị làm rõ rồi trình lại."
