from __future__ import annotations

import tomllib
from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.domain.results.records import any_records
from tests.reports.quarter import UNITS, a_done_record, a_lapsed_record, a_quarter, a_record, ready_rules
from workflow.domain.cycles.cycle import Choice, Stage, Verdict
from workflow.domain.errors import WrongSetting
from workflow.domain.results.figures import Figure
from workflow.domain.results.record import CycleRecord, RecordedWord, Reported, Unheard
from workflow.domain.scores.score_entries import CouncilBallot, EntryKind, ScoreEntry
from workflow.domain.scores.score_lines import ScoreLine, UnitScore
from workflow.domain.scores.scoring import score
from workflow.domain.scores.scoring_extras import Critical, ItemKind, Weight
from workflow.domain.scores.scoring_rules import LeadShare, NotApplicable, ScoringRules
from workflow.domain.scores.scoring_schema import scoring_faults
from workflow.sample import agency_scoring_path, scoring_path

READY = ready_rules()


def an_entry(
    number: int, unit: str, about: tuple[EntryKind, str], points: Decimal = Decimal(0), in_favour: int = 5
) -> ScoreEntry:
    """An entry about a unit, voted on by five members."""
    ballots = tuple(
        CouncilBallot(str(n), Choice.APPROVE if n < in_favour else Choice.RETURN) for n in range(5)
    )
    return ScoreEntry(number, UNITS[unit], *about, "Lý do", points, ballots=ballots, members=5)


any_rules = st.builds(
    replace,
    st.just(READY),
    not_applicable=st.sampled_from(NotApplicable),
    leads=st.sampled_from(LeadShare),
    least_applicable=st.sampled_from([Decimal(0), Decimal(50)]),
    rounding=st.sampled_from(["ROUND_HALF_UP", "ROUND_HALF_EVEN", "ROUND_DOWN"]),
    weights=st.sampled_from(
        [(), (Weight(Fraction(5, 2), section="I"), Weight(Fraction(1, 3), kind=ItemKind.DATED))]
    ),
    critical=st.sampled_from([Critical(), Critical(sections=("I",))]),
)
any_entries = st.lists(
    st.builds(
        an_entry,
        st.integers(1, 9),
        st.sampled_from(list(UNITS)),
        st.sampled_from(
            [
                (EntryKind.INITIATIVE, "sang-kien"),
                *((EntryKind.EXTRA, code) for code in ("thanh-tich", "viec-kho", "phe-binh")),
                *((kind, "bao-cao") for kind in (EntryKind.ADJUSTMENT, EntryKind.SELF)),
            ]
        ),
        points=st.integers(-1200, 1200).map(lambda hundredths: Decimal(hundredths) / 100),
        in_favour=st.integers(0, 5),
    ),
    max_size=12,
    unique_by=lambda entry: entry.id,
)


@given(any_records, any_rules, st.data())
def test_no_units_score_falls_by_the_silence_of_others(
    records: list[CycleRecord], rules: ScoringRules, data: st.DataObject
) -> None:
    unit = data.draw(st.sampled_from(list(UNITS.values())))
    answered = [
        replace(one, stage=Stage.APPROVED, is_left_out=False)
        for one in records
        if one.stage is not Stage.WITHDRAWN
    ]
    silent = [
        replace(
            one,
            stage=data.draw(st.sampled_from([Stage.APPROVED, Stage.UNDECIDED])),
            words=tuple(
                word if word.unit == unit else replace(word, verdict=None, on=None) for word in one.words
            ),
            unheard=Unheard(members=3),
        )
        for one in answered
    ]
    before, after = (
        {one.unit: one.total for one in score(given_records, rules)} for given_records in (answered, silent)
    )
    assert after.get(unit) == before.get(unit)


@given(any_records, any_rules, any_entries)
def test_points_never_leave_nothing_to_maximum_nor_bonus_its_caps(
    records: list[CycleRecord], rules: ScoringRules, entries: list[ScoreEntry]
) -> None:
    caps = {extra.code: extra.cap for extra in rules.extras}
    for one in score(records, rules, entries):
        assert all(0 <= line.points <= line.maximum for line in one.lines)
        assert 0 <= one.points <= one.maximum <= rules.maximum
        assert 0 <= one.converted <= rules.maximum
        assert all(abs(line.points) <= caps[line.code] for line in one.extras)
        assert sum(line.points for line in one.extras if line.points > 0) <= rules.bonus_cap
        assert sum(-line.points for line in one.extras if line.points < 0) <= rules.deduction_cap
        assert 0 <= one.total <= rules.maximum + rules.bonus_cap


