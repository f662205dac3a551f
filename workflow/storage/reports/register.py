"""The register of reports that went out: the number and day each was issued under, its files, its recall."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import Connection, select, update

from workflow.domain.errors import Conflict
from workflow.domain.periods.period import label_of
from workflow.domain.reports.document_number import DocumentNumber
from workflow.domain.vietnamese import day
from workflow.domain.words import Words
from workflow.storage.audit import AuditEntry, record
from workflow.storage.canonical import plain
from workflow.storage.reports.issues import Issue, IssueFile
from workflow.storage.tables import organisations, periods, report_issues, reports


def last_number(tx: Connection, organisation_id: int, year: int) -> str:
    """The number of the report the organisation issued last in that year; empty where there is none."""
    return (
        tx.scalar(
            select(report_issues.c.number)
            .where(
                report_issues.c.organisation_id == organisation_id,
                report_issues.c.year == year,
                report_issues.c.number != "",
            )
            .order_by(report_issues.c.issued_at.desc(), report_issues.c.id.desc())
            .limit(1)
        )
        or ""
    )


def check_number(tx: Connection, issue: Issue, number: DocumentNumber, year: int) -> None:
    """Raises for a number the organisation used in that year; locked until the transaction ends."""
    tx.execute(
        select(organisations.c.id).where(organisations.c.id == issue.organisation_id).with_for_update()
    )
    taken = tx.execute(
        select(report_issues.c.number, report_issues.c.dated_on, periods.c.label)
        .join(periods, periods.c.id == report_issues.c.period_id)
        .where(
            report_issues.c.organisation_id == issue.organisation_id,
            report_issues.c.year == year,
            report_issues.c.number_key == number.key,
        )
    ).first()
    if taken is not None:
        raise Conflict(
            Words(
                "Số %(number)s đã dùng cho báo cáo %(period)s ngày %(day)s.",
                number=number.text,
                period=label_of(taken.label),
                day=day(taken.dated_on),
            ),
            cure=Words("Ghi số khác."),
        )


def mark_issued(
    tx: Connection,
    issue: Issue,
    number: DocumentNumber | None,
    dated_on: date,
    made: Sequence[IssueFile],
    person_id: int | None,
    now: datetime,
    *,
    signed_by: dict[str, str] | None = None,
) -> None:
    """Issues the newest draft of a locked report: its number, day and files are final from now on.
    `signed_by` says whose certificate the PDF is signed with."""
    tx.execute(
        update(report_issues)
        .where(report_issues.c.id == issue.id)
        .values(
            number=number.text if number else "",
            number_key=number.key if number else None,
            year=dated_on.year,
            dated_on=dated_on,
            draft_version=issue.draft.version,
            issued_at=now,
            issued_by=person_id,
        )
    )
    tx.execute(
        reports.insert(),
        [
            {"period_id": issue.period_id, "report_issue_id": issue.id, "made_at": now, **plain(one)}
            for one in made
        ],
    )
    details = {
        "period": issue.period_id,
        "issue": issue.id,
        "number": number.text if number else "",
        "dated_on": dated_on.isoformat(),
        "version": issue.draft.version,
        "draft": issue.draft.sha256,
        "files": {one.name: one.sha256 for one in made},
    }
    if signed_by:
        details["signed_by"] = signed_by
    record(tx, issue.organisation_id, now, AuditEntry("report-issued", person_id, details))


def mark_recalled(tx: Connection, issue: Issue, reason: str, person_id: int, now: datetime) -> None:
    """Recalls an issued report that is held; it stays on record with its files."""
    if not issue.is_out:
        raise Conflict(Words("Báo cáo này chưa phát hành hoặc đã thu hồi rồi."))
    tx.execute(
        update(report_issues)
        .where(report_issues.c.id == issue.id)
        .values(recalled_at=now, recalled_by=person_id, recall_reason=reason)
    )
    details = {"period": issue.period_id, "issue": issue.id, "reason": reason}
    record(tx, issue.organisation_id, now, AuditEntry("report-recalled", person_id, details))
