"""Emulation scores: each unit's points line by line with the reasons, its grade, its rank in its cluster.

Figures come from `ScoringRules` only, settings the customer confirms; how a line is measured is
`workflow.domain.scores.measures`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

from workflow.domain.results.record import CycleRecord, RecordedWord, UnitRef, plan_order
from workflow.domain.scores.measures import PointReason, is_counted, measured
from workflow.domain.scores.ranking import ranked
from workflow.domain.scores.score_entries import EntryKind, ScoreEntry, counted
from workflow.domain.scores.score_lines import ExtraLine, ScoreLine, UnitScore
from workflow.domain.scores.scoring_extras import ExtraRule, Sign
from workflow.domain.scores.scoring_rules import (
    Completion,
    Criterion,
    Deadlines,
    LeadShare,
    NotApplicable,
    ScoringRules,
)
from workflow.domain.vietnamese import alphabetical, count, number


def score(
    records: Sequence[CycleRecord],
    rules: ScoringRules,
    entries: Sequence[ScoreEntry] = (),
    items: Sequence[CycleRecord] | None = None,
) -> tuple[UnitScore, ...]:
    """The score of every unit that leads or coordinates, or that an entry is about, best first within each
    cluster.

    Only approved, lapsed and undecided cycles (these as the rules say) and entries the council has carried
    count. Units not ranked come last. Of several periods, `records` are all the reports that were owed and
    `items` each item's record of the span: deadlines and results are looked at once an item.
    """
    about: dict[UnitRef, list[ScoreEntry]] = {}
    for entry in counted(entries, rules.council):
        about.setdefault(entry.unit, []).append(entry)
    led: dict[UnitRef, list[CycleRecord]] = {}
    asked: dict[UnitRef, list[tuple[CycleRecord, RecordedWord]]] = {}
    for record in filter(is_counted, records):
        for unit in record.leads if rules.leads is LeadShare.ALL else record.leads[:1]:
            led.setdefault(unit, []).append(record)
        for word in record.words:
            asked.setdefault(word.unit, []).append((record, word))
    led_items = led
    if items is not None:
        led_items = {}
        for record in filter(is_counted, items):
            for unit in record.leads if rules.leads is LeadShare.ALL else record.leads[:1]:
                led_items.setdefault(unit, []).append(record)
    clusters: dict[str, list[UnitScore]] = {}
    for unit in led | led_items | asked | about:
        mine = led.get(unit, []), led_items.get(unit, [])
        one = _scored(unit, *mine, asked.get(unit, []), about.get(unit, []), rules)
        clusters.setdefault(unit.cluster, []).append(one)
    return tuple(
        one for cluster in sorted(clusters, key=alphabetical) for one in ranked(clusters[cluster], rules)
    )


def _scored(
    unit: UnitRef,
    led: Sequence[CycleRecord],
    items: Sequence[CycleRecord],
    asked: Sequence[tuple[CycleRecord, RecordedWord]],
    about: Sequence[ScoreEntry],
    rules: ScoringRules,
) -> UnitScore:
    lines = []
    for criterion in rules.criteria:
        looked_at = items if isinstance(criterion.measure, Deadlines | Completion) else led
        finding = measured(criterion, looked_at, asked, rules, about)
        line = _line(criterion, finding.points, finding.reasons, rules)
        lines.append(_adjusted(line, about, rules))
    points = sum((line.points for line in lines), Decimal(0))
    maximum = sum((line.maximum for line in lines), Decimal(0))
    share = Fraction(points) / Fraction(maximum) if maximum else Fraction(0)
    converted = rules.rounded(share * Fraction(rules.maximum))
    extras, total = with_extras(converted, about, rules)
    missed = [one.code for one in sorted(items, key=plan_order) if rules.critical.is_missed(one)]
    return UnitScore(
        unit, tuple(lines), points, maximum, converted, total, extras, missed=tuple(dict.fromkeys(missed))
    )


def _line(
    criterion: Criterion, points: Fraction | None, reasons: tuple[PointReason, ...], rules: ScoringRules
) -> ScoreLine:
    if points is not None:
        return ScoreLine(criterion, rules.rounded(points), criterion.maximum, reasons)
    if rules.not_applicable is NotApplicable.MAXIMUM:
        said = PointReason(
            f"Không phát sinh nội dung để đánh giá, tính điểm tối đa {number(criterion.maximum)}."
        )
        return ScoreLine(
            criterion, rules.rounded(Fraction(criterion.maximum)), criterion.maximum, (*reasons, said)
        )
    said = PointReason("Không phát sinh nội dung để đánh giá, không tính vào điểm tối đa.")
    return ScoreLine(criterion, rules.rounded(Fraction(0)), Decimal(0), (*reasons, said))


def _adjusted(line: ScoreLine, about: Sequence[ScoreEntry], rules: ScoringRules) -> ScoreLine:
    """The line with the council's adjustments, which never take it out of 0 to its maximum."""
    for entry in about:
        if entry.kind is not EntryKind.ADJUSTMENT or entry.code != line.criterion.code:
            continue
        wanted = Fraction(line.points) + Fraction(entry.points)
        after = rules.rounded(min(max(wanted, Fraction(0)), Fraction(line.maximum)))
        said = PointReason(
            f"Hội đồng điều chỉnh {_signed(entry.points)} điểm, từ {number(line.points)} thành "
            f"{number(after)}: {entry.in_full}.",
            entry_ids=(entry.id,),
        )
        line = replace(line, points=after, reasons=(*line.reasons, said))
    return line


def with_extras(
    converted: Decimal, about: Sequence[ScoreEntry], rules: ScoringRules
) -> tuple[tuple[ExtraLine, ...], Decimal]:
    """The bonus and deduction lines and the total. Caps are taken in the order of the rules: the
    kind's, then that of all bonuses or deductions; deductions never take the total under 0."""
    found: list[ExtraLine] = []
    room = {Sign.BONUS: rules.bonus_cap, Sign.DEDUCTION: rules.deduction_cap}
    total = converted
    for rule in rules.extras:
        own = [one for one in about if one.kind is EntryKind.EXTRA and one.code == rule.code]
        if not own:
            continue
        wanted = rule.each * len(own)
        limits = [one for one in (rule.cap, room[rule.sign]) if one is not None]
        if rule.sign is Sign.DEDUCTION:
            limits.append(total)
        given = rules.rounded(Fraction(min([wanted, *limits])))
        left = room[rule.sign]
        room[rule.sign] = None if left is None else left - given
        points = given if rule.sign is Sign.BONUS else -given
        total += points
        found.append(ExtraLine(rule.code, rule.title, points, tuple(_reasons(rule, own, wanted, points))))
    return tuple(found), total


def _reasons(
    rule: ExtraRule, own: Sequence[ScoreEntry], wanted: Decimal, points: Decimal
) -> Iterator[PointReason]:
    sign = 1 if rule.sign is Sign.BONUS else -1
    for one in own:
        yield PointReason(f"{one.in_full}: {_signed(sign * rule.each)} điểm.", entry_ids=(one.id,))
    if wanted != abs(points):
        yield PointReason(
            f"{count(len(own))} lần là {_signed(sign * wanted)} điểm, còn {_signed(points)} theo mức trần."
        )


def _signed(points: Decimal) -> str:
    return f"+{number(points)}" if points > 0 else number(points)
