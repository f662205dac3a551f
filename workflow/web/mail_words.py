"""What the office's pages and tables call the kinds and states of mails."""

from __future__ import annotations

STATES = {
    "failed": "Không gửi được",
    "bounced": "Bị trả về",
    "waiting": "Đang chờ",
    "retry": "Sẽ thử lại",
    "sending": "Đang gửi",
    "sent": "Đã gửi",
    "void": "Không cần gửi nữa",
}
"""In the order the page shows them."""

KINDS = {
    "digest": "Việc cần làm",
    "receipt": "Biên nhận",
    "report": "Báo cáo kỳ",
    "notice": "Thông báo",
    "escalation": "Báo trễ hạn",
    "code": "Mã xác nhận",
    "office": "Việc của văn phòng",
    "opened": "Mở kỳ",
    "closed": "Khóa kỳ",
    "schedule": "Lịch các kỳ",
}
