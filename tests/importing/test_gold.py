import copy
import json
from pathlib import Path
from typing import Any

import pytest

from tests.importing.plans import a_heading, a_row, reading_of
from workflow.domain.plans.plan import Plan
from workflow.importing.findings.gold import FieldScore, as_gold, compare
from workflow.importing.reading import read_plan

THE_REAL_PLAN = Path(__file__).parents[3] / "shared" / "plan"


@pytest.fixture
def plan() -> Plan:
    return reading_of(a_heading("1", "Y tế (02 nội dung)"), a_row("1.1"), a_row("1.2", coordinating="")).plan


def score(plan: Plan, gold: dict[str, Any], field: str) -> FieldScore:
    return next(found for found in compare(plan, gold) if found.field == field)


def changed(plan: Plan, **fields: Any) -> dict[str, Any]:
    gold = copy.deepcopy(as_gold(plan))
    gold["items"][0].update(fields)
    return gold


def test_a_reading_agrees_with_itself(plan):
    assert all(
        found.precision == found.recall == 1 and not found.mismatches
        for found in compare(plan, as_gold(plan))
    )


def test_a_wrong_value_costs_precision_and_recall(plan):
    found = score(plan, changed(plan, content="Sửa cầu"), "content")
    assert (found.precision, found.recall) == (0.5, 0.5)
    assert [mismatch.code for mismatch in found.mismatches] == ["1.1"]


def test_a_value_left_out_costs_recall_only(plan):
    found = score(plan, changed(plan, leaders=["Lê Thị Mai", "Trần An"]), "leaders")
    assert (found.precision, round(found.recall, 2)) == (1, 0.67)


def test_a_value_made_up_costs_precision_only(plan):
    found = score(plan, changed(plan, due=None), "due")
    assert (found.precision, found.recall) == (0.5, 1)


def test_white_space_does_not_count(plan):
    assert score(plan, changed(plan, content=" Trồng \n cây"), "content").recall == 1


def test_ids_are_compared_in_any_order(plan):
    gold = changed(plan, coordinating_units=["Công an xã", "MTTQ"])
    read = changed(plan, coordinating_units=["MTTQ", "Công an xã"])
    assert gold != read
    assert score(plan, gold, "coordinating_units") == FieldScore(
        "coordinating_units", 1, 1, 2, score(plan, gold, "coordinating_units").mismatches
    )


def test_units_without_a_careful_reading_are_not_compared(plan):
    found = score(plan, changed(plan, coordinating_units=None), "coordinating_units")
    assert (found.given, found.expected, found.mismatches) == (0, 0, ())


def test_an_item_only_one_side_has_counts_with_all_its_values(plan):
    gold = as_gold(plan)
    del gold["items"][1]
    assert score(plan, gold, "code").precision == 0.5
    assert score(plan, gold, "start").precision == 0.5


def test_a_promise_read_wrongly_counts(plan):
    gold = as_gold(plan)
    gold["declared"][0]["declared"][0]["count"] = 3
    assert score(plan, gold, "declared").recall == 0


@pytest.mark.skipif(
    not (THE_REAL_PLAN / "gold.json").exists(),
    reason=f"THE REAL PLAN IS NOT CHECKED: {THE_REAL_PLAN} is not there to be compared",
)
def test_the_real_plan_is_read_as_a_careful_person_reads_it():
    plan = read_plan(THE_REAL_PLAN / "ke-hoach-145.txt").plan
    gold = json.loads((THE_REAL_PLAN / "gold.json").read_text(encoding="utf-8"))
    assert (len(plan.items), sum(len(item.parts) for item in plan.items)) == (107, 5)
    low = {
        found.field: (found.precision, found.recall)
        for found in compare(plan, gold)
        if not found.field.endswith("_ids") and min(found.precision, found.recall) < 0.99
    }
    assert low == {}
