"""`tiendo plan load`, `amend`, `export` as the office runs them."""

from __future__ import annotations

import json

import openpyxl
import pytest
from typer.testing import CliRunner

from tests.importing.plans import a_document, a_row
from workflow.cli.plans.plan import app
from workflow.sample import directory_path, plan_path
from workflow.storage import Store
from workflow.storage.audit import verify
from workflow.storage.plans.plans import load_plan


@pytest.fixture
def office(tmp_path, monkeypatch):
    """Runs `tiendo plan` in a folder of its own."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str, answer: str = ""):
        return CliRunner().invoke(app, list(arguments), input=answer, env={"COLUMNS": "200"})

    result = run("import", str(plan_path()), "--directory", str(directory_path()), "-o", "plan.xlsx")
    assert result.exit_code == 0, result.output
    return run


def stored(folder="tiendo-data"):
    store = Store(f"sqlite:///{folder}/tiendo.db")
    with store.reading() as tx:
        plan = load_plan(tx, 1)
        assert verify(tx)[1] == []
    store.close()
    return plan


def mend(column: str, row: int, value: object, sheet: str = "Nội dung") -> None:
    book = openpyxl.load_workbook("plan.xlsx")
    at = next(cell.column for cell in book[sheet][1] if cell.value == column)
    book[sheet].cell(row, at).value = value
    book.save("plan.xlsx")


def test_the_first_load_asks_and_saves_plan_and_directory(office):
    result = office("load", "plan.xlsx", answer="y\n")
    assert result.exit_code == 0, result.output
    assert "Kế hoạch mới: 40 nội dung" in result.stdout
    assert len(stored().items) == 40


def test_a_no_writes_nothing(office):
    result = office("load", "plan.xlsx", answer="n\n")
    assert result.exit_code == 1
    assert "Chưa ghi gì." in result.stdout
    assert office("export", "-o", "ra.yaml").exit_code == 1


def test_a_dry_run_shows_and_writes_nothing(office):
    result = office("load", "plan.xlsx", "--dry")
    assert result.exit_code == 0
    assert "chưa ghi gì" in result.stdout
    assert office("export", "-o", "ra.yaml").exit_code == 1


def test_loading_again_shows_field_by_field_what_changed(office):
    office("load", "plan.xlsx", "--yes")
    mend("Nội dung", 2, "Kết nạp từ 30 đảng viên mới trở lên")
    mend("Chức danh", 2, "Bí thư Đảng ủy, Chủ tịch HĐND", sheet="Người nhận")
    mend("Chức danh", 3, "Bí thư Đảng ủy, Chủ tịch HĐND", sheet="Người nhận")
    result = office("load", "plan.xlsx", "--yes")
    assert result.exit_code == 0, result.output
    assert "Kết nạp từ 25 đảng viên mới" in result.stdout
    assert "Bí thư Đảng ủy, Chủ tịch HĐND" in result.stdout
    assert stored().items[0].content == "Kết nạp từ 30 đảng viên mới trở lên"
    assert "Không có gì thay đổi" in office("load", "plan.xlsx").stdout


def test_every_problem_is_told_and_nothing_is_loaded(office):
    mend("Đơn vị chủ trì", 2, "Phòng lạ hoắc")
    mend("Thời hạn hoàn thành", 3, "mai mốt")
    result = office("load", "plan.xlsx", "--yes")
    assert result.exit_code == 1
    assert "2 chỗ phải sửa" in result.stderr
    assert "trang “Nội dung”, dòng 2, cột G (Đơn vị chủ trì)" in result.stderr
    as_json = json.loads(office("load", "plan.xlsx", "--json").stdout)
    assert [problem["where"][:25] for problem in as_json["problems"]] == [
        "trang “Nội dung”, dòng 2,",
        "trang “Nội dung”, dòng 3,",
    ]


def test_yaml_out_and_in_again_is_no_change_and_always_the_same_text(office, tmp_path):
    office("load", "plan.xlsx", "--yes")
    office("export", "-o", "mot.yaml")
    assert "Không có gì thay đổi" in office("load", "mot.yaml").stdout
    office("export", "-o", "hai.yaml")
    assert (tmp_path / "mot.yaml").read_bytes() == (tmp_path / "hai.yaml").read_bytes()
    office("export", "-o", "ra.xlsx")
    assert "Không có gì thay đổi" in office("load", "ra.xlsx").stdout


def test_the_plan_document_itself_loads_against_the_directory_that_is_there(office):
    office("load", "plan.xlsx", "--yes")
    assert "Không có gì thay đổi" in office("load", str(plan_path())).stdout


def test_json_tells_scripts_what_was_written(office):
    told = json.loads(office("load", "plan.xlsx", "--json").stdout)
    assert (told["written"], told["new"], told["plan"], len(told["added"])) == (True, True, 1, 40)
    again = json.loads(office("load", "plan.xlsx", "--json").stdout)
    assert (again["written"], again["new"], again["added"]) == (False, False, [])


def test_an_amendment_is_shown_first_and_then_applied(office, tmp_path):
    office("load", "plan.xlsx", "--yes")
    row = a_row("1", "Bãi bỏ nội dung số I.1.2", "", "", "", "", "")
    new = a_row("2", "Lắp 10 camera tại chợ", "", "Công an phường", "", "", "Quý IV/2026")
    above = ("KẾ HOẠCH", "Điều chỉnh, bổ sung Kế hoạch năm 2026")
    (tmp_path / "dieu-chinh.txt").write_bytes(a_document([row, new], above=above))
    dry = office("amend", "dieu-chinh.txt", "--dry")
    assert dry.exit_code == 0, dry.output
    assert "Văn bản điều chỉnh" in dry.stdout
    assert "1 nội dung thêm, 0 đổi, 1 rút" in dry.stdout
    assert len(stored().items) == 40
    assert office("amend", "dieu-chinh.txt", "--yes").exit_code == 0
    contents = [item.content for item in stored().items]
    assert "Lắp 10 camera tại chợ" in contents
    assert "I.1.2" not in [item.code for item in stored().items]


def test_what_cannot_be_opened_ends_with_2_and_a_wrong_ending_with_1(office):
    assert office("load", "khong-co.xlsx").exit_code == 2
    office("load", "plan.xlsx", "--yes")
    assert office("export", "-o", "plan.pdf").exit_code == 1
