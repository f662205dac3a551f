"""The emulation council asked by link: sittings with motions on scores or commendations, their ballots, and
their results. A sitting ends when all have voted, after its last day, or when the office ends it.

Of a secret sitting the database stores who voted, and how many voted how; never who voted how. Below
`FEWEST_SECRET` ballots those numbers would reveal how somebody voted: the office can't end it, nothing is
carried by them, and they are deleted.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction
from typing import Any

from sqlalchemy import Connection, delete, func, select, update

from workflow.domain.cycles.ballots import carries
from workflow.domain.cycles.cycle import Choice
from workflow.domain.errors import Conflict, NotAllowed, NotFound
from workflow.domain.people.bodies import VotedMatter
from workflow.domain.people.directory import Role
from workflow.domain.rules.routing_rules import ApprovalRule, MajorityOf
from workflow.domain.words import Words
from workflow.storage.access.links import Purpose
from workflow.storage.audit import AuditEntry, record
from workflow.storage.cycles.entitlement import check_office
from workflow.storage.fact_hashes import FACT, FactKind, fact_hash
from workflow.storage.people.directory import holders
from workflow.storage.periods.periods import Period, hold_period, period_of
from workflow.storage.periods.watched import watched_period
from workflow.storage.post import intents
from workflow.storage.results.closing import refresh_results
from workflow.storage.results.locking import seal
from workflow.storage.scores.entries import Meeting, council_of, put_decision
from workflow.storage.tables import (
    motion_ballots,
    motion_counts,
    motions,
    periods,
    sitting_turnouts,
    sittings,
)

SCORES, COMMENDATIONS = "scores", "commendations"
CHOICES = (Choice.APPROVE, Choice.RETURN, Choice.ABSTAIN)
FEWEST_SECRET = 3
"""Ballots below which the result of a secret vote would reveal single ballots."""


@dataclass(frozen=True, slots=True)
class NewMotion:
    """Something to be put to the council: `details` are what its members are shown."""

    subject: str
    title: str
    details: Mapping[str, Any]
    rule: ApprovalRule
    entry_id: int | None = None


def open_sitting(
    tx: Connection,
    person_id: int,
    period_id: int,
    matter: str,
    asked: Sequence[NewMotion],
    until: date,
    now: datetime,
    *,
    is_secret: bool = False,
) -> int:
    """Asks the council about the motions until the end of that day and returns the sitting's id; the members
    are notified in their next mail."""
    period = period_of(tx, period_id)
    check_office(tx, person_id, period.organisation_id)
    watched = watched_period(tx, period_id, now)
    members = [member for member, _ in council_of(tx, period_id, VotedMatter(matter))]
    if not members:
        raise NotAllowed(
            Words("Kỳ này không có hội đồng."), cure=Words("Ghi thành viên ban biểu quyết vào danh bạ.")
        )
    if is_secret and len(members) < FEWEST_SECRET:
        raise NotAllowed(
            Words("Hội đồng chỉ có %(n)s thành viên, phiếu kín không giữ kín được.", n=len(members)),
            cure=Words("Bổ sung thành viên hội đồng, hoặc đặt quy tắc lấy phiếu ghi tên."),
        )
    if not asked:
        raise NotAllowed(Words("Chưa chọn đề nghị nào."), cure=Words("Chọn ít nhất một đề nghị."))
    if until < watched.today:
        raise NotAllowed(
            Words("Ngày cuối nhận phiếu đã qua."), cure=Words("Chọn một ngày từ hôm nay trở đi.")
        )
    if taken := put_to_vote(tx, period_id, matter) & {one.subject for one in asked}:
        raise Conflict(
            Words("Có đề nghị đã đưa ra hội đồng."),
            where=", ".join(sorted(taken)),
            cure=Words("Mở lại trang."),
        )
    row = {
        "period_id": period_id,
        "matter": matter,
        "until": until,
        "members": members,
        "is_secret": is_secret,
        "opened_by": person_id,
        "opened_at": now,
    }
    sitting_id: int = tx.execute(sittings.insert().values(row).returning(sittings.c.id)).scalar_one()
    put = [
        {
            "position": place,
            "subject": one.subject,
            "entry_id": one.entry_id,
            "title": one.title,
            "details": dict(one.details),
            "rule": {
                "more_than": str(one.rule.more_than),
                "of": one.rule.of.value,
                "quorum": str(one.rule.quorum),
            },
        }
        for place, one in enumerate(asked, 1)
    ]
    tx.execute(motions.insert(), [{"sitting_id": sitting_id, **one} for one in put])
    details = {
        "period": period_id,
        "sitting": sitting_id,
        "matter": matter,
        "until": until.isoformat(),
        "members": members,
        "is_secret": is_secret,
        "subjects": [one.subject for one in asked],
        FACT: fact_hash(FactKind.SITTING, row | {"motions": put}),
    }
    record(tx, period.organisation_id, now, AuditEntry("sitting-opened", person_id, details))
    owing = watched.owing()
    # Nobody votes in a member's place: the mail goes to an absent member too.
    owing.persons, owing.has_absences = set(members), False
    intents.intend_digests(tx, owing, now)
    return sitting_id


def put_to_vote(tx: Connection, period_id: int, matter: str) -> set[str]:
    """The subjects that the council was asked about in the period."""
    return set(
        tx.scalars(
            select(motions.c.subject)
            .join(sittings, sittings.c.id == motions.c.sitting_id)
            .where(sittings.c.period_id == period_id, sittings.c.matter == matter)
        )
    )


def cast(
    tx: Connection, person_id: int, sitting_id: int, choices: Mapping[int, Choice], now: datetime
) -> None:
    """Records a member's ballots on every motion of the sitting. They replace the member's earlier ones;
    those of a secret sitting are final. The last member's ballots end it."""
    sitting, period = _locked(tx, sitting_id)
    if person_id not in sitting.members:
        raise NotAllowed(Words("Ông/bà không có trong hội đồng của kỳ này."))
    if sitting.closed_at is not None or watched_period(tx, period.id, now).today > sitting.until:
        raise Conflict(
            Words("Đã kết thúc lấy phiếu, phiếu này chưa được ghi."), cure=Words("Xem kết quả trên trang.")
        )
    ids = list(tx.scalars(select(motions.c.id).where(motions.c.sitting_id == sitting_id).order_by("id")))
    if set(choices) != set(ids) or not set(choices.values()) <= set(CHOICES):
        raise NotAllowed(
            Words("Còn đề nghị chưa chọn."),
            cure=Words("Chọn tán thành, không tán thành hoặc không biểu quyết."),
        )
    voted = set(_turnout(tx, sitting_id))
    if sitting.is_secret:
        if person_id in voted:
            raise Conflict(Words("Ông/bà đã bỏ phiếu kín; phiếu kín không đổi được."))
        _count_in(tx, choices)
    else:
        rows = [
            {"motion_id": one, "person_id": person_id, "choice": choices[one].value, "at": now} for one in ids
        ]
        tx.execute(motion_ballots.insert(), rows)
    if person_id in voted:
        own = (sitting_turnouts.c.sitting_id == sitting_id, sitting_turnouts.c.person_id == person_id)
        tx.execute(update(sitting_turnouts).where(*own).values(at=now))
    else:
        tx.execute(sitting_turnouts.insert().values(sitting_id=sitting_id, person_id=person_id, at=now))
    details: dict[str, Any] = {"period": period.id, "sitting": sitting_id}
    if not sitting.is_secret:
        details["ballots"] = {str(one): choices[one].value for one in ids}
    said = {"sitting_id": sitting_id, "person_id": person_id, "at": now, "ballots": details.get("ballots")}
    details[FACT] = fact_hash(FactKind.COUNCIL_VOTE, said)
    record(tx, period.organisation_id, now, AuditEntry("council-voted", person_id, details))
    if voted | {person_id} >= set(sitting.members):
        _close(tx, sitting, period, None, now)


