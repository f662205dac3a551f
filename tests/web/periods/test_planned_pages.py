"""The office's page of a planned period: dates, holding, opening now; and closing looked at first."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from httpx import Response
from sqlalchemy import select

from tests.builders import a_directory, a_link, a_plan, an_item, an_open_period, confirmed, submitted, voted
from tests.web.visiting import Visit, a_visit, form_of, post, text_of
from workflow.domain.calendar import Calendar
from workflow.domain.periods.period import Span
from workflow.domain.plans.plan import Schedule, ScheduleKind
from workflow.domain.rules.routing_rules import Rules, ScheduleRule
from workflow.importing.files.rules_file import read_scoring
from workflow.sample import scoring_path
from workflow.storage.access.links import Purpose
from workflow.storage.opening.planned import tick
from workflow.storage.sweeps.schedule_keeping import keep_schedule
from workflow.storage.tables import audit, cycles, items, outbox, periods, planned_periods, results, rules

AUTOMATIC = Rules(schedule=ScheduleRule(automatic=True))


def _office(visit: Visit) -> str:
    return f"/o/{a_link(visit.opened, 'van-phong', Purpose.OFFICE, now=visit.clock.now())}"


def _planned(visit: Visit, code: str = "2026-Q2") -> str:
    return f"{_office(visit)}/periods/planned/{visit.opened.plan_id}/{code}"


def test_the_page_of_periods_shows_the_whole_year(tmp_path: Path) -> None:
    visit = a_visit(tmp_path, rules=AUTOMATIC)
    said = text_of(visit.client.get(f"{_office(visit)}/periods"))
    for told in ("Quý I/2026", "đang mở", "tự khóa khi hết 27/03/2026", "Quý IV/2026", "15/06/2026"):
        assert told in said
    assert said.count("chưa mở") >= 3


def test_a_shifted_date_is_kept_with_its_reason_and_the_period_opens_by_it(tmp_path: Path) -> None:
    visit = a_visit(tmp_path, rules=AUTOMATIC)
    form = form_of(visit.client.get(_planned(visit)), "/shift")
    answer = post(visit, form, form.fields | {"due_on": "2026-06-19"})
    assert answer.status_code == 409
    assert "Chưa ghi lý do" in text_of(answer)
    assert form_of(answer, "/shift").fields["due_on"] == "2026-06-19"
    answer = post(visit, form, form.fields | {"due_on": "2026-06-20", "reason": "Đại hội"})
    assert "thứ Hai, 22/06/2026" in text_of(answer), "a Saturday moves to Monday"
    assert "hết thứ Sáu, 03/07/2026" in text_of(answer), "the later steps move along"
    assert "Lý do: Đại hội" in text_of(answer)
    with visit.opened.store.begin() as tx:
        keep_schedule(tx, visit.opened.plan_id, Calendar().moment(date(2026, 6, 1), 8))
        assert tx.scalar(select(periods.c.due_on).where(periods.c.code == "2026-Q2")) == date(2026, 6, 22)
        assert "schedule-changed" in tx.scalars(select(audit.c.verb)).all()


def test_dates_out_of_order_or_past_are_told_in_place(tmp_path: Path) -> None:
    visit = a_visit(tmp_path, rules=AUTOMATIC)
    form = form_of(visit.client.get(_planned(visit)), "/shift")
    for wrong in ({"opens_on": "2026-09-30"}, {"opens_on": "2026-01-05"}, {"cut_off": "mai"}):
        assert post(visit, form, form.fields | {"reason": "Thử"} | wrong).status_code == 409
    assert visit.count(planned_periods) == 0


def test_a_held_period_says_so_and_is_let_go(tmp_path: Path) -> None:
    visit = a_visit(tmp_path, rules=AUTOMATIC)
    form = form_of(visit.client.get(_planned(visit)), "/hold")
    answer = post(visit, form, form.fields | {"reason": "Chờ ý kiến Thường trực"})
    assert "tạm giữ" in text_of(answer)
    assert "Chờ ý kiến Thường trực" in text_of(answer)
    form = form_of(answer, "/let-go")
    assert "tạm giữ" not in text_of(post(visit, form, form.fields | {"reason": "Đã có ý kiến"}))


def test_a_period_is_opened_ahead_of_its_day_after_a_look(tmp_path: Path) -> None:
    visit = a_visit(tmp_path, rules=AUTOMATIC)
    before = [visit.count(table) for table in (periods, cycles, outbox)]
    form = form_of(visit.client.get(_planned(visit)), "/open")
    look = post(visit, form, form.fields)
    assert "lập 3 lượt báo cáo" in text_of(look)
    assert "Trịnh Thu Hà" in text_of(look)
    assert [visit.count(table) for table in (periods, cycles, outbox)] == before
    form = form_of(look, "/open")
    assert post(visit, form, form.filled()).status_code == 200
    assert visit.count(periods) == 2
    assert visit.client.get(_planned(visit)).url.query == b"period=2026-Q2"


def test_a_missed_period_offers_dates_from_today(tmp_path: Path) -> None:
    visit = a_visit(tmp_path, rules=AUTOMATIC)
    visit.clock.set(Calendar().moment(date(2026, 6, 12), 9))
    assert "chờ văn phòng quyết định" in text_of(visit.client.get(f"{_office(visit)}/periods"))
    answer = visit.client.get(_planned(visit))
    assert "không còn đủ thời gian" in text_of(answer)
    form = form_of(answer, "/shift")
    assert (form.fields["opens_on"], form.fields["due_on"]) == ("2026-06-12", "2026-06-19")
    post(visit, form, form.fields | {"reason": "Máy chủ hỏng"})
    with visit.opened.store.begin() as tx:
        assert keep_schedule(tx, visit.opened.plan_id, visit.clock.now()).opened == ("Quý II/2026",)


def test_another_organisations_plan_is_not_found_and_a_stamp_is_for_one_period(tmp_path: Path) -> None:
    visit = a_visit(tmp_path, rules=AUTOMATIC)
    other = an_open_period(visit.opened.store, directory=a_directory("Đảng ủy phường Khác"))
    base = _office(visit)
    assert visit.client.get(f"{base}/periods/planned/{other.plan_id}/2026-Q2").status_code == 404
    form = form_of(visit.client.get(_planned(visit)), "/hold")
    form.action = form.action.replace("2026-Q2", "2026-Q3")
    assert post(visit, form, form.fields | {"reason": "Khác"}).status_code == 403
    assert visit.count(planned_periods) == 0


def test_a_look_at_closing_tells_what_lapses_and_the_scores_and_leaves_nothing(tmp_path: Path) -> None:
    visit = a_visit(tmp_path, rules=AUTOMATIC)
    with visit.opened.store.begin() as tx:
        tx.execute(rules.update().values(scoring=read_scoring(scoring_path())))
    first = visit.opened.cycles[0]
    submitted(visit.opened, first)
    confirmed(visit.opened, first, "mttq", "cong-an")
    voted(visit.opened, first, "bi-thu", "pho-bi-thu", "uy-vien-1")
    before = [visit.count(table) for table in (audit, outbox, results)]
    page = visit.client.get(f"{_office(visit)}/periods/{visit.opened.period_id}/close")
    said = text_of(page)
    assert "2 lượt sẽ bị khóa khi chưa xong" in said
    assert "Điểm thi đua nếu khóa lúc này" in said
    assert "UBND phường" in said
    assert [visit.count(table) for table in (audit, outbox, results)] == before
    with visit.opened.store.reading() as tx:
        assert tx.scalar(select(periods.c.closed_at)) is None


def _look(visit: Visit, code: str = "2026-Q2", **changes: str) -> Response:
    look = post(visit, form := form_of(visit.client.get(_planned(visit, code)), "/open"), form.fields)
    form = form_of(look, "/open")
    return post(visit, form, form.fields | {"again": "1"} | changes) if changes else look


def _ask(visit: Visit, code: str) -> str:
    """The box of an item on the form of a look."""
    with visit.opened.store.reading() as tx:
        return f"ask-{tx.scalar(select(items.c.id).where(items.c.code == code))}"


def _asked(visit: Visit, code: str) -> list[str]:
    with visit.opened.store.reading() as tx:
        return list(
            tx.scalars(
                select(items.c.code)
                .join(cycles, cycles.c.item_id == items.c.id)
                .join(periods, periods.c.id == cycles.c.period_id)
                .where(periods.c.code == code)
                .order_by(items.c.position)
            )
        )


def test_before_opening_the_office_sees_each_item_asked_or_not_and_why(tmp_path: Path) -> None:
    later = Schedule(ScheduleKind.MONTH, date(2026, 9, 1), date(2026, 9, 30))
    visit = a_visit(tmp_path, rules=AUTOMATIC, plan=a_plan(items=[an_item(1), an_item(2, start=later)]))
    said = text_of(_look(visit))
    assert "Hỏi 1 nội dung" in said
    assert "Đã quá hạn 31/03/2026 mà chưa xong" in said
    assert "Không hỏi 1 nội dung" in said
    assert "Chưa đến lúc bắt đầu (01/09/2026)" in said


def test_items_are_ticked_in_and_out_with_a_reason_that_the_log_keeps(tmp_path: Path) -> None:
    later = Schedule(ScheduleKind.MONTH, date(2026, 9, 1), date(2026, 9, 30))
    items_ = [an_item(1), an_item(2, start=later), an_item(3)]
    visit = a_visit(tmp_path, rules=AUTOMATIC, plan=a_plan(items=items_))
    form = form_of(_look(visit), "/open")
    fields = form.filled() | {_ask(visit, "I.2.1"): "1"}
    del fields[_ask(visit, "I.1.1")]
    refused = post(visit, form, fields | {"due_on": "2026-06-19"})
    assert refused.status_code == 409
    assert "Chưa ghi lý do" in text_of(refused)
    form = form_of(refused, "/open")
    assert _ask(visit, "I.2.1") in form.fields, "nothing ticked is lost"
    assert form.fields["due_on"] == "2026-06-19", "nor typed"
    assert _ask(visit, "I.1.1") not in form.fields
    assert post(visit, form, form.filled(reason="Quận yêu cầu")).status_code == 200
    assert _asked(visit, "2026-Q2") == ["I.2.1", "I.3.1"]
    with visit.opened.store.reading() as tx:
        entry = tx.execute(select(audit).where(audit.c.verb == "schedule-changed")).one()
    assert entry.person_id == visit.opened.person("van-phong")
    assert entry.details["becomes"] == {"ticks": {"I.1.1": False, "I.2.1": True}}


def test_a_period_whose_days_have_gone_by_is_shown_moved_and_opens_so(tmp_path: Path) -> None:
    visit = a_visit(tmp_path, rules=AUTOMATIC)
    visit.clock.set(Calendar().moment(date(2026, 7, 20), 9))
    look = _look(visit)
    assert "Các ngày đã dời" in text_of(look)
    assert "hạn báo cáo 15/06/2026" in text_of(look)
    form = form_of(look, "/open")
    assert form.fields["due_on"] == "2026-07-27"
    assert post(visit, form, form.filled()).status_code == 200
    with visit.opened.store.reading() as tx:
        stages = select(cycles.c.stage).join(periods).where(periods.c.code == "2026-Q2")
        assert set(tx.scalars(stages)) == {"waiting-submission"}


def test_a_cut_off_that_has_gone_by_is_refused_with_the_cure_and_the_list_stays(tmp_path: Path) -> None:
    visit = a_visit(tmp_path, rules=AUTOMATIC)
    visit.clock.set(Calendar().moment(date(2026, 7, 20), 9))
    days = ("2026-06-15", "2026-06-18", "2026-06-23", "2026-06-26")
    gone = dict(zip(("due_on", "confirm_by", "approve_by", "cut_off"), days, strict=True))
    form = form_of(_look(visit), "/open")
    answer = post(visit, form, form.filled() | gone)
    assert answer.status_code == 409
    assert "Ngày khóa số liệu 26/06/2026 đã qua" in text_of(answer)
    assert "từ hôm nay trở đi" in text_of(answer)
    assert "Hỏi 3 nội dung" in text_of(answer)
    assert visit.count(periods) == 1


def test_a_last_day_moved_on_the_look_takes_the_later_steps_along(tmp_path: Path) -> None:
    visit = a_visit(tmp_path, rules=AUTOMATIC)
    form = form_of(_look(visit, due_on="2026-06-19"), "/open")
    assert (form.fields["due_on"], form.fields["cut_off"]) == ("2026-06-19", "2026-07-02")
    assert visit.count(periods) == 1


def test_what_was_ticked_before_needs_no_second_reason(tmp_path: Path) -> None:
    visit = a_visit(tmp_path, rules=AUTOMATIC)
    with visit.opened.store.begin() as tx:
        tick(tx, visit.opened.plan_id, Span.parse("2026-Q2"), {"I.1.1": False}, "Riêng", visit.clock.now())
    look = _look(visit)
    assert "Văn phòng bỏ ra" in text_of(look)
    form = form_of(look, "/open")
    assert post(visit, form, form.filled()).status_code == 200
    assert _asked(visit, "2026-Q2") == ["I.2.1", "I.3.1"]
