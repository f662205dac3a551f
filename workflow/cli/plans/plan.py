"""`tiendo plan`: import a plan document and show what was read, or check the reading against a gold one."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from workflow.cli.plans.plan_loading import COMMANDS
from workflow.domain.errors import TiendoError, UnreadablePlan
from workflow.domain.plans.plan import Plan, PlanPart, Target
from workflow.importing.cells.target_kinds import KindRead, read_kinds
from workflow.importing.files.directory_file import read_directory
from workflow.importing.findings.findings import Finding, Severity
from workflow.importing.findings.gold import FieldScore, as_gold, compare
from workflow.importing.form.doubts import rows_of
from workflow.importing.form.workbook import write_workbook
from workflow.importing.offering import read_document
from workflow.importing.reading import Reading, read_plan

app = typer.Typer(help="Read plan documents, check what was read, and load it.", no_args_is_help=True)
for command in COMMANDS:
    app.command()(command)

PlanFile = Annotated[Path, typer.Argument(metavar="FILE", help="The plan document.")]
DirectoryFile = Annotated[
    Path | None,
    typer.Option("--directory", metavar="FILE", help="The organisation's units and people (YAML)."),
]
Year = Annotated[int | None, typer.Option("--year", help="The plan's year, where the document does not say.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of tables.")]

_UNREADABLE = 2
_SEVERITY = {Severity.WARNING: Text("Cần xem", style="yellow"), Severity.NOTE: Text("Lưu ý", style="dim")}


@app.command("import")
def import_plan(
    file: PlanFile,
    directory: DirectoryFile = None,
    year: Year = None,
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", metavar="FILE", help="A workbook (.xlsx) to mend and load."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Read a plan document; show its items and findings. Findings are no failure: the exit code is 0."""
    if output is not None:
        _write(file, directory, year, output)
        return
    reading = _read(file, directory, year)
    if as_json:
        _print_json(_reading_as_json(reading))
        return
    console = Console()
    plan = reading.plan
    day = f"{plan.issued_on:%d/%m/%Y}" if plan.issued_on else ""
    about = (plan.title, plan.number, day, plan.issuer, f"năm {plan.year}")
    console.print(Text(" · ".join(part for part in about if part), style="bold"))
    console.print(_items_table(reading))
    if reading.findings:
        console.print(_findings_table(reading.findings))
    parts = sum(len(item.parts) for item in plan.items)
    console.print(f"{len(plan.items)} nội dung, {parts} phần; {len(reading.findings)} điểm cần xem lại.")


@app.command()
def check(
    file: PlanFile,
    gold: Annotated[Path, typer.Option("--gold", metavar="FILE", help="A careful person's reading (JSON).")],
    directory: DirectoryFile = None,
    year: Year = None,
    as_json: AsJson = False,
    worst: Annotated[int, typer.Option("--worst", min=0, help="Show up to N mismatches a field.")] = 0,
) -> None:
    """Compare a reading with a gold one: precision and recall of each field."""
    reading = _read(file, directory, year)
    scores = compare(reading.plan, _gold(gold))
    parts = sum(len(item.parts) for item in reading.plan.items)
    if as_json:
        fields = {score.field: _score_as_json(score, worst) for score in scores}
        _print_json({"items": len(reading.plan.items), "parts": parts, "fields": fields})
        return
    console = Console()
    console.print(_scores_table(scores))
    for score in scores:
        for mismatch in score.mismatches[:worst]:
            where = " ".join(part for part in (mismatch.field, mismatch.code) if part)
            console.print(Text(where, style="bold"))
            console.print(Text(f"  chuẩn: {_printed(mismatch.gold)}"))
            console.print(Text(f"  đọc:   {_printed(mismatch.read)}"))
    console.print(f"{len(reading.plan.items)} nội dung, {parts} phần.")


def _write(file: Path, directory: Path | None, year: int | None, output: Path) -> None:
    """The reading as a workbook, and where to look first."""
    try:
        found = read_document(file, read_directory(directory) if directory else None, year=year)
    except TiendoError as error:
        raise _stopped(error) from None
    form = found.form(file.name)
    output.write_bytes(write_workbook(form))
    plan = found.reading.plan
    console = Console()
    console.print(
        f"Đã ghi {len(plan.items)} nội dung vào {output}; {len(form.doubtful())} dòng có ô cần xem."
    )
    if found.is_proposed:
        console.print("Danh bạ do máy đề xuất từ kế hoạch: thay các địa chỉ .example trước khi nạp.")
    console.print(f"Sửa bằng Excel rồi nạp: tiendo plan load {output}")


def _read(file: Path, directory: Path | None, year: int | None) -> Reading:
    try:
        return read_plan(file, directory=read_directory(directory) if directory else None, year=year)
    except TiendoError as error:
        raise _stopped(error) from None


