"""Which pages have their picture taken, and when in the quarter."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from sqlalchemy import select

from tests.screens.camera import Camera
from tests.screens.ward import Ward
from workflow.domain.cycles.advance import Duty
from workflow.domain.cycles.cycle import Stage
from workflow.storage.access.links import Purpose
from workflow.storage.duties.owed import owed_in
from workflow.storage.periods.watched import watched_period
from workflow.storage.tables import cycles, duties, items, persons, roles, units

Shot = tuple[str, str, str]
"""A picture's name, its title and the page's path."""


def on_the_first_day(ward: Ward, camera: Camera) -> None:
    """What a lead unit meets when the quarter opens."""
    lead = ward.link(_reporter(ward, "ubnd"))
    first = _cycle(ward, Stage.WAITING_SUBMISSION, lead="ubnd")
    _take(
        camera,
        lead,
        [
            ("unit-list", "Đơn vị chủ trì: việc cần làm", ""),
            ("unit-report", "Đơn vị chủ trì: phiếu báo cáo một nội dung", f"/report/{first}"),
            ("unit-sheet", "Đơn vị chủ trì: làm trên bảng tính", "/sheet"),
            ("unit-send", "Đơn vị chủ trì: kiểm tra và gửi", "/send"),
            ("unit-own-score", "Đơn vị chủ trì: tự chấm điểm thi đua", "/own-score"),
            ("unit-nominations", "Đơn vị chủ trì: đề nghị đột xuất, mô hình hay", "/nominations"),
        ],
    )
    camera.take("sign-in", "Đăng nhập bằng thư", f"{ward.url}/sign-in")
    camera.take("dead-link", "Đường dẫn không còn dùng được", f"{ward.url}/l/khong-co")


def in_the_middle(ward: Ward, camera: Camera) -> None:
    """What everyone meets when some have reported, some are late, and votes are open."""
    owed = _owing(ward)
    if box := owed.get("confirm"):
        camera.take("coordinator", "Đơn vị phối hợp: xác nhận", ward.link(box))
    if box := owed.get("vote"):
        member = ward.link(box)
        _take(
            camera,
            member,
            [
                ("member-vote", "Ủy viên Ban Thường vụ: biểu quyết", ""),
                ("member-reading", "Ủy viên Ban Thường vụ: đọc chữ to khi họp", "/doc"),
                ("member-decided", "Ủy viên Ban Thường vụ: đã quyết định trong kỳ", "/decided"),
                ("member-difficulties", "Ủy viên Ban Thường vụ: khó khăn, vướng mắc", "/difficulties"),
            ],
        )
    desk = ward.link(_office(ward), Purpose.OFFICE)
    item = _cycle(ward, Stage.WAITING_APPROVAL)
    person, unit = _person_id(ward, "ubnd"), _unit_id(ward, "ubnd")
    _take(
        camera,
        desk,
        [
            ("office-board", "Văn phòng: bảng điều hành", ""),
            ("office-owing", "Văn phòng: ai còn nợ gì", "/owing"),
            ("office-item", "Văn phòng: một nội dung, đủ lịch sử", f"/item/{item}"),
            ("office-search", "Văn phòng: tìm kiếm", "/search?q=ho+so"),
            ("office-plan", "Văn phòng: kế hoạch", "/plan"),
            ("office-schedule", "Văn phòng: lịch cả năm", "/schedule"),
            ("office-days-off", "Văn phòng: ngày nghỉ, ngày làm bù", "/days-off"),
            ("office-people", "Văn phòng: người nhận", "/people"),
            ("office-person", "Văn phòng: một người, đường dẫn đã gửi", f"/people/{person}"),
            ("office-directory", "Văn phòng: danh bạ, người", "/directory"),
            ("office-units", "Văn phòng: danh bạ, đơn vị", "/directory/units"),
            ("office-edit-person", "Văn phòng: sửa một người", f"/directory/people/{person}"),
            ("office-leave", "Văn phòng: xem trước khi một người thôi", f"/directory/people/{person}/leave"),
            ("office-edit-unit", "Văn phòng: sửa một đơn vị", f"/directory/units/{unit}"),
            ("office-organisation-kind", "Văn phòng: loại đơn vị", "/organisation"),
            ("office-absences", "Văn phòng: vắng mặt, người thay", "/directory/absences"),
            ("office-directory-file", "Văn phòng: danh bạ từ tệp", "/directory/file"),
            ("office-votes", "Văn phòng: biểu quyết", "/votes"),
            ("office-paper", "Văn phòng: nhập phiếu giấy", "/paper"),
            ("office-reading", "Văn phòng: trình chiếu khi họp", "/doc"),
            ("office-difficulties", "Văn phòng: khó khăn, vướng mắc", "/difficulties"),
            ("office-overdue", "Văn phòng: quá hạn", "/overdue"),
            ("office-mails", "Văn phòng: thư gửi đi", "/mails"),
            ("office-periods", "Văn phòng: các kỳ báo cáo", "/periods"),
            (
                "office-planned",
                "Văn phòng: lịch của một kỳ chưa mở",
                f"/periods/planned/{ward.period.plan_id}/{ward.period.code[:4]}-Q4",
            ),
            ("office-close", "Văn phòng: xem trước khi khóa kỳ", f"/periods/{ward.period.id}/close"),
            ("office-rules", "Văn phòng: quy tắc", "/rules"),
            ("office-rules-file", "Văn phòng: quy tắc cho các kỳ sau", "/rules/file"),
            ("office-draft-report", "Văn phòng: báo cáo kỳ (dự thảo)", f"/report/{ward.period.code}"),
        ],
    )


def is_busy(ward: Ward) -> bool:
    """Whether somebody owes each of the three duties."""
    return {Duty.SUBMIT, Duty.CONFIRM, Duty.VOTE} <= set(_owing(ward))


def with_a_draft(ward: Ward, camera: Camera) -> None:
    """What the office has before the report goes out."""
    at = f"/reports/{ward.period.code}"
    _take(
        camera,
        ward.link(_office(ward), Purpose.OFFICE),
        [
            ("draft-reports", "Văn phòng: bản thảo báo cáo", "/reports"),
            ("draft-edit", "Văn phòng: sửa lời văn báo cáo", f"{at}/edit"),
            ("draft-recipients", "Văn phòng: nơi nhận báo cáo", f"{at}/recipients"),
        ],
    )


def at_the_end(ward: Ward, camera: Camera) -> None:
    """What the office has when the quarter is closed."""
    desk = ward.link(_office(ward), Purpose.OFFICE)
    unit = _unit_id(ward, "ubnd")
    _take(
        camera,
        desk,
        [
            ("end-board", "Văn phòng: bảng điều hành khi kỳ đã khóa", ""),
            ("end-reports", "Văn phòng: báo cáo đã phát hành", "/reports"),
            ("end-sent", "Văn phòng: thư gửi báo cáo", f"/reports/{ward.period.code}/recipients"),
            ("end-lock", "Văn phòng: khóa số liệu", f"/reports/{ward.period.code}/lock"),
            ("end-report", "Văn phòng: báo cáo kỳ", f"/report/{ward.period.code}"),
            ("end-rollup", "Văn phòng: tổng hợp qua các kỳ", "/rollup"),
            ("end-scores", "Hội đồng thi đua: xếp hạng", "/scores"),
            ("end-score", "Hội đồng thi đua: từng điểm của một đơn vị", f"/scores/{unit}"),
            ("end-commendations", "Hội đồng thi đua: đề nghị khen thưởng và lý do", "/commendations"),
        ],
    )
    chair = ward.link(_box(ward, "chair"), Purpose.APPROVAL)
    camera.take("end-approval", "Người chủ trì: báo cáo đã phê duyệt", f"{chair}/approve")
    camera.take("end-unit", "Đơn vị chủ trì: khi kỳ đã khóa", ward.link(_reporter(ward, "ubnd")))
    camera.take("catcher", "Hộp thư thử", f"{ward.url}/mail")


def _take(camera: Camera, base: str, shots: Iterable[Shot]) -> None:
    for name, title, path in shots:
        camera.take(name, title, base + path)


def _reporter(ward: Ward, slug: str) -> str:
    return _box(ward, "reporter", slug)


def _office(ward: Ward) -> str:
    return _box(ward, "office")


def _box(ward: Ward, role: str, slug: str = "") -> str:
    asked = (
        select(persons.c.email)
        .join(roles, roles.c.person_id == persons.c.id)
        .join(units, units.c.id == roles.c.unit_id)
        .where(roles.c.role == role)
        .order_by(persons.c.id)
    )
    with ward.store.reading() as tx:
        found = tx.scalars(asked.where(units.c.slug == slug) if slug else asked).first()
    assert found is not None
    return found.partition("@")[0]


def _person_id(ward: Ward, slug: str) -> int:
    box = _reporter(ward, slug)
    with ward.store.reading() as tx:
        return int(tx.execute(select(persons.c.id).where(persons.c.email.startswith(f"{box}@"))).scalar_one())


def _unit_id(ward: Ward, slug: str) -> int:
    with ward.store.reading() as tx:
        return int(tx.execute(select(units.c.id).where(units.c.slug == slug)).scalar_one())


def _cycle(ward: Ward, stage: Stage, lead: str = "") -> int:
    """The plan's first cycle at that stage (of that lead unit), or its first one of all."""
    asked = select(cycles.c.id).join(items, items.c.id == cycles.c.item_id).order_by(items.c.position)
    if lead:
        asked = asked.join(duties, duties.c.cycle_id == cycles.c.id).join(
            units, units.c.id == duties.c.unit_id
        )
        asked = asked.where(units.c.slug == lead)
    with ward.store.reading() as tx:
        found = tx.scalar(asked.where(cycles.c.stage == stage.value).limit(1))
        return int(found if found is not None else tx.execute(asked.limit(1)).scalar_one())


def _owing(ward: Ward) -> dict[str, str]:
    """The mailbox of the person who owes the most of each duty."""
    period = ward.period
    counted: dict[str, Counter[int]] = {}
    with ward.store.reading() as tx:
        watched = {period.id: watched_period(tx, period.id, ward.clock.now())}
        for owed in owed_in(tx, watched):
            counted.setdefault(owed.duty, Counter()).update(owed.persons)
        boxes = {row.id: row.email.partition("@")[0] for row in tx.execute(select(persons))}
    return {duty: boxes[people.most_common(1)[0][0]] for duty, people in counted.items()}
