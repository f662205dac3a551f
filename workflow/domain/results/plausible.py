"""Whether what a report says can be so: the impossible is refused, the odd is asked about once.

`look_at` gives both for one report, by the place on its form. A reason given for something odd goes
along with the report to everybody who confirms or votes on it. How a figure is read from text is
`domain.typed_number`.

The factors are constants and no rules of a period: they decide nothing, they only make somebody look again,
and an office that raised them would switch the question off without anybody seeing it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from workflow.domain.errors import NotAllowed
from workflow.domain.plans.plan import Comparison
from workflow.domain.plans.target_kinds import TargetKind
from workflow.domain.results.figures import Aggregation, Figure
from workflow.domain.results.record import Reported
from workflow.domain.typed import says_something
from workflow.domain.vietnamese import number, percent, quantity
from workflow.domain.words import Words, kept, restored

OTHER_MEASURE = 1_000
"""From this many times the plan (and last period) on, a figure is in another measure: đồng, nghìn, triệu and
tỷ lie a thousand apart, and so do `học viên` and `nghìn học viên`."""
FAR_FROM_PLAN = 3
"""How many times its plan a figure may be before a reason is asked: plans are often doubled."""
FAR_FROM_LAST_LEVEL = 3
"""How many times last period's value, up or down, a level or a rate may be: they move slowly."""
FAR_FROM_LAST_FLOW = 10
"""How many times last period's value a figure that adds up may be: what is done in a quarter varies."""

PROGRESS = "progress"
"""The place of what is odd about the report as a whole."""

_COUNTED = (
    "lượt|người|hộ|gia đình|thẻ|sổ|suất|phần quà|mô hình|công trình|dự án|tuyến|đoạn đường|ngõ|nhà|chợ"
    "|vườn hoa|sân chơi|buổi|lớp|cuộc|hội nghị|đợt|lần|chuyên đề|chương trình|kế hoạch|văn bản|nghị quyết"
    "|báo cáo|tin|bài|clip|câu lạc bộ|clb|chi hội|chi bộ|chi đoàn|tổ dân phố|tdp|khu phố|thôn|trường|cơ sở"
    "|doanh nghiệp|hợp tác xã|htx|hội viên|đoàn viên|đảng viên|học viên|học sinh|trẻ em|trẻ|lao động"
    "|việc làm|thanh niên|phụ nữ|cán bộ|công dân|cây|thùng|bình|camera|bóng đèn|chiếc|cái|đơn vị|hồ sơ"
    "|thủ tục|vụ|ca|tiêu chí|nvh|bộ|xe|máy|bảng|biển|giải"
)
_COUNTS = re.compile(rf"(?:{_COUNTED})(?!\w)")
_NAMES_COUNTED = re.compile(rf"(?<!\w)(?:{_COUNTED}|tỷ lệ|tỉ lệ)(?!\w)")
_MAY_BE_NEGATIVE = re.compile(
    r"(?<!\w)(?:tăng|giảm|chênh lệch|cân đối|biến động|thay đổi|thặng dư|bội thu|bội chi|lợi nhuận|lãi|lỗ)"
    r"(?!\w)"
)
_MAY_PASS_100 = re.compile(
    r"(?<!\w)(?:tăng|giảm|vượt|so với|so|kế hoạch|dự toán|chỉ tiêu|tốc độ|tiến độ|thu ngân sách|thu thuế"
    r"|được giao)(?!\w)"
)


class OddKind(StrEnum):
    """What is odd about a report."""

    TOTAL_FELL = "total-fell"
    """A total since January is below the last period's."""
    FAR_ABOVE_PLAN = "far-above-plan"
    FAR_BELOW_PLAN = "far-below-plan"
    FAR_FROM_LAST = "far-from-last"
    OVER_100 = "over-100"
    """More than 100 % of what the plan does not say to be a share of a whole."""
    DONE_AND_MISSED = "done-and-missed"
    NO_EVIDENCE = "no-evidence"
    PROGRESS_FELL = "progress-fell"


