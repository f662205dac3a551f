"""Ditto marks: cells that mean only `as above`."""

from __future__ import annotations

import re

from workflow.importing.tables.table import plain

LONGEST = 30
"""A longer cell has a content of its own."""
_WORDS = re.compile(
    r"n ?t|nhu (?:cac )?(?:muc |noi dung |dong |o |y |don vi |co quan )?tren|tren|tuong tu(?: tren)?"
)
_MARKS = re.compile(r"[-–—\s]*(?:(?:[\"”“″〃]|''|//|,,)[-–—\s]*)+|-\s*nt\s*-")


def is_ditto(text: str) -> bool:
    """Whether a cell means only `as above`."""
    if len(text) > LONGEST or not text:
        return False
    return bool(_MARKS.fullmatch(text) or _WORDS.fullmatch(plain(text)))
