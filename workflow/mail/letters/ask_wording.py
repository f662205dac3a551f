"""How mails word days, and what they ask for beside the plan's work: a unit's own score, the council's
votes, a word on the report. The wording of the plan's work is in
`workflow.mail.letters.wording`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from workflow.domain.vietnamese import letter_day, short_day
from workflow.domain.words import Words
from workflow.i18n import said
from workflow.mail.letters.asks import Ask, RequestedAct


class AskWording:
    """The wording of days and of requests, in one language."""

    def __init__(self, language: str) -> None:
        self.language = language

    def _(self, message: str, **values: object) -> str:
        return str(said(Words(message, **values), self.language))

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
        return self._("%(weekday)s, %(day)s", weekday=names[value.weekday()], day=letter_day(value))

    def ask_title(self, ask: Ask) -> str:
        """The heading of what someone is asked beside the plan's work."""
        return {
            RequestedAct.SELF_SCORE: self._("Tự chấm điểm thi đua của đơn vị"),
            RequestedAct.SCORES: self._("Hội đồng biểu quyết về điểm thi đua"),
            RequestedAct.COMMENDATIONS: self._("Hội đồng biểu quyết danh sách khen thưởng"),
            RequestedAct.REPORT: self._("Cho ý kiến phê duyệt báo cáo của kỳ"),
            RequestedAct.SUMMARY: self._("Đơn vị tự đánh giá cả đợt"),
        }[ask.asked]

    def ask_due(self, ask: Ask) -> str:
        """The deadline, or since when it is late."""
        message = Words("đã quá hạn từ %(due)s") if ask.is_late else Words("hạn %(due)s")
        return self._(message, due=self.day_of_week(ask.due))

    def asks_subject(self, asks: Sequence[Ask]) -> str:
        """The subject of a digest that asks for nothing of the plan's work."""
        first = asks[0]
        message = {
            RequestedAct.SELF_SCORE: Words("Mời tự chấm điểm thi đua, hạn %(due)s"),
            RequestedAct.SCORES: Words("Mời biểu quyết %(n)s đề nghị về điểm thi đua, hạn %(due)s"),
            RequestedAct.COMMENDATIONS: Words("Mời biểu quyết %(n)s đề nghị khen thưởng, hạn %(due)s"),
            RequestedAct.REPORT: Words("Báo cáo chờ phê duyệt, đã quá hạn %(due)s")
            if first.is_late
            else Words("Báo cáo chờ phê duyệt, hạn %(due)s"),
            RequestedAct.SUMMARY: Words("Mời đơn vị tự đánh giá, hạn %(due)s"),
        }[first.asked]
        return self._(message, n=first.count, due=short_day(first.due))

    def asks_opening(self, asks: Sequence[Ask], organisation: str, plan: str, period: str, who: str) -> str:
        """The first sentence of such a digest."""
        message = {
            RequestedAct.SELF_SCORE: Words(
                "%(organisation)s mời %(who)s tự chấm điểm thi đua %(period)s cho đơn vị, theo %(plan)s."
            ),
            RequestedAct.SCORES: Words(
                "%(organisation)s mời %(who)s biểu quyết các đề nghị về điểm thi đua %(period)s, "
                "theo %(plan)s."
            ),
            RequestedAct.COMMENDATIONS: Words(
                "%(organisation)s mời %(who)s biểu quyết danh sách đề nghị khen thưởng %(period)s, "
                "theo %(plan)s."
            ),
            RequestedAct.REPORT: Words(
                "Báo cáo %(period)s thực hiện %(plan)s của %(organisation)s đang chờ ý kiến của %(who)s."
            ),
            RequestedAct.SUMMARY: Words(
                "%(organisation)s mời %(who)s tự đánh giá %(period)s của đơn vị, theo %(plan)s. Không phải "
                "báo cáo lại từng nội dung."
            ),
        }[asks[0].asked]
        return self._(message, organisation=organisation, who=who, period=period, plan=plan)

    def ask_summary(self, ask: Ask, period: str) -> str:
        """The title of the deadline in a calendar."""
        message = {
            RequestedAct.SELF_SCORE: Words("Hạn tự chấm điểm thi đua (%(period)s)"),
            RequestedAct.SCORES: Words("Hạn biểu quyết %(n)s đề nghị về điểm thi đua (%(period)s)"),
            RequestedAct.COMMENDATIONS: Words("Hạn biểu quyết %(n)s đề nghị khen thưởng (%(period)s)"),
            RequestedAct.REPORT: Words("Hạn phê duyệt báo cáo (%(period)s)"),
            RequestedAct.SUMMARY: Words("Hạn đơn vị tự đánh giá (%(period)s)"),
        }[ask.asked]
        return self._(message, n=ask.count, period=period)

    def ask_description(self, ask: Ask, organisation: str) -> str:
        """The description below it in a calendar."""
        return self._(
            "%(title)s của %(organisation)s. Đường dẫn để làm có trong thư mới nhất.",
            title=self.ask_title(ask),
            organisation=organisation,
        )

    def sitting_closed(self, who: str, facts: Mapping[str, Any]) -> tuple[str, list[str]]:
        """The notice to the office that the emulation council's vote is over: title and words."""
        title = (
            self._("Đã có kết quả biểu quyết danh sách khen thưởng")
            if facts["about"].endswith("commendations")
            else self._("Đã có kết quả biểu quyết về điểm thi đua")
        )
        counted = Words(
            "Xin báo %(who)s: hội đồng thông qua %(carried)s/%(asked)s đề nghị, "
            "%(voted)s/%(members)s thành viên bỏ phiếu."
        )
        where = self._("Kết quả từng đề nghị, biên bản và danh sách để trình ký có trên trang.")
        return title, [
            self._(
                counted,
                who=who,
                carried=facts["carried"],
                asked=facts["asked"],
                voted=facts["voted"],
                members=facts["members"],
            ),
            where,
        ]

    def scored_subject(self) -> str:
        """The subject of the mail that tells a unit nothing but its official score."""
        return self._("Đã có điểm thi đua chính thức của đơn vị")

    def self_score_note(self, until: date) -> str:
        """What a mail that asks for reports says of the unit's own score."""
        return self._(
            "Kỳ này đơn vị còn tự chấm điểm thi đua, hạn hết %(day)s. Chấm tại:", day=self.day_of_week(until)
        )

    def anchored(self, n: int, day: date, line: str) -> tuple[str, list[str]]:
        """The mail that carries an anchor of the audit log: title and words."""
        return self._("Mốc nhật ký số %(n)s ngày %(day)s", n=n, day=letter_day(day)), [
            self._(
                "Thư tự động, không cần trả lời; chỉ xin lưu lại, không xóa. Thư giữ mốc của nhật ký đến lúc "
                "gửi: nếu về sau có ai viết lại lịch sử trong cơ sở dữ liệu, đối chiếu với mốc này sẽ lộ ra."
            ),
            line,
            self._("Cách đối chiếu: lưu thư thành tệp rồi chạy tiendo audit verify --anchor TỆP."),
        ]
