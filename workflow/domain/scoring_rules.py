"""Scoring rules as data: groups of criteria with maximum points, grades, ranking, rounding.

The ready-made file (`workflow/sample/scoring.toml`) follows ready-made scoring examples seen in use:
settings the customer confirms, never constants. How points come about is `workflow.domain.scoring`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal, InvalidOperation
from enum import StrEnum
from fractions import Fraction
from typing import Any, TypeVar

from workflow.domain.errors import WrongSetting
from workflow.domain.record import Status

E = TypeVar("E", bound=StrEnum)


class NotApplicable(StrEnum):
    """What happens where a criterion, or an item, did not arise for a unit."""

    MAXIMUM = "maximum"
    LEFT_OUT = "left-out"


class NotDue(StrEnum):
    """What the progress of an item still in its time is held against."""

    PLANNED = "planned"
    """The share of the item's time that has gone by."""
    PROGRESS = "progress"
    """The whole: 40% of progress is 40% of the points."""
    LEFT_OUT = "left-out"


class LeadShare(StrEnum):
    """Which lead units an item counts for."""

    MAIN = "main"
    ALL = "all"


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


Measure = Timeliness | Deadlines | Completion | Quality | Coordination


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
    """A classification, given from `least` points (on the scale of all criteria) on."""

    title: str
    least: Decimal


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

    @property
    def maximum(self) -> Decimal:
        """All points there are."""
        return sum((criterion.maximum for criterion in self.criteria), Decimal(0))

    def rounded(self, points: Fraction) -> Decimal:
        """Points rounded as the rules say, exactly: no binary or repeating fraction gets in between."""
        scale = 10**self.places
        whole, rest = divmod(points * scale, 1)
        is_up = {
            ROUND_HALF_UP: rest >= Fraction(1, 2),
            ROUND_HALF_EVEN: rest > Fraction(1, 2) or (rest == Fraction(1, 2) and whole % 2 == 1),
            ROUND_DOWN: False,
        }[self.rounding]
        return Decimal(whole + is_up).scaleb(-self.places)

    def grade(self, points: Decimal) -> str:
        """The classification of so many points on the scale of all criteria."""
        return next((grade.title for grade in self.grades if points >= grade.least), "")

    @classmethod
    def from_dict(cls, found: Mapping[str, Any]) -> ScoringRules:
        """Rules from a TOML document's table (read with `parse_float=Decimal`); raises WrongSetting."""
        rounding = _table(found, "rounding", "quy tắc chấm điểm")
        ranking = _table(found, "ranking", "quy tắc chấm điểm")
        places = int(rounding.get("places", 2))
        criteria = tuple(
            _criterion(row, str(group["title"]))
            for group in found.get("groups", ())
            for row in group.get("criteria", ())
        )
        grades = [Grade(str(row["title"]), _points(row, "from", "grades")) for row in found.get("grades", ())]
        rules = cls(
            name=str(found.get("name", "")),
            version=str(found.get("version", "1")),
            criteria=criteria,
            grades=tuple(sorted(grades, key=lambda grade: -grade.least)),
            not_applicable=_choice(NotApplicable, found, "not_applicable", NotApplicable.LEFT_OUT),
            leads=_choice(LeadShare, found, "leads", LeadShare.MAIN),
            ties=tuple(str(code) for code in ranking.get("ties", ())),
            least_applicable=_points(ranking, "least_applicable", "ranking"),
            places=places,
            rounding=_rounding(rounding),
        )
        _check(rules, found)
        return rules


def _criterion(row: Mapping[str, Any], group: str) -> Criterion:
    where = f"tiêu chí “{row.get('code', '')}”"
    return Criterion(
        code=str(row.get("code", "")),
        title=str(row.get("title", "")),
        group=group,
        maximum=_points(row, "maximum", where),
        measure=_measure(row, where),
    )


