"""The office's pages: the board and its filters, who owes what, an item's history, the outbox, health."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import select

from tests.builders import (
    NOW,
    a_directory,
    a_link,
    a_plan,
    an_issued_file,
    an_item,
    an_open_period,
    confirmed,
    submitted,
    voted,
)
from tests.web.visiting import Visit, a_visit, form_of, page_of, post, text_of
from workflow.domain.cycles.cycle import Choice, Verdict
from workflow.domain.rules.routing_rules import ApprovalRule, Rules, Shows
from workflow.storage.access.links import Purpose
from workflow.storage.cycles import orders
from workflow.storage.files import Files
from workflow.storage.tables import attachments, outbox


def _office(visit: Visit) -> str:
    return f"/o/{a_link(visit.opened, 'van-phong', Purpose.OFFICE)}"


def _listed(visit: Visit, query: str) -> list[str]:
    page = page_of(visit.client.get(f"{_office(visit)}?{query}"))
    return [cell.text for cell in page.select("#danh-sach td.code")]


def test_the_board_counts_each_stage_by_section(tmp_path: Path) -> None:
    visit = a_visit(tmp_path, plan=a_plan(8))
    submitted(visit.opened, visit.opened.cycles[0])
    page = page_of(visit.client.get(_office(visit)))
    rows = {
        row.select_one("th").get_text(strip=True): [cell.get_text(strip=True) for cell in row.select("td")]  # type: ignore[union-attr]
        for row in page.select(".matrix tbody tr")
    }
    assert rows["I.1 Chỉnh trang đô thị"][:3] == ["2", "1", "1"]
    assert rows["I Chỉ tiêu cơ bản"][:3] == ["6", "5", "1"]


def test_the_list_is_filtered_by_what_the_address_says(tmp_path: Path) -> None:
    visit = a_visit(tmp_path, plan=a_plan(8))
    submitted(visit.opened, visit.opened.cycles[0])
    assert _listed(visit, "stage=waiting-confirmation") == ["I.1.1"]
    assert _listed(visit, "section=II.1") == ["II.1.1", "II.1.2"]
    assert _listed(visit, f"unit={visit.opened.units['phu-nu']}") == []
    assert len(_listed(visit, f"unit={visit.opened.units['mttq']}&section=I")) == 6


def test_a_search_needs_no_diacritics(tmp_path: Path) -> None:
    visit = a_visit(tmp_path, plan=a_plan(4))
    assert _listed(visit, "q=via he") == ["I.1.1"]
    assert _listed(visit, "q=Vỉa HÈ") == ["I.1.1"]
    assert _listed(visit, "q=I.3.1") == ["I.3.1"]


def test_an_item_past_its_day_is_late(tmp_path: Path) -> None:
    visit = a_visit(tmp_path, plan=a_plan(2))
    assert _listed(visit, "late=1") == []
    submitted(visit.opened, visit.opened.cycles[0])
    visit.clock.set(NOW.replace(day=18))
    assert _listed(visit, "late=1") == ["I.2.1"]
    assert "trễ 2 ngày" in text_of(visit.client.get(_office(visit)))


def test_who_owes_what_is_told_with_the_last_mail(tmp_path: Path) -> None:
    visit = a_visit(tmp_path, plan=a_plan(3))
    submitted(visit.opened, visit.opened.cycles[0])
    with visit.opened.store.begin() as tx:
        ubnd = visit.opened.person("ubnd")
        tx.execute(outbox.update().where(outbox.c.person_id == ubnd).values(state="sent", sent_at=NOW))
    page = page_of(visit.client.get(f"{_office(visit)}/owing"))
    rows = [
        [cell.get_text(" ", strip=True) for cell in row.select("th, td")] for row in page.select("tbody tr")
    ]
    assert rows[0][2:-1] == ["2", "–", "–", "16/03/2026", "09:00 ngày 02/03/2026"]
    assert {row[0].split(" Phó")[0].split(" Chủ")[0] for row in rows} == {
        "Nguyễn Thị Minh Hằng",
        "Trần Văn Phúc",
        "Lê Quang Đạo",
    }


def test_an_item_page_tells_its_whole_history_with_names(tmp_path: Path) -> None:
    visit = a_visit(tmp_path, rules=_rules_that_show(Shows.NAMES))
    cycle = visit.opened.cycles[0]
    submitted(visit.opened, cycle, body="Bản thứ nhất.")
    confirmed(visit.opened, cycle, "mttq", verdict=Verdict.OBJECT, reason="Sai số liệu.")
    submitted(visit.opened, cycle, version=1, body="Bản thứ hai.")
    confirmed(visit.opened, cycle, "mttq", "cong-an", version=2)
    voted(visit.opened, cycle, "bi-thu", version=2)
    said = text_of(visit.client.get(f"{_office(visit)}/item/{cycle}"))
    for words in (
        "Bản thứ nhất.",
        "Bản thứ hai.",
        "Không đồng ý Ủy ban MTTQ Việt Nam phường",
        "Sai số liệu.",
        "Hoàng Văn Thành: Tán thành",
        "Chuyển từ “Chờ xác nhận” sang “Chờ báo cáo”",
        "Đang chờ Lý Minh Tuấn",
    ):
        assert words in said


def _item_put_to_the_vote(folder: Path, shows: Shows) -> tuple[Visit, int]:
    visit = a_visit(folder, rules=_rules_that_show(shows))
    cycle = visit.opened.cycles[0]
    submitted(visit.opened, cycle)
    confirmed(visit.opened, cycle, "mttq", "cong-an")
    return visit, cycle


def _rules_that_show(shows: Shows) -> Rules:
    return Rules(approval=ApprovalRule(shows=shows))


def _said_of_votes(visit: Visit, cycle: int) -> str:
    office = _office(visit)
    told = (text_of(visit.client.get(f"{office}/{one}")) for one in (f"item/{cycle}", "votes"))
    # A badge stands in an element of its own.
    return " ".join(told).replace(" :", ":")


def test_while_a_secret_vote_runs_the_office_sees_only_that_ballots_came(tmp_path: Path) -> None:
    visit, cycle = _item_put_to_the_vote(tmp_path, Shows.NOTHING)
    voted(visit.opened, cycle, "bi-thu", choice=Choice.RETURN, reason="Số liệu chưa rõ.")
    page = page_of(visit.client.get(f"{_office(visit)}/item/{cycle}"))
    said = _said_of_votes(visit, cycle)
    assert "Đã nhận 1 phiếu." in said
    assert "Hoàng Văn Thành: đã bỏ phiếu" not in said
    assert "Số liệu chưa rõ" not in said
    assert not page.select(".said-return, .said-approve")
    votes = page_of(visit.client.get(f"{_office(visit)}/votes"))
    assert [cell.get_text(strip=True) for cell in votes.select("tbody td.num")] == ["–", "–", "–", "–", "4"]


def test_once_a_secret_vote_is_over_the_office_sees_how_many_and_why_and_no_name(tmp_path: Path) -> None:
    visit, cycle = _item_put_to_the_vote(tmp_path, Shows.NOTHING)
    voted(visit.opened, cycle, "bi-thu", choice=Choice.RETURN, reason="Số liệu chưa rõ.")
    voted(visit.opened, cycle, "pho-bi-thu", "uy-vien-1", "uy-vien-2")
    said = _said_of_votes(visit, cycle)
    assert "Tán thành: 3 phiếu" in said
    assert "Trả lại: 1 phiếu" in said
    assert "Lý do trả lại: Số liệu chưa rõ." in said
    assert "Hoàng Văn Thành: đã bỏ phiếu" in said


def test_the_office_which_knows_who_has_not_voted_sees_no_count_that_runs(tmp_path: Path) -> None:
    visit, cycle = _item_put_to_the_vote(tmp_path, Shows.COUNTS)
    voted(visit.opened, cycle, "bi-thu", choice=Choice.RETURN, reason="Số liệu chưa rõ.")
    said = _said_of_votes(visit, cycle)
    assert "Đã nhận 1 phiếu." in said
    assert "Trả lại: 1 phiếu" not in said
    assert "Số liệu chưa rõ" not in said


def test_no_act_on_record_is_told_by_its_name_in_the_code(tmp_path: Path) -> None:
    visit = a_visit(tmp_path)
    cycle = visit.opened.cycles[0]
    submitted(visit.opened, cycle)
    with visit.opened.store.begin() as tx:
        orders.recall(tx, visit.opened.person("ubnd"), cycle, 1, visit.opened.now)
    said = text_of(visit.client.get(f"{_office(visit)}/item/{cycle}"))
    assert "thu hồi báo cáo" in said
    assert "recalled" not in said


def test_no_office_sees_another_organisations_item(tmp_path: Path) -> None:
    visit = a_visit(tmp_path)
    other = an_open_period(visit.opened.store, directory=a_directory("Đảng ủy phường Khác"))
    response = visit.client.get(f"{_office(visit)}/item/{other.cycles[0]}")
    assert response.status_code == 404


def test_a_failed_mail_is_sent_again_from_the_page(tmp_path: Path) -> None:
    visit = a_visit(tmp_path)
    with visit.opened.store.begin() as tx:
        tx.execute(outbox.update().values(state="failed", error="550 không có hộp thư", attempts=3))
    response = visit.client.get(f"{_office(visit)}/mails?state=failed")
    assert "550 không có hộp thư" in text_of(response)
    form = form_of(response)
    assert "Sẽ thử lại" in text_of(post(visit, form, form.fields))
    assert visit.client.post(form.action, data={"stamp": "giả"}).status_code == 403
    with visit.opened.store.reading() as tx:
        assert tx.execute(select(outbox.c.state, outbox.c.attempts)).all() == [("retry", 0)]


def test_an_issued_report_is_downloaded_by_its_content(tmp_path: Path) -> None:
    visit = a_visit(tmp_path)
    sha256 = Files(f"file://{tmp_path / 'files'}").put(b"docx")
    an_issued_file(visit.opened, sha256)
    reader = f"/l/{a_link(visit.opened, 'bi-thu', Purpose.REPORT)}"
    for base, page in ((_office(visit), "/report/2026-Q1"), (reader, "/report-of-period")):
        link = page_of(visit.client.get(f"{base}{page}")).find("a", string="Tải về")
        assert link is not None
        assert visit.client.get(str(link["href"])).content == b"docx"
    assert visit.client.get(f"{reader}/issued/{'0' * 64}").status_code == 404


def test_evidence_is_open_to_the_office(tmp_path: Path) -> None:
    visit = a_visit(tmp_path)
    form = form_of(visit.client.get(f"/l/{a_link(visit.opened, 'ubnd')}/report/{visit.opened.cycles[0]}"))
    post(
        visit,
        form,
        form.filled(progress="40", body="Đang làm."),
        files=[("evidence", ("a.pdf", b"%PDF-1.4", "application/pdf"))],
    )
    with visit.opened.store.reading() as tx:
        sha256 = tx.scalars(select(attachments.c.sha256)).one()
    url = f"{_office(visit)}/evidence/{visit.opened.cycles[0]}/{sha256}"
    assert visit.client.get(url).content == b"%PDF-1.4"


def test_an_item_without_sections_or_leads_is_shown_all_the_same(tmp_path: Path) -> None:
    bare = an_item(
        1, sections=(), section_codes=(), lead_ids=(), coordinating_ids=("mttq",), deadline_text=""
    )
    visit = a_visit(tmp_path, plan=a_plan(items=[bare]))
    response = visit.client.get(_office(visit))
    assert response.status_code == 200
    assert "chưa rõ" in text_of(response)


def test_health_tells_of_the_database_and_its_tables(tmp_path: Path) -> None:
    visit = a_visit(tmp_path)
    assert visit.client.get("/healthz").json() == {"database": "ok", "migration": "current"}
    with visit.opened.store.begin() as tx:
        tx.exec_driver_sql("UPDATE alembic_version SET version_num = '0000'")
    response = visit.client.get("/healthz")
    assert (response.status_code, response.json()["migration"]) == (503, "behind")


def test_static_files_are_named_by_their_content_and_kept(tmp_path: Path) -> None:
    visit = a_visit(tmp_path)
    page = page_of(visit.client.get("/khong-co"))
    sheet = page.find("link", rel="stylesheet")
    assert sheet is not None
    response = visit.client.get(str(sheet["href"]))
    assert response.status_code == 200
    assert "immutable" in response.headers["cache-control"]
    assert visit.client.get("/static/tiendo.0000000000.css").status_code == 404


def test_the_lasting_address_of_a_record_opens_only_after_the_offices_board(tmp_path: Path) -> None:
    visit = a_visit(tmp_path)
    address = f"/cycle/{visit.opened.cycles[0]}"
    assert visit.client.get(address).status_code == 403
    board = _office(visit)
    visit.client.get(board)
    led = visit.client.get(address, follow_redirects=False)
    assert (led.status_code, led.headers["location"]) == (303, f"{board}/item/{visit.opened.cycles[0]}")
