"""The points a unit gives itself, by whoever reports for it, until the day the rules name. They are shown
beside the program's and change nothing; each is a `score_entries` fact, of a criterion the last counts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import Connection, func, select

from workflow.domain.cycles.advance import Duty
from workflow.domain.cycles.escalation import is_to_be_reminded
from workflow.domain.cycles.lateness import Lateness, Term
from workflow.domain.errors import Conflict, NotAllowed
from workflow.domain.results.record import UnitRef
from workflow.domain.scores.score_entries import EntryKind, ScoreEntry
from workflow.domain.scores.scoring_rules import ScoringRules
from workflow.domain.vietnamese import day
from workflow.domain.words import Words
from workflow.storage.people.stand_ins import holding, units_held
from workflow.storage.periods.watched import Watched, watched_period
from workflow.storage.post import intents
from workflow.storage.results.entered import entries_of
from workflow.storage.rules import scoring_of
from workflow.storage.scores.entries import NewEntry, put_entry
from workflow.storage.tables import cycle_units, cycles, periods, rules, score_entries, units


@dataclass(frozen=True, slots=True)
class OwnSheet:
    """A unit's own score: what it said last of each criterion, and until when it may say so."""

    unit: UnitRef
    rules: ScoringRules
    until: date
    given: dict[str, ScoreEntry]
    is_open: bool
    is_asked: bool
    """Whether the unit is asked for it now: from the reports' last day on, until it has given all."""

    @property
    def is_whole(self) -> bool:
        """Whether every criterion has points."""
        return all(one.code in self.given for one in self.rules.criteria)


@dataclass(frozen=True, slots=True)
class OwnPoints:
    """What a unit says of one criterion."""

    points: Decimal
    text: str = ""
    evidence: str = ""


def own_sheets(tx: Connection, person_id: int, period: Watched) -> list[OwnSheet]:
    """The own scores of the units the person reports for; none where the rules ask for none."""
    found = _asking(tx, {period.id: period}).get(period.id)
    if found is None:
        return []
    own = holding(tx, person_id, period.today).reports_for
    mine = set(tx.scalars(units_held(), {"reports_for": own}))
    if not mine:
        return []
    late = _lateness(period, found)
    last = late.last_day
    sheets = []
    taking_part = _taking_part(tx, [period.id])[period.id]
    entries = [one for one in entries_of(tx, period.id) if one.kind is EntryKind.SELF]
    for row in tx.execute(
        select(units).where(units.c.id.in_(mine & taking_part)).order_by(units.c.name, units.c.id)
    ):
        given = {one.code: one for one in entries if one.unit.id == row.id}
        sheet = OwnSheet(UnitRef(row.id, row.name, row.cluster), found, last, given, not late.is_late, False)
        asked = sheet.is_open and period.today >= period.timetable.due_on and not sheet.is_whole
        sheets.append(OwnSheet(sheet.unit, found, last, given, sheet.is_open, asked))
    return sheets


def _lateness(period: Watched, found: ScoringRules) -> Lateness:
    """How late the units' own scores are: after the last day they are taken no more."""
    return period.lateness(Term(Duty.ASSESS, period.now, working_days=found.self_score_days or 0))


@dataclass(frozen=True, slots=True)
class OwnScoresAsked:
    """The units of a period that are asked now for their own score and have not given it whole."""

    units: frozenset[int]
    lateness: Lateness


def units_asked(tx: Connection, watched: Mapping[int, Watched]) -> dict[int, OwnScoresAsked]:
    """The units to score themselves, by period; from the reports' last day on, until they may no more."""
    due = {}
    for period_id, rules_found in _asking(tx, watched).items():
        period, late = watched[period_id], _lateness(watched[period_id], rules_found)
        if period.timetable.due_on <= period.today and not late.is_late:
            due[period_id] = (rules_found, late)
    if not due:
        return {}
    taking_part, said = _taking_part(tx, list(due)), _said(tx, list(due))
    return {
        period_id: OwnScoresAsked(
            frozenset(
                unit
                for unit in taking_part.get(period_id, ())
                if said.get((period_id, unit), 0) < len(found.criteria)
            ),
            late,
        )
        for period_id, (found, late) in due.items()
    }


