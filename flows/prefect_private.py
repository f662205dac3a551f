"""The private parts of Prefect that the worker uses: the only file on the worker's side that does so.

`tests/flows` tests it on each supported version; what a new version moved is fixed here. The server's side
is `flows.server_repairs`, apart since importing it costs seconds and needs the server's environment.
"""

# The engine's hook for a run that suspends itself: without it `flows.worker.PassEngine` would have to let
# Prefect start a thread with a websocket for each pass.
from prefect._flow_run_suspension import FlowRunSuspensionRequest, register_flow_run_suspension_request

__all__ = ["FlowRunSuspensionRequest", "register_flow_run_suspension_request"]
