"""How a mail says what it says: address, subject lines, days, and the sentences that depend on facts.

Only words; the layout is in `templates/mail`. Subject lines begin with the period, so that a mailbox sorts.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from gettext import gettext as _

from workflow.domain.advance import Duty
from workflow.domain.vietnamese import day
from workflow.mail.owing import Group, Owing


def you(is_party: bool) -> str:
    """How the organisation addresses a person."""
    return _("đồng chí") if is_party else _("ông/bà")


def plan_name(number: str, title: str, issued_on: date | None) -> str:
    """The plan as a letter refers to it: by number and day where it has them."""
    if not number:
        return title
    named = _("Kế hoạch số {number}").format(number=number)
    return _("{plan} ngày {day}").format(plan=named, day=day(issued_on)) if issued_on else named


def short_day(value: date) -> str:
    """A day without its year, for a subject line: `16/3`, `05/3`."""
    # Decree 30/2020, annex I: a zero before days under 10 and months 1 and 2 only.
    return f"{value.day:02}/{value.month:02}" if value.month < 3 else f"{value.day:02}/{value.month}"


def day_of_week(value: date) -> str:
    """A day with its name, as people plan by: `thứ Hai, 16/3/2026`."""
    names = (
        _("thứ Hai"),
        _("thứ Ba"),
        _("thứ Tư"),
        _("thứ Năm"),
        _("thứ Sáu"),
        _("thứ Bảy"),
        _("Chủ nhật"),
    )
    return f"{names[value.weekday()]}, {short_day(value)}/{value.year}"


def digest_subject(owing: Owing, *, is_first: bool) -> str:
    """What is owed in numbers, and by when: `Cần báo cáo 12 nội dung, hạn 16/3`."""
    tasks = [f"{_task(group)} {group.count}" for group in owing.groups]
    told = _("{tasks} nội dung").format(tasks=", ".join(tasks))
    due = short_day(owing.due)
    if owing.is_overdue:
        return _("Đã quá hạn {due}: {told}").format(due=due, told=told)
    if owing.due == owing.today:
        return _("Hạn hôm nay {due}: {told}").format(due=due, told=told)
    if is_first:
        return _("Mời {told}, hạn {due}").format(told=told, due=due)
    return _("Cần {told}, hạn {due}").format(told=told, due=due)


def _task(group: Group) -> str:
    if group.is_returned:
        return _("báo cáo lại")
    return {Duty.SUBMIT: _("báo cáo"), Duty.CONFIRM: _("xác nhận"), Duty.VOTE: _("biểu quyết")}[group.duty]


def digest_opening(
    owing: Owing, organisation: str, plan: str, period: str, who: str, *, is_first: bool
) -> str:
    """The digest's first sentence: an invitation in the first mail of a period, a count in later ones."""
    if not is_first:
        n_items = sum(group.count for group in owing.groups)
        return _("{who} còn {n} nội dung cần xử lý trong {period}, theo {plan} của {organisation}.").format(
            who=who[0].upper() + who[1:], n=n_items, period=period, plan=plan, organisation=organisation
        )
    match {group.duty for group in owing.groups}:
        case duties if Duty.SUBMIT in duties:
            asked = _("{organisation} mời {who} báo cáo kết quả {period} thực hiện {plan}.")
        case duties if duties == {Duty.VOTE}:
            asked = _("{organisation} mời {who} biểu quyết kết quả {period} thực hiện {plan}.")
        case duties if duties == {Duty.CONFIRM}:
            asked = _("{organisation} mời {who} xác nhận kết quả {period} thực hiện {plan}.")
        case _duties:
            asked = _("{organisation} mời {who} xác nhận và biểu quyết kết quả {period} thực hiện {plan}.")
    return asked.format(organisation=organisation, who=who, period=period, plan=plan)


def group_title(group: Group) -> str:
    """The heading of one kind of work."""
    if group.is_returned:
        return _("Cần sửa và báo cáo lại")
    return {
        Duty.SUBMIT: _("Cần báo cáo"),
        Duty.CONFIRM: _("Cần xác nhận"),
        Duty.VOTE: _("Cần biểu quyết"),
    }[group.duty]


def group_due(group: Group, owing: Owing) -> str:
    """By when the work of one kind is in time, or since when it is late."""
    if group.due < owing.today:
        return _("đã quá hạn từ {due}; khóa số liệu {cut_off}").format(
            due=day_of_week(group.due), cut_off=day_of_week(owing.cut_off)
        )
    if group.due == owing.today:
        return _("hạn hết hôm nay, {due}").format(due=day_of_week(group.due))
    is_one_day = all(owed.due == group.due for owed in group.items)
    told = _("hạn {due}") if is_one_day else _("hạn sớm nhất {due}")
    return told.format(due=day_of_week(group.due))


def group_note(group: Group, owing: Owing) -> str:
    """What a person must know before doing the work, or nothing."""
    match group.duty:
        case Duty.CONFIRM if owing.silence_is_consent:
            return _("Quá hạn mà chưa có ý kiến thì được coi là đã xác nhận.")
        case Duty.VOTE if n_disputed := sum(owed.is_disputed for owed in group.items):
            return _("Trong đó {n} nội dung có đơn vị phối hợp không đồng ý.").format(n=n_disputed)
        case Duty.SUBMIT if not group.is_returned and group.due < owing.today:
            return _("Sau ngày khóa số liệu, nội dung chưa được duyệt sẽ ghi là không có báo cáo.")
    return ""


def shortened(words: str, limit: int) -> str:
    """Words cut between two of them, with an ellipsis, to at most `limit` characters."""
    words = " ".join(words.split())
    return words if len(words) <= limit else words[:limit].rsplit(" ", 1)[0].rstrip(" ,;:.(“") + "…"


def size_of(n_bytes: int) -> str:
    """A file's size as people read it."""
    return f"{max(1, round(n_bytes / 1024))} KB" if n_bytes < 1 << 20 else f"{n_bytes / (1 << 20):.1f} MB"


def receipt_subject(n_acts: int, number: str) -> str:
    """The receipt's subject."""
    return _("Đã ghi nhận {n} nội dung, số {number}").format(n=n_acts, number=number)


def report_subject(names: Sequence[str]) -> str:
    """The report mail's subject."""
    return _("Kết quả đã khóa, kèm {n} tệp").format(n=len(names)) if names else _("Kết quả đã khóa")
