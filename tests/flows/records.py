"""A database of a few lines that stands for ours, shared by a test and the workers it starts."""

from __future__ import annotations

import asyncio
import os
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

from prefect.client.orchestration import PrefectClient

from flows import work
from flows.showing import RunSpec, find_runs

TABLES = """
create table if not exists cycle (
    id integer primary key, stage text, is_final integer, pass_seconds real, fault text,
    run_id text, shown text
);
create table if not exists pass (cycle_id integer, pid integer);
"""

STANDS_FOR = (
    "advance_cycle", "differences", "remember_runs", "mark_shown", "forget_runs", "reconcile", "sweep",
    "zone",
)  # fmt: skip


class Records:
    """Cycles and the passes made over them, in one SQLite file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._db = sqlite3.connect(path, isolation_level=None, timeout=10, check_same_thread=False)
        self._db.executescript(TABLES)

    def install(self) -> None:
        """Have the flows of this process call these records."""
        for name in STANDS_FOR:
            setattr(work, name, getattr(self, name))

    @contextmanager
    def installed(self) -> Iterator[None]:
        """Have the flows call these records for a while."""
        before = {name: getattr(work, name) for name in STANDS_FOR}
        self.install()
        try:
            yield
        finally:
            for name, function in before.items():
                setattr(work, name, function)

    def put(
        self, cycle_id: int, stage: str, *, is_final: bool = False, takes: float = 0, fault: str = ""
    ) -> None:
        """Set how a cycle stands, how long a pass over it takes and what goes wrong in it."""
        self._db.execute(
            "insert into cycle (id, stage, is_final, pass_seconds, fault) values (?, ?, ?, ?, ?)"
            " on conflict (id) do update set stage = excluded.stage, is_final = excluded.is_final,"
            " pass_seconds = excluded.pass_seconds, fault = excluded.fault",
            (cycle_id, stage, is_final, takes, fault),
        )

    def passes(self, cycle_id: int) -> list[int]:
        """The process id of each pass that was begun."""
        return [pid for (pid,) in self._db.execute("select pid from pass where cycle_id = ?", (cycle_id,))]

    def run_of(self, cycle_id: int) -> UUID | None:
        """The Prefect run that was remembered for a cycle."""
        row = self._db.execute("select run_id from cycle where id = ?", (cycle_id,)).fetchone()
        return UUID(row[0]) if row and row[0] else None

    async def advance_cycle(self, cycle_id: int) -> work.CycleView:
        """One pass."""
        self._db.execute("insert into pass values (?, ?)", (cycle_id, os.getpid()))
        stage, is_final, seconds, fault = self._db.execute(
            "select stage, is_final, pass_seconds, fault from cycle where id = ?", (cycle_id,)
        ).fetchone()
        await asyncio.sleep(seconds)
        if fault:
            raise ValueError(fault)
        return work.CycleView(
            run_spec(cycle_id).name, stage, stage, bool(is_final), "## Kết quả", "http://x/1"
        )

    async def differences(self) -> Sequence[work.Difference]:
        """Cycles whose stage isn't the one shown."""
        rows = self._db.execute(
            "select id, run_id, stage, is_final from cycle where shown is not stage"
        ).fetchall()
        return [
            work.Difference(
                cycle_id=cycle_id,
                flow_run_id=UUID(run) if run else None,
                run=run_spec(cycle_id, None if is_final else stage),
                stage=stage,
                stage_label=stage,
                is_final=bool(is_final),
            )
            for cycle_id, run, stage, is_final in rows
        ]

    async def remember_runs(self, runs: Mapping[int, UUID]) -> None:
        """Keep the runs' ids."""
        self._db.executemany(
            "update cycle set run_id = ? where id = ?", [(str(run), cycle) for cycle, run in runs.items()]
        )

    async def mark_shown(self, settled: Sequence[work.Difference]) -> None:
        """Prefect shows them as they stood when they were read, which may be past by now."""
        self._db.executemany(
            "update cycle set shown = ? where id = ?", [(one.stage, one.cycle_id) for one in settled]
        )

    async def forget_runs(self, cycle_ids: Sequence[int]) -> None:
        """Prefect has lost them."""
        self._db.executemany(
            "update cycle set run_id = null, shown = null where id = ?", [(cycle,) for cycle in cycle_ids]
        )

    async def reconcile(self, client: PrefectClient) -> work.Account:
        """Forget what Prefect doesn't know."""
        rows = self._db.execute("select id from cycle").fetchall()
        keys = {run_spec(cycle_id).idempotency_key: cycle_id for (cycle_id,) in rows}
        lost = keys.keys() - (await find_runs(client, list(keys))).keys()
        await self.forget_runs([keys[key] for key in lost])
        return work.Account("Đã đối chiếu", f"{len(lost)} lượt được lập lại")

    async def zone(self) -> str | None:
        """The file's time zone."""
        return None

    async def sweep(self) -> work.Account:
        """Nothing is ever due."""
        return work.Account("Không có gì đến hạn", "")


def run_spec(cycle_id: int, stage: str | None = None) -> RunSpec:
    """The run of a cycle, readable as in the plan."""
    return RunSpec(
        name=f"II.3.{cycle_id} · Quý I/2023 · UBND phường",
        parameters={"cycle_id": cycle_id},
        idempotency_key=f"cycle-{cycle_id}",
        tags=("Quý I/2023",),
        stage=stage,
    )
