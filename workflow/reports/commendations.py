"""The list of proposed commendations and the minutes of the emulation council, as values ready to print.

How they look on paper is `commendations_docx` and `commendations_xlsx`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from workflow.domain.cycles.cycle import Choice
from workflow.domain.rules.explained import approval_sentences
from workflow.domain.rules.routing_rules import ApprovalRule
from workflow.domain.scores.award_rules import Whom
from workflow.domain.vietnamese import count, day, joined
from workflow.reports.values import ReportHeading
from workflow.storage.periods.periods import Period
from workflow.storage.scores.commendation_lists import CommendationLine, Proposals
from workflow.storage.scores.sitting_lists import Motion, Sitting
from workflow.storage.scores.sittings import COMMENDATIONS, FEWEST_SECRET

COUNCIL = "Hội đồng Thi đua - Khen thưởng"
_CHOICES = {
    Choice.APPROVE: "tán thành",
    Choice.RETURN: "không tán thành",
    Choice.ABSTAIN: "không biểu quyết",
}


@dataclass(frozen=True, slots=True)
class ListRow:
    """Someone on the list: `unit` is empty for a unit itself; `votes` is empty before the council's vote."""

    number: str
    who: str
    title: str
    unit: str
    reasons: tuple[str, ...]
    votes: str
    result: str
    is_carried: bool


@dataclass(frozen=True, slots=True)
class ListGroup:
    """Those proposed for one commendation."""

    title: str
    whom: Whom
    rows: tuple[ListRow, ...]


@dataclass(frozen=True, slots=True)
class CommendationList:
    """All the list shows."""

    heading: ReportHeading
    subject: str
    opening: str
    groups: tuple[ListGroup, ...]
    sums: tuple[str, ...]
    is_draft: bool


@dataclass(frozen=True, slots=True)
class MotionRow:
    """One motion with its count."""

    number: str
    title: str
    reason: str
    counts: tuple[str, ...]
    result: str


@dataclass(frozen=True, slots=True)
class SittingTold:
    """One sitting: how it was held, who took part, the outcome of each motion. `named` lists each
    member's ballots; empty for a secret vote."""

    opening: str
    members: tuple[tuple[str, str, str, str], ...]
    present: str
    rules: tuple[str, ...]
    rows: tuple[MotionRow, ...]
    named: tuple[str, ...]
    carried: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CouncilMinutes:
    """All the minutes show."""

    heading: ReportHeading
    subject: str
    sittings: tuple[SittingTold, ...]
    chair: str


def commendation_list(found: Proposals, heading: ReportHeading, period: Period) -> CommendationList:
    """The list: whom the council carried and, until it has voted, who is proposed to it."""
    is_draft = not any(one.closed_at for one in found.sittings)
    groups = []
    for award in found.awards:
        lines = [one for one in found.of(award) if (one.is_listed if is_draft else one.is_carried)]
        if lines:
            rows = tuple(_list_row(place, line) for place, line in enumerate(lines, 1))
            groups.append(ListGroup(award.title, award.whom, rows))
    people = {whom: [row for one in groups if one.whom is whom for row in one.rows] for whom in Whom}
    by = f"theo quy tắc chấm điểm đã ghim cho kỳ và kết quả thi đua lần {found.figures.version}"
    decided = "chưa lấy phiếu hội đồng" if is_draft else f"{COUNCIL} đã biểu quyết thông qua"
    return CommendationList(
        heading,
        f"đề nghị khen thưởng {_in_sentence(period.label)}",
        f"Danh sách lập {by if found.figures.version else 'theo số liệu tạm tính của kỳ'}; {decided}. "
        "Lý do ghi theo từng điều kiện của quy tắc.",
        tuple(groups),
        (
            f"Tổng cộng: {count(len(people[Whom.UNIT]))} đề nghị khen tập thể, "
            f"{count(len(people[Whom.PERSON]))} đề nghị khen cá nhân.",
        ),
        is_draft,
    )


