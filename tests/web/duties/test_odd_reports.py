"""What cannot be is refused at its box, what is odd is asked about once, and the reason goes with the report;
what a figure comes to since January stands beside its box, and "no change" adds nothing to it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timezone
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import select

from tests.builders import a_link, a_plan, a_target, an_item, confirmed, submitted, voted
from tests.web.asking import a_key
from tests.web.visiting import Form, Visit, a_visit, form_of, page_of, post, text_of
from workflow.domain.cycles.cycle import Choice
from workflow.domain.events import KeyScope
from workflow.domain.periods.period import Span
from workflow.domain.plans.plan import Comparison, Schedule, ScheduleKind, Target
from workflow.storage.access import links
from workflow.storage.opening.opening import open_period
from workflow.storage.results.closing import close_period
from workflow.storage.tables import cycles, periods, submissions

Q2 = datetime(2026, 6, 2, 2, tzinfo=timezone.utc)
ALONE = {"coordinating_ids": (), "coordinating_units": ()}
MEMBERS = ("bi-thu", "pho-bi-thu", "uy-vien-1")
CAMERAS = a_target("120", "120 camera", "camera")


def _asked(tmp_path: Path, target: Target = CAMERAS) -> tuple[Visit, Form]:
    visit = a_visit(tmp_path, plan=a_plan(items=[an_item(1, targets=(target,))]))
    return visit, form_of(
        visit.client.get(f"/l/{a_link(visit.opened, 'ubnd')}/report/{visit.opened.cycles[0]}")
    )


@pytest.mark.parametrize(
    ("target", "typed", "told"),
    [
        (a_target("12", "12 lớp", "lớp"), "−3", "-3 lớp: số này không thể âm."),
        (a_target("12", "12 lớp", "lớp"), "2,5 lớp", "2,5 lớp: số này đếm được nên phải là số nguyên."),
        (a_target("2000", "2.000 học viên", "học viên"), "27,8 tỷ học viên", "tính bằng đơn vị khác"),
        (a_target(), "104", "tỷ lệ của một tổng thể không thể quá 100%."),
    ],
)
def test_an_impossible_figure_is_refused_at_its_box_and_no_reason_helps(
    tmp_path: Path, target: Target, typed: str, told: str
) -> None:
    visit, form = _asked(tmp_path, target)
    fields = form.filled(progress="40", body="Đang làm.", figure_1=typed, why_figure_1="Đúng thế.")
    response = post(visit, form, fields)
    assert response.status_code == 422
    assert told in text_of(response)
    assert page_of(response).select_one("#wrong-figure-1")
    assert form_of(response).fields["figure-1"] == typed
    assert visit.count(submissions) == 0


def test_done_at_17_percent_without_evidence_is_asked_about_once_and_taken_with_the_reasons(
    tmp_path: Path,
) -> None:
    visit, form = _asked(tmp_path)
    fields = form.filled(progress="100", reported="done", body="Xong.", figure_1="20")
    asked = post(visit, form, fields)
    assert (asked.status_code, visit.count(submissions)) == (422, 0)
    odd = page_of(asked).select_one("#odd-figure-1")
    assert odd
    assert "chỉ tiêu mới đạt 16,7%: 20 camera trên kế hoạch 120 camera." in odd.text
    assert "không có tài liệu minh chứng" in text_of(asked)
    assert "Có chỗ khác thường: xin sửa lại, hoặc ghi lý do" in text_of(asked)
    again = form_of(asked)
    half = post(visit, again, again.filled(why_progress="Hồ sơ giấy ở kho."))
    assert (half.status_code, visit.count(submissions)) == (422, 0)
    last = form_of(half)
    assert last.fields["why-progress"] == "Hồ sơ giấy ở kho."
    assert "Đã ghi nhận" in text_of(
        post(visit, last, last.filled(why_figure_1="Phần còn lại chuyển năm sau."))
    )
    with visit.opened.store.reading() as tx:
        found = tx.scalars(select(submissions.c.oddities)).one()
    assert {one["kind"]: (one["place"], one["reason"]) for one in found} == {
        "no-evidence": ("progress", "Hồ sơ giấy ở kho."),
        "done-and-missed": ("figure-1", "Phần còn lại chuyển năm sau."),
    }


def test_with_evidence_and_the_target_met_nothing_is_asked(tmp_path: Path) -> None:
    visit, form = _asked(tmp_path)
    fields = form.filled(progress="100", reported="done", body="Xong.", figure_1="120")
    files = [("evidence", ("a.pdf", b"%PDF-1.4", ""))]
    assert "Đã ghi nhận" in text_of(post(visit, form, fields, files=files))
    with visit.opened.store.reading() as tx:
        assert tx.scalars(select(submissions.c.oddities)).one() == []


def test_a_draft_that_is_odd_shows_its_question_and_waits_in_many_at_once_until_it_has_the_reason(
    tmp_path: Path,
) -> None:
    visit, form = _asked(tmp_path)
    base = form.action.rpartition("/report")[0]
    draft = form.filled(progress="40", body="Đang làm.", figure_1="400")
    visit.client.post(f"{base}/draft", data=draft)
    said = text_of(visit.client.get(f"{base}/send"))
    assert "0 sẵn sàng gửi 1 còn thiếu" in said
    assert "400 camera cao hơn 3 lần kế hoạch (120 camera). Sửa lại, hoặc ghi lý do." in said
    again = form_of(visit.client.get(form.action))
    assert "why-figure-1" in again.fields
    visit.client.post(f"{base}/draft", data=again.filled(why_figure_1="Lắp cả khu mới."))
    page = visit.client.get(f"{base}/send")
    assert "1 sẵn sàng gửi 0 còn thiếu" in text_of(page)
    assert "Lắp cả khu mới." in text_of(page)
    send = form_of(page, "/send")
    sent = visit.client.post(send.action, data={**send.filled(), "send": [str(visit.opened.cycles[0])]})
    assert "Đã ghi nhận" in text_of(sent)
    with visit.opened.store.reading() as tx:
        assert [one["reason"] for one in tx.scalars(select(submissions.c.oddities)).one()] == [
            "Lắp cả khu mới."
        ]


def test_what_was_odd_and_why_is_read_by_units_committee_office_and_api(tmp_path: Path) -> None:
    visit, form = _asked(tmp_path)
    fields = form.filled(progress="40", body="Đang làm.", figure_1="400", why_figure_1="Lắp cả khu mới.")
    post(visit, form, fields)
    cycle = visit.opened.cycles[0]
    told = "120 camera: 400 camera cao hơn 3 lần kế hoạch (120 camera). Lắp cả khu mới."
    assert told in text_of(visit.client.get(f"/l/{a_link(visit.opened, 'mttq')}"))
    confirmed(visit.opened, cycle, "mttq", "cong-an")
    member = f"/l/{a_link(visit.opened, 'bi-thu')}"
    assert told in text_of(visit.client.get(member))
    assert told in text_of(visit.client.get(f"{member}/doc"))
    office = a_link(visit.opened, "van-phong", links.Purpose.OFFICE)
    assert told in text_of(visit.client.get(f"/o/{office}/item/{cycle}"))
    key = a_key(visit.opened, KeyScope.READ)
    answer = visit.client.get(f"/api/v1/cycles/{cycle}", headers={"Authorization": f"Bearer {key}"}).json()
    assert answer["versions"][0]["oddities"] == [
        {
            "kind": "far-above-plan",
            "about": "120 camera",
            "told": "400 camera cao hơn 3 lần kế hoạch (120 camera).",
            "reason": "Lắp cả khu mới.",
        }
    ]


def test_a_returned_report_comes_back_with_its_reasons_and_a_new_reason_is_a_change(tmp_path: Path) -> None:
    visit = a_visit(tmp_path, plan=a_plan(items=[replace(an_item(1, targets=(CAMERAS,)), **ALONE)]))
    cycle = visit.opened.cycles[0]
    address = f"/l/{a_link(visit.opened, 'ubnd')}/report/{cycle}"
    form = form_of(visit.client.get(address))
    post(visit, form, form.filled(progress="40", body="Làm.", figure_1="400", why_figure_1="Lắp cả khu mới."))
    voted(visit.opened, cycle, *MEMBERS, choice=Choice.RETURN, reason="Xem lại.")
    again = form_of(visit.client.get(address))
    assert again.fields["why-figure-1"] == "Lắp cả khu mới."
    post(visit, again, again.filled(why_figure_1="Có cả 280 camera của dân."))
    said = text_of(visit.client.get(f"/l/{a_link(visit.opened, 'bi-thu')}"))
    assert "Chỗ khác thường, đơn vị đã nêu lý do: đã viết lại" in said
    assert "Nội dung, số liệu và tài liệu không đổi" not in said


def _second_quarter(tmp_path: Path) -> tuple[Visit, int, str]:
    """The first quarter closed with 10 classes and 97.5 % reported; the second's cycle and its form."""
    last = Schedule(ScheduleKind.QUARTER, date(2026, 10, 1), date(2026, 12, 31))
    of = (a_target("17", "17 lớp", "lớp"), Target(Decimal(98), Comparison.AT_LEAST, "%", text="98% đúng hạn"))
    visit = a_visit(tmp_path, plan=a_plan(items=[replace(an_item(1, targets=of, deadline=last), **ALONE)]))
    first = visit.opened.cycles[0]
    submitted(visit.opened, first, body="Mở lớp.", figures={"1": "10", "2": "97.5"})
    voted(visit.opened, first, *MEMBERS)
    with visit.opened.store.begin() as tx:
        close_period(tx, visit.opened.period_id, datetime(2026, 4, 2, tzinfo=timezone.utc), is_early=True)
        rules_id = tx.scalars(select(periods.c.rules_id)).first()
        period = open_period(tx, visit.opened.plan_id, Span.parse("2026-Q2"), rules_id or 0, Q2)
        cycle = tx.scalars(select(cycles.c.id).where(cycles.c.period_id == period)).one()
        token = links.make(tx, visit.opened.person("ubnd"), links.Purpose.DUTIES, period, Q2)
    visit.clock.set(Q2)
    return visit, cycle, f"/l/{token}"


