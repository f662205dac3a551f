"""The kind of a target in the form and in YAML: written, corrected, left empty, and asked about once."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from tests.builders import a_directory, a_plan, an_item
from workflow.cli import app
from workflow.domain.plans.plan import Schedule, ScheduleKind
from workflow.domain.plans.target_kinds import TargetKind
from workflow.importing.cells.target_kinds import targets_of
from workflow.importing.files.plan_file import plan_yaml, read_plan_yaml
from workflow.importing.findings.findings import FindingKind
from workflow.importing.findings.kind_findings import kinds_in_doubt
from workflow.importing.form.checking import RefusedPlan
from workflow.importing.form.filling import form_of
from workflow.importing.form.form import FormSheet, PlanForm
from workflow.importing.form.reading import accept
from workflow.importing.form.workbook import write_workbook
from workflow.importing.form.workbook_reading import read_workbook

CONTENT = "Hỗ trợ 02 hộ khó khăn; duy trì 17 tuyến phố"
JUNE = Schedule(ScheduleKind.MONTH, date(2026, 6, 1), date(2026, 6, 30))
ITEM = an_item(1, content=CONTENT, targets=targets_of(CONTENT), start_text="Tháng 6", start=JUNE)


def a_form() -> PlanForm:
    findings = [one.as_json() for one in kinds_in_doubt(ITEM, "dòng 1")]
    return form_of(a_plan(items=[ITEM]), a_directory(), findings)


def kinds_in(form: PlanForm) -> list[TargetKind]:
    return [one.kind for one in accept(form).plan.items[0].targets]


def test_a_doubtful_kind_is_one_finding_and_one_cell_to_look_at():
    form = a_form()
    doubtful = [row for row in form.rows(FormSheet.TARGETS) if row.doubts]
    assert [(row["text"], row["kind"]) for row in doubtful] == [("02 hộ", "cộng dồn")]
    assert [row["kind"] for row in form.rows(FormSheet.FINDINGS)] == [FindingKind.KIND_IN_DOUBT]
    assert not any(row.doubts.get("content") for row in form.rows(FormSheet.ITEMS))


def test_a_kind_corrected_in_the_workbook_is_read_back_and_not_asked_about_again():
    mended = a_form().with_cell(FormSheet.TARGETS, 0, "kind", "Mức giữ")
    read = read_workbook(write_workbook(mended))
    assert kinds_in(read) == [TargetKind.LEVEL, TargetKind.LEVEL]
    assert accept(read).findings == ()


def test_a_doubt_nobody_settled_stays_with_the_plan():
    (finding,) = accept(read_workbook(write_workbook(a_form()))).findings
    assert finding["kind"] == FindingKind.KIND_IN_DOUBT


def test_an_empty_kind_is_read_from_the_words_of_the_item():
    form = a_form()
    for at in (0, 1):
        form = form.with_cell(FormSheet.TARGETS, at, "kind", "")
    assert kinds_in(form) == [TargetKind.FLOW, TargetKind.LEVEL]


def test_a_kind_that_does_not_exist_is_refused_with_its_cell():
    with pytest.raises(RefusedPlan) as refused:
        accept(a_form().with_cell(FormSheet.TARGETS, 1, "kind", "gì đó"))
    (problem,) = refused.value.problems
    assert "không có loại chỉ tiêu “gì đó”" in problem.what
    assert problem.cell == (FormSheet.TARGETS, 1, "kind")


def test_a_yaml_file_keeps_kinds_and_reads_those_it_leaves_out():
    plan = accept(a_form().with_cell(FormSheet.TARGETS, 0, "kind", "thứ hạng")).plan
    text = plan_yaml(plan, a_directory())
    assert [one.kind for one in read_plan_yaml(text, "plan.yaml").plan.items[0].targets] == [
        TargetKind.RANK,
        TargetKind.LEVEL,
    ]
    body = yaml.safe_load(text)
    for entry in body["items"][0]["targets"]:
        del entry["kind"]
    without = yaml.safe_dump(body, allow_unicode=True)
    assert [one.kind for one in read_plan_yaml(without, "plan.yaml").plan.items[0].targets] == [
        TargetKind.FLOW,
        TargetKind.LEVEL,
    ]


def test_the_command_prints_each_target_with_its_kind_and_why(tmp_path: Path):
    file = tmp_path / "ke-hoach.txt"
    head = "TT | Nội dung | Đơn vị chủ trì | Đơn vị phối hợp | Thời hạn"
    file.write_text(
        f"KẾ HOẠCH\nnăm 2027\n\n{head}\n1 | {CONTENT} | UBND phường | Công an | Tháng 6\n", "utf-8"
    )
    answer = CliRunner().invoke(app, ["plan", "import", str(file), "--json"])
    assert answer.exit_code == 0, answer.output
    told = json.loads(answer.stdout)["targets"]
    assert [(one["kind"], one["is_doubtful"]) for one in told] == [("flow", True), ("level", False)]
    assert told[1]["reason"] == "“duy trì” đứng trước"
