"""Whom the rules propose for a commendation, each with the reasons line by line: why, or why not.

The rule only proposes: the council votes, and who may decide decides. What is asked for is
`workflow.domain.scores.award_rules`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from workflow.domain.results.record import CycleRecord, Status, UnitRef, plan_order
from workflow.domain.rules.routing_rules import PeriodKind
from workflow.domain.scores.award_rules import Award, Whom
from workflow.domain.scores.score_difference import ScoreChange
from workflow.domain.scores.score_lines import UnitScore
from workflow.domain.vietnamese import alphabetical, count, joined, number, percent

_UNDONE = (Status.OVERDUE, Status.NO_REPORT)


@dataclass(frozen=True, slots=True)
class Handed:
    """A first report that a person handed in for a unit."""

    person_id: int
    name: str
    title: str
    unit: UnitRef
    is_on_time: bool
    returns: int
    """How often it was sent back."""


@dataclass(frozen=True, slots=True)
class Ground:
    """One condition of a commendation, and whether it is met."""

    text: str
    is_met: bool


@dataclass(frozen=True, slots=True)
class Candidacy:
    """A unit or a person considered for one commendation: proposed where every ground is met. `place` counts
    from 1 among those of the cluster who meet all conditions but the limit on their number."""

    award: str
    award_title: str
    whom: Whom
    unit: UnitRef
    person_id: int | None
    name: str
    title: str
    grounds: tuple[Ground, ...]
    place: int | None = None

    @property
    def is_proposed(self) -> bool:
        """Whether the rule proposes them."""
        return all(ground.is_met for ground in self.grounds)

    @property
    def subject(self) -> str:
        """Names the candidacy in its period."""
        who = f"u{self.unit.id}" if self.person_id is None else f"p{self.person_id}"
        return f"{self.award}:{who}"


@dataclass(frozen=True, slots=True)
class CommendationFacts:
    """The input of a period's proposals. `quarters` are, by unit, the labels and grades of the year's closed
    quarters."""

    kind: PeriodKind
    scores: Sequence[UnitScore]
    records: Sequence[CycleRecord]
    handed: Sequence[Handed] = ()
    quarters: Mapping[int, Sequence[tuple[str, str]]] | None = None


@dataclass(frozen=True, slots=True)
class _Person:
    """What a person handed in, for the unit they handed in most for."""

    id: int
    name: str
    title: str
    unit: UnitRef
    reports: int
    on_time: int
    returns: int


def propose(awards: Sequence[Award], facts: CommendationFacts) -> tuple[Candidacy, ...]:
    """Everyone considered for each commendation of the period: those proposed first, each cluster in turn."""
    scores = {one.unit.id: one for one in facts.scores}
    undone = _undone(facts.records)
    people = _people(facts.handed)
    found: list[Candidacy] = []
    for award in awards:
        if not award.is_of(facts.kind):
            continue
        considered: dict[str, list[tuple[Any, Candidacy]]] = {}
        if award.whom is Whom.UNIT:
            for score in facts.scores:
                grounds = tuple(_of_unit(award, score, facts, undone.get(score.unit.id, ())))
                one = Candidacy(
                    award.code, award.title, award.whom, score.unit, None, score.unit.name, "", grounds
                )
                considered.setdefault(score.unit.cluster, []).append(((score.rank or 1_000_000,), one))
        else:
            for person in people:
                own = scores.get(person.unit.id)
                grounds = (
                    *_of_person(award, person),
                    *_of_persons_unit(award, person, own, facts, undone.get(person.unit.id, ())),
                )
                one = Candidacy(
                    award.code,
                    award.title,
                    award.whom,
                    person.unit,
                    person.id,
                    person.name,
                    person.title,
                    grounds,
                )
                strength = (
                    -Fraction(person.on_time, person.reports),
                    person.returns,
                    -person.reports,
                    own.rank if own and own.rank else 1_000_000,
                )
                considered.setdefault(person.unit.cluster, []).append((strength, one))
        for cluster in sorted(considered, key=alphabetical):
            found += _limited(award, considered[cluster])
    return tuple(found)


def _undone(records: Iterable[CycleRecord]) -> dict[int, list[str]]:
    """The codes of the items each main lead unit is behind with, in the plan's order."""
    found: dict[int, dict[str, None]] = {}
    for record in sorted(records, key=plan_order):
        if record.status in _UNDONE and record.leads:
            found.setdefault(record.leads[0].id, {})[record.code] = None
    return {unit: list(codes) for unit, codes in found.items()}


