"""The board's own services: urging, searching, tables as files, paging, charts."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest
from openpyxl import load_workbook
from sqlalchemy import select

from tests.builders import NOW, a_directory, a_link, a_plan, an_item, submitted
from tests.web.visiting import Visit, a_visit, form_of, page_of, post, text_of
from workflow.domain.people.directory import Person
from workflow.storage import Store
from workflow.storage.access.links import Purpose
from workflow.storage.people.absences import substitute
from workflow.storage.tables import audit, outbox


def _office(visit: Visit) -> str:
    return f"/o/{a_link(visit.opened, 'van-phong', Purpose.OFFICE)}"


def _quiet(visit: Visit) -> None:
    """As on a day when nobody was written to yet."""
    with visit.opened.store.begin() as tx:
        tx.execute(outbox.delete())


def _told(visit: Visit) -> set[int]:
    with visit.opened.store.reading() as tx:
        return set(tx.scalars(select(outbox.c.person_id).where(outbox.c.kind == "digest")))


def test_one_click_reminds_everyone_who_owes_something_once_a_day(tmp_path: Path) -> None:
    visit = a_visit(tmp_path, plan=a_plan(3))
    submitted(visit.opened, visit.opened.cycles[0])
    _quiet(visit)
    base = _office(visit)
    form = form_of(visit.client.get(f"{base}/owing"), "/urge")
    assert "Đã nhắc 3 người." in text_of(post(visit, form, form.fields))
    assert _told(visit) == {visit.opened.person(box) for box in ("ubnd", "mttq", "cong-an")}
    with visit.opened.store.begin() as tx:
        tx.execute(outbox.update().values(state="sent", sent_at=NOW))
        entry = tx.execute(select(audit).where(audit.c.verb == "urged")).one()
        assert entry.person_id == visit.opened.person("van-phong")
    again = text_of(post(visit, form, form.fields))
    assert "Không nhắc thêm ai. 3 người đã được nhắc hôm nay." in again


def test_urging_an_absent_persons_work_mails_their_stand_in_and_the_page_says_so(tmp_path: Path) -> None:
    deputy = Person("Lê Thị Cúc", "thay@hoaxuan.example", "Chuyên viên")
    visit = a_visit(tmp_path, plan=a_plan(1), directory=a_directory(extra=(deputy,)))
    opened, today = visit.opened, NOW.date()
    with opened.store.begin() as tx:
        substitute(tx, opened.person("ubnd"), opened.person("thay"), today, today, NOW)
    _quiet(visit)
    listed = visit.client.get(f"{_office(visit)}/owing")
    assert "Lê Thị Cúc" in text_of(listed)
    assert "làm thay Nguyễn Thị Minh Hằng" in text_of(listed)
    form = form_of(listed, "/urge")
    assert "Đã nhắc 1 người." in text_of(post(visit, form, form.fields))
    assert _told(visit) == {opened.person("thay")}


def test_an_item_in_time_by_its_mail_is_not_late_on_the_board(tmp_path: Path) -> None:
    visit = a_visit(tmp_path, plan=a_plan(1))
    submitted(replace(visit.opened, now=NOW.replace(day=18)), visit.opened.cycles[0])
    visit.clock.set(NOW.replace(day=20))
    table = page_of(visit.client.get(_office(visit))).select_one("#danh-sach table tbody")
    assert table is not None
    assert "hạn 23/03/2026" in table.get_text(" ")
    assert "trễ" not in table.get_text(" ")


def test_only_those_whose_step_is_past_its_day_are_reminded_as_late(tmp_path: Path) -> None:
    visit = a_visit(tmp_path, plan=a_plan(2))
    submitted(visit.opened, visit.opened.cycles[0])
    _quiet(visit)
    visit.clock.set(NOW.replace(day=18))
    form = form_of(visit.client.get(f"{_office(visit)}/owing"), "/urge")
    assert "Đã nhắc 1 người." in text_of(post(visit, form, form.fields | {"late": "1"}))
    assert _told(visit) == {visit.opened.person("ubnd")}


def test_the_board_reminds_those_its_filter_shows_and_keeps_the_filter(tmp_path: Path) -> None:
    visit = a_visit(tmp_path, plan=a_plan(2))
    submitted(visit.opened, visit.opened.cycles[0])
    _quiet(visit)
    form = form_of(visit.client.get(f"{_office(visit)}?stage=waiting-confirmation"), "/urge")
    answer = post(visit, form, form.fields)
    assert _told(visit) == {visit.opened.person(box) for box in ("mttq", "cong-an")}
    assert answer.url.params["stage"] == "waiting-confirmation"


def test_an_items_page_reminds_whom_it_waits_for(tmp_path: Path) -> None:
    visit = a_visit(tmp_path, plan=a_plan(2))
    submitted(visit.opened, visit.opened.cycles[0])
    _quiet(visit)
    form = form_of(visit.client.get(f"{_office(visit)}/item/{visit.opened.cycles[0]}"), "/urge")
    answer = post(visit, form, form.fields | {"cycle": str(visit.opened.cycles[0])})
    assert _told(visit) == {visit.opened.person(box) for box in ("mttq", "cong-an")}
    assert "Đã nhắc 2 người." in text_of(answer)


def test_urging_takes_the_pages_own_stamp(tmp_path: Path) -> None:
    visit = a_visit(tmp_path)
    _quiet(visit)
    assert visit.client.post(f"{_office(visit)}/urge", data={"stamp": "giả"}).status_code == 403
    assert _told(visit) == set()


@pytest.mark.parametrize("words", ["hop dong", "HỢP  đồng", "dong hop"])
def test_a_search_finds_items_on_both_databases(store: Store, tmp_path: Path, words: str) -> None:
    items = [an_item(1, content="Rà soát Hợp đồng thuê đất"), an_item(2)]
    visit = a_visit(tmp_path, store=store, plan=a_plan(items=items))
    page = page_of(visit.client.get(f"{_office(visit)}/search", params={"q": words}))
    assert [found.text for found in page.select("main .acts a")] == ["Rà soát Hợp đồng thuê đất"]


def test_items_that_bear_the_words_one_after_another_come_first(store: Store, tmp_path: Path) -> None:
    items = [an_item(1, content="100% hộ dân sống tại tổ 4"), an_item(2, content="Trả hồ sơ đúng hạn")]
    visit = a_visit(tmp_path, store=store, plan=a_plan(items=items))
    page = page_of(visit.client.get(f"{_office(visit)}/search", params={"q": "ho so"}))
    assert [found.text for found in page.select("main .acts a")] == [
        "Trả hồ sơ đúng hạn",
        "100% hộ dân sống tại tổ 4",
    ]


def test_a_search_finds_units_by_alias_and_people_by_name(tmp_path: Path) -> None:
    visit = a_visit(tmp_path)
    base = _office(visit)
    units = page_of(visit.client.get(f"{base}/search", params={"q": "uy ban nhan dan"}))
    assert [found.text for found in units.select("#h-units ~ ul a")] == ["UBND phường"]
    people = page_of(visit.client.get(f"{base}/search", params={"q": "do thi lan anh"}))
    assert [found.text for found in people.select("#h-people ~ ul a")] == ["Đỗ Thị Lan Anh"]


def test_a_percent_sign_is_searched_for_as_such(tmp_path: Path) -> None:
    visit = a_visit(tmp_path, plan=a_plan(3))
    page = page_of(visit.client.get(f"{_office(visit)}/search", params={"q": "%"}))
    assert len(page.select("main .acts a")) == 1


@pytest.mark.parametrize("name", ["items", "owing", "people", "overdue", "mails", "reports"])
def test_every_table_comes_as_csv_and_as_a_workbook_with_the_same_rows(tmp_path: Path, name: str) -> None:
    visit = a_visit(tmp_path, plan=a_plan(4))
    base = _office(visit)
    told = visit.client.get(f"{base}/tables/{name}.csv").content
    assert told.startswith(b"\xef\xbb\xbf")
    lines = told.decode("utf-8-sig").splitlines()
    book = load_workbook(BytesIO(visit.client.get(f"{base}/tables/{name}.xlsx").content))
    assert [cell.value for cell in book.worksheets[0][1]] == lines[0].split(";")
    assert book.worksheets[0].max_row == len(lines)
    assert visit.client.get(f"{base}/tables/khac.csv").status_code == 404


def test_the_table_of_items_holds_what_the_filter_shows(tmp_path: Path) -> None:
    visit = a_visit(tmp_path, plan=a_plan(8))
    told = visit.client.get(f"{_office(visit)}/tables/items.csv?section=II.1").text
    assert [line.split(";")[0] for line in told.splitlines()[1:]] == ["II.1.1", "II.1.2"]


def test_no_cell_is_taken_for_a_formula(tmp_path: Path) -> None:
    visit = a_visit(tmp_path, plan=a_plan(items=[an_item(1, content="=HYPERLINK(1)")]))
    base = _office(visit)
    assert ";'=HYPERLINK(1);" in visit.client.get(f"{base}/tables/items.csv").text
    book = load_workbook(BytesIO(visit.client.get(f"{base}/tables/items.xlsx").content))
    assert book.worksheets[0]["C2"].data_type == "s"


def test_a_long_list_comes_in_pages_that_keep_the_filter(tmp_path: Path) -> None:
    visit = a_visit(tmp_path, plan=a_plan(items=[an_item(n + 1) for n in range(160)]))
    first = page_of(visit.client.get(f"{_office(visit)}?q=cong"))
    assert len(first.select("#danh-sach td.code")) == 150
    second = page_of(visit.client.get(str(first.select_one("a[rel=next]")["href"])))  # type: ignore[index]
    assert len(second.select("#danh-sach td.code")) == 10


def test_a_leader_filters_the_list(tmp_path: Path) -> None:
    items = [an_item(1, leaders=("Đ/c Trần Văn An",)), an_item(2)]
    visit = a_visit(tmp_path, plan=a_plan(items=items))
    page = page_of(visit.client.get(_office(visit), params={"leader": "Đ/c Trần Văn An"}))
    assert [cell.text for cell in page.select("#danh-sach td.code")] == ["I.1.1"]


def test_each_chart_is_told_in_words_and_in_a_table(tmp_path: Path) -> None:
    visit = a_visit(tmp_path, plan=a_plan(8))
    submitted(visit.opened, visit.opened.cycles[0])
    base = _office(visit)
    board = page_of(visit.client.get(base))
    told = [chart.get_text(" ", strip=True) for chart in board.select("figure.chart desc")]
    assert "I Chỉ tiêu cơ bản: Chờ báo cáo 5, Chờ xác nhận 1." in told[0]
    assert "1 báo cáo đúng hạn" in told[1]
    schedule = page_of(visit.client.get(f"{base}/schedule"))
    assert len(schedule.select("figure.gantt rect.seg.stage-waiting-submission")) == 7
    assert len(schedule.select("figure.gantt details td.code")) == 8
