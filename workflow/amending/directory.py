"""Changing the directory: one unit or person at a time, or a whole file; and what follows from it. What is
refused is decided by `directory_checks`.

The pages come through here. A preview is the real change in a transaction that is rolled back, so it
can't differ. Open cycles are updated as they are when a plan is loaded.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, TypeVar

from sqlalchemy import Connection

from workflow.amending.directory_checks import Complaint, Unfit, person_complaints, unit_complaints
from workflow.domain.errors import Conflict, NotFound
from workflow.domain.people.directory import Directory, Role
from workflow.domain.people.directory_difference import DirectoryDifference, directory_difference
from workflow.domain.words import Words
from workflow.storage.access.leaving import OpenDuties, Released, owed_by, owing_units, release
from workflow.storage.access.taking_away import Reach, take_away
from workflow.storage.amending.cycle_changes import Consequence
from workflow.storage.amending.plan_changes import follow_directory
from workflow.storage.audit import AuditEntry, record
from workflow.storage.cycles.entitlement import check_office
from workflow.storage.people.directory import load_directory, save_directory
from workflow.storage.people.entries import (
    PersonEntry,
    Staff,
    UnitEntry,
    hold,
    staff_of,
    write_person,
    write_unit,
)
from workflow.storage.people.groups import organisation_calendar
from workflow.storage.people.history import (
    FILE_ACCEPTED,
    PERSON_ADDED,
    PERSON_CHANGED,
    UNIT_ADDED,
    UNIT_CHANGED,
    changes_between,
    entries_between,
)
from workflow.storage.people.stand_ins import receivers
from workflow.storage.periods.watched import watched_period
from workflow.storage.personal.forgetting import is_forgotten
from workflow.storage.post import intents
from workflow.storage.private_values import sealed

E = TypeVar("E", UnitEntry, PersonEntry)


@dataclass(frozen=True, slots=True)
class Editor:
    """Who of the office changes the directory of which organisation, and when."""

    organisation_id: int
    person_id: int
    now: datetime

    def today(self, tx: Connection) -> date:
        """The day by the organisation's calendar."""
        return organisation_calendar(tx, self.organisation_id).day_of(self.now)


class Stale(Conflict):
    """Someone changed the entry after the page was opened."""

    def __init__(self, name: str) -> None:
        super().__init__(
            Words("%(name)s vừa được người khác sửa, nên chưa ghi gì.", name=name),
            cure=Words("Mở lại trang, xem phần vừa đổi rồi làm lại."),
        )


@dataclass(frozen=True, slots=True)
class Effects:
    """The consequences of a change beyond the entry itself: cycles with other people in charge, units left
    without a reporter, what people who leave owed, and what they lose."""

    cycles: tuple[Consequence, ...] = ()
    bare: tuple[str, ...] = ()
    owed: OpenDuties = field(default_factory=OpenDuties)
    released: Released = field(default_factory=Released)
    roles: tuple[tuple[str, int, Role], ...] = ()
    """Roles that go with a unit: the person, the unit, the role."""

    @property
    def is_to_be_seen(self) -> bool:
        """Whether the office is to look at them before they come about."""
        return bool(self.cycles or self.bare)


@dataclass(frozen=True, slots=True)
class Done:
    """An entry that was written, and what followed; `ended` is how many links a new address ended, None where
    the address is the same or they stay valid."""

    id: int
    effects: Effects
    ended: int | None = None


