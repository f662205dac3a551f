"""Plans of other authorities, each with the reading a careful person wrote beside it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from workflow.domain.plans.plan import PlanItem, PlanPart
from workflow.importing.reading import Reading, read_plan

PLANS = sorted((Path(__file__).parent / "plans_of_others").glob("*.txt"))


def the_reading(path: Path) -> Reading:
    return read_plan(path)


def expected_of(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
    return found


def values_read(part: PlanPart) -> Counter[tuple[str, str, str]]:
    """The values of one item or part, each with its code and field."""
    schedule = part.deadline or part.start
    found: dict[str, Any] = {
        "content": part.content,
        "sections": list(part.sections) if isinstance(part, PlanItem) else [],
        "leaders": list(part.leaders),
        "lead": list(part.lead_units),
        "coordinating": list(part.coordinating_units),
        "start_text": part.start_text,
        "deadline_text": part.deadline_text,
        "due": part.due.isoformat() if part.due else "",
        "every": schedule.every.value if schedule and schedule.every else "",
        "result": part.result,
        "note": part.note,
    }
    return values_of(part.code, found)


def values_of(code: str, fields: dict[str, Any]) -> Counter[tuple[str, str, str]]:
    return Counter(
        (code, field, one)
        for field, value in fields.items()
        if field not in ("code", "parts")
        for one in (value if isinstance(value, list) else [value])
        if one
    )


def parts_of(reading: Reading) -> Iterator[PlanPart]:
    for item in reading.plan.items:
        yield item
        yield from item.parts


def expected_parts(expected: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for item in expected["items"]:
        yield item
        yield from item.get("parts", ())


def test_there_are_plans_of_many_authorities():
    assert len(PLANS) >= 8


@pytest.mark.parametrize("path", PLANS, ids=lambda path: path.stem)
def test_every_code_is_found_and_none_made_up(path):
    codes = [part.code for part in parts_of(the_reading(path))]
    assert codes == [part["code"] for part in expected_parts(expected_of(path))]


@pytest.mark.parametrize("path", PLANS, ids=lambda path: path.stem)
def test_the_fields_are_read_as_a_careful_person_reads_them(path):
    read: Counter[tuple[str, str, str]] = Counter()
    for part in parts_of(the_reading(path)):
        read += values_read(part)
    expected: Counter[tuple[str, str, str]] = Counter()
    for fields in expected_parts(expected_of(path)):
        expected += values_of(fields["code"], fields)
    right = (read & expected).total()
    wrong = {"left out": sorted(expected - read), "made up": sorted(read - expected)}
    assert right >= 0.98 * max(read.total(), expected.total()), wrong


@pytest.mark.parametrize("path", PLANS, ids=lambda path: path.stem)
def test_only_what_is_doubtful_is_told(path):
    reading, expected = the_reading(path), expected_of(path)
    assert reading.plan.year == expected["year"]
    assert {finding.kind.value for finding in reading.findings} == set(expected.get("findings", ()))
    assert all(finding.place and finding.cure for finding in reading.findings)
