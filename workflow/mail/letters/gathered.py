"""The facts of the mails composed when they are sent: digest, escalation, the office's own.

Their wording is `mail.letters.wording`'s; building the message is `mail.letters.composing`'s.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from workflow.domain.cycles.advance import Duty
from workflow.domain.words import Words
from workflow.i18n import said
from workflow.mail.letters.asks import asks_of
from workflow.mail.letters.concerns import Concern, concerns_of
from workflow.mail.letters.deadlines import Deadline
from workflow.mail.letters.owed import OwedWork, owing_of
from workflow.mail.letters.wording import Wording
from workflow.storage.access.links import Purpose
from workflow.storage.duties.late_list import LateRow, late_for
from workflow.storage.duties.office_desk import Desk, desk_of
from workflow.storage.duties.overdue_units import is_inspector, overdue_units
from workflow.storage.periods.watched import Watched, watched_period
from workflow.storage.post import claims
from workflow.storage.post.claims import Claimed
from workflow.storage.scores.own_scores import own_sheets

MOST_LISTED = 15
"""Items a digest lists by name; the others are counted."""

MOST_LATE = 40
"""Late items an escalation lists by name; the others are counted."""


@dataclass(frozen=True, slots=True)
class Void:
    """The mail has nothing left to report."""

    why: str


def digest(
    tx: Connection, claimed: Claimed, common: dict[str, Any], words: Wording, now: datetime
) -> tuple[str, dict[str, Any], Purpose] | Void:
    """A digest's subject, facts and purpose: what the person owes at `now`."""
    if claimed.period_id is None:
        raise ValueError("a digest is of a period")
    told_last_at = claims.last_mailed_at(tx, claimed)
    is_first = told_last_at is None
    owing = owing_of(tx, claimed.person_id, claimed.period_id, now)
    concerns = concerns_of(tx, claimed.person_id, claimed.period_id, now, told_last_at)
    asks = asks_of(tx, claimed.person_id, claimed.period_id, now)
    about = {"who": common["you"], **{name: common[name] for name in ("organisation", "plan", "period")}}
    if owing is not None:
        opening = words.digest_opening(owing, **about, is_first=is_first)
        subject = words.digest_subject(owing, is_first=is_first)
    elif any(found.is_owed for found in concerns):
        opening = words.concerns_opening(concerns, **about)
        subject = words.concerns_subject(concerns)
    elif asks:
        # What has a deadline comes before news of decisions.
        opening = words.asks_opening(asks, **about)
        subject = words.asks_subject(asks)
    elif any(found.concern is not Concern.PENDING for found in concerns):
        opening = words.concerns_opening(concerns, **about)
        subject = words.concerns_subject(concerns)
    else:
        return Void(Words("Không còn việc nào phải nhắc."))
    late = _late_beside(tx, claimed, owing, words, now)
    if late["n_late"]:
        subject += words.late_beside(late["n_late"])
    is_asked_alone = bool(
        owing is None and not concerns and not late["n_late"] and len({one.path for one in asks}) == 1
    )
    facts = late | {
        "path": asks[0].path if is_asked_alone else "",
        "asks": [
            {
                "title": words.ask_title(one),
                "due": words.ask_due(one),
                "count": one.count,
                "items": [said(item, words.language) for item in one.items[:MOST_LISTED]],
                "is_late": one.is_late,
                "more": max(0, one.count - MOST_LISTED),
            }
            for one in asks
        ],
        "opening": opening,
        "self_score": _self_score_note(tx, claimed, owing, words, now),
        "concerns": [
            {
                "title": words.concern_title(found),
                "due": words.concern_due(found),
                "is_late": found.is_late,
                "is_owed": found.is_owed,
                "count": found.count,
                "items": found.items[:MOST_LISTED],
                "more": found.cut_to(MOST_LISTED).more,
            }
            for found in concerns
        ],
        "groups": [
            {
                "title": words.group_title(group),
                "due": words.group_due(group, owing),
                "is_late": group.is_late,
                "is_returned": group.is_returned,
                "shows_unit": group.duty is not Duty.SUBMIT,
                "note": words.group_note(group, owing),
                "count": group.count,
                "items": listed.items,
                "more": listed.more,
            }
            for group, listed in zip(owing.groups, owing.cut_to(MOST_LISTED).groups, strict=True)
        ]
        if owing is not None
        else [],
        "deadlines": [
            Deadline(
                f"{group.duty.value}-again" if group.is_returned else group.duty.value,
                group.due,
                words.deadline_summary(group, common["period"]),
                words.deadline_description(group, common["plan"], common["organisation"]),
            )
            for group in (owing.groups if owing is not None else ())
            if not group.is_late
        ]
        + [
            Deadline(
                one.task,
                one.due,
                words.ask_summary(one, common["period"]),
                words.ask_description(one, common["organisation"]),
            )
            for one in asks
            if not one.is_late
        ],
    }
    return subject, facts, Purpose.DUTIES


