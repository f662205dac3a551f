"""Orders as facts of a cycle; which are possible where it stands, and which of them need a second person."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from workflow.domain.cycles.advance import Standing
from workflow.domain.cycles.cycle import Facts, Recall, Reopening, Revote, Stage
from workflow.domain.cycles.orders import RECALL, REOPEN, TO_VOTE, Order
from workflow.domain.cycles.voting import NoDecision


@dataclass(frozen=True, slots=True)
class PossibleOrders:
    """What may be ordered about a cycle now; `undoes_decision` where taking it out of the period would undo
    what the committee decided, and `undoes_return` where a vote anew would undo that the report came back:
    both need a second person."""

    recall: bool
    withdraw: bool
    reopen: bool
    reassign: bool
    extend: bool
    to_vote: bool
    undoes_decision: bool
    undoes_return: bool


def possible_orders(facts: Facts, standing: Standing) -> PossibleOrders:
    """What may be ordered about the cycle.

    A report is recalled while it waits for others of whom none has answered. What has ended, or waits for a
    committee of which nobody can act any more, is reopened. A version that came back, and none was sent
    since, or whose vote closed without a decision is voted on anew, unless those who may vote could not
    decide it whatever they cast. A reopened item counts as decided: else one
    person would get around the second in two steps, reopening and taking out.
    """
    stage = standing.stage
    is_waiting = stage in (Stage.WAITING_CONFIRMATION, Stage.WAITING_APPROVAL)
    back = standing.returned
    came_back = stage is Stage.WAITING_SUBMISSION and back is not None and not back.is_reopened
    is_called_anew = stage is Stage.WAITING_APPROVAL and facts.revote_of(standing.version) is not None
    is_stuck = stage is Stage.WAITING_APPROVAL and standing.duty is None
    return PossibleOrders(
        recall=is_waiting and not standing.deemed and facts.first_answer(standing.version) is None,
        withdraw=stage is not Stage.WITHDRAWN and not facts.is_closed,
        reopen=is_stuck or (stage.is_final and stage is not Stage.WITHDRAWN),
        reassign=not stage.is_final,
        # A reopened item has a last day of its own, and so has a vote that was called anew.
        extend=not stage.is_final and not facts.reopenings and not is_called_anew,
        to_vote=came_back or (standing.no_decision is not None and not _is_out_of_reach(standing)),
        undoes_decision=stage is Stage.APPROVED or bool(facts.reopenings),
        undoes_return=came_back,
    )


def _is_out_of_reach(standing: Standing) -> bool:
    """Whether so many are barred that nothing can be decided; who stood aside by a ballot may yet vote."""
    stood_aside = standing.count.recuse if standing.count else 0
    return standing.no_decision is NoDecision.OUT_OF_REACH and stood_aside <= len(standing.barred)


def recalls_of(orders: Iterable[Order]) -> tuple[Recall, ...]:
    """The recalls among orders in force."""
    return tuple(Recall(one.version, one.person_id, one.at) for one in orders if one.kind == RECALL)


def reopenings_of(orders: Iterable[Order]) -> tuple[Reopening, ...]:
    """The reopenings among orders in force."""
    return tuple(
        Reopening(one.version, one.person_id, one.at, one.reason, date.fromisoformat(one.details["until"]))
        for one in orders
        if one.kind == REOPEN
    )


def revotes_of(orders: Iterable[Order]) -> tuple[Revote, ...]:
    """The orders to vote anew among orders in force."""
    return tuple(
        Revote(one.version, one.person_id, one.at, date.fromisoformat(one.details["until"]))
        for one in orders
        if one.kind == TO_VOTE
    )
