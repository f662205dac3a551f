"""`tiendo retention`: data with a retention period, and how much of it is due for deletion."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer
from rich.table import Table

from workflow.cli.running import open_store
from workflow.cli.text import out, say_json
from workflow.cli.up import Data, settings_of
from workflow.clock import Clock
from workflow.old_files import old_files, remove_old_files
from workflow.storage.canonical import plain
from workflow.storage.personal.retention import Overage, due, remove_due


def retention(
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say how much is too old; nothing is removed.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    data: Data = None,
) -> None:
    """Dọn dữ liệu quá hạn lưu, như lần dọn hằng đêm. / Remove what is too old, as every night does."""
    settings = settings_of(data)
    store = open_store(settings)
    now, days = Clock(store).now(), settings.keep_days
    wall = datetime.now(UTC)
    before = wall - timedelta(days=settings.logs_keep_days)
    n_files = len(old_files(settings.data, before)) if settings.logs_keep_days else 0
    if dry_run:
        with store.reading() as tx:
            found = due(tx, days, now)
    else:
        with store.begin() as tx:
            found = remove_due(tx, days, now)
        if settings.logs_keep_days:
            n_files = remove_old_files(settings.data, before, wall)
        if any(one.count for one in found):
            store.scrub()
    found.append(
        Overage("logs_keep_days", "tệp nhật ký, thư trong hộp thư thử", settings.logs_keep_days, n_files)
    )
    if as_json:
        say_json({"removed": not dry_run, "kinds": plain(found)})
        return
    table = Table("Loại dữ liệu", "Giữ", "Quá hạn" if dry_run else "Đã xóa", "Thiết lập")
    for one in found:
        kept = f"{one.days} ngày" if one.days else "mãi"
        table.add_row(str(one.label), kept, str(one.count), f"TIENDO_{one.setting.upper()}")
    out.print(table)
