"""Validates a scoring rules file: every fault with its place and cure.

Values are read by `workflow.domain.scores.scoring_rules`, which decides what is valid.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from enum import StrEnum
from typing import Any

from workflow.domain.errors import WrongSetting
from workflow.domain.rules.schema import SchemaFault, choose
from workflow.domain.scores.scoring_rules import ScoringRules
from workflow.domain.typed import MOST_WHOLE, POINTS, clipped, plain_number
from workflow.domain.words import Words


class _Kind(StrEnum):
    """What a value must be."""

    TEXT = "text"
    POINTS = "points"
    PERCENT = "percent"
    COUNT = "count"
    BOOL = "bool"
    LIST = "list"
    TABLE = "table"
    TABLES = "tables"
    PART = "part"

    @property
    def label(self) -> Words:
        """In words for the person who wrote the file."""
        return _LABELS[self]


_LABELS = {
    _Kind.TEXT: Words("chữ trong ngoặc kép"),
    _Kind.POINTS: Words("số không âm"),
    _Kind.PERCENT: Words("số từ 0 đến 100"),
    _Kind.COUNT: Words("số nguyên không âm"),
    _Kind.BOOL: Words("true hoặc false"),
    _Kind.LIST: Words("danh sách chữ trong ngoặc vuông"),
    _Kind.TABLE: Words("một bảng"),
    _Kind.TABLES: Words("danh sách các bảng"),
    _Kind.PART: Words("một phần như “1/2”"),
}


Kinds = Mapping[str, _Kind]

_ROOT: Kinds = {
    "name": _Kind.TEXT,
    "version": _Kind.TEXT,
    "not_applicable": _Kind.TEXT,
    "leads": _Kind.TEXT,
    "rounding": _Kind.TABLE,
    "ranking": _Kind.TABLE,
    "critical": _Kind.TABLE,
    "caps": _Kind.TABLE,
    "council": _Kind.TABLE,
    "self_score": _Kind.TABLE,
    "spans": _Kind.TABLE,
    "review": _Kind.TABLE,
    "unit_page": _Kind.TABLE,
    "grades": _Kind.TABLES,
    "groups": _Kind.TABLES,
    "weights": _Kind.TABLES,
    "bonuses": _Kind.TABLES,
    "deductions": _Kind.TABLES,
    "commendations": _Kind.TABLES,
}
_EXTRA: Kinds = {"code": _Kind.TEXT, "title": _Kind.TEXT, "points": _Kind.POINTS, "cap": _Kind.POINTS}
_INNER: Mapping[str, Kinds] = {
    "rounding": {"places": _Kind.COUNT, "mode": _Kind.TEXT},
    "ranking": {"ties": _Kind.LIST, "least_applicable": _Kind.POINTS},
    "critical": {"items": _Kind.LIST, "sections": _Kind.LIST, "missed": _Kind.LIST},
    "caps": {"bonus": _Kind.POINTS, "deduction": _Kind.POINTS},
    "council": {
        "more_than": _Kind.PART,
        "base": _Kind.TEXT,
        "quorum": _Kind.PART,
        "working_days": _Kind.COUNT,
        "secret_commendations": _Kind.BOOL,
    },
    "self_score": {"working_days": _Kind.COUNT},
    "spans": {"score": _Kind.TEXT},
    "review": {"working_days": _Kind.COUNT, "answer_working_days": _Kind.COUNT},
    "unit_page": {"rank": _Kind.BOOL},
    "grades": {
        "title": _Kind.TEXT,
        "from": _Kind.POINTS,
        "bars_missed_critical": _Kind.BOOL,
        "needs": _Kind.TABLE,
        "most_percent": _Kind.PERCENT,
        "at_least": _Kind.COUNT,
    },
    "groups": {"title": _Kind.TEXT, "maximum": _Kind.POINTS, "criteria": _Kind.TABLES},
    "weights": {"item": _Kind.TEXT, "section": _Kind.TEXT, "kind": _Kind.TEXT, "weight": _Kind.POINTS},
    "bonuses": _EXTRA,
    "deductions": _EXTRA,
    "commendations": {
        "code": _Kind.TEXT,
        "title": _Kind.TEXT,
        "for": _Kind.TEXT,
        "periods": _Kind.LIST,
        "grade": _Kind.TEXT,
        "rank_at_most": _Kind.COUNT,
        "least_points": _Kind.POINTS,
        "bars_overdue": _Kind.BOOL,
        "bars_missed_critical": _Kind.BOOL,
        "most_percent": _Kind.PERCENT,
        "at_least": _Kind.COUNT,
        "quarters": _Kind.COUNT,
        "on_time_percent": _Kind.PERCENT,
        "returns_at_most": _Kind.COUNT,
        "least_reports": _Kind.COUNT,
        "more_than": _Kind.PART,
    },
}
_NEEDED: Mapping[str, tuple[str, ...]] = {
    "grades": ("title", "from"),
    "groups": ("title", "criteria"),
    "weights": ("weight",),
    "bonuses": ("code", "title", "points"),
    "deductions": ("code", "title", "points"),
    "commendations": ("code", "title", "for"),
}
_CRITERION: Kinds = {"code": _Kind.TEXT, "title": _Kind.TEXT, "maximum": _Kind.POINTS, "measure": _Kind.TEXT}
_MEASURES: Mapping[str, Kinds] = {
    "timeliness": {"bands": _Kind.TABLES},
    "deadlines": {"percent": _Kind.TABLE},
    "completion": {"not_due": _Kind.TEXT},
    "quality": {"per_objection": _Kind.POINTS, "per_return": _Kind.POINTS, "per_missing": _Kind.POINTS},
    "coordination": {"late_percent": _Kind.PERCENT, "silent_percent": _Kind.PERCENT},
    "initiative": {"per_claim": _Kind.POINTS},
}
_BAND: Kinds = {"up_to_days": _Kind.COUNT, "percent": _Kind.PERCENT}


def scoring_faults(found: Mapping[str, Any]) -> list[SchemaFault]:
    """Returns all faults of a file's content; if its parts are valid, those of their combination."""
    faults = list(_faults(found))
    if not faults:
        try:
            ScoringRules.from_dict(found)
        except WrongSetting as error:
            faults.append(SchemaFault(error.what, error.where or Words("cả tệp"), error.cure))
    return faults


