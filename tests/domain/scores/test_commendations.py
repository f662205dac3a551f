"""Whom the rules propose for a commendation: each with every reason, never more than the limits, whatever the
order of the facts."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.domain.results.records import any_records
from tests.reports.quarter import UNITS, a_record, ready_rules
from workflow.domain.cycles.cycle import Stage
from workflow.domain.errors import WrongSetting
from workflow.domain.periods.period import PeriodKind
from workflow.domain.scores.award_rules import Award, Whom, awards_of
from workflow.domain.scores.commendations import (
    Candidacy,
    CommendationFacts,
    Handed,
    candidacy_changes,
    propose,
)
from workflow.domain.scores.score_lines import UnitScore
from workflow.domain.scores.scoring import score
from workflow.domain.scores.scoring_rules import ScoringRules
from workflow.domain.scores.scoring_schema import scoring_faults
from workflow.sample import agency_scoring_path, scoring_path
from workflow.storage.canonical import plain

READY = ready_rules()
GRADES = tuple(one.title for one in READY.grades)


def an_award(**changes: Any) -> Award:
    given_: dict[str, Any] = {"code": "gk", "title": "Giấy khen", "whom": Whom.UNIT, "grades": GRADES[:2]}
    return Award(**given_ | changes)


def a_score(unit: str, total: str, rank: int | None, grade: str = GRADES[1], ranked: int = 4) -> UnitScore:
    points = Decimal(total)
    return UnitScore(UNITS[unit], (), points, Decimal(100), points, points, (), grade, "", rank, ranked)


def handed(person: int, unit: str = "ubnd", on_time: bool = True, returns: int = 0) -> Handed:
    return Handed(person, f"Người {person}", "", UNITS[unit], on_time, returns)


def facts(*scores: UnitScore, **more: Any) -> CommendationFacts:
    return CommendationFacts(more.pop("kind", PeriodKind.QUARTER), scores, more.pop("records", ()), **more)


def only(award: Award, given_: CommendationFacts) -> Candidacy:
    (one,) = propose([award], given_)
    return one


def unmet(one: Candidacy) -> list[str]:
    return [ground.text for ground in one.grounds if not ground.is_met]


any_awards = st.lists(
    st.builds(
        an_award,
        code=st.sampled_from(["a", "b", "c"]),
        whom=st.sampled_from(Whom),
        grades=st.sampled_from([(), GRADES[:1], GRADES[:3]]),
        rank=st.integers(0, 3),
        points=st.sampled_from([None, Decimal(50), Decimal(80)]),
        bars_overdue=st.booleans(),
        most=st.sampled_from([None, Fraction(1, 5), Fraction(1, 2)]),
        at_least=st.integers(0, 2),
        on_time=st.sampled_from([None, Fraction(1, 2)]),
        returns=st.sampled_from([None, 0, 1]),
    ),
    max_size=3,
    unique_by=lambda award: award.code,
)
any_handed = st.lists(
    st.builds(handed, st.integers(1, 5), st.sampled_from(list(UNITS)), st.booleans(), st.integers(0, 2)),
    max_size=10,
)


@given(any_awards, any_records, any_handed, st.integers())
def test_the_order_of_the_facts_does_not_matter(
    awards: list[Award], records: list[Any], reports: list[Handed], seed: int
) -> None:
    scores = score(records, READY)
    mixed = [list(scores), list(records), list(reports)]
    for one in mixed:
        Random(seed).shuffle(one)
    assert propose(awards, CommendationFacts(PeriodKind.QUARTER, *mixed)) == propose(
        awards, CommendationFacts(PeriodKind.QUARTER, scores, records, reports)
    )


@given(any_awards, any_records, any_handed)
def test_never_more_are_proposed_than_the_limit_and_only_who_meets_every_ground(
    awards: list[Award], records: list[Any], reports: list[Handed]
) -> None:
    found = propose(awards, CommendationFacts(PeriodKind.QUARTER, score(records, READY), records, reports))
    for award in awards:
        own = [one for one in found if one.award == award.code]
        for cluster in {one.unit.cluster for one in own}:
            here = [one for one in own if one.unit.cluster == cluster]
            proposed = [one for one in here if one.is_proposed]
            seats = award.seats(len(here))
            assert seats is None or len(proposed) <= seats
        for one in own:
            assert one.is_proposed == (not unmet(one))
            assert len(one.grounds) == len({ground.text for ground in one.grounds})


@given(any_awards, any_records, any_handed)
def test_a_list_held_against_itself_shows_no_change(
    awards: list[Award], records: list[Any], reports: list[Handed]
) -> None:
    kept = plain(
        propose(awards, CommendationFacts(PeriodKind.QUARTER, score(records, READY), records, reports))
    )
    assert candidacy_changes(kept, kept) == []
    assert {one.after for one in candidacy_changes([], kept)} <= {"đề nghị", "không đề nghị"}
    assert len(candidacy_changes([], kept)) == len(kept)


@pytest.mark.parametrize(
    ("award", "why"),
    [
        (an_award(grades=(), points=Decimal(80)), "Tổng 78 điểm, hụt 2 điểm so với mức 80."),
        (
            an_award(grades=GRADES[:1]),
            "Xếp loại “Hoàn thành tốt nhiệm vụ”, chưa đến “Hoàn thành xuất sắc nhiệm vụ”.",
        ),
        (an_award(rank=2), "Hạng 3 trên 04 đơn vị của cụm, chỉ xét đến hạng 2."),
        (an_award(bars_overdue=True), "Còn 01 nội dung quá hạn hoặc không báo cáo: I.1.2."),
        (an_award(bars_missed_critical=True), "Chưa đạt nội dung then chốt I.1.2."),
    ],
)
def test_who_is_not_proposed_is_told_what_is_lacking(award: Award, why: str) -> None:
    late = a_record("I.1.2", "ca", stage=Stage.LAPSED)
    one = replace(a_score("ca", "78", 3), missed=("I.1.2",))
    assert unmet(only(award, facts(one, records=[late]))) == [why]


def test_the_limit_leaves_out_the_lower_ranked_and_says_so() -> None:
    award = an_award(most=Fraction(1, 2))
    first, second, third = propose(
        [award], facts(a_score("ubnd", "95", 1), a_score("ca", "90", 2), a_score("yt", "80", 3))
    )
    assert [one.is_proposed for one in (first, second, third)] == [True, False, False]
    assert unmet(second) == [
        "Quá mức 50% của 03 đơn vị trong cụm: nhiều nhất 01, xếp thứ 2 trong 03 trường hợp đủ điều kiện."
    ]


def test_equals_who_do_not_all_fit_are_all_left_out() -> None:
    award = an_award(most=Fraction(0), at_least=1)
    found = propose([award], facts(a_score("ubnd", "95", 1), a_score("ca", "95", 1)))
    assert [one.is_proposed for one in found] == [False, False]


def test_a_year_counts_the_quarters_with_the_grade() -> None:
    award = an_award(quarters=3, periods=(PeriodKind.YEAR,))
    good, bad = ("Quý I/2026", GRADES[0]), ("Quý II/2026", GRADES[2])
    year = facts(a_score("ca", "90", 1), kind=PeriodKind.YEAR, quarters={UNITS["ca"].id: (good, bad)})
    assert unmet(only(award, year)) == [
        "01 quý xếp loại từ “Hoàn thành tốt nhiệm vụ” trở lên (Quý I/2026), cần 03, hụt 02 quý."
    ]
    assert propose([award], facts(a_score("ca", "90", 1))) == ()


def test_a_person_is_held_to_their_own_reports_and_their_units_grade() -> None:
    award = an_award(whom=Whom.PERSON, on_time=Fraction(1), returns=0, reports=2)
    reports = [handed(1), handed(1), handed(2), handed(2, on_time=False, returns=1)]
    good, bad = propose([award], facts(a_score("ubnd", "90", 1), handed=reports))
    assert (good.person_id, good.is_proposed) == (1, True)
    assert [ground.text for ground in good.grounds][-1] == "UBND phường: xếp loại “Hoàn thành tốt nhiệm vụ”."
    assert unmet(bad) == [
        "Đúng hạn 01 trên 02 báo cáo (50%), cần từ 100%.",
        "Báo cáo bị trả lại 01 lần, chỉ xét đến 00 lần.",
    ]


def test_who_reports_for_two_units_is_considered_once_with_the_one_they_report_most_for() -> None:
    award = an_award(whom=Whom.PERSON, grades=(), reports=1)
    one = only(award, facts(handed=[handed(1, "ca"), handed(1), handed(1)]))
    assert (one.unit, one.is_proposed) == (UNITS["ubnd"], True)


@pytest.mark.parametrize(
    "wrong",
    [
        {"code": "a", "title": "A", "for": "unit", "grade": "Giỏi"},
        {"code": "a", "title": "A", "for": "unit"},
        {"code": "a", "title": "A", "for": "unit", "on_time_percent": 90},
        {"code": "a", "title": "A", "for": "unit", "rank_at_most": 1, "periods": ["week"]},
        {"code": "a", "title": "A", "for": "unit", "quarters": 3},
        {"code": "a:b", "title": "A", "for": "unit", "rank_at_most": 1},
        {"title": "A", "rank_at_most": 1},
    ],
)
def test_a_rule_that_means_nothing_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(WrongSetting):
        awards_of({"commendations": [wrong]}, GRADES)


@pytest.mark.parametrize("path", [scoring_path(), agency_scoring_path()])
def test_the_ready_files_have_commendations_for_units_and_persons(path: Any) -> None:
    found = tomllib.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)
    assert scoring_faults(found) == []
    rules = ScoringRules.from_dict(found)
    assert {one.whom for one in rules.awards} == set(Whom)
    assert rules.self_score_days


def test_a_misspelt_setting_of_a_commendation_is_found_with_its_place() -> None:
    found = tomllib.loads(scoring_path().read_text(encoding="utf-8"), parse_float=Decimal)
    found["commendations"][0]["most_percnt"] = 20
    (fault,) = scoring_faults(found)
    assert (fault.where, "most_percent" in fault.cure) == ("[[commendations]] thứ 1", True)
