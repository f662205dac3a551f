"""Closing, scoring and reporting many wards' quarters: how long, how much memory, how it grows.

Of each ward's quarter: `count` is its records loaded from the facts, rolled up and scored; `keep` is the rest
of closing it (results and rows written, everything hashed and sealed, committed); `report` is the report's
figures and paragraphs (no documents). `year` is all wards' year summed as their superior sees it. Each size
runs in processes of its own, one or several (as Prefect workers do, on PostgreSQL); the facts are written in
bulk before.

    python -m benchmarks.rollup                      1, 6, 21, 63 and 126 wards on SQLite and PostgreSQL
    python -m benchmarks.rollup --wards 1 6 --on sqlite
    python -m benchmarks.rollup --wards 126 --on postgresql --workers 2
"""

from __future__ import annotations

import argparse
import gc
import os
import platform
import resource
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from multiprocessing import get_context
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import delete, select, update

from benchmarks.wards import N_ITEMS, write
from tests import postgres
from workflow.domain.calendar import Calendar
from workflow.domain.periods.period import Span
from workflow.reports.context import build_report
from workflow.reports.issuing import heading_of
from workflow.storage import Store
from workflow.storage.key_files import KeyFile
from workflow.storage.results import closing
from workflow.storage.results.rollups import rollup_of
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
Result = TypeVar("Result")


@dataclass(frozen=True)
class Measured:
    """What some wards took: seconds of each of their quarters, and of each part of all; of the processor."""

    quarters: list[float]
    count: float
    keep: float
    report: float
    megabytes: float
    processor: float


@dataclass(frozen=True)
class Size:
    """What one size took, by the clock. `megabytes` are of all its processes together."""

    wards: int
    parts: list[Measured]
    quarters: float
    year: float
    items: int
    megabytes: float

    @property
    def seconds(self) -> float:
        return self.quarters + self.year

    def sum(self, name: str) -> float:
        """Of all processes."""
        return sum(getattr(one, name) for one in self.parts)


def close_wards(url: str, place: int, workers: int) -> Measured:
    """Closes and reports every quarter of one worker's wards."""
    gc.freeze()  # as `tiendo` itself does
    store = Store(url, signing_key())
    with store.reading() as tx:
        known = tx.execute(
            select(periods.c.id, periods.c.code, periods.c.cut_off)
            .where(periods.c.plan_id % workers == place)
            .order_by(periods.c.code, periods.c.id)
        ).all()
    calendar, quarters, counting = Calendar(), [], _Watch()
    closing.counted = counting.timed(closing.counted)
    close = report = 0.0
    started = time.process_time()
    for period in known:
        now = calendar.moment(period.cut_off, 9) + timedelta(days=3)
        begun = time.perf_counter()
        with store.begin() as tx:
            found = closing.close_period(tx, period.id, now)
            heading = heading_of(tx, period.id)
        assert found is not None
        closed = time.perf_counter()
        build_report(heading, Span.parse(period.code), found.records, found.rollup, found.scores)
        ended = time.perf_counter()
        close += closed - begun
        report += ended - closed
        quarters.append(ended - begun)
    store.close()
    count = counting.seconds
    return Measured(quarters, count, close - count, report, _megabytes(), time.process_time() - started)


def signing_key() -> KeyFile:
    """The key that closes are signed with: PostgreSQL has no folder for one."""
    return KeyFile(Path(tempfile.gettempdir()) / f"tiendo-benchmark-{os.getuid()}.pem")


def sum_year(url: str) -> tuple[float, int, float]:
    """The seconds that the year of all wards takes, the items in it, and the process's megabytes."""
    store = Store(url)
    begun = time.perf_counter()
    with store.reading() as tx:
        whole = rollup_of(tx, list(tx.scalars(select(periods.c.id))))
    seconds = time.perf_counter() - begun
    store.close()
    return seconds, sum(whole.items.whole.by_status.values()), _megabytes()


