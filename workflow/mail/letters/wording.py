"""How mails are worded: salutation, subject lines, days, and the sentences that depend on facts.

Only text; the layout is in `templates/mail`. Subject lines begin with the period, so that a mailbox sorts.
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from datetime import date
from fractions import Fraction
from functools import cache

from workflow.domain.cycles.advance import Duty
from workflow.domain.cycles.overdue import Overdue
from workflow.domain.people.organisations import OrganisationKind
from workflow.domain.vietnamese import letter_day, number, short_day
from workflow.domain.words import Words
from workflow.i18n import said
from workflow.mail.letters.ask_wording import AskWording
from workflow.mail.letters.concerns import Concern, Concerns
from workflow.mail.letters.owed import OwedGroup, OwedWork
from workflow.storage.duties.late_list import LateRow
from workflow.storage.reports.awaiting import Awaited


@cache
def wording(language: str) -> Wording:
    """The words of a language."""
    return Wording(language)


class Wording(AskWording):
    """The words of one language."""

    def you(self, kind: OrganisationKind) -> str:
        """How the organisation addresses a person."""
        return str(said(kind.words.you, self.language))

    def plan_name(self, number: str, title: str, issued_on: date | None) -> str:
        """The plan as a letter refers to it: by number and day where it has them."""
        if not number:
            return title
        named = self._("Kế hoạch số %(number)s", number=number)
        return self._("%(plan)s ngày %(day)s", plan=named, day=letter_day(issued_on)) if issued_on else named

    def digest_subject(self, owing: OwedWork, *, is_first: bool) -> str:
        """What is owed in numbers, and by when: `Cần báo cáo 12 nội dung, hạn 16/3`."""
        late = [group for group in owing.groups if group.is_late]
        tasks = self._tasks_line(late or owing.groups)
        due = short_day(owing.due)
        if late:
            in_time = [group for group in owing.groups if group not in late]
            also = self._("; cần %(told)s", told=self._tasks_line(in_time)) if in_time else ""
            return self._("Đã quá hạn %(due)s: %(told)s", due=due, told=tasks) + also
        if owing.due == owing.today:
            return self._("Hạn hôm nay %(due)s: %(told)s", due=due, told=tasks)
        if is_first:
            return self._("Mời %(told)s, hạn %(due)s", told=tasks, due=due)
        return self._("Cần %(told)s, hạn %(due)s", told=tasks, due=due)

    def _tasks_line(self, groups: Sequence[OwedGroup]) -> str:
        tasks = ", ".join(f"{self._task(group)} {group.count}" for group in groups)
        return self._("%(tasks)s nội dung", tasks=tasks, n=groups[-1].count)

    def _task(self, group: OwedGroup) -> str:
        if group.is_returned:
            return self._("báo cáo lại")
        return {
            Duty.SUBMIT: self._("báo cáo"),
            Duty.CONFIRM: self._("xác nhận"),
            Duty.VOTE: self._("biểu quyết"),
        }[group.duty]

    def digest_opening(
        self, owing: OwedWork, organisation: str, plan: str, period: str, who: str, *, is_first: bool
    ) -> str:
        """The digest's first sentence: an invitation in the first mail of a period, a count in later ones."""
        if not is_first:
            n_items = sum(group.count for group in owing.groups)
            return self._(
                "%(who)s còn %(n)s nội dung cần xử lý trong %(period)s, theo %(plan)s của %(organisation)s.",
                who=who[0].upper() + who[1:],
                n=n_items,
                period=period,
                plan=plan,
                organisation=organisation,
            )
        match {group.duty for group in owing.groups}:
            case duties if Duty.SUBMIT in duties:
                asked = Words("%(organisation)s mời %(who)s báo cáo kết quả %(period)s thực hiện %(plan)s.")
            case duties if duties == {Duty.VOTE}:
                asked = Words(
                    "%(organisation)s mời %(who)s biểu quyết kết quả %(period)s thực hiện %(plan)s."
                )
            case duties if duties == {Duty.CONFIRM}:
                asked = Words("%(organisation)s mời %(who)s xác nhận kết quả %(period)s thực hiện %(plan)s.")
            case _duties:
                asked = Words(
                    "%(organisation)s mời %(who)s xác nhận và biểu quyết kết quả %(period)s "
                    "thực hiện %(plan)s."
                )
        return self._(asked, organisation=organisation, who=who, period=period, plan=plan)

    def group_title(self, group: OwedGroup) -> str:
        """The heading of one kind of work."""
        if group.is_returned:
            return self._("Cần sửa và báo cáo lại")
        return {
            Duty.SUBMIT: self._("Cần báo cáo"),
            Duty.CONFIRM: self._("Cần xác nhận"),
            Duty.VOTE: self._("Cần biểu quyết"),
        }[group.duty]

    def group_due(self, group: OwedGroup, owing: OwedWork) -> str:
        """The deadline of one kind of work, or since when it is late."""
        if group.is_late:
            return self._(
                "đã quá hạn %(due)s; khóa số liệu %(cut_off)s",
                due=self.day_of_week(group.due),
                cut_off=self.day_of_week(owing.cut_off),
            )
        if group.due == owing.today:
            return self._("hạn hết hôm nay, %(due)s", due=self.day_of_week(group.due))
        is_one_day = all(owed.due == group.due for owed in group.items)
        message = Words("hạn %(due)s") if is_one_day else Words("hạn sớm nhất %(due)s")
        return self._(message, due=self.day_of_week(group.due))

    def group_note(self, group: OwedGroup, owing: OwedWork) -> str:
        """What a person must know before doing the work, or an empty string."""
        match group.duty:
            case Duty.CONFIRM if owing.silence_is_consent:
                return self._("Quá hạn mà chưa có ý kiến thì được coi là đã xác nhận.")
            case Duty.VOTE if n_disputed := sum(owed.is_disputed for owed in group.items):
                return self._("Trong đó %(n)s nội dung có đơn vị phối hợp không đồng ý.", n=n_disputed)
            case Duty.SUBMIT if not group.is_returned and group.is_late:
                return self._("Sau ngày khóa số liệu, nội dung chưa được duyệt sẽ ghi là không có báo cáo.")
        return ""

    def concern_title(self, concerns: Concerns) -> str:
        """The heading of difficulties listed for one reason."""
        return {
            Concern.TO_DECIDE: self._("Khó khăn, vướng mắc cần cho ý kiến"),
            Concern.TO_SOLVE: self._("Khó khăn, vướng mắc được giao giải quyết"),
            Concern.DECIDED: self._("Đã có ý kiến về khó khăn, vướng mắc"),
            Concern.PENDING: self._("Khó khăn, vướng mắc đang chờ ý kiến tập thể"),
        }[concerns.concern]

    def concern_due(self, concerns: Concerns) -> str:
        """The deadline for the receiver, or an empty string."""
        if not concerns.is_owed or concerns.due is None:
            return ""
        message = Words("hạn %(due)s") if concerns.is_one_day else Words("hạn sớm nhất %(due)s")
        if concerns.is_late:
            message = Words("đã quá hạn %(due)s")
        return self._(message, due=self.day_of_week(concerns.due))

    def concerns_subject(self, concerns: Sequence[Concerns]) -> str:
        """The subject of a digest with difficulties only."""
        first = next(one for one in concerns if one.concern is not Concern.PENDING)
        message = {
            Concern.TO_DECIDE: Words("Cần cho ý kiến về %(n)s khó khăn, vướng mắc"),
            Concern.TO_SOLVE: Words("Cần giải quyết %(n)s khó khăn, vướng mắc"),
        }.get(first.concern, Words("Đã có ý kiến về %(n)s khó khăn, vướng mắc"))
        due = self._(", hạn %(due)s", due=short_day(first.due)) if first.is_owed and first.due else ""
        if first.is_late and first.due:
            due = self._(", đã quá hạn %(due)s", due=short_day(first.due))
        return self._(message, n=first.count) + due

    def concerns_opening(
        self, concerns: Sequence[Concerns], organisation: str, plan: str, period: str, who: str
    ) -> str:
        """The first sentence of a digest with difficulties only."""
        n_owed = sum(one.count for one in concerns if one.is_owed)
        message = (
            Words(
                "%(who)s có %(n)s khó khăn, vướng mắc cần xử lý trong %(period)s, "
                "theo %(plan)s của %(organisation)s."
            )
            if n_owed
            else Words(
                "%(organisation)s gửi %(you)s ý kiến về %(n)s khó khăn, vướng mắc "
                "đã nêu trong %(period)s, theo %(plan)s."
            )
        )
        n_shown = n_owed or sum(one.count for one in concerns if one.concern is Concern.DECIDED)
        return self._(
            message,
            who=who[0].upper() + who[1:],
            you=who,
            n=n_shown,
            period=period,
            plan=plan,
            organisation=organisation,
        )

    def late_subject(self, late: Sequence[LateRow]) -> str:
        """How much is late, and for how long at most."""
        return self._(
            "%(n)s nội dung quá hạn, lâu nhất %(days)s ngày làm việc",
            n=len(late),
            days=max(row.working_days for row in late),
        )

    def late_beside(self, n: int) -> str:
        """What a digest's subject adds where it also reports late work of others to the receiver."""
        return self._("; báo %(n)s nội dung quá hạn", n=n)

    def late_line(self, row: LateRow) -> str:
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
        return self._(
            "%(undone)s, hạn %(due)s, trễ %(days)s ngày làm việc",
            undone=undone,
            due=short_day(row.last_day),
            days=row.working_days,
        )

    def overdue_line(self, found: Overdue, labels: Sequence[str], n_periods: int) -> str:
        """Why a unit is on the inspectors' list."""
        line = self._(
            "trễ %(n)s kỳ trong %(of)s kỳ gần nhất (%(labels)s); lâu nhất %(days)s ngày làm việc",
            n=len(labels),
            of=n_periods,
            labels=Words.joined(labels, by=", "),
            days=found.longest,
        )
        if found.missing:
            line += self._("; %(n)s nội dung không có báo cáo", n=found.missing)
        return line

    def new_link(self, who: str, *, is_by_office: bool = False) -> tuple[str, list[str]]:
        """The notice that brings a new link, asked for on a page or sent by the office: title and words."""
        if is_by_office:
            first = self._(
                "Văn phòng gửi %(who)s đường dẫn mới; các đường dẫn trong thư trước đã được thu hồi.", who=who
            )
            kept = self._("Những gì đã gửi và bản nháp chưa gửi vẫn còn nguyên.")
            return self._("Đường dẫn mới thay các đường dẫn trước"), [first, kept]
        first = self._("Xin gửi %(who)s đường dẫn mới, theo yêu cầu vừa gửi trên trang.", who=who)
        calm = self._("Nếu %(who)s không yêu cầu, xin bỏ qua thư này.", who=who)
        return self._("Đường dẫn mới theo yêu cầu"), [first, calm]

    def deadline_summary(self, group: OwedGroup, period: str) -> str:
        """The title of a task's deadline in a calendar: `Hạn báo cáo 12 nội dung (Quý I/2026)`."""
        return self._(
            "Hạn %(task)s %(n)s nội dung (%(period)s)", task=self._task(group), n=group.count, period=period
        )

    def deadline_description(self, group: OwedGroup, plan: str, organisation: str) -> str:
        """The description below it in a calendar."""
        return self._(
            "%(title)s: %(n)s nội dung theo %(plan)s của %(organisation)s. "
            "Đường dẫn để làm có trong thư mới nhất.",
            title=self.group_title(group),
            n=group.count,
            plan=plan,
            organisation=organisation,
        )

    def approval_line(self, late: Awaited) -> str:
        """How late the report's approval is: `Hạn phê duyệt báo cáo là 16/3, trễ 4 ngày làm việc`."""
        return self._(
            "Hạn phê duyệt báo cáo là %(due)s, trễ %(days)s ngày làm việc",
            due=short_day(late.until),
            days=late.late,
        )

    def desk_subject(self, n_to_close: int, n_unreached: int, n_silent: int = 0, n_undecided: int = 0) -> str:
        """What waits for the office, in numbers."""
        parts = [
            self._("%(n)s người chậm cho ý kiến về báo cáo", n=n_silent) if n_silent else "",
            self._("%(n)s nội dung biểu quyết chưa ra quyết định", n=n_undecided) if n_undecided else "",
            self._("%(n)s người chưa nhận được thư", n=n_unreached) if n_unreached else "",
            self._("%(n)s khó khăn, vướng mắc chờ kết thúc", n=n_to_close) if n_to_close else "",
        ]
        return self._("Việc của văn phòng: %(told)s", told="; ".join(filter(None, parts)))

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
        return self._("Đã mở kỳ báo cáo: %(n)s nội dung, hạn báo cáo %(due)s", n=total, due=short_day(due))

    def closed_subject(self, approved: int, total: int) -> str:
        """The subject of the mail that a period has ended."""
        return self._(
            "Kỳ báo cáo đã khóa: %(approved)s/%(total)s nội dung được duyệt", approved=approved, total=total
        )

    def sign_in(self, who: str, minutes: int) -> tuple[str, list[str]]:
        """The notice that brings a sign-in link: title and words."""
        first = self._("Xin gửi %(who)s đường dẫn để đăng nhập trang của văn phòng.", who=who)
        holds = self._("Đường dẫn chỉ dùng được một lần, trong %(n)s phút kể từ khi gửi thư.", n=minutes)
        calm = self._(
            "Nếu %(who)s không yêu cầu đăng nhập, xin bỏ qua thư này: chưa ai vào được trang nào.", who=who
        )
        return self._("Đường dẫn đăng nhập"), [
            f"{first} {holds}",
            calm,
        ]

    def receipt_subject(self, n_acts: int, number: str) -> str:
        """The receipt's subject; with several receipts in one mail it has no number."""
        if not number:
            return self._("Đã ghi nhận %(n)s nội dung", n=n_acts)
        return self._("Đã ghi nhận %(n)s nội dung, số %(number)s", n=n_acts, number=number)

    def code_subject(self) -> str:
        """The subject of the mail that brings a one-time code."""
        return self._("Mã xác nhận để biểu quyết")

    def report_subject(self, names: Sequence[str], number: str = "") -> str:
        """The report mail's subject."""
        if number:
            return self._("Báo cáo số %(number)s, kèm %(n)s tệp", number=number, n=len(names))
        return self._("Kết quả đã khóa, kèm %(n)s tệp", n=len(names)) if names else self._("Kết quả đã khóa")


def shortened(words: str, limit: int) -> str:
    """Words cut between two of them, with an ellipsis, to at most `limit` characters."""
    # A plan's rows may begin with the dash of a list, which would repeat that of our list.
    words = " ".join(words.split()).lstrip("-–+• ")
    return words if len(words) <= limit else words[:limit].rsplit(" ", 1)[0].rstrip(" ,;:.(“") + "…"


def wrapped(words: str, width: int) -> str:
    """Words in lines of at most `width` characters, broken only at spaces: an address or the number of a
    document stays whole."""
    lines = (
        textwrap.wrap(line, width, break_long_words=False, break_on_hyphens=False)
        for line in words.splitlines()
    )
    return "\n".join("\n".join(one) for one in lines)


def size_of(n_bytes: int) -> str:
    """A file's size as people read it: `340 KB`, `1,2 MB`."""
    if n_bytes < 1_000_000:
        return f"{max(1, n_bytes // 1000)} KB"
    return f"{number(Fraction(n_bytes, 1_000_000), 1)} MB"
