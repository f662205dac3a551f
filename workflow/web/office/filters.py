"""The board's filter, as query and form fields: `stage`, `unit`, `leader`, `section`, `q`, `late`.

The board, the table to download and the form that urges read the same fields.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from workflow.domain.cycles.cycle import Stage
from workflow.domain.typed import whole_number
from workflow.storage.duties.board import Filter


def filter_of(given: Mapping[str, Any]) -> Filter:
    """The filter of a query or a form; an invalid field filters nothing."""

    def said(name: str) -> str:
        value = given.get(name)
        return value.strip()[:100] if isinstance(value, str) else ""

    unit = said("unit")
    return Filter(
        stage=Stage(said("stage")) if said("stage") in list(Stage) else None,
        unit_id=whole_number(unit),
        leader=said("leader"),
        section=said("section"),
        text=said("q"),
        late=said("late") == "1",
    )


def fields_of(wanted: Filter) -> dict[str, str]:
    """The fields that ask for the filter."""
    fields = {
        "stage": wanted.stage.value if wanted.stage else "",
        "unit": str(wanted.unit_id or ""),
        "leader": wanted.leader,
        "section": wanted.section,
        "q": wanted.text,
        "late": "1" if wanted.late else "",
    }
    return {name: value for name, value in fields.items() if value}
