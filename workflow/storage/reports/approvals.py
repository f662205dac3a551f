"""Approving a report: who decides, what they were shown, and what each said; bound to one version of a draft
and its hash, so that an edit needs a new approval."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, select

from workflow.domain.cycles.cycle import Ballot, Choice, Roll
from workflow.domain.errors import Conflict, NotAllowed
from workflow.domain.people.bodies import VotedMatter
from workflow.domain.people.directory import Role
from workflow.domain.reports.report_issue import Phase, decision_on, needs_approval
from workflow.domain.rules.routing_rules import ReportApproval, Rules
from workflow.domain.words import Words
from workflow.storage.audit import AuditEntry, record
from workflow.storage.cycles.entitlement import check_office
from workflow.storage.fact_hashes import FACT, FactKind, fact_hash
from workflow.storage.names import person_names
from workflow.storage.people.directory import holders
from workflow.storage.people.groups import organisation_calendar
from workflow.storage.people.rolls import body_deciding, chairs_now
from workflow.storage.people.stand_ins import may_act_for, receivers
from workflow.storage.post.intents import NOTICE, intend
from workflow.storage.reports.issues import Issue, draft_hash, held_issue, issue_of, results_version
from workflow.storage.rules import rules_of
from workflow.storage.tables import periods, persons, report_approvals, report_ballots, report_issues

PUT_BEFORE = "report-approval"
"""`about` of the notice that puts a draft before those who approve it."""
DECIDED = "report-decided"
"""`about` of the notice to the office about what they decided."""


@dataclass(frozen=True, slots=True)
class Said:
    """What a member said of a draft. `person` is who said it where that is a substitute."""

    member_id: int
    member: str
    person: str
    choice: Choice
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class ApprovalRequest:
    """A version put before those who approve it. `awaited` are the members who have said nothing yet."""

    id: int
    version: int
    sha256: str
    approval: ReportApproval
    roll: Roll
    asked_at: datetime
    said: tuple[Said, ...]
    awaited: tuple[str, ...]
    decision: Choice | None

    @property
    def n_approving(self) -> int:
        """How many approve it."""
        return sum(one.choice is Choice.APPROVE for one in self.said)

    @property
    def silent(self) -> frozenset[int]:
        """The members who have said nothing yet."""
        return self.roll.members - {one.member_id for one in self.said}


def asked_of(tx: Connection, issue: Issue) -> ApprovalRequest | None:
    """The last time the report was put before those who approve it, whatever became of it."""
    row = tx.execute(
        select(report_approvals)
        .where(report_approvals.c.report_issue_id == issue.id)
        .order_by(report_approvals.c.id.desc())
        .limit(1)
    ).first()
    return None if row is None else all_asked(tx, [(row, rules_of(tx, issue.period_id))])[0]


def signs_for_chair(tx: Connection, issue: Issue, version: int) -> tuple[str, str] | None:
    """The name and title of the substitute who approved that version in the chair's place; None where the
    chair did, or nobody has."""
    row = tx.execute(
        select(
            persons.c.name, persons.c.title, report_ballots.c.choice, persons.c.id, report_approvals.c.roll
        )
        .join(report_approvals, report_approvals.c.id == report_ballots.c.report_approval_id)
        .join(persons, persons.c.id == report_ballots.c.person_id)
        .where(report_approvals.c.report_issue_id == issue.id, report_approvals.c.version == version)
        .where(report_ballots.c.member_id == report_approvals.c.roll["chair"].as_integer())
        .order_by(report_approvals.c.id.desc(), report_ballots.c.at.desc(), report_ballots.c.id.desc())
        .limit(1)
    ).first()
    if row is None or row.id == row.roll["chair"] or row.choice != Choice.APPROVE.value:
        return None
    return row.name, row.title


def all_asked(tx: Connection, rows: Sequence[tuple[Row[Any], Rules]]) -> list[ApprovalRequest]:
    """The state of those rows of `report_approvals`, each by its period's rules; in their order."""
    last: dict[int, dict[int, Row[Any]]] = {row.id: {} for row, _ in rows}
    for one in tx.execute(
        select(report_ballots)
        .where(report_ballots.c.report_approval_id.in_(last))
        .order_by(report_ballots.c.at, report_ballots.c.id)
    ):
        last[one.report_approval_id][one.member_id] = one
    people = {person for row, _ in rows for person in row.roll["members"]}
    people |= {one.person_id for cast in last.values() for one in cast.values()}
    names = person_names(tx, people)
    return [_asked(row, rules, last[row.id], names) for row, rules in rows]


