"""The scheduled flows: what is due by the clock, and keeping Prefect's picture true."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from prefect import flow
from prefect.client.orchestration import PrefectClient, get_client
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


@flow(name="schedule", flow_run_name="Lịch các kỳ báo cáo", persist_result=False)
async def schedule() -> State[Any]:
    """Open and close the periods that are due, issue their reports, notify the office of what comes next."""
    account = await work.keep_schedules()
    return Completed(name=account.label, message=account.summary)


@flow(name="clean-up", flow_run_name="Dọn những gì không còn dùng", persist_result=False)
async def clean_up() -> State[Any]:
    """Delete uploaded plans that were never accepted, data past its retention period, and the scheduled
    flows' old runs in Prefect; what they did is in our own audit log."""
    offers = await work.drop_old_offers()
    old = await work.drop_what_is_old()
    note = f"Đã bỏ {offers} bản kế hoạch tải lên mà không chấp nhận, {old} dòng và tệp quá hạn lưu."
    days = work.days_runs_are_kept()
    if not days:
        return Completed(name="Giữ mọi lượt chạy", message=note)
    async with get_client() as client:
        count = await delete_old_runs(client, datetime.now(UTC) - timedelta(days=days))
    return Completed(name="Đã dọn", message=f"{note} Đã xóa {count} lượt chạy định kỳ xong quá {days} ngày.")


SCHEDULED = ("tiendo", "định kỳ")
"""The tags, in `prefect.yaml`, of the deployments whose runs come and go by the clock."""


DELETE_AT_ONCE = 50
"""The limit of Prefect's route (server/api: BULK_OPERATION_LIMIT)."""


async def delete_old_runs(client: PrefectClient, before: datetime) -> int:
    """Deletes the scheduled flows' completed runs that ended before that moment (real time: Prefect knows no
    other); says how many."""
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
