"""`tiendo cycle`: the office's orders about an item from the command line, with who ordered on record."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from typer.testing import CliRunner

from tests.builders import Opened, a_directory, a_store, an_open_period, confirmed, stage_of, submitted, voted
from workflow.cli import app
from workflow.cli.office import who_asks
from workflow.domain.cycles.cycle import Choice, Stage
from workflow.domain.errors import NotFound, TiendoError
from workflow.domain.people.directory import Person, Role
from workflow.domain.periods.period import Timetable
from workflow.storage.duties.board import board
from workflow.storage.tables import cycle_units, orders

SECOND = Person("Ngô Văn Tú", "tu@hoaxuan.example", "Chuyên viên", (("van-phong", Role.OFFICE),))
AS_CLERK = ("--officer", "van-phong@hoaxuan.example")


@pytest.fixture
def opened(tmp_path: Path) -> Opened:
    """A period that is open on the day the command runs: it goes by the real clock."""
    now = datetime.now(timezone.utc)
    dates = Timetable(*(now.date() + timedelta(days=days) for days in (0, 10, 20, 30, 40)))
    return an_open_period(a_store(tmp_path), directory=a_directory(extra=(SECOND,)), dates=dates, now=now)


def _run(folder: Path, *words: str, typed: str = "") -> Any:
    return CliRunner().invoke(
        app, ["cycle", *words, "--data", str(folder)], input=typed, catch_exceptions=False
    )


def _ordered(folder: Path, *words: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(_run(folder, *words, *AS_CLERK, "--yes", "--json").stdout)
    return found


def _approved(opened: Opened) -> int:
    cycle = opened.cycles[0]
    submitted(opened, cycle)
    confirmed(opened, cycle, "mttq", "cong-an")
    voted(opened, cycle, "bi-thu", "pho-bi-thu", "uy-vien-1")
    return cycle


def test_each_order_is_given_in_an_officers_name_and_the_machines_user_is_on_record(
    opened: Opened, tmp_path: Path
) -> None:
    cycle = opened.cycles[0]
    submitted(opened, cycle)
    told = _ordered(tmp_path, "recall", "I.1.1", "--reason", "Đơn vị xin sửa")
    assert (told["cycle_id"], told["waits"]) == (cycle, False)
    assert stage_of(opened, cycle) is Stage.WAITING_SUBMISSION
    with opened.store.reading() as tx:
        row = tx.execute(select(orders)).one()
    assert (row.person_id, row.reason) == (opened.person("van-phong"), "Đơn vị xin sửa")
    assert row.details["by"] == who_asks()


def test_an_item_goes_to_units_named_by_their_short_names(opened: Opened, tmp_path: Path) -> None:
    words = ("--lead", "doan", "--coordinating", "phu-nu", "--reason", "Đổi đầu mối")
    _ordered(tmp_path, "reassign", "I.1.1", *words)
    with opened.store.reading() as tx:
        leads = tx.scalars(
            select(cycle_units.c.unit_id).where(
                cycle_units.c.cycle_id == opened.cycles[0], cycle_units.c.role == "lead"
            )
        ).all()
    assert leads == [opened.units["doan"]]
    with pytest.raises(NotFound, match="khong-co"):
        _run(tmp_path, "reassign", "I.1.1", "--lead", "khong-co", "--reason", "x", *AS_CLERK, "--yes")


def test_what_was_approved_is_reopened_at_once_and_leaves_the_period_only_by_a_second_person(
    opened: Opened, tmp_path: Path
) -> None:
    cycle = _approved(opened)
    asked = _ordered(tmp_path, "withdraw", "I.1.1", "--reason", "Tỉnh thôi giao")
    assert asked["waits"] is True
    assert stage_of(opened, cycle) is Stage.APPROVED
    day = ("--until", (opened.now.date() + timedelta(days=60)).isoformat())
    assert _ordered(tmp_path, "reopen", "I.1.1", *day, "--reason", "Số liệu sai")["waits"] is False
    assert stage_of(opened, cycle) is Stage.WAITING_SUBMISSION


def test_a_returned_report_waits_for_a_second_person_to_go_back_to_the_vote(
    opened: Opened, tmp_path: Path
) -> None:
    cycle = opened.cycles[0]
    submitted(opened, cycle)
    confirmed(opened, cycle, "mttq", "cong-an")
    voted(opened, cycle, "bi-thu", "pho-bi-thu", "uy-vien-1", choice=Choice.RETURN, reason="Thiếu số liệu")
    day = (opened.now.date() + timedelta(days=20)).isoformat()
    told = _ordered(tmp_path, "to-vote", "I.1.1", "--until", day, "--reason", "Bí thư đề nghị xem lại")
    assert told["waits"] is True
    assert stage_of(opened, cycle) is Stage.WAITING_SUBMISSION


def test_an_item_gets_more_time(opened: Opened, tmp_path: Path) -> None:
    day = opened.now.date() + timedelta(days=15)
    told = _ordered(tmp_path, "extend", "I.1.1", "--until", day.isoformat(), "--reason", "Chờ số liệu")
    with opened.store.reading() as tx:
        rows = board(tx, opened.period_id, opened.now).rows
        assert tx.scalar(select(orders.c.details))["until"] == day.isoformat()
    assert next(row.last_day for row in rows if row.cycle.id == told["cycle_id"]) == day


def test_nothing_is_ordered_without_a_yes_where_nobody_can_be_asked(opened: Opened, tmp_path: Path) -> None:
    with pytest.raises(TiendoError, match="hỏi lại trước khi ghi"):
        _run(tmp_path, "withdraw", "I.1.1", "--reason", "Thôi giao", *AS_CLERK)
    assert stage_of(opened, opened.cycles[0]) is Stage.WAITING_SUBMISSION


def test_an_unknown_item_and_a_day_that_is_none_are_named(opened: Opened, tmp_path: Path) -> None:
    with pytest.raises(NotFound, match=r"IX\.9"):
        _run(tmp_path, "withdraw", "IX.9", "--reason", "x", *AS_CLERK, "--yes")
    with pytest.raises(TiendoError, match="không phải một ngày"):
        _run(tmp_path, "reopen", "I.1.1", "--until", "hôm nào", "--reason", "x", *AS_CLERK, "--yes")
