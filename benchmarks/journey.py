"""Journeys a second, all durable: 1 report, 2 confirmations, 3 ballots, the next mails in the outbox, the
cycle approved. Prefect is not in the path; how far its picture lags behind is measured apart.

    python -m benchmarks.journey                      SQLite and PostgreSQL
    python -m benchmarks.journey --prefect            and the lag of Prefect's picture over 100 cycles
    python -m benchmarks.journey --journeys 1000 --clients 4
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from multiprocessing import get_context
from pathlib import Path
from threading import Barrier

from sqlalchemy import func, select

from tests import postgres
from tests.builders import NOW, Opened, a_directory, a_plan, an_item, an_open_period
from workflow.domain.cycles.cycle import Choice, Stage, Verdict
from workflow.domain.plans.plan import Plan
from workflow.storage import Store
from workflow.storage.audit import verify
from workflow.storage.cycles import acts
from workflow.storage.cycles.acts import CastVote, SubmittedReport, UnitWord
from workflow.storage.tables import cycles, outbox

STEPS = ("report", "confirm 1", "confirm 2", "ballot 1", "ballot 2", "ballot 3")
WARM_UP = 20
Travelled = tuple[list[list[float]], float, float]
MEMBERS = ("bi-thu", "pho-bi-thu", "uy-vien-1")


def plan_of(n_items: int) -> Plan:
    """A plan of as many items, all with the same lead and the same two coordinating units."""
    items = [replace(an_item(1), code=f"I.1.{n}", number=f"1.{n}") for n in range(1, n_items + 1)]
    return a_plan(items=items)


def travel(opened: Opened, cycle: int, now: datetime) -> list[float]:
    """One journey; the seconds of each step."""
    store, units = opened.store, opened.units
    spent = []

    def step(act, *args) -> None:  # type: ignore[no-untyped-def]
        begun = time.perf_counter()
        with store.begin() as tx:
            act(tx, *args, now)
        spent.append(time.perf_counter() - begun)

    report = SubmittedReport(cycle, units["ubnd"], 0, 60, "Đã phê duyệt dự toán; đang thi công đoạn 1.")
    step(acts.submit, opened.person("ubnd"), [report])
    for unit in ("mttq", "cong-an"):
        step(acts.confirm, opened.person(unit), [UnitWord(cycle, units[unit], 1, Verdict.CONFIRM)])
    for member in MEMBERS:
        step(acts.vote, opened.person(member), [CastVote(cycle, 1, Choice.APPROVE)])
    return spent


def client(url: str, opened: Opened, share: list[int], ready: Barrier | None = None) -> Travelled:
    """One process of people acting on its share of cycles, the first of which only warm it up (statements
    compiled, caches filled). The steps' seconds, and when it began and ended."""
    mine = replace(opened, store=Store(url))
    for cycle in share[:WARM_UP]:
        travel(mine, cycle, NOW)
    if ready:
        ready.wait()
    begun = time.time()
    found = [travel(mine, cycle, NOW) for cycle in share[WARM_UP:]]
    ended = time.time()
    mine.store.close()
    return found, begun, ended