def _asked(
    row: Row[Any], rules: Rules, last: Mapping[int, Row[Any]], names: Mapping[int, str]
) -> ApprovalRequest:
    roll = Roll(frozenset(row.roll["members"]), row.roll["chair"])
    said = tuple(
        Said(
            one.member_id,
            names.get(one.member_id, ""),
            "" if one.person_id == one.member_id else names.get(one.person_id, ""),
            Choice(one.choice),
            one.reason,
            one.at,
        )
        for one in last.values()
    )
    ballots = tuple(Ballot(row.version, one.member_id, one.choice, one.at, one.reason) for one in said)
    found = decision_on(ballots, roll, rules)
    return ApprovalRequest(
        row.id,
        row.version,
        row.sha256,
        ReportApproval(row.approval),
        roll,
        row.asked_at,
        said,
        tuple(names[one] for one in sorted(roll.members - last.keys()) if one in names),
        found.choice if found else None,
    )


def phase_of(tx: Connection, issue: Issue, asked: ApprovalRequest | None) -> Phase:
    """How far the report has come. An approval of another version, or of other figures, is none."""
    if issue.recalled_at is not None:
        return Phase.RECALLED
    if issue.issued_at is not None:
        return Phase.ISSUED
    if not needs_approval(rules_of(tx, issue.period_id)):
        return Phase.APPROVED
    if asked is None or not is_about(tx, asked, issue):
        return Phase.DRAFT
    match asked.decision:
        case None:
            return Phase.ASKED
        case Choice.APPROVE:
            return Phase.APPROVED
    return Phase.RETURNED


def is_about(tx: Connection, asked: ApprovalRequest, issue: Issue) -> bool:
    """Whether what was put before them is still the report: its newest version, unaltered, with the newest
    stored figures."""
    return (
        asked.version == issue.draft.version
        and asked.sha256 == draft_hash(tx, issue, issue.draft)
        and issue.draft.results_version == results_version(tx, issue.period_id)
    )


def ask(tx: Connection, issue_id: int, seen: int, person_id: int, now: datetime) -> ApprovalRequest:
    """Puts version `seen` of a draft before those who approve it, and mails each a link."""
    issue = held_issue(tx, issue_id)
    check_office(tx, person_id, issue.organisation_id)
    rules = rules_of(tx, issue.period_id)
    if not issue.is_open or not needs_approval(rules):
        raise Conflict(Words("Báo cáo này không phải trình phê duyệt."))
    if issue.draft.version != seen:
        raise Conflict(Words("Bản thảo vừa có bản mới."), cure=Words("Xem bản mới rồi trình lại."))
    if issue.draft.results_version != results_version(tx, issue.period_id):
        raise Conflict(
            Words("Số liệu của kỳ đã tính lại."), cure=Words("Cập nhật bản thảo theo số liệu mới rồi trình.")
        )
    known = asked_of(tx, issue)
    if phase_of(tx, issue, known) in (Phase.ASKED, Phase.APPROVED) and known is not None:
        return known
    roll = _roll(tx, issue, rules)
    values = {
        "version": seen,
        "sha256": issue.draft.sha256,
        "approval": rules.report.approval.value,
        "roll": {"members": sorted(roll.members), "chair": roll.chair},
    }
    made: int = tx.execute(
        report_approvals.insert()
        .values(report_issue_id=issue.id, asked_by=person_id, asked_at=now, **values)
        .returning(report_approvals.c.id)
    ).scalar_one()
    about = {"period": issue.period_id, "issue": issue.id, **values}
    record(tx, issue.organisation_id, now, AuditEntry("report-put-before", person_id, about))
    mail_approvers(tx, issue, made, _receivers(tx, issue, roll, roll.members, now), now)
    found = asked_of(tx, issue)
    assert found is not None
    return found


def mail_approvers(tx: Connection, issue: Issue, asked_id: int, people: Iterable[int], now: datetime) -> None:
    """Puts the mail with the link to read and decide into the outbox."""
    context = {"about": PUT_BEFORE, "purpose": "approval", "asked": asked_id, "issue": issue.id}
    intend(tx, NOTICE, issue.organisation_id, issue.period_id, people, context, now)


def remind(tx: Connection, issue_id: int, now: datetime) -> int:
    """Mails the link once more to those who have not answered; returns how many they are."""
    issue = issue_of(tx, issue_id)
    asked = asked_of(tx, issue)
    if asked is None or phase_of(tx, issue, asked) is not Phase.ASKED:
        return 0
    people = _receivers(tx, issue, asked.roll, asked.silent, now)
    mail_approvers(tx, issue, asked.id, people, now)
    return len(people)


def seats(
    tx: Connection, issue: Issue, asked: ApprovalRequest, person_id: int, now: datetime
) -> tuple[int, ...]:
    """The members whose word the person may give: their own, else those they stand in for with the vote."""
    if person_id in asked.roll.members:
        return (person_id,)
    rules = rules_of(tx, issue.period_id)
    today = organisation_calendar(tx, issue.organisation_id).day_of(now)
    away = may_act_for(tx, person_id, today) if rules.approval.substitutes else {}
    return tuple(sorted(one for one, votes in away.items() if votes and one in asked.roll.members))


