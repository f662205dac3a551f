"""Link uses in words: the request and the browser, for readers of a log."""

from __future__ import annotations

import re

from workflow.domain.words import Words

_BROWSERS = (
    ("Zalo", "Zalo"),
    ("coc_coc_browser", "Cốc Cốc"),
    ("Edg", "Edge"),
    ("OPR", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("HeadlessChrome", Words("Chrome tự động")),
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
    (
        r"(?:confirm|vote|report) [0-9a-f]{12} (?P<number>[0-9A-F]{8})",
        Words("gửi biểu mẫu, số ghi nhận %(number)s"),
    ),
    (r"(GET|HEAD) /", Words("mở trang chính")),
    (r"(GET|HEAD) /report/.*", Words("mở biểu mẫu báo cáo")),
    (r"(GET|HEAD) /done", Words("xem biên nhận")),
    (r"(GET|HEAD) /evidence/.*", Words("tải tài liệu minh chứng")),
    (r"(GET|HEAD) .*", Words("mở một trang bên trong")),
    (r"draft .*", Words("lưu bản nháp")),
    (r"code right", Words("nhập đúng mã xác nhận")),
    (r"code (wrong|dead|not-yet)", Words("nhập mã xác nhận không đúng")),
    (r"code .*", Words("yêu cầu mã xác nhận")),
    (r"(confirm|vote) not sure", Words("bấm gửi khi chưa đánh dấu xác nhận")),
    (r"(confirm|vote|report|matter-\w+) refused", Words("gửi biểu mẫu, không được ghi nhận")),
    (r"refused .*", Words("yêu cầu bị từ chối")),
    (r"(expired|revoked) POST /renew", Words("xin đường dẫn mới")),
    (r"expired .*", Words("mở bằng đường dẫn đã hết hạn")),
    (r"revoked links of .*", Words("thu hồi đường dẫn của người nhận")),
    (r"revoked .*", Words("mở bằng đường dẫn đã thu hồi")),
    (r"live POST /renew", Words("xin đường dẫn mới")),
    (r"live .*", Words("mở trang không thuộc đường dẫn")),
    (r"POST /plan \d+", Words("tải kế hoạch lên")),
    (r"POST /plan/\d+/cells", Words("sửa kế hoạch đã tải lên")),
    (r"POST /plan/\d+/accept", Words("chấp nhận kế hoạch đã tải lên")),
    (r"signed in.*", Words("đăng nhập")),
    (r"signed out.*", Words("đăng xuất")),
    (r"directory .*", Words("sửa danh bạ")),
    (r"organisation kind .*", Words("chọn loại đơn vị")),
    (r"period opened .*", Words("mở kỳ báo cáo")),
    (r"score entered .*", Words("nhập điểm thi đua")),
    (r"score decided .*", Words("ghi biểu quyết của hội đồng")),
    (r"council [0-9a-f]{12} \d+", Words("biểu quyết trong hội đồng thi đua")),
    (r"council asked on \w+", Words("đưa đề nghị ra hội đồng thi đua")),
    (r"council closed \d+", Words("kết thúc lấy phiếu hội đồng thi đua")),
    (r"own-score [0-9a-f]{12} \d+", Words("tự chấm điểm thi đua của đơn vị")),
    (r"review [0-9a-f]{12} \d+", Words("đề nghị xem lại điểm thi đua")),
    (r"nominate [0-9a-f]{12} \d+", Words("đề nghị khen thưởng đột xuất, tờ trình")),
    (r"commend-(?:own|enter) [0-9a-f]{12} \d+", Words("đề nghị khen thưởng")),
    (r"period closed .*", Words("khóa kỳ báo cáo")),
    (r"minutes numbered .*", Words("ghi số biên bản")),
    (r"POST /mails/.*", Words("gửi lại thư")),
)


def agent(user_agent: str) -> str:
    """A browser as people call it: `Chrome trên Android`; an unknown one is returned as it came."""
    browser = next((name for mark, name in _BROWSERS if mark in user_agent), "")
    system = next((name for mark, name in _SYSTEMS if mark in user_agent), "")
    if browser and system:
        return Words("%(browser)s trên %(system)s", browser=browser, system=system)
    return browser or user_agent[:60] or Words("không rõ trình duyệt")


def use(act: str) -> str:
    """What a link was used for, from the record's short form."""
    for pattern, words in _ACTS:
        if match := re.fullmatch(pattern, act):
            return Words(words, **match.groupdict())
    return act
