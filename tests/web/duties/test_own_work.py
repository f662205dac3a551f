"""A unit's own work: where each item stands, last period beside the boxes, and many reports sent at once."""

from __future__ import annotations

from datetime import datetime, timezone
from pathlib import Path

from sqlalchemy import select

from tests.builders import a_link, a_plan, a_target, an_item, confirmed, submitted
from tests.web.visiting import Form, Visit, a_visit, form_of, page_of, post, text_of
from workflow.domain.cycles.cycle import Verdict
from workflow.domain.periods.period import Span
from workflow.domain.plans.plan import Schedule, ScheduleKind
from workflow.storage.access import links
from workflow.storage.opening.opening import open_period
from workflow.storage.tables import cycles, drafts, outbox, periods, submissions

Q2 = datetime(2026, 6, 2, 2, tzinfo=timezone.utc)


def _address(visit: Visit, box: str = "ubnd") -> str:
    return f"/l/{a_link(visit.opened, box)}"


def _drafted(visit: Visit, base: str, place: int, **fields: str) -> None:
    """The item's form, filled in and saved without being sent."""
    form = form_of(visit.client.get(f"{base}/report/{visit.opened.cycles[place]}"))
    visit.client.post(f"{base}/draft", data=form.fields | fields)


def test_the_list_tells_how_far_the_work_is_and_filters_by_state(tmp_path: Path) -> None:
    visit = a_visit(tmp_path, plan=a_plan(4))
    base = _address(visit)
    submitted(visit.opened, visit.opened.cycles[0])
    _drafted(visit, base, 1, body="Mới viết chữ.")
    _drafted(visit, base, 2, progress="40", body="Đang làm.")
    said = text_of(visit.client.get(base))
    assert "1/4 nội dung đã gửi" in said
    assert "chưa soạn 1 đang soạn 1 đã soạn đủ, chưa gửi 1 đã gửi 1" in said
    shown = page_of(visit.client.get(f"{base}?show=begun")).select("#bao-cao .rows .code")
    assert [code.text for code in shown] == ["I.2.1"]


def test_after_one_item_the_next_is_at_hand_with_the_receipt_of_the_last(tmp_path: Path) -> None:
    visit = a_visit(tmp_path, plan=a_plan(2))
    form = form_of(visit.client.get(f"{_address(visit)}/report/{visit.opened.cycles[0]}"))
    response = post(visit, form, form.filled(progress="40", body="Đang làm.", then="next"))
    assert response.url.path.endswith(f"/report/{visit.opened.cycles[1]}")
    assert "Đã ghi nhận I.1.1" in text_of(response)
    assert "Đơn vị đã gửi 1/2 nội dung của kỳ." in text_of(response)
    form = form_of(response)
    response = post(visit, form, form.filled(progress="40", body="Đang làm.", then="next"))
    assert "đã làm xong mọi việc đang chờ" in text_of(response)


def _send_form(visit: Visit, base: str) -> Form:
    return form_of(visit.client.get(f"{base}/send"), "/send")


def _chosen(visit: Visit, form: Form, *places: int, **more: str) -> dict[str, object]:
    return {**form.filled(**more), "send": [str(visit.opened.cycles[place]) for place in places]}


def test_all_that_is_ready_goes_at_once_and_the_rest_is_told_what_it_lacks(tmp_path: Path) -> None:
    visit = a_visit(tmp_path, plan=a_plan(4))
    base = _address(visit)
    for place in (0, 1):
        _drafted(visit, base, place, progress="40", body=f"Đang làm {place}.")
    _drafted(visit, base, 2, progress="nhiều", body="Chưa có số.")
    said = text_of(visit.client.get(f"{base}/send"))
    assert "2 sẵn sàng gửi 1 còn thiếu 1 chưa soạn" in said
    assert "không phải “nhiều”" in said
    form = _send_form(visit, base)
    response = visit.client.post(form.action, data=_chosen(visit, form, 0, 1, 2))
    assert "Đã ghi nhận" in text_of(response)
    with visit.opened.store.reading() as tx:
        bodies = tx.scalars(select(submissions.c.body).order_by(submissions.c.cycle_id)).all()
        receipts = tx.scalars(select(outbox.c.context).where(outbox.c.kind == "receipt")).all()
    assert bodies == ["Đang làm 0.", "Đang làm 1."]
    assert [len(one["acts"]) for one in receipts] == [2]
    assert visit.count(drafts) == 1


def test_only_the_ticked_reports_go_and_none_without_the_box(tmp_path: Path) -> None:
    visit = a_visit(tmp_path, plan=a_plan(2))
    base = _address(visit)
    for place in (0, 1):
        _drafted(visit, base, place, progress="40", body="Đang làm.")
    form = _send_form(visit, base)
    response = visit.client.post(form.action, data=_chosen(visit, form, 1) | {"sure": ""})
    assert (response.status_code, visit.count(submissions)) == (400, 0)
    visit.client.post(form.action, data=_chosen(visit, form, 1))
    with visit.opened.store.reading() as tx:
        assert tx.scalars(select(submissions.c.cycle_id)).all() == [visit.opened.cycles[1]]


