"""The form as bytes and back, so that a page can keep it between two requests."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from workflow.domain.words import kept, restored
from workflow.importing.form.form import Doubt, FormRow, FormSheet, PlanForm


def form_bytes(form: PlanForm) -> bytes:
    """The form as JSON; the same form always gives the same bytes."""
    document = {
        "sheets": {sheet.name: [_row(row) for row in rows] for sheet, rows in form.sheets.items()},
        "letters": {sheet.name: dict(letters) for sheet, letters in form.letters.items()},
    }
    return json.dumps(document, ensure_ascii=False, sort_keys=True).encode()


def form_from(content: bytes) -> PlanForm:
    """The form that `form_bytes` wrote."""
    document = json.loads(content)
    return PlanForm(
        {FormSheet[name]: tuple(_row_from(row) for row in rows) for name, rows in document["sheets"].items()},
        {FormSheet[name]: letters for name, letters in document["letters"].items()},
    )


def _row(row: FormRow) -> dict[str, Any]:
    return {
        "cells": dict(row.cells),
        "doubts": {
            key: [[kept(one.why), kept(one.cure), one.is_grave] for one in why]
            for key, why in row.doubts.items()
        },
        "number": row.number,
    }


def _row_from(row: Mapping[str, Any]) -> FormRow:
    doubts = {
        key: tuple(Doubt(restored(what), restored(cure), is_grave) for what, cure, is_grave in why)
        for key, why in row["doubts"].items()
    }
    return FormRow(row["cells"], doubts, row["number"])
