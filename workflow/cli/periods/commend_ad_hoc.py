"""`tiendo commend nominate`, `nominations` and `request`: ad hoc proposals, models, the submission."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from workflow.cli.choosing import OrganisationName, period_for
from workflow.cli.naming import person_named, unit_named
from workflow.cli.running import open_store
from workflow.cli.text import out, say_json
from workflow.cli.up import Data, settings_of
from workflow.clock import Clock
from workflow.domain.errors import WrongSetting
from workflow.domain.typed import sent_day
from workflow.reports.period_reports import heading_of
from workflow.reports.word.award_request_docx import write_award_request
from workflow.storage.canonical import plain
from workflow.storage.scores.award_requests import NewRequest, draw_up, request_in
from workflow.storage.scores.nominations import NewNomination, NominationKind, nominate, nominations_of

Period = Annotated[str, typer.Option("--period", help="As 2026-Q1; the one opened last by default.")]
By = Annotated[str, typer.Option("--by", help="E-mail of the office's person who enters it.")]


def add_to(app: typer.Typer) -> None:
    """Adds the commands."""
    app.command("nominate")(put)
    app.command("nominations")(listed)
    app.command("request")(request)


def put(
    kind: Annotated[NominationKind, typer.Option(help="What is put forward.")],
    text: Annotated[str, typer.Option(help="The achievement, or what the model is.")],
    by: By,
    unit: Annotated[str, typer.Option(help="A unit's code or name.")] = "",
    outside: Annotated[str, typer.Option(help="A body that is no unit, by its name.")] = "",
    name: Annotated[str, typer.Option(help="Of the person or model.")] = "",
    title: Annotated[str, typer.Option(help="The person's title.")] = "",
    award: Annotated[str, typer.Option(help="The commendation asked for.")] = "",
    why: Annotated[str, typer.Option(help="The occasion, or why it is worth copying.")] = "",
    evidence: Annotated[str, typer.Option(help="Where it can be looked up.")] = "",
    period: Period = "",
    organisation: OrganisationName = "",
    data: Data = None,
) -> None:
    """Đề nghị đột xuất, kể cả ngoài kế hoạch; mô hình hay. / Put forward at any time."""
    store = open_store(settings_of(data))
    row = period_for(store, period, organisation)
    with store.begin() as tx:
        unit_id = unit_named(tx, row, unit) if unit else None
        new = NewNomination(kind, award, unit_id, outside, name, title, text, why, evidence)
        number = nominate(tx, person_named(tx, row, by), row.id, new, Clock(store).now())
    out.print(f"Đã ghi nhận đề nghị số {number}.")


def listed(
    period: Period = "",
    organisation: OrganisationName = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    data: Data = None,
) -> None:
    """Các đề nghị đột xuất, mô hình hay của kỳ. / What was put forward."""
    store = open_store(settings_of(data))
    row = period_for(store, period, organisation)
    with store.reading() as tx:
        found = nominations_of(tx, row.id)
    if as_json:
        say_json([plain(one) for one in found])
        return
    for one in found:
        line = f"{one.id}. {one.kind.label}: {one.who} ({one.body}) {one.award}"
        out.print(escape(line), highlight=False)


def request(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The Word file to write.")],
    to: Annotated[str, typer.Option(help="The superior body.")],
    entry: Annotated[list[int], typer.Option(help="Number of a nomination; more than once for more.")],
    by: By,
    grounds: Annotated[str, typer.Option(help="The grounds, a line a paragraph.")] = "",
    recipient: Annotated[list[str] | None, typer.Option(help="A line under “Nơi nhận”.")] = None,
    number: Annotated[str, typer.Option(help="As 05-TTr/ĐU; left out: room to write it.")] = "",
    dated: Annotated[str, typer.Option(help="The document's day, as 2026-03-30.")] = "",
    period: Period = "",
    organisation: OrganisationName = "",
    data: Data = None,
) -> None:
    """Lập tờ trình cấp trên kèm danh sách (DOCX). / Draw up the submission with its list."""
    store = open_store(settings_of(data))
    day = sent_day(dated) if dated else None
    if dated and day is None:
        raise WrongSetting(f"“{dated}” không phải là ngày.", cure="Ghi như 2026-03-30.")
    row = period_for(store, period, organisation)
    with store.begin() as tx:
        new = NewRequest(to, grounds, recipient or ["Như trên"], entry, number, day)
        made = draw_up(tx, person_named(tx, row, by), row.id, new, Clock(store).now())
        body = write_award_request(request_in(tx, row.id, made), heading_of(tx, row.id))
    file.write_bytes(body)
    out.print(str(file), highlight=False)
