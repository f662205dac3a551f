"""Reports as documents: what each is, and its drafts version by version.

Who approves them is `workflow.storage.reports.approvals`, who receives them
`storage.reports.recipients`, under which number they go out `storage.reports.register`; words
and files are `workflow.reports.issuing`'s.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, Row, ScalarSelect, Select, func, select

from workflow.domain.errors import Conflict, NotFound
from workflow.domain.reports.passages import Passage
from workflow.domain.reports.report_issue import IssueKind
from workflow.domain.words import Words
from workflow.storage.audit import AuditEntry, record
from workflow.storage.canonical import body_hash, plain, revived
from workflow.storage.periods.periods import hold_period_alone
from workflow.storage.tables import persons, report_drafts, report_issues, results
from workflow.storage.tables import reports as files_table

DRAFTED = "report-drafted"
"""`about` of the notice that a draft waits for the office."""
INCOMPLETE = "report-incomplete"
"""`about` of the notice that a report which issues by itself waits, and for what."""


@dataclass(frozen=True, slots=True)
class Recipient:
    """A line of the recipients' list. `label` is printed under “Nơi nhận” where `is_printed`; mail goes to
    `email` where there is one."""

    label: str
    email: str = ""
    is_printed: bool = True


@dataclass(frozen=True, slots=True)
class ReportDraft:
    """A version of a report's text. `person` is empty where the machine made it."""

    version: int
    results_version: int
    passages: tuple[Passage, ...]
    sha256: str
    person: str
    at: datetime


@dataclass(frozen=True, slots=True)
class IssueFile:
    """A file a report was issued as."""

    name: str
    media_type: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Issue:
    """A report as a document. `draft` is its newest version."""

    id: int
    organisation_id: int
    period_id: int
    sequence: int
    kind: IssueKind
    because: str
    recipients: tuple[Recipient, ...]
    draft: ReportDraft
    number: str
    dated_on: date | None
    issued_version: int | None
    issued_at: datetime | None
    recalled_at: datetime | None
    recall_reason: str
    files: tuple[IssueFile, ...]

    @property
    def is_out(self) -> bool:
        """Whether it was issued and not recalled."""
        return self.issued_at is not None and self.recalled_at is None

    @property
    def is_open(self) -> bool:
        """Whether it is still to be issued."""
        return self.issued_at is None


class StaleDraft(Conflict):
    """Another person saved the draft first. `latest` is what they saved."""

    def __init__(self, latest: ReportDraft) -> None:
        super().__init__(
            f"{latest.person or 'Hệ thống'} vừa lưu bản thảo này trước anh/chị nên chưa lưu.",
            cure=Words("So hai lời ở các đoạn được đánh dấu rồi lưu lại."),
        )
        self.latest = latest


def issues_of(tx: Connection, period_id: int) -> tuple[Issue, ...]:
    """The period's reports, the newest first."""
    rows = tx.execute(
        select(report_issues)
        .where(report_issues.c.period_id == period_id)
        .order_by(report_issues.c.sequence.desc())
    ).all()
    return tuple(_issue(tx, row) for row in rows)


def issue_of(tx: Connection, issue_id: int) -> Issue:
    """One report."""
    return _one(tx, select(report_issues).where(report_issues.c.id == issue_id))


def held_issue(tx: Connection, issue_id: int) -> Issue:
    """One report, locked against other writers until the transaction ends."""
    return _one(tx, select(report_issues).where(report_issues.c.id == issue_id).with_for_update())


def _one(tx: Connection, asked: Select[Any]) -> Issue:
    row = tx.execute(asked).first()
    if row is None:
        raise NotFound(Words("Không có bản báo cáo này."))
    return _issue(tx, row)


def open_issue(tx: Connection, period_id: int) -> Issue | None:
    """The period's report that is still to be issued, if there is one."""
    found = issues_of(tx, period_id)
    return found[0] if found and found[0].is_open else None


def issue_out(tx: Connection, period_id: int) -> Issue | None:
    """The period's report in force: the last one issued and not recalled, or None."""
    return next((one for one in issues_of(tx, period_id) if one.is_out), None)


def draft_at(tx: Connection, issue_id: int, version: int) -> ReportDraft:
    """A stored version of a report's text."""
    row = tx.execute(
        select(report_drafts, persons.c.name)
        .outerjoin(persons, persons.c.id == report_drafts.c.person_id)
        .where(report_drafts.c.report_issue_id == issue_id, report_drafts.c.version == version)
    ).first()
    if row is None:
        raise NotFound(Words("Không có bản thảo này."))
    return _draft(row)


def draft_versions(tx: Connection, issue_id: int) -> tuple[ReportDraft, ...]:
    """Every version of a report's text, the newest first."""
    rows = tx.execute(
        select(report_drafts, persons.c.name)
        .outerjoin(persons, persons.c.id == report_drafts.c.person_id)
        .where(report_drafts.c.report_issue_id == issue_id)
        .order_by(report_drafts.c.version.desc())
    )
    return tuple(map(_draft, rows))


@dataclass(frozen=True, slots=True)
class NewIssue:
    """A report about to be begun, with the machine's text or, of one that replaces another, that one's."""

    kind: IssueKind
    because: str
    recipients: tuple[Recipient, ...]
    results_version: int
    passages: tuple[Passage, ...]