def _measure(row: Mapping[str, Any], where: str) -> Measure:
    match row.get("measure"):
        case "timeliness":
            bands = [
                (int(band["up_to_days"]), _percent(band, "percent", where)) for band in row.get("bands", ())
            ]
            return Timeliness(tuple(sorted(bands)))
        case "deadlines":
            shares = _table(row, "percent", where)
            return Deadlines(
                tuple((_status(name, where), _percent(shares, name, where)) for name in sorted(shares))
            )
        case "completion":
            return Completion(_choice(NotDue, row, "not_due", NotDue.PLANNED))
        case "quality":
            return Quality(
                per_objection=_points(row, "per_objection", where),
                per_return=_points(row, "per_return", where),
                per_missing=_points(row, "per_missing", where),
            )
        case "coordination":
            return Coordination(_percent(row, "late_percent", where), _percent(row, "silent_percent", where))
        case unknown:
            raise WrongSetting(
                f"Không có cách đo “{unknown}”.",
                where=where,
                cure="Chọn timeliness, deadlines, completion, quality hoặc coordination.",
            )


def _check(rules: ScoringRules, found: Mapping[str, Any]) -> None:
    if not rules.criteria:
        raise WrongSetting("Quy tắc chấm điểm không có tiêu chí nào.", cure="Thêm mục [[groups.criteria]].")
    codes = [criterion.code for criterion in rules.criteria]
    for code in codes:
        if not code or codes.count(code) > 1:
            raise WrongSetting(
                f"Mã tiêu chí “{code}” trống hoặc bị trùng.", cure="Mỗi tiêu chí một mã riêng."
            )
    for code in rules.ties:
        if code not in codes:
            raise WrongSetting(
                f"Không có tiêu chí “{code}” để phân hạng khi bằng điểm.", where="ranking.ties"
            )
    for criterion in rules.criteria:
        if rules.rounded(Fraction(criterion.maximum)) != criterion.maximum:
            raise WrongSetting(
                f"Điểm tối đa {criterion.maximum} lẻ hơn {rules.places} chữ số thập phân.",
                where=f"tiêu chí “{criterion.code}”",
                cure="Sửa điểm tối đa hoặc rounding.places.",
            )
    for group in found.get("groups", ()):
        own = sum((c.maximum for c in rules.criteria if c.group == group["title"]), Decimal(0))
        if "maximum" in group and _points(group, "maximum", "groups") != own:
            raise WrongSetting(
                f"Nhóm “{group['title']}” ghi tối đa {group['maximum']} điểm, các tiêu chí cộng lại: {own}.",
                cure="Sửa điểm của nhóm hoặc của tiêu chí cho khớp.",
            )


def _rounding(found: Mapping[str, Any]) -> str:
    modes = {"half-up": ROUND_HALF_UP, "half-even": ROUND_HALF_EVEN, "down": ROUND_DOWN}
    mode = str(found.get("mode", "half-up"))
    if mode not in modes:
        raise WrongSetting(
            f"Không có cách làm tròn “{mode}”.", where="rounding.mode", cure=f"Chọn {', '.join(modes)}."
        )
    return modes[mode]


def _table(found: Mapping[str, Any], key: str, where: str) -> Mapping[str, Any]:
    table = found.get(key, {})
    if not isinstance(table, Mapping):
        raise WrongSetting(f"Mục “{key}” phải là một bảng.", where=where)
    return table


def _points(found: Mapping[str, Any], key: str, where: str) -> Decimal:
    try:
        points = Decimal(str(found.get(key, 0)))
    except InvalidOperation:
        points = Decimal(-1)
    if not points.is_finite() or points < 0:
        raise WrongSetting(f"“{key}” phải là số không âm, không phải “{found[key]}”.", where=where)
    return points


def _percent(found: Mapping[str, Any], key: str, where: str) -> Fraction:
    share = Fraction(_points(found, key, where)) / 100
    if share > 1:
        raise WrongSetting(f"“{key}” phải từ 0 đến 100, không phải “{found[key]}”.", where=where)
    return share


def _status(name: str, where: str) -> Status:
    try:
        return Status(name)
    except ValueError:
        raise WrongSetting(
            f"Không có trạng thái “{name}”.", where=where, cure=f"Chọn trong {', '.join(Status)}."
        ) from None


def _choice(kind: type[E], found: Mapping[str, Any], key: str, default: E) -> E:
    try:
        return kind(found.get(key, default))
    except ValueError:
        raise WrongSetting(
            f"“{key}” không nhận giá trị “{found[key]}”.", cure=f"Chọn {', '.join(kind)}."
        ) from None
