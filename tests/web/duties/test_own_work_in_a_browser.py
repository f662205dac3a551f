"""A unit's sitting in a real Chromium: figures reckoned while they are typed, files dropped and photographed
kept at once, the next item at hand, all that is ready sent together; no serious fault for axe."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import select

from tests.builders import a_link, a_plan, a_store, a_target, an_item, an_open_period
from tests.web.browsing import MARKS, browsing, follow, press, serious_faults
from tests.web.duties.test_evidence import a_photo
from tests.web.serving import served
from workflow.storage.tables import attachments, submissions

pytestmark = MARKS
DROP = """([zone, name]) => {
  const files = new DataTransfer();
  files.items.add(new File(["%PDF-1.7"], name, { type: "application/pdf" }));
  zone.dispatchEvent(new DragEvent("drop", { dataTransfer: files, bubbles: true, cancelable: true }));
}"""


def test_a_sitting_by_drafts_files_and_one_sending(tmp_path: Path) -> None:
    plan = a_plan(items=[an_item(n + 1, targets=(a_target(value="350", measure="hộ"),)) for n in range(2)])
    opened = an_open_period(a_store(tmp_path), plan=plan)
    photo = tmp_path / "IMG_0001.jpg"
    photo.write_bytes(a_photo())
    page_html = tmp_path / "trang.html"
    page_html.write_text("<html>")
    with (
        served(opened.store, tmp_path, opened.now) as url,
        browsing(scripts=True) as page,
    ):
        base = f"{url}/l/{a_link(opened, 'ubnd')}"
        page.goto(base)
        assert serious_faults(page) == []
        follow(page, "Soạn lần lượt từng nội dung")
        page.get_by_label("98% hồ sơ giải quyết đúng hạn").fill("1.050")
        assert page.get_by_text("bằng 300% kế hoạch").is_visible()
        page.get_by_label("Tiến độ thực hiện").fill("65")
        page.get_by_label("Kết quả thực hiện trong kỳ").fill("Đang thi công.")
        page.evaluate(DROP, [page.locator("[data-drop]").element_handle(), "Biên bản.pdf"])
        page.get_by_label("Biên bản.pdf").wait_for()
        page.get_by_label("Chụp ảnh").set_input_files(photo)
        page.get_by_label("IMG_0001.jpg").wait_for()
        page.get_by_label("Chọn tệp").set_input_files(page_html)
        page.get_by_text("Tệp “trang.html” là trang web").wait_for()
        page.get_by_label("Biên bản.pdf").uncheck()
        page.get_by_text("Đã lưu tạm").wait_for()
        assert serious_faults(page) == []

        follow(page, "Nội dung sau: I.2.1")
        page.wait_for_url(f"**/report/{opened.cycles[1]}")
        page.get_by_label("Tiến độ thực hiện").fill("40")
        page.get_by_label("Kết quả thực hiện trong kỳ").fill("Mới bắt đầu.")
        follow(page, "Tất cả việc cần làm")
        follow(page, "Kiểm tra và gửi 2 nội dung đã soạn đủ")
        assert serious_faults(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        page.get_by_label("Tôi đã kiểm tra").check()
        press(page, "Gửi các nội dung đã chọn")
        assert page.get_by_role("heading", name="Đã ghi nhận", exact=True).is_visible()
        page.goto(f"{base}/sheet")
        assert serious_faults(page) == []
    with opened.store.reading() as tx:
        assert tx.scalars(select(submissions.c.progress).order_by(submissions.c.cycle_id)).all() == [65, 40]
        assert tx.scalars(select(attachments.c.name)).all() == ["IMG_0001.jpg"]