def _people(handed: Iterable[Handed]) -> list[_Person]:
    by_person: dict[int, list[Handed]] = {}
    for one in handed:
        by_person.setdefault(one.person_id, []).append(one)
    found = []
    for person_id, reports in by_person.items():
        units: dict[UnitRef, int] = {}
        for one in reports:
            units[one.unit] = units.get(one.unit, 0) + 1
        main = min(units, key=lambda unit: (-units[unit], unit.id))
        first = min(reports, key=lambda one: (one.name, one.title))
        found.append(
            _Person(
                person_id,
                first.name,
                first.title,
                main,
                len(reports),
                sum(one.is_on_time for one in reports),
                sum(one.returns for one in reports),
            )
        )
    return found


def _of_unit(
    award: Award, score: UnitScore, facts: CommendationFacts, undone: Sequence[str]
) -> Iterator[Ground]:
    if score.rank is None and award.looks_at_unit:
        yield Ground(f"Không xếp hạng trong kỳ. {score.rank_reason}".strip(), False)
    elif award.looks_at_unit:
        yield from _of_score(award, score)
    if award.quarters and facts.kind is PeriodKind.YEAR:
        yield _of_quarters(award, (facts.quarters or {}).get(score.unit.id, ()))
    if award.bars_missed_critical:
        text = f"Chưa đạt nội dung then chốt {joined(score.missed)}." if score.missed else ""
        yield Ground(text or "Không có nội dung then chốt chưa đạt.", not text)
    if award.bars_overdue:
        text = ""
        if undone:
            text = f"Còn {count(len(undone))} nội dung quá hạn hoặc không báo cáo: {joined(undone, 5)}."
        yield Ground(text or "Không có nội dung quá hạn hoặc không báo cáo.", not text)


def _of_score(award: Award, score: UnitScore) -> Iterator[Ground]:
    if award.grades:
        grade = score.grade or "không xếp loại"
        is_met = score.grade in award.grades
        text = f"Xếp loại “{grade}”"
        yield Ground(f"{text}." if is_met else f"{text}, chưa đến “{award.least_grade}”.", is_met)
    if award.rank:
        assert score.rank is not None
        is_met = score.rank <= award.rank
        only = "" if is_met else "chỉ "
        yield Ground(
            f"Hạng {score.rank} trên {count(score.ranked)} đơn vị của cụm, {only}xét đến hạng {award.rank}.",
            is_met,
        )
    if award.points is not None:
        lacking = award.points - score.total
        text = f"Tổng {number(score.total)} điểm"
        if lacking > 0:
            yield Ground(f"{text}, hụt {number(lacking)} điểm so với mức {number(award.points)}.", False)
        else:
            yield Ground(f"{text}, mức xét từ {number(award.points)}.", True)


def _of_quarters(award: Award, quarters: Sequence[tuple[str, str]]) -> Ground:
    reached = [label for label, grade in quarters if grade in award.grades]
    text = f"{count(len(reached))} quý xếp loại từ “{award.least_grade}” trở lên"
    if reached:
        text += f" ({joined(reached)})"
    is_met = len(reached) >= award.quarters
    lacking = "" if is_met else f", hụt {count(award.quarters - len(reached))} quý"
    return Ground(f"{text}, cần {count(award.quarters)}{lacking}.", is_met)


