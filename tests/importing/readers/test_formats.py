"""The same plan reads the same from every format: the sample always, the real plan where it is at hand."""

import json
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest

from tests.importing.make_documents import MAKERS, SOFFICE, plan_to_make
from workflow.importing.findings.gold import as_gold, compare
from workflow.importing.reading import Reading, read_plan
from workflow.sample import plan_path

THE_REAL_PLAN = Path(__file__).parents[4] / "shared" / "plan"
FORMATS = [
    pytest.param(
        ending,
        marks=[
            pytest.mark.slow,
            pytest.mark.skipif(SOFFICE is None, reason="LibreOffice is not here to print"),
        ]
        if ending == "pdf"
        else (),
    )
    for ending in MAKERS
]


@lru_cache
def made(source: Path, ending: str) -> bytes:
    return MAKERS[ending](plan_to_make(source, is_broken=ending != "pdf"))


def differences(reading: Reading, gold: dict[str, Any]) -> dict[str, Any]:
    return {score.field: score.mismatches for score in compare(reading.plan, gold) if score.mismatches}


@pytest.mark.parametrize("ending", FORMATS)
def test_the_sample_plan_reads_the_same(ending):
    text = read_plan(plan_path())
    reading = read_plan(made(plan_path(), ending))
    assert differences(reading, as_gold(text.plan)) == {}
    assert (reading.plan.title, reading.plan.number, reading.plan.issued_on, reading.plan.issuer) == (
        text.plan.title,
        text.plan.number,
        text.plan.issued_on,
        text.plan.issuer,
    )


@pytest.mark.parametrize("ending", FORMATS)
def test_the_sample_plan_raises_the_same_doubts(ending):
    kinds = [finding.kind for finding in read_plan(plan_path()).findings]
    assert [finding.kind for finding in read_plan(made(plan_path(), ending)).findings] == kinds


@pytest.mark.skipif(
    not (THE_REAL_PLAN / "gold.json").exists(),
    reason=f"THE REAL PLAN IS NOT CHECKED: {THE_REAL_PLAN} is not there to be compared",
)
@pytest.mark.parametrize("ending", FORMATS)
def test_the_real_plan_reads_the_same_and_as_a_careful_person_reads_it(ending):
    source = THE_REAL_PLAN / "ke-hoach-145.txt"
    reading = read_plan(made(source, ending))
    assert differences(reading, as_gold(read_plan(source).plan)) == {}
    gold = json.loads((THE_REAL_PLAN / "gold.json").read_text(encoding="utf-8"))
    low = {
        score.field: (score.precision, score.recall)
        for score in compare(reading.plan, gold)
        if not score.field.endswith("_ids") and min(score.precision, score.recall) < 0.99
    }
    assert low == {}
