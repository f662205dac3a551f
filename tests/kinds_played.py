"""Two closed quarters of one target that stands, as a ward's plan has it: 17 streets kept, 10 in each."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from sqlalchemy import select

from tests.builders import NOW, Opened, a_plan, an_item, an_open_period, submitted, voted
from workflow.domain.periods.period import Span
from workflow.domain.plans.plan import Comparison, Target
from workflow.domain.plans.target_kinds import TargetKind
from workflow.storage import Store
from workflow.storage.opening.opening import open_period
from workflow.storage.results.closing import close_period
from workflow.storage.tables import cycles, periods, targets

CONTENT = "Duy trì 17 tuyến phố văn minh"


def streets(kind: TargetKind) -> Target:
    """At least 17 streets."""
    return Target(Decimal(17), Comparison.AT_LEAST, "tuyến phố", "văn minh", "17 tuyến phố", kind=kind)


def two_quarters(store: Store, kind: TargetKind) -> tuple[Opened, Opened]:
    """10 of 17 reported and approved in each of two quarters, both closed."""
    item = replace(
        an_item(1), content=CONTENT, coordinating_ids=(), coordinating_units=(), targets=(streets(kind),)
    )
    first = an_open_period(store, plan=a_plan(items=[item]))
    _approved(first)
    _closed(first, 60)
    with store.begin() as tx:
        rules_id = tx.scalar(select(periods.c.rules_id).where(periods.c.id == first.period_id))
        now = NOW + timedelta(days=92)
        period = open_period(tx, first.plan_id, Span.parse("2026-Q2"), rules_id or 0, now)
        own = tx.scalars(select(cycles.c.id).where(cycles.c.period_id == period))
        second = replace(first, period_id=period, cycles=tuple(own), now=now)
    _approved(second)
    _closed(second, 140)
    return first, second


def _approved(opened: Opened) -> None:
    with opened.store.reading() as tx:
        aims = select(targets.c.id).join(cycles, cycles.c.item_id == targets.c.item_id)
        aim = tx.scalar(aims.where(cycles.c.id == opened.cycles[0]))
    submitted(opened, opened.cycles[0], figures={str(aim): "10"})
    voted(opened, opened.cycles[0], "bi-thu", "pho-bi-thu", "uy-vien-1")


def _closed(opened: Opened, days: int) -> None:
    with opened.store.begin() as tx:
        close_period(tx, opened.period_id, NOW + timedelta(days=days), is_early=True)
