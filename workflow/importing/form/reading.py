"""Reads the form back: its cells as a plan and a directory, and problems cell by cell.

Rows may be in any order, cells may have been edited by hand. Validating the values together is `checking`;
`accept` does both and refuses with all problems at once.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from workflow.domain.errors import NotAllowed
from workflow.domain.people.directory import Directory
from workflow.domain.people.person_names import same_name, untitled
from workflow.domain.plans.plan import (
    NOBODY,
    Comparison,
    Plan,
    PlanItem,
    PlanPart,
    Schedule,
    Section,
    Target,
    without_last_nones,
)
from workflow.domain.typed import clipped, sound_day, whole_number, written_day
from workflow.domain.typed_number import typed_number
from workflow.domain.words import Words
from workflow.importing.cells.leaders import LeaderMatcher
from workflow.importing.cells.matching import Matcher
from workflow.importing.cells.phrases import read_schedule
from workflow.importing.cells.targets import read_targets
from workflow.importing.folding import fold
from workflow.importing.form.checking import TIME_CURE, PlanProblem, RefusedPlan, faults, nearest
from workflow.importing.form.directory_cells import Named, read_directory_cells, read_kind
from workflow.importing.form.doubts import FindingRecord
from workflow.importing.form.filling import HeadingRow, Path, code_of, heading_path
from workflow.importing.form.form import (
    ASKED,
    COMPARISONS,
    NO_ONE,
    NOT_YET,
    VERSION,
    FormRow,
    FormSheet,
    PlanForm,
    names_in,
    row_label,
)
from workflow.importing.form.rows_read import cell_of, kept_beside, open_findings, orders_of_rows
from workflow.importing.tables.structure import declared_counts


@dataclass(frozen=True, slots=True)
class Accepted:
    """A plan that can be loaded, with its directory, the findings still open, and what is worth a note."""

    plan: Plan
    directory: Directory
    findings: tuple[FindingRecord, ...] = ()
    notes: tuple[PlanProblem, ...] = ()


def accept(form: PlanForm) -> Accepted:
    """Returns the plan and directory of a form; raises Refused, with every problem, if they are invalid."""
    reader = _FormReader(form)
    plan, directory = reader.plan(), reader.directory
    problems, notes = list(reader.problems), list[PlanProblem]()
    for fault in faults(plan, directory):
        rows = reader.places.get(fault.sheet, ())
        at = rows[fault.at] if 0 <= fault.at < len(rows) else -1
        cell = cell_of(form, fault.sheet, at, fault.key)
        found = PlanProblem(form.where(fault.sheet, at, fault.key), fault.what, fault.cure, cell)
        (notes if fault.is_note else problems).append(found)
    if problems:
        raise RefusedPlan(list(dict.fromkeys(problems)))
    return Accepted(plan, directory, tuple(open_findings(form)), tuple(notes))


class _FormReader:
    """Reads one form; `places` maps the n-th plan row, unit or person to its row in the sheet."""

    def __init__(self, form: PlanForm) -> None:
        self._form = form
        self.problems: list[PlanProblem] = []
        self.places: dict[FormSheet, list[int]] = {}
        self._about = form.about()
        self._year = self._plan_year()
        found = read_directory_cells(form, self._about.get("organisation", ""), self.complain)
        kind = read_kind(self._about.get("kind", ""), self.complain)
        self.directory: Directory = replace(found.directory, kind=kind)
        self.places |= found.places
        self._named: Named = found.named
        self._matcher = Matcher(self.directory)
        self._people = LeaderMatcher(self.directory)
        self._paths: dict[str, Path] = {}
        self._titles: dict[str, str] = {}
        self._sections = tuple(self._read_sections())
        self._targets = self._read_targets()

    def complain(self, sheet: FormSheet, at: int, key: str, what: str, cure: str) -> None:
        """Records a problem; reading goes on."""
        cell = cell_of(self._form, sheet, at, key)
        self.problems.append(PlanProblem(self._form.where(sheet, at, key), what, cure, cell))

    def plan(self) -> Plan:
        """Returns the plan in the cells."""
        items = tuple(self._items())
        for at, row in enumerate(self._form.rows(FormSheet.TARGETS)):
            if row["code"] and row["code"] not in self._codes:
                cure = Words(
                    "Sửa mã theo trang Nội dung.%(code)s", code=nearest(row["code"], list(self._codes))
                )
                self.complain(
                    FormSheet.TARGETS,
                    at,
                    "code",
                    Words("Không có nội dung mã “%(code)s”.", code=row["code"]),
                    cure,
                )
        return Plan(
            title=self._about.get("title", ""),
            year=self._year,
            number=self._about.get("number", ""),
            issued_on=self._issued_on(),
            issuer=self._about.get("issuer", ""),
            sections=self._sections,
            items=items,
        )

    # --- about the plan -------------------------------------------------------------------------------------

    def _plan_year(self) -> int:
        version, text = self._about.get("version", VERSION), self._about.get("year", "")
        if version != VERSION:
            self.complain(
                FormSheet.ABOUT,
                -1,
                "version",
                Words("Biểu mẫu phiên bản %(version)s chưa đọc được.", version=version),
                Words("Cập nhật tiendo."),
            )
        if (year := whole_number(text, 9999)) is not None and sound_day(year, 1, 1):
            return year
        self.complain(
            FormSheet.ABOUT,
            -1,
            "year",
            Words("Không đọc được năm “%(text)s”.", text=text),
            Words("Ghi năm bằng bốn chữ số."),
        )
        return next((int(year) for year in re.findall(r"20\d\d", self._about.get("title", ""))), 2000)

    def _issued_on(self) -> date | None:
        if not (text := self._about.get("issued_on", "")):
            return None
        day = written_day(text)
        if day is None:
            what = Words("Không đọc được ngày ban hành “%(text)s”.", text=clipped(text))
            self.complain(FormSheet.ABOUT, -1, "issued_on", what, Words("Ghi như 08/01/2026."))
        return day

    # --- headings -------------------------------------------------------------------------------------------

    def _read_sections(self) -> Iterator[Section]:
        rows = {row["key"]: row for row in self._form.rows(FormSheet.SECTIONS) if row["key"]}
        by_key = {
            key: HeadingRow(key, row["parent"], row["label"], row["title"]) for key, row in rows.items()
        }
        for at, row in enumerate(self._form.rows(FormSheet.SECTIONS)):
            key = row["key"]
            if not key:
                self.complain(
                    FormSheet.SECTIONS, at, "key", Words("Đề mục chưa có mã."), Words("Ghi mã, ví dụ I.2.")
                )
                continue
            if rows[key] is not row or " " in key:
                what = (
                    Words("Mã đề mục “%(key)s” có dấu cách.", key=key)
                    if " " in key
                    else Words("Mã đề mục “%(key)s” dùng hai lần.", key=key)
                )
                self.complain(FormSheet.SECTIONS, at, "key", what, Words("Đặt mã khác, viết liền."))
            if row["parent"] and row["parent"] not in rows:
                what = Words("Không có đề mục mã “%(parent)s”.", parent=row["parent"])
                cure = Words("Sửa theo cột Mã đề mục.%(parent)s", parent=nearest(row["parent"], list(rows)))
                self.complain(FormSheet.SECTIONS, at, "parent", what, cure)
            self._paths[key] = heading_path(by_key, key)
            self._titles[fold(row["title"])] = key
            yield Section(code_of(key), row["title"], declared_counts(row["title"]))

    def _path_of(self, at: int, cell: str) -> Path:
        if not cell:
            return ()
        key = cell.split()[0]
        key = key if key in self._paths else self._titles.get(fold(cell), "")
        if not key:
            known = [f"{one} {title}" for title, one in self._titles.items()]
            cure = Words(
                "Chọn trong danh sách, hoặc thêm vào trang Đề mục.%(cell)s", cell=nearest(cell, known)
            )
            self.complain(
                FormSheet.ITEMS, at, "section", Words("Không có đề mục “%(cell)s”.", cell=cell), cure
            )
        return self._paths.get(key, ())

    # --- items ----------------------------------------------------------------------------------------------

    def _items(self) -> Iterator[PlanItem]:
        rows = list(self._form.rows(FormSheet.ITEMS))
        order = orders_of_rows(rows)
        ranked = sorted(range(len(rows)), key=lambda at: order[at])
        self._codes: dict[str, int] = {}
        for at in range(len(rows)):
            if (code := rows[at]["code"]) and (first := self._codes.setdefault(code, at)) != at:
                what = Words(
                    "Mã %(code)s đã dùng ở %(rows)s.", code=code, rows=row_label(rows[first].number, first)
                )
                self.complain(FormSheet.ITEMS, at, "code", what, Words("Đặt cho dòng này mã khác."))
        own = [at for at in ranked if not rows[at]["parent"]]
        items = {rows[at]["code"] for at in own}
        parts: dict[str, list[int]] = {}
        for at in ranked:
            if parent := rows[at]["parent"]:
                parts.setdefault(parent, []).append(at)
                if parent not in items:
                    what = Words(
                        "%(code)s: không có nội dung mã “%(parent)s” để làm phần của nó.",
                        code=rows[at]["code"],
                        parent=parent,
                    )
                    cure = Words(
                        "Sửa cột Phần của, hoặc để trống.%(parent)s", parent=nearest(parent, sorted(items))
                    )
                    self.complain(FormSheet.ITEMS, at, "parent", what, cure)
        places = self.places.setdefault(FormSheet.ITEMS, [])
        for at in own:
            row = rows[at]
            is_first = self._codes.get(row["code"], at) == at
            below = parts.get(row["code"], []) if is_first and row["code"] else []
            places += [at, *below]
            path = self._path_of(at, row["section"])
            yield PlanItem(
                **self._fields(at, row),
                number=row["number"] or None,
                sections=tuple(printed for _, printed in path),
                section_codes=tuple(code for code, _ in path),
                parts=tuple(PlanPart(**self._fields(one, rows[one])) for one in below),
                source=row["source"],
            )

    def _fields(self, at: int, row: FormRow) -> dict[str, Any]:
        leads = names_in(row["lead"])
        coordinating = names_in(row["coordinating"])
        kept = kept_beside(row)
        ids = [self._unit_id(name, kept) for name in coordinating]
        targets = self._targets.get(row["code"], ())
        return {
            "code": row["code"],
            "content": row["content"],
            **self._leaders(at, row, kept),
            "lead_units": leads,
            "lead_ids": tuple(self._unit_id(name, kept) for name in leads),
            "coordinating_units": coordinating,
            "coordinating_ids": tuple(dict.fromkeys(found for found in ids if found)),
            "coordinating_text": row["coordinating_text"] or ("" if kept else "; ".join(coordinating)),
            "start_text": row["start"] or row["start_read"],
            "start": self._schedule(at, row, "start", kept),
            "deadline_text": row["deadline"] or row["deadline_read"],
            "deadline": self._schedule(at, row, "deadline", kept),
            # A row the office rewrote states its figures in its content only.
            "targets": targets or (() if kept else read_targets(row["content"])),
            "result": row["result"],
            "note": row["note"],
        }

    def _leaders(self, at: int, row: FormRow, kept: Mapping[str, Any]) -> dict[str, Any]:
        """The leaders and their persons: the lines of the cell for that, as long as they match the names."""
        names = names_in(row["leaders"])
        was_names, was_cell = kept.get("leaders", ("", ""))
        lines = [line.strip() for line in row["leader_ids"].split("\n")] if row["leader_ids"] else []
        was = names_in(was_names)
        if names != was and (row["leader_ids"] == was_cell or len(lines) != len(names)):
            # Names were typed again: the answers about those that stayed remain valid.
            said = dict(zip(was, was_cell.split("\n"), strict=False))
            lines = [said.get(name, "") for name in names]
        elif lines and len(lines) != len(names):
            what = Words(
                "%(code)s: có %(names)s lãnh đạo mà ghi %(lines)s người.",
                code=row["code"],
                names=len(names),
                lines=len(lines),
            )
            cure = Words("Ghi mỗi lãnh đạo một dòng, đúng thứ tự, hoặc xóa trống ô để máy tìm lại.")
            self.complain(FormSheet.ITEMS, at, "leader_ids", what, cure)
            lines = []
        found: dict[str, str | None] = {}
        for place, name in enumerate(names):
            found.setdefault(untitled(name), self._who(at, row, name, lines[place] if lines else ""))
        return {"leaders": tuple(found), "leader_ids": without_last_nones(list(found.values()))}

    def _who(self, at: int, row: FormRow, name: str, said: str) -> str | None:
        """The person that one line names for a leader."""
        if said in ("", NOT_YET):
            person = self._people.match(name).person
            return person.email if person else None
        if said == ASKED:
            return None
        if fold(said) == fold(NO_ONE):
            return NOBODY
        address = re.search(r"[^\s<>]+@[^\s<>]+", said)
        named = [
            person.email
            for person in self.directory.persons
            if (person.email.casefold() == address[0].casefold() if address else same_name(person.name, said))
        ]
        if len(named) == 1:
            return named[0]
        what = (
            Words("%(code)s: trang Người nhận có nhiều người tên “%(said)s”.", code=row["code"], said=said)
            if named
            else Words("%(code)s: không có “%(said)s” ở trang Người nhận.", code=row["code"], said=said)
        )
        cure = Words("Ghi thư điện tử của người ấy, hoặc “không ai” nếu không có trong danh bạ.")
        self.complain(FormSheet.ITEMS, at, "leader_ids", what, cure)
        return None

    def _unit_id(self, name: str, kept: Mapping[str, Any]) -> str | None:
        bound = kept.get("units", {}).get(name)
        if bound is not None and self.directory.unit(bound) is not None:
            return str(bound)
        return self._named.get(fold(name)) or self._matcher.unit_id(name)

    def _schedule(self, at: int, row: FormRow, key: str, kept: Mapping[str, Any]) -> Schedule | None:
        """The stored value while both cells are unchanged, else the value parsed from the edited cell."""
        text, read = row[key], row[f"{key}_read"]
        was_text, was_read, was = kept.get(key, ("", "", None))
        if (text, read) == (was_text, was_read):
            return Schedule.from_json(was) if was else None
        if read and (read != was_read or not text):
            found = read_schedule(read, self._year)
            if found is None:
                what = Words("%(code)s: không đọc được thời gian “%(read)s”.", code=row["code"], read=read)
                self.complain(FormSheet.ITEMS, at, f"{key}_read", what, TIME_CURE)
            return found
        return read_schedule(text, self._year) if text else None

    # --- targets --------------------------------------------------------------------------------------------

    def _read_targets(self) -> dict[str, tuple[Target, ...]]:
        found: dict[str, tuple[Target, ...]] = {}
        for at, row in enumerate(self._form.rows(FormSheet.TARGETS)):
            value = self._number(at, row, "value")
            upper = self._number(at, row, "upper") if row["upper"] else None
            comparison = self._comparison(at, row)
            if not row["code"]:
                self.complain(
                    FormSheet.TARGETS,
                    at,
                    "code",
                    Words("Chỉ tiêu chưa ghi của nội dung nào."),
                    Words("Ghi mã."),
                )
            elif value is not None and comparison is not None:
                target = Target(value, comparison, row["measure"], row["scope"], row["text"], upper)
                found[row["code"]] = (*found.get(row["code"], ()), target)
        return found

    def _number(self, at: int, row: FormRow, key: str) -> Decimal | None:
        value = None
        cure: str = Words("Ghi số, ví dụ 98,5 hoặc 120.000.000.")
        try:
            value = typed_number(row[key], row["measure"])
        except NotAllowed as error:
            cure = error.cure or cure
        if value is None:
            what = (
                Words("%(code)s: “%(row)s” không phải là số.", code=row["code"], row=clipped(row[key]))
                if row[key]
                else Words("Chưa ghi giá trị.")
            )
            self.complain(FormSheet.TARGETS, at, key, what, cure)
        return value

    def _comparison(self, at: int, row: FormRow) -> Comparison | None:
        said = fold(row["comparison"]) or fold(COMPARISONS[Comparison.AT_LEAST])
        for comparison, words in COMPARISONS.items():
            if said in (fold(words), comparison.value):
                return comparison
        what = Words(
            "%(code)s: không hiểu so sánh “%(comparison)s”.", code=row["code"], comparison=row["comparison"]
        )
        self.complain(
            FormSheet.TARGETS,
            at,
            "comparison",
            what,
            Words("Chọn: %(names)s.", names=", ".join(COMPARISONS.values())),
        )
        return None
