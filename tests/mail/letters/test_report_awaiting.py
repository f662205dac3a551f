"""A report that waits for approval: who is reminded, before and after the day, and what the office hears."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import event

from tests.builders import a_store
from tests.mail.post_office import PostOffice, a_post_office, swept_and_sent, words_of
from tests.reports.issuing import CLOSED, Ended, ended, reckoned_anew
from workflow.domain.reports.report_issue import IssueKind
from workflow.domain.rules.routing_rules import ReportApproval
from workflow.reports.issuing import begin_replacement, recall_report, save_text
from workflow.storage import Store
from workflow.storage.people.absences import substitute
from workflow.storage.periods.watched import watched_periods
from workflow.storage.reports.approvals import remind
from workflow.storage.reports.awaiting import awaited_in, remind_approvers
from workflow.storage.reports.overtaken import intend_overtaken_notices

# Put before them on 1 May 2026, a holiday: three working days end on Wednesday the 6th.
ASKED_NOT_DUE, DUE, LATE = (CLOSED + timedelta(days=days) for days in (3, 5, 6))


async def looked(found: Ended, office: PostOffice, folder: Path, at: datetime) -> None:
    """The morning of a day on which that period is looked after."""
    await swept_and_sent(found.opened, folder, office, at)


def subjects(office: PostOffice, box: str) -> list[str]:
    return [one["Subject"] for one in office.mails_to(box) if "phê duyệt" in one["Subject"]]


async def test_who_has_not_approved_a_report_is_reminded_once_a_day_until_they_answer(tmp_path: Path) -> None:
    found = ended(a_store(tmp_path), tmp_path, ReportApproval.COMMITTEE)
    with a_post_office() as office:
        await looked(found, office, tmp_path, CLOSED)
        found.say("bi-thu")
        for days in range(8):
            await looked(found, office, tmp_path, CLOSED + timedelta(days=days))
    assert subjects(office, "bi-thu") == ["[Quý I/2026] Trình phê duyệt báo cáo"]
    assert subjects(office, "pho-bi-thu") == [
        "[Quý I/2026] Trình phê duyệt báo cáo",
        "[Quý I/2026] Báo cáo chờ phê duyệt, hạn 06/5",
        "[Quý I/2026] Báo cáo chờ phê duyệt, hạn 06/5",
        "[Quý I/2026] Báo cáo chờ phê duyệt, đã quá hạn 06/5",
        "[Quý I/2026] Báo cáo chờ phê duyệt, đã quá hạn 06/5",
    ]
    first, reminder = office.mails_to("pho-bi-thu")[-5:-3]
    assert "Hạn cho ý kiến: hết thứ Tư, 06/5/2026." in words_of(first)
    assert "/approve>" in words_of(reminder)


async def test_an_approver_is_left_in_peace_on_the_days_the_rule_does_not_name(tmp_path: Path) -> None:
    # Put before them on 1 May, five working days: Friday the 8th. The rule names Tuesday, Thursday, Friday.
    found = ended(a_store(tmp_path), tmp_path, approve_working_days=5)
    days = []
    with a_post_office() as office:
        await looked(found, office, tmp_path, CLOSED)
        found.put_before()
        for count in range(3, 11):
            before = len(subjects(office, "bi-thu"))
            await looked(found, office, tmp_path, CLOSED + timedelta(days=count))
            days += [count] if any("chờ" in one for one in subjects(office, "bi-thu")[before:]) else []
    assert days == [4, 6, 7, 10]


async def test_the_office_hears_each_day_whose_word_on_the_report_is_late(tmp_path: Path) -> None:
    found = ended(a_store(tmp_path), tmp_path)
    found.put_before()
    with a_post_office() as office:
        await looked(found, office, tmp_path, DUE)
        assert not [one for one in office.mails_to("van-phong") if "chậm cho ý kiến" in one["Subject"]]
        await looked(found, office, tmp_path, LATE)
    (told,) = (one for one in office.mails_to("van-phong") if "chậm cho ý kiến" in one["Subject"])
    words = " ".join(words_of(told).split())
    assert "Hạn phê duyệt báo cáo là 06/5, trễ 1 ngày làm việc. Chưa có ý kiến: Hoàng Văn Thành" in words
    assert "/reports>" in words


async def test_who_stands_in_for_an_approver_is_reminded_in_their_place(tmp_path: Path) -> None:
    found = ended(a_store(tmp_path), tmp_path)
    chair, deputy = found.opened.person("bi-thu"), found.opened.person("pho-bi-thu")
    found.put_before()
    with found.store.begin() as tx:
        on = DUE.date()
        substitute(tx, chair, deputy, on, on, votes=True, now=CLOSED)
    with a_post_office() as office:
        await looked(found, office, tmp_path, DUE)
    assert "[Quý I/2026] Báo cáo chờ phê duyệt, hạn 06/5" in subjects(office, "pho-bi-thu")


async def test_who_was_sent_the_link_again_today_is_not_reminded_today(tmp_path: Path) -> None:
    found = ended(a_store(tmp_path), tmp_path)
    with a_post_office() as office:
        await looked(found, office, tmp_path, CLOSED)
        found.put_before()
        with found.store.begin() as tx:
            remind(tx, found.issue().id, DUE)
        await looked(found, office, tmp_path, DUE)
    assert subjects(office, "bi-thu") == ["[Quý I/2026] Trình phê duyệt báo cáo"] * 2


def test_a_report_waits_for_nobody_once_it_is_decided_or_edited(store: Store, tmp_path: Path) -> None:
    found = ended(store, tmp_path)
    found.put_before()
    with store.reading() as tx:
        (one,) = awaited_in(tx, watched_periods(tx, LATE))
        assert (one.until, one.late, one.asked.awaited) == (DUE.date(), 1, ("Hoàng Văn Thành",))
    found.say("bi-thu")
    with store.reading() as tx:
        assert awaited_in(tx, watched_periods(tx, LATE)) == []


async def test_figures_reckoned_anew_are_told_to_the_office_and_to_who_had_approved(tmp_path: Path) -> None:
    found = ended(a_store(tmp_path), tmp_path, ReportApproval.COMMITTEE)
    found.say("bi-thu")
    reckoned_anew(found)
    with a_post_office() as office:
        await looked(found, office, tmp_path, LATE)
        await looked(found, office, tmp_path, LATE + timedelta(hours=1))
    (told,) = (one for one in office.mails_to("van-phong") if "đã tính lại" in one["Subject"])
    words = " ".join(words_of(told).split())
    assert "Số liệu Quý I/2026 đã tính lại (lần 2): mở lại" in words
    assert "bản thảo báo cáo thứ 1 không còn hiệu lực. 1 người đã cho ý kiến cũng được báo." in words
    assert "lưu theo số liệu mới rồi trình phê duyệt" in words
    assert "/reports>" in words
    (void,) = (one for one in office.mails_to("bi-thu") if "không còn hiệu lực" in one["Subject"])
    assert "Văn phòng sẽ cập nhật bản thảo và trình lại" in " ".join(words_of(void).split())
    assert not [one for one in office.mails_to("uy-vien-1") if "không còn hiệu lực" in one["Subject"]]
    assert not [one for one in subjects(office, "uy-vien-1") if "chờ phê duyệt" in one]


async def told_of_new_figures(found: Ended, office: PostOffice, folder: Path) -> str:
    """What the office's mail about figures reckoned anew says, with its subject."""
    await looked(found, office, folder, LATE)
    (told,) = (one for one in office.mails_to("van-phong") if "đã tính lại" in one["Subject"])
    return " ".join([told["Subject"], *words_of(told).split()])


