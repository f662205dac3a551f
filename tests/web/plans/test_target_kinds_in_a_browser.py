"""The office settles and changes the kinds of targets by clicks, in a real Chromium."""

from __future__ import annotations

import os
from pathlib import Path

from tests.builders import a_directory, a_link, a_store, an_item, an_open_period
from tests.kinds_played import two_quarters
from tests.web.browsing import MARKS, browsing, press
from tests.web.serving import served
from workflow.domain.plans.target_kinds import TargetKind
from workflow.storage.access.links import Purpose
from workflow.storage.plans.offers import running_plan
from workflow.storage.plans.plans import load_plan
from workflow.storage.results.figures import RECORDS, versions

pytestmark = MARKS

PLAN = """KẾ HOẠCH
Công tác năm 2027

TT | Nội dung | Đơn vị chủ trì | Đơn vị phối hợp | Thời hạn hoàn thành
1 | Duy trì và phát triển 5 câu lạc bộ | UBND phường | Công an phường | Tháng 6
2 | Hỗ trợ 02 hộ khó khăn | UBND phường | Công an phường | Tháng 9
3 | Trồng 300 cây xanh | UBND phường | Công an phường | Tháng 9
"""


def test_a_doubt_about_a_kind_is_asked_in_the_preview_and_settled_in_place(tmp_path: Path) -> None:
    opened = an_open_period(a_store(tmp_path), directory=a_directory())
    document = tmp_path / "ke-hoach.txt"
    document.write_text(PLAN, encoding="utf-8")
    with served(opened.store, tmp_path, opened.now) as url, browsing(scripts=False) as page:
        page.goto(f"{url}/o/{a_link(opened, 'van-phong', Purpose.OFFICE)}/plan")
        page.get_by_label("Tệp kế hoạch").set_input_files(document)
        press(page, "Đọc tệp")
        assert page.get_by_text("Chỉ tiêu “02 hộ” được hiểu là cộng dồn").first.is_visible()
        assert page.get_by_text("Chỉ tiêu “300 cây xanh”").count() == 0
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        _pictured(page, "kinds-preview")
        fields = page.locator("input[name^='cell-TARGETS-'][name$='-kind']")
        assert fields.count() == 2
        assert fields.nth(1).input_value() == "cộng dồn"
        fields.nth(1).fill("mức giữ")
        page.locator("input[name='ok'][value^='TARGETS-']").nth(0).check()
        press(page, "Ghi các ô đã sửa và xem lại")
        assert page.locator("input[name^='cell-TARGETS-'][name$='-kind']").count() == 0
        page.get_by_label("Tôi đã xem phần khác nhau").check()
        press(page, "Chấp nhận và ghi kế hoạch")
        with opened.store.reading() as tx:
            head = running_plan(tx, opened.organisation_id)
            assert head is not None
            kinds = [target.kind for item in load_plan(tx, head.id).items for target in item.targets]
    assert kinds == [TargetKind.FLOW, TargetKind.LEVEL, TargetKind.FLOW]


def test_the_office_sees_what_another_kind_does_to_closed_periods_and_then_changes_it(tmp_path: Path) -> None:
    _, second = two_quarters(a_store(tmp_path), TargetKind.FLOW)
    with served(second.store, tmp_path, second.now) as url, browsing(scripts=False) as page:
        office = f"{url}/o/{a_link(second, 'van-phong', Purpose.OFFICE)}"
        page.goto(f"{office}/item/{second.cycles[0]}")
        page.get_by_role("link", name="Loại chỉ tiêu").click()
        assert page.get_by_text("Văn phòng chọn. Theo lời văn thì là mức giữ").is_visible()
        _pictured(page, "kinds-list")
        page.get_by_label("Đổi thành").select_option("level")
        page.get_by_role("button", name="Xem thay đổi").click()
        rows = page.locator("tbody tr")
        assert [rows.nth(2).locator("td").nth(n).inner_text().split()[0] for n in (0, 1)] == ["20", "10"]
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        _pictured(page, "kinds-look")
        page.get_by_label("Vì sao đổi").fill("Các tuyến phố bị đếm hai lần")
        press(page, "Đổi loại và tính lại")
        assert page.get_by_text(f"Đã đổi loại chỉ tiêu của {an_item(1).code}; 2 kỳ đã khóa").is_visible()
    with second.store.reading() as tx:
        kept = versions(tx, second.period_id, RECORDS)[-1]
    assert "Các tuyến phố bị đếm hai lần" in kept.because


def _pictured(page, name: str) -> None:
    """A picture for whoever works on the page, where TIENDO_PICTURES names a folder."""
    if folder := os.environ.get("TIENDO_PICTURES"):
        for width in (390, 1280):
            page.set_viewport_size({"width": width, "height": 900})
            page.screenshot(path=f"{folder}/{name}-{width}.png", full_page=True)
        page.set_viewport_size({"width": 390, "height": 844})
