"""The directory's entries and what was done to them in words: values of fields, two versions side by side,
the history of one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from typing import Any, TypeVar

from workflow.domain.people.directory import BodyKind, Role
from workflow.domain.people.directory_difference import LABELS
from workflow.domain.vietnamese import day
from workflow.domain.words import Words
from workflow.storage.people.entries import PersonEntry, Staff, UnitEntry
from workflow.storage.people.history import (
    ADDRESS_MENDED,
    LINKS_REVOKED,
    OFFICE_LINK_MADE,
    PERSON_ADDED,
    PERSON_CHANGED,
    PERSON_EXPORTED,
    PERSON_FORGOTTEN,
    SUBSTITUTED,
    SUBSTITUTION_ENDED,
    UNIT_ADDED,
    UNIT_CHANGED,
    Happening,
)

E = TypeVar("E", UnitEntry, PersonEntry)

LABELS_HERE: Mapping[str, str] = {**LABELS, "is_active": Words("Trong danh bạ")}
_NOTHING = Words("(trống)")
_SETS = ("roles", "members", "aliases")


@dataclass(frozen=True, slots=True)
class FieldClash:
    """A field that another person changed meanwhile: as it was seen, as it is now, as it was typed."""

    label: str
    seen: str
    kept: str
    typed: str


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """One happening of a history, with the fields that changed: label, before, after."""

    at: datetime
    by: str
    what: str
    changes: tuple[tuple[str, str, str], ...] = ()


def merged(seen: E, kept: E, typed: E) -> E:
    """The typed fields merged into the current entry: an unchanged field takes what another person wrote
    meanwhile."""
    return replace(
        typed,
        **{
            name: _merged(*(getattr(one, name) for one in (seen, kept, typed)), is_set=name in _SETS)
            for name in (field.name for field in fields(typed))
        },
    )


def _merged(seen: Any, kept: Any, typed: Any, *, is_set: bool) -> Any:
    if not is_set:
        return kept if typed == seen else typed
    stays = [one for one in kept if one in typed or one not in seen]
    return (*stays, *(one for one in typed if one not in seen and one not in kept))


def clashes(seen: E, kept: E, typed: E, staff: Staff) -> list[FieldClash]:
    """The fields that another person changed, each in its three versions."""
    return [
        FieldClash(LABELS_HERE[name], *(said(name, getattr(one, name), staff) for one in (seen, kept, typed)))
        for name in (field.name for field in fields(typed))
        if getattr(seen, name) != getattr(kept, name)
    ]


def said(name: str, value: Any, staff: Staff) -> str:
    """A field's value as it is read; of an entry, or as the log keeps it."""
    if isinstance(value, bool):
        return Words("có") if value else Words("không")
    if not value:
        return _NOTHING
    match name:
        case "roles":
            return "; ".join(f"{_unit(unit, staff)}: {Role(role).label.lower()}" for unit, role in value)
        case "members":
            return "; ".join(_unit(unit, staff) for unit in value)
        case "aliases":
            return "; ".join(value)
        case "body":
            return BodyKind(value).label
    return str(value)


def history_lines(happenings: Sequence[Happening], staff: Staff) -> list[HistoryLine]:
    """The lines of a history, in words."""
    return [
        HistoryLine(one.at, one.by, _what(one, staff), tuple(_changes(one.details, staff)))
        for one in happenings
    ]


def _what(one: Happening, staff: Staff) -> str:
    turn = one.details.get("changes", {}).get("is_active")
    match one.verb:
        case verb if verb == UNIT_ADDED:
            return Words("Thêm đơn vị")
        case verb if verb == PERSON_ADDED:
            return Words("Thêm vào danh bạ")
        case verb if verb == UNIT_CHANGED and turn:
            return Words("Dùng lại đơn vị") if turn[1] else Words("Thôi dùng đơn vị")
        case verb if verb == PERSON_CHANGED and turn:
            return Words("Đưa trở lại danh bạ") if turn[1] else Words("Đưa ra khỏi danh bạ")
        case verb if verb in (UNIT_CHANGED, PERSON_CHANGED):
            return Words("Sửa")
        case verb if verb == ADDRESS_MENDED:
            return Words("Sửa địa chỉ thư")
        case verb if verb == LINKS_REVOKED:
            number = len(one.details.get("links", ()))
            if one.details.get("period") is None:
                return Words("Thu hồi %(n)s đường dẫn, ở mọi kỳ", n=number)
            return Words("Thu hồi %(n)s đường dẫn", n=number)
        case verb if verb == OFFICE_LINK_MADE:
            who = one.details.get("asked-by", "?")
            return Words("Lấy đường dẫn đăng nhập tại máy chủ, theo lệnh của %(who)s", who=who)
        case verb if verb == PERSON_FORGOTTEN:
            return Words("Xóa dữ liệu cá nhân")
        case verb if verb == PERSON_EXPORTED:
            return Words("Xuất dữ liệu cá nhân")
        case verb if verb == SUBSTITUTED:
            return _substituted(one.details, staff)
        case verb if verb == SUBSTITUTION_ENDED:
            return Words("Kết thúc lần thay")
    return one.verb


def _substituted(details: Mapping[str, Any], staff: Staff) -> str:
    names = {
        who: staff.persons[details[who]].name if details[who] in staff.persons else "?"
        for who in ("person", "substitute")
    }
    days = {name: day(date.fromisoformat(details[name])) for name in ("from", "to")}
    if details.get("votes"):
        return Words("%(substitute)s thay %(person)s từ %(from)s đến %(to)s, cả biểu quyết", **names, **days)
    return Words("%(substitute)s thay %(person)s từ %(from)s đến %(to)s", **names, **days)


def _changes(details: Mapping[str, Any], staff: Staff) -> list[tuple[str, str, str]]:
    if "from" in details and "substitute" not in details:
        return [(LABELS["email"], details["from"], details["to"])]
    return [
        (LABELS_HERE[name], said(name, before, staff), said(name, after, staff))
        for name, (before, after) in details.get("changes", {}).items()
        if name != "is_active" and name in LABELS_HERE
    ]


def _unit(unit_id: int, staff: Staff) -> str:
    return staff.units[unit_id].name if unit_id in staff.units else "?"
