"""The output of `tiendo plan load` and `amend`: errors to correct, changes, effects on the cycles."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rich import box
from rich.table import Table
from rich.text import Text

from workflow.amending.plan import Preview
from workflow.cli.text import err, out
from workflow.domain.people.directory_difference import Changes, DirectoryDifference
from workflow.domain.plans.plan_difference import FieldChange, PlanDifference
from workflow.importing.amending.amending import Amended
from workflow.importing.amending.change_words import entry_rows, named, printed, worth_telling
from workflow.importing.form.checking import PlanProblem, RefusedPlan
from workflow.storage.amending.cycle_changes import Consequence, CycleEffect

_KEPT = (
    CycleEffect.KEPT_CLOSED,
    CycleEffect.KEPT_DECIDED,
    CycleEffect.KEPT_REPORTED,
    CycleEffect.KEPT_REASSIGNED,
)


def say_refused(error: RefusedPlan) -> None:
    """Every problem with its place and cure."""
    err.print(Text(error.what, style="bold red"))
    for problem in error.problems:
        err.print(Text(f"✗ {problem.what}", style="red"))
        err.print(Text(f"    Ở: {problem.where}"))
        err.print(Text(f"    Cách sửa: {problem.cure}"))
    err.print(Text(error.cure))


def say_notes(notes: Sequence[PlanProblem]) -> None:
    """The doubts: they stop nothing but should be checked."""
    for note in notes:
        out.print(Text(f"Lưu ý: {note.what} {note.cure} ({note.where})", style="dim"))


def say_preview(preview: Preview) -> None:
    """All that changes."""
    if preview.is_new:
        parts = sum(len(item.parts) for item in preview.plan.added)
        staff = preview.directory
        out.print(
            f"Kế hoạch mới: {len(preview.plan.added)} nội dung, {parts} phần; "
            f"{len(staff.units.added)} đơn vị, {len(staff.persons.added)} người nhận được thêm."
        )
        if preview.kind is not None:
            how = "" if preview.is_kind_said else " (đoán theo tên; khác thì nạp lại với --kind)"
            out.print(f"Loại đơn vị: {preview.kind.label}{how}.")
            if preview.kind.words.near:
                out.print(str(preview.kind.words.near))
        return
    if preview.is_empty:
        out.print("Không có gì thay đổi so với kế hoạch đang chạy.")
        return
    if not preview.plan.is_empty:
        out.print(_plan_table(preview.plan))
    if not preview.directory.is_empty:
        out.print(_directory_table(preview.directory))
    if preview.consequences:
        out.print(_consequences_table(preview.consequences))
    out.print(summary(preview))


def summary(preview: Preview) -> str:
    """The change in one line."""
    plan, staff = preview.plan, preview.directory
    kept = sum(one.effect in _KEPT for one in preview.consequences)
    parts = [
        f"{len(plan.added)} nội dung thêm, {len(plan.shown_changes)} đổi, {len(plan.withdrawn)} rút",
        f"{len(plan.moved)} đổi chỗ" if plan.moved else "",
        "danh bạ thay đổi" if not staff.is_empty else "",
        f"{kept} lượt báo cáo giữ nguyên" if kept else "",
    ]
    return "; ".join(part for part in parts if part) + "."


def say_taken(amended: Amended) -> None:
    """How each row of an amending document was matched."""
    table = _table(f"Văn bản {amended.kind.label}: từng dòng được hiểu là")
    for title in ("Dòng", "Nội dung", "Cách khớp", "Giống"):
        table.add_column(title, overflow="fold")
    for one in amended.taken:
        likeness = f"{one.likeness}%" if one.likeness else ""
        style = "yellow" if one.is_unsure else ""
        table.add_row(Text(one.place), one.code, one.how.label, likeness, style=style)
    out.print(table)
    for row in amended.unmatched:
        out.print(Text(f"Không biết bãi bỏ nội dung nào: {row}", style="yellow"))


def preview_as_json(preview: Preview) -> dict[str, Any]:
    """The preview for scripts."""
    plan, staff = preview.plan, preview.directory
    return {
        "plan": preview.plan_id,
        "new": preview.is_new,
        "kind": preview.kind.value if preview.kind else None,
        "kind_is_proposed": preview.kind is not None and not preview.is_kind_said,
        "headings": [_change_as_json(change) for change in plan.headings],
        "added": [item.code for item in plan.added],
        "changed": {
            change.after.code: [_change_as_json(one) for one in change.fields]
            for change in plan.shown_changes
        },
        "withdrawn": [item.code for item in plan.withdrawn],
        "moved": list(plan.moved),
        "directory": {
            "units": _changes_as_json(staff.units),
            "persons": _changes_as_json(staff.persons),
        },
        "cycles": [
            {"code": one.code, "period": one.period, "effect": one.effect.value, "detail": one.detail}
            for one in preview.consequences
        ],
    }


# --- tables -------------------------------------------------------------------------------------------------


def _table(title: str) -> Table:
    return Table(box=box.SIMPLE_HEAD, title=title, title_justify="left")


def _plan_table(plan: PlanDifference) -> Table:
    table = _table("Thay đổi của kế hoạch")
    for title, ratio in (("", 1), ("Mã", 2), ("Mục", 3), ("Trước", 6), ("Sau", 6)):
        table.add_column(title, ratio=ratio, overflow="fold")
    for change in plan.headings:
        table.add_row("~", "", change.label, *_sides(change), style="yellow")
    for item in plan.added:
        table.add_row("+", item.code, "Thêm", "", Text(item.content), style="green")
    for changed in plan.shown_changes:
        for change in worth_telling(changed.fields):
            table.add_row("~", change.code, change.label, *_sides(change), style="yellow")
    for item in plan.withdrawn:
        table.add_row("-", item.code, "Rút", Text(item.content), "", style="red")
    if plan.moved:
        table.add_row("↕", "", "Đổi chỗ", "", ", ".join(plan.moved))
    return table


def _sides(change: FieldChange) -> tuple[Text, Text]:
    return Text(printed(change.before)), Text(printed(change.after))


def _directory_table(staff: DirectoryDifference) -> Table:
    table = _table("Thay đổi của danh bạ")
    for title, ratio in (("", 1), ("Tên", 4), ("Mục", 2), ("Trước", 4), ("Sau", 4)):
        table.add_column(title, ratio=ratio, overflow="fold")
    for sign, name, field, before, after in (*entry_rows(staff.units), *entry_rows(staff.persons)):
        style = {"+": "green", "-": "red"}.get(sign, "yellow")
        table.add_row(sign, Text(name), field, Text(before), Text(after), style=style)
    return table


def _consequences_table(consequences: Sequence[Consequence]) -> Table:
    table = _table("Các lượt báo cáo")
    for title in ("Mã", "Kỳ", "Sẽ thế nào", "Chi tiết"):
        table.add_column(title, overflow="fold")
    for one in consequences:
        style = "dim" if one.effect in _KEPT else "red" if one.effect is CycleEffect.WITHDRAWN else ""
        table.add_row(one.code, one.period, one.effect.label, Text(one.detail), style=style)
    return table


def _change_as_json(change: FieldChange) -> dict[str, str]:
    before, after = printed(change.before), printed(change.after)
    return {"code": change.code, "field": change.field, "before": before, "after": after}


def _changes_as_json(changes: Changes[Any]) -> dict[str, list[str]]:
    return {
        "added": [named(entry) for entry in changes.added],
        "changed": [named(change.after) for change in changes.changed],
        "dropped": [named(entry) for entry in changes.dropped],
    }
