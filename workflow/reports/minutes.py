"""The minutes of the committee's votes in a period, as values ready to print: roll, ballots, outcomes.

How they look on paper is `minutes_docx`. Ballots carry names only where the rule shows them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from workflow.domain.cycles.cycle import Ballot, Choice, Roll, Stage, Verdict
from workflow.domain.cycles.voting import Ending, Poll
from workflow.domain.people.bodies import VotedMatter
from workflow.domain.rules.explained import approval_sentences
from workflow.domain.rules.routing_rules import ApprovalRule, Shows
from workflow.domain.vietnamese import count, day, joined
from workflow.reports.period_reports import heading_of
from workflow.reports.values import ReportHeading
from workflow.storage.cycles.held_votes import HeldVote, VotesOfPeriod
from workflow.storage.reports.minutes_numbers import numbered

CHOICES = {
    Choice.APPROVE: "tán thành",
    Choice.RETURN: "trả lại",
    Choice.ABSTAIN: "không biểu quyết",
    Choice.RECUSE: "không tham gia",
}


@dataclass(frozen=True, slots=True)
class RollRow:
    """A member: name, office, and how they took part over all votes."""

    number: str
    name: str
    title: str
    part: str


@dataclass(frozen=True, slots=True)
class RollTold:
    """A voting body with its members; `present` sums up who took part."""

    name: str
    rows: tuple[RollRow, ...]
    present: str


@dataclass(frozen=True, slots=True)
class VoteRow:
    """One vote in the table; a heading has a title alone."""

    code: str
    content: str
    numbers: tuple[str, ...] = ()
    result: str = ""
    is_heading: bool = False


@dataclass(frozen=True, slots=True)
class Noted:
    """What the minutes say of one vote beyond its count."""

    title: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Minutes:
    """All the minutes show."""

    heading: ReportHeading
    subject: str
    opening: str
    rolls: tuple[RollTold, ...]
    chair: str
    rules: tuple[str, ...]
    rows: tuple[VoteRow, ...]
    sums: tuple[str, ...]
    notes: tuple[Noted, ...]
    closing: str


def minutes_heading(tx: Connection, period_id: int) -> ReportHeading:
    """The heading of the minutes of a period's votes, with the number and day assigned to them."""
    heading, known = heading_of(tx, period_id), numbered(tx, period_id)
    return replace(heading, number=known.number, on=known.dated_on) if known else heading


def minutes_of(found: VotesOfPeriod, heading: ReportHeading, now: datetime) -> Minutes:
    """The minutes of every vote of the period so far."""
    zone = ZoneInfo(found.period.zone)
    cast = [one for vote in found.votes for one in vote.poll.cast]
    # Times of ballots are shown only after the vote is over.
    ended = [one for vote in found.votes if not vote.is_open for one in vote.poll.cast]
    last = max((one.at for one in ended), default=None)
    label = found.period.label[:1].lower() + found.period.label[1:]
    named = dict.fromkeys(found.committee(vote.rule) for vote in found.votes)
    body = joined(list(named) or [found.period.body_of(VotedMatter.ITEMS).name])
    chairs = {vote.roll.chair for vote in found.votes if vote.roll.chair}
    open_now = sum(vote.is_open for vote in found.votes)
    return Minutes(
        heading=heading,
        subject=f"lấy ý kiến {body} về kết quả thực hiện {heading.plan_title or 'kế hoạch'} trong {label}",
        opening=_opening(found, cast, ended, zone),
        rolls=tuple(_rolls(found)),
        chair=joined([_person(found, one) for one in sorted(chairs)]) or "chưa rõ",
        rules=_rules(found.votes),
        rows=tuple(_rows(found.votes)),
        sums=_sums(found.votes, open_now),
        notes=tuple(_notes(found, zone)),
        closing=_closing(last, open_now, now, zone),
    )


def _opening(found: VotesOfPeriod, cast: Sequence[Ballot], ended: Sequence[Ballot], zone: ZoneInfo) -> str:
    text = (
        f"Việc biểu quyết được tiến hành từng nội dung, {count(len(found.votes))} lượt, bằng phiếu gửi qua "
        "đường dẫn cấp riêng cho từng thành viên và phiếu giấy do Văn phòng nhập, có người thứ hai đối chiếu."
    )
    if not cast:
        return f"{text} Chưa có phiếu nào."
    n_paper = sum(one.paper is not None for one in cast)
    text = f"{text} Đã nhận {count(len(cast))} phiếu, trong đó {count(n_paper)} phiếu giấy"
    if not ended:
        return f"{text}."
    return f"{text}; phiếu đầu tiên lúc {_moment(min(one.at for one in ended), zone)}."


