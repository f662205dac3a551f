from __future__ import annotations

from datetime import date
from decimal import Decimal

from tests.reports.quarter import (
    QUARTER,
    a_done_record,
    a_heading,
    a_lapsed_record,
    a_quarter,
    a_record,
    a_report,
)
from workflow.domain.cycles.cycle import Stage
from workflow.domain.periods.period import PeriodKind, Span
from workflow.domain.results.figures import Figure
from workflow.domain.results.rollup import rollup, tally
from workflow.reports.context import build_report
from workflow.reports.narrative import brief, in_sentence, next_work


def test_the_opening_names_the_plan_its_number_and_the_period() -> None:
    assert a_report().opening == (
        "Thực hiện Kế hoạch thực hiện chủ đề công tác năm 2026 “Kỷ cương, gần dân, vì dân” "
        "(số 05-KH/ĐU, ngày 09/01/2026), Đảng ủy phường Phúc An báo cáo kết quả quý I/2026 như sau:"
    )


def test_a_missing_number_or_day_leaves_room_to_write_it() -> None:
    report = a_report(heading=a_heading(number="", on=None, is_party=False))
    assert report.number_line == "Số: …………"
    assert report.place_and_date.replace("\N{NO-BREAK SPACE}", " ") == "Phúc An, ngày … tháng … năm 2026"


def test_the_overview_says_each_figure_of_the_quarter() -> None:
    first, second, third = a_report().overview
    assert "có 16 nội dung được theo dõi, do 08 đơn vị chủ trì" in first
    assert "04 hoàn thành đúng hạn, 01 hoàn thành quá hạn" in first
    assert "là 70,8%" in second
    assert "đạt 66,7%" in second
    assert third == "Về chỉ tiêu định lượng, 05/08 chỉ tiêu đã đạt hoặc vượt mức đề ra."


def test_late_and_missing_items_are_named_with_their_units() -> None:
    report = a_report(
        a_record("I.1.3", content="Lắp đèn", due=date(2026, 3, 15), progress=Decimal(80)),
        a_lapsed_record("II.2.2", "ca", content="Kiểm tra PCCC"),
    )
    assert report.shortfalls == (
        "Lắp đèn (I.1.3 – UBND phường): thời hạn 15/03/2026, đến nay đạt 80%. Đơn vị chưa nêu nguyên nhân.",
        "Kiểm tra PCCC (II.2.2 – Công an phường): không có báo cáo.",
    )


def test_what_is_late_is_told_with_the_units_reason_and_not_again_among_difficulties() -> None:
    late = a_record("I.1.3", content="Lắp đèn", due=date(2026, 3, 15), difficulties="Nhà thầu chậm")
    report = a_report(late, a_record("I.1.4"))
    assert report.shortfalls[0].endswith("đến nay đạt 50%. Nguyên nhân đơn vị báo cáo: Nhà thầu chậm.")
    assert report.difficulties == ("Các đơn vị không báo cáo khó khăn, vướng mắc khác.",)


def test_what_several_units_say_alike_is_said_once_with_all_their_items() -> None:
    report = a_report(
        a_record("I.1.1", "ubnd", proposals="Đề nghị cấp kinh phí."),
        a_record("I.1.2", "ca", proposals="đề nghị  cấp kinh phí"),
        a_record("I.1.3", "yt", content="Khám bệnh", proposals="Bổ sung bác sĩ;"),
    )
    assert report.proposals == (
        "Đề nghị cấp kinh phí. (Các mục I.1.1, I.1.2; UBND phường và Công an phường.)",
        "Khám bệnh (I.1.3 – Trạm Y tế): Bổ sung bác sĩ.",
    )


def test_the_period_is_held_against_the_one_before() -> None:
    records = a_quarter()
    late = a_record("I.1.2", first_submitted_on=date(2026, 3, 20), days_late=4)
    before = tally([a_done_record("I.1.1"), late])
    report = build_report(a_heading(), QUARTER, records, rollup(records), before=before)
    assert report.overview[-1] == (
        "So với quý IV/2025: số nội dung được theo dõi tăng từ 02 lên 16; số nội dung đã hoàn thành tăng từ "
        "01 lên 05; số nội dung quá hạn tăng từ 00 lên 01; tỷ lệ báo cáo đúng hạn tăng từ 50% lên 75%; "
        "tỷ lệ hoàn thành đúng hạn giảm từ 100% xuống 66,7%."
    )


