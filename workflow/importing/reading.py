"""From a document to a checked plan: opens it, finds its rows, reads its cells, and says what is doubtful.

Each step is a module of its own; this one only joins them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from workflow.domain.directory import Directory
from workflow.domain.errors import UnreadablePlan
from workflow.domain.plan import Plan, PlanItem, PlanPart, Section
from workflow.importing.columns import Column
from workflow.importing.documents import open_document
from workflow.importing.findings import Finding, ReadRow, all_findings, by_code
from workflow.importing.gathering import PlanRows, plan_rows
from workflow.importing.matching import Matcher
from workflow.importing.metadata import read_metadata
from workflow.importing.names import read_leaders, split_units
from workflow.importing.phrases import read_schedule
from workflow.importing.rows import PlanRow
from workflow.importing.spellings import settle_spellings
from workflow.importing.structure import Outline, OutlineItem, outline
from workflow.importing.targets import read_targets


@dataclass(frozen=True, slots=True)
class Reading:
    """A plan as read, and every doubt about it."""

    plan: Plan
    findings: tuple[Finding, ...] = ()

    @property
    def doubts(self) -> Mapping[str, tuple[Finding, ...]]:
        """The findings about each item and part, by its code."""
        return by_code(self.findings)


def read_plan(
    source: Path | str | bytes, *, directory: Directory | None = None, year: int | None = None
) -> Reading:
    """Read a plan document; `UnreadablePlan` only where nothing of a plan can be found in it.

    Unit names get the directory's ids where one is given. `year` overrides the year the document names,
    which times without a year belong to.
    """
    document = open_document(source)
    found = plan_rows(document)
    structure = outline(found.rows)
    if not structure.items:
        raise UnreadablePlan(
            "Không tìm thấy biểu kế hoạch trong tệp.",
            where=document.name,
            cure="Tệp cần một bảng có dòng tiêu đề, với cột nội dung và cột đơn vị chủ trì, phối hợp "
            "hoặc thời gian; các cột cách nhau bằng phím Tab.",
        )
    about = read_metadata(document)
    if (year := year or about.year) is None:
        raise UnreadablePlan(
            "Không biết kế hoạch của năm nào.", where=document.name, cure="Ghi rõ năm bằng tùy chọn --year."
        )
    reader = _CellReader(found, structure, year, Matcher(directory) if directory else None)
    items = tuple(reader.item(item) for item in structure.items)
    plan = Plan(
        title=about.title,
        year=year,
        number=about.number,
        issued_on=about.issued_on,
        issuer=about.issuer,
        sections=tuple(Section(h.code, h.title, h.declared) for h in structure.headings),
        items=items,
    )
    findings = all_findings(
        plan, structure, reader.rows(items), found.strays, has_directory=directory is not None
    )
    return Reading(plan, findings)


class _CellReader:
    """Reads the cells of rows; remembers what the whole plan decides, such as one spelling a person."""

    def __init__(self, found: PlanRows, structure: Outline, year: int, matcher: Matcher | None) -> None:
        self._structure = structure
        self._year = year
        self._matcher = matcher
        # A lone time column says both when to work and by when: `Thời gian thực hiện: Quý II`.

        leaders = [read_leaders(row[Column.LEADER].text) for row in found.rows]
        self._spellings = settle_spellings(name for names in leaders for name in names)

    def item(self, item: OutlineItem) -> PlanItem:
        """The item, with its parts."""
        read = self._part(item.code, item.row.content.text, item.row)
        fields = {name: getattr(read, name) for name in PlanPart.__slots__}
        return PlanItem(
            **fields,
            number=item.number,
            sections=tuple(heading.printed for heading in item.path),
            section_codes=tuple(heading.code for heading in item.path),
            parts=tuple(self._part(part.code, part.row.unbulleted, part.row) for part in item.parts),
            source=str(item.row.place),
        )

    def rows(self, items: Sequence[PlanItem]) -> tuple[ReadRow, ...]:
        """Each row beside what was read from it; a row that is item and first part stands once."""
        found: list[ReadRow] = []
        for item, read in zip(self._structure.items, items, strict=True):
            found.append(self._read_row(item.row, read, has_parts=bool(item.parts)))
            found += [
                self._read_row(part.row, read_part)
                for part, read_part in zip(item.parts, read.parts, strict=True)
                if part.row is not item.row
            ]
        return tuple(found)

    def _read_row(self, row: PlanRow, read: PlanPart, *, has_parts: bool = False) -> ReadRow:
        units = (*read.lead_units, *read.coordinating_units)
        unknown = [name for name, unit_id in zip(units, self._ids(units), strict=True) if unit_id is None]
        return ReadRow(row, read, has_parts, read_leaders(row[Column.LEADER].text), tuple(unknown))

    def _part(self, code: str, content: str, row: PlanRow) -> PlanPart:
        lead_units = self._lead_units(row)
        coordinating = split_units(row[Column.COORDINATING].text) or ()
        start = row[Column.START]
        # A lone time column says both when to work and by when: `Thời gian thực hiện: Quý II`.
        deadline = row[Column.DEADLINE] if Column.DEADLINE in row.cells else start
        leaders = read_leaders(row[Column.LEADER].text)
        return PlanPart(
            code=code,
            content=content,
            leaders=tuple(dict.fromkeys(self._spellings.get(name, name) for name in leaders)),
            lead_units=lead_units,
            lead_ids=self._ids(lead_units),
            coordinating_units=coordinating,
            coordinating_ids=tuple(dict.fromkeys(found for found in self._ids(coordinating) if found)),
            coordinating_text=row[Column.COORDINATING].flat,
            start_text=start.flat,
            start=read_schedule(start.text, self._year) if start.text else None,
            deadline_text=deadline.flat,
            deadline=read_schedule(deadline.text, self._year) if deadline.text else None,
            targets=read_targets(content),
            result=row[Column.RESULT].flat,
            note=row[Column.NOTE].flat,
        )

    def _lead_units(self, row: PlanRow) -> tuple[str, ...]:
        """The lead units; a cell that can't be split is one unit, for somebody must answer for the item."""
        cell = row[Column.LEAD]
        units = split_units(cell.text)
        return units if units is not None else (cell.flat,)

    def _ids(self, names: tuple[str, ...]) -> tuple[str | None, ...]:
        return self._matcher.ids(names) if self._matcher else (None,) * len(names)