@given(any_records, any_rules, any_entries)
def test_the_lines_add_up_to_the_score_and_each_says_why(
    records: list[CycleRecord], rules: ScoringRules, entries: list[ScoreEntry]
) -> None:
    for one in score(records, rules, entries):
        assert sum(line.points for line in one.lines) == one.points
        assert sum(line.maximum for line in one.lines) == one.maximum
        assert one.converted + sum(line.points for line in one.extras) == one.total
        assert all(line.reasons for line in (*one.lines, *one.extras))


@given(any_records, any_rules, any_entries, st.randoms(use_true_random=False))
def test_the_order_of_facts_does_not_matter(
    records: list[CycleRecord], rules: ScoringRules, entries: list[ScoreEntry], random: Random
) -> None:
    shuffled = random.sample(records, len(records))
    mixed = random.sample(entries, len(entries))
    assert score(shuffled, rules, mixed) == score(records, rules, entries)


@given(any_records, any_rules)
def test_ranks_count_up_with_falling_points_inside_each_cluster(
    records: list[CycleRecord], rules: ScoringRules
) -> None:
    scores = score(records, rules)
    for cluster in {one.unit.cluster for one in scores}:
        ranked = [one for one in scores if one.unit.cluster == cluster and one.rank is not None]
        assert all(one.ranked == len(ranked) for one in ranked)
        for place, (one, other) in enumerate(pairwise(ranked), 2):
            assert one.converted >= other.converted
            assert other.rank in (place, one.rank)


@pytest.mark.parametrize(
    ("days_late", "points"), [(0, "10"), (1, "8"), (3, "8"), (4, "6"), (5, "6"), (6, "0")]
)
def test_lateness_in_working_days_takes_a_share_of_the_points(days_late: int, points: str) -> None:
    assert _line("bao-cao", a_record(days_late=days_late)).points == Decimal(points)


def test_a_report_that_never_came_has_no_points_for_timeliness_and_loses_quality() -> None:
    lapsed = a_lapsed_record("I.1.1")
    assert _line("bao-cao", lapsed).points == 0
    assert _line("chat-luong", lapsed).points == 8


def test_a_late_report_names_its_days_and_its_share() -> None:
    late = a_record("I.1.7", first_submitted_on=date(2026, 3, 18), days_late=2)
    reason = _line("bao-cao", late).reasons[0]
    assert reason.codes == ("I.1.7",)
    assert reason.text == (
        "I.1.7: nộp ngày 18/03/2026, chậm 02 ngày làm việc so với hạn 16/03/2026, được tính 80%."
    )


def test_objections_and_returns_are_taken_off_down_to_nothing() -> None:
    assert _line("chat-luong", a_record(returns_by_objection=1, returns_by_committee=2)).points == 7
    assert _line("chat-luong", a_record(returns_by_objection=11)).points == 0


def test_progress_of_an_item_in_its_time_is_held_against_the_time_gone() -> None:
    half_gone: dict[str, Any] = {
        "start": date(2026, 1, 1),
        "as_of": date(2026, 3, 2),
        "due": date(2026, 5, 1),
    }
    assert _line("ket-qua", a_record(**half_gone, progress=Decimal(50))).points == 50
    assert _line("ket-qua", a_record(**half_gone, progress=Decimal(30))).points == 30


def test_an_overdue_item_counts_by_its_progress() -> None:
    assert _line("ket-qua", a_record(due=date(2026, 2, 28), progress=Decimal(80))).points == 40


def test_a_finished_item_counts_by_its_figures() -> None:
    figure = Figure("Cây xanh", Decimal(200), Decimal(150), "cây")
    line = _line("ket-qua", a_done_record("I.1.1", figures=(figure,)))
    assert line.points == Decimal("37.5")
    assert "Cây xanh: 150/200 cây, được tính 75%" in line.reasons[0].text


def test_coordination_counts_answers_in_time() -> None:
    said = [
        RecordedWord(UNITS["mt"], Verdict.CONFIRM, on=date(2026, 3, 19), due_on=date(2026, 3, 19)),
        RecordedWord(UNITS["mt"], Verdict.OBJECT, on=date(2026, 3, 20), due_on=date(2026, 3, 19)),
        RecordedWord(UNITS["mt"], due_on=date(2026, 3, 19), is_deemed=True),
    ]
    records = [a_record(f"I.1.{n}", words=(word,)) for n, word in enumerate(said)]
    assert _line("phoi-hop", *records, unit="mt").points == Decimal("3.5")


