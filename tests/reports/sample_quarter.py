"""The sample plan's first quarter, played without pages and closed: what an office's report looks like when
its text is as long, and its columns are as narrow, as a real plan makes them."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from sqlalchemy import select, update

from tests.builders import Opened
from tests.reports.issuing import Ended
from workflow.cli.demo.loading import load
from workflow.cli.demo.playing_words import body_of, difficulty_of, objection_of, proposal_of
from workflow.domain.cycles.advance import Duty
from workflow.domain.cycles.cycle import Choice, Verdict
from workflow.domain.people.directory import Role
from workflow.domain.people.organisations import OrganisationKind
from workflow.domain.periods.period import Span, timetable
from workflow.domain.results.record import Reported
from workflow.importing.files.rules_file import read_routing, read_scoring
from workflow.sample import directory_path, plan_path, ready_routing_path, scoring_path
from workflow.storage import Store
from workflow.storage.cycles import acts
from workflow.storage.cycles.acts import CastVote, SubmittedReport, UnitWord
from workflow.storage.files import Files
from workflow.storage.opening.opening import open_period
from workflow.storage.people.directory import set_kind, unit_ids
from workflow.storage.people.groups import organisation_calendar
from workflow.storage.results.closing import close_period
from workflow.storage.rules import save_rules
from workflow.storage.tables import cycles, duties, items, organisations, persons, roles, targets

SPAN = Span.parse("2026-Q1")
NAMES = {
    OrganisationKind.PEOPLES_COMMITTEE: "Ủy ban nhân dân phường Hòa Xuân Đông",
    OrganisationKind.AGENCY: "Sở Xây dựng thành phố Bình Minh",
}
"""What the organisation is called where it is no Party committee."""


def a_sample_quarter(store: Store, folder: Path, kind: OrganisationKind) -> Ended:
    """The quarter closed: most items reported, confirmed and approved, some late, some objected to, some not
    reported at all; without a draft."""
    with store.begin() as tx:
        loaded = load(tx, plan_path(), directory_path(), datetime(2026, 1, 15, 2, tzinfo=timezone.utc))
        calendar = organisation_calendar(tx, loaded.organisation_id)
        rules = read_routing(ready_routing_path(kind.words.rules))
        dates = timetable(SPAN, rules.period, calendar)
        now = calendar.moment(dates.opens_on, 9)
        staff = dict(tx.execute(select(persons.c.email, persons.c.id)).all())
        office = tx.scalars(select(roles.c.person_id).where(roles.c.role == Role.OFFICE.value)).first()
        assert office
        set_kind(tx, loaded.organisation_id, kind, office, now)
        if kind in NAMES:
            tx.execute(update(organisations).values(name=NAMES[kind]))
        rules_id = save_rules(tx, loaded.organisation_id, rules, read_scoring(scoring_path()), now)
        period = open_period(tx, loaded.plan_id, SPAN, rules_id, now)
        asked = select(cycles.c.id).join(items, items.c.id == cycles.c.item_id)
        found = tuple(tx.scalars(asked.where(cycles.c.period_id == period).order_by(items.c.position)))
        units = unit_ids(tx, loaded.organisation_id)
    staff["van-phong@hoaxuan.example"] = office
    opened = Opened(store, loaded.organisation_id, loaded.plan_id, period, found, staff, units, now)
    _play(opened)
    with store.begin() as tx:
        close_period(tx, period, calendar.moment(dates.cut_off, 18), is_early=True)
    return Ended(opened, Files(f"file://{folder}/files"))


def _play(opened: Opened) -> None:
    """Each report, each word and each ballot that is owed, but for every ninth item, which nobody reports."""
    with opened.store.begin() as tx:
        for n, cycle in enumerate(opened.cycles):
            if n % 9 == 5:
                continue
            _report(tx, cycle, n, opened.now + timedelta(days=16 if n % 7 == 3 else 4))
            after = opened.now + timedelta(days=17)
            for row in _owed(tx, cycle, Duty.CONFIRM):
                verdict = Verdict.PARTIAL if n % 6 == 1 else Verdict.CONFIRM
                reason = objection_of(f"số {n}") if verdict is Verdict.PARTIAL else ""
                who = _reporter(tx, row.unit_id)
                acts.confirm(tx, who, [UnitWord(cycle, row.unit_id, 1, verdict, reason)], after)
            while owed := _owed(tx, cycle, Duty.VOTE):
                word = [CastVote(cycle, 1, Choice.APPROVE, "")]
                acts.vote(tx, owed[0].person_id, word, opened.now + timedelta(days=21))


def _report(tx: Any, cycle: int, n: int, at: datetime) -> None:
    item = tx.execute(select(items).join(cycles).where(cycles.c.id == cycle)).one()
    asked = tx.execute(select(targets.c.id, targets.c.value).where(targets.c.item_id == item.id)).all()
    is_done = n % 4 == 0
    progress = 100 if is_done else 30 + n % 60
    for row in _owed(tx, cycle, Duty.SUBMIT)[:1]:
        report = SubmittedReport(
            cycle_id=cycle,
            unit_id=row.unit_id,
            seen_version=0,
            progress=progress,
            body=body_of(item.content, progress, again=False),
            reported=Reported.DONE if is_done else Reported.UNDER_WAY,
            done_on=at.date() - timedelta(days=9) if is_done else None,
            difficulties=difficulty_of(n),
            proposals=proposal_of(n),
            figures={str(one.id): f"{one.value if is_done else one.value * 3 // 4:f}" for one in asked},
        )
        acts.submit(tx, _reporter(tx, row.unit_id), [report], at)


def _owed(tx: Any, cycle: int, duty: Duty) -> list[Any]:
    asked = select(duties).where(duties.c.cycle_id == cycle, duties.c.duty == duty.value)
    return list(tx.execute(asked.order_by(duties.c.id)))


def _reporter(tx: Any, unit: int) -> int:
    asked = select(roles.c.person_id).where(roles.c.unit_id == unit, roles.c.role == Role.REPORTER.value)
    return int(tx.scalars(asked).first())
