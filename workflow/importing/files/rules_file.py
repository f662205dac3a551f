"""Rules files (TOML): the routing rules as values, the scoring rules as their own text, both checked."""

from __future__ import annotations

import tomllib
from decimal import Decimal
from pathlib import Path
from typing import Any

from workflow.domain.errors import WrongSetting
from workflow.domain.rules.routing_rules import Rules
from workflow.domain.rules.schema import SchemaFault, checked, faults
from workflow.domain.scores.scoring_schema import scoring_faults
from workflow.domain.typed import FIGURES, clipped, plain_number
from workflow.domain.words import Words

LONGEST_ERROR = 200
"""How many characters of the TOML parser's message are repeated."""


def read_routing(path: Path) -> Rules:
    """The routing rules of a file; raises WrongSetting naming the first rule that cannot stand."""
    return checked(_toml(path), str(path))


def routing_faults(path: Path) -> list[SchemaFault]:
    """Everything that is wrong with a file of routing rules; raises WrongSetting where it is no TOML."""
    return faults(_toml(path))


def read_scoring(path: Path) -> dict[str, Any]:
    """The scoring rules of a file, checked, as a period pins them: the file's own text."""
    for fault in scoring_file_faults(path):
        raise WrongSetting(fault.what, where=f"{path}, {fault.where}", cure=fault.cure)
    return {"toml": path.read_text(encoding="utf-8")}


def scoring_file_faults(path: Path) -> list[SchemaFault]:
    """Everything that is wrong with a file of scoring rules; raises WrongSetting where it is no TOML."""
    return scoring_faults(_toml(path))


def routing_in(content: bytes, name: str) -> tuple[Rules | None, list[SchemaFault]]:
    """The routing rules in a file's bytes or, where they can't stand, everything that is wrong with them."""
    found = _parsed(content, name)
    wrong = faults(found)
    return (None if wrong else checked(found, name)), wrong


def scoring_in(content: bytes, name: str) -> tuple[dict[str, Any] | None, list[SchemaFault]]:
    """The scoring rules in a file's bytes, as a period pins them, or everything that is wrong with them."""
    wrong = scoring_faults(_parsed(content, name))
    return (None if wrong else {"toml": content.decode("utf-8")}), wrong


def _toml(path: Path) -> dict[str, Any]:
    try:
        return _parsed(path.read_bytes(), str(path))
    except FileNotFoundError:
        raise WrongSetting(Words("Không có tệp quy tắc."), where=str(path)) from None


def _parsed(content: bytes, name: str) -> dict[str, Any]:
    def number(text: str) -> Decimal:
        # A TOML float: its underscores are TOML's own syntax; exponents and `inf` are refused as points.
        value = plain_number(text.replace("_", "").removeprefix("+"), FIGURES)
        if value is None:
            raise WrongSetting(
                Words("“%(text)s” không phải là một số dùng được trong tệp quy tắc.", text=clipped(text)),
                where=name,
                cure=Words(
                    "Ghi nhiều nhất %(before)s chữ số trước dấu phẩy và %(after)s chữ số sau.",
                    before=FIGURES.before,
                    after=FIGURES.after,
                ),
            )
        return value

    try:
        return tomllib.loads(content.decode("utf-8"), parse_float=number)
    except ValueError as error:
        # Covers TOMLDecodeError, UnicodeDecodeError, and Python's refusal of thousands of digits.
        text = clipped(str(error)) if len(str(error)) > LONGEST_ERROR else error
        raise WrongSetting(Words("Tệp quy tắc không đọc được: %(error)s.", error=text), where=name) from None
    except RecursionError:
        raise WrongSetting(Words("Tệp quy tắc có quá nhiều lớp ngoặc."), where=name) from None
