"""Rules files: what may stand in one, what each rule says in words, and what new rules would change."""

from __future__ import annotations

import json
import tomllib
from dataclasses import fields, replace
from datetime import date, time
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.domain.cycles.test_advance import ALL_CONFIRM, CALENDAR, at, facts, sent, votes
from workflow.domain.cycles.ballots import carries
from workflow.domain.cycles.cycle import Stage
from workflow.domain.cycles.rules_tried import Case, effects, rule_changes
from workflow.domain.errors import WrongSetting
from workflow.domain.periods.period import Span, timetable
from workflow.domain.rules.explained import explained
from workflow.domain.rules.in_force import in_force
from workflow.domain.rules.layers import RuleScope, layers, rules_for
from workflow.domain.rules.routing_rules import (
    ApprovalRule,
    ConfirmationRule,
    Confirming,
    EarlyClose,
    Fallback,
    MajorityOf,
    Override,
    PeriodRule,
    Rules,
    Silence,
    Veto,
)
from workflow.domain.rules.schema import GROUPS, checked, faults, unknown_units
from workflow.importing.files.rules_file import read_routing
from workflow.sample import peoples_committee_routing_path, routing_path


def said_of(text: str) -> list[str]:
    return [fault.what for fault in faults(tomllib.loads(text, parse_float=Decimal))]


def test_the_party_file_decides_by_more_than_half_of_all_without_a_casting_vote():
    rule = read_routing(routing_path()).approval
    assert (rule.more_than, rule.of, rule.casting_vote) == (Fraction(1, 2), MajorityOf.ALL, False)
    assert not rule.substitutes


@pytest.mark.parametrize("path", [routing_path(), peoples_committee_routing_path()])
def test_no_ready_file_ends_a_vote_early_and_each_names_a_quorum(path):
    rule = read_routing(path).approval
    assert rule.early_close is EarlyClose.NO
    assert rule.quorum >= Fraction(1, 2)


def test_the_party_files_quorum_never_stops_a_majority_of_all_its_members():
    rule = read_routing(routing_path()).approval
    for members in range(1, 20):
        for approve in range(members // 2 + 1, members + 1):
            assert carries(approve, 0, 0, 0, members - approve, rule)


def test_the_peoples_committee_file_lets_a_tie_follow_the_chair():
    rule = read_routing(peoples_committee_routing_path()).approval
    assert (rule.more_than, rule.of, rule.casting_vote) == (Fraction(1, 2), MajorityOf.ALL, True)
    assert (rule.until, rule.fallback) == (time(17), Fallback.WRITTEN)


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("[aproval]\n", "Không có nhóm quy tắc “aproval”."),
        ("[approval]\nquorm = 1", "Không có quy tắc “quorm”."),
        ("[approval]\nquorum = 3", "“quorum” phải là một phần của tổng số, từ 0 đến 1, không phải 3."),
        ("[approval]\nveto = 'all'", "“veto” chỉ nhận none, chair, any, không phải “all”."),
        ("[approval]\ncasting_vote = 'yes'", "“casting_vote” phải là true hoặc false, không phải “yes”."),
        ("[approval]\nuntil = '25:00'", "“until” phải là giờ trong ngày, không phải “25:00”."),
        ("[approval]\nmore_than = 1", "Không số phiếu nào quá được toàn bộ."),
        ("[period]\ndue_day = 32", "“due_day” phải là số nguyên từ 1 đến 31, không phải 32."),
        ("[mail]\nfrom_hour = 20\nto_hour = 7", "Giờ bắt đầu gửi thư phải trước giờ thôi gửi."),
        ("[mail]\nremind_working_days_before = 3", "“remind_working_days_before” phải là một danh sách"),
        ("[approval]\nsilence_is_consent = true", "Im lặng chỉ có thể coi là đồng ý khi"),
        ("[[overrides]]\n[overrides.approval]\nquorum = '1/2'", "Không nói quy tắc riêng áp dụng"),
        ("[[overrides]]\nsection = 'I'", "Quy tắc riêng không đổi quy tắc nào."),
        ("[[overrides]]\nsection = 'I'\n[overrides.period]\ndue_day = 3", "“due_day” là của cả kỳ"),
        ("[[overrides]]\nsection = 'I'\nmeasure = '%'\n[overrides.approval]\nof = 'all'", "Có đơn vị tính"),
        ("[escalation]\nsteps = [{ late_working_days = 1 }]", "Thiếu “to”."),
    ],
)
def test_each_fault_of_a_file_is_told_in_words(text, what):
    assert [told for told in said_of(text) if told.startswith(what.rstrip())]


