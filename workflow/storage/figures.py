"""A period in figures, as plain JSON: what was kept when it closed, or as its facts stand now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from workflow.domain.rollup import rollup
from workflow.domain.scoring import score
from workflow.storage.closing import plain, scoring_of
from workflow.storage.opening import organisation_calendar
from workflow.storage.queries import period_of
from workflow.storage.records import load_records
from workflow.storage.tables import periods, results, rules

ROLLUP = "rollup"
SCORES = "scores"


@dataclass(frozen=True, slots=True)
class Figures:
    """`body` is a rollup, or a list of scores, kept at the close; of an open period, `kept_at` is None."""

    body: Any
    kept_at: datetime | None


def figures(tx: Connection, period_id: int, kind: str, now: datetime) -> Figures:
    """The period's rollup or scores. A closed period's are those kept: they never change silently."""
    kept = tx.execute(
        select(results.c.body, results.c.made_at)
        .where(results.c.period_id == period_id, results.c.kind == kind)
        .order_by(results.c.id.desc())
        .limit(1)
    ).first()
    if kept is not None:
        return Figures(kept.body, kept.made_at)
    period = period_of(tx, period_id)
    today = organisation_calendar(tx, period.organisation_id).day_of(now)
    records = load_records(tx, period_id, today)
    if kind == ROLLUP:
        return Figures(plain(rollup(records)), None)
    scoring = tx.scalar(
        select(rules.c.scoring)
        .join(periods, periods.c.rules_id == rules.c.id)
        .where(periods.c.id == period_id)
    )
    return Figures(plain(score(records, scoring_of(scoring))) if scoring else [], None)
