"""Reads the form's sheet of targets: each row as a target of the item or part of its code."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

from workflow.domain.errors import NotAllowed
from workflow.domain.plans.plan import Comparison, Target
from workflow.domain.plans.target_kinds import TargetKind
from workflow.domain.typed_number import typed_number
from workflow.domain.words import Words
from workflow.importing.cells.target_kinds import read_kinds
from workflow.importing.folding import fold
from workflow.importing.form.form import COMPARISONS, KINDS, FormRow, FormSheet, PlanForm

Complain = Callable[[FormSheet, int, str, str, str], None]


class TargetCells:
    """The targets of one form, by the code of their item or part; what can't be read is complained of."""

    def __init__(self, form: PlanForm, complain: Complain) -> None:
        self._form = form
        self.complain = complain
        self._without_kind: set[tuple[str, int]] = set()
        self._targets = self._read_targets()

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
                if kind := self._kind(at, row):
                    target = replace(target, kind=kind)
                else:
                    self._without_kind.add((row["code"], len(found.get(row["code"], ()))))
                found[row["code"]] = (*found.get(row["code"], ()), target)
        return found

    def of(self, row: FormRow) -> tuple[Target, ...]:
        """The row's targets; one whose kind nobody said has the kind that the words of the row say."""
        targets = self._targets.get(row["code"], ())
        reads = read_kinds(row["content"], targets)
        return tuple(
            replace(target, kind=read.kind) if (row["code"], place) in self._without_kind else target
            for place, (target, read) in enumerate(zip(targets, reads, strict=True))
        )

    def _kind(self, at: int, row: FormRow) -> TargetKind | None:
        said = fold(row["kind"])
        for kind, words in KINDS.items():
            if said in (fold(words), kind.value):
                return kind
        if said:
            what = Words("%(code)s: không có loại chỉ tiêu “%(kind)s”.", code=row["code"], kind=row["kind"])
            cure = Words("Chọn: %(names)s.", names="; ".join(KINDS.values()))
            self.complain(FormSheet.TARGETS, at, "kind", what, cure)
        return None

    def _number(self, at: int, row: FormRow, key: str) -> Decimal | None:
        what: str = Words("Chưa ghi giá trị.")
        cure: str = Words("Ghi số, ví dụ 98,5 hoặc 120.000.000.")
        if row[key]:
            try:
                return typed_number(row[key], row["measure"])
            except NotAllowed as error:
                what = Words("%(code)s: %(what)s", code=row["code"], what=error.what)
                cure = error.cure or cure
        self.complain(FormSheet.TARGETS, at, key, what, cure)
        return None

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
