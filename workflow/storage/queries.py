"""Small questions the command line and the flows ask of the database."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, select

from workflow.domain.errors import NotFound, TiendoError
from workflow.domain.period import Span
from workflow.domain.words import Words
from workflow.storage.tables import organisations, periods, plans


@dataclass(frozen=True, slots=True)
class PeriodRow:
    """A period and whose it is."""

    id: int
    organisation_id: int
    organisation: str
    plan_id: int
    code: str
    label: str
    opens_on: date
    due_on: date
    confirm_by: date
    approve_by: date
    cut_off: date
    closed_at: datetime | None


_PERIODS = (
    select(
        periods.c.id,
        plans.c.organisation_id,
        organisations.c.name.label("organisation"),
        periods.c.plan_id,
        periods.c.code,
        periods.c.label,
        periods.c.opens_on,
        periods.c.due_on,
        periods.c.confirm_by,
        periods.c.approve_by,
        periods.c.cut_off,
        periods.c.closed_at,
    )
    .join(plans, plans.c.id == periods.c.plan_id)
    .join(organisations, organisations.c.id == plans.c.organisation_id)
)


def latest_period(tx: Connection) -> PeriodRow | None:
    """The period opened last, of any organisation."""
    row = tx.execute(_PERIODS.order_by(periods.c.id.desc()).limit(1)).first()
    return PeriodRow(**row._mapping) if row else None


def all_periods(tx: Connection) -> list[PeriodRow]:
    """Every period, in the order they were opened."""
    return [PeriodRow(**row._mapping) for row in tx.execute(_PERIODS.order_by(periods.c.id))]


def periods_within(
    tx: Connection, organisation_ids: Iterable[int], span: Span
) -> tuple[list[PeriodRow], list[PeriodRow]]:
    """The organisations' periods that lie within the span: the closed ones, and the others."""
    asked = _PERIODS.where(plans.c.organisation_id.in_(set(organisation_ids))).order_by(periods.c.id)
    found = (PeriodRow(**row._mapping) for row in tx.execute(asked))
    own = [one for one in found if span.holds(Span.parse(one.code))]
    return [one for one in own if one.closed_at], [one for one in own if not one.closed_at]


def period_by_code(tx: Connection, code: str, plan_id: int | None = None) -> PeriodRow:
    """The period of that code; raises where there is none, or more than one plan has it."""
    question = _PERIODS.where(periods.c.code == code.upper())
    if plan_id is not None:
        question = question.where(periods.c.plan_id == plan_id)
    rows = tx.execute(question).all()
    if not rows:
        raise NotFound(
            Words("Chưa mở kỳ %(code)s.", code=code), cure=Words("Xem các kỳ đã mở: tiendo period list.")
        )
    if len(rows) > 1:
        raise TiendoError(Words("Nhiều kế hoạch có kỳ %(code)s.", code=code), cure=Words("Thêm --plan <số>."))
    return PeriodRow(**rows[0]._mapping)


def period_of(tx: Connection, period_id: int) -> PeriodRow:
    """The period of that id."""
    row = tx.execute(_PERIODS.where(periods.c.id == period_id)).first()
    if row is None:
        raise NotFound(Words("Không có kỳ báo cáo này."), where=str(period_id))
    return PeriodRow(**row._mapping)


def latest_plan(tx: Connection) -> int | None:
    """The plan loaded last, of any organisation."""
    return tx.scalar(select(plans.c.id).order_by(plans.c.id.desc()).limit(1))
