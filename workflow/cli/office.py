"""`tiendo office`: a way into the office's pages from the machine itself, on request and logged."""

from __future__ import annotations

import os
import pwd
import socket
from typing import Annotated

import typer
from rich.markup import escape

from workflow.cli.choosing import OrganisationName, organisation_for
from workflow.cli.running import open_store
from workflow.cli.text import out, say_json
from workflow.cli.up import Data, settings_of
from workflow.clock import Clock
from workflow.storage.access.links_on_request import LASTS, make_office_link, officer_named

app = typer.Typer(no_args_is_help=True)


@app.callback()
def _office() -> None:
    """Trang của Văn phòng. / The office's pages."""


@app.command()
def link(
    person: Annotated[
        str, typer.Argument(metavar="[PERSON]", help="Name or address; the only officer by default.")
    ] = "",
    organisation: OrganisationName = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    data: Data = None,
) -> None:
    """Đường dẫn vào trang của Văn phòng, dùng một lần trong một giờ. / A link for one use within an hour.

    Who asked (the user of this machine) goes into the log, `tiendo audit verify` checks it.
    """
    settings = settings_of(data)
    store = open_store(settings)
    owner = organisation_for(store, organisation)
    with store.begin() as tx:
        officer = officer_named(tx, owner.id, person)
        made = make_office_link(tx, officer, who_asks(), Clock(store).now())
    address = f"{settings.where_pages}{made.path}"
    if as_json:
        say_json(
            {
                "person": officer.name,
                "email": officer.email,
                "link": address,
                "expires_at": made.expires_at.isoformat(),
            }
        )
        return
    minutes = int(LASTS.total_seconds() // 60)
    out.print(
        f"Đường dẫn của {escape(officer.name)}, dùng một lần trong {minutes} phút; việc này đã ghi vào sổ:"
    )
    print(address)


def who_asks() -> str:
    """The user of this machine who runs the command, and the one behind `sudo` where that is used. Read
    from the kernel, not from the environment, which anybody can set."""
    number = os.getuid()
    try:
        user = pwd.getpwuid(number).pw_name
    except KeyError:  # a container's user without a name
        user = f"uid {number}"
    behind = os.environ.get("SUDO_USER", "") if number == 0 else ""
    return f"{user} (sudo: {behind})@{socket.gethostname()}" if behind else f"{user}@{socket.gethostname()}"
