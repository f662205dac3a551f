"""Orders about an item by the API: in an officer's name, the key on record, never as a second person."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import select

from tests.builders import a_directory, confirmed, stage_of, submitted, voted
from tests.web.asking import System, a_key, a_system
from workflow.domain.cycles.cycle import Stage, Verdict
from workflow.domain.events import KeyScope
from workflow.domain.people.directory import Person, Role
from workflow.storage.tables import orders

SECOND = Person("Trương Thị Nga", "nga@hoaxuan.example", "Phó Văn phòng", (("van-phong", Role.OFFICE),))


def _a_system(folder: Path) -> System:
    return a_system(folder, directory=a_directory(extra=(SECOND,)))


def _order(system: System, act: str, *, by: str = "van-phong", seen: int = 0, **more: Any) -> Any:
    body = {"officer_id": system.opened.person(by), "reason": "Tỉnh thôi giao", "seen_version": seen}
    return system.ask(f"/cycles/{system.opened.cycles[0]}/{act}", method="POST", json=body | more)


def test_a_report_is_recalled_in_an_officers_name_with_the_key_on_record(tmp_path: Path) -> None:
    system = _a_system(tmp_path)
    submitted(system.opened, system.opened.cycles[0])
    answer = _order(system, "recall", seen=1)
    assert (answer.status_code, answer.json()["waits"]) == (200, False)
    assert stage_of(system.opened, system.opened.cycles[0]) is Stage.WAITING_SUBMISSION
    with system.opened.store.reading() as tx:
        details = tx.scalar(select(orders.c.details))
    assert details["api_key_name"] == "Hệ thống của thành phố"


def test_an_approved_item_waits_for_a_second_person_whom_no_key_can_be(tmp_path: Path) -> None:
    system = _a_system(tmp_path)
    cycle = system.opened.cycles[0]
    submitted(system.opened, cycle)
    confirmed(system.opened, cycle, "mttq", "cong-an")
    voted(system.opened, cycle, "bi-thu", "pho-bi-thu", "uy-vien-1")
    assert _order(system, "withdraw", seen=1).json()["waits"] is True
    assert _order(system, "withdraw", by="nga", seen=1).status_code == 409
    assert stage_of(system.opened, cycle) is Stage.APPROVED
    assert not [one for one in system.ask("/openapi.json").json()["paths"] if "second" in one]


def test_units_and_a_last_day_are_given_with_the_orders_that_need_them(tmp_path: Path) -> None:
    system = _a_system(tmp_path)
    named = system.opened.units
    answer = _order(system, "reassign", leads=[named["doan"]], coordinating=[named["phu-nu"]])
    assert answer.status_code == 200
    more = {"step": "due_on", "until": "2026-03-20", "extent": "unit"}
    assert _order(system, "extend", **more).status_code == 200
    assert _order(system, "extend", step="due_on", until="2026-12-31").status_code == 403
    assert _order(system, "reassign").status_code in (400, 422)
    assert _order(system, "reopen", until="2026-04-10").status_code == 409
    assert _order(system, "to-vote", until="2026-03-20").status_code == 409


def test_a_returned_report_is_put_to_the_vote_again_when_a_second_person_confirms_it(tmp_path: Path) -> None:
    system = _a_system(tmp_path)
    cycle = system.opened.cycles[0]
    submitted(system.opened, cycle)
    confirmed(system.opened, cycle, "mttq", verdict=Verdict.OBJECT, reason="Số liệu chưa khớp")
    answer = _order(system, "to-vote", seen=1, until="2026-03-20")
    assert (answer.status_code, answer.json()["waits"]) == (200, True)
    assert stage_of(system.opened, cycle) is Stage.WAITING_SUBMISSION


def test_an_order_is_refused_on_a_version_nobody_saw_by_who_is_no_officer_or_without_the_scope(
    tmp_path: Path,
) -> None:
    system = _a_system(tmp_path)
    submitted(system.opened, system.opened.cycles[0])
    assert _order(system, "withdraw", seen=0).status_code == 409
    assert _order(system, "withdraw", by="ubnd", seen=1).status_code == 403
    reader = System(system.visit, a_key(system.opened, KeyScope.READ))
    assert _order(reader, "withdraw", seen=1).status_code == 403
    assert stage_of(system.opened, system.opened.cycles[0]) is Stage.WAITING_CONFIRMATION
