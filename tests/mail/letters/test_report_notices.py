"""What mails say of a report on its way, and that they fall silent when it has moved on."""

from __future__ import annotations

import re
from pathlib import Path

from tests.builders import a_store
from tests.mail.post_office import PostOffice, Sending, a_post_office, words_of
from tests.reports.issuing import CLOSED, Ended, ended
from workflow.domain.cycles.cycle import Choice
from workflow.domain.reports.report_issue import IssueKind
from workflow.reports.issuing import begin_replacement, recall_report, save_text
from workflow.storage.reports.issues import Recipient
from workflow.storage.reports.recipients import save_recipients
from workflow.storage.results.locking import latest_manifest


async def sent(found: Ended, office: PostOffice, folder: Path) -> None:
    sending = Sending(found.opened, folder, office.port)
    sending.clock.set(CLOSED)
    await sending.mailer().drain(500)


async def test_the_draft_leads_the_office_to_it_and_the_chair_to_the_approval(tmp_path: Path) -> None:
    found = ended(a_store(tmp_path), tmp_path)
    with a_post_office() as office:
        await sent(found, office, tmp_path)
        found.put_before()
        await sent(found, office, tmp_path)
        draft, asked = office.mails_to("van-phong")[-1], office.mails_to("bi-thu")[-1]
        assert draft["Subject"] == "[Quý I/2026] Bản thảo báo cáo đã lập, mời biên tập"
        assert re.search(r"/o/\S+/reports> ", words_of(draft))
        assert asked["Subject"] == "[Quý I/2026] Trình phê duyệt báo cáo"
        assert re.search(r"Đọc và phê duyệt: <\S+/l/\S+/approve> ", words_of(asked))
        found.say("bi-thu", choice=Choice.RETURN, reason="Thiếu kiến nghị.")
        await sent(found, office, tmp_path)
        returned = office.mails_to("van-phong")[-1]
    assert returned["Subject"] == "[Quý I/2026] Báo cáo bị trả lại"
    assert "Hoàng Văn Thành: “Thiếu kiến nghị.”" in words_of(returned)


async def test_a_draft_edited_before_the_mail_went_out_is_not_put_before_anybody(tmp_path: Path) -> None:
    found = ended(a_store(tmp_path), tmp_path)
    found.put_before()
    with found.store.begin() as tx:
        save_text(tx, found.issue().id, 1, {"overview": "Lời khác."}, (), found.office, CLOSED)
    with a_post_office() as office:
        await sent(found, office, tmp_path)
    assert [one["Subject"] for one in office.mails_to("bi-thu") if "Trình" in one["Subject"]] == []


async def test_the_report_goes_to_the_list_with_its_number_and_the_locks_hash(tmp_path: Path) -> None:
    found = ended(a_store(tmp_path), tmp_path)
    with found.store.begin() as tx:
        outside = (Recipient("Thành ủy (để báo cáo)", "thanh-uy@tinh.example"),)
        save_recipients(tx, found.issue(), outside, found.office, CLOSED)
    found.say("bi-thu")
    found.send_out()
    with a_post_office() as office:
        await sent(found, office, tmp_path)
        (mail,) = office.mails_to("thanh-uy@tinh.example")
        assert mail["Subject"] == "[Quý I/2026] Báo cáo số 12-BC/ĐU, kèm 2 tệp"
        with found.store.reading() as tx:
            manifest = latest_manifest(tx, found.period_id)
        assert manifest is not None
        assert manifest.sha256 in words_of(mail)
        assert "Báo cáo số 12-BC/ĐU ngày 01/5/2026" in words_of(mail)
        names = [one.get_filename() for one in mail.iter_attachments()]
        assert names == ["bao-cao-so-12-bc-du-2026-q1.docx", "bao-cao-so-12-bc-du-2026-q1.xlsx"]

        with found.store.begin() as tx:
            recall_report(tx, found.issue().id, "Sai số liệu mục I.1.", found.office, CLOSED)
            kind = IssueKind.REPLACEMENT
            begin_replacement(tx, found.period_id, kind, "Sửa số liệu mục I.1", found.office, CLOSED)
        found.say("bi-thu")
        found.send_out("13-BC/ĐU")
        await sent(found, office, tmp_path)
        _, recalled, replaced = office.mails_to("thanh-uy@tinh.example")
    assert recalled["Subject"] == "[Quý I/2026] Thu hồi báo cáo số 12-BC/ĐU"
    assert "Lý do: Sai số liệu mục I.1." in words_of(recalled)
    assert "Báo cáo này thay thế báo cáo số 12-BC/ĐU ngày 01/5/2026." in words_of(replaced)
    assert "Lý do: Sửa số liệu mục I.1" in words_of(replaced)
