"""The words random plans are written with: bodies, people, work, headers, and times in many spellings."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

from hypothesis import strategies as st

from workflow.domain.plans.plan import Every, Schedule, ScheduleKind
from workflow.importing.tables.columns import Column

YEAR = 2025
Draw = Callable[[st.SearchStrategy], object]

BODIES = (
    *("UBND xã", "Công an xã", "Trạm Y tế xã", "Hội Phụ nữ xã", "Đoàn thanh niên xã", "Phòng Kinh tế"),
    *("Phòng Văn hóa - Xã hội", "Ban Chỉ huy Quân sự xã", "Văn phòng HĐND và UBND xã", "Các thôn"),
    *("Trường Tiểu học Hoa Ban", "Sở Nội vụ", "Phòng Tài chính - Kế hoạch", "Ủy ban MTTQ xã"),
)
NAMES = ("Lê Thị Mai", "Trần Văn Hợp", "Phạm Quốc Bảo", "Vi Thị Nhung", "Hoàng Đức Thắng", "Ngô Minh Châu")
TITLES = ("", " - Bí thư Đảng ủy", ", PCT UBND xã", " - Phó Chủ tịch HĐND")
COMRADE = ("Đ/c ", "Đồng chí ", "- Đ/c ", "")
VERBS = ("Xây dựng", "Rà soát", "Tổ chức", "Ban hành", "Kiểm tra", "Sửa chữa", "Tuyên truyền", "Tổng kết")
THINGS = (
    *("quy chế tiếp công dân", "hệ thống loa truyền thanh", "công tác thu gom rác thải", "hội thi nấu ăn"),
    *("đường liên thôn", "hồ sơ hộ nghèo", "phong trào thể dục thể thao", "việc chấp hành nghị quyết"),
)
TAILS = ("", " trên địa bàn", " theo quy định", " cho 100% cán bộ", " năm 2025", "; báo cáo cấp trên")
SECTIONS = ("Phát triển kinh tế", "Văn hóa xã hội", "Quốc phòng an ninh", "Xây dựng chính quyền", "Cải cách")
PRODUCTS = ("Báo cáo", "Kế hoạch", "Quyết định", "Hội nghị", "")

HEADERS: dict[Column, tuple[str, ...]] = {
    Column.NUMBER: ("TT", "STT", "Số TT", "Số thứ tự"),
    Column.CONTENT: ("Nội dung", "Nhiệm vụ", "Nội dung công việc", "NHIỆM VỤ TRỌNG TÂM", "Tên công việc"),
    Column.LEADER: ("Lãnh đạo phụ trách", "Lãnh đạo chỉ đạo", "Người phụ trách", "Đồng chí theo dõi"),
    Column.LEAD: ("Đơn vị chủ trì", "Cơ quan chủ trì", "Đơn vị thực hiện", "Cơ quan tham mưu", "Đầu mối"),
    Column.COORDINATING: ("Đơn vị phối hợp", "Cơ quan phối hợp", "Phối hợp", "PHỐI HỢP THỰC HIỆN"),
    Column.START: ("Thời gian bắt đầu", "Bắt đầu", "Từ ngày"),
    Column.DEADLINE: ("Thời hạn", "Thời gian hoàn thành", "Hạn hoàn thành", "Thời gian trình"),
    Column.RESULT: ("Sản phẩm", "Kết quả", "Sản phẩm đầu ra"),
    Column.NOTE: ("Ghi chú", "Kinh phí", "Căn cứ", "Đơn vị tính"),
    Column.GROUP: ("Lĩnh vực", "Nhóm nhiệm vụ"),
}
LONE_TIME = ("Thời gian", "Thời gian thực hiện", "Tiến độ")
PAIRS: dict[tuple[Column, Column], tuple[tuple[str, str, str], ...]] = {
    (Column.LEAD, Column.COORDINATING): (
        ("Phân công thực hiện", "Chủ trì", "Phối hợp"),
        ("Cơ quan", "Chủ trì thực hiện", "Phối hợp thực hiện"),
    ),
    (Column.START, Column.DEADLINE): (
        ("Thời gian", "Bắt đầu", "Hoàn thành"),
        ("Thời gian thực hiện", "Từ", "Đến"),
        ("Tiến độ", "Bắt đầu", "Kết thúc"),
    ),
}
DITTOS = ("nt", "-nt-", "//", '"', "Như trên", "”")
SHARED = ("Cơ quan thực hiện", "Đơn vị chủ trì, phối hợp", "Phân công thực hiện")
"""Headers of one column for who leads and who coordinates."""
ROLES = (
    "{0} (chủ trì); {1} (phối hợp)",
    "{0} chủ trì, phối hợp với {1}",
    "Chủ trì: {0}. Phối hợp: {1}",
    "- Chủ trì: {0}<br>- Phối hợp: {1}",
    "{0} chủ trì; {1} phối hợp",
)


def _month(month: int) -> Schedule:
    last = date(YEAR, month + 1, 1) - timedelta(days=1) if month < 12 else date(YEAR, 12, 31)
    return Schedule(ScheduleKind.MONTH, date(YEAR, month, 1), last)


def _quarter(quarter: int) -> Schedule:
    first, last = _month(quarter * 3 - 2), _month(quarter * 3)
    return Schedule(ScheduleKind.QUARTER, first.first, last.last)


@st.composite
def times(draw: Draw) -> tuple[str, Schedule]:
    """A time and one of its spellings."""
    kind = draw(st.sampled_from(["month", "quarter", "before", "no-later", "day", "every", "half"]))
    month = draw(st.integers(1, 12))
    day = draw(st.integers(2, 28))
    if kind == "month":
        spellings = ["Tháng {0}", "Tháng {0:02}", "tháng {0}/2025", "T{0}/2025", "Tháng {0} năm 2025"]
        return draw(st.sampled_from([*spellings, "Trong tháng {0}", "{0:02}/2025"])).format(month), _month(
            month
        )
    if kind == "quarter":
        quarter = draw(st.integers(1, 4))
        roman = ("I", "II", "III", "IV")[quarter - 1]
        spelling = draw(st.sampled_from(["Quý {0}", "Quý {1}", "quý {0}/2025", "Quý {0} năm 2025"]))
        return spelling.format(roman, quarter), _quarter(quarter)
    if kind == "before":
        spelling = draw(
            st.sampled_from(["Trước ngày {0}/{1}", "Trước {0:02}/{1:02}/2025", "Xong trước {0}/{1}"])
        )
        return spelling.format(day, month), Schedule(
            ScheduleKind.BEFORE, last=date(YEAR, month, day) - timedelta(days=1)
        )
    if kind == "no-later":
        spelling = draw(st.sampled_from(["Chậm nhất {0}/{1}", "Chậm nhất ngày {0}/{1}/2025"]))
        return spelling.format(day, month), Schedule(ScheduleKind.BEFORE, last=date(YEAR, month, day))
    if kind == "day":
        spelling = draw(st.sampled_from(["{0}/{1}", "Ngày {0}/{1}/2025", "{0:02}.{1:02}.2025"]))
        on = date(YEAR, month, day)
        return spelling.format(day, month), Schedule(ScheduleKind.DAY, on, on)
    if kind == "half":
        return "6 tháng đầu năm", Schedule(ScheduleKind.HALF_YEAR, date(YEAR, 1, 1), date(YEAR, 6, 30))
    return draw(
        st.sampled_from(
            [
                ("Hằng tháng", Schedule(ScheduleKind.CADENCE, every=Every.MONTH)),
                ("Hàng quý", Schedule(ScheduleKind.CADENCE, every=Every.QUARTER)),
                ("01 tháng/lần", Schedule(ScheduleKind.CADENCE, every=Every.MONTH)),
                ("Thường xuyên", Schedule(ScheduleKind.CADENCE, every=Every.ONGOING)),
            ]
        )
    )
