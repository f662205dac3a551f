"""A scratch organisation in a live database: a test person with every duty, on items of their own.

Its people have addresses nobody owns (`.invalid`, RFC 2606), its mails are void, Prefect's showing loop has
nothing to show, and every row is deleted when the checks are done.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from workflow.domain.cycles.cycle import Verdict
from workflow.domain.people.directory import Directory, Person, Role, Unit
from workflow.domain.periods.period import Span, Timetable
from workflow.domain.plans.plan import Plan, PlanItem
from workflow.domain.rules.routing_rules import ApprovalRule, EarlyClose, MailRule, Rules
from workflow.storage import Store
from workflow.storage.access import links
from workflow.storage.access.links import Purpose
from workflow.storage.cycles import acts
from workflow.storage.cycles.acts import SubmittedReport, UnitWord
from workflow.storage.opening.opening import open_period
from workflow.storage.people.directory import known_ids, save_directory
from workflow.storage.plans.plans import save_plan
from workflow.storage.rules import save_rules
from workflow.storage.sweeps.played import played_cycles
from workflow.storage.sweeps.scratch import NAME, count_facts, expire_link, keep_quiet, remove_scratch

TESTER = "Người kiểm tra"

_TESTER, _OTHER, _MEMBER = (f"{box}@doctor.invalid" for box in ("tester", "other", "member"))
_DIRECTORY = Directory(
    NAME,
    (
        Unit("don-vi-a", "Đơn vị A"),
        Unit("don-vi-b", "Đơn vị B"),
        Unit("don-vi-c", "Đơn vị C"),
        Unit("btv", "Ban thử biểu quyết", is_committee=True),
    ),
    (
        Person(TESTER, _TESTER, "", (("don-vi-a", Role.REPORTER), ("btv", Role.CHAIR))),
        Person("Người khác", _OTHER, "", (("don-vi-b", Role.REPORTER),)),
        Person("Thành viên khác", _MEMBER, "", (("btv", Role.MEMBER), ("don-vi-c", Role.REPORTER))),
    ),
)
_RULES = Rules(
    name=NAME,
    approval=ApprovalRule(early_close=EarlyClose.NO),
    mail=MailRule(receipts=False),
)
"""A vote is never over before its day: what is cast shows as a ballot, and no stage changes by it."""


def _item(number: int, lead: str, *coordinating: str) -> PlanItem:
    return PlanItem(
        code=f"I.{number}",
        number=str(number),
        content=f"Nội dung thử số {number}",
        lead_ids=(lead,),
        coordinating_ids=coordinating,
    )


_PLAN = Plan(
    title="Kế hoạch thử",
    year=2026,
    items=(
        _item(1, "don-vi-a"),
        _item(2, "don-vi-b", "don-vi-a", "don-vi-c"),
        _item(3, "don-vi-b"),
        _item(4, "don-vi-a", "don-vi-b"),
    ),
)


@dataclass(frozen=True, slots=True)
class Scratch:
    """What the checks play on. The tester reports the first item, confirms the second, votes on the third,
    and is to report the fourth again: its form comes filled in."""

    store: Store
    organisation_id: int
    period_id: int
    cycles: tuple[int, ...]
    tester_id: int
    other_id: int
    now: datetime

    def link(self, *, to_other: bool = False) -> str:
        """A new link's token for the tester, or for another person of the period."""
        with self.store.begin() as tx:
            person = self.other_id if to_other else self.tester_id
            return links.make(tx, person, Purpose.DUTIES, self.period_id, self.now)

    def expire(self, token: str) -> None:
        """Makes a link expire."""
        with self.store.begin() as tx:
            expire_link(tx, token, self.now)

    def revoke(self) -> None:
        """Revokes every link of the tester."""
        with self.store.begin() as tx:
            links.revoke(tx, self.tester_id, self.period_id, self.now)

    def keep_quiet(self) -> None:
        """Voids the mails and the Prefect runs that the tester's acts caused."""
        with self.store.begin() as tx:
            keep_quiet(tx, self.organisation_id, self.period_id)

    def facts(self) -> int:
        """How many facts and how many entries of the log there are about the scratch cycles."""
        with self.store.reading() as tx:
            return count_facts(tx, self.cycles)


@contextmanager
def a_scratch(store: Store, now: datetime) -> Iterator[Scratch]:
    """The scratch organisation while the block runs; rows of an interrupted run are deleted first."""
    with store.begin() as tx:
        remove_scratch(tx)
    try:
        with store.begin() as tx:
            scratch = _made(store, tx, now)
        yield scratch
    finally:
        with store.begin() as tx:
            remove_scratch(tx)


def _made(store: Store, tx: Connection, now: datetime) -> Scratch:
    organisation = save_directory(tx, _DIRECTORY)
    plan = save_plan(tx, organisation, _PLAN, now)
    rules = save_rules(tx, organisation, _RULES, {}, now)
    today = now.date() - timedelta(days=1)
    dates = Timetable(today, *(today + timedelta(days=days) for days in (20, 40, 60, 80)))
    period = open_period(tx, plan, Span.parse(str(now.year)), rules, now, dates=dates)
    ids = tuple(one.id for one in played_cycles(tx, period))
    known = known_ids(tx, organisation)
    tester, other = known.persons[_TESTER], known.persons[_OTHER]
    a, b = known.units["don-vi-a"], known.units["don-vi-b"]
    acts.submit(tx, other, [SubmittedReport(cycle, b, 0, 50, "Đã làm một nửa.") for cycle in ids[1:3]], now)
    acts.submit(tx, tester, [SubmittedReport(ids[3], a, 0, 40, "Đang làm.")], now)
    acts.confirm(tx, other, [UnitWord(ids[3], b, 1, Verdict.OBJECT, "Thiếu số liệu.")], now)
    keep_quiet(tx, organisation, period)
    return Scratch(store, organisation, period, ids, tester, other, now)