def _gold(file: Path) -> dict[str, Any]:
    try:
        found: dict[str, Any] = json.loads(file.read_text(encoding="utf-8-sig"))
        if not isinstance(found, dict) or "items" not in found:
            raise ValueError("thiếu “items”")
        return found
    except (OSError, ValueError) as error:
        raise _stopped(
            UnreadablePlan(
                f"Không đọc được bản chuẩn: {error}.",
                where=str(file),
                cure="Bản chuẩn là tệp JSON có “items” và “declared”.",
            )
        ) from None


def _stopped(error: TiendoError) -> typer.Exit:
    Console(stderr=True).print(Text(str(error), style="red"))
    return typer.Exit(_UNREADABLE)


def _items_table(reading: Reading) -> Table:
    table = Table(box=box.SIMPLE_HEAD, title="Nội dung kế hoạch", title_justify="left")
    for header, ratio in (("Mã", 2), ("Nội dung", 8), ("Lãnh đạo", 3), ("Chủ trì", 3), ("Phối hợp", 4)):
        table.add_column(header, ratio=ratio, overflow="fold")
    table.add_column("Thực hiện", ratio=2)
    table.add_column("Hoàn thành", ratio=2)
    doubts = reading.doubts
    sections: tuple[str, ...] = ()
    for item in reading.plan.items:
        if item.sections != sections:
            sections = item.sections
            table.add_row("", Text(" › ".join(sections), style="bold cyan"), end_section=False)
        for part in (item, *item.parts):
            is_doubtful = part.code in doubts
            table.add_row(*_part_cells(part, is_part=part is not item), style="yellow" if is_doubtful else "")
    return table


def _part_cells(part: PlanPart, *, is_part: bool) -> list[Text]:
    cells = (
        part.code,
        f"{'↳ ' if is_part else ''}{part.content}",
        ", ".join(part.leaders),
        ", ".join(part.lead_units),
        ", ".join(part.coordinating_units) or part.coordinating_text,
        part.start_text,
        part.deadline_text,
    )
    return [Text(cell) for cell in cells]


def _findings_table(findings: tuple[Finding, ...]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, title="Điểm cần xem lại", title_justify="left")
    table.add_column("Mức")
    table.add_column("Ở đâu", max_width=24)
    table.add_column("Điều thấy được", ratio=3)
    table.add_column("Cách xử lý", ratio=2)
    for finding in findings:
        table.add_row(_SEVERITY[finding.severity], finding.place, Text(finding.message), Text(finding.cure))
    return table


def _scores_table(scores: tuple[FieldScore, ...]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, title="So với bản chuẩn", title_justify="left")
    table.add_column("Trường")
    for header in ("Chính xác", "Đầy đủ", "Đúng", "Đọc được", "Bản chuẩn", "Khác"):
        table.add_column(header, justify="right")
    for score in scores:
        is_low = min(score.precision, score.recall) < 0.98
        table.add_row(
            score.field,
            f"{score.precision:.4f}",
            f"{score.recall:.4f}",
            *(str(count) for count in (score.correct, score.given, score.expected, len(score.mismatches))),
            style="yellow" if is_low else "",
        )
    return table


def _reading_as_json(reading: Reading) -> dict[str, Any]:
    plan = reading.plan
    return {
        "title": plan.title,
        "number": plan.number,
        "issued_on": plan.issued_on.isoformat() if plan.issued_on else None,
        "issuer": plan.issuer,
        "year": plan.year,
        **as_gold(plan),
        "targets": [_target_as_json(row.code, target, read) for row, target, read in _kinds(plan)],
        "findings": [finding.as_json() for finding in reading.findings],
    }


def _kinds(plan: Plan) -> Iterator[tuple[PlanPart, Target, KindRead]]:
    for row, _ in rows_of(plan.items):
        for target, read in zip(row.targets, read_kinds(row.content, row.targets), strict=True):
            yield row, target, read


def _target_as_json(code: str, target: Target, read: KindRead) -> dict[str, Any]:
    """A target beside the code of its row, with its kind and why."""
    return {
        "code": code,
        "text": target.text,
        "value": f"{target.value.normalize():f}",
        "upper": None if target.upper is None else f"{target.upper.normalize():f}",
        "comparison": target.comparison.value,
        "measure": target.measure,
        "scope": target.scope,
        "kind": target.kind.value,
        "reason": read.reason,
        "is_doubtful": read.is_doubtful,
    }


def _score_as_json(score: FieldScore, worst: int) -> dict[str, Any]:
    mismatches = [{"code": one.code, "gold": one.gold, "read": one.read} for one in score.mismatches[:worst]]
    return {
        "precision": round(score.precision, 4),
        "recall": round(score.recall, 4),
        "correct": score.correct,
        "given": score.given,
        "expected": score.expected,
        **({"mismatches": mismatches} if mismatches else {}),
    }


def _printed(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _print_json(value: object) -> None:
    typer.echo(json.dumps(value, ensure_ascii=False, indent=2))
