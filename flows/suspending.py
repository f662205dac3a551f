"""Suspending the current run under a name of ours.

Prefect's `suspend_flow_run` always calls the state "Suspended"; proposing the state ourselves shows the stage
from the first moment, saves a request, and uses the run's own client.
"""

from __future__ import annotations

from typing import Any, NoReturn
from uuid import uuid4

from prefect.client.schemas.objects import State
from prefect.context import FlowRunContext
from prefect.exceptions import Pause
from prefect.states import Paused
from prefect.utilities.engine import propose_state


async def suspend_under(stage: str) -> NoReturn:
    """End this pass and leave the run suspended, without a timeout, under the name of `stage`.

    The pause key is new each time. Prefect lets a key it has seen fall through, which suits flows that resume
    from it; ours read their stage from the database, and must suspend as often as it says so.
    """
    context = FlowRunContext.get()
    if context is None or context.flow_run is None:
        raise RuntimeError("suspend_under works only inside a flow run")
    wanted: State[Any] = Paused(name=stage, reschedule=True, pause_key=f"{stage} {uuid4().hex}")
    state = await propose_state(context.client, wanted, context.flow_run.id)  # type: ignore[arg-type]
    if not state.is_paused():
        raise RuntimeError(f"Prefect answered {state.name!r} when asked to suspend under {stage!r}")
    raise Pause(state=state)
