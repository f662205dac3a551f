"""Prepares any file with a plan for loading: our workbook, a YAML file, or a plan document.

An invalid plan raises Refused with every problem; the form is there to show and to correct it.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from pathlib import Path

from workflow.domain.errors import UnreadablePlan
from workflow.domain.people.directory import Directory
from workflow.domain.plans.plan import Plan
from workflow.domain.words import Words
from workflow.importing.amending.amending import Amended, AmendmentKind, amended
from workflow.importing.amending.renumbering import pairs
from workflow.importing.cells.leaders import keeping_all_bindings
from workflow.importing.documents import open_document
from workflow.importing.files.plan_file import read_plan_yaml
from workflow.importing.files.proposal import propose_directory
from workflow.importing.form.checking import PlanProblem, RefusedPlan, faults
from workflow.importing.form.doubts import rows_of
from workflow.importing.form.filling import form_of
from workflow.importing.form.form import FormSheet, PlanForm
from workflow.importing.form.reading import Accepted, accept
from workflow.importing.form.workbook_reading import is_form, read_workbook
from workflow.importing.reading import Reading, read_plan
from workflow.importing.tables.table import Paragraph

YAML_ENDINGS = (".yaml", ".yml")


@dataclass(frozen=True, slots=True)
class Offer:
    """A plan that can be loaded, and the file it came in."""

    accepted: Accepted
    name: str
    sha256: str
    is_document: bool = False
    """Whether it was read from a plan document, which has no directory of its own."""


@dataclass(frozen=True, slots=True)
class DocumentReading:
    """A plan document read against its directory; with none known, against one proposed from the plan."""

    reading: Reading
    directory: Directory
    is_proposed: bool

    def form(self, source: str = "") -> PlanForm:
        """The form to show and mend the reading in."""
        findings = [finding.as_json() for finding in self.reading.findings]
        return form_of(self.reading.plan, self.directory, findings, source=source)


def read_document(
    source: Path | bytes, directory: Directory | None = None, *, year: int | None = None
) -> DocumentReading:
    """Reads a plan document. Raises UnreadablePlan where there is nothing of a plan in it."""
    if directory is not None:
        return DocumentReading(read_plan(source, directory=directory, year=year), directory, False)
    first = read_plan(source, year=year)
    proposed = propose_directory(first.plan.items, first.plan.issuer or "Đơn vị ban hành")
    return DocumentReading(read_plan(source, directory=proposed, year=year), proposed, True)


def offer(
    content: bytes,
    name: str,
    directory: Directory | None = None,
    *,
    year: int | None = None,
    running: Plan | None = None,
) -> Offer:
    """The plan in a file's bytes. Raises Refused with every problem, or UnreadablePlan.

    A plan document is read against `directory`, and the leaders' bindings of the `running` plan apply to it
    too; workbooks and YAML files have their own.
    """
    sha256 = sha256_of(content)
    if name.lower().endswith(YAML_ENDINGS):
        return Offer(read_plan_yaml(_text(content, name), name), name, sha256)
    form = form_in(content, name, directory, year=year, running=running)
    return Offer(accept(form), name, sha256, is_document=not brings_directory(content, name))


def form_in(
    content: bytes,
    name: str,
    directory: Directory | None = None,
    *,
    year: int | None = None,
    running: Plan | None = None,
) -> PlanForm:
    """The form of the plan in a file's bytes, to be mended before it is accepted.

    Raises UnreadablePlan, or Refused where a workbook or a YAML file can't even be laid out as a form.
    """
    if name.lower().endswith(YAML_ENDINGS):
        known = read_plan_yaml(_text(content, name), name)
        return form_of(known.plan, known.directory, known.findings, source=name)
    if _is_workbook(content):
        return read_workbook(content, name)
    read = read_document(content, directory, year=year)
    if running is not None:
        plan = read.reading.plan
        earlier = {pair.code: pair.before for pair in pairs(running.items, plan.items)}
        kept = keeping_all_bindings(plan, running, earlier)
        read = replace(read, reading=replace(read.reading, plan=kept))
    return read.form(name)


def amend_offer(
    content: bytes, name: str, running: Accepted, *, kind: AmendmentKind | None = None
) -> tuple[Amended, Accepted]:
    """The running plan amended by a later document: how each row was taken, and the plan to load.

    Raises Refused where the plan, so amended, could not stand.
    """
    found = _laid_over(content, name, running, kind)
    places = {one.code: one.place for one in found.taken}
    rows = [row.code for row, _ in rows_of(found.plan.items)]
    problems, notes = list[PlanProblem](), list[PlanProblem]()
    for fault in faults(found.plan, running.directory):
        code = rows[fault.at] if fault.sheet is FormSheet.ITEMS and 0 <= fault.at < len(rows) else ""
        where = ", ".join(part for part in (name, places.get(code, code)) if part)
        (notes if fault.is_note else problems).append(PlanProblem(where, fault.what, fault.cure))
    if problems:
        raise RefusedPlan(problems, where=name)
    touched = [
        note for note in notes if any(place and note.where.endswith(place) for place in places.values())
    ]
    return found, Accepted(found.plan, running.directory, notes=tuple(touched))


def amendment_form(content: bytes, name: str, running: Accepted) -> tuple[Amended, PlanForm]:
    """The same as `amend_offer`, to be mended before it is accepted: only what the document touches is
    doubtful."""
    found = _laid_over(content, name, running)
    form = form_of(found.plan, running.directory, running.findings, source=name)
    touched = {one.code for one in found.taken}
    rows = (
        row if {row["code"], row["parent"]} & touched else replace(row, doubts={})
        for row in form.rows(FormSheet.ITEMS)
    )
    return found, replace(form, sheets={**form.sheets, FormSheet.ITEMS: tuple(rows)})


def _laid_over(content: bytes, name: str, running: Accepted, kind: AmendmentKind | None = None) -> Amended:
    document: Plan
    lines: tuple[str, ...] = ()
    if brings_directory(content, name):
        document = offer(content, name).accepted.plan
    else:
        read = read_document(content, running.directory, year=running.plan.year)
        document = read.reading.plan
        blocks = open_document(content, name).blocks
        lines = tuple(block.text for block in blocks if isinstance(block, Paragraph))
    return amended(running.plan, document, lines, kind=kind)


def brings_directory(content: bytes, name: str) -> bool:
    """Whether a file has units and people in it, as workbooks of ours and YAML files do."""
    return name.lower().endswith(YAML_ENDINGS) or _is_workbook(content)


def sha256_of(content: bytes) -> str:
    """Returns the SHA-256 of a file's content, in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def bytes_of(path: Path) -> bytes:
    """A file's bytes; UnreadablePlan where it can't be opened."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise UnreadablePlan(
            Words("Không mở được tệp: %(value)s.", value=error.strerror or error),
            where=str(path),
            cure=Words("Hãy kiểm tra đường dẫn và quyền đọc tệp."),
        ) from None


def _is_workbook(content: bytes) -> bool:
    return content.startswith(b"PK") and is_form(content)


def _text(content: bytes, name: str) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UnreadablePlan(
            Words("Tệp không phải UTF-8."), where=name, cure=Words("Lưu lại bằng UTF-8.")
        ) from None
