"""Changing the kind of a target while the year runs: closed periods are counted again, and what that changes
is shown before and after.

A look is the same change in a transaction that is rolled back, so it can't differ.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from workflow.domain.errors import Conflict
from workflow.domain.periods.period import Span
from workflow.domain.plans.plan import PlanPart
from workflow.domain.plans.target_kinds import TargetKind
from workflow.domain.results.figures import Figure
from workflow.domain.scores.score_difference import UnitChange, score_difference
from workflow.domain.words import Words
from workflow.importing.cells.target_kinds import KindRead, read_kinds
from workflow.storage import Store
from workflow.storage.audit import AuditEntry, record
from workflow.storage.periods.periods import Period, own_periods
from workflow.storage.plans.plans import plan_head
from workflow.storage.plans.target_kinds import (
    rows_with_targets,
    set_target_kind,
    target_at,
    whole_items,
)
from workflow.storage.results.closing import refresh_results
from workflow.storage.results.figures import ROLLUP, SCORES, versions
from workflow.storage.results.rollups import each_item

CHANGED = "target-kind-changed"


@dataclass(frozen=True, slots=True)
class TargetOfPlan:
    """A target of the running plan: the code of its item or part, its place there from 1, its kind, and what
    the words say."""

    code: str
    place: int
    text: str
    scope: str
    kind: TargetKind
    read: KindRead

    @property
    def is_by_office(self) -> bool:
        """Whether the office chose another kind than the words say."""
        return self.kind is not self.read.kind


@dataclass(frozen=True, slots=True)
class PeriodRecounted:
    """A closed period: its target's figure, of the period with those before it, under either kind. `version`
    is that of its new results; None where nothing changed in it, or a reopened item is under way
    (`is_waiting`)."""

    id: int
    label: str
    before: Figure | None
    after: Figure | None
    version: int | None
    scores: tuple[UnitChange, ...] = ()
    is_waiting: bool = False


@dataclass(frozen=True, slots=True)
class KindChange:
    """A target's change of kind, and what it does to closed periods and to the year so far."""

    code: str
    place: int
    text: str
    before: TargetKind
    after: TargetKind
    periods: tuple[PeriodRecounted, ...] = ()
    year_before: Figure | None = None
    year_after: Figure | None = None

    @property
    def n_changed(self) -> int:
        """How many closed periods have new results."""
        return sum(one.version is not None for one in self.periods)


def targets_of_plan(tx: Connection, plan_id: int, *, of_code: str = "") -> tuple[TargetOfPlan, ...]:
    """The targets of the plan in force in its order; only those of one item or part where `of_code` names
    it."""
    whole = whole_items(tx, plan_id)
    own = {row.code for row in whole.get(of_code, ())}
    return tuple(
        TargetOfPlan(row.code, place, target.text, target.scope, target.kind, read)
        for row in rows_with_targets(tx, plan_id)
        if not of_code or row.code in own
        for place, (target, read) in enumerate(
            zip(row.targets, read_kinds(row.content, row.targets), strict=True), start=1
        )
    )


def look_at_kind(
    store: Store, plan_id: int, code: str, place: int, kind: TargetKind, now: datetime
) -> KindChange:
    """What `change_target_kind` would do; nothing is written."""
    with store.reading() as tx:
        return change_target_kind(tx, plan_id, code, place, kind, "-", now)


def change_target_kind(
    tx: Connection,
    plan_id: int,
    code: str,
    place: int,
    kind: TargetKind,
    because: str,
    now: datetime,
    *,
    by: int | None = None,
    seen: TargetKind | None = None,
) -> KindChange:
    """Sets the kind of a target and counts the plan's closed periods again: where figures or scores differ, a
    new version of their results is kept beside the old one. Open periods follow by themselves.

    `place` is the target's among those of its item or part, from 1. Raises NotFound where there is none, and
    Conflict without a reason or where the kind is no longer the one that was `seen`.
    """
    if not because.strip():
        raise Conflict(Words("Chưa ghi vì sao đổi loại."), cure=Words("Ghi lý do rồi bấm lại."))
    _, target = target_at(tx, plan_id, code, place)
    if seen is not None and seen is not target.kind:
        raise Conflict(
            Words("Loại của chỉ tiêu này vừa được người khác đổi."), cure=Words("Xem lại rồi đổi lần nữa.")
        )
    organisation_id = plan_head(tx, plan_id).organisation_id
    closed = sorted(
        (
            one
            for one in own_periods(tx, organisation_id)
            if one.plan_id == plan_id and one.closed_at and one.evaluation is None
        ),
        key=lambda one: (Span.parse(one.code).first_day, Span.parse(one.code).last_day),
    )
    at = _place_in_item(whole_items(tx, plan_id)[code], code, place)
    was = _standing(tx, closed, at)
    before = set_target_kind(tx, plan_id, code, place, kind)
    reason = f"{code}: {before.label} → {kind.label}: {because.strip()}"
    for period in closed:
        refresh_results(tx, period.id, reason, now)
    new = _standing(tx, closed, at)
    recounted = tuple(_recounted(one, was, new, kind) for one in closed)
    details = {
        "plan": plan_id,
        "code": code,
        "place": place,
        "text": target.text,
        "before": before.value,
        "after": kind.value,
        "because": because.strip(),
        "results": {one.label: one.version for one in recounted if one.version is not None},
    }
    record(tx, organisation_id, now, AuditEntry(CHANGED, by, details))
    return KindChange(code, place, target.text, before, kind, recounted, was.year, new.year)


@dataclass(frozen=True, slots=True)
class _Place:
    item: str
    place: int


@dataclass(frozen=True, slots=True)
class _Standing:
    """The target's figure of each closed period and of all of them, and the newest scores, with their
    version, by period."""

    figures: dict[int, Figure | None]
    year: Figure | None
    scores: dict[int, tuple[int, list[object]]]


def _place_in_item(whole: Sequence[PlanPart], code: str, place: int) -> _Place:
    """The item's code, and the target's place, from 0, among those of the whole item."""
    at = [row.code for row in whole].index(code)
    return _Place(whole[0].code, sum(len(row.targets) for row in whole[:at]) + place - 1)


def _standing(tx: Connection, closed: Sequence[Period], at: _Place) -> _Standing:
    def figure(period_ids: Sequence[int]) -> Figure | None:
        rows = each_item(tx, period_ids).figures or ()
        return next((one.figure for one in rows if (one.code, one.place) == (at.item, at.place)), None)

    scores: dict[int, tuple[int, list[object]]] = {}
    for period in closed:
        kept, points = versions(tx, period.id, ROLLUP), versions(tx, period.id, SCORES)
        scores[period.id] = (kept[-1].version if kept else 0, points[-1].body if points else [])
    figures = {one.id: figure([one.id]) for one in closed}
    return _Standing(figures, figure([one.id for one in closed]) if closed else None, scores)


def _recounted(period: Period, was: _Standing, new: _Standing, kind: TargetKind) -> PeriodRecounted:
    (old_version, old), (version, scores) = was.scores[period.id], new.scores[period.id]
    is_new = version != old_version
    before, after = was.figures[period.id], new.figures[period.id]
    return PeriodRecounted(
        period.id,
        period.label,
        before,
        after,
        version if is_new else None,
        tuple(score_difference(old, scores)) if is_new else (),
        is_waiting=after is not None and after.kind is not kind,
    )
