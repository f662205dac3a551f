"""Who works on a plan: units with their aliases and groups, and the persons who answer for them.

Matching a name in a table cell to a unit is `workflow.importing.cells.matching`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from workflow.domain.people.organisations import OrganisationKind
from workflow.domain.words import Words

UNIT_ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")


class Role(StrEnum):
    """What a person may do for a unit."""

    REPORTER = "reporter"
    """Submits and confirms for the unit."""
    MEMBER = "member"
    """Votes: a member of the committee."""
    CHAIR = "chair"
    """Votes, and presides over the committee."""
    OFFICE = "office"
    """Runs the deployment: opens periods, urges, closes."""
    VIEWER = "viewer"
    """Reads the office's pages and changes nothing there: a leader, an inspector."""
    HEAD = "head"
    """Heads the unit: notified when work the unit owes is late."""
    INSPECTOR = "inspector"
    """A member of the inspection committee: receives work that is long or repeatedly overdue."""
    RECIPIENT = "recipient"
    """Receives the reports."""

    @property
    def label(self) -> Words:
        """The role in Vietnamese."""
        return _LABELS[self]


_LABELS = {
    Role.REPORTER: Words("Báo cáo, xác nhận"),
    Role.MEMBER: Words("Biểu quyết"),
    Role.CHAIR: Words("Chủ trì biểu quyết"),
    Role.OFFICE: Words("Điều hành kỳ báo cáo"),
    Role.VIEWER: Words("Xem trang của văn phòng"),
    Role.HEAD: Words("Người đứng đầu đơn vị"),
    Role.INSPECTOR: Words("Kiểm tra, giám sát"),
    Role.RECIPIENT: Words("Nhận báo cáo tổng hợp"),
}


class BodyKind(StrEnum):
    """What a voting body is for, where the rules do not name the body themselves."""

    COMMITTEE = "committee"
    """Decides on items and on the period's report: a standing committee, a people's committee."""
    COUNCIL = "council"
    """The emulation council: decides on scores and commendations."""

    @property
    def label(self) -> Words:
        """The kind in Vietnamese."""
        return _BODY_LABELS[self]


_BODY_LABELS = {
    BodyKind.COMMITTEE: Words("Ban biểu quyết"),
    BodyKind.COUNCIL: Words("Hội đồng thi đua"),
}


@dataclass(frozen=True, slots=True)
class Unit:
    """A lead or coordinating body. A group (`members` not empty) stands for all its member units.

    `is_committee`: it votes, as the body of that kind.
    """

    id: str
    name: str
    aliases: tuple[str, ...] = ()
    members: tuple[str, ...] = ()
    is_committee: bool = False
    cluster: str = ""
    """The emulation cluster (cụm thi đua) the unit is ranked in; empty for the common one."""
    body: BodyKind = BodyKind.COMMITTEE
    """What it is for where it votes (`is_committee`); says nothing of a unit that does not."""

    @property
    def is_group(self) -> bool:
        """Whether the unit only stands for others."""
        return bool(self.members)


@dataclass(frozen=True, slots=True)
class Person:
    """Someone who gets mail. `roles` maps a unit's id to what the person may do for it."""

    name: str
    email: str
    title: str = ""
    roles: tuple[tuple[str, Role], ...] = ()


@dataclass(frozen=True, slots=True)
class Directory:
    """An organisation's units and persons."""

    organisation: str
    units: tuple[Unit, ...] = ()
    persons: tuple[Person, ...] = ()
    kind: OrganisationKind | None = field(default=None, compare=False)
    """What the organisation is, where that is said; no part of what changes between two directories."""

    def unit(self, unit_id: str) -> Unit | None:
        """The unit of that id."""
        return next((unit for unit in self.units if unit.id == unit_id), None)

    def expanded(self, unit_ids: Iterable[str]) -> tuple[str, ...]:
        """The ids with each group replaced by its members, in order, each once."""
        found: dict[str, None] = {}
        waiting = list(unit_ids)
        seen: set[str] = set()
        while waiting:
            unit_id = waiting.pop(0)
            if unit_id in seen:
                continue
            seen.add(unit_id)
            unit = self.unit(unit_id)
            if unit and unit.is_group:
                waiting[:0] = unit.members
            elif unit:
                found[unit_id] = None
        return tuple(found)


def reached(directory: Directory, group: Unit) -> set[str]:
    """All ids below a group, through groups within it."""
    reached: set[str] = set()
    waiting = list(group.members)
    while waiting:
        unit_id = waiting.pop()
        if unit_id not in reached:
            reached.add(unit_id)
            unit = directory.unit(unit_id)
            waiting += unit.members if unit else ()
    return reached
