"""Wards with a decided year, written in bulk: plans, cycles and every fact of four quarters, ready to close.

Shapes follow a real ward's plan (107 items, three headings deep, two in five with figures); texts are
invented, chance is seeded.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from sqlalchemy import Table, insert

from workflow.domain.calendar import VIETNAM, Calendar
from workflow.domain.cycles.cycle import Choice, Stage, Verdict
from workflow.domain.people.bodies import VotedMatter
from workflow.domain.people.organisations import OrganisationKind
from workflow.domain.periods.period import PeriodKind, Span, timetable
from workflow.domain.plans.target_kinds import kind_by_measure
from workflow.domain.results.record import Reported
from workflow.domain.rules.routing_rules import Rules
from workflow.importing.files.rules_file import read_routing, read_scoring
from workflow.sample import routing_path, scoring_path
from workflow.storage import Store
from workflow.storage.tables import (
    ballots,
    confirmations,
    cycle_units,
    cycles,
    item_units,
    items,
    organisations,
    periods,
    persons,
    plans,
    roles,
    rules,
    submissions,
    targets,
    units,
)

N_ITEMS, N_UNITS, N_MEMBERS = 107, 21, 9
_PER_WARD = 10_000
"""Ids of a ward's rows start at its number times this, in every table but those of facts."""
_TEXT = (
    "Đã hoàn thành đo đạc, phê duyệt dự toán; đang thi công đoạn từ ngã tư chợ đến cầu, đạt 60% khối lượng. "
)
_ORDER = (
    organisations, units, persons, roles, plans, items, item_units, targets, rules, periods, cycles,
    cycle_units, submissions, confirmations, ballots,
)  # fmt: skip


@dataclass
class Ward:
    """One ward's rows, by table."""

    number: int
    random: Random
    rows: dict[Table, list[dict[str, Any]]] = field(default_factory=lambda: {one: [] for one in _ORDER})

    def id(self, n: int) -> int:
        return self.number * _PER_WARD + n

    def add(self, table: Table, **row: Any) -> None:
        self.rows[table].append(row)


_ROUTING = read_routing(routing_path()).as_json()
_SCORING = read_scoring(scoring_path())
_CALENDAR = Calendar()
_TEXTS = ("coordinating_text", "start_text", "result", "note", "source")


def a_ward(number: int, year: int = 2026) -> Ward:
    """The ward of that number (from 1), the same every time."""
    ward = Ward(number, Random(number))
    ward.add(
        organisations, id=number, slug=f"phuong-{number}", name=f"Đảng ủy phường số {number}",
        kind=OrganisationKind.PARTY_COMMITTEE.value, zone=VIETNAM, days_off=[], days_worked=[],
    )  # fmt: skip
    _directory(ward)
    _plan(ward, year)
    ward.add(
        rules, id=number, organisation_id=number, name="Mẫu", version="1", routing=_ROUTING,
        scoring=_SCORING, sha256=f"{0:064x}", saved_at=_at(date(year, 1, 2)),
    )  # fmt: skip
    for quarter in range(1, 5):
        _quarter(ward, Span(PeriodKind.QUARTER, year, quarter))
    return ward


def _directory(ward: Ward) -> None:
    own = {"organisation_id": ward.number, "is_active": True}
    for n in range(N_UNITS + 1):
        is_committee = n == N_UNITS
        ward.add(
            units, id=ward.id(n), slug=f"don-vi-{n}", name=f"Đơn vị số {n} phường {ward.number}",
            aliases=[], is_committee=is_committee, cluster=f"Khối {n % 3 + 1}", **own,
        )  # fmt: skip
    for n in range(N_UNITS + N_MEMBERS):
        ward.add(
            persons, id=ward.id(n), name=f"Người {n}", email=f"{n}@p{ward.number}.example", title="", **own
        )
        seat, role = (n, "reporter") if n < N_UNITS else (N_UNITS, "chair" if n == N_UNITS else "member")
        ward.add(roles, person_id=ward.id(n), unit_id=ward.id(seat), role=role)


def _plan(ward: Ward, year: int) -> None:
    ward.add(
        plans, id=ward.number, organisation_id=ward.number, number=f"{ward.number}-KH/ĐU",
        title="Kế hoạch năm", year=year, issuer="", source_name="", source_sha256="", findings=[],
        loaded_at=_at(date(year, 1, 2)),
    )  # fmt: skip
    for n in range(N_ITEMS):
        part, section, group = ("I", "II")[n % 2], n % 5 + 1, n % 3 + 1
        codes = [part, f"{part}.{section}", f"{part}.{section}.{group}"]
        due = None if n % 4 == 3 else date(year, 1 + n % 12, 28)
        ward.add(
            items, id=ward.id(n), plan_id=ward.number, code=f"{codes[-1]}.{n}", number=str(n), position=n,
            section_codes=codes, section_titles=["Phần chung", f"Mục số {section}", f"Nhóm số {group}"],
            content=f"Nội dung số {n}: cải tạo, chỉnh trang tuyến đường và vận động nhân dân cùng làm",
            leaders=[f"Đồng chí số {n % 9}"], lead_units=[], coordinating_units=[], due=due,
            start={"kind": "cadence", "every": "ongoing"} if due is None else None,
            deadline_text="Thường xuyên" if due is None else f"Tháng {due.month}/{year}", folded="",
            **dict.fromkeys(_TEXTS, ""),
        )  # fmt: skip
        seats = ward.random.sample(range(N_UNITS), 1 + n % 5)
        for place, unit in enumerate(seats):
            ward.add(
                item_units, item_id=ward.id(n), unit_id=ward.id(unit),
                role="coordinating" if place else "lead", position=max(place - 1, 0),
            )  # fmt: skip
        for place in range((0, 1, 0, 2, 0)[n % 5]):
            measure = ("%", "hộ", "triệu đồng")[(n + place) % 3]
            ward.add(
                targets, id=ward.id(2 * n + place), item_id=ward.id(n), position=place, scope="",
                text=f"Chỉ tiêu {place}", value=Decimal(90 + n), comparison="at-least", measure=measure,
                kind=kind_by_measure(measure, is_rank=False).value,
            )  # fmt: skip


