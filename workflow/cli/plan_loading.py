"""`tiendo plan load`, `amend`, `export`: a checked plan into the store, over the one that runs, and out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from workflow.cli.choosing import OrganisationName, PlanNumber, organisation_for, plan_for
from workflow.cli.plan_telling import (
    preview_as_json,
    say_notes,
    say_preview,
    say_refused,
    say_taken,
    summary,
)
from workflow.cli.running import open_store
from workflow.cli.text import out, say_error, say_json
from workflow.cli.up import Data, settings_of
from workflow.clock import Clock
from workflow.domain.directory import Directory
from workflow.domain.errors import TiendoError, UnreadablePlan
from workflow.domain.plain_text import file_name
from workflow.importing.amending import AmendmentKind
from workflow.importing.checking import Refused
from workflow.importing.directory_file import read_directory
from workflow.importing.form_filling import form_of
from workflow.importing.form_reading import Accepted
from workflow.importing.offering import (
    YAML_ENDINGS,
    amend_offer,
    brings_directory,
    bytes_of,
    offer,
    sha256_of,
)
from workflow.importing.plan_file import plan_yaml
from workflow.importing.workbook import write_workbook
from workflow.planning import Preview, preview, put
from workflow.storage import Store
from workflow.storage.directories import load_directory
from workflow.storage.plan_changes import Source
from workflow.storage.plans import PlanHead, load_plan, running_plans

_REFUSED, _UNREADABLE = 1, 2

Dry = Annotated[bool, typer.Option("--dry", help="Only show what would change.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask before writing.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of tables; implies --yes.")]
DirectoryFile = Annotated[
    Path | None,
    typer.Option(
        "--directory", metavar="FILE", help="Units and people (YAML) for a document that has none of its own."
    ),
]
Year = Annotated[int | None, typer.Option("--year", help="The plan's year, where the document does not say.")]


def load(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="A workbook of `import`, a YAML file, or a plan document.")
    ],
    directory: DirectoryFile = None,
    year: Year = None,
    organisation: Annotated[
        str,
        typer.Option(
            "--organisation",
            help="Whose units and people a document without its own is read against; needed where there "
            "are several.",
        ),
    ] = "",
    dry: Dry = False,
    yes: Yes = False,
    as_json: AsJson = False,
    data: Data = None,
) -> None:
    """Nạp kế hoạch: kiểm tra, cho xem thay đổi, hỏi rồi ghi. / Check a plan, show what changes, load it."""
    with _told(as_json):
        store = open_store(settings_of(data))
        content, name = bytes_of(file), file_name(file.name)
        known = read_directory(directory) if directory else None
        if known is None and not brings_directory(content, name):
            known = _known_directory(store, organisation)
        found = offer(content, name, known, year=year)
        source = Source(found.name, found.sha256)
        _show_and_put(store, found.accepted, source, dry=dry, yes=yes, as_json=as_json)


def amend(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A later document for the same year.")],
    replace_: Annotated[
        bool,
        typer.Option("--replace", help="The document replaces the plan: what it leaves out is withdrawn."),
    ] = False,
    plan: PlanNumber = None,
    organisation: OrganisationName = "",
    dry: Dry = False,
    yes: Yes = False,
    as_json: AsJson = False,
    data: Data = None,
) -> None:
    """Văn bản bổ sung, điều chỉnh, thay thế: xem trước rồi áp dụng. / Lay a later document over the plan."""
    with _told(as_json):
        store = open_store(settings_of(data))
        head, running = _running(store, organisation, plan)
        content = bytes_of(file)
        kind = AmendmentKind.REPLACING if replace_ else None
        amended, accepted = amend_offer(content, file_name(file.name), running, kind=kind)
        if not as_json:
            say_taken(amended)
        _show_and_put(
            store,
            replace(accepted, findings=head.findings),
            Source(file_name(file.name), sha256_of(content)),
            plan_id=head.id,
            earlier_codes=amended.renumbered,
            dry=dry,
            yes=yes,
            as_json=as_json,
        )


def export(
    output: Annotated[
        Path,
        typer.Option(
            "-o", "--output", metavar="FILE", help="plan.yaml for version control, plan.xlsx to mend."
        ),
    ],
    plan: PlanNumber = None,
    organisation: OrganisationName = "",
    data: Data = None,
) -> None:
    """Ghi kế hoạch đang chạy ra tệp YAML hoặc Excel. / Write the running plan to YAML or Excel."""
    with _told(False):
        store = open_store(settings_of(data))
        head, running = _running(store, organisation, plan)
        if output.suffix.lower() in YAML_ENDINGS:
            content = plan_yaml(running.plan, running.directory, head.findings).encode()
        elif output.suffix.lower() == ".xlsx":
            form = form_of(running.plan, running.directory, head.findings, source=head.source_name)
            content = write_workbook(form)
        else:
            raise TiendoError(
                "Không biết ghi ra dạng nào.", where=str(output), cure="Đặt đuôi .yaml hoặc .xlsx."
            )
        output.write_bytes(content)
        out.print(f"Đã ghi {len(running.plan.items)} nội dung của {head.number or head.title} vào {output}.")


def _show_and_put(
    store: Store,
    accepted: Accepted,
    source: Source,
    *,
    plan_id: int | None = None,
    earlier_codes: dict[str, str] | None = None,
    dry: bool,
    yes: bool,
    as_json: bool,
) -> None:
    now = Clock(store).now()
    seen = preview(store, accepted, now, plan_id=plan_id, earlier_codes=earlier_codes)
    if not as_json:
        say_notes(accepted.notes)
        say_preview(seen)
    if dry or not (seen.is_new or not seen.is_empty):
        if as_json:
            say_json({"written": False, **preview_as_json(seen)})
        elif dry:
            out.print("Chạy thử: chưa ghi gì.")
        return
    if not (yes or as_json) and not typer.confirm("Ghi các thay đổi này?"):
        out.print("Chưa ghi gì.")
        raise typer.Exit(_REFUSED)
    with store.begin() as tx:
        done = put(tx, accepted, source, now, plan_id=plan_id, earlier_codes=earlier_codes, seen=seen)
    if as_json:
        say_json({"written": True, **preview_as_json(done.preview), "plan": done.plan_id})
    else:
        out.print(_done(done.plan_id, done.preview))


def _done(plan_id: int, done: Preview) -> str:
    if done.is_new:
        return f"Đã nạp kế hoạch số {plan_id}. Mở kỳ báo cáo: tiendo period open <kỳ>."
    return f"Đã ghi: {summary(done)}"


def _running(store: Store, organisation: str, plan_id: int | None) -> tuple[PlanHead, Accepted]:
    head = plan_for(store, organisation, plan_id)
    with store.reading() as tx:
        return head, Accepted(load_plan(tx, head.id), load_directory(tx, head.organisation_id))


def _known_directory(store: Store, organisation: str) -> Directory | None:
    """The directory a bare plan document is read against: that of the organisation named, or of the only one
    that has a plan; None before the first plan."""
    with store.reading() as tx:
        is_first = not running_plans(tx)
    if is_first and not organisation:
        return None
    whose = (
        organisation_for(store, organisation).id
        if organisation
        else plan_for(store, "", None).organisation_id
    )
    with store.reading() as tx:
        return load_directory(tx, whose)


@contextmanager
def _told(as_json: bool) -> Iterator[None]:
    """Tells what is refused: all problems, and an exit code that says which kind."""
    try:
        yield
    except Refused as error:
        if as_json:
            say_json({"written": False, "problems": [problem.as_json() for problem in error.problems]})
        else:
            say_refused(error)
        raise typer.Exit(_REFUSED) from None
    except UnreadablePlan as error:
        say_error(error)
        raise typer.Exit(_UNREADABLE) from None
    except TiendoError as error:
        say_error(error)
        raise typer.Exit(_REFUSED) from None


COMMANDS: tuple[Callable[..., None], ...] = (load, amend, export)
"""For `tiendo plan` to hang in."""
