"""Periods: the one value type of a period, and the queries that return it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, select

from workflow.domain.calendar import Calendar
from workflow.domain.errors import NotFound
from workflow.domain.people.bodies import VotedMatter
from workflow.domain.people.organisations import OrganisationKind
from workflow.domain.periods.period import Span, Timetable
from workflow.domain.results.evaluation import Evaluation
from workflow.domain.rules.layers import committees_named
from workflow.domain.rules.routing_rules import Rules
from workflow.domain.words import Words
from workflow.storage.canonical import revived
from workflow.storage.people.rolls import BodyRoll, rolls_kept
from workflow.storage.rules import calendar_of, pinned
from workflow.storage.tables import organisations, periods, plans
from workflow.storage.tables import rules as rules_table


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """A period: of which plan and whose, the last day of each step, the rules pinned for it and the calendar
    it is judged by, its voting bodies as they were when the period opened, and since when it is locked.

    `bodies` are the voting bodies, each apart, and `decide` says which of them decides on what (its id).
    `evaluation` says what closed periods it is made from, where it is: nobody reports in it.
    """

    id: int
    organisation_id: int
    organisation: str
    kind: OrganisationKind
    zone: str
    plan_id: int
    plan_title: str
    plan_number: str
    plan_issued_on: date | None
    code: str
    label: str
    opens_on: date
    due_on: date
    confirm_by: date
    approve_by: date
    cut_off: date
    opened_at: datetime
    closed_at: datetime | None
    rules: Rules
    calendar: Calendar
    bodies: tuple[BodyRoll, ...]
    decide: tuple[tuple[VotedMatter, str], ...]
    evaluation: Evaluation | None = None

    @property
    def timetable(self) -> Timetable:
        """The last day of each step."""
        return Timetable(self.opens_on, self.due_on, self.confirm_by, self.approve_by, self.cut_off)

    @property
    def is_closed(self) -> bool:
        """Whether its figures are locked."""
        return self.closed_at is not None

    @property
    def span(self) -> Span:
        """The months it reports on."""
        return Span.parse(self.code)

    @property
    def members(self) -> frozenset[int]:
        """Everyone who votes on items of the period, in whichever body, by person id: for what they are told
        or may see, never to count votes by."""
        named = committees_named(self.rules) | {self.body_of(VotedMatter.ITEMS).id}
        return frozenset(one for body in self.bodies if body.id in named for one in body.roll.members)

    @property
    def chair(self) -> int | None:
        """Who presides over the body that votes on items."""
        return self.body_of(VotedMatter.ITEMS).roll.chair

    def body_of(self, matter: VotedMatter) -> BodyRoll:
        """The body that decides on the matter."""
        return self._body(dict(self.decide)[matter])

    def body_for_item(self, named: str) -> BodyRoll:
        """The body that votes on an item whose rule names it by its id; the one of all items where the rule
        names none, or one that the period took no roll of."""
        known = any(one.id == named for one in self.bodies)
        return self._body(named) if known else self.body_of(VotedMatter.ITEMS)

    def bodies_of(self, person_id: int) -> str:
        """The names of the bodies the person votes in, in one line; empty where there is none."""
        return ", ".join(one.name for one in self.bodies if person_id in one.roll.members)

    def _body(self, name: str) -> BodyRoll:
        return next(one for one in self.bodies if one.id == name)


PERIODS = (
    select(
        periods,
        plans.c.organisation_id,
        plans.c.title.label("plan_title"),
        plans.c.number.label("plan_number"),
        plans.c.issued_on.label("plan_issued_on"),
        organisations.c.name.label("organisation"),
        organisations.c.kind,
        organisations.c.zone,
        organisations.c.days_off,
        organisations.c.days_worked,
        rules_table.c.sha256,
        rules_table.c.routing,
    )
    .join(plans, plans.c.id == periods.c.plan_id)
    .join(organisations, organisations.c.id == plans.c.organisation_id)
    .join(rules_table, rules_table.c.id == periods.c.rules_id)
)
ASKED_FOR_REPORTS = periods.c.evaluation.is_(None)
"""Whether a period has cycles of its own: it is not evaluated from closed ones."""
_LAST_OPENED_FIRST = (periods.c.opened_at.desc(), periods.c.id.desc())


def values_of(row: Row[Any]) -> dict[str, Any]:
    """The values of a `Period`, from a row of `PERIODS`."""
    return {
        "id": row.id,
        "organisation_id": row.organisation_id,
        "organisation": row.organisation,
        "kind": OrganisationKind(row.kind),
        "zone": row.zone,
        "plan_id": row.plan_id,
        "plan_title": row.plan_title,
        "plan_number": row.plan_number,
        "plan_issued_on": row.plan_issued_on,
        "code": row.code,
        "label": row.label,
        "opens_on": row.opens_on,
        "due_on": row.due_on,
        "confirm_by": row.confirm_by,
        "approve_by": row.approve_by,
        "cut_off": row.cut_off,
        "opened_at": row.opened_at,
        "closed_at": row.closed_at,
        "rules": pinned(row.sha256, row.routing),
        "calendar": calendar_of(row.zone, row.days_off, row.days_worked),
        "bodies": rolls_kept(row.committee),
        "decide": tuple((VotedMatter(matter), name) for matter, name in row.committee["decide"].items()),
        "evaluation": evaluation_from(row.evaluation),
    }


def evaluation_from(kept: dict[str, Any] | None) -> Evaluation | None:
    """What a period is made from, from its stored JSON."""
    return None if kept is None else revived(Evaluation, kept)


def _period(row: Row[Any]) -> Period:
    return Period(**values_of(row))


def period_of(tx: Connection, period_id: int) -> Period:
    """The period of that id; raises NotFound."""
    row = tx.execute(PERIODS.where(periods.c.id == period_id)).first()
    if row is None:
        raise NotFound(Words("Không có kỳ báo cáo này."), where=str(period_id))
    return _period(row)


def own_period(tx: Connection, organisation_id: int, period_id: int) -> Period:
    """A period of the organisation; raises NotFound for another's."""
    found = period_of(tx, period_id)
    if found.organisation_id != organisation_id:
        raise NotFound(Words("Không có kỳ báo cáo này."), where=str(period_id))
    return found


