"""Rules uploaded by the office: every fault told, what they say explained, adopted for the next periods."""

from __future__ import annotations

from pathlib import Path

import pytest
from httpx import Response
from sqlalchemy import select

from tests.builders import a_link
from tests.web.visiting import Visit, a_visit, form_of, post, text_of
from workflow.sample import agency_scoring_path, routing_path, scoring_path
from workflow.storage import Store
from workflow.storage.access.links import Purpose
from workflow.storage.tables import audit, periods, rules


@pytest.fixture
def visit(store: Store, tmp_path: Path) -> Visit:
    return a_visit(tmp_path, store=store)


def office(visit: Visit) -> str:
    return f"/o/{a_link(visit.opened, 'van-phong', Purpose.OFFICE)}"


def uploaded(visit: Visit, desk: str, **files: str) -> Response:
    form = form_of(visit.client.get(f"{desk}/rules/file"), "/rules/file")
    given = {name: (f"{name}.toml", text.encode()) for name, text in files.items()}
    return post(visit, form, form.fields, files=given)


def opened(visit: Visit, desk: str, **choice: str) -> Response:
    form = form_of(visit.client.get(f"{desk}/periods"), "/periods/open")
    asked = {"plan": str(visit.opened.plan_id), "code": "2026-Q2", **choice}
    look = post(visit, form, form.fields | asked)
    form = form_of(look, "/periods/open")
    return post(visit, form, form.filled())


def pinned(visit: Visit, code: str) -> tuple[str, str]:
    """The name and the scoring of the rules that a period goes by."""
    with visit.opened.store.reading() as tx:
        row = tx.execute(
            select(rules).join(periods, periods.c.rules_id == rules.c.id).where(periods.c.code == code)
        ).one()
    return row.name, row.scoring.get("toml", "")


def test_every_fault_of_both_files_is_told_and_nothing_is_kept(visit: Visit) -> None:
    desk, before = office(visit), visit.count(rules)
    routing = routing_path().read_text().replace("silence", "silense")
    answer = uploaded(visit, desk, routing=routing, scoring='name = "Thử"\n[rounding]\nplaces = "hai"\n')
    assert answer.status_code == 400
    said = text_of(answer)
    assert "silense" in said
    assert "scoring.toml, [rounding]" in said
    assert "không đọc được" in text_of(uploaded(visit, desk, routing="= 3"))
    assert "Chưa chọn tệp nào" in text_of(uploaded(visit, desk))
    assert visit.count(rules) == before


def test_an_uploaded_file_for_a_unit_that_is_not_there_has_a_fault_and_is_not_offered(visit: Visit) -> None:
    desk, before = office(visit), visit.count(rules)
    monthly = '\n[[overrides]]\nunit = "cong-ann"\n[overrides.period]\nrhythm = "month"\n'
    answer = uploaded(visit, desk, routing=routing_path().read_text() + monthly)
    assert answer.status_code == 400
    assert "Danh bạ không có đơn vị “cong-ann”." in text_of(answer)
    assert "Có phải “cong-an”?" in text_of(answer)
    mended = uploaded(visit, desk, routing=routing_path().read_text() + monthly.replace("ann", "an"))
    assert mended.status_code == 200
    assert "nội dung do đơn vị “cong-an” chủ trì" in text_of(mended)
    assert visit.count(rules) == before


def test_adopted_rules_are_explained_first_and_hold_from_the_next_period_on(visit: Visit) -> None:
    desk, before = office(visit), pinned(visit, "2026-Q1")
    text = routing_path().read_text()
    name = next(line for line in text.splitlines() if line.startswith("name ="))
    look = uploaded(visit, desk, routing=text.replace(name, 'name = "Quy tắc riêng của phường"'))
    assert "Khác với quy tắc đang dùng" in text_of(look)
    assert visit.count(rules) == 1
    form = form_of(look, "/accept")
    assert "Chưa ghi gì" in text_of(post(visit, form, form.fields))
    assert "Đã ghi" in text_of(post(visit, form, form.filled()))
    with visit.opened.store.reading() as tx:
        newest = tx.scalar(select(rules.c.id).order_by(rules.c.id.desc()).limit(1))
        entry = tx.execute(select(audit).where(audit.c.verb == "rules-adopted")).one()
    assert (entry.person_id, entry.details) == (visit.opened.person("van-phong"), {"rules": newest})
    opened(visit, desk, rules=str(newest))
    assert pinned(visit, "2026-Q2")[0] == "Quy tắc riêng của phường"
    assert pinned(visit, "2026-Q1") == before


def test_the_way_of_scoring_is_chosen_when_a_period_is_opened(visit: Visit) -> None:
    desk = office(visit)
    opened(visit, desk, rules="party", scoring="agency")
    assert pinned(visit, "2026-Q2")[1] == agency_scoring_path().read_text()
    with visit.opened.store.reading() as tx:
        last = tx.scalar(select(periods.c.rules_id).where(periods.c.code == "2026-Q2"))
    opened(visit, desk, rules=str(last), scoring="ward", code="2026-Q3")
    assert pinned(visit, "2026-Q3") == (pinned(visit, "2026-Q2")[0], scoring_path().read_text())


def test_the_ready_files_come_back_as_rules_that_stand(visit: Visit) -> None:
    desk = office(visit)
    routing = visit.client.get(f"{desk}/rules/ready/routing-ubnd.toml").text
    scoring = visit.client.get(f"{desk}/rules/ready/scoring-agency.toml").text
    look = uploaded(visit, desk, routing=routing, scoring=scoring)
    assert look.status_code == 200
    assert "Chấm điểm:" in text_of(look)
    assert visit.client.get(f"{desk}/rules/ready/..%2fplan.toml").status_code == 404
