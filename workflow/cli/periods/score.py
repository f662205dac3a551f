"""`tiendo score`: check scoring rules, list and explain scores, enter what the council decides, see what a
reopened cycle changed."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from workflow.cli.choosing import OrganisationName, period_for
from workflow.cli.naming import person_named, unit_named
from workflow.cli.periods import score_review
from workflow.cli.running import open_store
from workflow.cli.text import out, say_check, say_json
from workflow.cli.up import Data, settings_of
from workflow.clock import Clock
from workflow.domain.cycles.cycle import Choice
from workflow.domain.errors import NotFound, WrongSetting
from workflow.domain.scores.score_entries import EntryKind
from workflow.domain.typed import points_typed, sent_day
from workflow.importing.files.rules_file import read_scoring, scoring_file_faults
from workflow.storage.canonical import plain
from workflow.storage.results.entered import entries_of
from workflow.storage.results.figures import SCORES, figures
from workflow.storage.rules import pinned_scoring, scoring_of
from workflow.storage.scores.entries import Meeting, NewEntry
from workflow.storage.scores.entries import enter as enter_entry
from workflow.storage.scores.sheets import UnitSheet, decide_entry, score_sheet, version_changes

app = typer.Typer(no_args_is_help=True)
app.add_typer(score_review.app, name="review", help="Đề nghị xem lại điểm. / Reviews that units ask for.")

File = Annotated[Path, typer.Argument(metavar="FILE", help="A file of scoring rules (TOML).")]
UnitCode = Annotated[str, typer.Argument(metavar="UNIT", help="The unit's code, or its name.")]
Period = Annotated[str, typer.Option("--period", help="As 2026-Q1; the one opened last by default.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
By = Annotated[str, typer.Option("--by", help="E-mail of the office's person who enters it.")]


@app.command()
def check(file: File, as_json: AsJson = False) -> None:
    """Kiểm tra tệp quy tắc chấm điểm: nêu mọi chỗ sai. / Check a scoring rules file; every fault is told."""
    found = scoring_file_faults(file)

    def good() -> tuple[str, str]:
        rules = scoring_of(read_scoring(file))
        return rules.name, rules.version

    say_check(found, good, as_json=as_json)
    if found:
        raise typer.Exit(1)


@app.command("list")
def list_(
    period: Period = "", organisation: OrganisationName = "", as_json: AsJson = False, data: Data = None
) -> None:
    """Điểm và thứ hạng theo từng cụm. / Points and ranks in each cluster."""
    store = open_store(settings_of(data))
    row = period_for(store, period, organisation)
    with store.reading() as tx:
        found = figures(tx, row.id, SCORES, Clock(store).now())
    if as_json:
        say_json({"version": found.version, "kept_at": plain(found.kept_at), "units": found.body})
        return
    for cluster in dict.fromkeys(one["unit"]["cluster"] for one in found.body):
        table = Table(title=escape(cluster) or None, title_justify="left")
        for title in ("Hạng", "Đơn vị", "Tiêu chí", "Thưởng, trừ", "Tổng", "Xếp loại"):
            table.add_column(title, justify="left" if title in ("Đơn vị", "Xếp loại") else "right")
        for one in found.body:
            if one["unit"]["cluster"] == cluster:
                extra = sum((Decimal(line["points"]) for line in one["extras"]), Decimal(0))
                cells = (one["unit"]["name"], one["converted"], f"{extra:+}" if extra else "", one["total"])
                table.add_row(str(one["rank"] or "–"), *map(escape, cells), escape(one["grade"] or "–"))
        out.print(table)


@app.command()
def explain(
    unit: UnitCode,
    period: Period = "",
    organisation: OrganisationName = "",
    as_json: AsJson = False,
    data: Data = None,
) -> None:
    """Vì sao đơn vị được ngần ấy điểm. / Why a unit has its points: every line with its reasons."""
    store = open_store(settings_of(data))
    row = period_for(store, period, organisation)
    with store.reading() as tx:
        sheet = score_sheet(tx, row.id, unit_named(tx, row, unit), Clock(store).now())
    if as_json:
        say_json(_plain(sheet))
        return
    one = sheet.unit
    out.print(f"[bold]{escape(one['unit']['name'])}[/] · {row.label}: {one['total']} điểm", highlight=False)
    place = f"hạng {one['rank']}/{one['ranked']}, {one['grade']}" if one["rank"] else "không xếp hạng"
    for said in (place, one["rank_reason"], one["grade_reason"]):
        if said:
            out.print(f"  {escape(said)}", highlight=False)
    for line in one["lines"]:
        title = f"{line['criterion']['title']}: {line['points']}/{line['maximum']}"
        _say_line(title, line["reasons"])
    out.print(f"\nCộng {one['points']}/{one['maximum']}, quy đổi {one['converted']}.", highlight=False)
    for line in one["extras"]:
        _say_line(f"{line['title']}: {line['points']}", line["reasons"])
    pinned = sheet.pinned
    out.print(
        f"\nQuy tắc: {escape(sheet.rules.name)}, phiên bản {escape(sheet.rules.version)}, "
        f"mã kiểm tra {pinned.sha256[:16]}…; kết quả lần {sheet.figures.version or 'tạm tính'}.",
        highlight=False,
    )


@app.command()
def enter(
    unit: UnitCode,
    kind: Annotated[EntryKind, typer.Option(help="What is entered.")],
    code: Annotated[str, typer.Option(help="Of the criterion, or the kind of bonus or deduction.")],
    by: By,
    text: Annotated[str, typer.Option(help="What is claimed, or the reason.")] = "",
    points: Annotated[str, typer.Option(help="Of an adjustment or the unit's own score.")] = "0",
    evidence: Annotated[str, typer.Option(help="Where it can be looked up.")] = "",
    period: Period = "",
    organisation: OrganisationName = "",
    data: Data = None,
) -> None:
    """Nhập sáng kiến, thưởng, trừ, tự chấm, đề nghị điều chỉnh. / Enter a claim, own points, ..."""
    store = open_store(settings_of(data))
    value = points_typed(points)
    row = period_for(store, period, organisation)
    with store.begin() as tx:
        rules = pinned_scoring(tx, row.id)
        new = NewEntry(unit_named(tx, row, unit), kind, code, text, value, evidence)
        number = enter_entry(tx, person_named(tx, row, by), row.id, new, rules, Clock(store).now())
    out.print(f"Đã ghi nhận số {number}.")


@app.command()
def decide(
    entry: Annotated[int, typer.Argument(help="The entry's number.")],
    minutes: Annotated[str, typer.Option(help="Number of the meeting's minutes.")],
    met_on: Annotated[str, typer.Option(help="Day of the meeting, as 2026-03-30.")],
    by: By,
    approve: Annotated[list[str] | None, typer.Option(help="E-mail of a member in favour.")] = None,
    against: Annotated[list[str] | None, typer.Option(help="E-mail of a member against.")] = None,
    abstain: Annotated[list[str] | None, typer.Option(help="E-mail of a member who abstained.")] = None,
    period: Period = "",
    organisation: OrganisationName = "",
    data: Data = None,
) -> None:
    """Ghi kết quả biểu quyết của hội đồng. / Enter the council's vote, from its minutes."""
    store = open_store(settings_of(data))
    day = sent_day(met_on)
    if day is None:
        raise WrongSetting(f"“{met_on}” không phải là ngày.", cure="Ghi như 2026-03-30.")
    cast = ((Choice.APPROVE, approve), (Choice.RETURN, against), (Choice.ABSTAIN, abstain))
    row = period_for(store, period, organisation)
    with store.begin() as tx:
        if entry not in {one.id for one in entries_of(tx, row.id)}:
            raise NotFound(f"Kỳ {row.label} không có đề nghị số {entry}.")
        ballots = {person_named(tx, row, email): choice for choice, emails in cast for email in emails or ()}
        meeting = Meeting(minutes, day, ballots)
        version = decide_entry(tx, person_named(tx, row, by), entry, meeting, Clock(store).now())
        council = pinned_scoring(tx, row.id).council
        found = next(one for one in entries_of(tx, row.id) if one.id == entry)
    out.print("Hội đồng thông qua." if found.counts(council) else "Hội đồng không thông qua.")
    if version:
        out.print(f"Kỳ đã khóa: giữ kết quả lần {version}; xem tiendo score diff.")


