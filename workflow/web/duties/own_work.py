"""The state of each item that a person's units lead: not begun, begun, ready to send, sent back, sent."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection

from workflow.domain.results.figures import Figure
from workflow.storage.cycles.drafts import Kept, report_drafts
from workflow.storage.cycles.heads import CycleHead
from workflow.storage.duties.sheets import ItemPlace, Led, ReportSheet, led_by, report_sheets
from workflow.web.duties.drafts import ShownDraft, shown_draft
from workflow.web.duties.report_reading import ReportReading, figure_typed, read_report
from workflow.web.site import Holder


class WorkState(StrEnum):
    """How far an item's report is; the values are used in addresses."""

    EMPTY = "empty"
    BEGUN = "begun"
    READY = "ready"
    RETURNED = "returned"
    SENT = "sent"


@dataclass(frozen=True, slots=True)
class Own:
    """One item a unit leads: its state; of a draft also what it says and what it lacks."""

    cycle: CycleHead
    state: WorkState
    progress: int | None = None
    """As last reported."""
    sheet: ReportSheet | None = None
    draft: ShownDraft | None = None
    reading: ReportReading | None = None

    @property
    def is_owed(self) -> bool:
        """Whether a report is still to be sent."""
        return self.state is not WorkState.SENT

    @property
    def is_returned(self) -> bool:
        """Whether it was sent back and is to be reported again."""
        return self.is_owed and self.cycle.returned is not None

    @property
    def lacking(self) -> list[str]:
        """What keeps a begun report from being sent."""
        if self.reading is None:
            return []
        return [*self.reading.problems.values(), *self.reading.unexplained.values()]

    @property
    def figures(self) -> list[Figure]:
        """The targets compared with the values of the draft."""
        if self.sheet is None or self.draft is None:
            return []
        typed = self.draft.fields
        asked = self.sheet.asked
        return [
            figure_typed(asked[one.id], str(typed.get(f"figure-{one.id}", ""))) for one in self.sheet.targets
        ]


def own_work(tx: Connection, holder: Holder, now: datetime) -> list[Own]:
    """Every item the person's units lead in the period, in the plan's order."""
    sheets = report_sheets(tx, holder.person_id, holder.period_id, now=now)
    led = led_by(tx, holder.person_id, holder.period_id, now=now)
    kept = report_drafts(tx, holder.person_id, holder.period_id)
    return [_own(one, sheets.get(cycle), kept.get(cycle)) for cycle, one in led.items()]


def _own(led: Led, sheet: ReportSheet | None, kept: Kept | None) -> Own:
    if sheet is None:
        return Own(led.cycle, WorkState.SENT, led.progress)
    draft = shown_draft(kept, led.cycle.version)
    if draft.saved_at is None:
        state = WorkState.RETURNED if led.cycle.returned else WorkState.EMPTY
        return Own(led.cycle, state, led.progress, sheet)
    reading = read_report(sheet, draft.fields, draft.evidence)
    state = WorkState.READY if reading.report else WorkState.BEGUN
    return Own(led.cycle, state, led.progress, sheet, draft, reading)


def counts(work: Iterable[Own]) -> Counter[WorkState]:
    """How many items are in each state."""
    return Counter(one.state for one in work)


def next_owed(places: Iterable[ItemPlace], cycle_id: int) -> ItemPlace | None:
    """The item to go on with after this one: the next still to send, or the first of them."""
    owed = [one for one in places if one.is_owed or one.id == cycle_id]
    at = next((at for at, one in enumerate(owed) if one.id == cycle_id), len(owed) - 1)
    others = [*owed[at + 1 :], *owed[:at]]
    return next(iter(others), None)


@dataclass(frozen=True, slots=True)
class Steps:
    """An item's position among those still to send: its number, the total, its neighbours; and the overall
    progress."""

    place: int
    count: int
    before: ItemPlace | None
    after: ItemPlace | None
    sent: int
    total: int

    @classmethod
    def of(cls, places: Sequence[ItemPlace], cycle_id: int) -> Steps:
        """The steps around an item."""
        owed = [one for one in places if one.is_owed]
        at = next((at for at, one in enumerate(owed) if one.id == cycle_id), 0)
        return cls(
            at + 1,
            len(owed),
            owed[at - 1] if at else None,
            owed[at + 1] if at + 1 < len(owed) else None,
            len(places) - len(owed),
            len(places),
        )
