"""Bodies never merge: over random directories and rules, what decides is one body, or a question."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as some

from workflow.domain.people.bodies import UnclearBody, VotedMatter, VotingBody, voting_bodies
from workflow.domain.people.directory import BodyKind
from workflow.domain.rules.routing_rules import ApprovalRule, BodiesRule, Rules
from workflow.domain.rules.schema import faults

STANDING = VotingBody("btv", "Ban Thường vụ")
OTHER = VotingBody("thuong-truc", "Thường trực")
COUNCIL = VotingBody("hdtd", "Hội đồng Thi đua - Khen thưởng", BodyKind.COUNCIL)

NAMES = ("btv", "thuong-truc", "hdtd", "tcg")
bodies = some.lists(
    some.builds(VotingBody, some.sampled_from(NAMES), some.just("Ban"), some.sampled_from(BodyKind)),
    unique_by=lambda one: one.id,
    max_size=4,
)
named = some.sampled_from(("", *NAMES))
rules = some.builds(
    Rules,
    bodies=some.builds(BodiesRule, named, named, named, named),
    approval=some.builds(ApprovalRule, committee=named),
)


def test_the_committee_decides_on_items_and_the_report_the_council_on_scores_and_commendations() -> None:
    found = voting_bodies(Rules(), [COUNCIL, STANDING])
    assert found == {
        VotedMatter.ITEMS: STANDING,
        VotedMatter.REPORT: STANDING,
        VotedMatter.SCORES: COUNCIL,
        VotedMatter.COMMENDATIONS: COUNCIL,
    }


@pytest.mark.parametrize("only", [STANDING, COUNCIL])
def test_the_only_body_decides_on_everything(only: VotingBody) -> None:
    assert set(voting_bodies(Rules(), [only]).values()) == {only}


def test_of_two_committees_neither_is_taken_and_the_question_names_both_and_the_cure() -> None:
    with pytest.raises(UnclearBody) as refused:
        voting_bodies(Rules(), [STANDING, OTHER])
    assert all(said in refused.value.told for said in ("Ban Thường vụ", "Thường trực", "[bodies]", "items"))


def test_of_two_councils_neither_is_taken_for_scores() -> None:
    with pytest.raises(UnclearBody, match="điểm"):
        voting_bodies(Rules(), [STANDING, COUNCIL, VotingBody("hd-2", "Hội đồng 2", BodyKind.COUNCIL)])


def test_a_rule_names_the_body_of_each_matter() -> None:
    rule = BodiesRule(items="thuong-truc", report="btv", scores="btv", commendations="hdtd")
    found = voting_bodies(Rules(bodies=rule), [STANDING, OTHER, COUNCIL])
    assert [found[one].id for one in VotedMatter] == ["thuong-truc", "btv", "btv", "hdtd"]


def test_a_body_that_the_directory_has_not_is_refused_with_those_it_has() -> None:
    with pytest.raises(UnclearBody, match=r"khong-co.*\[bodies\] scores.*btv"):
        voting_bodies(Rules(bodies=BodiesRule(scores="khong-co")), [STANDING])


def test_a_file_that_gives_items_to_two_bodies_has_a_fault() -> None:
    said = faults({"approval": {"committee": "btv"}, "bodies": {"items": "thuong-truc"}})
    assert [one.where for one in said] == ["[approval] committee, [bodies] items"]


@given(bodies, rules)
def test_whatever_the_directory_and_the_rules_each_matter_has_one_body_of_it_or_a_question(
    there: list[VotingBody], by: Rules
) -> None:
    try:
        found = voting_bodies(by, there)
    except UnclearBody:
        return
    assert set(found) == set(VotedMatter)
    assert all(one in there for one in found.values())


@given(bodies)
def test_where_the_rules_are_silent_items_have_a_body_only_if_no_other_of_its_kind_could_be_meant(
    there: list[VotingBody],
) -> None:
    committees = [one for one in there if one.kind is BodyKind.COMMITTEE] or there
    councils = [one for one in there if one.kind is BodyKind.COUNCIL]
    try:
        found = voting_bodies(Rules(), there)
    except UnclearBody:
        assert len(committees) != 1 or len(councils) > 1
        return
    assert committees == [found[VotedMatter.ITEMS]]
    assert found[VotedMatter.SCORES] in (councils or committees)
