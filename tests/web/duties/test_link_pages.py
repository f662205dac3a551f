"""A person's page: what it shows, and that looking at it does nothing."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from tests.builders import (
    a_link,
    a_part,
    a_plan,
    a_target,
    an_item,
    confirmed,
    submitted,
    voted,
)
from tests.web.visiting import a_visit, form_of, page_of, text_of
from workflow.domain.cycles.cycle import Choice, Verdict
from workflow.domain.rules.routing_rules import ConfirmationRule, Objection, Rules
from workflow.storage.access import links
from workflow.storage.tables import (
    audit,
    ballots,
    confirmations,
    cycles,
    duties,
    link_uses,
    outbox,
    submissions,
)

FACTS = (submissions, confirmations, ballots, audit, duties, outbox, cycles)


def test_a_lead_unit_sees_every_item_it_has_to_report_under_its_section(tmp_path: Path) -> None:
    visit = a_visit(tmp_path, plan=a_plan(3))
    said = text_of(visit.client.get(f"/l/{a_link(visit.opened, 'ubnd')}"))
    assert "Chỉnh trang đô thị 0/1 I.1.1 Cải tạo, lát gạch vỉa hè" in said
    assert "3 cần báo cáo hạn 16/03/2026" in said


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_looking_records_nothing_but_the_use_of_the_link(tmp_path: Path, method: str) -> None:
    visit = a_visit(tmp_path)
    cycle = visit.opened.cycles[0]
    submitted(visit.opened, cycle)
    before = [visit.count(table) for table in FACTS]
    for box, path in [("ubnd", f"/report/{visit.opened.cycles[1]}"), ("mttq", ""), ("mttq", "/confirm")]:
        visit.client.request(method, f"/l/{a_link(visit.opened, box)}{path}")
    assert [visit.count(table) for table in FACTS] == before
    assert visit.count(link_uses) == 2


def test_a_returned_item_shows_who_objected_and_why_before_all_else(tmp_path: Path) -> None:
    visit = a_visit(tmp_path)
    cycle = visit.opened.cycles[1]
    submitted(visit.opened, cycle)
    confirmed(visit.opened, cycle, "mttq", verdict=Verdict.OBJECT, reason="Số liệu chưa khớp.")
    said = text_of(visit.client.get(f"/l/{a_link(visit.opened, 'ubnd')}"))
    assert said.index("Số liệu chưa khớp.") < said.index("I.1.1")
    assert "Trần Văn Phúc" in said


def test_members_who_returned_a_report_are_not_named_to_the_lead_unit(tmp_path: Path) -> None:
    visit = a_visit(tmp_path)
    cycle = visit.opened.cycles[0]
    submitted(visit.opened, cycle)
    confirmed(visit.opened, cycle, "mttq", "cong-an")
    voted(
        visit.opened, cycle, "bi-thu", "uy-vien-1", "uy-vien-2", choice=Choice.RETURN, reason="Thiếu số liệu."
    )
    said = text_of(visit.client.get(f"/l/{a_link(visit.opened, 'ubnd')}"))
    assert said.count("Thiếu số liệu.") == 1
    assert "Hoàng Văn Thành" not in said


def test_items_a_unit_objects_to_come_first_in_the_vote(tmp_path: Path) -> None:
    rules = Rules(confirmation=ConfirmationRule(objection=Objection.TO_COMMITTEE))
    visit = a_visit(tmp_path, rules=rules)
    first, second, _ = visit.opened.cycles
    for cycle in (first, second):
        submitted(visit.opened, cycle)
        confirmed(visit.opened, cycle, "mttq")
    confirmed(visit.opened, first, "cong-an")
    confirmed(visit.opened, second, "cong-an", verdict=Verdict.OBJECT, reason="Chưa đối chiếu.")
    said = text_of(visit.client.get(f"/l/{a_link(visit.opened, 'bi-thu')}"))
    assert said.index("Chưa đối chiếu.") < said.index("I.1.1")


def test_a_page_says_so_where_nothing_is_owed(tmp_path: Path) -> None:
    visit = a_visit(tmp_path)
    said = text_of(visit.client.get(f"/l/{a_link(visit.opened, 'quan-su')}"))
    assert "Hiện không còn việc nào chờ đồng chí." in said


def test_the_form_asks_for_each_target_and_part(tmp_path: Path) -> None:
    plan = a_plan(items=[an_item(1, targets=(a_target(),), parts=(a_part("I.1.1.a", "Đoạn 1"),))])
    visit = a_visit(tmp_path, plan=plan)
    response = visit.client.get(f"/l/{a_link(visit.opened, 'ubnd')}/report/{visit.opened.cycles[0]}")
    fields = form_of(response).fields
    assert {"figure-1", "part-progress-1", "part-body-1", "progress", "body", "version", "unit"} <= set(
        fields
    )
    assert "từ 98%" in text_of(response)


def test_no_page_of_a_link_is_kept_by_browsers_or_shown_in_frames(tmp_path: Path) -> None:
    visit = a_visit(tmp_path)
    headers = visit.client.get(f"/l/{a_link(visit.opened, 'ubnd')}").headers
    assert headers["cache-control"] == "no-store"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["x-content-type-options"] == "nosniff"
    assert "default-src 'none'" in headers["content-security-policy"]
    assert "unsafe-inline" not in headers["content-security-policy"]


def test_no_page_has_inline_style_or_script(tmp_path: Path) -> None:
    visit = a_visit(tmp_path)
    submitted(visit.opened, visit.opened.cycles[0])
    office = a_link(visit.opened, "van-phong", links.Purpose.OFFICE)
    for path in (
        f"/l/{a_link(visit.opened, 'ubnd')}",
        f"/l/{a_link(visit.opened, 'ubnd')}/report/{visit.opened.cycles[1]}",
        f"/l/{a_link(visit.opened, 'mttq')}",
        f"/o/{office}",
        f"/o/{office}/item/{visit.opened.cycles[0]}",
    ):
        page = page_of(visit.client.get(path))
        assert not page.find_all(style=True)
        assert not page.find_all("style")
        assert all(script.get("src") for script in page.find_all("script"))


def test_an_expired_link_offers_a_new_one_and_mails_it_once(tmp_path: Path) -> None:
    visit = a_visit(tmp_path)
    token = a_link(visit.opened, "ubnd")
    visit.clock.set(visit.opened.now + timedelta(days=400))
    response = visit.client.get(f"/l/{token}")
    assert response.status_code == 410
    form = form_of(response, "/renew")
    for _ in range(2):
        assert "Đã nhận yêu cầu" in text_of(visit.client.post(form.action))
    with visit.opened.store.reading() as tx:
        notices = tx.execute(select(outbox).where(outbox.c.kind == "notice")).all()
    assert [(row.person_id, row.context) for row in notices] == [
        (visit.opened.person("ubnd"), {"about": "new-link", "purpose": "duties"})
    ]


def test_a_revoked_link_looks_like_one_that_never_was(tmp_path: Path) -> None:
    visit = a_visit(tmp_path)
    token = a_link(visit.opened, "ubnd")
    with visit.opened.store.begin() as tx:
        links.revoke(tx, visit.opened.person("ubnd"), visit.opened.period_id, visit.opened.now)
    revoked, unknown = visit.client.get(f"/l/{token}"), visit.client.get("/l/khong-co")
    assert revoked.status_code == unknown.status_code == 410
    assert text_of(revoked) == text_of(unknown)
    asked = visit.count(outbox)
    answers = {text_of(visit.client.post(f"/l/{one}/renew")) for one in (token, "khong-co")}
    assert len(answers) == 1
    assert visit.count(outbox) == asked + 1


def test_a_link_to_duties_opens_no_office_page_and_the_other_way_round(tmp_path: Path) -> None:
    visit = a_visit(tmp_path)
    duties_link = a_link(visit.opened, "ubnd")
    office_link = a_link(visit.opened, "van-phong", links.Purpose.OFFICE)
    assert visit.client.get(f"/o/{duties_link}").status_code == 410
    assert visit.client.get(f"/l/{office_link}").status_code == 410


def test_an_unknown_page_is_told_plainly(tmp_path: Path) -> None:
    response = a_visit(tmp_path).client.get("/khong-co")
    assert response.status_code == 404
    assert "Không có trang này." in text_of(response)


def test_an_error_of_ours_shows_no_details(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    visit = a_visit(tmp_path)
    token = a_link(visit.opened, "ubnd")
    monkeypatch.setattr("workflow.web.duties.own_page.owed_by", lambda *_: 1 / 0)
    response = visit.client.get(f"/l/{token}")
    assert response.status_code == 500
    assert "Hệ thống gặp lỗi" in text_of(response)
    assert "ZeroDivisionError" not in response.text