@dataclass(frozen=True, slots=True)
class Oddity:
    """Something odd: the place on the form (`progress`, `figure-12`), the sentence that asks, what the figure
    is of (empty for the report as a whole), and the reason its unit gives, empty while none is given."""

    kind: OddKind
    place: str
    told: str
    about: str = ""
    reason: str = ""

    def as_json(self) -> dict[str, object]:
        """The JSON form stored with the report; its sentence stays translatable."""
        return {
            "kind": self.kind.value,
            "place": self.place,
            "told": kept(self.told),
            "about": self.about,
            "reason": self.reason,
        }

    @classmethod
    def from_json(cls, found: Mapping[str, object]) -> Oddity:
        """The inverse of `as_json`."""
        kind, place, about, reason = (str(found[name]) for name in ("kind", "place", "about", "reason"))
        return cls(OddKind(kind), place, restored(found["told"]), about, reason)


@dataclass(frozen=True, slots=True)
class AskedFigure:
    """A target as a form asks for it: `figure` has no value yet, but what earlier periods add to one; `last`
    is the value last reported; `is_total` says that it is counted from January on (`Counts.TO_DATE`);
    `words` is what the plan says of it."""

    figure: Figure
    last: Decimal | None = None
    is_total: bool = False
    words: str = ""

    def reached(self, value: Decimal | None) -> Figure:
        """The target with that value, the year's earlier periods counted."""
        return replace(self.figure, reached=value)

    @property
    def adds_up(self) -> bool:
        """Whether the periods' values are added."""
        return self.figure.aggregation is Aggregation.SUM


@dataclass(frozen=True, slots=True)
class Told:
    """What a report says, as far as it could be read: the figures by their targets' ids."""

    progress: int | None = None
    reported: Reported = Reported.UNDER_WAY
    values: Mapping[int, Decimal] = field(default_factory=dict)
    has_evidence: bool = False

    @property
    def is_done(self) -> bool:
        """Whether it says that nothing is left to do."""
        return self.reported is Reported.DONE or self.progress == 100


@dataclass(frozen=True, slots=True)
class Plausibility:
    """What cannot be so, by place, with the cure; and what is odd, in the form's order."""

    impossible: Mapping[str, NotAllowed]
    odd: tuple[Oddity, ...]


def place_of(target_id: int) -> str:
    """The place on the form of a target's figure."""
    return f"figure-{target_id}"


def reason_field(place: str) -> str:
    """The field of the form that takes the reason for what is odd at the place."""
    return f"why-{place}"


def look_at(asked: Mapping[int, AskedFigure], last_progress: int | None, told: Told) -> Plausibility:
    """What is impossible and what is odd about a report, given the targets it is asked about by id and the
    progress last reported of the same item, if any."""
    impossible: dict[str, NotAllowed] = {}
    odd: list[Oddity] = list(_of_whole(last_progress, told))
    for target_id, one in asked.items():
        value = told.values.get(target_id)
        if value is None:
            continue
        place = place_of(target_id)
        if error := cannot_be(one, value):
            impossible[place] = error
        else:
            about = one.figure.text
            found = odd_about(one, value, is_done=told.is_done)
            odd += [Oddity(kind, place, words, about) for kind, words in found]
    return Plausibility(impossible, tuple(odd))


def explained(odd: Iterable[Oddity], reasons: Mapping[str, str]) -> tuple[Oddity, ...]:
    """The same with the reasons given, by place; a text without a letter or digit is no reason."""
    return tuple(
        replace(one, reason=reason) if says_something(reason := reasons.get(one.place, "")) else one
        for one in odd
    )


def by_place(odd: Iterable[Oddity]) -> dict[str, list[Oddity]]:
    """What is odd by place, as the form asks about it: one reason a place."""
    found: dict[str, list[Oddity]] = {}
    for one in odd:
        found.setdefault(one.place, []).append(one)
    return found


