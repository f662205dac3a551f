"""The committee's decision from its ballots: quorum and majority are two different questions.

A vote ends in one of three ways: approved, returned, or without a decision. The law that every rule set keeps
is in `docs/rules.md`: a choice further from approval (for, abstaining, against) never brings approval.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from typing import Protocol

from workflow.domain.cycles.cycle import Ballot, Choice, Roll
from workflow.domain.rules.routing_rules import ApprovalRule, EarlyClose, MajorityOf, Veto


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
    of_roll = [ballot.choice for ballot in ballots if ballot.person_id in roll.members]
    approve, back = of_roll.count(Choice.APPROVE), of_roll.count(Choice.RETURN)
    abstain, recuse = of_roll.count(Choice.ABSTAIN), of_roll.count(Choice.RECUSE)
    return Count(
        approve,
        back,
        abstain,
        recuse,
        missing=len(roll.members) - len(of_roll),
        base=_base(approve, back, abstain, _seats(len(roll.members), recuse, rule), rule.of),
    )


def outcome(
    ballots: Sequence[Ballot],
    roll: Roll,
    rule: ApprovalRule,
    *,
    is_late: bool = False,
    is_closed: bool = False,
) -> Outcome | None:
    """The committee's decision, or None while there is none.

    With every ballot in, it is what they come to (`end_of`). Before that, it is decided once the remaining
    ballots could not change it, where `early_close` lets it end early or its last day has passed (`is_late`).
    `is_closed` says that no more ballots will come, and the missing count as absent. A vote that ends without
    a decision has no outcome.
    """
    count = counted(ballots, roll, rule)
    chair = _chairs_choice(ballots, roll)
    if is_closed or not count.missing:
        ends = frozenset({_end(count, rule, chair)})
    elif is_late or _may_end_early(rule, roll, chair):
        ends = possible_ends(ballots, roll, rule)
    else:
        return None
    if len(ends) > 1:
        return None
    match next(iter(ends)):
        case Choice.APPROVE:
            by_chair = rule.casting_vote and not _is_majority(count.approve, count.base, rule)
            return Outcome(Choice.APPROVE, count, by_casting_vote=by_chair)
        case Choice.RETURN:
            return Outcome(Choice.RETURN, count)
    return None


def possible_ends(ballots: Sequence[Ballot], roll: Roll, rule: ApprovalRule) -> frozenset[Choice | None]:
    """The ends the vote can still come to, None standing for one without a decision; of several, two."""
    count, chair = counted(ballots, roll, rule), _chairs_choice(ballots, roll)
    waits_for_chair = roll.chair in roll.members and chair is None
    return _possible_ends(
        count.approve, count.back, count.abstain, count.recuse, count.missing, 0, rule, chair, waits_for_chair
    )


def _chairs_choice(ballots: Sequence[Ballot], roll: Roll) -> Choice | None:
    return next((ballot.choice for ballot in ballots if ballot.person_id == roll.chair), None)


def _may_end_early(rule: ApprovalRule, roll: Roll, chair: Choice | None) -> bool:
    match rule.early_close:
        case EarlyClose.YES:
            return True
        case EarlyClose.AFTER_CHAIR:
            return chair is not None or roll.chair not in roll.members
    return False


def has_quorum(present: int, seats: int, rule: ApprovalRule) -> bool:
    """Whether so many members taking part, of so many seats, are enough for a decision."""
    enough = present * rule.quorum.denominator >= rule.quorum.numerator * seats
    return present > 0 and enough and present >= rule.quorum_count


def can_decide(members: int, recuse: int, rule: ApprovalRule) -> bool:
    """Whether a vote in which so many of the members have no vote or stand aside could approve at all, were
    everyone else in favour. A vote that could not isn't one: it returns nothing either."""
    left, seats = members - recuse, _seats(members, recuse, rule)
    base = seats if rule.of is MajorityOf.ALL else left
    return has_quorum(left, seats, rule) and _is_majority(left, base, rule)


def _seats(members: int, recuse: int, rule: ApprovalRule) -> int:
    """The seats that quorum and a majority of all are counted over."""
    return members if rule.recused_in_base else members - recuse


def seats_of(count: Count, rule: ApprovalRule) -> int:
    """The seats that the quorum of a counted vote is reckoned from."""
    return _seats(count.taking_part + count.recuse + count.missing, count.recuse, rule)


