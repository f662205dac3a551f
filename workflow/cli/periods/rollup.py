"""`tiendo rollup`: figures over periods, an organisation's own or its subordinates'; matching their items;
checking stored figures against the facts."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table
from sqlalchemy import Connection

from workflow.cli.choosing import organisation_for, period_as_json
from workflow.cli.running import open_store
from workflow.cli.text import err, out, say_json
from workflow.cli.up import Data, settings_of
from workflow.clock import Clock
from workflow.domain.errors import NotFound, TiendoError
from workflow.domain.periods.period import Span
from workflow.domain.plain_text import csv_cell, from_csv_cell
from workflow.domain.results.comparing import Compared, Grouping
from workflow.reports.sheets.rollup_table import line
from workflow.storage.canonical import plain
from workflow.storage.people.subordinates import (
    ItemMatch,
    Organisation,
    match_faults,
    organisation_named,
    save_matches,
    subordinates,
)
from workflow.storage.results.comparing import SpanComparison, compare
from workflow.storage.results.kept_rows import differences
from workflow.storage.results.rollups_below import Below, figures_below

app = typer.Typer(invoke_without_command=True)

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Period = Annotated[str, typer.Option("--period", help="As 2026-Q1, 2026-M03, 2026-H1 or 2026.")]
Year = Annotated[int, typer.Option("--year", help="The year of the plans.")]
Superior = Annotated[str, typer.Option("--superior", help="The superior's name or short name.")]
_HEADINGS = ("Đơn vị", "Mã số", "Mã số của cấp trên", "Nội dung")


@app.callback()
def rollup(
    context: typer.Context,
    period: Period = "",
    organisation: Annotated[
        list[str] | None,
        typer.Option("--organisation", help="Whose figures; several: those of one superior, summed."),
    ] = None,
    by: Annotated[Grouping, typer.Option("--by", help="What there is a row for.")] = Grouping.SECTION,
    below: Annotated[bool, typer.Option("--below", help="The organisation's subordinates, summed.")] = False,
    as_json: AsJson = False,
    data: Data = None,
) -> None:
    """Tổng hợp qua các kỳ, so với kỳ trước và cùng kỳ. / Figures over periods, with their changes."""
    if context.invoked_subcommand:
        return
    if not period:
        raise TiendoError("Chưa nói kỳ nào.", cure="Thêm --period 2026-Q1, 2026-H1 hoặc 2026.")
    span = Span.parse(period)
    store = open_store(settings_of(data))
    named = [organisation_for(store, name) for name in organisation or [""]]
    with store.reading() as tx:
        is_below = below or by is Grouping.ORGANISATION or len(named) > 1
        found: SpanComparison | Below | None
        if is_below:
            superior, only = _above(tx, named)
            found = figures_below(tx, superior, span, by, only)
        else:
            found = compare(tx, named[0].id, span, by, Clock(store).now())
    if found is None:
        raise NotFound(f"{span.label} chưa có số liệu nào.", cure="Xem các kỳ: tiendo period list.")
    if as_json:
        say_json(_plain(found))
        return
    _say(found, span, by)


def _above(tx: Connection, named: list[Organisation]) -> tuple[int, list[int]]:
    """The superior whose subordinates are summed, and which of them: all, or those named."""
    if len(named) == 1 and subordinates(tx, named[0].id):
        return named[0].id, []
    superiors = {one.superior_id for one in named}
    superior = superiors.pop() if len(superiors) == 1 else None
    if superior is None:
        raise TiendoError(
            "Các đơn vị này không cùng một cấp trên.",
            cure="Đặt dưới cấp trên trước: tiendo organisation attach ĐƠN-VỊ --to CẤP-TRÊN.",
        )
    return superior, [one.id for one in named]


def _plain(found: SpanComparison | Below) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "period": _span_of(found).code,
        "by": found.by.value,
        "rows": plain(found.rows),
        "whole": plain(found.whole),
    }
    if isinstance(found, Below):
        names = ("counted", "missing", "unmatched", "targets")
        return entry | {name: plain(getattr(found, name)) for name in names}
    now = found.now
    return entry | {
        "provisional": now.is_provisional,
        "counted": [one.code for one in now.counted],
        "waiting": [one.code for one in now.waiting],
        "before": found.before and found.before.span.code,
        "year_ago": found.year_ago and found.year_ago.span.code,
        "moved": plain(found.moved),
        "targets": plain(now.targets),
    }


def _span_of(found: SpanComparison | Below) -> Span:
    return found.span if isinstance(found, Below) else found.now.span


def _say(found: SpanComparison | Below, span: Span, by: Grouping) -> None:
    table = Table(title=span.label, title_justify="left")
    table.add_column(by.label)
    for title in ("Tổng số", "Hoàn thành", "Quá hạn", "Chưa có KQ", "Chỉ tiêu", "Tiến độ", "Đúng hạn"):
        table.add_column(title, justify="right")
    for row in (*found.rows, found.whole):
        table.add_row(*_cells(row))
    out.print(table)
    out.print("Trong ngoặc: so với kỳ trước; so với cùng kỳ năm trước.", style="dim")
    if isinstance(found, Below):
        out.print(f"{len(found.counted)} đơn vị có số liệu đã khóa.")
        if found.missing:
            out.print(f"Chưa khóa kỳ nào: {', '.join(escape(one.name) for one in found.missing)}.")
        for one in found.unmatched:
            text = f"Không khớp: {one.organisation} · {one.code} · {one.content}"
            out.print(escape(text), highlight=False)
        return
    if found.now.is_provisional:
        out.print("Kỳ chưa khóa: số liệu tạm tính.")
    if found.now.waiting:
        out.print(f"Chưa khóa nên chưa tính: {', '.join(one.label for one in found.now.waiting)}.")


def _cells(row: Compared) -> list[str]:
    shown = line(row)
    cells = [f"{'  ' * (shown.depth - 1)}{shown.code} {shown.name}".rstrip()]
    for one in (shown.total, shown.done, shown.overdue, shown.unreported, shown.targets, shown.progress):
        changes = "; ".join(filter(None, (one.before, one.year_ago)))
        cells.append(f"{one.value} ({changes})" if changes else one.value)
    return [escape(cell) for cell in (*cells, shown.on_time)]


@app.command("map")
def map_(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="CSV, as `rollup unmatched` writes it.")],
    superior: Superior,
    year: Year,
    check: Annotated[bool, typer.Option("--check", help="Only say what is wrong; write nothing.")] = False,
    data: Data = None,
) -> None:
    """Nạp bảng đối chiếu mã số với cấp trên. / Which items are which of the superior's."""
    found = _matches(file)
    store = open_store(settings_of(data))
    with store.begin() as tx:
        above = organisation_named(tx, superior)
        if not check:
            save_matches(tx, above.id, year, found, Clock(store).now())
        wrong = match_faults(tx, above.id, year, found)
    for fault in wrong:
        err.print(f"[bold red]✗[/] {escape(fault)}", highlight=False)
    if wrong:
        raise typer.Exit(1)
    out.print(f"{len(found)} dòng đối chiếu: {'dùng được' if check else 'đã ghi'}.")


