"""Findings about a plan's items: who is unknown or missing, which time is odd.

Computed from the rows and the values read from them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from workflow.domain.plans.plan import Plan, PlanPart, Schedule, ScheduleKind
from workflow.domain.words import Words
from workflow.importing.cells.names import is_person, split_units
from workflow.importing.cells.spellings import propose_spellings
from workflow.importing.cells.vocabulary import UnitKey, unit_key
from workflow.importing.findings.figure_findings import figures_in_doubt
from workflow.importing.findings.findings import Finding, FindingKind, Severity, of_row, places_said, quoted
from workflow.importing.findings.kind_findings import kinds_in_doubt
from workflow.importing.findings.number_findings import number_findings
from workflow.importing.tables.columns import Column
from workflow.importing.tables.rows import PlanRow
from workflow.importing.tables.structure import Outline
from workflow.importing.tables.table import Row

_MOST_NAMES = 5


@dataclass(frozen=True, slots=True)
class ReadRow:
    """A row with the item or part read from it."""

    row: PlanRow
    read: PlanPart
    has_parts: bool = False
    leaders_as_written: tuple[str, ...] = ()
    unknown_units: tuple[str, ...] = ()
    """The names in its cells that the directory has no unit for."""

    @property
    def place(self) -> str:
        """The row's place in the source."""
        return str(self.row.place)


def item_findings(
    plan: Plan,
    outline: Outline,
    rows: Sequence[ReadRow],
    strays: Iterable[Row],
    *,
    has_directory: bool,
    since: int | None = None,
) -> tuple[Finding, ...]:
    """Every finding about a plan's items, the kinds in the order of `FindingKind`.

    `since` is the year a plan begins in that runs over two, as a school's does.
    """
    found = [
        *number_findings(outline),
        *two_spellings(rows),
        *rows_left_out(strays),
    ]
    if has_directory:
        found += unknown_units(rows)
    for row in rows:
        found += people_and_units(row)
        found += times(row, plan.year, since or plan.year)
        found += kinds_in_doubt(row.read, row.place)
        found += figures_in_doubt(row.read, row.place)
    order = list(FindingKind)
    return tuple(sorted(found, key=lambda finding: order.index(finding.kind)))


def two_spellings(rows: Sequence[ReadRow]) -> Iterator[Finding]:
    """Two spellings that are, or may be, one leader."""
    written = [(name, row) for row in rows for name in row.leaders_as_written]
    for proposal in propose_spellings(name for name, _ in written):
        there = [row for name, row in written if name == proposal.spelling]
        done = Words("Đã gộp") if proposal.certain else Words("Chưa gộp")
        yield Finding(
            FindingKind.TWO_SPELLINGS,
            Severity.WARNING,
            places_said(row.row.place for row in there),
            Words(
                "“%(spelling)s” (%(uses)s dòng) và “%(instead)s” (%(uses_instead)s dòng) có thể là một "
                "người. %(done)s thành “%(instead)s”.",
                spelling=proposal.spelling,
                uses=proposal.uses,
                instead=proposal.instead,
                uses_instead=proposal.uses_instead,
                done=done,
            ),
            Words("Xác nhận cách viết đúng; nếu là hai người, sửa tên trong danh bạ."),
            tuple(row.read.code for row in there),
        )


def rows_left_out(strays: Iterable[Row]) -> Iterator[Finding]:
    """Reports rows of the table that are neither heading nor item."""
    for row in strays:
        text = " | ".join(text for text in row.texts if text)
        yield Finding(
            FindingKind.ROW_LEFT_OUT,
            Severity.NOTE,
            str(row.place),
            Words("Bỏ qua dòng không phải tiêu đề hay nội dung: %(text)s.", text=quoted(text)),
            Words("Nếu đây là một nội dung của kế hoạch, hãy đánh số cho dòng này."),
        )


def unknown_units(rows: Sequence[ReadRow]) -> Iterator[Finding]:
    """Reports unit names without a unit in the directory: each body once, the vague ones together."""
    there: dict[UnitKey, list[tuple[str, ReadRow]]] = defaultdict(list)
    for row in rows:
        for name in row.unknown_units:
            there[unit_key(name)].append((name, row))
    vague = [named for key, where in there.items() if key.is_vague for named in where]
    for key, where in there.items():
        if not key.is_vague:
            yield Finding(
                FindingKind.UNIT_UNKNOWN,
                Severity.WARNING,
                places_said(row.row.place for _, row in where),
                Words("“%(where)s” (%(n)s dòng) không có trong danh bạ.", where=where[0][0], n=len(where)),
                Words("Thêm đơn vị vào danh bạ, hoặc thêm tên này làm tên gọi khác của một đơn vị đã có."),
                tuple(row.read.code for _, row in where),
            )
    if vague:
        names = list(dict.fromkeys(name[0].lower() + name[1:] for name, _ in vague))
        said = ", ".join(f"“{name}”" for name in names[:_MOST_NAMES])
        more = (
            Words(" và %(n)s cách gọi khác", n=len(names) - _MOST_NAMES) if len(names) > _MOST_NAMES else ""
        )
        yield Finding(
            # These ask nobody in particular: nothing in the directory could answer.
            FindingKind.UNIT_UNKNOWN,
            Severity.NOTE,
            places_said(row.row.place for _, row in vague),
            Words(
                "%(said)s%(more)s không chỉ rõ đơn vị nào: không ai được hỏi xác nhận.", said=said, more=more
            ),
            Words("Nếu cần một đơn vị xác nhận, ghi rõ tên đơn vị đó."),
            tuple(dict.fromkeys(row.read.code for _, row in vague)),
        )


