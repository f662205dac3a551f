"""Formulas in a workbook, each with its computed value.

openpyxl writes a formula without its value, and a program that doesn't compute (a phone's preview, Excel's
protected view of a mailed file) then shows nothing: so the values are put beside the formulas afterwards.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile

from lxml import etree

_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula in English function names, without its `=`; its value; its number format."""

    text: str
    value: int | Decimal | Fraction | str
    form: str = "General"


def with_values(book: bytes, found: Mapping[int, Mapping[str, Formula]]) -> bytes:
    """The workbook with the values of its formulas, by the sheet's number from 1 and the cell's name."""
    written = BytesIO()
    with ZipFile(BytesIO(book)) as source, ZipFile(written, "w", ZIP_DEFLATED) as target:
        sheets = {f"xl/worksheets/sheet{number}.xml": cells for number, cells in found.items() if cells}
        for entry in source.infolist():
            content = source.read(entry)
            if entry.filename in sheets:
                content = _filled(content, sheets[entry.filename])
            target.writestr(entry, content)
    return written.getvalue()


def _filled(sheet: bytes, cells: Mapping[str, Formula]) -> bytes:
    root = etree.fromstring(sheet)
    for cell in root.iter(f"{_MAIN}c"):
        formula = cells.get(cell.get("r", ""))
        value = cell.find(f"{_MAIN}v")
        if formula is None or value is None:
            continue
        if isinstance(formula.value, str):
            cell.set("t", "str")
            value.text = formula.value
        else:
            cell.attrib.pop("t", "")
            value.text = repr(float(formula.value))
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True, standalone=True)
