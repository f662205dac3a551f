"""Closing a period: what is not approved lapses, the figures are summed and scored once, and stored.

The reports are drawn up afterwards, from what is stored here (`workflow.reports`).
"""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Text, and_, bindparam, cast, func, select, update

from workflow.domain.cycles.cycle import Stage
from workflow.domain.errors import Conflict, NotFound
from workflow.domain.events import Event
from workflow.domain.periods.period import Span
from workflow.domain.results.record import CycleRecord, plan_order
from workflow.domain.results.rollup import Rollup, rollup
from workflow.domain.results.spans import once
from workflow.domain.scores.commendations import Candidacy
from workflow.domain.scores.score_lines import UnitScore
from workflow.domain.scores.scoring import score
from workflow.domain.scores.scoring_rules import ScoringRules, SpanScore
from workflow.domain.scores.span_scores import mean_scores
from workflow.domain.words import Words
from workflow.storage.audit import AuditEntry, record
from workflow.storage.canonical import body_hash, canonical, digest
from workflow.storage.cycles.drafts import drop_all
from workflow.storage.cycles.routing import advance_cycles
from workflow.storage.outside import events
from workflow.storage.people.groups import organisation_calendar
from workflow.storage.periods.watched import watched_period
from workflow.storage.results.entered import candidacies, entries_of, handed_in
from workflow.storage.results.evaluations import SpanParts, count_anew, parts_of
from workflow.storage.results.kept_rows import drop_rows, keep_rows
from workflow.storage.results.locking import seal
from workflow.storage.results.records import load_records
from workflow.storage.results.unit_summaries import silent_units
from workflow.storage.rules import pinned_rules
from workflow.storage.tables import cycles, items, orders, periods, plans, results
from workflow.storage.types import Json


def close_period(tx: Connection, period_id: int, now: datetime, *, is_early: bool = False) -> Counted | None:
    """Closes the period and returns its figures; closing a closed one does nothing and returns None.

    Raises Conflict before the cut-off while a cycle is still under way, unless `is_early`.
    """
    period = tx.execute(
        select(periods, plans.c.organisation_id)
        .join(plans, plans.c.id == periods.c.plan_id)
        .where(periods.c.id == period_id)
        .with_for_update(of=periods)
    ).first()
    if period is None:
        raise NotFound(Words("Không có kỳ báo cáo này."), where=str(period_id))
    if period.closed_at is not None:
        return None
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
    silent = silent_units(tx, watched_period(tx, period_id, now))
    if silent and not is_early:
        raise Conflict(
            Words("%(n)s đơn vị còn trong hạn trả lời.", n=len(silent)),
            where=period.label,
            cure=Words("Chờ hết hạn, hoặc khóa sớm."),
        )
    count_anew(tx, period_id, now)
    tx.execute(update(periods).where(periods.c.id == period_id).values(closed_at=now))
    drop_all(tx, period_id)
    advance_cycles(tx, live, now)
    found = counted(tx, period_id, today)
    digests = _keep(tx, period_id, found.texts(), now)
    if period.evaluation is None:
        keep_rows(tx, found.records, period.organisation_id, period_id)
    record(
        tx,
        period.organisation_id,
        now,
        AuditEntry(
            "period-closed",
            details={
                "period": period_id,
                "code": period.code,
                "results": digests,
            },
        ),
    )
    seal(tx, period_id, "khóa kỳ", now)
    events.period_changed(tx, Event.PERIOD_CLOSED, period_id, now)
    _refresh_after(tx, period_id, period.label, now)
    return found


@dataclass(frozen=True, slots=True)
class Counted:
    """A period's records, their sums, the units' scores and who is proposed for a commendation; `scores` is
    empty where nothing is scored, `commendations` None where the rules have none."""

    records: list[CycleRecord]
    rollup: Rollup
    scores: tuple[UnitScore, ...]
    commendations: tuple[Candidacy, ...] | None = None

    def texts(self) -> dict[str, str]:
        """All as it is stored: canonical JSON, by kind."""
        found = {one.name: getattr(self, one.name) for one in dataclasses.fields(self)}
        return {kind: canonical(body) for kind, body in found.items() if body is not None}


