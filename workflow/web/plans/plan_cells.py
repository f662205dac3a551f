"""The cells of an uploaded plan to be checked: invalid ones, then doubtful ones; and what was typed into
them."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from workflow.domain.people.directory import Directory, Person
from workflow.domain.words import Words
from workflow.importing.cells.leaders import LeaderMatcher
from workflow.importing.form.checking import PlanProblem
from workflow.importing.form.doubts import said_of
from workflow.importing.form.filling import people_cells
from workflow.importing.form.form import (
    ABOUT,
    ASKED,
    COLUMNS,
    NOT_YET,
    YES,
    CellChoices,
    Doubt,
    FormColumn,
    FormRow,
    FormSheet,
    PlanForm,
    names_in,
    person_cell,
)
from workflow.importing.tables.table import place_from_text
from workflow.web.forms import MAX_TEXT, plain_text

_LONG = 60
_LISTS = {
    CellChoices.UNIT: "units",
    CellChoices.GROUPLESS: "units",
    CellChoices.SECTION: "sections",
    CellChoices.TIME: "times",
    CellChoices.ROLE: "roles",
    CellChoices.COMPARISON: "comparisons",
    CellChoices.TARGET_KIND: "target_kinds",
}
_NAMES = frozenset(
    {(FormSheet.ITEMS, "lead"), (FormSheet.ITEMS, "coordinating"), (FormSheet.ITEMS, "leaders")}
)
_HINTS = {
    "code": Words("Mỗi nội dung, mỗi phần một mã, không trùng nhau."),
    "start_read": Words("Máy đọc từ ô trên. Sửa ô này khi máy hiểu sai; sửa ô trên thì máy đọc lại."),
    "deadline_read": Words("Máy đọc từ ô trên. Sửa ô này khi máy hiểu sai; sửa ô trên thì máy đọc lại."),
    "parent": Words("Ghi mã của nội dung mà dòng này là một phần; để trống nếu không."),
}
_NOT_TYPED = frozenset({"order", "number", "source", "coordinating_text"})
Typed = Callable[[str], Sequence[str] | None]
"""The values of a field as they were posted, None where the page sent none."""


@dataclass(frozen=True, slots=True)
class AskedLeader:
    """A leader named in a row and who it was matched to; `offered` lists candidates, the likeliest first,
    then everybody else."""

    name: str
    said: str
    offered: tuple[str, ...]
    others: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CellToMend:
    """A cell to check and to correct in place; `of` says which row it is in, `source` where that was read."""

    sheet: FormSheet
    at: int
    key: str
    title: str
    text: str
    of: str
    source: str
    code: str = ""
    problems: tuple[PlanProblem, ...] = ()
    doubts: tuple[Doubt, ...] = ()
    choices: str = ""
    hint: str = ""
    asked: tuple[AskedLeader, ...] = ()
    """Of the cell that says who the leaders are: each of them, to be chosen."""

    @property
    def name(self) -> str:
        """Its field on the page."""
        return f"cell-{self.sheet.name}-{self.at}-{self.key}"

    @property
    def ok(self) -> str:
        """The value of the box that accepts the cell as it is, sent as `ok`."""
        return f"{self.sheet.name}-{self.at}-{self.key}"

    @property
    def is_grave(self) -> bool:
        """Whether a doubt about it can change what people are asked to do."""
        return any(doubt.is_grave for doubt in self.doubts)

    @property
    def why(self) -> tuple[str, str, tuple[str, ...]]:
        """What it has in common with other cells that are doubtful for the same reason."""
        if self.asked:
            return self.sheet.name, self.key, tuple(f"{one.name}: {one.said}" for one in self.asked)
        return self.sheet.name, self.key, tuple(doubt.why for doubt in self.doubts)

    @property
    def is_open(self) -> bool:
        """Whether it asks who a leader is and that is not answered yet."""
        return any(one.said == ASKED for one in self.asked)

    @property
    def has_names(self) -> bool:
        """Whether it holds names, each typed into a field of its own."""
        return (self.sheet, self.key) in _NAMES

    @property
    def names(self) -> tuple[str, ...]:
        """Its names, and an empty field for another."""
        return (*names_in(self.text), "")

    @property
    def is_long(self) -> bool:
        """Whether it needs more than a line to be typed in."""
        return len(self.text) > _LONG or "\n" in self.text

    @property
    def is_too_long(self) -> bool:
        """Whether it is too long for a field, so that it can be corrected in the workbook only."""
        return len(self.text) > MAX_TEXT

    @property
    def n_lines(self) -> int:
        """How high its field is."""
        return min(sum(1 + len(line) // _LONG for line in self.text.split("\n")), 8)

    def typed(self, values: Sequence[str]) -> str:
        """The cell's text as it was typed; as it was, where only spaces or line ends differ."""
        if self.has_names:
            names = names_in("\n".join(values))
            return self.text if names == names_in(self.text) else "\n".join(names)
        if self.asked:
            said = [plain_text(value) for value in values]
            return "\n".join(said) if len(said) == len(self.asked) else self.text
        text = plain_text(values[0]) if values else ""
        return self.text if text == plain_text(self.text) else text


