"""Long lists in pages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from workflow.domain.typed import whole_number

ON_A_PAGE = 150

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Pages(Generic[T]):
    """One page of a list: its rows, its number from 1, how many pages and rows there are."""

    rows: Sequence[T]
    number: int
    count: int
    total: int


def place(asked: str, total: int) -> tuple[int, int, int]:
    """The requested page, clamped to the last one: its number, how many there are, rows before it."""
    count = max(1, -(-total // ON_A_PAGE))
    number = min(max(whole_number(asked) or 1, 1), count)
    return number, count, (number - 1) * ON_A_PAGE


def paged(rows: Sequence[T], asked: str) -> Pages[T]:
    """The requested page of a list of rows."""
    number, count, before = place(asked, len(rows))
    return Pages(rows[before : before + ON_A_PAGE], number, count, len(rows))
