"""A real ward's plan of 2023 over its months, quarters, halves and year: how many items are asked, and why.

The plan lies beside the repository; the page holds counts and item codes only.
"""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from workflow.domain.periods.asking import Because, Past, asked, last_day
from workflow.domain.periods.period import Span
from workflow.domain.periods.schedule import spans_of
from workflow.domain.plans.plan import PlanItem, PlanPart, Schedule
from workflow.domain.rules.routing_rules import PeriodKind, PeriodRule, Reporting, Rules, ScheduleRule

ROOT = Path(__file__).parents[3]
GOLD = ROOT.parent / "shared" / "plan" / "gold.json"
PAGE = ROOT / "docs" / "asking-2023.md"
YEAR = 2023
MONTH, QUARTER, HALF, WHOLE = PeriodKind
YEARS = {
    "quarters": (QUARTER,),
    "months": (MONTH,),
    "half-years": (HALF,),
    "the year": (WHOLE,),
    "months and quarters": (MONTH, QUARTER),
    "all four": (MONTH, QUARTER, HALF, WHOLE),
}
COLUMNS = (
    Because.MILESTONE,
    Because.RUNNING,
    Because.RECURRING,
    Because.OVERDUE,
    Because.NOT_BEGUN,
    Because.FINISHED,
    Because.NOT_ITS_ROUND,
)


def the_items() -> list[PlanItem]:
    """The plan's items with their times alone."""
    rows = json.loads(GOLD.read_text(encoding="utf-8"))["items"]
    return [
        PlanItem(
            row["code"],
            "",
            **times(row),
            parts=tuple(PlanPart(p["code"], "", **times(p)) for p in row["parts"]),
        )
        for row in rows
    ]


def times(row: dict[str, Any]) -> dict[str, Schedule | None]:
    """Both time cells of a row."""
    return {name: Schedule.from_json(row[name]) if row.get(name) else None for name in ("start", "deadline")}


def rows_of_the_year(
    items: list[PlanItem], kinds: tuple[PeriodKind, ...], mode: Reporting = Reporting.EXPECTED
) -> dict[str, Counter[Because]]:
    """The answers of each period that asks, where every item is done by its last day and approved."""
    rules = Rules(period=PeriodRule(mode), schedule=ScheduleRule(kinds=kinds))
    done: dict[str, Span] = {}
    found: dict[str, Counter[Because]] = {}
    for span in spans_of(YEAR, kinds):
        answers = {one.code: asked(one, span, rules, YEAR, Past(done.get(one.code))) for one in items}
        if any(one.is_asked for one in answers.values()):
            found[span.code] = Counter(one.because for one in answers.values())
        done |= {
            one.code: span
            for one in items
            if answers[one.code].is_asked and last_day(one, YEAR) <= span.last_day
        }
    return found


def n_asked(counts: Counter[Because]) -> int:
    """How many of them are asked."""
    return sum(n for because, n in counts.items() if because.is_asked)


def tables(items: list[PlanItem]) -> str:
    """The page's tables."""
    lines = []
    for name, kinds in YEARS.items():
        rows = rows_of_the_year(items, kinds)
        total = sum(n_asked(counts) for counts in rows.values())
        lines += [
            f"### A year of {name}: {total} reports",
            "",
            _line("period", "asked", *COLUMNS),
            _line(*["---"] * 9),
        ]
        for code, counts in rows.items():
            lines.append(_line(code, n_asked(counts), *(counts[one] or "" for one in COLUMNS)))
        lines.append("")
    lines += ["### The modes, over the year", "", _line("mode", *YEARS), _line(*["---"] * 7)]
    for mode in Reporting:
        totals = [
            sum(map(n_asked, rows_of_the_year(items, kinds, mode).values())) for kinds in YEARS.values()
        ]
        lines.append(_line(f"`{mode.value}`", *totals))
    return "\n".join(lines) + "\n"


def _line(*cells: object) -> str:
    return "| " + " | ".join(str(one) for one in cells) + " |"


@pytest.mark.skipif(not GOLD.exists(), reason="the gold reading lies beside the repository")
def test_the_page_of_the_real_plan_says_what_the_rule_does_now():
    assert tables(the_items()) in PAGE.read_text(encoding="utf-8")


@pytest.mark.skipif(not GOLD.exists(), reason="the gold reading lies beside the repository")
def test_in_no_year_of_the_real_plan_does_an_item_go_unasked():
    for kinds in YEARS.values():
        rules = Rules(schedule=ScheduleRule(kinds=kinds))
        for item in the_items():
            assert any(asked(item, span, rules, YEAR).is_asked for span in spans_of(YEAR, kinds)), item.code
