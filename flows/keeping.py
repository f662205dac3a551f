"""The loop that makes Prefect agree with our database, beside the worker.

Once a second it asks `flows.work` which cycles Prefect shows wrongly, and puts them right in bulk. It needs
no help from the flows, survives a server that is down, and rebuilds a Prefect database that has been emptied.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Sequence
from uuid import UUID

import httpx
from prefect.client.orchestration import PrefectClient
from prefect.exceptions import ObjectNotFound

from flows import work
from flows.deploying import PLAN_ITEM, ensure_deployments
from flows.showing import Outcome, create_runs, resume_runs, show_stages

logger = logging.getLogger("tiendo.keeping")

LOOK_EVERY_SECONDS = 1.0
CHECK_DEPLOYMENT_EVERY_SECONDS = 15.0
ASK_AGAIN_AFTER_SECONDS = 10.0


async def keep_shown(client: PrefectClient) -> None:
    """Run for ever: every second, correct what Prefect shows wrongly."""
    keeper = Keeper(client)
    was_reachable = True
    while True:
        try:
            await keeper.look()
            was_reachable = True
        except httpx.TransportError:
            # Nobody waits for Prefect, so its absence is one line in the log and not an error.
            if was_reachable:
                logger.warning("Prefect's server doesn't answer; its picture will follow when it does")
            was_reachable = False
        except Exception:
            # A defect here must not stop the passes that run in the same process.
            logger.exception("showing the stages in Prefect failed; trying again")
            await asyncio.sleep(CHECK_DEPLOYMENT_EVERY_SECONDS)
        await asyncio.sleep(LOOK_EVERY_SECONDS)


class Keeper:
    """One loop's memory: the deployment's id, and which final passes were asked for lately."""

    def __init__(self, client: PrefectClient) -> None:
        self._client = client
        self._deployment_id: UUID | None = None
        self._checked_at = 0.0
        self._asked_at: dict[int, float] = {}

    async def look(self) -> None:
        """One round: deployments there, then every difference put right as far as it goes."""
        deployment_id = await self._deployment()
        if differences := self._worth_asking(await work.differences()):
            await self._create(deployment_id, [one for one in differences if one.flow_run_id is None])
            await self._show([one for one in differences if one.flow_run_id is not None])

    async def _deployment(self) -> UUID:
        now = time.monotonic()
        if self._deployment_id is not None and now < self._checked_at + CHECK_DEPLOYMENT_EVERY_SECONDS:
            return self._deployment_id
        try:
            if self._deployment_id is not None:
                await self._client.read_deployment(self._deployment_id)
        except ObjectNotFound:
            self._deployment_id = None
        if self._deployment_id is None:
            # First start, or Prefect's database was emptied: nothing we remember of it is valid.
            deployments = await ensure_deployments(self._client, timezone=await work.zone())
            deployment_id = deployments[PLAN_ITEM]
            account = await work.reconcile(self._client)
            logger.info("Prefect's picture compared with ours: %s", account.label)
            self._deployment_id = deployment_id
        self._checked_at = now
        return self._deployment_id

    def _worth_asking(self, differences: Sequence[work.Difference]) -> list[work.Difference]:
        """All but the finals whose last pass was asked for a moment ago: it needs its turn first."""
        since = time.monotonic() - ASK_AGAIN_AFTER_SECONDS
        self._asked_at = {cycle_id: at for cycle_id, at in self._asked_at.items() if at > since}
        return [one for one in differences if not (one.is_final and one.cycle_id in self._asked_at)]

    async def _create(self, deployment_id: UUID, differences: Sequence[work.Difference]) -> None:
        if not differences:
            return
        run_ids = await create_runs(self._client, deployment_id, [one.run for one in differences])
        runs = {one.cycle_id: run_id for one, run_id in zip(differences, run_ids, strict=True)}
        await work.remember_runs(runs)
        # Not marked as shown: a run created before keeps its old state. The next round checks it.

    async def _show(self, differences: Sequence[work.Difference]) -> None:
        runs = {one.flow_run_id: one for one in differences if one.flow_run_id is not None}
        waiting = {run_id: one.stage_label for run_id, one in runs.items() if not one.is_final}
        outcomes = await show_stages(self._client, waiting)
        broken = [run_id for run_id, outcome in outcomes.items() if outcome is Outcome.BROKEN]
        final = [run_id for run_id, one in runs.items() if one.is_final]
        outcomes |= await resume_runs(self._client, [*broken, *final])

        now = time.monotonic()
        self._asked_at |= {runs[run_id].cycle_id: now for run_id in final}
        # A waiting stage is shown once it is set, a final one when its pass has completed the run.
        settled = {run_id for run_id in waiting if outcomes[run_id] in (Outcome.DONE, Outcome.ALREADY)}
        settled |= {run_id for run_id in runs if outcomes[run_id] is Outcome.OVER}
        shown = [runs[run_id] for run_id in settled.difference(broken)]
        gone = [one.cycle_id for run_id, one in runs.items() if outcomes[run_id] is Outcome.GONE]
        if shown:
            await work.mark_shown(shown)
        if gone:
            await work.forget_runs(gone)
