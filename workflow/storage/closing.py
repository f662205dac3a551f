"""Closing a period: what is not approved lapses, the figures are summed and scored once, and kept.

The reports are drawn up afterwards, from what is kept here (`workflow.reports`).
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import tomllib
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from typing import Any

from sqlalchemy import Connection, func, select, update

from workflow.domain.cycle import Stage
from workflow.domain.errors import Conflict, NotFound
from workflow.domain.events import Event
from workflow.domain.rollup import rollup
from workflow.domain.scoring import score
from workflow.domain.scoring_rules import ScoringRules
from workflow.domain.words import Words
from workflow.storage import events
from workflow.storage.audit import Entry, record
from workflow.storage.drafts import drop_all
from workflow.storage.opening import organisation_calendar
from workflow.storage.records import load_records
from workflow.storage.routing import advance_cycles
from workflow.storage.score_entries import entries_of
from workflow.storage.tables import cycles, items, orders, periods, plans, results, rules


def close_period(tx: Connection, period_id: int, now: datetime, *, is_early: bool = False) -> None:
    """Closes the period; closing a closed one does nothing.

    Raises Conflict before the cut-off while a cycle is still under way, unless `is_early`.
    """
    period = tx.execute(
        select(periods, plans.c.organisation_id, rules.c.scoring)
        .join(plans, plans.c.id == periods.c.plan_id)
        .join(rules, rules.c.id == periods.c.rules_id)
        .where(periods.c.id == period_id)
        .with_for_update(of=periods)
    ).first()
    if period is None:
        raise NotFound(Words("Không có kỳ báo cáo này."), where=str(period_id))
    if period.closed_at is not None:
        return
    today = organisation_calendar(tx, period.organisation_id).day_of(now)
    live = _live_cycles(tx, period_id)
    if live and today <= period.cut_off and not is_early:
        raise Conflict(
            Words(
                "%(label)s còn %(n)s lượt báo cáo chưa xong và chưa đến ngày khóa.",
                label=period.label,
                n=len(live),
            ),
            where=period.label,
            cure=Words(
                "Chờ hết ngày %(cut_off)s, hoặc khóa sớm: các lượt chưa xong sẽ bị khóa.",
                cut_off=f"{period.cut_off:%d/%m/%Y}",
            ),
        )
    tx.execute(update(periods).where(periods.c.id == period_id).values(closed_at=now))
    drop_all(tx, period_id)
    advance_cycles(tx, live, now)
    bodies = results_of(tx, period_id, today)
    _keep(tx, period_id, bodies, now)
    record(
        tx,
        period.organisation_id,
        now,
        Entry(
            "period-closed",
            details={
                "period": period_id,
                "code": period.code,
                "results": {kind: body_hash(body) for kind, body in bodies.items()},
            },
        ),
    )
    events.period_told(tx, Event.PERIOD_CLOSED, period_id, now)


def results_of(tx: Connection, period_id: int, today: date) -> dict[str, Any]:
    """The period's records, rollup and scores as its facts stand on that day, as plain JSON."""
    records = load_records(tx, period_id, today)
    scoring = tx.execute(
        select(rules.c.scoring)
        .join(periods, periods.c.rules_id == rules.c.id)
        .where(periods.c.id == period_id)
    ).scalar_one()
    entries = entries_of(tx, period_id)
    scores = score(records, scoring_of(scoring), entries) if scoring else ()
    kept = {"records": records, "rollup": rollup(records), "scores": scores}
    return {kind: plain(body) for kind, body in kept.items()}


