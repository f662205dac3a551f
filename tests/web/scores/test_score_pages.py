"""The office's pages of scores: why a unit has its points, in one click; entries by a deliberate act."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tests.builders import a_link, confirmed, submitted, voted
from tests.web.visiting import Visit, a_visit, form_of, page_of, post, text_of
from workflow.importing.files.rules_file import read_scoring
from workflow.sample import scoring_path
from workflow.storage.access.links import Purpose
from workflow.storage.tables import rules, score_entries


def _visit(folder: Path) -> tuple[Visit, str]:
    visit = a_visit(folder)
    cycle = visit.opened.cycles[0]
    submitted(visit.opened, cycle)
    confirmed(visit.opened, cycle, "mttq", "cong-an")
    voted(visit.opened, cycle, "bi-thu", "pho-bi-thu", "uy-vien-1")
    with visit.opened.store.begin() as tx:
        tx.execute(rules.update().values(scoring=read_scoring(scoring_path())))
    return visit, f"/o/{a_link(visit.opened, 'van-phong', Purpose.OFFICE)}"


def test_one_click_from_the_ranking_leads_to_every_point_and_its_item(tmp_path: Path) -> None:
    visit, base = _visit(tmp_path)
    ranking = visit.client.get(f"{base}/scores")
    link = next(str(tag["href"]) for tag in page_of(ranking).select("tbody a") if tag.text == "UBND phường")
    sheet = visit.client.get(link)
    said = text_of(sheet)
    assert "01 nội dung được tính đủ điểm." in said
    assert 'measure = "timeliness"' in said
    items = {str(tag["href"]) for tag in page_of(sheet).select("section a") if "/item/" in str(tag["href"])}
    assert items == {f"{base}/item/{visit.opened.cycles[0]}"}
    assert visit.client.get(items.pop()).status_code == 200


def test_an_entry_wants_its_box_ticked_and_its_vote_the_minutes(tmp_path: Path) -> None:
    visit, base = _visit(tmp_path)
    url = f"{base}/scores/{visit.opened.units['ubnd']}?period=2026-Q1"
    form = form_of(visit.client.get(url), "/enter?period=2026-Q1")
    what = {"what": "initiative:sang-kien", "text": "Mã QR tra cứu hồ sơ", "evidence": "QĐ 12"}
    assert post(visit, form, form.fields | what).status_code == 409
    assert visit.count(score_entries) == 0
    answer = post(visit, form, form.filled(**what))
    assert "Mã QR tra cứu hồ sơ" in text_of(answer)
    assert "Chưa có sáng kiến nào" in text_of(answer)
    vote = form_of(answer, "/decide?period=2026-Q1")
    for_it = {
        f"ballot-{visit.opened.person(one)}": "approve" for one in ("bi-thu", "pho-bi-thu", "uy-vien-1")
    }
    against = {f"ballot-{visit.opened.person('uy-vien-2')}": "return"}
    filled = vote.filled() | for_it | against | {"met_on": "2026-03-01"}
    assert "Phải ghi số biên bản" in text_of(post(visit, vote, filled))
    said = text_of(post(visit, vote, filled | {"minutes": "05/BB"}))
    assert "hội đồng thông qua 03/05 phiếu, biên bản 05/BB" in said
    assert "01 sáng kiến, tối đa 3: 1,5 điểm." in said


@pytest.mark.parametrize("points", ["1e-16000000", "0.00001", "1000000", "NaN", "２"])
def test_points_beyond_what_anybody_gives_are_told_at_once(tmp_path: Path, points: str) -> None:
    visit, base = _visit(tmp_path)
    url = f"{base}/scores/{visit.opened.units['ubnd']}?period=2026-Q1"
    form = form_of(visit.client.get(url), "/enter?period=2026-Q1")
    begun = time.process_time()
    answer = post(visit, form, form.filled(points=points, text="x", what="initiative:sang-kien"))
    assert time.process_time() - begun < 1
    assert "không phải là số điểm" in text_of(answer)


def test_a_form_for_one_unit_enters_nothing_for_another(tmp_path: Path) -> None:
    visit, base = _visit(tmp_path)
    units = visit.opened.units
    form = form_of(visit.client.get(f"{base}/scores/{units['ubnd']}?period=2026-Q1"), "/enter?period=2026-Q1")
    form.action = form.action.replace(f"/{units['ubnd']}/", f"/{units['mttq']}/")
    assert post(visit, form, form.filled(text="x", what="initiative:sang-kien")).status_code >= 400
    assert visit.count(score_entries) == 0


def test_the_page_of_changes_is_there_before_any(tmp_path: Path) -> None:
    visit, base = _visit(tmp_path)
    assert "Chưa tính lại lần nào" in text_of(visit.client.get(f"{base}/scores/changes"))