def measure(name: str, url: str, journeys: int, clients: int) -> float:
    """Runs the journeys and prints what they took; journeys a second."""
    store = Store(url)
    store.migrate()
    opened = an_open_period(store, directory=a_directory(), plan=plan_of(journeys + clients * WARM_UP))
    store.engine.dispose()
    carried = replace(opened, store=None)  # type: ignore[arg-type]
    shares = [list(opened.cycles[n::clients]) for n in range(clients)]
    if clients == 1:
        travelled = [client(url, carried, shares[0])]
    else:
        context = get_context("spawn")
        with context.Manager() as manager, ProcessPoolExecutor(clients, mp_context=context) as pool:
            ready = manager.Barrier(clients)
            travelled = list(
                pool.map(client, [url] * clients, [carried] * clients, shares, [ready] * clients)
            )
    steps = [one for found, _, _ in travelled for one in found]
    seconds = max(ended for _, _, ended in travelled) - min(begun for _, begun, _ in travelled)
    rate = journeys / seconds
    print(f"\n{name}, {clients} client(s): {rate:.1f} journeys/s ({6 * rate:.0f} durable transactions/s)")
    print(f"  {'step':<10} {'p50':>8} {'p90':>8} {'p99':>8} {'max':>8}   ms")
    for place, step in enumerate(STEPS):
        _print(step, [one[place] for one in steps])
    _print("journey", [sum(one) for one in steps])
    with store.reading() as tx:
        approved = tx.scalar(
            select(func.count()).select_from(cycles).where(cycles.c.stage == Stage.APPROVED.value)
        )
        waiting = tx.scalar(select(func.count()).select_from(outbox).where(outbox.c.state == "waiting"))
        checked, faults = verify(tx)
    print(f"  {approved} approved, {waiting} digests waiting, audit: {checked} entries, {len(faults)} faults")
    store.close()
    return rate


def _print(name: str, seconds: list[float]) -> None:
    cuts = statistics.quantiles(seconds, n=100, method="inclusive")
    told = " ".join(f"{1000 * value:8.2f}" for value in (cuts[49], cuts[89], cuts[98], max(seconds)))
    print(f"  {name:<10} {told}")


@contextmanager
def _postgresql() -> Iterator[str]:
    with postgres.a_server(is_durable=True) as server:
        postgres.run_sql(server, "CREATE DATABASE journeys")
        yield f"{server}/journeys"


def measure_lag(n_cycles: int) -> None:
    """Opens that many cycles with Prefect running, approves them all at once, and says how long Prefect's
    picture takes to follow."""
    from workflow.cli.running import RunningDeployment, running
    from workflow.settings import Settings

    async def run() -> None:
        with tempfile.TemporaryDirectory() as folder:
            settings = Settings(data=Path(folder), port=_free(), catcher_port=_free(), prefect_port=_free())
            async with running(settings, lambda *_: None) as found:
                await asyncio.to_thread(act, found)

    def act(found: RunningDeployment) -> None:
        begun = time.perf_counter()
        opened = an_open_period(found.store, plan=plan_of(n_cycles))
        _until_shown(found.store)
        print(f"\nPrefect's picture of {n_cycles} cycles: shown after {time.perf_counter() - begun:.1f} s")
        begun = time.perf_counter()
        for cycle in opened.cycles:
            travel(opened, cycle, NOW)
        acted = time.perf_counter() - begun
        half = _until_shown(found.store, n_cycles // 2)
        _until_shown(found.store)
        total = time.perf_counter() - begun
        print(
            f"  {n_cycles} journeys acted in {acted:.1f} s; half completed in Prefect {half - begun:.1f} s, "
            f"all {total:.1f} s after the first act ({n_cycles / (total - acted):.1f} runs/s)"
        )

    asyncio.run(run())


def _until_shown(store: Store, at_most_behind: int = 0) -> float:
    while True:
        with store.reading() as tx:
            behind = tx.scalar(
                select(func.count()).select_from(cycles).where(cycles.c.shown_stage != cycles.c.stage)
            )
        if (behind or 0) <= at_most_behind:
            return time.perf_counter()
        time.sleep(0.1)


def _free() -> int:
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--journeys", type=int, default=400)
    parser.add_argument("--clients", type=int, help="processes acting at once; default 1 on SQLite, 2 else")
    parser.add_argument("--prefect", action="store_true", help="also the lag of Prefect's picture")
    parser.add_argument("--cycles", type=int, default=100, help="cycles for the lag")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        sqlite = measure("SQLite", f"sqlite:///{folder}/journeys.db", given.journeys, given.clients or 1)
    with _postgresql() as url:
        other = measure("PostgreSQL", url, given.journeys, given.clients or 2)
    print(f"\nPostgreSQL / SQLite: {other / sqlite:.2f}")
    if given.prefect:
        measure_lag(given.cycles)


if __name__ == "__main__":
    main()
