"""Makes DOCX, XLSX, PDF, HTML and Markdown of a plan's table, laid out as offices lay them out.

Headings are merged across, a leader who stands in neighbouring rows is merged down over them, and the
longest row is broken in two as a page break leaves it (in the PDF the pages break rows by themselves).

    python -m tests.importing.make_documents [TEXT] [FOLDER]
"""

from __future__ import annotations

import html
import io
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import docx
import openpyxl
from docx.enum.section import WD_ORIENT
from docx.shared import Cm, Pt
from openpyxl.styles import Alignment, Font

from workflow.importing.documents import open_document
from workflow.importing.tables.columns import Column
from workflow.importing.tables.gathering import plan_rows
from workflow.importing.tables.rows import PlanRow
from workflow.sample import plan_path

SOFFICE = shutil.which("soffice")
COLUMNS = {
    Column.NUMBER: "TT",
    Column.CONTENT: "Nội dung",
    Column.LEADER: "Lãnh đạo phụ trách",
    Column.LEAD: "Đơn vị chủ trì",
    Column.COORDINATING: "Đơn vị phối hợp",
    Column.START: "Thời gian thực hiện",
    Column.DEADLINE: "Thời gian hoàn thành",
}
WIDTHS_CM = (1.4, 8.2, 4.4, 3.2, 4.2, 2.6, 2.6)
_LEADER = list(COLUMNS).index(Column.LEADER)


@dataclass(frozen=True, slots=True)
class Line:
    """A row to be made: its texts, whether it is bold, and which of its cells are merged how far."""

    texts: tuple[str, ...]
    is_bold: bool = False
    is_merged_across: bool = False
    leader_rows: int = 1
    """Over how many rows the leader's cell goes; 0 where one above goes over this row."""


@dataclass(frozen=True, slots=True)
class Made:
    """A plan to be made: the lines above and below its table, and the table."""

    above: tuple[str, ...]
    lines: tuple[Line, ...]
    below: tuple[str, ...]


def plan_to_make(source: Path | bytes, *, is_broken: bool = True) -> Made:
    """The plan in a text, its rows whole; with `is_broken` its longest row is broken in two."""
    document = open_document(source)
    found = plan_rows(document).rows
    lines = [_line(row) for row in found]
    if is_broken:
        lines = _with_break(lines)
    tables = [at for at, block in enumerate(document.blocks) if block in document.tables]
    above = tuple(block.text for block in document.blocks[: tables[0]] if hasattr(block, "text"))
    below = tuple(block.text for block in document.blocks[tables[-1] + 1 :] if hasattr(block, "text"))
    return Made(above, tuple(_with_leaders_merged(lines)), below)


def _line(row: PlanRow) -> Line:
    texts = tuple(row.number if column is Column.NUMBER else row[column].text for column in COLUMNS)
    is_heading = not row.has_work
    return Line(texts, row.content.is_bold, is_heading)