def _faults(found: Mapping[str, Any]) -> Iterator[SchemaFault]:
    yield from _table(found, _ROOT, ("name", "version", "groups"), Words("đầu tệp"))
    for key, kinds in _INNER.items():
        body = found.get(key)
        if isinstance(body, Mapping) and _ROOT[key] == _Kind.TABLE:
            yield from _table(body, kinds, (), f"[{key}]")
        elif _fits(body, _Kind.TABLES):
            for number, row in enumerate(body or (), 1):
                where = Words("[[%(key)s]] thứ %(n)s", key=key, n=number)
                yield from _table(row, kinds, _NEEDED.get(key, ()), where)
                if key == "groups" and _fits(row.get("criteria"), _Kind.TABLES):
                    yield from _criteria(row["criteria"], where)


def _criteria(rows: list[Any], group: str) -> Iterator[SchemaFault]:
    for number, row in enumerate(rows, 1):
        named = f"“{row['code']}”" if "code" in row else Words("thứ %(n)s", n=number)
        where = Words("%(group)s, tiêu chí %(named)s", group=group, named=named)
        measure = row.get("measure")
        own = _MEASURES.get(measure) if isinstance(measure, str) else None
        if own is None and measure is not None:
            yield SchemaFault(
                Words("Không có cách đo %(measure)s.", measure=_shown(measure)),
                where,
                choose(str(measure), _MEASURES),
            )
            continue
        yield from _table(row, {**_CRITERION, **(own or {})}, tuple(_CRITERION), where)
        if measure == "timeliness" and _fits(row.get("bands"), _Kind.TABLES):
            for place, band in enumerate(row["bands"], 1):
                yield from _table(
                    band,
                    _BAND,
                    tuple(_BAND),
                    Words("%(where)s, bands thứ %(n)s", where=where, n=place),
                )


def _table(
    body: Mapping[str, Any], kinds: Kinds, needed: tuple[str, ...], where: str
) -> Iterator[SchemaFault]:
    for key, value in body.items():
        if key not in kinds:
            yield SchemaFault(Words("Không có mục “%(key)s”.", key=key), where, choose(key, kinds))
        elif not _fits(value, kinds[key]):
            yield SchemaFault(
                Words(
                    "“%(key)s” phải là %(kind)s, không phải %(found)s.",
                    key=key,
                    kind=kinds[key].label,
                    found=_shown(value),
                ),
                where,
            )
    for key in needed:
        if key not in body:
            yield SchemaFault(
                Words("Thiếu “%(key)s”.", key=key),
                where,
                Words("Thêm %(key)s = … (%(kind)s).", key=key, kind=kinds[key].label),
            )


def _fits(value: Any, kind: _Kind) -> bool:
    is_number = (
        isinstance(value, int | Decimal)
        and not isinstance(value, bool)
        and plain_number(str(value), POINTS) is not None
    )
    match kind:
        case _Kind.TEXT:
            return isinstance(value, str)
        case _Kind.POINTS:
            return is_number and value >= 0
        case _Kind.PERCENT:
            return is_number and 0 <= value <= 100
        case _Kind.COUNT:
            return is_number and isinstance(value, int) and 0 <= value <= MOST_WHOLE
        case _Kind.BOOL:
            return isinstance(value, bool)
        case _Kind.TABLE:
            return isinstance(value, Mapping)
        case _Kind.TABLES:
            return isinstance(value, list) and all(isinstance(one, Mapping) for one in value)
        case _Kind.LIST:
            return isinstance(value, list) and all(isinstance(one, str) for one in value)
    return isinstance(value, str | int | Decimal) and not isinstance(value, bool)


def _shown(value: Any) -> str:
    return f"“{clipped(value)}”" if isinstance(value, str) else clipped(str(value))
