"""Who owes what, in whose place, and how late: the duties on cycles and on their difficulties.

The one source for board, urging, digests, ladder, the pages of those who owe and of their substitutes, and
the API. It takes into account who stands in for whom, who may not judge their own report, who has already
voted for another, whether the rules let substitutes vote, and which silence the rules wait for no longer.
What is owed beside the cycles (a report's approval, scores), and each debtor's sum, is
`storage.duties.debtors`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, and_, or_, select

from workflow.domain.cycles.advance import Duty
from workflow.domain.cycles.cycle import Stage
from workflow.domain.cycles.difficulty import DifficultyState
from workflow.domain.cycles.lateness import Lateness, Term, difficulty_term, is_over_in_silence
from workflow.domain.people.directory import Role
from workflow.domain.people.substitution import StandIn, votes_for, works_for
from workflow.domain.rules.layers import layered
from workflow.storage.cycles.said import called_anew, counts_since
from workflow.storage.people.stand_ins import absent_and_self, stand_ins, units_held
from workflow.storage.periods.watched import LIVE_DIFFICULTY, Watched
from workflow.storage.tables import ballots, cycles, difficulties, duties, persons, roles, submissions


@dataclass(frozen=True, slots=True, order=True)
class DutyHolder:
    """A person who is to do a duty; `acted_for` is the absent person in whose place, 0 for nobody's."""

    person_id: int
    acted_for: int = 0


@dataclass(frozen=True, slots=True)
class OwedDuty:
    """Something owed in a period, by a unit or by a member of the committee, and who is to do it today: each
    of the unit's reporters, or the member, or who stands in for them. `holders` is empty where nobody may.

    `cycle_id` is None for what is owed beside the cycles. `number` is the report's version, or the id of the
    difficulty, of the report put before its approvers or of the council's sitting.
    """

    period_id: int
    duty: Duty
    cycle_id: int | None
    number: int
    unit_id: int | None
    member_id: int | None
    holders: tuple[DutyHolder, ...]
    lateness: Lateness

    @property
    def persons(self) -> set[int]:
        """Who is to do it."""
        return {one.person_id for one in self.holders}


def owed_in(
    tx: Connection, watched: Mapping[int, Watched], cycle_ids: Collection[int] | None = None
) -> list[OwedDuty]:
    """Everything owed now on the cycles of these periods (on those cycles): reports, confirmations, ballots,
    and what difficulties wait for."""
    places = places_of(tx, watched.values())
    return [
        *_on_cycles(tx, watched, places, cycle_ids),
        *_on_difficulties(tx, watched, places, cycle_ids),
    ]


def owed_by_person(
    tx: Connection, period: Watched, person_id: int, *, with_absences: bool = True
) -> list[OwedDuty]:
    """The reports, confirmations and ballots that the person owes now, in their own right or in another's
    place; without absences, in their own right alone."""
    places = _places_around(tx, period, person_id, with_absences=with_absences)
    found = _on_cycles(tx, {period.id: period}, places)
    return [one for one in found if person_id in one.persons]


def difficulties_owed_by(tx: Connection, period: Watched, person_id: int) -> set[int]:
    """The difficulties that wait for the person: for the opinion they write down, or their unit's work."""
    found = _on_difficulties(tx, {period.id: period}, _places_around(tx, period, person_id))
    return {one.number for one in found if person_id in one.persons}


def _places_around(tx: Connection, period: Watched, person_id: int, *, with_absences: bool = True) -> Places:
    away = stand_ins(tx, period.today) if with_absences else {}
    return Places(tx, {period.today: away}, persons=absent_and_self(person_id, away))


class Places:
    """Who reports for each unit, and who is away on which day, looked up once for all duties: of these
    organisations, or as far as it concerns these persons."""

    def __init__(
        self,
        tx: Connection,
        away: Mapping[date, Mapping[int, StandIn]],
        *,
        organisations: Iterable[int] = (),
        persons: Collection[int] | None = None,
    ) -> None:
        self.away = away
        self.persons = persons
        self._reporters = _reporters(tx, organisations, persons)

    def of_unit(self, unit_id: int, on: date, excluded: Collection[int] = ()) -> tuple[DutyHolder, ...]:
        """Who does the unit's work that day. Neither the excluded do it nor who stands in for one of them;
        what an excluded stand-in may not do stays with the absent person."""
        away = self.away[on]
        found: dict[int, DutyHolder] = {}
        for reporter in self._reporters.get(unit_id, ()):
            if reporter in excluded:
                continue
            person = works_for(reporter, away)
            if person == reporter or person in excluded:
                person = reporter
                found[person] = DutyHolder(person)
            else:
                found.setdefault(person, DutyHolder(person, reporter))
        return tuple(sorted(found.values()))

    def of_member(
        self,
        member_id: int,
        on: date,
        roll: Collection[int] = (),
        *,
        may_substitute: bool = True,
        excluded: Collection[int] = (),
    ) -> tuple[DutyHolder, ...]:
        """Who speaks that day for a member of the committee."""
        person = votes_for(member_id, self.away[on], roll, may_substitute=may_substitute, excluded=excluded)
        return (DutyHolder(person, 0 if person == member_id else member_id),)


