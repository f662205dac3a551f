"""Maintenance: `tiendo reconcile` makes Prefect agree with the database."""

from __future__ import annotations

import asyncio
import os

from workflow.cli.prefect_api import child_environment
from workflow.cli.text import out
from workflow.cli.up import Data, settings_of


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
