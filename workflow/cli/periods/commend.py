"""`tiendo commend`: whom the rules propose for a commendation and why, the council's votes, documents."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape

from workflow.cli.choosing import OrganisationName, period_for
from workflow.cli.periods import commend_ad_hoc
from workflow.cli.running import open_store
from workflow.cli.text import out, say_json
from workflow.cli.up import Data, settings_of
from workflow.clock import Clock
from workflow.domain.errors import NotFound
from workflow.domain.scores.score_difference import ScoreChange
from workflow.reports.commendations import commendation_list, council_minutes
from workflow.reports.period_reports import heading_of
from workflow.reports.sheets.commendations_xlsx import write_list_xlsx
from workflow.reports.word.commendations_docx import write_council_minutes, write_list
from workflow.storage.canonical import plain
from workflow.storage.results.closing import refresh_results
from workflow.storage.scores.commendation_lists import (
    CommendationLine,
    Proposals,
    commendation_changes,
    proposals,
)
from workflow.storage.scores.sittings import FEWEST_SECRET

app = typer.Typer(no_args_is_help=True)
commend_ad_hoc.add_to(app)

Period = Annotated[str, typer.Option("--period", help="As 2026-Q1; the one opened last by default.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Every = Annotated[bool, typer.Option("--all", help="Also who was considered and is not proposed, and why.")]


@app.command()
def propose(
    period: Period = "", organisation: OrganisationName = "", as_json: AsJson = False, data: Data = None
) -> None:
    """Lập lại danh sách theo số liệu lúc này; kỳ đã khóa thì nêu điều đổi. / Propose anew; what changed."""
    store = open_store(settings_of(data))
    now = Clock(store).now()
    row = period_for(store, period, organisation)
    with store.begin() as tx:
        version = refresh_results(tx, row.id, "lập lại danh sách khen thưởng", now)
        found = proposals(tx, row.id, now)
        changes = next(
            (diff for after, diff in commendation_changes(tx, row.id) if after.version == version), []
        )
    if as_json:
        say_json({**_plain(found), "new_version": version, "changes": plain(changes)})
        return
    if row.closed_at is None:
        out.print(f"{row.label} chưa khóa: danh sách tạm tính.")
    elif version is None:
        out.print(f"Không có gì đổi so với kết quả lần {found.figures.version}.")
    else:
        out.print(f"Giữ kết quả lần {version}.")
        _say_changes(changes)
    _say(found, is_whole=False)


@app.command("list")
def list_(
    period: Period = "",
    organisation: OrganisationName = "",
    every: Every = False,
    as_json: AsJson = False,
    data: Data = None,
) -> None:
    """Danh sách đề nghị, lý do, kết quả biểu quyết. / The list with reasons and the council's votes."""
    store = open_store(settings_of(data))
    row = period_for(store, period, organisation)
    with store.reading() as tx:
        found = proposals(tx, row.id, Clock(store).now())
    if as_json:
        say_json(_plain(found))
    else:
        _say(found, is_whole=every)


@app.command()
def export(
    folder: Annotated[Path, typer.Argument(help="The folder to put the documents into.")],
    period: Period = "",
    organisation: OrganisationName = "",
    data: Data = None,
) -> None:
    """Xuất danh sách (DOCX, XLSX) và biên bản hội đồng. / Write the list, and the council's minutes."""
    store = open_store(settings_of(data))
    row = period_for(store, period, organisation)
    with store.reading() as tx:
        found = proposals(tx, row.id, Clock(store).now())
        if not found.awards:
            raise NotFound(f"Quy tắc của {row.label} không có hình thức khen thưởng nào.")
        heading = heading_of(tx, row.id)
    listed = commendation_list(found, heading, row)
    code = row.code.lower()
    made = {
        f"danh-sach-khen-thuong-{code}.docx": write_list(listed),
        f"danh-sach-khen-thuong-{code}.xlsx": write_list_xlsx(listed),
    }
    if over := [one for one in found.sittings if one.closed_at]:
        minutes = council_minutes(over, heading, row)
        made[f"bien-ban-hoi-dong-thi-dua-{code}.docx"] = write_council_minutes(minutes)
    folder.mkdir(parents=True, exist_ok=True)
    for name, body in made.items():
        (folder / name).write_bytes(body)
        out.print(str(folder / name), highlight=False)


def _say(found: Proposals, *, is_whole: bool) -> None:
    if not found.awards:
        out.print("Quy tắc của kỳ không có hình thức khen thưởng nào.")
    for award in found.awards:
        lines = [one for one in found.of(award) if is_whole or one.is_listed or one.motion]
        whom = award.whom.label.lower()
        out.print(f"\n[bold]{escape(award.title)}[/] ({whom})", highlight=False)
        if not lines:
            out.print("  Không có trường hợp nào đủ điều kiện.")
        for one in lines:
            where = "" if one.who == one.unit else f", {one.unit}"
            out.print(f"  {escape(one.who + where)}: {_standing(one)}", highlight=False)
            if one.by_hand:
                out.print(f"    {escape(one.by_hand.text)}", highlight=False)
            for ground in one.grounds:
                mark = "[green]✓[/]" if ground["is_met"] else "[red]✗[/]"
                out.print(f"    {mark} {escape(ground['text'])}", highlight=False)


def _standing(line: CommendationLine) -> str:
    put = "đề nghị" if line.is_proposed else "đề nghị thêm" if line.by_hand else "không đề nghị"
    if line.motion is None:
        return put
    if line.motion.is_carried is None:
        return f"{put}, đang lấy phiếu"
    count = line.motion.count
    result = "thông qua" if line.motion.is_carried else "không thông qua"
    votes = (
        f"{count['approve']}/{sum(count.values())}" if count else f"(phiếu kín, dưới {FEWEST_SECRET} phiếu)"
    )
    return f"{put}, hội đồng {result} {votes}"


def _say_changes(changes: list[ScoreChange]) -> None:
    for one in changes:
        text = f"  {one.what}: {one.before or 'không có'} → {one.after or 'không có'}"
        out.print(escape(text), highlight=False)


def _plain(found: Proposals) -> dict[str, Any]:
    return {
        "version": found.figures.version,
        "kept_at": plain(found.figures.kept_at),
        "lines": [
            {
                "subject": one.subject,
                "award": one.award.code,
                "award_title": one.award.title,
                "for": one.award.whom.value,
                "who": one.who,
                "title": one.title,
                "unit": one.unit,
                "is_proposed": one.is_proposed,
                "is_by_hand": one.by_hand is not None,
                "reason": one.by_hand.text if one.by_hand else "",
                "evidence": one.by_hand.evidence if one.by_hand else "",
                "grounds": list(one.grounds),
                "is_carried": one.motion.is_carried if one.motion else None,
                "count": one.motion.count if one.motion else None,
            }
            for one in found.lines
        ],
    }
