"""Scoring rules as data: groups of criteria with maximum points, grades, ranking, rounding.

The ready-made file (`workflow/sample/scoring.toml`) follows ready-made scoring examples seen in use:
settings the customer confirms, never constants. How points come about is `workflow.domain.scores.scoring`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Any

from workflow.domain.errors import WrongSetting
from workflow.domain.results.record import CycleRecord, Status
from workflow.domain.scores.award_rules import Award, awards_of
from workflow.domain.scores.reviews import ReviewRule, is_rank_told
from workflow.domain.scores.scoring_extras import (
    Council,
    Critical,
    ExtraRule,
    Weight,
    critical_of,
    extra_rules,
    weights_of,
)
from workflow.domain.scores.scoring_values import choice, percent, points, status, table, whole
from workflow.domain.typed import POINTS
from workflow.domain.words import Words


class NotApplicable(StrEnum):
    """What happens where a criterion, or an item, did not arise for a unit."""

    MAXIMUM = "maximum"
    LEFT_OUT = "left-out"


class NotDue(StrEnum):
    """What the progress of an item whose deadline is still to come is compared with."""

    PLANNED = "planned"
    """The share of the item's time that has elapsed."""
    PROGRESS = "progress"
    """The whole: 40% of progress is 40% of the points."""
    LEFT_OUT = "left-out"


class LeadShare(StrEnum):
    """Which lead units an item counts for."""

    MAIN = "main"
    ALL = "all"


class SpanScore(StrEnum):
    """Where the points of a half-year or year come from that is evaluated from closed periods."""

    MEAN = "mean"
    """The mean of the periods' totals, each period alike."""
    FROM_RECORDS = "from-records"
    """The criteria applied to the periods' records as if they were one period's."""


@dataclass(frozen=True, slots=True)
class Timeliness:
    """Reports in time. `bands` are (up to so many working days late, share 0 to 1), ascending; later: 0."""

    bands: tuple[tuple[int, Fraction], ...]

    def share(self, days_late: int) -> Fraction:
        """The share of the points for a report so many working days late."""
        return next((share for up_to, share in self.bands if days_late <= up_to), Fraction(0))


@dataclass(frozen=True, slots=True)
class Deadlines:
    """Items done by their deadlines: a share of the points (0 to 1) for each status."""

    shares: tuple[tuple[Status, Fraction], ...]

    def share(self, status: Status) -> Fraction:
        """The share of the points for an item that stands so; 0 where the rule names none."""
        return dict(self.shares).get(status, Fraction(0))


@dataclass(frozen=True, slots=True)
class Completion:
    """Results against targets, or progress where an item has no figure."""

    not_due: NotDue


@dataclass(frozen=True, slots=True)
class Quality:
    """Points (not shares) taken off for each upheld objection, return, and item without any report."""

    per_objection: Decimal
    per_return: Decimal
    per_missing: Decimal


@dataclass(frozen=True, slots=True)
class Coordination:
    """Answers as a coordinating unit: in time 1, late `late`, silent `silent` (shares 0 to 1)."""

    late: Fraction
    silent: Fraction


@dataclass(frozen=True, slots=True)
class Initiative:
    """Initiatives the council has recognised: so many points each."""

    per_claim: Decimal


@dataclass(frozen=True, slots=True)
class PeriodMean:
    """The mean of so many periods' totals: the line of an evaluated half-year or year, of no rules file."""

    of_periods: int


Measure = Timeliness | Deadlines | Completion | Quality | Coordination | Initiative | PeriodMean


@dataclass(frozen=True, slots=True)
class Criterion:
    """One line of the score sheet: at most `maximum` points, measured by `measure`."""

    code: str
    title: str
    group: str
    maximum: Decimal
    measure: Measure


@dataclass(frozen=True, slots=True)
class Grade:
    """A classification, given from `least` points (on the scale of all criteria) on, to a unit that missed no
    critical item (where `bars_missed_critical`), has at least these shares of the criteria named in `needs`,
    and is among the first `most` (a share) of its cluster, or among its first `at_least`."""

    title: str
    least: Decimal
    bars_missed_critical: bool = False
    needs: tuple[tuple[str, Fraction], ...] = ()
    most: Fraction | None = None
    at_least: int = 0

    def seats(self, ranked: int) -> int:
        """How many of so many ranked units of a cluster the grade may go to; a part of a unit is none."""
        if self.most is None:
            return ranked
        return max(int(self.most * ranked), self.at_least)


