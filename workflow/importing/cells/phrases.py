"""Parses a time cell: a small grammar of Vietnamese time phrases, with the plan's year as context.

`read_schedule` tries the rules below in order, on the text without accents and OCR faults. If no rule
matches it returns None, and the caller stores the text and reports it. `docs/schedule-phrases.md` has the
table.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import lru_cache
from itertools import pairwise

from workflow.domain.plans.plan import Every, Schedule, ScheduleKind
from workflow.importing.cells.cadences import read_cadence
from workflow.importing.folding import fold

LONGEST_PHRASE = 300
ROMAN = {"i": 1, "ii": 2, "iii": 3, "iv": 4, "iiii": 4, "1": 1, "2": 2, "3": 3, "4": 4}

_ROMAN = r"(?:iiii|iii|ii|iv|i|[1-4])"
_SLASHED_DAY = r"\d{1,2}/\d{1,2}(?:/\d{4}|/\d{2})?"
_LEAD_IN = re.compile(
    r"^(?:(?:du kien|thuc hien|hoan thanh|trien khai|to chuc|bao cao|trinh|ban hanh|xong|trong|vao|thoi gian"
    r"|ca|khoang|dip|moc|giai doan(?= \d{4}))\b:? ?)+(?=\S)"
)
_BEFORE = re.compile(r"^(?:xong )?truoc (?:ngay (?=\D))?(?P<rest>.+)$")
_NOT_LATER = re.compile(
    r"^(?:(?:cham|muon|tre) nhat (?:la )?(?:vao )?|han (?:cuoi|chot)?:? ?|khong (?:qua|muon hon) "
    r"|den (?:het )?|tu nay den (?:het )?|xong het )(?P<rest>.+)$"
)
_YEARLY = re.compile(r"^(?P<rest>.+?) (?:hang|moi) nam$")
_BATCH = re.compile(
    r"(?:^|[;,. -]+)(?:dot|lan|giai doan|ky)(?: thu)? (?:\d{1,2}|i{1,3}|iv|nhat|hai|ba)\b ?[:(-] ?"
)


@dataclass(frozen=True, slots=True)
class _Point:
    """One named stretch of days, its year perhaps still open: `Tháng 6`, `Quý II/2023`, `15`."""

    unit: str
    number: int = 0
    month: int | None = None
    year: int | None = None

    def span(self) -> tuple[date, date]:
        """Its first and last day; ValueError for a day that is none."""
        year = self.year or 0
        match self.unit:
            case "thang":
                return _months(year, self.number, self.number)
            case "quy":
                return _months(year, self.number * 3 - 2, self.number * 3)
            case "nam":
                return _months(year, 1, 12)
            case _:
                day = date(year, self.month or 0, self.number)
                return day, day


@lru_cache(maxsize=16_384)
def read_schedule(text: str, year: int) -> Schedule | None:
    """The schedule a time cell names, or None when it can't be read.

    A phrase without a year is in the plan's `year`. `Trước ngày D` ends on the day before D.
    """
    if len(text) > LONGEST_PHRASE:
        return None
    whole = _tidy(text)
    without_asides = _tidy(re.sub(r"\([^()]*\)", " ", text))
    for phrase in dict.fromkeys((whole, without_asides)):
        for rule in _RULES:
            try:
                found = rule(phrase, year) if phrase else None
            except ValueError:  # a 31st of June, a month 13: a slip of the pen, not a schedule
                found = None
            if found is not None:
                return found
    return None


# --- rules, in the order they are tried -----------------------------------------------------------


def _batches(phrase: str, year: int) -> Schedule | None:
    """`Đợt 1: Tháng 4/2023 Đợt 2: Tháng 10/2023`."""
    starts = list(_BATCH.finditer(phrase))
    if not starts or starts[0].start() != 0:
        return None
    ends = [match.start() for match in starts[1:]] + [len(phrase)]
    pieces = [phrase[match.end() : end].strip(" ;,.)") for match, end in zip(starts, ends, strict=True)]
    return _milestones(pieces, year)


def _cadence(phrase: str, year: int) -> Schedule | None:
    """`Hằng tháng`, `01 tháng/lần`, `02 lần/năm`, `Thường xuyên`."""
    every = read_cadence(phrase)
    return Schedule(ScheduleKind.CADENCE, every=every) if every else None


def _bound_elsewhere(phrase: str, year: int) -> Schedule | None:
    """`Theo tiến độ dự án`, `Theo Kế hoạch`, `sau khi có hướng dẫn`."""
    if re.match(r"(?:bam sat |theo )(?:tien do|du an)\b", phrase):
        return Schedule(ScheduleKind.PER_PROJECT)
    if re.match(r"(?:ngay )?(?:theo (?!doi)|(?:sau )?khi |sau (?:ngay )?|dot xuat|can cu )", phrase):
        return Schedule(ScheduleKind.PER_PLAN)
    return None


def _deadline(phrase: str, year: int) -> Schedule | None:
    """`Trước ngày 25/10`, `Trước 30/6 hằng năm`, `Chậm nhất 30/11`, `Đến hết tháng 6`."""
    yearly = _YEARLY.match(phrase)
    if yearly:
        once = _deadline(yearly["rest"], year) or _single(yearly["rest"], year)
        return replace(once, every=Every.YEAR) if once else None
    if before := _BEFORE.match(phrase):
        span = _span(before["rest"], year)
        return (
            Schedule(ScheduleKind.BEFORE, last=span.first - timedelta(days=1))
            if span and span.first
            else None
        )
    if limit := _NOT_LATER.match(phrase):
        span = _span(limit["rest"], year)
        return Schedule(ScheduleKind.BEFORE, last=span.last) if span else None
    return None


def _single(phrase: str, year: int) -> Schedule | None:
    """One span: a day, month, quarter, part of a year or year, or a range between two of them."""
    return _span(phrase, year) or _range(phrase, year)


def _series(phrase: str, year: int) -> Schedule | None:
    """`Tháng 6, 11/2023`, `Quý II, III`, `30/6 và 15/12`: neighbours make one span, others milestones."""
    pieces = [piece for piece in re.split(r" ?(?:[,;&+]|\bva\b) ?", phrase) if piece]
    if len(pieces) < 2:
        return None
    points = _points(pieces, year)
    if points is None:
        return _milestones(pieces, year)
    spans = [point.span() for point in points]
    touching = all(b[0] - a[1] == timedelta(days=1) for a, b in pairwise(spans))
    plural = {"thang": ScheduleKind.MONTHS, "quy": ScheduleKind.QUARTERS}.get(points[0].unit)
    if touching and plural and len({point.unit for point in points}) == 1:
        return Schedule(plural, spans[0][0], spans[-1][1])
    return Schedule(ScheduleKind.MILESTONES, dates=tuple(sorted({last for _, last in spans})))


_RULES: tuple[Callable[[str, int], Schedule | None], ...] = (
    _batches,
    _deadline,
    _cadence,
    _single,
    _series,
    _bound_elsewhere,
)


# --- spans ------------------------------------------------------------------------------------------


def _span(phrase: str, year: int) -> Schedule | None:
    """A single stretch: `Tháng 9/2023`, `cuối quý II`, `6 tháng đầu năm`, `Năm 2023`, `15/11/2022`."""
    if part := re.match(r"^(\d{1,2}) thang (dau|cuoi) nam(?: ?/? ?(\d{4}))?$", phrase):
        count, which, own = int(part[1]), part[2], int(part[3] or year)
        if not 1 <= count <= 11:
            return None
        kind = ScheduleKind.HALF_YEAR if count == 6 else ScheduleKind.MONTHS
        low, high = (1, count) if which == "dau" else (13 - count, 12)
        return Schedule(kind, *_months(own, low, high))
    if re.match(r"^(?:trong |ca |cuoi |het |den het )*nam(?: nay)?$", phrase):
        return Schedule(ScheduleKind.YEAR, *_months(year, 1, 12))
    bare = re.sub(
        r"^(?:(?:dau|giua|cuoi|trong|het|ca|tuan(?: thu)? (?:\d|cuoi|dau)|nua (?:dau|cuoi)) (?:cua )?)+"
        r"(?=thang|quy|nam \d)",
        "",
        phrase,
    )
    points = _points([bare], year)
    if points is None:
        return None
    kinds = {"thang": ScheduleKind.MONTH, "quy": ScheduleKind.QUARTER, "nam": ScheduleKind.YEAR}
    return Schedule(kinds.get(points[0].unit, ScheduleKind.DAY), *points[0].span())


def _range(phrase: str, year: int) -> Schedule | None:
    """`Quý I-II`, `Quý IV/2024 - Quý I/2025`, `từ ngày 01/3 đến 15/4`; open-ended `Từ tháng 3`."""
    sides = [
        side for side in re.split(r" ?- ?| den (?:het )?(?:cuoi )?", re.sub(r"^tu ", "", phrase)) if side
    ]
    if len(sides) == 1 and phrase.startswith("tu "):
        start = _span(re.sub(r" tro di$", "", sides[0]), year)
        return Schedule(ScheduleKind.RANGE, first=start.first) if start else None
    if len(sides) != 2:
        return None
    if points := _points(sides, year, crossing=True):
        (first, _), (_, last) = points[0].span(), points[1].span()
        same = points[0].unit if points[0].unit == points[1].unit else ""
        kinds = {"thang": ScheduleKind.MONTHS, "quy": ScheduleKind.QUARTERS}
        kind = kinds.get(same, ScheduleKind.RANGE)
    else:
        left, right = _span(sides[0], year), _span(sides[1], year)
        if not (left and right and left.first and right.last):
            return None
        first, last, kind = left.first, right.last, ScheduleKind.RANGE
    return Schedule(kind, first, last) if first <= last else None


def _milestones(pieces: Sequence[str], year: int) -> Schedule | None:
    found = [_LEAD_IN.sub("", piece) for piece in pieces]
    schedules = [_deadline(piece, year) or _single(piece, year) for piece in found]
    days = {schedule.due for schedule in schedules if schedule and schedule.due}
    if not days or any(schedule is None or schedule.due is None for schedule in schedules):
        return None
    return Schedule(ScheduleKind.MILESTONES, dates=tuple(sorted(days)))


def _points(pieces: Sequence[str], year: int, *, crossing: bool = False) -> list[_Point] | None:
    """The pieces of a list, each borrowing its unit from the left, its month and year from the right."""
    points: list[_Point] = []
    for piece in pieces:
        point = _point(piece, points[-1].unit if points else "")
        if point is None:
            return None
        points.append(point)
    month, own = points[-1].month, points[-1].year or year
    if crossing and points[0].year and not points[-1].year:
        own = points[0].year + (_order(points[-1]) < _order(points[0]))
    settled: list[_Point] = []
    for point in reversed(points):
        if point.unit == "ngay":
            month = point.month or month
            if month is None:
                return None
            point = replace(point, month=month)
        earlier = crossing and settled and not point.year and _order(point) > _order(settled[-1])
        own = point.year or (own - 1 if earlier and points[-1].year else own)
        settled.append(replace(point, year=own))
    settled.reverse()
    if crossing and not any(point.year for point in points) and _order(settled[-1]) < _order(settled[0]):
        settled[-1] = replace(settled[-1], year=year + 1)
    return settled


def _order(point: _Point) -> tuple[int, int]:
    """Where in its year a point stands."""
    match point.unit:
        case "thang":
            return point.number, 0
        case "quy":
            return point.number * 3 - 2, 0
        case "nam":
            return 0, 0
        case _:
            return point.month or 0, point.number


def _point(piece: str, unit: str) -> _Point | None:
    """One point; `unit` is the word said before it in a list, for pieces that are a bare number."""
    if match := re.match(r"^(?:ngay )?(\d{1,2}) thang (\d{1,2})(?: ?/ ?| nam |$)(\d{4})?$", piece):
        return _Point("ngay", int(match[1]), int(match[2]), _year(match[3]))
    if match := re.match(rf"^(?:ngay )?(?={_SLASHED_DAY}$)(\d{{1,2}})/(\d{{1,2}})(?:/(\d+))?$", piece):
        return _Point("ngay", int(match[1]), int(match[2]), _year(match[3]))
    if match := re.match(r"^thang (\d{1,2})(?:(?:/| nam |)? ?(\d{4}|(?<=/)\d{2}))?$", piece):
        return _Point("thang", int(match[1]), None, _year(match[2]))
    if match := re.match(r"^(iii|ii|iv|i)/(\d{4})$", piece):
        return _Point("quy", ROMAN[match[1]], None, int(match[2]))
    if match := re.match(rf"^quy ({_ROMAN})(?:(?:/| nam | )?(\d{{4}}|(?<=/)\d{{2}}))?$", piece):
        return _Point("quy", ROMAN[match[1]], None, _year(match[2]))
    if match := re.match(r"^(?:nam )?(\d{4})$", piece):
        return _Point("nam", 0, None, int(match[1])) if 1990 <= int(match[1]) <= 2100 else None
    if match := re.match(r"^(\d{1,2})/(\d{4})$", piece):
        return _Point("thang", int(match[1]), None, int(match[2]))
    if match := re.match(r"^ngay (\d{1,2})$", piece) or (
        re.match(r"^(\d{1,2})$", piece) if not unit else None
    ):
        return _Point("ngay", int(match[1]))
    return _point(f"{unit} {piece}", "") if unit and unit != "nam" and not piece.startswith(unit) else None


def _year(digits: str | None) -> int | None:
    return None if not digits else int(digits) if len(digits) == 4 else 2000 + int(digits)


def _months(year: int, low: int, high: int) -> tuple[date, date]:
    if not 1 <= low <= high <= 12:
        raise ValueError(f"no month {low}-{high}")
    return date(year, low, 1), date(year, high, monthrange(year, high)[1])


# --- tidying --------------------------------------------------------------------------------------------


_FAULTS: tuple[tuple[str, str], ...] = (
    (r"^[\s\-+*•·.:;,]+|[\s.:;,\-]+$", ""),
    (r"(?<=;)\s*[-+•·*]+", " "),  # bullets of a list in one cell
    (r"\bqui\b", "quy"),
    (r"\bq[.\s]?(?=(?:[1-4]|i{1,3}|iv)\b)", "quy "),
    (r"\b(?:t|thg|th)\. ?(?=\d{1,2}(?!\d))|\bt(?=\d{1,2}(?!\d))", "thang "),
    (r"\b(thang|ngay|nam|quy)\.?(?=\d)", r"\1 "),
    (r"\bquy ?(?=(?:iii|ii|iv|i)\b)", "quy "),
    (r"(?<=quy )[l|](?=\b|/)", "i"),  # a roman one read as a small L or a bar
    (r"(?<=quy )(?:[l|][l|i]|i[l|])(?=\b|/)", "ii"),
    (r"(?<=quy )(?!iii)[l|i]{3}(?=\b|/)", "iii"),
    (r"(?<=quy )[1l|]v\b", "iv"),
    (r"\bsau thang(?= (?:dau|cuoi))", "6 thang"),
    (r"\b0+(?=\d)", ""),
    (r"\s*/\s*", "/"),
    (r"\b(\d{1,2})[.-](\d{1,2})[.-](\d{4})\b", r"\1/\2/\3"),
    (r"(thang \d{1,2}|quy (?:iii|ii|iv|i|[1-4])) ?- ?(?=20\d\d\b)", r"\1/"),
    (r"\s*-\s*", " - "),
    (r"\s*([,;])\s*", r"\1 "),
    (r"\s+", " "),
    (r"^[ ,;.:-]+|[ ,;.:-]+$", ""),
)


def _tidy(text: str) -> str:
    """The phrase folded, without tags and bullets, the usual faults of typing and OCR mended."""
    lines = re.sub(r"<[^>]*>", " ", text).strip().splitlines()
    phrase = fold("; ".join(lines)).replace("–", "-").replace("—", "-")
    for fault, cure in _FAULTS:
        phrase = re.sub(fault, cure, phrase)
    return _LEAD_IN.sub("", phrase)
