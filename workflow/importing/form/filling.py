"""Fills the form from a plan, its directory and the findings: what a workbook or a page then shows.

`reading` is the inverse: an unchanged form is read as the same plan and directory.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from workflow.domain import vietnamese
from workflow.domain.numbers import written
from workflow.domain.people.directory import BodyKind, Directory, Unit
from workflow.domain.people.organisations import proposed_kind
from workflow.domain.plans.plan import Plan, PlanItem, PlanPart, Section, Target
from workflow.importing.cells.schedule_words import said
from workflow.importing.findings.findings import Severity
from workflow.importing.form.doubts import Doubter, FindingRecord, doubts_text, rows_of
from workflow.importing.form.form import (
    ABOUT,
    COLUMNS,
    COMPARISONS,
    COUNCIL,
    KINDS,
    ROLES,
    SEPARATOR,
    VERSION,
    YES,
    Doubt,
    FormRow,
    FormSheet,
    PlanForm,
    person_cell,
)

SEVERITIES = {Severity.WARNING: "Cần xem", Severity.NOTE: "Lưu ý"}
DECIMALS = 4
Path = tuple[tuple[str, str], ...]
"""The headings above an item, outermost first: code and printed title of each."""


def form_of(
    plan: Plan, directory: Directory, findings: Sequence[FindingRecord] = (), *, source: str = ""
) -> PlanForm:
    """The form of a plan, every cell with its doubts. `source` names the file it was read from."""
    headings = list(headings_of(plan))
    doubter = Doubter(directory, findings, plan.year)
    return PlanForm(
        {
            FormSheet.ITEMS: tuple(_item_rows(plan, headings, doubter)),
            FormSheet.TARGETS: tuple(
                _target_row(row.code, target, doubts)
                for row, _ in rows_of(plan.items)
                for target, doubts in zip(row.targets, doubter.kinds(row), strict=True)
            ),
            FormSheet.SECTIONS: tuple(
                FormRow({"key": one.key, "parent": one.parent, "label": one.label, "title": one.title})
                for one in headings
            ),
            FormSheet.UNITS: tuple(_unit_rows(directory)),
            FormSheet.PERSONS: tuple(_person_rows(directory)),
            FormSheet.FINDINGS: tuple(_finding_row(finding) for finding in findings),
            FormSheet.ABOUT: tuple(_about_rows(plan, directory, source)),
        }
    )


def with_directory(form: PlanForm, directory: Directory) -> PlanForm:
    """The form with another directory in the place of its own."""
    rows = {FormSheet.UNITS: tuple(_unit_rows(directory)), FormSheet.PERSONS: tuple(_person_rows(directory))}
    return replace(form, sheets={**form.sheets, **rows})


@dataclass(frozen=True, slots=True)
class HeadingRow:
    """A heading as the form has it: its key is its code, with a count where two headings share one."""

    key: str
    parent: str
    label: str
    title: str

    @property
    def printed(self) -> str:
        """The heading as the plan prints it."""
        return f"{self.label} {self.title}".strip()


def headings_of(plan: Plan) -> Iterator[HeadingRow]:
    """The plan's headings in order, then those that only its items name."""
    paths = {
        tuple(zip(item.section_codes, item.sections, strict=True))[: depth + 1]: None
        for item in plan.items
        for depth in range(len(item.section_codes))
    }
    keys: dict[Path, str] = {}
    given: Counter[str] = Counter()

    def key_of(code: str) -> str:
        given[code] += 1
        return code if given[code] == 1 else f"{code}({given[code]})"

    waiting = list(paths)
    rows: list[tuple[str, Path, str]] = []
    for section in plan.sections:
        path = next((one for one in waiting if _is_path_of(one, section)), ())
        key = key_of(section.code)
        if path:
            waiting.remove(path)
            keys[path] = key
        rows.append((key, path, section.title))
    for path in waiting:
        keys[path] = key_of(path[-1][0])
        rows.append((keys[path], path, path[-1][1]))
    for key, path, title in rows:
        if path:
            yield HeadingRow(key, keys.get(path[:-1], ""), path[-1][1].removesuffix(title).strip(), title)
        else:
            above, _, label = key.rpartition(".")
            yield HeadingRow(key, above if above in given else "", "" if "*" in label else label, title)


def _is_path_of(path: Path, section: Section) -> bool:
    code, printed = path[-1]
    return code == section.code and printed.endswith(section.title)


def _item_rows(plan: Plan, headings: Sequence[HeadingRow], doubter: Doubter) -> Iterator[FormRow]:
    titles = {column.key: column.title for column in COLUMNS[FormSheet.ITEMS]}
    places = _places(headings)
    for order, (row, parent) in enumerate(rows_of(plan.items), start=1):
        doubts = doubter.doubts(row)
        cells = {
            "order": str(order),
            "code": row.code,
            "parent": parent.code if parent else "",
            "content": row.content,
            "leaders": SEPARATOR.join(row.leaders),
            "leader_ids": doubter.who_leads(row),
            "lead": SEPARATOR.join(row.lead_units or [one for one in row.lead_ids if one]),
            "coordinating": SEPARATOR.join(row.coordinating_units or row.coordinating_ids),
            "start": row.start_text,
            "start_read": said(row.start),
            "deadline": row.deadline_text,
            "deadline_read": said(row.deadline),
            "result": row.result,
            "note": row.note,
            "targets": "\n".join(_target_words(target) for target in row.targets),
            "doubt": doubts_text(doubts, lambda key: titles[key]),
            "coordinating_text": row.coordinating_text,
            "kept": json.dumps(
                kept_of(row, doubter.who_leads(row), doubter.units_bound(row)),
                ensure_ascii=False,
                sort_keys=True,
            ),
        }
        if isinstance(row, PlanItem):
            path = tuple(zip(row.section_codes, row.sections, strict=True))
            cells |= {"number": row.number or "", "section": places.get(path, ""), "source": row.source}
        yield FormRow(cells, doubts)