def put_unit(tx: Connection, editor: Editor, seen: UnitEntry, typed: UnitEntry) -> Done:
    """Writes a unit as typed over the one that was `seen`, or as a new one where its id is 0.

    Raises Stale where the entry has changed since it was seen, Unfit where it is invalid.
    """
    before = _held(tx, editor)
    _check_seen(before.units, seen)
    if complaints := list(unit_complaints(before, typed)):
        raise Unfit(complaints)
    unit_id = write_unit(tx, editor.organisation_id, typed)
    details: dict[str, Any] = {"unit": unit_id, "changes": changes_between(seen, typed)}
    roles: tuple[tuple[str, int, Role], ...] = ()
    if seen.is_active and not typed.is_active:
        roles = tuple(
            (person.name, unit, role)
            for person in before.persons.values()
            for unit, role in person.roles
            if unit == unit_id
        )
        details["roles"] = [[name, role.value] for name, _, role in roles]
    effects = _followed(tx, editor, before)
    verb = UNIT_CHANGED if seen.id else UNIT_ADDED
    record(tx, editor.organisation_id, editor.now, AuditEntry(verb, editor.person_id, details))
    return Done(unit_id, replace(effects, roles=roles))


def put_person(
    tx: Connection,
    editor: Editor,
    seen: PersonEntry,
    typed: PersonEntry,
    *,
    ends_links: bool = True,
    period_id: int | None = None,
    but_link: int = 0,
) -> Done:
    """Writes a person as typed over the one that was `seen`, or as a new one where the id is 0. A person who
    leaves loses roles, links and absences.

    Where the address changes, every link of the person ends, of whatever period, but for `but_link`, and new
    ones are mailed to the new address; unless `ends_links` says otherwise. `period_id` is the period whose
    work they are mailed about where no link was valid.

    Raises Stale where the entry has changed since it was seen, Unfit where it is invalid.
    """
    before = _held(tx, editor)
    _check_seen(before.persons, seen)
    if is_forgotten(seen.email):
        what = Words("Dữ liệu cá nhân của người này đã xóa nên không sửa, không đưa trở lại được.")
        raise Unfit([Complaint("email", what, Words("Thêm vào danh bạ như người mới."))])
    is_leaving = seen.is_active and not typed.is_active
    typed = replace(typed, roles=() if is_leaving else tuple(sorted(set(typed.roles))))
    complaints = list(person_complaints(tx, editor.organisation_id, editor.person_id, before, typed))
    if complaints:
        raise Unfit(complaints)
    owed = owed_by(tx, editor.organisation_id, seen.id) if is_leaving else OpenDuties()
    person_id = write_person(tx, editor.organisation_id, typed)
    effects = _followed(tx, editor, before)
    changes = changes_between(seen, typed)
    if "email" in changes:
        changes["email"] = [sealed(tx, person_id, one) for one in changes["email"]]
    details = {"person": person_id, "changes": changes}
    verb = PERSON_CHANGED if seen.id else PERSON_ADDED
    record(tx, editor.organisation_id, editor.now, AuditEntry(verb, editor.person_id, details))
    # Also of one who comes back: a link they had before must not come back with them.
    has_turned = bool(seen.id) and seen.is_active != typed.is_active
    released = _released(tx, editor, [person_id]) if has_turned else Released()
    gained = {unit for unit, role in set(typed.roles) - set(seen.roles) if role is Role.REPORTER}
    _tell(tx, editor, person_id, gained)
    ended = None
    if seen.id and typed.email != seen.email and ends_links:
        ended = take_away(
            tx,
            editor.person_id,
            editor.organisation_id,
            person_id,
            editor.now,
            reach=Reach(but=but_link),
            sends_new=typed.is_active,
            period_id=period_id,
        )
    return Done(person_id, replace(effects, owed=owed, released=released), ended)


@dataclass(frozen=True, slots=True)
class FileLook:
    """What a directory file changes: units by id and persons by address, and what follows."""

    difference: DirectoryDifference
    effects: Effects

    @property
    def sha256(self) -> str:
        """A hash of the difference: another value means that the difference has changed."""
        return hashlib.sha256(repr(self.difference).encode()).hexdigest()