@app.command()
def diff(
    period: Period = "", organisation: OrganisationName = "", as_json: AsJson = False, data: Data = None
) -> None:
    """Các lần tính lại kỳ đã khóa đổi gì. / What each later version of a closed period's scores changed."""
    store = open_store(settings_of(data))
    row = period_for(store, period, organisation)
    with store.reading() as tx:
        found = version_changes(tx, row.id)
    if as_json:
        say_json(
            [
                {"version": one.after.version, "because": one.after.because, "units": plain(one.units)}
                for one in found
            ]
        )
        return
    if not found:
        out.print("Chưa tính lại lần nào.")
    for one in found:
        out.print(f"[bold]Lần {one.after.version}[/]: {escape(one.after.because)}", highlight=False)
        for unit in one.units:
            out.print(f"  [bold]{escape(unit.unit)}[/]")
            for change in unit.changes:
                text = f"    {change.what}: {change.before or 'không có'} → {change.after or 'không có'}"
                out.print(escape(text), highlight=False)
                for said in change.no_longer:
                    out.print(f"      [dim]trước:[/] {escape(said)}", highlight=False)
                for said in change.newly:
                    out.print(f"      [dim]nay:[/] {escape(said)}", highlight=False)


def _say_line(title: str, reasons: list[Any]) -> None:
    out.print(f"\n[bold]{escape(title)}[/]", highlight=False)
    for reason in reasons:
        out.print(f"  {escape(reason['text'])}", highlight=False)


def _plain(sheet: UnitSheet) -> dict[str, Any]:
    return {
        "rules": {
            "name": sheet.rules.name,
            "version": sheet.rules.version,
            "sha256": sheet.pinned.sha256,
            "criteria": sheet.texts,
        },
        "version": sheet.figures.version,
        "kept_at": plain(sheet.figures.kept_at),
        "because": sheet.figures.because,
        "score": sheet.unit,
        "records": list(sheet.records.values()),
        "evidence": plain(sheet.files),
        "entries": plain(sheet.entries),
    }
