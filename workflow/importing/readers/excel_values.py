"""A workbook's values as Excel shows them to a Vietnamese office: dates, percentages, numbers, numbering."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta

_QUOTED = re.compile(r"\"[^\"]*\"|\\.|\[[^\]]*\]|_.|\*.")
_DATE_TOKEN = re.compile(
    r"\"[^\"]*\"|\\.|\[[^\]]*\]|yyyy|yy|mmmm|mmm|mm|m|dddd|ddd|dd|d|h+|s+|am/pm|.", re.IGNORECASE
)
_DECIMALS = re.compile(r"0\.(0+)")
_LIKE_THOUSANDS = re.compile(r"-?[0-9]{1,3}\.[0-9]{3}")


def shown(value: object, number_format: str) -> str:
    """The text a cell with that value and format shows."""
    match value:
        case None:
            return ""
        case str():
            return value
        case bool():
            return "TRUE" if value else "FALSE"
        case datetime() | date():
            return _date(value, number_format)
        case time() | timedelta():
            return str(value)
        case int() | float():
            return _number(value, number_format)
    return str(value)


def _date(value: date, number_format: str) -> str:
    """A date in the order its format has, day before month where it has none of its own: `15/11/2022`."""
    pattern = number_format.split(";")[0]
    if not re.search(r"[ymd]", _QUOTED.sub("", pattern), re.IGNORECASE) or pattern.lower().startswith(
        ("mm-d", "m/d", "y")
    ):
        # Excel's own short date, kept as m/d/yy, is shown in the order of the country it is opened in;
        # year first is how programs write dates into workbooks, not how an office reads them.
        return f"{value:%d/%m/%Y}"
    pieces = [_date_piece(token, value) for token in _DATE_TOKEN.findall(pattern)]
    return " ".join("".join(pieces).split()).rstrip(" :")


def _date_piece(sign: str, value: date) -> str:
    if sign[0] in '"\\[':
        return sign.strip('"\\') if sign[0] != "[" else ""
    sign = sign.lower()
    match sign:
        case "d" | "m":
            return str(value.day if sign == "d" else value.month)
        case "dd" | "mm":
            return f"{value.day if sign == 'dd' else value.month:02d}"
        case "mmm" | "mmmm":
            return f"{value.month:02d}"
        case "yy" | "yyyy":
            return f"{value.year}"
    return "" if sign[0] in "hs:" or sign in {"ddd", "dddd", "am/pm", "@"} else sign


def _number(value: float, number_format: str) -> str:
    """A number with the decimals, percent sign and thousands its format has."""
    pattern = _QUOTED.sub("", number_format.split(";")[0])
    decimals = len(match[1]) if (match := _DECIMALS.search(pattern)) else 0
    if "%" in pattern:
        return f"{_vietnamese(value * 100, decimals if match else None)}%"
    if "#,##" in pattern:
        return _vietnamese(value, decimals, thousands=".")
    if decimals:
        # Numbering such as 1.10 is kept as a number with two decimals, and is a number of the plan.
        # Three decimals would be taken for thousands; a fourth says that they are none.
        return f"{value:.{decimals}f}" + ("0" if decimals == 3 else "")
    if pattern.strip("0") == "" and pattern:
        return f"{value:0{len(pattern)}.0f}"
    text = f"{value:.10g}" if abs(value) < 1e10 else f"{value:.0f}"
    return text + ("0" if _LIKE_THOUSANDS.fullmatch(text) else "")


def _vietnamese(value: float, decimals: int | None, thousands: str = "") -> str:
    text = f"{value:,.10g}" if decimals is None else f"{value:,.{decimals}f}"
    text += "0" if _LIKE_THOUSANDS.fullmatch(text) else ""
    return text.replace(",", "\0").replace(".", ",").replace("\0", thousands)
