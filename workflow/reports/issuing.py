"""A closed period's report from its first draft to the files that go out under a number, and its recall.

Each step is one transaction with its mails; what is stored of drafts, approvals and recipients is
`workflow.storage.report_*`, what a report shows `workflow.reports.period_reports`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime

from sqlalchemy import Connection

from workflow.domain.errors import Conflict, NotAllowed
from workflow.domain.events import Event
from workflow.domain.people.directory import Role
from workflow.domain.reports.document_number import DocumentNumber, proposed_number, read_number
from workflow.domain.reports.passages import Look, looks, settled
from workflow.domain.reports.report_issue import IssueKind, Phase, needs_approval
from workflow.domain.vietnamese import day
from workflow.domain.words import Words, kept
from workflow.reports.letterhead import IncompleteLetterhead, missing_of
from workflow.reports.passages import machine_draft, texts_of
from workflow.reports.pdf.signing import PdfSigner, SigningFailed
from workflow.reports.period_reports import document_of, heading_of, kept_report, replaced, summary
from workflow.reports.report_files import files_of
from workflow.storage import Store
from workflow.storage.cycles.entitlement import check_office
from workflow.storage.files import Files
from workflow.storage.mailed import manifest_line
from workflow.storage.outside import events
from workflow.storage.people.directory import holders, slug_of
from workflow.storage.people.groups import organisation_calendar
from workflow.storage.periods.periods import Period, hold_period, hold_period_alone, period_of
from workflow.storage.post.intents import NOTICE, intend
from workflow.storage.reports.approvals import asked_of, phase_of
from workflow.storage.reports.issues import (
    DRAFTED,
    INCOMPLETE,
    Issue,
    IssueFile,
    NewIssue,
    ReportDraft,
    begin_issue,
    draft_at,
    held_issue,
    issue_of,
    issues_of,
    results_version,
    save_draft,
)
from workflow.storage.reports.letterheads import letterhead_of
from workflow.storage.reports.recipients import send_recall, send_report, usual_recipients
from workflow.storage.reports.register import check_number, last_number, mark_issued, mark_recalled
from workflow.storage.results.locking import seal
from workflow.storage.rules import rules_of

_WAITS = {
    Phase.DRAFT: ("Bản thảo này chưa được phê duyệt.", "Trình phê duyệt trước."),
    Phase.ASKED: ("Bản thảo đang chờ phê duyệt.", "Chờ người phê duyệt quyết định."),
    Phase.RETURNED: ("Bản thảo bị trả lại.", "Sửa theo ý kiến rồi trình lại."),
    Phase.ISSUED: ("Báo cáo này đã phát hành rồi.", ""),
    Phase.RECALLED: ("Báo cáo này đã thu hồi.", "Lập báo cáo thay thế."),
}


def begin_report(
    store: Store, files: Files, period_id: int, now: datetime, *, signer: PdfSigner | None = None
) -> bool:
    """Creates the closed period's first draft and notifies the office; where the rules ask for no approval,
    issues it at once, without a number. Idempotent: returns whether there was something to do.

    What would go out by itself with a blank, or unsigned where it must be signed, waits as a draft: the
    office is told once what is missing, and the next call issues it when nothing is.
    """
    with store.begin() as tx:
        period = _closed(tx, period_id)
        hold_period_alone(tx, period_id)
        waits = needs_approval(rules_of(tx, period_id))
        known = issues_of(tx, period_id)
        if not known:
            issue = _begin_first(tx, period, now)
            if waits:
                office = holders(tx, period.organisation_id, Role.OFFICE)
                context = {"about": DRAFTED, "purpose": "office", "issue": issue.id}
                intend(tx, NOTICE, period.organisation_id, period_id, office, context, now)
        elif waits or not known[-1].is_open:
            return False
        else:
            issue = known[-1]
        missing = () if waits else missing_of(tx, issue)
        if missing:
            if not known:
                _tell_incomplete(tx, issue, [one.cure for one in missing], now)
            return not known
        today = organisation_calendar(tx, period.organisation_id).day_of(now)
    if waits:
        return True
    try:
        _issue(store, files, issue, None, today, None, now, signer)
    except SigningFailed as error:
        if known:
            raise
        with store.begin() as tx:
            _tell_incomplete(tx, issue, [error.told], now)
    except Conflict:
        with store.reading() as tx:
            if issue_of(tx, issue.id).is_open:
                raise
        # Whoever else closed the period issued it meanwhile.
        return False
    return True


def _tell_incomplete(tx: Connection, issue: Issue, cures: Sequence[str], now: datetime) -> None:
    office = holders(tx, issue.organisation_id, Role.OFFICE)
    lines = [kept(one) for one in cures]
    context = {"about": INCOMPLETE, "purpose": "office", "issue": issue.id, "missing": lines}
    intend(tx, NOTICE, issue.organisation_id, issue.period_id, office, context, now)


def _begin_first(tx: Connection, period: Period, now: datetime) -> Issue:
    recipients = usual_recipients(tx, period.organisation_id, heading_of(tx, period.id).recipients)
    machine, version = kept_report(tx, period.id), results_version(tx, period.id)
    new = NewIssue(IssueKind.FIRST, "", recipients, version, machine_draft(machine))
    return begin_issue(tx, period.organisation_id, period.id, new, None, now)


def begin_by_hand(tx: Connection, period_id: int, person_id: int, now: datetime) -> Issue:
    """The closed period's first draft, created where there is none yet."""
    period = _closed(tx, period_id)
    check_office(tx, person_id, period.organisation_id)
    hold_period_alone(tx, period_id)
    known = issues_of(tx, period_id)
    return known[0] if known else _begin_first(tx, period, now)


