"""A whole quarter in a real Chromium, with scripts off and on: the office, the units and the committee each
act through the mail they got, and nobody types an address but the office's own sign-in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from tests.builders import OFFICER, Opened, StoppedClock, a_directory, a_plan, a_store
from tests.web.browsing import MARKS, browsing, follow, press
from tests.web.serving import served
from tests.web.signing import link_in, mails_sent
from workflow.domain.cycles.cycle import Stage
from workflow.storage import Store
from workflow.storage.audit import verify
from workflow.storage.cycles.heads import stages_of
from workflow.storage.people.directory import save_directory, unit_ids
from workflow.storage.plans.plans import save_plan
from workflow.storage.tables import periods, persons

pytestmark = MARKS

SATURDAY = 5

MEMBERS = ("bi-thu", "pho-bi-thu", "uy-vien-1", "uy-vien-2", "uy-vien-3")


@dataclass
class Quarter:
    """The people of a ward over one browser: they read their mail and click."""

    store: Store
    folder: Path
    clock: StoppedClock
    page: Any
    url: str
    opened: Opened

    def mail(self) -> dict[str, str]:
        """What came on the next working day, by mailbox: nobody is written to on a Sunday."""
        self.clock.set(self.clock.now() + timedelta(days=1))
        while self.clock.now().weekday() >= SATURDAY:
            self.clock.set(self.clock.now() + timedelta(days=1))
        return mails_sent(self.opened, self.folder, self.clock, self.url)

    def go_to(self, text: str) -> None:
        """Clicks the link of a mail."""
        self.page.goto(link_in(text))

    def sign_in(self, path: str) -> None:
        """The office signs in by its mail, and is where it wanted to go."""
        self.page.goto(f"{self.url}/o/me{path}")
        self.page.get_by_label("Địa chỉ thư").fill(OFFICER)
        press(self.page, "Gửi đường dẫn đăng nhập")
        self.go_to(mails_sent(self.opened, self.folder, self.clock, self.url)[OFFICER])
        press(self.page, "Đăng nhập")
        assert self.page.url.endswith(path)

    def shows(self, text: str) -> bool:
        """Whether the page says it."""
        return bool(self.page.get_by_text(text).first.is_visible())

    def is_recorded(self) -> bool:
        """Whether the page says that it is written down."""
        return bool(self.page.get_by_role("heading", name="Đã ghi nhận", exact=True).is_visible())

    def report(
        self, code: str, progress: str, body: str, evidence: Path | None = None, *, is_again: bool = False
    ) -> None:
        """The unit reports one item from the page its mail leads to; what it sends again it says it has
        looked at, as the boxes are filled in already."""
        follow(self.page, f"Báo cáo nội dung {code}")
        self.page.get_by_label("Tiến độ thực hiện").fill(progress)
        self.page.get_by_label("Kết quả thực hiện trong kỳ").fill(body)
        if evidence:
            self.page.get_by_label("Chọn tệp").set_input_files(evidence)
        if is_again:
            self.page.get_by_label("Tôi đã kiểm tra nội dung báo cáo").check()
        press(self.page, "Gửi báo cáo")
        assert self.is_recorded()

    def decide(self, code: str, choice: str, reason: str) -> None:
        """Chooses for one item and says why."""
        group = self.page.get_by_role("group", name=code)
        group.get_by_text(choice, exact=True).click()
        group.get_by_label("Lý do").fill(reason)

    def stages(self) -> dict[Stage, int]:
        """How many cycles stand where, without the stages that hold none."""
        with self.store.reading() as tx:
            period = tx.execute(select(periods.c.id)).scalar_one()
            return {stage: n for stage, n in stages_of(tx, period).items() if n}


def a_quarter_not_opened(folder: Path) -> Opened:
    """A ward's directory and plan, and no period yet."""
    store, clock = a_store(folder), StoppedClock()
    with store.begin() as tx:
        organisation = save_directory(tx, a_directory())
        plan = save_plan(tx, organisation, a_plan(2), clock.now())
        people = dict(tx.execute(select(persons.c.email, persons.c.id)).all())
        return Opened(store, organisation, plan, 0, (), people, unit_ids(tx, organisation), clock.now())