def begin_issue(
    tx: Connection, organisation_id: int, period_id: int, new: NewIssue, person_id: int | None, now: datetime
) -> Issue:
    """Begins the period's next report with its first draft; raises Conflict while one is still open."""
    hold_period_alone(tx, period_id)
    if open_issue(tx, period_id) is not None:
        raise Conflict(
            Words("Kỳ này đang có một bản thảo chưa phát hành."), cure=Words("Làm tiếp bản thảo ấy.")
        )
    last = tx.scalar(select(func.max(report_issues.c.sequence)).where(report_issues.c.period_id == period_id))
    issue_id: int = tx.execute(
        report_issues.insert()
        .values(
            organisation_id=organisation_id,
            period_id=period_id,
            sequence=(last or 0) + 1,
            kind=new.kind.value,
            because=new.because,
            recipients=plain(new.recipients),
            begun_at=now,
            begun_by=person_id,
        )
        .returning(report_issues.c.id)
    ).scalar_one()
    _keep(tx, issue_id, 1, new.passages, new.results_version, person_id, now)
    details = {"period": period_id, "issue": issue_id, "kind": new.kind.value, "because": new.because}
    record(tx, organisation_id, now, AuditEntry("report-begun", person_id, details))
    return issue_of(tx, issue_id)


def save_draft(
    tx: Connection,
    issue: Issue,
    seen: int,
    passages: Sequence[Passage],
    results_version: int,
    person_id: int | None,
    now: datetime,
) -> ReportDraft:
    """Writes a new version of the text after version `seen`; an unchanged text adds none.

    `issue` is locked (`held_issue`). Raises StaleDraft where another version came meanwhile.
    """
    if not issue.is_open:
        raise Conflict(
            Words("Báo cáo này đã phát hành nên không sửa được."), cure=Words("Lập báo cáo thay thế.")
        )
    before = issue.draft
    if before.version != seen:
        raise StaleDraft(before)
    kept = tuple(passages)
    if kept == before.passages and results_version == before.results_version:
        return before
    _keep(tx, issue.id, seen + 1, kept, results_version, person_id, now)
    was = {one.key: one.text for one in before.passages}
    after = draft_at(tx, issue.id, seen + 1)
    details = {
        "period": issue.period_id,
        "issue": issue.id,
        "version": after.version,
        "sha256": after.sha256,
        "results": results_version,
        "passages": [one.key for one in kept if was.get(one.key) != one.text],
    }
    record(tx, issue.organisation_id, now, AuditEntry("report-draft-saved", person_id, details))
    return after


def draft_hash(tx: Connection, issue: Issue, draft: ReportDraft) -> str:
    """The hash an approval is bound to: of the text of that version, and the figures in it."""
    return _hash(tx, issue.id, draft.version, draft.results_version, draft.passages)


def results_version(tx: Connection, period_id: int) -> int:
    """The newest version of the period's stored figures; 0 while it is open."""
    return tx.scalar(select(func.max(results.c.version)).where(results.c.period_id == period_id)) or 0


def results_at(tx: Connection, period_id: int, version: int, *kinds: str) -> dict[str, Any]:
    """The bodies of that version of the period's kept figures, by kind: of those kinds, or of all."""
    kept = select(results.c.kind, results.c.body).where(
        results.c.period_id == period_id, results.c.version == version
    )
    return dict(tx.execute(kept.where(results.c.kind.in_(kinds)) if kinds else kept).all())


def newest(number: Column[int], which: ColumnElement[bool]) -> ScalarSelect[int]:
    """Of each report a question is about, the highest of the numbers that belong to it."""
    return select(func.max(number)).where(which).correlate(report_issues).scalar_subquery()


def _keep(
    tx: Connection,
    issue_id: int,
    version: int,
    passages: tuple[Passage, ...],
    figures: int,
    person_id: int | None,
    now: datetime,
) -> None:
    tx.execute(
        report_drafts.insert().values(
            report_issue_id=issue_id,
            version=version,
            results_version=figures,
            passages=plain(passages),
            sha256=_hash(tx, issue_id, version, figures, passages),
            person_id=person_id,
            at=now,
        )
    )


def _hash(tx: Connection, issue_id: int, version: int, figures: int, passages: tuple[Passage, ...]) -> str:
    row = tx.execute(
        select(report_issues.c.period_id, report_issues.c.kind, report_issues.c.because).where(
            report_issues.c.id == issue_id
        )
    ).one()
    kept = results_at(tx, row.period_id, figures)
    return body_hash(
        {
            "issue": issue_id,
            "version": version,
            "kind": row.kind,
            "because": row.because,
            # Of the bodies themselves: a hash stored beside them could be altered with them.
            "results": {kind: body_hash(body) for kind, body in kept.items()},
            "passages": [[one.key, one.text] for one in passages],
        }
    )


def _issue(tx: Connection, row: Row[Any]) -> Issue:
    newest = tx.scalar(
        select(func.max(report_drafts.c.version)).where(report_drafts.c.report_issue_id == row.id)
    )
    files = tx.execute(
        select(files_table).where(files_table.c.report_issue_id == row.id).order_by(files_table.c.id)
    )
    return Issue(
        row.id,
        row.organisation_id,
        row.period_id,
        row.sequence,
        IssueKind(row.kind),
        row.because,
        revived(tuple[Recipient, ...], row.recipients),
        draft_at(tx, row.id, newest or 1),
        row.number,
        row.dated_on,
        row.draft_version,
        row.issued_at,
        row.recalled_at,
        row.recall_reason,
        tuple(IssueFile(one.name, one.media_type, one.sha256) for one in files),
    )


def _draft(row: Row[Any]) -> ReportDraft:
    return ReportDraft(
        row.version,
        row.results_version,
        revived(tuple[Passage, ...], row.passages),
        row.sha256,
        row.name or "",
        row.at,
    )
