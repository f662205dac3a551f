"""Reporting through the form: what is recorded, what is refused, and that typed words come back."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select

from tests.builders import a_link, a_part, a_plan, a_target, an_item, confirmed, stage_of, submitted, voted
from tests.web.visiting import Form, Visit, a_visit, form_of, page_of, post, text_of
from workflow.domain.cycles.cycle import Stage, Verdict
from workflow.storage.tables import attachments, cycle_units, submissions

PDF = ("Biên bản nghiệm thu.pdf", b"%PDF-1.4 minh chung", "application/octet-stream")


def _form(visit: Visit, place: int = 0, box: str = "ubnd") -> Form:
    return form_of(visit.client.get(f"/l/{a_link(visit.opened, box)}/report/{visit.opened.cycles[place]}"))


def test_a_report_is_recorded_with_all_it_says(tmp_path: Path) -> None:
    plan = a_plan(items=[an_item(1, targets=(a_target(),), parts=(a_part("I.1.1.a", "Đoạn 1"),))])
    visit = a_visit(tmp_path, plan=plan)
    form = _form(visit)
    fields = form.filled(
        progress="100",
        reported="done",
        done_on="2026-02-26",
        body="Đã hoàn thành.",
        difficulties="Thiếu kinh phí.",
        proposals="Cấp bổ sung.",
        figure_1="98,7",
        part_progress_1="100%",
        part_body_1="Xong đoạn 1.",
    )
    response = post(visit, form, fields, files=[("evidence", PDF)])
    assert "Đã ghi nhận" in text_of(response)
    with visit.opened.store.reading() as tx:
        row = tx.execute(select(submissions)).one()
        file = tx.execute(select(attachments)).one()
    assert (row.version, row.progress, row.reported, row.done_on.isoformat()) == (
        1,
        100,
        "done",
        "2026-02-26",
    )
    assert row.figures == {"1": "98.7"}
    assert row.parts == {"1": {"progress": 100, "body": "Xong đoạn 1."}}
    assert (row.difficulties, row.proposals) == ("Thiếu kinh phí.", "Cấp bổ sung.")
    assert (file.name, file.media_type) == ("Biên bản nghiệm thu.pdf", "application/pdf")
    assert stage_of(visit.opened, visit.opened.cycles[0]) is Stage.WAITING_CONFIRMATION


def test_the_receipt_tells_the_number_and_what_was_recorded(tmp_path: Path) -> None:
    visit = a_visit(tmp_path)
    form = _form(visit)
    response = post(visit, form, form.filled(progress="40", body="Đang làm."))
    number = response.url.params["receipt"]
    said = text_of(response)
    assert number in said
    assert "I.1.1" in said
    assert "09:00 ngày 02/03/2026" in said


def test_a_receipt_is_shown_to_nobody_else(tmp_path: Path) -> None:
    visit = a_visit(tmp_path)
    form = _form(visit)
    number = post(visit, form, form.filled(progress="40", body="Đang làm.")).url.params["receipt"]
    other = visit.client.get(f"/l/{a_link(visit.opened, 'mttq')}/done?receipt={number}")
    assert other.status_code == 404


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"progress": ""}, "Ghi tiến độ"),
        ({"progress": "101"}, "từ 0 đến 100"),
        ({"progress": "nhiều"}, "từ 0 đến 100"),
        ({"body": "  "}, "Ghi kết quả thực hiện"),
        ({"body": "."}, "không có chữ hoặc số nào"),
        ({"figure_1": "chín mươi"}, "không phải là một số"),
        ({"reported": "done"}, "tiến độ là 100"),
        ({"reported": "xong"}, "Chọn một trong các tình trạng"),
    ],
)
def test_a_field_that_cannot_be_taken_is_told_and_the_rest_comes_back(
    tmp_path: Path, changes: dict[str, str], told: str
) -> None:
    visit = a_visit(tmp_path, plan=a_plan(items=[an_item(1, targets=(a_target(),))]))
    form = _form(visit)
    typed = {"progress": "40", "body": "Đang làm.", "difficulties": "Mặt bằng chưa sạch."} | changes
    response = post(visit, form, form.filled(**typed))
    assert response.status_code == 422
    assert told in text_of(response)
    assert "Mặt bằng chưa sạch." in response.text
    assert visit.count(submissions) == 0


def test_a_file_that_cannot_be_taken_costs_neither_the_words_nor_the_other_files(tmp_path: Path) -> None:
    visit = a_visit(tmp_path)
    form = _form(visit)
    virus = ("chay.exe", b"MZ", "application/pdf")
    response = post(
        visit,
        form,
        form.filled(progress="40", body="Đang làm."),
        files=[("evidence", PDF), ("evidence", virus)],
    )
    assert response.status_code == 422
    assert "chay.exe" in text_of(response)
    again = form_of(response)
    assert again.fields["body"] == "Đang làm."
    assert "Đã ghi nhận" in text_of(post(visit, again, again.fields))
    with visit.opened.store.reading() as tx:
        assert tx.scalars(select(attachments.c.name)).all() == ["Biên bản nghiệm thu.pdf"]


def test_a_file_over_the_limit_told_beforehand_is_refused(tmp_path: Path) -> None:
    visit = a_visit(tmp_path, settings={"evidence_file_mb": 1})
    form = _form(visit)
    large = ("Biên bản.pdf", b"%PDF-1.4" + b"0" * 1_000_000, "application/pdf")
    response = post(visit, form, form.filled(progress="40", body="Đang làm."), files=[("evidence", large)])
    assert "mỗi tệp không quá 1 MB" in text_of(response)
    assert "nặng 1 MB, quá giới hạn 1 MB" in text_of(response)
    assert visit.count(submissions) == 0


def test_a_body_over_the_limit_is_refused_before_it_is_read(tmp_path: Path) -> None:
    visit = a_visit(tmp_path)
    form = _form(visit)
    headers = {"content-length": "999999999", "content-type": "multipart/form-data; boundary=x"}
    response = visit.client.post(form.action, content=b"x", headers=headers)
    assert response.status_code == 413
    assert "chưa được ghi nhận" in text_of(response)


def test_a_returned_report_comes_back_filled_in_and_becomes_the_next_version(tmp_path: Path) -> None:
    visit = a_visit(tmp_path)
    cycle = visit.opened.cycles[0]
    submitted(visit.opened, cycle, body="Bản thứ nhất.")
    confirmed(visit.opened, cycle, "mttq", verdict=Verdict.OBJECT, reason="Thiếu.")
    form = _form(visit)
    assert form.fields["body"] == "Bản thứ nhất."
    assert form.fields["version"] == "1"
    post(visit, form, form.filled(body="Bản thứ hai."))
    with visit.opened.store.reading() as tx:
        found = tx.execute(select(submissions.c.version, submissions.c.body).order_by(submissions.c.version))
        assert found.all() == [(1, "Bản thứ nhất."), (2, "Bản thứ hai.")]


def test_two_clicks_record_one_report_and_show_one_receipt(tmp_path: Path) -> None:
    visit = a_visit(tmp_path)
    form = _form(visit)
    fields = form.filled(progress="40", body="Đang làm.")
    first, second = post(visit, form, fields), post(visit, form, fields)
    assert first.url == second.url
    assert visit.count(submissions) == 1


def test_a_second_tab_that_comes_too_late_gets_its_words_back(tmp_path: Path) -> None:
    visit = a_visit(tmp_path)
    first, second = _form(visit), _form(visit)
    post(visit, first, first.filled(progress="40", body="Từ trang thứ nhất."))
    response = post(visit, second, second.filled(progress="50", body="Từ trang thứ hai."))
    assert response.status_code == 409
    assert "Từ trang thứ hai." in text_of(response)
    assert visit.count(submissions) == 1


def test_a_report_without_the_page_is_refused(tmp_path: Path) -> None:
    visit = a_visit(tmp_path)
    form = _form(visit)
    fields = form.filled(progress="40", body="Đang làm.")
    del fields["stamp"]
    response = post(visit, form, fields)
    assert response.status_code == 403
    assert "không được gửi từ trang" in text_of(response)
    assert visit.count(submissions) == 0


def test_a_stamp_of_one_item_does_not_serve_another(tmp_path: Path) -> None:
    visit = a_visit(tmp_path)
    first, second = _form(visit, 0), _form(visit, 1)
    fields = second.filled(progress="40", body="Đang làm.", stamp=first.fields["stamp"])
    assert post(visit, second, fields).status_code == 403
    assert visit.count(submissions) == 0


def test_no_unit_reports_for_another(tmp_path: Path) -> None:
    visit = a_visit(tmp_path)
    form = _form(visit)
    fields = form.filled(progress="40", body="Đang làm.", unit=str(visit.opened.units["mttq"]))
    assert post(visit, form, fields).status_code == 409
    assert visit.count(submissions) == 0


def test_a_unit_cannot_open_the_form_of_an_item_it_does_not_lead(tmp_path: Path) -> None:
    visit = a_visit(tmp_path)
    token = a_link(visit.opened, "mttq")
    assert visit.client.get(f"/l/{token}/report/{visit.opened.cycles[0]}").status_code == 404


@pytest.mark.parametrize(
    ("box", "status"),
    [("ubnd", 200), ("mttq", 200), ("bi-thu", 404), ("quan-su", 404)],
)
def test_evidence_is_given_only_to_those_whose_page_shows_it(tmp_path: Path, box: str, status: int) -> None:
    visit = a_visit(tmp_path)
    form = _form(visit)
    post(visit, form, form.filled(progress="40", body="Đang làm."), files=[("evidence", PDF)])
    with visit.opened.store.reading() as tx:
        sha256 = tx.scalars(select(attachments.c.sha256)).one()
        assert tx.scalars(select(cycle_units.c.cycle_id)).first()
    url = f"/l/{a_link(visit.opened, box)}/evidence/{visit.opened.cycles[0]}/{sha256}"
    response = visit.client.get(url)
    assert response.status_code == status
    if status == 200:
        assert response.content == PDF[1]
        assert response.headers["content-disposition"].startswith("attachment")
    other = f"/l/{a_link(visit.opened, box)}/evidence/{visit.opened.cycles[1]}/{sha256}"
    assert visit.client.get(other).status_code == 404


def test_a_member_gets_the_evidence_of_what_is_put_to_the_vote(tmp_path: Path) -> None:
    visit = a_visit(tmp_path)
    cycle = visit.opened.cycles[0]
    form = _form(visit)
    post(visit, form, form.filled(progress="40", body="Đang làm."), files=[("evidence", PDF)])
    confirmed(visit.opened, cycle, "mttq", "cong-an")
    page = page_of(visit.client.get(f"/l/{a_link(visit.opened, 'bi-thu')}"))
    link = page.find("a", string="Biên bản nghiệm thu.pdf")
    assert link is not None
    assert visit.client.get(str(link["href"])).content == PDF[1]
    voted(visit.opened, cycle, "bi-thu", "pho-bi-thu", "uy-vien-1")
    assert visit.client.get(str(link["href"])).content == PDF[1]