def test_a_target_that_is_only_a_number_is_named_by_its_item() -> None:
    bare = Figure("trên 95%", Decimal(95), Decimal(90), "%")
    named = Figure("Bóng đèn", Decimal(120), Decimal(96), "bóng")
    report = a_report(a_record(content="Thu gom rác", figures=(bare, named)))
    assert [(row.text, row.expected, row.reached) for row in report.figures] == [
        ("Thu gom rác", "trên 95%", "90%"),
        ("Thu gom rác – Bóng đèn", "từ 120 bóng", "96 bóng"),
    ]
    assert report.appendix[-1].result == "Bóng đèn: 96/120 bóng\nĐạt/chỉ tiêu: 90/95%"


def test_where_nobody_wrote_a_difficulty_the_report_says_so() -> None:
    report = a_report(a_record())
    assert report.difficulties == ("Các đơn vị không báo cáo khó khăn, vướng mắc.",)
    assert report.proposals == ("Các đơn vị không có kiến nghị, đề xuất.",)


def test_the_appendix_prints_each_heading_once_and_items_in_plan_order() -> None:
    report = a_report(a_record("II.1.1"), a_record("I.2.1.10"), a_record("I.2.1.2"), a_record("I.1.1"))
    codes = [row.code for row in report.appendix]
    assert codes == ["I", "I.1", "I.1.1", "I.2", "I.2.1", "I.2.1.2", "I.2.1.10", "II", "II.1", "II.1.1"]


def test_a_withdrawn_item_is_nowhere_in_the_report() -> None:
    report = a_report(a_record("I.1.1"), a_record("I.1.2", stage=Stage.WITHDRAWN))
    assert report.whole.total == 1
    assert [record.code for record in report.records] == ["I.1.1"]


def test_a_report_of_an_open_period_is_a_draft() -> None:
    assert a_report(a_record(), a_record("I.1.2", stage=Stage.WAITING_APPROVAL)).is_draft
    assert not a_report(a_record()).is_draft


def test_a_figure_short_of_its_target_is_no_failure_while_the_item_is_in_its_time() -> None:
    figure = Figure("Tuyến phố", Decimal(5), Decimal(2), "tuyến")
    report = a_report(a_record(figures=(figure,)), a_done_record("I.1.2", figures=(figure,)))
    assert [row.verdict for row in report.figures] == ["Còn trong hạn", "Chưa đạt"]


def test_next_period_work_looks_to_the_end_of_the_following_period() -> None:
    records = [a_record("I.1.1", content="Ra quân", due=date(2026, 6, 30)), a_record("I.1.2")]
    assert next_work(records, QUARTER) == (
        "Hoàn thành 01 nội dung có hạn đến hết quý II/2026: Ra quân (I.1.1, hạn 30/06/2026).",
        "Tiếp tục thực hiện 01 nội dung còn lại theo thời hạn của kế hoạch.",
    )
    assert "quý I/2027" in next_work([a_record(due=date(2027, 1, 1))], Span(PeriodKind.QUARTER, 2026, 4))[0]


def test_a_period_without_any_cycle_still_makes_a_report() -> None:
    report = a_report(a_record(stage=Stage.WITHDRAWN))
    assert report.discipline == ("Trong kỳ không có nội dung nào đến kỳ báo cáo.",)
    assert report.whole.progress == "–"


def test_a_long_content_is_cut_at_a_word_and_its_quotation_closed() -> None:
    assert brief("- Xây dựng tuyến phố “sáng, xanh, sạch, đẹp” trên địa bàn", 6) == (
        "Xây dựng tuyến phố “sáng, xanh…”"
    )
    assert brief("Một nội dung.") == "Một nội dung"


def test_a_period_is_written_small_inside_a_sentence() -> None:
    assert in_sentence(QUARTER) == "quý I/2026"
    assert in_sentence(Span(PeriodKind.HALF_YEAR, 2026, 1)) == "6 tháng đầu năm 2026"
