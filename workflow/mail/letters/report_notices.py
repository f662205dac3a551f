"""The notices about a period's report: drafted, submitted for approval, decided, outdated by new figures,
recalled; and the facts of the mail that delivers it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import partial
from typing import Any

from sqlalchemy import Connection

from workflow.domain.cycles.cycle import Choice
from workflow.domain.reports.report_issue import Phase, needs_approval
from workflow.domain.vietnamese import letter_day
from workflow.domain.words import Words, restored
from workflow.i18n import said
from workflow.mail.letters.gathered import Void
from workflow.mail.letters.wording import Wording
from workflow.storage.access.links import Purpose
from workflow.storage.periods.watched import watched_period
from workflow.storage.post.claims import Claimed
from workflow.storage.reports.approvals import DECIDED, PUT_BEFORE, ApprovalRequest, asked_of, phase_of
from workflow.storage.reports.awaiting import last_day
from workflow.storage.reports.issues import DRAFTED, INCOMPLETE, Issue, issue_of
from workflow.storage.reports.overtaken import OVERTAKEN, WORD_VOID, newest_figures, who_said
from workflow.storage.reports.recipients import RECALLED
from workflow.storage.rules import rules_of

NOTICES = frozenset({DRAFTED, INCOMPLETE, PUT_BEFORE, DECIDED, OVERTAKEN, WORD_VOID, RECALLED})

LetterParts = tuple[str, dict[str, Any], Purpose | None]


def report_facts(context: Mapping[str, Any]) -> dict[str, Any]:
    """The facts of the mail that delivers a report."""
    return {
        "lines": [restored(line) for line in context["lines"]],
        "number": context.get("number", ""),
        "dated_on": _day(context.get("dated_on", "")),
        "kind": context.get("kind", ""),
        "before_number": context.get("before_number", ""),
        "before_day": _day(context.get("before_day", "")),
        "because": context.get("because", ""),
        "lock": context.get("lock", ""),
        "is_again": bool(context.get("again")),
    }


def _day(kept: str) -> str:
    return letter_day(date.fromisoformat(kept)) if kept else ""


def report_notice(
    tx: Connection, claimed: Claimed, common: Mapping[str, Any], words: Wording
) -> LetterParts | Void:
    """The subject, the paragraphs and the link's purpose of a notice about a report, by its current
    state."""
    issue = issue_of(tx, claimed.context["issue"])
    asked = asked_of(tx, issue)
    phase = phase_of(tx, issue, asked)
    about = claimed.context["about"]
    found: Found | Void
    if about == DRAFTED:
        found = _drafted(common, phase)
    elif about == INCOMPLETE:
        found = _incomplete(claimed, common, issue)
    elif about == PUT_BEFORE:
        found = _put_before(tx, claimed, common, words, issue, asked, phase)
    elif about == DECIDED:
        found = _decided(claimed, common, asked)
    elif about == OVERTAKEN:
        found = _overtaken(tx, claimed, common, issue, asked)
    elif about == WORD_VOID:
        found = _word_void(tx, claimed, common, issue, asked)
    else:
        found = _recalled(common, issue)
    if isinstance(found, Void):
        return found
    title, paragraphs, purpose = found
    say = partial(said, language=words.language)
    path = "/reports" if purpose is Purpose.OFFICE else ""
    facts = {
        "call": purpose.value if purpose else "",
        "title": say(title),
        "paragraphs": [say(one) for one in paragraphs],
        "path": path,
    }
    return facts["title"], facts, purpose


Found = tuple[str, list[str], Purpose | None]


def _drafted(common: Mapping[str, Any], phase: Phase) -> Found | Void:
    if phase is not Phase.DRAFT:
        return Void(Words("Bản thảo đã được trình hoặc phát hành."))
    return (
        Words("Bản thảo báo cáo đã lập, mời biên tập"),
        [
            Words(
                "%(period)s đã khóa số liệu. Hệ thống đã viết bản thảo báo cáo từ số liệu.",
                period=common["period"],
            ),
            Words(
                "Xin %(you)s xem lại lời văn, sửa nếu cần, kiểm tra nơi nhận rồi trình phê duyệt. "
                "Bảng biểu và số liệu lấy từ kết quả đã khóa nên không sửa được.",
                you=common["you"],
            ),
        ],
        Purpose.OFFICE,
    )


def _incomplete(claimed: Claimed, common: Mapping[str, Any], issue: Issue) -> Found | Void:
    if not issue.is_open:
        return Void(Words("Báo cáo đã phát hành."))
    lines: list[str] = [restored(one) for one in claimed.context["missing"]]
    return (
        Words("Báo cáo chưa tự phát hành vì còn thiếu"),
        [
            Words(
                "%(period)s đã khóa số liệu. Báo cáo lẽ ra tự phát hành nhưng còn thiếu:",
                period=common["period"],
            ),
            *lines,
            Words("Bổ sung đủ, báo cáo tự phát hành trong vòng một giờ; chưa có thư nào gửi tới nơi nhận."),
        ],
        Purpose.OFFICE,
    )


def _put_before(
    tx: Connection,
    claimed: Claimed,
    common: Mapping[str, Any],
    words: Wording,
    issue: Issue,
    asked: ApprovalRequest | None,
    phase: Phase,
) -> Found | Void:
    if phase is not Phase.ASKED or asked is None or asked.id != claimed.context["asked"]:
        return Void(Words("Bản thảo đã có bản mới, hoặc đã được quyết định."))
    until = last_day(asked, watched_period(tx, issue.period_id, claimed.made_at))
    return (
        Words("Trình phê duyệt báo cáo"),
        [
            Words(
                "Văn phòng trình %(you)s bản thảo báo cáo %(period)s (bản thứ %(n)s).",
                you=common["you"],
                period=common["period"],
                n=issue.draft.version,
            ),
            Words(
                "Xin mở trang để đọc toàn văn hoặc tải tệp Word, rồi chọn phê duyệt hoặc trả lại kèm lý do. "
                "Mở trang chưa phải là phê duyệt: ý kiến chỉ được ghi nhận khi bấm nút gửi."
            ),
            Words("Hạn cho ý kiến: hết %(due)s.", due=words.day_of_week(until)),
        ],
        Purpose.APPROVAL,
    )


def _decided(claimed: Claimed, common: Mapping[str, Any], asked: ApprovalRequest | None) -> Found | Void:
    if asked is None or asked.id != claimed.context["asked"] or asked.decision is None:
        return Void(Words("Bản thảo đã có bản mới."))
    if asked.decision is Choice.APPROVE:
        return (
            Words("Báo cáo đã được phê duyệt, mời phát hành"),
            [
                Words("Bản thảo báo cáo %(period)s đã được phê duyệt.", period=common["period"]),
                Words("Xin ghi số, ngày của văn bản và bấm phát hành; thư sẽ gửi tới các nơi nhận."),
            ],
            Purpose.OFFICE,
        )
    reasons: list[str] = [
        Words("%(name)s: “%(reason)s”", name=one.member, reason=one.reason)
        for one in asked.said
        if one.reason
    ]
    return (
        Words("Báo cáo bị trả lại"),
        [
            Words("Bản thảo báo cáo %(period)s bị trả lại để sửa:", period=common["period"]),
            *reasons,
            Words("Xin sửa bản thảo rồi trình lại."),
        ],
        Purpose.OFFICE,
    )


def _overtaken(
    tx: Connection, claimed: Claimed, common: Mapping[str, Any], issue: Issue, asked: ApprovalRequest | None
) -> Found | Void:
    version, because = newest_figures(tx, issue.period_id)
    if not issue.is_open or issue.draft.results_version == version or claimed.context["results"] != version:
        return Void(Words("Bản thảo đã theo số liệu mới, hoặc số liệu đã tính lại lần nữa."))
    values = {"period": common["period"], "n": version, "because": because}
    first = Words("Số liệu %(period)s đã tính lại (lần %(n)s): %(because)s.", **values)
    if not needs_approval(rules_of(tx, issue.period_id)):
        return _to_be_brought_up(first, issue)
    paragraphs: list[str] = [first]
    if asked is not None and asked.id == claimed.context["asked"]:
        paragraphs.append(
            Words(
                "Vì vậy lần trình phê duyệt bản thảo báo cáo thứ %(n)s không còn hiệu lực.", n=asked.version
            )
        )
        if count := len(who_said(tx, asked.id)):
            paragraphs.append(Words("%(count)s người đã cho ý kiến cũng được báo.", count=count))
    else:
        paragraphs.append(
            Words(
                "Bản thảo báo cáo thứ %(n)s còn theo số liệu cũ nên chưa trình được.", n=issue.draft.version
            )
        )
    paragraphs.append(
        Words("Xin mở bản thảo, xem lại các đoạn đã sửa lời, lưu theo số liệu mới rồi trình phê duyệt.")
    )
    return Words("Số liệu đã tính lại, báo cáo cần cập nhật và trình lại"), paragraphs, Purpose.OFFICE


def _to_be_brought_up(first: Words, issue: Issue) -> Found:
    """The notice to the office about new figures, where nobody approves the report."""
    return (
        Words("Số liệu đã tính lại, báo cáo cần cập nhật trước khi phát hành"),
        [
            first,
            Words(
                "Bản thảo báo cáo thứ %(n)s còn theo số liệu cũ nên chưa phát hành được.",
                n=issue.draft.version,
            ),
            Words("Xin mở bản thảo, xem lại các đoạn đã sửa lời, lưu theo số liệu mới rồi phát hành."),
        ],
        Purpose.OFFICE,
    )


def _word_void(
    tx: Connection, claimed: Claimed, common: Mapping[str, Any], issue: Issue, asked: ApprovalRequest | None
) -> Found | Void:
    if not issue.is_open or asked is None or asked.id != claimed.context["asked"]:
        return Void(Words("Báo cáo đã được trình lại."))
    values = {
        "period": common["period"],
        "you": common["you"],
        "because": newest_figures(tx, issue.period_id)[1],
    }
    return (
        Words("Ý kiến phê duyệt báo cáo không còn hiệu lực"),
        [
            Words("Sau khi %(you)s cho ý kiến, số liệu %(period)s đã tính lại: %(because)s.", **values),
            Words(
                "Ý kiến của %(you)s về bản thảo báo cáo thứ %(n)s vì vậy không còn được tính.",
                you=common["you"],
                n=asked.version,
            ),
            Words("Văn phòng sẽ cập nhật bản thảo và trình lại bằng thư khác; bây giờ chưa phải làm gì."),
        ],
        None,
    )


def _recalled(common: Mapping[str, Any], issue: Issue) -> Found:
    values = {"organisation": common["organisation"], "period": common["period"], "you": common["you"]}
    if issue.number and issue.dated_on:
        title = Words("Thu hồi báo cáo số %(number)s", number=issue.number)
        values |= {"number": issue.number, "day": letter_day(issue.dated_on)}
        first = Words(
            "%(organisation)s thu hồi báo cáo %(period)s số %(number)s ngày %(day)s đã gửi %(you)s.", **values
        )
    else:
        title = Words("Thu hồi báo cáo")
        first = Words("%(organisation)s thu hồi báo cáo %(period)s đã gửi %(you)s.", **values)
    return (
        title,
        [
            first,
            Words("Lý do: %(reason)s", reason=issue.recall_reason),
            Words("Xin không sử dụng, không chuyển tiếp bản đã nhận. Bản thay thế, nếu có, sẽ được gửi sau."),
        ],
        None,
    )