def people_and_units(row: ReadRow) -> Iterator[Finding]:
    """Reports leaders and units of one row that could not be parsed."""
    read = row.read

    def finding(kind: FindingKind, severity: Severity, what: str, cure: str) -> Finding:
        return Finding(kind, severity, row.place, of_row(read.code, what), cure, (read.code,))

    leader = row.row[Column.LEADER].flat
    if leader and not read.leaders:
        yield finding(
            FindingKind.LEADER_UNREAD,
            Severity.WARNING,
            Words("Không đọc được lãnh đạo phụ trách trong %(leader)s.", leader=quoted(leader)),
            Words("Ghi họ tên từng người, mỗi người một dòng."),
        )
    if Column.LEAD in row.row.cells and not row.row[Column.LEAD].text and not row.has_parts:
        yield finding(
            FindingKind.LEAD_MISSING,
            Severity.WARNING,
            Words("Không có đơn vị chủ trì."),
            Words("Ghi đơn vị phải báo cáo kết quả nội dung này."),
        )
    for column, role in ((Column.LEAD, Words("chủ trì")), (Column.COORDINATING, Words("phối hợp"))):
        text = row.row[column].flat
        if text and split_units(row.row[column].text) is None:
            if is_person(text):
                yield finding(
                    FindingKind.PERSON_AS_UNIT,
                    Severity.WARNING,
                    Words("Cột đơn vị %(role)s ghi một người: %(text)s.", role=role, text=quoted(text)),
                    Words("Thay bằng đơn vị của người đó, hoặc thêm người đó vào danh bạ."),
                )
            else:
                yield finding(
                    FindingKind.UNITS_UNSPLIT,
                    Severity.NOTE,
                    Words(
                        "Cột đơn vị %(role)s là lời văn, không tách được đơn vị: %(text)s.",
                        role=role,
                        text=quoted(text),
                    ),
                    Words("Ghi tên các đơn vị %(role)s, cách nhau bằng dấu phẩy.", role=role),
                )


def times(row: ReadRow, year: int, since: int) -> Iterator[Finding]:
    """Reports times of one row that can't be parsed, lie outside the plan's year, or are missing."""
    read = row.read
    cells = {read.start_text: read.start, read.deadline_text: read.deadline}
    for text, schedule in cells.items():
        if text and schedule is None:
            yield Finding(
                FindingKind.TIME_UNREAD,
                Severity.WARNING,
                row.place,
                of_row(read.code, Words("Không đọc được thời gian %(text)s.", text=quoted(text))),
                Words("Ghi tháng, quý, ngày hoặc chu kỳ, ví dụ “Tháng 6/2023”, “Quý II/2023”, “Hàng tháng”."),
                (read.code,),
            )
        elif schedule and (outside := _year_outside(schedule, since, year)):
            yield Finding(
                FindingKind.BEYOND_YEAR,
                Severity.WARNING,
                row.place,
                of_row(
                    read.code,
                    Words(
                        "%(text)s thuộc năm %(outside)s, ngoài năm kế hoạch %(year)s.",
                        text=quoted(text),
                        outside=outside,
                        year=year,
                    ),
                ),
                Words("Xác nhận thời gian này, hoặc sửa năm theo bản gốc."),
                (read.code,),
            )
    has_column = Column.START in row.row.cells or Column.DEADLINE in row.row.cells
    if has_column and not read.deadline_text and not row.has_parts and not _is_bounded(read.start):
        has_span = read.start is not None
        yield Finding(
            FindingKind.DEADLINE_MISSING,
            Severity.NOTE if has_span else Severity.WARNING,
            row.place,
            of_row(
                read.code,
                Words("Không có thời gian hoàn thành.")
                if has_span
                else Words("Không có thời gian hoàn thành lẫn thời gian thực hiện."),
            ),
            Words("Ghi thời hạn; nếu để trống, nội dung được báo cáo ở mọi kỳ đến hết năm."),
            (read.code,),
        )


def _is_bounded(schedule: Schedule | None) -> bool:
    """Whether the schedule needs no deadline: a cadence repeats all year, milestones have their own days."""
    return schedule is not None and schedule.kind in (ScheduleKind.CADENCE, ScheduleKind.MILESTONES)


def _year_outside(schedule: Schedule, since: int, year: int) -> int | None:
    days = (schedule.first, schedule.last, *schedule.dates)
    return next((day.year for day in days if day and not since <= day.year <= year), None)
