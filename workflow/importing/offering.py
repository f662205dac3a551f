"""Any file a plan may come in, made ready to load: a workbook of ours, a YAML file, or a plan document.

What can't stand raises Refused with every problem; the form is there to show and to mend it in.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from workflow.domain.directory import Directory
from workflow.domain.errors import UnreadablePlan
from workflow.domain.plan import Plan
from workflow.importing.amending import Amended, AmendmentKind, amended
from workflow.importing.checking import Problem, Refused, faults
from workflow.importing.directory_file import propose_directory
from workflow.importing.documents import open_document
from workflow.importing.doubts import rows_of
from workflow.importing.form import Form, Sheet
from workflow.importing.form_filling import form_of
from workflow.importing.form_reading import Accepted, accept
from workflow.importing.plan_file import read_plan_yaml
from workflow.importing.reading import Reading, read_plan
from workflow.importing.table import Paragraph
from workflow.importing.workbook_reading import is_form, read_workbook

YAML_ENDINGS = (".yaml", ".yml")


@dataclass(frozen=True, slots=True)
class Offer:
    """A plan that can be loaded, and the file it came in."""

    accepted: Accepted
    name: str
    sha256: str
    is_document: bool = False
    """Whether it was read from a plan document, so that its directory is only what was known before."""


@dataclass(frozen=True, slots=True)
class DocumentReading:
    """A plan document read against its directory; with none known, against one proposed from the plan."""

    reading: Reading
    directory: Directory
    is_proposed: bool

    def form(self, source: str = "") -> Form:
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


def offer(content: bytes, name: str, directory: Directory | None = None, *, year: int | None = None) -> Offer:
    """The plan in a file's bytes. Raises Refused with every problem, or UnreadablePlan.

    `directory` is what a plan document is read against; workbooks and YAML files bring their own.
    """
    sha256 = sha256_of(content)
    if name.lower().endswith(YAML_ENDINGS):
        return Offer(read_plan_yaml(_text(content, name), name), name, sha256)
    if content.startswith(b"PK") and is_form(content):
        return Offer(accept(read_workbook(content, name)), name, sha256)
    read = read_document(content, directory, year=year)
    return Offer(accept(read.form(name)), name, sha256, is_document=True)


def amend_offer(
    content: bytes, name: str, running: Accepted, *, kind: AmendmentKind | None = None
) -> tuple[Amended, Accepted]:
    """The running plan amended by a later document: how each row was taken, and the plan to load.

    Raises Refused where the plan, so amended, could not stand.
    """
    document: Plan
    lines: tuple[str, ...] = ()
    if name.lower().endswith(YAML_ENDINGS) or (content.startswith(b"PK") and is_form(content)):
        document = offer(content, name).accepted.plan
    else:
        read = read_document(content, running.directory, year=running.plan.year)
        document = read.reading.plan
        blocks = open_document(content, name).blocks
        lines = tuple(block.text for block in blocks if isinstance(block, Paragraph))
    found = amended(running.plan, document, lines, kind=kind)
    places = {one.code: one.place for one in found.taken}
    rows = [row.code for row, _ in rows_of(found.plan.items)]
    problems, notes = list[Problem](), list[Problem]()
    for fault in faults(found.plan, running.directory):
        code = rows[fault.at] if fault.sheet is Sheet.ITEMS and 0 <= fault.at < len(rows) else ""
        where = ", ".join(part for part in (name, places.get(code, code)) if part)
        (notes if fault.is_note else problems).append(Problem(where, fault.what, fault.cure))
    if problems:
        raise Refused(problems, where=name)
    touched = [
        note for note in notes if any(place and note.where.endswith(place) for place in places.values())
    ]
    return found, Accepted(found.plan, running.directory, notes=tuple(touched))


def sha256_of(content: bytes) -> str:
    """What names a file's content."""
    return hashlib.sha256(content).hexdigest()


def bytes_of(path: Path) -> bytes:
    """A file's bytes; UnreadablePlan where it can't be opened."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise UnreadablePlan(
            f"Không mở được tệp: {error.strerror or error}.",
            where=str(path),
            cure="Hãy kiểm tra đường dẫn và quyền đọc tệp.",
        ) from None


def _text(content: bytes, name: str) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UnreadablePlan("Tệp không phải UTF-8.", where=name, cure="Lưu lại bằng UTF-8.") from None