def _base(approve: int, back: int, abstain: int, seats: int, of: MajorityOf) -> int:
    match of:
        case MajorityOf.ALL:
            return seats
        case MajorityOf.PRESENT:
            return approve + back + abstain
        case MajorityOf.CAST:
            return approve + back


def _is_majority(approve: int, base: int, rule: ApprovalRule) -> bool:
    return base > 0 and approve * rule.more_than.denominator > rule.more_than.numerator * base


def _end(count: Count, rule: ApprovalRule, chair: Choice | None) -> Choice | None:
    return end_of(count.approve, count.back, count.abstain, count.recuse, count.missing, rule, chair)


@cache
def end_of(
    approve: int,
    back: int,
    abstain: int,
    recuse: int,
    missing: int,
    rule: ApprovalRule,
    chair: Choice | None = None,
) -> Choice | None:
    """What a vote that ended with so many ballots of each kind comes to: approve, return, or None where it
    has no decision, for want of the quorum or because a majority was out of reach whoever voted how."""
    present, members = approve + back + abstain, approve + back + abstain + recuse + missing
    seats = _seats(members, recuse, rule)
    if not has_quorum(present, seats, rule) or not can_decide(members, recuse, rule):
        return None
    match rule.veto:
        case Veto.CHAIR if chair is Choice.RETURN:
            return Choice.RETURN
        case Veto.ANY if back:
            return Choice.RETURN
    base = _base(approve, back, abstain, seats, rule.of)
    if _is_majority(approve, base, rule):
        return Choice.APPROVE
    # Law 72/2025 art. 40(3): where the sides are equal, the chairman's prevails. It supplies the one vote a
    # bare majority lacks and no more: exactly half are in favour, the chair among them. Who is not in favour
    # is the other half however they say so; else voting against would do for the item what abstaining can't.
    is_tie = rule.more_than == Fraction(1, 2) and 2 * approve == base
    return Choice.APPROVE if rule.casting_vote and is_tie and chair is Choice.APPROVE else Choice.RETURN


def carries(approve: int, back: int, abstain: int, recuse: int, missing: int, rule: ApprovalRule) -> bool:
    """Whether a vote that ended with so many ballots of each kind approves, where nobody presides."""
    return end_of(approve, back, abstain, recuse, missing, rule) is Choice.APPROVE


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
) -> frozenset[Choice | None]:
    """The ends the vote can still come to, by trying each way the missing may vote, stand aside or stay away
    (`away` are known to); two of them are enough to say that it is open. Committees are small and counts
    repeat, so the cached search costs nothing."""
    found: set[Choice | None] = set()
    if waits_for_chair:
        left = missing - 1
        for more, own in (
            ((1, 0, 0, 0, 0), Choice.APPROVE),
            ((0, 1, 0, 0, 0), Choice.RETURN),
            ((0, 0, 1, 0, 0), Choice.ABSTAIN),
            ((0, 0, 0, 1, 0), Choice.RECUSE),
            ((0, 0, 0, 0, 1), None),
        ):
            yes, no, neither, aside, gone = more
            found |= _possible_ends(
                approve + yes,
                back + no,
                abstain + neither,
                recuse + aside,
                left,
                away + gone,
                rule,
                own,
                False,
            )
            if len(found) > 1:
                break
        return frozenset(found)
    for yes in range(missing + 1):
        for no in range(missing - yes + 1):
            for neither in range(missing - yes - no + 1):
                rest = missing - yes - no - neither
                for aside in _ways_to_stand_aside(rest, rule):
                    end = end_of(
                        approve + yes,
                        back + no,
                        abstain + neither,
                        recuse + aside,
                        away + rest - aside,
                        rule,
                        chair,
                    )
                    found.add(end)
                    if len(found) > 1:
                        return frozenset(found)
    return frozenset(found)


def _ways_to_stand_aside(rest: int, rule: ApprovalRule) -> Iterable[int]:
    """How many of the rest stand aside, as far as it matters. Those who stay in the base weigh the same as
    who stays away, but for whether a majority is out of reach: the most that can stand aside tell that."""
    return {0, rest} if rule.recused_in_base else range(rest + 1)
