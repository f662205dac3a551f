"""A report edited, approved, numbered, sent and locked on the real pages, by a plain client."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from httpx import Response
from sqlalchemy import func, select, update
from starlette.testclient import TestClient

from tests.builders import StoppedClock, a_link, a_store
from tests.reports.issuing import CLOSED, Ended, ended, reckoned_anew
from tests.web.visiting import Form, form_of, page_of, text_of
from workflow.cli.running import pages_of
from workflow.domain.cycles.cycle import Choice
from workflow.domain.rules.routing_rules import ReportApproval
from workflow.settings import Settings
from workflow.storage.access.links import Purpose
from workflow.storage.tables import ballots, outbox, report_ballots, report_drafts

AT = "?period=2026-Q1"


@dataclass
class Site:
    """The pages over a closed period, and who asks for them."""

    found: Ended
    client: TestClient

    @property
    def office(self) -> str:
        return f"/o/{a_link(self.found.opened, 'van-phong', Purpose.OFFICE, now=CLOSED)}"

    def approver(self, box: str = "bi-thu") -> str:
        return f"/l/{a_link(self.found.opened, box, Purpose.APPROVAL, now=CLOSED)}"

    def post(self, form: Form, **fields: str) -> Response:
        answer: Response = self.client.post(form.action, data=form.filled(**fields))
        return answer

    def count(self, table) -> int:
        with self.found.store.reading() as tx:
            return tx.scalar(select(func.count()).select_from(table)) or 0


def a_site(folder: Path, approval: ReportApproval = ReportApproval.CHAIR) -> Site:
    found = ended(a_store(folder), folder, approval)
    # The clock is read from the database by the report, so that it stands where the period closed.
    app = pages_of(found.store, Settings(data=folder), StoppedClock(CLOSED))  # type: ignore[arg-type]
    return Site(found, TestClient(app, follow_redirects=True, raise_server_exceptions=False))


def test_from_the_draft_to_the_recipients_by_the_forms_alone(tmp_path: Path) -> None:
    site = a_site(tmp_path)
    office = site.office
    edit = form_of(site.client.get(f"{office}/reports/2026-Q1/edit"), "/edit")
    edit.fields["text-overview"] = "Lời của Văn phòng."
    assert "Đã lưu bản thứ 2" in text_of(site.post(edit))
    page = site.client.get(f"{office}/reports{AT}")
    assert "1 đoạn đã sửa lời" in text_of(page)
    assert "Chờ phê duyệt" in text_of(site.post(form_of(page, "/act/ask")))
    reading = site.client.get(f"{site.approver()}/approve")
    assert "Lời của Văn phòng." in text_of(reading)
    docx = site.client.get(f"{reading.request.url.path}/docx")
    assert docx.content.startswith(b"PK")
    said = site.post(form_of(reading, "/approve"), choice="approve")
    assert "Báo cáo đã được phê duyệt." in text_of(said)
    issuing = form_of(site.client.get(f"{office}/reports{AT}"), "/act/issue")
    assert (issuing.fields["number"], issuing.fields["dated_on"]) == ("01-BC/ĐU", "2026-05-01")
    done = site.post(issuing, number="12-BC/ĐU")
    assert "Đã phát hành" in text_of(done)
    file = page_of(done).find("a", string="bao-cao-so-12-bc-du-2026-q1.docx")
    assert file is not None
    assert site.client.get(str(file["href"])).content.startswith(b"PK")
    assert "Khóa còn nguyên." in text_of(site.client.get(f"{office}/reports/2026-Q1/lock"))


def test_looking_and_a_form_without_its_box_change_nothing(tmp_path: Path) -> None:
    site = a_site(tmp_path)
    office, approver = site.office, site.approver()
    ask = form_of(site.client.get(f"{office}/reports{AT}"), "/act/ask")
    assert site.client.post(ask.action, data=ask.fields).status_code == 409
    assert site.client.get(f"{approver}/approve").status_code == 404
    site.post(ask)
    form = form_of(site.client.get(f"{approver}/approve"), "/approve")
    assert site.client.post(form.action, data={**form.fields, "choice": "approve"}).status_code == 409
    answer = site.post(form, choice="return")
    assert "phải ghi lý do" in text_of(answer)
    assert site.count(report_ballots) == 0
    assert site.count(report_drafts) == 1


def test_of_two_editors_the_second_sees_both_texts_and_loses_none(tmp_path: Path) -> None:
    site = a_site(tmp_path)
    office = site.office
    first = form_of(site.client.get(f"{office}/reports/2026-Q1/edit"), "/edit")
    second = form_of(site.client.get(f"{office}/reports/2026-Q1/edit"), "/edit")
    first.fields |= {"text-overview": "Người thứ nhất.", "text-opening": "Mở đầu của người thứ nhất."}
    site.post(first)
    second.fields |= {"text-overview": "Người thứ hai.", "text-proposals": "Kiến nghị của người thứ hai."}
    answer = site.post(second)
    assert answer.status_code == 409
    assert "Người thứ nhất." in text_of(answer)
    form = form_of(answer, "/edit")
    assert form.fields["text-overview"].strip() == "Người thứ hai."
    assert form.fields["text-opening"].strip() == "Mở đầu của người thứ nhất."
    assert form.fields["text-proposals"].strip() == "Kiến nghị của người thứ hai."
    assert "Đã lưu bản thứ 3" in text_of(site.post(form))


def test_a_recompute_while_somebody_types_keeps_what_was_typed(tmp_path: Path) -> None:
    site = a_site(tmp_path)
    form = form_of(site.client.get(f"{site.office}/reports/2026-Q1/edit"), "/edit")
    reckoned_anew(site.found)
    form.fields["text-overview"] = "Đang gõ dở."
    answer = site.post(form)
    assert answer.status_code == 409
    again = form_of(answer, "/edit")
    assert again.fields["text-overview"].strip() == "Đang gõ dở."
    assert "02/02" in again.fields["text-discipline"]


def test_one_button_brings_the_machines_words_back(tmp_path: Path) -> None:
    site = a_site(tmp_path)
    path = f"{site.office}/reports/2026-Q1/edit"
    form = form_of(site.client.get(path), "/edit")
    machine = form.fields["text-overview"]
    form.fields["text-overview"] = "Lời khác."
    edited = site.post(form)
    assert "Trở lại lời máy viết" in text_of(edited)
    back = form_of(edited, "/edit")
    restored = site.post(back, restore="overview")
    assert form_of(restored, "/edit").fields["text-overview"] == machine
    assert "đã sửa" not in text_of(restored).split("Các bản đã lưu")[0].split("Kết quả chung")[1][:40]


def test_a_long_passage_of_the_machine_comes_back_as_it_was(tmp_path: Path) -> None:
    site = a_site(tmp_path)
    form = form_of(site.client.get(f"{site.office}/reports/2026-Q1/edit"), "/edit")
    long = "Một đoạn rất dài của báo cáo. " * 1000
    form.fields["text-overview"] = long
    kept = form_of(site.post(form), "/edit").fields["text-overview"]
    assert kept.strip() == long.strip()
    assert site.post(form, text_overview="x" * 60_001).status_code == 409


def test_a_reader_sees_the_issued_report_and_neither_a_draft_nor_a_recalled_one(tmp_path: Path) -> None:
    site = a_site(tmp_path)
    reader = f"/l/{a_link(site.found.opened, 'ubnd', Purpose.REPORT, now=CLOSED)}/report-of-period"
    assert "chưa phát hành báo cáo" in text_of(site.client.get(reader))
    site.found.say("bi-thu")
    site.found.send_out()
    assert "Số 12-BC/ĐU" in text_of(site.client.get(reader))
    page = site.client.get(f"{site.office}/reports{AT}")
    site.post(form_of(page, "/act/recall"), reason="Sai số liệu mục I.1.")
    shown = text_of(site.client.get(reader))
    assert "đã thu hồi" in shown
    assert "Sai số liệu mục I.1." in shown
    assert "Nhiệm vụ trọng tâm" not in shown


def test_a_taken_number_is_told_and_what_was_typed_stays(tmp_path: Path) -> None:
    site = a_site(tmp_path)
    office = site.office
    site.found.say("bi-thu")
    site.found.send_out()
    form = form_of(site.client.get(f"{office}/reports{AT}"), "/act/replace")
    answer = site.post(form, kind="correction", reason="Sai tên đơn vị")
    assert "/edit" in str(answer.request.url)
    site.found.say("bi-thu")
    issuing = form_of(site.client.get(f"{office}/reports{AT}"), "/act/issue")
    assert issuing.fields["number"] == "13-BC/ĐU"
    refused = site.post(issuing, number="12-BC/ĐU")
    assert refused.status_code == 409
    assert "Số 12-BC/ĐU đã dùng" in text_of(refused)
    assert form_of(refused, "/act/issue").fields["number"] == "12-BC/ĐU"
    assert "đính chính Báo cáo số 12-BC/ĐU" in text_of(site.client.get(f"{office}/reports/2026-Q1/draft"))


def test_the_list_of_recipients_is_edited_and_a_mail_sent_again(tmp_path: Path) -> None:
    site = a_site(tmp_path)
    path = f"{site.office}/reports/2026-Q1/recipients"
    form = form_of(site.client.get(path), "/recipients")
    free = next(name for name, value in form.fields.items() if name.startswith("label-") and not value)
    n = free.removeprefix("label-")
    form.fields |= {f"label-{n}": "Thành ủy", f"email-{n}": "sai địa chỉ"}
    refused = site.post(form)
    assert refused.status_code == 409
    assert "Thành ủy" in form_of(refused, "/recipients").fields.values()
    form.fields[f"email-{n}"] = "thanh-uy@tinh.example"
    assert "Đã lưu nơi nhận." in text_of(site.post(form))
    site.found.say("bi-thu")
    site.found.send_out()
    with site.found.store.begin() as tx:
        tx.execute(
            update(outbox).where(outbox.c.kind == "report").values(state="bounced", undelivered_at=CLOSED)
        )
    page = site.client.get(path)
    assert "thanh-uy@tinh.example" in text_of(page)
    assert "Bị trả về" in text_of(page)
    assert "gửi lại lần 1" in text_of(site.post(form_of(page, "/again")))


def test_a_committee_member_may_abstain_and_the_page_counts(tmp_path: Path) -> None:
    site = a_site(tmp_path, ReportApproval.COMMITTEE)
    site.post(form_of(site.client.get(f"{site.office}/reports{AT}"), "/act/ask"))
    for box, choice in (("bi-thu", "approve"), ("pho-bi-thu", "abstain")):
        form = form_of(site.client.get(f"{site.approver(box)}/approve"), "/approve")
        site.post(form, choice=choice)
    assert "1 trên 5 phê duyệt" in text_of(site.client.get(f"{site.office}/reports{AT}"))
    assert site.found.say("uy-vien-1", "uy-vien-2") is Choice.APPROVE


def test_who_may_only_look_sees_no_form(tmp_path: Path) -> None:
    site = a_site(tmp_path)
    form = form_of(site.client.get(f"{site.office}/reports{AT}"), "/act/ask")
    stranger = f"/o/{a_link(site.found.opened, 'ubnd', Purpose.OFFICE, now=CLOSED)}"
    assert site.client.get(f"{stranger}/reports{AT}").status_code == 410
    form.action = form.action.replace(form.action.split("/reports")[0], f"/o/{'x' * 43}")
    assert site.post(form).status_code == 410


def test_the_lock_page_names_what_was_altered_and_gives_the_manifest_away(tmp_path: Path) -> None:
    site = a_site(tmp_path)
    with site.found.store.begin() as tx:
        tx.execute(update(ballots).where(ballots.c.id == 1).values(choice="return"))
    page = site.client.get(f"{site.office}/reports/2026-Q1/lock")
    assert "Phiếu biểu quyết số 1 đã bị sửa. I.1.1" in text_of(page)
    link = page_of(page).find("a", string="Tải về")
    assert link is not None
    told = json.loads(site.client.get(str(link["href"])).text)
    assert told["manifest"]["period"] == "2026-Q1"
    assert "BEGIN PUBLIC KEY" in told["public_key"]
