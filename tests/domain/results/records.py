"""Strategies for a period's records, small enough to collide: few units, sections and days."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from tests.reports.quarter import SECTIONS, UNITS, a_record
from workflow.domain.cycles.cycle import Stage, Verdict
from workflow.domain.plans.plan import Comparison, Every
from workflow.domain.results.figures import Figure
from workflow.domain.results.record import CycleRecord, LeaderRef, RecordedWord, Reported

days = st.integers(0, 150).map(lambda count: date(2026, 1, 1) + timedelta(days=count))
values = st.integers(-500, 20_000).map(lambda hundredths: Decimal(hundredths) / 100)
figures = st.builds(
    Figure, st.just("Chỉ tiêu"), values, st.none() | values, st.just("%"), st.sampled_from(Comparison)
)
words = st.builds(
    RecordedWord,
    st.sampled_from(list(UNITS.values())),
    st.none() | st.sampled_from(Verdict),
    on=st.none() | days,
    due_on=st.none() | days,
    is_deemed=st.booleans(),
)
leaders = st.sampled_from(
    [
        LeaderRef("Mai (p1@x.vn)", 1),
        LeaderRef("Mai (p2@x.vn)", 2),
        LeaderRef("Mai"),
        LeaderRef("Hùng"),
        LeaderRef("Đức", 3),
    ]
)
"""Two namesakes, and one of that name whom the directory does not know."""
facts = st.fixed_dictionaries(
    {
        "section": st.sampled_from(["X", *SECTIONS]),
        "leads": st.lists(st.sampled_from(list(UNITS)), max_size=3, unique=True).map(" ".join),
        "stage": st.sampled_from(Stage),
        "leaders": st.lists(leaders, max_size=2, unique_by=lambda one: one.key).map(tuple),
        "words": st.lists(words, max_size=3, unique_by=lambda word: word.unit).map(tuple),
        "due": st.none() | days,
        "start": st.none() | days,
        "cadence": st.none() | st.sampled_from(Every),
        "first_submitted_on": st.none() | days,
        "days_late": st.integers(0, 8),
        "reported": st.none() | st.sampled_from(Reported),
        "done_on": st.none() | days,
        "progress": st.none() | st.integers(0, 1000).map(lambda tenths: Decimal(tenths) / 10),
        "figures": st.lists(figures, max_size=2).map(tuple),
        "returns_by_objection": st.integers(0, 3),
        "returns_by_committee": st.integers(0, 3),
        "is_left_out": st.booleans(),
    }
)


def _numbered(found: list[dict[str, Any]]) -> list[CycleRecord]:
    return [
        a_record(
            f"{one['section']}.{number}", cycle_id=number, **{k: v for k, v in one.items() if k != "section"}
        )
        for number, one in enumerate(found)
    ]


any_records = st.lists(facts, max_size=6).map(_numbered)
"""Up to six records of every stage, with facts that need not agree with each other."""
