"""`tiendo period`: watch and close a period from the command line; opening one is `opening`."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from workflow.cli.choosing import (
    OrganisationName,
    PlanOfPeriod,
    organisation_for,
    period_as_json,
    period_for,
)
from workflow.cli.periods import evaluate, lock, opening
from workflow.cli.running import open_store
from workflow.cli.text import out, say_json
from workflow.cli.up import Data, settings_of
from workflow.clock import Clock
from workflow.domain.errors import Conflict, NotFound
from workflow.reports.issuing import begin_report
from workflow.reports.minutes import minutes_heading, minutes_of
from workflow.reports.pdf.signing import pdf_signer
from workflow.reports.period_reports import period_report, summary
from workflow.reports.word.minutes_docx import write_minutes
from workflow.storage import Store
from workflow.storage.canonical import plain
from workflow.storage.cycles.heads import stages_of
from workflow.storage.cycles.held_votes import votes_of
from workflow.storage.files import Files
from workflow.storage.opening.schedule import Year, year_of
from workflow.storage.periods.periods import Period, all_periods, period_of
from workflow.storage.plans.plans import plans_in_year
from workflow.storage.reports.issues import open_issue
from workflow.storage.sweeps.schedule_keeping import close_and_announce
from workflow.storage.sweeps.trials import ClosingLook, ClosingTrial, closing_look, closing_trial

app = typer.Typer(no_args_is_help=True)
app.command("open")(opening.open_)
app.command()(lock.verify)
app.command()(lock.manifest)
app.command()(lock.key)
app.command("evaluate")(evaluate.evaluate_)

Code = Annotated[str, typer.Argument(metavar="PERIOD", help="As 2026-Q1, 2026-M03, 2026-H1 or 2026.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command("plan")
def plan_(
    year: Annotated[
        int | None,
        typer.Option("--year", help="Only plans of that year; each organisation's latest by default."),
    ] = None,
    organisation: Annotated[
        str, typer.Option("--organisation", help="Only that organisation's, by name or short name.")
    ] = "",
    as_json: AsJson = False,
    data: Data = None,
) -> None:
    """Lịch các kỳ của năm: ngày nào mở, hạn nào, tình trạng. / The year's periods and how they stand."""
    store = open_store(settings_of(data))
    now = Clock(store).now()
    only = organisation_for(store, organisation).id if organisation else None
    with store.reading() as tx:
        found = [year_of(tx, one.id, now) for one in plans_in_year(tx, year, only)]
    if not found:
        raise NotFound(f"Không có kế hoạch nào của năm {year}." if year else "Chưa có kế hoạch nào.")
    if as_json:
        say_json([year_as_json(one) for one in found])
        return
    for one in found:
        opens = "kỳ tự mở, tự khóa" if one.rules.schedule.automatic else "kỳ mở và khóa bằng tay"
        table = Table(
            title=escape(f"{one.organisation} · {one.number or one.title} · {opens}"), title_justify="left"
        )
        for title in ("Kỳ", "Mở", "Hạn báo cáo", "Xác nhận", "Biểu quyết", "Khóa số liệu", "Nội dung"):
            table.add_column(title, justify="right" if title == "Nội dung" else "left")
        table.add_column("Tình trạng")
        for period in one.periods:
            days = [f"{day:%d/%m/%Y}" for day in asdict(period.dates).values()]
            state = str(one.standing(period).label)
            if not period.begun and period.reason:
                state = f"{state}: {escape(period.reason)}"
            table.add_row(period.span.label, *days, str(period.n_items), state)
        out.print(table)


def year_as_json(year: Year) -> dict[str, Any]:
    """A plan's year for scripts."""
    return {
        "plan": year.plan_id,
        "organisation": year.organisation,
        "number": year.number,
        "year": year.year,
        "automatic": year.rules.schedule.automatic,
        "periods": [
            {
                "code": one.span.code,
                "label": one.span.label,
                "standing": year.standing(one).value,
                **plain(one.dates),
                "items": one.n_items,
                "live": one.begun.live if one.begun else 0,
                "is_shifted": one.is_shifted,
                "reason": one.reason,
            }
            for one in year.periods
        ],
    }


@app.command("list")
def list_(as_json: AsJson = False, data: Data = None) -> None:
    """Các kỳ và số lượt ở từng giai đoạn. / The periods and how many cycles stand where."""
    store = open_store(settings_of(data))
    with store.reading() as tx:
        found = [(period, stages_of(tx, period.id)) for period in all_periods(tx)]
    if as_json:
        say_json([{**period_as_json(period), "stages": plain(stages)} for period, stages in found])
        return
    table = Table()
    for title in ("Kỳ", "Đơn vị", "Hạn báo cáo", "Khóa", "Giai đoạn"):
        table.add_column(title)
    for period, stages in found:
        text = ", ".join(f"{stage.label}: {count}" for stage, count in stages.items() if count)
        closed = "đã khóa" if period.closed_at else f"{period.cut_off:%d/%m/%Y}"
        table.add_row(period.label, escape(period.organisation), f"{period.due_on:%d/%m/%Y}", closed, text)
    out.print(table)