def test_a_draft_changed_after_it_was_shown_is_not_sent_but_shown_anew(tmp_path: Path) -> None:
    visit = a_visit(tmp_path, plan=a_plan(2))
    base = _address(visit)
    for place in (0, 1):
        _drafted(visit, base, place, progress="40", body="Đang làm.")
    form = _send_form(visit, base)
    _drafted(visit, base, 0, body="Viết lại trên máy khác.")
    response = visit.client.post(form.action, data=_chosen(visit, form, 0, 1))
    assert response.status_code == 409
    assert "Đã ghi nhận 1 nội dung" in text_of(response)
    assert "Viết lại trên máy khác." in text_of(response)
    assert visit.count(submissions) == 1


def test_two_clicks_on_send_record_each_report_once(tmp_path: Path) -> None:
    visit = a_visit(tmp_path, plan=a_plan(1))
    base = _address(visit)
    _drafted(visit, base, 0, progress="40", body="Đang làm.")
    form = _send_form(visit, base)
    fields = _chosen(visit, form, 0)
    assert visit.client.post(form.action, data=fields).url == visit.client.post(form.action, data=fields).url
    assert visit.count(submissions) == 1


def test_a_figure_is_shown_with_its_share_of_the_target(tmp_path: Path) -> None:
    visit = a_visit(tmp_path, plan=a_plan(items=[an_item(1, targets=(a_target(value="350", measure="hộ"),))]))
    base = _address(visit)
    _drafted(visit, base, 0, progress="40", body="Đang làm.", **{"figure-1": "280 hộ"})
    for path in (f"/report/{visit.opened.cycles[0]}", "/send"):
        assert "bằng 80% kế hoạch, chưa đạt" in text_of(visit.client.get(base + path))


def _two_quarters(tmp_path: Path) -> tuple[Visit, int, str]:
    """The first quarter reported, the second open: the cycle of the same item in it, and the address."""
    deadline = Schedule(ScheduleKind.QUARTER, datetime(2026, 10, 1).date(), datetime(2026, 12, 31).date())  # noqa: DTZ001
    visit = a_visit(tmp_path, plan=a_plan(items=[an_item(1, targets=(a_target(),), deadline=deadline)]))
    submitted(
        visit.opened, visit.opened.cycles[0], body="Xong đoạn 1.", difficulties="Mưa.", figures={"1": "97.5"}
    )
    with visit.opened.store.begin() as tx:
        rules_id = tx.scalar(select(periods.c.rules_id))
        period = open_period(tx, visit.opened.plan_id, Span.parse("2026-Q2"), rules_id or 0, Q2)
        cycle = tx.scalar(select(cycles.c.id).where(cycles.c.period_id == period))
        token = links.make(tx, visit.opened.person("ubnd"), links.Purpose.DUTIES, period, Q2)
    visit.clock.set(Q2)
    return visit, cycle or 0, f"/l/{token}"


def test_last_period_stands_beside_the_boxes(tmp_path: Path) -> None:
    visit, cycle, base = _two_quarters(tmp_path)
    said = text_of(visit.client.get(f"{base}/report/{cycle}"))
    assert "Kỳ trước (Quý I/2026): 60%, đang thực hiện" in said
    assert "kỳ trước: 97,5%" in said
    assert "Xong đoạn 1." in said


def test_nothing_changed_fills_the_empty_boxes_and_sends_nothing(tmp_path: Path) -> None:
    visit, cycle, base = _two_quarters(tmp_path)
    form = form_of(visit.client.get(f"{base}/report/{cycle}"))
    response = visit.client.post(f"{base}/draft", data=form.filled(progress="70", carry="1"))
    filled = form_of(response)
    assert filled.is_asked
    told = {name: filled.fields[name] for name in ("progress", "body", "difficulties", "figure-1")}
    assert told == {"progress": "70", "body": "Xong đoạn 1.", "difficulties": "Mưa.", "figure-1": "97,5"}
    assert visit.count(submissions) == 1


def test_another_units_earlier_report_is_not_shown(tmp_path: Path) -> None:
    visit, cycle, _ = _two_quarters(tmp_path)
    with visit.opened.store.begin() as tx:
        period = tx.scalar(select(cycles.c.period_id).where(cycles.c.id == cycle))
        token = links.make(tx, visit.opened.person("mttq"), links.Purpose.DUTIES, period, Q2)
    for path in (f"/report/{cycle}", "/send", "/sheet"):
        assert "Xong đoạn 1." not in visit.client.get(f"/l/{token}{path}").text


def test_a_report_sent_back_is_not_ready_until_it_was_worked_on(tmp_path: Path) -> None:
    visit = a_visit(tmp_path, plan=a_plan(1))
    base = _address(visit)
    submitted(visit.opened, visit.opened.cycles[0])
    confirmed(visit.opened, visit.opened.cycles[0], "mttq", verdict=Verdict.OBJECT, reason="Thiếu.")
    assert "0 sẵn sàng gửi" in text_of(visit.client.get(f"{base}/send"))
    _drafted(visit, base, 0, body="Đã bổ sung.")
    assert "1 sẵn sàng gửi" in text_of(visit.client.get(f"{base}/send"))
