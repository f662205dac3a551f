"""`tiendo rules`: check a file of routing rules, explain it, show what it would change, adopt it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from workflow.cli.choosing import OrganisationName, PlanOfPeriod, organisation_for, period_for, plan_for
from workflow.cli.running import open_store
from workflow.cli.text import out, say_check, say_json
from workflow.cli.up import Data, settings_of
from workflow.clock import Clock
from workflow.domain.cycles.advance import Standing
from workflow.domain.rules.explained import TITLES, explained
from workflow.domain.vietnamese import joined
from workflow.importing.files.rules_file import read_routing, read_scoring, routing_faults
from workflow.sample import scoring_path
from workflow.storage.opening.rules_tried import Replay, replayed
from workflow.storage.rules import adopt_rules

app = typer.Typer(no_args_is_help=True)

File = Annotated[Path, typer.Argument(metavar="FILE", help="A file of routing rules (TOML).")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command()
def check(file: File, as_json: AsJson = False) -> None:
    """Kiểm tra tệp quy tắc: nêu mọi chỗ sai. / Check a rules file; every fault is told."""
    found = routing_faults(file)

    def good() -> tuple[str, str]:
        rules = read_routing(file)
        return rules.name, rules.version

    say_check(found, good, as_json=as_json)
    if found:
        raise typer.Exit(1)


@app.command()
def explain(file: File, as_json: AsJson = False) -> None:
    """Nói mỗi quy tắc thành một câu. / Each rule in a sentence."""
    rules = read_routing(file)
    lines = explained(rules)
    if as_json:
        say_json(
            [{"group": one.group, "rule": one.rule, "scope": one.scope, "text": one.text} for one in lines]
        )
        return
    out.print(f"[bold]{escape(rules.name)}[/], phiên bản {escape(rules.version)}")
    heading = ("", "")
    for one in lines:
        if (one.scope, one.group) != heading:
            heading = (one.scope, one.group)
            scope = f" – riêng {one.scope}" if one.scope else ""
            out.print(f"\n[bold]{TITLES[one.group]}{escape(scope)}[/]")
        out.print(f"  {escape(one.text)} [dim]{one.rule}[/]", highlight=False)


@app.command()
def diff(
    file: File,
    period: Annotated[str, typer.Option(help="The period's code, as 2026-Q1.")],
    plan: PlanOfPeriod = None,
    organisation: OrganisationName = "",
    as_json: AsJson = False,
    data: Data = None,
) -> None:
    """Áp quy tắc mới lên các lượt đang mở, chỉ xem không ghi. / What new rules would change, unwritten."""
    new = read_routing(file)
    store = open_store(settings_of(data))
    now = Clock(store).now()
    asked = period_for(store, period, organisation, plan)
    with store.reading() as tx:
        found = replayed(tx, asked.id, new, now)
    if as_json:
        say_json(_plain(found))
    else:
        _say(found)


@app.command()
def adopt(
    file: File,
    scoring: Annotated[
        Path | None, typer.Option(help="Scoring rules (TOML); the ready ones by default.")
    ] = None,
    plan: Annotated[
        int | None, typer.Option("--plan", help="A plan of the organisation, to name it by.")
    ] = None,
    organisation: OrganisationName = "",
    data: Data = None,
) -> None:
    """Dùng bộ quy tắc này cho các kỳ mở từ nay về sau. / Let the next periods open by these rules."""
    routing, scores = read_routing(file), read_scoring(scoring or scoring_path())
    store = open_store(settings_of(data))
    now = Clock(store).now()
    if plan is not None:
        head = plan_for(store, organisation, plan)
        organisation_id, name = head.organisation_id, head.organisation
    else:
        whose = organisation_for(store, organisation)
        organisation_id, name = whose.id, whose.name
    with store.begin() as tx:
        adopt_rules(tx, organisation_id, routing, scores, now)
    out.print(
        f"{escape(name)}: các kỳ mở từ nay theo {escape(routing.name)}, "
        f"phiên bản {escape(routing.version)}. Kỳ đang mở giữ quy tắc cũ."
    )


def _say(found: Replay) -> None:
    if not found.rules:
        out.print("Hai bộ quy tắc nói như nhau.")
    for before, after in found.rules:
        sentence = before or after
        if sentence:
            scope = f" (riêng {sentence.scope})" if sentence.scope else ""
            out.print(f"[bold]{escape(f'[{sentence.group}] {sentence.rule}{scope}')}[/]", highlight=False)
        out.print(f"  trước: {escape(before.text) if before else 'không có'}", highlight=False)
        out.print(f"  sau:   {escape(after.text) if after else 'không có'}", highlight=False)
    if not found.effects:
        out.print(f"\n{found.open_cycles} lượt đang mở: không lượt nào đổi.")
        return
    table = Table(title=f"{len(found.effects)}/{found.open_cycles} lượt đang mở sẽ đổi", title_justify="left")
    for title in ("Nội dung", "Đang ở", "Sẽ ở"):
        table.add_column(title)
    for one in found.effects:
        table.add_row(one.code, escape(_state(one.before, found)), escape(_state(one.after, found)))
    out.print(table)


def _state(standing: Standing, found: Replay) -> str:
    names = [found.names[True, unit] for unit in sorted(standing.units)]
    names += [found.names[False, person] for person in sorted(standing.persons)]
    waits = f": {joined(names, 4, 'người khác')}" if names else ""
    limit = f", đến {standing.until:%d/%m/%Y}" if standing.until else ""
    return f"{standing.stage.label}{waits}{limit}"


def _plain(found: Replay) -> dict[str, object]:
    return {
        "open_cycles": found.open_cycles,
        "rules": [
            {
                "before": before.text if before else None,
                "after": after.text if after else None,
                "rule": f"{sentence.group}.{sentence.rule}",
                "scope": sentence.scope,
            }
            for before, after in found.rules
            for sentence in (before or after,)
            if sentence
        ],
        "effects": [
            {
                "cycle": one.cycle_id,
                "code": one.code,
                "before": one.before.stage.value,
                "after": one.after.stage.value,
                "changes_owing": one.changes_owing,
                "changes_limit": one.changes_limit,
            }
            for one in found.effects
        ],
    }
