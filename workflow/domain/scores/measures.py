"""How each criterion is measured on a unit's records: the share of its points, and why.

Every reason is a sentence a unit can check against its own reports, with the codes of the items.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from workflow.domain.cycles.cycle import Stage
from workflow.domain.results.figures import Figure
from workflow.domain.results.record import CycleRecord, RecordedWord, Reported, Status, plan_order
from workflow.domain.scores.score_entries import EntryKind, ScoreEntry
from workflow.domain.scores.scoring_rules import (
    Completion,
    Coordination,
    Criterion,
    Deadlines,
    Initiative,
    NotApplicable,
    NotDue,
    PeriodMean,
    Quality,
    ScoringRules,
    Timeliness,
)
from workflow.domain.vietnamese import count, day, joined, number, percent

_ONE = Fraction(1)


@dataclass(frozen=True, slots=True)
class PointReason:
    """Why points were given or lost: a Vietnamese sentence, and the cycles it is about."""

    text: str
    codes: tuple[str, ...] = ()
    cycle_ids: tuple[int, ...] = ()
    entry_ids: tuple[int, ...] = ()
    """The entries (claims, adjustments) that the reason is about."""


@dataclass(frozen=True, slots=True)
class MeasuredPoints:
    """The exact points of one criterion before rounding; None where nothing it measures arose."""

    points: Fraction | None
    reasons: tuple[PointReason, ...]


@dataclass(frozen=True, slots=True)
class _Case:
    """One record's share of the points, 0 to 1 (None: not applicable), and the reason in words."""

    record: CycleRecord
    share: Fraction | None
    said: str


def measured(
    criterion: Criterion,
    led: Sequence[CycleRecord],
    asked: Sequence[tuple[CycleRecord, RecordedWord]],
    rules: ScoringRules,
    carried: Sequence[ScoreEntry] = (),
) -> MeasuredPoints:
    """Returns a unit's points on a criterion from the records it leads, those it was asked to confirm, and
    the entries about it that the council has carried."""
    match criterion.measure:
        case Timeliness() as rule:
            cases = [_timeliness(record, rule) for record in led]
        case Deadlines() as rule:
            cases = [_deadline(record, rule) for record in led]
        case Completion() as rule:
            cases = [_completion(record, rule) for record in led]
        case Coordination() as rule:
            # An answer is an answer: what the item weighs is for those who lead it.
            return _mean(criterion, (_coordination(record, word, rule) for record, word in asked), rules, {})
        case Quality() as rule:
            return _quality(criterion, led, rule)
        case Initiative() as rule:
            return _initiative(criterion, carried, rule)
        case PeriodMean():
            raise ValueError("a mean of periods is not measured from records")
    weights = {case.record.cycle_id: rules.weight(case.record) for case in cases} if rules.weights else {}
    return _mean(criterion, cases, rules, weights)


def _mean(
    criterion: Criterion, cases: Iterable[_Case], rules: ScoringRules, weights: Mapping[int, Fraction]
) -> MeasuredPoints:
    """The mean of the cases' shares, weighted where a weight is given. The full ones share one reason, each
    other case has a sentence of its own."""
    known: list[tuple[_Case, Fraction]] = []

    def weight(case: _Case) -> Fraction:
        return weights.get(case.record.cycle_id, _ONE)

    full: list[_Case] = []
    lost: list[_Case] = []
    aside: list[_Case] = []
    for case in sorted(cases, key=lambda case: plan_order(case.record)):
        if case.share is None:
            aside.append(case)
            if rules.not_applicable is NotApplicable.LEFT_OUT:
                continue
        share = _ONE if case.share is None else case.share
        known.append((case, share))
        if case.share is not None:
            (full if share == 1 else lost).append(case)
    reasons: list[PointReason] = []
    if full:
        reasons.append(_reason(f"{count(len(full))} nội dung được tính đủ điểm.", full))
    reasons += [
        _reason(
            f"{case.record.code}: {case.said}, được tính {percent(case.share or Fraction(0))}"
            f"{_weighed(weight(case))}.",
            [case],
        )
        for case in lost
    ]
    treated = "không tính" if rules.not_applicable is NotApplicable.LEFT_OUT else "tính đủ điểm"
    reasons += [_reason(f"{one.record.code}: {one.said}, {treated}.", [one]) for one in aside if one.said]
    if plain := [one for one in aside if not one.said]:
        reasons.append(
            _reason(f"{count(len(plain))} nội dung không phát sinh hoặc chưa đến kỳ, {treated}.", plain)
        )
    if isinstance(criterion.measure, Completion | Deadlines):
        reasons += [
            _reason(f"{case.record.code}: {_lower(case.record.note)}; tính theo báo cáo đã gửi.", [case])
            for case, _ in known
            if case.record.unheard is not None
        ]
    if not known:
        return MeasuredPoints(None, tuple(reasons))
    whole = _sum(weight(case) for case, _ in known)
    mean = _sum(weight(case) * share if weights else share for case, share in known) / whole
    points = mean * Fraction(criterion.maximum)
    heavy = [case for case, _ in known if weight(case) != 1]
    if heavy:
        named = joined([f"{one.record.code} ({number(weight(one))})" for one in heavy])
        reasons.append(_reason(f"Trọng số khác 1: {named}; tổng trọng số {number(whole)}.", heavy))
    reasons.append(
        PointReason(
            f"Bình quân {count(len(known))} nội dung: {percent(mean, 2)} của "
            f"{number(criterion.maximum)} điểm là {number(points)} điểm."
        )
    )
    return MeasuredPoints(points, tuple(reasons))