def _count_in(tx: Connection, choices: Mapping[int, Choice]) -> None:
    for motion_id, choice in sorted(choices.items()):
        one = (motion_counts.c.motion_id == motion_id, motion_counts.c.choice == choice.value)
        if not tx.execute(update(motion_counts).where(*one).values(n=motion_counts.c.n + 1)).rowcount:
            tx.execute(motion_counts.insert().values(motion_id=motion_id, choice=choice.value, n=1))


def close_sitting(tx: Connection, person_id: int, sitting_id: int, now: datetime) -> None:
    """Ends the sitting with the ballots cast, as the office asked."""
    sitting, period = _locked(tx, sitting_id)
    check_office(tx, person_id, period.organisation_id)
    if sitting.closed_at is not None:
        raise Conflict(Words("Việc lấy phiếu này đã kết thúc."), cure=Words("Mở lại trang để xem kết quả."))
    if is_too_few(sitting.is_secret, len(_turnout(tx, sitting_id))):
        raise NotAllowed(
            Words("Phiếu kín mới có dưới %(n)s phiếu nên chưa kết thúc được.", n=FEWEST_SECRET),
            cure=Words("Chờ thêm phiếu; hết ngày cuối thì việc lấy phiếu tự kết thúc."),
        )
    _close(tx, sitting, period, person_id, now)


