"""Closing, scoring and reporting many wards' quarters: how long, how much memory, how it grows.

Of each ward's quarter: the records loaded from its facts, rolled up, scored, kept with their rows, and the
report's figures and paragraphs built (no documents). Then the year of all wards summed as their superior
sees it. Each size runs in a process of its own; the facts are written in bulk before.

    python -m benchmarks.rollup                      1, 6, 21, 63 and 126 wards on SQLite and PostgreSQL
    python -m benchmarks.rollup --wards 1 6 --on sqlite
"""

from __future__ import annotations

import argparse
import os
import platform
import resource
import statistics
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from multiprocessing import get_context

from sqlalchemy import delete, select, update

from benchmarks.wards import N_ITEMS, write
from tests import postgres
from workflow.domain.calendar import Calendar
from workflow.domain.period import Span
from workflow.reports.context import build_report
from workflow.reports.issuing import heading_of
from workflow.storage import Store
from workflow.storage.closing import close_period
from workflow.storage.rollups import rollup_of
from workflow.storage.tables import (
    audit,
    kept_answers,
    kept_figures,
    kept_leaders,
    kept_records,
    organisations,
    periods,
    results,
)

SIZES = (1, 6, 21, 63, 126)
LIMIT_SECONDS, LIMIT_MEGABYTES = 30.0, 500.0


@dataclass(frozen=True)
class Measured:
    """What one size took: seconds of each ward's quarter, of closing them all, of the superior's sums."""

    wards: int
    quarters: list[float]
    close: float
    report: float
    year: float
    megabytes: float
    items: int
    processor: float

    @property
    def seconds(self) -> float:
        return self.close + self.report + self.year


def run(url: str, wards: int) -> Measured:
    """Closes and reports every quarter of the store, then sums the year of all wards."""
    store = Store(url)
    with store.reading() as tx:
        known = tx.execute(
            select(periods.c.id, periods.c.code, periods.c.cut_off).order_by(periods.c.code, periods.c.id)
        ).all()
    calendar, quarters = Calendar(), []
    close = report = 0.0
    started = time.process_time()
    for period in known:
        now = calendar.moment(period.cut_off, 9) + timedelta(days=3)
        begun = time.perf_counter()
        with store.begin() as tx:
            found = close_period(tx, period.id, now)
            heading = heading_of(tx, period.id)
        assert found is not None
        closed = time.perf_counter()
        build_report(heading, Span.parse(period.code), found.records, found.rollup, found.scores)
        ended = time.perf_counter()
        close += closed - begun
        report += ended - closed
        quarters.append(ended - begun)
    begun = time.perf_counter()
    with store.reading() as tx:
        whole = rollup_of(tx, [period.id for period in known])
    year = time.perf_counter() - begun
    store.close()
    megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    n_items = sum(whole.items.whole.by_status.values())
    spent = time.process_time() - started
    return Measured(wards, quarters, close, report, year, megabytes, n_items, spent)


def measure(name: str, url: str, sizes: list[int]) -> list[Measured]:
    """Every size on one database, growing."""
    store = Store(url)
    store.migrate()
    print(f"\n{name}")
    print(
        f"  {'wards':>5} {'quarters':>8} {'close':>8} {'report':>8} {'year':>7} {'all':>8} {'CPU':>8} "
        f"{'peak':>7}   {'p50':>6} {'p90':>6} {'max':>6}  ms/quarter   growth"
    )
    found: list[Measured] = []
    there = 0
    for size in sizes:
        write(store, range(there + 1, size + 1))
        there = size
        _undo(store)
        store.engine.dispose()
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
            found.append(pool.submit(run, url, size).result())
        _print(found)
    assert found[-1].items == N_ITEMS * sizes[-1]
    store.close()
    return found


def _undo(store: Store) -> None:
    """Opens every period again, so that the next size closes all of them."""
    with store.begin() as tx:
        for table in (kept_figures, kept_answers, kept_leaders, kept_records, results, audit):
            tx.execute(delete(table))
        tx.execute(update(periods).values(closed_at=None))
        tx.execute(update(organisations).values(audit_seq=0, audit_hash=""))
    if not store.is_sqlite:
        with store.engine.connect() as connection:
            connection.execution_options(isolation_level="AUTOCOMMIT").exec_driver_sql("VACUUM ANALYZE")


def _print(found: list[Measured]) -> None:
    one = found[-1]
    cuts = (
        statistics.quantiles(one.quarters, n=10, method="inclusive")
        if len(one.quarters) > 1
        else one.quarters * 9
    )
    told = " ".join(f"{1000 * value:6.0f}" for value in (cuts[4], cuts[8], max(one.quarters)))
    growth = ""
    if len(found) > 1:
        before = found[-2]
        growth = f"{one.wards / before.wards:.1f} x wards: {one.seconds / before.seconds:.1f} x time"
    print(
        f"  {one.wards:>5} {len(one.quarters):>8} {one.close:>7.2f}s {one.report:>7.2f}s {one.year:>6.2f}s "
        f"{one.seconds:>7.2f}s {one.processor:>7.2f}s {one.megabytes:>4.0f} MB   {told}              {growth}"
    )


@contextmanager
def _postgresql() -> Iterator[str]:
    with postgres.a_server(is_durable=True) as server:
        postgres.run_sql(server, "CREATE DATABASE wards")
        yield f"{server}/wards"


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--wards", type=int, nargs="+", default=list(SIZES))
    parser.add_argument("--on", choices=["sqlite", "postgresql", "both"], default="both")
    given = parser.parse_args()
    machine = platform.processor() or platform.machine()
    print(f"{machine}, {os.cpu_count()} processors, Python {platform.python_version()}")
    ends = []
    if given.on != "postgresql":
        with tempfile.TemporaryDirectory() as folder:
            ends.append(measure("SQLite", f"sqlite:///{folder}/wards.db", given.wards)[-1])
    if given.on != "sqlite":
        with _postgresql() as url:
            ends.append(measure("PostgreSQL", url, given.wards)[-1])
    for one in ends:
        is_kept = one.seconds < LIMIT_SECONDS and one.megabytes < LIMIT_MEGABYTES
        told = "within the limits" if is_kept else "OVER"
        print(f"{one.wards} wards: {one.seconds:.1f} s, {one.megabytes:.0f} MB: {told}")


if __name__ == "__main__":
    main()
