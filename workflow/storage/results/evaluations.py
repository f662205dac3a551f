"""Half-years and years evaluated from closed periods: what one would be made from, making it, and the kept
results it is made from. Closing one, and making its results again, are `storage.results.closing`'s.

A unit's answer to its one question is `storage.results.unit_summaries`.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import Connection, select, update

from workflow.domain.errors import Conflict, TiendoError
from workflow.domain.periods.period import Span
from workflow.domain.results.evaluation import CountedPeriod, Evaluation, Lack, Lacking, units_leading
from workflow.domain.results.record import CycleRecord
from workflow.domain.scores.score_lines import UnitScore
from workflow.domain.scores.span_scores import PeriodScores
from workflow.domain.vietnamese import day
from workflow.domain.words import Words
from workflow.storage.audit import AuditEntry, record
from workflow.storage.canonical import plain, revived
from workflow.storage.opening.schedule import Year, year_of
from workflow.storage.people.rolls import take_rolls
from workflow.storage.periods.periods import Period, evaluation_from, period_of
from workflow.storage.reports.issues import results_at, results_version
from workflow.storage.results.unit_summaries import ask_units
from workflow.storage.rules import pinned_rules
from workflow.storage.tables import periods, plans

RECORDS, SCORES = "records", "scores"


@dataclass(frozen=True, slots=True)
class Readiness:
    """What a span would be made from now: the closed periods in it, and those that are missing."""

    sources: tuple[CountedPeriod, ...]
    lacking: tuple[Lacking, ...]


@dataclass(frozen=True, slots=True)
class NewEvaluation:
    """What the office decides about an evaluated period: the day its report is due, the question to the units
    with its last day, and why it is made although a period is missing."""

    report_on: date
    question: str = ""
    answer_by: date | None = None
    because: str = ""


@dataclass(frozen=True, slots=True)
class SpanParts:
    """The kept results an evaluated period is made from: every record, and the scores of each period."""

    evaluation: Evaluation
    records: list[CycleRecord]
    scores: list[PeriodScores]

    @property
    def period_ids(self) -> list[int]:
        """The periods they are of."""
        return [one.period_id for one in self.evaluation.sources]


@dataclass(frozen=True, slots=True)
class SourceChange:
    """A period whose results are others than those that were counted: `version` is its newest, None where it
    was not counted at all."""

    label: str
    counted: int | None
    version: int


def readiness(tx: Connection, plan_id: int, span: Span, now: datetime) -> Readiness:
    """What the plan's span would be made from at `now`."""
    return _ready(tx, year_of(tx, plan_id, now), span)


def _ready(tx: Connection, year: Year, span: Span) -> Readiness:
    sources, lacking = [], []
    for one in year.periods:
        begun = one.begun
        if one.span == span or not span.holds(one.span) or (begun and begun.is_evaluated):
            continue
        code, label = one.span.code, one.span.label
        if begun is None:
            lacking.append(Lacking(code, label, Lack.NOT_OPENED))
        elif not begun.is_closed:
            lacking.append(Lacking(code, label, Lack.OPEN))
        else:
            sources.append(CountedPeriod(begun.period_id, code, label, results_version(tx, begun.period_id)))
            if begun.live:
                lacking.append(Lacking(code, label, Lack.REOPENED))
    return Readiness(tuple(sources), tuple(lacking))


def evaluate(
    tx: Connection,
    plan_id: int,
    span: Span,
    wanted: NewEvaluation,
    now: datetime,
    *,
    person_id: int | None = None,
) -> int:
    """Creates the span's period from the closed periods in it, by the rules in force, and asks the units the
    question, where there is one. Nobody is asked about an item. Returns its id; it is closed like any other.

    Raises Conflict where a period is missing and the office gave no reason, or the span has a period already.
    """
    tx.execute(select(plans.c.id).where(plans.c.id == plan_id).with_for_update())
    year = year_of(tx, plan_id, now)
    if year.rules_id is None:
        raise Conflict(Words("Chưa có quy tắc nào."), cure=Words("Lưu quy tắc trước."))
    known = select(periods.c.id).where(periods.c.plan_id == plan_id, periods.c.code == span.code)
    if tx.scalar(known) is not None:
        raise Conflict(
            Words("Đã có kỳ %(label)s.", label=span.label), cure=Words("Xem kỳ ấy ở danh sách các kỳ.")
        )
    ready = _ready(tx, year, span)
    _check(ready, span, wanted.because)
    question = wanted.question.strip()
    today = year.at.today
    _check_days(wanted, today, asks=bool(question))
    answer_by = wanted.answer_by if question else None
    made = Evaluation(ready.sources, ready.lacking, wanted.because.strip(), question, answer_by)
    made = replace(made, units=units_leading(_records(tx, made)) if question else ())
    due = answer_by or wanted.report_on
    period_id: int = tx.execute(
        periods.insert()
        .values(
            plan_id=plan_id,
            rules_id=year.rules_id,
            code=span.code,
            label=span.label,
            opens_on=today,
            due_on=due,
            confirm_by=due,
            approve_by=due,
            cut_off=wanted.report_on,
            committee=take_rolls(tx, year.organisation_id, year.rules),
            opened_at=now,
            evaluation=plain(made),
        )
        .returning(periods.c.id)
    ).scalar_one()
    details = {"period": period_id, "code": span.code, "made": plain(made)}
    record(tx, year.organisation_id, now, AuditEntry("period-evaluated", person_id, details))
    ask_units(tx, period_id, now)
    return period_id


