"""A period in figures, as plain JSON: what was kept when it closed, or as its facts stand now."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime
from fractions import Fraction
from typing import Any

from sqlalchemy import Connection, select

from workflow.domain.cycle import Stage
from workflow.domain.period import Span
from workflow.domain.record import Status
from workflow.domain.rollup import Tally
from workflow.storage.closing import results_of
from workflow.storage.opening import organisation_calendar
from workflow.storage.queries import period_of
from workflow.storage.tables import periods, plans, results

ROLLUP = "rollup"
SCORES = "scores"
RECORDS = "records"


@dataclass(frozen=True, slots=True)
class Figures:
    """`body` is a rollup, or a list of scores or records, kept at the close; of an open period, `kept_at` is
    None. `because` says why there is a version after the first."""

    body: Any
    kept_at: datetime | None
    version: int = 0
    because: str = ""


def figures(tx: Connection, period_id: int, kind: str, now: datetime) -> Figures:
    """The period's rollup or scores. A closed period's are those kept: they never change silently."""
    kept = tx.execute(
        select(results)
        .where(results.c.period_id == period_id, results.c.kind == kind)
        .order_by(results.c.id.desc())
        .limit(1)
    ).first()
    if kept is not None:
        return Figures(kept.body, kept.made_at, kept.version, kept.because)
    period = period_of(tx, period_id)
    today = organisation_calendar(tx, period.organisation_id).day_of(now)
    return Figures(results_of(tx, period_id, today)[kind], None)


def whole_of_previous(tx: Connection, period_id: int) -> Tally | None:
    """The organisation's period just before as a whole, by the figures last kept of it; None where there was
    none or it is still open."""
    period = period_of(tx, period_id)
    body = tx.scalar(
        select(results.c.body)
        .join(periods, periods.c.id == results.c.period_id)
        .join(plans, plans.c.id == periods.c.plan_id)
        .where(
            plans.c.organisation_id == period.organisation_id,
            periods.c.code == Span.parse(period.code).previous.code,
            results.c.kind == ROLLUP,
        )
        .order_by(results.c.id.desc())
        .limit(1)
    )
    if body is None:
        return None
    kept = {one.name: body["whole"][one.name] for one in fields(Tally) if one.name in body["whole"]}
    kept["by_status"] = {status: kept["by_status"].get(status.value, 0) for status in Status}
    kept["by_stage"] = {stage: kept["by_stage"].get(stage.value, 0) for stage in Stage}
    return Tally(**kept | {"progress_sum": Fraction(kept["progress_sum"])})


def versions(tx: Connection, period_id: int, kind: str = SCORES) -> list[Figures]:
    """Every version that was kept of a closed period's figures, the first one first."""
    rows = tx.execute(
        select(results)
        .where(results.c.period_id == period_id, results.c.kind == kind)
        .order_by(results.c.version)
    )
    return [Figures(row.body, row.made_at, row.version, row.because) for row in rows]
