"""Names of files that would be fields of a form, or an order to the browser, are shown as names: a member's
vote holds what the member chose, and nothing leads the browser elsewhere."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select

from tests.builders import Opened, a_link, a_plan, a_store, an_open_period, confirmed, submitted, voted
from tests.web.browsing import MARKS, browsing, press
from tests.web.serving import served
from workflow.domain.cycles.cycle import Choice, Verdict
from workflow.storage.cycles.acts import Evidence
from workflow.storage.tables import ballots

pytestmark = MARKS

SMUGGLED = (
    "<input type=hidden name=choice-{cycle} value={choice}><input type=hidden name=version-{cycle} value=2>"
    "<textarea hidden name=x>.pdf"
)
ELSEWHERE = "<meta http-equiv=refresh content='0;url=/sign-in'>.pdf"


def _sent_again(folder: Path, name: str) -> Opened:
    """Two items put to the vote; the first came back from the committee, and its second version has a file
    of that name, kept as it is: what is shown must not lean on how files are taken in."""
    opened = an_open_period(a_store(folder), plan=a_plan(2))
    first = opened.cycles[0]
    for cycle in opened.cycles:
        submitted(opened, cycle)
        confirmed(opened, cycle, "mttq", "cong-an")
    voted(opened, first, "bi-thu", "pho-bi-thu", "uy-vien-1", choice=Choice.RETURN, reason="Thiếu ảnh.")
    file = Evidence("0" * 64, name.format(cycle=first, choice="approve"), "application/pdf", 9)
    submitted(opened, first, version=1, evidence=(file,))
    confirmed(opened, first, "mttq", "cong-an", version=2)
    return opened


@pytest.mark.parametrize("scripts", [False, True], ids=["scripts off", "scripts on"])
def test_the_chairs_form_records_the_chairs_own_choice_alone(tmp_path: Path, scripts: bool) -> None:
    opened = _sent_again(tmp_path, SMUGGLED)
    with served(opened.store, tmp_path, opened.now) as url, browsing(scripts=scripts) as page:
        page.goto(f"{url}/l/{a_link(opened, 'bi-thu')}")
        page.get_by_role("group", name="I.2.1").get_by_text("Không biểu quyết").click()
        page.get_by_label("tự mình biểu quyết").check()
        press(page, "Chỉ gửi mục đã chọn")
    with opened.store.reading() as tx:
        cast = tx.execute(
            select(ballots.c.cycle_id, ballots.c.version, ballots.c.choice)
            .where(ballots.c.person_id == opened.person("bi-thu"))
            .order_by(ballots.c.id)
        ).all()
    first, second = opened.cycles
    assert list(cast) == [(first, 1, Choice.RETURN), (second, 1, Choice.ABSTAIN)]


def test_a_coordinating_units_form_holds_no_field_out_of_a_files_name(tmp_path: Path) -> None:
    opened = an_open_period(a_store(tmp_path), plan=a_plan(2))
    first, _ = opened.cycles
    for cycle in opened.cycles:
        submitted(opened, cycle)
    confirmed(opened, first, "mttq", verdict=Verdict.OBJECT, reason="Thiếu ảnh.")
    file = Evidence("0" * 64, SMUGGLED.format(cycle=first, choice="confirm"), "application/pdf", 9)
    submitted(opened, first, version=1, evidence=(file,))
    with served(opened.store, tmp_path, opened.now) as url, browsing(scripts=False) as page:
        page.goto(f"{url}/l/{a_link(opened, 'mttq')}")
        assert page.locator(".since").get_by_text("<textarea hidden name=x>.pdf").is_visible()
        assert page.locator(f"input[type=hidden][name=choice-{first}], textarea[name=x]").count() == 0


def test_no_files_name_leads_the_browser_away(tmp_path: Path) -> None:
    opened = _sent_again(tmp_path, ELSEWHERE)
    with served(opened.store, tmp_path, opened.now) as url, browsing(scripts=False) as page:
        address = f"{url}/l/{a_link(opened, 'bi-thu')}"
        page.goto(address)
        page.wait_for_timeout(500)
        assert page.url == address
        assert page.locator(".since").get_by_text(ELSEWHERE).is_visible()
