"""The measurable figures inside an item's content: value, comparison, measure and what they are of.

A number counts as a target only with a measure after it (`%`, `đồng`, `lượt`, `hộ`) or a rank before it;
years, dates, decree numbers and numbered places (`TDP số 7`) have neither.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from workflow.domain.numbers import NumberRead, read_amount, read_number, split_scale
from workflow.domain.plans.plan import Comparison, Target
from workflow.importing.folding import fold, tidy

FARTHEST = 240
"""How many characters away the words a figure is of may begin."""

_NUMBER = (
    r"(?:[1-9][0-9]{0,2}(?: [0-9]{3})+(?![0-9]|[.,][0-9]{3}(?![0-9]))(?:[.,][0-9]++)?+(?![.,][0-9])"
    r"|[0-9]++(?:[.,][0-9]++)*+)"
)
_MONEY = r"(?:(?:nghìn|ngàn|triệu|tỷ|tỉ|trăm triệu) )?(?:rưỡi )?đồng|(?:triệu|tỷ|tỉ)(?! lệ)(?: rưỡi)?"
_ABOVE = rf"(?:{_NUMBER} (?:tỷ|tỉ) )?(?:{_NUMBER} triệu )?(?={_NUMBER} (?:triệu|nghìn|ngàn|đồng)(?!\w))"
"""The greater scales of a number said in several: `15 tỷ ` of `15 tỷ 500 triệu đồng`."""
_PERIOD = r"(?:năm|tháng|quý|tuần|ngày)"
_COUNTED = (
    "lượt người lao động|lượt người|lượt hộ|lượt|người|hộ gia đình|hộ|gia đình|thẻ|sổ tiết kiệm|sổ"
    "|suất quà|suất|phần quà|phần|xuất quà"
    "|mô hình|công trình|dự án|tuyến đường|tuyến phố|tuyến|đoạn đường|ngõ|nhà văn hóa|nvh|nhà|điểm|chợ"
    "|vườn hoa|sân chơi"
    "|buổi|lớp|cuộc|hội nghị|đợt|lần|chuyên đề|chương trình|kế hoạch|văn bản|nghị quyết|báo cáo|tin bài"
    "|tin|bài|clip"
    "|câu lạc bộ|clb|chi hội|chi bộ|chi đoàn|tổ dân phố|tdp|khu phố|thôn|trường|cơ sở|doanh nghiệp"
    "|hợp tác xã|htx"
    "|hội viên|đoàn viên|đảng viên|học viên|học sinh|trẻ em|lao động|việc làm|thanh niên|phụ nữ|cán bộ"
    "|công dân"
    "|cây xanh|cây|thùng|bình|camera|bóng đèn|bộ|chiếc|cái|bảng|biển|xe đèn lồng|xe|máy|đơn vị máu"
    "|đơn vị|hồ sơ"
    "|thủ tục|vụ|ca|giải|tiêu chí|chỉ tiêu|điểm phần trăm|m2|m²|m3|km|ha|tấn|tạ|kg|mét|giờ|tiết|ngày làm việc"
)
_TARGET = re.compile(
    rf"(?P<limit>(?:từ|trên|hơn|vượt|dưới|tối thiểu|tối đa|ít nhất|không dưới|không quá|không vượt quá|đúng"
    rf"|còn dưới|xuống còn|còn|xuống dưới|>=|≥|<=|≤|>|<)\s*(?:đạt |là |từ )?)?"
    rf"(?<![\w/.,-])(?P<above>{_ABOVE})?(?P<low>{_NUMBER})(?:\s*%?\s*(?:đến|-|–)\s*(?P<high>{_NUMBER}))?"
    rf"(?:\s*(?P<percent>%)|\s+(?P<measure>(?:{_MONEY}|{_COUNTED})"
    rf"(?:\s?/\s?(?:{_PERIOD}|[^\W\d_]+(?: sở)?)(?:\s?/\s?[^\W\d_]+(?: sở| viên| phố)?)?)?)(?!\w))"
    r"(?P<more>[^,;.()]{0,40}?\strở lên|\s*trở lên)?",
    re.IGNORECASE,
)
_RANK = re.compile(
    r"(?:đứng|xếp|đạt|hạng|vị trí)\s+(?:hạng |thứ hạng |vị trí )?(?:thứ\s+)(?P<rank>\d{1,3})(?!\w)"
    r"|(?:trong |nằm trong )?(?:top|tốp)\s+(?P<top>\d{1,3})(?!\w)",
    re.IGNORECASE,
)
_COMPARISONS = (
    (r"tren|hon|vuot|>", Comparison.MORE_THAN),
    (r"(?:con |xuong )?duoi|<", Comparison.LESS_THAN),
    (r"toi da|khong qua|khong vuot qua|xuong con|con|<=|≤", Comparison.AT_MOST),
    (r"dung", Comparison.EXACTLY),
)
_NUMBERED_THING = re.compile(
    r"(?:số|tổ|thứ|khóa|điều|khoản|quý|(?<!hàng )(?<!hằng )(?<!mỗi )(?:tháng|ngày|năm)|đề án|kế hoạch"
    r"|nghị quyết|chương trình|phòng|lớp|khối|cấp)\s+$",
    re.IGNORECASE,
)
_LISTED = re.compile(r"(?<![\w/.,-])[0-9]+\s*(?:[,;–-]|và)\s+$")
"""Numbers before a number: `tổ 3, 4 120 hộ`."""
_TORN = re.compile(r"(?<![\w/.,-])[0-9]{1,3} $")
"""Digits right before a number that no convention joins with it: `12 50 hộ`."""
_POINTS = re.compile(r"[;,.]?\n[-–+•*]\s+")
"""Where the next point of a list begins, each its own targets."""
_LINES = re.compile(r"^([0-9][^\n]*(?:[^\W\d_]|%)[^\n]*)\n(?=[0-9])", re.MULTILINE)
"""A line that begins with a figure, before another such line: `200 hộ`, `300 cây`."""
_NEXT = re.compile(r"(?:;|\s\+|[^\W\d_]\svà)$")
_ODD = re.compile(
    r"[0-9]\s[0-9]|,[0-9]{3}(?![0-9])|\.[0-9]{3}\s?%|[.,][0-9]{1,2}[.,][0-9]|[.,][0-9]{4}|[0-9]{4}[.,][0-9]+[.,]"
    r"|(?:\.[0-9]{3}){5}|[0-9]{16}"
)
"""What every number in doubt has: most contents have none, and are not read again."""
_AIM = re.compile(
    r"^(?:[-+*•\s]*)(?:(?:phấn đấu|phần đầu|duy trì|đảm bảo|bảo đảm|đạt|và|trong đó|hỗ trợ|tặng|của"
    r"|là)(?:\s+|$))*",
    re.IGNORECASE,
)
_CLAUSE_END = re.compile(r"[;(){}]|[,.:](?!\d)|\s\+\s|\s(?:và|trong đó|phấn đấu)\s")


@dataclass(frozen=True, slots=True)
class FigureDoubt:
    """A figure whose number can be read two ways, or in none: how the plan writes it, and the readings."""

    text: str
    taken: Decimal | None = None
    other: Decimal | None = None


def read_targets(text: str) -> tuple[Target, ...]:
    """The targets a content states, in their order.

    A figure without a word of comparison is at least that much: nobody is blamed for exceeding a plan.
    """
    return _read(text)[0]


def doubtful_figures(text: str) -> tuple[FigureDoubt, ...]:
    """The figures of a content that are read in doubt, or not at all, in their order."""
    return _read(text)[1] if _ODD.search(text) else ()


def _read(text: str) -> tuple[tuple[Target, ...], tuple[FigureDoubt, ...]]:
    lined = tidy(text)
    if "\n" in lined:
        lined = _LINES.sub(r"\1; ", _POINTS.sub("; ", lined))
    plain = lined.replace("\n", " ")
    found: list[tuple[int, Target]] = []
    doubts: list[FigureDoubt] = []
    for match in _TARGET.finditer(plain):
        figure = _figure(lined, plain, match)
        if figure is None:
            continue
        if figure.target:
            found.append((figure.start, figure.target))
        if figure.doubt:
            doubts.append(figure.doubt)
    for match in _RANK.finditer(plain):
        value = Decimal(match["rank"] or match["top"])
        scope = _scope(plain, match.start(), match.end())
        found.append((match.start(), Target(value, Comparison.RANK, "thứ hạng", scope, match[0].strip())))
    return tuple(target for _, target in sorted(found, key=lambda pair: pair[0])), tuple(doubts)


@dataclass(frozen=True, slots=True)
class _Figure:
    start: int
    target: Target | None = None
    doubt: FigureDoubt | None = None


def _figure(lined: str, plain: str, match: re.Match[str]) -> _Figure | None:
    """The figure of a match; None where its number names a thing rather than counts it: `tổ 16 hộ`."""
    start, low = match.start(), match["low"]
    at = match.start("low")
    before = plain[max(0, at - 40) : at]
    is_of_a_thing = not match["percent"] and not match["limit"] and bool(_NUMBERED_THING.search(before))
    measure = "%" if match["percent"] else re.sub(r"\s?/\s?", "/", match["measure"])
    whole: NumberRead | None = None
    if " " in low and (is_of_a_thing or _LISTED.search(before) or "\n" in lined[at : at + len(low)]):
        # `tổ 12 500 hộ`, `tổ 3, 4 120 hộ`: the first digits may be the thing's.
        whole = read_number(low, measure)
        cut = lined.rfind("\n", at, at + len(low)) + 1 - at
        cut = cut if cut > 0 else low.index(" ") + 1
        low, start = low[cut:], at + cut
    elif is_of_a_thing:
        return None
    elif (torn := _TORN.search(before)) and lined[at - 1 : at] != "\n":
        named = plain[max(0, at - len(torn[0]) - 40) : at - len(torn[0])]
        if not match["above"] and not _NUMBERED_THING.search(named):
            return _Figure(start, doubt=FigureDoubt(f"{torn[0]}{match[0]}".strip()))
    text = plain[start : match.end()].strip()
    read, measure = _valued(match["above"] or "", low, measure)
    high = read_number(match["high"], measure) if match["high"] else None
    if not read.readings or (high and not high.readings):
        return _Figure(start, doubt=FigureDoubt(text))
    value, upper = read.readings[0], high.readings[0] if high else None
    target = Target(
        value=value,
        comparison=_comparison(match),
        measure=measure,
        scope=_scope(plain, start, match.end()),
        text=text,
        upper=upper,
    )
    doubt = None
    if whole and whole.readings:
        doubt = FigureDoubt(text, value, whole.readings[0])
    elif len(read.readings) > 1:
        doubt = FigureDoubt(text, value, read.readings[1])
    elif high and len(high.readings) > 1:
        doubt = FigureDoubt(text, upper, high.readings[1])
    return _Figure(start, target, doubt)


def _valued(above: str, low: str, measure: str) -> tuple[NumberRead, str]:
    """The number in its measure: `15 tỷ 500 triệu đồng` is 15500 of `triệu đồng`."""
    if not above and "rưỡi" not in measure:
        return read_number(low, measure), measure
    amount = read_amount(f"{above}{low} {measure}")
    scale, _ = split_scale(measure)
    if not amount.read.readings and scale == 1:
        # `2 triệu 500.000 đồng`: the last piece is of no scale.
        over, rest = read_amount(above.strip()).read, read_number(low, measure)
        sums = tuple(one + more for one in over.readings for more in rest.readings)
        return NumberRead(sums), measure
    return NumberRead(tuple(one / scale for one in amount.read.readings)), measure.replace(" rưỡi", "")


def _comparison(match: re.Match[str]) -> Comparison:
    if match["more"] or match["high"]:
        return Comparison.AT_LEAST
    said = re.sub(r"\s(?:dat|la|tu)$", "", fold(match["limit"] or ""))
    return next((kind for words, kind in _COMPARISONS if re.fullmatch(words, said)), Comparison.AT_LEAST)


def _scope(plain: str, start: int, end: int) -> str:
    """What a figure is of: what its clause says before it (`Tỷ lệ hộ ... đạt 94%`), else what follows.

    A figure that opens a bracket is of what stands before the bracket: `thẻ BHYT (74 thẻ)`.
    """
    head, tail = plain[max(0, start - FARTHEST) : start], plain[end : end + FARTHEST]
    said = re.sub(r"[\s:(]*(?:đạt|là|ước đạt)?[\s:]*$", "", head)
    # After `300 người + ` or `300 người và ` another figure begins: what stands there is the first one's.
    before = "" if _NEXT.search(said) else _bare(_CLAUSE_END.split(said)[-1])
    after = _bare(_CLAUSE_END.split(tail)[0])
    is_said_before = re.search(r"(?:\bđạt|\blà|\()\s*$", head, re.IGNORECASE)
    return before if before and (is_said_before or not after) else after


def _bare(clause: str) -> str:
    return _AIM.sub("", clause.strip(" -+:")).strip(" -+:")