def _list_row(place: int, line: CommendationLine) -> ListRow:
    entry = line.by_hand
    reasons = [*line.reasons] if line.is_proposed or entry is None else [entry.text]
    if entry and entry.evidence:
        reasons.append(f"Minh chứng: {entry.evidence}.")
    motion = line.motion
    votes, result = "", "chưa biểu quyết"
    if motion and motion.is_carried is not None:
        votes = (
            f"{count(motion.count['approve'])}/{count(sum(motion.count.values()))}" if motion.count else ""
        )
        result = "thông qua" if motion.is_carried else "không thông qua"
    elif motion:
        result = "đang lấy phiếu"
    is_person = line.award.whom is Whom.PERSON
    return ListRow(
        str(place),
        line.who,
        line.title,
        line.unit if is_person else "",
        tuple(reasons),
        votes,
        result,
        line.is_carried,
    )


def council_minutes(found: Sequence[Sitting], heading: ReportHeading, period: Period) -> CouncilMinutes:
    """The minutes of the sittings of one matter, all closed."""
    zone = ZoneInfo(period.zone)
    about = "xét khen thưởng" if found[0].matter == COMMENDATIONS else "xét điểm thi đua"
    chairs = [member.name for member in found[-1].members if member.is_chair]
    return CouncilMinutes(
        heading,
        f"{COUNCIL} {about} {_in_sentence(period.label)}",
        tuple(_sitting(one, zone) for one in found),
        chairs[0] if chairs else "chưa rõ",
    )


def _sitting(sitting: Sitting, zone: ZoneInfo) -> SittingTold:
    assert sitting.closed_at is not None
    how = "bằng phiếu kín" if sitting.is_secret else "bằng phiếu ghi tên"
    rules = dict.fromkeys(_rule(one.rule) for one in sitting.motions)
    return SittingTold(
        f"Lấy phiếu số {sitting.id}, {how}, qua đường dẫn cấp riêng cho từng thành viên, từ "
        f"{_moment(sitting.opened_at, zone)} đến {_moment(sitting.closed_at, zone)} "
        f"(hạn cuối ngày {day(sitting.until)}).",
        tuple(
            (
                str(place),
                one.name,
                f"{one.title} (chủ trì)" if one.is_chair and one.title else one.title,
                f"đã bỏ phiếu lúc {_moment(one.voted_at, zone)}" if one.voted_at else "không bỏ phiếu",
            )
            for place, one in enumerate(sitting.members, 1)
        ),
        f"Có {count(sitting.n_voted)} trên {count(len(sitting.members))} thành viên bỏ phiếu.",
        tuple(rules),
        tuple(_motion_row(place, one) for place, one in enumerate(sitting.motions, 1)),
        () if sitting.is_secret else tuple(_named(sitting)),
        tuple(one.title for one in sitting.motions if one.is_carried),
    )


def _rule(rule: ApprovalRule) -> str:
    phrases = approval_sentences(rule)
    return f"{phrases['more_than']} {phrases['quorum']}"


def _motion_row(place: int, motion: Motion) -> MotionRow:
    kinds = ("approve", "return", "abstain", "missing")
    counts = tuple(str(motion.count[key]) if motion.count else "–" for key in kinds)
    result = "Thông qua" if motion.is_carried else "Không thông qua"
    if motion.count is None:
        result += f" (phiếu kín có dưới {FEWEST_SECRET} phiếu, không công bố số phiếu)"
    return MotionRow(str(place), motion.title, str(motion.details.get("reason", "")), counts, result)


def _named(sitting: Sitting) -> Iterator[str]:
    names = {member.id: member.name for member in sitting.members}
    for place, motion in enumerate(sitting.motions, 1):
        parts = []
        for choice, words in _CHOICES.items():
            who = [names[member] for member in names if motion.ballots.get(member) is choice]
            if who:
                parts.append(f"{words}: {joined(who)}")
        yield f"{place}. {motion.title}: {'; '.join(parts) or 'không có phiếu'}."


def _moment(at: datetime, zone: ZoneInfo) -> str:
    return f"{at.astimezone(zone):%H giờ %M ngày %d/%m/%Y}"


def _in_sentence(label: str) -> str:
    return label[:1].lower() + label[1:]