def counted(tx: Connection, period_id: int, today: date) -> Counted:
    """The period in figures, computed from its facts as of that day."""
    rules_of_scores = pinned_rules(tx, period_id).scores
    if parts := parts_of(tx, period_id):
        return _counted_over(tx, period_id, parts, rules_of_scores)
    records = load_records(tx, period_id, today)
    scores = score(records, rules_of_scores, entries_of(tx, period_id)) if rules_of_scores else ()
    awards = rules_of_scores.awards if rules_of_scores else ()
    proposed = candidacies(tx, period_id, awards, records, scores) if awards else None
    return Counted(records, rollup(records), scores, proposed)


def _counted_over(
    tx: Connection, period_id: int, parts: SpanParts, rules_of_scores: ScoringRules | None
) -> Counted:
    """An evaluated period in figures, from the kept results of its periods."""
    records = sorted(once(parts.records), key=plan_order)
    if rules_of_scores is None:
        return Counted(records, rollup(records), ())
    entries = entries_of(tx, period_id)
    if rules_of_scores.span_score is SpanScore.MEAN:
        scores = mean_scores(parts.scores, records, rules_of_scores, entries)
    else:
        scores = score(parts.records, rules_of_scores, entries, records)
    awards = rules_of_scores.awards
    handed = handed_in(tx, parts.period_ids, parts.records)
    proposed = candidacies(tx, period_id, awards, records, scores, handed) if awards else None
    return Counted(records, rollup(records), scores, proposed)


def results_of(tx: Connection, period_id: int, today: date) -> dict[str, Any]:
    """The period's records, rollup, scores and, where the rules have any, proposals for commendations, as of
    that day, as plain JSON."""
    return {kind: json.loads(text) for kind, text in counted(tx, period_id, today).texts().items()}


def refresh_results(tx: Connection, period_id: int, because: str, now: datetime) -> int | None:
    """Writes a new version of a closed period's results where its facts now give other ones, beside the old
    version; returns its number. None while a reopened cycle is under way, or where nothing changed."""
    period = tx.execute(
        select(periods, plans.c.organisation_id)
        .join(plans, plans.c.id == periods.c.plan_id)
        .where(periods.c.id == period_id)
        .with_for_update(of=periods)
    ).one()
    if period.closed_at is None or _live_cycles(tx, period_id):
        return None
    # The figures are as of the day of the close: only decisions made since then may change them.
    closed_on = organisation_calendar(tx, period.organisation_id).day_of(period.closed_at)
    counted_now = counted(tx, period_id, closed_on)
    texts = counted_now.texts()
    last = tx.scalar(select(func.max(results.c.version)).where(results.c.period_id == period_id)) or 0
    known = {
        row.kind: row.sha256
        for row in tx.execute(
            select(results.c.kind, results.c.sha256).where(
                results.c.period_id == period_id, results.c.version == last
            )
        )
    }
    if all(known.get(kind) == digest(text) for kind, text in texts.items()):
        return None
    found = _keep(tx, period_id, texts, now, last + 1, because)
    if period.evaluation is None:
        drop_rows(tx, period_id)
        keep_rows(tx, counted_now.records, period.organisation_id, period_id)
    details = {
        "period": period_id,
        "version": last + 1,
        "because": because,
        "before": known,
        "results": found,
    }
    record(tx, period.organisation_id, now, AuditEntry("results-recomputed", details=details))
    seal(tx, period_id, because, now)
    _refresh_after(tx, period_id, period.label, now, because)
    return last + 1


_FIGURES_OF = "số liệu của "


def _refresh_after(tx: Connection, period_id: int, label: str, now: datetime, because: str = "") -> None:
    """New results of the plan's closed periods later in the year, whose targets add up what this one
    reached; `because` is why this one's changed."""
    cause = f"{_FIGURES_OF}{label} thay đổi" + (f" ({because})" if because else "")
    if because.startswith(_FIGURES_OF):
        cause = because  # the first cause says enough: in a year of months the twelfth would name eleven
    own = tx.execute(select(periods.c.plan_id, periods.c.code).where(periods.c.id == period_id)).one()
    span = Span.parse(own.code)
    closed = select(periods.c.id, periods.c.code).where(
        periods.c.plan_id == own.plan_id, periods.c.closed_at.is_not(None), periods.c.id != period_id
    )
    for row in tx.execute(closed).all():
        other = Span.parse(row.code)
        if other.first_day > span.last_day and other.year == span.year:
            refresh_results(tx, row.id, cause, now)