def begin_replacement(
    tx: Connection, period_id: int, kind: IssueKind, because: str, person_id: int, now: datetime
) -> Issue:
    """Begins the report that replaces, or corrects, the last one issued: its text and recipients, with the
    current figures. The issued one is unchanged."""
    period = _closed(tx, period_id)
    check_office(tx, person_id, period.organisation_id)
    if not because:
        raise NotAllowed(
            Words("Chưa ghi lý do lập báo cáo mới."), cure=Words("Ghi lý do: thư gửi nơi nhận nêu lý do ấy.")
        )
    before = next((one for one in issues_of(tx, period_id) if not one.is_open), None)
    if before is None:
        raise Conflict(Words("Kỳ này chưa phát hành báo cáo nào."), cure=Words("Soạn tiếp bản thảo."))
    version = results_version(tx, period_id)
    kept = draft_at(tx, before.id, before.issued_version or 1).passages
    passages = settled(looks(kept, texts_of(kept_report(tx, period_id, version))), {})
    new = NewIssue(kind, because, before.recipients, version, passages)
    return begin_issue(tx, period.organisation_id, period_id, new, person_id, now)


def looks_of(tx: Connection, issue: Issue) -> tuple[Look, ...]:
    """The draft's passages beside those generated from the current figures."""
    return looks(issue.draft.passages, texts_of(kept_report(tx, issue.period_id)))


def save_text(
    tx: Connection,
    issue_id: int,
    seen: int,
    typed: Mapping[str, str],
    acknowledged: Collection[str],
    person_id: int,
    now: datetime,
) -> ReportDraft:
    """Stores what was typed over version `seen`, with the current figures; raises StaleDraft."""
    issue = held_issue(tx, issue_id)
    check_office(tx, person_id, issue.organisation_id)
    passages = settled(looks_of(tx, issue), typed, acknowledged=acknowledged)
    version = results_version(tx, issue.period_id)
    return save_draft(tx, issue, seen, passages, version, person_id, now)


def number_for(tx: Connection, issue: Issue, year: int) -> str:
    """The number proposed for the report in that year."""
    heading = heading_of(tx, issue.period_id)
    last = last_number(tx, issue.organisation_id, year)
    return proposed_number(last, heading.plan_number, is_party=heading.is_party, symbol=heading.symbol)


def issue_report(
    store: Store,
    files: Files,
    issue_id: int,
    seen: int,
    typed_number: str,
    dated_on: date,
    person_id: int,
    now: datetime,
    *,
    signer: PdfSigner | None = None,
) -> Issue:
    """Issues version `seen` of an approved report under a number and a day: its files are rendered (the PDF
    signed by `signer`, where there is one) and stored, the period sealed again, and the mails to its
    recipients put into the outbox.

    Raises IncompleteLetterhead, naming all that is missing, and SigningFailed; nothing is changed then.
    """
    number = read_number(typed_number)
    with store.reading() as tx:
        issue = issue_of(tx, issue_id)
        check_office(tx, person_id, issue.organisation_id)
        period = _closed(tx, issue.period_id)
        calendar = organisation_calendar(tx, issue.organisation_id)
        closed_on, today = calendar.day_of(period.closed_at or now), calendar.day_of(now)
        if not closed_on <= dated_on <= today:
            raise NotAllowed(
                Words(
                    "Ngày của báo cáo phải từ ngày khóa kỳ %(closed)s đến hôm nay %(today)s.",
                    closed=day(closed_on),
                    today=day(today),
                )
            )
        if issue.is_open and issue.draft.version != seen:
            raise Conflict(Words("Bản thảo vừa có bản mới."), cure=Words("Xem bản mới rồi phát hành."))
        check_number(tx, issue, number, dated_on.year)
    return _issue(store, files, issue, number, dated_on, person_id, now, signer)