def cells_to_mend(form: PlanForm, problems: Sequence[PlanProblem]) -> tuple[CellToMend, ...]:
    """The cells with problems, then those with grave doubts, then the slight ones, each group in the
    plan's order."""
    wrong = _by_cell(problems)
    doubtful = [(FormSheet.ITEMS, at, key) for at, row in form.doubtful() for key in row.doubts]
    doubtful += [
        (FormSheet.TARGETS, at, key)
        for at, row in enumerate(form.rows(FormSheet.TARGETS))
        for key in row.doubts
    ]
    who = _Who(form)
    found = [_cell(form, *place, wrong.get(place, []), who) for place in dict.fromkeys((*wrong, *doubtful))]
    return tuple(sorted(found, key=lambda cell: (not cell.problems, not cell.is_grave, cell.at)))


def cells_of_row(form: PlanForm, at: int, problems: Sequence[PlanProblem]) -> tuple[CellToMend, ...]:
    """All that can be typed of one row of the plan."""
    wrong = _by_cell(problems)
    places = [(FormSheet.ITEMS, at, column.key) for column in COLUMNS[FormSheet.ITEMS] if _is_typed(column)]
    who = _Who(form)
    return tuple(_cell(form, *place, wrong.get(place, []), who) for place in places)


def by_reason(cells: Iterable[CellToMend]) -> list[list[CellToMend]]:
    """The cells with those of one reason together: two spellings of one name are looked at once, not in
    every row."""
    found: dict[tuple[str, str, tuple[str, ...]], list[CellToMend]] = {}
    for cell in cells:
        found.setdefault(cell.why, []).append(cell)
    return list(found.values())


def by_answer(cells: Iterable[CellToMend]) -> list[list[CellToMend]]:
    """The cells with those that ask the same of the same leaders together, so that it is answered once."""
    found: dict[object, list[CellToMend]] = {}
    for cell in cells:
        found.setdefault(cell.why if cell.asked else cell.name, []).append(cell)
    return list(found.values())


def answered_together(cells: Iterable[CellToMend], typed: Typed) -> Typed:
    """The typed values, where one field of a page applies to all cells with the same question."""
    first = {cell.name: group[0].name for group in by_answer(cells) for cell in group}
    return lambda name: typed(first.get(name, name))


def mended(
    form: PlanForm, cells: Iterable[CellToMend], typed: Typed, right: Collection[str]
) -> tuple[PlanForm, int]:
    """The form with what was typed into the cells, and how many were settled; the findings settled by
    them are ticked off. `right` holds the `ok` of cells accepted as they are."""
    count = 0
    settled: set[tuple[str, str]] = set()
    for cell in cells:
        values = typed(cell.name)
        text = cell.text if values is None or cell.is_too_long else cell.typed(values)
        if text != cell.text or (cell.doubts and cell.ok in right):
            if (cell.sheet, cell.key) == (FormSheet.ITEMS, "code") and text:
                form = _renamed(form, cell.text, text)
            if (cell.sheet, cell.key) == (FormSheet.ITEMS, "leaders") and text != cell.text:
                form = _with_other_leaders(form, cell, text)
            form = form.with_cell(cell.sheet, cell.at, cell.key, text)
            settled |= {(cell.code, doubt.why) for doubt in cell.doubts}
            count += 1
    for at in list(_findings_settled(form, settled)):
        form = form.with_cell(FormSheet.FINDINGS, at, "done", YES)
    return form, count


