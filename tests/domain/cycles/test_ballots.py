"""The committee's decision: quorum apart from majority, ties, early close."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timezone
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workflow.domain.cycles.ballots import outcome
from workflow.domain.cycles.cycle import Ballot, Choice, Roll
from workflow.domain.rules.routing_rules import ApprovalRule, EarlyClose, MajorityOf, Veto

NOW = datetime(2026, 3, 20, 2, tzinfo=timezone.utc)
LETTERS = {"a": Choice.APPROVE, "r": Choice.RETURN, "s": Choice.ABSTAIN, "x": Choice.RECUSE}


def cast(letters: str) -> list[Ballot]:
    """Ballots of members 0, 1, 2 ... as letters: a(pprove), r(eturn), s (abstain), x (recuse), - (none)."""
    return [Ballot(1, member, LETTERS[letter], NOW) for member, letter in enumerate(letters) if letter != "-"]


def decided(
    letters: str, members: int, rule: ApprovalRule | None = None, *, closed: bool = False
) -> Choice | None:
    found = outcome(
        cast(letters), Roll(frozenset(range(members)), chair=0), rule or ApprovalRule(), is_closed=closed
    )
    return found.choice if found else None


@pytest.mark.parametrize(
    ("letters", "members", "expected"),
    [
        ("aaa", 5, Choice.APPROVE),  # 3 of 5 is more than half
        ("aaa", 6, None),  # 3 of 6 is half, not more
        ("aaaa", 6, Choice.APPROVE),
        ("aaarrr", 6, Choice.RETURN),
        ("rrr", 6, None),  # were the three others to stand aside, nobody would have decided
        ("rrrs", 6, Choice.RETURN),  # two more approvals cannot make more than half
        ("rr", 6, None),
        ("aaass", 7, None),
        ("aaassss", 7, Choice.RETURN),  # abstaining is not approving
        ("", 5, None),
    ],
)
def test_a_party_committee_decides_by_more_than_half_of_all_its_members(letters, members, expected):
    assert decided(letters, members) is expected


def test_a_tie_is_decided_by_the_chair_when_the_rule_gives_a_casting_vote():
    rule = ApprovalRule(casting_vote=True)
    assert decided("aaarrr", 6, rule) is Choice.APPROVE
    assert decided("raarar", 6, rule) is Choice.RETURN
    assert decided("aaarrr", 6) is Choice.RETURN


def test_a_possible_casting_vote_keeps_the_vote_open():
    assert decided("-rrraa", 6, ApprovalRule(casting_vote=True)) is None
    assert decided("-rrraa", 6) is Choice.RETURN


@pytest.mark.parametrize(
    ("letters", "expected"),
    [
        ("a------", Choice.RETURN),
        ("ar-----", Choice.RETURN),  # it passed: a vote against brought it
        ("aaarrss", Choice.RETURN),
        ("aarrsss", Choice.RETURN),  # it passed, with less in favour
        ("aaarrrs", Choice.RETURN),  # 3 of 7: if this passed, so would 3:2:2, which is no tie
        ("aaaarss", Choice.APPROVE),
    ],
)
def test_a_casting_vote_of_seven_never_makes_up_for_a_missing_majority(letters, expected):
    assert decided(letters, 7, ApprovalRule(casting_vote=True), closed=True) is expected


@pytest.mark.parametrize("letters", ["aaarrr", "aaarrs", "aaarss", "aaasss", "aaar--"])
def test_half_with_the_chair_carries_however_the_other_half_is_not_in_favour(letters):
    rule = ApprovalRule(casting_vote=True)
    assert decided(letters, 6, rule, closed=True) is Choice.APPROVE
    assert decided("r" + letters[1:], 6, rule, closed=True) is Choice.RETURN
    assert decided(letters[::-1], 6, rule, closed=True) is Choice.RETURN


def test_a_casting_vote_never_beats_a_larger_majority():
    rule = ApprovalRule(more_than=Fraction(2, 3), of=MajorityOf.CAST, casting_vote=True)
    assert decided("ar", 2, rule) is Choice.RETURN


def test_a_majority_of_those_present_leaves_out_the_absent():
    rule = ApprovalRule(of=MajorityOf.PRESENT)
    assert decided("aar", 7, rule, closed=True) is Choice.APPROVE
    assert decided("aass", 7, rule, closed=True) is Choice.RETURN
    assert decided("aar", 7, rule) is None


def test_a_majority_of_votes_cast_leaves_out_abstentions():
    rule = ApprovalRule(of=MajorityOf.CAST)
    assert decided("aarssss", 7, rule) is Choice.APPROVE


def test_without_the_quorum_nothing_is_decided():
    rule = ApprovalRule(of=MajorityOf.CAST, quorum=Fraction(2, 3))
    assert decided("aaaa", 7, rule, closed=True) is None
    assert decided("rrrr", 7, rule, closed=True) is None
    assert decided("aaaaa", 7, rule, closed=True) is Choice.APPROVE


def test_those_who_stand_aside_do_not_make_the_quorum():
    rule = ApprovalRule(of=MajorityOf.CAST, quorum=Fraction(1, 2))
    assert decided("aaxxxx", 6, rule) is None


def test_when_everyone_stands_aside_nothing_is_decided():
    assert decided("xxxxx", 5) is None


@pytest.mark.parametrize("letters", ["xxxaa", "xxxrr", "xxxar"])
def test_where_too_many_stand_aside_for_a_majority_nothing_is_decided(letters):
    assert decided(letters, 5) is None
    assert decided("xxaar", 5) is Choice.RETURN  # three were left, enough to approve


def test_a_vote_may_end_early_only_after_the_chair_has_voted():
    rule = ApprovalRule(early_close=EarlyClose.AFTER_CHAIR)
    assert decided("-aaa-", 5, rule) is None
    assert decided("aaa--", 5, rule) is Choice.APPROVE
    assert decided("saaa-", 5, rule) is Choice.APPROVE


def test_without_early_close_every_ballot_is_awaited():
    rule = ApprovalRule(early_close=EarlyClose.NO)
    assert decided("aaaa", 5, rule) is None
    assert decided("aaaar", 5, rule) is Choice.APPROVE


def test_a_closed_vote_in_which_nobody_took_part_has_no_outcome():
    assert decided("", 5, closed=True) is None


@pytest.mark.parametrize(
    ("letters", "members", "of", "expected"),
    [
        ("aa---", 5, MajorityOf.ALL, Choice.RETURN),  # half of 5 is 2.5: 2 is not more ...
        ("aaa--", 5, MajorityOf.ALL, Choice.APPROVE),  # ... 3 is
        ("aaa---", 6, MajorityOf.ALL, Choice.RETURN),  # half of 6 is 3: exactly that is not enough
        ("aaaa--", 6, MajorityOf.ALL, Choice.APPROVE),
        ("aas---", 6, MajorityOf.PRESENT, Choice.APPROVE),  # 2 of the 3 present
        ("aass--", 6, MajorityOf.PRESENT, Choice.RETURN),  # 2 of 4: a tie with those who abstain
        ("aass--", 6, MajorityOf.CAST, Choice.APPROVE),  # 2 of 2
        ("ar----", 6, MajorityOf.CAST, Choice.RETURN),
    ],
)
def test_half_is_never_more_than_half_whatever_it_is_half_of(letters, members, of, expected):
    assert decided(letters, members, ApprovalRule(of=of), closed=True) is expected


def test_a_tie_with_the_chair_absent_is_not_approved():
    assert decided("-aarr", 5, ApprovalRule(casting_vote=True), closed=True) is Choice.RETURN
    assert decided("-aarr", 5, ApprovalRule(casting_vote=True)) is None


def test_a_tie_with_the_chair_abstaining_is_not_approved():
    assert decided("saarr", 5, ApprovalRule(casting_vote=True)) is Choice.RETURN


def test_a_quorum_may_be_a_number_of_members():
    rule = ApprovalRule(of=MajorityOf.CAST, quorum_count=4)
    assert decided("aaa--", 5, rule, closed=True) is None
    assert decided("aaar-", 5, rule, closed=True) is Choice.APPROVE


def test_a_veto_of_the_chair_ends_the_vote_and_none_is_over_while_the_chair_may_still_veto():
    rule = ApprovalRule(veto=Veto.CHAIR)
    assert decided("raaaa", 5, rule) is Choice.RETURN
    assert decided("-aaaa", 5, rule) is None
    assert decided("saaaa", 5, rule) is Choice.APPROVE


def test_where_anyone_may_veto_one_return_is_enough():
    rule = ApprovalRule(veto=Veto.ANY)
    assert decided("aaaar", 5, rule) is Choice.RETURN
    assert decided("aar--", 5, rule) is Choice.RETURN
    assert decided("aaaa-", 5, rule) is None


def test_those_who_stand_aside_leave_the_base_only_if_the_rule_says_so():
    assert decided("xxaar", 5, ApprovalRule()) is Choice.RETURN  # 2 of 5
    assert decided("xxaar", 5, ApprovalRule(recused_in_base=False)) is Choice.APPROVE  # 2 of 3


def test_a_vote_stays_open_while_members_may_still_leave_the_base():
    rule = ApprovalRule(recused_in_base=False)
    assert decided("aarr-", 5, rule) is None
    assert decided("aar--", 5, rule) is None  # if both stand aside, 2 of 3


RULES = st.builds(
    ApprovalRule,
    more_than=st.sampled_from(
        [Fraction(1, 2), Fraction(1, 2), Fraction(2, 3), Fraction(3, 5), Fraction(1, 3)]
    ),
    of=st.sampled_from(MajorityOf),
    quorum=st.sampled_from([Fraction(0), Fraction(1, 2), Fraction(2, 3)]),
    quorum_count=st.sampled_from([0, 0, 3]),
    casting_vote=st.booleans(),
    veto=st.sampled_from(Veto),
    recused_in_base=st.booleans(),
    early_close=st.sampled_from(EarlyClose),
)
SHEETS = st.text("arsx-", min_size=1, max_size=8)


def ended(letters: str, rule: ApprovalRule) -> Choice | None:
    """How the vote ends with these ballots and no more."""
    return decided(letters, len(letters), rule, closed=True)


@settings(max_examples=1000)
@given(SHEETS, st.integers(0, 7), RULES)
def test_a_ballot_nearer_to_approval_never_turns_approval_away(letters, place, rule):
    """Of who takes part: against, abstaining, for, in this order; and so the other way round."""
    place %= len(letters)
    ends = [ended(letters[:place] + letter + letters[place + 1 :], rule) for letter in "rsa"]
    assert len({end is None for end in ends}) == 1  # a choice never makes or breaks the quorum
    is_approved = [end is Choice.APPROVE for end in ends]
    assert is_approved == sorted(is_approved)


@settings(max_examples=1000)
@given(SHEETS, st.integers(0, 7), RULES)
def test_a_silent_members_vote_never_turns_a_decision_to_the_other_side(letters, place, rule):
    place %= len(letters)
    silent, for_it, against = (
        ended(letters[:place] + letter + letters[place + 1 :], rule) for letter in "-ar"
    )
    if silent is Choice.APPROVE:
        assert for_it is Choice.APPROVE
    if silent is Choice.RETURN:
        assert against is Choice.RETURN


@given(st.text("arsx-", min_size=1, max_size=7), st.data(), RULES)
def test_an_early_outcome_is_never_changed_by_the_remaining_ballots(letters, data, rule):
    members = len(letters)
    early = decided(letters, members, rule)
    if early is None:
        return
    rest = data.draw(st.text("arsx-", min_size=members, max_size=members))
    full = "".join(b if a == "-" else a for a, b in zip(letters, rest, strict=True))
    late = decided(full, members, rule, closed=True)
    assert late is early


@given(st.text("ars", min_size=1, max_size=7), RULES)
def test_when_everyone_has_taken_part_there_is_a_decision_unless_more_were_needed(letters, rule):
    assert (decided(letters, len(letters), rule) is None) is (rule.quorum_count > len(letters))


@given(st.permutations("aarrsx-"), RULES)
def test_without_a_casting_vote_it_does_not_matter_who_cast_which_ballot(letters, rule):
    veto = Veto.NONE if rule.veto is Veto.CHAIR else rule.veto
    plain = replace(rule, casting_vote=False, veto=veto, early_close=EarlyClose.YES)
    assert decided("".join(letters), 7, plain) is decided("aarrsx-", 7, plain)
