"""Commendation rules as data: which units and which persons are proposed for what, and in what number.

Every figure is a setting the customer confirms. Who is proposed is `workflow.domain.scores.commendations`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Any

from workflow.domain.errors import WrongSetting
from workflow.domain.rules.routing_rules import PeriodKind
from workflow.domain.scores.scoring_values import choice, part, percent, points, whole
from workflow.domain.words import Words


class Whom(StrEnum):
    """Whom a commendation is for."""

    UNIT = "unit"
    PERSON = "person"

    @property
    def label(self) -> Words:
        """The word in Vietnamese."""
        return _LABELS[self]


_LABELS = {Whom.UNIT: Words("Tập thể"), Whom.PERSON: Words("Cá nhân")}


@dataclass(frozen=True, slots=True)
class Award:
    """One kind of commendation and its conditions; one that is None, 0 or empty does not apply.

    `grades` are the grades that are enough. `quarters` of the year must have one of them (year periods
    only). At most the share `most` of a cluster is proposed, but at least `at_least`. Of a person, the
    conditions on grade, rank and points are those of their unit; `on_time` is the least share of reports
    sent in time, `returns` the most reports sent back, `reports` the least number of them. `more_than` is
    the council's majority where it is another than usual.
    """

    code: str
    title: str
    whom: Whom
    periods: tuple[PeriodKind, ...] = ()
    grades: tuple[str, ...] = ()
    rank: int = 0
    points: Decimal | None = None
    bars_overdue: bool = False
    bars_missed_critical: bool = False
    quarters: int = 0
    on_time: Fraction | None = None
    returns: int | None = None
    reports: int = 0
    most: Fraction | None = None
    at_least: int = 0
    more_than: Fraction | None = None

    @property
    def least_grade(self) -> str:
        """The lowest grade that is enough."""
        return self.grades[-1]

    @property
    def looks_at_unit(self) -> bool:
        """Whether anything is asked of the unit's score."""
        return bool(self.grades or self.rank or self.points is not None or self.quarters)

    @property
    def asks_for_something(self) -> bool:
        """Whether there is any condition but a limit on number: without one, everybody would be proposed."""
        of_person = self.on_time is not None or self.returns is not None or self.reports
        return bool(self.looks_at_unit or self.bars_overdue or self.bars_missed_critical or of_person)

    def is_of(self, kind: PeriodKind) -> bool:
        """Whether it is given for such a period."""
        return not self.periods or kind in self.periods

    def seats(self, n_considered: int) -> int | None:
        """How many may be proposed of the number considered in a cluster; None without a limit."""
        return None if self.most is None else max(int(self.most * n_considered), self.at_least)


def awards_of(found: Mapping[str, Any], grades: Sequence[str]) -> tuple[Award, ...]:
    """The commendations of a rules file; `grades` are the titles of its grades, the best first."""
    awards = tuple(
        _award(row, grades, Words("[[%(key)s]] thứ %(n)s", key="commendations", n=n))
        for n, row in enumerate(found.get("commendations", ()), 1)
    )
    codes = [one.code for one in awards]
    for code in codes:
        if not code or ":" in code or codes.count(code) > 1:
            raise WrongSetting(
                Words("Mã khen thưởng “%(code)s” trống, có dấu hai chấm hoặc bị trùng.", code=code),
                cure=Words("Mỗi loại một mã riêng."),
            )
    return awards


def _award(row: Mapping[str, Any], grades: Sequence[str], where: str) -> Award:
    if "for" not in row:
        raise WrongSetting(
            Words("Thiếu “for”."), where=where, cure=Words("Ghi unit (tập thể) hoặc person (cá nhân).")
        )
    grade = str(row.get("grade", ""))
    if grade and grade not in grades:
        raise WrongSetting(
            Words("Không có xếp loại “%(grade)s”.", grade=grade),
            where=where,
            cure=Words("Chọn trong: %(names)s.", names=", ".join(grades)),
        )
    whom = choice(Whom, row, "for", Whom.UNIT)
    for key in ("on_time_percent", "returns_at_most", "least_reports") if whom is Whom.UNIT else ():
        if key in row:
            raise WrongSetting(
                Words("“%(key)s” chỉ dùng khi for = “person”.", key=key),
                where=where,
                cure=Words("Bỏ %(key)s.", key=key),
            )
    if row.get("quarters") and not grade:
        raise WrongSetting(
            Words("“quarters” đếm số quý đạt một xếp loại."), where=where, cure=Words("Ghi thêm grade.")
        )
    award = Award(
        code=str(row.get("code", "")),
        title=str(row.get("title", "")),
        whom=whom,
        periods=tuple(_kind(str(one), where) for one in row.get("periods", ())),
        grades=tuple(grades[: grades.index(grade) + 1]) if grade else (),
        rank=whole(row, "rank_at_most", where, 0),
        points=points(row, "least_points", where) if "least_points" in row else None,
        bars_overdue=bool(row.get("bars_overdue", False)),
        bars_missed_critical=bool(row.get("bars_missed_critical", False)),
        quarters=whole(row, "quarters", where, 0),
        on_time=percent(row, "on_time_percent", where) if "on_time_percent" in row else None,
        returns=whole(row, "returns_at_most", where, 0) if "returns_at_most" in row else None,
        reports=whole(row, "least_reports", where, 0),
        most=percent(row, "most_percent", where) if "most_percent" in row else None,
        at_least=whole(row, "at_least", where, 0),
        more_than=part(row, "more_than", where, Fraction(1, 2)) if "more_than" in row else None,
    )
    if not award.asks_for_something:
        raise WrongSetting(
            Words("Không có điều kiện nào."), where=where, cure=Words("Ghi ít nhất một điều kiện, như grade.")
        )
    return award


def _kind(name: str, where: str) -> PeriodKind:
    try:
        return PeriodKind(name)
    except ValueError:
        raise WrongSetting(
            Words("Không có loại kỳ “%(name)s”.", name=name),
            where=where,
            cure=Words("Chọn trong: %(names)s.", names=", ".join(PeriodKind)),
        ) from None
