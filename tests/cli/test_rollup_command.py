"""`tiendo rollup` and `tiendo organisation` from the command line."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tests.builders import NOW, a_directory, a_plan, a_store, an_item, an_open_period
from workflow.cli import app
from workflow.domain.errors import TiendoError
from workflow.storage import Store
from workflow.storage.results.closing import close_period

LATER = NOW + timedelta(days=60)


def wards(folder: Path) -> Store:
    """Two wards with a closed quarter each, the second's item under another code; a city with a plan."""
    store = a_store(folder)
    for name, code in (("Phường Một", "I.1.1"), ("Phường Hai", "II.9"), ("Thành phố", "I.1.1")):
        plan = a_plan(items=[replace(an_item(1), code=code)])
        opened = an_open_period(store, directory=a_directory(name), plan=plan)
        with store.begin() as tx:
            close_period(tx, opened.period_id, LATER, is_early=True)
    return store


def run(folder: Path, *words: str, fails: bool = False) -> str:
    answer = CliRunner().invoke(app, [*words, "--data", str(folder)], catch_exceptions=True)
    if isinstance(answer.exception, TiendoError):
        raise answer.exception
    assert (answer.exit_code != 0) is fails, answer.output
    return answer.stdout


def test_wards_go_into_their_city_and_what_matches_nothing_can_be_mapped(tmp_path: Path) -> None:
    wards(tmp_path)
    for ward in ("Phường Một", "phuong-hai"):
        assert "trực thuộc Thành phố" in run(tmp_path, "organisation", "attach", ward, "--to", "Thành phố")
    asked = ("rollup", "--period", "2026-Q1", "--organisation", "Thành phố", "--below", "--json")
    told = json.loads(run(tmp_path, *asked))
    assert [(one["organisation"], one["code"]) for one in told["unmatched"]] == [("Phường Hai", "II.9")]
    file = tmp_path / "doi-chieu.csv"
    run(tmp_path, "rollup", "unmatched", str(file), "--superior", "Thành phố", "--period", "2026-Q1")
    filled = file.read_text("utf-8").replace("II.9;;", "II.9;I.1.1;")
    file.write_text(filled, "utf-8")
    mapping = ("rollup", "map", str(file), "--superior", "Thành phố", "--year", "2026")
    run(tmp_path, *mapping, "--check")
    assert json.loads(run(tmp_path, *asked))["unmatched"]
    run(tmp_path, *mapping)
    told = json.loads(run(tmp_path, *asked))
    assert told["unmatched"] == []
    assert [row["now"]["items"]["by_status"]["no-report"] for row in told["rows"]] == [2, 2]


def test_one_organisations_table_and_the_check_of_what_is_kept(tmp_path: Path) -> None:
    wards(tmp_path)
    told = run(tmp_path, "rollup", "--period", "2026", "--organisation", "Phường Một", "--by", "unit")
    assert "UBND phường" in told
    assert "Đã tính lại 3 kỳ: khớp." in run(tmp_path, "rollup", "verify")


def test_a_wrong_mapping_and_an_unknown_period_are_told(tmp_path: Path) -> None:
    wards(tmp_path)
    file = tmp_path / "sai.csv"
    file.write_text("Đơn vị;Mã số;Mã số của cấp trên\nPhường Lạ;I.1.1;I.1.1\n", "utf-8")
    mapping = ("rollup", "map", str(file), "--superior", "Thành phố", "--year", "2026", "--check")
    run(tmp_path, *mapping, fails=True)
    with pytest.raises(TiendoError, match="chưa có số liệu"):
        run(tmp_path, "rollup", "--period", "2031", "--organisation", "Phường Một")
