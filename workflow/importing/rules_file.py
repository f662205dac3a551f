"""Rules files (TOML): the routing rules as values, the scoring rules as their own text, both checked."""

from __future__ import annotations

import tomllib
from dataclasses import fields
from decimal import Decimal
from pathlib import Path
from typing import Any

from workflow.domain.errors import WrongSetting
from workflow.domain.rules import ApprovalRule, ConfirmationRule, MailRule, PeriodRule, Rules
from workflow.domain.scoring_rules import ScoringRules

_TABLES = {
    "period": PeriodRule,
    "confirmation": ConfirmationRule,
    "approval": ApprovalRule,
    "mail": MailRule,
}


def read_routing(path: Path) -> Rules:
    """The routing rules of a file; raises WrongSetting naming the key that cannot stand."""
    found = _toml(path)
    for table, body in found.items():
        if table in ("name", "version"):
            continue
        if table not in _TABLES:
            raise WrongSetting(
                f"Không có nhóm quy tắc “{table}”.", where=str(path), cure=f"Các nhóm: {', '.join(_TABLES)}."
            )
        known = [field.name for field in fields(_TABLES[table])]
        for key in body:
            if key not in known:
                raise WrongSetting(
                    f"Không có quy tắc “{key}”.",
                    where=f"{path}, nhóm [{table}]",
                    cure=f"Các quy tắc: {', '.join(known)}.",
                )
    try:
        return Rules.from_json(found)
    except (ValueError, TypeError, ZeroDivisionError) as error:
        raise WrongSetting(
            f"Quy tắc có giá trị không dùng được: {error}.",
            where=str(path),
            cure="Xem chú thích trong tệp mẫu.",
        ) from None


def read_scoring(path: Path) -> dict[str, Any]:
    """The scoring rules of a file, checked, as a period pins them: the file's own text."""
    text = path.read_text(encoding="utf-8")
    ScoringRules.from_dict(_toml(path))
    return {"toml": text}


def _toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)
    except FileNotFoundError:
        raise WrongSetting("Không có tệp quy tắc.", where=str(path)) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise WrongSetting(f"Tệp quy tắc không đọc được: {error}.", where=str(path)) from None
