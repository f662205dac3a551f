"""The record of one cycle that closing a period needs, and the official status of its item.

Loading records from the database is `workflow.storage`; summing them is `workflow.domain.results.rollup`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum

from workflow.domain.cycles.cycle import Stage, Verdict
from workflow.domain.periods.period import Span
from workflow.domain.plans.plan import Every
from workflow.domain.results.figures import Figure
from workflow.domain.vietnamese import count, joined
from workflow.domain.words import Words


class Reported(StrEnum):
    """The state of an item as reported by its lead unit."""

    DONE = "done"
    UNDER_WAY = "under-way"
    NOT_STARTED = "not-started"
    NOT_ARISEN = "not-arisen"

    @property
    def label(self) -> Words:
        """The word in Vietnamese."""
        return _REPORTED[self]


_REPORTED = {
    Reported.DONE: Words("Đã hoàn thành"),
    Reported.UNDER_WAY: Words("Đang thực hiện"),
    Reported.NOT_STARTED: Words("Chưa bắt đầu"),
    Reported.NOT_ARISEN: Words("Không phát sinh trong kỳ"),
}


class Status(StrEnum):
    """How an item stands, in the words of official reports. Every record has exactly one."""

    DONE_ON_TIME = "done-on-time"
    DONE_LATE = "done-late"
    DONE_SHORT = "done-short"
    """Reported as done while a target is missed, still in its time: never counted among what is done."""
    UNDER_WAY = "under-way"
    OVERDUE = "overdue"
    NOT_STARTED = "not-started"
    ONGOING = "ongoing"
    """Regular work without a deadline, counted apart."""
    NOT_ARISEN = "not-arisen"
    NO_REPORT = "no-report"
    """Lapsed: the period closed without an approved report."""
    PENDING = "pending"
    """No report is approved yet: the period is still open, or a rule leaves out what ended undecided."""
    WITHDRAWN = "withdrawn"

    @property
    def label(self) -> Words:
        """The status in Vietnamese."""
        return _STATUSES[self]


_STATUSES = {
    Status.DONE_ON_TIME: Words("Hoàn thành đúng hạn"),
    Status.DONE_LATE: Words("Hoàn thành quá hạn"),
    Status.DONE_SHORT: Words("Báo hoàn thành, chưa đạt chỉ tiêu"),
    Status.UNDER_WAY: Words("Đang thực hiện (còn trong hạn)"),
    Status.OVERDUE: Words("Quá hạn chưa hoàn thành"),
    Status.NOT_STARTED: Words("Chưa đến hạn, chưa bắt đầu"),
    Status.ONGOING: Words("Thường xuyên"),
    Status.NOT_ARISEN: Words("Không phát sinh"),
    Status.NO_REPORT: Words("Không có báo cáo được duyệt"),
    Status.PENDING: Words("Chưa có kết quả được duyệt"),
    Status.WITHDRAWN: Words("Đưa ra khỏi kỳ"),
}


UNFINISHED = frozenset({Status.DONE_SHORT.value, Status.OVERDUE.value})
"""The statuses of an item that its unit reports as done and that is not, as they are kept."""


class ItemKind(StrEnum):
    """What kind of item it is."""

    TARGET = "target"
    """It has a figure to reach."""
    DATED = "dated"
    """It has a deadline."""
    ONGOING = "ongoing"
    """Regular work without a deadline."""

    @property
    def label(self) -> Words:
        """The kind in Vietnamese."""
        return _KINDS[self]


_KINDS = {
    ItemKind.TARGET: Words("Chỉ tiêu có số liệu"),
    ItemKind.DATED: Words("Nhiệm vụ có thời hạn"),
    ItemKind.ONGOING: Words("Nhiệm vụ thường xuyên"),
}


@dataclass(frozen=True, slots=True)
class UnitRef:
    """A unit as the records name it. `cluster` is the emulation cluster (cụm thi đua), empty if one."""

    id: int
    name: str
    cluster: str = ""


@dataclass(frozen=True, slots=True)
class LeaderRef:
    """Who leads an item, as the records name them: a person of the directory (`person_id`) by the name they
    have there, or the name alone that the plan prints. `printed` is what the plan says."""

    name: str
    person_id: int | None = None
    printed: str = ""

    @property
    def key(self) -> str:
        """Identifies the leader: by the person, else by the printed name."""
        return self.name if self.person_id is None else f"#{self.person_id}"

    @property
    def shown(self) -> str:
        """The text shown in lists: the name as the plan prints it, where it does."""
        return self.printed or self.name


class Excuse(StrEnum):
    """Why a unit's silence is not held against it."""

    NOBODY_ELSE = "nobody-else"
    """Everybody who answers for the unit sent the report themselves."""
    CUT_SHORT = "cut-short"
    """The period ended before the days were over that the rules give the unit."""

    @property
    def label(self) -> str:
        """The reason in Vietnamese, as it is kept with the points."""
        return _EXCUSES[self]


