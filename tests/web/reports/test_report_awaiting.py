"""The pages of a report that waits for approval: the last day, who has not answered, how late it is."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from sqlalchemy import select, update
from starlette.testclient import TestClient

from tests.builders import StoppedClock, a_link, a_store
from tests.reports.issuing import CLOSED, Ended, ended
from tests.web.visiting import form_of, text_of
from workflow.cli.running import pages_of
from workflow.domain.rules.routing_rules import ReportApproval
from workflow.settings import Settings
from workflow.storage.access import codes
from workflow.storage.access.links import Purpose
from workflow.storage.tables import outbox, rules

LATE = CLOSED + timedelta(days=7)


def at(found: Ended, folder: Path) -> TestClient:
    app = pages_of(found.store, Settings(data=folder), StoppedClock(LATE))  # type: ignore[arg-type]
    return TestClient(app, follow_redirects=True, raise_server_exceptions=False)


def test_the_office_sees_who_has_not_answered_and_how_late_that_is(tmp_path: Path) -> None:
    found = ended(a_store(tmp_path), tmp_path, ReportApproval.COMMITTEE)
    found.put_before()
    found.say("bi-thu", "pho-bi-thu")
    office = f"/o/{a_link(found.opened, 'van-phong', Purpose.OFFICE, now=CLOSED)}"
    shown = text_of(at(found, tmp_path).get(f"{office}/reports?period=2026-Q1"))
    assert "hạn cho ý kiến 06/05/2026, trễ 2 ngày làm việc" in shown
    missing = shown.split("Chưa có ý kiến:")[1]
    assert "Hoàng Văn Thành" not in missing.split("Sửa lời văn")[0]


def test_a_report_is_approved_by_a_one_time_code_too_where_the_rule_asks_for_one(tmp_path: Path) -> None:
    found = ended(a_store(tmp_path), tmp_path)
    found.put_before()
    with found.store.begin() as tx:
        kept = tx.execute(select(rules.c.routing)).scalar_one()
        kept["approval"]["one_time_code"] = True
        tx.execute(update(rules).values(routing=kept, sha256="0" * 64))
    mine = f"/l/{a_link(found.opened, 'bi-thu', Purpose.DUTIES, now=CLOSED)}"
    client = at(found, tmp_path)
    form = form_of(client.get(f"{mine}/approve"), "/approve")
    asked = client.post(form.action, data=form.filled(choice="approve"))
    assert "Báo cáo đã được phê duyệt." not in text_of(asked)
    code_form = form_of(asked, "/approve")
    assert code_form.fields["choice"] == "approve"
    with found.store.begin() as tx:
        context = tx.scalars(select(outbox.c.context).where(outbox.c.kind == "code")).one()
        digits = codes.draw(tx, context["code"], LATE)
    said = client.post(code_form.action, data=code_form.fields | {"code": digits})
    assert "Báo cáo đã được phê duyệt." in text_of(said)


def test_the_page_of_all_a_person_owes_leads_to_the_report_and_takes_their_word(tmp_path: Path) -> None:
    found = ended(a_store(tmp_path), tmp_path)
    found.put_before()
    mine = f"/l/{a_link(found.opened, 'bi-thu', Purpose.DUTIES, now=CLOSED)}"
    client = at(found, tmp_path)
    assert "báo cáo của kỳ chờ phê duyệt" in text_of(client.get(mine))
    reading = client.get(f"{mine}/approve")
    assert "Hạn cho ý kiến: hết 06/05/2026." in text_of(reading)
    form = form_of(reading, "/approve")
    said = client.post(form.action, data=form.filled(choice="approve"))
    assert "Báo cáo đã được phê duyệt." in text_of(said)
    assert "báo cáo của kỳ chờ phê duyệt" not in text_of(client.get(mine))
    other = f"/l/{a_link(found.opened, 'pho-bi-thu', Purpose.DUTIES, now=CLOSED)}"
    assert client.get(f"{other}/approve").status_code == 404
