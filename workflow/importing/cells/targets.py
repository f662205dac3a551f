"""The measurable figures inside an item's content: value, comparison, measure and what they are of.

A number counts as a target only with a measure after it (`%`, `đồng`, `lượt`, `hộ`) or a rank before it;
years, dates, decree numbers and numbered places (`TDP số 7`) have neither.
"""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal

from workflow.domain.numbers import read_number
from workflow.domain.plans.plan import Comparison, Target
from workflow.importing.folding import fold, tidy

FARTHEST = 240
"""How many characters away the words a figure is of may begin."""

_NUMBER = (
    r"[1-9][0-9]{0,2}(?:\.[0-9]{3}){1,4}(?:,[0-9]{1,4})?|[1-9][0-9]{0,2}(?:,[0-9]{3}){1,4}(?:\.[0-9]{1,4})?"
    r"|[1-9][0-9]{0,2}(?: [0-9]{3}){1,4}(?:[.,][0-9]{1,4})?|[0-9]{1,15}(?:[.,][0-9]{1,4})?"
)
_MONEY = r"(?:(?:nghìn|ngàn|triệu|tỷ|tỉ|trăm triệu) )?đồng|(?:triệu|tỷ|tỉ)(?! lệ)"
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
    rf"(?<![\w/.,-])(?P<low>{_NUMBER})(?:\s*%?\s*(?:đến|-|–)\s*(?P<high>{_NUMBER}))?"
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
_AIM = re.compile(
    r"^(?:[-+*•\s]*)(?:(?:phấn đấu|phần đầu|duy trì|đảm bảo|bảo đảm|đạt|và|trong đó|hỗ trợ|tặng|của"
    r"|là)(?:\s+|$))*",
    re.IGNORECASE,
)
_CLAUSE_END = re.compile(r"[;(){}]|[,.:](?!\d)|\s\+\s|\s(?:và|trong đó|phấn đấu)\s")


def read_targets(text: str) -> tuple[Target, ...]:
    """The targets a content states, in their order.

    A figure without a word of comparison is at least that much: nobody is blamed for exceeding a plan.
    """
    plain = " ".join(tidy(text).split())
    found: list[tuple[int, Target]] = []
    at = 0
    while match := _TARGET.search(plain, at):
        at = match.end()
        if not _is_label(plain, match):
            found.append((match.start(), _target(plain, match)))
        elif " " in match["low"]:
            # `tổ 12 500 hộ`: the first digits name the thing, the rest may count.
            at = match.start("low") + match["low"].index(" ")
    found = _with_money_joined(plain, found)
    for match in _RANK.finditer(plain):
        value = Decimal(match["rank"] or match["top"])
        scope = _scope(plain, match.start(), match.end())
        found.append((match.start(), Target(value, Comparison.RANK, "thứ hạng", scope, match[0].strip())))
    return tuple(target for _, target in sorted(found, key=lambda pair: pair[0]))


def _with_money_joined(plain: str, found: list[tuple[int, Target]]) -> list[tuple[int, Target]]:
    """`15 tỷ 500 triệu đồng` as one target, in the smaller measure."""
    joined: list[tuple[int, Target]] = []
    for start, target in found:
        if joined and _IN_MILLIONS.fullmatch(target.measure) and joined[-1][1].measure in ("tỷ", "tỉ"):
            begun, greater = joined[-1]
            if not plain[begun + len(greater.text) : start].strip() and target.value < 1000:
                text = plain[begun : start + len(target.text)]
                value = greater.value * 1000 + target.value
                scope = _scope(plain, begun, begun + len(text))
                whole = replace(target, value=value, comparison=greater.comparison, text=text, scope=scope)
                joined[-1] = begun, whole
                continue
        joined.append((start, target))
    return joined


_IN_MILLIONS = re.compile("triệu(?: đồng)?")


def _matched(digits: str, measure: str) -> Decimal:
    """The likelier reading of digits that `_NUMBER` matched."""
    return read_number(digits, measure).readings[0]


def _target(plain: str, match: re.Match[str]) -> Target:
    measure = "%" if match["percent"] else re.sub(r"\s?/\s?", "/", match["measure"])
    return Target(
        value=_matched(match["low"], measure),
        comparison=_comparison(match),
        measure=measure,
        scope=_scope(plain, match.start(), match.end()),
        text=match[0].strip(),
        upper=_matched(match["high"], measure) if match["high"] else None,
    )


def _comparison(match: re.Match[str]) -> Comparison:
    if match["more"] or match["high"]:
        return Comparison.AT_LEAST
    said = re.sub(r"\s(?:dat|la|tu)$", "", fold(match["limit"] or ""))
    return next((kind for words, kind in _COMPARISONS if re.fullmatch(words, said)), Comparison.AT_LEAST)


def _is_label(plain: str, match: re.Match[str]) -> bool:
    """Whether the number names a thing rather than counts it: `tổ 16 hộ`, `kế hoạch số 51`."""
    before = plain[max(0, match.start("low") - 40) : match.start("low")]
    return not match["percent"] and not match["limit"] and bool(_NUMBERED_THING.search(before))


def _scope(plain: str, start: int, end: int) -> str:
    """What a figure is of: what its clause says before it (`Tỷ lệ hộ ... đạt 94%`), else what follows.

    A figure that opens a bracket is of what stands before the bracket: `thẻ BHYT (74 thẻ)`.
    """
    head, tail = plain[max(0, start - FARTHEST) : start], plain[end : end + FARTHEST]
    before = _bare(_CLAUSE_END.split(re.sub(r"[\s:(]*(?:đạt|là|ước đạt)?[\s:]*$", "", head))[-1])
    after = _bare(_CLAUSE_END.split(tail)[0])
    is_said_before = re.search(r"(?:\bđạt|\blà|\()\s*$", head, re.IGNORECASE)
    return before if before and (is_said_before or not after) else after


def _bare(clause: str) -> str:
    return _AIM.sub("", clause.strip(" -+:")).strip(" -+:")
