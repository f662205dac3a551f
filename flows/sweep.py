"""The scheduled flows: what is due by the clock, and keeping Prefect's picture true."""

from __future__ import annotations

from typing import Any

from prefect import flow
from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import State
from prefect.states import Completed

from flows import work


@flow(name="sweep", flow_run_name="Rà soát thời hạn", persist_result=False)
async def sweep() -> State[Any]:
    """Reminders, escalations, lapses and deemed consent over all cycles."""
    account = await work.sweep()
    return Completed(name=account.label, message=account.summary)


@flow(name="reconcile", flow_run_name="Đối chiếu với cơ sở dữ liệu", persist_result=False)
async def reconcile() -> State[Any]:
    """Make Prefect agree with our database again, whatever happened to it."""
    async with get_client() as client:
        account = await work.reconcile(client)
    return Completed(name=account.label, message=account.summary)
