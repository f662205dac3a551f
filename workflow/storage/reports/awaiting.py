"""Reports put before those who approve them and not decided: until which day, who has not answered, how late.

Putting a report before them, and their word on it, are `workflow.storage.reports.approvals`'s; the digest and
the office's mail query this when they are composed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, select

from workflow.domain.cycles.escalation import is_to_be_reminded
from workflow.domain.cycles.lateness import Lateness, report_approval_term
from workflow.domain.reports.report_issue import needs_approval
from workflow.storage.people.stand_ins import receivers
from workflow.storage.periods.watched import Watched
from workflow.storage.post import intents
from workflow.storage.post.intents import NOTICE
from workflow.storage.reports.approvals import PUT_BEFORE, ApprovalRequest, all_asked
from workflow.storage.reports.issues import newest
from workflow.storage.tables import outbox as mails
from workflow.storage.tables import report_approvals, report_drafts, report_issues, results


@dataclass(frozen=True, slots=True)
class Awaited:
    """A report that waits for somebody's word, and how late that is."""

    period_id: int
    issue_id: int
    asked: ApprovalRequest
    lateness: Lateness

    @property
    def until(self) -> date:
        """The last day for their word."""
        return self.lateness.last_day

    @property
    def late(self) -> int:
        """How many working days ago that was."""
        return self.lateness.working_days


def awaited_in(tx: Connection, watched: Mapping[int, Watched]) -> list[Awaited]:
    """The reports of these periods that wait for those who approve them. A request that an edit or recomputed
    figures made void is left out; whether the text is unaltered is checked where it is decided on."""
    draft = newest(report_drafts.c.version, report_drafts.c.report_issue_id == report_issues.c.id)
    figures = newest(results.c.version, results.c.period_id == report_issues.c.period_id)
    last = newest(report_approvals.c.id, report_approvals.c.report_issue_id == report_issues.c.id)
    rows = tx.execute(
        select(report_approvals, report_issues.c.period_id)
        .join(report_issues, report_issues.c.id == report_approvals.c.report_issue_id)
        .join(
            report_drafts,
            (report_drafts.c.report_issue_id == report_issues.c.id)
            & (report_drafts.c.version == report_approvals.c.version),
        )
        .where(
            report_issues.c.period_id.in_(watched),
            report_issues.c.issued_at.is_(None),
            report_approvals.c.id == last,
            report_approvals.c.version == draft,
            report_drafts.c.results_version == figures,
        )
        .order_by(report_approvals.c.id)
    ).all()
    asked = all_asked(tx, [(row, watched[row.period_id].rules) for row in rows])
    found = []
    for row, one in zip(rows, asked, strict=True):
        period = watched[row.period_id]
        if one.decision is None and needs_approval(period.rules):
            late = period.lateness(report_approval_term(one.asked_at, period.rules))
            found.append(Awaited(row.period_id, row.report_issue_id, one, late))
    return found


def last_day(asked: ApprovalRequest, period: Watched) -> date:
    """The last day for the word of those a report was put before."""
    return period.lateness(report_approval_term(asked.asked_at, period.rules)).last_day


def awaited_from(tx: Connection, person_id: int, period: Watched) -> Awaited | None:
    """The period's report that waits for this person's word: their own, or that of a member they stand in
    for."""
    for one in awaited_in(tx, {period.id: period}):
        if person_id in silent_today(tx, one, period):
            return one
    return None


def silent_today(tx: Connection, one: Awaited, period: Watched) -> set[int]:
    """Who is to give the words still missing: the members who are silent, or who stands in for them."""
    return receivers(
        tx,
        period.today,
        voters=one.asked.silent,
        roll=one.asked.roll.members,
        may_substitute=period.rules.approval.substitutes,
    )


def remind_approvers(tx: Connection, watched: Mapping[int, Watched], now: datetime) -> None:
    """Puts a digest into the outbox for those who have not answered, on the days the rules remind and each
    working day after the last one; not for those who were mailed the link itself that day."""
    due = [
        one
        for one in awaited_in(tx, watched)
        if is_to_be_reminded(
            one.until,
            watched[one.period_id].today,
            watched[one.period_id].rules.mail.remind_working_days_before,
            watched[one.period_id].calendar,
        )
    ]
    if not due:
        return
    put_before = _put_before_last(tx, {one.period_id for one in due})
    for one in due:
        period = watched[one.period_id]
        at = put_before.get(one.issue_id, one.asked.asked_at)
        if period.calendar.day_of(at) < period.today:
            owing = period.owing()
            owing.persons, owing.has_absences = silent_today(tx, one, period), False
            intents.intend_reminders(tx, owing, now)


def _put_before_last(tx: Connection, period_ids: Iterable[int]) -> dict[int, datetime]:
    """When the mail with the link was made last, by report: the office may have sent it again."""
    rows = tx.execute(
        select(mails.c.context, mails.c.made_at)
        .where(mails.c.period_id.in_(period_ids), mails.c.kind == NOTICE)
        .order_by(mails.c.made_at)
    )
    return {row.context["issue"]: row.made_at for row in rows if row.context.get("about") == PUT_BEFORE}
