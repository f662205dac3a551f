"""One cycle's run in Prefect: started, shown under its stage while people act, completed with a record."""

from __future__ import annotations

from typing import Any

from prefect import flow
from prefect.artifacts import acreate_markdown_artifact
from prefect.client.schemas.objects import State
from prefect.states import Completed

from flows import work
from flows.suspending import suspend_under
from workflow.domain.plain_text import markdown


@flow(name="plan-item", persist_result=False)
async def plan_item(cycle_id: int) -> State[Any]:
    """Move the cycle on; while it waits for people, suspend under its stage; at the end, leave a record.

    Each pass starts here again and asks the database, so it makes no difference who resumed it or how often.
    """
    cycle = await work.advance_cycle(cycle_id)
    if not cycle.is_final:
        await suspend_under(cycle.stage_label)
    await acreate_markdown_artifact(
        key=f"cycle-{cycle_id}",
        markdown=f"{cycle.summary}\n\n[{cycle.link}]({cycle.link})",
        description=markdown(cycle.run_name),
    )
    return Completed(name=cycle.stage_label)
