"""A report on its way from the draft to its recipients; on both databases."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest
from docx import Document
from sqlalchemy import func, select, update

from tests.reports.issuing import CLOSED, Ended, ended, reckoned_anew, reopen
from workflow.domain.cycles.cycle import Choice
from workflow.domain.errors import Conflict, NotAllowed
from workflow.domain.reports.report_issue import IssueKind, Phase
from workflow.domain.rules.routing_rules import ReportApproval
from workflow.reports.issuing import (
    begin_replacement,
    begin_report,
    issue_report,
    looks_of,
    recall_report,
    save_text,
)
from workflow.reports.period_reports import document_of, kept_report, period_report
from workflow.storage import Store
from workflow.storage.audit import verify
from workflow.storage.canonical import plain, revived
from workflow.storage.files import Files
from workflow.storage.people.absences import substitute
from workflow.storage.reports.approvals import ApprovalWord, ask, asked_of, decide, phase_of
from workflow.storage.reports.issues import Recipient, StaleDraft, issue_of, issue_out
from workflow.storage.reports.recipients import deliveries_of, resend, save_recipients
from workflow.storage.tables import audit, outbox, persons, report_drafts, reports


def phase(found: Ended) -> Phase:
    with found.store.reading() as tx:
        issue = issue_of(tx, found.issue().id)
        return phase_of(tx, issue, asked_of(tx, issue))


def edited(
    found: Ended, key: str, text: str, *, seen: int | None = None, seen_too: tuple[str, ...] = ()
) -> int:
    issue = found.issue()
    with found.store.begin() as tx:
        version = seen or issue.draft.version
        return save_text(tx, issue.id, version, {key: text}, (), found.office, CLOSED).version


def test_kept_figures_are_read_back_as_they_were(store: Store, tmp_path: Path) -> None:
    found = ended(store, tmp_path)
    with store.reading() as tx:
        report = kept_report(tx, found.period_id)
    assert report.scores
    assert revived(tuple[type(report.scores[0]), ...], plain(report.scores)) == report.scores
    assert revived(tuple[type(report.records[0]), ...], plain(report.records)) == report.records


def test_the_close_leaves_a_draft_once_and_the_office_is_told(store: Store, tmp_path: Path) -> None:
    found = ended(store, tmp_path)
    assert not begin_report(store, found.files, found.period_id, CLOSED)
    assert phase(found) is Phase.DRAFT
    with store.reading() as tx:
        told = tx.scalars(select(outbox.c.context).where(outbox.c.kind == "notice")).all()
        assert tx.scalar(select(func.count()).select_from(reports)) == 0
    assert [one["about"] for one in told] == ["report-drafted"] * 2


def test_an_edit_is_a_version_on_record_and_the_figures_stay(store: Store, tmp_path: Path) -> None:
    found = ended(store, tmp_path)
    assert edited(found, "overview", "Lời của Văn phòng.\nĐoạn thứ hai.") == 2
    assert edited(found, "overview", "Lời của Văn phòng.\nĐoạn thứ hai.") == 2
    with store.reading() as tx:
        report = document_of(tx, found.issue())
        entry = tx.execute(select(audit).where(audit.c.verb == "report-draft-saved")).one()
        assert report.whole == kept_report(tx, found.period_id).whole
    assert report.overview == ("Lời của Văn phòng.", "Đoạn thứ hai.")
    assert (entry.person_id, entry.details["passages"]) == (found.office, ["overview"])


def test_the_second_of_two_editors_is_refused_and_overwrites_nothing(store: Store, tmp_path: Path) -> None:
    found = ended(store, tmp_path)
    edited(found, "overview", "Người thứ nhất.")
    with pytest.raises(StaleDraft, match="Trịnh Thu Hà"):
        edited(found, "overview", "Người thứ hai.", seen=1)
    assert found.issue().draft.version == 2


def test_after_a_recompute_the_edited_passages_that_are_overtaken_are_named(
    store: Store, tmp_path: Path
) -> None:
    found = ended(store, tmp_path)
    edited(found, "overview", "Lời của Văn phòng.")
    edited(found, "proposals", "Đề nghị khen thưởng.")
    reckoned_anew(found)
    with store.reading() as tx:
        looks = {one.kept.key: one for one in looks_of(tx, found.issue())}
    assert [key for key, one in looks.items() if one.has_moved] == ["overview"]
    assert looks["overview"].text == "Lời của Văn phòng."
    assert "02/02" in looks["discipline"].text


def test_only_the_approved_version_with_its_figures_may_be_issued(store: Store, tmp_path: Path) -> None:
    found = ended(store, tmp_path)
    with pytest.raises(Conflict, match="chưa được phê duyệt"):
        found.send_out()
    assert found.say("bi-thu") is Choice.APPROVE
    edited(found, "overview", "Sửa sau khi phê duyệt.")
    assert phase(found) is Phase.DRAFT
    with pytest.raises(Conflict, match="chưa được phê duyệt"):
        found.send_out()
    assert found.say("bi-thu") is Choice.APPROVE
    reckoned_anew(found)
    with pytest.raises(Conflict, match="tính lại"):
        found.send_out()


def test_a_draft_altered_by_hand_is_no_longer_approved(store: Store, tmp_path: Path) -> None:
    found = ended(store, tmp_path)
    found.say("bi-thu")
    kept = plain(found.issue().draft.passages)
    kept[0]["text"] = "Lời khác."
    with store.begin() as tx:
        tx.execute(update(report_drafts).values(passages=kept))
    assert phase(found) is Phase.DRAFT


def test_a_return_needs_a_reason_and_sends_it_to_the_office(store: Store, tmp_path: Path) -> None:
    found = ended(store, tmp_path)
    with pytest.raises(NotAllowed, match="lý do"):
        found.say("bi-thu", choice=Choice.RETURN)
    assert found.say("bi-thu", choice=Choice.RETURN, reason="Thiếu kiến nghị.") is Choice.RETURN
    assert phase(found) is Phase.RETURNED
    edited(found, "proposals", "Đề nghị bổ sung kinh phí.")
    assert found.say("bi-thu") is Choice.APPROVE


def test_nobody_but_those_on_the_roll_approves(store: Store, tmp_path: Path) -> None:
    found = ended(store, tmp_path)
    with pytest.raises(NotAllowed):
        found.say("pho-bi-thu")
    assert phase(found) is Phase.DRAFT


def test_a_word_on_a_draft_that_was_put_forward_anew_is_refused(store: Store, tmp_path: Path) -> None:
    found = ended(store, tmp_path)
    issue = found.issue()
    with store.begin() as tx:
        first = ask(tx, issue.id, 1, found.office, CLOSED)
    edited(found, "overview", "Bản mới.")
    found.put_before()
    with pytest.raises(Conflict), store.begin() as tx:
        word = ApprovalWord(first.id, first.sha256, Choice.APPROVE)
        decide(tx, issue.id, found.opened.person("bi-thu"), word, CLOSED)


def test_a_committee_approves_by_more_than_half_of_all_its_members(store: Store, tmp_path: Path) -> None:
    found = ended(store, tmp_path, ReportApproval.COMMITTEE)
    assert found.say("bi-thu", "pho-bi-thu") is None
    assert phase(found) is Phase.ASKED
    assert found.say("uy-vien-1") is Choice.APPROVE
    assert phase(found) is Phase.APPROVED


def test_an_issued_report_bears_its_number_and_day_in_its_files(store: Store, tmp_path: Path) -> None:
    found = ended(store, tmp_path)
    edited(found, "overview", "Lời của Văn phòng.")
    found.say("bi-thu")
    issue = found.send_out()
    assert [one.name for one in issue.files] == [
        "bao-cao-so-12-bc-du-2026-q1.docx",
        "bao-cao-so-12-bc-du-2026-q1.xlsx",
    ]
    document = Document(BytesIO(found.files.get(issue.files[0].sha256)))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    told = "\n".join([*(one.text for one in document.paragraphs), *cells])
    assert "12-BC/ĐU" in told
    assert "01 tháng 5 năm 2026" in told
    assert "Lời của Văn phòng." in told
    with store.reading() as tx:
        assert verify(tx)[1] == []


def test_a_number_of_the_year_is_used_once(store: Store, tmp_path: Path) -> None:
    found = ended(store, tmp_path)
    found.say("bi-thu")
    found.send_out("05-BC/ĐU")
    with store.begin() as tx:
        begin_replacement(tx, found.period_id, IssueKind.REPLACEMENT, "Sai tên", found.office, CLOSED)
    found.say("bi-thu")
    with pytest.raises(Conflict, match="Số 5 - bc/đu đã dùng cho báo cáo Quý I/2026 ngày 01/05/2026"):
        found.send_out("5 - bc/đu")
    assert found.send_out("06-BC/ĐU").number == "06-BC/ĐU"


def test_a_report_is_dated_between_the_close_and_today(store: Store, tmp_path: Path) -> None:
    found = ended(store, tmp_path)
    found.say("bi-thu")
    for days in (-1, 1):
        with pytest.raises(NotAllowed, match="từ ngày khóa kỳ"):
            issue_report(
                store,
                found.files,
                found.issue().id,
                1,
                "12-BC/ĐU",
                CLOSED.date() + timedelta(days=days),
                found.office,
                CLOSED,
            )


def test_an_issued_report_is_not_redrawn_when_figures_change_but_replaced(
    store: Store, tmp_path: Path
) -> None:
    found = ended(store, tmp_path)
    edited(found, "proposals", "Đề nghị khen thưởng.")
    found.say("bi-thu")
    first = found.send_out()
    reckoned_anew(found)
    later = CLOSED + timedelta(days=3)
    with store.reading() as tx:
        shown = period_report(tx, found.period_id, later)
        out = issue_out(tx, found.period_id)
    assert "01/02" in " ".join(shown.discipline)
    assert out is not None
    assert out.files == first.files
    with store.begin() as tx:
        begin_replacement(tx, found.period_id, IssueKind.REPLACEMENT, "Số liệu tính lại", found.office, later)
        new = document_of(tx, found_issue := issue_of(tx, first.id + 1))
    assert found_issue.recipients == first.recipients
    assert "02/02" in " ".join(new.discipline)
    assert new.proposals == ("Đề nghị khen thưởng.",)
    assert new.subject.endswith("(thay thế Báo cáo số 12-BC/ĐU ngày 01/05/2026)")


def test_a_reopened_cycle_under_way_changes_nothing_of_the_draft(store: Store, tmp_path: Path) -> None:
    found = ended(store, tmp_path)
    with store.reading() as tx:
        before = document_of(tx, found.issue())
    reopen(found)
    with store.reading() as tx:
        assert document_of(tx, found.issue()) == before


def test_the_list_is_kept_per_report_and_printed_and_mail_goes_to_outsiders_too(
    store: Store, tmp_path: Path
) -> None:
    found = ended(store, tmp_path)
    wanted = (
        Recipient("Ban Thường vụ Thành ủy (để báo cáo)", "thanh-uy@tinh.example"),
        Recipient("Các chi bộ trực thuộc"),
        Recipient("Trịnh Thu Hà", "Van-Phong@hoaxuan.example", is_printed=False),
    )
    with store.begin() as tx:
        save_recipients(tx, found.issue(), wanted, found.office, CLOSED, as_usual=True)
    found.say("bi-thu")
    issue = found.send_out()
    with store.reading() as tx:
        sent = deliveries_of(tx, issue)
        printed = document_of(tx, issue).heading.recipients
        outside = tx.execute(select(persons).where(persons.c.is_outside)).one()
    assert [(one.label, one.state) for one in sent] == [
        ("Ban Thường vụ Thành ủy (để báo cáo)", "waiting"),
        ("Trịnh Thu Hà", "waiting"),
    ]
    assert printed == ("Ban Thường vụ Thành ủy (để báo cáo)", "Các chi bộ trực thuộc")
    assert outside.email == "thanh-uy@tinh.example"


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ((Recipient("A", "khong-phai-thu"),), "không phải là một địa chỉ"),
        ((Recipient("", "a@b.vn"),), "chưa ghi tên"),
        ((Recipient("A", "a@b.vn"), Recipient("B", "A@b.vn")), "ghi hai lần"),
    ],
)
def test_a_line_that_cannot_stand_in_the_list_is_told(
    sqlite_store: Store, tmp_path: Path, lines: tuple[Recipient, ...], told: str
) -> None:
    found = ended(sqlite_store, tmp_path)
    with pytest.raises(NotAllowed, match=told), sqlite_store.begin() as tx:
        save_recipients(tx, found.issue(), lines, found.office, CLOSED)


def test_a_mail_is_sent_again_and_a_recall_goes_to_the_same_people(store: Store, tmp_path: Path) -> None:
    found = ended(store, tmp_path)
    found.say("bi-thu")
    issue = found.send_out()
    with store.begin() as tx:
        first, second = deliveries_of(tx, issue)
        tx.execute(update(outbox).where(outbox.c.id == first.outbox_id).values(state="sent", sent_at=CLOSED))
        tx.execute(update(outbox).where(outbox.c.id == second.outbox_id).values(state="bounced", error="550"))
    with store.begin() as tx:
        resend(tx, issue, first.outbox_id, found.office, CLOSED)
        resend(tx, issue, second.outbox_id, found.office, CLOSED)
        assert recall_report(tx, issue.id, "Sai số liệu", found.office, CLOSED) == 2
        rows = deliveries_of(tx, issue)
    states = sorted((one.kind, one.state, one.n_again) for one in rows)
    assert states == [
        ("report", "retry", 1),
        ("report", "sent", 0),
        ("report", "waiting", 1),
        ("report-recalled", "waiting", 0),
        ("report-recalled", "waiting", 0),
    ]
    assert phase(found) is Phase.RECALLED
    with store.reading() as tx:
        assert issue_out(tx, found.period_id) is None


def test_without_approval_by_rule_the_report_goes_out_at_the_close_unnumbered(
    store: Store, tmp_path: Path
) -> None:
    found = ended(store, tmp_path, ReportApproval.NONE)
    assert not begin_report(store, found.files, found.period_id, CLOSED)
    issue = found.issue()
    assert issue.is_out
    assert [one.name for one in issue.files] == ["bao-cao-2026-q1.docx", "bao-cao-2026-q1.xlsx"]
    with store.reading() as tx:
        assert len(deliveries_of(tx, issue)) == 2


def test_a_close_that_died_before_the_report_went_out_is_finished_by_the_next_call(
    sqlite_store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Dead(Exception):
        pass

    def die(*_: object) -> None:
        raise Dead

    with monkeypatch.context() as broken:
        broken.setattr("workflow.reports.issuing.files_of", die)
        with pytest.raises(Dead):
            ended(sqlite_store, tmp_path, ReportApproval.NONE)
    assert begin_report(sqlite_store, Files(f"file://{tmp_path}/files"), 1, CLOSED)
    with sqlite_store.reading() as tx:
        assert issue_of(tx, 1).is_out


def test_a_substitute_approves_for_the_absent_chair(store: Store, tmp_path: Path) -> None:
    found = ended(store, tmp_path)
    chair, deputy = found.opened.person("bi-thu"), found.opened.person("pho-bi-thu")
    with store.begin() as tx:
        substitute(tx, chair, deputy, CLOSED.date(), CLOSED.date(), votes=True, now=CLOSED)
    assert found.say("pho-bi-thu") is Choice.APPROVE
    with store.reading() as tx:
        asked = asked_of(tx, found.issue())
    assert asked is not None
    assert [(one.member, one.person) for one in asked.said] == [("Hoàng Văn Thành", "Ngô Thị Bích Thủy")]


def test_a_report_a_substitute_approved_is_signed_by_the_substitute_under_their_own_office(
    store: Store, tmp_path: Path
) -> None:
    found = ended(store, tmp_path)
    chair, deputy = found.opened.person("bi-thu"), found.opened.person("pho-bi-thu")
    with store.begin() as tx:
        substitute(tx, chair, deputy, CLOSED.date(), CLOSED.date(), votes=True, now=CLOSED)
    with store.reading() as tx:
        assert document_of(tx, found.issue()).heading.signer == "Hoàng Văn Thành"
    found.say("pho-bi-thu")
    with store.reading() as tx:
        heading = document_of(tx, found.issue()).heading
    assert heading.signer == "Ngô Thị Bích Thủy"
    assert heading.signs_as.startswith("PHÓ BÍ THƯ")
