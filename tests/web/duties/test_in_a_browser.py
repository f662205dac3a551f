"""Report, confirm and vote in a real Chromium, with scripts off and on; nothing is sent anywhere else."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select

from tests.builders import a_link, a_plan, a_store, an_item, an_open_period, stage_of, submitted
from tests.web.browsing import MARKS, browsing, follow, press
from tests.web.serving import served
from workflow.domain.cycles.cycle import Stage
from workflow.domain.rules.routing_rules import ConfirmationRule, Rules
from workflow.storage.tables import attachments, confirmations

pytestmark = MARKS


@pytest.mark.parametrize("scripts", [False, True], ids=["scripts off", "scripts on"])
def test_a_report_goes_the_whole_way_by_clicks(tmp_path: Path, scripts: bool) -> None:
    opened = an_open_period(a_store(tmp_path), plan=a_plan(2))
    first, second = opened.cycles
    evidence = tmp_path / "Biên bản.pdf"
    evidence.write_bytes(b"%PDF-1.4")
    with served(opened.store, tmp_path, opened.now) as url, browsing(scripts=scripts) as page:
        for code in ("I.1.1", "I.2.1"):
            page.goto(f"{url}/l/{a_link(opened, 'ubnd')}")
            follow(page, f"Báo cáo nội dung {code}")
            page.get_by_label("Tiến độ thực hiện").fill("65")
            page.get_by_label("Kết quả thực hiện trong kỳ").fill("Đang thi công đoạn 2.")
            page.get_by_label("Chọn tệp").set_input_files(evidence)
            press(page, "Gửi báo cáo")
            assert page.get_by_role("heading", name="Đã ghi nhận", exact=True).is_visible()

        page.goto(f"{url}/l/{a_link(opened, 'mttq')}")
        page.get_by_role("group", name="I.1.1").get_by_text("Đồng ý một phần").click()
        page.get_by_role("group", name="I.1.1").get_by_label("Lý do").fill("Thiếu ảnh nghiệm thu.")
        page.get_by_label("trả lời với trách nhiệm của đơn vị").check()
        press(page, "Đồng ý tất cả còn lại")
        page.goto(f"{url}/l/{a_link(opened, 'cong-an')}")
        page.get_by_label("trả lời với trách nhiệm của đơn vị").check()
        press(page, "Đồng ý tất cả còn lại")

        for box in ("bi-thu", "pho-bi-thu", "uy-vien-1"):
            page.goto(f"{url}/l/{a_link(opened, box)}")
            page.get_by_role("group", name="I.2.1").get_by_text("Trả lại").click()
            page.get_by_role("group", name="I.2.1").get_by_label("Lý do").fill("Bổ sung số liệu.")
            page.get_by_label("tự mình biểu quyết").check()
            press(page, "Tán thành tất cả còn lại")
            assert page.get_by_role("heading", name="Đã ghi nhận", exact=True).is_visible()

        page.goto(f"{url}/l/{a_link(opened, 'ubnd')}")
        assert page.get_by_text("Bổ sung số liệu.").first.is_visible()
    assert stage_of(opened, first) is Stage.APPROVED
    assert stage_of(opened, second) is Stage.WAITING_SUBMISSION
    with opened.store.reading() as tx:
        assert tx.scalars(select(attachments.c.name)).all() == ["Biên bản.pdf"] * 2
        assert "Thiếu ảnh nghiệm thu." in tx.scalars(select(confirmations.c.reason)).all()


@pytest.mark.parametrize("scripts", [False, True], ids=["scripts off", "scripts on"])
def test_a_co_lead_that_agrees_finds_the_box_for_its_own_result(tmp_path: Path, scripts: bool) -> None:
    leads = ("ubnd", "doan")
    item = an_item(1, lead_units=leads, lead_ids=leads, coordinating_units=(), coordinating_ids=())
    rules = Rules(confirmation=ConfirmationRule(each_lead=True))
    opened = an_open_period(a_store(tmp_path), plan=a_plan(items=[item]), rules=rules)
    submitted(opened, opened.cycles[0])
    with served(opened.store, tmp_path, opened.now) as url, browsing(scripts=scripts) as page:
        page.goto(f"{url}/l/{a_link(opened, 'doan')}")
        page.get_by_role("group", name="I.1.1").get_by_text("Đồng ý", exact=True).click()
        page.get_by_role("group", name="I.1.1").get_by_label("Kết quả phần của").fill(
            "Đoàn đã ra quân 4 buổi."
        )
        page.get_by_label("trả lời với trách nhiệm của đơn vị").check()
        press(page, "Chỉ gửi mục đã chọn")
        assert page.get_by_role("heading", name="Đã ghi nhận", exact=True).is_visible()
    assert stage_of(opened, opened.cycles[0]) is Stage.WAITING_APPROVAL


def test_pages_ask_nothing_of_other_hosts_and_break_no_policy(tmp_path: Path) -> None:
    opened = an_open_period(a_store(tmp_path), plan=a_plan(2))
    with served(opened.store, tmp_path, opened.now) as url, browsing(scripts=True) as page:
        asked: list[str] = []
        complaints: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.on("console", lambda message: complaints.append(message.text))
        base = f"{url}/l/{a_link(opened, 'ubnd')}"
        for path in ("", f"/report/{opened.cycles[0]}"):
            page.goto(base + path)
            assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert all(address.startswith(url) for address in asked)
    assert complaints == []


def test_an_opened_page_acts_only_on_a_click(tmp_path: Path) -> None:
    opened = an_open_period(a_store(tmp_path), plan=a_plan(1))
    with served(opened.store, tmp_path, opened.now) as url, browsing(scripts=True) as page:
        page.goto(f"{url}/l/{a_link(opened, 'ubnd')}")
        page.locator("main a").first.click()
        page.wait_for_load_state("networkidle")
    assert stage_of(opened, opened.cycles[0]) is Stage.WAITING_SUBMISSION


def test_what_is_typed_is_kept_without_a_click_and_shown_in_another_browser(tmp_path: Path) -> None:
    opened = an_open_period(a_store(tmp_path), plan=a_plan(1))
    path = f"/report/{opened.cycles[0]}"
    with served(opened.store, tmp_path, opened.now) as url, browsing(scripts=True) as page:
        page.goto(f"{url}/l/{a_link(opened, 'ubnd')}{path}")
        page.get_by_label("Kết quả thực hiện trong kỳ").fill("Đang viết thì có việc.")
        page.get_by_text("Đã lưu tạm lúc 09:00").wait_for()
        other = page.context.browser.new_context(java_script_enabled=False).new_page()
        other.goto(f"{url}/l/{a_link(opened, 'ubnd')}{path}")
        assert other.get_by_label("Kết quả thực hiện trong kỳ").input_value() == "Đang viết thì có việc."
        other.get_by_label("Kết quả thực hiện trong kỳ").fill("Viết tiếp trên điện thoại.")
        press(other, "Lưu tạm")
        assert other.get_by_text("Đang hiện bản nháp").is_visible()
        page.get_by_label("Khó khăn, vướng mắc").fill("Mưa nhiều.")
        page.get_by_text("vừa lưu bản nháp; bản ấy vẫn được giữ").wait_for()
    assert stage_of(opened, opened.cycles[0]) is Stage.WAITING_SUBMISSION