def refresh_results(tx: Connection, period_id: int, because: str, now: datetime) -> int | None:
    """Keeps a new version of a closed period's results where its facts now say otherwise, the old one stays;
    gives its number. None while a reopened cycle is under way, or where nothing changed."""
    period = tx.execute(
        select(periods, plans.c.organisation_id)
        .join(plans, plans.c.id == periods.c.plan_id)
        .where(periods.c.id == period_id)
        .with_for_update(of=periods)
    ).one()
    if period.closed_at is None or _live_cycles(tx, period_id):
        return None
    # The figures stand for the day of the close: only what was decided anew may change them.
    closed_on = organisation_calendar(tx, period.organisation_id).day_of(period.closed_at)
    bodies = results_of(tx, period_id, closed_on)
    last = tx.scalar(select(func.max(results.c.version)).where(results.c.period_id == period_id)) or 0
    known = {
        row.kind: row.sha256
        for row in tx.execute(
            select(results.c.kind, results.c.sha256).where(
                results.c.period_id == period_id, results.c.version == last
            )
        )
    }
    found = {kind: body_hash(body) for kind, body in bodies.items()}
    if all(known.get(kind) == digest for kind, digest in found.items()):
        return None
    _keep(tx, period_id, bodies, now, last + 1, because)
    told = {"period": period_id, "version": last + 1, "because": because, "before": known, "results": found}
    record(tx, period.organisation_id, now, Entry("results-recomputed", details=told))
    return last + 1


def refresh_reopened(tx: Connection, now: datetime) -> list[int]:
    """New results of each closed period whose cycles or entries were decided since its last ones; says of
    which periods."""
    last = (
        select(results.c.period_id, func.max(results.c.made_at).label("made_at"))
        .where(results.c.kind == "scores")
        .group_by(results.c.period_id)
        .subquery()
    )
    moved = (
        select(cycles.c.period_id, items.c.code, orders.c.reason)
        .join(last, last.c.period_id == cycles.c.period_id)
        .join(items, items.c.id == cycles.c.item_id)
        .join(orders, orders.c.cycle_id == cycles.c.id)
        .where(orders.c.kind == "reopen", cycles.c.stage_since > last.c.made_at)
        .order_by(cycles.c.period_id, items.c.position, orders.c.id)
    )
    because: dict[int, dict[str, str]] = {}
    for period_id, code, reason in tx.execute(moved):
        because.setdefault(period_id, {})[code] = f"mở lại {code}: {reason}"
    return [
        period_id
        for period_id, reasons in because.items()
        if refresh_results(tx, period_id, "; ".join(reasons.values()), now) is not None
    ]


def _keep(
    tx: Connection,
    period_id: int,
    bodies: dict[str, Any],
    now: datetime,
    version: int = 1,
    because: str = "",
) -> None:
    tx.execute(
        results.insert(),
        [
            {
                "period_id": period_id,
                "kind": kind,
                "version": version,
                "because": because,
                "body": body,
                "sha256": body_hash(body),
                "made_at": now,
            }
            for kind, body in bodies.items()
        ],
    )


def scoring_of(kept: dict[str, Any]) -> ScoringRules:
    """The scoring rules as pinned: their file's own text, so that nothing is rounded on the way."""
    return ScoringRules.from_dict(tomllib.loads(kept["toml"], parse_float=Decimal))


def _live_cycles(tx: Connection, period_id: int) -> list[int]:
    final = [stage.value for stage in Stage if stage.is_final]
    return list(
        tx.scalars(select(cycles.c.id).where(cycles.c.period_id == period_id, cycles.c.stage.not_in(final)))
    )


def stages_of(tx: Connection, period_id: int) -> dict[Stage, int]:
    """How many cycles of the period stand at each stage, zero included."""
    counted = select(cycles.c.stage, func.count()).where(cycles.c.period_id == period_id)
    found: dict[str, int] = dict(tx.execute(counted.group_by(cycles.c.stage)).all())
    return {stage: found.get(stage.value, 0) for stage in Stage}


def plain(value: Any) -> Any:
    """A domain value as plain JSON: dates in ISO form, decimals and fractions as text, exactly."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, dict):
        return {str(plain(key)): plain(one) for key, one in value.items()}
    if isinstance(value, (list, tuple, frozenset, set)):
        return [plain(one) for one in value]
    if isinstance(value, (Decimal, Fraction)):
        return str(value)
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    return value


def body_hash(body: Any) -> str:
    """SHA-256 of a plain body in its canonical form."""
    return hashlib.sha256(
        json.dumps(body, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()
    ).hexdigest()
