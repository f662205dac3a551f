"""A cycle and the facts about it: submissions, confirmations, ballots and orders, each bound to a version.

This module decides which facts count (separation of duties, four eyes, one vote a person);
`workflow.domain.cycles.advance` decides what follows from them.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum

from workflow.domain.cycles.orders import is_second
from workflow.domain.periods.period import Timetable
from workflow.domain.words import Words


class Stage(StrEnum):
    """The stage of a cycle."""

    WAITING_SUBMISSION = "waiting-submission"
    WAITING_CONFIRMATION = "waiting-confirmation"
    WAITING_APPROVAL = "waiting-approval"
    APPROVED = "approved"
    UNDECIDED = "undecided"
    """Reported, and still waiting for others (units, the committee) when the period ended."""
    LAPSED = "lapsed"
    """The period ended while the lead owed a report: none was sent, or one came back and none followed."""
    WITHDRAWN = "withdrawn"

    @property
    def is_final(self) -> bool:
        """Whether nothing more is awaited."""
        return self in (Stage.APPROVED, Stage.UNDECIDED, Stage.LAPSED, Stage.WITHDRAWN)

    @property
    def waits_for_others(self) -> bool:
        """Whether the lead has reported and units or the committee have to answer."""
        return self in (Stage.WAITING_CONFIRMATION, Stage.WAITING_APPROVAL)

    @classmethod
    def finals(cls) -> tuple[str, ...]:
        """The final stages' values, as they are stored."""
        return tuple(stage.value for stage in cls if stage.is_final)

    @property
    def label(self) -> Words:
        """The stage in Vietnamese."""
        return _LABELS[self]


_LABELS = {
    Stage.WAITING_SUBMISSION: Words("Chờ báo cáo"),
    Stage.WAITING_CONFIRMATION: Words("Chờ xác nhận"),
    Stage.WAITING_APPROVAL: Words("Chờ phê duyệt"),
    Stage.APPROVED: Words("Đã duyệt"),
    Stage.UNDECIDED: Words("Đã báo cáo, chưa quyết định"),
    Stage.LAPSED: Words("Quá hạn, đã khóa"),
    Stage.WITHDRAWN: Words("Đã rút"),
}


class Verdict(StrEnum):
    """A coordinating unit's answer about a report."""

    CONFIRM = "confirm"
    PARTIAL = "partial"
    OBJECT = "object"


class Choice(StrEnum):
    """A committee member's vote on a report."""

    APPROVE = "approve"
    RETURN = "return"
    ABSTAIN = "abstain"
    RECUSE = "recuse"


@dataclass(frozen=True, slots=True)
class Submission:
    """A report, in one version.

    `acted_for` is the absent person in whose place it was sent. `touches` are the coordinating units that
    the change from the version before concerns; None where it concerns all.
    """

    version: int
    unit_id: int
    person_id: int
    at: datetime
    acted_for: int | None = None
    touches: frozenset[int] | None = None

    @property
    def authors(self) -> tuple[int | None, int | None]:
        """Who may neither confirm nor vote on it: who sent it, and in whose place."""
        return self.person_id, self.acted_for


@dataclass(frozen=True, slots=True)
class Confirmation:
    """A unit's confirmation of one version; of several, the last counts."""

    version: int
    unit_id: int
    person_id: int
    verdict: Verdict
    at: datetime
    reason: str = ""
    acted_for: int | None = None


@dataclass(frozen=True, slots=True)
class Paper:
    """A ballot on paper as the office entered it: the scan's SHA-256, and the two persons behind it."""

    entered_by: int
    countersigned_by: int | None = None
    scan: str = ""


@dataclass(frozen=True, slots=True)
class Ballot:
    """A member's vote on one version; of several, the last counts.

    `person_id` is the member whose vote it is, `acted_by` the substitute who cast it. A ballot on paper
    counts from the moment a second person confirmed its entry, and `at` is that moment.
    """

    version: int
    person_id: int
    choice: Choice
    at: datetime
    reason: str = ""
    acted_by: int | None = None
    paper: Paper | None = None

    @property
    def is_sound(self) -> bool:
        """Whether it was cast by link, or entered from paper by one person and confirmed by another."""
        # Four eyes: one person's entry is nobody's vote yet.
        return self.paper is None or is_second(self.paper.entered_by, self.paper.countersigned_by)


