"""A plan with its directory as one YAML file, the form for version control: always written in the same
order, and read back exactly. What a row leaves out (`lead_ids`, `deadline`) is read from its words."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import fields, replace
from datetime import date
from decimal import Decimal
from typing import Any

import yaml

from workflow.domain.errors import TiendoError
from workflow.domain.numbers import read_number
from workflow.domain.people.directory import Directory
from workflow.domain.plans.plan import (
    Comparison,
    Declared,
    Plan,
    PlanItem,
    PlanPart,
    Schedule,
    Section,
    Target,
    without_last_nones,
)
from workflow.domain.plans.target_kinds import TargetKind
from workflow.domain.typed import FIGURES, clipped, plain_number, sound_day
from workflow.domain.words import Words
from workflow.importing.cells.leaders import LeaderMatcher
from workflow.importing.cells.matching import Matcher
from workflow.importing.cells.phrases import read_schedule
from workflow.importing.cells.target_kinds import read_kinds, targets_of
from workflow.importing.files.directory_file import directory_content, directory_from
from workflow.importing.files.yaml_faults import CURE, loaded_yaml, place_of
from workflow.importing.form.checking import PlanProblem, RefusedPlan, RowFault, faults
from workflow.importing.form.doubts import FindingRecord, rows_of
from workflow.importing.form.form import COLUMNS, FormSheet
from workflow.importing.form.reading import Accepted

FORMAT = 1
_TOP = ("format", "plan", "directory", "sections", "items", "findings")
_TEXTS = ("code", "content", "coordinating_text", "start_text", "deadline_text", "result", "note")
_LISTS = ("leaders", "leader_ids", "lead_units", "lead_ids", "coordinating_units", "coordinating_ids")
_PART_KEYS = tuple(field.name for field in fields(PlanPart))
_ITEM_KEYS = tuple(field.name for field in fields(PlanItem))


def plan_yaml(plan: Plan, directory: Directory, findings: tuple[FindingRecord, ...] = ()) -> str:
    """The file's text."""
    content = {
        "format": FORMAT,
        "plan": {
            "title": plan.title,
            "number": plan.number,
            "year": plan.year,
            "issued_on": plan.issued_on,
            "issuer": plan.issuer,
        },
        "sections": [_section_entry(section) for section in plan.sections],
        "items": [_entry(item, {person.email for person in directory.persons}) for item in plan.items],
        "findings": [dict(finding) for finding in findings],
        "directory": directory_content(directory),
    }
    return yaml.dump(content, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=110)


def read_plan_yaml(text: str, name: str = "") -> Accepted:
    """Reads the plan and directory in the text; raises Refused, with every problem, if they are invalid."""
    content = _loaded(text, name)
    reader = _PlanFileReader(name)
    try:
        directory = directory_from(content.get("directory"), f"{name}: directory")
    except TiendoError as error:
        raise RefusedPlan([PlanProblem(error.where, error.what, error.cure)], where=name) from None
    plan = reader.plan(content, directory)
    problems, notes = list(reader.problems), list[PlanProblem]()
    for fault in faults(plan, directory) if not problems else ():
        found = PlanProblem(_where(fault, plan, directory), fault.what, fault.cure)
        (notes if fault.is_note else problems).append(found)
    if problems:
        raise RefusedPlan(problems, where=name)
    return Accepted(plan, directory, tuple(content.get("findings") or ()), tuple(notes))


# --- writing ------------------------------------------------------------------------------------------------


class _Dumper(yaml.SafeDumper):
    """Long texts as folded blocks, short lists on one line."""


def _represent_list(dumper: _Dumper, value: list[Any]) -> yaml.Node:
    is_short = all(not isinstance(one, (dict, list)) for one in value)
    return dumper.represent_sequence("tag:yaml.org,2002:seq", value, flow_style=is_short)


_Dumper.add_representer(list, _represent_list)
_Dumper.add_multi_representer(str, yaml.representer.SafeRepresenter.represent_str)


