"""The facts of the mails that announce a period's opening and its end, to people whose other mails do not."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection

from workflow.domain.cycles.cycle import Stage
from workflow.domain.people.directory import Role
from workflow.domain.vietnamese import number
from workflow.domain.words import Words
from workflow.mail.letters.gathered import MOST_LISTED, Void
from workflow.mail.letters.wording import Wording
from workflow.storage.access.links import Purpose
from workflow.storage.cycles.heads import stages_of
from workflow.storage.people.directory import holders
from workflow.storage.periods.outcomes import outcomes_for, outcomes_of
from workflow.storage.periods.watched import Watched, watched_period
from workflow.storage.post.claims import Claimed
from workflow.storage.results.figures import SCORES, figures
from workflow.storage.rules import pinned_rules
from workflow.storage.scores.reviews import last_day_to_ask, scored_units_of
from workflow.storage.tables import CONFIRMING, LEAD

LetterParts = tuple[str, dict[str, Any], Purpose | None]


def opened(tx: Connection, claimed: Claimed, words: Wording, now: datetime) -> LetterParts | Void:
    """The subject, facts and purpose of the mail that a period has begun."""
    assert claimed.period_id is not None
    period = watched_period(tx, claimed.period_id, now)
    if period.is_closed:
        return Void(Words("Kỳ đã khóa."))
    is_office = claimed.person_id in holders(tx, period.organisation_id, Role.OFFICE)
    total = sum(stages_of(tx, period.id).values())
    days = period.timetable
    facts = {
        "total": total,
        "days": [
            (words.step_ends(step), words.day_of_week(day))
            for step, day in (
                ("due", days.due_on),
                ("confirm", days.confirm_by),
                ("approve", days.approve_by),
                ("cut-off", days.cut_off),
            )
        ],
        "is_office": is_office,
        "is_member": claimed.person_id in period.members,
        "n_confirm": len(outcomes_for(tx, period.id, claimed.person_id, CONFIRMING)),
    }
    return words.opened_subject(total, days.due_on), facts, Purpose.OFFICE if is_office else None


def closed(tx: Connection, claimed: Claimed, words: Wording, now: datetime) -> LetterParts | Void:
    """The subject, facts and purpose of the mail that a period has ended: how the receiver's items did, or
    all of them for a member of the committee."""
    assert claimed.period_id is not None
    period = watched_period(tx, claimed.period_id, now)
    is_member = claimed.person_id in period.members
    rows = outcomes_of(tx, period.id) if is_member else outcomes_for(tx, period.id, claimed.person_id, LEAD)
    own = [] if is_member else own_scores(tx, claimed.person_id, period)
    if not rows and not own:
        return Void(Words("Không có nội dung nào liên quan."))
    approved = sum(row.stage is Stage.APPROVED for row in rows)
    undecided = [row for row in rows if row.stage is Stage.UNDECIDED]
    missing = [row for row in rows if row.stage not in (Stage.APPROVED, Stage.UNDECIDED)]
    facts = {
        "is_member": is_member,
        "total": len(rows),
        "approved": approved,
        "undecided": [{"code": row.code, "content": row.content} for row in undecided[:MOST_LISTED]],
        "more_undecided": max(0, len(undecided) - MOST_LISTED),
        "missing": [{"code": row.code, "content": row.content} for row in missing[:MOST_LISTED]],
        "more": max(0, len(missing) - MOST_LISTED),
        "scores": own,
        "path": "/score" if own else "",
        "review_until": words.day_of_week(until) if own and (until := last_day_to_ask(tx, period)) else "",
    }
    if not rows:
        return words.scored_subject(), facts, Purpose.DUTIES
    subject = words.closed_subject(approved, len(rows))
    return subject, facts, None if is_member else Purpose.DUTIES


def own_scores(tx: Connection, person_id: int, period: Watched) -> list[dict[str, str]]:
    """The official points and grade of each unit the person reports for; empty before the close. The rank is
    told where the rules tell units theirs."""
    mine = {one.id for one in scored_units_of(tx, person_id, period)}
    if not mine:
        return []
    rules = pinned_rules(tx, period.id).scores
    found = []
    for one in figures(tx, period.id, SCORES, period.now).body:
        if one["unit"]["id"] in mine:
            is_told = rules is not None and rules.tells_rank and one["rank"]
            found.append(
                {
                    "unit": one["unit"]["name"],
                    "total": number(Decimal(one["total"])),
                    "grade": one["grade"],
                    "rank": f"{one['rank']}/{one['ranked']}" if is_told else "",
                }
            )
    return found
