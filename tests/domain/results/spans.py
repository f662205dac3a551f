"""Records of several items over the periods of a year: few items, so that periods meet."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from tests.domain.results.records import facts, figures
from tests.reports.quarter import a_record
from workflow.domain.periods.period import PeriodKind, Span
from workflow.domain.results.figures import Aggregation
from workflow.domain.results.record import CycleRecord

N_ITEMS = 3
SPANS = tuple(
    Span(kind, 2026, index)
    for kind, count in zip(PeriodKind, (12, 4, 2, 1), strict=True)
    for index in range(1, count + 1)
)
_figures = st.builds(
    lambda figure, way, weight, measure: replace(
        figure, aggregation=way, weight=weight, measure=measure, before=Decimal(0)
    ),
    figures,
    st.sampled_from(Aggregation),
    st.none() | st.integers(0, 9).map(Decimal),
    st.sampled_from(["hộ", "%"]),
)
_told = st.builds(
    lambda item, span, late, told, own, percent: (item, span, late, told, own, percent),
    st.integers(1, N_ITEMS),
    st.sampled_from(SPANS),
    st.integers(0, 20),
    facts,
    st.lists(_figures, max_size=2),
    st.none() | st.integers(0, 100).map(Decimal),
)


def _records(found: list[tuple[Any, ...]]) -> list[CycleRecord]:
    records = []
    for item, span, late, told, own, percent in found:
        given = {key: value for key, value in told.items() if key not in ("section", "figures", "progress")}
        records.append(
            a_record(
                f"{told['section']}.{item}",
                cycle_id=(SPANS.index(span) + 1) * 10 + item,
                item_id=item,
                position=item,
                span=span,
                as_of=span.last_day.replace(day=min(28, 5 + late)),
                figures=tuple(own),
                progress=percent,
                **given,
            )
        )
    return records


records_over_a_year = st.lists(_told, max_size=12, unique_by=lambda one: (one[0], one[1])).map(_records)
"""Up to twelve records, at most one of an item in a period; facts need not agree with each other."""