def test_what_did_not_arise_is_left_out_or_counts_as_its_maximum_as_the_rule_says() -> None:
    none = a_record(reported=Reported.NOT_ARISEN)
    assert _line("ket-qua", none).maximum == 0
    full = _line("ket-qua", none, rules=replace(READY, not_applicable=NotApplicable.MAXIMUM))
    assert full.points == full.maximum == 50


def test_points_are_converted_over_the_applicable_maximum() -> None:
    one = _score(a_record(days_late=2, progress=Decimal(100)))
    # Nothing to coordinate, no initiative: 8 + 10 + 0 + 50 + 20 of 93.
    assert (one.points, one.maximum) == (Decimal(88), Decimal(93))
    assert one.converted == Decimal("94.62")
    assert one.grade == "Hoàn thành xuất sắc nhiệm vụ"


def test_a_unit_that_only_coordinates_is_scored_but_not_ranked() -> None:
    one = _score(a_record(asked="mt"), unit="mt")
    assert (one.points, one.rank, one.grade) == (Decimal(7), None, "")
    assert "10 điểm tối đa áp dụng" in one.rank_reason


def test_equal_points_are_broken_by_the_named_criteria_and_then_shared() -> None:
    rules = _rules(
        ranking={"ties": ["sau"]},
        criteria=[
            {"code": "truoc", "title": "Trước", "maximum": 10, "measure": "timeliness",
             "bands": [{"up_to_days": 0, "percent": 100}, {"up_to_days": 9, "percent": 50}]},
            {"code": "sau", "title": "Sau", "maximum": 10, "measure": "quality", "per_objection": 5},
        ],
    )  # fmt: skip
    scores = score(
        [
            a_record("I.1.1", "mt", returns_by_objection=1),
            a_record("I.1.2", "pn", days_late=1),
            a_record("I.1.3", "tn", days_late=1),
        ],
        rules,
    )
    assert [(one.unit, one.rank) for one in scores] == [
        (UNITS["tn"], 1), (UNITS["pn"], 1), (UNITS["mt"], 3),
    ]  # fmt: skip
    assert "đồng hạng 1" in scores[1].rank_reason
    assert "xếp sau vì thấp hơn ở tiêu chí “Sau”" in scores[2].rank_reason


def test_open_and_withdrawn_cycles_do_not_count() -> None:
    stages = (Stage.WAITING_APPROVAL, Stage.WITHDRAWN)
    assert score([a_record(stage=stage) for stage in stages], READY) == ()


def test_co_leads_share_an_item_where_the_rule_says_so() -> None:
    records = [a_record(leads="ubnd mt")]
    assert {one.unit for one in score(records, READY)} == {UNITS["ubnd"]}
    shared = score(records, replace(READY, leads=LeadShare.ALL))
    assert {one.unit for one in shared} == {UNITS["ubnd"], UNITS["mt"]}


@pytest.mark.parametrize(("mode", "points"), [("half-up", "0.13"), ("half-even", "0.12"), ("down", "0.12")])
def test_rounding_is_as_the_rules_say(mode: str, points: str) -> None:
    assert _rules(rounding={"places": 2, "mode": mode}).rounded(Fraction(1, 8)) == Decimal(points)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"criteria": []}, "không có tiêu chí nào"),
        ({"ranking": {"ties": ["la"]}}, "Không có tiêu chí “la”"),
        ({"rounding": {"mode": "up"}}, "Không có cách làm tròn “up”"),
        ({"not_applicable": "x"}, "không nhận giá trị “x”"),
        ({"criteria": [{"code": "a", "maximum": 1, "measure": "luck"}]}, "Không có cách đo “luck”"),
        ({"criteria": [{"code": "a", "maximum": "nan", "measure": "quality"}]}, "phải là số không âm"),
        ({"criteria": [{"code": "a", "maximum": "0.001", "measure": "quality"}]}, "lẻ hơn 2 chữ số"),
        (
            {"criteria": [{"code": "a", "maximum": 1, "measure": "deadlines", "percent": {"done": 1}}]},
            "Không có trạng thái “done”",
        ),
        (
            {"criteria": [{"code": "a", "maximum": 1, "measure": "coordination", "late_percent": 101}]},
            "phải từ 0 đến 100",
        ),
        ({"group_maximum": 99}, "các tiêu chí cộng lại: 10"),
    ],
)
def test_a_wrong_rule_file_says_what_is_wrong(change: dict[str, Any], said: str) -> None:
    with pytest.raises(WrongSetting, match=said):
        _rules(**change)


@pytest.mark.parametrize("path", [scoring_path(), agency_scoring_path()])
def test_the_ready_files_have_no_fault(path: Path) -> None:
    assert scoring_faults(tomllib.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)) == []


