"""Builders with good defaults for tests: a ward's directory, a plan, an open period, and acts on it.

Names, units and contents are invented. Build what the claim is about; take the defaults for the rest.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timezone
from decimal import Decimal
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

from sqlalchemy import select

from tests.plan_codes import place_of
from workflow.domain.cycles.cycle import Choice, Stage, Verdict
from workflow.domain.people.directory import Directory, Person, Role, Unit
from workflow.domain.periods.period import Span, Timetable
from workflow.domain.plans.plan import (
    Comparison,
    Plan,
    PlanItem,
    PlanPart,
    Schedule,
    ScheduleKind,
    Section,
    Target,
)
from workflow.domain.rules.routing_rules import Rules
from workflow.importing.cells.leaders import bound
from workflow.storage import Store
from workflow.storage.access import links
from workflow.storage.cycles import acts
from workflow.storage.cycles.acts import CastVote, Receipt, SubmittedReport, UnitWord
from workflow.storage.opening.opening import open_period
from workflow.storage.people.directory import save_directory, unit_ids
from workflow.storage.plans.plans import save_plan
from workflow.storage.rules import save_rules
from workflow.storage.tables import cycles, items, persons, report_drafts, report_issues, reports

NOW = datetime(2026, 3, 2, 2, tzinfo=timezone.utc)
"""Monday, 2 March 2026, 9 in the morning in Vietnam: after Tết, before the first quarter's deadline."""

UNITS = (
    Unit("ubnd", "UBND phường", aliases=("Ủy ban nhân dân phường",)),
    Unit("mttq", "Ủy ban MTTQ Việt Nam phường"),
    Unit("cong-an", "Công an phường"),
    Unit("quan-su", "Ban Chỉ huy Quân sự phường"),
    Unit("phu-nu", "Hội Liên hiệp Phụ nữ phường"),
    Unit("doan", "Đoàn TNCS Hồ Chí Minh phường"),
    Unit("tram-y-te", "Trạm Y tế phường"),
)
COMMITTEE = Unit("btv", "Ban Thường vụ Đảng ủy phường", is_committee=True)
OFFICE = Unit("van-phong", "Văn phòng Đảng ủy phường")

REPORTERS = (
    ("Nguyễn Thị Minh Hằng", "ubnd", "Phó Chủ tịch UBND phường"),
    ("Trần Văn Phúc", "mttq", "Chủ tịch UB MTTQ phường"),
    ("Lê Quang Đạo", "cong-an", "Phó Trưởng Công an phường"),
    ("Phạm Hữu Thắng", "quan-su", "Chỉ huy trưởng Ban CHQS phường"),
    ("Đỗ Thị Lan Anh", "phu-nu", "Chủ tịch Hội LHPN phường"),
    ("Vũ Đức Huy", "doan", "Bí thư Đoàn phường"),
    ("Bùi Thị Ngọc Ánh", "tram-y-te", "Trưởng Trạm Y tế phường"),
)
MEMBERS = (
    ("Hoàng Văn Thành", "bi-thu", "Bí thư Đảng ủy"),
    ("Ngô Thị Bích Thủy", "pho-bi-thu", "Phó Bí thư Thường trực"),
    ("Đặng Quốc Khánh", "uy-vien-1", "Ủy viên Ban Thường vụ"),
    ("Phan Thị Hương", "uy-vien-2", "Ủy viên Ban Thường vụ"),
    ("Lý Minh Tuấn", "uy-vien-3", "Ủy viên Ban Thường vụ"),
)
CHAIR = "bi-thu@hoaxuan.example"
OFFICER = "van-phong@hoaxuan.example"

_SECTIONS = (
    Section("I.1", "Chỉnh trang đô thị"),
    Section("I.2", "Cải cách hành chính"),
    Section("I.3", "An sinh xã hội"),
    Section("II.1", "Quốc phòng, an ninh, trật tự an toàn xã hội"),
)
_PARENTS = {
    "I": "Chỉ tiêu cơ bản",
    "II": "Nhiệm vụ trọng tâm",
}
_CONTENTS = (
    "Cải tạo, lát gạch vỉa hè tuyến đường Nguyễn Văn Linh (đoạn từ ngã tư chợ đến cầu Bà Rén)",
    "Tỷ lệ hồ sơ thủ tục hành chính giải quyết đúng hạn đạt từ 98% trở lên",
    "Vận động quỹ “Vì người nghèo” đạt tối thiểu 350 triệu đồng",
    "Thực hiện tuyển quân đạt 100% chỉ tiêu được giao",
    "Trồng mới 120 cây bóng mát tại các khu dân cư và trường học",
    "Triển khai số hóa hồ sơ hộ tịch giai đoạn 2016 - 2020",
    "Thăm hỏi, tặng quà gia đình chính sách dịp 27/7",
    "Duy trì tuần tra đêm tại các khu dân cư giáp ranh",
    "Xóa 05 điểm tập kết rác tự phát trên địa bàn phường",
    "Tổ chức đối thoại giữa người đứng đầu cấp ủy, chính quyền với nhân dân",
)


