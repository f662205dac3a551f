"""How a mail says what it says: address, subject lines, days, and the sentences that depend on facts.

Only words; the layout is in `templates/mail`. Subject lines begin with the period, so that a mailbox sorts.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from fractions import Fraction
from functools import cache

from workflow.domain.advance import Duty
from workflow.domain.vietnamese import day, number
from workflow.i18n import catalogue
from workflow.mail.owing import Group, Owing


@cache
def wording(language: str) -> Wording:
    """The words of a language."""
    return Wording(language)


class Wording:
    """The words of one language."""

    def __init__(self, language: str) -> None:
        self._ = catalogue(language).gettext

    def you(self, is_party: bool) -> str:
        """How the organisation addresses a person."""
        return self._("đồng chí") if is_party else self._("ông/bà")

    def plan_name(self, number: str, title: str, issued_on: date | None) -> str:
        """The plan as a letter refers to it: by number and day where it has them."""
        if not number:
            return title
        named = self._("Kế hoạch số {number}").format(number=number)
        return self._("{plan} ngày {day}").format(plan=named, day=day(issued_on)) if issued_on else named

    def day_of_week(self, value: date) -> str:
        """A day with its name, as people plan by: `thứ Hai, 16/3/2026`."""
        names = (
            self._("thứ Hai"),
            self._("thứ Ba"),
            self._("thứ Tư"),
            self._("thứ Năm"),
            self._("thứ Sáu"),
            self._("thứ Bảy"),
            self._("Chủ nhật"),
        )
        return f"{names[value.weekday()]}, {short_day(value)}/{value.year}"

    def digest_subject(self, owing: Owing, *, is_first: bool) -> str:
        """What is owed in numbers, and by when: `Cần báo cáo 12 nội dung, hạn 16/3`."""
        late = [group for group in owing.groups if group.due < owing.today]
        told = self._told(late or owing.groups)
        due = short_day(owing.due)
        if late:
            in_time = [group for group in owing.groups if group not in late]
            also = self._("; cần {told}").format(told=self._told(in_time)) if in_time else ""
            return self._("Đã quá hạn {due}: {told}").format(due=due, told=told) + also
        if owing.due == owing.today:
            return self._("Hạn hôm nay {due}: {told}").format(due=due, told=told)
        if is_first:
            return self._("Mời {told}, hạn {due}").format(told=told, due=due)
        return self._("Cần {told}, hạn {due}").format(told=told, due=due)

    def _told(self, groups: Sequence[Group]) -> str:
        tasks = ", ".join(f"{self._task(group)} {group.count}" for group in groups)
        return self._("{tasks} nội dung").format(tasks=tasks)

    def _task(self, group: Group) -> str:
        if group.is_returned:
            return self._("báo cáo lại")
        return {
            Duty.SUBMIT: self._("báo cáo"),
            Duty.CONFIRM: self._("xác nhận"),
            Duty.VOTE: self._("biểu quyết"),
        }[group.duty]

    def digest_opening(
        self, owing: Owing, organisation: str, plan: str, period: str, who: str, *, is_first: bool
    ) -> str:
        """The digest's first sentence: an invitation in the first mail of a period, a count in later ones."""
        if not is_first:
            n_items = sum(group.count for group in owing.groups)
            return self._(
                "{who} còn {n} nội dung cần xử lý trong {period}, theo {plan} của {organisation}."
            ).format(
                who=who[0].upper() + who[1:], n=n_items, period=period, plan=plan, organisation=organisation
            )
        match {group.duty for group in owing.groups}:
            case duties if Duty.SUBMIT in duties:
                asked = self._("{organisation} mời {who} báo cáo kết quả {period} thực hiện {plan}.")
            case duties if duties == {Duty.VOTE}:
                asked = self._("{organisation} mời {who} biểu quyết kết quả {period} thực hiện {plan}.")
            case duties if duties == {Duty.CONFIRM}:
                asked = self._("{organisation} mời {who} xác nhận kết quả {period} thực hiện {plan}.")
            case _duties:
                asked = self._(
                    "{organisation} mời {who} xác nhận và biểu quyết kết quả {period} thực hiện {plan}."
                )
        return asked.format(organisation=organisation, who=who, period=period, plan=plan)

    def group_title(self, group: Group) -> str:
        """The heading of one kind of work."""
        if group.is_returned:
            return self._("Cần sửa và báo cáo lại")
        return {
            Duty.SUBMIT: self._("Cần báo cáo"),
            Duty.CONFIRM: self._("Cần xác nhận"),
            Duty.VOTE: self._("Cần biểu quyết"),
        }[group.duty]

    def group_due(self, group: Group, owing: Owing) -> str:
        """By when the work of one kind is in time, or since when it is late."""
        if group.due < owing.today:
            return self._("đã quá hạn từ {due}; khóa số liệu {cut_off}").format(
                due=self.day_of_week(group.due), cut_off=self.day_of_week(owing.cut_off)
            )
        if group.due == owing.today:
            return self._("hạn hết hôm nay, {due}").format(due=self.day_of_week(group.due))
        is_one_day = all(owed.due == group.due for owed in group.items)
        told = self._("hạn {due}") if is_one_day else self._("hạn sớm nhất {due}")
        return told.format(due=self.day_of_week(group.due))

    def group_note(self, group: Group, owing: Owing) -> str:
        """What a person must know before doing the work, or nothing."""
        match group.duty:
            case Duty.CONFIRM if owing.silence_is_consent:
                return self._("Quá hạn mà chưa có ý kiến thì được coi là đã xác nhận.")
            case Duty.VOTE if n_disputed := sum(owed.is_disputed for owed in group.items):
                return self._("Trong đó {n} nội dung có đơn vị phối hợp không đồng ý.").format(n=n_disputed)
            case Duty.SUBMIT if not group.is_returned and group.due < owing.today:
                return self._("Sau ngày khóa số liệu, nội dung chưa được duyệt sẽ ghi là không có báo cáo.")
        return ""

    def new_link(self, who: str) -> tuple[str, list[str]]:
        """The notice that brings a new link: its title and its words."""
        told = self._("Xin gửi {who} đường dẫn mới, theo yêu cầu vừa gửi trên trang.")
        calm = self._("Nếu {who} không yêu cầu, xin bỏ qua thư này.")
        return self._("Đường dẫn mới theo yêu cầu"), [told.format(who=who), calm.format(who=who)]

    def receipt_subject(self, n_acts: int, number: str) -> str:
        """The receipt's subject."""
        return self._("Đã ghi nhận {n} nội dung, số {number}").format(n=n_acts, number=number)

    def report_subject(self, names: Sequence[str]) -> str:
        """The report mail's subject."""
        return (
            self._("Kết quả đã khóa, kèm {n} tệp").format(n=len(names))
            if names
            else self._("Kết quả đã khóa")
        )


def short_day(value: date) -> str:
    """A day without its year, for a subject line: `16/3`, `05/3`."""
    # Decree 30/2020, annex I: a zero before days under 10 and months 1 and 2 only.
    return f"{value.day:02}/{value.month:02}" if value.month < 3 else f"{value.day:02}/{value.month}"


def shortened(words: str, limit: int) -> str:
    """Words cut between two of them, with an ellipsis, to at most `limit` characters."""
    words = " ".join(words.split())
    return words if len(words) <= limit else words[:limit].rsplit(" ", 1)[0].rstrip(" ,;:.(“") + "…"


def size_of(n_bytes: int) -> str:
    """A file's size as people read it: `340 KB`, `1,2 MB`."""
    if n_bytes < 1_000_000:
        return f"{max(1, n_bytes // 1000)} KB"
    return f"{number(Fraction(n_bytes, 1_000_000), 1)} MB"
