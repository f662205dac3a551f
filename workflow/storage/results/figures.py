"""A period in figures, as plain JSON: as stored when it closed, or computed from its facts now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from workflow.domain.periods.period import Span
from workflow.domain.results.rollup import Tally
from workflow.storage.canonical import revived
from workflow.storage.people.groups import organisation_calendar
from workflow.storage.periods.periods import own_periods, period_of
from workflow.storage.results.closing import results_of
from workflow.storage.tables import results

ROLLUP = "rollup"
SCORES = "scores"
RECORDS = "records"


@dataclass(frozen=True, slots=True)
class Figures:
    """`body` is a rollup, or a list of scores or records, stored at the close; of an open period, `kept_at`
    is None. `because` says why there is a version after the first."""

    body: Any
    kept_at: datetime | None
    version: int = 0
    because: str = ""


def figures(tx: Connection, period_id: int, kind: str, now: datetime) -> Figures:
    """The period's rollup or scores. A closed period's are the stored ones: they never change silently."""
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
    """The organisation's period just before as a whole, by its newest stored figures; None where there was
    none or it is still open."""
    period = period_of(tx, period_id)
    code = Span.parse(period.code).previous.code
    # Its own period alone: shorter ones inside it count each item as often as it reported.
    own = [one.id for one in own_periods(tx, period.organisation_id) if one.closed_at and one.code == code]
    kept = (
        select(results.c.body)
        .where(results.c.period_id.in_(own), results.c.kind == ROLLUP)
        .order_by(results.c.id.desc())
        .limit(1)
    )
    body = tx.scalar(kept) if own else None
    return None if body is None else revived(Tally, body["whole"])


def versions(tx: Connection, period_id: int, kind: str = SCORES) -> list[Figures]:
    """Every stored version of a closed period's figures, the first one first."""
    rows = tx.execute(
        select(results)
        .where(results.c.period_id == period_id, results.c.kind == kind)
        .order_by(results.c.version)
    )
    return [Figures(row.body, row.made_at, row.version, row.because) for row in rows]
