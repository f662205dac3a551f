"""Two quarters of one plan, reported, voted on and closed: what a half-year is evaluated from."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timezone
from decimal import Decimal
from pathlib import Path

from sqlalchemy import select

from tests.builders import Opened, a_plan, a_target, an_item, an_open_period, submitted, voted
from workflow.domain.periods.period import Span
from workflow.domain.plans.plan import Comparison, Target
from workflow.domain.results.record import Reported
from workflow.domain.rules.routing_rules import PeriodRule, ReportApproval, Reporting, ReportRule, Rules
from workflow.importing.files.rules_file import read_scoring
from workflow.sample import scoring_path
from workflow.storage import Store
from workflow.storage.cycles import orders
from workflow.storage.files import Files
from workflow.storage.opening.opening import open_period
from workflow.storage.results.closing import close_period
from workflow.storage.sweeps.sweep import sweep
from workflow.storage.tables import cycles, items, periods, rules, targets

FIRST = datetime(2026, 3, 11, 2, tzinfo=timezone.utc)
SECOND = datetime(2026, 6, 17, 2, tzinfo=timezone.utc)
ENDED = datetime(2026, 7, 1, 2, tzinfo=timezone.utc)
REPORT_DAY = date(2026, 7, 5)
VOTERS = ("bi-thu", "pho-bi-thu", "uy-vien-1")


@dataclass(slots=True)
class TwoQuarters:
    """Both quarters; `first` and `second` are them as they were played. `files` is where reports lie."""

    first: Opened
    second: Opened
    files: Files

    @property
    def store(self) -> Store:
        """Their store."""
        return self.first.store


def a_half_played(store: Store, folder: Path, *, with_second: bool = True) -> TwoQuarters:
    """Three items without coordinating units: one done in the first quarter and reported done again in the
    second without a day, one with a count and a rate, one led by the Front that is silent in the first.
    The second quarter is left out, or open and untouched, where not `with_second`."""
    alone = {"coordinating_ids": (), "coordinating_units": ()}
    plan = a_plan(
        items=[
            replace(an_item(1), **alone),
            replace(
                an_item(2),
                **alone,
                deadline=None,
                deadline_text="",
                targets=(
                    a_target("500", "500 hồ sơ", "hồ sơ"),
                    Target(Decimal(98), Comparison.AT_LEAST, "%", text="98% đúng hạn"),
                ),
            ),
            replace(an_item(3), **alone, deadline=None, lead_ids=("mttq",), lead_units=("MTTQ",)),
        ]
    )
    rule = ReportRule(ReportApproval.CHAIR)
    first = an_open_period(
        store, plan=plan, rules=Rules(period=PeriodRule(reporting=Reporting.ALL), report=rule), now=FIRST
    )
    with store.begin() as tx:
        tx.execute(rules.update().values(scoring=read_scoring(scoring_path())))
    done = {"reported": Reported.DONE, "progress": 100}
    report(first, 0, **done, done_on=date(2026, 3, 10))
    report(first, 1, figures=figures(first, "200", "97"))
    close(first, datetime(2026, 4, 10, 2, tzinfo=timezone.utc))
    with store.begin() as tx:
        rules_id = tx.scalars(select(periods.c.rules_id)).one()
        period = open_period(tx, first.plan_id, Span.parse("2026-Q2"), rules_id, SECOND)
        found = (
            select(cycles.c.id)
            .join(items, items.c.id == cycles.c.item_id)
            .where(cycles.c.period_id == period)
            .order_by(items.c.position)
        )
        second = replace(first, period_id=period, cycles=tuple(tx.scalars(found)), now=SECOND)
    if with_second:
        report(second, 0, **done, done_on=date(2026, 6, 12))
        report(second, 1, figures=figures(second, "350", "99"))
        report(second, 2, unit="mttq", progress=40)
        close(second, ENDED)
    return TwoQuarters(first, second, Files(f"file://{folder}/files"))


def figures(opened: Opened, *values: str) -> dict[str, str]:
    """The values reached, by the second item's targets."""
    with opened.store.reading() as tx:
        ids = tx.scalars(select(targets.c.id).order_by(targets.c.id)).all()
    return {str(key): value for key, value in zip(ids, values, strict=True)}


def report(opened: Opened, place: int, *, unit: str = "ubnd", version: int = 0, **said: object) -> None:
    """The item's report is sent and approved."""
    submitted(opened, opened.cycles[place], unit=unit, version=version, **said)
    voted(opened, opened.cycles[place], *VOTERS, version=version + 1)


def close(opened: Opened, now: datetime) -> None:
    """Closes the period; what is open lapses."""
    with opened.store.begin() as tx:
        close_period(tx, opened.period_id, now, is_early=True)


def first_quarter_changes(found: TwoQuarters, now: datetime) -> None:
    """The Front's item of the first quarter is reopened, reported and approved after all."""
    first = replace(found.first, now=now)
    with found.store.begin() as tx:
        office = first.person("van-phong")
        orders.reopen(tx, office, first.cycles[2], "Gửi nhầm hộp thư", date(2026, 7, 20), now)
    report(first, 2, unit="mttq", progress=30)
    with found.store.begin() as tx:
        sweep(tx, now)