def _sum(parts: Iterable[Fraction]) -> Fraction:
    """The exact sum: like parts are added as whole numbers first, for most parts are alike."""
    by_denominator: dict[int, int] = {}
    for part in parts:
        numerator, denominator = part.as_integer_ratio()
        by_denominator[denominator] = by_denominator.get(denominator, 0) + numerator
    return sum((Fraction(*reversed(one)) for one in by_denominator.items()), Fraction(0))


def _timeliness(record: CycleRecord, rule: Timeliness) -> _Case:
    if record.first_submitted_on is None:
        return _Case(record, Fraction(0), f"không nộp báo cáo (hạn {day(record.report_due_on)})")
    return _Case(
        record,
        rule.share(record.days_late),
        f"nộp ngày {day(record.first_submitted_on)}, chậm {count(record.days_late)} ngày làm việc so với hạn "
        f"{day(record.report_due_on)}",
    )


def _deadline(record: CycleRecord, rule: Deadlines) -> _Case:
    if record.status is Status.NOT_ARISEN:
        return _Case(record, None, "")
    due = f" (thời hạn {day(record.due)})" if record.due else ""
    return _Case(record, rule.share(record.status), f"{_lower(record.status.label)}{due}")


def _completion(record: CycleRecord, rule: Completion) -> _Case:
    if record.status is Status.NOT_ARISEN:
        return _Case(record, None, "")
    if not record.counts:
        return _Case(record, Fraction(0), "không có báo cáo được duyệt")
    if record.status not in _IN_TIME or rule.not_due is NotDue.PROGRESS:
        return _Case(record, *_attained(record, _ONE))
    if rule.not_due is NotDue.LEFT_OUT and record.due is not None:
        return _Case(record, None, "")
    gone = _time_gone(record)
    share, said = _attained(record, gone)
    of = "thời gian thực hiện" if record.due else "thời gian của năm"
    return _Case(record, share, f"{said} khi đã qua {percent(gone)} {of}")


_IN_TIME = (Status.UNDER_WAY, Status.NOT_STARTED, Status.DONE_SHORT, Status.ONGOING)


def _attained(record: CycleRecord, gone: Fraction) -> tuple[Fraction, str]:
    """The share of the result that is there, of what may be expected when so much of the time is gone."""
    if record.figures:
        shares = [_share(figure, record, gone) for figure in record.figures]
        said = "; ".join(figure.shown for figure in record.figures if not figure.is_reached)
        return sum(shares, Fraction(0)) / len(shares), said or "đạt chỉ tiêu"
    if record.reported is Reported.DONE:
        return _ONE, "đã hoàn thành"
    progress = min(max(Fraction(record.progress or 0) / 100, Fraction(0)), _ONE)
    return _of_time(progress, gone), f"tiến độ {percent(progress)}"


def _share(figure: Figure, record: CycleRecord, gone: Fraction) -> Fraction:
    """How much of a target is met. What grows towards it is held against the time gone; a level or rate of
    regular work has to be there in every period, and a limit or a rank at any time."""
    is_growing = figure.grows and (figure.adds_up or record.status is not Status.ONGOING)
    if figure.is_reached or not is_growing:
        return figure.attainment
    return min(_of_time(figure.attainment, gone), figure.most)