def places_of(tx: Connection, watched: Iterable[Watched]) -> Places:
    """The places of everybody in the organisations of these periods."""
    periods = list(watched)
    days = {period.today for period in periods}
    return Places(
        tx,
        {day: stand_ins(tx, day) for day in days},
        organisations={period.organisation_id for period in periods},
    )


def _reporters(
    tx: Connection, organisations: Iterable[int], people: Collection[int] | None
) -> dict[int, list[int]]:
    """The active persons who report for each unit."""
    found: dict[int, list[int]] = {}
    is_asked = persons.c.organisation_id.in_(organisations) if people is None else persons.c.id.in_(people)
    for row in tx.execute(
        select(roles.c.unit_id, roles.c.person_id)
        .join(persons, persons.c.id == roles.c.person_id)
        .where(is_asked, roles.c.role == Role.REPORTER.value, persons.c.is_active)
        .order_by(roles.c.person_id)
    ):
        found.setdefault(row.unit_id, []).append(row.person_id)
    return found


_ON_CYCLES = (
    select(
        duties.c.duty,
        duties.c.unit_id,
        duties.c.person_id,
        duties.c.since,
        cycles.c.id.label("cycle_id"),
        cycles.c.period_id,
        cycles.c.version,
        cycles.c.standing,
        cycles.c.layers,
        submissions.c.person_id.label("author"),
        submissions.c.acted_for.label("author_for"),
        persons.c.is_active,
    )
    .join(cycles, cycles.c.id == duties.c.cycle_id)
    .outerjoin(
        submissions,
        and_(submissions.c.cycle_id == cycles.c.id, submissions.c.version == cycles.c.version),
    )
    .outerjoin(persons, persons.c.id == duties.c.person_id)
    .order_by(duties.c.id)
)


def _on_cycles(
    tx: Connection,
    watched: Mapping[int, Watched],
    places: Places,
    cycle_ids: Collection[int] | None = None,
) -> list[OwedDuty]:
    asked, known = _ON_CYCLES.where(cycles.c.period_id.in_(watched)), {}
    if cycle_ids is not None:
        asked = asked.where(cycles.c.id.in_(cycle_ids))
    if places.persons is not None:
        mine = or_(duties.c.person_id.in_(places.persons), duties.c.unit_id.in_(units_held()))
        asked, known = asked.where(mine), {"reports_for": places.persons}
    rows = tx.execute(asked, known).all()
    voted = _have_voted_for_others(tx, watched, places, rows)
    found = []
    for row in rows:
        period = watched[row.period_id]
        duty = Duty(row.duty)
        rules = layered(period.rules, tuple(row.layers)) if row.layers else period.rules
        late = period.lateness(_term(duty, row.since, row.standing, period))
        if is_over_in_silence(duty, late, rules):
            continue
        authors = set() if duty is Duty.SUBMIT else {row.author, row.author_for} - {None}
        holders: tuple[DutyHolder, ...] = ()
        if row.unit_id is not None:
            holders = places.of_unit(row.unit_id, period.today, authors)
        elif row.is_active:
            holders = places.of_member(
                row.person_id,
                period.today,
                period.body_for_item(rules.approval.committee).roll.members,
                may_substitute=rules.approval.substitutes,
                excluded=authors | voted.get(row.cycle_id, set()),
            )
        found.append(
            OwedDuty(
                row.period_id,
                duty,
                row.cycle_id,
                row.version,
                row.unit_id,
                row.person_id,
                holders,
                late,
            )
        )
    return found


