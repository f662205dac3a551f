"""What of emulation concerns one person in a period: votes of the council, their units' own scores, whom
their units may put forward. The content of their pages, and nothing beyond it."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from workflow.domain.periods.period import Span
from workflow.domain.results.record import UnitRef
from workflow.domain.scores.award_rules import Award
from workflow.storage.cycles.difficulties import able_units
from workflow.storage.people.stand_ins import holding, units_held
from workflow.storage.periods.periods import period_of
from workflow.storage.periods.watched import Watched
from workflow.storage.rules import pinned_rules, pinned_scoring
from workflow.storage.scores.commendations import PutForward, is_put_to_vote, put_forward_in
from workflow.storage.scores.own_scores import OwnSheet, own_sheets
from workflow.storage.scores.reviews import scored_units_of
from workflow.storage.scores.sitting_lists import Sitting, sittings_for


@dataclass(frozen=True, slots=True)
class OwnProposals:
    """The commendations of the period, the units (id, name) the person may put someone forward for, and whom
    these put forward; `is_over` once the council was asked."""

    awards: tuple[Award, ...] = ()
    units: tuple[tuple[int, str], ...] = ()
    entries: tuple[PutForward, ...] = ()
    is_over: bool = False

    @property
    def concerns(self) -> bool:
        """Whether there is anything to show: a proposal made, or one that may be."""
        return bool(self.entries or (self.awards and self.units and not self.is_over))


@dataclass(frozen=True, slots=True)
class Emulation:
    """A person's share."""

    sittings: tuple[Sitting, ...]
    own_sheets: tuple[OwnSheet, ...]
    proposals: OwnProposals
    official: tuple[UnitRef, ...]
    """The person's units that have an official score."""
    is_asked: bool
    """Whether the person is to do something now."""


def emulation_of(tx: Connection, person_id: int, period: Watched) -> Emulation:
    """What of the period's emulation concerns the person."""
    sittings = tuple(sittings_for(tx, person_id, period.id))
    sheets = tuple(own_sheets(tx, person_id, period))
    votes = any(one.takes_ballots(period.today) and one.voted_at(person_id) is None for one in sittings)
    return Emulation(
        sittings,
        sheets,
        own_proposals(tx, person_id, period),
        tuple(scored_units_of(tx, person_id, period)),
        votes or any(one.is_asked for one in sheets),
    )


def own_proposals(tx: Connection, person_id: int, period: Watched) -> OwnProposals:
    """Whom the person's units put forward in the period, and may."""
    if not pinned_rules(tx, period.id).scoring:
        return OwnProposals()
    kind = Span.parse(period_of(tx, period.id).code).kind
    awards = tuple(one for one in pinned_scoring(tx, period.id).awards if one.is_of(kind))
    if not awards:
        return OwnProposals()
    held = holding(tx, person_id, period.today).reports_for
    mine = set(tx.scalars(units_held(), {"reports_for": held}))
    able = tuple(one for one in able_units(tx, period.organisation_id) if one[0] in mine)
    entries = tuple(one for one in put_forward_in(tx, period.id) if one.unit.id in mine)
    return OwnProposals(awards, able, entries, is_put_to_vote(tx, period.id))
