"""What the office's pages and tables call the kinds and states of mails."""

from __future__ import annotations

from workflow.domain.words import Words

STATES = {
    "failed": Words("Không gửi được"),
    "bounced": Words("Bị trả về"),
    "waiting": Words("Chờ gửi"),
    "retry": Words("Sẽ thử lại"),
    "sending": Words("Đang gửi"),
    "sent": Words("Đã gửi"),
    "void": Words("Không cần gửi nữa"),
}
"""In the order the page shows them."""

KINDS = {
    "digest": Words("Việc cần làm"),
    "receipt": Words("Biên nhận"),
    "report": Words("Báo cáo kỳ"),
    "notice": Words("Thông báo"),
    "escalation": Words("Báo trễ hạn"),
    "code": Words("Mã xác nhận"),
    "office": Words("Việc của văn phòng"),
    "opened": Words("Mở kỳ"),
    "closed": Words("Khóa kỳ"),
    "schedule": Words("Lịch các kỳ"),
}
