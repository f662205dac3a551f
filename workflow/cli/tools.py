"""Upkeep: `tiendo audit verify` checks the log, `tiendo reconcile` makes Prefect agree with the database."""

from __future__ import annotations

import asyncio
import os
from typing import Annotated

import typer

from workflow.cli.running import child_environment, open_store
from workflow.cli.text import out, say_json
from workflow.cli.up import Data, settings_of
from workflow.storage.audit import verify

audit_app = typer.Typer(no_args_is_help=True)


@audit_app.callback()
def _audit() -> None:
    """Sổ ghi nối chuỗi. / The hash-chained log."""


@audit_app.command("verify")
def verify_(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False, data: Data = None
) -> None:
    """Kiểm tra sổ ghi còn nguyên vẹn. / Check that nothing in the log was changed, removed or cut off."""
    store = open_store(settings_of(data))
    with store.reading() as tx:
        checked, faults = verify(tx)
    if as_json:
        say_json(
            {
                "checked": checked,
                "faults": [{"chain": one.chain, "seq": one.seq, "what": one.what} for one in faults],
            }
        )
    else:
        for fault in faults:
            out.print(f"[red]✗[/] chuỗi {fault.chain}, mục {fault.seq}: {fault.what}")
        out.print(f"Đã kiểm tra {checked} mục: {'nguyên vẹn' if not faults else f'{len(faults)} chỗ sai'}.")
    if faults:
        raise typer.Exit(1)


def reconcile(data: Data = None) -> None:
    """Làm cho Prefect khớp lại với cơ sở dữ liệu. / Make Prefect agree with the database again."""
    settings = settings_of(data)
    os.environ.update(child_environment(settings) | {"PREFECT_API_URL": settings.where_prefect})
    from prefect.client.orchestration import get_client

    from flows import work

    async def run() -> str:
        async with get_client() as client:
            return (await work.reconcile(client)).summary

    out.print(asyncio.run(run()))