def is_too_few(is_secret: bool, n_ballots: int) -> bool:
    """Whether so few ballots were cast in secret that a count by kind would reveal who voted how."""
    return is_secret and n_ballots < FEWEST_SECRET


def shown_count(is_secret: bool, counted: Mapping[str, int] | None) -> dict[str, int] | None:
    """The count by kind that everybody may see, from what was counted when the sitting closed: None while it
    is open, and where the ballots are too few. Pages, minutes, the API, exports and commands use this."""
    if counted is None or is_too_few(is_secret, sum(counted.values()) - counted.get("missing", 0)):
        return None
    return dict(counted)


def close_over(tx: Connection, now: datetime) -> list[int]:
    """Ends every sitting whose last day is over; returns their ids."""
    found = []
    rows = tx.execute(
        select(sittings.c.id, sittings.c.period_id, sittings.c.until).where(sittings.c.closed_at.is_(None))
    ).all()
    for row in rows:
        if watched_period(tx, row.period_id, now).today > row.until:
            sitting, period = _locked(tx, row.id)
            if sitting.closed_at is None:
                _close(tx, sitting, period, None, now)
                found.append(int(row.id))
    return found


def _locked(tx: Connection, sitting_id: int) -> tuple[Any, Period]:
    period_id = tx.scalar(select(sittings.c.period_id).where(sittings.c.id == sitting_id))
    if period_id is not None:
        hold_period(tx, period_id)
    sitting = tx.execute(select(sittings).where(sittings.c.id == sitting_id).with_for_update()).first()
    if sitting is None:
        raise NotFound(Words("Không có lần lấy phiếu này."))
    return sitting, period_of(tx, sitting.period_id)


def _turnout(tx: Connection, sitting_id: int) -> list[int]:
    return list(
        tx.scalars(select(sitting_turnouts.c.person_id).where(sitting_turnouts.c.sitting_id == sitting_id))
    )


