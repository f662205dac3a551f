"""`tiendo days-off`: an organisation's days off and the days worked in exchange."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from workflow.cli.choosing import OrganisationName, organisation_for
from workflow.cli.running import open_store
from workflow.cli.text import err, out, say_json
from workflow.cli.up import Data, settings_of
from workflow.clock import Clock
from workflow.domain.calendar import national_days
from workflow.domain.errors import TiendoError
from workflow.domain.periods.days_off import DayChange, DayKind, OwnDay, doubts_of, sorted_out
from workflow.domain.typed import sent_day, written_day
from workflow.domain.vietnamese import day as written
from workflow.importing.days_off import read_days
from workflow.storage import Store
from workflow.storage.canonical import plain
from workflow.storage.people.groups import organisation_calendar, own_days
from workflow.storage.sweeps.days_off import DaysChanged, change_days

app = typer.Typer(no_args_is_help=True)

Day = Annotated[str, typer.Argument(metavar="DAY", help="As 02/09/2026 or 2026-09-02.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Only say what would move; write nothing.")]
_KINDS = {DayKind.OFF: "nghỉ", DayKind.WORKED: "làm bù", None: "bỏ"}


@app.command("list")
def list_(
    year: Annotated[
        int | None, typer.Option("--year", min=1995, max=2100, help="The year; all own days by default.")
    ] = None,
    national: Annotated[
        bool, typer.Option("--national", help="The national list too, of that year or this.")
    ] = False,
    organisation: OrganisationName = "",
    as_json: AsJson = False,
    data: Data = None,
) -> None:
    """Ngày nghỉ, ngày làm bù đã ghi. / The days that were entered, and the national list."""
    store = open_store(settings_of(data))
    owner = organisation_for(store, organisation)
    with store.reading() as tx:
        days = [one for one in own_days(tx, owner.id) if year in (None, one.day.year)]
        today = organisation_calendar(tx, owner.id).day_of(Clock(store).now())
    known = national_days(year or today.year) if national else None
    if as_json:
        found: dict[str, Any] = {"days": plain(days)}
        say_json(found | ({"national": plain(known)} if known else {}))
        return
    _print_days(days)
    if known:
        out.print(f"\nCả nước năm {known.year} (nguồn: {known.source}):", highlight=False)
        for day, name in known.off:
            out.print(f"  {written(day)}  {escape(name or 'nghỉ hoán đổi')}", highlight=False)
        for day in known.worked:
            out.print(f"  {written(day)}  làm bù", highlight=False)
        if not known.has_swaps:
            err.print("Chưa biết ngày hoán đổi nào của năm này: xin đối chiếu thông báo của năm.")


def _print_days(days: Sequence[OwnDay]) -> None:
    if not days:
        out.print("Chưa ghi ngày nào.")
        return
    table = Table("Ngày", "Là ngày", "Lý do", box=None)
    for one in days:
        table.add_row(written(one.day), _KINDS[one.kind], escape(one.reason))
    out.print(table)


@app.command()
def add(
    day: Day,
    reason: Annotated[str, typer.Argument(metavar="REASON", help="Why.")],
    worked: Annotated[
        bool, typer.Option("--worked", help="A day worked in exchange, not a day off.")
    ] = False,
    dry_run: DryRun = False,
    organisation: OrganisationName = "",
    as_json: AsJson = False,
    data: Data = None,
) -> None:
    """Ghi hoặc sửa một ngày. / Enter or change a day."""
    kind = DayKind.WORKED if worked else DayKind.OFF
    _change([DayChange(_day(day), kind, reason)], organisation, data, dry_run=dry_run, as_json=as_json)


@app.command()
def remove(
    day: Day,
    dry_run: DryRun = False,
    organisation: OrganisationName = "",
    as_json: AsJson = False,
    data: Data = None,
) -> None:
    """Bỏ một ngày chưa đến. / Remove a day to come."""
    _change([DayChange(_day(day), None)], organisation, data, dry_run=dry_run, as_json=as_json)


@app.command("import")
def import_(
    file: Annotated[
        str, typer.Argument(metavar="FILE", help="An .ics, .csv, .xlsx or text file; - reads a list.")
    ],
    dry_run: DryRun = False,
    skip_unread: Annotated[
        bool, typer.Option("--skip-unread", help="Enter the other days where lines can't be read.")
    ] = False,
    organisation: OrganisationName = "",
    as_json: AsJson = False,
    data: Data = None,
) -> None:
    """Nhập lịch .ics hoặc danh sách. / Take in a calendar file or a list.

    Where a line can't be read nothing is written and the exit code is 1. Days that have begun are left out:
    enter them one by one.
    """
    store = open_store(settings_of(data))
    owner = organisation_for(store, organisation)
    try:
        source = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    except OSError as error:
        raise TiendoError(f"Không đọc được tệp: {error.strerror}.", where=file) from None
    now = Clock(store).now()
    with store.reading() as tx:
        calendar, days = organisation_calendar(tx, owner.id), own_days(tx, owner.id)
    read = read_days(source, Path(file).name, calendar.zone)
    changes, left_out = sorted_out(days, [one.change for one in read.days], now, calendar.zone)
    doubts = {one.change.day: one.doubts for one in read.days}
    is_refused = bool(read.unread) and not skip_unread
    if not as_json:
        for unread in read.unread:
            err.print(f"✗ {unread.where}: “{unread.text}” {unread.why}", highlight=False, markup=False)
        for change, why in left_out:
            err.print(f"Bỏ qua {written(change.day)}: {why}", highlight=False, markup=False)
    beside = {
        "unread": [{"where": one.where, "text": one.text, "why": one.why} for one in read.unread],
        "left_out": [{"day": one.day.isoformat(), "why": why} for one, why in left_out],
    }
    _change(
        changes,
        owner.slug,
        data,
        dry_run=dry_run or is_refused,
        as_json=as_json,
        doubts=doubts,
        beside=beside,
    )
    if is_refused:
        raise typer.Exit(1)


def _day(typed: str) -> date:
    found = written_day(typed) or sent_day(typed)
    if found is None:
        raise TiendoError(f"“{typed}” không phải một ngày.", cure="Viết như 02/09/2026 hoặc 2026-09-02.")
    return found


def _change(
    changes: Sequence[DayChange],
    named: str,
    data: Path | None,
    *,
    dry_run: bool,
    as_json: bool,
    doubts: Mapping[date, Sequence[str]] | None = None,
    beside: dict[str, Any] | None = None,
) -> None:
    store = open_store(settings_of(data))
    owner = organisation_for(store, named)
    now = Clock(store).now()
    with store.reading() as tx:
        calendar = organisation_calendar(tx, owner.id)
    today = calendar.day_of(now)
    said = {one.day: [*(doubts or {}).get(one.day, ()), *doubts_of(one, calendar, today)] for one in changes}
    done = _done(store, owner.id, changes, dry_run=dry_run)
    if as_json:
        say_json(
            {
                "is_written": not dry_run,
                "days": [
                    {
                        "day": one.day.isoformat(),
                        "becomes": one.kind.value if one.kind else "removed",
                        "reason": one.reason,
                        "doubts": said[one.day],
                    }
                    for one in changes
                ],
                "moved_dates": plain(done.dates),
                "people_whose_day_moved": done.n_people,
                **(beside or {}),
            }
        )
        return
    for one in changes:
        what = f"{written(one.day)}: {_KINDS[one.kind]}{f' ({one.reason})' if one.reason else ''}"
        out.print(what, highlight=False, markup=False)
        for doubt in said[one.day]:
            err.print(f"  Xem lại: {doubt}", highlight=False, markup=False)
    for moved in done.dates:
        out.print(
            f"{moved.label}: {moved.step} từ {written(moved.was)} sang {written(moved.becomes)}",
            highlight=False,
        )
    out.print(f"Hạn của {done.n_people} người đổi theo.", highlight=False)
    if dry_run:
        out.print("Chưa ghi gì.")


def _done(store: Store, organisation_id: int, changes: Sequence[DayChange], *, dry_run: bool) -> DaysChanged:
    with store.begin() as tx, tx.begin_nested() as trial:
        done = change_days(tx, organisation_id, changes, Clock(store).now())
        if dry_run:
            trial.rollback()
    return done
