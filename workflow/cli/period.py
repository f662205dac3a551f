"""`tiendo period`: open, watch and close a period from the command line."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from workflow.cli import lock
from workflow.cli.running import open_store
from workflow.cli.text import out, say_json
from workflow.cli.up import Data, settings_of
from workflow.clock import Clock
from workflow.domain.errors import NotFound
from workflow.domain.period import Span
from workflow.importing.rules_file import read_routing, read_scoring
from workflow.reports.issuing import begin_report
from workflow.reports.minutes import minutes_of
from workflow.reports.minutes_docx import write_minutes
from workflow.reports.period_reports import heading_of, period_report, summary
from workflow.sample import routing_path, scoring_path
from workflow.storage import Store
from workflow.storage.canonical import plain
from workflow.storage.closing import close_period, stages_of
from workflow.storage.files import Files
from workflow.storage.held_votes import votes_of
from workflow.storage.opening import open_period, save_rules
from workflow.storage.queries import PeriodRow, all_periods, latest_plan, period_by_code
from workflow.storage.report_issues import open_issue
from workflow.storage.tables import plans

app = typer.Typer(no_args_is_help=True)
app.command()(lock.verify)
app.command()(lock.manifest)
app.command()(lock.key)

Code = Annotated[str, typer.Argument(metavar="PERIOD", help="As 2026-Q1, 2026-M03, 2026-H1 or 2026.")]
PlanId = Annotated[int | None, typer.Option("--plan", help="The plan's number; the latest one by default.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command("open")
def open_(
    code: Code,
    plan: PlanId = None,
    routing: Annotated[
        Path | None, typer.Option(help="Routing rules (TOML); the ready ones by default.")
    ] = None,
    scoring: Annotated[
        Path | None, typer.Option(help="Scoring rules (TOML); the ready ones by default.")
    ] = None,
    data: Data = None,
) -> None:
    """Mở kỳ: ghim quy tắc, lập lượt báo cáo, soạn thư mời. / Open a period."""
    settings = settings_of(data)
    store = open_store(settings)
    span = Span.parse(code)
    rules = read_routing(routing or routing_path())
    scores = read_scoring(scoring or scoring_path())
    now = Clock(store).now()
    with store.begin() as tx:
        plan_id = plan or latest_plan(tx)
        organisation = tx.scalar(
            plans.select().with_only_columns(plans.c.organisation_id).where(plans.c.id == plan_id)
        )
        if plan_id is None or organisation is None:
            raise NotFound("Chưa có kế hoạch nào.", cure="Nạp kế hoạch trước.")
        rules_id = save_rules(tx, organisation, rules, scores, now)
        open_period(tx, plan_id, span, rules_id, now)
        period = period_by_code(tx, span.code, plan_id)
    out.print(
        f"Đã mở {period.label}: báo cáo đến hết {period.due_on:%d/%m/%Y}, khóa {period.cut_off:%d/%m/%Y}."
    )


@app.command("list")
def list_(as_json: AsJson = False, data: Data = None) -> None:
    """Các kỳ và số lượt ở từng giai đoạn. / The periods and how many cycles stand where."""
    store = open_store(settings_of(data))
    with store.reading() as tx:
        found = [(period, stages_of(tx, period.id)) for period in all_periods(tx)]
    if as_json:
        say_json([{**plain(period), "stages": plain(stages)} for period, stages in found])
        return
    table = Table()
    for title in ("Kỳ", "Đơn vị", "Hạn báo cáo", "Khóa", "Giai đoạn"):
        table.add_column(title)
    for period, stages in found:
        told = ", ".join(f"{stage.label}: {count}" for stage, count in stages.items() if count)
        closed = "đã khóa" if period.closed_at else f"{period.cut_off:%d/%m/%Y}"
        table.add_row(period.label, period.organisation, f"{period.due_on:%d/%m/%Y}", closed, told)
    out.print(table)


@app.command()
def close(
    code: Code,
    plan: PlanId = None,
    early: Annotated[
        bool, typer.Option("--early", help="Also before the cut-off; what is open lapses.")
    ] = False,
    dry: Annotated[bool, typer.Option("--dry", help="Only say what would be closed.")] = False,
    data: Data = None,
) -> None:
    """Khóa kỳ, tổng hợp, chấm điểm, lập báo cáo. / Close a period, score it, draft (or issue) its report."""
    settings = settings_of(data)
    store = open_store(settings)
    now = Clock(store).now()
    with store.reading() as tx:
        period = period_by_code(tx, code, plan)
        stages = stages_of(tx, period.id)
    live = sum(count for stage, count in stages.items() if not stage.is_final)
    if dry:
        out.print(
            f"{period.label}: {live} lượt chưa xong sẽ bị khóa, {sum(stages.values()) - live} giữ nguyên."
        )
        return
    with store.begin() as tx:
        close_period(tx, period.id, now, is_early=early)
    begin_report(store, Files(settings.where_files), period.id, now)
    say_result(store, period)
    with store.reading() as tx:
        if open_issue(tx, period.id) is not None:
            out.print("Bản thảo báo cáo đã lập: Văn phòng sửa lời văn, trình phê duyệt ở trang Báo cáo kỳ.")


@app.command()
def minutes(
    code: Code,
    plan: PlanId = None,
    to: Annotated[Path | None, typer.Option("--to", help="The file to write; beside you by default.")] = None,
    data: Data = None,
) -> None:
    """Lập biên bản kiểm phiếu (Word) từ các phiếu của kỳ. / Write the minutes of a period's votes."""
    store = open_store(settings_of(data))
    now = Clock(store).now()
    with store.reading() as tx:
        period = period_by_code(tx, code, plan)
        found = votes_of(tx, period.id, now)
        if not found.votes:
            raise NotFound(f"{period.label} chưa có nội dung nào đưa ra biểu quyết.")
        made = write_minutes(minutes_of(found, heading_of(tx, period.id), now))
    target = to or Path(f"bien-ban-kiem-phieu-{period.code.lower()}.docx")
    target.write_bytes(made)
    out.print(f"Đã ghi {target}: {len(found.votes)} lượt biểu quyết.")


def say_result(store: Store, period: PeriodRow) -> None:
    """The closed period on the terminal: where its cycles ended, the summary and the ranking."""
    with store.reading() as tx:
        stages = stages_of(tx, period.id)
        report = period_report(tx, period.id, period.closed_at or Clock(store).now())
    out.print(f"\n[bold]{period.label}[/] · {period.organisation}")
    out.print(", ".join(f"{stage.label}: {count}" for stage, count in stages.items() if count))
    for line in summary(report):
        out.print(line)
    for cluster in report.clusters:
        table = Table(title=cluster.name or None, title_justify="left")
        for title in ("Hạng", "Đơn vị", "Điểm", "Tối đa", "Quy đổi", "Xếp loại"):
            table.add_column(title, justify="left" if title in ("Đơn vị", "Xếp loại") else "right")
        for row in cluster.rows:
            table.add_row(row.rank, row.unit, row.points, row.maximum, row.converted, row.grade)
        out.print(table)
