import json

import pytest
from typer.testing import CliRunner

from tests.importing.plans import a_document, a_heading, a_row
from workflow.cli.plans.plan import app


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "ke-hoach.txt"
    path.write_bytes(
        a_document([a_heading("1", "Y tế (05 nội dung)"), a_row("1.1"), a_row("1.2", deadline="mai")])
    )
    return str(path)


def run(*arguments: str):
    return CliRunner().invoke(app, list(arguments), env={"COLUMNS": "200"})


def test_import_shows_items_and_findings_and_ends_well(file):
    result = run("import", file)
    assert result.exit_code == 0
    assert "Trồng cây" in result.stdout
    assert "ghi 5 nội dung, nhưng biểu có 2" in result.stdout


def test_import_as_json_is_the_shape_of_a_gold_reading(file, tmp_path):
    printed = json.loads(run("import", file, "--json").stdout)
    assert [item["code"] for item in printed["items"]] == ["1.1", "1.2"]
    assert {finding["kind"] for finding in printed["findings"]} == {"count-differs", "time-unread"}
    gold = tmp_path / "gold.json"
    gold.write_text(json.dumps(printed), encoding="utf-8")
    fields = json.loads(run("check", file, "--gold", str(gold), "--json").stdout)["fields"]
    assert {(field["precision"], field["recall"]) for field in fields.values()} == {(1.0, 1.0)}


def test_import_fails_only_when_nothing_can_be_read(tmp_path):
    path = tmp_path / "thu.txt"
    path.write_text("Kính gửi các đồng chí", encoding="utf-8")
    result = run("import", str(path))
    assert result.exit_code == 2
    assert "Không tìm thấy biểu kế hoạch" in result.stderr


def test_check_lists_the_mismatches_asked_for(file, tmp_path):
    printed = json.loads(run("import", file, "--json").stdout)
    printed["items"][0]["content"] = "Sửa cầu"
    gold = tmp_path / "gold.json"
    gold.write_text(json.dumps(printed), encoding="utf-8")
    result = run("check", file, "--gold", str(gold), "--worst", "3")
    assert result.exit_code == 0
    assert "chuẩn: Sửa cầu" in result.stdout
    assert "đọc:   Trồng cây" in result.stdout


def test_check_refuses_a_gold_reading_that_is_none(file, tmp_path):
    gold = tmp_path / "gold.json"
    gold.write_text("[]", encoding="utf-8")
    assert run("check", file, "--gold", str(gold)).exit_code == 2