@app.command()
def close(
    code: Code,
    plan: PlanOfPeriod = None,
    organisation: OrganisationName = "",
    early: Annotated[
        bool, typer.Option("--early", help="Also before the cut-off; what is open lapses.")
    ] = False,
    dry_run: Annotated[
        bool,
        typer.Option("--dry-run", "--dry", help="Only say what would lapse and what the scores would be."),
    ] = False,
    as_json: AsJson = False,
    data: Data = None,
) -> None:
    """Khóa kỳ, tổng hợp, chấm điểm, lập báo cáo. / Close a period, score it, draft (or issue) its report."""
    settings = settings_of(data)
    store = open_store(settings)
    now = Clock(store).now()
    period = period_for(store, code, organisation, plan)
    if dry_run:
        if period.closed_at is not None:
            raise Conflict(f"{period.label} đã khóa.")
        with store.begin() as tx:
            look = closing_look(tx, period, now)
            trial = closing_trial(tx, period.id, now)
        if as_json:
            say_json(closing_as_json(look, trial))
        else:
            say_closing(look, trial)
        return
    with store.begin() as tx:
        close_and_announce(tx, period.id, now, is_early=early)
    begin_report(store, Files(settings.where_files), period.id, now, signer=pdf_signer(settings))
    if as_json:
        with store.reading() as tx:
            period = period_of(tx, period.id)
            say_json({**period_as_json(period), "stages": plain(stages_of(tx, period.id))})
        return
    say_result(store, period)
    with store.reading() as tx:
        if open_issue(tx, period.id) is not None:
            out.print("Bản thảo báo cáo đã lập: Văn phòng sửa lời văn, trình phê duyệt ở trang Báo cáo kỳ.")


def closing_as_json(look: ClosingLook, trial: ClosingTrial) -> dict[str, Any]:
    """What closing would do, for scripts."""
    return {
        "period": look.period.code,
        "is_early": look.is_early,
        "settled": look.settled,
        "lapsing": [plain(one) for one in trial.lapsing],
        "scores": [
            {
                "unit": one["unit"]["name"],
                "rank": one["rank"],
                "total": one["total"],
                "grade": one["grade"],
            }
            for one in trial.scores
        ],
        "report_to": list(look.people),
    }


def say_closing(look: ClosingLook, trial: ClosingTrial) -> None:
    """What closing would do, on the terminal."""
    out.print(f"[bold]{look.period.label}[/]: {look.live} lượt sẽ bị khóa, {look.settled} giữ nguyên.")
    if look.is_early:
        out.print(f"Chưa hết ngày khóa {look.period.cut_off:%d/%m/%Y}: khóa lúc này phải thêm --early.")
    for one in trial.lapsing:
        leads = ", ".join(one.leads) or "chưa có đơn vị báo cáo"
        out.print(
            f"  {one.code} {one.content[:70]} · {leads} · {one.stage.label}", highlight=False, markup=False
        )
    if trial.scores:
        table = Table(title="Điểm thi đua nếu khóa lúc này", title_justify="left")
        for title in ("Hạng", "Đơn vị", "Tổng điểm", "Xếp loại"):
            table.add_column(title, justify="left" if title in ("Đơn vị", "Xếp loại") else "right")
        for score in trial.scores:
            table.add_row(
                str(score["rank"] or "–"),
                escape(score["unit"]["name"]),
                str(score["total"]),
                escape(score["grade"] or ""),
            )
        out.print(table)
    out.print("Chưa khóa, chưa ghi, chưa gửi gì.")


@app.command()
def minutes(
    code: Code,
    plan: PlanOfPeriod = None,
    organisation: OrganisationName = "",
    to: Annotated[Path | None, typer.Option("--to", help="The file to write; beside you by default.")] = None,
    data: Data = None,
) -> None:
    """Lập biên bản kiểm phiếu (Word) từ các phiếu của kỳ. / Write the minutes of a period's votes."""
    store = open_store(settings_of(data))
    now = Clock(store).now()
    period = period_for(store, code, organisation, plan)
    with store.reading() as tx:
        found = votes_of(tx, period.id, now)
        if not found.votes:
            raise NotFound(f"{period.label} chưa có nội dung nào đưa ra biểu quyết.")
        made = write_minutes(minutes_of(found, minutes_heading(tx, period.id), now))
    target = to or Path(f"bien-ban-kiem-phieu-{period.code.lower()}.docx")
    target.write_bytes(made)
    out.print(f"Đã ghi {target}: {len(found.votes)} lượt biểu quyết.")


def say_result(store: Store, period: Period) -> None:
    """The closed period on the terminal: where its cycles ended, the summary and the ranking."""
    with store.reading() as tx:
        stages = stages_of(tx, period.id)
        report = period_report(tx, period.id, period.closed_at or Clock(store).now())
    out.print(f"\n[bold]{period.label}[/] · {escape(period.organisation)}")
    out.print(", ".join(f"{stage.label}: {count}" for stage, count in stages.items() if count))
    for line in summary(report):
        out.print(escape(line))
    for cluster in report.clusters:
        table = Table(title=escape(cluster.name) or None, title_justify="left")
        for title in ("Hạng", "Đơn vị", "Điểm", "Tối đa", "Thưởng, trừ", "Tổng điểm", "Xếp loại"):
            table.add_column(title, justify="left" if title in ("Đơn vị", "Xếp loại") else "right")
        for row in cluster.rows:
            cells = (row.rank, row.unit, row.points, row.maximum, row.extras, row.total, row.grade)
            table.add_row(*map(escape, cells))
        out.print(table)