def _matches(file: Path) -> list[ItemMatch]:
    """The rows of the file. A row without a superior's code says that the item is none of its items."""
    try:
        text = file.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise TiendoError("Không đọc được bảng đối chiếu.", where=f"{file}: {error}") from None
    first = text.partition("\n")[0]
    rows = list(csv.reader(io.StringIO(text), delimiter=";" if ";" in first else ","))
    if not rows or [one.strip() for one in rows[0][:3]] != list(_HEADINGS[:3]):
        raise TiendoError(
            "Bảng đối chiếu không có dòng tiêu đề.",
            where=str(file),
            cure=f"Dòng đầu ghi: {';'.join(_HEADINGS[:3])}.",
        )
    return [
        ItemMatch(*(from_csv_cell(one.strip()) for one in (*row, "", "")[:3])) for row in rows[1:] if any(row)
    ]


@app.command()
def unmatched(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The CSV file to write.")],
    superior: Superior,
    period: Period = "",
    data: Data = None,
) -> None:
    """Ghi ra những nội dung chưa khớp để điền mã. / Write what matches nothing, to be filled in."""
    store = open_store(settings_of(data))
    with store.reading() as tx:
        above = organisation_named(tx, superior)
        found = figures_below(tx, above.id, Span.parse(period), Grouping.SECTION)
    rows = found.unmatched if found else ()
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=";")
    writer.writerow(_HEADINGS)
    writer.writerows(map(csv_cell, (one.organisation, one.code, "", one.content)) for one in rows)
    file.write_text(buffer.getvalue(), "utf-8-sig")
    out.print(f"Đã ghi {len(rows)} nội dung chưa khớp vào {escape(str(file))}.")


@app.command()
def verify(as_json: AsJson = False, data: Data = None) -> None:
    """Tính lại số liệu các kỳ đã khóa từ dữ kiện, so với số đã giữ. / Hold kept figures against the facts."""
    store = open_store(settings_of(data))
    with store.reading() as tx:
        checked, found = differences(tx)
    if as_json:
        differing = [{"period": period_as_json(one.period), "codes": plain(one.codes)} for one in found]
        say_json({"checked": checked, "differences": differing})
    else:
        for one in found:
            text = f"{one.period.organisation}, {one.period.label}: {', '.join(one.codes)}"
            out.print(f"[red]✗[/] {escape(text)}", highlight=False)
        out.print(f"Đã tính lại {checked} kỳ: {'khớp' if not found else f'{len(found)} kỳ không khớp'}.")
    if found:
        raise typer.Exit(1)