def _section_entry(section: Section) -> dict[str, Any]:
    entry: dict[str, Any] = {"code": section.code, "title": section.title}
    if section.declared:
        entry["declared"] = [{"count": said.count, "of": said.of} for said in section.declared]
    return entry


def _entry(row: PlanPart, known: Collection[str]) -> dict[str, Any]:
    """A row's entry, without what is empty; a time nobody could read, and a leader who left the directory
    (`known` has the addresses in it), stand as null."""
    entry: dict[str, Any] = {}
    for key in _ITEM_KEYS if isinstance(row, PlanItem) else _PART_KEYS:
        value = getattr(row, key)
        match key:
            case "start" | "deadline" if value:
                entry[key] = value.as_json()
            case "start" | "deadline" if getattr(row, f"{key}_text"):
                entry[key] = None
            case "targets":
                # Written even where there are none: left out, they would be read from the content.
                entry[key] = [_target_entry(target) for target in value]
            case "parts" if value:
                entry[key] = [_entry(part, known) for part in value]
            case "lead_ids" | "coordinating_ids" if value or getattr(row, key.replace("_ids", "_units")):
                entry[key] = list(value)
            case "leader_ids" if row.leaders:
                # Written even where nobody is known: left out, they would be looked up by name.
                entry[key] = [None if one and one not in known else one for one in value]
            case _ if value:
                entry[key] = list(value) if isinstance(value, tuple) else value
    return entry


def _target_entry(target: Target) -> dict[str, Any]:
    entry: dict[str, Any] = {"value": _digits(target.value), "comparison": target.comparison.value}
    if target.upper is not None:
        entry["upper"] = _digits(target.upper)
    entry["kind"] = target.kind.value
    texts = {"measure": target.measure, "scope": target.scope, "text": target.text}
    return entry | {key: text for key, text in texts.items() if text}


def _digits(value: Decimal) -> str:
    """A figure without the zeros a database adds."""
    return f"{value.normalize():f}"


# --- reading ------------------------------------------------------------------------------------------------


def _loaded(text: str, name: str) -> Mapping[str, Any]:
    try:
        content = loaded_yaml(text)
    except yaml.YAMLError as error:
        problem = PlanProblem(place_of(error, name), Words("Tệp sai cú pháp YAML."), CURE)
        raise RefusedPlan([problem], where=name) from None
    if not isinstance(content, dict) or "items" not in content or "plan" not in content:
        cure = Words("Dùng tệp do “tiendo plan export” ghi.")
        raise RefusedPlan([PlanProblem(name, Words("Tệp không phải một kế hoạch."), cure)], where=name)
    if content.get("format") != FORMAT:
        what = Words("Định dạng %(value)s chưa đọc được.", value=f"{content.get('format')!r}")
        raise RefusedPlan(
            [
                PlanProblem(
                    f"{name}: format", what, Words("Phiên bản này đọc định dạng %(format)s.", format=FORMAT)
                )
            ],
            where=name,
        )
    return content


