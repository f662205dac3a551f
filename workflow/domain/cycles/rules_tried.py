"""A dry run of new rules: the changed rules in sentences, and the cycles that they would route otherwise.

Nothing is written: the office reads the result before it accepts the new rules.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from workflow.domain.calendar import Calendar
from workflow.domain.cycles.advance import Standing, advance
from workflow.domain.cycles.cycle import Facts
from workflow.domain.rules.explained import Sentence, explained
from workflow.domain.rules.layers import RuleScope, rules_for
from workflow.domain.rules.routing_rules import Rules


@dataclass(frozen=True, slots=True)
class Case:
    """A cycle under the present rules: its item, its facts, and the rules pinned for it."""

    cycle_id: int
    scope: RuleScope
    facts: Facts
    rules: Rules
    facts_after: Facts
    """The same facts with the roll under the new rules."""


@dataclass(frozen=True, slots=True)
class RulesEffect:
    """A cycle that would be in another stage, or wait for others, under the new rules."""

    cycle_id: int
    code: str
    before: Standing
    after: Standing

    @property
    def changes_stage(self) -> bool:
        """Whether the cycle's stage would change."""
        return self.before.stage is not self.after.stage

    @property
    def changes_owing(self) -> bool:
        """Whether somebody would gain or lose a duty."""
        return (self.before.duty, self.before.units, self.before.persons) != (
            self.after.duty,
            self.after.units,
            self.after.persons,
        )

    @property
    def changes_limit(self) -> bool:
        """Whether the deadline would change."""
        return self.before.until != self.after.until


def effects(cases: Iterable[Case], new: Rules, now: datetime, calendar: Calendar) -> list[RulesEffect]:
    """The cycles that the new rules would route otherwise at `now`, in the order given."""
    found = []
    for case in cases:
        before = advance(case.facts, case.rules, now, calendar)
        after = advance(case.facts_after, rules_for(new, case.scope), now, calendar)
        effect = RulesEffect(case.cycle_id, case.scope.code, before, after)
        if effect.changes_stage or effect.changes_owing or effect.changes_limit:
            found.append(effect)
    return found


def rule_changes(old: Rules, new: Rules) -> list[tuple[Sentence | None, Sentence | None]]:
    """Returns the changed rules as (before, after); None on the side that has no such rule."""
    was = {(one.scope, one.group, one.rule): one for one in explained(old)}
    becomes = {(one.scope, one.group, one.rule): one for one in explained(new)}
    keys = [*becomes, *(key for key in was if key not in becomes)]
    return [(was.get(key), becomes.get(key)) for key in keys if was.get(key) != becomes.get(key)]
