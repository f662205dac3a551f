"""One cycle's run in Prefect: started, shown under its stage while people act, completed with a record."""

from __future__ import annotations

from typing import Any, NoReturn
from uuid import uuid4

from prefect import flow
from prefect.artifacts import acreate_markdown_artifact
from prefect.client.schemas.objects import State
from prefect.context import FlowRunContext
from prefect.exceptions import Pause
from prefect.states import Completed, Paused
from prefect.utilities.engine import propose_state

from flows import work
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


async def suspend_under(stage: str) -> NoReturn:
    """End this pass and leave the run suspended, without a timeout, under the name of `stage`.

    The pause key is new each time. Prefect lets a key it has seen fall through, which suits flows that keep
    their place by it; ours ask the database where they stand, and must stop as often as it says so.
    """
    context = FlowRunContext.get()
    if context is None or context.flow_run is None:
        raise RuntimeError("suspend_under works only inside a flow run")
    wanted: State[Any] = Paused(name=stage, reschedule=True, pause_key=f"{stage} {uuid4().hex}")
    state = await propose_state(context.client, wanted, context.flow_run.id)  # type: ignore[arg-type]
    if not state.is_paused():
        raise RuntimeError(f"Prefect answered {state.name!r} when asked to suspend under {stage!r}")
    raise Pause(state=state)