@pytest.mark.parametrize("scripts", [False, True], ids=["scripts off", "scripts on"])
def test_everyone_does_the_quarter_through_the_mail_they_got(tmp_path: Path, scripts: bool) -> None:
    opened, clock = a_quarter_not_opened(tmp_path), StoppedClock()
    evidence = tmp_path / "Biên bản nghiệm thu.pdf"
    evidence.write_bytes(b"%PDF-1.4")
    with (
        served(opened.store, tmp_path, opened.now, clock=clock) as url,
        browsing(scripts=scripts) as page,
    ):
        quarter = Quarter(opened.store, tmp_path, clock, page, url, opened)

        # The office signs in by its mail and opens the quarter.
        quarter.sign_in("/periods")
        page.get_by_label("Kỳ", exact=True).select_option("2026-Q1")
        press(page, "Xem trước")
        page.get_by_label("Tôi đã xem và mở kỳ này").check()
        press(page, "Mở Quý I/2026")
        assert quarter.stages() == {Stage.WAITING_SUBMISSION: 2}

        # The lead unit reports, one item with evidence.
        quarter.go_to(quarter.mail()["ubnd@hoaxuan.example"])
        quarter.report("I.1.1", "65", "Đã lát xong đoạn 1, đang thi công đoạn 2.", evidence)
        follow(page, "Tất cả việc còn lại")
        quarter.report("I.2.1", "90", "Đã tiếp nhận 1.240 hồ sơ.")
        assert quarter.stages() == {Stage.WAITING_CONFIRMATION: 2}

        # One coordinating unit objects to an item and agrees to the other, the second agrees to both.
        mails = quarter.mail()
        quarter.go_to(mails["mttq@hoaxuan.example"])
        assert quarter.shows("Đã lát xong đoạn 1")
        quarter.decide("I.1.1", "Không đồng ý", "Đoạn 1 chưa nghiệm thu.")
        page.get_by_label("trả lời với trách nhiệm của đơn vị").check()
        press(page, "Đồng ý tất cả còn lại")
        assert quarter.is_recorded()
        quarter.go_to(mails["cong-an@hoaxuan.example"])
        page.get_by_label("trả lời với trách nhiệm của đơn vị").check()
        press(page, "Đồng ý tất cả còn lại")
        assert quarter.stages() == {Stage.WAITING_SUBMISSION: 1, Stage.WAITING_APPROVAL: 1}

        # The lead is told of the objection and reports again; the units confirm the new version.
        quarter.go_to(quarter.mail()["ubnd@hoaxuan.example"])
        assert quarter.shows("Đoạn 1 chưa nghiệm thu.")
        quarter.report("I.1.1", "60", "Đoạn 1 đã nghiệm thu ngày 04/3, kèm biên bản.", is_again=True)
        mails = quarter.mail()
        for box in ("mttq", "cong-an"):
            quarter.go_to(mails[f"{box}@hoaxuan.example"])
            page.get_by_label("trả lời với trách nhiệm của đơn vị").check()
            press(page, "Đồng ý tất cả còn lại")
            assert quarter.is_recorded()
        assert quarter.stages() == {Stage.WAITING_APPROVAL: 2}

        # All members vote, as the ready rules ask: more than half return one item and approve the other.
        mails = quarter.mail()
        for box in MEMBERS:
            quarter.go_to(mails[f"{box}@hoaxuan.example"])
            if box not in ("uy-vien-2", "uy-vien-3"):
                quarter.decide("I.2.1", "Trả lại", "Ghi rõ số hồ sơ đúng hạn.")
            page.get_by_label("tự mình biểu quyết").check()
            press(page, "Tán thành tất cả còn lại")
            assert quarter.is_recorded()
        assert quarter.stages() == {Stage.WAITING_SUBMISSION: 1, Stage.APPROVED: 1}

        # It goes round once more, and every item is approved.
        quarter.go_to(quarter.mail()["ubnd@hoaxuan.example"])
        assert quarter.shows("Ghi rõ số hồ sơ đúng hạn.")
        quarter.report("I.2.1", "92", "Đúng hạn 1.221/1.240 hồ sơ, đạt 98,5%.", is_again=True)
        mails = quarter.mail()
        for box in ("mttq", "cong-an"):
            quarter.go_to(mails[f"{box}@hoaxuan.example"])
            page.get_by_label("trả lời với trách nhiệm của đơn vị").check()
            press(page, "Đồng ý tất cả còn lại")
        mails = quarter.mail()
        for box in MEMBERS:
            quarter.go_to(mails[f"{box}@hoaxuan.example"])
            page.get_by_label("tự mình biểu quyết").check()
            press(page, "Tán thành tất cả còn lại")
        assert quarter.stages() == {Stage.APPROVED: 2}

        # Weeks have passed, so the office signs in anew, and closes the quarter.
        quarter.sign_in("/periods")
        follow(page, "Khóa kỳ…")
        page.get_by_label("Tôi chắc chắn khóa kỳ này").check()
        press(page, "Khóa kỳ")
        assert quarter.stages() == {Stage.APPROVED: 2}
        assert "Quý I/2026" in quarter.mail()[OFFICER]
    with opened.store.reading() as tx:
        assert tx.execute(select(periods.c.closed_at)).scalar_one() is not None
        assert verify(tx)[1] == []
