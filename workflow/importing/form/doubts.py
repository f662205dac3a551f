"""Which cells of an item a person should look at: the findings of the reading, each put to its cell,
and what the directory does not know for certain."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from workflow.domain.people.directory import Directory
from workflow.domain.plans.plan import NOBODY, PlanItem, PlanPart, Schedule
from workflow.domain.words import Words
from workflow.importing.cells.leaders import LeaderMatch, LeaderMatcher, Likeness
from workflow.importing.cells.matching import Matcher, MatchKind
from workflow.importing.cells.vocabulary import unit_key
from workflow.importing.findings.findings import FindingKind, Severity
from workflow.importing.findings.kind_findings import KIND_CURE, kind_questions
from workflow.importing.form.form import ASKED, NO_ONE, NOT_YET, SEPARATOR, Doubt, person_cell

FindingRecord = Mapping[str, Any]
"""A finding in the form of `Finding.as_json`, as stored with a plan."""
Doubts = Mapping[str, tuple[Doubt, ...]]

_CELLS: Mapping[str, str] = {
    FindingKind.NUMBER_ABSENT: "code",
    FindingKind.NUMBER_REPEATED: "code",
    FindingKind.TWO_SPELLINGS: "leaders",
    FindingKind.LEADER_UNREAD: "leaders",
    FindingKind.LEAD_MISSING: "lead",
    FindingKind.DEADLINE_MISSING: "deadline",
}
"""The cell a finding is about, where its kind alone decides."""
_SIDES = frozenset({FindingKind.PERSON_AS_UNIT, FindingKind.UNITS_UNSPLIT})
_BY_CELLS = frozenset(
    {FindingKind.UNIT_UNKNOWN, FindingKind.TIME_UNREAD, FindingKind.BEYOND_YEAR, FindingKind.KIND_IN_DOUBT}
)
"""Computed again from the cells below: only they decide which of two cells it is."""


class Doubter:
    """Computes the doubts about each row of one plan."""

    def __init__(self, directory: Directory, findings: Sequence[FindingRecord], year: int) -> None:
        self._matcher = Matcher(directory)
        self._names = {unit.id: unit.name for unit in directory.units}
        self._people = LeaderMatcher(directory)
        self._by_email = {person.email: person for person in directory.persons}
        self._year = year
        self._findings: dict[str, list[FindingRecord]] = {}
        for finding in findings:
            for code in finding.get("codes", ()):
                self._findings.setdefault(code, []).append(finding)

    def doubts(self, row: PlanPart) -> Doubts:
        """The doubts about a row, by the column of the cell they are about."""
        found: dict[str, list[Doubt]] = {}
        for look in (self._from_findings, self._leaders, self._units, self._times):
            for key, doubt in look(row):
                if doubt.why not in {one.why for one in found.get(key, ())}:
                    found.setdefault(key, []).append(doubt)
        return {key: tuple(doubts) for key, doubts in found.items()}

    def kinds(self, row: PlanPart) -> tuple[tuple[Doubt, ...], ...]:
        """The doubts about the kind of each target of the row, as long as the finding about it is open."""
        open_ones = {
            str(said_of(row.code, finding["message"])): finding["severity"] == Severity.WARNING
            for finding in self._findings.get(row.code, ())
            if finding["kind"] == FindingKind.KIND_IN_DOUBT
        }
        return tuple(
            (Doubt(why, KIND_CURE, open_ones[str(why)]),) if why and str(why) in open_ones else ()
            for why in kind_questions(row)
        )

    def units_bound(self, row: PlanPart) -> dict[str, str]:
        """The units of the row, by their printed names, that matching their text would not return."""
        return self._matcher.bound_otherwise(row)

    def who_leads(self, row: PlanPart) -> str:
        """The cell that says who the row's leaders are, a line for each."""
        lines = []
        for name, said in row.led_by:
            if said == NOBODY:
                lines.append(NO_ONE)
            elif person := self._by_email.get(said or ""):
                lines.append(person_cell(person.name, person.email))
            else:
                is_asked = bool(said) or self._people.match(name).likeness is not Likeness.NONE
                lines.append(ASKED if is_asked else NOT_YET)
        return SEPARATOR.join(lines)

    def _leaders(self, row: PlanPart) -> Iterator[tuple[str, Doubt]]:
        for name, said in row.led_by:
            if said == NOBODY or said in self._by_email:
                continue
            if said:
                why = Words(
                    "“%(name)s” đã gắn với %(email)s, nay không còn trong danh bạ.", name=name, email=said
                )
                yield "leader_ids", Doubt(why, WHO_CURE)
            else:
                match = self._people.match(name)
                yield (
                    "leader_ids",
                    Doubt(who_is_asked(name, match), WHO_CURE, is_grave=match.likeness is not Likeness.NONE),
                )

    def _from_findings(self, row: PlanPart) -> Iterator[tuple[str, Doubt]]:
        for finding in self._findings.get(row.code, ()):
            if (kind := finding["kind"]) in _BY_CELLS:
                continue
            message = said_of(row.code, finding["message"])
            key = _CELLS.get(kind, "content")
            if kind in _SIDES:
                key = "coordinating" if "phối hợp" in message else "lead"
            is_grave = finding["severity"] == Severity.WARNING
            yield key, Doubt(message, finding["cure"], is_grave)

    def _units(self, row: PlanPart) -> Iterator[tuple[str, Doubt]]:
        bound = self.units_bound(row)
        for key, names in (("lead", row.lead_units), ("coordinating", row.coordinating_units)):
            unknown: list[str] = []
            for name in names:
                if name in bound:
                    continue
                match = self._matcher.match(name)
                if match.how is MatchKind.NONE and name:
                    unknown.append(name)
                elif match.how is MatchKind.LIKENESS and match.unit_id:
                    why = Words(
                        "“%(name)s” được hiểu là “%(unit)s” vì gần giống (%(likeness)s).",
                        name=name,
                        unit=self._names[match.unit_id],
                        likeness=f"{match.confidence:.0%}",
                    )
                    cure = Words("Nếu không phải, chọn đúng đơn vị trong danh sách.")
                    yield key, Doubt(why, cure)
            if unknown:
                yield key, _unknown(unknown, is_lead=key == "lead")

    def _times(self, row: PlanPart) -> Iterator[tuple[str, Doubt]]:
        cells: tuple[tuple[str, str, Schedule | None], ...] = (
            ("start", row.start_text, row.start),
            ("deadline", row.deadline_text, row.deadline),
        )
        for key, text, schedule in cells:
            if text and schedule is None:
                yield (
                    key,
                    Doubt(
                        Words("Không đọc được thời gian “%(text)s”.", text=text),
                        Words(
                            "Ghi tháng, quý, ngày hoặc chu kỳ, ví dụ “Tháng 6”, “Quý II”, “Hằng tháng”; "
                            "chưa rõ thì chọn “Theo kế hoạch”."
                        ),
                    ),
                )
            elif schedule and (year := _year_outside(schedule, self._year)):
                yield (
                    f"{key}_read",
                    Doubt(
                        Words(
                            "Thuộc năm %(year)s, ngoài năm kế hoạch %(plan_year)s.",
                            year=year,
                            plan_year=self._year,
                        ),
                        Words("Xác nhận, hoặc sửa năm theo bản gốc."),
                    ),
                )


