"""How a mail says what it says: address, subject lines, days, and the sentences that depend on facts.

Only words; the layout is in `templates/mail`. Subject lines begin with the period, so that a mailbox sorts.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from fractions import Fraction
from functools import cache

from workflow.domain.advance import Duty
from workflow.domain.overdue import Overdue
from workflow.domain.vietnamese import day, number
from workflow.mail.ask_wording import AskWording, short_day
from workflow.mail.concerns import Concern, Concerns
from workflow.mail.owing import Group, Owing
from workflow.storage.late import LateRow


@cache
def wording(language: str) -> Wording:
    """The words of a language."""
    return Wording(language)


class Wording(AskWording):
    """The words of one language."""

    def you(self, is_party: bool) -> str:
        """How the organisation addresses a person."""
        return self._("đồng chí") if is_party else self._("ông/bà")

    def plan_name(self, number: str, title: str, issued_on: date | None) -> str:
        """The plan as a letter refers to it: by number and day where it has them."""
        if not number:
            return title
        named = self._("Kế hoạch số {number}").format(number=number)
        return self._("{plan} ngày {day}").format(plan=named, day=day(issued_on)) if issued_on else named

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

    def concern_title(self, concerns: Concerns) -> str:
        """The heading of difficulties told for one reason."""
        return {
            Concern.TO_DECIDE: self._("Khó khăn, vướng mắc cần cho ý kiến"),
            Concern.TO_SOLVE: self._("Khó khăn, vướng mắc được giao giải quyết"),
            Concern.DECIDED: self._("Đã có ý kiến về khó khăn, vướng mắc"),
            Concern.PENDING: self._("Khó khăn, vướng mắc đang chờ ý kiến tập thể"),
        }[concerns.concern]

    def concern_due(self, concerns: Concerns) -> str:
        """By when they wait for the receiver, or nothing."""
        if not concerns.is_owed or concerns.due is None:
            return ""
        told = self._("đã quá hạn từ {due}") if concerns.is_late else self._("hạn sớm nhất {due}")
        return told.format(due=self.day_of_week(concerns.due))

    def concerns_subject(self, concerns: Sequence[Concerns]) -> str:
        """The subject of a digest that tells of difficulties alone."""
        first = next(one for one in concerns if one.concern is not Concern.PENDING)
        told = {
            Concern.TO_DECIDE: self._("Cần cho ý kiến về {n} khó khăn, vướng mắc"),
            Concern.TO_SOLVE: self._("Cần giải quyết {n} khó khăn, vướng mắc"),
        }.get(first.concern, self._("Đã có ý kiến về {n} khó khăn, vướng mắc"))
        due = self._(", hạn {due}").format(due=short_day(first.due)) if first.is_owed and first.due else ""
        if first.is_late and first.due:
            due = self._(", đã quá hạn {due}").format(due=short_day(first.due))
        return told.format(n=first.count) + due

    def concerns_opening(
        self, concerns: Sequence[Concerns], organisation: str, plan: str, period: str, who: str
    ) -> str:
        """The first sentence of a digest that tells of difficulties alone."""
        n_owed = sum(one.count for one in concerns if one.is_owed)
        told = (
            self._(
                "{who} có {n} khó khăn, vướng mắc cần xử lý trong {period}, theo {plan} của {organisation}."
            )
            if n_owed
            else self._(
                "{organisation} gửi {you} ý kiến về {n} khó khăn, vướng mắc "
                "đã nêu trong {period}, theo {plan}."
            )
        )
        n_told = n_owed or sum(one.count for one in concerns if one.concern is Concern.DECIDED)
        return told.format(
            who=who[0].upper() + who[1:],
            you=who,
            n=n_told,
            period=period,
            plan=plan,
            organisation=organisation,
        )

    def late_subject(self, late: Sequence[LateRow]) -> str:
        """How much is late, and for how long at most."""
        return self._("{n} nội dung quá hạn, lâu nhất {days} ngày làm việc").format(
            n=len(late), days=max(row.working_days for row in late)
        )

    def late_told(self, row: LateRow) -> str:
        """What has not been done, and since when: `Chưa báo cáo, hạn 16/3, trễ 4 ngày làm việc`."""
        unsolved = (
            self._("Khó khăn, vướng mắc chưa có ý kiến")
            if row.is_for_opinion
            else self._("Khó khăn, vướng mắc chưa giải quyết xong")
        )
        undone = {
            Duty.SUBMIT: self._("Chưa báo cáo"),
            Duty.CONFIRM: self._("Chưa xác nhận"),
            Duty.VOTE: self._("Chưa biểu quyết"),
            None: unsolved,
        }[row.duty]
        return self._("{undone}, hạn {due}, trễ {days} ngày làm việc").format(
            undone=undone, due=short_day(row.last_day), days=row.working_days
        )

    def overdue_told(self, found: Overdue, labels: Sequence[str], n_periods: int) -> str:
        """Why a unit is on the inspectors' list."""
        told = self._("trễ {n} kỳ trong {of} kỳ gần nhất ({labels}); lâu nhất {days} ngày làm việc").format(
            n=len(labels), of=n_periods, labels=", ".join(labels), days=found.longest
        )
        if found.missing:
            told += self._("; {n} nội dung không có báo cáo").format(n=found.missing)
        return told

    def new_link(self, who: str, *, is_by_office: bool = False) -> tuple[str, list[str]]:
        """The notice that brings a new link, asked for on a page or sent by the office: title and words."""
        if is_by_office:
            told = self._("Văn phòng gửi {who} đường dẫn mới; các đường dẫn trong thư trước đã được thu hồi.")
            kept = self._("Những gì đã gửi và bản nháp chưa gửi vẫn còn nguyên.")
            return self._("Đường dẫn mới thay các đường dẫn trước"), [told.format(who=who), kept]
        told = self._("Xin gửi {who} đường dẫn mới, theo yêu cầu vừa gửi trên trang.")
        calm = self._("Nếu {who} không yêu cầu, xin bỏ qua thư này.")
        return self._("Đường dẫn mới theo yêu cầu"), [told.format(who=who), calm.format(who=who)]

    def deadline_summary(self, group: Group, period: str) -> str:
        """A task's last day as a calendar shows it: `Hạn báo cáo 12 nội dung (Quý I/2026)`."""
        return self._("Hạn {task} {n} nội dung ({period})").format(
            task=self._task(group), n=group.count, period=period
        )

    def deadline_description(self, group: Group, plan: str, organisation: str) -> str:
        """What a calendar shows below it."""
        told = self._(
            "{title}: {n} nội dung theo {plan} của {organisation}. Đường dẫn để làm có trong thư mới nhất."
        )
        return told.format(title=self.group_title(group), n=group.count, plan=plan, organisation=organisation)

    def desk_subject(self, n_to_close: int, n_unreached: int) -> str:
        """What waits on the office's desk, in numbers."""
        told = [
            self._("{n} người chưa nhận được thư").format(n=n_unreached) if n_unreached else "",
            self._("{n} khó khăn, vướng mắc chờ kết thúc").format(n=n_to_close) if n_to_close else "",
        ]
        return self._("Việc của văn phòng: {told}").format(told="; ".join(filter(None, told)))

    def step_ends(self, step: str) -> str:
        """What ends on one of a period's days."""
        return {
            "due": self._("Hết hạn báo cáo"),
            "confirm": self._("Hết hạn xác nhận"),
            "approve": self._("Hết hạn biểu quyết"),
            "cut-off": self._("Khóa số liệu"),
        }[step]

    def opened_subject(self, total: int, due: date) -> str:
        """The subject of the mail that a period has begun."""
        return self._("Đã mở kỳ báo cáo: {n} nội dung, hạn báo cáo {due}").format(n=total, due=short_day(due))

    def closed_subject(self, approved: int, total: int) -> str:
        """The subject of the mail that a period has ended."""
        return self._("Kỳ báo cáo đã khóa: {approved}/{total} nội dung được duyệt").format(
            approved=approved, total=total
        )

    def sign_in(self, who: str, minutes: int) -> tuple[str, list[str]]:
        """The notice that brings a sign-in link: title and words."""
        told = self._("Xin gửi {who} đường dẫn để đăng nhập trang của văn phòng.")
        holds = self._("Đường dẫn chỉ dùng được một lần, trong {n} phút kể từ khi gửi thư.")
        calm = self._("Nếu {who} không yêu cầu đăng nhập, xin bỏ qua thư này: chưa ai vào được trang nào.")
        return self._("Đường dẫn đăng nhập"), [
            f"{told.format(who=who)} {holds.format(n=minutes)}",
            calm.format(who=who),
        ]

    def receipt_subject(self, n_acts: int, number: str) -> str:
        """The receipt's subject; of several receipts in one mail the numbers stand inside."""
        if not number:
            return self._("Đã ghi nhận {n} nội dung").format(n=n_acts)
        return self._("Đã ghi nhận {n} nội dung, số {number}").format(n=n_acts, number=number)

    def code_subject(self) -> str:
        """The subject of the mail that brings a one-time code."""
        return self._("Mã xác nhận để biểu quyết")

    def report_subject(self, names: Sequence[str], number: str = "") -> str:
        """The report mail's subject."""
        if number:
            return self._("Báo cáo số {number}, kèm {n} tệp").format(number=number, n=len(names))
        return (
            self._("Kết quả đã khóa, kèm {n} tệp").format(n=len(names))
            if names
            else self._("Kết quả đã khóa")
        )


def shortened(words: str, limit: int) -> str:
    """Words cut between two of them, with an ellipsis, to at most `limit` characters."""
    words = " ".join(words.split())
    return words if len(words) <= limit else words[:limit].rsplit(" ", 1)[0].rstrip(" ,;:.(“") + "…"


def size_of(n_bytes: int) -> str:
    """A file's size as people read it: `340 KB`, `1,2 MB`."""
    if n_bytes < 1_000_000:
        return f"{max(1, n_bytes // 1000)} KB"
    return f"{number(Fraction(n_bytes, 1_000_000), 1)} MB"
