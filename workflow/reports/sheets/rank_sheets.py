"""The workbook's ranking and the points behind it: sums, rates and ranks as formulas over the lines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal

from workflow.domain.results.record import UnitRef
from workflow.domain.results.rollup import UNKNOWN_UNIT
from workflow.domain.scores.score_lines import UnitScore
from workflow.reports.sheets.formulas import Formula
from workflow.reports.sheets.sheets import Value
from workflow.reports.values import PrintedReport

RANKING = (
    ("Cụm thi đua", 20),
    ("Hạng", 7),
    ("Đơn vị", 32),
    ("Điểm tiêu chí", 10),
    ("Điểm tối đa áp dụng", 10),
    ("Quy đổi về thang điểm", 10),
    ("Thưởng, trừ", 9),
    ("Tổng điểm", 9),
    ("Xếp loại", 26),
    ("Được xếp hạng", 9),
    ("Ghi chú", 50),
)
POINTS = (
    ("Đơn vị", 32),
    ("Loại", 12),
    ("Nhóm tiêu chí", 26),
    ("Tiêu chí", 38),
    ("Điểm", 9),
    ("Điểm tối đa áp dụng", 10),
    ("Thang điểm", 9),
    ("Lý do", 70),
)
_CRITERION, _EXTRA = "Tiêu chí", "Thưởng, trừ"
_ONLY_CLUSTER = "Tất cả các đơn vị"


def unit_names(report: PrintedReport) -> Mapping[int, str]:
    """Each unit's name in the workbook, by its id; made unique where two units share one. Without `*`, `?`
    and `~`, which formulas treat as wildcards."""
    units: dict[int, UnitRef] = {UNKNOWN_UNIT.id: UNKNOWN_UNIT}
    units |= {unit.id: unit for record in report.records for unit in record.leads}
    units |= {score.unit.id: score.unit for score in report.scores}
    plain = {key: unit.name.translate({ord(mark): "" for mark in "*?~"}) for key, unit in units.items()}
    times = Counter(name.lower() for name in plain.values())
    return {key: f"{name} (số {key})" if times[name.lower()] > 1 else name for key, name in plain.items()}


def point_rows(report: PrintedReport, names: Mapping[int, str]) -> Iterator[Sequence[Value]]:
    """Every line of every score, then its bonuses and deductions, with the reasons."""
    for score in report.scores:
        unit = names[score.unit.id]
        for line in score.lines:
            reasons = "\n".join(reason.text for reason in line.reasons)
            rule = line.criterion
            yield unit, _CRITERION, rule.group, rule.title, line.points, line.maximum, rule.maximum, reasons
        for extra in score.extras:
            reasons = "\n".join(reason.text for reason in extra.reasons)
            yield unit, _EXTRA, "", extra.title, extra.points, None, None, reasons


def rank_rows(report: PrintedReport, names: Mapping[int, str]) -> Iterator[Sequence[Value]]:
    """The units in the order of their ranks."""
    lines = sum(len(score.lines) + len(score.extras) for score in report.scores)
    for at, score in enumerate(report.scores, 2):
        points = _sum_of("E", at, lines, score.points, _CRITERION)
        maximum = _sum_of("F", at, lines, score.maximum, _CRITERION)
        extras = sum((extra.points for extra in score.extras), Decimal(0))
        converted = _converted(score, at, lines)
        rank = _rank(score, report.scores, at)
        notes = [score.rank_reason, score.grade_reason]
        if not isinstance(converted, Formula):
            notes.append("Điểm quy đổi làm tròn theo quy tắc của kỳ, không theo công thức.")
        if isinstance(rank, int):
            notes.append("Hạng theo tiêu chí phụ của quy tắc, không theo công thức.")
        form = _form(score.total)
        yield (
            score.unit.cluster or _ONLY_CLUSTER,
            rank,
            names[score.unit.id],
            points,
            maximum,
            converted,
            _sum_of("E", at, lines, extras, _EXTRA, score.total),
            Formula(f"ROUND(F{at}+G{at},{_places(score.total)})", score.total, form),
            score.grade or "Không xếp loại",
            "Không" if score.rank is None else "Có",
            "\n".join(filter(None, notes)),
        )


def _sum_of(
    column: str, at: int, lines: int, value: Decimal, kind: str, like: Decimal | None = None
) -> Formula:
    """A unit's lines of a kind summed. Rounded, so that equal sums are equal to the last bit."""
    last = max(lines, 1) + 1
    cells = f"'Điểm chi tiết'!${{0}}$2:${{0}}${last}".format
    places = _places(value if like is None else like)
    formula = f'ROUND(SUMIFS({cells(column)},{cells("A")},$C{at},{cells("B")},"{kind}"),{places})'
    return Formula(formula, value, _form(value if like is None else like))


def _converted(score: UnitScore, at: int, lines: int) -> Formula | Decimal:
    """The points on the scale of all criteria: a formula where Excel rounds as the rules do."""
    scale = sum((line.criterion.maximum for line in score.lines), Decimal(0))
    places = _places(score.converted)
    wanted = score.points * scale / score.maximum if score.maximum else Decimal(0)
    if wanted.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP) != score.converted:
        return score.converted
    last = max(lines, 1) + 1
    scales = f"SUMIFS('Điểm chi tiết'!$G$2:$G${last},'Điểm chi tiết'!$A$2:$A${last},$C{at})"
    formula = f"IF(E{at}=0,0,ROUND(D{at}*{scales}/E{at},{places}))"
    return Formula(formula, score.converted, _form(score.converted))


def _rank(score: UnitScore, scores: Sequence[UnitScore], at: int) -> Formula | int | str:
    """The rank: a formula where it depends on the total only."""
    if score.rank is None:
        return "–"
    rivals = [one for one in scores if one.unit.cluster == score.unit.cluster and one.rank is not None]
    if 1 + sum(one.total > score.total for one in rivals) != score.rank:
        return score.rank
    last = len(scores) + 1
    formula = f'COUNTIFS($A$2:$A${last},A{at},$J$2:$J${last},"Có",$H$2:$H${last},">"&H{at})+1'
    return Formula(formula, score.rank, "0")


def _places(points: Decimal) -> int:
    return max(0, -int(points.as_tuple().exponent))


def _form(points: Decimal) -> str:
    places = _places(points)
    return f"0.{'0' * places}" if places else "0"