def test_a_misspelt_rule_is_met_with_the_one_that_was_meant():
    (fault,) = faults({"approval": {"quorm": "1/2"}})
    assert (fault.where, fault.cure) == ("[approval]", "Có phải “quorum”?")


def test_every_fault_is_told_at_once_and_reading_names_the_first():
    found = {"approval": {"veto": "all", "until": "25:00"}, "period": {"due_day": 0}}
    assert len(faults(found)) == 3
    with pytest.raises(WrongSetting, match="veto"):
        checked(found, "rules.toml")


def test_two_overrides_for_the_same_items_are_a_fault():
    one = {"section": "I", "approval": {"quorum": "1/2"}}
    assert [fault.what for fault in faults({"overrides": [one, one]})] == [
        "Cùng một phạm vi với quy tắc riêng thứ 1."
    ]


def test_what_is_pinned_reads_back_the_same():
    rules = Rules(
        period=PeriodRule(due_working_days=-3),
        approval=ApprovalRule(until=time(11), veto=Veto.CHAIR),
        overrides=(Override(section="I", amount_from=Decimal("1.5"), approval=(("quorum", "2/3"),)),),
    )
    assert Rules.from_json(json.loads(json.dumps(rules.as_json()))) == rules


def test_every_rule_has_a_sentence_of_its_own():
    told = explained(Rules())
    assert {(one.group, one.rule) for one in told} == {
        (group, one.name) for group, rule in GROUPS.items() for one in fields(rule)
    }
    assert len({one.text for one in told}) == len(told)
    assert all(one.text.endswith(".") and one.text[0].isupper() for one in told)


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("fallback", Fallback),
        ("veto", Veto),
        ("casting_vote", [True, False]),
        ("until", [None, time(11)]),
        ("quorum", [Fraction(0), Fraction(2, 3)]),
        ("recuse_leader", [True, False]),
        ("silence_is_consent", [True, False]),
    ],
)
def test_different_rules_never_say_the_same(name, values):
    texts = {
        one.text
        for value in values
        for one in explained(Rules(approval=replace(ApprovalRule(), **{name: value})))
        if one.rule == name
    }
    assert len(texts) == len(list(values))


def told_in_force(rules: Rules) -> set[str]:
    return {one.rule for one in in_force(rules)}


def test_a_rule_that_changes_nothing_beside_the_others_is_not_told_to_the_office():
    told = told_in_force(Rules())
    assert {"required", "more_than", "fallback", "shows"} <= told
    assert told.isdisjoint({"at_least", "of", "fallback_working_days", "due_working_days", "highest"})


def test_nobody_is_told_of_limits_for_confirmations_that_are_not_asked_for():
    rule = replace(ConfirmationRule(), required=Confirming.NONE)
    told = told_in_force(Rules(confirmation=rule))
    assert told.isdisjoint({"silence", "silence_working_days", "objection", "co_leads"})


def test_no_rule_is_told_by_its_name_in_the_file():
    for one in (*explained(Rules()), *in_force(Rules())):
        assert "=" not in one.text
        assert one.rule not in one.text.split()


LAYERED = Rules(
    overrides=(
        Override(item="I.2.3", approval=(("casting_vote", True),)),
        Override(section="I", approval=(("quorum", "1/2"), ("veto", "chair"))),
        Override(section="I.2", approval=(("quorum", "2/3"),)),
        Override(amount_from=Decimal(5000), measure="triệu đồng", approval=(("quorum", "3/4"),)),
    )
)