def a_directory(
    organisation: str = "Đảng ủy phường Hòa Xuân", *, n_members: int = 5, extra: Iterable[Person] = ()
) -> Directory:
    """Seven working units with a reporter each (`ubnd@hoaxuan.example`, ...), a committee of `n_members`
    with its chair first, and the office."""
    reporters = [
        Person(name, f"{unit}@hoaxuan.example", title, ((unit, Role.REPORTER),))
        for name, unit, title in REPORTERS
    ]
    members = [
        Person(name, f"{box}@hoaxuan.example", title, (("btv", Role.MEMBER if place else Role.CHAIR),))
        for place, (name, box, title) in enumerate(MEMBERS[:n_members])
    ]
    office = Person("Trịnh Thu Hà", OFFICER, "Chánh Văn phòng", (("van-phong", Role.OFFICE),))
    return Directory(organisation, (*UNITS, COMMITTEE, OFFICE), (*reporters, *members, office, *extra))


def an_item(number: int = 1, **changes: object) -> PlanItem:
    """One row of a plan: led by the people's committee and its deputy chair, with two coordinating units and
    a deadline. Other `leaders` are bound where a period is opened, as an import would."""
    section = _SECTIONS[(number - 1) % len(_SECTIONS)]
    part = section.code.split(".")[0]
    given: dict[str, object] = {
        "code": f"{section.code}.{(number - 1) // len(_SECTIONS) + 1}",
        "number": str((number - 1) // len(_SECTIONS) + 1),
        "content": _CONTENTS[(number - 1) % len(_CONTENTS)],
        "sections": (_PARENTS[part], section.title),
        "section_codes": (part, section.code),
        "leaders": ("Đ/c Nguyễn Thị Minh Hằng",),
        "lead_units": ("UBND phường",),
        "lead_ids": ("ubnd",),
        "coordinating_units": ("Ủy ban MTTQ Việt Nam phường", "Công an phường"),
        "coordinating_ids": ("mttq", "cong-an"),
        "start_text": "Tháng 01/2026",
        "deadline_text": "Quý I/2026",
        "deadline": Schedule(ScheduleKind.QUARTER, date(2026, 1, 1), date(2026, 3, 31)),
        "targets": (a_target(),) if number % 5 == 2 else (),
        "source": f"dòng {number}",
    }
    if "leaders" not in changes:
        given["leader_ids"] = ("ubnd@hoaxuan.example",)
    return PlanItem(**(given | changes))  # type: ignore[arg-type]


def a_target(value: str = "98", text: str = "98% hồ sơ giải quyết đúng hạn", measure: str = "%") -> Target:
    """A measurable figure: at least 98%."""
    return Target(Decimal(value), Comparison.AT_LEAST, measure, text=text)


def a_part(code: str, content: str, lead: str = "ubnd") -> PlanPart:
    """A part of an item with its own lead."""
    return PlanPart(code=code, content=content, lead_ids=(lead,), deadline_text="Tháng 3/2026")


def a_plan(n_items: int = 3, *, items: Iterable[PlanItem] | None = None, year: int = 2026) -> Plan:
    """A plan of `n_items` rows over four sections, or of the given ones."""
    return Plan(
        title="Kế hoạch thực hiện chủ đề công tác năm 2026",
        year=year,
        number="12-KH/ĐU",
        issued_on=date(year, 1, 8),
        issuer="Đảng ủy phường Hòa Xuân",
        sections=_SECTIONS,
        items=tuple(items)
        if items is not None
        else tuple(sorted((an_item(n + 1) for n in range(n_items)), key=lambda item: place_of(item.code))),
    )


@dataclass(frozen=True, slots=True)
class Opened:
    """An open period. `cycles` are in the plan's order; `persons` are by e-mail, `units` by slug."""

    store: Store
    organisation_id: int
    plan_id: int
    period_id: int
    cycles: tuple[int, ...]
    persons: dict[str, int]
    units: dict[str, int]
    now: datetime

    def person(self, box: str) -> int:
        """The person with that mailbox, `ubnd` or `ubnd@hoaxuan.example`."""
        return self.persons[box if "@" in box else f"{box}@hoaxuan.example"]


@cache
def _migrated() -> Path:
    path = Path(mkdtemp(prefix="tiendo-tests-")) / "empty.db"
    store = Store(f"sqlite:///{path}")
    store.migrate()
    with store.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    store.close()
    return path


def a_store(folder: Path) -> Store:
    """An empty, migrated SQLite store in the folder (a copy of one migrated once a run)."""
    path = folder / "tiendo.db"
    shutil.copyfile(_migrated(), path)
    return Store(f"sqlite:///{path}")


def an_open_period(
    store: Store,
    *,
    directory: Directory | None = None,
    plan: Plan | None = None,
    rules: Rules | None = None,
    span: str = "2026-Q1",
    dates: Timetable | None = None,
    now: datetime = NOW,
) -> Opened:
    """Saves a directory, a plan and rules, and opens the period."""
    with store.begin() as tx:
        staff = directory or a_directory()
        organisation = save_directory(tx, staff)
        plan_id = save_plan(tx, organisation, bound(plan or a_plan(), staff), now)
        rules_id = save_rules(tx, organisation, rules or Rules(), {}, now)
        period = open_period(tx, plan_id, Span.parse(span), rules_id, now, dates=dates)
        found = tx.scalars(
            select(cycles.c.id)
            .join(items, items.c.id == cycles.c.item_id)
            .where(cycles.c.period_id == period)
            .order_by(items.c.position)
        )
        return Opened(
            store,
            organisation,
            plan_id,
            period,
            tuple(found),
            dict(
                tx.execute(
                    select(persons.c.email, persons.c.id).where(persons.c.organisation_id == organisation)
                ).all()
            ),
            unit_ids(tx, organisation),
            now,
        )


def a_link(
    opened: Opened, box: str, purpose: links.Purpose = links.Purpose.DUTIES, *, now: datetime | None = None
) -> str:
    """A new link's token for the person with that mailbox."""
    with opened.store.begin() as tx:
        return links.make(tx, opened.person(box), purpose, opened.period_id, now or opened.now)


def submitted(
    opened: Opened, cycle: int, *, unit: str = "ubnd", version: int = 0, **changes: object
) -> Receipt:
    """The unit's reporter submits; `version` is what the form showed."""
    given: dict[str, object] = {
        "cycle_id": cycle,
        "unit_id": opened.units[unit],
        "seen_version": version,
        "progress": 60,
        "body": "Đã hoàn thành đo đạc, phê duyệt dự toán; đang thi công đoạn 1.",
    }
    with opened.store.begin() as tx:
        return acts.submit(
            tx,
            opened.person(unit),
            [SubmittedReport(**(given | changes))],  # type: ignore[arg-type]
            opened.now,
        )


def confirmed(
    opened: Opened,
    cycle: int,
    *units: str,
    version: int = 1,
    verdict: Verdict = Verdict.CONFIRM,
    reason: str = "",
) -> None:
    """Each unit's reporter confirms, or says what `verdict` is."""
    for unit in units:
        with opened.store.begin() as tx:
            word = UnitWord(cycle, opened.units[unit], version, verdict, reason)
            acts.confirm(tx, opened.person(unit), [word], opened.now)


def voted(
    opened: Opened,
    cycle: int,
    *boxes: str,
    version: int = 1,
    choice: Choice = Choice.APPROVE,
    reason: str = "",
) -> None:
    """Each member votes."""
    for box in boxes:
        with opened.store.begin() as tx:
            acts.vote(tx, opened.person(box), [CastVote(cycle, version, choice, reason)], opened.now)


def an_issued_file(
    opened: Opened, sha256: str, name: str = "Báo cáo Quý I.docx", media_type: str = "application/msword"
) -> None:
    """A report of the period that is out, with that one file."""
    with opened.store.begin() as tx:
        issue = report_issues.insert().values(
            organisation_id=opened.organisation_id,
            period_id=opened.period_id,
            sequence=1,
            kind="first",
            because="",
            recipients=[],
            begun_at=opened.now,
            dated_on=opened.now.date(),
            draft_version=1,
            issued_at=opened.now,
        )
        issue_id = tx.execute(issue.returning(report_issues.c.id)).scalar_one()
        draft = {"version": 1, "results_version": 1, "passages": [], "sha256": "", "at": opened.now}
        tx.execute(report_drafts.insert().values(report_issue_id=issue_id, **draft))
        file = {"name": name, "media_type": media_type, "sha256": sha256, "made_at": opened.now}
        tx.execute(reports.insert().values(period_id=opened.period_id, report_issue_id=issue_id, **file))


def stage_of(opened: Opened, cycle: int) -> Stage:
    """Where the cycle stands in the database."""
    with opened.store.reading() as tx:
        return Stage(tx.execute(select(cycles.c.stage).where(cycles.c.id == cycle)).scalar_one())


@dataclass(slots=True)
class StoppedClock:
    """A clock that says what it was told; stands in for `workflow.clock.Clock`."""

    moment: datetime = NOW

    def now(self) -> datetime:
        """The moment it was set to."""
        return self.moment

    def set(self, moment: datetime) -> None:
        """Sets it to another moment."""
        self.moment = moment
