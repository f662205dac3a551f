"""Claims about the worker as a process: killed, started again, and facing an emptied Prefect."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

import pytest
from prefect.client.schemas.objects import StateType

from flows.deploying import POOL
from tests.flows.conftest import Scenario, eventually, numbers

pytestmark = pytest.mark.prefect

Scene = Callable[[], AbstractAsyncContextManager[Scenario]]


async def test_a_worker_killed_in_a_pass_is_made_good_by_the_next_and_an_emptied_prefect_is_filled_again(
    scene: Scene,
) -> None:
    # One test, as each worker process costs five seconds of imports.
    async with scene() as on:
        cycle, other = next(numbers), next(numbers)
        with on.worker_process() as worker:
            on.records.put(cycle, "Chờ báo cáo")
            on.records.put(other, "Chờ báo cáo")
            view = await on.shown_as(cycle, "Chờ báo cáo")
            assert view.state_type is StateType.PAUSED
            assert on.records.passes(cycle) == []

            on.records.put(cycle, "Chờ xác nhận")
            await on.shown_as(cycle, "Chờ xác nhận")

            on.records.put(cycle, "Đã duyệt", is_final=True, takes=60)
            await on.passed(cycle, 1)
            worker.kill()
        assert (await on.shown_as(cycle, "Running")).state_type is StateType.RUNNING

        on.records.put(cycle, "Đã duyệt", is_final=True)
        with on.worker_process():
            assert (await on.shown_as(cycle, "Đã duyệt")).state_type is StateType.COMPLETED
            assert len(on.records.passes(cycle)) == 2

            before = await on.shown_as(other, "Chờ báo cáo")
            await empty_prefect(on)
            await eventually(lambda: _new_run(on, other, before.id), "a new run for the waiting cycle")
            assert (await on.shown_as(other, "Chờ báo cáo")).state_type is StateType.PAUSED


async def test_schedules_make_runs(scene: Scene) -> None:
    async with scene() as on:

        async def scheduled() -> bool | None:
            runs = await on.client.get_scheduled_flow_runs_for_work_pool(POOL)
            return True if any(one.flow_run.auto_scheduled for one in runs) else None

        await eventually(scheduled, "a run of the sweep")


def test_a_process_with_a_lifeline_ends_when_its_parent_is_killed() -> None:
    child = (
        "import os, time\nfrom flows.lifeline import end_with_parent\n"
        "end_with_parent(lambda: os._exit(0)); time.sleep(60)"
    )
    parent = (
        "import subprocess, sys, time\n"
        f"child = subprocess.Popen([sys.executable, '-c', {child!r}], stdin=subprocess.PIPE)\n"
        "print(child.pid, flush=True); time.sleep(60)"
    )
    process = subprocess.Popen([sys.executable, "-c", parent], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    child_id = int(process.stdout.readline())
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    process.stdout.close()

    deadline = time.monotonic() + 10
    while _is_alive(child_id) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not _is_alive(child_id)


async def empty_prefect(on: Scenario) -> None:
    """Leave nothing in Prefect: no flow, and with it no deployment and no run, and no work pool."""
    for flow in await on.client.read_flows():
        await on.client.delete_flow(flow.id)
    await on.client.delete_work_pool(POOL)


async def _new_run(on: Scenario, cycle_id: int, before: object) -> bool | None:
    view = await on.view(cycle_id)
    return True if view is not None and view.id != before else None


def _is_alive(process_id: int) -> bool:
    try:
        with open(f"/proc/{process_id}/stat") as stat:
            return stat.read().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False