class _PlanFileReader:
    """Builds the plan; each entry that can't be built is reported as a problem and left out."""

    def __init__(self, name: str) -> None:
        self.problems: list[PlanProblem] = []
        self._name = name

    def plan(self, content: Mapping[str, Any], directory: Directory) -> Plan:
        """The plan the file holds."""
        about = content["plan"] if isinstance(content["plan"], dict) else {}
        year, issued_on = about.get("year"), about.get("issued_on")
        if not isinstance(year, int) or sound_day(year, 1, 1) is None:
            self._complain(
                "plan.year",
                Words("Không đọc được năm “%(year)s”.", year=clipped(str(year))),
                Words("Ghi năm bằng bốn chữ số."),
            )
            year = 2000
        if issued_on is not None and not isinstance(issued_on, date):
            self._complain(
                "plan.issued_on",
                Words("Không đọc được ngày “%(issued_on)s”.", issued_on=issued_on),
                Words("Ghi như 2026-01-08."),
            )
            issued_on = None
        self._year, self._matcher = year, Matcher(directory)
        self._known = {unit.id for unit in directory.units}
        self._people = LeaderMatcher(directory)
        self._addresses = {person.email for person in directory.persons}
        return Plan(
            title=str(about.get("title") or ""),
            year=year,
            number=str(about.get("number") or ""),
            issued_on=issued_on,
            issuer=str(about.get("issuer") or ""),
            sections=tuple(self._sections(content.get("sections"))),
            items=tuple(self._items(content["items"])),
        )

    def _complain(self, where: str, what: str, cure: str) -> None:
        self.problems.append(PlanProblem(f"{self._name}: {where}", what, cure))

    def _entries(self, found: Any, where: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
        if not isinstance(found or [], list):
            self._complain(
                where, Words("Mục này phải là một danh sách."), Words("Ghi mỗi dòng sau một dấu “- ”.")
            )
            return
        for place, entry in enumerate(found or [], start=1):
            if isinstance(entry, dict):
                yield f"{where}[{place}]", entry
            else:
                self._complain(f"{where}[{place}]", Words("Dòng này phải gồm các cặp “khóa: giá trị”."), "")

    def _sections(self, found: Any) -> Iterator[Section]:
        for where, entry in self._entries(found, "sections"):
            try:
                declared = tuple(Declared(one["count"], one["of"]) for one in entry.get("declared", ()))
                yield Section(str(entry["code"]), str(entry["title"]), declared)
            except (KeyError, TypeError):
                self._complain(where, Words("Đề mục thiếu mã hoặc tên."), Words("Ghi code và title."))

    def _items(self, found: Any) -> Iterator[PlanItem]:
        for where, entry in self._entries(found, "items"):
            parts = tuple(
                PlanPart(**self._fields(part, place, _PART_KEYS))
                for place, part in self._entries(entry.get("parts"), f"{where}.parts")
            )
            number = entry.get("number")
            yield PlanItem(
                **self._fields(entry, where, _ITEM_KEYS),
                number=None if number is None else str(number),
                sections=self._texts(entry, "sections", where),
                section_codes=self._texts(entry, "section_codes", where),
                parts=parts,
                source=str(entry.get("source") or ""),
            )

    def _fields(self, entry: Mapping[str, Any], where: str, keys: tuple[str, ...]) -> dict[str, Any]:
        for key in entry:
            if key not in keys:
                self._complain(
                    where,
                    Words("Không có khóa “%(key)s”.", key=key),
                    Words("Các khóa dùng được: %(names)s.", names=", ".join(keys)),
                )
        found: dict[str, Any] = {key: str(entry.get(key) or "") for key in _TEXTS}
        found |= {key: self._texts(entry, key, where) for key in _LISTS if key in entry}
        for key in ("lead", "coordinating"):
            names = found.get(f"{key}_units", ())
            if f"{key}_ids" not in entry and names:
                ids = tuple(self._matcher.unit_id(name) for name in names)
                found[f"{key}_ids"] = (
                    ids if key == "lead" else tuple(dict.fromkeys(one for one in ids if one))
                )
            for unit in found.get(f"{key}_ids", ()):
                if unit is not None and unit not in self._known:
                    cure = Words("Sửa mã, hoặc thêm vào directory.units.")
                    self._complain(
                        f"{where}.{key}_ids", Words("Không có đơn vị mã “%(unit)s”.", unit=unit), cure
                    )
        found["leader_ids"] = self._leader_ids(found, entry, where)
        for key in ("start", "deadline"):
            text = found[f"{key}_text"]
            found[key] = self._schedule(entry[key], f"{where}.{key}") if key in entry else None
            if key not in entry and text:
                found[key] = read_schedule(text, self._year)
        found["targets"] = (
            self._with_kinds(found["content"], list(self._targets(entry["targets"], where)))
            if "targets" in entry
            else targets_of(found["content"])
        )
        return found

    def _leader_ids(
        self, found: Mapping[str, Any], entry: Mapping[str, Any], where: str
    ) -> tuple[str | None, ...]:
        """The leaders' persons: as the file has them, else those whose whole name exactly one person has."""
        names = found.get("leaders", ())
        if "leader_ids" not in entry:
            return self._people.ids(names)
        said: tuple[str | None, ...] = found["leader_ids"]
        for person in said:
            if person and person not in self._addresses:
                cure = Words("Sửa địa chỉ, hoặc thêm vào directory.persons.")
                self._complain(
                    f"{where}.leader_ids", Words("Không có người “%(person)s”.", person=person), cure
                )
        if len(said) > len(names):
            cure = Words("Ghi đủ leaders, mỗi người một tên như kế hoạch in.")
            what = Words("leader_ids dài hơn leaders.")
            self._complain(f"{where}.leader_ids", what, cure)
        return without_last_nones(said)

    def _texts(self, entry: Mapping[str, Any], key: str, where: str) -> tuple[Any, ...]:
        found = entry.get(key) or []
        if not isinstance(found, list):
            self._complain(
                f"{where}.{key}",
                Words("Mục này phải là một danh sách."),
                Words("Ví dụ: %(key)s: [mot, hai].", key=key),
            )
            return ()
        return tuple(None if one is None else str(one) for one in found)

    def _schedule(self, found: Any, where: str) -> Schedule | None:
        try:
            return Schedule.from_json(found) if found else None
        except (KeyError, ValueError, TypeError, AttributeError):
            self._complain(
                where, Words("Không đọc được thời gian."), Words("Bỏ khóa này để máy đọc lại từ lời văn.")
            )
            return None

    def _with_kinds(
        self, content: str, found: Sequence[tuple[Target, TargetKind | None]]
    ) -> tuple[Target, ...]:
        """The targets with the kinds of the file; without one, the kind the words of the content say."""
        reads = read_kinds(content, [target for target, _ in found])
        return tuple(
            replace(target, kind=said or read.kind) for (target, said), read in zip(found, reads, strict=True)
        )

    def _targets(self, found: Any, where: str) -> Iterator[tuple[Target, TargetKind | None]]:
        for place, entry in self._entries(found, f"{where}.targets"):
            try:
                upper = entry.get("upper")
                value, most = (_figure(one) for one in (entry["value"], upper))
                if value is None or (upper is not None and most is None):
                    raise ValueError(place)
                kind = TargetKind(entry["kind"]) if entry.get("kind") else None
                target = Target(
                    value=value,
                    comparison=Comparison(entry.get("comparison", Comparison.AT_LEAST)),
                    measure=str(entry.get("measure") or ""),
                    scope=str(entry.get("scope") or ""),
                    text=str(entry.get("text") or ""),
                    upper=most,
                )
                yield target, kind
            except (KeyError, ValueError):
                words, kinds = ", ".join(Comparison), ", ".join(TargetKind)
                self._complain(
                    place,
                    Words("Không đọc được chỉ tiêu."),
                    Words(
                        "Ghi value là số, comparison: %(words)s; kind: %(kinds)s.", words=words, kinds=kinds
                    ),
                )


def _figure(found: Any) -> Decimal | None:
    """A target's number: with a decimal point, as YAML and we write it, else as people write numbers."""
    text = "" if found is None else str(found)
    value = plain_number(text, FIGURES) if "," not in text else None
    return read_number(text).value if value is None else value


def _where(fault: RowFault, plan: Plan, directory: Directory) -> str:
    """A fault's place by the names in the file."""
    title = next((column.title for column in COLUMNS[fault.sheet] if column.key == fault.key), fault.key)
    match fault.sheet:
        case FormSheet.ITEMS if fault.at >= 0:
            row = list(rows_of(plan.items))[fault.at][0]
            return Words("items, mã %(code)s (%(title)s)", code=row.code, title=title)
        case FormSheet.UNITS if fault.at >= 0:
            return f"directory.units, {directory.units[fault.at].id} ({title})"
        case FormSheet.PERSONS if fault.at >= 0:
            return f"directory.persons, {directory.persons[fault.at].email} ({title})"
        case FormSheet.ITEMS:
            return "items"
        case FormSheet.UNITS:
            return "directory.units"
        case FormSheet.PERSONS:
            return "directory.persons"
    return f"plan.{fault.key}"