def _rolls(found: VotesOfPeriod) -> Iterable[RollTold]:
    seen: dict[tuple[str, frozenset[int]], Roll] = {}
    for vote in found.votes:
        seen.setdefault((found.committee(vote.rule), vote.roll.members), vote.roll)
    for (name, members), roll in seen.items():
        votes = [vote for vote in found.votes if vote.roll == roll and found.committee(vote.rule) == name]
        order = sorted(members, key=lambda one: (one != roll.chair, found.people[one].name))
        took_part = [one for one in order if _ballots(votes, one)]
        # Who might still have voted when a vote ended early was not absent from it.
        spared = [
            one for one in order if one not in took_part and any(one in vote.poll.entitled for vote in votes)
        ]
        away = [found.people[one].name for one in order if one not in (*took_part, *spared)]
        rows = (
            RollRow(
                str(number),
                found.people[one].name,
                found.people[one].title + (" (chủ trì)" if one == roll.chair else ""),
                _part(found, votes, one),
            )
            for number, one in enumerate(order, 1)
        )
        absent = f" Không có phiếu nào: {joined(away)}." if away else ""
        if spared:
            names = joined([found.people[one].name for one in spared])
            absent += f" Chưa bỏ phiếu khi biểu quyết kết thúc sớm, còn quyền biểu quyết: {names}."
        present = (
            f"Tổng số thành viên: {count(len(order))}; có tham gia bỏ phiếu: {count(len(took_part))}.{absent}"
        )
        yield RollTold(name, tuple(rows), present)


def _ballots(votes: Iterable[HeldVote], member: int) -> list[Ballot]:
    return [one for vote in votes for one in vote.poll.cast if one.person_id == member]


def _part(found: VotesOfPeriod, votes: Sequence[HeldVote], member: int) -> str:
    cast = _ballots(votes, member)
    parts = [f"{len(cast)}/{len(votes)} phiếu"]
    if paper := sum(one.paper is not None for one in cast):
        parts.append(f"{paper} phiếu giấy")
    for actor in sorted({one.acted_by for one in cast if one.acted_by}):
        n_acted = sum(one.acted_by == actor for one in cast)
        parts.append(f"{n_acted} phiếu do {found.people[actor].name}, thay {found.people[member].name}")
    if early := sum(member in vote.poll.entitled for vote in votes):
        parts.append(f"{early} nội dung kết thúc sớm khi còn quyền biểu quyết")
    if barred := sum(member in vote.poll.barred for vote in votes):
        parts.append(f"không được biểu quyết {barred} nội dung theo quy tắc")
    return "; ".join(parts)


def _rules(votes: Sequence[HeldVote]) -> tuple[str, ...]:
    """The rule of the most votes in full; votes under another rule name theirs."""
    return _phrases(_usual(votes)) if votes else ()


def _usual(votes: Sequence[HeldVote]) -> ApprovalRule:
    rules = [vote.rule for vote in votes]
    return max(rules, key=rules.count)


def _phrases(rule: ApprovalRule) -> tuple[str, ...]:
    phrases = approval_sentences(rule)
    quorum = [name for name, has in (("quorum", rule.quorum), ("quorum_count", rule.quorum_count)) if has]
    named = ("more_than", *quorum, "casting_vote", "veto", "early_close", "fallback")
    return tuple(phrases[name] for name in named)


def _rows(votes: Sequence[HeldVote]) -> Iterable[VoteRow]:
    section: tuple[str, ...] | None = None
    for vote in votes:
        if vote.cycle.section_codes != section:
            section = vote.cycle.section_codes
            yield VoteRow(section[-1] if section else "", vote.cycle.section, is_heading=True)
        content = vote.cycle.content + (f" (báo cáo lần thứ {vote.version})" if vote.version > 1 else "")
        yield VoteRow(vote.cycle.code, content, _numbers(vote), _result(vote))


def _numbers(vote: HeldVote) -> tuple[str, ...]:
    found = vote.poll.count
    kinds = (found.approve, found.back, found.abstain, found.recuse)
    return (*(str(one) if vote.tells_kinds else "–" for one in kinds), str(found.missing))


def _result(vote: HeldVote) -> str:
    match vote.poll.choice:
        case Choice.APPROVE:
            return "Thông qua"
        case Choice.RETURN:
            return "Trả lại"
    if vote.has_no_decision:
        return "Chưa có quyết định"
    if not vote.is_last and vote.poll.no_decision:
        return "Không có quyết định"
    ended = (Stage.LAPSED, Stage.UNDECIDED)
    return "Không có kết quả" if vote.cycle.stage in ended else "Chưa có kết quả"


