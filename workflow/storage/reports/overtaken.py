"""Reports whose figures were recomputed before they were issued: the office is notified, and so is everyone
whose approval no longer counts; each once.

Run by the sweep, whatever caused the new figures (a reopened cycle, an entry about scores).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, select

from workflow.domain.cycles.cycle import Choice
from workflow.domain.people.directory import Role
from workflow.domain.rules.mail_hours import polite
from workflow.storage.people.directory import holders
from workflow.storage.periods.watched import Watched
from workflow.storage.post.intents import NOTICE, intend
from workflow.storage.reports.approvals import asked_of
from workflow.storage.reports.issues import Issue, issue_of, newest, results_version
from workflow.storage.tables import outbox, report_ballots, report_drafts, report_issues, results

OVERTAKEN = "report-overtaken"
"""`about` of the notice to the office that a report's figures were recomputed."""
WORD_VOID = "report-word-void"
"""`about` of the notice that an answer on a report no longer counts, to the person who gave it."""


def intend_overtaken_notices(tx: Connection, watched: Mapping[int, Watched], now: datetime) -> int:
    """Puts the notices not sent yet into the outbox; returns for how many reports."""
    overtaken = _overtaken(tx, watched)
    if not overtaken:
        return 0
    noticed = _noticed(tx, {one.period_id for one in overtaken})
    count = 0
    for issue_id, _, figures in overtaken:
        if (OVERTAKEN, issue_id, figures) in noticed:
            continue
        count += 1
        issue = issue_of(tx, issue_id)
        period = watched[issue.period_id]
        at = polite(now, period.rules.mail, period.calendar)
        context = {"issue": issue_id, "results": figures, "asked": None}
        if voided := _voided(tx, issue):
            asked_id, people = voided
            context["asked"] = asked_id
            void = context | {"about": WORD_VOID}
            if not any(about == WORD_VOID and one == asked_id for about, one, _ in noticed):
                intend(tx, NOTICE, period.organisation_id, period.id, people, void, now, not_before=at)
        office = holders(tx, period.organisation_id, Role.OFFICE)
        due = context | {"about": OVERTAKEN, "purpose": "office"}
        intend(tx, NOTICE, period.organisation_id, period.id, office, due, now, not_before=at)
    return count


def newest_figures(tx: Connection, period_id: int) -> tuple[int, str]:
    """The newest version of a closed period's figures, and why it was computed."""
    version = results_version(tx, period_id)
    because = select(results.c.because).where(results.c.period_id == period_id, results.c.version == version)
    return version, tx.scalar(because.limit(1)) or ""


def who_said(tx: Connection, asked_id: int) -> list[int]:
    """Everyone who answered that request for approval, for themselves or for a member."""
    said = (
        select(report_ballots.c.person_id).distinct().where(report_ballots.c.report_approval_id == asked_id)
    )
    return sorted(tx.scalars(said))


class _Overtaken(NamedTuple):
    issue_id: int
    period_id: int
    figures: int


def _overtaken(tx: Connection, watched: Mapping[int, Watched]) -> list[_Overtaken]:
    """The reports not issued whose text was written from older figures, with the version of the newest."""
    figures = newest(results.c.version, results.c.period_id == report_issues.c.period_id)
    rows = tx.execute(
        select(report_issues.c.id, report_issues.c.period_id, figures.label("figures"))
        .join(report_drafts, report_drafts.c.report_issue_id == report_issues.c.id)
        .where(
            report_issues.c.period_id.in_(watched),
            report_issues.c.issued_at.is_(None),
            report_drafts.c.version
            == newest(report_drafts.c.version, report_drafts.c.report_issue_id == report_issues.c.id),
            report_drafts.c.results_version < figures,
        )
        .order_by(report_issues.c.id)
    )
    return [_Overtaken(*row) for row in rows]


def _voided(tx: Connection, issue: Issue) -> tuple[int, list[int]] | None:
    """The id of the request for approval, given or under way, that the new figures made void, and who had
    answered it. None of a draft sent back, or edited since: it had no approval to lose."""
    asked = asked_of(tx, issue)
    if asked is None or asked.version != issue.draft.version or asked.decision is Choice.RETURN:
        return None
    return asked.id, who_said(tx, asked.id)


def _noticed(tx: Connection, period_ids: Collection[int]) -> set[tuple[str, int, int]]:
    """The notices already in the outbox: (about, report's or request's id, version of the figures)."""
    rows = tx.scalars(
        select(outbox.c.context).where(outbox.c.period_id.in_(period_ids), outbox.c.kind == NOTICE)
    )
    kept = {OVERTAKEN: "issue", WORD_VOID: "asked"}
    return {
        (one["about"], one[kept[one["about"]]], one["results"]) for one in rows if one.get("about") in kept
    }