def _unknown(names: Sequence[str], *, is_lead: bool) -> Doubt:
    listed = ", ".join(f"“{name}”" for name in names)
    return Doubt(
        Words("%(listed)s không có ở trang Đơn vị.", listed=listed)
        if is_lead
        else Words("%(listed)s không có ở trang Đơn vị: không được hỏi xác nhận.", listed=listed),
        Words("Chọn đơn vị trong danh sách, hoặc thêm vào trang Đơn vị."),
        is_grave=is_lead or not all(unit_key(name).is_vague for name in names),
    )


WHO_CURE = Words("Chọn người trong danh bạ, hoặc chọn “không ai” nếu không có trong danh bạ.")


def who_is_asked(name: str, match: LeaderMatch) -> Words:
    """Why it is not certain who a leader is."""
    offered = Words.joined([person_cell(one.name, one.email) for one in match.offered], by="; ")
    match match.likeness:
        case Likeness.NAMESAKES:
            return Words("Danh bạ có nhiều người tên “%(name)s”: %(offered)s.", name=name, offered=offered)
        case Likeness.NONE:
            return Words(
                "Không ai ở trang Người nhận tên là “%(name)s”: việc trễ không báo tới người này.", name=name
            )
        case Likeness.TITLE:
            return Words("“%(name)s” là chức danh của %(offered)s?", name=name, offered=offered)
        case Likeness.SAME:
            return Words(
                "“%(name)s” chưa được gắn với ai; có phải là %(offered)s?", name=name, offered=offered
            )
    return Words("Không ai có đúng họ tên “%(name)s”; có phải là %(offered)s?", name=name, offered=offered)


def said_of(code: str, message: str) -> str:
    """A finding's message as shown beside the row of that code: without the code."""
    if isinstance(message, Words) and message.values.get("code") == code and "what" in message.values:
        what: str = message.values["what"]
        return what
    words = message.removeprefix(f"{code}: ")
    return words[:1].upper() + words[1:]


def doubts_text(doubts: Doubts, title: Callable[[str], str]) -> str:
    """The doubts of a row as the text of one cell, one a line, each with the `title` of its column."""
    lines = [f"{title(key)}: {doubt.why}" for key, found in doubts.items() for doubt in found]
    return "\n".join(lines)


def rows_of(items: Sequence[PlanItem]) -> Iterator[tuple[PlanPart, PlanItem | None]]:
    """Each item and each part beside the item it is a part of, in the plan's order."""
    for item in items:
        yield item, None
        for part in item.parts:
            yield part, item


def _year_outside(schedule: Schedule, year: int) -> int | None:
    days = (schedule.first, schedule.last, *schedule.dates)
    return next((day.year for day in days if day and day.year != year), None)
