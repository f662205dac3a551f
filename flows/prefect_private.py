"""What the worker uses of Prefect that Prefect does not promise to keep: the only file of its side that does.

`tests/flows` tries it on each supported version; what a new version moved is mended here. The server's side
is `flows.server_repairs`, apart since importing it costs seconds and needs the server's environment.
"""

# The engine's hook for a run that suspends itself: without it `flows.worker.PassEngine` would have to let
# Prefect start a thread with a websocket for each pass.
from prefect._flow_run_suspension import FlowRunSuspensionRequest, register_flow_run_suspension_request

__all__ = ["FlowRunSuspensionRequest", "register_flow_run_suspension_request"]