def _sums(votes: Sequence[HeldVote], open_now: int) -> tuple[str, ...]:
    passed = sum(vote.poll.choice is Choice.APPROVE for vote in votes)
    back = sum(vote.poll.choice is Choice.RETURN for vote in votes)
    lapsed = sum(vote.poll.choice is None and vote.is_last and not vote.is_open for vote in votes)
    text = f"Thông qua {count(passed)} lượt; trả lại {count(back)} lượt"
    text += f"; không có kết quả {count(lapsed)} lượt" if lapsed else ""
    return (f"{text}; chưa có kết quả {count(open_now)} lượt." if open_now else f"{text}.",)


def _notes(found: VotesOfPeriod, zone: ZoneInfo) -> Iterable[Noted]:
    usual = _usual(found.votes) if found.votes else None
    for vote in found.votes:
        lines = [*_objections(vote), *_ballot_lines(found, vote, zone), *_outcome(vote, vote.rule != usual)]
        version = f" (lần {vote.version})" if vote.version > 1 else ""
        if lines:
            yield Noted(f"{vote.cycle.code}{version}", tuple(lines))


def _objections(vote: HeldVote) -> Iterable[str]:
    for word in vote.words:
        if word.verdict is Verdict.OBJECT:
            yield f"{word.unit} không đồng ý: “{word.reason.rstrip(' .')}”."


def _ballot_lines(found: VotesOfPeriod, vote: HeldVote, zone: ZoneInfo) -> Iterable[str]:
    if vote.rule.shows is Shows.NAMES:
        for choice, words in CHOICES.items():
            named = [_voter(found, one) for one in vote.poll.cast if one.choice is choice]
            if named:
                yield f"{words.capitalize()}: {joined(sorted(named))}."
    reasons: dict[str, list[str]] = {}
    tells_reasons = not vote.is_open or vote.rule.shows is Shows.NAMES
    for one in vote.poll.cast:
        if tells_reasons and one.choice is Choice.RETURN and one.reason:
            reasons.setdefault(one.reason.rstrip(" ."), []).append(found.people[one.person_id].name)
    # Sorted by text: an order by member or time would reveal who gave which.
    for reason, names in sorted(reasons.items()):
        who = f" ({joined(sorted(names))})" if vote.rule.shows is Shows.NAMES else ""
        yield f"Lý do trả lại: “{reason}”{who}."
    papers = [one.paper for one in vote.poll.cast if one.paper]
    pairs = [(one.entered_by, one.countersigned_by or one.entered_by) for one in papers]
    for pair in sorted(set(pairs)):
        entered, checked = (found.people[one].name for one in pair)
        yield f"Có {count(pairs.count(pair))} phiếu giấy do {entered} nhập, {checked} đối chiếu."


def _voter(found: VotesOfPeriod, ballot: Ballot) -> str:
    name = found.people[ballot.person_id].name
    return f"{found.people[ballot.acted_by].name}, thay {name}" if ballot.acted_by else name


def _outcome(vote: HeldVote, has_own_rule: bool) -> Iterable[str]:
    poll: Poll = vote.poll
    if poll.ending is Ending.EARLY:
        number = list(_phrases(vote.rule)).index(approval_sentences(vote.rule)["early_close"]) + 1
        yield (
            f"Kết thúc sớm theo quy tắc {number} mục II; {count(len(poll.entitled))} thành viên còn quyền "
            "biểu quyết chưa bỏ phiếu."
        )
    if poll.ending is Ending.CHAIR:
        yield "Hết hạn chưa có kết quả; người chủ trì quyết định theo quy tắc."
    if vote.has_no_decision and poll.no_decision:
        yield f"Chưa có quyết định: {poll.no_decision.label}."
    elif poll.no_decision and not vote.is_last:
        yield f"Không có quyết định: {poll.no_decision.label}."
    if poll.by_casting_vote:
        yield "Đúng một nửa đồng ý; kết quả theo bên có người chủ trì."
    if poll.deemed:
        yield f"{count(len(poll.deemed))} thành viên không trả lời văn bản lấy ý kiến, coi là tán thành."
    if has_own_rule:
        yield f"Quy tắc riêng: {' '.join(_phrases(vote.rule)[:2])}"


def _person(found: VotesOfPeriod, one: int) -> str:
    person = found.people[one]
    return f"{person.name}, {person.title}" if person.title else person.name


def _closing(last: datetime | None, open_now: int, now: datetime, zone: ZoneInfo) -> str:
    text = f"Phiếu cuối cùng nhận lúc {_moment(last, zone)}. " if last else ""
    state = "Biên bản tạm thời, còn nội dung chưa có kết quả; lập" if open_now else "Biên bản lập"
    return f"{text}{state} lúc {_moment(now, zone)}."


def _moment(at: datetime, zone: ZoneInfo) -> str:
    local = at.astimezone(zone)
    return f"{local:%H giờ %M} ngày {day(local.date())}"
