"""A report edited and approved in a real Chromium: the editor with scripts, the chair on a phone without."""

from __future__ import annotations

from pathlib import Path

from tests.builders import a_link, a_store
from tests.reports.issuing import CLOSED, ended
from tests.web.browsing import MARKS, browsing, follow, press, serious_faults
from tests.web.serving import served
from workflow.domain.reports.report_issue import Phase
from workflow.storage.access.links import Purpose
from workflow.storage.reports.approvals import asked_of, phase_of

pytestmark = MARKS


def test_the_office_edits_and_the_chair_approves_on_a_phone_without_scripts(tmp_path: Path) -> None:
    found = ended(a_store(tmp_path), tmp_path)
    with served(found.store, tmp_path, CLOSED) as url:
        office = f"{url}/o/{a_link(found.opened, 'van-phong', Purpose.OFFICE, now=CLOSED)}"
        with browsing(scripts=True, width=1280) as page:
            page.goto(f"{office}/reports")
            assert serious_faults(page) == []
            follow(page, "Sửa lời văn")
            page.get_by_label("Kết quả chung").fill("Lời của Văn phòng.")
            press(page, "Lưu bản thảo")
            page.get_by_text("Đã lưu bản thứ 2.").wait_for()
            assert serious_faults(page) == []
            follow(page, "‹ Báo cáo Quý I/2026")
            page.get_by_label("Bản thảo thứ 2 đã xem lại").check()
            press(page, "Trình phê duyệt")
            page.get_by_text("Đã trình phê duyệt").wait_for()
            page.goto(f"{office}/reports/2026-Q1/recipients")
            assert serious_faults(page) == []
            page.goto(f"{office}/reports/2026-Q1/lock")
            assert serious_faults(page) == []
        with browsing(scripts=False) as page:
            page.goto(f"{url}/l/{a_link(found.opened, 'bi-thu', Purpose.APPROVAL, now=CLOSED)}/approve")
            page.get_by_text("Lời của Văn phòng.").wait_for()
            width = page.evaluate("document.documentElement.scrollWidth")
            assert width <= 390
            page.get_by_role("link", name="Tới phần ghi ý kiến").click()
            page.get_by_label("Phê duyệt", exact=True).check()
            page.get_by_label("Tôi đã đọc bản thảo thứ 2").check()
            press(page, "Gửi ý kiến")
            page.get_by_text("Báo cáo đã được phê duyệt.").wait_for()
    with found.store.reading() as tx:
        issue = found.issue()
        assert phase_of(tx, issue, asked_of(tx, issue)) is Phase.APPROVED