async def test_as_many_are_said_to_be_told_that_their_word_is_void_as_are_told(tmp_path: Path) -> None:
    found = ended(a_store(tmp_path), tmp_path, ReportApproval.COMMITTEE)
    found.say("pho-bi-thu")
    with found.store.begin() as tx:
        away, on = found.opened.person("pho-bi-thu"), CLOSED.date()
        substitute(tx, away, found.opened.person("doan"), on, on, votes=True, now=CLOSED)
    found.say("doan")
    reckoned_anew(found)
    with a_post_office() as office:
        words = await told_of_new_figures(found, office, tmp_path)
        boxes = {box for box, _ in office.accepted}
        void = [
            box
            for box in boxes
            for one in office.mails_to(box)
            if "phê duyệt báo cáo không" in one["Subject"]
        ]
    assert "2 người đã cho ý kiến cũng được báo." in words
    assert sorted(void) == ["doan@hoaxuan.example", "pho-bi-thu@hoaxuan.example"]


async def test_where_nobody_has_said_anything_nobody_is_said_to_be_told(tmp_path: Path) -> None:
    found = ended(a_store(tmp_path), tmp_path)
    found.put_before()
    reckoned_anew(found)
    with a_post_office() as office:
        words = await told_of_new_figures(found, office, tmp_path)
    assert "bản thảo báo cáo thứ 1 không còn hiệu lực." in words
    assert "cũng được báo" not in words


async def test_where_nobody_approves_new_figures_speak_of_no_approval(tmp_path: Path) -> None:
    found = ended(a_store(tmp_path), tmp_path, ReportApproval.NONE)
    with found.store.begin() as tx:
        recall_report(tx, found.issue().id, "Sai số liệu.", found.office, CLOSED)
        begin_replacement(tx, found.period_id, IssueKind.REPLACEMENT, "Sửa", found.office, CLOSED)
    reckoned_anew(found)
    with a_post_office() as office:
        words = await told_of_new_figures(found, office, tmp_path)
    assert "báo cáo cần cập nhật trước khi phát hành" in words
    assert "còn theo số liệu cũ nên chưa phát hành được" in words
    assert "lưu theo số liệu mới rồi phát hành." in words
    assert not re.search("trình|phê duyệt", words)


def test_a_sweep_reads_no_notices_while_no_text_speaks_of_older_figures(store: Store, tmp_path: Path) -> None:
    found = ended(store, tmp_path)
    assert not notices_read(found)
    reckoned_anew(found)
    assert notices_read(found)


def notices_read(found: Ended) -> list[str]:
    """The questions about mails when it is looked for reports that were overtaken or wait for an approval."""
    asked: list[str] = []

    def note(connection: Any, cursor: Any, statement: str, *_: Any) -> None:
        asked.append(statement)

    event.listen(found.store.engine, "before_cursor_execute", note)
    try:
        with found.store.begin() as tx:
            watched = watched_periods(tx, LATE)
            intend_overtaken_notices(tx, watched, LATE)
            remind_approvers(tx, watched, LATE)
    finally:
        event.remove(found.store.engine, "before_cursor_execute", note)
    return [one for one in asked if "FROM outbox" in one]


async def test_a_draft_brought_up_to_the_new_figures_is_told_no_more(
    tmp_path: Path,
) -> None:
    found = ended(a_store(tmp_path), tmp_path)
    reckoned_anew(found)
    with found.store.begin() as tx:
        assert not intend_overtaken_notices(tx, watched_periods(tx, LATE), LATE), "the sweep has told it"
    with a_post_office() as office:
        with found.store.begin() as tx:
            save_text(tx, found.issue().id, 1, {}, (), found.office, LATE)
        await looked(found, office, tmp_path, LATE)
    assert not [one for one in office.mails_to("van-phong") if "đã tính lại" in one["Subject"]]
