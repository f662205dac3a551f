"""`tiendo organisation`: which organisations there are, and which is subordinate to which."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.markup import escape

from workflow.cli.running import open_store
from workflow.cli.text import out, say_json
from workflow.cli.up import Data, settings_of
from workflow.clock import Clock
from workflow.domain.people.organisations import OrganisationKind, proposed_kind
from workflow.storage.canonical import plain
from workflow.storage.people.directory import kind_of, set_kind
from workflow.storage.people.subordinates import Organisation, all_organisations, attach, organisation_named

app = typer.Typer(no_args_is_help=True)

Named = Annotated[str, typer.Argument(metavar="NAME", help="The organisation's name or short name.")]
Child = Annotated[str, typer.Argument(metavar="CHILD", help="The organisation's name or short name.")]


@app.command("list")
def list_(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False, data: Data = None
) -> None:
    """Các đơn vị, đơn vị nào trực thuộc đơn vị nào. / The organisations, each under its superior."""
    store = open_store(settings_of(data))
    with store.reading() as tx:
        found = all_organisations(tx)
    if as_json:
        say_json(plain(found))
        return
    known = {one.id for one in found}
    for one in found:
        if one.superior_id not in known:
            _say(one, found, 0)


def _say(one: Organisation, found: list[Organisation], depth: int) -> None:
    kind = one.kind.label if one.kind else ""
    out.print(f"{'  ' * depth}{escape(one.name)} [dim]({one.slug}; {kind})[/]", highlight=False)
    for other in found:
        if other.superior_id == one.id:
            _say(other, found, depth + 1)


@app.command()
def kind(
    name: Named,
    to: Annotated[
        OrganisationKind | None, typer.Option("--is", help="What it is; without it the kinds are listed.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    data: Data = None,
) -> None:
    """Loại của một đơn vị: xem, hoặc chọn. / What an organisation is: its words, letterhead, signature."""
    store = open_store(settings_of(data))
    with store.begin() as tx:
        one = organisation_named(tx, name)
        if to is not None:
            set_kind(tx, one.id, to, None, Clock(store).now())
        now_is = kind_of(tx, one.id)
    if as_json:
        say_json({"organisation": one.slug, "kind": now_is.value, "proposed": proposed_kind(one.name).value})
        return
    out.print(f"{escape(one.name)}: {now_is.label} ({now_is.value}).")
    if now_is.words.near:
        out.print(str(now_is.words.near))
    if to is None:
        for each in OrganisationKind:
            note = "; theo tên" if each is proposed_kind(one.name) else ""
            out.print(f"  --is {each.value}: {each.label}{note}", highlight=False)


@app.command("attach")
def attach_(
    child: Child,
    to: Annotated[str, typer.Option("--to", metavar="PARENT", help="The superior's name or short name.")],
    data: Data = None,
) -> None:
    """Đặt một đơn vị dưới cấp trên của nó. / Put an organisation under its superior."""
    store = open_store(settings_of(data))
    with store.begin() as tx:
        one, superior = organisation_named(tx, child), organisation_named(tx, to)
        attach(tx, one, superior, Clock(store).now())
    out.print(f"{escape(one.name)} trực thuộc {escape(superior.name)}.")


@app.command()
def detach(child: Child, data: Data = None) -> None:
    """Đưa một đơn vị ra khỏi cấp trên. / Take an organisation from under its superior."""
    store = open_store(settings_of(data))
    with store.begin() as tx:
        one = organisation_named(tx, child)
        attach(tx, one, None, Clock(store).now())
    out.print(f"{escape(one.name)} không còn trực thuộc đơn vị nào.")
