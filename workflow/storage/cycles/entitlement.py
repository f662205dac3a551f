"""Whether a person may do what they ask: in their own right or in an absent person's place, and never on what
they sent themselves. Each check reads the live state, under lock, and raises NotAllowed or Conflict."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlalchemy import Connection, bindparam, select

from workflow.domain.cycles.advance import Standing
from workflow.domain.cycles.ballots import can_decide
from workflow.domain.cycles.confirming import asked_units
from workflow.domain.cycles.cycle import Facts, Stage, may_judge, may_vote_for_another
from workflow.domain.cycles.voting import NoDecision, VotingForm
from workflow.domain.errors import Conflict, NotAllowed
from workflow.domain.people.directory import Role
from workflow.domain.rules.routing_rules import ApprovalRule
from workflow.domain.words import Words
from workflow.storage.cycles.facts_of_cycles import Routed
from workflow.storage.people.stand_ins import may_act_for
from workflow.storage.tables import persons, roles, units

_UNITS_OF = (
    select(roles.c.unit_id)
    .join(persons, persons.c.id == roles.c.person_id)
    .where(
        roles.c.person_id == bindparam("person"),
        roles.c.role == Role.REPORTER.value,
        persons.c.is_active,
    )
)


def units_of(
    tx: Connection, person_id: int, routed: Mapping[int, Routed], wanted: Iterable[int], now: datetime
) -> dict[int, int | None]:
    """The units the person acts for today, each with the absent person in whose place, None for their own.

    Absences are queried only where a wanted unit is not the person's own.
    """
    own: dict[int, int | None] = dict.fromkeys(tx.scalars(_UNITS_OF, {"person": person_id}))
    if own.keys() >= set(wanted):
        return own
    found: dict[int, int | None] = {}
    for absent in sorted(_absent(tx, person_id, routed, now)):
        found |= dict.fromkeys(tx.scalars(_UNITS_OF, {"person": absent}), absent)
    return found | own


def seat_of(
    tx: Connection, cycle: Routed, person_id: int, member_id: int | None, now: datetime
) -> tuple[int, int | None]:
    """The member whose ballot the person casts, and who casts it where that is a substitute.

    `member_id` is whose vote it is to be; None for the person's own, or that of the one member they stand in
    for. Nobody votes twice: a member casts no ballot for another.
    """
    members = cycle.facts.roll.members
    if person_id in members and member_id in (None, person_id):
        return person_id, None
    if person_id in members:
        raise NotAllowed(Words("Ông/bà đã có phiếu của mình, không biểu quyết thay người khác."))
    away = _absent(tx, person_id, {cycle.id: cycle}, now)
    seats = [absent for absent, votes in away.items() if votes and absent in members]
    if not seats or not may_vote_for_another(person_id, members, cycle.rules.approval.substitutes):
        raise NotAllowed(Words("Ông/bà không có trong danh sách biểu quyết của kỳ này."))
    if member_id is None and len(seats) == 1:
        return seats[0], person_id
    if member_id not in seats:
        raise NotAllowed(
            Words("Ông/bà không được cử biểu quyết thay người này."), cure=Words("Chọn đúng người vắng mặt.")
        )
    return member_id, person_id


def _absent(tx: Connection, person_id: int, routed: Mapping[int, Routed], now: datetime) -> dict[int, bool]:
    cycle = next(iter(routed.values()), None)
    return may_act_for(tx, person_id, cycle.calendar.day_of(now)) if cycle else {}


def check_confirming(cycle: Routed, unit_id: int, *people: int | None) -> None:
    """Refuses a unit that is not asked, and whoever sent the report."""
    current = cycle.facts.current
    if current and current.unit_id == unit_id:
        raise NotAllowed(Words("Đơn vị đã báo cáo thì không tự xác nhận báo cáo của mình."))
    if current and unit_id not in asked_units(cycle.facts, current, cycle.rules.confirmation):
        raise NotAllowed(Words("Ông/bà không xác nhận thay cho đơn vị phối hợp của nội dung này."))
    if current and not may_judge(cycle.facts.authors(current.version), *people):
        raise NotAllowed(
            Words("Người đã gửi báo cáo không xác nhận báo cáo đó, dù thay cho đơn vị khác."),
            cure=Words("Người khác của đơn vị phối hợp xác nhận."),
        )


def check_voting(
    cycle: Routed, standing: Standing, member_id: int, acted_by: int | None, *, on_paper: bool = False
) -> None:
    """Refuses who may not vote on this version, and any ballot that comes after the vote's close: but one on
    paper where it closed without a decision, from the sitting or the written ballot that is to bring it."""
    facts, rule = cycle.facts, cycle.rules.approval
    if not may_judge(facts.authors(standing.version), member_id, acted_by):
        raise NotAllowed(Words("Người đã gửi báo cáo không biểu quyết báo cáo đó."))
    if member_id in standing.barred:
        raise NotAllowed(_recused(facts, rule, member_id))
    again = facts.revote_of(standing.version)
    if acted_by is not None and any(
        cast.acted_by == acted_by
        and cast.person_id != member_id
        and cast.version == standing.version
        and (again is None or cast.at > again.at)
        for cast in facts.ballots
    ):
        raise NotAllowed(Words("Ông/bà đã biểu quyết thay một người khác; mỗi người chỉ bỏ một phiếu."))
    if standing.form is VotingForm.CLOSED and not on_paper:
        raise Conflict(
            Words("Biểu quyết nội dung này đã khép lại mà chưa có quyết định."),
            cure=Words("Văn phòng sẽ đưa ra cuộc họp hoặc lấy ý kiến bằng phiếu giấy."),
        )
    if standing.no_decision is NoDecision.OUT_OF_REACH and not _may_still_decide(cycle, standing):
        raise Conflict(
            Words("Số người được biểu quyết nội dung này không đủ để thông qua, dù mọi người đều đồng ý."),
            cure=Words("Văn phòng mở lại nội dung để người khác báo cáo, hoặc báo cáo cấp trên."),
        )
    if standing.form is VotingForm.BY_CHAIR and member_id != facts.roll.chair:
        raise Conflict(Words("Đã hết hạn biểu quyết; nội dung này chờ người chủ trì quyết định."))


def _may_still_decide(cycle: Routed, standing: Standing) -> bool:
    """Whether ballots could still bring a decision: those who stood aside of themselves may yet vote, those
    barred by rule may not."""
    return can_decide(len(cycle.facts.roll.members), len(standing.barred), cycle.rules.approval)


def _recused(facts: Facts, rule: ApprovalRule, member_id: int) -> str:
    if rule.recuse_leader and member_id in facts.interests.leaders:
        return Words("Ông/bà phụ trách nội dung này nên không biểu quyết, theo quy tắc của kỳ.")
    return Words("Ông/bà thuộc đơn vị chủ trì nội dung này nên không biểu quyết, theo quy tắc của kỳ.")


def check_live(stage: Stage, wanted: Stage, version: int, seen: int) -> None:
    """Refuses an act on a step that is over, or on a version that was replaced."""
    if stage is not wanted:
        raise Conflict(Words("Nội dung này không còn ở bước đó: “%(label)s”.", label=stage.label))
    if version != seen:
        raise Conflict(
            Words("Báo cáo vừa được thay bằng bản mới."), cure=Words("Xin mở lại trang để xem bản mới.")
        )


_OFFICE = (
    select(persons.c.id)
    .join(roles, roles.c.person_id == persons.c.id)
    .where(
        persons.c.id == bindparam("person"),
        persons.c.organisation_id == bindparam("organisation"),
        persons.c.is_active,
        roles.c.role == Role.OFFICE.value,
    )
    .limit(1)
)


def is_officer(tx: Connection, person_id: int, organisation_id: int) -> bool:
    """Whether the person runs the office of that organisation."""
    return tx.scalar(_OFFICE, {"person": person_id, "organisation": organisation_id}) is not None


def check_office(tx: Connection, person_id: int, organisation_id: int) -> None:
    """Refuses whoever does not run the office of that organisation."""
    if not is_officer(tx, person_id, organisation_id):
        raise NotAllowed(Words("Việc này do Văn phòng làm."))


def check_units(tx: Connection, organisation_id: int, unit_ids: set[int]) -> None:
    """Refuses units of another organisation, and those no longer in the directory."""
    known = tx.scalars(
        select(units.c.id).where(
            units.c.organisation_id == organisation_id, units.c.id.in_(unit_ids), units.c.is_active
        )
    )
    if set(known) != unit_ids:
        raise NotAllowed(Words("Có đơn vị không còn trong danh bạ."))