def kept_of(row: PlanPart, who_leads: str = "", units: Mapping[str, str] | None = None) -> dict[str, Any]:
    """The values read from the row's cells, stored beside them: while a cell is unchanged, its value stays
    valid. `units` are the names bound to a unit that has been renamed since."""
    return {
        **({"units": dict(units)} if units else {}),
        "leaders": [SEPARATOR.join(row.leaders), who_leads],
        "start": [row.start_text, said(row.start), row.start.as_json() if row.start else None],
        "deadline": [row.deadline_text, said(row.deadline), row.deadline.as_json() if row.deadline else None],
    }


def _places(headings: Sequence[HeadingRow]) -> dict[Path, str]:
    """The text of an item's section cell by the path of its headings."""
    by_key = {one.key: one for one in headings}
    return {heading_path(by_key, one.key): section_cell(one.key, one.title) for one in headings}


def heading_path(by_key: Mapping[str, HeadingRow], key: str) -> Path:
    """A heading with those above it, outermost first."""
    found: dict[str, tuple[str, str]] = {}
    while key in by_key and key not in found:
        found[key] = (code_of(key), by_key[key].printed)
        key = by_key[key].parent
    return tuple(reversed(found.values()))


def code_of(key: str) -> str:
    """A heading's code without the count that distinguishes it from others of the same code."""
    return re.sub(r"\(\d+\)$", "", key)


def section_cell(key: str, title: str) -> str:
    """The text of an item's section cell: the heading's key, then its title for people."""
    return f"{key} {title}"


def _target_words(target: Target) -> str:
    words = target.text or f"{COMPARISONS[target.comparison]} {vietnamese.number(target.value, DECIMALS)}"
    return f"• {words}"


def _target_row(code: str, target: Target, doubts: tuple[Doubt, ...]) -> FormRow:
    upper = written(target.upper) if target.upper is not None else ""
    return FormRow(
        {
            "code": code,
            "text": target.text,
            "comparison": COMPARISONS[target.comparison],
            "value": written(target.value),
            "upper": upper,
            "measure": target.measure,
            "scope": target.scope,
            "kind": KINDS[target.kind],
        },
        {"kind": doubts} if doubts else {},
    )


def _unit_rows(directory: Directory) -> Iterator[FormRow]:
    names = _unit_names(directory.units)
    for unit in directory.units:
        yield FormRow(
            {
                "id": unit.id,
                "name": unit.name,
                "aliases": SEPARATOR.join(unit.aliases),
                "members": SEPARATOR.join(names.get(member, member) for member in unit.members),
                "committee": _body(unit),
                "cluster": unit.cluster,
            }
        )


def _body(unit: Unit) -> str:
    if not unit.is_committee:
        return ""
    return COUNCIL if unit.body is BodyKind.COUNCIL else YES


def _person_rows(directory: Directory) -> Iterator[FormRow]:
    names = _unit_names(directory.units)
    for person in directory.persons:
        about = {"name": person.name, "email": person.email, "title": person.title}
        for unit, role in person.roles:
            yield FormRow({**about, "unit": names.get(unit, unit), "role": ROLES[role]})
        if not person.roles:
            yield FormRow(about)


def people_cells(form: PlanForm) -> tuple[str, ...]:
    """The form's persons as the cell of who leads names them, each once."""
    rows = (row for row in form.rows(FormSheet.PERSONS) if row["name"] and row["email"])
    return tuple(dict.fromkeys(person_cell(row["name"], row["email"]) for row in rows))


def _unit_names(units: Sequence[Unit]) -> Mapping[str, str]:
    """The name of each unit by id; the id itself where two units bear one name."""
    uses = Counter(unit.name for unit in units)
    return {unit.id: unit.name if uses[unit.name] == 1 else unit.id for unit in units}


def _finding_row(finding: FindingRecord) -> FormRow:
    severity = Severity(finding["severity"])
    return FormRow(
        {
            "severity": SEVERITIES[severity],
            "codes": ", ".join(finding.get("codes", ())),
            "place": str(finding["place"]),
            "message": str(finding["message"]),
            "cure": str(finding["cure"]),
            "kind": str(finding["kind"]),
        }
    )


def _about_rows(plan: Plan, directory: Directory, source: str) -> Iterator[FormRow]:
    values = {
        "title": plan.title,
        "number": plan.number,
        "issued_on": f"{plan.issued_on:%d/%m/%Y}" if plan.issued_on else "",
        "year": str(plan.year),
        "issuer": plan.issuer,
        "organisation": directory.organisation,
        "kind": (directory.kind or proposed_kind(directory.organisation, plan.issuer)).label,
        "source": source,
        "version": VERSION,
    }
    for key, name in ABOUT.items():
        yield FormRow({"name": name, "value": values[key], "key": key})
