"""Whatever the layout, a plan is read back as it was meant."""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.importing.random_plans import Drawn, Read, plans
from workflow.domain.errors import UnreadablePlan
from workflow.importing.reading import read_plan

SLOW = (HealthCheck.too_slow, HealthCheck.data_too_large)


def what_is_read(text: str) -> tuple[Read, ...]:
    return tuple(
        Read(
            item.code,
            item.sections,
            " ".join(item.content.split()),
            item.leaders,
            item.lead_units,
            item.coordinating_units,
            item.start,
            item.deadline,
            item.result,
        )
        for item in read_plan(text.encode()).plan.items
    )


@settings(max_examples=200, deadline=None, suppress_health_check=SLOW)
@given(plans())
def test_a_plan_in_any_layout_is_read_as_it_was_meant(drawn: Drawn):
    assert what_is_read(drawn.text) == drawn.items


@pytest.mark.nightly
@pytest.mark.skipif("TIENDO_NIGHTLY" not in os.environ, reason="TIENDO_NIGHTLY=1 runs 20,000 random plans")
@settings(max_examples=20_000, deadline=None, suppress_health_check=SLOW)
@given(plans())
def test_many_more_plans_are_read_as_they_were_meant(drawn: Drawn):
    assert what_is_read(drawn.text) == drawn.items


@settings(max_examples=60, deadline=None, suppress_health_check=SLOW)
@given(plans(), st.lists(st.floats(0, 1), min_size=1, max_size=4))
def test_lines_lost_in_a_scan_never_make_two_items_share_a_code(drawn: Drawn, lost: list[float]):
    lines = drawn.text.split("\n")
    gone = {int(share * (len(lines) - 1)) for share in lost}
    kept = "\n".join(line for at, line in enumerate(lines) if at not in gone)
    try:
        items = read_plan(kept.encode(), year=2025).plan.items
    except UnreadablePlan:
        return
    codes = [part.code for item in items for part in (item, *item.parts)]
    assert len(codes) == len(set(codes))