def _quarter(ward: Ward, span: Span) -> None:
    period_id = ward.number * 10 + span.index
    dates = timetable(span, Rules().period, _CALENDAR)
    days = {
        name: getattr(dates, name) for name in ("opens_on", "due_on", "confirm_by", "approve_by", "cut_off")
    }
    members = [ward.id(n) for n in range(N_UNITS, N_UNITS + N_MEMBERS)]
    body = {"name": f"Đơn vị số {N_UNITS}", "members": members, "chair": members[0]}
    decide = {matter.value: f"don-vi-{N_UNITS}" for matter in VotedMatter}
    roll = {"bodies": {f"don-vi-{N_UNITS}": body}, "decide": decide}
    ward.add(
        periods, id=period_id, plan_id=ward.number, rules_id=ward.number, code=span.code, label=span.label,
        committee=roll, opened_at=_at(dates.opens_on), **days,
    )  # fmt: skip
    seats: dict[int, list[int]] = {}
    for row in ward.rows[item_units]:
        seats.setdefault(row["item_id"], []).append(row["unit_id"])
    aims: dict[int, list[int]] = {}
    for row in ward.rows[targets]:
        aims.setdefault(row["item_id"], []).append(row["id"])
    for n in range(N_ITEMS):
        item_id = ward.id(n)
        _cycle(
            ward,
            period_id * 1000 + n,
            item_id,
            period_id,
            seats[item_id],
            aims.get(item_id, []),
            dates.due_on,
        )


def _cycle(
    ward: Ward, cycle_id: int, item_id: int, period_id: int, seats: list[int], aims: list[int], due_on: date
) -> None:
    random = ward.random
    chance = random.random()
    stage = Stage.LAPSED if chance < 0.05 else Stage.WITHDRAWN if chance < 0.06 else Stage.APPROVED
    versions = 0 if stage is Stage.LAPSED and chance < 0.03 else 1 + (random.random() < 0.2)
    sent = _at(due_on) + timedelta(days=random.choice((-4, -3, -2, -1, 0, 0, 1, 3)))
    approvals = N_MEMBERS - random.randrange(3)
    standing = {"count": {"approve": approvals, "return": 0, "abstain": 0}} if stage is Stage.APPROVED else {}
    ward.add(
        cycles, id=cycle_id, period_id=period_id, item_id=item_id, stage=stage.value, version=versions,
        stage_since=_at(due_on) + timedelta(days=6), standing=standing,
        withdrawn_at=_at(due_on) if stage is Stage.WITHDRAWN else None,
    )  # fmt: skip
    for place, unit in enumerate(seats):
        if place == 0:
            ward.add(cycle_units, cycle_id=cycle_id, unit_id=unit, role="lead", position=0)
        if len(seats) > 1:
            ward.add(cycle_units, cycle_id=cycle_id, unit_id=unit, role="confirming", position=place)
    for version in range(1, versions + 1):
        at = sent + timedelta(days=2 * (version - 1))
        reported = random.choice((*[Reported.UNDER_WAY] * 4, *[Reported.DONE] * 3, *Reported))
        ward.add(
            submissions, cycle_id=cycle_id, version=version, unit_id=seats[0], at=at,
            person_id=seats[0], progress=random.randrange(101), reported=reported.value, done_on=None,
            body=_TEXT * random.randrange(1, 4), difficulties=_TEXT if random.random() < 0.15 else "",
            proposals="", figures={str(aim): str(random.randrange(200)) for aim in aims}, parts={},
        )  # fmt: skip
        for unit in seats[1:]:
            if random.random() < 0.9:
                is_last = version == versions
                verdict = Verdict.CONFIRM if is_last or random.random() < 0.7 else Verdict.OBJECT
                ward.add(
                    confirmations, cycle_id=cycle_id, version=version, unit_id=unit, person_id=unit,
                    verdict=verdict.value, reason="", at=at + timedelta(days=1, hours=random.randrange(20)),
                )  # fmt: skip
    if stage is Stage.APPROVED:
        for n in range(approvals):
            ward.add(
                ballots, cycle_id=cycle_id, version=versions, person_id=ward.id(N_UNITS + n), reason="",
                choice=Choice.APPROVE.value, at=sent + timedelta(days=4, hours=n),
            )  # fmt: skip


def write(store: Store, numbers: range) -> int:
    """Writes the wards of those numbers; gives how many rows that was."""
    written = 0
    for ward in map(a_ward, numbers):
        with store.begin() as tx:
            for table, rows in ward.rows.items():
                tx.execute(insert(table), rows)
                written += len(rows)
    return written


def _at(day: date) -> datetime:
    return _CALENDAR.moment(day, 9)