@dataclass(frozen=True, slots=True)
class ApprovalWord:
    """What a person says of the draft they were shown: `asked_id` and `sha256` are what the page showed."""

    asked_id: int
    sha256: str
    choice: Choice
    reason: str = ""


def decide(
    tx: Connection, issue_id: int, person_id: int, word: ApprovalWord, now: datetime
) -> ApprovalRequest:
    """Records a person's answer; the office is notified once the report is decided."""
    issue = held_issue(tx, issue_id)
    asked = asked_of(tx, issue)
    if asked is None or asked.id != word.asked_id or asked.sha256 != word.sha256:
        raise Conflict(
            Words("Bản thảo này đã được trình lại bằng bản khác."), cure=Words("Mở lại trang để đọc bản mới.")
        )
    mine = seats(tx, issue, asked, person_id, now)
    if not mine:
        raise NotAllowed(Words("Ông/bà không có trong danh sách phê duyệt báo cáo này."))
    if phase_of(tx, issue, asked) is not Phase.ASKED:
        raise Conflict(
            Words("Bản thảo này đã được quyết định, hoặc đã sửa sau khi trình nên không phê duyệt nữa.")
        )
    if word.choice is Choice.RETURN and not word.reason:
        raise NotAllowed(
            Words("Trả lại thì phải ghi lý do."), cure=Words("Ghi lý do để Văn phòng biết cần sửa gì.")
        )
    member = mine[0]
    row = {
        "report_approval_id": asked.id,
        "member_id": member,
        "person_id": person_id,
        "choice": word.choice.value,
        "reason": word.reason,
        "at": now,
    }
    tx.execute(report_ballots.insert().values(row))
    details = {
        "period": issue.period_id,
        "issue": issue.id,
        "version": asked.version,
        "sha256": asked.sha256,
        "member": member,
        "choice": word.choice.value,
        "reason": word.reason,
        FACT: fact_hash(FactKind.REPORT_VOTE, row),
    }
    record(tx, issue.organisation_id, now, AuditEntry("report-voted", person_id, details))
    after = asked_of(tx, issue)
    assert after is not None
    if after.decision is not None:
        context = {"about": DECIDED, "purpose": "office", "asked": asked.id, "issue": issue.id}
        office = holders(tx, issue.organisation_id, Role.OFFICE)
        intend(tx, NOTICE, issue.organisation_id, issue.period_id, office, context, now)
    return after


def issue_asked(
    tx: Connection, period_id: int, person_id: int, now: datetime
) -> tuple[Issue, ApprovalRequest] | None:
    """The period's report that was last put before the person, in its present state."""
    rows = tx.execute(
        select(report_approvals.c.report_issue_id)
        .where(report_approvals.c.report_issue_id.in_(_issue_ids(period_id)))
        .order_by(report_approvals.c.id.desc())
    )
    for (issue_id,) in rows:
        issue = issue_of(tx, issue_id)
        asked = asked_of(tx, issue)
        if asked is not None and seats(tx, issue, asked, person_id, now):
            return issue, asked
    return None


def _roll(tx: Connection, issue: Issue, rules: Rules) -> Roll:
    """Who decides: the body of the report as it was when the period opened, or its chair alone."""
    kept = tx.execute(select(periods.c.committee).where(periods.c.id == issue.period_id)).scalar_one()
    body = body_deciding(kept, VotedMatter.REPORT)
    if rules.report.approval is ReportApproval.COMMITTEE:
        return body.roll
    of_today = chairs_now(tx, issue.organisation_id, [body.id])
    chair = body.roll.chair if body.roll.chair in of_today or not of_today else of_today[0]
    if chair is None:
        raise Conflict(
            Words("Danh bạ chưa có người chủ trì để trình báo cáo."),
            cure=Words("Ghi vai trò chủ trì (chair) cho một người trong danh bạ."),
        )
    return Roll(frozenset({chair}), chair)


def _receivers(tx: Connection, issue: Issue, roll: Roll, members: Iterable[int], now: datetime) -> list[int]:
    """The members, each replaced today by who stands in for their vote."""
    today = organisation_calendar(tx, issue.organisation_id).day_of(now)
    may_substitute = rules_of(tx, issue.period_id).approval.substitutes
    return sorted(receivers(tx, today, voters=members, roll=roll.members, may_substitute=may_substitute))


def _issue_ids(period_id: int) -> Select[int]:
    return select(report_issues.c.id).where(report_issues.c.period_id == period_id)
