"""Taking the old runs of the scheduled flows out of Prefect, whose list they would fill: some 310 a day.

Only runs that ended well go; a failed one stays to be investigated, and a cycle's run always stays.
"""

from __future__ import annotations

from datetime import datetime

from prefect.client.orchestration import PrefectClient

SCHEDULED = ("tiendo", "định kỳ")
"""The tags, in `prefect.yaml`, of the deployments whose runs come and go by the clock."""

DELETE_AT_ONCE = 50
"""The limit of Prefect's route (server/api: BULK_OPERATION_LIMIT)."""


async def delete_old_runs(client: PrefectClient, before: datetime) -> int:
    """Deletes the scheduled flows' completed runs that ended before that moment (real time: Prefect knows no
    other); returns how many."""
    wanted = {
        "flow_runs": {
            "tags": {"all_": list(SCHEDULED)},
            "state": {"type": {"any_": ["COMPLETED"]}},
            "end_time": {"before_": before.isoformat()},
        },
        "limit": DELETE_AT_ONCE,
    }
    count = 0
    while True:
        # The bulk routes are part of the public API of 3.8, but the client has no methods for them yet.
        answer = await client.request("POST", "/flow_runs/bulk_delete", json=wanted)  # type: ignore[arg-type]
        deleted = answer.json()["deleted"]
        count += len(deleted)
        if len(deleted) < DELETE_AT_ONCE:
            return count