_EXCUSES = {
    Excuse.NOBODY_ELSE: "người duy nhất của đơn vị được xác nhận lại là người đã gửi báo cáo",
    Excuse.CUT_SHORT: "kỳ kết thúc trước khi hết thời gian xác nhận của đơn vị",
}


@dataclass(frozen=True, slots=True)
class RecordedWord:
    """One coordinating unit's confirmation of the approved (or last) version.

    `verdict` is None where it did not answer; `is_deemed`: by rule its silence counts as consent; `excuse`:
    it had no way to answer in time. `on` and `due_on` are local days, both the last day included.
    """

    unit: UnitRef
    verdict: Verdict | None = None
    reason: str = ""
    on: date | None = None
    due_on: date | None = None
    is_deemed: bool = False
    excuse: Excuse | None = None

    @property
    def is_on_time(self) -> bool:
        """Whether the unit answered, not after its last day."""
        return self.on is not None and (self.due_on is None or self.on <= self.due_on)


@dataclass(frozen=True, slots=True)
class RecordedVote:
    """The committee's ballots on the approved version, out of `base`, and the day it was decided."""

    approve: int
    back: int
    abstain: int
    base: int
    on: date | None = None


@dataclass(frozen=True, slots=True)
class Unheard:
    """Who had not answered when a report's time was over: units asked to confirm it, and members of the
    committee, by name only where the rules show who voted how."""

    units: tuple[UnitRef, ...] = ()
    members: int = 0
    names: tuple[str, ...] = ()

    @property
    def said(self) -> str:
        """Who it is, in words of a report."""
        if self.units:
            return f"{joined([unit.name for unit in self.units])} chưa xác nhận"
        if self.names:
            return f"{joined(list(self.names))} chưa biểu quyết"
        if self.members:
            return f"{count(self.members)} thành viên chưa biểu quyết"
        return "cấp phê duyệt chưa có kết quả"