def _term(duty: Duty, since: datetime, standing: Mapping[str, Any], period: Watched) -> Term:
    """What the last day of a duty on a cycle follows from. A report that others returned has days of its own
    from its return."""
    is_returned = duty is Duty.SUBMIT and "returned" in standing
    days = period.rules.period.again_working_days if is_returned else None
    extended_to = standing.get("extended_to")
    day = date.fromisoformat(extended_to) if extended_to else None
    return Term(duty, since, until_of(standing), working_days=days, extended_to=day)


def until_of(standing: Mapping[str, Any]) -> datetime | None:
    """The moment a cycle's step ends, from the standing stored in the cycle's row."""
    until = standing.get("until")
    return datetime.fromisoformat(until) if until else None


def _have_voted_for_others(
    tx: Connection, watched: Mapping[int, Watched], places: Places, rows: Iterable[Any]
) -> dict[int, set[int]]:
    """Who has cast a ballot in another's place on each cycle's current version: nobody casts two."""
    if not any(
        row.person_id in places.away[watched[row.period_id].today]
        for row in rows
        if row.person_id is not None
    ):
        return {}
    found: dict[int, set[int]] = {}
    cast = tx.execute(
        select(ballots.c.cycle_id, ballots.c.version, ballots.c.person_id, ballots.c.at)
        .join(cycles, and_(cycles.c.id == ballots.c.cycle_id, cycles.c.version == ballots.c.version))
        .where(
            cycles.c.period_id.in_(watched),
            cycles.c.stage == Stage.WAITING_APPROVAL.value,
            ballots.c.acted_for.is_not(None),
        )
    ).all()
    anew = called_anew(tx, {one.cycle_id for one in cast})
    for one in cast:
        if counts_since(anew, one.cycle_id, one.version, one.at):
            found.setdefault(one.cycle_id, set()).add(one.person_id)
    return found


def _on_difficulties(
    tx: Connection,
    watched: Mapping[int, Watched],
    places: Places,
    cycle_ids: Collection[int] | None = None,
) -> list[OwedDuty]:
    """The committee's opinion, which its chair writes down; then the work of the unit made responsible."""
    asked = (
        select(difficulties, cycles.c.period_id)
        .join(cycles, cycles.c.id == difficulties.c.cycle_id)
        .where(cycles.c.period_id.in_(watched), LIVE_DIFFICULTY)
        .order_by(difficulties.c.id)
    )
    found = []
    for row in tx.execute(asked if cycle_ids is None else asked.where(cycles.c.id.in_(cycle_ids))):
        period = watched[row.period_id]
        state = DifficultyState(row.state)
        term = difficulty_term(state, row.raised_at, row.due_on, period.rules)
        if term is None:
            continue
        unit_id = row.responsible_unit_id if state is DifficultyState.ANSWERED else None
        chair = period.chair if state is DifficultyState.OPEN else None
        holders: tuple[DutyHolder, ...] = ()
        if unit_id is not None:
            holders = places.of_unit(unit_id, period.today)
        elif chair is not None:
            # An opinion is no ballot: whoever was given the chair's vote may write it down, a member too.
            holders = places.of_member(chair, period.today)
        found.append(
            OwedDuty(
                row.period_id,
                Duty.ANSWER,
                row.cycle_id,
                row.id,
                unit_id,
                chair,
                holders,
                period.lateness(term),
            )
        )
    return found


def lateness_of_cycles(tx: Connection, period: Watched) -> dict[int, Lateness]:
    """How late each undecided cycle of the period is: by its present step, the earliest last day among those
    who owe it. A vote that closed without a result is late although nobody owes it."""
    since = (
        select(duties.c.cycle_id, duties.c.since)
        .join(cycles, cycles.c.id == duties.c.cycle_id)
        .where(cycles.c.period_id == period.id)
        .order_by(duties.c.since.desc())
    )
    arose: dict[int, datetime] = dict(tx.execute(since).all())
    rows = tx.execute(
        select(cycles.c.id, cycles.c.stage, cycles.c.stage_since, cycles.c.standing).where(
            cycles.c.period_id == period.id, cycles.c.stage.in_(_DUTY_AT)
        )
    )
    return {
        row.id: period.lateness(
            _term(_DUTY_AT[row.stage], arose.get(row.id, row.stage_since), row.standing, period)
        )
        for row in rows
    }


_DUTY_AT = {
    Stage.WAITING_SUBMISSION.value: Duty.SUBMIT,
    Stage.WAITING_CONFIRMATION.value: Duty.CONFIRM,
    Stage.WAITING_APPROVAL.value: Duty.VOTE,
}
