"""The office's orders about an item, given on its page as a clerk and a second clerk would."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest
from httpx import Response
from sqlalchemy import select

from tests.builders import NOW, a_directory, a_link, confirmed, stage_of, submitted, voted
from tests.web.visiting import Visit, a_visit, form_of, page_of, post, text_of
from workflow.domain.cycles.cycle import Choice, Stage
from workflow.domain.people.directory import Person, Role
from workflow.domain.rules.routing_rules import ApprovalRule, Fallback, Rules
from workflow.storage.access.links import Purpose
from workflow.storage.audit import verify
from workflow.storage.cycles.routing import advance_cycles
from workflow.storage.proof.fact_checks import check_facts
from workflow.storage.tables import cycle_units, link_uses, orders, outbox

SECOND = Person("Trương Thị Nga", "nga@hoaxuan.example", "Phó Văn phòng", (("van-phong", Role.OFFICE),))
LOOKER = Person("Hồ Văn Nam", "nam@hoaxuan.example", "Kiểm tra", (("van-phong", Role.INSPECTOR),))


def _ward(folder: Path) -> Visit:
    return a_visit(folder, directory=a_directory(extra=(SECOND, LOOKER)))


def _page(visit: Visit, cycle: int, box: str = "van-phong") -> str:
    return f"/o/{a_link(visit.opened, box, Purpose.OFFICE)}/item/{cycle}"


def _ordered(visit: Visit, page: str, act: str, **fields: str) -> Response:
    form = form_of(visit.client.get(page), f"/{act}")
    return post(visit, form, form.filled(**fields))


def _approved(visit: Visit) -> int:
    cycle = visit.opened.cycles[0]
    submitted(visit.opened, cycle)
    confirmed(visit.opened, cycle, "mttq", "cong-an")
    voted(visit.opened, cycle, "bi-thu", "pho-bi-thu", "uy-vien-1")
    return cycle


def _forms(response: Response) -> set[str]:
    """The orders the page has a form for."""
    actions = [str(form["action"]) for form in page_of(response).select("#viec-van-phong form")]
    return {action.rpartition("/")[2] for action in actions}


def test_the_page_offers_what_is_possible_where_the_item_stands(tmp_path: Path) -> None:
    visit = _ward(tmp_path)
    cycle = visit.opened.cycles[0]
    page = _page(visit, cycle)
    assert _forms(visit.client.get(page)) == {"extend", "reassign", "withdraw"}
    submitted(visit.opened, cycle)
    assert _forms(visit.client.get(page)) == {"recall", "extend", "reassign", "withdraw"}
    confirmed(visit.opened, cycle, "mttq", "cong-an")
    assert _forms(visit.client.get(page)) == {"extend", "reassign", "withdraw"}
    voted(visit.opened, cycle, "bi-thu", "pho-bi-thu", "uy-vien-1")
    assert _forms(visit.client.get(page)) == {"reopen", "withdraw"}


def test_an_approved_item_that_stands_again_after_a_reopening_in_vain_leaves_by_two_persons(
    tmp_path: Path,
) -> None:
    visit = _ward(tmp_path)
    cycle = _approved(visit)
    _ordered(visit, _page(visit, cycle), "reopen", reason="Xem lại số liệu", until="2026-03-20")
    submitted(visit.opened, cycle, version=1)
    visit.clock.set(NOW + timedelta(days=29))
    with visit.opened.store.begin() as tx:
        advance_cycles(tx, [cycle], visit.clock.now())
    assert stage_of(visit.opened, cycle) is Stage.APPROVED
    link = a_link(visit.opened, "van-phong", Purpose.OFFICE, now=visit.clock.now())
    other = a_link(visit.opened, "nga", Purpose.OFFICE, now=visit.clock.now())
    _ordered(visit, f"/o/{link}/item/{cycle}", "withdraw", reason="Tỉnh thôi giao chỉ tiêu này")
    _ordered(visit, f"/o/{other}/item/{cycle}", "second")
    assert stage_of(visit.opened, cycle) is Stage.WITHDRAWN


def test_who_may_only_look_is_offered_nothing(tmp_path: Path) -> None:
    visit = _ward(tmp_path)
    assert _forms(visit.client.get(_page(visit, visit.opened.cycles[0], "nam"))) == set()


def test_a_clerk_asks_and_a_second_clerk_confirms_that_an_approved_item_leaves_the_period(
    tmp_path: Path,
) -> None:
    visit = _ward(tmp_path)
    cycle = _approved(visit)
    page = _page(visit, cycle)
    answer = _ordered(visit, page, "withdraw", reason="Tỉnh thôi giao chỉ tiêu này")
    assert "Việc chỉ có hiệu lực khi một người khác của Văn phòng xác nhận" in text_of(answer)
    assert stage_of(visit.opened, cycle) is Stage.APPROVED
    mine = visit.client.get(page)
    assert "là người đề nghị nên không tự xác nhận" in text_of(mine)
    assert "second" not in _forms(mine)
    hers = _page(visit, cycle, "nga")
    said = text_of(visit.client.get(hers))
    assert "Trịnh Thu Hà đề nghị đưa nội dung này ra khỏi kỳ" in said
    assert "Tỉnh thôi giao chỉ tiêu này" in said
    answer = _ordered(visit, hers, "second")
    assert "Đã xác nhận: việc có hiệu lực từ lúc này" in text_of(answer)
    assert stage_of(visit.opened, cycle) is Stage.WITHDRAWN
    with visit.opened.store.reading() as tx:
        assert check_facts(tx)[1] == verify(tx)[1] == []


def test_a_second_clerk_takes_the_request_back(tmp_path: Path) -> None:
    visit = _ward(tmp_path)
    cycle = _approved(visit)
    _ordered(visit, _page(visit, cycle), "withdraw", reason="Nhầm mục")
    answer = _ordered(visit, _page(visit, cycle, "nga"), "drop")
    assert "Đã bỏ đề nghị; nội dung giữ nguyên." in text_of(answer)
    assert "Chờ người thứ hai" not in text_of(visit.client.get(_page(visit, cycle)))
    assert stage_of(visit.opened, cycle) is Stage.APPROVED


def test_an_item_is_reopened_until_a_day_and_the_history_says_why(tmp_path: Path) -> None:
    visit = _ward(tmp_path)
    cycle = _approved(visit)
    answer = _ordered(visit, _page(visit, cycle), "reopen", reason="Số liệu sai", until="2026-04-10")
    assert "Đã mở lại" in text_of(answer)
    assert stage_of(visit.opened, cycle) is Stage.WAITING_SUBMISSION
    log = page_of(answer).select_one("ol.log")
    assert log is not None
    assert "Số liệu sai" in log.get_text()


def test_a_returned_report_goes_back_to_the_vote_and_a_member_votes_again_by_link(tmp_path: Path) -> None:
    visit = _ward(tmp_path)
    cycle = visit.opened.cycles[0]
    submitted(visit.opened, cycle)
    confirmed(visit.opened, cycle, "mttq", "cong-an")
    members = ("bi-thu", "pho-bi-thu", "uy-vien-1")
    voted(visit.opened, cycle, *members, choice=Choice.RETURN, reason="Thiếu số liệu")
    page = _page(visit, cycle)
    assert "to-vote" in _forms(visit.client.get(page))
    answer = _ordered(visit, page, "to-vote", reason="Bí thư đề nghị xem lại", until="2026-03-20")
    assert "Việc chỉ có hiệu lực khi một người khác của Văn phòng xác nhận" in text_of(answer)
    hers = _page(visit, cycle, "nga")
    said = text_of(visit.client.get(hers))
    assert "Trịnh Thu Hà đề nghị đưa báo cáo bị trả lại trở lại biểu quyết" in said
    assert "Hạn biểu quyết mới: hết 20/03/2026." in said
    answer = _ordered(visit, hers, "second")
    log = page_of(answer).select_one("ol.log")
    assert log is not None
    assert "đề nghị đưa báo cáo bị trả lại trở lại biểu quyết" in log.get_text()
    member = visit.client.get(f"/l/{a_link(visit.opened, 'bi-thu')}")
    assert "I.1.1" in text_of(member)
    assert f"vote-{cycle}" in member.text


def test_a_vote_that_closed_without_a_decision_is_called_anew_from_the_item_page(tmp_path: Path) -> None:
    rules = Rules(approval=ApprovalRule(fallback=Fallback.COUNT))
    visit = a_visit(tmp_path, directory=a_directory(extra=(SECOND,)), rules=rules)
    cycle = visit.opened.cycles[0]
    submitted(visit.opened, cycle)
    confirmed(visit.opened, cycle, "mttq", "cong-an")
    visit.clock.set(NOW.replace(day=25))
    with visit.opened.store.begin() as tx:
        advance_cycles(tx, [cycle], visit.clock.now())
    page = _page(visit, cycle)
    assert 'href="#viec-to-vote"' in visit.client.get(page).text
    answer = _ordered(visit, page, "to-vote", reason="Chưa ai bỏ phiếu", until="2026-03-27")
    assert "Đã lấy biểu quyết lại" in text_of(answer)
    assert "biểu quyết đã khép lại" not in text_of(answer).lower()
    assert _forms(visit.client.get(page)) == {"reassign", "withdraw"}


def test_an_item_goes_to_the_units_that_were_ticked(tmp_path: Path) -> None:
    visit = _ward(tmp_path)
    cycle, named = visit.opened.cycles[0], visit.opened.units
    form = form_of(visit.client.get(_page(visit, cycle)), "/reassign")
    fields = {
        **form.filled(reason="Đổi đầu mối"),
        "lead": [str(named["doan"])],
        "coordinating": [str(named["phu-nu"]), str(named["mttq"])],
    }
    answer = visit.client.post(form.action, data=fields)
    assert "Đã giao đơn vị khác" in text_of(answer)
    with visit.opened.store.reading() as tx:
        seats = set(
            tx.execute(
                select(cycle_units.c.unit_id, cycle_units.c.role).where(cycle_units.c.cycle_id == cycle)
            ).all()
        )
    asked = {(named[one], "confirming") for one in ("doan", "phu-nu", "mttq")}
    assert seats == {(named["doan"], "lead"), *asked}


def test_an_item_gets_more_time_and_the_board_shows_its_new_day(tmp_path: Path) -> None:
    visit = _ward(tmp_path)
    cycle = visit.opened.cycles[0]
    fields = {"reason": "Chờ số liệu của Sở", "until": "2026-03-20", "step": "due_on", "extent": "item"}
    answer = _ordered(visit, _page(visit, cycle), "extend", **fields)
    assert "Đã lùi hạn" in text_of(answer)
    visit.clock.set(NOW.replace(day=18))
    board = visit.client.get(f"/o/{a_link(visit.opened, 'van-phong', Purpose.OFFICE)}?late=1")
    late = [one.get_text() for one in page_of(board).select("#danh-sach td.code")]
    assert "I.1.1" not in late
    assert len(late) == len(visit.opened.cycles) - 1


def test_an_order_without_a_reason_is_refused_and_what_was_typed_stays(tmp_path: Path) -> None:
    visit = _ward(tmp_path)
    cycle = _approved(visit)
    answer = _ordered(visit, _page(visit, cycle), "reopen", reason=" ", until="2026-04-10")
    assert answer.status_code == 409
    assert "phải nêu lý do" in text_of(answer)
    assert 'value="2026-04-10"' in answer.text
    assert visit.count(orders) == 0


def test_one_form_sent_twice_orders_once(tmp_path: Path) -> None:
    visit = _ward(tmp_path)
    cycle = visit.opened.cycles[0]
    submitted(visit.opened, cycle)
    form = form_of(visit.client.get(_page(visit, cycle)), "/recall")
    fields = form.filled(reason="Đơn vị xin sửa")
    first, again = post(visit, form, fields), post(visit, form, fields)
    assert "Đã thu hồi báo cáo" in text_of(first)
    assert "đã được ghi nhận" in text_of(again)
    assert visit.count(orders) == 1


@pytest.mark.parametrize("act", ["recall", "withdraw", "reopen", "reassign", "extend", "to-vote"])
def test_a_form_of_another_item_orders_nothing_about_this_one(tmp_path: Path, act: str) -> None:
    visit = _ward(tmp_path)
    one, other = visit.opened.cycles[:2]
    link = a_link(visit.opened, "van-phong", Purpose.OFFICE)
    form = form_of(visit.client.get(f"/o/{link}/item/{other}"), "/withdraw")
    fields = form.filled(reason="x", until="2026-04-10")
    assert visit.client.post(f"/o/{link}/item/{one}/{act}", data=fields).status_code == 403
    assert visit.count(orders) == 0


def test_a_lead_takes_back_its_own_report_and_finds_it_in_the_form(tmp_path: Path) -> None:
    visit = _ward(tmp_path)
    cycle = visit.opened.cycles[0]
    submitted(visit.opened, cycle, body="Bản gửi nhầm.")
    base = f"/l/{a_link(visit.opened, 'ubnd')}"
    (address,) = re.findall(rf'href="({base}/recall/\d+)"', visit.client.get(base).text)
    form = form_of(visit.client.get(address), f"/recall/{cycle}")
    answer = post(visit, form, form.filled())
    assert answer.url.path == f"{base}/report/{cycle}"
    assert "Bản gửi nhầm." in answer.text
    assert stage_of(visit.opened, cycle) is Stage.WAITING_SUBMISSION


def test_a_lead_whose_report_was_confirmed_is_told_why_it_stays(tmp_path: Path) -> None:
    visit = _ward(tmp_path)
    cycle = visit.opened.cycles[0]
    submitted(visit.opened, cycle)
    page = visit.client.get(f"/l/{a_link(visit.opened, 'ubnd')}/recall/{cycle}")
    form = form_of(page, f"/recall/{cycle}")
    confirmed(visit.opened, cycle, "mttq")
    answer = post(visit, form, form.filled())
    assert answer.status_code == 409
    assert "không thu hồi được nữa" in text_of(answer)
    assert stage_of(visit.opened, cycle) is Stage.WAITING_CONFIRMATION


def test_an_order_is_joined_to_the_link_it_was_given_by(tmp_path: Path) -> None:
    visit = _ward(tmp_path)
    cycle = visit.opened.cycles[0]
    answer = _ordered(visit, _page(visit, cycle), "withdraw", reason="Tỉnh thôi giao")
    assert "số ghi nhận" in text_of(answer)
    with visit.opened.store.reading() as tx:
        assert any(one.startswith("withdraw ") for one in tx.scalars(select(link_uses.c.act)))
        assert tx.scalars(select(outbox.c.not_before).where(outbox.c.kind == "notice")).all()
    assert visit.clock.now() == NOW
