"""What changed in a report since the version that a unit or a member last answered."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection

from workflow.domain.cycles.cycle import Choice, Verdict
from workflow.domain.results.figures import Figure
from workflow.domain.vietnamese import day, quantity
from workflow.domain.words import Words
from workflow.storage.cycles.said import (
    PartReport,
    SubmissionRow,
    ballots_of,
    confirmations_of,
    submissions_of,
)
from workflow.storage.duties.persons_page import Owed


@dataclass(frozen=True, slots=True)
class ReportChange:
    """Something a newer version says otherwise. `what` is its label, or the code of a part; `is_text` where
    both sides are running text."""

    what: str
    before: str
    after: str
    is_text: bool = False


@dataclass(frozen=True, slots=True)
class LastAnswer:
    """What was answered last, and on which version."""

    version: int
    said: Verdict | Choice
    reason: str


@dataclass(frozen=True, slots=True)
class CameBack:
    """An earlier answer, and the changes since, in the form's order."""

    answer: LastAnswer
    changes: tuple[ReportChange, ...]


Key = tuple[int, int]
"""(cycle, the unit or the member who answered)."""


def answered_before(tx: Connection, owed: Owed, person_id: int) -> dict[Key, CameBack]:
    """For what the person is asked again: the last answer of the unit or member, on an earlier version."""
    asked = {one.cycle.id: one.cycle.version for one in owed.to_confirm}
    asked |= {one.cycle.id: one.cycle.version for one in owed.to_vote}
    again = [cycle for cycle, version in asked.items() if version > 1]
    if not again:
        return {}
    words, cast = confirmations_of(tx, again), ballots_of(tx, again)
    last: dict[Key, LastAnswer] = {}
    for confirm in owed.to_confirm:
        for word in words.get(confirm.cycle.id, ()):
            if word.unit_id == confirm.unit_id:
                _keep(
                    last, (word.cycle_id, word.unit_id), LastAnswer(word.version, word.verdict, word.reason)
                )
    for vote in owed.to_vote:
        for ballot in cast.get(vote.cycle.id, ()):
            if ballot.person_id == (vote.member_id or person_id):
                answer = LastAnswer(ballot.version, ballot.choice, ballot.reason)
                _keep(last, (ballot.cycle_id, ballot.person_id), answer)
    stale = {key: one for key, one in last.items() if one.version < asked[key[0]]}
    reports = _by_version(tx, {cycle for cycle, _ in stale})
    return {
        key: CameBack(one, changes(reports[key[0], one.version], reports[key[0], asked[key[0]]]))
        for key, one in stale.items()
    }


def _keep(last: dict[Key, LastAnswer], key: Key, answer: LastAnswer) -> None:
    if key not in last or last[key].version < answer.version:
        last[key] = answer


def _by_version(tx: Connection, cycle_ids: Collection[int]) -> dict[tuple[int, int], SubmissionRow]:
    found = submissions_of(tx, cycle_ids, every_version=True)
    return {(one.cycle_id, one.version): one for rows in found.values() for one in rows}


def changes(before: SubmissionRow, after: SubmissionRow) -> tuple[ReportChange, ...]:
    """What the later version says otherwise."""
    found = [
        ReportChange(Words("Tiến độ"), f"{before.progress}%", f"{after.progress}%"),
        ReportChange(Words("Tình hình"), before.reported.label, after.reported.label),
        ReportChange(Words("Ngày hoàn thành"), _day(before.done_on), _day(after.done_on)),
    ]
    for old, new in zip(before.figures, after.figures, strict=True):
        found.append(ReportChange(new.text, _reached(old), _reached(new)))
    found += [
        ReportChange(Words("Kết quả"), before.body, after.body, is_text=True),
        ReportChange(Words("Khó khăn, vướng mắc"), before.difficulties, after.difficulties, is_text=True),
        ReportChange(Words("Đề xuất, kiến nghị"), before.proposals, after.proposals, is_text=True),
    ]
    for was, now in zip(before.parts, after.parts, strict=True):
        found.append(ReportChange(now.part.code, _share(was), _share(now)))
        found.append(ReportChange(now.part.code, was.body, now.body, is_text=True))
    reasons = Words("Chỗ khác thường, đơn vị đã nêu lý do")
    found.append(ReportChange(reasons, _reasons(before), _reasons(after), is_text=True))
    kept = {one.sha256 for one in before.evidence} & {one.sha256 for one in after.evidence}
    found.append(ReportChange(Words("Tài liệu minh chứng"), _names(before, kept), _names(after, kept)))
    return tuple(one for one in found if one.before != one.after)


def _day(value: date | None) -> str:
    return day(value) if value else ""


def _reached(figure: Figure) -> str:
    return "" if figure.reached is None else quantity(figure.reached, figure.measure)


def _reasons(report: SubmissionRow) -> str:
    return Words.joined((Words.joined((one.told, one.reason)) for one in report.oddities), by="\n")


def _share(part: PartReport) -> str:
    return "" if part.progress is None else f"{part.progress}%"


def _names(report: SubmissionRow, but: Collection[str]) -> str:
    return ", ".join(one.name for one in report.evidence if one.sha256 not in but)
