"""Rules that apply to some items only: which overrides match an item, and the rules that result.

As in a style sheet, each override changes only the rules it names, and the most specific takes precedence:
one item before an amount, an amount before a unit, a unit before a section, a deeper section before a wider
one; of the units that lead an item the main one before the others, a unit before its group.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache
from typing import Any, TypeVar

from workflow.domain.rules.routing_rules import (
    ApprovalRule,
    ConfirmationRule,
    Override,
    PeriodRule,
    Rules,
    kinds_of,
    read_as,
)

Group = TypeVar("Group", PeriodRule, ConfirmationRule, ApprovalRule)


@dataclass(frozen=True, slots=True)
class RuleScope:
    """What of an item decides which rules hold for it. `amounts` are its targets: (value, measure).

    `led_by` are the ids of its lead units, the main one first, then of the groups they belong to, the
    narrower before the wider.
    """

    code: str
    section_codes: tuple[str, ...] = ()
    amounts: tuple[tuple[Decimal, str], ...] = ()
    led_by: tuple[str, ...] = ()


def meets(override: Override, scope: RuleScope) -> bool:
    """Whether the override is about such an item."""
    wanted = override.section
    return (
        (not override.item or override.item == scope.code)
        and (not override.unit or override.unit in scope.led_by)
        and (not wanted or any(f"{code}.".startswith(f"{wanted}.") for code in scope.section_codes))
        and (
            override.amount_from is None
            or any(
                value >= override.amount_from and override.measure in ("", measure)
                for value, measure in scope.amounts
            )
        )
    )


def specificity(override: Override, scope: RuleScope) -> tuple[bool, bool, int, int, Decimal, bool]:
    """How specific the override, which meets the item, is for it; the greater takes precedence."""
    return (
        bool(override.item),
        override.amount_from is not None,
        len(scope.led_by) - scope.led_by.index(override.unit) if override.unit else 0,
        override.section.count(".") + 1 if override.section else 0,
        override.amount_from or Decimal(0),
        bool(override.measure),
    )


def layers(rules: Rules, scope: RuleScope) -> tuple[int, ...]:
    """The places of the overrides that meet the item, the most specific last."""
    found = [place for place, override in enumerate(rules.overrides) if meets(override, scope)]
    return tuple(sorted(found, key=lambda place: specificity(rules.overrides[place], scope)))


@lru_cache(maxsize=1024)
def layered(rules: Rules, places: tuple[int, ...]) -> Rules:
    """The rules with those overrides laid over them, in that order."""
    for place in places:
        override = rules.overrides[place]
        rules = replace(
            rules,
            period=_over(rules.period, override.period),
            confirmation=_over(rules.confirmation, override.confirmation),
            approval=_over(rules.approval, override.approval),
        )
    return rules


def rules_for(rules: Rules, scope: RuleScope) -> Rules:
    """The rules that hold for the item."""
    return layered(rules, layers(rules, scope))


def committees_named(rules: Rules) -> set[str]:
    """The voting units that the rules name for items, anywhere."""
    found = {rules.approval.committee, rules.bodies.items}
    for override in rules.overrides:
        found |= {str(value) for name, value in override.approval if name == "committee"}
    return found - {""}


def _over(group: Group, changes: Sequence[tuple[str, Any]]) -> Group:
    kinds = kinds_of(type(group))
    return replace(group, **{name: read_as(kinds[name], value) for name, value in changes})
