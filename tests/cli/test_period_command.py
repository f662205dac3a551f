"""`tiendo period` and `tiendo rules adopt`: the year, and a close that is only tried."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from sqlalchemy import select
from typer.testing import CliRunner

from tests.builders import a_plan, a_store, an_open_period
from workflow.cli import app
from workflow.domain.errors import TiendoError
from workflow.domain.rules.routing_rules import Rules, ScheduleRule
from workflow.sample import routing_path
from workflow.storage.rules import rules_in_force
from workflow.storage.tables import cycles, outbox, periods


def _run(folder: Path, *words: str) -> Any:
    found = CliRunner().invoke(app, [*words, "--data", str(folder)], catch_exceptions=False)
    assert found.exit_code == 0
    return json.loads(found.stdout) if "--json" in words else found.stdout


def test_the_plan_of_the_year_has_every_quarter_with_its_days_and_standing(tmp_path: Path) -> None:
    an_open_period(a_store(tmp_path), rules=Rules(schedule=ScheduleRule(automatic=True)))
    (year,) = _run(tmp_path, "period", "plan", "--year", "2026", "--json")
    assert year["automatic"] is True
    first, second, *_ = year["periods"]
    assert (first["code"], first["standing"], first["live"]) == ("2026-Q1", "open", 3)
    assert (second["code"], second["opens_on"], second["due_on"]) == ("2026-Q2", "2026-06-01", "2026-06-15")
    told = _run(tmp_path, "period", "plan")
    assert "Quý IV/2026" in told
    assert "kỳ tự mở" in told


def test_a_dry_close_tells_what_lapses_and_writes_nothing(tmp_path: Path) -> None:
    store = a_store(tmp_path)
    an_open_period(store, plan=a_plan(2))
    with store.reading() as tx:
        before = len(tx.scalars(select(outbox.c.id)).all())
    found = _run(tmp_path, "period", "close", "2026-Q1", "--dry-run", "--json")
    assert [one["stage"] for one in found["lapsing"]] == ["waiting-submission"] * 2
    assert "Chưa khóa" in _run(tmp_path, "period", "close", "2026-Q1", "--dry-run")
    with store.reading() as tx:
        assert tx.scalar(select(periods.c.closed_at)) is None
        assert len(tx.scalars(select(outbox.c.id)).all()) == before
    closed = _run(tmp_path, "period", "close", "2026-Q1", "--early", "--json")
    assert closed["closed_at"]
    assert closed["stages"]["lapsed"] == 2


def test_adopted_rules_are_those_the_next_period_opens_by(tmp_path: Path) -> None:
    store = a_store(tmp_path)
    opened = an_open_period(store)
    _run(tmp_path, "rules", "adopt", str(routing_path()))
    with store.reading() as tx:
        found = rules_in_force(tx, opened.organisation_id)
    assert found is not None
    assert found[1].schedule.automatic


def test_a_dry_opening_tells_the_dates_and_each_item_asked_or_not_and_why(tmp_path: Path) -> None:
    store = a_store(tmp_path)
    an_open_period(store)
    found = _run(tmp_path, "period", "open", "2026-Q2", "--dry-run", "--json")
    assert [one["is_asked"] for one in found["items"]] == [True] * 3
    assert {one["because"] for one in found["items"]} == {"overdue"}
    assert found["moved_from"]["due_on"] == "2026-06-15"
    told = " ".join(_run(tmp_path, "period", "open", "2026-Q2", "--dry-run").split())
    assert "Các ngày đã dời" in told
    assert "Chưa mở" in told
    with store.reading() as tx:
        assert tx.scalars(select(periods.c.code)).all() == ["2026-Q1"]


def test_a_period_is_opened_with_dates_and_items_of_the_offices_own(tmp_path: Path) -> None:
    store = a_store(tmp_path)
    an_open_period(store)
    _run(
        *(tmp_path, "period", "open", "2027-Q1", "--due", "2027-03-10"),
        *("--leave-out", "I.1.1", "--reason", "Báo cáo riêng"),
    )
    with store.reading() as tx:
        opened = tx.execute(select(periods).where(periods.c.code == "2027-Q1")).one()
        n_cycles = len(tx.scalars(select(cycles.c.id).where(cycles.c.period_id == opened.id)).all())
    assert (str(opened.due_on), n_cycles) == ("2027-03-10", 2)


def test_a_cut_off_in_the_past_is_refused_on_the_command_line(tmp_path: Path) -> None:
    store = a_store(tmp_path)
    an_open_period(store)
    days = [f"--{name}" for name in ("due", "confirm-by", "approve-by", "cut-off")]
    options = [word for name in days for word in (name, "2026-06-15")]
    words = ["period", "open", "2026-Q2", *options, "--data", str(tmp_path)]
    refused = CliRunner().invoke(app, words).exception
    assert isinstance(refused, TiendoError)
    assert "15/06/2026 đã qua" in str(refused)
