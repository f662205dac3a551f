"""The routing rules as an office reads them: only those that have an effect, each shown once.

The sentences come from `explained`, where every rule has one, in force or not.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from workflow.domain.rules.explained import TAKES_MORE_DAYS, Sentence, explained, overridden
from workflow.domain.rules.layers import layered
from workflow.domain.rules.routing_rules import (
    ApprovalRule,
    ConfirmationRule,
    Confirming,
    FigureRule,
    PeriodRule,
    Rates,
    Rules,
    ScheduleRule,
)


def in_force(rules: Rules) -> list[Sentence]:
    """Returns the sentences shown to an office: without the rules that have no effect beside the others, and
    without those that another rule's sentence already includes."""
    whole = replace(rules, overrides=())
    found = [one for one in explained(whole) if (one.group, one.rule) not in _idle(whole) | _TOLD_ALONG]
    for place, override in enumerate(rules.overrides):
        idle = _idle(layered(rules, (place,)))
        found += [one for one in overridden(rules, place, override) if (one.group, one.rule) not in idle]
    return found


_TOLD_ALONG = {("confirmation", "at_least"), ("approval", "of"), ("approval", "fallback_working_days")}
"""Their values are included in the sentences of `required`, `more_than` and `fallback`."""


def _idle(rules: Rules) -> set[tuple[str, str]]:
    """The rules (group, rule) that change nothing as the others are."""
    return {
        *_idle_of("period", _idle_period(rules.period)),
        *_idle_of("schedule", _idle_schedule(rules.schedule)),
        *_idle_of("confirmation", _idle_confirmation(rules.confirmation)),
        *_idle_of("approval", _idle_approval(rules.approval)),
        *_idle_of("figures", _idle_figures(rules.figures)),
    }


def _idle_of(group: str, names: Iterable[str]) -> Iterator[tuple[str, str]]:
    return ((group, name) for name in names)


def _idle_period(rule: PeriodRule) -> list[str]:
    return ["due_working_days" if rule.due_working_days is None else "due_day"]


def _idle_schedule(rule: ScheduleRule) -> list[str]:
    return (
        []
        if rule.automatic
        else ["tell_working_days_before", "fair_working_days", "close", "close_working_days"]
    )


def _idle_confirmation(rule: ConfirmationRule) -> list[str]:
    idle = [] if rule.required is Confirming.AT_LEAST else ["at_least"]
    if rule.each_lead:
        idle.append("co_leads")
    elif rule.required is Confirming.NONE:
        idle += ["co_leads", "silence", "silence_working_days", "objection", "carry"]
    return idle


def _idle_approval(rule: ApprovalRule) -> list[str]:
    idle = [] if rule.fallback in TAKES_MORE_DAYS else ["fallback_working_days"]
    # That no quorum is required is shown once.
    if not rule.quorum:
        idle.append("quorum")
    elif not rule.quorum_count:
        idle.append("quorum_count")
    return idle


def _idle_figures(rule: FigureRule) -> list[str]:
    lists = [name for name in ("sum", "last", "mean", "highest", "lowest") if not getattr(rule, name)]
    no_mean = rule.rates is Rates.LAST and not rule.mean
    return [*lists, "weights"] if no_mean else lists
