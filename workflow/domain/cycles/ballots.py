"""The committee's decision from its ballots: quorum and majority are two different questions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Protocol

from workflow.domain.cycles.cycle import Ballot, Choice, Roll
from workflow.domain.rules.routing_rules import ApprovalRule, MajorityOf, Veto


class Spoken(Protocol):
    """A ballot with the reason given with it."""

    @property
    def reason(self) -> str:
        """Why, in the member's words."""


@dataclass(frozen=True, slots=True)
class Count:
    """The ballots counted; `taking_part` is who cast any ballot but a recusal."""

    approve: int
    back: int
    abstain: int
    recuse: int
    missing: int
    base: int

    @property
    def taking_part(self) -> int:
        """Members who cast a ballot and did not stand aside."""
        return self.approve + self.back + self.abstain


@dataclass(frozen=True, slots=True)
class Outcome:
    """The decision, approve or return, with the count behind it and whether the chair settled a tie."""

    choice: Choice
    count: Count
    by_casting_vote: bool = False


def reasons_of(returns: Iterable[Spoken]) -> tuple[str, ...]:
    """The reasons given with ballots, each once and sorted by their text: an order by person or time would
    reveal who gave which."""
    return tuple(sorted({one.reason for one in returns if one.reason}))


def counted(ballots: Sequence[Ballot], roll: Roll, rule: ApprovalRule) -> Count:
    """Counts the ballots of the roll, one per member (the caller passes each member's last ballot)."""
    of_roll = [ballot for ballot in ballots if ballot.person_id in roll.members]
    numbers = {choice: sum(ballot.choice is choice for ballot in of_roll) for choice in Choice}
    approve, back = numbers[Choice.APPROVE], numbers[Choice.RETURN]
    abstain, recuse = numbers[Choice.ABSTAIN], numbers[Choice.RECUSE]
    return Count(
        approve,
        back,
        abstain,
        recuse,
        missing=len(roll.members) - len(of_roll),
        base=_base(approve, back, abstain, _seats(len(roll.members), recuse, rule), rule.of),
    )


def outcome(
    ballots: Sequence[Ballot], roll: Roll, rule: ApprovalRule, *, is_closed: bool = False
) -> Outcome | None:
    """The committee's decision, or None while the remaining ballots could still change it.

    Approval needs the quorum, approvals above `more_than` of the base, and no veto. A vote that can no
    longer reach that is a return. With `casting_vote`, an even split follows the chair. `is_closed` says
    that no more ballots will come; then a vote in which nobody took part has no outcome.
    """
    count = counted(ballots, roll, rule)
    chair = next((ballot.choice for ballot in ballots if ballot.person_id == roll.chair), None)
    numbers = (count.approve, count.back, count.abstain, count.recuse)
    if is_closed:
        if not count.taking_part:
            return None
        ends = frozenset({carries(*numbers, count.missing, rule, chair)})
    elif not roll.members or (count.missing and not rule.early_close):
        return None
    else:
        waits_for_chair = roll.chair in roll.members and chair is None
        ends = _possible_ends(*numbers, count.missing, 0, rule, chair, waits_for_chair)
    if len(ends) > 1:
        return None
    if True in ends:
        by_chair = count.approve == count.back and rule.casting_vote
        return Outcome(Choice.APPROVE, count, by_casting_vote=by_chair)
    return Outcome(Choice.RETURN, count)


def _seats(members: int, recuse: int, rule: ApprovalRule) -> int:
    """The seats that quorum and a majority of all are counted over."""
    return members if rule.recused_in_base else members - recuse


def _base(approve: int, back: int, abstain: int, seats: int, of: MajorityOf) -> int:
    match of:
        case MajorityOf.ALL:
            return seats
        case MajorityOf.PRESENT:
            return approve + back + abstain
        case MajorityOf.CAST:
            return approve + back


@cache
def carries(
    approve: int,
    back: int,
    abstain: int,
    recuse: int,
    missing: int,
    rule: ApprovalRule,
    chair: Choice | None = None,
) -> bool:
    """Whether the vote, if it ended with so many ballots of each kind, approves."""
    seats = _seats(approve + back + abstain + recuse + missing, recuse, rule)
    present = approve + back + abstain
    if present * rule.quorum.denominator < rule.quorum.numerator * seats or present < rule.quorum_count:
        return False
    match rule.veto:
        case Veto.CHAIR if chair is Choice.RETURN:
            return False
        case Veto.ANY if back:
            return False
    base = _base(approve, back, abstain, seats, rule.of)
    if base and approve * rule.more_than.denominator > rule.more_than.numerator * base:
        return True
    # Law 72/2025 art. 40(3): an even split follows the chairman's side.
    return rule.casting_vote and approve == back > 0 and chair is Choice.APPROVE


@cache
def _possible_ends(
    approve: int,
    back: int,
    abstain: int,
    recuse: int,
    missing: int,
    away: int,
    rule: ApprovalRule,
    chair: Choice | None,
    waits_for_chair: bool,
) -> frozenset[bool]:
    """Every end the vote can still come to, by trying each way the missing may vote, stand aside or stay
    away (`away` are known to). Committees are small and counts repeat, so the cached search costs nothing."""
    if waits_for_chair:
        left = missing - 1
        return frozenset[bool]().union(
            _possible_ends(approve + 1, back, abstain, recuse, left, away, rule, Choice.APPROVE, False),
            _possible_ends(approve, back + 1, abstain, recuse, left, away, rule, Choice.RETURN, False),
            _possible_ends(approve, back, abstain + 1, recuse, left, away, rule, Choice.ABSTAIN, False),
            _possible_ends(approve, back, abstain, recuse + 1, left, away, rule, Choice.RECUSE, False),
            _possible_ends(approve, back, abstain, recuse, left, away + 1, rule, None, False),
        )
    return frozenset(
        carries(
            approve + yes,
            back + no,
            abstain + neither,
            recuse + aside,
            away + missing - yes - no - neither - aside,
            rule,
            chair,
        )
        for yes in range(missing + 1)
        for no in range(missing - yes + 1)
        for neither in range(missing - yes - no + 1)
        # A recused member who stays in the base weighs the same as one who stays away.
        for aside in range(1 if rule.recused_in_base else missing - yes - no - neither + 1)
    )
