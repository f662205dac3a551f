"""Claims about the scheduled flows on a real Prefect: what was missed is caught up, old runs are cleaned."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractAsyncContextManager
from datetime import UTC, date, datetime
from pathlib import Path
from uuid import UUID

import pytest
import yaml
from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import StateType
from prefect.states import Completed, Failed
from sqlalchemy import select

from flows import work
from flows.deploying import POOL, deployments_file, ensure_deployments
from flows.sweep import delete_old_runs
from tests.builders import a_directory, a_plan, a_store
from tests.flows.conftest import Scenario, a_free_port, a_server, a_worker, eventually
from workflow.clock import Clock
from workflow.domain.calendar import Calendar
from workflow.domain.rules.routing_rules import Rules, ScheduleRule
from workflow.storage import Store
from workflow.storage.people.directory import save_directory
from workflow.storage.plans.plans import save_plan
from workflow.storage.rules import save_rules
from workflow.storage.tables import organisations, outbox, periods, report_issues

pytestmark = [pytest.mark.prefect, pytest.mark.slow]

Scene = Callable[[], AbstractAsyncContextManager[Scenario]]


@pytest.fixture
def deployed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    """A plan of 2026 that runs by itself, in the database that the flows of this process use."""
    for name, value in (("DATA", str(tmp_path)), ("PREFECT_KEEP_DAYS", "3")):
        monkeypatch.setenv(f"TIENDO_{name}", value)
    work._deployment.cache_clear()
    store = a_store(tmp_path)
    now = Calendar().moment(date(2026, 1, 9), 9)
    with store.begin() as tx:
        organisation = save_directory(tx, a_directory())
        save_plan(tx, organisation, a_plan(), now)
        save_rules(tx, organisation, Rules(schedule=ScheduleRule(automatic=True)), {}, now)
        tx.execute(organisations.update().values(zone="Asia/Bangkok"))
    yield store
    store.close()
    work._deployment.cache_clear()


def every_minute(folder: Path) -> Path:
    """The schedule's deployment alone, each minute instead of each hour: a test can't wait longer."""
    described = yaml.safe_load(deployments_file().read_text(encoding="utf-8"))
    (schedule,) = (one for one in described["deployments"] if one["name"] == "schedule")
    schedule["schedules"][0]["cron"] = "* * * * *"
    file = folder / "prefect.yaml"
    file.write_text(yaml.safe_dump({"deployments": [schedule]}, allow_unicode=True), encoding="utf-8")
    return file


async def test_a_server_that_was_down_over_the_opening_day_opens_the_period_when_it_is_back(
    deployed: Store, tmp_path: Path
) -> None:
    clock, calendar, port, home = Clock(deployed), Calendar(), a_free_port(), tmp_path / "prefect"
    clock.set(calendar.moment(date(2026, 2, 27), 16))
    with a_server(home, port) as server, server.settings():
        async with get_client() as client:
            found = await ensure_deployments(client, every_minute(tmp_path), timezone=await work.zone())
            described = await client.read_deployment(found["schedule"])
            assert [one.schedule.timezone for one in described.schedules] == ["Asia/Bangkok"]

            async def planned() -> bool | None:
                return True if await client.get_scheduled_flow_runs_for_work_pool(POOL) else None

            await eventually(planned, "a run planned ahead")

    # Monday, the opening day, and two more go by with nothing running.
    clock.set(calendar.moment(date(2026, 3, 4), 8))

    with a_server(home, port) as server, server.settings():
        async with get_client(), a_worker():
            await eventually(_opened(deployed), "the period opened by the schedule alone")
    with deployed.reading() as tx:
        (period,) = tx.execute(select(periods)).all()
        assert (period.code, period.due_on) == ("2026-Q1", date(2026, 3, 16))
        assert set(tx.scalars(select(outbox.c.kind))) == {"digest", "opened"}


async def test_a_quarter_nobody_closed_is_closed_and_its_report_drafted_by_one_run(deployed: Store) -> None:
    _, _, clock = work._deployment()
    calendar = Calendar()
    clock.set(calendar.moment(date(2026, 3, 2), 8))
    await work.keep_schedules()
    clock.set(calendar.moment(date(2026, 5, 4), 8))
    assert (await work.keep_schedules()).label == "Đã theo lịch"
    with deployed.reading() as tx:
        assert tx.scalar(select(periods.c.closed_at)) is not None
        assert tx.scalars(select(report_issues.c.issued_at)).all() == [None]
    await work.keep_schedules()
    with deployed.reading() as tx:
        assert len(tx.scalars(select(report_issues.c.id)).all()) == 1


async def test_old_runs_of_scheduled_flows_are_cleaned_up_and_all_others_stay(scene: Scene) -> None:
    async with scene() as on:
        deployments = await ensure_deployments(on.client)

        async def ended(name: str, state: object) -> UUID:
            given = {"period_id": 1} if name == "close-period" else {}
            run = await on.client.create_flow_run_from_deployment(deployments[name], parameters=given)
            await on.client.set_flow_run_state(run.id, state, force=True)  # type: ignore[arg-type]
            return run.id

        old = [await ended("sweep", Completed()) for _ in range(60)]
        old += [await ended("reconcile", Completed()), await ended("schedule", Completed())]
        cycle = await on.create("Chờ báo cáo")
        stays = [await ended("sweep", Failed()), await ended("close-period", Completed()), on.run_of(cycle)]
        before = datetime.now(UTC)
        stays.append(await ended("sweep", Completed()))

        assert await delete_old_runs(on.client, before) >= len(old)
        left = {run.id for run in await on.client.read_flow_runs() if run.state_type is StateType.COMPLETED}
        assert left.isdisjoint(old)
        for run_id in stays:
            assert await on.client.read_flow_run(run_id)
        assert await delete_old_runs(on.client, before) == 0


def _opened(store: Store) -> Callable[[], object]:
    async def look() -> bool | None:
        with store.reading() as tx:
            return True if tx.scalar(select(periods.c.id)) else None

    return look