def test_beside_each_figure_stands_what_the_year_comes_to_by_its_way_of_adding(tmp_path: Path) -> None:
    visit, cycle, base = _second_quarter(tmp_path)
    said = text_of(visit.client.get(f"{base}/report/{cycle}"))
    assert "Từ đầu năm: 10 + … = … trên kế hoạch 17 lớp" in said
    assert "Kỳ trước 97,5, kỳ này … trên kế hoạch 98%: lấy số của kỳ cuối" in said
    assert "Cách cộng ghi dưới ô không đúng với chỉ tiêu? Xin báo Văn phòng" in said
    form = form_of(visit.client.get(f"{base}/report/{cycle}"))
    visit.client.post(f"{base}/draft", data=form.filled(figure_1="17", figure_2="98"))
    said = text_of(visit.client.get(f"{base}/report/{cycle}"))
    assert "Từ đầu năm: 10 + 17 = 27 trên kế hoạch 17 lớp" in said
    assert "bằng 158,8% kế hoạch" in said


def test_no_change_copies_rates_and_leaves_what_adds_up_empty_and_says_why(tmp_path: Path) -> None:
    visit, cycle, base = _second_quarter(tmp_path)
    form = form_of(visit.client.get(f"{base}/report/{cycle}"))
    response = visit.client.post(f"{base}/draft", data=form.filled(carry="1"))
    filled = form_of(response).fields
    assert (filled["figure-1"], filled["figure-2"], filled["body"]) == ("", "97,5", "Mở lớp.")
    assert "không chép số kỳ trước, vì chép lại là cộng hai lần" in text_of(response)