def test_every_fault_of_a_file_is_told_with_its_place_and_the_cure() -> None:
    text = """
    name = "thử"
    version = "1"
    roundin = {}
    [[groups]]
    title = "Nhóm"
    [[groups.criteria]]
    code = "a"
    title = "A"
    maximum = -1
    measure = "timelines"
    [[groups.criteria]]
    code = "b"
    title = "B"
    maximum = "10"
    measure = "quality"
    per_retun = 1
    """
    assert [(one.what, one.where, one.cure) for one in scoring_faults(tomllib.loads(text))] == [
        ("Không có mục “roundin”.", "đầu tệp", "Có phải “rounding”?"),
        (
            "Không có cách đo “timelines”.",
            "[[groups]] thứ 1, tiêu chí “a”",
            "Có phải “timeliness”?",
        ),
        (
            "“maximum” phải là số không âm, không phải “10”.",
            "[[groups]] thứ 1, tiêu chí “b”",
            "",
        ),
        ("Không có mục “per_retun”.", "[[groups]] thứ 1, tiêu chí “b”", "Có phải “per_return”?"),
    ]


def test_more_units_than_seats_share_none_of_the_best_grade() -> None:
    rules = replace(READY, least_applicable=Decimal(0))
    done = [a_done_record(f"I.1.{n}", unit) for n, unit in enumerate(("mt", "pn", "tn"))]
    first, *rest = score(done, rules, [an_entry(1, "mt", (EntryKind.EXTRA, "thanh-tich"))])
    assert first.grade == "Hoàn thành xuất sắc nhiệm vụ"
    assert {one.grade for one in rest} == {"Hoàn thành tốt nhiệm vụ"}
    assert rest[0].grade_reason.endswith("chỉ dành cho 01 trên 03 đơn vị của cụm.")
    equal = score(done, rules)
    assert {one.grade for one in equal} == {"Hoàn thành tốt nhiệm vụ"}
    assert "mà có 03 đơn vị đồng hạng 1; hội đồng thi đua xét chọn" in equal[0].grade_reason


def test_a_missed_critical_item_bars_the_best_grade() -> None:
    rules = replace(READY, critical=Critical(items=("I.1.9",)))
    records = [a_done_record(f"I.1.{n}") for n in range(9)] + [a_record("I.1.9", due=date(2026, 3, 1))]
    assert _score(*records).grade == "Hoàn thành xuất sắc nhiệm vụ"
    barred = _score(*records, rules=rules)
    assert barred.grade == "Hoàn thành tốt nhiệm vụ"
    assert "then chốt I.1.9" in barred.grade_reason


def test_the_ready_file_is_thirty_and_seventy() -> None:
    assert READY.maximum == 100
    general = sum(c.maximum for c in READY.criteria if c.group == "Tiêu chí chung")
    assert general == 30
    assert [grade.least for grade in READY.grades] == [90, 70, 50, 0]


def test_the_made_up_quarter_is_scored_by_hand() -> None:
    police = next(one for one in score(a_quarter(), READY) if one.unit == UNITS["ca"])
    points = {line.criterion.code: line.points for line in police.lines}
    # Three items: nothing sent; sent 6 days late and lapsed; approved, 4 days late, target met.
    assert points == {
        "bao-cao": Decimal("2.00"),
        "chat-luong": Decimal("8.00"),
        "phoi-hop": Decimal("5.25"),
        "sang-kien": Decimal("0.00"),
        "ket-qua": Decimal("16.67"),
        "tien-do": Decimal("6.67"),
    }
    assert police.points == Decimal("38.59")


def _score(*records: CycleRecord, unit: str = "ubnd", rules: ScoringRules = READY) -> UnitScore:
    return next(one for one in score(records, rules) if one.unit == UNITS[unit])


def _line(code: str, *records: CycleRecord, unit: str = "ubnd", rules: ScoringRules = READY) -> ScoreLine:
    return next(
        line for line in _score(*records, unit=unit, rules=rules).lines if line.criterion.code == code
    )


def _rules(**changes: Any) -> ScoringRules:
    criteria = changes.pop("criteria", [{"code": "a", "title": "A", "maximum": 10, "measure": "quality"}])
    group: dict[str, Any] = {"title": "Nhóm", "criteria": criteria}
    if "group_maximum" in changes:
        group["maximum"] = changes.pop("group_maximum")
    text = tomllib.loads('name = "thử"', parse_float=Decimal)
    return ScoringRules.from_dict({**text, "groups": [group], **changes})
