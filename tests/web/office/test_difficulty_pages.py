"""Difficulties on pages: the chair's form, a member's remark, the unit's result, the office's desk; what is
late, and the inspection committee's table."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from tests.builders import a_directory, a_link, a_plan, submitted
from tests.web.visiting import Visit, a_visit, form_of, page_of, post, text_of
from workflow.domain.calendar import Calendar
from workflow.domain.people.directory import Person, Role
from workflow.storage.access.links import Purpose
from workflow.storage.sweeps.sweep import sweep
from workflow.storage.tables import difficulty_steps

HEAD = Person("Phạm Trung Kiên", "chu-tich@hoaxuan.example", "", (("ubnd", Role.HEAD),))
INSPECTOR = Person("Cao Thị Vân", "ubkt@hoaxuan.example", "", (("btv", Role.INSPECTOR),))
DUE = "2026-03-12"


def a_raised(folder: Path, **period: object) -> Visit:
    visit = a_visit(folder, **period)
    submitted(visit.opened, visit.opened.cycles[0], difficulties="Chưa bàn giao mặt bằng.")
    return visit


def seen_by(visit: Visit, box: str):
    return visit.client.get(f"/l/{a_link(visit.opened, box)}/difficulties")


def at_office(visit: Visit, path: str = "/difficulties"):
    return visit.client.get(f"/o/{a_link(visit.opened, 'van-phong', Purpose.OFFICE)}{path}")


def answered(visit: Visit, text: str = "Công an phường giải tỏa.") -> str:
    form = form_of(seen_by(visit, "bi-thu"), "/opinion")
    unit = str(visit.opened.units["cong-an"])
    return text_of(post(visit, form, form.filled(text=text, unit=unit) | {"due_on": DUE}))


def test_the_chair_answers_and_it_comes_back_to_lead_and_responsible_unit(tmp_path: Path) -> None:
    visit = a_raised(tmp_path)
    assert "Đã ghi nhận." in answered(visit)
    assert "Giao: Công an phường Hạn: 12/03/2026" in text_of(seen_by(visit, "ubnd"))
    assert "1 đã có ý kiến" in text_of(visit.client.get(f"/l/{a_link(visit.opened, 'ubnd')}"))
    home = text_of(visit.client.get(f"/l/{a_link(visit.opened, 'cong-an')}"))
    assert "1 khó khăn, vướng mắc được giao giải quyết" in home
    form = form_of(seen_by(visit, "cong-an"), "/done")
    assert "Chờ kết thúc" in text_of(post(visit, form, form.filled(text="Đã giải tỏa.")))


def test_the_office_enters_an_opinion_and_closes(tmp_path: Path) -> None:
    visit = a_raised(tmp_path)
    form = form_of(at_office(visit), "/opinion?period=2026-Q1")
    unit = str(visit.opened.units["doan"])
    post(visit, form, form.filled(text="Giao Đoàn phường.", unit=unit) | {"due_on": DUE})
    form = form_of(at_office(visit), "/close?period=2026-Q1")
    assert "Đã kết thúc" in text_of(post(visit, form, form.filled(text="Đã xong.")))
    page = page_of(at_office(visit, "/difficulties?state=closed"))
    assert [card.get("id") for card in page.select("article")] == ["kk-1"]
    assert page.select("article form") == []
    log = text_of(at_office(visit, f"/item/{visit.opened.cycles[0]}"))
    assert "kết thúc theo dõi khó khăn, vướng mắc" in log


def test_a_member_comments_but_has_no_opinion_form(tmp_path: Path) -> None:
    visit = a_raised(tmp_path)
    page = seen_by(visit, "uy-vien-1")
    assert page_of(page).select("form[action$=opinion]") == []
    form = form_of(page, "/comment")
    post(visit, form, form.filled(text="Nên giao Công an."))
    assert "Nên giao Công an." in text_of(seen_by(visit, "bi-thu"))


def test_a_unit_not_concerned_sees_nothing_of_it(tmp_path: Path) -> None:
    visit = a_raised(tmp_path)
    assert "Chưa bàn giao" not in text_of(seen_by(visit, "mttq"))
    assert "Không có khó khăn, vướng mắc nào liên quan" in text_of(seen_by(visit, "mttq"))


def test_what_is_refused_is_shown_again_with_what_was_typed(tmp_path: Path) -> None:
    visit = a_raised(tmp_path)
    form = form_of(seen_by(visit, "bi-thu"), "/opinion")
    answer = post(visit, form, form.filled(text="Giải tỏa ngay.") | {"due_on": "2026-02-01"})
    assert answer.status_code == 409
    assert "Chưa chọn đơn vị giải quyết" in text_of(answer)
    assert form_of(answer, "/opinion").fields["text"] == "Giải tỏa ngay."
    assert visit.count(difficulty_steps) == 1


def test_a_form_posted_twice_is_recorded_once(tmp_path: Path) -> None:
    visit = a_raised(tmp_path)
    form = form_of(seen_by(visit, "uy-vien-1"), "/comment")
    first, again = (post(visit, form, form.filled(text="Nên giao Công an.")) for _ in range(2))
    assert first.status_code == again.status_code == 200
    assert visit.count(difficulty_steps) == 2


def test_two_chairs_tabs_do_not_overwrite_each_other(tmp_path: Path) -> None:
    visit = a_raised(tmp_path)
    old = form_of(seen_by(visit, "bi-thu"), "/opinion")
    answered(visit)
    unit = str(visit.opened.units["doan"])
    answer = post(visit, old, old.filled(text="Khác.", unit=unit) | {"due_on": DUE})
    assert answer.status_code == 409
    assert "Vừa có người cập nhật" in text_of(answer)
    assert "Khác." in text_of(answer)


@pytest.mark.parametrize("act", ["comment", "opinion", "done"])
def test_a_post_without_the_page_records_nothing(tmp_path: Path, act: str) -> None:
    visit = a_raised(tmp_path)
    url = f"/l/{a_link(visit.opened, 'bi-thu')}/difficulties/1/{act}"
    assert visit.client.post(url, data={"text": "x"}).status_code == 403
    form = form_of(seen_by(visit, "bi-thu"), "/opinion")
    other = post(visit, replace(form, action=form.action.replace("/1/", "/99/")), form.filled(text="x"))
    assert other.status_code == 403
    assert visit.count(difficulty_steps) == 1


def test_looking_changes_nothing(tmp_path: Path) -> None:
    visit = a_raised(tmp_path)
    base = f"/l/{a_link(visit.opened, 'bi-thu')}"
    for path in ("/difficulties", "/late"):
        assert visit.client.get(base + path).status_code == 200
        assert visit.client.head(base + path).status_code == 200
    assert visit.count(difficulty_steps) == 1


def _late(folder: Path) -> Visit:
    visit = a_visit(folder, directory=a_directory(extra=(HEAD, INSPECTOR)), plan=a_plan(2))
    visit.clock.set(Calendar().moment(date(2026, 3, 25), 9))
    with visit.opened.store.begin() as tx:
        sweep(tx, visit.clock.now())
    return visit


def test_the_head_of_a_unit_sees_what_is_late_by_a_link_from_their_page(tmp_path: Path) -> None:
    visit = _late(tmp_path)
    base = f"/l/{a_link(visit.opened, 'chu-tich')}"
    assert "2 nội dung quá hạn báo đồng chí biết" in text_of(visit.client.get(base))
    told = text_of(visit.client.get(f"{base}/late"))
    assert "UBND phường 2" in told
    assert "trễ 7 ngày làm việc" in told
    assert "nhiều lần" not in told
    assert visit.client.get(f"{base}/overdue.csv").status_code == 404


def test_an_inspector_sees_the_units_overdue_and_takes_the_table(tmp_path: Path) -> None:
    visit = _late(tmp_path)
    base = f"/l/{a_link(visit.opened, 'ubkt')}"
    assert "Đơn vị trễ hạn nhiều lần hoặc kéo dài" in text_of(visit.client.get(f"{base}/late"))
    assert "UBND phường" in visit.client.get(f"{base}/overdue.csv").text


def test_the_office_has_the_same_table_a_row_a_report(tmp_path: Path) -> None:
    visit = _late(tmp_path)
    assert "kéo dài" in text_of(at_office(visit, "/overdue"))
    answer = at_office(visit, "/tables/overdue.csv")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.text.startswith("\ufeff")
    rows = list(csv.reader(io.StringIO(answer.text.removeprefix("\ufeff")), delimiter=";"))
    assert [row[3] for row in rows[1:]] == ["I.1.1", "I.2.1"]
    assert rows[1][5:] == ["7", "Không có báo cáo"]


def test_nothing_is_overdue_in_time(tmp_path: Path) -> None:
    visit = a_visit(tmp_path)
    assert "Không có đơn vị nào trễ hạn" in text_of(at_office(visit, "/overdue"))


@pytest.mark.parametrize("ending", ["/opinion", "/comment"])
def test_a_click_without_the_box_ticked_records_nothing_and_keeps_what_was_typed(
    tmp_path: Path, ending: str
) -> None:
    visit = a_raised(tmp_path)
    form = form_of(seen_by(visit, "bi-thu" if ending == "/opinion" else "uy-vien-1"), ending)
    assert form.is_asked
    unit = str(visit.opened.units["doan"])
    answer = post(visit, form, form.fields | {"text": "Giải tỏa.", "unit": unit, "due_on": DUE})
    assert answer.status_code == 409
    assert "Chưa đánh dấu vào ô xác nhận." in text_of(answer)
    assert form_of(answer, ending).fields["text"] == "Giải tỏa."
    assert visit.count(difficulty_steps) == 1