def _issue(
    store: Store,
    files: Files,
    shown: Issue,
    number: DocumentNumber | None,
    dated_on: date,
    person_id: int | None,
    now: datetime,
    signer: PdfSigner | None,
) -> Issue:
    with store.reading() as tx:
        _check_ready(tx, shown)
        # Rendered before any lock is taken: it takes a second, and no request may wait for it.
        report = document_of(tx, shown, number=number.text if number else "", dated_on=dated_on)
        name = _file_name(tx, shown, number)
        template = template_of(tx, files, shown.organisation_id)
    made = [
        IssueFile(f"{name}.{one.ending}", one.media_type, files.put(one.content))
        for one in files_of(report, template, signer)
    ]
    with store.begin() as tx:
        issue = held_issue(tx, shown.id)
        hold_period(tx, issue.period_id)
        if issue.draft.sha256 != shown.draft.sha256 or issue.recipients != shown.recipients:
            raise Conflict(
                Words("Bản thảo hoặc nơi nhận vừa thay đổi."), cure=Words("Xem lại rồi phát hành.")
            )
        _check_ready(tx, issue)
        if number:
            check_number(tx, issue, number, dated_on.year)
        signed_by = signer.told if signer else None
        mark_issued(tx, issue, number, dated_on, made, person_id, now, signed_by=signed_by)
        because = f"phát hành báo cáo số {number.text}" if number else "phát hành báo cáo"
        sealed = seal(tx, issue.period_id, because, now)
        before = replaced(tx, issue)
        lines = summary(report)
        context = {
            "lines": [kept(line) for line in lines],
            "files": [{"name": one.name, "media_type": one.media_type, "sha256": one.sha256} for one in made],
            "number": number.text if number else "",
            "dated_on": dated_on.isoformat(),
            "kind": issue.kind.value,
            "before_number": before.number if before else "",
            "before_day": before.dated_on.isoformat() if before and before.dated_on else "",
            "because": issue.because,
            "lock": manifest_line(sealed.body["period"], sealed.number, sealed.sha256, sealed.signature),
        }
        send_report(tx, issue, context, now)
        details = {"lines": list(lines), "files": context["files"]}
        events.period_changed(tx, Event.REPORT_ISSUED, issue.period_id, now, **details)
        return issue_of(tx, issue.id)


def template_of(tx: Connection, files: Files, organisation_id: int) -> bytes | None:
    """The organisation's own Word template, None where it uses the ready one."""
    digest = letterhead_of(tx, organisation_id).template
    return files.get(digest) if digest else None


def recall_report(tx: Connection, issue_id: int, reason: str, person_id: int, now: datetime) -> int:
    """Recalls an issued report and mails that to everyone it was sent to; returns how many."""
    issue = held_issue(tx, issue_id)
    check_office(tx, person_id, issue.organisation_id)
    if not reason:
        raise NotAllowed(
            Words("Chưa ghi lý do thu hồi."), cure=Words("Ghi lý do: thư gửi nơi nhận nêu lý do ấy.")
        )
    mark_recalled(tx, issue, reason, person_id, now)
    return send_recall(tx, issue_of(tx, issue_id), now)


def _check_ready(tx: Connection, issue: Issue) -> None:
    """Raises unless this version of the report is approved and its figures are the current ones."""
    if issue.is_open and issue.draft.results_version != results_version(tx, issue.period_id):
        raise Conflict(
            Words("Số liệu của kỳ đã tính lại sau bản thảo này."),
            cure=Words("Cập nhật bản thảo theo số liệu mới, trình phê duyệt lại."),
        )
    phase = phase_of(tx, issue, asked_of(tx, issue))
    if phase is not Phase.APPROVED:
        what, cure = _WAITS[phase]
        raise Conflict(what, cure=cure)
    if missing := missing_of(tx, issue):
        raise IncompleteLetterhead(missing)


def _file_name(tx: Connection, issue: Issue, number: DocumentNumber | None) -> str:
    code = period_of(tx, issue.period_id).code.lower()
    if number:
        return f"bao-cao-so-{slug_of(number.text)}-{code}"
    return f"bao-cao-{code}" if issue.sequence == 1 else f"bao-cao-{code}-lan-{issue.sequence}"


def _closed(tx: Connection, period_id: int) -> Period:
    period = period_of(tx, period_id)
    if period.closed_at is None:
        raise Conflict(
            Words("%(period)s chưa khóa nên chưa lập báo cáo.", period=period.label),
            cure=Words("Khóa kỳ trước."),
        )
    return period
