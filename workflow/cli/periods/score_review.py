"""`tiendo score review`: what units ask to have reviewed, and what is put to the council in answer."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.markup import escape

from workflow.cli.choosing import OrganisationName, period_for
from workflow.cli.naming import person_named, unit_named
from workflow.cli.running import open_store
from workflow.cli.text import out, say_json
from workflow.cli.up import Data, settings_of
from workflow.clock import Clock
from workflow.domain.scores.score_entries import EntryKind
from workflow.domain.typed import points_typed
from workflow.storage.canonical import plain
from workflow.storage.rules import pinned_scoring
from workflow.storage.scores.entries import NewEntry, enter
from workflow.storage.scores.reviews import NewReview, ask_review, review_in, reviews_of

app = typer.Typer(no_args_is_help=True)

Period = Annotated[str, typer.Option("--period", help="As 2026-Q1; the one opened last by default.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command("list")
def list_(
    period: Period = "", organisation: OrganisationName = "", as_json: AsJson = False, data: Data = None
) -> None:
    """Các đề nghị xem lại điểm và trả lời. / Requests of the period and what became of them."""
    store = open_store(settings_of(data))
    row = period_for(store, period, organisation)
    with store.reading() as tx:
        found = reviews_of(tx, row.id)
        council = pinned_scoring(tx, row.id).council if found else None
    states = {one.id: one.state(council) for one in found} if council else {}
    if as_json:
        say_json([{**plain(one), "state": states[one.id].value} for one in found])
        return
    if not found:
        out.print("Chưa có đề nghị xem lại nào.")
    for one in found:
        about = one.code or "toàn bộ điểm"
        line = f"{one.id}. {one.unit.name}, {about}: {states[one.id].label}"
        out.print(escape(line), highlight=False)
        out.print(f"   {escape(one.text)}", highlight=False)


@app.command()
def ask(
    unit: Annotated[str, typer.Argument(metavar="UNIT", help="The unit's code, or its name.")],
    text: Annotated[str, typer.Option(help="What is not right, and why.")],
    by: Annotated[str, typer.Option("--by", help="E-mail of who reports for the unit.")],
    code: Annotated[str, typer.Option(help="Of the criterion; left out: the whole score.")] = "",
    period: Period = "",
    organisation: OrganisationName = "",
    data: Data = None,
) -> None:
    """Ghi đề nghị xem lại điểm của đơn vị. / Record a unit's request, by who reports for it."""
    store = open_store(settings_of(data))
    row = period_for(store, period, organisation)
    with store.begin() as tx:
        new = NewReview(unit_named(tx, row, unit), code, text)
        number = ask_review(tx, person_named(tx, row, by), row.id, new, Clock(store).now())
    out.print(f"Đã ghi nhận đề nghị xem lại số {number}.")


@app.command()
def answer(
    review: Annotated[int, typer.Argument(help="The request's number.")],
    text: Annotated[str, typer.Option(help="The reason, for the council and the unit.")],
    by: Annotated[str, typer.Option("--by", help="E-mail of the office's person who enters it.")],
    points: Annotated[str, typer.Option(help="The change, as 2 or -1.5; left out: the score stays.")] = "",
    code: Annotated[str, typer.Option(help="Of the criterion to change; that of the request.")] = "",
    period: Period = "",
    organisation: OrganisationName = "",
    data: Data = None,
) -> None:
    """Ghi phương án trả lời để trình hội đồng. / Enter what is put to the council; `score decide` votes."""
    store = open_store(settings_of(data))
    kind = EntryKind.ADJUSTMENT if points else EntryKind.UPHOLD
    value = points_typed(points or "0")
    row = period_for(store, period, organisation)
    with store.begin() as tx:
        found = review_in(tx, row.id, review)
        new = NewEntry(found.unit.id, kind, code or found.code, text, value, review_id=review)
        rules = pinned_scoring(tx, row.id)
        number = enter(tx, person_named(tx, row, by), row.id, new, rules, Clock(store).now())
    out.print(f"Đã ghi nhận số {number}; trình hội đồng trên trang Điểm thi đua, hoặc tiendo score decide.")
