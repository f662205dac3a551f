"""Validates a routing rules file, with messages for the person who wrote it.

Groups and rules are the fields of `domain.rules.routing_rules`; this module has the bounds that their types
do not express. All faults are reported at once, each with its place and the cure.
"""

from __future__ import annotations

import types
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, is_dataclass
from datetime import time
from difflib import get_close_matches
from enum import StrEnum
from fractions import Fraction
from typing import Any, Union, get_args, get_origin

from workflow.domain.errors import WrongSetting
from workflow.domain.rules.routing_rules import (
    PERIOD_BY_ITEM,
    ApprovalRule,
    BodiesRule,
    ConfirmationRule,
    EscalationRule,
    EscalationStep,
    Fallback,
    FigureRule,
    MailRule,
    Override,
    PeriodRule,
    ReportRule,
    Rules,
    ScheduleRule,
    kinds_of,
)
from workflow.domain.typed import FIGURES, part_of_whole, plain_number
from workflow.domain.words import Words

GROUPS: Mapping[str, type] = {
    "period": PeriodRule,
    "schedule": ScheduleRule,
    "confirmation": ConfirmationRule,
    "approval": ApprovalRule,
    "bodies": BodiesRule,
    "mail": MailRule,
    "escalation": EscalationRule,
    "report": ReportRule,
    "figures": FigureRule,
}

_BOUNDS: Mapping[tuple[type, str], tuple[int, int]] = {
    (PeriodRule, "due_day"): (1, 31),
    (PeriodRule, "due_working_days"): (-60, 60),
    (ScheduleRule, "tell_working_days_before"): (0, 30),
    (ScheduleRule, "fair_working_days"): (0, 60),
    (ScheduleRule, "close_working_days"): (0, 60),
    (ConfirmationRule, "at_least"): (1, 500),
    (ApprovalRule, "quorum_count"): (0, 500),
    (ApprovalRule, "fallback_working_days"): (1, 60),
    (ApprovalRule, "undecided_working_days"): (1, 60),
    (ReportRule, "approve_working_days"): (1, 60),
    (MailRule, "settle_minutes"): (0, 1440),
    (MailRule, "gap_hours"): (0, 720),
    (MailRule, "from_hour"): (0, 23),
    (MailRule, "to_hour"): (1, 24),
}
_DAYS = (0, 250)
_SELECTORS = ("section", "item", "unit", "amount_from", "measure")


@dataclass(frozen=True, slots=True)
class SchemaFault:
    """A fault of a rules file: what, where, and the cure."""

    what: str
    where: str
    cure: str = ""


def checked(found: Mapping[str, Any], file: str = "") -> Rules:
    """The rules of a file's content; raises WrongSetting with the first fault."""
    for fault in faults(found):
        raise WrongSetting(fault.what, where=Words.joined((file, fault.where), by=", "), cure=fault.cure)
    return Rules.from_json(dict(found))


def faults(found: Mapping[str, Any]) -> list[SchemaFault]:
    """Returns all faults of a file's content, in its order."""
    return list(_faults(found))


def _faults(found: Mapping[str, Any]) -> Iterator[SchemaFault]:
    known = ("name", "version", *GROUPS, "overrides")
    for key, body in found.items():
        if key in ("name", "version"):
            if not isinstance(body, str):
                yield SchemaFault(Words("“%(key)s” phải là chữ, đặt trong ngoặc kép.", key=key), key)
        elif key == "overrides":
            yield from _overrides(body)
        elif key not in GROUPS:
            yield SchemaFault(
                Words("Không có nhóm quy tắc “%(key)s”.", key=key), f"[{key}]", choose(key, known)
            )
        elif not isinstance(body, Mapping):
            yield SchemaFault(
                Words("Nhóm “%(key)s” phải là một bảng.", key=key),
                key,
                Words("Viết [%(key)s] trên một dòng riêng.", key=key),
            )
        else:
            yield from _group(GROUPS[key], body, f"[{key}]")
    yield from _together(found)


def _group(rule: type, body: Mapping[str, Any], where: str) -> Iterator[SchemaFault]:
    kinds = kinds_of(rule)
    for name, value in body.items():
        if name not in kinds:
            yield SchemaFault(Words("Không có quy tắc “%(name)s”.", name=name), where, choose(name, kinds))
        else:
            yield from _value(kinds[name], value, _BOUNDS.get((rule, name), _DAYS), name, where)


