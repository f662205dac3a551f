"""A period's report as values: of an open one from the current facts, of a closed one from the stored
figures, with the text of a draft and the heading it is issued under."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

from sqlalchemy import Connection

from workflow.domain.errors import NotFound
from workflow.domain.people.bodies import VotedMatter
from workflow.domain.periods.period import Span
from workflow.domain.reports.report_issue import IssueKind
from workflow.domain.results.record import CycleRecord
from workflow.domain.results.rollup import rollup
from workflow.domain.scores.score_lines import UnitScore
from workflow.domain.vietnamese import day, joined, name_in_text
from workflow.domain.words import Words
from workflow.reports.context import SpanText, build_report
from workflow.reports.passages import with_passages
from workflow.reports.values import Cluster, PrintedReport, ReportHeading
from workflow.storage.canonical import revived
from workflow.storage.names import person_names
from workflow.storage.people.groups import organisation_calendar
from workflow.storage.people.rolls import chairs_now
from workflow.storage.periods.periods import period_of
from workflow.storage.reports.approvals import signs_for_chair
from workflow.storage.reports.issues import (
    Issue,
    ReportDraft,
    draft_at,
    issue_out,
    issues_of,
    results_at,
    results_version,
)
from workflow.storage.reports.letterheads import letterhead_of
from workflow.storage.results.closing import counted
from workflow.storage.results.evaluations import parts_of
from workflow.storage.results.figures import RECORDS, SCORES, whole_of_previous
from workflow.storage.results.unit_summaries import summaries_of

MOST_LEADING = 4
"""Units a summary names as first; the others are counted."""


def period_report(tx: Connection, period_id: int, now: datetime) -> PrintedReport:
    """The period's current report: the issued one, else the draft, else one from its figures. That of an open
    period is always a draft."""
    period = period_of(tx, period_id)
    if period.closed_at is None:
        return _live_report(tx, period_id, now)
    issue = issue_out(tx, period_id) or next(iter(issues_of(tx, period_id)), None)
    return document_of(tx, issue) if issue else kept_report(tx, period_id)


def _live_report(tx: Connection, period_id: int, now: datetime) -> PrintedReport:
    period = period_of(tx, period_id)
    today = organisation_calendar(tx, period.organisation_id).day_of(now)
    found = counted(tx, period_id, today)
    before = whole_of_previous(tx, period_id)
    span = Span.parse(period.code)
    heading = heading_of(tx, period_id)
    over = _over(tx, period_id)
    return build_report(heading, span, found.records, found.rollup, found.scores, before, over)


def _over(tx: Connection, period_id: int) -> SpanText | None:
    """What the report of an evaluated period says besides its figures; None for any other."""
    parts = parts_of(tx, period_id)
    if parts is None:
        return None
    said = tuple((one.unit, one.text) for one in summaries_of(tx, period_id))
    return SpanText(parts.evaluation, rollup(parts.records), said)


def kept_report(
    tx: Connection, period_id: int, version: int | None = None, heading: ReportHeading | None = None
) -> PrintedReport:
    """The report generated from the closed period's stored figures, of the newest version or that one; later
    changes have no effect on it."""
    wanted = version or results_version(tx, period_id)
    bodies = results_at(tx, period_id, wanted, RECORDS, SCORES)
    if not bodies:
        raise NotFound(Words("Kỳ này chưa khóa nên chưa có số liệu để lập báo cáo."))
    records = revived(tuple[CycleRecord, ...], bodies[RECORDS])
    scores = revived(tuple[UnitScore, ...], bodies[SCORES])
    span = Span.parse(period_of(tx, period_id).code)
    before = whole_of_previous(tx, period_id)
    heading = heading or heading_of(tx, period_id)
    return build_report(heading, span, records, rollup(records), scores, before, _over(tx, period_id))


def document_of(
    tx: Connection,
    issue: Issue,
    draft: ReportDraft | None = None,
    *,
    number: str | None = None,
    dated_on: date | None = None,
) -> PrintedReport:
    """A report as a document: the text of a draft (the one issued, else the newest) over its figures, under
    its number and day, or those it is about to get."""
    version = issue.issued_version or issue.draft.version
    draft = draft or (issue.draft if version == issue.draft.version else draft_at(tx, issue.id, version))
    heading = replace(
        heading_for(tx, issue, draft),
        number=issue.number if number is None else number,
        on=dated_on or issue.dated_on,
    )
    report = with_passages(kept_report(tx, issue.period_id, draft.results_version, heading), draft.passages)
    if before := replaced(tx, issue):
        title = _title_of_what_is_replaced(issue.kind, before)
        report = replace(report, subject=f"{report.subject} ({title})")
    return report


def heading_for(tx: Connection, issue: Issue, draft: ReportDraft) -> ReportHeading:
    """The heading, signature and recipients a version of a report is printed with."""
    heading = replace(
        heading_of(tx, issue.period_id),
        number=issue.number,
        on=issue.dated_on,
        recipients=tuple(one.label for one in issue.recipients if one.is_printed),
    )
    signing = signs_for_chair(tx, issue, draft.version)
    return _signed_by_another(heading, *signing) if signing else heading


def _signed_by_another(heading: ReportHeading, name: str, title: str) -> ReportHeading:
    """The signature of who approved in the chair's place, under their own office. For a people's committee
    `KT. CHỦ TỊCH` stands above it (Decree 30/2020, annex I); who signs for a Party committee does so on its
    behalf, by their own office alone."""
    own = title.upper()
    if not heading.is_party:
        own = "\n".join(filter(None, (f"KT. {heading.signs_as}", own)))
    return replace(heading, signs_as=own, signer=name_in_text(name))


def replaced(tx: Connection, issue: Issue) -> Issue | None:
    """The report that this one replaces; None for a first one."""
    if issue.kind is IssueKind.FIRST:
        return None
    return next((one for one in issues_of(tx, issue.period_id) if one.sequence < issue.sequence), None)


def _title_of_what_is_replaced(kind: IssueKind, before: Issue) -> str:
    verb = "thay thế" if kind is IssueKind.REPLACEMENT else "đính chính"
    named = f"Báo cáo số {before.number}" if before.number else "Báo cáo"
    return f"{verb} {named} ngày {day(before.dated_on)}" if before.dated_on else f"{verb} {named}"


def summary(report: PrintedReport) -> tuple[str, ...]:
    """The report in a few lines, for a mail and the terminal."""
    whole = report.whole
    counts = (
        (Words("%(n)s hoàn thành"), whole.done_on_time + whole.done_late),
        (Words("%(n)s đang thực hiện trong hạn"), whole.under_way),
        (Words("%(n)s thường xuyên"), whole.ongoing),
        (Words("%(n)s quá hạn"), whole.overdue),
        (Words("%(n)s chưa đến hạn, chưa bắt đầu"), whole.not_started),
        (Words("%(n)s không phát sinh"), whole.not_arisen),
        (Words("%(n)s không có báo cáo được duyệt"), whole.no_report),
    )
    counted = Words.joined((Words(words, n=n) for words, n in counts if n), by=", ")
    return (
        Words("%(n)s nội dung: %(counts)s.", n=whole.total, counts=counted),
        Words("Báo cáo đúng hạn: %(share)s.", share=whole.reports_on_time),
        *(_leading(cluster) for cluster in report.clusters if cluster.rows and cluster.rows[0].rank == "1"),
    )


def _leading(cluster: Cluster) -> str:
    """Who is first of those compared; several with the same points share the line."""
    first = [row for row in cluster.rows if row.rank == "1"]
    message = Words("Dẫn đầu %(cluster)s") if cluster.name else Words("Dẫn đầu")
    return Words(
        "%(leading)s: %(units)s, %(total)s điểm (%(grade)s).",
        leading=Words(message, cluster=cluster.name) if cluster.name else message,
        units=joined([row.unit for row in first], MOST_LEADING, Words("đơn vị")),
        total=first[0].total,
        grade=first[0].grade,
    )


def heading_of(tx: Connection, period_id: int) -> ReportHeading:
    """The heading and signature of a period's documents, by the directory and the plan."""
    period = period_of(tx, period_id)
    chairs = chairs_now(tx, period.organisation_id, [period.body_of(VotedMatter.REPORT).id])
    own = letterhead_of(tx, period.organisation_id)
    words = period.kind.words
    body = period.body_of(VotedMatter.REPORT).name
    to_superior = _to_superior(own.superior, is_party=period.kind.is_party)
    return ReportHeading(
        organisation=period.organisation,
        superior=own.superior,
        place=own.place,
        is_party=period.kind.is_party,
        symbol=words.symbol,
        plan_title=_in_sentence(period.plan_title),
        plan_number=period.plan_number,
        plan_issued_on=period.plan_issued_on,
        signs_for=own.signs_for or words.signs_for,
        signs_as=own.signs_as or words.signs_as,
        signer=name_in_text(own.signer or "".join(person_names(tx, chairs[:1]).values())),
        recipients=(*filter(None, (to_superior,)), body, *words.recipients),
        to_superior=to_superior,
        filed=own.filed or words.filed,
    )


def _to_superior(superior: str, *, is_party: bool) -> str:
    """The line of "Nơi nhận" for the superior body; empty where it is not known how it is called there. Party
    documents print the superior *organisation* (`Đảng bộ thành phố A`) and go to its *committee*
    (`Thành ủy A`)."""
    if not superior:
        return ""
    if not is_party:
        return f"{superior} (để báo cáo)"
    for prefix, committee in _COMMITTEES.items():
        if superior.lower().startswith(prefix):
            return f"{committee}{superior[len(prefix) :]} (để báo cáo)"
    return "" if superior.lower().startswith("đảng bộ") else f"{superior} (để báo cáo)"


_COMMITTEES = {
    "đảng bộ thành phố": "Thành ủy",
    "đảng bộ tỉnh": "Tỉnh ủy",
    "đảng bộ phường": "Đảng ủy phường",
    "đảng bộ xã": "Đảng ủy xã",
    "đảng bộ đặc khu": "Đảng ủy đặc khu",
}


def _in_sentence(title: str) -> str:
    """A plan's title for the middle of a sentence: `Kế hoạch ...` becomes `kế hoạch ...`."""
    return title[:1].lower() + title[1:] if title.startswith(("Kế hoạch", "Chương trình")) else title
