"""A first directory made from a plan when the office has none yet.

Lead bodies all get in, for each item must have someone to write to; of the coordinating bodies those that
can be written to, not `các đơn vị liên quan`. Addresses end in `.example`: the office replaces them.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from workflow.domain.people.directory import Directory, Person, Role, Unit
from workflow.domain.people.organisations import proposed_kind
from workflow.domain.plans.plan import PlanItem, PlanPart
from workflow.importing.cells.spellings import settle_spellings
from workflow.importing.cells.vocabulary import UnitKey, unit_key, unqualified
from workflow.importing.folding import fold

COMMITTEE_ID = "ban-bieu-quyet"
OFFICE_ID = "van-phong"
MOST_MEMBERS = 200
"""A group stated larger than this is a slip of reading: `2023 tổ dân phố`."""

_BODY = re.compile(
    r"(?:ubnd|hdnd|mttq|cong an|ban|bcd|bql|bch|hoi|chi hoi|chi doan|chi bo|doan tn|doan the|dang uy"
    r"|tdp|thon|ap|kdc|tram|tt|truong|htx|clb|phong|van phong|khoi|to|doi|bp|cong chuc|thanh tra|so"
    r"|chi cuc|vhtt|vhxh)\b"
)
_SENIORITY = (r"bi thu", r"chu tich", r"pho bi thu|pho chu tich", r"uy vien|truong")


@dataclass(slots=True)
class _Body:
    """One body of the plan: its printed name, its largest number or count, and whether it leads."""

    key: UnitKey
    names: Counter[str] = field(default_factory=Counter)
    leads: bool = False


def propose_directory(items: Sequence[PlanItem], organisation: str) -> Directory:
    """A directory in which every lead unit of the items has someone to write to.

    Units come with one reporter each, groups with their numbered members, the plan's leaders as the
    committee `ban-bieu-quyet` (the most senior by title presides, else the first), and an
    office that runs the periods and receives the reports.
    """
    domain = f"{_slug(organisation) or 'don-vi'}.example"
    units = list(_units(list(_bodies(items, unit_key(f"_ {organisation}").level))))
    taken = {unit.id for unit in units}
    decides = proposed_kind(organisation).words.decides
    name = decides if fold(organisation).startswith(fold(decides)) else f"{decides} {organisation}"
    units.append(Unit(COMMITTEE_ID, str(name), is_committee=True))
    if OFFICE_ID not in taken:
        units.append(Unit(OFFICE_ID, f"Văn phòng {organisation}"))
    persons = [
        Person(f"Đầu mối {unit.name}", f"{unit.id}@{domain}", "Người báo cáo", ((unit.id, Role.REPORTER),))
        for unit in units
        if not unit.is_group and not unit.is_committee
    ]
    return Directory(organisation, tuple(units), (*_committee(items, domain), *persons, _office(domain)))


def _parts(items: Iterable[PlanItem]) -> Iterator[PlanPart]:
    for item in items:
        yield item
        yield from item.parts


# --- units ------------------------------------------------------------------------------------------


def _bodies(items: Iterable[PlanItem], own_level: str) -> Iterator[_Body]:
    found: dict[tuple[str, int | None, str], _Body] = {}
    for part in _parts(items):
        for names, leads in ((part.lead_units, True), (part.coordinating_units, False)):
            for name in names:
                key = unit_key(name)
                outside = own_level and key.level not in ("", own_level)
                if not leads and (outside or key.is_vague or not _BODY.match(key.stem)):
                    continue
                level = key.level if outside else ""
                body = found.setdefault((key.stem, key.number, level), _Body(replace(key, level=level)))
                body.names[name] += 1
                body.leads |= leads
                body.key = replace(
                    body.key,
                    is_plural=body.key.is_plural or key.is_plural,
                    count=max(body.key.count or 0, key.count or 0) or None,
                )
    yield from found.values()


def _units(bodies: Sequence[_Body]) -> Iterator[Unit]:
    """The bodies as units, in the plan's order, a group after its members."""
    numbered: dict[str, dict[int, _Body]] = {}
    for body in bodies:
        if body.key.number is not None:
            numbered.setdefault(body.key.stem, {})[body.key.number] = body
    ids: set[str] = set()
    for body in bodies:
        if body.key.number is not None:
            continue
        members = _members(body, numbered.pop(body.key.stem, {}))
        yield from members
        ids.update(member.id for member in members)
        yield _unit(replace(body.key, is_plural=body.key.is_plural or bool(members)), body, ids, members)
    for stem in numbered.values():
        for number in sorted(stem):
            yield _unit(stem[number].key, stem[number], ids)