@pytest.mark.parametrize(
    ("scope", "quorum", "veto", "casting"),
    [
        (RuleScope("II.1", ("II",)), Fraction(0), Veto.NONE, False),
        (RuleScope("I.1.1", ("I", "I.1")), Fraction(1, 2), Veto.CHAIR, False),
        (RuleScope("I.2.1", ("I", "I.2")), Fraction(2, 3), Veto.CHAIR, False),
        (RuleScope("I.2.3", ("I", "I.2")), Fraction(2, 3), Veto.CHAIR, True),
        (RuleScope("I.20.1", ("I", "I.20")), Fraction(1, 2), Veto.CHAIR, False),
        (RuleScope("I.2.1", ("I.2",), ((Decimal(6000), "triệu đồng"),)), Fraction(3, 4), Veto.CHAIR, False),
        (RuleScope("I.2.1", ("I.2",), ((Decimal(6000), "hộ"),)), Fraction(2, 3), Veto.CHAIR, False),
    ],
)
def test_the_most_specific_rule_for_an_item_wins_and_the_others_hold_where_it_is_silent(
    scope, quorum, veto, casting
):
    rule = rules_for(LAYERED, scope).approval
    assert (rule.quorum, rule.veto, rule.casting_vote) == (quorum, veto, casting)


def test_the_order_of_overrides_in_the_file_does_not_matter():
    turned = replace(LAYERED, overrides=LAYERED.overrides[::-1])
    scope = RuleScope("I.2.3", ("I", "I.2"), ((Decimal(9000), "triệu đồng"),))
    assert rules_for(LAYERED, scope).approval == rules_for(turned, scope).approval
    assert layers(LAYERED, scope)[-1] == 0


def test_a_rule_for_a_unit_stands_between_its_section_and_its_amount():
    rules = Rules(
        overrides=(
            Override(unit="cong-an", approval=(("quorum", "2/3"),)),
            Override(section="I.2.3", approval=(("quorum", "1/2"),)),
            Override(amount_from=Decimal(5000), approval=(("quorum", "3/4"),)),
        )
    )
    alone = RuleScope("I.2.3.1", ("I", "I.2", "I.2.3"), led_by=("cong-an",))
    large = replace(alone, amounts=((Decimal(6000), "hộ"),))
    others = replace(alone, led_by=("ubnd",))
    found = [rules_for(rules, scope).approval.quorum for scope in (others, alone, large)]
    assert found == [Fraction(1, 2), Fraction(2, 3), Fraction(3, 4)]


@given(
    st.permutations(["chi-bo-1", "chi-bo-2", "cac-chi-bo", "khoi-dang"]),
    st.sets(st.sampled_from(["chi-bo-1", "chi-bo-2", "cac-chi-bo", "khoi-dang", "ubnd"])),
    st.randoms(use_true_random=False),
)
def test_whichever_units_lead_together_the_main_ones_rule_holds_in_any_order_of_the_file(
    led_by, ruled, random
):
    written = [
        Override(unit=one, period=(("rhythm", "year"),), approval=(("committee", one),)) for one in ruled
    ]
    random.shuffle(written)
    rules = rules_for(Rules(overrides=tuple(written)), RuleScope("I.1", led_by=tuple(led_by)))
    assert rules.approval.committee == next((one for one in led_by if one in ruled), "")


def test_rules_for_some_items_may_choose_them_by_their_lead_unit():
    text = '[[overrides]]\nunit = "cong-an"\n[overrides.period]\nrhythm = "month"\n'
    assert said_of(text) == []
    rules = checked(tomllib.loads(text))
    assert Rules.from_json(json.loads(json.dumps(rules.as_json()))) == rules
    assert [one.scope for one in explained(rules) if one.scope] == ["nội dung do đơn vị “cong-an” chủ trì"]
    assert said_of(text.replace('"cong-an"', "7")) == ["“unit” phải là chữ, đặt trong ngoặc kép."]
    assert said_of(text + text) == ["Cùng một phạm vi với quy tắc riêng thứ 1."]


