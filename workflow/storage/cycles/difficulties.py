"""Difficulties of reports as records of their own: raised with a submission, answered, acted on, closed.

Each step is added to the difficulty's own facts and to its cycle's audit chain, in one transaction. Lists
are `workflow.storage.duties.difficulty_lists`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, func, select, update

from workflow.domain.cycles.difficulty import DifficultyState, Step, after, words_of
from workflow.domain.errors import Conflict, NotAllowed, NotFound
from workflow.domain.people.directory import Role
from workflow.domain.words import Words
from workflow.storage.audit import AuditEntry
from workflow.storage.cycles.entitlement import check_office, units_of
from workflow.storage.cycles.facts_of_cycles import Routed, load
from workflow.storage.cycles.routing import settle
from workflow.storage.outside import events
from workflow.storage.people.stand_ins import may_act_for
from workflow.storage.post import intents
from workflow.storage.tables import cycle_units, difficulties, difficulty_steps, persons, roles, units

_LIVE = [state.value for state in DifficultyState if not state.is_final]


@dataclass(frozen=True, slots=True)
class Opinion:
    """The committee's opinion: what is to be done, by which unit, until when.

    `seen` is how many steps the form showed, here and below: an act on what has moved on since is refused.
    """

    difficulty_id: int
    seen: int
    text: str
    unit_id: int
    due_on: date


def raise_from(tx: Connection, cycle: Routed, text: str, proposal: str, now: datetime) -> None:
    """Takes up what the cycle's newest submission says of difficulties and proposals.

    A text that is unchanged keeps its record; one that is gone and was not answered yet is withdrawn.
    """
    submission = cycle.facts.current
    assert submission is not None
    said = (words_of(text), words_of(proposal))
    if submission.version == 1 and not any(said):
        return  # nothing can have been raised before, and nothing is now
    standing = tx.execute(
        select(difficulties).where(difficulties.c.cycle_id == cycle.id, difficulties.c.state.in_(_LIVE))
    ).all()
    new_id = None
    is_said_before = False
    for row in standing:
        if said == (words_of(row.text), words_of(row.proposal)):
            is_said_before = True
            _take(tx, cycle, row, Step.RESTATED, submission.person_id, now, version=submission.version)
    if any(said) and not is_said_before:
        new_id = _raised(tx, cycle, text.strip() if said[0] else "", proposal.strip() if said[1] else "", now)
    for row in standing:
        if DifficultyState(row.state) is DifficultyState.OPEN and said != (
            words_of(row.text),
            words_of(row.proposal),
        ):
            _take(tx, cycle, row, Step.WITHDRAWN, submission.person_id, now, replaced_by=new_id)


def _raised(tx: Connection, cycle: Routed, text: str, proposal: str, now: datetime) -> int:
    submission = cycle.facts.current
    assert submission is not None
    row = tx.execute(
        difficulties.insert()
        .values(
            cycle_id=cycle.id,
            version=submission.version,
            unit_id=submission.unit_id,
            text=text,
            proposal=proposal,
            raised_by=submission.person_id,
            raised_at=now,
            state=DifficultyState.OPEN.value,
        )
        .returning(difficulties)
    ).one()
    _take(tx, cycle, row, Step.RAISED, submission.person_id, now, unit=submission.unit_id)
    owing = intents.Recipients(cycle.organisation_id, cycle.period_id, cycle.rules.mail, cycle.calendar)
    chair = cycle.facts.roll.chair
    owing.ask({chair} if chair is not None else cycle.facts.roll.members)
    intents.intend_digests(tx, owing, now)
    if cycle.has_webhooks:
        said = {"id": row.id, "text": text, "proposal": proposal}
        events.difficulty_raised(tx, cycle.id, cycle.organisation_id, said, now)
    return int(row.id)


def answer(tx: Connection, person_id: int, given: Opinion, now: datetime) -> str:
    """Records the opinion of the committee's chair, or of the office for the committee; returns the receipt's
    number. The lead unit and the responsible unit get it in their next mail."""
    cycle, row = _found(tx, given.difficulty_id, given.seen)
    if cycle.facts.roll.chair not in _seats(tx, cycle, person_id, now):
        check_office(tx, person_id, cycle.organisation_id)
    if not given.text.strip():
        raise NotAllowed(Words("Chưa ghi ý kiến."), cure=Words("Ghi rõ việc cần làm vào ô ý kiến."))
    if given.due_on < cycle.calendar.day_of(now):
        raise NotAllowed(Words("Thời hạn giải quyết đã qua."), cure=Words("Chọn một ngày từ hôm nay trở đi."))
    if given.unit_id not in dict(able_units(tx, cycle.organisation_id)):
        raise NotAllowed(
            Words("Đơn vị được giao không có người nhận việc trong danh bạ."),
            cure=Words("Chọn đơn vị trong danh sách."),
        )
    _take(
        tx,
        cycle,
        row,
        Step.ANSWERED,
        person_id,
        now,
        text=given.text.strip(),
        unit=given.unit_id,
        due_on=given.due_on,
    )
    _tell_units(tx, cycle, {given.unit_id}, now)
    return _settled(tx, cycle, now)


def comment(tx: Connection, person_id: int, difficulty_id: int, text: str, now: datetime) -> str:
    """Records a committee member's remark, for whoever gives the committee's opinion."""
    cycle, row = _found(tx, difficulty_id)
    if not _seats(tx, cycle, person_id, now):
        raise NotAllowed(Words("Ông/bà không có trong danh sách tập thể lãnh đạo của kỳ này."))
    if not text.strip():
        raise NotAllowed(Words("Chưa ghi ý kiến."), cure=Words("Ghi vào ô góp ý."))
    _take(tx, cycle, row, Step.COMMENTED, person_id, now, text=text.strip())
    return _settled(tx, cycle, now)


def report_done(
    tx: Connection, person_id: int, difficulty_id: int, seen: int, text: str, now: datetime
) -> str:
    """Records that the responsible unit has done what the opinion asks; it waits for the office to close."""
    cycle, row = _found(tx, difficulty_id, seen)
    if row.responsible_unit_id not in units_of(
        tx, person_id, {cycle.id: cycle}, (row.responsible_unit_id,), now
    ):
        raise NotAllowed(Words("Ông/bà không báo cáo thay cho đơn vị được giao giải quyết."))
    if not text.strip():
        raise NotAllowed(Words("Chưa ghi kết quả giải quyết."), cure=Words("Ghi kết quả vào ô bên dưới."))
    _take(tx, cycle, row, Step.DONE, person_id, now, text=text.strip(), unit=row.responsible_unit_id)
    return _settled(tx, cycle, now)


def close(tx: Connection, person_id: int, difficulty_id: int, seen: int, note: str, now: datetime) -> str:
    """Records that the office ends the difficulty, with a note on how it ended."""
    cycle, row = _found(tx, difficulty_id, seen)
    check_office(tx, person_id, cycle.organisation_id)
    if not note.strip():
        raise NotAllowed(
            Words("Chưa ghi kết quả."), cure=Words("Ghi ngắn gọn việc đã được giải quyết ra sao.")
        )
    _take(tx, cycle, row, Step.CLOSED, person_id, now, text=note.strip())
    _tell_units(tx, cycle, {row.responsible_unit_id} - {None}, now)
    return _settled(tx, cycle, now)


def able_units(tx: Connection, organisation_id: int) -> list[tuple[int, str]]:
    """The units that may be made responsible, with their names: those someone reports for."""
    found = tx.execute(
        select(units.c.id, units.c.name)
        .distinct()
        .join(roles, roles.c.unit_id == units.c.id)
        .join(persons, persons.c.id == roles.c.person_id)
        .where(
            units.c.organisation_id == organisation_id,
            units.c.is_active,
            roles.c.role == Role.REPORTER.value,
            persons.c.is_active,
        )
        .order_by(units.c.name)
    )
    return [(row.id, row.name) for row in found]


def _found(tx: Connection, difficulty_id: int, seen: int | None = None) -> tuple[Routed, Any]:
    """The difficulty with its cycle, which is locked until the transaction ends."""
    cycle_id = tx.scalar(select(difficulties.c.cycle_id).where(difficulties.c.id == difficulty_id))
    if cycle_id is None:
        raise NotFound(Words("Không có khó khăn, vướng mắc này."))
    cycle = load(tx, [cycle_id])[cycle_id]
    row = tx.execute(select(difficulties).where(difficulties.c.id == difficulty_id)).one()
    if seen is not None and seen != _count(tx, difficulty_id):
        raise Conflict(
            Words("Vừa có người cập nhật việc này."), cure=Words("Xin xem lại bên dưới rồi ghi tiếp.")
        )
    return cycle, row


def _count(tx: Connection, difficulty_id: int) -> int:
    return tx.scalar(select(func.count()).where(difficulty_steps.c.difficulty_id == difficulty_id)) or 0


def _take(
    tx: Connection,
    cycle: Routed,
    row: Any,
    step: Step,
    person_id: int,
    now: datetime,
    *,
    text: str = "",
    unit: int | None = None,
    due_on: date | None = None,
    version: int | None = None,
    replaced_by: int | None = None,
) -> None:
    """Adds the step, sets the row to what it amounts to, and puts the act on the cycle's record."""
    state = DifficultyState.OPEN if step is Step.RAISED else after(DifficultyState(row.state), step)
    if state is None:
        raise Conflict(
            Words("Việc này không còn ở bước đó: “%(label)s”.", label=DifficultyState(row.state).label)
        )
    changes: dict[str, Any] = {"state": state.value}
    match step:
        case Step.RESTATED:
            changes["version"] = version
        case Step.WITHDRAWN:
            changes["replaced_by"] = replaced_by
        case Step.ANSWERED:
            changes |= {"opinion": text, "responsible_unit_id": unit, "due_on": due_on, "done_at": None}
            changes |= {"opined_by": person_id, "opined_at": now}
        case Step.DONE:
            changes["done_at"] = now
        case Step.CLOSED:
            changes |= {"closed_at": now, "closing_note": text}
    values = {
        "unit": unit,
        "due_on": due_on.isoformat() if due_on else None,
        "version": version,
        "replaced_by": replaced_by,
    }
    details = {name: value for name, value in values.items() if value is not None}
    tx.execute(
        difficulty_steps.insert().values(
            difficulty_id=row.id,
            number=_count(tx, row.id) + 1,
            step=step.value,
            person_id=person_id,
            text=text,
            details=details,
            at=now,
        )
    )
    tx.execute(update(difficulties).where(difficulties.c.id == row.id).values(**changes))
    about: dict[str, Any] = {"difficulty": row.id} | details
    if step is Step.RAISED:
        about |= {"text": row.text, "proposal": row.proposal}
    elif text:
        about["reason"] = text
    cycle.entries.append(AuditEntry(f"difficulty-{step.value}", person_id, about))


def _tell_units(tx: Connection, cycle: Routed, responsible: set[int], now: datetime) -> None:
    """Intends a digest for the lead units and the responsible one."""
    owing = intents.Recipients(cycle.organisation_id, cycle.period_id, cycle.rules.mail, cycle.calendar)
    leads = select(cycle_units.c.unit_id).where(
        cycle_units.c.cycle_id == cycle.id, cycle_units.c.role == "lead"
    )
    owing.units |= responsible | set(tx.scalars(leads))
    intents.intend_digests(tx, owing, now)


def _settled(tx: Connection, cycle: Routed, now: datetime) -> str:
    settle(tx, [cycle], now)
    return cycle.audit_hash[:8].upper()


def _seats(tx: Connection, cycle: Routed, person_id: int, now: datetime) -> set[int]:
    """The committee's members in whose place the person speaks: themselves, and those they stand in for."""
    away = may_act_for(tx, person_id, cycle.calendar.day_of(now))
    return {person_id, *(one for one, votes in away.items() if votes)} & cycle.facts.roll.members
