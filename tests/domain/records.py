"""Strategies for a period's records, small enough to collide: few units, sections and days."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import strategies as st

from tests.reports.quarter import SECTIONS, UNITS, a_record
from workflow.domain.cycle import Stage, Verdict
from workflow.domain.plan import Comparison, Every
from workflow.domain.record import CycleRecord, Figure, Reported, Word

FIRST = date(2026, 1, 1)
days = st.integers(0, 150).map(lambda count: FIRST + timedelta(days=count))
values = st.decimals(-5, 200, places=2)
figures = st.builds(
    Figure, st.just("Chỉ tiêu"), values, st.none() | values, st.just("%"), st.sampled_from(Comparison)
)
words = st.builds(
    Word,
    st.sampled_from(list(UNITS.values())),
    st.none() | st.sampled_from(Verdict),
    on=st.none() | days,
    due_on=st.none() | days,
    is_deemed=st.booleans(),
)


@st.composite
def any_records(draw: st.DrawFn) -> list[CycleRecord]:
    """Up to a dozen records of every stage, with facts that need not agree with each other."""
    found = []
    for number in range(draw(st.integers(0, 12))):
        heads = draw(st.sampled_from(["X", *SECTIONS]))
        stage = draw(st.sampled_from(Stage))
        submitted = draw(days) if stage is Stage.APPROVED else draw(st.none() | days)
        found.append(
            a_record(
                f"{heads}.{number}",
                " ".join(draw(st.lists(st.sampled_from(list(UNITS)), max_size=3, unique=True))),
                cycle_id=number,
                stage=stage,
                leaders=tuple(
                    draw(st.lists(st.sampled_from(["Mai", "Hùng", "Đức"]), max_size=2, unique=True))
                ),
                words=tuple(draw(st.lists(words, max_size=3, unique_by=lambda word: word.unit))),
                due=draw(st.none() | days),
                start=draw(st.none() | days),
                cadence=draw(st.none() | st.sampled_from(Every)),
                first_submitted_on=submitted,
                days_late=draw(st.integers(0, 8)) if submitted else 0,
                reported=draw(st.none() | st.sampled_from(Reported)),
                done_on=draw(st.none() | days),
                progress=draw(st.none() | st.decimals(0, 100, places=3)),
                figures=tuple(draw(st.lists(figures, max_size=2))),
                returns_by_objection=draw(st.integers(0, 3)),
                returns_by_committee=draw(st.integers(0, 3)),
            )
        )
    return found
