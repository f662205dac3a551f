"""Data without Vietnamese letters, so that what is still Vietnamese on an English page is ours."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import fields, is_dataclass, replace
from enum import Enum
from typing import Any

_LETTER = re.compile(r"[À-ɏ\u1ea0-\u1ef9]")


def plain(value: Any) -> Any:
    """The same value, each text in it without diacritics."""
    if isinstance(value, str) and not isinstance(value, Enum):
        bare = unicodedata.normalize("NFD", value.replace("đ", "d").replace("Đ", "D"))
        return "".join(one for one in bare if not unicodedata.combining(one))
    if isinstance(value, list | tuple):
        return type(value)(plain(one) for one in value)
    if isinstance(value, dict):
        return {name: plain(one) for name, one in value.items()}
    if is_dataclass(value) and not isinstance(value, type):
        return replace(value, **{one.name: plain(getattr(value, one.name)) for one in fields(value)})
    return value


def is_vietnamese(text: str) -> bool:
    """Whether a letter in it is one that English lacks."""
    return bool(_LETTER.search(text.replace("×", "")))
