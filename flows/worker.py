"""The Prefect worker type `tiendo`: flow passes in the worker's own process.

A pass of ours is a few short calls, so a process for each (two seconds of imports) would cost far more than
the work. Left to others: what a pass does (`flows.plan_item` and its neighbours), and starting this worker
(`flows.worker_process`, or the stock `prefect worker start --type tiendo`).

Flows must be async and importable here; a deployment's pull steps are ignored, for the code is installed.
Only the entrypoints of `deployments/prefect.yaml` are run: whoever can call Prefect's API can name any other
in a deployment of their own, and it would run as the worker's user.
"""

from __future__ import annotations

import asyncio
from collections.abc import Generator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

import anyio
from prefect.client.schemas.filters import WorkerFilter, WorkerFilterStatus
from prefect.context import AsyncClientContext
from prefect.exceptions import Abort, ObjectNotFound, Pause
from prefect.flow_engine import AsyncFlowRunEngine
from prefect.flows import Flow, load_flow_from_entrypoint
from prefect.states import Scheduled
from prefect.workers.base import BaseJobConfiguration, BaseVariables, BaseWorker, BaseWorkerResult

from flows.described import our_entrypoints
from flows.prefect_private import FlowRunSuspensionRequest, register_flow_run_suspension_request
from flows.showing import hand_back, unfinished_passes

if TYPE_CHECKING:
    from anyio.abc import TaskStatus
    from prefect.client.schemas.objects import FlowRun

PASSES_AT_ONCE = 4
"""The server answers one request at a time, so more than this only lengthens its queue."""

LEASE = timedelta(minutes=10)
"""A pass of another worker that hasn't ended after this long is considered lost."""


class ForeignFlow(Exception):
    """A deployment names a flow that is not one of ours."""


class PassResult(BaseWorkerResult):
    """How one pass ended, as far as the worker is concerned."""


class PassEngine(AsyncFlowRunEngine[Any, Any]):
    """Prefect's engine without its two threads for each run, and with ends that suit a shared process.

    Prefect starts a thread with a websocket per run to notice a suspension asked for from outside, blocking
    the event loop until it is connected, and another to send heartbeats. Our passes suspend themselves and
    last a fraction of a second.
    """

    cancel_is_wanted = False

    @property
    def heartbeat_seconds(self) -> int | None:
        """No heartbeats: `hand_back_lost_passes` finds the passes of a dead worker."""
        return None

    @contextmanager
    def setup_flow_run_suspension_request(self) -> Generator[FlowRunSuspensionRequest, None, None]:
        """As Prefect does, less the observing thread."""
        if self.flow_run is None:
            raise ValueError("no flow run")
        request = self._get_flow_run_suspension_request()
        with register_flow_run_suspension_request(self.flow_run.id, request):
            yield request

    async def handle_crash(self, exc: BaseException) -> None:
        """A stop of the worker hands the pass back to be run again; a wanted cancellation cancels it."""
        if self.cancel_is_wanted:
            await self.handle_cancellation(exc)
        elif isinstance(exc, asyncio.CancelledError):
            with anyio.CancelScope(shield=True):
                await self.set_state(Scheduled(name="Resuming"), force=True)
                self._raised = exc  # type: ignore[assignment]  # as Prefect does with any BaseException
        else:
            await super().handle_crash(exc)

    async def run(self) -> None:
        """The pass from start to end; what `prefect.flow_engine.run_flow_async` does."""
        async with self.start():
            while self.is_running():
                async with self.run_context():
                    _ = await self.call_flow_fn()


