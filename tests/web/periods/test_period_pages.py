"""The office's pages of periods and rules: a look first, then the deed; nothing by a look."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import select

from tests.builders import NOW, a_directory, a_link, an_open_period, submitted
from tests.web.visiting import Visit, a_visit, form_of, post, text_of
from workflow.domain.rules.in_force import in_force
from workflow.domain.rules.routing_rules import Rules
from workflow.storage.access.links import Purpose
from workflow.storage.tables import cycles, outbox, periods, reports, rules


def _office(visit: Visit) -> str:
    return f"/o/{a_link(visit.opened, 'van-phong', Purpose.OFFICE)}"


def _codes(visit: Visit) -> list[str]:
    with visit.opened.store.reading() as tx:
        return list(tx.scalars(select(periods.c.code).order_by(periods.c.id)))


def test_a_look_at_opening_tells_what_it_would_do_and_does_nothing(tmp_path: Path) -> None:
    visit = a_visit(tmp_path)
    before = [visit.count(table) for table in (periods, cycles, outbox, rules)]
    form = form_of(visit.client.get(f"{_office(visit)}/periods"), "/periods/open")
    look = post(
        visit, form, form.fields | {"plan": str(visit.opened.plan_id), "code": "2026-Q2", "rules": "party"}
    )
    assert "lập 3 lượt báo cáo" in text_of(look)
    assert "Nguyễn Thị Minh Hằng" in text_of(look)
    assert [visit.count(table) for table in (periods, cycles, outbox, rules)] == before
    form = form_of(look, "/periods/open")
    assert post(visit, form, form.filled()).status_code == 200
    assert _codes(visit) == ["2026-Q1", "2026-Q2"]
    assert visit.count(cycles) == before[1] + 3


def test_what_cannot_be_opened_is_told_in_place(tmp_path: Path) -> None:
    visit = a_visit(tmp_path)
    form = form_of(visit.client.get(f"{_office(visit)}/periods"), "/periods/open")
    for wrong in ({"plan": "999"}, {"rules": "999"}, {"code": "2026-Q9"}):
        good = {"plan": str(visit.opened.plan_id), "code": "2026-Q2", "rules": "party", "sure": "1"}
        assert post(visit, form, form.fields | good | wrong).status_code == 409
    assert _codes(visit) == ["2026-Q1"]


def test_closing_early_is_said_and_asks_to_be_sure(tmp_path: Path) -> None:
    visit = a_visit(tmp_path)
    page = visit.client.get(f"{_office(visit)}/periods/{visit.opened.period_id}/close")
    assert "3 lượt chưa xong sẽ bị khóa" in text_of(page)
    assert "khóa sớm" in text_of(page)
    form = form_of(page, "/close")
    assert post(visit, form, form.fields).status_code == 409
    assert visit.count(reports) == 0
    assert "Bản thảo" in text_of(post(visit, form, form.filled()))
    with visit.opened.store.reading() as tx:
        assert tx.scalar(select(periods.c.closed_at)) == NOW


def test_closing_asks_again_where_the_period_has_moved_on(tmp_path: Path) -> None:
    visit = a_visit(tmp_path)
    form = form_of(visit.client.get(f"{_office(visit)}/periods/{visit.opened.period_id}/close"), "/close")
    with visit.opened.store.begin() as tx:
        tx.execute(cycles.update().where(cycles.c.id == visit.opened.cycles[0]).values(stage="approved"))
    answer = post(visit, form, form.filled())
    assert answer.status_code == 409
    assert "vừa thay đổi" in text_of(answer)


def test_no_office_closes_another_organisations_period(tmp_path: Path) -> None:
    visit = a_visit(tmp_path)
    other = an_open_period(visit.opened.store, directory=a_directory("Đảng ủy phường Khác"))
    assert visit.client.get(f"{_office(visit)}/periods/{other.period_id}/close").status_code == 404


def test_the_rules_page_says_each_pinned_rule(tmp_path: Path) -> None:
    visit = a_visit(tmp_path)
    submitted(visit.opened, visit.opened.cycles[0])
    said = text_of(visit.client.get(f"{_office(visit)}/rules"))
    with visit.opened.store.reading() as tx:
        assert str(tx.scalar(select(rules.c.sha256))) in said
    for sentence in in_force(Rules()):
        assert " ".join(sentence.text.split()) in said
