"""The office's page of days off, as a clerk goes through it."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import holidays
from sqlalchemy import select

from tests.builders import a_link
from tests.web.visiting import Visit, a_visit, form_of, page_of, post, text_of
from workflow.domain.periods.days_off import DayKind
from workflow.storage.access.links import Purpose
from workflow.storage.people.groups import own_days
from workflow.storage.tables import periods

DUE = date(2026, 3, 16)


def _office(visit: Visit) -> str:
    return f"/o/{a_link(visit.opened, 'van-phong', Purpose.OFFICE, now=visit.clock.now())}"


def _page(visit: Visit):
    return visit.client.get(f"{_office(visit)}/days-off")


def _entered(visit: Visit, day: date, kind: str = "off", reason: str = "Nghỉ bão số 5"):
    """The answer to one day typed, looked at and accepted."""
    form = form_of(_page(visit), "/look")
    return _accepted(visit, post(visit, form, form.filled(day=day.isoformat(), kind=kind, reason=reason)))


def _accepted(visit: Visit, looked):
    form = form_of(looked, "/accept")
    return post(visit, form, form.filled())


def _days(visit: Visit) -> list[tuple[date, DayKind, str]]:
    with visit.opened.store.reading() as tx:
        return [(one.day, one.kind, one.reason) for one in own_days(tx, visit.opened.organisation_id)]


def _due(visit: Visit) -> date:
    with visit.opened.store.reading() as tx:
        return tx.scalar(select(periods.c.due_on))


def test_the_menu_leads_to_the_page(tmp_path: Path) -> None:
    visit = a_visit(tmp_path)
    board = page_of(visit.client.get(_office(visit)))
    link = board.find("a", string="Ngày nghỉ")
    assert "Ngày nghỉ, ngày làm bù" in text_of(visit.client.get(str(link["href"])))


def test_a_clerk_looks_at_a_day_before_it_is_written_and_sees_whom_it_concerns(tmp_path: Path) -> None:
    visit = a_visit(tmp_path)
    form = form_of(_page(visit), "/look")
    looked = post(visit, form, form.filled(day=DUE.isoformat(), kind="off", reason="Nghỉ bão số 5"))
    said = text_of(looked)
    assert "Hạn báo cáo: từ thứ Hai, 16/03/2026 sang thứ Ba, 17/03/2026" in said
    assert "1 người có hạn đổi" in said
    assert (_days(visit), _due(visit)) == ([], DUE)
    answer = _accepted(visit, looked)
    assert "Hạn của 1 người đổi theo" in text_of(answer)
    assert _days(visit) == [(DUE, DayKind.OFF, "Nghỉ bão số 5")]
    assert _due(visit) == date(2026, 3, 17)


def test_nothing_is_written_without_the_box_ticked(tmp_path: Path) -> None:
    visit = a_visit(tmp_path)
    form = form_of(_page(visit), "/look")
    looked = post(visit, form, form.filled(day=DUE.isoformat(), kind="off", reason="Nghỉ"))
    accept = form_of(looked, "/accept")
    assert post(visit, accept, accept.fields).status_code == 409
    assert _days(visit) == []


def test_a_day_to_come_is_changed_and_removed_on_the_page(tmp_path: Path) -> None:
    visit = a_visit(tmp_path)
    day = date(2026, 3, 21)
    _entered(visit, day, reason="Nghỉ")
    edit = page_of(_page(visit)).find("a", string="Sửa")
    form = form_of(visit.client.get(str(edit["href"])), "/look")
    assert (form.fields["day"], form.fields["reason"]) == ("2026-03-21", "Nghỉ")
    _accepted(visit, post(visit, form, form.filled(kind="worked", reason="Làm bù")))
    assert _days(visit) == [(day, DayKind.WORKED, "Làm bù")]
    form = form_of(_page(visit), "/remove")
    looked = post(visit, form, form.fields)
    assert "bỏ khỏi danh sách" in text_of(looked)
    _accepted(visit, looked)
    assert _days(visit) == []


def test_a_pasted_list_is_shown_with_its_doubts_and_what_was_not_read(tmp_path: Path) -> None:
    visit = a_visit(tmp_path)
    form = form_of(_page(visit), "/list")
    text = "02/09/2026 Quốc khánh\n15/08/2026 làm bù\n31/02/2026 Nghỉ\n01/01/2026 Tết"
    looked = post(visit, form, form.filled(text=text))
    said = text_of(looked)
    for told in (
        "Ngày này vốn đã nghỉ",
        "dòng 3: “31/02/2026 Nghỉ” không có ngày này trong lịch",
        "thứ Năm, 01/01/2026, nghỉ: đã bắt đầu hoặc đã qua",
    ):
        assert told in said
    _accepted(visit, looked)
    assert [day for day, _, _ in _days(visit)] == [date(2026, 8, 15), date(2026, 9, 2)]


def test_a_calendar_file_is_taken_the_same_way(tmp_path: Path) -> None:
    visit = a_visit(tmp_path)
    form = form_of(_page(visit), "/list")
    file = (
        b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nBEGIN:VEVENT\r\nUID:1\r\n"
        b"DTSTART;VALUE=DATE:20261012\r\nSUMMARY:Hoi nghi\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    )
    looked = post(visit, form, form.fields, files={"file": ("lich.ics", file, "text/calendar")})
    _accepted(visit, looked)
    assert _days(visit) == [(date(2026, 10, 12), DayKind.OFF, "Hoi nghi")]


def test_what_was_changed_by_somebody_else_meanwhile_is_not_written_over(tmp_path: Path) -> None:
    visit = a_visit(tmp_path)
    form = form_of(_page(visit), "/look")
    looked = post(visit, form, form.filled(day="2026-05-04", kind="off", reason="Nghỉ"))
    _entered(visit, date(2026, 5, 5))
    answer = _accepted(visit, looked)
    assert answer.status_code == 409
    assert "vừa được người khác sửa" in text_of(answer)


def test_a_refused_day_is_told_in_place_with_what_was_typed(tmp_path: Path) -> None:
    visit = a_visit(tmp_path)
    form = form_of(_page(visit), "/look")
    answer = post(visit, form, form.filled(day="2026-02-28", kind="worked", reason="Làm bù"))
    assert answer.status_code == 409
    assert "đã bắt đầu hoặc đã qua" in text_of(answer)
    assert form_of(answer, "/look").fields["reason"] == "Làm bù"


def test_the_national_list_is_shown_with_its_source_and_what_it_does_not_know(tmp_path: Path) -> None:
    visit = a_visit(tmp_path)
    said = text_of(_page(visit))
    assert f"thư viện holidays {holidays.__version__}" in said
    assert "thứ Bảy, 22/08/2026 làm bù" in said
    later = text_of(visit.client.get(f"{_office(visit)}/days-off?year=2028"))
    assert "chưa có ngày hoán đổi, làm bù nào của năm 2028" in later
