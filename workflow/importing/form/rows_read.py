"""Rows of the form besides their values: their order, what tiendo wrote beside them, open findings."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from workflow.domain.plans.plan import Schedule
from workflow.importing.findings.findings import Severity
from workflow.importing.folding import fold
from workflow.importing.form.doubts import FindingRecord
from workflow.importing.form.filling import SEVERITIES
from workflow.importing.form.form import YES, FormRow, FormSheet, PlanForm


def orders_of_rows(rows: list[FormRow]) -> list[tuple[float, int]]:
    """Each row's place in the plan: by its number; a row without one goes after the row above it."""
    found: list[tuple[float, int]] = []
    last = 0.0
    for at, row in enumerate(rows):
        with_point = row["order"].replace(",", ".")
        last = float(with_point) if re.fullmatch(r"[0-9]{1,9}(?:\.[0-9]{1,9})?", with_point) else last
        found.append((last, at))
    return found


def kept_beside(row: FormRow) -> Mapping[str, Any]:
    """What tiendo wrote beside the row; nothing where the office wrote the row or touched the cell."""
    try:
        found = json.loads(row["kept"] or "{}")
        for key in ("start", "deadline"):
            _, _, schedule = found.get(key, ("", "", None))
            if schedule:
                Schedule.from_json(schedule)
        if not all(
            isinstance(one, str) for one in (*found.get("leaders", ()), *found.get("units", {}).values())
        ):
            return {}
        if len(found.get("leaders", ("", ""))) != 2:
            return {}
    except (ValueError, TypeError, AttributeError, KeyError):
        return {}
    return found if isinstance(found, dict) else {}


def open_findings(form: PlanForm) -> Iterator[FindingRecord]:
    """The findings nobody has ticked off."""
    severities = {words: severity for severity, words in SEVERITIES.items()}
    for row in form.rows(FormSheet.FINDINGS):
        if row["message"] and fold(row["done"]) not in (fold(YES), "x"):
            yield {
                "kind": row["kind"],
                "severity": severities.get(row["severity"], Severity.NOTE).value,
                "place": row["place"],
                "message": row["message"],
                "cure": row["cure"],
                "codes": [code for code in re.split(r"[,;\s]+", row["codes"]) if code],
            }


def cell_of(form: PlanForm, sheet: FormSheet, at: int, key: str) -> tuple[FormSheet, int, str] | None:
    """The cell to mend a problem in, if there is one; of the plan as a whole, the value of that name."""
    if sheet is FormSheet.ABOUT:
        rows = enumerate(form.rows(FormSheet.ABOUT))
        return next(((sheet, place, "value") for place, row in rows if row["key"] == key), None)
    return (sheet, at, key) if at >= 0 else None
