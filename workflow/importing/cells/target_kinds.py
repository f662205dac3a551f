"""The kind of each target, decided from the words around it, with the reason; and whether another reading is
possible, which somebody is then asked.

Applied to targets already read (`targets`). The words are the tables below, first match first; the rules that
use them are `_read`. What is compared is text in small letters with its accents: `tăng` is not `tặng`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from workflow.domain.plans.plan import Comparison, Target
from workflow.domain.plans.target_kinds import TargetKind, kind_by_measure
from workflow.domain.words import Words
from workflow.importing.cells.targets import read_targets
from workflow.importing.folding import tidy

KEPT = (
    "duy trì", "giữ vững", "giữ nguyên", "giữ ổn định", "hiện có", "đang có", "quản lý", "bảo đảm có",
    "đảm bảo có", "nâng tổng số", "nâng số", "tổng số", "lũy kế", "luỹ kế", "chăm sóc thường xuyên",
    "đỡ đầu", "phụng dưỡng", "nuôi dưỡng", "còn", "giảm còn", "giảm xuống còn",
)  # fmt: skip
"""Before the number: something stands and is kept."""
DONE = (
    "thực hiện mới", "xây mới", "làm mới", "mở mới", "lắp đặt mới", "thành lập mới", "kết nạp",
    "phát triển mới", "phát triển thêm", "phát triển", "tặng", "trao tặng", "trao", "hỗ trợ", "hộ trợ",
    "vận động", "ủng hộ", "quyên góp", "thu hút", "tư vấn", "giới thiệu", "tạo việc làm", "giải quyết",
    "thành lập", "ra mắt", "lắp đặt", "lắp", "trồng", "cải tạo", "sửa chữa", "nâng cấp", "hoàn thành",
    "di dời", "đào tạo", "dạy nghề", "bồi dưỡng", "tập huấn", "ban hành", "kiểm tra", "thanh tra",
    "xử lý", "xử phạt", "khám", "tiếp nhận", "cấp phát", "cấp", "phát", "diễu hành", "thăm hỏi", "thăm",
    "xây dựng", "tổ chức", "mở", "in", "treo", "viết", "đăng", "bổ sung", "thêm", "tham gia", "đón",
    "thu gom", "thu", "huy động", "trùng tu", "tu bổ", "tháo dỡ", "giải tỏa", "vay", "giảm",
    "tăng thêm", "công nhận mới", "công nhận", "khánh thành", "khởi công", "bê tông hóa", "bố trí",
    "thực hiện",
)  # fmt: skip
"""Before the number: something is done, and done again in the next period."""
EVENTS = (
    "lượt", "buổi", "lớp", "cuộc", "hội nghị", "đợt", "lần", "tin", "bài", "clip", "vụ", "ca", "suất",
    "phần quà", "xuất quà", "đơn vị máu", "giải", "văn bản", "nghị quyết", "báo cáo", "chuyên đề",
    "giờ", "tiết", "ngày làm việc",
)  # fmt: skip
"""Measures that count what happens: nothing of them stands until the next period."""
MONEY = re.compile(r"(?:^|\s)(?:đồng|triệu|tỷ|tỉ)$")
HELPED = re.compile(r"(?:hỗ trợ|hộ trợ|giúp đỡ|giúp)\s*$")
"""Directly before households or people: the same ones may be meant in the next period."""
BEINGS = ("hộ", "gia đình", "người", "trẻ em", "học sinh", "phụ nữ", "hội viên", "thanh niên", "đoàn viên")
STAY_OUT = re.compile(r"không (?:để |bị )?(?:tái|tái hộ|phát sinh)")
"""After the number: they are helped all the year, so as not to fall back."""
CRITERIA = ("tiêu chí", "chỉ tiêu", "bộ")
"""A fixed set that is worked by, unless some of it are new or finished."""
OF_RULES = re.compile(r"^(?:quy tắc|quy chế|tiêu chí|chỉ số)")
FRESH_BEFORE = re.compile(r"(?:mới|thêm)\s*$")
FRESH_AFTER = re.compile(r"^(?:mới|được công nhận mới|tăng thêm)(?!\w)")
PLACES = re.compile(
    r"^(?:công cộng|trường|bán|tập kết|vui chơi|dân cư|du lịch|sinh hoạt|đọc|bưu điện|trông giữ|đỗ|cầu|tiêm"
    r"|chữa cháy|thu gom|tư vấn|truy cập|văn hóa|di tích|ngập|đen|nóng|sáng|đến|dừng|cấp nước"
    r"|tập luyện|tuyên truyền)"
)
"""After `điểm`: it is a place, not a mark."""
MARKED = re.compile(r"(?:chỉ số|xếp loại|tổng điểm|số điểm|chấm|bình quân|đạt|điểm số)[^,;]*$")
IN_PLACE = re.compile(r"(?:tại|ở|của)\s*$")
EACH_TIME = re.compile(r"(?:hàng|hằng|mỗi|từng|định kỳ) (?:tháng|quý|tuần|ngày)")
EACH_THING = re.compile(r"(?:mỗi|từng|bình quân|trung bình)\s+(?!tháng|quý|tuần|ngày|năm)[^,;]*$")
AVERAGE = re.compile(
    r"(?:thu nhập|bình quân|trung bình|mật độ|chỉ số|tỷ lệ|tỉ lệ|năng suất|hệ số|công suất)[^,;]*$"
)
AVERAGES = (
    "thu nhập", "bình quân", "trung bình", "mật độ", "chỉ số", "tỷ lệ", "tỉ lệ", "năng suất", "hệ số",
    "công suất",
)  # fmt: skip
"""Before the number, in its clause: it is an average, which may be counted in anything."""
AVERAGE = re.compile(rf"(?:{'|'.join(AVERAGES)})[^,;]*$")
HAVING = re.compile(r"(?:^|\s)có\s*$")
_CLOSED = re.compile(r"\([^()]*\)")
_BREAK = re.compile(r"[;){}]|\.(?!\d)|:(?!\d)|\s\+\s")
_COMMA = re.compile(r",(?!\d)|\strong đó\s|\stại\s(?=.*,)")
_LIMIT = re.compile(
    r"^(?:từ|trên|hơn|vượt|dưới|tối thiểu|tối đa|ít nhất|không dưới|không quá|không vượt quá|đúng|>=|≥|<=|≤|>"
    r"|<|đạt|là)\s+"
)


@dataclass(frozen=True, slots=True)
class KindRead:
    """The kind that the words say, why, and whether they allow another one as well."""

    kind: TargetKind
    reason: Words
    is_doubtful: bool = False


def targets_of(content: str) -> tuple[Target, ...]:
    """The targets that a content states, each with its kind."""
    found = read_targets(content)
    return tuple(
        replace(target, kind=read.kind)
        for target, read in zip(found, read_kinds(content, found), strict=True)
    )


def read_kinds(content: str, targets: Sequence[Target]) -> tuple[KindRead, ...]:
    """The kind of each target of a content, in their order. One whose words are not in the content (any more)
    is judged by its own words alone."""
    plain = " ".join(tidy(content).split()).casefold()
    found: list[KindRead] = []
    at = 0
    for place, target in enumerate(targets):
        text = " ".join(target.text.split()).casefold()
        start = plain.find(text, at) if text else -1
        if start < 0:
            before, after = "", f"{target.scope.casefold()} "
        else:
            at = start + len(text)
            before = _BREAK.split(_CLOSED.sub(" ", plain[:start]))[-1]
            after = _BREAK.split(plain[at : _next_start(plain, targets[place + 1 :], at)])[0]
        found.append(_read(target, before, after.strip(" )")))
    return tuple(found)


def keeping_kinds(targets: Sequence[Target], before: Sequence[Target]) -> tuple[Target, ...]:
    """The targets with the kinds they had before: of those that say the same."""
    was = {(one.text, one.scope, one.measure): one.kind for one in before}
    return tuple(replace(one, kind=was.get((one.text, one.scope, one.measure), one.kind)) for one in targets)


def _next_start(plain: str, following: Sequence[Target], at: int) -> int:
    """Where the next target begins: the words after it are not about this one."""
    text = " ".join(following[0].text.split()).casefold() if following else ""
    start = plain.find(text, at) if text else -1
    return len(plain) if start < 0 else start


def _read(target: Target, before: str, after: str) -> KindRead:
    """One target, between the words of its clause before it and those after it."""
    measure = " ".join(target.measure.casefold().split())
    by_measure = kind_by_measure(measure, is_rank=target.comparison is Comparison.RANK)
    if by_measure is TargetKind.RANK:
        return KindRead(TargetKind.RANK, Words("là thứ hạng"))
    if measure == "điểm":
        if (mark := _as_mark(before, after)) is not None:
            return mark
    elif by_measure is TargetKind.RATE:
        return _as_rate(measure)
    if AVERAGE.search(before):
        return KindRead(
            TargetKind.RATE,
            Words("“%(word)s” đứng trước", word=_first_word(before)),
            is_doubtful=True,
        )
    if measure.endswith("/năm"):
        return KindRead(TargetKind.FLOW, Words("“%(measure)s”: số của cả năm", measure=measure))
    is_event = _starts(measure, EVENTS)
    if is_event and EACH_TIME.search(f"{before} {after}"):
        return KindRead(TargetKind.RATE, Words("số lần trong mỗi tháng, quý, tuần"), is_doubtful=True)
    if EACH_THING.search(before):
        return KindRead(TargetKind.RATE, Words("số của mỗi đơn vị"), is_doubtful=True)
    return _as_count(measure, before, after, is_event=is_event, is_falling=_is_falling(target))


def _as_rate(measure: str) -> KindRead:
    if "/" not in measure:
        return KindRead(TargetKind.RATE, Words("đơn vị tính là “%(measure)s”", measure=measure))
    of_what = measure.split("/", 1)[1]
    if of_what in ("tháng", "quý", "tuần", "ngày"):
        # The report of a quarter may say 2 a month, or the 6 of the quarter.
        return KindRead(
            TargetKind.RATE,
            Words("“%(measure)s”: số lần trong mỗi kỳ ngắn", measure=measure),
            is_doubtful=True,
        )
    # `lần/năm/cơ sở` adds up over the year's periods where the reports give what the period has of it.
    return KindRead(
        TargetKind.RATE,
        Words("“%(measure)s”: định mức cho mỗi đơn vị", measure=measure),
        is_doubtful=of_what.startswith("năm/"),
    )


def _as_mark(before: str, after: str) -> KindRead | None:
    """What `điểm` is: a mark, or None where it is a place."""
    if PLACES.match(after) or IN_PLACE.search(before):
        return None
    is_marked = bool(MARKED.search(before)) or not after
    return KindRead(TargetKind.RATE, Words("“điểm” là điểm số"), is_doubtful=not is_marked)


def _as_count(measure: str, before: str, after: str, *, is_event: bool, is_falling: bool) -> KindRead:
    """Something counted: done in each period, or standing."""
    near = _COMMA.split(before)[-1]
    is_being = _starts(measure, BEINGS)
    is_fresh = bool(FRESH_BEFORE.search(near) or FRESH_AFTER.match(after))
    is_finished = bool(re.search(r"hoàn thành\s*$", near))
    if _starts(measure, CRITERIA) and (not measure.startswith("bộ") or OF_RULES.match(after)):
        if is_fresh or is_finished:
            return KindRead(
                TargetKind.FLOW, Words("“%(measure)s” đạt thêm", measure=measure), is_doubtful=True
            )
        return KindRead(TargetKind.LEVEL, Words("“%(measure)s” là một bộ cố định", measure=measure))
    if is_falling:
        return KindRead(TargetKind.LEVEL, Words("số còn lại"))
    if is_being and STAY_OUT.search(after):
        return KindRead(TargetKind.LEVEL, Words("được giúp cả năm, để không tái diễn"), is_doubtful=True)
    if EACH_TIME.search(near) and not is_event:
        return KindRead(TargetKind.LEVEL, Words("hằng tháng, hằng quý cho cùng số ấy"))
    if is_fresh:
        return KindRead(TargetKind.FLOW, Words("“mới”, “thêm”: có thêm trong năm"))
    kept, done = _last(KEPT, near), _last(DONE, near)
    if kept is None and done is None:
        kept, done = _last(KEPT, before), _last(DONE, before)
    if kept and (done is None or kept[0] > done[0]):
        word = Words("“%(word)s” đứng trước", word=kept[1])
        is_both = done is not None and _is_joined(near[done[0] : kept[0]])
        return KindRead(
            TargetKind.LEVEL, word, is_doubtful=is_both or is_event or bool(MONEY.search(measure))
        )
    if done:
        is_both = kept is not None and _is_joined(before[kept[0] : done[0]])
        is_same = is_being and bool(HELPED.search(_LIMIT.sub("", near))) and not is_event
        word = Words("“%(word)s” đứng trước", word=done[1])
        return KindRead(TargetKind.FLOW, word, is_doubtful=is_both or is_same)
    if is_event or MONEY.search(measure):
        return KindRead(TargetKind.FLOW, Words("“%(measure)s” đếm việc làm trong kỳ", measure=measure))
    if HAVING.search(near):
        return KindRead(TargetKind.LEVEL, Words("“có” đứng trước"), is_doubtful=True)
    return KindRead(TargetKind.FLOW, Words("không có lời nào nói là số giữ nguyên"), is_doubtful=True)


def _is_falling(target: Target) -> bool:
    return target.comparison is Comparison.AT_MOST and "còn" in target.text.casefold()


def _is_joined(between: str) -> bool:
    """Whether two verbs are said in one breath: `duy trì và phát triển`."""
    return bool(re.search(r"\b(?:và|,|hoặc|hay)\b|,", between)) and len(between) < 40


def _starts(measure: str, words: Sequence[str]) -> bool:
    return any(measure == word or measure.startswith(f"{word} ") for word in words)


def _last(words: Sequence[str], text: str) -> tuple[int, str] | None:
    """Where the last of the words ends that stand in the text, and which it is: of those that end at one
    place the longest."""
    found: tuple[int, int, str] | None = None
    for word in words:
        for match in re.finditer(rf"(?<!\w){re.escape(word)}(?!\w)", text):
            found = max(found, (match.end(), len(word), word)) if found else (match.end(), len(word), word)
    return (found[0], found[2]) if found else None


def _first_word(text: str) -> str:
    """The word of `AVERAGES` that the text's match begins with."""
    match = AVERAGE.search(text)
    assert match is not None
    return next(word for word in AVERAGES if match[0].startswith(word))