def evaluate_again(
    tx: Connection, period_id: int, now: datetime, *, person_id: int | None = None
) -> int | None:
    """New results of a closed evaluated period from the newest ones of its periods; returns their version,
    None where they are as before. Raises Conflict for a period in which units report, or one still open."""
    period = tx.execute(select(periods).where(periods.c.id == period_id).with_for_update()).one()
    if period.evaluation is None or period.closed_at is None:
        raise Conflict(
            Words("Chỉ tính lại được kỳ đánh giá từ các kỳ đã khóa, sau khi khóa."), where=period.label
        )
    if not count_anew(tx, period_id, now, person_id=person_id):
        return None
    version = refresh_results(tx, period_id, "kết quả các kỳ đã thay đổi", now)
    if version is None:
        # What it is made from is a fact of its own, though it gives the same figures.
        seal(tx, period_id, "kết quả các kỳ đã thay đổi", now)
    return version


def refresh_reopened(tx: Connection, now: datetime) -> list[int]:
    """Writes new results of each closed period whose cycles or entries were decided since its last ones;
    returns those periods' ids."""
    last = (
        select(results.c.period_id, func.max(results.c.made_at).label("made_at"))
        .where(results.c.kind == "scores")
        .group_by(results.c.period_id)
        .subquery()
    )
    moved = (
        select(
            cycles.c.period_id,
            cycles.c.id,
            cycles.c.stage,
            cycles.c.stage_since,
            items.c.code,
            orders.c.reason,
            periods.c.reopened_seen,
        )
        .join(last, last.c.period_id == cycles.c.period_id)
        .join(periods, periods.c.id == cycles.c.period_id)
        .join(items, items.c.id == cycles.c.item_id)
        .outerjoin(orders, and_(orders.c.cycle_id == cycles.c.id, orders.c.kind == "reopen"))
        .where(periods.c.closed_at.is_not(None), cycles.c.stage_since > last.c.made_at)
        .order_by(cycles.c.period_id, items.c.position, orders.c.id)
    )
    found: dict[int, list[Any]] = {}
    for row in tx.execute(moved):
        found.setdefault(row.period_id, []).append(row)
    refreshed = []
    for period_id, rows in found.items():
        seen = body_hash([[row.id, row.stage, row.stage_since.isoformat()] for row in rows])
        # Unchanged since an earlier call that computed the same results: not summed and scored again.
        if seen == rows[0].reopened_seen or _live_cycles(tx, period_id):
            continue
        because = {
            row.code: f"mở lại {row.code}: {row.reason}"
            if row.reason
            else f"{row.code}: quyết định sau khi khóa"
            for row in rows
        }
        if refresh_results(tx, period_id, "; ".join(because.values()), now) is not None:
            refreshed.append(period_id)
        tx.execute(update(periods).where(periods.c.id == period_id).values(reopened_seen=seen))
    return refreshed


def _keep(
    tx: Connection,
    period_id: int,
    texts: dict[str, str],
    now: datetime,
    version: int = 1,
    because: str = "",
) -> dict[str, str]:
    """Writes the texts as a version of the period's results; returns their hashes."""
    digests = {kind: digest(text) for kind, text in texts.items()}
    # The text that was hashed is the text that is stored: large bodies are serialised once.
    body: Any = bindparam("text", type_=Text())
    if tx.dialect.name == "postgresql":
        body = cast(body, Json)
    tx.execute(
        results.insert().values(body=body),
        [
            {
                "period_id": period_id,
                "kind": kind,
                "version": version,
                "because": because,
                "text": text,
                "sha256": digests[kind],
                "made_at": now,
            }
            for kind, text in texts.items()
        ],
    )
    return digests


def _live_cycles(tx: Connection, period_id: int) -> list[int]:
    return list(
        tx.scalars(
            select(cycles.c.id).where(cycles.c.period_id == period_id, cycles.c.stage.not_in(Stage.finals()))
        )
    )