def _of_person(award: Award, person: _Person) -> Iterator[Ground]:
    if award.reports:
        text = f"Đã gửi {count(person.reports)} báo cáo, cần ít nhất {count(award.reports)}."
        yield Ground(text, person.reports >= award.reports)
    if award.on_time is not None:
        share = Fraction(person.on_time, person.reports)
        text = f"Đúng hạn {count(person.on_time)} trên {count(person.reports)} báo cáo ({percent(share)})"
        yield Ground(f"{text}, cần từ {percent(award.on_time)}.", share >= award.on_time)
    if award.returns is not None:
        text = f"Báo cáo bị trả lại {count(person.returns)} lần, chỉ xét đến {count(award.returns)} lần."
        if not person.returns:
            text = "Không báo cáo nào bị trả lại."
        yield Ground(text, person.returns <= award.returns)


def _of_persons_unit(
    award: Award, person: _Person, score: UnitScore | None, facts: CommendationFacts, undone: Sequence[str]
) -> Iterator[Ground]:
    if score is None:
        if award.looks_at_unit:
            yield Ground(f"{person.unit.name} không có điểm trong kỳ.", False)
        return
    for ground in _of_unit(award, score, facts, undone):
        text = ground.text[0].lower() + ground.text[1:]
        yield replace(ground, text=f"{person.unit.name}: {text}")


def _limited(award: Award, considered: list[tuple[Any, Candidacy]]) -> list[Candidacy]:
    """The cluster's candidacies, each with a ground on the limit of their number. Equals who do not all fit
    are all left out; no lot is drawn between them."""
    n = len(considered)
    seats = award.seats(n)
    fit = [(strength, one) for strength, one in considered if one.is_proposed]
    found = []
    for strength, one in considered:
        if not one.is_proposed:
            found.append(one)
            continue
        place = 1 + sum(other < strength for other, _ in fit)
        one = replace(one, place=place)
        if seats is not None and award.most is not None:
            up_to = sum(other <= strength for other, _ in fit)
            limit = f"{percent(award.most)} của {count(n)} {'đơn vị' if award.whom is Whom.UNIT else 'người'}"
            is_met = up_to <= seats
            text = f"{'Trong' if is_met else 'Quá'} mức {limit} trong cụm: nhiều nhất {count(seats)}"
            equals = sum(other == strength for other, _ in fit)
            shared = f" (đồng hạng {count(equals)} trường hợp)" if equals > 1 else ""
            text += f", xếp thứ {place}{shared} trong {count(len(fit))} trường hợp đủ điều kiện."
            one = replace(one, grounds=(*one.grounds, Ground(text, is_met)))
        found.append(one)
    by_strength = {one.subject: strength for strength, one in considered}
    return sorted(
        found,
        key=lambda one: (
            not one.is_proposed,
            one.place is None,
            by_strength[one.subject],
            alphabetical(one.name),
            one.person_id or one.unit.id,
        ),
    )


def candidacy_changes(before: Sequence[Any], after: Sequence[Any]) -> list[ScoreChange]:
    """Returns what differs between two stored versions (plain JSON), candidacy by candidacy."""
    old, new = ({subject_of(one): one for one in side} for side in (before, after))
    found = []
    for key in [*new, *(one for one in old if one not in new)]:
        one, other = old.get(key), new.get(key)
        said, says = _texts(one), _texts(other)
        if (_stands(one), said) != (_stands(other), says):
            named = other or old[key]
            found.append(
                ScoreChange(
                    f"{named['award_title']} – {named['name']}",
                    _stands(one),
                    _stands(other),
                    tuple(text for text in said if text not in says),
                    tuple(text for text in says if text not in said),
                )
            )
    return found


def is_proposed(kept: Any) -> bool:
    """Whether a stored candidacy (plain JSON) is proposed."""
    return all(ground["is_met"] for ground in kept["grounds"])


def subject_of(kept: Any) -> str:
    """The `subject` of a stored candidacy (plain JSON)."""
    who = f"u{kept['unit']['id']}" if kept["person_id"] is None else f"p{kept['person_id']}"
    return f"{kept['award']}:{who}"


def _texts(kept: Any) -> list[str]:
    return [ground["text"] for ground in kept["grounds"]] if kept else []


def _stands(kept: Any) -> str:
    if kept is None:
        return ""
    return "đề nghị" if is_proposed(kept) else "không đề nghị"