def _value(kind: Any, value: Any, bounds: tuple[int, int], name: str, where: str) -> Iterator[SchemaFault]:
    if get_origin(kind) in (Union, types.UnionType):
        if value is None:
            return
        kind = next(one for one in get_args(kind) if one is not type(None))
    place = Words.joined((where, name))
    if get_origin(kind) is tuple:
        each = get_args(kind)[0]
        if not isinstance(value, list | tuple):
            yield SchemaFault(Words("“%(name)s” phải là một danh sách trong ngoặc vuông.", name=name), place)
            return
        for number, one in enumerate(value, 1):
            if not is_dataclass(each):
                yield from _value(each, one, bounds, name, where)
            elif isinstance(one, Mapping):
                yield from _step(one, Words("%(where)s, mục %(n)s", where=place, n=number))
            else:
                yield SchemaFault(
                    Words("Mỗi mục phải là một bảng trong ngoặc nhọn."),
                    Words("%(where)s, mục %(n)s", where=place, n=number),
                )
        return
    what, cure = _problem(kind, value, bounds)
    if what:
        yield SchemaFault(
            Words("“%(name)s” %(what)s, không phải %(value)s.", name=name, what=what, value=_shown(value)),
            place,
            cure,
        )


def _problem(kind: Any, value: Any, bounds: tuple[int, int]) -> tuple[str, str]:
    """What a value of that kind must be where this one is not, and the cure."""
    if kind is bool:
        return ("", "") if isinstance(value, bool) else (Words("phải là true hoặc false"), "")
    if kind is int:
        is_in = isinstance(value, int) and not isinstance(value, bool) and bounds[0] <= value <= bounds[1]
        return (
            ("", "")
            if is_in
            else (
                Words("phải là số nguyên từ %(least)s đến %(most)s", least=bounds[0], most=bounds[1]),
                "",
            )
        )
    if kind is str:
        return ("", "") if isinstance(value, str) else (Words("phải là chữ, đặt trong ngoặc kép"), "")
    if kind is Fraction:
        cure = Words("Viết như 1/2, 2/3; số người tối thiểu ghi ở quorum_count.")
        return ("", "") if _is_share(value) else (Words("phải là một phần của tổng số, từ 0 đến 1"), cure)
    if kind is time:
        return ("", "") if _is_hour(value) else (Words("phải là giờ trong ngày"), Words("Viết như “11:00”."))
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        names = [one.value for one in kind]
        text = Words("chỉ nhận %(names)s", names=", ".join(names))
        return ("", "") if value in names else (text, _close(str(value), names))
    return "", ""


def _is_share(value: Any) -> bool:
    share = None if isinstance(value, bool | float) else part_of_whole(str(value))
    return share is not None and 0 <= share <= 1


def _is_hour(value: Any) -> bool:
    if isinstance(value, time):
        return True
    if not isinstance(value, str):
        return False
    try:
        time.fromisoformat(value)
    except ValueError:
        return False
    return True


def _step(step: Mapping[str, Any], where: str) -> Iterator[SchemaFault]:
    yield from _group(EscalationStep, step, where)
    for name in kinds_of(EscalationStep):
        if name not in step:
            yield SchemaFault(Words("Thiếu “%(name)s”.", name=name), where)


def _overrides(body: Any) -> Iterator[SchemaFault]:
    if not isinstance(body, list) or not all(isinstance(one, Mapping) for one in body):
        yield SchemaFault(
            Words("Quy tắc riêng phải viết thành từng mục."),
            "overrides",
            Words("Mở mỗi mục bằng [[overrides]]."),
        )
        return
    seen: dict[tuple[Any, ...], int] = {}
    for number, one in enumerate(body, 1):
        where = Words("[[%(key)s]] thứ %(n)s", key="overrides", n=number)
        yield from _selector(one, where)
        changes = 0
        for name in ("period", "confirmation", "approval"):
            group = one.get(name, {})
            if isinstance(group, Mapping):
                changes += len(group)
                if name == "period":
                    yield from _by_item(group, where)
                yield from _group(GROUPS[name], group, Words.joined((where, f"[{name}]"), by=", "))
            else:
                yield SchemaFault(
                    Words("“%(name)s” phải là một bảng.", name=name),
                    where,
                    Words("Viết [overrides.%(name)s].", name=name),
                )
        if not changes:
            yield SchemaFault(
                Words("Quy tắc riêng không đổi quy tắc nào."), where, Words("Thêm [overrides.approval].")
            )
        aim = tuple(str(one.get(name, "")) for name in _SELECTORS)
        if aim in seen:
            text = Words("Cùng một phạm vi với quy tắc riêng thứ %(n)s.", n=seen[aim])
            yield SchemaFault(text, where, Words("Gộp làm một."))
        seen.setdefault(aim, number)


def _by_item(group: Mapping[str, Any], where: str) -> Iterator[SchemaFault]:
    for name in group:
        if name in kinds_of(PeriodRule) and name not in PERIOD_BY_ITEM:
            yield SchemaFault(
                Words("“%(name)s” là của cả kỳ, không riêng cho nội dung nào.", name=name),
                Words.joined((where, "[period]"), by=", "),
                Words("Chọn trong: %(names)s.", names=", ".join(PERIOD_BY_ITEM)),
            )