@dataclass(frozen=True, slots=True)
class Recall:
    """The lead unit takes a version back; it holds if nobody had confirmed or voted on it before."""

    version: int
    person_id: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Reopening:
    """The office reopens a decided cycle: a new version is awaited and may be decided until that day, even
    past the period's cut-off. The old version stays on record."""

    version: int
    person_id: int
    at: datetime
    reason: str
    until: date


@dataclass(frozen=True, slots=True)
class Revote:
    """The office puts a version before the committee again: one that came back, or whose vote closed without
    a decision. The vote begins anew and ends with that day; what was cast until then is on record and does
    not count."""

    version: int
    person_id: int
    at: datetime
    until: date


@dataclass(frozen=True, slots=True)
class Interests:
    """The members with a part in what is voted on: who lead the item, and who belong to a lead unit."""

    leaders: frozenset[int] = frozenset()
    of_lead_units: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Roll:
    """The committee entitled to vote: its members' person ids, and who presides."""

    members: frozenset[int]
    chair: int | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """All facts recorded about a cycle. The order within the tuples has no meaning.

    `lead_units` owe the report; `confirming_units` are those asked to confirm it (groups expanded,
    co-leads included): the unit that submitted is never asked to confirm itself.
    """

    lead_units: frozenset[int]
    confirming_units: frozenset[int]
    roll: Roll
    timetable: Timetable
    submissions: tuple[Submission, ...] = field(default=())
    confirmations: tuple[Confirmation, ...] = field(default=())
    ballots: tuple[Ballot, ...] = field(default=())
    is_withdrawn: bool = False
    is_closed: bool = False
    """Whether the office closed the period, perhaps before its cut-off."""
    recalls: tuple[Recall, ...] = field(default=())
    reopenings: tuple[Reopening, ...] = field(default=())
    revotes: tuple[Revote, ...] = field(default=())
    interests: Interests = field(default=Interests())
    closed_at: datetime | None = None
    """When the period was closed."""
    is_due_extended: bool = False
    """Whether the office gave the lead more time to report; `timetable` has the day."""
    timetables: tuple[tuple[int, Timetable], ...] = field(default=())
    """Where the office gave more time: each timetable there was with the first version that goes by it, in
    their order, `timetable` the last."""

    @property
    def current(self) -> Submission | None:
        """The submission that counts: the one of the highest version."""
        return max(self.submissions, key=lambda submission: submission.version, default=None)

    @property
    def newest_version(self) -> int:
        """The version sent last, whichever of them stands; 0 where none was sent."""
        return self.current.version if self.current else 0

    def authors(self, version: int) -> frozenset[int | None]:
        """Who sent that version, or had it sent in their place."""
        found = (one.authors for one in self.submissions if one.version == version)
        return frozenset(person for authors in found for person in authors if person is not None)

    def recall_of(self, version: int) -> Recall | None:
        """The recall of that version, if it came before the first confirmation and the first ballot."""
        found = [one for one in self.recalls if one.version == version]
        if not found:
            return None
        recall, first = min(found, key=_when), self.first_answer(version)
        return recall if first is None or first > recall.at else None

    def first_answer(self, version: int) -> datetime | None:
        """When a unit first confirmed that version or a member first voted on it; an answer that was replaced
        since counts too."""
        authors = self.authors(version)
        answers = [
            word.at
            for word in self.confirmations
            if word.version == version and may_judge(authors, word.person_id, word.acted_for)
        ]
        answers += [
            cast.at
            for cast in self.ballots
            if cast.version == version
            and cast.person_id in self.roll.members
            and cast.is_sound
            and may_judge(authors, cast.person_id, cast.acted_by)
        ]
        return min(answers, default=None)

    @property
    def first_that_stands(self) -> Submission | None:
        """The first report that its unit did not take back itself: the one whose day counts as the day of the
        report, whatever was sent again after others returned it."""
        kept = (one for one in self.submissions if self.recall_of(one.version) is None)
        return min(kept, key=lambda one: (one.at, one.version), default=None)

    def timetable_of(self, version: int) -> Timetable:
        """The dates by which that version is answered: more time given later is for what comes after, and
        takes nothing back that was decided, taken as agreed or late by then."""
        holding = (dates for since, dates in reversed(self.timetables) if since <= version)
        return next(holding, self.timetable)

    @property
    def report_due_on(self) -> date:
        """The last day by which the first report that stands was in time; of the one awaited, if there is
        none."""
        sent = self.first_that_stands
        return (self.timetable_of(sent.version) if sent else self.timetable).due_on

    def before(self, moment: datetime) -> Facts:
        """The same without what was said from that moment on; orders of the office are kept."""
        return replace(
            self,
            submissions=tuple(one for one in self.submissions if one.at < moment),
            confirmations=tuple(one for one in self.confirmations if one.at < moment),
            ballots=tuple(one for one in self.ballots if one.at < moment),
            recalls=tuple(one for one in self.recalls if one.at < moment),
            revotes=tuple(one for one in self.revotes if one.at < moment),
        )

    def reopening_of(self, version: int) -> Reopening | None:
        """The last reopening of that version."""
        found = [one for one in self.reopenings if one.version == version]
        return max(found, key=_when) if found else None

    def revote_of(self, version: int) -> Revote | None:
        """The last order to vote anew on that version."""
        found = [one for one in self.revotes if one.version == version]
        return max(found, key=_when) if found else None

    def last_ballot_before(self, version: int, member: int) -> datetime | None:
        """The moment a ballot of the member on that version has to follow in order to count: of their last
        one, or of the order to vote anew."""
        again = self.revote_of(version)
        cast = standing_ballots(self, version).get(member)
        return max((one.at for one in (again, cast) if one), default=None)


