"""From a document to a checked plan: opens it, finds its rows, reads its cells, and reports doubts.

Each step is a module of its own; this one only joins them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from workflow.domain.errors import UnreadablePlan
from workflow.domain.people.directory import Directory
from workflow.domain.people.person_names import same_name
from workflow.domain.plans.plan import Plan, PlanItem, PlanPart, Schedule, Section, without_last_nones
from workflow.domain.words import Words
from workflow.importing.cells.leaders import LeaderMatcher
from workflow.importing.cells.matching import Matcher
from workflow.importing.cells.names import read_leaders, split_units
from workflow.importing.cells.phrases import read_schedule
from workflow.importing.cells.spellings import settle_spellings
from workflow.importing.cells.target_kinds import targets_of
from workflow.importing.documents import open_document
from workflow.importing.findings.findings import Finding, by_code
from workflow.importing.findings.item_findings import ReadRow, item_findings
from workflow.importing.findings.refusal import nothing_found
from workflow.importing.findings.table_findings import cells_unread, table_findings
from workflow.importing.tables.columns import Column
from workflow.importing.tables.gathering import PlanRows, plan_rows
from workflow.importing.tables.metadata import read_metadata
from workflow.importing.tables.rows import PlanRow
from workflow.importing.tables.structure import Outline, OutlineItem, TableHeading, outline
from workflow.importing.tables.table import Cell

ISSUER = "Cấp trình, ban hành"
"""The words in a note before the body that is to issue or decide."""
SCHOOL_BEGINS = 7
"""The month in which a school year's work begins."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A plan as read, with every finding about it."""

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
        raise nothing_found(document)
    about = read_metadata(document)
    if (year := year or about.year) is None:
        raise UnreadablePlan(
            Words("Không biết kế hoạch của năm nào."),
            where=document.name,
            cure=Words("Ghi rõ năm bằng tùy chọn --year."),
        )
    since = about.since if year == about.year else None
    reader = _CellReader(
        found,
        structure,
        year,
        since,
        Matcher(directory) if directory else None,
        LeaderMatcher(directory) if directory else None,
    )
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
    findings = item_findings(
        plan,
        structure,
        reader.rows(items),
        found.strays,
        has_directory=directory is not None,
        since=since,
    )
    return Reading(plan, (*cells_unread(document.remarks), *table_findings(found), *findings))


class _CellReader:
    """Reads the cells of rows; remembers what the whole plan decides, such as one spelling a person."""

    def __init__(
        self,
        found: PlanRows,
        structure: Outline,
        year: int,
        since: int | None,
        matcher: Matcher | None,
        people: LeaderMatcher | None,
    ) -> None:
        self._structure = structure
        self._year = year
        self._since = since
        self._matcher = matcher
        self._people = people
        # A lone time column says both when to work and by when: `Thời gian thực hiện: Quý II`.

        leaders = [read_leaders(row[Column.LEADER].text) for row in found.rows]
        self._spellings = settle_spellings(name for names in leaders for name in names)

    def item(self, item: OutlineItem) -> PlanItem:
        """The item, with its parts."""
        content = item.row.content.text if item.number else item.row.unbulleted
        time = self._heading_time(item.path)
        read = self._part(item.code, content, item.row, time)
        fields = {name: getattr(read, name) for name in PlanPart.__slots__}
        return PlanItem(
            **fields,
            number=item.number,
            sections=tuple(heading.printed for heading in item.path),
            section_codes=tuple(heading.code for heading in item.path),
            parts=tuple(self._part(part.code, part.row.unbulleted, part.row, time) for part in item.parts),
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

    def _part(self, code: str, content: str, row: PlanRow, time: Cell) -> PlanPart:
        lead_units = self._lead_units(row)
        coordinating = split_units(row[Column.COORDINATING].text) or ()
        start = row[Column.START]
        if not start.text and not row[Column.DEADLINE].text:
            start = time
        # A lone time column says both when to work and by when: `Thời gian thực hiện: Quý II`.
        deadline = row[Column.DEADLINE] if Column.DEADLINE in row.cells and start is not time else start
        leaders = self._leaders(row)
        issuer = row[Column.ISSUER].flat
        return PlanPart(
            code=code,
            content=content,
            leaders=tuple(leaders),
            leader_ids=without_last_nones(list(leaders.values())),
            lead_units=lead_units,
            lead_ids=self._ids(lead_units),
            coordinating_units=coordinating,
            coordinating_ids=tuple(dict.fromkeys(found for found in self._ids(coordinating) if found)),
            coordinating_text=row[Column.COORDINATING].flat,
            start_text=start.flat,
            start=self._schedule(start.text),
            deadline_text=deadline.flat,
            deadline=self._schedule(deadline.text),
            targets=targets_of(content),
            result=row[Column.RESULT].flat,
            note="; ".join(
                text for text in (row[Column.NOTE].flat, issuer and f"{ISSUER}: {issuer}") if text
            ),
        )

    def _leaders(self, row: PlanRow) -> dict[str, str | None]:
        """The leaders, each in the plan's spelling, and their persons. Only the name as printed identifies a
        person: whether a rare spelling means the usual one's person is a question for somebody."""
        found: dict[str, str | None] = {}
        for printed in read_leaders(row[Column.LEADER].text):
            person = self._people.match(printed).person if self._people else None
            name = self._spellings.get(printed, printed)
            if person is not None and not same_name(printed, name):
                name = printed  # two persons of the directory, however alike
            found[name] = found.get(name) or (person.email if person else None)
        return found

    def _heading_time(self, path: Sequence[TableHeading]) -> Cell:
        """The time the headings give to items without one of their own: `THÁNG 9/2024`; else nothing."""
        for heading in reversed(path):
            if self._schedule(heading.title):
                return Cell(heading.title, heading.place)
        return Cell()

    def _schedule(self, text: str) -> Schedule | None:
        """The schedule in a time cell; in a school year the second half of a year is its first part."""
        found = read_schedule(text, self._year) if text else None
        if found is None or self._since is None:
            return found
        day = next((day for day in (found.first, found.last, *found.dates) if day), None)
        is_early = day is not None and day.year == self._year and day.month >= SCHOOL_BEGINS
        return read_schedule(text, self._since) if is_early else found

    def _lead_units(self, row: PlanRow) -> tuple[str, ...]:
        """The lead units; a cell that can't be split is one unit, for somebody must answer for the item."""
        cell = row[Column.LEAD]
        units = split_units(cell.text)
        return units if units is not None else (cell.flat,)

    def _ids(self, names: tuple[str, ...]) -> tuple[str | None, ...]:
        return self._matcher.ids(names) if self._matcher else (None,) * len(names)
