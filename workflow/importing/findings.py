"""What a careful reader would ask about a plan: each finding with its place and what to do about it.

Findings never stop an import. They are computed from the outline and the values read from it, and are
worded in Vietnamese for the office that must settle them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from workflow.domain.plan import Plan, PlanPart, Schedule, ScheduleKind
from workflow.importing.columns import Column
from workflow.importing.names import is_person, split_units
from workflow.importing.numbering import Rank
from workflow.importing.rows import PlanRow
from workflow.importing.spellings import propose_spellings
from workflow.importing.structure import Heading, Outline
from workflow.importing.table import Place, Row
from workflow.importing.vocabulary import UnitKey, unit_key

_MOST_NAMES = 5


class FindingKind(StrEnum):
    """What kind of doubt a finding is."""

    COLUMNS_GUESSED = "columns-guessed"
    COLUMN_MISSING = "column-missing"
    COLUMN_LEFT_OUT = "column-left-out"
    CELLS_FILLED = "cells-filled"
    DITTO_UNRESOLVED = "ditto-unresolved"
    COUNT_DIFFERS = "count-differs"
    NUMBER_MISSING = "number-missing"
    NUMBER_REPEATED = "number-repeated"
    NUMBER_ABSENT = "number-absent"
    TWO_SPELLINGS = "two-spellings"
    LEADER_UNREAD = "leader-unread"
    LEAD_MISSING = "lead-missing"
    PERSON_AS_UNIT = "person-as-unit"
    UNITS_UNSPLIT = "units-unsplit"
    UNIT_UNKNOWN = "unit-unknown"
    TIME_UNREAD = "time-unread"
    BEYOND_YEAR = "beyond-year"
    DEADLINE_MISSING = "deadline-missing"
    ROW_LEFT_OUT = "row-left-out"


class Severity(StrEnum):
    """Whether a finding can change what people are asked to do."""

    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Finding:
    """One doubt: what it is, where, what to do, and the codes of the items and parts it is about."""

    kind: FindingKind
    severity: Severity
    place: str
    message: str
    cure: str
    codes: tuple[str, ...] = ()

    def as_json(self) -> dict[str, object]:
        """The form printed by `--json`."""
        return {
            "kind": self.kind.value,
            "severity": self.severity.value,
            "place": self.place,
            "message": self.message,
            "cure": self.cure,
            "codes": list(self.codes),
        }


@dataclass(frozen=True, slots=True)
class ReadRow:
    """A row beside what was read from it."""

    row: PlanRow
    read: PlanPart
    has_parts: bool = False
    leaders_as_written: tuple[str, ...] = ()
    unknown_units: tuple[str, ...] = ()
    """The names in its cells that the directory has no unit for."""

    @property
    def place(self) -> str:
        """Where the row stands."""
        return str(self.row.place)


def all_findings(
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
        *counts_that_differ(outline),
        *missing_numbers(outline),
        *odd_numbers(outline),
        *two_spellings(rows),
        *rows_left_out(strays),
    ]
    if has_directory:
        found += unknown_units(rows)
    for row in rows:
        found += people_and_units(row)
        found += times(row, plan.year, since or plan.year)
    order = list(FindingKind)
    return tuple(sorted(found, key=lambda finding: order.index(finding.kind)))


def counts_that_differ(outline: Outline) -> Iterator[Finding]:
    """Headings that promise another number of items than stand under them.

    A row without a number may or may not have been counted by the author, so both sums are allowed.
    """
    for heading in outline.headings:
        items = [item for item in outline.items if heading in item.path]
        promised = sum(declared.count for declared in heading.declared)
        if heading.declared and promised not in (len(items), sum(item.number is not None for item in items)):
            said = ", ".join(f"{declared.count} {declared.of}" for declared in heading.declared)
            yield Finding(
                FindingKind.COUNT_DIFFERS,
                Severity.WARNING,
                str(heading.place),
                f"Mục {heading.code} ghi {said}, nhưng biểu có {len(items)}.",
                "Đối chiếu với bản gốc: biểu thiếu hoặc thừa dòng, hay con số ở tiêu đề chưa được sửa.",
            )


def missing_numbers(outline: Outline) -> Iterator[Finding]:
    """Numbers left out between the first and the last of a run: 1.9 between 1.8 and 1.10."""
    runs: dict[tuple[str, str], dict[int, Place]] = defaultdict(dict)
    labelled = [(heading.code, heading.label, heading.place) for heading in outline.headings]
    labelled += [(item.code, item.row.label, item.row.place) for item in outline.items]
    for code, label, place in labelled:
        if label.kind is Rank.DECIMAL and label.ordinal is not None:
            run = runs[code.rpartition(".")[0], label.text.rpartition(".")[0]]
            run.setdefault(label.ordinal, place)
    for (section, stem), run in runs.items():
        gaps = [number for number in range(min(run), max(run)) if number not in run]
        if not gaps:
            continue
        place = run[min(number for number in run if number > gaps[0])]
        names = _listed([f"{stem}.{number}" if stem else str(number) for number in gaps])
        yield Finding(
            FindingKind.NUMBER_MISSING,
            Severity.WARNING,
            str(place),
            f"{f'Mục {section}' if section else 'Biểu'} không có số {names}.",
            "Đối chiếu với bản gốc: dòng bị sót khi quét, hay kế hoạch bỏ qua số này.",
        )


def odd_numbers(outline: Outline) -> Iterator[Finding]:
    """Rows without a number, and numbers that stand twice."""
    seen: dict[tuple[tuple[Heading, ...], str], str] = {}
    absent = [item for item in outline.items if item.number is None]
    if absent and len(absent) == len(outline.items):
        yield Finding(
            FindingKind.NUMBER_ABSENT,
            Severity.NOTE,
            str(absent[0].row.place.through(absent[-1].row.place)),
            f"Biểu không đánh số: {len(absent)} nội dung được đánh số theo thứ tự dòng.",
            "Đánh số các dòng trong bản gốc nếu cần số khác.",
        )
    for item in outline.items:
        place = str(item.row.place)
        if item.number is None:
            if len(absent) < len(outline.items):
                yield Finding(
                    FindingKind.NUMBER_ABSENT,
                    Severity.NOTE,
                    place,
                    f"Dòng không có số thứ tự, tạm mang mã {item.code}.",
                    "Xác nhận đây là một nội dung riêng, không phải phần tiếp của dòng trên.",
                    (item.code,),
                )
        elif first := seen.get((item.path, item.number)):
            yield Finding(
                FindingKind.NUMBER_REPEATED,
                Severity.WARNING,
                place,
                f"Số {item.number} đã dùng cho {first}; dòng này tạm mang mã {item.code}.",
                "Sửa lại số thứ tự theo bản gốc.",
                (first, item.code),
            )
        else:
            seen[item.path, item.number] = item.code


def two_spellings(rows: Sequence[ReadRow]) -> Iterator[Finding]:
    """Two spellings that are, or may be, one leader."""
    written = [(name, row) for row in rows for name in row.leaders_as_written]
    for proposal in propose_spellings(name for name, _ in written):
        there = [row for name, row in written if name == proposal.spelling]
        done = "Đã gộp" if proposal.certain else "Chưa gộp"
        yield Finding(
            FindingKind.TWO_SPELLINGS,
            Severity.WARNING,
            _places(there),
            f"“{proposal.spelling}” ({proposal.uses} dòng) và “{proposal.instead}” "
            f"({proposal.uses_instead} dòng) có thể là một người. {done} thành “{proposal.instead}”.",
            "Xác nhận cách viết đúng; nếu là hai người, sửa tên trong danh bạ.",
            tuple(row.read.code for row in there),
        )


def rows_left_out(strays: Iterable[Row]) -> Iterator[Finding]:
    """Rows of the table that are neither heading nor item."""
    for row in strays:
        text = " | ".join(text for text in row.texts if text)
        yield Finding(
            FindingKind.ROW_LEFT_OUT,
            Severity.NOTE,
            str(row.place),
            f"Bỏ qua dòng không phải tiêu đề hay nội dung: “{_short(text)}”.",
            "Nếu đây là một nội dung của kế hoạch, hãy đánh số cho dòng này.",
        )


def unknown_units(rows: Sequence[ReadRow]) -> Iterator[Finding]:
    """Unit names that the directory has no unit for: each body once with its rows, the vague ones together."""
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
                _places([row for _, row in where]),
                f"“{where[0][0]}” ({len(where)} dòng) không có trong danh bạ.",
                "Thêm đơn vị vào danh bạ, hoặc thêm tên này làm tên gọi khác của một đơn vị đã có.",
                tuple(row.read.code for _, row in where),
            )
    if vague:
        names = list(dict.fromkeys(name[0].lower() + name[1:] for name, _ in vague))
        said = ", ".join(f"“{name}”" for name in names[:_MOST_NAMES])
        more = f" và {len(names) - _MOST_NAMES} cách gọi khác" if len(names) > _MOST_NAMES else ""
        yield Finding(
            # These ask nobody in particular: nothing in the directory could answer.
            FindingKind.UNIT_UNKNOWN,
            Severity.NOTE,
            _places([row for _, row in vague]),
            f"{said}{more} không chỉ rõ đơn vị nào: không ai được hỏi xác nhận.",
            "Nếu cần một đơn vị xác nhận, ghi rõ tên đơn vị đó.",
            tuple(dict.fromkeys(row.read.code for _, row in vague)),
        )


def people_and_units(row: ReadRow) -> Iterator[Finding]:
    """Leaders and units of one row that could not be read as such."""
    read = row.read

    def finding(kind: FindingKind, severity: Severity, message: str, cure: str) -> Finding:
        return Finding(kind, severity, row.place, f"{read.code}: {message}", cure, (read.code,))

    leader = row.row[Column.LEADER].flat
    if leader and not read.leaders:
        yield finding(
            FindingKind.LEADER_UNREAD,
            Severity.WARNING,
            f"không đọc được lãnh đạo phụ trách trong “{_short(leader)}”.",
            "Ghi họ tên từng người, mỗi người một dòng.",
        )
    if Column.LEAD in row.row.cells and not row.row[Column.LEAD].text and not row.has_parts:
        yield finding(
            FindingKind.LEAD_MISSING,
            Severity.WARNING,
            "không có đơn vị chủ trì.",
            "Ghi đơn vị phải báo cáo kết quả nội dung này.",
        )
    for column, role in ((Column.LEAD, "chủ trì"), (Column.COORDINATING, "phối hợp")):
        text = row.row[column].flat
        if text and split_units(row.row[column].text) is None:
            if is_person(text):
                yield finding(
                    FindingKind.PERSON_AS_UNIT,
                    Severity.WARNING,
                    f"cột đơn vị {role} ghi một người: “{_short(text)}”.",
                    "Thay bằng đơn vị của người đó, hoặc thêm người đó vào danh bạ.",
                )
            else:
                yield finding(
                    FindingKind.UNITS_UNSPLIT,
                    Severity.NOTE,
                    f"cột đơn vị {role} là lời văn, không tách được đơn vị: “{_short(text)}”.",
                    f"Ghi tên các đơn vị {role}, cách nhau bằng dấu phẩy.",
                )


def times(row: ReadRow, year: int, since: int) -> Iterator[Finding]:
    """Times of one row that can't be read, lie outside the plan's year, or are missing."""
    read = row.read
    cells = {read.start_text: read.start, read.deadline_text: read.deadline}
    for text, schedule in cells.items():
        if text and schedule is None:
            yield Finding(
                FindingKind.TIME_UNREAD,
                Severity.WARNING,
                row.place,
                f"{read.code}: không đọc được thời gian “{_short(text)}”.",
                "Ghi tháng, quý, ngày hoặc chu kỳ, ví dụ “Tháng 6/2023”, “Quý II/2023”, “Hàng tháng”.",
                (read.code,),
            )
        elif schedule and (outside := _year_outside(schedule, since, year)):
            yield Finding(
                FindingKind.BEYOND_YEAR,
                Severity.WARNING,
                row.place,
                f"{read.code}: “{_short(text)}” thuộc năm {outside}, ngoài năm kế hoạch {year}.",
                "Xác nhận thời gian này, hoặc sửa năm theo bản gốc.",
                (read.code,),
            )
    has_column = Column.START in row.row.cells or Column.DEADLINE in row.row.cells
    if has_column and not read.deadline_text and not row.has_parts and not _is_bounded(read.start):
        has_span = read.start is not None
        yield Finding(
            FindingKind.DEADLINE_MISSING,
            Severity.NOTE if has_span else Severity.WARNING,
            row.place,
            f"{read.code}: không có thời gian hoàn thành{'' if has_span else ' lẫn thời gian thực hiện'}.",
            "Ghi thời hạn; nếu để trống, nội dung được báo cáo ở mọi kỳ đến hết năm.",
            (read.code,),
        )


def by_code(findings: Iterable[Finding]) -> Mapping[str, tuple[Finding, ...]]:
    """The findings about each item and part."""
    found: dict[str, tuple[Finding, ...]] = {}
    for finding in findings:
        for code in dict.fromkeys(finding.codes):
            found[code] = (*found.get(code, ()), finding)
    return found


def _is_bounded(schedule: Schedule | None) -> bool:
    """Whether a start alone says enough: a cadence goes round all year, milestones name their days."""
    return schedule is not None and schedule.kind in (ScheduleKind.CADENCE, ScheduleKind.MILESTONES)


def _year_outside(schedule: Schedule, since: int, year: int) -> int | None:
    days = (schedule.first, schedule.last, *schedule.dates)
    return next((day.year for day in days if day and not since <= day.year <= year), None)


def _places(rows: Sequence[ReadRow], limit: int = 3) -> str:
    named = [row.place for row in rows[:limit]]
    return ", ".join(named) + (f" và {len(rows) - limit} dòng khác" if len(rows) > limit else "")


def _listed(names: Sequence[str]) -> str:
    return " và ".join(part for part in (", ".join(names[:-1]), names[-1]) if part)


def _short(text: str, limit: int = 80) -> str:
    return text if len(text) <= limit else f"{text[: limit - 1].rstrip()}…"