def _when(order: Recall | Reopening | Revote) -> tuple[datetime, int]:
    return order.at, order.person_id


def may_judge(authors: frozenset[int | None], *people: int | None) -> bool:
    """Whether these people, who act and in whose place, may confirm or vote on a report of these authors:
    nobody judges their own report (`Facts.authors`), neither for themselves nor for another."""
    return authors.isdisjoint(people)


def may_vote_for_another(person_id: int, members: Collection[int], by_substitutes: bool) -> bool:
    """Whether the person may cast the ballot of a member they stand in for: the rule lets substitutes vote
    (`ApprovalRule.substitutes`), and they have no vote of their own. Otherwise members vote themselves."""
    return by_substitutes and person_id not in members


def standing_confirmations(facts: Facts, version: int) -> dict[int, Confirmation]:
    """Each unit's last confirmation of that version. Nobody confirms what they sent themselves."""
    authors = facts.authors(version)
    found: dict[int, Confirmation] = {}
    for said in sorted(facts.confirmations, key=lambda said: (said.at, said.person_id, said.verdict)):
        if said.version == version and may_judge(authors, said.person_id, said.acted_for):
            found[said.unit_id] = said
    return found


def standing_ballots(
    facts: Facts,
    version: int,
    *,
    before: datetime | None = None,
    chair_until_end: bool = False,
    by_substitutes: bool = True,
) -> dict[int, Ballot]:
    """Each member's last ballot on that version, cast before the vote closed (the chair's at any time, if
    `chair_until_end`), and after the order to vote anew where there is one.

    Nobody votes on what they sent themselves, and nobody votes twice: a member casts no ballot for another,
    a substitute casts one member's at most.
    """
    if not facts.ballots:
        return {}
    again = facts.revote_of(version)
    authors, members = facts.authors(version), facts.roll.members
    found: dict[int, Ballot] = {}
    in_place_of: dict[int, int] = {}
    for cast in sorted(facts.ballots, key=lambda cast: (cast.at, cast.choice, cast.person_id)):
        member, actor = cast.person_id, cast.acted_by
        if cast.version != version or member not in members or not cast.is_sound:
            continue
        if again is not None and cast.at <= again.at:
            continue
        if before is not None and cast.at >= before and not (chair_until_end and member == facts.roll.chair):
            continue
        if not may_judge(authors, member, actor):
            continue
        if actor is not None and (
            not may_vote_for_another(actor, members, by_substitutes)
            or in_place_of.setdefault(actor, member) != member
        ):
            continue
        found[member] = cast
    return found
