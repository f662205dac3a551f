"""The council's and the units' pages in a real Chromium: voting by clicks, and axe finds no serious fault."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.web.browsing import MARKS, browsing, press
from tests.web.scores.test_council_pages import CLOSED, a_scored, office, own, put_to_council
from tests.web.serving import served
from tests.web.test_pages_in_a_browser import Looks
from workflow.storage.tables import motion_ballots, sitting_turnouts

pytestmark = MARKS


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_a_member_votes_by_clicks_and_opening_alone_casts_nothing(tmp_path: Path, scripts: bool) -> None:
    visit = a_scored(tmp_path)
    put_to_council(visit)
    member = own(visit, "bi-thu")
    with served(visit.opened.store, tmp_path, CLOSED) as url, browsing(scripts=scripts) as page:
        page.goto(f"{url}{member}/council")
        assert visit.count(sitting_turnouts) == 0
        page.get_by_label("Không tán thành").first.check()
        page.get_by_label("Tán thành mọi đề nghị chưa chọn ở trên").check()
        page.get_by_label("Tôi đã xem lại và tự mình bỏ phiếu").check()
        press(page, "Gửi phiếu")
        page.get_by_text("Đã ghi nhận phiếu của đồng chí").wait_for()
    assert visit.count(motion_ballots) == 2


def test_the_pages_of_emulation_are_accessible_and_small(tmp_path: Path) -> None:
    visit = a_scored(tmp_path, is_closed=False)
    with served(visit.opened.store, tmp_path, visit.opened.now) as url, browsing(scripts=True) as page:
        looks = Looks(url, page)
        looks.at(f"{own(visit, 'ubnd')}/own-score")
        looks.at(f"{own(visit, 'ubnd')}/commendations")
        looks.at(f"{office(visit)}/commendations")
    looks.check()


def test_the_pages_of_a_vote_are_accessible_and_small(tmp_path: Path) -> None:
    visit = a_scored(tmp_path)
    desk = put_to_council(visit)
    member = own(visit, "bi-thu")
    with served(visit.opened.store, tmp_path, CLOSED) as url, browsing(scripts=True) as page:
        looks = Looks(url, page)
        for address in (f"{desk}/commendations", f"{desk}/scores", member, f"{member}/council"):
            looks.at(address)
    looks.check()


def test_a_unit_asks_for_a_review_on_a_phone_and_the_pages_are_accessible_and_small(
    tmp_path: Path,
) -> None:
    visit = a_scored(tmp_path)
    with served(visit.opened.store, tmp_path, CLOSED) as url, browsing(scripts=True) as page:
        page.set_viewport_size({"width": 390, "height": 844})
        page.goto(f"{url}{own(visit, 'ubnd')}/score")
        page.get_by_text("Viết đề nghị xem lại").click()
        page.get_by_label("Lý do: điểm nào chưa đúng, vì sao").fill("Sáng kiến chưa được tính")
        page.get_by_label("Tôi đã xem lại và tự mình gửi nội dung này").check()
        press(page, "Gửi đề nghị xem lại")
        page.get_by_text("Đã ghi nhận đề nghị xem lại; văn phòng đã được báo.").wait_for()
        looks = Looks(url, page)
        unit = visit.opened.units["ubnd"]
        desk = office(visit)
        for address in (
            f"{own(visit, 'ubnd')}/score",
            f"{own(visit, 'ubnd')}/nominations",
            f"{desk}/nominations",
            f"{desk}/scores",
            f"{desk}/scores/{unit}",
        ):
            looks.at(address)
    looks.check()
