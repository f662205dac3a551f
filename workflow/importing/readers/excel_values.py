"""A workbook's values as Excel shows them to a Vietnamese office: dates, percentages, numbers, numbering."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta

_QUOTED = re.compile(r"\"[^\"]*\"|\\.|\[[^\]]*\]|_.|\*.")
_DATE_TOKEN = re.compile(
    r"\"[^\"]*\"|\\.|\[[^\]]*\]|yyyy|yy|mmmm|mmm|mm|m|dddd|ddd|dd|d|h+|s+|am/pm|.", re.IGNORECASE
)
_DECIMALS = re.compile(r"[0#?]\.([0#?]+)")
_LONE_GROUP = re.compile(r"(-?[1-9][0-9]{0,2})[.,]([0-9]{3})")


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
    places = match[1] if (match := _DECIMALS.search(pattern)) else ""
    decimals, spare = len(places), len(places) - places.count("0")
    if "%" in pattern:
        return f"{_one_way(_trimmed(_vietnamese(value * 100, decimals if match else None), spare))}%"
    if "#,##" in pattern:
        text = _trimmed(_vietnamese(value, decimals, thousands="."), spare)
        return _one_way(text) if "," in text else text
    if decimals:
        # Numbering such as 1.10 is kept as a number with two decimals, and is a number of the plan.
        return _one_way(_trimmed(f"{value:.{decimals}f}", spare))
    if pattern.strip("0") == "" and pattern:
        return f"{value:0{len(pattern)}.0f}"
    return _one_way(f"{value:.10g}") if abs(value) < 1e10 else f"{value:.0f}"


def _trimmed(text: str, spare: int) -> str:
    """Without the zeros at the end that the format (`0.##`) shows only where they count."""
    end = len(text) - spare
    return text[:end] + text[end:].rstrip("0") if text[end:].rstrip("0") else text[:end].rstrip(".,")


def _one_way(text: str) -> str:
    """A number of three decimals so that nobody reads them as thousands: 2.125 as `2,1250`."""
    match = _LONE_GROUP.fullmatch(text)
    return f"{match[1]},{match[2]}0" if match else text


def _vietnamese(value: float, decimals: int | None, thousands: str = "") -> str:
    text = f"{value:,.10g}" if decimals is None else f"{value:,.{decimals}f}"
    return text.replace(",", "\0").replace(".", ",").replace("\0", thousands)
