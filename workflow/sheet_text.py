"""Text of people in a workbook: the only functions that put a text into a cell, or into the
header of a printed page."""

from __future__ import annotations

from openpyxl.cell.cell import Cell

from workflow.domain.plain_text import begins_like_a_formula, one_line, printable

MOST = 32_767
"""Characters a cell can hold."""


def put_text(cell: Cell, text: str) -> None:
    """Puts a text into a cell as text, whatever it begins with: never as a formula or an error value, neither
    when the file is opened nor when somebody edits the cell later."""
    shown = printable(text)[:MOST]
    if not shown:
        return
    cell.value = shown
    cell.data_type = "s"
    if begins_like_a_formula(shown):
        cell.quotePrefix = True


def page_head(text: str) -> str:
    """A text for the header or footer of printed pages, where & begins a code."""
    return one_line(text).replace("&", "&&")