def cannot_be(asked: AskedFigure, value: Decimal) -> NotAllowed | None:
    """Why the value cannot be the target's; None where it can. What the plan itself expects always can."""
    figure = asked.figure
    if value == figure.expected:
        return None
    if value < 0 and not _may_be_negative(asked):
        return NotAllowed(
            Words("%(value)s: số này không thể âm.", value=_shown(figure, value)),
            cure=Words("Ghi số đạt được từ 0 trở lên; số bị giảm đi thì nói rõ ở phần kết quả."),
        )
    if value != value.to_integral_value() and _is_counted(figure):
        return NotAllowed(
            Words("%(value)s: số này đếm được nên phải là số nguyên.", value=_shown(figure, value)),
            cure=Words("Ghi số đã đếm, như 12."),
        )
    if figure.comparison is Comparison.RANK and value < 1:
        return NotAllowed(
            Words("Không có thứ hạng %(value)s.", value=number(value)),
            cure=Words("Ghi thứ hạng từ 1 trở đi."),
        )
    if value > 100 and _is_share_of_whole(asked):
        return NotAllowed(
            Words("%(value)s: tỷ lệ của một tổng thể không thể quá 100%%.", value=_shown(figure, value)),
            cure=Words("Ghi tỷ lệ từ 0 đến 100; nếu đây là mức so với kế hoạch, xin báo Văn phòng."),
        )
    most = _reference(asked)
    if most > 0 and abs(value) >= OTHER_MEASURE * most:
        return NotAllowed(
            Words(
                "%(value)s gấp %(times)s lần kế hoạch (%(plan)s) nên có lẽ được tính bằng đơn vị khác.",
                value=_shown(figure, value),
                times=number(Fraction(abs(value)) / Fraction(most), 0),
                plan=_shown(figure, figure.expected),
            ),
            cure=Words(
                "Ghi số tính bằng %(measure)s, bỏ chữ nghìn, triệu, tỷ nếu thừa; "
                "nếu kế hoạch ghi sai, xin báo Văn phòng.",
                measure=figure.measure,
            )
            if figure.measure
            else Words("Xem lại con số; nếu kế hoạch ghi sai, xin báo Văn phòng."),
        )
    return None


def odd_about(asked: AskedFigure, value: Decimal, *, is_done: bool) -> Sequence[tuple[OddKind, Words]]:
    """What is odd about a value that can be: each kind with its sentence."""
    figure = asked.reached(value)
    found = [*_beside_last(asked, value), *_beside_plan(asked, figure, value)]
    if is_done and not figure.is_reached:
        found.append((OddKind.DONE_AND_MISSED, _done_and_missed(figure)))
    return found


def _of_whole(last_progress: int | None, told: Told) -> Iterable[Oddity]:
    if told.progress is not None and last_progress is not None and told.progress < last_progress:
        words = Words(
            "Tiến độ %(now)s%% thấp hơn kỳ trước (%(last)s%%).", now=told.progress, last=last_progress
        )
        yield Oddity(OddKind.PROGRESS_FELL, PROGRESS, words)
    if told.is_done and not told.has_evidence:
        words = Words("Báo đã xong mà không có tài liệu minh chứng kèm theo.")
        yield Oddity(OddKind.NO_EVIDENCE, PROGRESS, words)


def _beside_last(asked: AskedFigure, value: Decimal) -> Iterable[tuple[OddKind, Words]]:
    figure, last = asked.figure, asked.last
    if last is None or last == value:
        return
    said = {"value": _shown(figure, value), "last": _shown(figure, last)}
    if asked.is_total and value < last:
        yield OddKind.TOTAL_FELL, Words("Số lũy kế %(value)s thấp hơn kỳ trước (%(last)s).", **said)
        return
    # Ranks jump, and a value that was nothing has no multiple.
    if figure.comparison is Comparison.RANK or last <= 0 or value < 0:
        return
    factor = FAR_FROM_LAST_FLOW if asked.adds_up else FAR_FROM_LAST_LEVEL
    if value > factor * last:
        words = Words("%(value)s cao hơn %(times)s lần kỳ trước (%(last)s).", times=factor, **said)
        yield OddKind.FAR_FROM_LAST, words
    elif not asked.adds_up and not asked.is_total and value * factor < last:
        words = Words("%(value)s chưa bằng một phần %(times)s kỳ trước (%(last)s).", times=factor, **said)
        yield OddKind.FAR_FROM_LAST, words


