"""Ranks inside a cluster, what breaks a tie, and the grades with their conditions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction

from workflow.domain.scores.score_lines import UnitScore
from workflow.domain.scores.scoring_rules import Grade, ScoringRules
from workflow.domain.vietnamese import alphabetical, count, joined, number, percent

Shares = Mapping[str, Fraction]
"""A unit's share of the points of each criterion that applied, 0 to 1, by the criterion's code."""


def shares_of(score: UnitScore) -> dict[str, Fraction]:
    """The shares of a score by criteria."""
    return {line.criterion.code: line.share for line in score.lines if line.maximum}


def ranked(
    scores: Sequence[UnitScore], rules: ScoringRules, shares: Mapping[int, Shares] | None = None
) -> list[UnitScore]:
    """One cluster's scores with grades and ranks: 1, 2, 2, 4 where two are equal to the last criterion.
    `shares` are by unit, where they are other than those of the scores' own lines."""
    of = {one.unit.id: shares_of(one) for one in scores} if shares is None else shares
    fit = [one for one in scores if one.maximum and one.maximum >= rules.least_applicable]
    strengths = {one.unit: _strength(one, of, rules) for one in fit}
    fit.sort(key=lambda one: (*(-value for value in strengths[one.unit]), *_name(one)))
    found: list[UnitScore] = []
    for place, one in enumerate(fit, 1):
        before = found[-1] if found else None
        is_equal = before is not None and strengths[before.unit] == strengths[one.unit]
        found.append(
            replace(
                one,
                rank=before.rank if before and is_equal else place,
                ranked=len(fit),
                rank_reason=_tie(before, one, of, rules) if before else "",
            )
        )
    unfit = sorted((one for one in scores if one.unit not in strengths), key=_name)
    return _graded(found, of, rules) + [
        replace(
            one,
            ranked=len(fit),
            rank_reason=f"Chỉ có {number(one.maximum)} điểm tối đa áp dụng trong kỳ, dưới mức "
            f"{number(rules.least_applicable)} điểm để xếp loại.",
        )
        for one in unfit
    ]


def _graded(scores: Sequence[UnitScore], of: Mapping[int, Shares], rules: ScoringRules) -> list[UnitScore]:
    """Each unit's grade. Where a grade has fewer seats than units fit for it, the better ranked have them;
    units of one rank that don't all fit get none."""
    grades: dict[int, str] = {}
    barred: dict[int, list[str]] = {}
    open_ = list(scores)
    for grade in rules.grades:
        fit: list[UnitScore] = []
        for one in open_:
            if one.total < grade.least:
                continue
            if why := _barred(one, of[one.unit.id], grade, rules):
                barred.setdefault(one.unit.id, []).append(why)
            else:
                fit.append(one)
        seats = grade.seats(len(scores))
        for one in fit:
            up_to = sum((other.rank or 0) <= (one.rank or 0) for other in fit)
            if up_to <= seats:
                grades[one.unit.id] = grade.title
            else:
                barred.setdefault(one.unit.id, []).append(_no_seat(one, grade, fit, len(scores)))
        open_ = [one for one in open_ if one.unit.id not in grades]
    return [
        replace(
            one,
            grade=grades.get(one.unit.id, ""),
            grade_reason=" ".join(barred.get(one.unit.id, ())),
        )
        for one in scores
    ]


def _no_seat(one: UnitScore, grade: Grade, fit: Sequence[UnitScore], n_units: int) -> str:
    seats = grade.seats(n_units)
    text = f"“{grade.title}” chỉ dành cho {count(seats)} trên {count(n_units)} đơn vị của cụm"
    n_equal = sum(other.rank == one.rank for other in fit)
    is_first_left_out = sum((other.rank or 0) < (one.rank or 0) for other in fit) < seats
    if n_equal > 1 and is_first_left_out:
        return f"{text}, mà có {count(n_equal)} đơn vị đồng hạng {one.rank}; hội đồng thi đua xét chọn."
    return f"{text}."


def _barred(one: UnitScore, shares: Shares, grade: Grade, rules: ScoringRules) -> str:
    """Why a unit with the points for a grade does not get it; empty where it does."""
    if grade.bars_missed_critical and one.missed:
        return f"Không xếp “{grade.title}” vì chưa đạt nội dung then chốt {joined(one.missed)}."
    for code, least in grade.needs:
        share = shares.get(code)
        if share is not None and share < least:
            return (
                f"Không xếp “{grade.title}” vì tiêu chí “{_titles(rules)[code]}” đạt "
                f"{percent(share, 2)}, dưới {percent(least)}."
            )
    return ""


def _strength(one: UnitScore, of: Mapping[int, Shares], rules: ScoringRules) -> tuple[Fraction, ...]:
    shares = of[one.unit.id]
    return (Fraction(one.total), *(shares.get(code, Fraction(0)) for code in rules.ties))


def _titles(rules: ScoringRules) -> dict[str, str]:
    return {criterion.code: criterion.title for criterion in rules.criteria}


def _tie(before: UnitScore, one: UnitScore, of: Mapping[int, Shares], rules: ScoringRules) -> str:
    if before.total != one.total:
        return ""
    titles = _titles(rules)
    _, *theirs = _strength(before, of, rules)
    _, *own = _strength(one, of, rules)
    for code, better, worse in zip(rules.ties, theirs, own, strict=True):
        if better != worse:
            return f"Bằng điểm với {before.unit.name}, xếp sau vì thấp hơn ở tiêu chí “{titles[code]}”."
    return f"Bằng điểm với {before.unit.name} ở mọi tiêu chí phân hạng, đồng hạng {before.rank}."


def _name(one: UnitScore) -> tuple[object, int]:
    return alphabetical(one.unit.name), one.unit.id
