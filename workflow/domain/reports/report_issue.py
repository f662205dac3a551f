"""A period's report as one document: what it is, and how far it has come."""

from __future__ import annotations

from enum import StrEnum

from workflow.domain.cycles.ballots import Outcome, outcome
from workflow.domain.cycles.cycle import Ballot, Roll
from workflow.domain.rules.routing_rules import ApprovalRule, ReportApproval, Rules
from workflow.domain.words import Words


class IssueKind(StrEnum):
    """The occasion of the document."""

    FIRST = "first"
    REPLACEMENT = "replacement"
    CORRECTION = "correction"

    @property
    def label(self) -> Words:
        """The kind in Vietnamese."""
        return _KINDS[self]


_KINDS = {
    IssueKind.FIRST: Words("Báo cáo của kỳ"),
    IssueKind.REPLACEMENT: Words("Báo cáo thay thế"),
    IssueKind.CORRECTION: Words("Báo cáo đính chính"),
}


class Phase(StrEnum):
    """The state of a report on its way to being issued."""

    DRAFT = "draft"
    ASKED = "asked"
    RETURNED = "returned"
    APPROVED = "approved"
    ISSUED = "issued"
    RECALLED = "recalled"

    @property
    def label(self) -> Words:
        """The phase in Vietnamese."""
        return _PHASES[self]


_PHASES = {
    Phase.DRAFT: Words("Đang soạn thảo"),
    Phase.ASKED: Words("Chờ phê duyệt"),
    Phase.RETURNED: Words("Bị trả lại"),
    Phase.APPROVED: Words("Đã phê duyệt, chờ phát hành"),
    Phase.ISSUED: Words("Đã phát hành"),
    Phase.RECALLED: Words("Đã thu hồi"),
}


def decision_on(ballots: tuple[Ballot, ...], roll: Roll, rules: Rules) -> Outcome | None:
    """Returns the decision on a report, None while the missing ballots could still change it: more than half
    of all on the roll, counted as the committee's ballots are. On a roll of the chair alone, the chair
    decides."""
    # Law 72/2025 art. 40(3): where a tie follows the chairman's side on items, it does so here.
    return outcome(ballots, roll, ApprovalRule(casting_vote=rules.approval.casting_vote))


def needs_approval(rules: Rules) -> bool:
    """Whether anybody has to approve the report before it is issued."""
    return rules.report.approval is not ReportApproval.NONE
