"""`/periods/{id}/commendations`: whom the rules propose and who was put forward by hand, why, and what the
emulation council decided.

Nobody learns how a member votes while the council is asked, nor ever of a secret ballot; of a named one that
is over, a key with the scope `read:ballots` does, as the minutes show it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from fastapi import APIRouter
from pydantic import BaseModel, Field

from workflow.domain.cycles.cycle import Choice
from workflow.domain.events import KeyScope
from workflow.domain.scores.award_rules import Whom
from workflow.storage.periods.periods import own_period
from workflow.storage.rules import pinned_rules
from workflow.storage.scores.commendation_lists import CommendationLine, Proposals, proposals
from workflow.storage.scores.sitting_lists import Motion, Sitting
from workflow.web.api.keys import AsReaderKey
from workflow.web.api.models import Id
from workflow.web.api.problems import answers

router = APIRouter(tags=["periods"])


class GroundAnswer(BaseModel):
    """One condition of a commendation, and whether it is met."""

    text: str
    is_met: bool


class CouncilBallotAnswer(BaseModel):
    """A member's ballot."""

    person_id: int
    person: str
    choice: Choice


class CouncilVote(BaseModel):
    """What the emulation council was asked about a proposal, and its answer."""

    until: date = Field(description="the last day for ballots")
    is_secret: bool
    opened_at: datetime
    closed_at: datetime | None = Field(description="null while the council is asked")
    members: int
    voted: int = Field(description="members who have voted so far")
    is_carried: bool | None = Field(description="null while the council is asked")
    count: dict[str, int] | None = Field(
        description="how many said `approve`, `return`, `abstain`, and how many are `missing`; "
        "null while the council is asked, and of a secret vote with fewer than three ballots"
    )
    ballots: list[CouncilBallotAnswer] | None = Field(
        description="null while the council is asked, of a secret ballot, and without the scope "
        "`read:ballots`"
    )

    @classmethod
    def of(cls, motion: Motion, sitting: Sitting, *, may_see_ballots: bool) -> CouncilVote:
        """The vote, with its ballots where they may be seen."""
        is_over = sitting.closed_at is not None
        names = {one.id: one.name for one in sitting.members}
        ballots = [
            CouncilBallotAnswer(person_id=person, person=names.get(person, ""), choice=choice)
            for person, choice in sorted(motion.ballots.items())
        ]
        return cls(
            until=sitting.until,
            is_secret=sitting.is_secret,
            opened_at=sitting.opened_at,
            closed_at=sitting.closed_at,
            members=len(sitting.members),
            voted=sitting.n_voted,
            is_carried=motion.is_carried if is_over else None,
            count=motion.count,
            ballots=ballots if is_over and may_see_ballots and not sitting.is_secret else None,
        )


class Commendation(BaseModel):
    """Someone considered for a commendation, or put forward for it by hand."""

    subject: str = Field(description="names it in its period")
    award: str
    award_title: str
    whom: Whom
    who: str
    title: str
    unit: str
    cluster: str
    is_proposed: bool = Field(description="whether the rule proposes them: every ground is met")
    grounds: list[GroundAnswer]
    is_by_hand: bool
    reason: str = Field(description="why they were put forward by hand; else empty")
    evidence: str
    vote: CouncilVote | None = Field(description="null where the council was not asked")

    @classmethod
    def of(
        cls, line: CommendationLine, sittings: Mapping[int, Sitting], *, may_see_ballots: bool
    ) -> Commendation:
        """A line of the list; `sittings` are those of each motion."""
        put, motion = line.by_hand, line.motion
        return cls(
            subject=line.subject,
            award=line.award.code,
            award_title=line.award.title,
            whom=line.award.whom,
            who=line.who,
            title=line.title,
            unit=line.unit,
            cluster=line.cluster,
            is_proposed=line.is_proposed,
            grounds=[GroundAnswer(text=str(one["text"]), is_met=one["is_met"]) for one in line.grounds],
            is_by_hand=put is not None,
            reason=put.text if put else "",
            evidence=put.evidence if put else "",
            vote=CouncilVote.of(motion, sittings[motion.id], may_see_ballots=may_see_ballots)
            if motion
            else None,
        )


class Commendations(BaseModel):
    """A period's proposals: the rule's are final once it is closed, else computed from the current facts."""

    kept_at: datetime | None = Field(description="when it was made final; null while the period is open")
    version: int = Field(description="of the figures they come from; 0 while the period is open")
    entries: list[Commendation]

    @classmethod
    def of(cls, found: Proposals, *, may_see_ballots: bool) -> Commendations:
        """The whole list, each award's lines in order: the rule's, those by hand, those not proposed."""
        sittings = {motion.id: sitting for sitting in found.sittings for motion in sitting.motions}
        return cls(
            kept_at=found.figures.kept_at,
            version=found.figures.version,
            entries=[Commendation.of(one, sittings, may_see_ballots=may_see_ballots) for one in found.lines],
        )


@router.get("/periods/{period_id}/commendations", responses=answers(404))
def commendations(caller: AsReaderKey, period_id: Id) -> Commendations:
    """Who was considered for the period's commendations, with the reasons and the council's votes; empty
    where the period's rules have none."""
    with caller.site.store.reading() as tx:
        own_period(tx, caller.organisation_id, period_id)
        if not pinned_rules(tx, period_id).scoring:
            return Commendations(kept_at=None, version=0, entries=[])
        found = proposals(tx, period_id, caller.site.clock.now())
    return Commendations.of(found, may_see_ballots=caller.may(KeyScope.READ_BALLOTS))