@dataclass(frozen=True, slots=True)
class ScoringRules:
    """A named version of the scoring rules.

    `places` and `rounding` (a `decimal` mode) say how each line's points are rounded. `ties` are the codes
    of the criteria that break equal points, most important first. A unit whose applicable maximum is under
    `least_applicable` points is scored but not graded or ranked.
    """

    name: str
    version: str
    criteria: tuple[Criterion, ...]
    grades: tuple[Grade, ...]
    not_applicable: NotApplicable = NotApplicable.LEFT_OUT
    leads: LeadShare = LeadShare.MAIN
    ties: tuple[str, ...] = ()
    least_applicable: Decimal = Decimal(0)
    places: int = 2
    rounding: str = ROUND_HALF_UP
    weights: tuple[Weight, ...] = ()
    critical: Critical = field(default_factory=Critical)
    extras: tuple[ExtraRule, ...] = ()
    bonus_cap: Decimal | None = None
    deduction_cap: Decimal | None = None
    council: Council = field(default_factory=Council)
    self_score_days: int | None = None
    review: ReviewRule | None = None
    tells_rank: bool = False
    """Working days after the reports' last day for the units' own scores by link; None: not asked for."""
    awards: tuple[Award, ...] = ()
    span_score: SpanScore = SpanScore.MEAN

    def weight(self, record: CycleRecord) -> Fraction:
        """What an item counts for in a mean: the first rule that names it, else 1."""
        return next((one.weight for one in self.weights if one.names(record)), Fraction(1))

    def is_mean(self, is_evaluated: bool) -> bool:
        """Whether a period's score is the mean of others', without criteria of its own."""
        return is_evaluated and self.span_score is SpanScore.MEAN

    @property
    def maximum(self) -> Decimal:
        """All points there are."""
        return sum((criterion.maximum for criterion in self.criteria), Decimal(0))

    def rounded(self, points: Fraction) -> Decimal:
        """Rounds points by the rules, exactly: without a binary or repeating fraction in between."""
        numerator, denominator = points.as_integer_ratio()
        whole, rest = divmod(numerator * 10**self.places, denominator)
        is_up = {
            ROUND_HALF_UP: 2 * rest >= denominator,
            ROUND_HALF_EVEN: 2 * rest > denominator or (2 * rest == denominator and whole % 2 == 1),
            ROUND_DOWN: False,
        }[self.rounding]
        return Decimal(whole + is_up).scaleb(-self.places)

    @classmethod
    def from_dict(cls, found: Mapping[str, Any]) -> ScoringRules:
        """Rules from a TOML document's table (read with `parse_float=Decimal`); raises WrongSetting."""
        rounding = table(found, "rounding", Words("quy tắc chấm điểm"))
        ranking = table(found, "ranking", Words("quy tắc chấm điểm"))
        places = whole(rounding, "places", "[rounding]", 2)
        if places > POINTS.after:
            raise WrongSetting(
                Words("Điểm làm tròn đến nhiều nhất %(most)s chữ số thập phân.", most=POINTS.after),
                where="[rounding] places",
            )
        criteria = tuple(
            _criterion(row, str(group["title"]))
            for group in found.get("groups", ())
            for row in group.get("criteria", ())
        )
        grades = sorted((_grade(row) for row in found.get("grades", ())), key=lambda grade: -grade.least)
        caps = table(found, "caps", Words("quy tắc chấm điểm"))
        own = table(found, "self_score", Words("quy tắc chấm điểm"))
        rules = cls(
            name=str(found.get("name", "")),
            version=str(found.get("version", "1")),
            criteria=criteria,
            grades=tuple(grades),
            not_applicable=choice(NotApplicable, found, "not_applicable", NotApplicable.LEFT_OUT),
            leads=choice(LeadShare, found, "leads", LeadShare.MAIN),
            ties=tuple(str(code) for code in ranking.get("ties", ())),
            least_applicable=points(ranking, "least_applicable", "ranking"),
            places=places,
            rounding=_rounding(rounding),
            weights=weights_of(found),
            critical=critical_of(found),
            extras=extra_rules(found),
            bonus_cap=points(caps, "bonus", "caps") if "bonus" in caps else None,
            deduction_cap=points(caps, "deduction", "caps") if "deduction" in caps else None,
            council=Council.of(table(found, "council", Words("quy tắc chấm điểm"))),
            review=ReviewRule.of(found),
            tells_rank=is_rank_told(found),
            self_score_days=whole(own, "working_days", "[self_score]", 3) if "self_score" in found else None,
            awards=awards_of(found, [grade.title for grade in grades]),
            span_score=choice(
                SpanScore, table(found, "spans", Words("quy tắc chấm điểm")), "score", SpanScore.MEAN
            ),
        )
        _check(rules, found)
        return rules


def _grade(row: Mapping[str, Any]) -> Grade:
    where = Words("xếp loại “%(title)s”", title=row.get("title", ""))
    needs = table(row, "needs", where)
    return Grade(
        title=str(row.get("title", "")),
        least=points(row, "from", where),
        bars_missed_critical=bool(row.get("bars_missed_critical", False)),
        needs=tuple((code, percent(needs, code, where)) for code in needs),
        most=percent(row, "most_percent", where) if "most_percent" in row else None,
        at_least=whole(row, "at_least", where, 0),
    )


