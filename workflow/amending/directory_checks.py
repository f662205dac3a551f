"""Validates entries of the directory; errors are returned by the field of the form they were typed into."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from workflow.domain.addresses import EMAIL
from workflow.domain.errors import TiendoError
from workflow.domain.people.directory import Role
from workflow.domain.vietnamese import fold
from workflow.domain.words import Words
from workflow.storage.access.mended_addresses import check_address
from workflow.storage.people.entries import PersonEntry, Staff, UnitEntry


@dataclass(frozen=True, slots=True)
class Complaint:
    """An error in a typed field, and the cure."""

    field: str
    what: str
    cure: str = ""


class Unfit(TiendoError):
    """An invalid unit, person or file; `complaints` lists all errors."""

    def __init__(self, complaints: Sequence[Complaint]) -> None:
        self.complaints = tuple(complaints)
        super().__init__(complaints[0].what, cure=complaints[0].cure)


def unit_complaints(before: Staff, typed: UnitEntry) -> Iterator[Complaint]:
    """The errors of a unit as typed."""
    if not typed.name:
        yield Complaint("name", Words("Chưa ghi tên đơn vị."), Words("Ghi tên đầy đủ của đơn vị."))
    bearers = {
        fold(name): unit
        for unit in before.units.values()
        if unit.id != typed.id and typed.is_active
        for name in (unit.name, *unit.aliases)
        if unit.is_active or name == unit.name
    }
    for field, name in (("name", typed.name), *(("aliases", alias) for alias in typed.aliases)):
        if other := bearers.get(fold(name)):
            what = Words("“%(name)s” đã là tên của %(other)s.", name=name, other=other.name)
            cure = Words("Mỗi tên chỉ để ở một đơn vị: ghi tên khác, hoặc bỏ tên ấy ở đơn vị kia.")
            if not other.is_active:
                cure = Words("Đơn vị ấy đã thôi dùng: mở trang của nó và dùng lại, thay vì thêm mới.")
            yield Complaint(field, what, cure)
    after = before.having(typed)
    for member in typed.members:
        if typed.id in _below(after, member, set()) or member == typed.id:
            name = before.units[member].name
            what = Words("Nhóm này chứa chính nó, qua %(name)s.", name=name)
            yield Complaint("members", what, Words("Bỏ đơn vị ấy khỏi các thành viên của nhóm."))
    was_committee = any(unit.is_committee and unit.is_active for unit in before.units.values())
    if was_committee and not any(unit.is_committee and unit.is_active for unit in after.units.values()):
        what = Words("Đây là ban biểu quyết duy nhất.")
        yield Complaint("is_committee", what, Words("Đặt một đơn vị khác làm ban biểu quyết trước."))
    yield from _office_complaints(before, after)


def person_complaints(
    tx: Connection, organisation_id: int, editor_id: int, before: Staff, typed: PersonEntry
) -> Iterator[Complaint]:
    """The errors of a person as typed."""
    if not typed.name:
        yield Complaint("name", Words("Chưa ghi họ và tên."), Words("Ghi họ và tên đầy đủ."))
    yield from _address_complaints(tx, organisation_id, typed)
    held = before.persons[typed.id].roles if typed.id in before.persons else ()
    for unit_id, role in typed.roles:
        if (unit_id, role) in held:
            continue
        unit = before.units.get(unit_id)
        if unit is None or not unit.is_active:
            cure = Words("Chọn đơn vị trong danh sách.")
            yield Complaint("roles", Words("Có đơn vị không còn trong danh bạ."), cure)
        elif role in (Role.MEMBER, Role.CHAIR) and not unit.is_committee:
            what = Words(
                "%(unit)s không phải ban biểu quyết nên không có vai trò “%(role)s”.",
                unit=unit.name,
                role=role.label,
            )
            cure = Words("Chọn ban biểu quyết, hoặc đánh dấu đơn vị ấy là ban biểu quyết trước.")
            yield Complaint("roles", what, cure)
    after = before.having(replace(typed, id=typed.id or -1))
    yield from _committee_complaints(before, after)
    own = before.persons[editor_id]
    if typed.id == own.id and not typed.is_active:
        what = Words("Anh/chị không tự đưa chính mình ra khỏi danh bạ.")
        yield Complaint("roles", what, Words("Người khác của Văn phòng làm việc này."))
    elif typed.id == own.id and not _is_office(typed):
        what = Words("Anh/chị không tự bỏ vai trò điều hành của chính mình.")
        yield Complaint("roles", what, Words("Giao vai trò ấy cho người khác, rồi người ấy bỏ giúp."))
    else:
        yield from _office_complaints(before, after)


def _address_complaints(tx: Connection, organisation_id: int, typed: PersonEntry) -> Iterator[Complaint]:
    if not EMAIL.fullmatch(typed.email):
        what = Words("“%(email)s” không phải là một địa chỉ thư.", email=typed.email)
        if not typed.email:
            what = Words("Chưa ghi địa chỉ thư.")
        yield Complaint("email", what, Words("Viết như ten@donvi.vn."))
        return
    try:
        check_address(tx, organisation_id, typed.id, typed.email)
    except TiendoError as error:
        yield Complaint("email", error.what, error.cure)


def _committee_complaints(before: Staff, after: Staff) -> Iterator[Complaint]:
    """A committee keeps its last member, and has one chair."""
    for unit in after.units.values():
        if not unit.is_committee or not unit.is_active:
            continue
        had, has = (staff.holders(unit.id, Role.MEMBER, Role.CHAIR) for staff in (before, after))
        if had and not has:
            what = Words("%(unit)s sẽ không còn thành viên nào.", unit=unit.name)
            yield Complaint("roles", what, Words("Ghi thành viên khác cho ban biểu quyết trước."))
        chairs = after.holders(unit.id, Role.CHAIR)
        if len(chairs) > 1 and len(before.holders(unit.id, Role.CHAIR)) < 2:
            one = before.holders(unit.id, Role.CHAIR)
            name = one[0].name if one else chairs[0].name
            what = Words("%(unit)s đã có người chủ trì: %(name)s.", unit=unit.name, name=name)
            yield Complaint(
                "roles", what, Words("Mỗi ban một người chủ trì: đổi vai trò của người kia trước.")
            )


def _office_complaints(before: Staff, after: Staff) -> Iterator[Complaint]:
    if any(map(_is_office, before.persons.values())) and not any(map(_is_office, after.persons.values())):
        what = Words("Đây là người điều hành cuối cùng: sẽ không còn ai vào được trang của Văn phòng.")
        yield Complaint("roles", what, Words("Giao vai trò “Điều hành kỳ báo cáo” cho người khác trước."))


def _is_office(person: PersonEntry) -> bool:
    return person.is_active and any(role is Role.OFFICE for _, role in person.roles)


def _below(staff: Staff, unit_id: int, seen: set[int]) -> set[int]:
    """All units below a group, through groups within it."""
    for member in staff.units[unit_id].members if unit_id in staff.units else ():
        if member not in seen:
            seen.add(member)
            _below(staff, member, seen)
    return seen
