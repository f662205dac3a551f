"""The form below a look at opening: dates, which items are asked, why they differ; looked at again or opened.

Both pages that open a period use it: that of a planned one, and the one that opens any by hand.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection
from starlette.datastructures import FormData

from workflow.domain.calendar import Calendar
from workflow.domain.errors import TiendoError
from workflow.domain.periods.period import Span, Timetable, moved
from workflow.domain.typed import whole_number
from workflow.domain.words import Words
from workflow.storage.opening.asking import asking_of
from workflow.storage.opening.opening import dates_at_opening
from workflow.storage.opening.planned import tick
from workflow.storage.people.groups import organisation_calendar
from workflow.storage.plans.plans import plan_head
from workflow.storage.rules import rules_version
from workflow.storage.sweeps.schedule_keeping import open_and_announce
from workflow.storage.sweeps.trials import OpeningLook, opening_look
from workflow.web.forms import day_of, is_sure, text_of

STEPS = ("due_on", "confirm_by", "approve_by", "cut_off")


@dataclass(frozen=True, slots=True)
class OpeningForm:
    """A period of a plan that is about to be opened, as one form of a page asks for it."""

    plan_id: int
    span: Span
    rules_id: int
    form: FormData

    @property
    def is_sure(self) -> bool:
        """Whether it is to be opened, not only looked at."""
        return is_sure(self.form) and not text_of(self.form, "again")

    def done(
        self, tx: Connection, now: datetime, person_id: int | None
    ) -> tuple[OpeningLook | None, TiendoError | None]:
        """Opens it, or looks at what that would do: the look, and what stands in the way. Both are None once
        it is open; nothing is written otherwise."""
        try:
            if not self.is_sure:
                return self.look(tx, now), None
            with tx.begin_nested():
                self.open(tx, now, person_id)
            return None, None
        except TiendoError as error:
            return self.look_after(tx, now), error

    def look(self, tx: Connection, now: datetime, *, with_dates: bool = True) -> OpeningLook:
        """What opening would do, as the form says; with the dates offered where its own cannot stand."""
        dates = self._dates(tx, now) if with_dates else None
        return opening_look(
            tx, self.plan_id, self.span, self.rules_id, now, dates=dates, ticks=self._ticks(tx)
        )

    def look_after(self, tx: Connection, now: datetime) -> OpeningLook | None:
        """The look shown beside what went wrong, so that nothing typed is lost; None where there is none."""
        for with_dates in (True, False):
            try:
                return self.look(tx, now, with_dates=with_dates)
            except TiendoError:
                continue
        return None

    def open(self, tx: Connection, now: datetime, person_id: int | None) -> int:
        """Opens it as the form says, and returns the period's id."""
        dates, ticks = self._dates(tx, now), self._ticks(tx)
        if ticks is not None:
            tick(tx, self.plan_id, self.span, ticks, text_of(self.form, "reason"), now, person_id=person_id)
        return open_and_announce(tx, self.plan_id, self.span, self.rules_id, now, dates=dates)

    def _ticks(self, tx: Connection) -> dict[str, bool] | None:
        """The items ticked in or out against the rules, by code; None where the form changes none."""
        shown = {whole_number(one) for one in str(self.form.get("shown", "")).split()}
        found = asking_of(tx, self.plan_id, self.span, rules_version(tx, self.rules_id).routing)
        wanted = {
            one.code: f"ask-{one.item_id}" in self.form if one.item_id in shown else one.is_asked
            for one in found
        }
        if all(wanted[one.code] is one.is_asked for one in found):
            return None
        return {one.code: wanted[one.code] for one in found if wanted[one.code] is not one.rule.is_asked}

    def _dates(self, tx: Connection, now: datetime) -> Timetable | None:
        """The dates typed, on working days; a later step left as offered follows one that moved."""
        if "due_on" not in self.form:
            return None
        calendar = organisation_calendar(tx, plan_head(tx, self.plan_id).organisation_id)
        routing = rules_version(tx, self.rules_id).routing
        today = calendar.day_of(now)
        offered = dates_at_opening(tx, self.plan_id, self.span, routing, calendar, today)
        what, cure = Words("Có ngày chưa ghi hoặc ghi sai."), Words("Chọn đủ bốn ngày rồi bấm lại.")
        wanted = {name: day_of(text_of(self.form, name), what, cure) for name in STEPS}
        return moved(offered, wanted | {"opens_on": _begins(today, wanted["due_on"], calendar)}, calendar)


def _begins(today: date, due_on: date, calendar: Calendar) -> date:
    # A last day that has gone by is for the opening to judge, not for the order of the dates.
    return min(calendar.add_working_days(today, 0), calendar.add_working_days(due_on, 0))