def _with_other_leaders(form: PlanForm, cell: CellToMend, text: str) -> PlanForm:
    """The form with the matches of leaders who stay among the row's new names; the others are to be matched
    again."""
    lines = form.rows(FormSheet.ITEMS)[cell.at]["leader_ids"].split("\n")
    said = dict(zip(names_in(cell.text), lines, strict=False))
    who = "\n".join(said.get(name, NOT_YET) for name in names_in(text))
    return form.with_cell(FormSheet.ITEMS, cell.at, "leader_ids", who)


def _renamed(form: PlanForm, code: str, new: str) -> PlanForm:
    """The form with a row's figures and parts moved to the row's new code; unchanged where two rows share
    the old one."""
    if not code or sum(row["code"] == code for row in form.rows(FormSheet.ITEMS)) != 1:
        return form
    for sheet, key in ((FormSheet.TARGETS, "code"), (FormSheet.ITEMS, "parent")):
        for at, row in enumerate(form.rows(sheet)):
            if row[key] == code:
                form = form.with_cell(sheet, at, key, new)
    return form


def _findings_settled(form: PlanForm, settled: set[tuple[str, str]]) -> Iterator[int]:
    """The findings of settled doubts that no open doubt reports as well."""
    standing = {
        (row["code"], doubt.why)
        for sheet in (FormSheet.ITEMS, FormSheet.TARGETS)
        for row in form.rows(sheet)
        for doubts in row.doubts.values()
        for doubt in doubts
    }
    for at, row in enumerate(form.rows(FormSheet.FINDINGS)):
        codes = [code for code in re.split(r"[,;\s]+", row["codes"]) if code]
        messages = {(code, said_of(code, row["message"])) for code in codes}
        if messages & settled and not messages & standing:
            yield at


def _by_cell(problems: Sequence[PlanProblem]) -> dict[tuple[FormSheet, int, str], list[PlanProblem]]:
    found: dict[tuple[FormSheet, int, str], list[PlanProblem]] = {}
    for problem in problems:
        if problem.cell is not None:
            found.setdefault(problem.cell, []).append(problem)
    return found


def _is_typed(column: FormColumn) -> bool:
    return not (column.is_ours or column.is_hidden or column.key in _NOT_TYPED)


class _Who:
    """Asks who the leaders of a row are, with the persons of the form to choose from."""

    def __init__(self, form: PlanForm) -> None:
        persons = (Person(row["name"], row["email"], row["title"]) for row in form.rows(FormSheet.PERSONS))
        known = {person.email: person for person in persons if person.name and person.email}
        self._people = LeaderMatcher(Directory("", persons=tuple(known.values())))
        self._all = people_cells(form)

    def asked(self, row: FormRow) -> tuple[AskedLeader, ...]:
        """The leaders of a row."""
        names, lines = names_in(row["leaders"]), row["leader_ids"].split("\n")
        if len(lines) != len(names):
            lines = [NOT_YET] * len(names)
        found = []
        for name, said in zip(names, lines, strict=True):
            offered = tuple(person_cell(one.name, one.email) for one in self._people.match(name).offered)
            others = tuple(one for one in self._all if one not in offered)
            found.append(AskedLeader(name, said, offered, others))
        return tuple(found)


def _cell(
    form: PlanForm, sheet: FormSheet, at: int, key: str, problems: Sequence[PlanProblem], who: _Who
) -> CellToMend:
    row = form.rows(sheet)[at]
    whole = (one["source"] for one in form.rows(sheet) if row["parent"] and one["code"] == row["parent"])
    column = next(one for one in COLUMNS[sheet] if one.key == key)
    about = ABOUT.get(row["key"], "") if sheet is FormSheet.ABOUT else ""
    offered = _LISTS.get(column.choice, "") if column.choice else ""
    return CellToMend(
        sheet,
        at,
        key,
        about or column.title,
        row[key],
        of=about or row["content"] or row["name"] or row["title"] or row["text"],
        source=place_from_text(row["source"] or next(whole, "")) or form.where(sheet, at),
        code=row["code"],
        problems=tuple(problems),
        doubts=row.doubts.get(key, ()),
        choices="people" if key == "leaders" else offered,
        hint=_HINTS.get(key, "") if sheet is FormSheet.ITEMS else column.hint,
        asked=who.asked(row) if (sheet, key) == (FormSheet.ITEMS, "leader_ids") else (),
    )
