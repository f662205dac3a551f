"""Confirming and voting through the page: many at once, exceptions, refusals, replays."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, time, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from tests.builders import (
    a_directory,
    a_link,
    a_plan,
    an_item,
    confirmed,
    stage_of,
    submitted,
    voted,
)
from tests.web.visiting import Visit, a_visit, form_of, post, text_of
from workflow.domain.cycles.cycle import Stage, Verdict
from workflow.domain.people.directory import Person, Role, Unit
from workflow.domain.rules.routing_rules import (
    ApprovalRule,
    ConfirmationRule,
    Objection,
    Override,
    Rules,
    Shows,
)
from workflow.storage import Store
from workflow.storage.access.links import Purpose
from workflow.storage.cycles.routing import advance_cycles
from workflow.storage.people.absences import substitute
from workflow.storage.tables import ballots, confirmations, periods

TO_COMMITTEE = Rules(confirmation=ConfirmationRule(objection=Objection.TO_COMMITTEE))


def _reported(tmp_path: Path, n_items: int = 3, **period: Any) -> Visit:
    visit = a_visit(tmp_path, plan=a_plan(n_items), **period)
    for cycle in visit.opened.cycles:
        submitted(visit.opened, cycle)
    return visit


def _put_to_vote(tmp_path: Path, n_items: int = 3, **period: Any) -> Visit:
    visit = _reported(tmp_path, n_items, **period)
    for cycle in visit.opened.cycles:
        confirmed(visit.opened, cycle, "mttq", "cong-an")
    return visit


def _said(visit: Visit) -> list[tuple[int, str, str]]:
    with visit.opened.store.reading() as tx:
        asked = select(confirmations.c.cycle_id, confirmations.c.verdict, confirmations.c.reason)
        return list(tx.execute(asked.order_by(confirmations.c.id)))


def _cast(visit: Visit) -> list[tuple[int, str, str]]:
    with visit.opened.store.reading() as tx:
        asked = select(ballots.c.cycle_id, ballots.c.choice, ballots.c.reason)
        return list(tx.execute(asked.order_by(ballots.c.id)))


def _led_by_a_group(tmp_path: Path) -> Visit:
    """An item of a group of three units, each of which has to tell its own result, and one of the people's
    committee and the military command; one unit has reported on each."""
    staff = a_directory()
    group = Unit("cac-chi-bo", "Các chi bộ", members=("phu-nu", "tram-y-te", "doan"))
    together = ("UBND phường", "Đoàn TNCS Hồ Chí Minh phường")
    items = (
        an_item(
            1, lead_units=(group.name,), lead_ids=(group.id,), coordinating_ids=(), coordinating_units=()
        ),
        an_item(
            2, lead_units=together, lead_ids=("ubnd", "quan-su"), coordinating_ids=(), coordinating_units=()
        ),
    )
    each = Override(unit="cac-chi-bo", confirmation=(("each_lead", True),))
    visit = a_visit(
        tmp_path,
        directory=replace(staff, units=(*staff.units, group)),
        plan=a_plan(items=items),
        rules=Rules(confirmation=ConfirmationRule(co_leads=False), overrides=(each,)),
    )
    submitted(visit.opened, visit.opened.cycles[0], unit="phu-nu")
    submitted(visit.opened, visit.opened.cycles[1], unit="ubnd")
    return visit


def test_of_two_items_only_the_one_of_the_group_asks_each_lead(tmp_path: Path) -> None:
    visit = _led_by_a_group(tmp_path)
    found = [stage_of(visit.opened, cycle) for cycle in visit.opened.cycles]
    assert found == [Stage.WAITING_CONFIRMATION, Stage.WAITING_APPROVAL]


def test_a_co_lead_tells_its_own_result_on_its_page_and_the_committee_reads_it(tmp_path: Path) -> None:
    visit = _led_by_a_group(tmp_path)
    cycle = visit.opened.cycles[0]
    page = visit.client.get(f"/l/{a_link(visit.opened, 'doan')}")
    assert "ghi kết quả phần của đơn vị mình" in text_of(page)
    form = form_of(page, "/confirm")
    refused = post(visit, form, form.filled(rest="confirm"))
    assert refused.status_code == 409
    assert "Đơn vị cùng chủ trì phải ghi kết quả phần mình" in text_of(refused)
    assert _said(visit) == []
    told = {f"choice-{cycle}": "confirm", f"reason-{cycle}": "Chi đoàn đã ra quân 4 buổi."}
    assert "Chi đoàn đã ra quân 4 buổi." in text_of(post(visit, form, form.filled(rest="none") | told))
    confirmed(visit.opened, cycle, "tram-y-te", reason="Trạm đã khám cho 120 người.")
    assert stage_of(visit.opened, cycle) is Stage.WAITING_APPROVAL
    ballot = text_of(visit.client.get(f"/l/{a_link(visit.opened, 'bi-thu')}"))
    assert "Chi đoàn đã ra quân 4 buổi." in ballot
    assert "Trạm đã khám cho 120 người." in ballot


def test_the_committee_and_the_office_read_which_lead_told_no_result(tmp_path: Path) -> None:
    visit = _led_by_a_group(tmp_path)
    opened, cycle = visit.opened, visit.opened.cycles[0]
    confirmed(opened, cycle, "doan", reason="Chi đoàn đã ra quân 4 buổi.")
    with opened.store.begin() as tx:
        last = tx.scalar(select(periods.c.confirm_by))
        after_it = datetime.combine(last + timedelta(days=1), time(2), tzinfo=timezone.utc)
        advance_cycles(tx, [cycle], after_it)
    assert stage_of(opened, cycle) is Stage.WAITING_APPROVAL
    ballot = visit.client.get(f"/l/{a_link(opened, 'bi-thu')}")
    office = visit.client.get(f"/o/{a_link(opened, 'van-phong', Purpose.OFFICE)}/item/{cycle}")
    for page in (ballot, office):
        assert "Cùng chủ trì, chưa ghi kết quả phần mình" in text_of(page)
        assert "Trạm Y tế phường" in text_of(page)
    assert "coi như đồng ý" not in text_of(ballot)


def test_confirming_all_takes_the_exceptions_as_chosen(tmp_path: Path) -> None:
    visit = _reported(tmp_path)
    one, two, three = visit.opened.cycles
    form = form_of(visit.client.get(f"/l/{a_link(visit.opened, 'mttq')}"), "/confirm")
    fields = form.filled(rest="confirm") | {f"choice-{two}": "object", f"reason-{two}": "Chưa đối chiếu."}
    assert "Đã ghi nhận" in text_of(post(visit, form, fields))
    assert _said(visit) == [(one, "confirm", ""), (two, "object", "Chưa đối chiếu."), (three, "confirm", "")]


def test_only_what_was_chosen_is_confirmed_by_the_other_button(tmp_path: Path) -> None:
    visit = _reported(tmp_path)
    form = form_of(visit.client.get(f"/l/{a_link(visit.opened, 'mttq')}"), "/confirm")
    one = visit.opened.cycles[0]
    post(visit, form, form.filled(rest="none") | {f"choice-{one}": "confirm"})
    assert _said(visit) == [(one, "confirm", "")]


def test_a_form_with_nothing_chosen_says_so(tmp_path: Path) -> None:
    visit = _reported(tmp_path)
    form = form_of(visit.client.get(f"/l/{a_link(visit.opened, 'mttq')}"), "/confirm")
    response = post(visit, form, form.filled(rest="none"))
    assert response.status_code == 400
    assert "chưa có nội dung nào được chọn" in text_of(response)


def test_one_refused_item_does_not_lose_the_others(tmp_path: Path, store: Store) -> None:
    visit = _reported(tmp_path, store=store)
    one, two, three = visit.opened.cycles
    form = form_of(visit.client.get(f"/l/{a_link(visit.opened, 'mttq')}"), "/confirm")
    confirmed(visit.opened, two, "cong-an", verdict=Verdict.OBJECT, reason="Sai số liệu.")
    fields = form.filled(rest="none") | {
        f"choice-{one}": "confirm",
        f"choice-{two}": "partial",
        f"reason-{two}": "Ý kiến đã gõ.",
        f"choice-{three}": "confirm",
    }
    response = post(visit, form, fields)
    assert response.status_code == 409
    assert "Đã ghi nhận 2 nội dung" in text_of(response)
    assert "Ý kiến đã gõ." in text_of(response)
    assert [cycle for cycle, *_ in _said(visit)] == [two, one, three]


def test_a_missing_reason_is_told_beside_its_item_and_the_choice_stays(tmp_path: Path) -> None:
    visit = _reported(tmp_path)
    one, two, _ = visit.opened.cycles
    form = form_of(visit.client.get(f"/l/{a_link(visit.opened, 'mttq')}"), "/confirm")
    fields = form.filled(rest="none") | {f"choice-{one}": "object", f"choice-{two}": "confirm"}
    response = post(visit, form, fields)
    assert "phải nêu lý do" in text_of(response)
    again = form_of(response, "/confirm")
    assert again.fields[f"choice-{one}"] == "object"
    post(visit, again, again.filled(rest="none") | {f"reason-{one}": "Chưa đủ."})
    assert _said(visit) == [(two, "confirm", ""), (one, "object", "Chưa đủ.")]


def test_a_word_may_be_changed_while_the_item_waits(tmp_path: Path) -> None:
    visit = _reported(tmp_path, 1)
    cycle = visit.opened.cycles[0]
    confirmed(visit.opened, cycle, "mttq")
    form = form_of(visit.client.get(f"/l/{a_link(visit.opened, 'mttq')}"), "/confirm")
    post(visit, form, form.filled(rest="none") | {f"choice-{cycle}": "object", f"reason-{cycle}": "Xem lại."})
    assert stage_of(visit.opened, cycle) is Stage.WAITING_SUBMISSION


def test_a_person_of_two_units_confirms_for_each(tmp_path: Path) -> None:
    both = Person(
        "Cao Thị Yến", "hai@hoaxuan.example", "", (("mttq", Role.REPORTER), ("cong-an", Role.REPORTER))
    )
    visit = _reported(tmp_path, 1, directory=a_directory(extra=[both]))
    form = form_of(visit.client.get(f"/l/{a_link(visit.opened, 'hai')}"), "/confirm")
    post(visit, form, form.filled(rest="confirm"))
    assert stage_of(visit.opened, visit.opened.cycles[0]) is Stage.WAITING_APPROVAL


def test_approving_all_with_exceptions_decides_each(tmp_path: Path) -> None:
    visit = _put_to_vote(tmp_path, 4)
    one, two, three, four = visit.opened.cycles
    for cycle in visit.opened.cycles:
        voted(visit.opened, cycle, "bi-thu", "pho-bi-thu")
    form = form_of(visit.client.get(f"/l/{a_link(visit.opened, 'uy-vien-1')}"), "/vote")
    fields = form.filled(rest="approve") | {
        f"choice-{two}": "return",
        f"reason-{two}": "Thiếu số liệu.",
        f"choice-{three}": "abstain",
        f"choice-{four}": "recuse",
    }
    assert "Đã ghi nhận" in text_of(post(visit, form, fields))
    assert stage_of(visit.opened, one) is Stage.APPROVED
    assert {stage_of(visit.opened, cycle) for cycle in (two, three, four)} == {Stage.WAITING_APPROVAL}
    assert _cast(visit)[-4:] == [
        (one, "approve", ""),
        (two, "return", "Thiếu số liệu."),
        (three, "abstain", ""),
        (four, "recuse", ""),
    ]


def test_approving_all_never_covers_an_item_that_a_unit_objects_to(tmp_path: Path) -> None:
    visit = _reported(tmp_path, 2, rules=TO_COMMITTEE)
    one, two = visit.opened.cycles
    confirmed(visit.opened, one, "mttq", "cong-an")
    confirmed(visit.opened, two, "mttq", verdict=Verdict.OBJECT, reason="Sai.")
    confirmed(visit.opened, two, "cong-an")
    form = form_of(visit.client.get(f"/l/{a_link(visit.opened, 'bi-thu')}"), "/vote")
    post(visit, form, form.filled(rest="approve"))
    assert _cast(visit) == [(one, "approve", "")]


def test_a_vote_decided_meanwhile_is_told_and_the_rest_recorded(tmp_path: Path) -> None:
    visit = _put_to_vote(tmp_path, 2)
    one, two = visit.opened.cycles
    form = form_of(visit.client.get(f"/l/{a_link(visit.opened, 'uy-vien-3')}"), "/vote")
    voted(visit.opened, one, "bi-thu", "pho-bi-thu", "uy-vien-1")
    response = post(visit, form, form.filled(rest="approve"))
    assert "không còn ở bước đó: “Đã duyệt”" in text_of(response)
    assert _cast(visit)[-1] == (two, "approve", "")


@pytest.mark.parametrize("form_name", ["confirm", "vote"])
def test_a_post_without_the_page_is_refused(tmp_path: Path, form_name: str) -> None:
    visit = _put_to_vote(tmp_path)
    before = visit.count(confirmations), visit.count(ballots)
    token = a_link(visit.opened, "bi-thu")
    cycle = visit.opened.cycles[0]
    fields = {f"choice-{cycle}": "approve", f"version-{cycle}": "1", "rest": "approve"}
    response = visit.client.post(f"/l/{token}/{form_name}", data=fields)
    assert response.status_code == 403
    assert (visit.count(confirmations), visit.count(ballots)) == before


def test_a_page_shown_to_one_person_does_not_serve_another(tmp_path: Path) -> None:
    visit = _put_to_vote(tmp_path)
    form = form_of(visit.client.get(f"/l/{a_link(visit.opened, 'bi-thu')}"), "/vote")
    other = a_link(visit.opened, "pho-bi-thu")
    assert visit.client.post(f"/l/{other}/vote", data=form.filled(rest="approve")).status_code == 403
    assert visit.count(ballots) == 0


def test_a_version_other_than_the_one_shown_is_refused(tmp_path: Path) -> None:
    visit = _put_to_vote(tmp_path, 1)
    form = form_of(visit.client.get(f"/l/{a_link(visit.opened, 'bi-thu')}"), "/vote")
    fields = form.filled(rest="approve") | {f"version-{visit.opened.cycles[0]}": "2"}
    assert post(visit, form, fields).status_code == 403
    assert visit.count(ballots) == 0


def test_a_form_posted_again_leads_to_its_first_receipt(tmp_path: Path) -> None:
    visit = _put_to_vote(tmp_path)
    form = form_of(visit.client.get(f"/l/{a_link(visit.opened, 'bi-thu')}"), "/vote")
    fields = form.filled(rest="approve")
    first, second = post(visit, form, fields), post(visit, form, fields)
    assert first.url == second.url
    assert visit.count(ballots) == 3


def test_approving_the_rest_in_a_second_tab_never_covers_what_the_first_decided(
    tmp_path: Path, store: Store
) -> None:
    visit = _put_to_vote(tmp_path, 2, store=store)
    one, two = visit.opened.cycles
    first, second = (
        form_of(visit.client.get(f"/l/{a_link(visit.opened, 'bi-thu')}"), "/vote") for _ in range(2)
    )
    post(visit, first, first.filled(rest="none") | {f"choice-{one}": "return", f"reason-{one}": "Thiếu."})
    assert "Đã ghi nhận" in text_of(post(visit, second, second.filled(rest="approve")))
    assert _cast(visit) == [(one, "return", "Thiếu."), (two, "approve", "")]
    third = post(visit, first, second.filled(rest="approve") | {"stamp": first.fields["stamp"]})
    assert third.status_code == 200  # the first form again: its own receipt
    assert visit.count(ballots) == 2


def test_a_second_tab_with_nothing_left_to_decide_says_so(tmp_path: Path) -> None:
    visit = _reported(tmp_path, 1)
    first, second = (
        form_of(visit.client.get(f"/l/{a_link(visit.opened, 'mttq')}"), "/confirm") for _ in range(2)
    )
    post(visit, first, first.filled(rest="confirm"))
    response = post(visit, second, second.filled(rest="confirm"))
    assert response.status_code == 400
    assert "gửi từ một trang khác" in text_of(response)
    assert len(_said(visit)) == 1


def test_two_clicks_at_one_moment_record_one_vote(tmp_path: Path, store: Store) -> None:
    visit = _put_to_vote(tmp_path, store=store)
    form = form_of(visit.client.get(f"/l/{a_link(visit.opened, 'bi-thu')}"), "/vote")
    fields = form.filled(rest="approve")
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: post(visit, form, fields), range(4)))
    assert {str(answer.url) for answer in answers} == {str(answers[0].url)}
    assert visit.count(ballots) == 3


def test_a_choice_that_is_not_on_the_page_is_refused(tmp_path: Path) -> None:
    visit = _put_to_vote(tmp_path, 1)
    form = form_of(visit.client.get(f"/l/{a_link(visit.opened, 'bi-thu')}"), "/vote")
    fields = form.filled(rest="none") | {f"choice-{visit.opened.cycles[0]}": "veto"}
    assert post(visit, form, fields).status_code == 403
    assert visit.count(ballots) == 0


def test_many_units_are_asked_and_one_item_waits_for_all(tmp_path: Path) -> None:
    item = an_item(1, coordinating_ids=("mttq", "cong-an", "phu-nu"))
    visit = a_visit(tmp_path, plan=a_plan(items=[item]))
    cycle = visit.opened.cycles[0]
    submitted(visit.opened, cycle)
    for box in ("mttq", "phu-nu"):
        form = form_of(visit.client.get(f"/l/{a_link(visit.opened, box)}"), "/confirm")
        post(visit, form, form.filled(rest="confirm"))
    assert stage_of(visit.opened, cycle) is Stage.WAITING_CONFIRMATION


def test_one_who_stands_in_for_two_members_says_whose_vote_it_is(tmp_path: Path) -> None:
    deputy = Person("Lê Thị Cúc", "thay@hoaxuan.example")
    rules = Rules(approval=ApprovalRule(substitutes=True, shows=Shows.NAMES))
    visit = _put_to_vote(tmp_path, 1, directory=a_directory(extra=[deputy]), rules=rules)
    opened, cycle = visit.opened, visit.opened.cycles[0]
    today = opened.now.date()
    with opened.store.begin() as tx:
        for absent in ("uy-vien-1", "uy-vien-2"):
            whom = opened.person(absent)
            substitute(tx, whom, opened.person("thay"), today, today, opened.now, votes=True)
    page = visit.client.get(f"/l/{a_link(opened, 'thay')}")
    assert "Biểu quyết thay Đặng Quốc Khánh" in text_of(page)
    form = form_of(page, "/vote")
    second = next(name for name in form.fields if name.startswith(f"choice-{cycle}-"))
    reason = second.replace("choice", "reason")
    fields = form.filled(rest="none") | {second: "return", reason: "Thiếu."}
    assert "Đã ghi nhận" in text_of(post(visit, form, fields))
    with opened.store.reading() as tx:
        cast = tx.execute(select(ballots.c.acted_for, ballots.c.choice)).all()
    assert cast == [(opened.person("uy-vien-2"), "return")]
    item = visit.client.get(f"/o/{a_link(opened, 'van-phong', Purpose.OFFICE)}/item/{cycle}")
    assert "Lê Thị Cúc, thay Phan Thị Hương: Trả lại" in text_of(item)
