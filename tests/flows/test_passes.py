"""Claims about single runs: suspended, renamed, resumed, completed, failed, cancelled."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from uuid import uuid4

import pytest
from prefect.client.schemas.filters import ArtifactFilter
from prefect.client.schemas.objects import StateType
from prefect.states import Cancelling

from flows.showing import Outcome, create_runs, resume, show_stage
from tests.flows.conftest import Scenario
from tests.flows.records import run_spec

pytestmark = pytest.mark.prefect

Scene = Callable[[], AbstractAsyncContextManager[Scenario]]


async def test_a_pass_runs_in_the_workers_process_and_suspends_under_its_stage(scene: Scene) -> None:
    async with scene() as on, on.worker():
        cycle = await on.create("Chờ báo cáo")
        view = await on.shown_as(cycle, "Chờ báo cáo")
        assert view.state_type is StateType.PAUSED
        assert on.records.passes(cycle) == [os.getpid()]

        run = await on.client.read_flow_run(view.id)
        assert run.name == f"II.3.{cycle} · Quý I/2023 · UBND phường"
        assert "Quý I/2023" in run.tags
        assert run.state is not None
        assert run.state.state_details.pause_timeout is None


async def test_a_suspended_run_is_renamed_and_when_resumed_ends_with_a_record(
    scene: Scene,
) -> None:
    async with scene() as on, on.worker():
        cycle = await on.create("Chờ báo cáo")
        run_id = (await on.shown_as(cycle, "Chờ báo cáo")).id

        assert await show_stage(on.client, run_id, "Chờ xác nhận") is Outcome.DONE
        assert await show_stage(on.client, run_id, "Chờ biểu quyết") is Outcome.DONE
        assert await show_stage(on.client, run_id, "Chờ biểu quyết") is Outcome.ALREADY
        view = await on.view(cycle)
        assert view is not None
        assert (view.state_type, view.state_name) == (StateType.PAUSED, "Chờ biểu quyết")

        on.records.put(cycle, "Đã duyệt", is_final=True)
        assert await resume(on.client, run_id) is Outcome.DONE
        assert (await on.shown_as(cycle, "Đã duyệt")).state_type is StateType.COMPLETED
        artifacts = await on.client.read_artifacts(
            artifact_filter=ArtifactFilter.model_validate({"key": {"any_": [f"cycle-{cycle}"]}})
        )
        assert [one.type for one in artifacts] == ["markdown"]
        assert await resume(on.client, run_id) is Outcome.OVER
        assert await show_stage(on.client, run_id, "Chờ xác nhận") is Outcome.OVER


async def test_a_run_resumed_too_early_by_hand_suspends_again(scene: Scene) -> None:
    async with scene() as on, on.worker():
        cycle = await on.create("Chờ xác nhận", suspended=True)
        for passes in (1, 2):
            await on.client.resume_flow_run(on.run_of(cycle))
            await on.passed(cycle, passes)
            assert (await on.shown_as(cycle, "Chờ xác nhận")).state_type is StateType.PAUSED


async def test_a_run_can_be_created_under_a_stage_without_a_pass(scene: Scene) -> None:
    async with scene() as on:
        cycle = await on.create("Chờ báo cáo", suspended=True)
        view = await on.view(cycle)
        assert view is not None
        assert (view.state_type, view.state_name) == (StateType.PAUSED, "Chờ báo cáo")


async def test_creating_the_same_run_twice_makes_it_once(scene: Scene) -> None:
    async with scene() as on:
        cycle = await on.create("Chờ báo cáo", suspended=True)
        assert await create_runs(on.client, on.deployment_id, [run_spec(cycle)]) == [on.run_of(cycle)]


async def test_many_writers_at_once_find_no_locked_database(scene: Scene) -> None:
    async with scene() as on:
        specs = [[run_spec(int(uuid4()) % 10**9, "Chờ báo cáo") for _ in range(5)] for _ in range(8)]
        made = await asyncio.gather(*(create_runs(on.client, on.deployment_id, batch) for batch in specs))
        assert len({run_id for batch in made for run_id in batch}) == 40


async def test_a_run_that_prefect_does_not_know_is_gone(scene: Scene) -> None:
    async with scene() as on:
        assert await show_stage(on.client, uuid4(), "Chờ xác nhận") is Outcome.GONE
        assert await resume(on.client, uuid4()) is Outcome.GONE


async def test_a_failed_pass_is_reported_and_made_again_on_resume(scene: Scene) -> None:
    async with scene() as on, on.worker():
        cycle = await on.create("Chờ báo cáo", fault="cơ sở dữ liệu không trả lời")
        view = await on.shown_as(cycle, "Failed")
        assert await show_stage(on.client, view.id, "Chờ báo cáo") is Outcome.BROKEN

        on.records.put(cycle, "Quá hạn không duyệt", is_final=True)
        assert await resume(on.client, view.id) is Outcome.DONE
        await on.shown_as(cycle, "Quá hạn không duyệt")


async def test_a_pass_under_way_can_be_cancelled(scene: Scene) -> None:
    async with scene() as on, on.worker():
        cycle = await on.create("Chờ báo cáo", takes=60)
        await on.shown_as(cycle, "Running")
        await on.passed(cycle, 1)
        await on.client.set_flow_run_state(on.run_of(cycle), Cancelling())
        await on.shown_as(cycle, "Cancelled")
        assert await show_stage(on.client, on.run_of(cycle), "Chờ báo cáo") is Outcome.DONE


async def test_a_pass_cut_short_by_a_stop_of_the_worker_is_handed_back(scene: Scene) -> None:
    async with scene() as on:
        async with on.worker():
            cycle = await on.create("Chờ báo cáo", takes=60)
            await on.passed(cycle, 1)
        view = await on.view(cycle)
        assert view is not None
        assert view.state_type is StateType.SCHEDULED
