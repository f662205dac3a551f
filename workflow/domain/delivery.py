"""What a mail server's refusal means for the person who must do something about it."""

from __future__ import annotations

import re
from enum import StrEnum

from workflow.domain.words import Words


class Trouble(StrEnum):
    """Why a mail did not arrive."""

    NO_SUCH_BOX = "no-such-box"
    NO_SUCH_DOMAIN = "no-such-domain"
    WRONG_ADDRESS = "wrong-address"
    BOX_FULL = "box-full"
    TOO_LARGE = "too-large"
    UNWANTED = "unwanted"
    NOT_IN_TIME = "not-in-time"
    DOUBTFUL = "doubtful"
    OTHER = "other"

    @property
    def label(self) -> Words:
        """What is the matter, and what to do, in a sentence or two."""
        return _LABELS[self]


_LABELS = {
    Trouble.NO_SUCH_BOX: Words("Bên nhận không có hộp thư này. Kiểm tra lại địa chỉ với người nhận."),
    Trouble.NO_SUCH_DOMAIN: Words("Tên miền sau dấu @ không có hoặc không nhận thư. Kiểm tra lại địa chỉ."),
    Trouble.WRONG_ADDRESS: Words("Địa chỉ viết sai. Sửa lại địa chỉ."),
    Trouble.BOX_FULL: Words("Hộp thư của người nhận đã đầy. Nhắc người nhận dọn hộp thư rồi gửi lại."),
    Trouble.TOO_LARGE: Words("Thư nặng quá mức bên nhận cho phép."),
    Trouble.UNWANTED: Words("Máy chủ bên nhận chặn thư này. Đề nghị bên ấy cho nhận thư của hệ thống."),
    Trouble.NOT_IN_TIME: Words(
        "Máy chủ bên nhận không nhận sau nhiều lần thử. Gửi lại, hoặc dùng địa chỉ khác."
    ),
    Trouble.DOUBTFUL: Words("Mất liên lạc giữa chừng: thư có thể đã tới. Hỏi người nhận trước khi gửi lại."),
    Trouble.OTHER: Words("Máy chủ thư từ chối."),
}

_ENHANCED = re.compile(r"\b([45])\.(\d{1,3})\.(\d{1,3})\b")
_BASIC = re.compile(r"\b([45]\d\d)\b")
_DOUBTS = ("có thể thư đã tới", "mất kết nối trước", "trả lời quá chậm")
"""What the mailer writes where it cannot know."""

_POLICY = re.compile(r"spam|polic|block|blacklist|reputation|denied", re.IGNORECASE)


def trouble_of(error: str) -> Trouble:
    """Classifies a refusal stored in the outbox: by RFC 3463's codes, else RFC 5321's, else by its text."""
    if "địa chỉ thư" in error:
        return Trouble.WRONG_ADDRESS
    if any(words in error for words in _DOUBTS):
        return Trouble.DOUBTFUL
    if "ngắt kết nối giữa chừng" in error:
        return Trouble.NOT_IN_TIME
    if found := _ENHANCED.search(error):
        return _by_enhanced(found[1], int(found[2]), int(found[3]))
    if found := _BASIC.search(error):
        return _by_basic(int(found[1]), error)
    return Trouble.OTHER


def _by_enhanced(kind: str, subject: int, detail: int) -> Trouble:
    match subject, detail:
        case (1, 2 | 10) | (4, 4):
            return Trouble.NO_SUCH_DOMAIN
        case (1, _) | (2, 1):
            return Trouble.NO_SUCH_BOX
        case (2, 2):
            return Trouble.BOX_FULL
        case (2, 3) | (3, 4):
            return Trouble.TOO_LARGE
        case (4, 7):
            return Trouble.NOT_IN_TIME
        case (7, _) if kind == "5":
            return Trouble.UNWANTED
    return Trouble.NOT_IN_TIME if kind == "4" else Trouble.OTHER


def _by_basic(code: int, words: str) -> Trouble:
    if code == 552:
        return Trouble.BOX_FULL
    if code < 500:
        return Trouble.NOT_IN_TIME
    if _POLICY.search(words) or code == 554:
        return Trouble.UNWANTED
    return Trouble.NO_SUCH_BOX if code in (550, 551, 553) else Trouble.OTHER