def _criterion(row: Mapping[str, Any], group: str) -> Criterion:
    where = Words("tiêu chí “%(code)s”", code=row.get("code", ""))
    return Criterion(
        code=str(row.get("code", "")),
        title=str(row.get("title", "")),
        group=group,
        maximum=points(row, "maximum", where),
        measure=_measure(row, where),
    )


def _measure(row: Mapping[str, Any], where: str) -> Measure:
    match row.get("measure"):
        case "timeliness":
            bands = [
                (whole(band, "up_to_days", where, 0), percent(band, "percent", where))
                for band in row.get("bands", ())
            ]
            return Timeliness(tuple(sorted(bands)))
        case "deadlines":
            shares = table(row, "percent", where)
            return Deadlines(
                tuple((status(name, where), percent(shares, name, where)) for name in sorted(shares))
            )
        case "completion":
            return Completion(choice(NotDue, row, "not_due", NotDue.PLANNED))
        case "quality":
            return Quality(
                per_objection=points(row, "per_objection", where),
                per_return=points(row, "per_return", where),
                per_missing=points(row, "per_missing", where),
            )
        case "coordination":
            return Coordination(percent(row, "late_percent", where), percent(row, "silent_percent", where))
        case "initiative":
            return Initiative(points(row, "per_claim", where))
        case unknown:
            raise WrongSetting(
                Words("Không có cách đo “%(unknown)s”.", unknown=unknown),
                where=where,
                cure=Words("Chọn timeliness, deadlines, completion, quality, coordination hoặc initiative."),
            )


def _check(rules: ScoringRules, found: Mapping[str, Any]) -> None:
    if not rules.criteria:
        raise WrongSetting(
            Words("Quy tắc chấm điểm không có tiêu chí nào."), cure=Words("Thêm mục [[groups.criteria]].")
        )
    codes = [criterion.code for criterion in rules.criteria]
    for code in codes:
        if not code or codes.count(code) > 1:
            raise WrongSetting(
                Words("Mã tiêu chí “%(code)s” trống hoặc bị trùng.", code=code),
                cure=Words("Mỗi tiêu chí một mã riêng."),
            )
    for code in rules.ties:
        if code not in codes:
            raise WrongSetting(
                Words("Không có tiêu chí “%(code)s” để phân hạng khi bằng điểm.", code=code),
                where="ranking.ties",
            )
    for grade in rules.grades:
        for code, _ in grade.needs:
            if code not in codes:
                raise WrongSetting(
                    Words("Không có tiêu chí “%(code)s” để làm điều kiện xếp loại.", code=code),
                    where=Words("xếp loại “%(title)s”, needs", title=grade.title),
                )
    outside = [*codes, *(extra.code for extra in rules.extras)]
    for extra in rules.extras:
        if not extra.code or outside.count(extra.code) > 1:
            raise WrongSetting(
                Words("Mã điểm thưởng, điểm trừ “%(code)s” trống hoặc bị trùng.", code=extra.code),
                cure=Words("Mỗi loại một mã riêng."),
            )
    for criterion in rules.criteria:
        if rules.rounded(Fraction(criterion.maximum)) != criterion.maximum:
            raise WrongSetting(
                Words(
                    "Điểm tối đa %(maximum)s lẻ hơn %(places)s chữ số thập phân.",
                    maximum=criterion.maximum,
                    places=rules.places,
                ),
                where=Words("tiêu chí “%(code)s”", code=criterion.code),
                cure=Words("Sửa điểm tối đa hoặc rounding.places."),
            )
    for group in found.get("groups", ()):
        own = sum((c.maximum for c in rules.criteria if c.group == group["title"]), Decimal(0))
        if "maximum" in group and points(group, "maximum", "groups") != own:
            raise WrongSetting(
                Words(
                    "Nhóm “%(title)s” ghi tối đa %(maximum)s điểm, các tiêu chí cộng lại: %(own)s.",
                    title=group["title"],
                    maximum=group["maximum"],
                    own=own,
                ),
                cure=Words("Sửa điểm của nhóm hoặc của tiêu chí cho khớp."),
            )


def _rounding(found: Mapping[str, Any]) -> str:
    modes = {"half-up": ROUND_HALF_UP, "half-even": ROUND_HALF_EVEN, "down": ROUND_DOWN}
    mode = str(found.get("mode", "half-up"))
    if mode not in modes:
        raise WrongSetting(
            Words("Không có cách làm tròn “%(mode)s”.", mode=mode),
            where="rounding.mode",
            cure=Words("Chọn trong: %(names)s.", names=", ".join(modes)),
        )
    return modes[mode]