def _selector(one: Mapping[str, Any], where: str) -> Iterator[SchemaFault]:
    kinds = kinds_of(Override)
    for name in one:
        if name not in kinds:
            yield SchemaFault(Words("Không có mục “%(name)s”.", name=name), where, choose(name, kinds))
    for name in ("section", "item", "unit", "measure"):
        if not isinstance(one.get(name, ""), str):
            yield SchemaFault(Words("“%(name)s” phải là chữ, đặt trong ngoặc kép.", name=name), where)
    amount = one.get("amount_from")
    if amount is not None:
        value = None if isinstance(amount, bool) else plain_number(str(amount), FIGURES)
        if value is None or value < 0:
            yield SchemaFault(
                Words("“amount_from” phải là số không âm, không phải %(amount)s.", amount=_shown(amount)),
                where,
            )
    elif one.get("measure"):
        yield SchemaFault(Words("Có đơn vị tính “measure” mà thiếu “amount_from”."), where)
    if not any(one.get(name) for name in ("section", "item", "unit")) and amount is None:
        yield SchemaFault(
            Words("Không nói quy tắc riêng áp dụng cho nội dung nào."),
            where,
            Words("Ghi section, item, unit hoặc amount_from."),
        )


def unknown_units(rules: Rules, known: Iterable[str]) -> list[SchemaFault]:
    """The faults of the overrides that choose items by a unit the directory does not have; `known` are the
    ids of the directory's units."""
    names = sorted(known)
    return [
        SchemaFault(
            Words("Danh bạ không có đơn vị “%(name)s”.", name=one.unit),
            Words.joined((Words("[[%(key)s]] thứ %(n)s", key="overrides", n=number), "unit")),
            choose(one.unit, names),
        )
        for number, one in enumerate(rules.overrides, 1)
        if one.unit and one.unit not in names
    ]


def _together(found: Mapping[str, Any]) -> Iterator[SchemaFault]:
    """Yields faults of rules that are valid alone and contradict each other."""
    places = [found.get(name) for name in ("mail", "approval", "schedule", "bodies")]
    mail, approval, schedule, bodies = (body if isinstance(body, Mapping) else {} for body in places)
    defaults = MailRule()
    hours = mail.get("from_hour", defaults.from_hour), mail.get("to_hour", defaults.to_hour)
    if all(isinstance(hour, int) for hour in hours) and hours[0] >= hours[1]:
        yield SchemaFault(Words("Giờ bắt đầu gửi thư phải trước giờ thôi gửi."), "[mail] from_hour, to_hour")
    kinds = schedule.get("kinds")
    if isinstance(kinds, list | tuple) and not kinds and schedule.get("automatic") is True:
        yield SchemaFault(
            Words("Kỳ tự mở mà không nói mở kỳ nào."),
            "[schedule] kinds",
            Words("Ghi “month”, “quarter”, “half-year” hoặc “year”."),
        )
    committee, items = (approval.get("committee") or ""), (bodies.get("items") or "")
    if committee and items and committee != items:
        yield SchemaFault(
            Words(
                "Hai chỗ giao biểu quyết các nội dung cho hai tập thể: “%(one)s” và “%(other)s”.",
                one=committee,
                other=items,
            ),
            "[approval] committee, [bodies] items",
            Words("Giữ một chỗ; riêng một số nội dung thì ghi committee trong [[overrides]]."),
        )
    if str(approval.get("more_than")) == "1":
        yield SchemaFault(
            Words("Không số phiếu nào quá được toàn bộ."),
            "[approval] more_than",
            Words("Cần mọi người đồng ý thì đặt veto = “any”."),
        )
    if approval.get("silence_is_consent") is True and approval.get("fallback") != Fallback.WRITTEN.value:
        yield SchemaFault(
            Words("Im lặng chỉ có thể coi là đồng ý khi đã lấy ý kiến bằng văn bản."),
            "[approval] silence_is_consent",
            Words("Đặt fallback = “written”."),
        )


def choose(name: str, known: Iterable[str]) -> str:
    """The cure for a name that is not known: the one nearest to it, else all there are."""
    names = list(known)
    return _close(name, names) or Words("Chọn trong: %(names)s.", names=", ".join(names))


def _close(name: str, known: list[str]) -> str:
    close = get_close_matches(name, known, n=1)
    return Words("Có phải “%(near)s”?", near=close[0]) if close else ""


def _shown(value: Any) -> str:
    match value:
        case bool():
            return str(value).lower()
        case str():
            return f"“{value}”"
    return str(value)