class TiendoWorker(BaseWorker[BaseJobConfiguration, BaseVariables, PassResult]):
    """Runs passes as coroutines beside each other, `limit` at once, over one HTTP client."""

    type = "tiendo"
    job_configuration = BaseJobConfiguration
    _description = "Runs the flows of tiendo inside the worker's own process."
    _display_name = "tiendo"

    def __init__(self, work_pool_name: str, *, limit: int | None = None, **options: Any) -> None:
        # The base class's limit would make it drop what it fetched and fetch it again with the next poll.
        super().__init__(work_pool_name, limit=None, **options)
        self._turns = asyncio.Semaphore(limit or PASSES_AT_ONCE)
        self._most_waiting = 2 * (limit or PASSES_AT_ONCE)
        self._passes: dict[UUID, tuple[anyio.CancelScope, PassEngine]] = {}
        self._flows: dict[tuple[UUID, str | None], Flow[..., Any]] = {}
        self._has_looked_back = False

    async def setup(self) -> None:
        """Open the one client that every pass shares: each new one costs an SSL context (30 ms of CPU)."""
        await self._exit_stack.enter_async_context(AsyncClientContext())
        await super().setup()

    async def sync_with_backend(self) -> None:
        """The heartbeat; besides, look for passes that nobody is running any more."""
        await super().sync_with_backend()
        await self.hand_back_lost_passes()

    async def get_and_submit_flow_runs(self) -> list[FlowRun]:
        """Poll only when what was fetched is nearly done: a poll lists the whole backlog."""
        if len(self._submitting_flow_run_ids) > self._most_waiting:
            self._last_polled_time = datetime.now(UTC)
            return []
        return await super().get_and_submit_flow_runs()

    async def run(
        self,
        flow_run: FlowRun,
        configuration: BaseJobConfiguration,
        task_status: TaskStatus[int] | None = None,
    ) -> PassResult:
        """One pass; its outcome is reported to Prefect, never raised."""
        if task_status is not None:
            task_status.started(0)
        await self._run_pass(flow_run)
        return PassResult(status_code=0, identifier=str(flow_run.id))

    async def hand_back_lost_passes(self) -> list[UUID]:
        """Schedule a dead worker's passes again: at once if no other worker is on, else after `LEASE`."""
        if self._work_pool is None:
            return []
        # The first look follows a start, when nothing can be under way here; later ones leave room for
        # a pass that has just left `_passes` while its last state was being read.
        age = timedelta(seconds=15) if self._has_looked_back else timedelta()
        others = await self.client.read_workers_for_work_pool(
            self._work_pool_name, worker_filter=WorkerFilter(status=WorkerFilterStatus(any_=["ONLINE"]))
        )
        if any(other.name != self.name for other in others):
            age = LEASE
        lost = await unfinished_passes(self.client, self._work_pool_name, before=datetime.now(UTC) - age)
        lost = [run_id for run_id in lost if run_id not in self._submitting_flow_run_ids]
        await hand_back(self.client, lost)
        self._has_looked_back = True
        if lost:
            self._logger.warning("%d passes were left by a worker that is gone; scheduled again", len(lost))
        return lost

    async def _submit_run(self, flow_run: FlowRun) -> None:
        # The base class makes nine more requests here to describe infrastructure that we don't have.
        # Becoming Pending is the one that counts: only one worker is granted it.
        try:
            async with self._turns:
                if await self._propose_pending_state(flow_run):
                    await self._run_pass(flow_run)
        finally:
            self._submitting_flow_run_ids.discard(flow_run.id)
            if self._cancelling_observer is not None:
                self._cancelling_observer.remove_in_flight_flow_run_id(flow_run.id)

    async def _run_pass(self, flow_run: FlowRun) -> None:
        try:
            flow = await self._flow_of(flow_run)
            engine = PassEngine(flow=flow, flow_run=flow_run, parameters=flow_run.parameters)
            with anyio.CancelScope() as scope:
                self._passes[flow_run.id] = (scope, engine)
                await engine.run()
        except Pause:
            pass  # suspended: the usual end of a pass
        except Abort as refusal:
            self._logger.info("Prefect refused a pass of %s: %s", flow_run.name, refusal)
        except ForeignFlow as refusal:
            self._logger.error("run %s (%r) was refused: %s", flow_run.id, flow_run.name, refusal)
            await self._propose_crashed_state(flow_run, str(refusal))
        except Exception as error:
            self._logger.exception("a pass of %s broke off", flow_run.name)
            await self._propose_crashed_state(flow_run, f"{type(error).__name__}: {error}")
        finally:
            self._passes.pop(flow_run.id, None)

    async def _flow_of(self, flow_run: FlowRun) -> Flow[..., Any]:
        if flow_run.deployment_id is None:
            raise ValueError(f"run {flow_run.name} has no deployment, so its flow is unknown")
        key = (flow_run.deployment_id, flow_run.deployment_version)
        if key not in self._flows:
            deployment = await self.client.read_deployment(flow_run.deployment_id)
            if deployment.entrypoint is None:
                raise ValueError(f"deployment {deployment.name} names no entrypoint")
            if deployment.entrypoint not in our_entrypoints():
                raise ForeignFlow(
                    f"deployment {deployment.name!r} names {deployment.entrypoint!r}, which is not a flow of "
                    "tiendo: this worker runs only the entrypoints of deployments/prefect.yaml"
                )
            flow: Flow[..., Any] = load_flow_from_entrypoint(
                deployment.entrypoint, use_placeholder_flow=False
            )
            if not flow.isasync or flow.isgenerator:
                raise TypeError(f"{deployment.entrypoint} must be an `async def` flow to share a process")
            self._flows[key] = flow
        return self._flows[key]

    async def _cancel_run(self, flow_run_id: UUID) -> None:
        if flow_run_id in self._passes:
            scope, engine = self._passes[flow_run_id]
            engine.cancel_is_wanted = True
            scope.cancel()
            return
        try:
            await self._mark_flow_run_as_cancelled(await self.client.read_flow_run(flow_run_id))
        except ObjectNotFound:
            self._logger.debug("run %s is gone, nothing to cancel", flow_run_id)
