"""`tiendo report`: letterhead and Word template of an organisation's reports, and a period's files."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from workflow.cli.choosing import OrganisationName, PlanOfPeriod, organisation_for, period_for
from workflow.cli.running import open_store
from workflow.cli.text import out, say_json
from workflow.cli.up import Data, settings_of
from workflow.clock import Clock
from workflow.domain.errors import TiendoError
from workflow.domain.reports.document_number import read_series
from workflow.reports.issuing import template_of
from workflow.reports.letterhead import missing_of
from workflow.reports.pdf.libreoffice import libreoffice
from workflow.reports.period_reports import period_report
from workflow.reports.report_files import files_of
from workflow.reports.word.docx import read_ready_template
from workflow.reports.word.template_check import TemplateFault, faults_in
from workflow.storage.files import Files
from workflow.storage.plans.listings import organisation_row
from workflow.storage.reports.issues import open_issue
from workflow.storage.reports.letterheads import letterhead_of, set_letterhead

app = typer.Typer(no_args_is_help=True)

File = Annotated[Path, typer.Argument(metavar="FILE", exists=True, dir_okay=False)]
Text = Annotated[str | None, typer.Option(help="Empty: as the layout has it.")]


@app.command()
def template(
    to: Annotated[Path, typer.Option("--out", help="The file to write.")],
    ready: Annotated[
        bool, typer.Option("--ready", help="The ready template, though the office has its own.")
    ] = False,
    organisation: OrganisationName = "",
    data: Data = None,
) -> None:
    """Ghi mẫu báo cáo Word đang dùng ra tệp để sửa. / Write the Word template in force, for editing."""
    settings = settings_of(data)
    store = open_store(settings)
    organisation_id = organisation_for(store, organisation).id
    with store.reading() as tx:
        found = organisation_row(tx, organisation_id)
        own = None if ready else template_of(tx, Files(settings.where_files), found.id)
    to.write_bytes(own or read_ready_template(is_party=found.kind.is_party))
    kind = "mẫu riêng của đơn vị" if own else "mẫu gốc"
    out.print(f"Đã ghi {escape(str(to))} ({kind}). Sửa bằng Word, giữ nguyên các thẻ {{{{ … }}}}, {{% … %}}.")
    out.print(f"Kiểm tra: tiendo report check-template {escape(str(to))}")


@app.command("check-template")
def check_template(file: File) -> None:
    """Kiểm tra mọi thẻ trong một mẫu Word. / Check every tag of a Word template."""
    faults = faults_in(file.read_bytes())
    _say(faults)
    if faults:
        raise typer.Exit(1)
    out.print("Mẫu dùng được: mọi thẻ đều đúng.")


@app.command("use-template")
def use_template(file: File, organisation: OrganisationName = "", data: Data = None) -> None:
    """Kiểm tra rồi dùng một mẫu Word của đơn vị. / Check a template and use it from now on."""
    content = file.read_bytes()
    if faults := faults_in(content):
        _say(faults)
        raise TiendoError("Mẫu chưa dùng được.", where=str(file), cure="Sửa các chỗ trên rồi làm lại.")
    settings = settings_of(data)
    store = open_store(settings)
    organisation_id = organisation_for(store, organisation).id
    digest = Files(settings.where_files).put(content)
    with store.begin() as tx:
        set_letterhead(tx, organisation_id, Clock(store).now(), template=digest)
    out.print("Từ nay báo cáo lập theo mẫu này. Trở lại mẫu gốc: tiendo report reset-template.")


@app.command("reset-template")
def reset_template(organisation: OrganisationName = "", data: Data = None) -> None:
    """Trở lại mẫu gốc. / Use the ready template again."""
    store = open_store(settings_of(data))
    organisation_id = organisation_for(store, organisation).id
    with store.begin() as tx:
        set_letterhead(tx, organisation_id, Clock(store).now(), template="")
    out.print("Từ nay báo cáo lập theo mẫu gốc.")


@app.command()
def letterhead(
    superior: Text = None,
    place: Text = None,
    signs_for: Text = None,
    signs_as: Text = None,
    signer: Text = None,
    filed: Text = None,
    minutes_series: Text = None,
    no_superior: Annotated[
        bool | None,
        typer.Option("--no-superior/--has-superior", help="Whether there is no superior body at all."),
    ] = None,
    organisation: OrganisationName = "",
    data: Data = None,
) -> None:
    """Cơ quan cấp trên, địa danh, người ký của báo cáo. / Superior body, place, signature of reports."""
    store = open_store(settings_of(data))
    given = {
        "superior": superior,
        "place": place,
        "signs_for": signs_for,
        "signs_as": signs_as,
        "signer": signer,
        "filed": filed,
        "minutes_series": None if minutes_series is None else read_series(minutes_series),
    }
    changes: dict[str, str | bool] = {
        name: value.strip() for name, value in given.items() if value is not None
    }
    if no_superior is not None:
        changes["no_superior"] = no_superior
    organisation_id = organisation_for(store, organisation).id
    with store.begin() as tx:
        if changes:
            set_letterhead(tx, organisation_id, Clock(store).now(), **changes)
        kept = letterhead_of(tx, organisation_id)
    for name, label in (
        ("superior", "Cơ quan cấp trên"),
        ("place", "Địa danh"),
        ("signs_for", "Quyền hạn"),
        ("signs_as", "Chức vụ"),
        ("signer", "Họ tên người ký"),
        ("filed", "Nơi lưu"),
        ("minutes_series", "Ký hiệu số biên bản"),
    ):
        absent = "(không có)" if name == "superior" and kept.no_superior else "(theo thể thức)"
        out.print(f"{label}: {escape(getattr(kept, name)) or absent}")


@app.command()
def check(
    code: Annotated[str, typer.Argument(metavar="PERIOD", help="As 2026-Q1, 2026-M03, 2026-H1 or 2026.")],
    plan: PlanOfPeriod = None,
    as_json: Annotated[bool, typer.Option("--json", help="For a script.")] = False,
    organisation: OrganisationName = "",
    data: Data = None,
) -> None:
    """Báo cáo còn thiếu gì để phát hành; mã thoát 1 là còn thiếu. / What a report lacks to be issued."""
    store = open_store(settings_of(data))
    period = period_for(store, code, organisation, plan)
    with store.reading() as tx:
        issue = open_issue(tx, period.id)
        missing = missing_of(tx, issue) if issue else ()
    if as_json:
        say_json([asdict(one) for one in missing])
    elif issue is None:
        out.print("Kỳ này không có bản thảo nào đang soạn.")
    elif not missing:
        out.print("Đủ để phát hành.")
    for one in () if as_json else missing:
        out.print(f"[red]✗[/] Thiếu {escape(one.what)}. {escape(one.cure)}", highlight=False)
        if one.command:
            out.print(f"  {escape(one.command)}", highlight=False)
    if missing:
        raise typer.Exit(1)


@app.command()
def draw(
    code: Annotated[str, typer.Argument(metavar="PERIOD", help="As 2026-Q1, 2026-M03, 2026-H1 or 2026.")],
    to: Annotated[Path, typer.Option("--out", help="The folder to write into.")] = Path(),
    plan: PlanOfPeriod = None,
    organisation: OrganisationName = "",
    data: Data = None,
) -> None:
    """Ghi báo cáo của kỳ như hiện nay: Word, Excel, PDF. / Write a period's report as it stands now."""
    settings = settings_of(data)
    store = open_store(settings)
    period = period_for(store, code, organisation, plan)
    with store.reading() as tx:
        report = period_report(tx, period.id, Clock(store).now())
        own = template_of(tx, Files(settings.where_files), period.organisation_id)
    to.mkdir(parents=True, exist_ok=True)
    for made in files_of(report, own):
        target = to / f"bao-cao-{period.code.lower()}.{made.ending}"
        target.write_bytes(made.content)
        out.print(f"Đã ghi {escape(str(target))}.")
    if libreoffice() is None:
        out.print("Chưa có bản PDF: máy này không có LibreOffice (apt-get install libreoffice-writer).")


def _say(faults: tuple[TemplateFault, ...]) -> None:
    for fault in faults:
        out.print(f"[red]✗[/] {escape(fault.where)}: {escape(fault.tag)}", highlight=False)
        out.print(f"  {escape(fault.what)} {escape(fault.cure)}", highlight=False)