def _beside_plan(asked: AskedFigure, figure: Figure, value: Decimal) -> Iterable[tuple[OddKind, Words]]:
    plan, whole = figure.expected, figure.so_far
    if whole is None or plan <= 0 or figure.comparison is Comparison.RANK:
        return
    said = {"value": _shown(figure, value), "plan": _shown(figure, plan)}
    if whole > FAR_FROM_PLAN * _reference(asked):
        if figure.before:
            words = Words(
                "Cộng từ đầu năm là %(whole)s, cao hơn %(times)s lần kế hoạch (%(plan)s).",
                whole=_shown(figure, whole),
                times=FAR_FROM_PLAN,
                plan=said["plan"],
            )
        else:
            words = Words("%(value)s cao hơn %(times)s lần kế hoạch (%(plan)s).", times=FAR_FROM_PLAN, **said)
        yield OddKind.FAR_ABOVE_PLAN, words
    elif 0 < whole * OTHER_MEASURE <= plan and figure.comparison in (
        Comparison.AT_LEAST,
        Comparison.MORE_THAN,
        Comparison.EXACTLY,
    ):
        words = Words(
            "%(value)s chưa bằng một phần nghìn kế hoạch (%(plan)s): có phải tính bằng đơn vị khác?", **said
        )
        yield OddKind.FAR_BELOW_PLAN, words
    if value > 100 >= plan and _is_percent(figure) and not _MAY_PASS_100.search(asked.words.lower()):
        yield OddKind.OVER_100, Words("%(value)s là quá 100%%.", value=said["value"])


def _done_and_missed(figure: Figure) -> Words:
    assert figure.so_far is not None
    so_far, plan = _shown(figure, figure.so_far), _shown(figure, figure.expected)
    is_upward = figure.comparison in (Comparison.AT_LEAST, Comparison.MORE_THAN)
    if is_upward and figure.share is not None and 0 <= figure.share < 1:
        return Words(
            "Báo đã xong (100%%) mà chỉ tiêu mới đạt %(share)s: %(reached)s trên kế hoạch %(plan)s.",
            share=percent(figure.share),
            reached=so_far,
            plan=plan,
        )
    return Words(
        "Báo đã xong (100%%) mà chỉ tiêu chưa đạt: %(reached)s, kế hoạch %(comparison)s %(plan)s.",
        reached=so_far,
        comparison=_PLANNED[figure.comparison],
        plan=plan,
    )


_PLANNED = {
    Comparison.AT_LEAST: Words("từ"),
    Comparison.MORE_THAN: Words("trên"),
    Comparison.AT_MOST: Words("không quá"),
    Comparison.LESS_THAN: Words("dưới"),
    Comparison.EXACTLY: Words("đúng"),
    Comparison.RANK: Words("hạng"),
}


def _reference(asked: AskedFigure) -> Decimal:
    """What a value is large beside: the plan, or what was reported before and accepted, if that was more."""
    return max(asked.figure.expected, asked.figure.before, asked.last or Decimal(0))


def _may_be_negative(asked: AskedFigure) -> bool:
    if asked.figure.expected < 0 or (asked.last is not None and asked.last < 0):
        return True
    if _is_counted(asked.figure):
        return False
    return _MAY_BE_NEGATIVE.search(asked.words.lower()) is not None


def _is_counted(figure: Figure) -> bool:
    """Whether the measure counts whole things: classes, people, households, or a rank."""
    if figure.comparison is Comparison.RANK:
        return True
    measure = figure.measure.strip().lower()
    if figure.kind in (TargetKind.RATE, TargetKind.RANK) or measure.startswith("điểm"):
        return False
    is_whole = figure.expected == figure.expected.to_integral_value()
    return is_whole and _COUNTS.match(measure) is not None


def _is_percent(figure: Figure) -> bool:
    return figure.measure.strip().lower() in ("%", "phần trăm")


def _is_share_of_whole(asked: AskedFigure) -> bool:
    """Whether the plan says that the percentage is a share of counted things: `98% hồ sơ`, `tỷ lệ hộ nghèo`,
    and not a growth or a degree to which a plan is met, which pass 100."""
    words = asked.words.lower()
    return (
        _is_percent(asked.figure)
        and asked.figure.expected <= 100
        and _NAMES_COUNTED.search(words) is not None
        and _MAY_PASS_100.search(words) is None
    )


def _shown(figure: Figure, value: Decimal) -> str:
    return quantity(value, figure.measure)