def _of_time(attained: Fraction, gone: Fraction) -> Fraction:
    return min(_ONE, attained / gone) if gone else _ONE


def _time_gone(record: CycleRecord) -> Fraction:
    """The share of an item's days that lie behind the day its report speaks of, 0 to 1; of an item without a
    deadline, those until the year's end. What comes after its last day to report it cannot tell."""
    start, due = record.start or date(record.span.year, 1, 1), record.due or date(record.span.year, 12, 31)
    if due <= start:
        return _ONE
    spoken_of = min(record.as_of, record.report_due_on, record.span.last_day)
    gone = Fraction((spoken_of - start).days, (due - start).days)
    return min(max(gone, Fraction(0)), _ONE)


def _coordination(record: CycleRecord, word: RecordedWord, rule: Coordination) -> _Case:
    limit = f" (hạn {day(word.due_on)})" if word.due_on else ""
    if word.on is None and word.excuse is not None:
        return _Case(record, None, f"không có ý kiến xác nhận vì {word.excuse.label}")
    if word.on is None:
        return _Case(record, rule.silent, f"không trả lời đề nghị xác nhận{limit}")
    share = _ONE if word.is_on_time else rule.late
    return _Case(record, share, f"trả lời xác nhận ngày {day(word.on)}{limit}")


def _quality(criterion: Criterion, led: Sequence[CycleRecord], rule: Quality) -> MeasuredPoints:
    if not led:
        return MeasuredPoints(None, ())
    maximum = Fraction(criterion.maximum)
    taken = Fraction(0)
    reasons: list[PointReason] = []
    clean: list[CycleRecord] = []
    for record in sorted(led, key=plan_order):
        said, loss = _faults(record, rule)
        taken += loss
        if loss:
            reasons.append(
                PointReason(
                    f"{record.code}: {said}, trừ {number(loss)} điểm.", (record.code,), (record.cycle_id,)
                )
            )
        else:
            clean.append(record)
    if clean:
        reasons.insert(
            0,
            PointReason(
                f"{count(len(clean))} nội dung không bị trừ điểm.",
                tuple(record.code for record in clean),
                tuple(record.cycle_id for record in clean),
            ),
        )
    points = max(maximum - taken, Fraction(0))
    reasons.append(
        PointReason(f"Tổng trừ {number(taken)} trên {number(maximum)} điểm, còn {number(points)} điểm.")
    )
    return MeasuredPoints(points, tuple(reasons))


def _faults(record: CycleRecord, rule: Quality) -> tuple[str, Fraction]:
    faults = (
        (record.returns_by_objection, rule.per_objection, "bị đơn vị phối hợp phản đối {} lần"),
        (record.returns_by_committee, rule.per_return, "bị cấp có thẩm quyền trả lại {} lần"),
        (int(record.first_submitted_on is None), rule.per_missing, "không có báo cáo nào"),
    )
    said = ", ".join(text.format(count(times)) for times, points, text in faults if times and points)
    return said, sum((times * Fraction(points) for times, points, _ in faults if times), Fraction(0))


def _initiative(criterion: Criterion, carried: Sequence[ScoreEntry], rule: Initiative) -> MeasuredPoints:
    claims = [one for one in carried if one.kind is EntryKind.INITIATIVE and one.code == criterion.code]
    reasons = [
        PointReason(f"Sáng kiến {one.in_full}: {number(rule.per_claim)} điểm.", entry_ids=(one.id,))
        for one in claims
    ]
    points = min(len(claims) * Fraction(rule.per_claim), Fraction(criterion.maximum))
    if not claims:
        reasons.append(PointReason("Chưa có sáng kiến nào được hội đồng thông qua trong kỳ."))
    else:
        reasons.append(
            PointReason(
                f"{count(len(claims))} sáng kiến, tối đa {number(criterion.maximum)}: {number(points)} điểm."
            )
        )
    return MeasuredPoints(points, tuple(reasons))


def is_counted(record: CycleRecord) -> bool:
    """Whether a record counts for scores: it came to its end in this period, and no rule leaves it out."""
    return record.counts or record.stage is Stage.LAPSED


def _reason(text: str, cases: Sequence[_Case]) -> PointReason:
    return PointReason(
        text,
        tuple(case.record.code for case in cases),
        tuple(case.record.cycle_id for case in cases),
    )


def _weighed(weight: Fraction) -> str:
    return "" if weight == 1 else f", trọng số {number(weight)}"


def _lower(label: str) -> str:
    return label[:1].lower() + label[1:]
