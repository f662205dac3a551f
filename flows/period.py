"""Opening and closing a reporting period, as runs in Prefect."""

from __future__ import annotations

from typing import Any

from prefect import flow
from prefect.artifacts import acreate_markdown_artifact
from prefect.client.schemas.objects import State
from prefect.states import Completed

from flows import work


@flow(name="open-period", persist_result=False)
async def open_period(plan_id: int, period: str) -> State[Any]:
    """Make the period's cycles; their own runs follow by themselves."""
    account = await work.open_period(plan_id, period)
    await acreate_markdown_artifact(key=f"plan-{plan_id}-{period.lower()}-opened", markdown=account.summary)
    return Completed(name=account.label)


@flow(name="close-period", persist_result=False)
async def close_period(period_id: int) -> State[Any]:
    """Roll up, score, report and lock the period."""
    account = await work.close_period(period_id)
    await acreate_markdown_artifact(key=f"period-{period_id}-closed", markdown=account.summary)
    return Completed(name=account.label)
