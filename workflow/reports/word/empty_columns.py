"""A column in which no row of a table says anything is not printed; the others share its width."""

from __future__ import annotations

from typing import Any

from docx.oxml.ns import qn

_NOTHING = frozenset({"", "–", "-"})


def without_empty_columns(document: Any) -> None:
    """Takes the columns that are empty in every row out of each table with a heading row. Rows that are one
    cell across the whole (a section's heading) say nothing about columns."""
    for table in document.tables:
        if table._tbl.tr_lst and table._tbl.tr_lst[0].find(f".//{qn('w:tblHeader')}") is not None:
            _narrow(table._tbl)


def _narrow(table: Any) -> None:
    grid = table.tblGrid.findall(qn("w:gridCol"))
    heading, *rest = table.tr_lst
    full = [row for row in rest if len(row.tc_lst) == len(grid)]
    across = [row for row in rest if len(row.tc_lst) == 1]
    if len(heading.tc_lst) != len(grid) or not full or len(full) + len(across) != len(rest):
        return
    empty = [n for n in range(len(grid)) if all(_text(row.tc_lst[n]) in _NOTHING for row in full)]
    if not empty or len(empty) == len(grid):
        return
    widths = [int(column.get(qn("w:w"))) for column in grid]
    kept = [n for n in range(len(grid)) if n not in empty]
    share = sum(widths) / sum(widths[n] for n in kept)
    new = {n: round(widths[n] * share) for n in kept}
    for row in (heading, *full):
        for n, cell in enumerate(list(row.tc_lst)):
            if n in new:
                cell.get_or_add_tcPr().get_or_add_tcW().set(qn("w:w"), str(new[n]))
            else:
                row.remove(cell)
    for n, column in enumerate(grid):
        if n in new:
            column.set(qn("w:w"), str(new[n]))
        else:
            table.tblGrid.remove(column)
    for row in across:
        span = row.tc_lst[0].find(f"{qn('w:tcPr')}/{qn('w:gridSpan')}")
        if span is not None:
            span.set(qn("w:val"), str(len(kept)))


def _text(cell: Any) -> str:
    return "".join(one.text or "" for one in cell.iter(qn("w:t"))).strip()
