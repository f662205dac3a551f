"""The routing engine: what the facts amount to, whatever their order and however often it is asked."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from fractions import Fraction
from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workflow.domain.calendar import Calendar
from workflow.domain.cycles.advance import Duty, advance, over_from
from workflow.domain.cycles.confirming import words_on
from workflow.domain.cycles.cycle import (
    Ballot,
    Choice,
    Confirmation,
    Facts,
    Interests,
    Paper,
    Recall,
    Reopening,
    Revote,
    Roll,
    Stage,
    Submission,
    Verdict,
)
from workflow.domain.cycles.voting import NoDecision, VotingForm
from workflow.domain.periods.period import Timetable
from workflow.domain.rules.routing_rules import (
    ApprovalRule,
    Carry,
    ConfirmationRule,
    Confirming,
    EarlyClose,
    Fallback,
    MajorityOf,
    Objection,
    Rules,
    Silence,
    Undecided,
    Veto,
)

DATES = Timetable(
    date(2026, 3, 2), date(2026, 3, 16), date(2026, 3, 19), date(2026, 3, 24), date(2026, 3, 27)
)
LEAD, POLICE, FRONT, YOUTH = 1, 2, 3, 4
MEMBERS = frozenset(range(100, 105))
CALENDAR = Calendar()


def at(day: int, hour: int = 9) -> datetime:
    """A moment of March 2026, local hour."""
    return CALENDAR.moment(date(2026, 3, day), hour)


def facts(**changed) -> Facts:
    return replace(
        Facts(
            frozenset({LEAD}), frozenset({POLICE, FRONT, YOUTH}), Roll(MEMBERS, chair=100), timetable=DATES
        ),
        **changed,
    )


def sent(version: int = 1, day: int = 10) -> Submission:
    return Submission(version, LEAD, 10, at(day))


def said(
    unit: int, verdict: Verdict = Verdict.CONFIRM, version: int = 1, day: int = 11, reason: str = ""
) -> Confirmation:
    return Confirmation(version, unit, unit * 10, verdict, at(day), reason)


def votes(letters: str, version: int = 1) -> tuple[Ballot, ...]:
    kinds = {"a": Choice.APPROVE, "r": Choice.RETURN}
    return tuple(
        Ballot(version, 100 + member, kinds[letter], at(20), "Chưa rõ số liệu" if letter == "r" else "")
        for member, letter in enumerate(letters)
    )


ALL_CONFIRM = tuple(said(unit) for unit in (POLICE, FRONT, YOUTH))


def where(known: Facts, rules: Rules | None = None, *, day: int = 12):
    return advance(known, rules or Rules(), at(day), CALENDAR)


def test_before_any_report_the_lead_units_owe_one():
    standing = where(facts())
    assert (standing.stage, standing.duty, standing.units) == (
        Stage.WAITING_SUBMISSION,
        Duty.SUBMIT,
        frozenset({LEAD}),
    )


def test_after_the_report_the_coordinating_units_that_have_not_answered_owe_a_word():
    standing = where(facts(submissions=(sent(),), confirmations=(said(POLICE),)))
    assert standing.stage is Stage.WAITING_CONFIRMATION
    assert standing.units == {FRONT, YOUTH}


def test_an_item_without_coordinating_units_goes_straight_to_the_committee():
    standing = where(facts(submissions=(sent(),), confirming_units=frozenset()))
    assert (standing.stage, standing.persons) == (Stage.WAITING_APPROVAL, MEMBERS)


def test_the_unit_that_reported_is_not_asked_to_confirm_itself():
    standing = where(facts(submissions=(sent(),), confirming_units=frozenset({LEAD, POLICE})))
    assert standing.units == {POLICE}


def test_a_partial_confirmation_lets_the_report_go_on():
    words = (said(POLICE), said(FRONT, Verdict.PARTIAL, reason="Thiếu số hộ"), said(YOUTH))
    assert where(facts(submissions=(sent(),), confirmations=words)).stage is Stage.WAITING_APPROVAL


def test_an_objection_returns_the_report_to_the_lead_with_its_reason():
    standing = where(
        facts(submissions=(sent(),), confirmations=(said(POLICE, Verdict.OBJECT, reason="Sai số vụ"),))
    )
    assert standing.stage is Stage.WAITING_SUBMISSION
    assert standing.returned
    assert standing.returned.reasons == ((POLICE * 10, "Sai số vụ"),)
    assert not standing.returned.by_committee


def test_an_objection_may_go_to_the_committee_with_the_report_if_the_rule_says_so():
    rules = Rules(confirmation=ConfirmationRule(objection=Objection.TO_COMMITTEE))
    words = (said(POLICE, Verdict.OBJECT, reason="Sai"), said(FRONT), said(YOUTH))
    standing = where(facts(submissions=(sent(),), confirmations=words), rules)
    assert (standing.stage, standing.objections) == (Stage.WAITING_APPROVAL, {POLICE})


def test_a_new_version_asks_everyone_again_and_old_words_do_not_carry_over():
    known = facts(submissions=(sent(), sent(2, day=12)), confirmations=ALL_CONFIRM)
    standing = where(known)
    assert (standing.stage, standing.version) == (Stage.WAITING_CONFIRMATION, 2)
    assert standing.units == {POLICE, FRONT, YOUTH}


def test_silence_past_both_limits_counts_as_consent_and_is_named():
    known = facts(submissions=(sent(day=10),), confirmations=(said(POLICE),))
    assert where(known, day=19).stage is Stage.WAITING_CONFIRMATION
    standing = where(known, day=20)
    assert standing.stage is Stage.WAITING_APPROVAL
    assert standing.deemed == {FRONT, YOUTH}


def test_a_late_report_still_gives_the_units_their_working_days():
    known = facts(submissions=(sent(day=18),))
    assert where(known, day=23).stage is Stage.WAITING_CONFIRMATION  # 18 March + 3 working days
    assert where(known, day=24).stage is Stage.WAITING_APPROVAL


def test_silence_blocks_if_the_rule_says_so():
    rules = Rules(confirmation=ConfirmationRule(silence=Silence.BLOCK))
    assert where(facts(submissions=(sent(),)), rules, day=26).stage is Stage.WAITING_CONFIRMATION


def test_a_majority_of_the_units_is_enough_if_the_rule_says_so():
    rules = Rules(confirmation=ConfirmationRule(required=Confirming.MAJORITY))
    known = facts(submissions=(sent(),), confirmations=(said(POLICE), said(FRONT)))
    assert where(known, rules).stage is Stage.WAITING_APPROVAL


def test_more_than_half_of_the_committee_approves():
    known = facts(submissions=(sent(),), confirmations=ALL_CONFIRM)
    assert where(replace(known, ballots=votes("aa")), day=20).stage is Stage.WAITING_APPROVAL
    assert where(replace(known, ballots=votes("aaa")), day=20).stage is Stage.APPROVED


def test_a_committee_return_goes_back_to_the_lead_with_the_members_reasons():
    standing = where(facts(submissions=(sent(),), confirmations=ALL_CONFIRM, ballots=votes("rrr")), day=20)
    assert standing.stage is Stage.WAITING_SUBMISSION
    assert standing.returned
    assert standing.returned.by_committee
    assert standing.returned.reasons == ((0, "Chưa rõ số liệu"),)


def test_the_reasons_of_a_return_stand_the_same_whoever_gave_which():
    said_why = ("Thiếu minh chứng", "Chưa rõ số liệu", "Sai đơn vị")
    found = []
    for order in permutations(said_why):
        cast = tuple(replace(one, reason=why) for one, why in zip(votes("rrr"), order, strict=True))
        found.append(where(facts(submissions=(sent(),), confirmations=ALL_CONFIRM, ballots=cast), day=20))
    assert {one.returned for one in found} == {found[0].returned}
    assert found[0].returned
    assert sorted(why for _, why in found[0].returned.reasons) == sorted(said_why)


def test_ballots_on_an_old_version_do_not_approve_the_new_one():
    known = facts(submissions=(sent(), sent(2)), confirmations=ALL_CONFIRM, ballots=votes("aaaaa"))
    assert where(known).stage is Stage.WAITING_CONFIRMATION


def test_ballots_of_people_outside_the_roll_do_not_count():
    outsiders = tuple(replace(ballot, person_id=ballot.person_id + 50) for ballot in votes("aaaaa"))
    known = facts(submissions=(sent(),), confirmations=ALL_CONFIRM, ballots=outsiders)
    assert where(known, day=20).stage is Stage.WAITING_APPROVAL


def test_after_the_cut_off_what_is_not_approved_has_lapsed_and_what_is_stays_approved():
    assert where(facts(), day=27).stage is Stage.WAITING_SUBMISSION
    assert where(facts(), day=28).stage is Stage.LAPSED
    done = facts(submissions=(sent(),), confirmations=ALL_CONFIRM, ballots=votes("aaa"))
    assert where(done, day=30).stage is Stage.APPROVED


def test_a_report_that_waits_for_others_at_the_cut_off_ends_undecided_and_names_them():
    waits_for_units = facts(submissions=(sent(day=26),), confirmations=(said(POLICE, day=26),))
    standing = where(waits_for_units, day=28)
    assert (standing.stage, standing.unheard_units) == (Stage.UNDECIDED, {FRONT, YOUTH})
    waits_for_members = facts(**APPROVED_BY_ALL, ballots=votes("aa"))
    standing = where(waits_for_members, day=28)
    assert (standing.stage, standing.unheard_persons) == (Stage.UNDECIDED, {102, 103, 104})
    assert (standing.duty, standing.units, standing.persons) == (None, frozenset(), frozenset())


def test_a_report_that_waits_for_others_at_an_early_close_ends_undecided():
    known = facts(**APPROVED_BY_ALL, is_closed=True, closed_at=at(13))
    assert where(known, day=14).stage is Stage.UNDECIDED


def test_a_report_sent_back_and_not_sent_again_lapses():
    words = (said(POLICE, Verdict.OBJECT, reason="Sai số vụ"),)
    assert where(facts(submissions=(sent(),), confirmations=words), day=28).stage is Stage.LAPSED


def test_how_a_cycle_ends_does_not_depend_on_when_it_is_looked_at():
    written = ApprovalRule(fallback=Fallback.WRITTEN, fallback_working_days=20, silence_is_consent=True)
    for rules in (Rules(), voting(written)):
        late_report = facts(submissions=(sent(day=26),))
        for known in (late_report, facts(**APPROVED_BY_ALL)):
            ends = {
                advance(known, rules, CALENDAR.end_of(DATES.cut_off) + timedelta(days=n), CALENDAR)
                for n in (0, 1, 5, 40, 400)
            }
            assert {end.stage for end in ends} == {Stage.UNDECIDED}
            assert len(ends) == 1


def test_by_rule_others_have_some_working_days_after_the_cut_off_and_their_answers_still_count():
    rules = voting(ApprovalRule(undecided=Undecided.AFTERWARDS, undecided_working_days=2))
    known = facts(**APPROVED_BY_ALL, ballots=votes("aa"))
    assert where(known, rules, day=31).persons == {102, 103, 104}
    in_time = replace(known, ballots=(*votes("aa"), Ballot(1, 102, Choice.APPROVE, at(31))))
    assert where(in_time, rules, day=31).stage is Stage.APPROVED
    over = advance(known, rules, CALENDAR.moment(date(2026, 4, 1), 0), CALENDAR)
    assert (over.stage, over.unheard_persons) == (Stage.UNDECIDED, {102, 103, 104})
    assert where(facts(), rules, day=28).stage is Stage.LAPSED


def test_nobody_is_told_a_day_after_the_one_on_which_their_answer_still_counts():
    end = CALENDAR.end_of(DATES.cut_off)
    late = facts(submissions=(sent(day=26),))
    assert where(late, day=26).until == end
    called_late = facts(
        submissions=(sent(day=24),),
        confirmations=tuple(said(unit, day=27) for unit in (POLICE, FRONT, YOUTH)),
    )
    assert where(called_late, day=27).until == end
    longer = voting(ApprovalRule(undecided=Undecided.AFTERWARDS, undecided_working_days=2))
    assert where(called_late, longer, day=27).until == CALENDAR.end_of(date(2026, 3, 31))


def test_closing_a_period_early_lapses_what_is_not_approved():
    assert where(facts(is_closed=True), day=12).stage is Stage.LAPSED


def test_nobody_owes_anything_once_a_cycle_is_final():
    for known in (facts(is_withdrawn=True), facts(is_closed=True)):
        standing = where(known)
        assert standing.stage.is_final
        assert not standing.units
        assert not standing.persons


APPROVED_BY_ALL = {"submissions": (sent(),), "confirmations": ALL_CONFIRM}


def voting(rule: ApprovalRule) -> Rules:
    return Rules(approval=rule)


def test_a_report_recalled_before_the_first_confirmation_is_owed_again():
    known = facts(submissions=(sent(),), recalls=(Recall(1, 10, at(10, 15)),))
    standing = where(known)
    assert (standing.stage, standing.version, standing.returned) == (Stage.WAITING_SUBMISSION, 1, None)


def test_a_recall_after_the_first_confirmation_does_not_hold():
    known = facts(submissions=(sent(),), confirmations=(said(POLICE),), recalls=(Recall(1, 10, at(12)),))
    assert where(known).stage is Stage.WAITING_CONFIRMATION


def test_a_word_changed_after_a_refused_recall_does_not_let_the_recall_hold():
    words = (said(POLICE), said(POLICE, Verdict.PARTIAL, day=13))
    known = facts(submissions=(sent(),), confirmations=words, recalls=(Recall(1, 10, at(12)),))
    assert where(known, day=13).stage is Stage.WAITING_CONFIRMATION


def test_a_reopened_cycle_waits_for_a_new_version_even_past_the_cut_off():
    order = Reopening(1, 99, at(30), "Số liệu sai", date(2026, 4, 10))
    known = facts(**APPROVED_BY_ALL, ballots=votes("aaa"), reopenings=(order,), is_closed=True)
    standing = where(known, day=31)
    assert standing.stage is Stage.WAITING_SUBMISSION
    assert standing.returned
    assert standing.returned.is_reopened
    again = replace(known, submissions=(sent(), sent(2, day=31)))
    assert where(again, day=31).stage is Stage.WAITING_CONFIRMATION


def test_the_last_approved_version_stands_again_where_nothing_new_is_approved_by_the_day():
    order = Reopening(1, 99, at(30), "Số liệu sai", date(2026, 4, 10))
    known = facts(
        **APPROVED_BY_ALL, ballots=votes("aaa"), reopenings=(order,), is_closed=True, closed_at=at(28)
    )
    late = CALENDAR.moment(date(2026, 4, 11), 9)
    objected = Confirmation(2, POLICE, 20, Verdict.OBJECT, at(31, 15), "Sai")
    for submissions, words in (
        ((sent(),), ALL_CONFIRM),
        ((sent(), sent(2, day=31)), ALL_CONFIRM),
        ((sent(), sent(2, day=31)), (*ALL_CONFIRM, objected)),
    ):
        end = advance(replace(known, submissions=submissions, confirmations=words), Rules(), late, CALENDAR)
        assert (end.stage, end.version, end.is_restored) == (Stage.APPROVED, 1, True)
    twice = replace(known, reopenings=(order, Reopening(1, 99, late, "Vẫn sai", date(2026, 4, 20))))
    assert advance(twice, Rules(), late, CALENDAR).stage is Stage.WAITING_SUBMISSION
    again = advance(twice, Rules(), CALENDAR.moment(date(2026, 4, 21), 9), CALENDAR)
    assert (again.stage, again.version) == (Stage.APPROVED, 1)


def test_a_lapsed_cycle_reopened_in_vain_lapses_again_and_an_undecided_one_stays_undecided():
    order = Reopening(0, 99, at(30), "Cho báo cáo lại", date(2026, 4, 3))
    after = CALENDAR.moment(date(2026, 4, 6), 9)
    assert advance(facts(reopenings=(order,)), Rules(), after, CALENDAR).stage is Stage.LAPSED
    undecided = facts(**APPROVED_BY_ALL, ballots=votes("a"), reopenings=(replace(order, version=1),))
    assert advance(undecided, Rules(), after, CALENDAR).stage is Stage.UNDECIDED


def test_nobody_confirms_what_they_sent_themselves_nor_a_substitute_in_their_place():
    mine = Confirmation(1, POLICE, 10, Verdict.CONFIRM, at(11))
    for_me = Confirmation(1, POLICE, 77, Verdict.CONFIRM, at(11), acted_for=10)
    for word in (mine, for_me):
        standing = where(facts(submissions=(sent(),), confirmations=(word,)))
        assert POLICE in standing.units


def test_a_member_who_sent_the_report_owes_no_ballot_and_theirs_does_not_count():
    by_member = replace(sent(), person_id=101)
    known = facts(submissions=(by_member,), confirmations=ALL_CONFIRM, ballots=votes("aaa"))
    standing = where(known, day=20)
    assert standing.stage is Stage.WAITING_APPROVAL
    assert standing.persons == {103, 104}
    assert standing.barred == {101}


def test_a_member_who_leads_the_item_or_its_unit_is_recused_by_rule():
    part = Interests(frozenset({101}), frozenset({102}))
    known = facts(**APPROVED_BY_ALL, interests=part)
    assert where(known, day=20).persons == MEMBERS
    rules = voting(ApprovalRule(recuse_leader=True, recuse_unit=True))
    standing = where(replace(known, ballots=votes("aaaa")), rules, day=20)
    assert (standing.stage, standing.persons) == (Stage.WAITING_APPROVAL, {104})
    small = voting(ApprovalRule(recuse_leader=True, recuse_unit=True, recused_in_base=False))
    assert where(replace(known, ballots=votes("aaaa")), small, day=20).stage is Stage.APPROVED


def test_where_every_member_is_recused_nobody_owes_a_ballot_and_the_office_has_to_act():
    known = facts(**APPROVED_BY_ALL, interests=Interests(MEMBERS))
    standing = where(known, voting(ApprovalRule(recuse_leader=True)), day=20)
    assert (standing.stage, standing.duty, standing.form) == (Stage.WAITING_APPROVAL, None, VotingForm.CLOSED)
    assert standing.persons == frozenset()


def test_a_ballot_on_paper_counts_once_a_second_person_confirmed_the_entry():
    two = votes("aa")
    for paper, stage in (
        (Paper(7), Stage.WAITING_APPROVAL),
        (Paper(7, 7), Stage.WAITING_APPROVAL),
        (Paper(7, 8), Stage.APPROVED),
    ):
        entered = Ballot(1, 102, Choice.APPROVE, at(20), paper=paper)
        assert where(facts(**APPROVED_BY_ALL, ballots=(*two, entered)), day=20).stage is stage


def test_a_substitute_votes_once_and_a_member_for_nobody_else():
    by_member = Ballot(1, 102, Choice.APPROVE, at(20), acted_by=103)
    twice = (
        Ballot(1, 102, Choice.APPROVE, at(20), acted_by=77),
        Ballot(1, 103, Choice.APPROVE, at(20, 10), acted_by=77),
    )
    one = facts(**APPROVED_BY_ALL, ballots=(*votes("aa"), by_member))
    assert where(one, day=20).persons == {102, 103, 104}
    other = where(facts(**APPROVED_BY_ALL, ballots=(*votes("a"), *twice)), day=20)
    assert other.persons == {101, 103, 104}


def test_where_members_vote_themselves_no_substitutes_ballot_counts():
    cast = (*votes("aa"), Ballot(1, 102, Choice.APPROVE, at(20), acted_by=77))
    known = facts(**APPROVED_BY_ALL, ballots=cast)
    assert where(known, day=20).stage is Stage.APPROVED
    assert where(known, voting(ApprovalRule(substitutes=False)), day=20).persons == {102, 103, 104}


def test_confirmations_of_units_the_change_does_not_concern_carry_over_by_rule():
    rules = Rules(confirmation=ConfirmationRule(carry=Carry.UNTOUCHED))
    changed = replace(sent(2, day=12), touches=frozenset({FRONT}))
    standing = where(facts(submissions=(sent(), changed), confirmations=ALL_CONFIRM), rules)
    assert (standing.units, standing.carried) == ({FRONT}, {POLICE, YOUTH})
    whole = replace(changed, touches=None)
    standing = where(facts(submissions=(sent(), whole), confirmations=ALL_CONFIRM), rules)
    assert standing.units == {POLICE, FRONT, YOUTH}


def test_all_confirmations_carry_over_by_rule_unless_a_unit_objected():
    rules = Rules(confirmation=ConfirmationRule(carry=Carry.UNLESS_OBJECTION))
    again = (sent(), sent(2, day=12))
    assert where(facts(submissions=again, confirmations=ALL_CONFIRM), rules).stage is Stage.WAITING_APPROVAL
    words = (said(POLICE), said(FRONT, Verdict.OBJECT, reason="Sai"))
    assert where(facts(submissions=again, confirmations=words), rules).units == {POLICE, FRONT, YOUTH}


def test_an_approval_carries_over_a_return_by_rule_but_not_over_a_reopening():
    rules = voting(ApprovalRule(carry_approvals=True))
    words = (*ALL_CONFIRM, *(said(unit, version=2, day=21) for unit in (POLICE, FRONT, YOUTH)))
    known = facts(submissions=(sent(), sent(2, day=20)), confirmations=words, ballots=votes("aarrr"))
    assert where(known, rules, day=23).persons == {102, 103, 104}
    assert where(known, day=23).persons == MEMBERS
    order = Reopening(1, 99, at(20, 8), "Số liệu sai", date(2026, 4, 10))
    assert where(replace(known, reopenings=(order,)), rules, day=23).persons == MEMBERS


def test_a_vote_without_a_result_by_its_last_day_waits_for_the_cut_off_unless_a_rule_says_otherwise():
    known = facts(**APPROVED_BY_ALL, ballots=votes("aa"))
    assert where(known, day=25).persons == {102, 103, 104}
    assert where(known, voting(ApprovalRule(fallback=Fallback.COUNT)), day=24).stage is Stage.WAITING_APPROVAL
    standing = where(known, voting(ApprovalRule(fallback=Fallback.COUNT)), day=25)
    assert (standing.stage, standing.returned and standing.returned.by_committee) == (
        Stage.WAITING_SUBMISSION,
        True,
    )


def test_without_a_result_the_chair_decides_where_the_rule_says_so():
    rules = voting(ApprovalRule(fallback=Fallback.CHAIR))
    cast = tuple(replace(ballot, person_id=ballot.person_id + 1) for ballot in votes("aa"))
    known = facts(**APPROVED_BY_ALL, ballots=cast)
    standing = where(known, rules, day=25)
    assert (standing.form, standing.persons) == (VotingForm.BY_CHAIR, {100})
    word = Ballot(1, 100, Choice.RETURN, at(25), "Chưa rõ")
    late = Ballot(1, 103, Choice.APPROVE, at(25))
    assert where(replace(known, ballots=(*cast, late)), rules, day=25).form is VotingForm.BY_CHAIR
    assert where(replace(known, ballots=(*cast, word)), rules, day=25).stage is Stage.WAITING_SUBMISSION


def test_a_chair_who_decides_alone_needs_the_quorum_all_the_same():
    rules = voting(ApprovalRule(fallback=Fallback.CHAIR, quorum=Fraction(3, 5)))
    one, two = (tuple(Ballot(1, 101 + n, Choice.APPROVE, at(20)) for n in range(count)) for count in (1, 2))
    few = where(facts(**APPROVED_BY_ALL, ballots=one), rules, day=25)
    assert (few.form, few.persons, few.no_decision) == (VotingForm.CLOSED, frozenset(), NoDecision.NO_QUORUM)
    own = Ballot(1, 100, Choice.APPROVE, at(25))
    assert where(facts(**APPROVED_BY_ALL, ballots=(*one, own)), rules, day=25).stage is Stage.WAITING_APPROVAL
    # The chair's own ballot makes the quorum.
    assert where(facts(**APPROVED_BY_ALL, ballots=two), rules, day=25).form is VotingForm.BY_CHAIR


def test_a_vote_without_the_quorum_is_neither_approved_nor_returned_and_the_office_has_to_act():
    rules = voting(ApprovalRule(fallback=Fallback.COUNT, of=MajorityOf.CAST, quorum=Fraction(2, 3)))
    for letters in ("aa", "rr", "ar"):
        standing = where(facts(**APPROVED_BY_ALL, ballots=votes(letters)), rules, day=25)
        assert (standing.stage, standing.duty, standing.returned) == (Stage.WAITING_APPROVAL, None, None)
        assert (standing.form, standing.no_decision) == (VotingForm.CLOSED, NoDecision.NO_QUORUM)


def test_where_too_many_are_barred_for_a_majority_nobody_is_asked_and_nothing_goes_back():
    rules = voting(ApprovalRule(recuse_unit=True))
    known = facts(**APPROVED_BY_ALL, interests=Interests(of_lead_units=frozenset({101, 102, 103})))
    for cast in ((), votes("a"), (Ballot(1, 104, Choice.RETURN, at(20)),)):
        standing = where(replace(known, ballots=cast), rules, day=20)
        assert (standing.stage, standing.persons, standing.returned) == (
            Stage.WAITING_APPROVAL,
            frozenset(),
            None,
        )
        assert standing.no_decision is NoDecision.OUT_OF_REACH


def test_ballots_on_paper_may_still_decide_a_vote_that_closed_without_a_decision():
    rules = voting(ApprovalRule(fallback=Fallback.COUNT, quorum=Fraction(3, 5)))
    known = facts(**APPROVED_BY_ALL, ballots=votes("aa"))
    late = Ballot(1, 102, Choice.APPROVE, at(26))
    assert where(replace(known, ballots=(*known.ballots, late)), rules, day=26).form is VotingForm.CLOSED
    paper = replace(late, paper=Paper(7, 8))
    assert where(replace(known, ballots=(*known.ballots, paper)), rules, day=26).stage is Stage.APPROVED


def test_without_early_close_a_silent_member_is_waited_for_until_the_last_day_and_not_longer():
    rules = voting(ApprovalRule(early_close=EarlyClose.NO))
    known = facts(**APPROVED_BY_ALL, ballots=votes("aaa"))
    assert where(known, rules, day=24).persons == {103, 104}
    assert where(known, rules, day=25).stage is Stage.APPROVED


def test_without_a_chair_who_may_vote_a_vote_left_to_the_chair_just_waits():
    rules = voting(ApprovalRule(fallback=Fallback.CHAIR, recuse_leader=True))
    known = facts(**APPROVED_BY_ALL, interests=Interests(frozenset({100})))
    assert where(known, rules, day=25).persons == MEMBERS - {100}


def test_a_postponed_vote_stays_open_some_working_days_and_then_closes():
    rules = voting(ApprovalRule(fallback=Fallback.POSTPONE, fallback_working_days=2))
    known = facts(**APPROVED_BY_ALL, ballots=votes("aa"))
    assert where(known, rules, day=26).form is VotingForm.POSTPONED
    in_time = replace(known, ballots=(*votes("aa"), Ballot(1, 102, Choice.APPROVE, at(26))))
    assert where(in_time, rules, day=27).stage is Stage.APPROVED
    late = replace(known, ballots=(*votes("aa"), Ballot(1, 102, Choice.APPROVE, at(27))))
    assert where(late, rules, day=27).stage is Stage.WAITING_SUBMISSION


def test_silence_in_a_written_ballot_is_consent_only_if_the_rule_says_so():
    written = ApprovalRule(fallback=Fallback.WRITTEN, fallback_working_days=2)
    known = facts(**APPROVED_BY_ALL, ballots=votes("aa"))
    standing = where(known, voting(written), day=25)
    assert (standing.form, standing.persons) == (VotingForm.WRITTEN, {102, 103, 104})
    assert where(known, voting(written), day=27).stage is Stage.WAITING_SUBMISSION
    standing = where(known, voting(replace(written, silence_is_consent=True)), day=27)
    assert (standing.stage, standing.deemed_persons) == (Stage.APPROVED, {102, 103, 104})


def test_a_vote_may_end_at_an_hour_of_its_last_day():
    rules = voting(ApprovalRule(fallback=Fallback.COUNT, until=time(11)))
    known = facts(**APPROVED_BY_ALL, ballots=(*votes("aa"), Ballot(1, 102, Choice.APPROVE, at(24, 11))))
    assert advance(known, rules, at(24, 10), CALENDAR).until == at(24, 11)
    assert advance(known, rules, at(24, 11), CALENDAR).stage is Stage.WAITING_SUBMISSION


def test_an_hour_binds_where_a_vote_without_a_result_just_waits():
    rules = voting(ApprovalRule(until=time(11)))
    known = facts(**APPROVED_BY_ALL, ballots=(*votes("aa"), Ballot(1, 102, Choice.APPROVE, at(24, 11))))
    standing = advance(known, rules, at(24, 11), CALENDAR)
    assert (standing.stage, standing.form) == (Stage.WAITING_APPROVAL, VotingForm.CLOSED)
    assert (standing.persons, standing.no_decision) == (frozenset(), NoDecision.UNFINISHED)


def test_a_closed_vote_in_which_nobody_took_part_is_owed_by_nobody_and_ends_undecided():
    rules = voting(ApprovalRule(fallback=Fallback.COUNT))
    standing = where(facts(**APPROVED_BY_ALL), rules, day=25)
    assert (standing.stage, standing.duty) == (Stage.WAITING_APPROVAL, None)
    assert where(facts(**APPROVED_BY_ALL), rules, day=28).stage is Stage.UNDECIDED


def test_a_version_sent_after_the_last_day_of_voting_still_gives_the_members_their_working_days():
    rules = voting(ApprovalRule(fallback=Fallback.COUNT))
    dates = replace(DATES, cut_off=date(2026, 4, 30))
    words = tuple(said(unit, day=26) for unit in (POLICE, FRONT, YOUTH))
    known = facts(submissions=(sent(day=25),), confirmations=words, timetable=dates)
    standing = where(known, rules, day=30)
    assert standing.persons == MEMBERS
    assert standing.until == CALENDAR.end_of(date(2026, 4, 2))  # 25 March + 3 to confirm + 3 to vote


AGAIN = Revote(1, 99, at(22), date(2026, 3, 26))


def test_a_returned_version_is_before_the_committee_again_until_the_day_the_office_named():
    back = facts(submissions=(sent(),), confirmations=ALL_CONFIRM, ballots=votes("rrraa"))
    assert where(back, day=22).returned
    standing = where(replace(back, revotes=(AGAIN,)), day=22)
    assert (standing.stage, standing.persons) == (Stage.WAITING_APPROVAL, MEMBERS)
    assert (standing.returned, standing.until) == (None, CALENDAR.end_of(date(2026, 3, 26)))
    cast = tuple(Ballot(1, one, Choice.APPROVE, at(23)) for one in (101, 102, 103))
    later = replace(back, revotes=(AGAIN,), ballots=(*back.ballots, *cast))
    assert where(later, voting(ApprovalRule(early_close=EarlyClose.YES)), day=24).stage is Stage.APPROVED


def test_a_version_an_objection_returned_may_be_put_to_the_vote_and_the_committee_sees_the_objection():
    objected = (said(POLICE, Verdict.OBJECT, reason="Sai"), said(FRONT))
    back = facts(submissions=(sent(),), confirmations=objected)
    assert where(back).returned
    standing = where(replace(back, revotes=(AGAIN,)), day=22)
    assert (standing.stage, standing.duty) == (Stage.WAITING_APPROVAL, Duty.VOTE)
    assert standing.objections == {POLICE}


def test_a_vote_closed_for_want_of_the_quorum_runs_anew_and_closes_on_its_new_day():
    rules = voting(ApprovalRule(fallback=Fallback.COUNT, quorum=Fraction(1, 2)))
    known = facts(submissions=(sent(),), confirmations=ALL_CONFIRM, ballots=votes("aa"))
    assert where(known, rules, day=25).no_decision is NoDecision.NO_QUORUM
    anew = replace(known, revotes=(replace(AGAIN, at=at(25)),))
    running = where(anew, rules, day=25)
    assert (running.no_decision, running.persons, running.count.approve) == (None, MEMBERS, 0)
    assert where(anew, rules, day=27).no_decision is NoDecision.NO_BALLOT


def test_a_newer_version_or_a_reopening_ends_what_the_vote_anew_was_for():
    back = facts(submissions=(sent(), sent(2, 23)), confirmations=ALL_CONFIRM, revotes=(AGAIN,))
    assert where(back, day=24).stage is Stage.WAITING_CONFIRMATION
    order = Reopening(1, 99, at(23), "Số liệu sai", date(2026, 4, 10))
    reopened = replace(back, submissions=(sent(),), reopenings=(order,))
    assert where(reopened, day=24).stage is Stage.WAITING_SUBMISSION


def test_no_approval_of_an_earlier_version_carries_into_a_vote_called_anew():
    rules = voting(ApprovalRule(carry_approvals=True))
    known = facts(
        submissions=(sent(), sent(2, 20)),
        confirmations=(*ALL_CONFIRM, *(said(unit, version=2, day=20) for unit in (POLICE, FRONT, YOUTH))),
        ballots=votes("aarrr"),
    )
    assert where(known, rules, day=21).count.approve == 2
    anew = replace(known, revotes=(replace(AGAIN, version=2),))
    assert where(anew, rules, day=22).count.approve == 0


def test_co_leads_confirm_only_if_the_rule_asks_them():
    known = facts(
        submissions=(sent(),), lead_units=frozenset({LEAD, YOUTH}), confirming_units=frozenset({LEAD, YOUTH})
    )
    assert where(known).units == {YOUTH}
    rules = Rules(confirmation=ConfirmationRule(co_leads=False))
    assert where(known, rules).stage is Stage.WAITING_APPROVAL


EACH = Rules(confirmation=ConfirmationRule(each_lead=True))


def led_by_three(*words: Confirmation, **changed) -> Facts:
    """Three lead units, of which one has reported, and the police beside them."""
    leads = frozenset({LEAD, FRONT, YOUTH})
    given = {"lead_units": leads, "confirming_units": leads | {POLICE}, "submissions": (sent(),)}
    return facts(confirmations=words, **(given | changed))


def its_own(unit: int, **changed) -> Confirmation:
    return said(unit, **({"reason": "Chi bộ đã tổ chức 2 buổi"} | changed))


def test_one_report_of_several_leads_is_enough_unless_the_rule_asks_each():
    known = led_by_three(said(POLICE))
    one = Rules(confirmation=ConfirmationRule(co_leads=False))
    assert where(known, one).stage is Stage.WAITING_APPROVAL
    each = Rules(confirmation=ConfirmationRule(co_leads=False, each_lead=True))
    standing = where(known, each)
    assert (standing.stage, standing.units) == (Stage.WAITING_CONFIRMATION, {FRONT, YOUTH})
    assert standing.own_results == {FRONT, YOUTH}
    told = led_by_three(said(POLICE), its_own(FRONT), its_own(YOUTH))
    assert where(told, each).stage is Stage.WAITING_APPROVAL


@pytest.mark.parametrize("required", list(Confirming))
def test_each_lead_is_waited_for_whatever_is_required_of_coordinating_units(required):
    rules = Rules(confirmation=ConfirmationRule(required=required, each_lead=True))
    assert where(led_by_three(said(POLICE), its_own(FRONT)), rules).units == {YOUTH}
    of_leads = led_by_three(its_own(FRONT), its_own(YOUTH))
    waits_for_police = required is not Confirming.NONE
    assert where(of_leads, rules).units == ({POLICE} if waits_for_police else set())


@pytest.mark.parametrize("reason", ["", " ", "..."])
def test_a_co_leads_word_without_a_result_counts_as_none(reason):
    words = (said(POLICE), its_own(FRONT), said(YOUTH, reason=reason))
    assert where(led_by_three(*words), EACH).units == {YOUTH}


def test_a_lead_that_tells_no_result_is_named_and_never_taken_as_consenting():
    standing = where(led_by_three(its_own(FRONT)), EACH, day=23)
    assert (standing.stage, standing.silent_leads) == (Stage.WAITING_APPROVAL, {YOUTH})
    assert standing.deemed == {POLICE}


def test_silent_leads_hold_the_report_where_silence_blocks():
    rules = Rules(confirmation=ConfirmationRule(each_lead=True, silence=Silence.BLOCK))
    standing = where(led_by_three(said(POLICE), its_own(FRONT)), rules, day=23)
    assert (standing.stage, standing.units) == (Stage.WAITING_CONFIRMATION, {YOUTH})
    end = where(led_by_three(said(POLICE), its_own(FRONT)), rules, day=30)
    assert (end.stage, end.unheard_units) == (Stage.UNDECIDED, {YOUTH})


def test_a_co_lead_may_object_to_the_whole_report_instead():
    standing = where(led_by_three(said(YOUTH, Verdict.OBJECT, reason="Sai số buổi")), EACH)
    assert standing.returned
    assert standing.returned.reasons == ((YOUTH * 10, "Sai số buổi"),)


def test_a_new_version_asks_each_lead_again_as_the_rule_of_carrying_says():
    words = (said(POLICE), its_own(FRONT), its_own(YOUTH))
    again = led_by_three(*words, submissions=(sent(), replace(sent(2, day=12), touches=frozenset())))
    assert where(again, EACH, day=13).units == {POLICE, FRONT, YOUTH}
    carried = Rules(confirmation=ConfirmationRule(each_lead=True, carry=Carry.UNTOUCHED))
    assert where(again, carried, day=13).stage is Stage.WAITING_APPROVAL


SETS_OF_SIX = {
    "words and votes": [*ALL_CONFIRM, *votes("aar")],
    "a recall too late": [
        sent(),
        said(POLICE),
        Recall(1, 10, at(12)),
        said(FRONT),
        said(YOUTH),
        votes("a")[0],
    ],
    "a recall in time": [sent(), Recall(1, 10, at(10, 10)), said(POLICE), said(FRONT), *votes("ar")],
    "an objection and a new version": [
        sent(),
        said(POLICE, Verdict.OBJECT, reason="Sai"),
        sent(2, day=12),
        said(POLICE, version=2, day=13),
        said(FRONT),
        said(YOUTH, version=2, day=13),
    ],
    "changed minds": [
        sent(),
        said(POLICE, Verdict.OBJECT, reason="Sai"),
        said(POLICE, day=12),
        said(FRONT),
        said(YOUTH, Verdict.PARTIAL),
        Ballot(1, 100, Choice.ABSTAIN, at(21)),
    ],
    "paper, a substitute, a reopening": [
        *votes("aa"),
        Ballot(1, 102, Choice.APPROVE, at(20), paper=Paper(7, 8)),
        Ballot(1, 103, Choice.RETURN, at(20), "Sai", acted_by=77),
        Ballot(1, 104, Choice.APPROVE, at(20, 10), acted_by=77),
        Reopening(1, 99, at(22), "Số liệu sai", date(2026, 4, 10)),
    ],
}


@pytest.mark.parametrize("told", SETS_OF_SIX.values(), ids=SETS_OF_SIX)
@pytest.mark.parametrize("fallback", Fallback)
def test_every_order_of_the_same_six_facts_ends_the_same(told, fallback):
    rules = Rules(
        confirmation=ConfirmationRule(carry=Carry.UNLESS_OBJECTION),
        approval=ApprovalRule(fallback=fallback, casting_vote=True, until=time(11)),
    )
    is_sent = any(isinstance(fact, Submission) for fact in told)
    ends = set()
    for order in permutations(told):
        known = facts(
            submissions=tuple(fact for fact in order if isinstance(fact, Submission)) or (sent(),),
            confirmations=tuple(fact for fact in order if isinstance(fact, Confirmation))
            or (() if is_sent else ALL_CONFIRM),
            ballots=tuple(fact for fact in order if isinstance(fact, Ballot)),
            recalls=tuple(fact for fact in order if isinstance(fact, Recall)),
            reopenings=tuple(fact for fact in order if isinstance(fact, Reopening)),
        )
        ends.add(where(known, rules, day=25))
    assert len(ends) == 1


MOMENTS = st.integers(0, 14 * 24).map(lambda hours: at(9, 8) + timedelta(hours=hours))
SUBMISSIONS = st.lists(
    st.builds(
        Submission,
        st.integers(1, 3),
        st.just(LEAD),
        st.sampled_from([10, 10, 20, 101]),
        MOMENTS,
        acted_for=st.sampled_from([None, None, 21]),
        touches=st.sampled_from([None, frozenset(), frozenset({FRONT})]),
    ),
    max_size=3,
    unique_by=lambda one: one.version,
)
CONFIRMATIONS = st.lists(
    st.builds(
        Confirmation,
        st.integers(1, 3),
        st.sampled_from([POLICE, FRONT, YOUTH, 9]),
        st.integers(20, 24),
        st.sampled_from(Verdict),
        MOMENTS,
        st.sampled_from(["", ".", "Đã tổ chức 2 buổi"]),
    ),
    max_size=6,
)
BALLOTS = st.lists(
    st.builds(
        Ballot,
        st.integers(1, 3),
        st.integers(99, 105),
        st.sampled_from(Choice),
        MOMENTS,
        acted_by=st.sampled_from([None, None, None, 77, 103]),
        paper=st.sampled_from([None, None, None, Paper(7), Paper(7, 8)]),
    ),
    max_size=8,
)
RULES = st.builds(
    Rules,
    confirmation=st.builds(
        ConfirmationRule,
        required=st.sampled_from(Confirming),
        co_leads=st.booleans(),
        each_lead=st.booleans(),
        silence=st.sampled_from(Silence),
        silence_working_days=st.integers(1, 4),
        objection=st.sampled_from(Objection),
        carry=st.sampled_from(Carry),
    ),
    approval=st.builds(
        ApprovalRule,
        more_than=st.sampled_from([Fraction(1, 2), Fraction(2, 3)]),
        of=st.sampled_from(MajorityOf),
        quorum=st.sampled_from([Fraction(0), Fraction(2, 3)]),
        casting_vote=st.booleans(),
        veto=st.sampled_from(Veto),
        recuse_leader=st.booleans(),
        recused_in_base=st.booleans(),
        substitutes=st.booleans(),
        early_close=st.sampled_from(EarlyClose),
        until=st.sampled_from([None, time(11)]),
        fallback=st.sampled_from(Fallback),
        silence_is_consent=st.booleans(),
        carry_approvals=st.booleans(),
        undecided=st.sampled_from(Undecided),
    ),
)
RECALLS = st.lists(st.builds(Recall, st.integers(1, 3), st.just(10), MOMENTS), max_size=1)
REOPENINGS = st.lists(
    st.builds(
        Reopening,
        st.integers(1, 2),
        st.just(99),
        MOMENTS,
        st.just("Sai"),
        st.dates(date(2026, 3, 20), date(2026, 4, 5)),
    ),
    max_size=1,
)
REVOTES = st.lists(
    st.builds(Revote, st.integers(1, 3), st.just(99), MOMENTS, st.dates(date(2026, 3, 20), date(2026, 4, 5))),
    max_size=2,
)
KNOWN = st.builds(
    lambda sent_, words, cast, recalls, reopenings, revotes: facts(
        submissions=tuple(sent_),
        confirmations=tuple(words),
        ballots=tuple(cast),
        recalls=tuple(recalls),
        reopenings=tuple(reopenings),
        revotes=tuple(revotes),
        interests=Interests(frozenset({101})),
    ),
    SUBMISSIONS,
    CONFIRMATIONS,
    BALLOTS,
    RECALLS,
    REOPENINGS,
    st.one_of(st.just([]), REVOTES),
)


@given(KNOWN, RULES, st.integers(9, 30))
def test_no_lead_is_passed_over_where_each_has_to_tell_its_result(known, rules, day):
    leads = frozenset({LEAD, FRONT, YOUTH})
    known = replace(known, lead_units=leads, confirming_units=leads | {POLICE})
    rules = replace(rules, confirmation=replace(rules.confirmation, each_lead=True))
    standing = advance(known, rules, at(day), CALENDAR)
    assert not standing.deemed & leads
    if standing.stage is Stage.WAITING_APPROVAL:
        current = known.current
        told = {
            unit
            for unit, word in words_on(known, current.version, rules.confirmation).items()
            if word.verdict is Verdict.OBJECT or "buổi" in word.reason
        }
        assert leads - {current.unit_id} <= told | standing.silent_leads
        assert not told & standing.silent_leads


@given(KNOWN, RULES)
def test_how_a_cycle_ends_is_the_same_whenever_it_is_looked_at(known, rules):
    far = CALENDAR.moment(date(2026, 9, 1), 9)
    end = over_from(known, rules, far, CALENDAR)
    found = advance(known, rules, far, CALENDAR)
    assert found.stage.is_final
    for moment in (end, end + timedelta(microseconds=1), end + timedelta(days=1), end + timedelta(days=60)):
        assert advance(known, rules, moment, CALENDAR) == found


@given(st.sets(st.sampled_from([POLICE, FRONT, YOUTH])), st.sets(st.sampled_from(sorted(MEMBERS))), RULES)
def test_a_report_sent_in_time_and_not_sent_back_never_ends_as_none(units, members, rules):
    approving = tuple(Ballot(1, member, Choice.APPROVE, at(20)) for member in members)
    known = facts(submissions=(sent(),), confirmations=tuple(map(said, units)), ballots=approving)
    is_patient = replace(rules, approval=replace(rules.approval, fallback=Fallback.WAIT, early_close=False))
    end = advance(known, is_patient, CALENDAR.moment(date(2026, 9, 1), 9), CALENDAR)
    if len(members) < len(MEMBERS):
        assert end.stage in (Stage.APPROVED, Stage.UNDECIDED)


@given(KNOWN, RULES, st.integers(9, 30))
def test_the_day_told_is_never_after_the_cycles_own_end(known, rules, day):
    standing = advance(known, rules, at(day), CALENDAR)
    if standing.until and standing.stage.waits_for_others:
        assert standing.until <= over_from(known, rules, at(day), CALENDAR)


@given(KNOWN, RULES, st.randoms(), st.integers(9, 30))
def test_the_order_in_which_facts_are_told_never_matters(known, rules, random, day):
    names = ("submissions", "confirmations", "ballots", "recalls", "reopenings", "revotes")
    shuffled = {}
    for name in names:
        told = list(getattr(known, name))
        random.shuffle(told)
        shuffled[name] = tuple(told)
    again = replace(known, **shuffled)
    assert advance(known, rules, at(day), CALENDAR) == advance(again, rules, at(day), CALENDAR)


@given(KNOWN, st.integers(9, 30))
def test_approved_means_more_than_half_of_the_roll_approved_the_current_version(known, day):
    standing = advance(known, Rules(), at(day), CALENDAR)
    if standing.stage is not Stage.APPROVED:
        return
    approving = {
        ballot.person_id
        for ballot in known.ballots
        if ballot.version == standing.version
        and ballot.choice is Choice.APPROVE
        and ballot.person_id in MEMBERS
    }
    assert len(approving) * 2 > len(MEMBERS)


@given(KNOWN, RULES, st.integers(9, 30))
def test_a_duty_always_names_someone_who_may_act_and_never_someone_who_may_not(known, rules, day):
    standing = advance(known, rules, at(day), CALENDAR)
    authors = known.authors(standing.version)
    match standing.duty:
        case Duty.SUBMIT:
            assert standing.units == known.lead_units
        case Duty.CONFIRM:
            assert standing.units
            assert standing.units <= known.confirming_units
        case Duty.VOTE:
            assert standing.persons
            assert standing.persons <= MEMBERS - authors
            assert not (rules.approval.recuse_leader and 101 in standing.persons)
        case None:
            assert standing.stage.is_final or standing.form is VotingForm.CLOSED


@given(KNOWN, RULES, st.integers(9, 30), st.sampled_from(["author", "unsound", "outsider"]))
def test_facts_nobody_was_entitled_to_change_nothing(known, rules, day, kind):
    before = advance(known, rules, at(day), CALENDAR)
    version = before.version
    if not version:
        return
    author = next(iter(known.authors(version)))
    ballot = {
        "author": Ballot(version, author, Choice.APPROVE, at(day)),
        "unsound": Ballot(version, 102, Choice.APPROVE, at(day), paper=Paper(7)),
        "outsider": Ballot(version, 500, Choice.APPROVE, at(day)),
    }[kind]
    word = Confirmation(version, POLICE, author, Verdict.OBJECT, at(day), "Sai")
    told = replace(known, ballots=(*known.ballots, ballot), confirmations=(*known.confirmations, word))
    assert advance(told, rules, at(day), CALENDAR) == before


@given(KNOWN, RULES, st.integers(20, 30), BALLOTS)
def test_once_called_anew_nobodys_earlier_ballot_counts(known, rules, day, others):
    """Whatever was cast on the version before the order, where it stands is the same."""
    version = known.current.version if known.current else 0
    again = Revote(version, 99, at(19), date(2026, 3, 26))
    known = replace(known, revotes=(*known.revotes, again), recalls=())
    earlier = tuple(replace(one, at=min(one.at, at(19))) for one in others if one.version == version)
    kept = tuple(one for one in known.ballots if one.version != version or one.at > at(19))
    without = advance(replace(known, ballots=kept), rules, at(day), CALENDAR)
    assert advance(replace(known, ballots=(*kept, *earlier)), rules, at(day), CALENDAR) == without


LONG = replace(DATES, cut_off=date(2026, 5, 29))
ATTEMPTS = st.lists(
    st.tuples(
        st.integers(100, 104),
        st.sampled_from(Choice),
        st.one_of(
            st.integers(16, 31).flatmap(lambda day: st.integers(0, 23).map(lambda hour: at(day, hour))),
            st.sampled_from([at(24, 11), at(25, 0), at(26, 11), at(27, 0)]),
        ),
        st.sampled_from([0, 0, -1, 1]),
        st.booleans(),
    ),
    max_size=9,
)
PERHAPS_BARRED = st.frozensets(st.integers(100, 104), max_size=3)


def may_vote(standing, member: int, is_on_paper: bool) -> bool:
    """What the house accepts (`storage.cycles.entitlement.check_voting`)."""
    if standing.stage is not Stage.WAITING_APPROVAL or member in standing.barred:
        return False
    if standing.form is VotingForm.CLOSED:
        return is_on_paper
    return standing.form is not VotingForm.BY_CHAIR or member == 100


@settings(max_examples=400)
@given(ATTEMPTS, RULES, PERHAPS_BARRED)
def test_a_decision_once_there_is_the_same_whenever_and_however_often_it_is_looked_at(
    attempts, rules, barred
):
    """A history is replayed with a look at every border, and a microsecond before and after it."""
    rules = replace(
        rules,
        confirmation=ConfirmationRule(required=Confirming.NONE, silence_working_days=1),
        approval=replace(rules.approval, fallback_working_days=2, carry_approvals=False),
    )
    tick = timedelta(microseconds=1)
    known = facts(
        submissions=(sent(day=16),), timetable=LONG, interests=Interests(barred), confirming_units=frozenset()
    )
    cast = sorted(
        (moment + shift * tick, member, choice, paper) for member, choice, moment, shift, paper in attempts
    )
    borders = {moment for moment, *_ in cast}
    for day in range(17, 32):
        borders |= {at(day, 0), at(day, 11)}
    looks = sorted({border + shift * tick for border in borders for shift in (-1, 0, 1)})
    decided = None
    for now in looks:
        for moment, member, choice, paper in cast:
            if moment == now and may_vote(advance(known, rules, now, CALENDAR), member, paper):
                ballot = Ballot(1, member, choice, now, paper=Paper(7, 8) if paper else None)
                known = replace(known, ballots=(*known.ballots, ballot))
        standing = advance(known, rules, now, CALENDAR)
        found = (standing.stage, standing.returned)
        if decided is not None:
            assert found == decided, now
        elif standing.stage is not Stage.WAITING_APPROVAL:
            decided = found
        else:
            assert standing.returned is None
