"""Random plans for the property tests: what a plan says, and one of the many ways an office writes it down.

`plans` draws a `Drawn`: the text of a document, and the items a careful person would read in it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from hypothesis import strategies as st

from tests.importing import random_words as words
from tests.importing.random_words import Draw
from workflow.domain.plans.plan import Schedule
from workflow.importing.tables.columns import Column


@dataclass(frozen=True)
class Read:
    """One item or part as it should be read."""

    code: str
    sections: tuple[str, ...]
    content: str
    leaders: tuple[str, ...] = ()
    lead: tuple[str, ...] = ()
    coordinating: tuple[str, ...] = ()
    start: Schedule | None = None
    deadline: Schedule | None = None
    result: str = ""


@dataclass(frozen=True)
class Drawn:
    """A document, and what it says."""

    text: str
    items: tuple[Read, ...]


@dataclass
class Layout:
    """How one office lays out its table."""

    columns: list[Column]
    headers: list[str]
    children: list[str] = field(default_factory=list)
    has_header: bool = True
    counts_columns: bool = False
    suffix: str = "{}"
    is_upper: bool = False
    mark: str = "{}"
    spans: bool = False
    roles: str = ""
    """How the lead's cell names who coordinates too; empty where it doesn't."""
    numbering: str = "roman"
    annexes: int = 1

    def has(self, column: Column) -> bool:
        return column in self.columns

    @property
    def coordinates(self) -> bool:
        return self.has(Column.COORDINATING) or bool(self.roles)

    def line(self, cells: dict[Column, str]) -> str:
        return "\t".join(cells.get(column, "") for column in self.columns)

    def header(self) -> list[str]:
        if not self.has_header:
            return []
        lines = ["\t".join(self.headers)]
        if self.children:
            lines.append("\t".join(self.children))
        if self.counts_columns:
            lines.append("\t".join(f"({at})" for at in range(1, len(self.columns) + 1)))
        return lines


# --- items --------------------------------------------------------------------------------------------------


@st.composite
def _items(draw: Draw, layout: Layout, index: int) -> tuple[Read, dict[Column, str]]:
    """What an item says, and its cells but for the number; its code and sections are left to the plan."""
    content = (
        f"{draw(st.sampled_from(words.VERBS))} {draw(st.sampled_from(words.THINGS))} số hiệu {index}"
        f"{draw(st.sampled_from(words.TAILS))}"
    )
    bodies = st.sampled_from(words.BODIES)
    leaders = tuple(draw(st.lists(st.sampled_from(words.NAMES), min_size=1, max_size=2, unique=True)))
    most_leads = 2 if layout.has_header and not layout.roles else 1
    lead = tuple(draw(st.lists(bodies, min_size=1, max_size=most_leads, unique=True)))
    fewest = 1 if layout.roles or not layout.has_header else 0
    coordinating = tuple(draw(st.lists(bodies, min_size=fewest, max_size=4, unique=True)))
    start_text, start = draw(words.times())
    deadline_text, deadline = draw(words.times())
    if layout.has(Column.DEADLINE) and layout.has_header and draw(st.booleans()):
        start_text, start = "", None
    result = draw(st.sampled_from(words.PRODUCTS))
    joint = draw(st.sampled_from([", ", "; "] if layout.roles else [", ", "; ", ";<br>", "<br>- "]))
    comrade, title = st.sampled_from(words.COMRADE), st.sampled_from(words.TITLES)
    people = [draw(comrade) + name + draw(title) for name in leaders]
    led = _joined(lead, joint)
    cells = {
        Column.CONTENT: content,
        Column.LEADER: "<br>".join(people),
        Column.LEAD: layout.roles.format(led, _joined(coordinating, joint)) if layout.roles else led,
        Column.COORDINATING: _joined(coordinating, joint),
        Column.START: start_text,
        Column.DEADLINE: deadline_text,
        Column.RESULT: result,
    }
    is_lone = layout.has(Column.START) and not layout.has(Column.DEADLINE)
    read = Read(
        "",
        (),
        content,
        leaders if layout.has(Column.LEADER) else (),
        lead,
        coordinating if layout.coordinates else (),
        start if layout.has(Column.START) else None,
        start if is_lone else deadline,
        result if layout.has(Column.RESULT) else "",
    )
    return read, {column: text for column, text in cells.items() if layout.has(column)}


def _joined(names: Sequence[str], joint: str) -> str:
    return ("- " if joint == "<br>- " and names else "") + joint.join(names)


# --- layouts ------------------------------------------------------------------------------------------------


@st.composite
def _layouts(draw: Draw) -> Layout:
    has_header = draw(st.integers(0, 7)) > 0
    optional = [Column.LEADER, Column.COORDINATING, Column.RESULT, Column.NOTE]
    chosen = [column for column in optional if draw(st.booleans()) and has_header]
    times = draw(st.sampled_from([[Column.START], [Column.DEADLINE], [Column.START, Column.DEADLINE]]))
    roles = ""
    if has_header:
        order = draw(st.permutations([Column.CONTENT, Column.LEAD, *chosen, *times]))
        is_shared = Column.COORDINATING not in chosen and draw(st.booleans())
        roles = draw(st.sampled_from(words.ROLES)) if is_shared else ""
    else:
        # Without a header the order of alike columns is all there is to tell them apart.
        times = times if len(times) > 1 else [Column.START]
        order = [Column.CONTENT, Column.LEAD, Column.COORDINATING, *times]
    is_numbered = draw(st.integers(0, 5)) > 0
    columns = [Column.NUMBER, *order] if is_numbered else list(order)
    numbering = (
        draw(st.sampled_from(_NUMBERINGS)) if is_numbered else draw(st.sampled_from(["roman", "flat"]))
    )
    if numbering == "group":
        columns.insert(0, Column.GROUP)
    headers = [draw(st.sampled_from(words.HEADERS[column])) for column in columns]
    if times == [Column.START]:
        headers[columns.index(Column.START)] = draw(st.sampled_from(words.LONE_TIME))
    if roles:
        headers[columns.index(Column.LEAD)] = draw(st.sampled_from(words.SHARED))
    return Layout(
        columns,
        headers,
        draw(_children(columns, headers)),
        has_header=has_header,
        counts_columns=draw(st.booleans()),
        suffix=draw(st.sampled_from(["{}", "{}.", "{})", "{}/", "({})", "{:02}"])),
        is_upper=draw(st.booleans()),
        mark=draw(st.sampled_from(["{}", "<b>{}</b>", "**{}**"])),
        spans=draw(st.booleans()) and columns[0] is Column.NUMBER,
        roles=roles,
        numbering=numbering,
        annexes=draw(st.sampled_from([1, 1, 1, 2])) if has_header and numbering in _IN_ANNEXES else 1,
    )


@st.composite
def _children(draw: Draw, columns: Sequence[Column], headers: list[str]) -> list[str]:
    """The second row of a header, where neighbours stand under one word; changes the first row to match."""
    children = [""] * len(columns)
    for (left, right), said in words.PAIRS.items():
        if left not in columns or right not in columns or columns.index(right) != columns.index(left) + 1:
            continue
        if draw(st.booleans()):
            at = columns.index(left)
            above, *below = draw(st.sampled_from(said))
            headers[at : at + 2] = [above, draw(st.sampled_from(["", above]))]
            children[at : at + 2] = below
    return children if any(children) else []


# --- plans --------------------------------------------------------------------------------------------------

_NUMBERINGS = ("roman", "letters", "decimal", "continued", "unnumbered", "flat", "group")
_IN_ANNEXES = ("roman", "letters", "flat")
_ROMAN = ("I", "II", "III", "IV")


@st.composite
def plans(draw: Draw) -> Drawn:
    """A random plan in a random layout."""
    layout = draw(_layouts())
    lines = ["KẾ HOẠCH", "Thực hiện nhiệm vụ năm 2025", ""]
    read: list[Read] = []
    for annex in range(1, layout.annexes + 1):
        prefix, above = "", ()
        if layout.annexes > 1:
            title = draw(st.sampled_from(["Nhiệm vụ của các phòng", "NHIỆM VỤ CỦA CÁC THÔN"]))
            lines += ["", f"PHỤ LỤC {annex}", title, "(Kèm theo Kế hoạch số 12/KH-UBND)", ""]
            prefix, above = f"PL{annex}.", (f"PHỤ LỤC {annex} {title}",)
        lines += layout.header()
        found = draw(_tables(layout, lines))
        read += [replace(one, code=prefix + one.code, sections=(*above, *one.sections)) for one in found]
    return Drawn("\n".join((*lines, "", "Trên đây là kế hoạch năm 2025.")), tuple(read))


@st.composite
def _tables(draw: Draw, layout: Layout, lines: list[str]) -> list[Read]:
    """The items of one table; its rows are added to the lines."""
    sizes = [
        draw(st.integers(1, 5)) for _ in range(1 if layout.numbering == "flat" else draw(st.integers(2, 4)))
    ]
    if sum(sizes) < 4:
        sizes[0] += 3
    if layout.numbering == "group":
        sizes = [size + 1 for size in sizes]
    titles = draw(st.permutations(words.SECTIONS))
    read: list[Read] = []
    above: dict[Column, Read] = {}
    for at, size in enumerate(sizes):
        label = _section_label(layout.numbering, at)
        title = titles[at].upper() if layout.is_upper else titles[at]
        if layout.numbering not in ("flat", "group"):
            lines += _maybe_page(draw, layout)
            lines.append(_heading(layout, label, title))
        path = () if layout.numbering == "flat" else (f"{label} {title}".strip(),)
        for number in range(1, size + 1):
            item, cells = draw(_items(layout, len(read) + 1))
            item = _with_dittos(draw, layout, item, cells, above)
            own = len(read) + 1 if layout.numbering in ("continued", "flat") else number
            printed = f"{label}.{number}" if layout.numbering == "decimal" else own
            if layout.has(Column.NUMBER):
                cells[Column.NUMBER] = _printed(layout, printed)
            if layout.numbering == "group" and number == 1:
                cells[Column.GROUP] = title
            lines += _maybe_page(draw, layout)
            lines += _row(draw, layout, cells)
            code = str(printed) if layout.numbering == "decimal" else _code(layout, at, own)
            read.append(replace(item, code=code, sections=path))
    return read


def _section_label(numbering: str, at: int) -> str:
    match numbering:
        case "letters":
            return "ABCD"[at]
        case "decimal":
            return str(at + 1)
        case "unnumbered" | "flat" | "group":
            return ""
        case _:
            return _ROMAN[at]


def _code(layout: Layout, at: int, number: int) -> str:
    is_padded = layout.suffix == "{:02}" and layout.has(Column.NUMBER)
    own = f"{number:02}" if is_padded else str(number)
    match layout.numbering:
        case "flat":
            return own
        case "letters":
            return f"{'ABCD'[at]}.{own}"
        case _:
            return f"{_ROMAN[at]}.{own}"


def _printed(layout: Layout, number: object) -> str:
    suffix = layout.suffix.replace(":02", "") if isinstance(number, str) else layout.suffix
    return suffix.format(number)


def _heading(layout: Layout, label: str, title: str) -> str:
    """A heading with its label and title in cells, or in one line that spans the table."""
    if not label:
        return layout.line({Column.CONTENT: f"<b>{title}</b>"})
    if not layout.has(Column.NUMBER):
        return layout.line({Column.CONTENT: layout.mark.format(f"{label}. {title}")})
    if layout.spans and not label.isdigit():
        return layout.mark.format(f"{label}. {title}")
    return layout.line({Column.NUMBER: label, Column.CONTENT: layout.mark.format(title)})


def _maybe_page(draw: Draw, layout: Layout) -> list[str]:
    """Now and then a page ends: a page number, and the header again."""
    match draw(st.integers(0, 9)):
        case 0:
            return ["", "", *layout.header()]
        case 1:
            return ["", f"- {draw(st.integers(2, 30))} -", "", *layout.header()]
        case _:
            return []


def _row(draw: Draw, layout: Layout, cells: dict[Column, str]) -> list[str]:
    """A row, or its two halves on two pages."""
    if not layout.has(Column.NUMBER) or draw(st.integers(0, 6)):
        tagged = draw(st.sampled_from(["{}", "{}", "<p>{}</p>"]))
        return [layout.line({**cells, Column.CONTENT: tagged.format(cells[Column.CONTENT])})]
    said = cells[Column.CONTENT].split()
    cut = draw(st.integers(2, len(said) - 1))
    while cut > 2 and not said[cut][0].islower():
        cut -= 1
    first = {**cells, Column.CONTENT: " ".join(said[:cut])}
    rest = {Column.CONTENT: " ".join(said[cut:])}
    bodies = cells.get(Column.COORDINATING, "")
    if "; " in bodies and draw(st.booleans()):
        head, _, tail = bodies.rpartition("; ")
        first[Column.COORDINATING], rest[Column.COORDINATING] = f"{head};", tail
    page = draw(st.sampled_from([[""], ["", *layout.header()]]))
    return [layout.line(first), *page, layout.line(rest)]


def _with_dittos(
    draw: Draw, layout: Layout, item: Read, cells: dict[Column, str], above: dict[Column, Read]
) -> Read:
    """The item with some cells made ditto marks: then it says what the one above says."""
    fields = {Column.LEAD: ("lead",), Column.COORDINATING: ("coordinating",), Column.LEADER: ("leaders",)}
    if layout.roles:
        fields[Column.LEAD] = ("lead", "coordinating")
    for column, names in fields.items():
        if column not in cells:
            continue
        if column in above and draw(st.integers(0, 5)) == 0:
            item = replace(item, **{name: getattr(above[column], name) for name in names})
            cells[column] = draw(st.sampled_from(words.DITTOS))
        elif cells[column]:
            above[column] = item
    return item
