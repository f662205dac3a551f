"""`tiendo period evaluate`: a half-year or year from closed periods, nobody asked again about items."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from typing import Annotated, Any

import typer
from rich.markup import escape

from workflow.cli.choosing import OrganisationName, PlanNumber, plan_for
from workflow.cli.running import open_store
from workflow.cli.text import out, say_json
from workflow.cli.up import Data, settings_of
from workflow.clock import Clock
from workflow.domain.errors import Conflict, WrongSetting
from workflow.domain.periods.period import Span
from workflow.domain.results.evaluation import Evaluation
from workflow.domain.typed import sent_day
from workflow.storage.canonical import plain
from workflow.storage.opening.schedule import year_of
from workflow.storage.periods.periods import Period, period_of
from workflow.storage.results.closing import evaluate_again
from workflow.storage.results.evaluations import (
    NewEvaluation,
    Readiness,
    SourceChange,
    changed_since,
    evaluate,
    readiness,
)


def evaluate_(
    code: Annotated[str, typer.Argument(metavar="SPAN", help="As 2026-H1 or 2026.")],
    report_day: Annotated[
        str, typer.Option("--report-day", help="The day the report is due, as 2026-07-05.")
    ] = "",
    question: Annotated[str, typer.Option(help="One question to each unit; none by default.")] = "",
    answer_by: Annotated[str, typer.Option(help="The last day for answers, as 2026-07-03.")] = "",
    because: Annotated[str, typer.Option(help="Why it is made though a period is missing.")] = "",
    again: Annotated[
        bool, typer.Option("--again", help="Count a closed one anew from the newest results.")
    ] = False,
    show: Annotated[
        bool, typer.Option("--show", help="Only say what it is, or would be, made from.")
    ] = False,
    plan: PlanNumber = None,
    organisation: OrganisationName = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    data: Data = None,
) -> None:
    """Đánh giá 6 tháng, năm từ các kỳ đã khóa. / Evaluate a half-year or year from closed periods."""
    store = open_store(settings_of(data))
    now = Clock(store).now()
    span = Span.parse(code)
    head = plan_for(store, organisation, plan)
    with store.begin() as tx:
        begun = next((one.begun for one in year_of(tx, head.id, now).periods if one.span == span), None)
        if again:
            if begun is None:
                raise Conflict(f"Chưa đánh giá {span.label}.")
            evaluate_again(tx, begun.period_id, now)
        elif not show:
            if not report_day:
                raise WrongSetting("Chưa ghi ngày báo cáo.", cure="Thêm --report-day, như 2026-07-05.")
            wanted = NewEvaluation(
                _day(report_day), question, _day(answer_by) if answer_by else None, because
            )
            evaluate(tx, head.id, span, wanted, now)
    with store.reading() as tx:
        begun = next((one.begun for one in year_of(tx, head.id, now).periods if one.span == span), None)
        period = period_of(tx, begun.period_id) if begun else None
        ready = readiness(tx, head.id, span, now)
        changes = changed_since(tx, period, now) if period else ()
    if as_json:
        say_json(evaluation_as_json(span, period, ready, changes))
        return
    _say(span, period, ready, changes)


def _day(text: str) -> date:
    day = sent_day(text)
    if day is None:
        raise WrongSetting(f"“{text}” không phải là ngày.", cure="Ghi như 2026-07-05.")
    return day


def evaluation_as_json(
    span: Span, period: Period | None, ready: Readiness, changes: tuple[SourceChange, ...]
) -> dict[str, Any]:
    """What the span is, or would be, made from, for scripts."""
    made: Evaluation | Readiness = period.evaluation if period and period.evaluation else ready
    return {
        "code": span.code,
        "period": period.id if period else None,
        "report_on": plain(period.cut_off) if period else None,
        "closed_at": plain(period.closed_at) if period else None,
        **plain(made),
        "changed": [asdict(one) for one in changes],
    }


def _say(span: Span, period: Period | None, ready: Readiness, changes: tuple[SourceChange, ...]) -> None:
    made: Evaluation | Readiness = period.evaluation if period and period.evaluation else ready
    out.print(f"[bold]{span.label}[/] từ các kỳ đã khóa:")
    for one in made.sources:
        out.print(f"  {one.label}: kết quả lần {one.version}", highlight=False)
    for lack in made.lacking:
        out.print(f"  thiếu {lack.shown}", highlight=False)
    for change in changes:
        was = f"lần {change.counted}" if change.counted else "chưa tính"
        out.print(f"  [red]{change.label} đã thay đổi từ khi tính[/]: {was}, nay lần {change.version}")
    if period is None:
        out.print("Chưa đánh giá, chưa ghi, chưa gửi gì.")
    elif period.closed_at is None:
        asked = len(period.evaluation.units) if period.evaluation else 0
        out.print(
            f"{escape(period.organisation)}: báo cáo ngày {period.cut_off:%d/%m/%Y}, hỏi {asked} đơn vị; "
            f"khóa bằng tiendo period close {span.code}."
        )
    else:
        out.print("Đã khóa.")