class _Watch:
    """How long a function took, all its calls together."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def timed(self, function: Callable[..., Result]) -> Callable[..., Result]:
        def run(*given: Any) -> Result:
            begun = time.perf_counter()
            try:
                return function(*given)
            finally:
                self.seconds += time.perf_counter() - begun

        return run


def _megabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def measure(name: str, url: str, sizes: list[int], workers: int) -> list[Size]:
    """Every size on one database, growing."""
    store = Store(url)
    store.migrate()
    print(
        f"\n{name}, {workers} worker{'s' if workers > 1 else ''} (count, keep, report, CPU: of all workers)"
    )
    print(
        f"  {'wards':>5} {'quarters':>8} {'count':>8} {'keep':>8} {'report':>8} {'CPU':>8} {'year':>8} "
        f"{'all':>8} {'peak':>7}   {'p50':>6} {'p90':>6} {'max':>6}  ms/quarter   growth"
    )
    found: list[Size] = []
    there = 0
    for size in sizes:
        write(store, range(there + 1, size + 1))
        there = size
        _undo(store)
        store.engine.dispose()
        with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
            list(pool.map(_started, range(workers)))  # starting Python is not what is measured
            begun = time.perf_counter()
            parts = list(pool.map(close_wards, [url] * workers, range(workers), [workers] * workers))
            quarters = time.perf_counter() - begun
            year, items, megabytes = pool.submit(sum_year, url).result()
        peak = max(sum(one.megabytes for one in parts), megabytes)
        found.append(Size(size, parts, quarters, year, items, peak))
        _print(found)
    assert found[-1].items == N_ITEMS * sizes[-1]
    store.close()
    return found


def _started(_place: int) -> None:
    time.sleep(1)  # so that each process takes one


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


def _print(found: list[Size]) -> None:
    one = found[-1]
    each = [seconds for part in one.parts for seconds in part.quarters]
    cuts = statistics.quantiles(each, n=10, method="inclusive") if len(each) > 1 else each * 9
    told = " ".join(f"{1000 * value:6.0f}" for value in (cuts[4], cuts[8], max(each)))
    parts = " ".join(f"{one.sum(name):>7.2f}s" for name in ("count", "keep", "report", "processor"))
    growth = ""
    if len(found) > 1:
        before = found[-2]
        growth = f"{one.wards / before.wards:.1f} x wards: {one.seconds / before.seconds:.1f} x time"
    print(
        f"  {one.wards:>5} {len(each):>8} {parts} {one.year:>7.2f}s {one.seconds:>7.2f}s "
        f"{one.megabytes:>4.0f} MB   {told}              {growth}",
        flush=True,
    )


@contextmanager
def a_postgresql() -> Iterator[str]:
    """A database of its own for the wards, durable as a real one."""
    with postgres.a_server(is_durable=True) as server:
        postgres.run_sql(server, "CREATE DATABASE wards")
        yield f"{server}/wards"


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--wards", type=int, nargs="+", default=list(SIZES))
    parser.add_argument("--on", choices=["sqlite", "postgresql", "both"], default="both")
    parser.add_argument("--workers", type=int, default=1, help="processes that close wards side by side")
    given = parser.parse_args()
    machine = platform.processor() or platform.machine()
    print(f"{machine}, {os.cpu_count()} processors, Python {platform.python_version()}")
    ends = []
    if given.on != "postgresql":
        with tempfile.TemporaryDirectory() as folder:
            ends.append(measure("SQLite", f"sqlite:///{folder}/wards.db", given.wards, given.workers)[-1])
    if given.on != "sqlite":
        with a_postgresql() as url:
            ends.append(measure("PostgreSQL", url, given.wards, given.workers)[-1])
    for one in ends:
        is_kept = one.seconds < LIMIT_SECONDS and one.megabytes < LIMIT_MEGABYTES
        told = "within the limits" if is_kept else "OVER"
        asked = (one.sum("count") + one.sum("report")) / given.workers + one.year
        print(
            f"{one.wards} wards: {one.seconds:.1f} s, {one.megabytes:.0f} MB: {told}; "
            f"rollups, scores and reports alone {asked:.1f} s"
        )


if __name__ == "__main__":
    main()
