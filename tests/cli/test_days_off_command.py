"""`tiendo days-off`: listed, entered, removed, imported; for people and for scripts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from tests.builders import NOW, Opened, a_store, an_open_period
from workflow.cli import app
from workflow.clock import Clock
from workflow.domain.errors import NotAllowed, TiendoError
from workflow.storage.people.groups import own_days
from workflow.storage.periods.periods import period_of


@pytest.fixture
def opened(tmp_path: Path) -> Opened:
    found = an_open_period(a_store(tmp_path))
    Clock(found.store).set(NOW)
    return found


def run(opened: Opened, folder: Path, *words: str, code: int = 0, typed: str = "") -> Any:
    environment = {"TIENDO_DATABASE_URL": opened.store.url}
    told = ["days-off", *words, "--data", str(folder)]
    found = CliRunner().invoke(app, told, env=environment, input=typed, catch_exceptions=False)
    assert found.exit_code == code, found.output
    return json.loads(found.stdout) if "--json" in words else found.output


def days(opened: Opened) -> list[str]:
    with opened.store.reading() as tx:
        return [f"{one.day} {one.kind.value}" for one in own_days(tx, opened.organisation_id)]


def test_a_day_is_entered_and_says_whose_day_moved(opened: Opened, tmp_path: Path) -> None:
    told = run(opened, tmp_path, "add", "16/03/2026", "Nghỉ bão", "--json")
    assert (told["is_written"], told["people_whose_day_moved"]) == (True, 1)
    assert [(one["step"], one["becomes"]) for one in told["moved_dates"]] == [("due_on", "2026-03-17")]
    assert days(opened) == ["2026-03-16 off"]


def test_a_dry_run_says_the_same_and_writes_nothing(opened: Opened, tmp_path: Path) -> None:
    told = run(opened, tmp_path, "add", "2026-03-16", "Nghỉ bão", "--dry-run")
    assert "Hạn của 1 người đổi theo" in told
    assert "Chưa ghi gì" in told
    assert days(opened) == []
    with opened.store.reading() as tx:
        assert f"{period_of(tx, opened.period_id).due_on}" == "2026-03-16"


def test_a_day_to_come_is_removed_and_one_that_is_not_there_refused(opened: Opened, tmp_path: Path) -> None:
    run(opened, tmp_path, "add", "21/03/2026", "Làm bù", "--worked")
    assert days(opened) == ["2026-03-21 worked"]
    run(opened, tmp_path, "remove", "21/03/2026")
    assert days(opened) == []
    with pytest.raises(NotAllowed, match="không có trong danh sách"):
        run(opened, tmp_path, "remove", "21/03/2026")


def test_a_list_with_a_line_that_can_not_be_read_is_not_taken_unless_told(
    opened: Opened, tmp_path: Path
) -> None:
    text = "02/09/2026 Quốc khánh\nmai nghỉ 30/2\n01/01/2026 Tết\n"
    told = run(opened, tmp_path, "import", "-", "--json", code=1, typed=text)
    assert (told["is_written"], [one["where"] for one in told["unread"]]) == (False, ["dòng 2"])
    assert [one["day"] for one in told["left_out"]] == ["2026-01-01"]
    assert "vốn đã nghỉ" in told["days"][0]["doubts"][0]
    assert days(opened) == []
    run(opened, tmp_path, "import", "-", "--skip-unread", typed=text)
    assert days(opened) == ["2026-09-02 off"]


def test_a_file_is_imported(opened: Opened, tmp_path: Path) -> None:
    file = tmp_path / "ngay-nghi.csv"
    file.write_text("Ngày,Lý do\n12/10/2026,Đại hội\n15/08/2026,làm bù\n", encoding="utf-8")
    run(opened, tmp_path, "import", str(file))
    assert days(opened) == ["2026-08-15 worked", "2026-10-12 off"]


def test_the_list_shows_own_days_and_the_national_ones_with_their_source(
    opened: Opened, tmp_path: Path
) -> None:
    run(opened, tmp_path, "add", "12/10/2026", "Đại hội")
    told = run(opened, tmp_path, "list", "--year", "2026", "--national", "--json")
    assert [(one["day"], one["reason"]) for one in told["days"]] == [("2026-10-12", "Đại hội")]
    assert told["national"]["source"].startswith("holidays ")
    assert "2026-08-22" in told["national"]["worked"]
    assert "12/10/2026" in run(opened, tmp_path, "list")


def test_what_is_no_day_is_refused_with_the_cure(opened: Opened, tmp_path: Path) -> None:
    with pytest.raises(TiendoError, match="không phải một ngày") as error:
        run(opened, tmp_path, "add", "mai", "Nghỉ")
    assert "02/09/2026" in str(error.value.cure)
