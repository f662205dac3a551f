"""Scoring rules beside the criteria: what items weigh, which are critical, bonus and deduction, the council.

Reading the groups of criteria is `workflow.domain.scores.scoring_rules`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Any

from workflow.domain.cycles.ballots import carries
from workflow.domain.errors import WrongSetting
from workflow.domain.results.record import CycleRecord, ItemKind, Status
from workflow.domain.rules.routing_rules import ApprovalRule, MajorityOf
from workflow.domain.scores.scoring_values import choice, part, points, status, table, whole
from workflow.domain.words import Words


@dataclass(frozen=True, slots=True)
class Weight:
    """What items weigh in a mean: one item by its code, a section with all under it, or a kind."""

    weight: Fraction
    item: str = ""
    section: str = ""
    kind: ItemKind | None = None

    def names(self, record: CycleRecord) -> bool:
        """Whether the item is meant: everything that is named must hold."""
        return (
            (not self.item or record.code == self.item)
            and (not self.section or is_under(record, self.section))
            and (self.kind is None or _is_of(record, self.kind))
        )


@dataclass(frozen=True, slots=True)
class Critical:
    """The items that must not be missed, by code or section, and the statuses that are a miss."""

    items: tuple[str, ...] = ()
    sections: tuple[str, ...] = ()
    missed: tuple[Status, ...] = (Status.NO_REPORT, Status.OVERDUE)

    def is_missed(self, record: CycleRecord) -> bool:
        """Whether the record is of a critical item and stands as missed."""
        named = record.code in self.items or any(is_under(record, one) for one in self.sections)
        return named and record.status in self.missed


class Sign(StrEnum):
    """Whether entries add points or take them off."""

    BONUS = "bonus"
    DEDUCTION = "deduction"


@dataclass(frozen=True, slots=True)
class ExtraRule:
    """A kind of bonus or deduction outside the groups: points for each entry, at most `cap` in all."""

    code: str
    title: str
    sign: Sign
    each: Decimal
    cap: Decimal | None = None


class CouncilBase(StrEnum):
    """What the council's majority is counted of."""

    ALL = "all"
    CAST = "cast"


@dataclass(frozen=True, slots=True)
class Council:
    """When the council carries a motion: with more than this share of all its members, or of ballots cast,
    where at least `quorum` of the members took part. A vote by link is open for `working_days`. With
    `secret_commendations` nobody, the database included, knows who voted how on a commendation."""

    more_than: Fraction = Fraction(1, 2)
    base: CouncilBase = CouncilBase.ALL
    quorum: Fraction = Fraction(0)
    working_days: int = 3
    secret_commendations: bool = False

    @classmethod
    def of(cls, found: Mapping[str, Any]) -> Council:
        """The council's rule from its table."""
        return cls(
            part(found, "more_than", "[council]", Fraction(1, 2)),
            choice(CouncilBase, found, "base", CouncilBase.ALL),
            part(found, "quorum", "[council]", Fraction(0)),
            whole(found, "working_days", "[council]", 3),
            bool(found.get("secret_commendations", False)),
        )

    def rule(self, more_than: Fraction | None = None) -> ApprovalRule:
        """How its ballots are counted, perhaps with another majority for one kind of motion."""
        of = MajorityOf.ALL if self.base is CouncilBase.ALL else MajorityOf.PRESENT
        share = self.more_than if more_than is None else more_than
        return ApprovalRule(more_than=share, of=of, quorum=self.quorum)

    def carries(self, in_favour: int, cast: int, members: int) -> bool:
        """Whether so many votes in favour are enough."""
        return carries(in_favour, cast - in_favour, 0, 0, members - cast, self.rule())


def weights_of(found: Mapping[str, Any]) -> tuple[Weight, ...]:
    """The weights of a rules file, in its order: the first that names an item counts."""
    return tuple(_weight(row, f"[[weights]] thứ {n}") for n, row in enumerate(found.get("weights", ()), 1))


def _weight(row: Mapping[str, Any], where: str) -> Weight:
    one = Weight(
        Fraction(points(row, "weight", where)),
        str(row.get("item", "")),
        str(row.get("section", "")),
        choice(ItemKind, row, "kind", ItemKind.TARGET) if "kind" in row else None,
    )
    if not one.weight or not (one.item or one.section or one.kind):
        raise WrongSetting(
            Words("Trọng số phải lớn hơn 0 và nói rõ cho nội dung nào."),
            where=where,
            cure=Words("Ghi weight cùng item, section hoặc kind."),
        )
    return one


def critical_of(found: Mapping[str, Any]) -> Critical:
    """The critical items of a rules file."""
    body = table(found, "critical", "quy tắc chấm điểm")
    missed = body.get("missed", [one.value for one in Critical().missed])
    return Critical(
        tuple(str(one) for one in body.get("items", ())),
        tuple(str(one) for one in body.get("sections", ())),
        tuple(status(str(one), "[critical] missed") for one in missed),
    )


def extra_rules(found: Mapping[str, Any]) -> tuple[ExtraRule, ...]:
    """The kinds of bonus and deduction of a rules file."""
    return tuple(_extras(found))


def _extras(found: Mapping[str, Any]) -> Iterator[ExtraRule]:
    for key, sign in (("bonuses", Sign.BONUS), ("deductions", Sign.DEDUCTION)):
        for number, row in enumerate(found.get(key, ()), 1):
            where = f"[[{key}]] thứ {number}"
            yield ExtraRule(
                str(row.get("code", "")),
                str(row.get("title", "")),
                sign,
                points(row, "points", where),
                points(row, "cap", where) if "cap" in row else None,
            )


def is_under(record: CycleRecord, section: str) -> bool:
    """Whether the item stands in the section or under it."""
    return section in record.section_codes or record.code.startswith(f"{section}.")


def _is_of(record: CycleRecord, kind: ItemKind) -> bool:
    match kind:
        case ItemKind.TARGET:
            return bool(record.figures)
        case ItemKind.DATED:
            return record.due is not None
        case ItemKind.ONGOING:
            return record.due is None