def put_file(
    tx: Connection,
    editor: Editor,
    directory: Directory,
    name: str = "",
    seen: str = "",
) -> FileLook:
    """Changes the directory to what a file says. Raises Conflict where the difference is no longer the one
    that was `seen` (`FileLook.sha256`), Unfit where the file removes the person who accepts it."""
    before = _held(tx, editor)
    difference = directory_difference(load_directory(tx, editor.organisation_id), directory)
    look = FileLook(difference, Effects())
    if seen and seen != look.sha256:
        raise Conflict(
            Words("Danh bạ vừa thay đổi sau khi tệp được đối chiếu, nên chưa ghi gì."),
            cure=Words("Tải tệp lên lại và xem phần khác nhau."),
        )
    own = before.persons[editor.person_id].email.lower()
    if own not in _offices(directory):
        what = Words("Tệp không có chính anh/chị (%(email)s) với vai trò điều hành.", email=own)
        cure = Words("Thêm dòng của anh/chị với vai trò “Điều hành kỳ báo cáo” rồi tải lên lại.")
        raise Unfit([Complaint("file", what, cure)])
    if difference.is_empty:
        return look
    save_directory(tx, directory)
    after = staff_of(tx, editor.organisation_id)
    effects = _followed(tx, editor, before)
    record(
        tx,
        editor.organisation_id,
        editor.now,
        AuditEntry(FILE_ACCEPTED, editor.person_id, {"file": name}),
        *entries_between(before, after, editor.person_id),
    )
    gone = [key for key, one in before.persons.items() if one.is_active and not after.persons[key].is_active]
    released = _released(tx, editor, gone) if gone else Released()
    effects = _followed(tx, editor, before)
    for key, person in after.persons.items():
        was = before.persons[key].roles if key in before.persons else ()
        _tell(tx, editor, key, {unit for unit, role in set(person.roles) - set(was) if role is Role.REPORTER})
    return replace(look, effects=replace(effects, released=released))


def _offices(directory: Directory) -> set[str]:
    """The addresses of those who run the office, in small letters."""
    return {
        person.email.lower()
        for person in directory.persons
        if any(role is Role.OFFICE for _, role in person.roles)
    }


def _held(tx: Connection, editor: Editor) -> Staff:
    hold(tx, editor.organisation_id)
    check_office(tx, editor.person_id, editor.organisation_id)
    return staff_of(tx, editor.organisation_id)


def _check_seen(kept: dict[int, E], seen: E) -> None:
    if not seen.id:
        return
    now = kept.get(seen.id)
    if now is None:
        raise NotFound(Words("Không có mục này trong danh bạ."))
    if now != seen:
        raise Stale(now.name)


def _released(tx: Connection, editor: Editor, gone: Collection[int]) -> Released:
    today = editor.today(tx)
    return release(tx, editor.organisation_id, gone, today, editor.now, editor.person_id)


def _followed(tx: Connection, editor: Editor, before: Staff) -> Effects:
    """Updates open cycles where units, groups or the units with a reporter have changed."""
    after = staff_of(tx, editor.organisation_id)
    bare = before.reported() - after.reported()
    names = tuple(after.units[unit].name for unit in sorted(bare) if after.units[unit].is_active)
    if before.reported() == after.reported() and _groups(before) == _groups(after):
        return Effects()
    return Effects(follow_directory(tx, editor.organisation_id, editor.now), names)


def _groups(staff: Staff) -> dict[int, tuple[int, ...]]:
    return {key: unit.members for key, unit in staff.units.items() if unit.members}


def _tell(tx: Connection, editor: Editor, person_id: int, unit_ids: Collection[int]) -> None:
    """Puts a digest into the outbox for a person who now reports for units that owe something."""
    if not unit_ids:
        return
    for period_id in sorted({one for found in owing_units(tx, unit_ids).values() for one in found}):
        period = watched_period(tx, period_id, editor.now)
        owing = period.owing()
        owing.persons |= receivers(tx, period.today, [person_id])
        intents.intend_digests(tx, owing, editor.now)