def _members(group: _Body, seen: dict[int, _Body]) -> list[Unit]:
    """The numbered members of a group: those printed, and with a stated count all up to it."""
    stated = group.key.count or 0
    if not seen and not (stated > 1 and group.key.stem in {"tdp", "thon", "ap", "kdc"}):
        return []
    numbers = set(seen)
    if group.key.stem in {"tdp", "thon", "ap", "kdc"}:
        numbers |= set(range(1, min(max(stated, *seen, 0), MOST_MEMBERS) + 1))
    common = next((name for body in seen.values() for name in body.names), "")
    stem = re.sub(r"\s*\d+\D*$", "", common) or {"tdp": "Tổ dân phố số", "thon": "Thôn"}.get(
        group.key.stem, "Tổ số"
    )
    stem = stem[0].upper() + stem[1:]
    key = replace(group.key, count=None)
    return [Unit(replace(key, number=number).slug, f"{stem} {number}") for number in sorted(numbers)]


def _unit(key: UnitKey, body: _Body, ids: set[str], members: Sequence[Unit] = ()) -> Unit:
    name = unqualified(max(body.names, key=lambda printed: (body.names[printed], len(printed))))
    others = {fold(bare): bare for bare in map(unqualified, body.names) if fold(bare) != fold(name)}
    unit_id = base = "-".join(part for part in (key.slug or "don-vi", _slug(key.level)) if part)
    unit_id = f"{base}-2" if unit_id in ids | {COMMITTEE_ID} else unit_id
    ids.add(unit_id)
    return Unit(
        unit_id,
        name[0].upper() + name[1:],
        aliases=tuple(sorted(others.values())),
        members=tuple(member.id for member in members),
    )


# --- persons ------------------------------------------------------------------------------------------


def _committee(items: Sequence[PlanItem], domain: str) -> list[Person]:
    named = [name for part in _parts(items) for name in part.leaders]
    settled = settle_spellings(named)
    leaders = list(dict.fromkeys(settled.get(name, name) for name in named)) or ["Thường trực"]
    chair = min(leaders, key=lambda name: (_seniority(name), leaders.index(name)))
    persons: list[Person] = []
    addresses: set[str] = set()
    for name in leaders:
        address = _slug(name, ".")
        while address in addresses:
            address += "-2"
        addresses.add(address)
        if name == chair:
            roles: tuple[tuple[str, Role], ...] = ((COMMITTEE_ID, Role.CHAIR), (COMMITTEE_ID, Role.RECIPIENT))
        else:
            roles = ((COMMITTEE_ID, Role.MEMBER),)
        persons.append(Person(name, f"{address}@{domain}", "", roles))
    return persons


def _seniority(name: str) -> int:
    """A sort key by seniority of title, for cells with a title in place of a name; all names are equal."""
    return next(
        (rank for rank, title in enumerate(_SENIORITY) if re.match(title, fold(name))), len(_SENIORITY)
    )


def _office(domain: str) -> Person:
    roles = ((OFFICE_ID, Role.OFFICE), (COMMITTEE_ID, Role.RECIPIENT))
    return Person("Văn phòng", f"dieu-hanh@{domain}", "Người điều hành kỳ báo cáo", roles)


def _slug(text: str, joint: str = "-") -> str:
    return re.sub(r"[^a-z0-9]+", joint, fold(text)).strip(joint)