def test_done_in_the_second_quarter_counts_what_the_first_reached(tmp_path: Path) -> None:
    visit, cycle, base = _second_quarter(tmp_path)
    form = form_of(visit.client.get(f"{base}/report/{cycle}"))
    fields = form.filled(progress="100", reported="done", body="Đủ.", figure_1="7", figure_2="98")
    files = [("evidence", ("a.pdf", b"%PDF-1.4", ""))]
    assert "Đã ghi nhận" in text_of(post(visit, form, fields, files=files))


def test_unit_committee_and_office_see_the_same_share_of_the_years_target(tmp_path: Path) -> None:
    visit, cycle, base = _second_quarter(tmp_path)
    form = form_of(visit.client.get(f"{base}/report/{cycle}"))
    post(visit, form, form.filled(progress="80", body="Mở tiếp.", figure_1="7", figure_2="98"))
    with visit.opened.store.begin() as tx:
        period = tx.scalar(select(cycles.c.period_id).where(cycles.c.id == cycle))
        member = links.make(tx, visit.opened.person("bi-thu"), links.Purpose.DUTIES, period, Q2)
        office = links.make(tx, visit.opened.person("van-phong"), links.Purpose.OFFICE, period, Q2)
    for path in (f"/l/{member}", f"/l/{member}/doc", f"/o/{office}/item/{cycle}"):
        assert "từ đầu năm 17, bằng 100% kế hoạch, đạt" in text_of(visit.client.get(path))


def test_progress_below_last_periods_asks_for_a_reason(tmp_path: Path) -> None:
    visit, cycle, base = _second_quarter(tmp_path)
    form = form_of(visit.client.get(f"{base}/report/{cycle}"))
    response = post(visit, form, form.filled(progress="50", body="Làm lại."))
    assert "Tiến độ 50% thấp hơn kỳ trước (60%)." in text_of(response)
