"""`tiendo plan load`, `amend`, `export`: storing a checked plan, amending the running one, exporting it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from workflow.amending.plan import Preview, preview, put
from workflow.cli.choosing import OrganisationName, PlanNumber, organisation_for, plan_for
from workflow.cli.plans.plan_telling import (
    preview_as_json,
    say_notes,
    say_preview,
    say_refused,
    say_taken,
    summary,
)
from workflow.cli.plans.target_kinds import target_kind
from workflow.cli.running import open_store
from workflow.cli.text import out, say_error, say_json
from workflow.cli.up import Data, settings_of
from workflow.clock import Clock
from workflow.domain.errors import NotFound, TiendoError, UnreadablePlan
from workflow.domain.people.directory import Directory
from workflow.domain.people.organisations import OrganisationKind
from workflow.domain.plain_text import file_name
from workflow.domain.plans.plan import Plan
from workflow.importing.amending.amending import AmendmentKind
from workflow.importing.files.directory_file import read_directory
from workflow.importing.files.plan_file import plan_yaml
from workflow.importing.form.checking import RefusedPlan
from workflow.importing.form.filling import form_of
from workflow.importing.form.reading import Accepted
from workflow.importing.form.workbook import write_workbook
from workflow.importing.offering import (
    YAML_ENDINGS,
    amend_offer,
    brings_directory,
    bytes_of,
    offer,
    sha256_of,
)
from workflow.storage import Store
from workflow.storage.amending.leader_bindings import (
    PrintedLeader,
    bind_leader,
    people_to_choose,
    printed_leaders,
)
from workflow.storage.amending.plan_changes import Source
from workflow.storage.people.directory import load_directory
from workflow.storage.plans.plans import PlanHead, load_plan, running_plans

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
    kind: Annotated[
        OrganisationKind | None,
        typer.Option("--kind", help="What the organisation is, where this plan is its first."),
    ] = None,
    dry: Dry = False,
    yes: Yes = False,
    as_json: AsJson = False,
    data: Data = None,
) -> None:
    """Nạp kế hoạch: kiểm tra, cho xem thay đổi, hỏi rồi ghi. / Check a plan, show what changes, load it."""
    with _errors_printed(as_json):
        store = open_store(settings_of(data))
        content, name = bytes_of(file), file_name(file.name)
        known = read_directory(directory) if directory else None
        running = None
        if not brings_directory(content, name):
            own, running = _known(store, organisation, asks=known is None)
            known = known or own
        found = offer(content, name, known, year=year, running=running)
        source = Source(found.name, found.sha256)
        accepted = found.accepted
        if kind is not None:
            accepted = replace(accepted, directory=replace(accepted.directory, kind=kind))
        _show_and_put(store, accepted, source, dry=dry, yes=yes, as_json=as_json)


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
    with _errors_printed(as_json):
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
    with _errors_printed(False):
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


def _known(store: Store, organisation: str, *, asks: bool) -> tuple[Directory | None, Plan | None]:
    """The context a bare plan document is read with: the directory and the running plan of the organisation
    named, or of the only one that has a plan. Neither before the first plan, nor where there are several and
    no choice is needed."""
    with store.reading() as tx:
        known = {one.organisation_id: one for one in running_plans(tx)}
    if organisation:
        whose = organisation_for(store, organisation).id
    elif not known or (len(known) > 1 and not asks):
        return None, None
    else:
        whose = plan_for(store, "", None).organisation_id
    with store.reading() as tx:
        plan = load_plan(tx, known[whose].id) if whose in known else None
        return load_directory(tx, whose), plan


@contextmanager
def _errors_printed(as_json: bool) -> Iterator[None]:
    """Prints all problems of a refused plan and exits with the code of their kind."""
    try:
        yield
    except RefusedPlan as error:
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


def leaders(
    name: Annotated[
        str, typer.Argument(metavar="[NAME]", help="A leader as the plan prints it; none to list them all.")
    ] = "",
    person: Annotated[
        str, typer.Option("--is", metavar="EMAIL", help="The person of the directory that the leader is.")
    ] = "",
    no_one: Annotated[bool, typer.Option("--no-one", help="The leader is no one of the directory.")] = False,
    item: Annotated[
        list[str] | None, typer.Option("--item", metavar="CODE", help="Only in this row; may be repeated.")
    ] = None,
    organisation: OrganisationName = "",
    plan: PlanNumber = None,
    as_json: AsJson = False,
    data: Data = None,
) -> None:
    """Lãnh đạo in trong kế hoạch là ai trong danh bạ. / Who the plan's printed leaders are; bind one."""
    with _errors_printed(as_json):
        store = open_store(settings_of(data))
        head = plan_for(store, organisation, plan)
        if not name:
            with store.reading() as tx:
                found = printed_leaders(tx, head.id)
            _say_leaders(found, as_json=as_json)
            return
        if bool(person) == no_one:
            raise TiendoError(
                "Chưa rõ lãnh đạo này là ai.", cure="Thêm --is <thư điện tử>, hoặc --no-one nếu không ai."
            )
        now = Clock(store).now()
        with store.begin() as tx:
            known = {one.email.casefold(): one.id for one in people_to_choose(tx, head.id)}
            if person and person.casefold() not in known:
                raise NotFound(f"Không có ai dùng địa chỉ “{person}”.", cure="Xem: tiendo plan export.")
            person_id = known[person.casefold()] if person else None
            count, cycles = bind_leader(tx, head.id, name, person_id, now, codes=item or ())
        if as_json:
            say_json({"written": True, "rows": count, "cycles": len(cycles)})
        else:
            out.print(f"Đã ghi “{escape(name)}” ở {count} dòng; {len(cycles)} lượt báo cáo được đối chiếu.")


def _say_leaders(found: Sequence[PrintedLeader], *, as_json: bool) -> None:
    if as_json:
        say_json(
            {
                "leaders": [
                    {
                        "name": one.name,
                        "codes": list(one.codes),
                        "person": one.person.email if one.person else None,
                        "is_no_one": one.is_no_one,
                        "proposed": [person.email for person in one.proposed],
                    }
                    for one in found
                ]
            }
        )
        return
    for one in found:
        who = "không ai trong danh bạ" if one.is_no_one else "CHƯA RÕ"
        if one.person:
            who = f"{one.person.name} <{one.person.email}>{'' if one.person.is_active else ', đã thôi'}"
        elif one.proposed:
            who += "; đúng họ tên: " + ", ".join(person.email for person in one.proposed)
        out.print(escape(f"{one.name}: {who} ({len(one.codes)} dòng)"))


COMMANDS: tuple[Callable[..., None], ...] = (load, amend, export, leaders, target_kind)
"""The commands, to be added to `tiendo plan`."""