def own_periods(tx: Connection, organisation_id: int) -> list[Period]:
    """The organisation's periods, the one opened last first."""
    own = PERIODS.where(plans.c.organisation_id == organisation_id).order_by(*_LAST_OPENED_FIRST)
    return [_period(row) for row in tx.execute(own)]


def all_periods(tx: Connection) -> list[Period]:
    """Every organisation's periods, in the order they were opened."""
    return [_period(row) for row in tx.execute(PERIODS.order_by(periods.c.opened_at, periods.c.id))]


def latest_periods(tx: Connection) -> list[Period]:
    """Each organisation's period that was opened last, by the organisations' names."""
    found = {one.organisation_id: one for one in all_periods(tx)}
    return sorted(found.values(), key=lambda one: (one.organisation, one.organisation_id))


def periods_within(
    tx: Connection, organisation_ids: Iterable[int], span: Span
) -> tuple[list[Period], list[Period]]:
    """The organisations' periods that lie within the span: the closed ones, and the others. Those evaluated
    from closed ones are left out: what they are made from is there."""
    asked = PERIODS.where(plans.c.organisation_id.in_(set(organisation_ids)), ASKED_FOR_REPORTS).order_by(
        periods.c.id
    )
    own = [one for one in map(_period, tx.execute(asked)) if span.holds(one.span)]
    return [one for one in own if one.closed_at], [one for one in own if not one.closed_at]


def hold_period(tx: Connection, period_id: int) -> None:
    """Locks the period against a close, a recompute and an issue until the transaction ends. A caller that
    writes to the audit log and seals afterwards locks it first: a close locks the period, then the log's
    head."""
    tx.execute(select(periods.c.id).where(periods.c.id == period_id).with_for_update(key_share=True))


def hold_period_alone(tx: Connection, period_id: int) -> None:
    """Holds the period against all who hold it, in either way, until the transaction ends: what is done once
    for a period, such as its first report, is looked up and done under this."""
    tx.execute(select(periods.c.id).where(periods.c.id == period_id).with_for_update())