def _self_score_note(
    tx: Connection, claimed: Claimed, owing: OwedWork | None, words: Wording, now: datetime
) -> str:
    """That the unit is also to score itself, in a mail that asks for reports before it is asked for that."""
    assert claimed.period_id is not None
    if owing is None or not any(group.duty is Duty.SUBMIT for group in owing.groups):
        return ""
    sheets = own_sheets(tx, claimed.person_id, watched_period(tx, claimed.period_id, now))
    until = [one.until for one in sheets if one.is_open and not one.is_asked and not one.is_whole]
    return words.self_score_note(min(until)) if until else ""


def desk(
    tx: Connection, claimed: Claimed, words: Wording, now: datetime
) -> tuple[str, dict[str, Any], Purpose] | Void:
    """The subject, facts and purpose of the office's own mail: what waits for it at `now`."""
    if claimed.period_id is None:
        raise ValueError("the office's mail is of a period")
    found = desk_of(tx, watched_period(tx, claimed.period_id, now))
    if not (found.to_close or found.unreached or found.late_approval or found.undecided):
        return Void(Words("Văn phòng không còn việc chờ."))
    silent = found.late_approval.asked.awaited if found.late_approval else ()
    facts = {
        "to_close": [
            {
                "code": row.cycle.code,
                "content": row.cycle.content,
                "raised": row.text or row.proposal,
                "unit": row.done.unit if row.done else "",
                "done": row.done.text if row.done else "",
            }
            for row in found.to_close[:MOST_LISTED]
        ],
        "n_to_close": len(found.to_close),
        "undecided": [
            {
                "code": one.code,
                "content": one.content,
                "why": one.no_decision.label if one.no_decision else "",
            }
            for one in found.undecided[:MOST_LISTED]
        ],
        "n_undecided": len(found.undecided),
        "unreached": [
            {"name": one.name, "email": one.mails[0].email, "why": one.mails[0].trouble.label}
            for one in found.unreached[:MOST_LISTED]
        ],
        "n_unreached": len(found.unreached),
        "approval": words.approval_line(found.late_approval) if found.late_approval else "",
        "silent": silent,
        # One kind of work: its own page; several: the board, which leads to each.
        "path": _desk_path(found),
    }
    numbers = (len(found.to_close), len(found.unreached), len(silent), len(found.undecided))
    return words.desk_subject(*numbers), facts, Purpose.OFFICE


def _desk_path(found: Desk) -> str:
    pages = {
        "/votes": found.undecided,
        "/difficulties": found.to_close,
        "/mails": found.unreached,
        "/reports": found.late_approval,
    }
    waiting = [page for page, work in pages.items() if work]
    return waiting[0] if len(waiting) == 1 else ""


def escalation(
    tx: Connection, claimed: Claimed, common: dict[str, Any], words: Wording, now: datetime
) -> tuple[str, dict[str, Any], Purpose] | Void:
    """The subject, facts and purpose of an escalation: the late work reported to the person at `now`."""
    if claimed.period_id is None:
        raise ValueError("what is late is late in a period")
    period = watched_period(tx, claimed.period_id, now)
    late = late_for(tx, claimed.person_id, period)
    if not late:
        return Void(Words("Không còn nội dung nào trễ hạn."))
    return words.late_subject(late), _late_facts(tx, claimed, words, period, late), Purpose.DUTIES


def _late_beside(
    tx: Connection, claimed: Claimed, owing: OwedWork | None, words: Wording, now: datetime
) -> dict[str, Any]:
    """The late work reported to the person, for a digest that replaces the escalation: all but what the
    person owes, which the digest lists anyway."""
    assert claimed.period_id is not None
    period = watched_period(tx, claimed.period_id, now)
    late: tuple[LateRow, ...] = ()
    if claims.has_late_mail_waiting(tx, claimed):
        own = {(group.duty, owed.code) for group in (owing.groups if owing else ()) for owed in group.items}
        late = tuple(
            row for row in late_for(tx, claimed.person_id, period) if (row.duty, row.code) not in own
        )
    return _late_facts(tx, claimed, words, period, late)


def _late_facts(
    tx: Connection, claimed: Claimed, words: Wording, period: Watched, late: Sequence[LateRow]
) -> dict[str, Any]:
    """The late work by who owes it, and the inspectors' list where the person is an inspector."""
    told_last_at = claims.late_last_mailed_at(tx, claimed) if late else None
    inspects = bool(late) and is_inspector(tx, claimed.person_id, period.organisation_id)
    listed = overdue_units(tx, period) if inspects else None
    debtors: dict[tuple[str, ...], list[LateRow]] = {}
    for row in late[:MOST_LATE]:
        debtors.setdefault(row.debtors, []).append(row)
    return {
        "n_late": len(late),
        "more_late": max(0, len(late) - MOST_LATE),
        "late": [
            {
                "debtors": ", ".join(said(name, words.language) for name in names),
                "rows": [
                    {
                        "code": row.code,
                        "content": row.content,
                        "difficulty": row.difficulty,
                        "told": words.late_line(row),
                        "is_new": row.is_new_since(told_last_at) and told_last_at is not None,
                    }
                    for row in rows
                ],
            }
            for names, rows in debtors.items()
        ],
        "overdue": [
            {
                "name": unit.name,
                "told": words.overdue_line(
                    unit.found, listed.labels(unit.found.periods), len(listed.periods)
                ),
            }
            for unit in listed.units
        ]
        if listed
        else [],
    }