@dataclass(frozen=True, slots=True)
class CycleRecord:
    """One item in one period, as the period's rollup, scores and report see it.

    Days are local. `first_submitted_on` is the day of the first report that its unit did not take back
    itself; `days_late` counts working days from `report_due_on` to it.
    `progress` is in percent (0 to 100) of the approved version, `text`, `difficulties`, `proposals` and
    `figures` are that version's too (the last version's where none is approved). `as_of` is the day the
    figures stand for: the cut-off of a closed period, today for an open one. `words` holds the units
    asked to confirm; it is empty where nothing was submitted.
    """

    cycle_id: int
    code: str
    content: str
    span: Span
    as_of: date
    stage: Stage
    report_due_on: date
    leads: tuple[UnitRef, ...] = ()
    """The first is the main one, under which the record is counted."""
    words: tuple[RecordedWord, ...] = ()
    leaders: tuple[LeaderRef, ...] = ()
    section_codes: tuple[str, ...] = ()
    """From the outermost in; as many as `section_titles`."""
    section_titles: tuple[str, ...] = ()
    start: date | None = None
    due: date | None = None
    cadence: Every | None = None
    start_text: str = ""
    """This and the next three as the plan prints them."""
    deadline_text: str = ""
    coordinating_text: str = ""
    product: str = ""
    """The product the item must deliver, where the plan has a column for it."""
    first_submitted_on: date | None = None
    days_late: int = 0
    reported: Reported | None = None
    done_on: date | None = None
    """The day the item was finished, as reported now or in an earlier period."""
    progress: Decimal | None = None
    text: str = ""
    difficulties: str = ""
    proposals: str = ""
    figures: tuple[Figure, ...] = ()
    returns_by_objection: int = 0
    returns_by_committee: int = 0
    vote: RecordedVote | None = None
    item_id: int = 0
    """The item through all its periods: the first row the plan had it in."""
    position: int = 0
    """The item's place in the plan's own order."""
    unheard: Unheard | None = None
    """Of an undecided report: who did not answer."""
    is_left_out: bool = False
    """Whether a rule leaves the report out of sums and scores, should it end undecided."""
    is_word_enough: bool = False
    """Whether by rule the unit's word that the item is done holds, whatever its targets say."""
    falls_short: bool | None = None
    """Whether the report misses a target of the item, where that is not for `figures` to say: once these are
    summed over several periods, the item stands as its report said."""
    reopened: str = ""
    """Of a version that stands again after it was reopened: that nothing came in its place, in words."""
    status: Status = field(init=False)
    """The official status of the item."""

    def __post_init__(self) -> None:
        # Cached: every sum reads it many times, and the record is immutable.
        object.__setattr__(self, "status", self._status())

    @property
    def leaders_shown(self) -> tuple[str, ...]:
        """The leaders as the plan prints them."""
        return tuple(one.shown for one in self.leaders)

    @property
    def kind(self) -> ItemKind:
        """The kind it is counted under: with a figure to reach, else with a deadline, else regular work."""
        if self.figures:
            return ItemKind.TARGET
        return ItemKind.DATED if self.due is not None else ItemKind.ONGOING

    @property
    def is_approved(self) -> bool:
        """Whether the committee approved a report."""
        return self.stage is Stage.APPROVED

    @property
    def is_undecided(self) -> bool:
        """Whether others did not answer a report before its time was over."""
        return self.stage is Stage.UNDECIDED

    @property
    def counts(self) -> bool:
        """Whether its report counts: approved, or undecided and by rule counted as reported."""
        return self.is_approved or (self.is_undecided and not self.is_left_out)

    @property
    def is_done(self) -> bool:
        """Whether a report that counts says that the item is done, and its targets do not say otherwise."""
        said = self.counts and self.reported is Reported.DONE
        return said and (self.is_word_enough or not self.misses_a_target)

    @property
    def misses_a_target(self) -> bool:
        """Whether the report misses a target of the item; an unknown value does."""
        if self.falls_short is not None:
            return self.falls_short
        return any(not figure.is_reached for figure in self.figures)

    @property
    def contradiction(self) -> str:
        """Of an item reported as done: the targets it misses, `camera: 20/120`; else empty."""
        if self.reported is not Reported.DONE or not self.misses_a_target:
            return ""
        return "; ".join(figure.shown for figure in self.figures if not figure.is_reached)

    @property
    def is_report_on_time(self) -> bool:
        """Whether the first report came, not after the reporting day."""
        return self.first_submitted_on is not None and self.days_late == 0

    @property
    def note(self) -> str:
        """What a reader has to know about the decision: that there is none and who did not answer, or that
        the item was reopened and nothing came of it; else empty."""
        if self.unheard is None:
            return self.reopened
        return f"{self.stage.label}: {self.unheard.said}"

    def _status(self) -> Status:
        match self.stage:
            case Stage.WITHDRAWN:
                return Status.WITHDRAWN
            case Stage.LAPSED:
                return Status.NO_REPORT
        if not self.counts:
            return Status.PENDING
        match self.reported:
            case Reported.NOT_ARISEN:
                return Status.NOT_ARISEN
            case _ if self.cadence is not None and self.due is None:
                return Status.ONGOING
            case Reported.DONE if self.is_done:
                return Status.DONE_LATE if self._is_done_late else Status.DONE_ON_TIME
            case _ if self.due is not None and self.due < self.as_of:
                return Status.OVERDUE
            case Reported.DONE:
                return Status.DONE_SHORT
            case Reported.NOT_STARTED:
                return Status.NOT_STARTED
        return Status.UNDER_WAY

    @property
    def _is_done_late(self) -> bool:
        if self.due is None:
            return False
        if self.done_on is not None:
            return self.done_on > self.due
        return not is_met_undated(self.due, self.span, self.report_due_on, self.days_late)


def is_met_undated(due: date, span: Span, report_due_on: date, days_late: int) -> bool:
    """Whether a deadline is taken as met by a report of that period which says "done" and not on which day:
    one since the report before, by a report in time."""
    last_report_due = span.first_day - (span.last_day - report_due_on)
    return due >= last_report_due and (days_late == 0 or due >= report_due_on)


def plan_order(record: CycleRecord) -> tuple[int, int]:
    """A sort key that puts records as the plan has their items."""
    return record.position, record.cycle_id
