"""Reading the values of a scoring rules file: points, percentages and words, exactly or not at all."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Any, TypeVar

from workflow.domain.errors import WrongSetting
from workflow.domain.results.record import Status
from workflow.domain.typed import MOST_WHOLE, POINTS, clipped, part_of_whole, plain_number
from workflow.domain.words import Words

E = TypeVar("E", bound=StrEnum)


def table(found: Mapping[str, Any], key: str, where: str) -> Mapping[str, Any]:
    """A table of the file, empty where it is left out."""
    table = found.get(key, {})
    if not isinstance(table, Mapping):
        raise WrongSetting(Words("Mục “%(key)s” phải là một bảng.", key=key), where=where)
    return table


def points(found: Mapping[str, Any], key: str, where: str) -> Decimal:
    """A number of points, exactly; 0 where it is left out."""
    value = plain_number(str(found.get(key, 0)), POINTS)
    if value is None or value < 0:
        raise WrongSetting(
            Words(
                "“%(key)s” phải là số không âm, không phải “%(value)s”.",
                key=key,
                value=clipped(str(found[key])),
            ),
            where=where,
            cure=Words(
                "Ghi nhiều nhất %(before)s chữ số trước dấu phẩy và %(after)s chữ số sau.",
                before=POINTS.before,
                after=POINTS.after,
            ),
        )
    return value


def percent(found: Mapping[str, Any], key: str, where: str) -> Fraction:
    """A percentage as a share, 0 to 1."""
    share = Fraction(points(found, key, where)) / 100
    if share > 1:
        raise WrongSetting(
            Words("“%(key)s” phải từ 0 đến 100, không phải “%(value)s”.", key=key, value=found[key]),
            where=where,
        )
    return share


def part(found: Mapping[str, Any], key: str, where: str, default: Fraction) -> Fraction:
    """A part of a whole, written `1/2`: from 0 on, under 1."""
    share = part_of_whole(str(found.get(key, default)))
    if share is None or not 0 <= share < 1:
        raise WrongSetting(
            Words(
                "“%(key)s” phải là một phần của tổng số, không phải “%(value)s”.",
                key=key,
                value=clipped(str(found[key])),
            ),
            where=where,
            cure=Words("Viết như “1/2”, “2/3”."),
        )
    return share


def whole(found: Mapping[str, Any], key: str, where: str, default: int) -> int:
    """A whole number from 0 to 9999."""
    value = found.get(key, default)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= MOST_WHOLE:
        raise WrongSetting(
            Words(
                "“%(key)s” phải là số nguyên từ 0 đến %(most)s, không phải “%(value)s”.",
                key=key,
                most=MOST_WHOLE,
                value=clipped(str(value)),
            ),
            where=where,
        )
    return value


def status(name: str, where: str) -> Status:
    """A status by its name."""
    try:
        return Status(name)
    except ValueError:
        raise WrongSetting(
            Words("Không có trạng thái “%(name)s”.", name=name),
            where=where,
            cure=Words("Chọn trong: %(names)s.", names=", ".join(Status)),
        ) from None


def choice(kind: type[E], found: Mapping[str, Any], key: str, default: E) -> E:
    """A word of a closed set."""
    try:
        return kind(found.get(key, default))
    except ValueError:
        raise WrongSetting(
            Words("“%(key)s” không nhận giá trị “%(value)s”.", key=key, value=found[key]),
            cure=Words("Chọn trong: %(names)s.", names=", ".join(kind)),
        ) from None
