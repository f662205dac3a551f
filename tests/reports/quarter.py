"""A made-up ward's first quarter, with every oddity a real one has: builders for the report tests."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any
from zlib import crc32

import workflow
from tests.plan_codes import place_of
from workflow.domain.cycles.cycle import Stage, Verdict
from workflow.domain.periods.period import PeriodKind, Span
from workflow.domain.plans.plan import Comparison, Every
from workflow.domain.results.figures import Figure
from workflow.domain.results.record import (
    CycleRecord,
    LeaderRef,
    RecordedVote,
    RecordedWord,
    Reported,
    UnitRef,
)
from workflow.domain.results.rollup import rollup
from workflow.domain.scores.scoring import score
from workflow.domain.scores.scoring_rules import ScoringRules
from workflow.reports.context import build_report
from workflow.reports.values import PrintedReport, ReportHeading

HOSTILE = "5 < 7 & {{ 7*7 }} <b>đậm</b>\x0b\x00 hết\nDòng hai"
"""What a unit may write that a template, a page or an Office file takes amiss."""
QUARTER = Span(PeriodKind.QUARTER, 2026, 1)
OFFICES, ASSOCIATIONS = "Khối cơ quan", "Khối đoàn thể"
UNITS = {
    "ubnd": UnitRef(1, "UBND phường", OFFICES),
    "ca": UnitRef(2, "Công an phường", OFFICES),
    "yt": UnitRef(3, "Trạm Y tế", OFFICES),
    "mt": UnitRef(4, "Ủy ban MTTQ Việt Nam phường", ASSOCIATIONS),
    "pn": UnitRef(5, "Hội Liên hiệp Phụ nữ phường", ASSOCIATIONS),
    "tn": UnitRef(6, "Đoàn TNCS Hồ Chí Minh phường", ASSOCIATIONS),
    "ccb": UnitRef(7, "Hội Cựu chiến binh phường", ASSOCIATIONS),
    "t3": UnitRef(8, "Tổ dân phố số 3", "Khối tổ dân phố"),
}
SECTIONS = {
    "I": "Các chỉ tiêu chủ yếu",
    "I.1": "Chỉnh trang đô thị",
    "I.2": "Chăm lo đời sống nhân dân",
    "I.2.1": "Cải cách hành chính",
    "I.2.2": "An sinh xã hội",
    "II": "Nhiệm vụ trọng tâm",
    "II.1": "Công tác tuyên truyền, vận động",
    "II.2": "An ninh trật tự, phòng cháy chữa cháy",
}


def a_record(code: str = "I.1.1", leads: str = "ubnd", asked: str = "", **changes: Any) -> CycleRecord:
    """An approved report, in time, half way; `leads` and `asked` name units, asked ones confirmed in time."""
    path = [head for head in SECTIONS if code.startswith(f"{head}.")]
    record = CycleRecord(
        cycle_id=crc32(code.encode()),
        code=code,
        content=f"Nội dung {code}",
        span=QUARTER,
        as_of=date(2026, 3, 26),
        stage=Stage.APPROVED,
        report_due_on=date(2026, 3, 16),
        leads=tuple(UNITS[name] for name in leads.split()),
        words=tuple(
            RecordedWord(UNITS[name], Verdict.CONFIRM, on=date(2026, 3, 17), due_on=date(2026, 3, 19))
            for name in asked.split()
        ),
        leaders=(LeaderRef("Trần Thị Mai"),),
        section_codes=tuple(path),
        section_titles=tuple(SECTIONS[head] for head in path),
        start=date(2026, 1, 1),
        start_text="Tháng 01/2026",
        due=date(2026, 11, 30),
        deadline_text="Tháng 11/2026",
        first_submitted_on=date(2026, 3, 12),
        reported=Reported.UNDER_WAY,
        progress=Decimal(50),
        vote=RecordedVote(4, 0, 1, 5, date(2026, 3, 23)),
        position=place_of(code),
    )
    return replace(record, **changes)


def a_done_record(code: str, leads: str = "ubnd", asked: str = "", **changes: Any) -> CycleRecord:
    """An item finished before its day."""
    done: dict[str, Any] = {"reported": Reported.DONE, "progress": Decimal(100), "done_on": date(2026, 2, 20)}
    return a_record(
        code, leads, asked, **({"due": date(2026, 2, 28), "deadline_text": "Tháng 02/2026"} | done | changes)
    )


def a_lapsed_record(code: str, leads: str = "ubnd", **changes: Any) -> CycleRecord:
    """An item nobody reported."""
    none: dict[str, Any] = {"first_submitted_on": None, "reported": None, "progress": None, "vote": None}
    return a_record(code, leads, **({"stage": Stage.LAPSED} | none | changes))


def a_quarter() -> tuple[CycleRecord, ...]:
    """Twenty-odd items: done, late, overdue, ongoing, returned, objected to, lapsed, not arisen."""
    late_word = RecordedWord(UNITS["ca"], Verdict.CONFIRM, on=date(2026, 3, 23), due_on=date(2026, 3, 19))
    deemed = RecordedWord(UNITS["t3"], due_on=date(2026, 3, 19), is_deemed=True)
    partial = RecordedWord(
        UNITS["mt"], Verdict.PARTIAL, "Còn 02 ngõ chưa lắp đèn", date(2026, 3, 18), date(2026, 3, 19)
    )
    return (
        a_record(
            "I.1.1",
            asked="mt t3",
            content="Chỉnh trang 05 tuyến phố, ngõ đạt tiêu chí “sáng – xanh – sạch – đẹp – an toàn”; "
            "hạ ngầm dây thông tin tại các tuyến phố chính trên địa bàn phường",
            leaders=(LeaderRef("Trần Thị Mai"), LeaderRef("Lê Văn Hùng")),
            text="Đã hoàn thành 02 tuyến phố Hoa Lư và ngõ 24 phố Bến Đò; 01 tuyến đang thi công.",
            progress=Decimal(40),
            figures=(Figure("Tuyến phố đạt tiêu chí", Decimal(5), Decimal(2), "tuyến"),),
            difficulties="Kinh phí hạ ngầm dây thông tin chưa được cấp; các nhà mạng phối hợp chậm.",
            proposals="Đề nghị cấp trên sớm phân bổ kinh phí hạ ngầm năm 2026.",
        ),
        a_done_record(
            "I.1.2",
            "t3 ubnd",
            "mt",
            content="Tổng vệ sinh môi trường, trang trí đường phố chào đón Xuân Bính Ngọ 2026",
            text="100% ngõ, phố được tổng vệ sinh trước ngày 10/02/2026 & treo cờ đúng quy định.",
        ),
        a_record(
            "I.1.3",
            "ubnd",
            content="Lắp đặt 120 bóng đèn chiếu sáng ngõ xóm",
            words=(partial, late_word),
            due=date(2026, 3, 15),
            deadline_text="Trước ngày 16/3/2026",
            progress=Decimal(80),
            text="Lắp đặt được 96 bóng tại 14 ngõ.",
            figures=(Figure("Bóng đèn được lắp", Decimal(120), Decimal(96), "bóng"),),
            difficulties="Nhà thầu cung cấp thiết bị chậm so với hợp đồng.",
            returns_by_objection=1,
        ),
        a_record(
            "I.1.4",
            "ubnd",
            content="Cải tạo vườn hoa Tổ dân phố số 7",
            progress=Decimal(0),
            reported=Reported.NOT_STARTED,
            start=date(2026, 7, 1),
            deadline_text="Quý III/2026",
            due=date(2026, 9, 30),
        ),
        a_record(
            "I.2.1.1",
            asked="ca",
            content="Giải quyết thủ tục hành chính đúng và trước hạn đạt từ 99,5% trở lên",
            cadence=Every.ONGOING,
            due=None,
            deadline_text="Thường xuyên",
            text="Tiếp nhận 1.284 hồ sơ, giải quyết đúng và trước hạn 1.281 hồ sơ.",
            progress=Decimal(100),
            figures=(Figure("Tỷ lệ hồ sơ đúng và trước hạn", Decimal("99.5"), Decimal("99.77"), "%"),),
        ),
        a_done_record(
            "I.2.1.2",
            "ubnd",
            "tn",
            content="Ra mắt tổ hỗ trợ nộp hồ sơ trực tuyến tại bộ phận một cửa",
            text="Tổ gồm 08 thành viên, hoạt động từ ngày 02/02/2026.",
            first_submitted_on=date(2026, 3, 18),
            days_late=2,
        ),
        a_lapsed_record(
            "I.2.1.3",
            "ca",
            content="Cấp căn cước cho 100% công dân đủ điều kiện",
            cadence=Every.ONGOING,
            due=None,
            deadline_text="Thường xuyên",
        ),
        a_done_record(
            "I.2.2.1",
            "mt",
            "pn tn ccb",
            content="Vận động quà Tết cho hộ nghèo, hộ cận nghèo, gia đình chính sách",
            text="Trao 312 suất quà, tổng trị giá 218.400.000 đồng.",
            figures=(Figure("Suất quà", Decimal(300), Decimal(312), "suất"),),
        ),
        a_done_record(
            "I.2.2.2",
            "yt",
            "mt",
            content="Khám sức khỏe, lập hồ sơ quản lý cho người cao tuổi đợt 1",
            done_on=date(2026, 3, 9),
            text="Khám cho 1.126 người cao tuổi, vượt 26 người.",
            figures=(Figure("Người cao tuổi được khám", Decimal(1100), Decimal(1126), "người"),),
            difficulties="Đợt rét đậm giữa tháng 02 phải lùi lịch khám hai buổi.",
        ),
        a_record(
            "I.2.2.3",
            "pn",
            "mt",
            content="Hỗ trợ 10 hội viên phụ nữ vay vốn khởi nghiệp",
            figures=(Figure("Hội viên được vay vốn", Decimal(10), Decimal(3), "người"),),
            progress=Decimal(30),
            text="03 hội viên được giải ngân 150.000.000 đồng.",
            proposals="Đề nghị Ngân hàng Chính sách xã hội rút ngắn thời gian thẩm định.",
        ),
        a_record(
            "I.2.2.4",
            "ccb",
            content="Hỗ trợ sửa nhà cho hội viên gặp thiên tai",
            reported=Reported.NOT_ARISEN,
            progress=None,
            text="Trong quý không có hội viên bị ảnh hưởng.",
            due=None,
            deadline_text="Khi phát sinh",
        ),
        a_record(
            "II.1.1",
            "mt",
            "ubnd pn tn ccb t3",
            content="Tuyên truyền bầu cử đại biểu Quốc hội khóa XVI và đại biểu HĐND các cấp "
            "nhiệm kỳ 2026 - 2031",
            cadence=Every.MONTH,
            due=date(2026, 3, 31),
            deadline_text="Hằng tháng, đến tháng 3/2026",
            progress=Decimal(95),
            text="Treo 64 băng rôn, 120 cờ; phát thanh 45 buổi.\n"
            "Tổ chức 12 hội nghị tiếp xúc cử tri, 1.460 lượt người dự.",
            returns_by_committee=1,
        ),
        a_done_record(
            "II.1.2",
            "tn",
            "pn",
            content="Ra quân Tháng Thanh niên, trồng 200 cây xanh",
            due=date(2026, 3, 5),
            done_on=date(2026, 3, 1),
            figures=(Figure("Cây xanh", Decimal(200), Decimal(215), "cây"),),
            text="215 cây xanh tại 03 điểm.",
            deadline_text="Trước ngày 06/3/2026",
        ),
        a_record(
            "II.1.3",
            "ccb",
            "mt",
            content="Sinh hoạt truyền thống, giáo dục thế hệ trẻ tại 02 trường học",
            progress=Decimal(50),
            text="Đã tổ chức tại Trường THCS Phúc An.",
            due=date(2026, 6, 30),
            deadline_text="Quý II/2026",
        ),
        a_record(
            "II.2.1",
            "ca",
            "ubnd",
            content="Kéo giảm ít nhất 5% số vụ phạm pháp hình sự so với cùng kỳ",
            words=(deemed,),
            due=date(2026, 12, 15),
            figures=(Figure("Số vụ phạm pháp hình sự", Decimal(12), Decimal(9), "vụ", Comparison.AT_MOST),),
            progress=Decimal(25),
            text="Xảy ra 09 vụ, giảm 03 vụ so với cùng kỳ.",
            first_submitted_on=date(2026, 3, 20),
            days_late=4,
        ),
        a_lapsed_record(
            "II.2.2",
            "ca",
            first_submitted_on=date(2026, 3, 24),
            days_late=6,
            content="Kiểm tra an toàn PCCC 45 cơ sở kinh doanh, nhà trọ, chung cư mini",
        ),
        a_record(
            "II.2.3", "ccb", content="Duy trì đội tự quản giao thông cổng trường", stage=Stage.WITHDRAWN
        ),
    )


def a_heading(**changes: Any) -> ReportHeading:
    """A Party committee's heading."""
    heading = ReportHeading(
        organisation="Đảng ủy phường Phúc An",
        superior="Đảng bộ thành phố Hà Nội",
        is_party=True,
        place="Phúc An",
        number="38-BC/ĐU",
        on=date(2026, 3, 27),
        plan_title="Kế hoạch thực hiện chủ đề công tác năm 2026 “Kỷ cương, gần dân, vì dân”",
        plan_number="05-KH/ĐU",
        plan_issued_on=date(2026, 1, 9),
        signs_for="T/M BAN THƯỜNG VỤ",
        signs_as="BÍ THƯ",
        signer="Nguyễn Minh Đức",
        recipients=(
            "Văn phòng Thành ủy (để báo cáo)",
            "Các đồng chí Ủy viên Ban Chấp hành Đảng bộ phường",
            "UBND, Ủy ban MTTQ Việt Nam phường",
            "Các chi bộ trực thuộc",
        ),
        filed="Lưu Văn phòng Đảng ủy",
    )
    return replace(heading, **changes)


def ready_rules() -> ScoringRules:
    """The rule file that ships."""
    path = Path(workflow.__file__).parent / "sample" / "scoring.toml"
    return ScoringRules.from_dict(tomllib.loads(path.read_text(encoding="utf-8"), parse_float=Decimal))


def a_report(*records: CycleRecord, heading: ReportHeading | None = None) -> PrintedReport:
    """The report of those records, or of the whole made-up quarter."""
    found = records or a_quarter()
    return build_report(heading or a_heading(), QUARTER, found, rollup(found), score(found, ready_rules()))
