"""Findings about the kinds of targets: where the words allow another kind than the one that was taken."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Any

from workflow.domain.plans.plan import PlanPart, Target
from workflow.domain.words import Words
from workflow.importing.cells.target_kinds import KindRead, read_kinds
from workflow.importing.findings.findings import Finding, FindingKind, Severity, of_row

KIND_CURE = Words(
    "Chọn đúng loại ở cột Loại chỉ tiêu của trang Chỉ tiêu số; nếu đúng thì giữ nguyên và ghi là đã xem."
)


def kinds_in_doubt(row: PlanPart, place: str) -> Iterator[Finding]:
    """Reports each target of a row that may be of another kind, once."""
    for question in dict.fromkeys(one for one in kind_questions(row) if one):
        yield Finding(
            FindingKind.KIND_IN_DOUBT,
            Severity.WARNING,
            place,
            of_row(row.code, question),
            KIND_CURE,
            (row.code,),
        )


def kind_questions(row: PlanPart) -> tuple[Words | None, ...]:
    """What is asked about the kind of each target of a row: None where the words are certain, or another kind
    than they say was chosen."""
    reads = read_kinds(row.content, row.targets)
    return tuple(
        _question(target, read) if read.is_doubtful and target.kind is read.kind else None
        for target, read in zip(row.targets, reads, strict=True)
    )


def _question(target: Target, read: KindRead) -> Words:
    return Words(
        "Chỉ tiêu “%(target)s” được hiểu là %(kind)s (%(reason)s), có thể phải hiểu khác.",
        target=target.text,
        kind=read.kind.label,
        reason=read.reason,
    )


def still_asked(findings: Sequence[Any], rows: Collection[PlanPart]) -> Iterator[Any]:
    """The findings (as `Finding.as_json` has them) without those about kinds that were answered by choosing
    another kind."""
    asked = {f"{row.code}: {one}" for row in rows for one in kind_questions(row) if one}
    for finding in findings:
        if finding["kind"] != FindingKind.KIND_IN_DOUBT or str(finding["message"]) in asked:
            yield finding
