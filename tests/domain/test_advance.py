"""The routing engine: what the facts amount to, whatever their order and however often it is asked."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import permutations

from hypothesis import given
from hypothesis import strategies as st

from workflow.domain.advance import Duty, advance
from workflow.domain.calendar import Calendar
from workflow.domain.cycle import Ballot, Choice, Confirmation, Facts, Roll, Stage, Submission, Verdict
from workflow.domain.period import Timetable
from workflow.domain.rules import ConfirmationRule, Confirming, Objection, Rules, Silence

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
    assert standing.returned.reasons[0] == (100, "Chưa rõ số liệu")


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


def test_closing_a_period_early_lapses_what_is_not_approved():
    assert where(facts(is_closed=True), day=12).stage is Stage.LAPSED


def test_nobody_owes_anything_once_a_cycle_is_final():
    for known in (facts(is_withdrawn=True), facts(is_closed=True)):
        standing = where(known)
        assert standing.stage.is_final
        assert not standing.units
        assert not standing.persons


def test_every_order_of_the_same_six_facts_ends_the_same():
    told = [*ALL_CONFIRM, *votes("aar")]
    ends = set()
    for order in permutations(told):
        known = facts(
            submissions=(sent(),),
            confirmations=tuple(fact for fact in order if isinstance(fact, Confirmation)),
            ballots=tuple(fact for fact in order if isinstance(fact, Ballot)),
        )
        ends.add(where(known, day=20))
    assert len(ends) == 1


MOMENTS = st.integers(0, 14 * 24).map(lambda hours: at(9, 8) + timedelta(hours=hours))
SUBMISSIONS = st.lists(
    st.builds(Submission, st.integers(1, 3), st.just(LEAD), st.just(10), MOMENTS),
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
    ),
    max_size=6,
)
BALLOTS = st.lists(
    st.builds(Ballot, st.integers(1, 3), st.integers(99, 105), st.sampled_from(Choice), MOMENTS), max_size=8
)
RULES = st.builds(
    Rules,
    confirmation=st.builds(
        ConfirmationRule,
        required=st.sampled_from(Confirming),
        silence=st.sampled_from(Silence),
        silence_working_days=st.integers(1, 4),
        objection=st.sampled_from(Objection),
    ),
)


@given(SUBMISSIONS, CONFIRMATIONS, BALLOTS, RULES, st.randoms(), st.integers(9, 30))
def test_the_order_in_which_facts_are_told_never_matters(sent_, words, cast, rules, random, day):
    first = advance(
        facts(submissions=tuple(sent_), confirmations=tuple(words), ballots=tuple(cast)),
        rules,
        at(day),
        CALENDAR,
    )
    for told in (sent_, words, cast):
        random.shuffle(told)
    again = advance(
        facts(submissions=tuple(sent_), confirmations=tuple(words), ballots=tuple(cast)),
        rules,
        at(day),
        CALENDAR,
    )
    assert first == again


@given(SUBMISSIONS, CONFIRMATIONS, BALLOTS, RULES, st.integers(9, 30))
def test_approved_means_more_than_half_of_the_roll_approved_the_current_version(
    sent_, words, cast, rules, day
):
    known = facts(submissions=tuple(sent_), confirmations=tuple(words), ballots=tuple(cast))
    standing = advance(known, rules, at(day), CALENDAR)
    if standing.stage is not Stage.APPROVED:
        return
    current = max(one.version for one in sent_)
    last: dict[int, Ballot] = {}
    for ballot in sorted(cast, key=lambda one: (one.at, one.choice)):
        if ballot.version == current and ballot.person_id in MEMBERS:
            last[ballot.person_id] = ballot
    approving = [ballot for ballot in last.values() if ballot.choice is Choice.APPROVE]
    assert len(approving) * 2 > len(MEMBERS)


@given(SUBMISSIONS, CONFIRMATIONS, BALLOTS, RULES, st.integers(9, 30))
def test_a_duty_always_names_someone_who_may_act_and_never_someone_who_has(sent_, words, cast, rules, day):
    known = facts(submissions=tuple(sent_), confirmations=tuple(words), ballots=tuple(cast))
    standing = advance(known, rules, at(day), CALENDAR)
    match standing.duty:
        case Duty.SUBMIT:
            assert standing.units == known.lead_units
        case Duty.CONFIRM:
            assert standing.units
            assert standing.units <= known.confirming_units
        case Duty.VOTE:
            voted = {one.person_id for one in cast if one.version == standing.version}
            assert standing.persons == MEMBERS - voted
        case None:
            assert standing.stage.is_final
