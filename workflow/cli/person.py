"""`tiendo person`: a person's stored data, erasing it, revoking their links, changing their address."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from workflow.cli.choosing import OrganisationName, organisation_for, period_for
from workflow.cli.naming import people_named
from workflow.cli.running import open_store
from workflow.cli.text import out, say_json
from workflow.cli.up import Data, settings_of
from workflow.clock import Clock
from workflow.domain.errors import Conflict, TiendoError
from workflow.old_files import caught_mails
from workflow.reports.personal_data import as_text, named
from workflow.storage import Store
from workflow.storage.access.mended_addresses import mend_address
from workflow.storage.access.taking_away import Reach, take_away
from workflow.storage.audit import AuditEntry, record
from workflow.storage.canonical import plain
from workflow.storage.people.history import PERSON_EXPORTED
from workflow.storage.personal.forgetting import Prospect, forget, prospect
from workflow.storage.personal.held_about import held_about
from workflow.storage.personal.personal_data import Fate
from workflow.storage.plans.listings import ListedPerson

app = typer.Typer(no_args_is_help=True)

Who = Annotated[
    str,
    typer.Argument(metavar="NAME", help="A name, an address, or the number shown where names are the same."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Sure = Annotated[bool, typer.Option("--yes", help="Do it without asking.")]


@app.callback()
def _person() -> None:
    """Một người: dữ liệu đang giữ, xóa dữ liệu, thu hồi đường dẫn, đổi địa chỉ. / One person and their
    data."""


@app.command("export")
def export(
    name: Who,
    to: Annotated[
        Path | None, typer.Option("--to", help="A folder for the JSON file and the one to be read.")
    ] = None,
    organisation: OrganisationName = "",
    as_json: AsJson = False,
    data: Data = None,
) -> None:
    """Mọi điều đang giữ về một người, để đưa cho người ấy. / All that is held about a person."""
    store = open_store(settings_of(data))
    now = Clock(store).now()
    organisation_id = organisation_for(store, organisation).id
    person = _chosen(store, organisation_id, name)
    with store.begin() as tx:
        held = held_about(tx, organisation_id, person.id, now)
        record(tx, organisation_id, now, AuditEntry(PERSON_EXPORTED, details={"person": person.id}))
    if to:
        to.mkdir(parents=True, exist_ok=True)
        for ending, body in (
            ("json", json.dumps(held, ensure_ascii=False, indent=2)),
            ("txt", as_text(held)),
        ):
            file = to / f"du-lieu-ca-nhan-{person.id}.{ending}"
            file.write_text(body, encoding="utf-8")
            out.print(str(file), highlight=False)
    elif as_json:
        say_json(held)
    else:
        print(as_text(held), end="")


@app.command("forget")
def forget_(
    name: Who,
    organisation: OrganisationName = "",
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say what would go and what stays.")
    ] = False,
    sure: Sure = False,
    as_json: AsJson = False,
    data: Data = None,
) -> None:
    """Xóa dữ liệu cá nhân của người đã ra khỏi danh bạ. / Erase the data of one who left.

    What they decided stays with their name; docs/personal-data.md says what and why.
    """
    settings = settings_of(data)
    store = open_store(settings)
    owner = organisation_for(store, organisation)
    person = _chosen(store, owner.id, name)
    with store.reading() as tx:
        found = prospect(tx, owner.id, person.id)
    if not dry_run:
        if not as_json:
            _tell(found)
        if not sure:
            _ask("Xóa hẳn, không lấy lại được?")
        with store.begin() as tx:
            found = forget(tx, owner.id, found.person_id, Clock(store).now(), by=None)
        for path in caught_mails(settings.data, found.email):
            path.unlink(missing_ok=True)
        store.scrub()
    if as_json:
        say_json(plain(found))
    elif dry_run:
        _tell(found)
    else:
        out.print(f"Đã xóa dữ liệu cá nhân của {escape(found.name)}.")
        for where, n_rows in found.left:
            out.print(f"Địa chỉ còn đứng trong {n_rows} dòng của {where}: là hồ sơ đã lưu.", highlight=False)


@app.command("revoke")
def revoke(
    name: Who,
    only_period: Annotated[
        str, typer.Option("--only-period", metavar="CODE", help="Only the links of that period.")
    ] = "",
    new: Annotated[bool, typer.Option("--new/--no-new", help="Mail new links in their place.")] = False,
    organisation: OrganisationName = "",
    as_json: AsJson = False,
    data: Data = None,
) -> None:
    """Thu hồi mọi đường dẫn và phiên làm việc của một người. / End every link and session of a person."""
    store = open_store(settings_of(data))
    now = Clock(store).now()
    owner = organisation_for(store, organisation)
    person = _chosen(store, owner.id, name)
    period = period_for(store, only_period, owner.slug).id if only_period else None
    with store.begin() as tx:
        reach = Reach(only_period=period)
        count = take_away(tx, None, owner.id, person.id, now, reach=reach, sends_new=new)
    _say_ended(person, count, as_json=as_json)


@app.command("address")
def address(
    name: Who,
    email: Annotated[str, typer.Argument(metavar="EMAIL", help="The new address.")],
    keep_links: Annotated[
        bool, typer.Option("--keep-links", help="Leave the links alive that went to the former address.")
    ] = False,
    organisation: OrganisationName = "",
    as_json: AsJson = False,
    data: Data = None,
) -> None:
    """Đổi địa chỉ thư của một người, thu hồi các đường dẫn cũ. / Another address; former links end."""
    store = open_store(settings_of(data))
    now = Clock(store).now()
    organisation_id = organisation_for(store, organisation).id
    person = _chosen(store, organisation_id, name)
    with store.begin() as tx:
        count = mend_address(tx, None, organisation_id, person.id, email, now, ends_links=not keep_links)
    if count is None:
        raise Conflict("Đó là địa chỉ đang ghi trong danh bạ.", where=email)
    _say_ended(person, count, as_json=as_json)


def _say_ended(person: ListedPerson, count: int, *, as_json: bool) -> None:
    if as_json:
        say_json({"person": person.id, "ended_links": count})
    else:
        out.print(f"Đã thu hồi {count} đường dẫn của {escape(person.name)}.")


def _chosen(store: Store, organisation_id: int, name: str) -> ListedPerson:
    """The person of that name; where several share it, the user is asked, outside any transaction."""
    with store.reading() as tx:
        found = people_named(tx, organisation_id, name)
    if len(found) == 1:
        return found[0]
    table = Table("Số", "Tên", "Chức danh", "Địa chỉ")
    for one in found:
        table.add_row(str(one.id), escape(one.name), escape(one.title), escape(one.email))
    if not sys.stdin.isatty():
        known = "; ".join(f"{one.id}: {one.name}, {one.title or one.email}" for one in found)
        raise Conflict(f"Có {len(found)} người tên “{name}”.", where=known, cure="Ghi số hoặc địa chỉ thư.")
    out.print(table)
    by_number = {str(one.id): one for one in found}
    asked = ""
    while asked not in by_number:
        asked = str(typer.prompt("Số của người cần tìm")).strip()
    return by_number[asked]


def _ask(question: str) -> None:
    if not sys.stdin.isatty():
        raise TiendoError("Chưa xóa gì: lệnh này hỏi lại trước khi xóa.", cure="Thêm --yes nếu chắc chắn.")
    if not typer.confirm(question):
        raise typer.Exit(1)


def _tell(found: Prospect) -> None:
    out.print(f"[bold]{escape(found.name)}[/] ({escape(found.email)})", highlight=False)
    stays = "ở lại" if found.name_stays else "xóa"
    out.print(f"  Họ tên: {stays}. Địa chỉ thư: xóa.", highlight=False)
    for one in named(found.of(*Fate)):
        out.print(f"  {one.title} ({one.count}): {one.fate}", highlight=False)
    for where, n_rows in found.left:
        out.print(f"  Địa chỉ còn đứng trong {n_rows} dòng của {where}: ở lại", highlight=False)