def _close(tx: Connection, sitting: Any, period: Period, person_id: int | None, now: datetime) -> None:
    tx.execute(update(sittings).where(sittings.c.id == sitting.id).values(closed_at=now, closed_by=person_id))
    asked = tx.execute(
        select(motions).where(motions.c.sitting_id == sitting.id).order_by(motions.c.position)
    ).all()
    n_voted = len(_turnout(tx, sitting.id))
    is_lost = is_too_few(sitting.is_secret, n_voted)
    if is_lost:
        tx.execute(delete(motion_counts).where(motion_counts.c.motion_id.in_([row.id for row in asked])))
    named = standing_ballots(tx, [row.id for row in asked])
    secret = _secret_counts(tx, [row.id for row in asked])
    today = watched_period(tx, period.id, now).today
    outcome: dict[str, bool] = {}
    ended: list[dict[str, Any]] = []
    for row in asked:
        cast_ = list(named.get(row.id, {}).values())
        count = secret.get(row.id) or {one.value: cast_.count(one) for one in CHOICES}
        count = {one.value: count.get(one.value, 0) for one in CHOICES}
        count["missing"] = len(sitting.members) - sum(count.values())
        is_carried = not is_lost and carries(
            count["approve"], count["return"], count["abstain"], 0, count["missing"], rule_of(row.rule)
        )
        kept = None if is_lost else count
        tx.execute(update(motions).where(motions.c.id == row.id).values(is_carried=is_carried, counted=kept))
        outcome[row.subject] = is_carried
        ended.append({"position": row.position, "is_carried": is_carried, "counted": kept})
        if row.entry_id is not None:
            minutes = f"lấy phiếu số {sitting.id}"
            meeting = Meeting(minutes, min(today, sitting.until), named.get(row.id, {}))
            put_decision(tx, sitting.opened_by, row.entry_id, meeting, sitting.members, now)
    details = {"period": period.id, "sitting": sitting.id, "carried": outcome}
    end = {"sitting_id": sitting.id, "closed_at": now, "closed_by": person_id, "motions": ended}
    details[FACT] = fact_hash(FactKind.SITTING_END, end)
    record(tx, period.organisation_id, now, AuditEntry("sitting-closed", person_id, details))
    because = f"hội đồng biểu quyết, biên bản lấy phiếu số {sitting.id}"
    # Read again now that the period is locked: it may have been closed, and sealed, while this waited for it.
    closed = select(periods.c.closed_at).where(periods.c.id == period.id)
    is_closed = tx.scalar(closed) is not None
    version = refresh_results(tx, period.id, because, now) if sitting.matter == SCORES else None
    if version is None and is_closed:
        seal(tx, period.id, because, now)
    context = {
        "about": f"sitting-{sitting.matter}",
        "carried": sum(outcome.values()),
        "asked": len(outcome),
        "voted": n_voted,
        "members": len(sitting.members),
        "purpose": Purpose.OFFICE.value,
        "path": f"/{sitting.matter}?period={period.code}",
    }
    office = holders(tx, period.organisation_id, Role.OFFICE)
    intents.intend(tx, intents.NOTICE, period.organisation_id, period.id, office, context, now)


def standing_ballots(tx: Connection, motion_ids: Collection[int]) -> dict[int, dict[int, Choice]]:
    """The named ballots that count, by motion and member: each member's last."""
    last = (
        select(func.max(motion_ballots.c.id))
        .where(motion_ballots.c.motion_id.in_(motion_ids))
        .group_by(motion_ballots.c.motion_id, motion_ballots.c.person_id)
    )
    found: dict[int, dict[int, Choice]] = {}
    for row in tx.execute(
        select(motion_ballots).where(motion_ballots.c.id.in_(last)).order_by(motion_ballots.c.person_id)
    ):
        found.setdefault(row.motion_id, {})[row.person_id] = Choice(row.choice)
    return found


def _secret_counts(tx: Connection, motion_ids: Collection[int]) -> dict[int, dict[str, int]]:
    found: dict[int, dict[str, int]] = {}
    for row in tx.execute(select(motion_counts).where(motion_counts.c.motion_id.in_(motion_ids))):
        found.setdefault(row.motion_id, {})[row.choice] = row.n
    return found


def rule_of(kept: Mapping[str, str]) -> ApprovalRule:
    """A motion's majority and quorum from its stored JSON."""
    return ApprovalRule(
        more_than=Fraction(kept["more_than"]),
        of=MajorityOf(kept["of"]),
        quorum=Fraction(kept["quorum"]),
    )