def _with_break(lines: list[Line]) -> list[Line]:
    """The lines with the longest item's content going on in a row of its own."""
    at = max(range(len(lines)), key=lambda at: len(lines[at].texts[1]) if lines[at].texts[0] else 0)
    words = lines[at].texts[1].split(" ")
    first, rest = " ".join(words[: len(words) // 2]), " ".join(words[len(words) // 2 :])
    texts = lines[at].texts
    whole = Line((texts[0], first, *texts[2:]), lines[at].is_bold)
    return [*lines[:at], whole, Line(("", rest, "", "", "", "", "")), *lines[at + 1 :]]


def _with_leaders_merged(lines: list[Line]) -> Iterator[Line]:
    at = 0
    while at < len(lines):
        end = at + 1
        leader = lines[at].texts[_LEADER]
        while leader and end < len(lines) and lines[end].texts[_LEADER] == leader:
            end += 1
        for index in range(at, end):
            line = lines[index]
            rows = end - at if index == at else 0
            yield Line(line.texts, line.is_bold, line.is_merged_across, rows)
        at = end


def as_html(made: Made) -> bytes:
    """The plan as a web page."""
    rows = ["<thead><tr>", *(f"<th>{header}</th>" for header in COLUMNS.values()), "</tr></thead><tbody>"]
    for line in made.lines:
        rows.append("<tr>")
        for column, text in enumerate(line.texts):
            if line.is_merged_across and column > 1:
                break
            if column == _LEADER and not line.leader_rows:
                continue
            shown = "<br>".join(map(html.escape, text.split("\n")))
            spans = f' colspan="{len(COLUMNS) - 1}"' if line.is_merged_across and column == 1 else ""
            if column == _LEADER and line.leader_rows > 1:
                spans = f' rowspan="{line.leader_rows}"'
            rows.append(f"<td{spans}>{f'<b>{shown}</b>' if line.is_bold and shown else shown}</td>")
        rows.append("</tr>")
    above, below = (
        "".join(f"<p>{html.escape(text)}</p>" for text in texts) for texts in (made.above, made.below)
    )
    page = f"{above}<table border='1'>{''.join(rows)}</tbody></table>{below}"
    return f"<!DOCTYPE html><html><head><meta charset='utf-8'></head><body>{page}</body></html>".encode()


def as_docx(made: Made) -> bytes:
    """The plan as a Word file, A4 across, its header repeated on every page."""
    document = docx.Document()
    section = document.sections[0]
    section.orientation = WD_ORIENT.LANDSCAPE
    section.page_width, section.page_height = Cm(29.7), Cm(21)
    section.left_margin = section.right_margin = Cm(1.5)
    document.styles["Normal"].font.name = "Liberation Serif"
    document.styles["Normal"].font.size = Pt(11)
    for text in made.above:
        document.add_paragraph(text)
    table = document.add_table(1 + len(made.lines), len(COLUMNS), style="Table Grid")
    table.autofit = False
    grid = [row.cells for row in table.rows]
    header = table.rows[0]._tr.get_or_add_trPr()
    header.append(header.makeelement(f"{{{header.nsmap['w']}}}tblHeader", {}))
    for cells, line in zip(grid, [Line(tuple(COLUMNS.values()), is_bold=True), *made.lines], strict=True):
        for column, (cell, text) in enumerate(zip(cells, line.texts, strict=True)):
            cell.width = Cm(WIDTHS_CM[column])
            if column != _LEADER or line.leader_rows:
                _fill(cell, text, is_bold=line.is_bold)
    for at, line in enumerate(made.lines, 1):
        if line.is_merged_across:
            for cell in grid[at][2:]:
                cell._tc.clear_content()
                cell._tc.add_p()
            grid[at][1].merge(grid[at][-1])
        elif line.leader_rows > 1:
            grid[at][_LEADER].merge(grid[at + line.leader_rows - 1][_LEADER])
    for text in made.below:
        document.add_paragraph(text)
    return _saved(document)


def _fill(cell: docx.table._Cell, text: str, *, is_bold: bool) -> None:
    for at, part in enumerate(text.split("\n")):
        paragraph = cell.add_paragraph() if at else cell.paragraphs[0]
        paragraph.paragraph_format.space_after = Pt(0)
        run = paragraph.add_run(part)
        run.bold = is_bold or None


def as_xlsx(made: Made) -> bytes:
    """The plan as a workbook: the lines above its table in merged rows, then the table."""
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    for text in made.above:
        sheet.append([text])
        sheet.merge_cells(start_row=sheet.max_row, end_row=sheet.max_row, start_column=1, end_column=7)
    sheet.append(list(COLUMNS.values()))
    for line in made.lines:
        sheet.append([text or None for text in line.texts])
        row = sheet.max_row
        for cell in sheet[row]:
            cell.font = Font(bold=line.is_bold)
            cell.alignment = Alignment(wrap_text=True)
        if line.is_merged_across:
            sheet.merge_cells(start_row=row, end_row=row, start_column=2, end_column=len(COLUMNS))
    first = len(made.above) + 2
    for row, line in enumerate(made.lines, first):
        if line.leader_rows > 1:
            sheet.merge_cells(
                start_row=row,
                end_row=row + line.leader_rows - 1,
                start_column=_LEADER + 1,
                end_column=_LEADER + 1,
            )
    for text in made.below:
        sheet.append([text])
    return _saved(workbook)


def as_markdown(made: Made) -> bytes:
    """The plan as Markdown; it has no merged cells, so each stands where it begins or in every row."""
    rows = [tuple(COLUMNS.values()), tuple("---" for _ in COLUMNS)]
    rows += [
        tuple(f"**{text}**" if line.is_bold and text else text.replace("\n", "<br>") for text in line.texts)
        for line in made.lines
    ]
    table = [f"| {' | '.join(row)} |" for row in rows]
    return "\n\n".join([*made.above, "\n".join(table), *made.below]).encode()


def as_bars(made: Made) -> bytes:
    """The plan as lines with bars between the cells."""
    rows = [tuple(COLUMNS.values()), *(line.texts for line in made.lines)]
    table = ["|".join(text.replace("\n", " ") for text in row) for row in rows]
    return "\n".join([*made.above, "", *table, "", *made.below]).encode()


def as_pdf(word_file: bytes, password: str = "") -> bytes:
    """A Word file as LibreOffice prints it, locked with a password where one is given."""
    options = {
        "EncryptFile": {"type": "boolean", "value": "true"},
        "DocumentOpenPassword": {"type": "string", "value": password},
    }
    target = f"pdf:writer_pdf_Export:{json.dumps(options)}" if password else "pdf"
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "plan.docx"
        source.write_bytes(word_file)
        profile = f"-env:UserInstallation=file://{folder}/profile"
        subprocess.run(
            [SOFFICE or "soffice", profile, "--headless", "--convert-to", target, "--outdir", folder, source],
            check=True,
            capture_output=True,
            timeout=180,
        )
        return source.with_suffix(".pdf").read_bytes()


def _saved(document: docx.document.Document | openpyxl.Workbook) -> bytes:
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


MAKERS = {
    "docx": as_docx,
    "xlsx": as_xlsx,
    "html": as_html,
    "md": as_markdown,
    "bars.txt": as_bars,
    "pdf": lambda made: as_pdf(as_docx(made)),
}


def main() -> None:
    """Write the plan in every format."""
    source = Path(sys.argv[1]) if len(sys.argv) > 1 else plan_path()
    folder = Path(sys.argv[2] if len(sys.argv) > 2 else "made")
    folder.mkdir(exist_ok=True)
    for ending, make in MAKERS.items():
        made = plan_to_make(source, is_broken=ending != "pdf")
        (folder / f"{source.stem}.{ending}").write_bytes(make(made))


if __name__ == "__main__":
    main()