def test_a_unit_that_the_directory_does_not_have_is_a_fault_with_the_nearest_one_as_its_cure():
    rules = Rules(overrides=(Override(unit="cong-an"), Override(unit="cong-ann")))
    (fault,) = unknown_units(rules, ["ubnd", "cong-an"])
    assert fault.what == "Danh bạ không có đơn vị “cong-ann”."
    assert "[[overrides]] thứ 2" in fault.where
    assert fault.cure == "Có phải “cong-an”?"


def test_a_deadline_may_be_counted_in_working_days_from_the_periods_end():
    span = Span.parse("2026-Q1")
    assert timetable(span, PeriodRule(due_working_days=-2), CALENDAR).due_on == date(2026, 3, 27)
    assert timetable(span, PeriodRule(due_working_days=3), CALENDAR).due_on == date(2026, 4, 3)


def case(known, rules: Rules, cycle: int = 1) -> Case:
    return Case(cycle, RuleScope("I.1.1", ("I", "I.1")), known, rules, known)


def test_replaying_tells_which_cycles_new_rules_would_move_and_writes_nothing():
    waiting = facts(submissions=(sent(),), confirmations=ALL_CONFIRM[:2])
    voted = facts(submissions=(sent(),), confirmations=ALL_CONFIRM, ballots=votes("aa"))
    new = Rules(confirmation=ConfirmationRule(required=Confirming.MAJORITY))
    found = effects([case(waiting, Rules(), 1), case(voted, Rules(), 2)], new, at(12), CALENDAR)
    assert [(one.cycle_id, one.after.stage, one.changes_stage) for one in found] == [
        (1, Stage.WAITING_APPROVAL, True)
    ]
    assert effects([case(waiting, Rules())], Rules(name="khác"), at(12), CALENDAR) == []


def test_replaying_tells_who_would_no_longer_owe_and_what_would_end_sooner():
    known = facts(submissions=(sent(),), confirmations=ALL_CONFIRM)
    hour = Rules(approval=ApprovalRule(until=time(11)))
    (one,) = effects([case(known, Rules())], hour, at(20), CALENDAR)
    assert (one.changes_stage, one.changes_owing, one.changes_limit) == (False, False, True)


def test_rules_are_compared_in_sentences():
    new = Rules(
        approval=ApprovalRule(casting_vote=True), confirmation=ConfirmationRule(silence=Silence.BLOCK)
    )
    found = rule_changes(Rules(), new)
    assert [after.rule for _, after in found if after] == ["silence", "casting_vote"]
    assert rule_changes(Rules(), Rules()) == []
    dropped = rule_changes(LAYERED, Rules())
    assert all(after is None and before and before.scope for before, after in dropped)


def test_an_override_is_replayed_only_on_its_own_items():
    words = facts(submissions=(sent(),), confirmations=ALL_CONFIRM, ballots=votes("aaa")[:2])
    new = Rules(overrides=(Override(section="II", approval=(("more_than", "1/5"),)),))
    assert effects([case(words, Rules())], new, at(20), CALENDAR) == []
    other = Rules(overrides=(Override(section="I.1", approval=(("more_than", "1/5"),)),))
    (one,) = effects([case(words, Rules())], other, at(20), CALENDAR)
    assert one.after.stage is Stage.APPROVED
    assert one.before.count is not None


def test_what_differs_by_item_in_the_period_is_explained_with_its_scope():
    rules = Rules(overrides=(Override(section="I.2", period=(("rhythm", "month"), ("reporting", "all"))),))
    found = [one for one in explained(rules) if one.scope]
    assert [(one.group, one.rule, one.scope) for one in found] == [
        ("period", "reporting", "mục I.2"),
        ("period", "rhythm", "mục I.2"),
    ]
    assert "1 tháng một lần" in found[1].text
    assert Rules.from_json(rules.as_json()) == rules
