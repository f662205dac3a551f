"""`tiendo period evaluate`: a half-year from two closed quarters, looked at, made, closed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from typer.testing import CliRunner

from tests.builders import a_store
from tests.reports.two_quarters import ENDED, a_half_played
from workflow.cli import app
from workflow.clock import Clock


def _run(folder: Path, *words: str, code: int = 0) -> Any:
    found = CliRunner().invoke(app, ["period", *words, "--data", str(folder)], catch_exceptions=False)
    assert found.exit_code == code, found.output
    return json.loads(found.stdout) if "--json" in words else found.output


def test_a_half_year_is_shown_made_and_closed_by_command(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr(Clock, "now", lambda self: ENDED)
    a_half_played(a_store(tmp_path), tmp_path)
    look = _run(tmp_path, "evaluate", "2026-H1", "--show", "--json")
    assert (look["period"], [one["code"] for one in look["sources"]]) == (None, ["2026-Q1", "2026-Q2"])
    assert "Chưa đánh giá" in _run(tmp_path, "evaluate", "2026-H1", "--show")
    made = _run(tmp_path, "evaluate", "2026-H1", "--report-day", "2026-07-05", "--json")
    assert (made["report_on"], made["closed_at"], made["changed"]) == ("2026-07-05", None, [])
    assert "Bản thảo báo cáo đã lập" in _run(tmp_path, "close", "2026-H1")
    again = _run(tmp_path, "evaluate", "2026-H1", "--again", "--json")
    assert again["closed_at"]
    assert again["changed"] == []
