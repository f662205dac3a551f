"""Link uses in words: what was asked, and with which browser, for those who read a record."""

from __future__ import annotations

import re

_BROWSERS = (
    ("Zalo", "Zalo"),
    ("coc_coc_browser", "Cốc Cốc"),
    ("Edg", "Edge"),
    ("OPR", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("HeadlessChrome", "Chrome tự động"),
    ("CriOS", "Chrome"),
    ("FxiOS", "Firefox"),
    ("Chrome", "Chrome"),
    ("Firefox", "Firefox"),
    ("Safari", "Safari"),
)
_SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS", "macOS"),
    ("Linux", "Linux"),
)
_ACTS = (
    (r"(confirm|vote|report) [0-9a-f]{12} ([0-9A-F]{8})", "gửi biểu mẫu, số ghi nhận {1}"),
    (r"(GET|HEAD) /", "mở trang"),
    (r"(GET|HEAD) /report/.*", "mở biểu mẫu báo cáo"),
    (r"(GET|HEAD) /done", "xem biên nhận"),
    (r"(GET|HEAD) /evidence/.*", "tải tài liệu minh chứng"),
    (r"(GET|HEAD) .*", "mở một trang"),
    (r"draft .*", "lưu bản nháp"),
    (r"code right", "nhập đúng mã xác nhận"),
    (r"code (wrong|dead|not-yet)", "nhập mã xác nhận không đúng"),
    (r"code .*", "yêu cầu mã xác nhận"),
    (r"(confirm|vote) not sure", "bấm gửi khi chưa đánh dấu xác nhận"),
    (r"(confirm|vote|report|matter-\w+) refused", "gửi biểu mẫu, không được ghi nhận"),
    (r"refused .*", "yêu cầu bị từ chối"),
    (r"(expired|revoked) POST /renew", "xin đường dẫn mới"),
    (r"expired .*", "mở bằng đường dẫn đã hết hạn"),
    (r"revoked links of .*", "thu hồi đường dẫn của người nhận"),
    (r"revoked .*", "mở bằng đường dẫn đã thu hồi"),
    (r"live POST /renew", "xin đường dẫn mới"),
    (r"live .*", "mở trang không thuộc đường dẫn"),
    (r"POST /plan \d+", "tải kế hoạch lên"),
    (r"POST /plan/\d+/cells", "sửa kế hoạch đã tải lên"),
    (r"POST /plan/\d+/accept", "chấp nhận kế hoạch đã tải lên"),
    (r"signed in.*", "đăng nhập"),
    (r"signed out.*", "đăng xuất"),
    (r"directory .*", "sửa danh bạ"),
    (r"period opened .*", "mở kỳ báo cáo"),
    (r"score entered .*", "nhập điểm thi đua"),
    (r"score decided .*", "ghi biểu quyết của hội đồng"),
    (r"council [0-9a-f]{12} \d+", "biểu quyết trong hội đồng thi đua"),
    (r"council asked on \w+", "đưa đề nghị ra hội đồng thi đua"),
    (r"council closed \d+", "kết thúc lấy phiếu hội đồng thi đua"),
    (r"own-score [0-9a-f]{12} \d+", "tự chấm điểm thi đua của đơn vị"),
    (r"commend-(?:own|enter) [0-9a-f]{12} \d+", "đề nghị khen thưởng"),
    (r"period closed .*", "khóa kỳ báo cáo"),
    (r"POST /mails/.*", "gửi lại thư"),
)


def agent(told: str) -> str:
    """A browser as people call it: `Chrome trên Android`; what is not known stands as it came."""
    browser = next((name for mark, name in _BROWSERS if mark in told), "")
    system = next((name for mark, name in _SYSTEMS if mark in told), "")
    if browser and system:
        return f"{browser} trên {system}"
    return browser or told[:60] or "không rõ trình duyệt"


def use(act: str) -> str:
    """What a link was used for, from the record's short form."""
    for pattern, words in _ACTS:
        if match := re.fullmatch(pattern, act):
            return words.format("", *match.groups()[1:])
    return act
