"""Units whose reports are late again and again, as the inspection committee looks for them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from workflow.domain.rules.routing_rules import EscalationRule


@dataclass(frozen=True, slots=True)
class LateReport:
    """A report that came late, or has not come; by so many working days."""

    unit_id: int
    period: str
    """The period's code: two plans that report in one quarter are late in one period."""
    cycle_id: int
    code: str
    content: str
    working_days: int
    is_missing: bool


@dataclass(frozen=True, slots=True)
class Overdue:
    """A unit with its late reports, and why it is on the list."""

    unit_id: int
    reports: tuple[LateReport, ...]
    is_repeated: bool
    is_long: bool

    @property
    def periods(self) -> tuple[str, ...]:
        """The periods it was late in, each once."""
        return tuple(dict.fromkeys(report.period for report in self.reports))

    @property
    def longest(self) -> int:
        """Its longest delay in working days."""
        return max(report.working_days for report in self.reports)

    @property
    def missing(self) -> int:
        """How many reports have not come at all."""
        return sum(report.is_missing for report in self.reports)


def overdue(reports: Iterable[LateReport], rule: EscalationRule) -> tuple[Overdue, ...]:
    """The units late in `repeated_times` periods or more, or with a report late by more than
    `long_working_days`; the worst first."""
    late: dict[int, list[LateReport]] = {}
    for report in reports:
        late.setdefault(report.unit_id, []).append(report)
    found = []
    for unit_id, own in late.items():
        is_repeated = len({report.period for report in own}) >= rule.repeated_times
        is_long = any(report.working_days > rule.long_working_days for report in own)
        if is_repeated or is_long:
            found.append(Overdue(unit_id, tuple(own), is_repeated, is_long))
    return tuple(sorted(found, key=lambda one: (-len(one.periods), -one.longest, one.unit_id)))
