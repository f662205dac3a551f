"""Where the database speaks of a person: every column that names one, and what becomes of its rows when the
person is forgotten. A test holds this against the tables, so that no new column is overlooked.

What is held is listed by `held_about`, what goes is deleted by `forgetting`.
"""

from __future__ import annotations

from enum import StrEnum
from functools import cache

from sqlalchemy import Column, Table

from workflow.domain.words import Words
from workflow.storage.tables import metadata, persons


class Fate(StrEnum):
    """What becomes of rows that name a person who is forgotten."""

    DECIDED = "decided"
    """They stay: who reported, confirmed, voted, ordered or entered something that was decided upon."""
    CHAINED = "chained"
    """They stay: the log is chained by hashes, and names persons by their id."""
    GOES = "goes"
    """They are deleted."""
    BLANKED = "blanked"
    """Their text and address are deleted; that there was one, and when, stays."""
    RUNS = "runs"
    """They follow from the facts of open periods, and go when those are over."""

    @property
    def label(self) -> str:
        """What becomes of the rows and why, in words to show."""
        return _LABELS[self]


_LABELS = {
    Fate.DECIDED: Words("ở lại: ai đã báo cáo, xác nhận, biểu quyết, giao việc hay nhập điều được xét"),
    Fate.CHAINED: Words("ở lại: sổ ghi nối chuỗi, chỉ ghi số của người, không sửa được mà không lộ"),
    Fate.GOES: Words("xóa hẳn"),
    Fate.BLANKED: Words("xóa nội dung và địa chỉ, chỉ còn việc đã có một thư, lúc nào"),
    Fate.RUNS: Words("theo các kỳ đang mở, tự hết khi kỳ xong"),
}

FATES: dict[str, Fate] = {
    "audit.person_id": Fate.CHAINED,
    "award_requests.person_id": Fate.DECIDED,
    "ballots.acted_for": Fate.DECIDED,
    "ballots.person_id": Fate.DECIDED,
    "codes.person_id": Fate.GOES,
    "commendation_entries.person_id": Fate.DECIDED,
    "confirmations.acted_for": Fate.DECIDED,
    "confirmations.person_id": Fate.DECIDED,
    "countersigns.person_id": Fate.DECIDED,
    "difficulties.opined_by": Fate.DECIDED,
    "difficulties.raised_by": Fate.DECIDED,
    "difficulty_steps.person_id": Fate.DECIDED,
    "drafts.person_id": Fate.GOES,
    "duties.person_id": Fate.RUNS,
    "escalations.person_id": Fate.GOES,
    "item_leaders.person_id": Fate.DECIDED,
    "kept_leaders.person_id": Fate.DECIDED,
    "links.person_id": Fate.GOES,
    "minutes_numbers.person_id": Fate.DECIDED,
    "motion_ballots.person_id": Fate.DECIDED,
    "nominations.person_id": Fate.DECIDED,
    "orders.acted_for": Fate.DECIDED,
    "orders.person_id": Fate.DECIDED,
    "outbox.person_id": Fate.BLANKED,
    "paper_ballots.entered_by": Fate.DECIDED,
    "paper_ballots.person_id": Fate.DECIDED,
    "paper_ballots.struck_by": Fate.DECIDED,
    "plan_offers.person_id": Fate.DECIDED,
    "planned_periods.person_id": Fate.DECIDED,
    "private_values.person_id": Fate.GOES,
    "report_approvals.asked_by": Fate.DECIDED,
    "report_ballots.member_id": Fate.DECIDED,
    "report_ballots.person_id": Fate.DECIDED,
    "report_drafts.person_id": Fate.DECIDED,
    "report_issues.begun_by": Fate.DECIDED,
    "report_issues.issued_by": Fate.DECIDED,
    "report_issues.recalled_by": Fate.DECIDED,
    "roles.person_id": Fate.GOES,
    "score_ballots.person_id": Fate.DECIDED,
    "score_decisions.person_id": Fate.DECIDED,
    "score_entries.person_id": Fate.DECIDED,
    "score_reviews.person_id": Fate.DECIDED,
    "sitting_turnouts.person_id": Fate.DECIDED,
    "sittings.closed_by": Fate.DECIDED,
    "sittings.opened_by": Fate.DECIDED,
    "submissions.acted_for": Fate.DECIDED,
    "submissions.person_id": Fate.DECIDED,
    "substitutions.made_by": Fate.DECIDED,
    "substitutions.person_id": Fate.DECIDED,
    "substitutions.substitute_id": Fate.DECIDED,
    "unit_summaries.person_id": Fate.DECIDED,
}
"""By `table.column`, what becomes of the rows that name somebody there."""


@cache
def columns_of_persons() -> tuple[tuple[Table, Column[int]], ...]:
    """Every column that names a person."""
    # Cached: to sort the tables by their keys takes longer than to ask all of them.
    return tuple(
        (table, column)
        for table in metadata.sorted_tables
        for column in table.columns
        if any(key.column is persons.c.id for key in column.foreign_keys)
    )


def fate_of(table: Table, column: Column[int]) -> Fate:
    """What becomes of the rows that name somebody in that column."""
    return FATES[f"{table.name}.{column.name}"]
