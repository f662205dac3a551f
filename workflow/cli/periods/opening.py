"""`tiendo period open`: a look first where one is asked for, dates and items that differ from the rules."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table
from sqlalchemy import Connection

from workflow.cli.choosing import OrganisationName, PlanNumber, plan_for
from workflow.cli.running import open_store
from workflow.cli.text import out, say_json
from workflow.cli.up import Data, settings_of
from workflow.clock import Clock
from workflow.domain.errors import NotAllowed
from workflow.domain.people.bodies import VotedMatter
from workflow.domain.periods.period import Span, Timetable, moved
from workflow.domain.typed import sent_day
from workflow.importing.files.rules_file import read_routing, read_scoring
from workflow.sample import ready_routing_path, scoring_path
from workflow.storage.canonical import plain
from workflow.storage.opening.asking import asking_of
from workflow.storage.opening.opening import dates_at_opening
from workflow.storage.opening.planned import tick
from workflow.storage.people.directory import kind_of
from workflow.storage.people.groups import organisation_calendar
from workflow.storage.periods.periods import period_of
from workflow.storage.plans.plans import PlanHead
from workflow.storage.rules import rules_in_force, rules_version, save_rules
from workflow.storage.sweeps.schedule_keeping import open_and_announce
from workflow.storage.sweeps.trials import OpeningLook, opening_look


def open_(
    code: Annotated[str, typer.Argument(metavar="PERIOD", help="As 2026-Q1, 2026-M03, 2026-H1 or 2026.")],
    plan: PlanNumber = None,
    organisation: OrganisationName = "",
    routing: Annotated[
        Path | None, typer.Option(help="Routing rules (TOML); those in force, or the ready ones, by default.")
    ] = None,
    scoring: Annotated[
        Path | None, typer.Option(help="Scoring rules (TOML); the ready ones by default.")
    ] = None,
    due: Annotated[str, typer.Option(metavar="DAY", help="The last day for reports, as 2026-03-16.")] = "",
    confirm_by: Annotated[str, typer.Option(metavar="DAY", help="The last day to confirm.")] = "",
    approve_by: Annotated[str, typer.Option(metavar="DAY", help="The last day to vote.")] = "",
    cut_off: Annotated[str, typer.Option(metavar="DAY", help="The day of the cut-off.")] = "",
    ask: Annotated[
        list[str] | None, typer.Option(metavar="CODE", help="Ask about this item though the rules do not.")
    ] = None,
    leave_out: Annotated[
        list[str] | None, typer.Option(metavar="CODE", help="Leave this item out though the rules ask.")
    ] = None,
    reason: Annotated[str, typer.Option(help="Why, for --ask and --leave-out.")] = "",
    dry_run: Annotated[
        bool,
        typer.Option("--dry-run", "--dry", help="Only show the dates, and which items are asked and why."),
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    data: Data = None,
) -> None:
    """Mở kỳ: ghim quy tắc, lập lượt báo cáo, soạn thư mời. / Open a period."""
    store = open_store(settings_of(data))
    span = Span.parse(code)
    now = Clock(store).now()
    head = plan_for(store, organisation, plan)
    typed = {"due_on": due, "confirm_by": confirm_by, "approve_by": approve_by, "cut_off": cut_off}
    with store.begin() as tx:
        trial = tx.begin_nested()
        rules_id = _rules(tx, head, routing, scoring, now)
        dates = _dates(tx, head, span, rules_id, typed, now)
        ticks = _ticks(tx, head, span, rules_id, ask or (), leave_out or ())
        if dry_run:
            look = opening_look(tx, head.id, span, rules_id, now, dates=dates, ticks=ticks)
            trial.rollback()
        else:
            trial.commit()
            if ticks is not None:
                tick(tx, head.id, span, ticks, reason, now)
            period = period_of(tx, open_and_announce(tx, head.id, span, rules_id, now, dates=dates))
    if dry_run:
        _say(look, as_json=as_json)
        return
    if as_json:
        days = ("opens_on", "due_on", "confirm_by", "approve_by", "cut_off")
        say_json(
            {"id": period.id, "code": period.code} | {name: plain(getattr(period, name)) for name in days}
        )
        return
    out.print(
        f"{escape(period.organisation)}: đã mở {period.label}, báo cáo đến hết {period.due_on:%d/%m/%Y}, "
        f"khóa {period.cut_off:%d/%m/%Y}."
    )
    for matter in VotedMatter:
        out.print(f"Quyết định về {matter.label}: {escape(period.body_of(matter).name)}.", highlight=False)


def _rules(tx: Connection, head: PlanHead, routing: Path | None, scoring: Path | None, now: datetime) -> int:
    in_force = rules_in_force(tx, head.organisation_id)
    if in_force and not routing and not scoring:
        return in_force[0]
    rules = read_routing(routing or ready_routing_path(kind_of(tx, head.organisation_id).words.rules))
    return save_rules(tx, head.organisation_id, rules, read_scoring(scoring or scoring_path()), now)


def _dates(
    tx: Connection, head: PlanHead, span: Span, rules_id: int, typed: dict[str, str], now: datetime
) -> Timetable | None:
    """The dates given, the others following; None where none is given."""
    if not any(typed.values()):
        return None
    calendar = organisation_calendar(tx, head.organisation_id)
    today = calendar.day_of(now)
    offered = dates_at_opening(tx, head.id, span, rules_version(tx, rules_id).routing, calendar, today)
    wanted = asdict(offered) | {name: _day(name, text) for name, text in typed.items() if text}
    return moved(offered, wanted | {"opens_on": min(wanted["opens_on"], wanted["due_on"])}, calendar)


def _day(name: str, text: str) -> date:
    if (found := sent_day(text)) is None:
        option = "due" if name == "due_on" else name.replace("_", "-")
        raise NotAllowed(f"--{option} không phải là một ngày: {text}", cure="Viết như 2026-03-16.")
    return found


def _ticks(
    tx: Connection, head: PlanHead, span: Span, rules_id: int, ask: Sequence[str], leave_out: Sequence[str]
) -> dict[str, bool] | None:
    """What is ticked against the rules after these options; None where they change nothing."""
    if not ask and not leave_out:
        return None
    if both := sorted({*ask} & {*leave_out}):
        raise NotAllowed(f"Vừa hỏi vừa bỏ ra: {', '.join(both)}.", cure="Bỏ một trong hai tùy chọn.")
    found = asking_of(tx, head.id, span, rules_version(tx, rules_id).routing)
    wanted = {one.code: one.is_asked for one in found}
    if all(wanted.get(code) is True for code in ask) and all(wanted.get(code) is False for code in leave_out):
        return None
    by_rule = {one.code: one.rule.is_asked for one in found}
    wanted |= dict.fromkeys(ask, True) | dict.fromkeys(leave_out, False)
    return {code: is_asked for code, is_asked in wanted.items() if by_rule.get(code) is not is_asked}


def look_as_json(look: OpeningLook) -> dict[str, Any]:
    """What opening would do, for scripts."""
    return {
        "label": look.label,
        **plain(look.dates),
        "moved_from": plain(look.moved_from) if look.moved_from else None,
        "asked": look.n_cycles,
        "people": list(look.people),
        "items": [
            {
                "code": one.code,
                "is_asked": one.is_asked,
                "because": one.answer.because.value,
                "reason": one.answer.reason,
            }
            for one in look.asking
        ],
    }


def _say(look: OpeningLook, *, as_json: bool) -> None:
    if as_json:
        say_json(look_as_json(look))
        return
    dates = look.dates
    out.print(
        f"[bold]{look.label}[/]: hỏi {look.n_cycles} trên {len(look.asking)} nội dung, gửi thư tới "
        f"{len(look.people)} người. Báo cáo đến hết {dates.due_on:%d/%m/%Y}, "
        f"xác nhận {dates.confirm_by:%d/%m/%Y}, biểu quyết {dates.approve_by:%d/%m/%Y}, "
        f"khóa {dates.cut_off:%d/%m/%Y}."
    )
    if (was := look.moved_from) is not None:
        out.print(
            f"Các ngày đã dời: lịch của kỳ (hạn báo cáo {was.due_on:%d/%m/%Y}, khóa {was.cut_off:%d/%m/%Y}) "
            "không còn cho các đơn vị đủ thời gian báo cáo."
        )
    table = Table()
    for title in ("Hỏi", "Mã", "Nội dung", "Vì sao"):
        table.add_column(title)
    for one in look.asking:
        cells = (one.code, one.content[:60], one.answer.reason)
        table.add_row("có" if one.is_asked else "không", *map(escape, cells))
    out.print(table)
    out.print("Chưa mở, chưa ghi, chưa gửi gì.")
