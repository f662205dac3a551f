"""The office's page of figures over periods."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from sqlalchemy import select

from tests.builders import NOW, OFFICER, a_directory, a_link, a_plan, an_open_period
from tests.web.visiting import Visit, a_visit, page_of, text_of
from workflow.storage.access.links import Purpose, make
from workflow.storage.people.directory import save_directory
from workflow.storage.people.subordinates import attach, organisation_named
from workflow.storage.results.closing import close_period
from workflow.storage.tables import persons

LATER = NOW + timedelta(days=60)


def _visit(folder: Path) -> tuple[Visit, str]:
    visit = a_visit(folder, plan=a_plan(6))
    with visit.opened.store.begin() as tx:
        close_period(tx, visit.opened.period_id, LATER, is_early=True)
    return visit, f"/o/{a_link(visit.opened, 'van-phong', Purpose.OFFICE)}"


def test_a_year_is_summed_from_its_closed_periods_by_the_grouping_chosen(tmp_path: Path) -> None:
    visit, base = _visit(tmp_path)
    answer = visit.client.get(f"{base}/rollup?span=2026&by=unit")
    assert "Tính từ các kỳ đã khóa: Quý I/2026." in text_of(answer)
    rows = [row.get_text(" ", strip=True) for row in page_of(answer).select("table.rollup tbody tr")]
    assert rows[0].startswith("UBND phường 6")
    assert rows[-1].startswith("Tổng số 6")


def test_the_table_is_the_same_as_a_file(tmp_path: Path) -> None:
    visit, base = _visit(tmp_path)
    told = visit.client.get(f"{base}/rollup/csv?span=2026-Q1&by=section").text.splitlines()
    assert told[0].startswith("\ufeffMã số;Nhóm nội dung;Tổng số;Hoàn thành đúng hạn")
    assert told[-1].startswith(";Tổng số;6;0;")
    assert visit.client.get(f"{base}/rollup/xlsx?span=2026").status_code == 200


def test_only_a_superior_is_offered_the_figures_below_it(tmp_path: Path) -> None:
    visit, base = _visit(tmp_path)
    assert not page_of(visit.client.get(f"{base}/rollup?of=below")).select("#of")
    store = visit.opened.store
    ward = an_open_period(store, directory=a_directory("Phường Một"))
    with store.begin() as tx:
        close_period(tx, ward.period_id, LATER, is_early=True)
        above = organisation_named(tx, "Đảng ủy phường Hòa Xuân")
        attach(tx, organisation_named(tx, "Phường Một"), above, LATER)
    answer = visit.client.get(f"{base}/rollup?of=below&span=2026-Q1")
    assert "Phường Một" in text_of(answer)
    assert "1 đơn vị có số liệu đã khóa." in text_of(answer)


def test_a_question_that_makes_no_sense_shows_the_links_own_period(tmp_path: Path) -> None:
    visit, base = _visit(tmp_path)
    answer = visit.client.get(f"{base}/rollup?span=x&by=y&of=z")
    assert answer.status_code == 200
    assert "Tổng hợp – Quý I/2026" in text_of(answer)


def test_a_superior_without_a_period_of_its_own_sees_those_below(tmp_path: Path) -> None:
    visit, _ = _visit(tmp_path)
    store = visit.opened.store
    with store.begin() as tx:
        city = save_directory(tx, a_directory("Thành ủy Hoa Lư"))
        attach(
            tx,
            organisation_named(tx, "Đảng ủy phường Hòa Xuân"),
            organisation_named(tx, "Thành ủy Hoa Lư"),
            LATER,
        )
        own = select(persons.c.id).where(persons.c.organisation_id == city, persons.c.email == OFFICER)
        token = make(tx, tx.scalar(own) or 0, Purpose.OFFICE, None, LATER)
    assert "Chưa có số liệu nào của thời gian này." in text_of(visit.client.get(f"/o/{token}/rollup"))
    answer = visit.client.get(f"/o/{token}/rollup?of=below&by=organisation")
    assert "Đảng ủy phường Hòa Xuân" in page_of(answer).select_one("table.rollup tbody").get_text()
    assert visit.client.get(f"/o/{token}/rollup/csv?of=below").status_code == 200
