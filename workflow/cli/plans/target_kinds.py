"""`tiendo plan target-kind`: what kind each target of the running plan is, and changing one in the year."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from rich.markup import escape

from workflow.amending.target_kinds import (
    KindChange,
    TargetOfPlan,
    change_target_kind,
    look_at_kind,
    targets_of_plan,
)
from workflow.cli.choosing import OrganisationName, PlanNumber, plan_for
from workflow.cli.running import open_store
from workflow.cli.text import out, say_error, say_json
from workflow.cli.up import Data, settings_of
from workflow.clock import Clock
from workflow.domain import vietnamese
from workflow.domain.errors import TiendoError
from workflow.domain.plans.target_kinds import TargetKind
from workflow.domain.results.figures import Figure


def target_kind(
    code: Annotated[
        str, typer.Argument(metavar="[CODE]", help="An item or part by its code; none to list all targets.")
    ] = "",
    place: Annotated[int, typer.Option("--target", min=1, help="Which target of the item, from 1.")] = 1,
    kind: Annotated[TargetKind | None, typer.Option("--is", help="The kind it is.")] = None,
    because: Annotated[str, typer.Option("--because", help="Why; goes into the log and the results.")] = "",
    dry: Annotated[bool, typer.Option("--dry", help="Only show what would change.")] = False,
    organisation: OrganisationName = "",
    plan: PlanNumber = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")] = False,
    data: Data = None,
) -> None:
    """Loại của từng chỉ tiêu; đổi loại và tính lại. / Kinds of targets; change one and count again."""
    try:
        store = open_store(settings_of(data))
        head = plan_for(store, organisation, plan)
        now = Clock(store).now()
        if kind is None:
            with store.reading() as tx:
                found = targets_of_plan(tx, head.id, of_code=code)
            _say_targets(found, as_json=as_json)
            return
        if dry:
            change = look_at_kind(store, head.id, code, place, kind, now)
        else:
            with store.begin() as tx:
                change = change_target_kind(tx, head.id, code, place, kind, because, now)
    except TiendoError as error:
        say_error(error)
        raise typer.Exit(1) from None
    _say_change(change, is_written=not dry, as_json=as_json)


def _say_targets(found: tuple[TargetOfPlan, ...], *, as_json: bool) -> None:
    if as_json:
        say_json({"targets": [_target_as_json(one) for one in found]})
        return
    for one in found:
        asked = " (CẦN XEM)" if one.read.is_doubtful and not one.is_by_office else ""
        by = "văn phòng chọn" if one.is_by_office else one.read.reason
        out.print(escape(f"{one.code} [{one.place}] {one.text}: {one.kind.label}, {by}{asked}"))


def _target_as_json(one: TargetOfPlan) -> dict[str, Any]:
    return {
        "code": one.code,
        "place": one.place,
        "text": one.text,
        "scope": one.scope,
        "kind": one.kind.value,
        "read": one.read.kind.value,
        "reason": one.read.reason,
        "is_doubtful": one.read.is_doubtful,
        "is_by_office": one.is_by_office,
    }


def _say_change(change: KindChange, *, is_written: bool, as_json: bool) -> None:
    if as_json:
        say_json(
            {
                "written": is_written,
                "code": change.code,
                "place": change.place,
                "before": change.before.value,
                "after": change.after.value,
                "periods": [
                    {
                        "label": one.label,
                        "before": _value(one.before),
                        "after": _value(one.after),
                        "version": one.version,
                        "units_rescored": [unit.unit for unit in one.scores],
                        "is_waiting": one.is_waiting,
                    }
                    for one in change.periods
                ],
                "all_closed": {"before": _value(change.year_before), "after": _value(change.year_after)},
            }
        )
        return
    out.print(escape(f"{change.code} {change.text}: {change.before.label} → {change.after.label}"))
    for one in change.periods:
        waiting = "; chờ nội dung mở lại xong mới tính" if one.is_waiting else ""
        scored = "; đổi điểm: " + ", ".join(unit.unit for unit in one.scores) if one.scores else ""
        out.print(escape(f"  {one.label}: {_said(one.before)} → {_said(one.after)}{scored}{waiting}"))
    if change.periods:
        out.print(f"  Cả các kỳ ấy: {_said(change.year_before)} → {_said(change.year_after)}")
    out.print("Đã ghi và tính lại." if is_written else "Chưa ghi gì.")


def _value(figure: Figure | None) -> str | None:
    return None if figure is None or figure.so_far is None else f"{figure.so_far:f}"


def _said(figure: Figure | None) -> str:
    if figure is None or figure.so_far is None:
        return "–"
    so_far = vietnamese.quantity(figure.so_far, figure.measure)
    return f"{so_far} ({'đạt' if figure.is_reached else 'chưa đạt'})"