def _check(ready: Readiness, span: Span, because: str) -> None:
    """Raises where nothing is closed, or where something is missing and no reason is given."""
    if not ready.sources:
        raise Conflict(
            Words("Trong %(label)s chưa có kỳ nào đã khóa.", label=span.label),
            where=_list_of(ready.lacking),
            cure=Words("Khóa các kỳ trong đó trước."),
        )
    if ready.lacking and not because.strip():
        raise Conflict(
            Words("%(label)s còn thiếu kỳ.", label=span.label),
            where=_list_of(ready.lacking),
            cure=Words("Khóa các kỳ ấy trước, hoặc ghi lý do vẫn đánh giá."),
        )


def _list_of(lacking: Collection[Lacking]) -> str:
    return Words.joined((one.shown for one in lacking), by="; ")


def _check_days(wanted: NewEvaluation, today: date, *, asks: bool) -> None:
    if wanted.report_on < today:
        raise TiendoError(
            Words("Ngày báo cáo %(day)s đã qua.", day=day(wanted.report_on)),
            cure=Words("Ghi ngày theo hướng dẫn, từ hôm nay trở đi."),
        )
    if asks and (wanted.answer_by is None or not today <= wanted.answer_by <= wanted.report_on):
        raise TiendoError(
            Words("Chưa có ngày cuối để các đơn vị trả lời, hoặc ngày ấy không hợp lệ."),
            cure=Words("Ghi một ngày từ hôm nay đến ngày báo cáo."),
        )


def parts_of(tx: Connection, period_id: int) -> SpanParts | None:
    """The kept results the period is made from, by the versions that were counted; None for a period in which
    units report."""
    made = evaluation_from(tx.scalar(select(periods.c.evaluation).where(periods.c.id == period_id)))
    if made is None:
        return None
    scores = []
    for one in made.sources:
        rules = pinned_rules(tx, one.period_id).scores
        kept = results_at(tx, one.period_id, one.version, SCORES)
        found = revived(tuple[UnitScore, ...], kept.get(SCORES, []))
        scale = rules.maximum if rules else Decimal(0)
        scores.append(PeriodScores(Span.parse(one.code), one.label, scale, found))
    return SpanParts(made, _records(tx, made), scores)


def _records(tx: Connection, made: Evaluation) -> list[CycleRecord]:
    found: list[CycleRecord] = []
    for one in made.sources:
        kept = results_at(tx, one.period_id, one.version, RECORDS)
        found += revived(tuple[CycleRecord, ...], kept[RECORDS])
    return found


def changed_since(tx: Connection, period: Period, now: datetime) -> tuple[SourceChange, ...]:
    """The periods in an evaluated one whose results are no longer those that were counted: made again since,
    or closed since."""
    if period.evaluation is None:
        return ()
    counted = {one.period_id: one.version for one in period.evaluation.sources}
    return tuple(
        SourceChange(one.label, counted.get(one.period_id), one.version)
        for one in readiness(tx, period.plan_id, period.span, now).sources
        if counted.get(one.period_id) != one.version
    )


def count_anew(tx: Connection, period_id: int, now: datetime, *, person_id: int | None = None) -> bool:
    """Takes the newest results of the closed periods for an evaluated one; returns whether they are others
    than before. Raises Conflict where a period is missing now that was not when the office evaluated."""
    period = period_of(tx, period_id)
    made = period.evaluation
    if made is None:
        return False
    ready = readiness(tx, period.plan_id, period.span, now)
    known = {one.code for one in made.lacking}
    _check(
        replace(ready, lacking=tuple(one for one in ready.lacking if one.code not in known)), period.span, ""
    )
    if (ready.sources, ready.lacking) == (made.sources, made.lacking):
        return False
    renewed = replace(made, sources=ready.sources, lacking=ready.lacking)
    tx.execute(update(periods).where(periods.c.id == period_id).values(evaluation=plain(renewed)))
    details = {"period": period_id, "code": period.code, "before": plain(made), "made": plain(renewed)}
    record(tx, period.organisation_id, now, AuditEntry("period-counted-anew", person_id, details))
    return ready.sources != made.sources
