"""Orders as facts of a cycle; which are possible where it stands, and which of them need a second person."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from workflow.domain.cycles.advance import Standing
from workflow.domain.cycles.cycle import Facts, Recall, Reopening, Stage
from workflow.domain.cycles.orders import RECALL, REOPEN, Order


@dataclass(frozen=True, slots=True)
class PossibleOrders:
    """What may be ordered about a cycle now; `undoes_decision` where taking it out of the period would undo
    what the committee decided, and needs a second person."""

    recall: bool
    withdraw: bool
    reopen: bool
    reassign: bool
    extend: bool
    undoes_decision: bool


def possible_orders(facts: Facts, standing: Standing) -> PossibleOrders:
    """What may be ordered about the cycle.

    A report is recalled while it waits for others of whom none has answered. What has ended, or waits for a
    committee of which nobody can act any more, is reopened. A reopened item counts as decided: else one
    person would get around the second in two steps, reopening and taking out.
    """
    stage = standing.stage
    is_waiting = stage in (Stage.WAITING_CONFIRMATION, Stage.WAITING_APPROVAL)
    is_stuck = stage is Stage.WAITING_APPROVAL and standing.duty is None
    return PossibleOrders(
        recall=is_waiting and not standing.deemed and facts.first_answer(standing.version) is None,
        withdraw=stage is not Stage.WITHDRAWN and not facts.is_closed,
        reopen=is_stuck or (stage.is_final and stage is not Stage.WITHDRAWN),
        reassign=not stage.is_final,
        # A reopened item has a last day of its own.
        extend=not stage.is_final and not facts.reopenings,
        undoes_decision=stage is Stage.APPROVED or bool(facts.reopenings),
    )


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