def give_own_score(
    tx: Connection,
    person_id: int,
    period_id: int,
    unit_id: int,
    points: Mapping[str, OwnPoints],
    now: datetime,
) -> None:
    """Records the unit's own points, all criteria at once; an unchanged criterion gets no new row."""
    sheet = next(
        (
            one
            for one in own_sheets(tx, person_id, watched_period(tx, period_id, now))
            if one.unit.id == unit_id
        ),
        None,
    )
    if sheet is None:
        raise NotAllowed(Words("Ông/bà không báo cáo thay cho đơn vị này trong kỳ."))
    if not sheet.is_open:
        raise Conflict(
            Words("Đã hết hạn tự chấm điểm (ngày %(day)s).", day=day(sheet.until)),
            cure=Words("Báo Văn phòng nếu cần."),
        )
    if missing := [one.title for one in sheet.rules.criteria if one.code not in points]:
        raise NotAllowed(
            Words("Còn tiêu chí chưa ghi điểm."), where=missing[0], cure=Words("Ghi điểm cho mọi tiêu chí.")
        )
    for criterion in sheet.rules.criteria:
        said = points[criterion.code]
        before = sheet.given.get(criterion.code)
        if before and (before.points, before.text, before.evidence) == (
            said.points,
            said.text.strip(),
            said.evidence.strip(),
        ):
            continue
        new = NewEntry(unit_id, EntryKind.SELF, criterion.code, said.text, said.points, said.evidence)
        put_entry(tx, person_id, period_id, new, sheet.rules, now)


def remind_self_scores(tx: Connection, watched: Mapping[int, Watched], now: datetime) -> None:
    """Puts a digest into the outbox for the units that have not scored themselves, on reminder days."""
    for period_id, asked in units_asked(tx, watched).items():
        period = watched[period_id]
        days_before = period.rules.mail.remind_working_days_before
        if is_to_be_reminded(asked.lateness.last_day, period.today, days_before, period.calendar):
            owing = period.owing()
            owing.units = set(asked.units)
            intents.intend_reminders(tx, owing, now)


def _asking(tx: Connection, period_ids: Mapping[int, Watched]) -> dict[int, ScoringRules]:
    """The scoring rules of those periods that ask the units for their own scores."""
    rows = tx.execute(
        select(periods.c.id, rules.c.scoring)
        .join(rules, rules.c.id == periods.c.rules_id)
        .where(periods.c.id.in_(period_ids))
    )
    found = {row.id: scoring_of(row.scoring) for row in rows if row.scoring}
    return {period_id: one for period_id, one in found.items() if one.self_score_days is not None}


def _taking_part(tx: Connection, period_ids: list[int]) -> dict[int, set[int]]:
    """The units that lead or coordinate something in each period."""
    found: dict[int, set[int]] = {one: set() for one in period_ids}
    for period_id, unit_id in tx.execute(
        select(cycles.c.period_id, cycle_units.c.unit_id)
        .distinct()
        .join(cycles, cycles.c.id == cycle_units.c.cycle_id)
        .where(cycles.c.period_id.in_(period_ids))
    ):
        found[period_id].add(unit_id)
    return found


def _said(tx: Connection, period_ids: list[int]) -> dict[tuple[int, int], int]:
    """For how many criteria each unit has given itself points, by period and unit."""
    rows = tx.execute(
        select(
            score_entries.c.period_id,
            score_entries.c.unit_id,
            func.count(func.distinct(score_entries.c.code)).label("n"),
        )
        .where(score_entries.c.period_id.in_(period_ids), score_entries.c.kind == EntryKind.SELF.value)
        .group_by(score_entries.c.period_id, score_entries.c.unit_id)
    )
    return {(row.period_id, row.unit_id): row.n for row in rows}
