"""The mail about an order: to those it concerns, what follows from it; to the office, that it waits for a
second person, or what became of it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from sqlalchemy import Connection

from workflow.domain.cycles.orders import EXTEND, REASSIGN, RECALL, REOPEN, TO_VOTE, WITHDRAW
from workflow.domain.words import Words
from workflow.i18n import said
from workflow.mail.letters.gathered import Void
from workflow.mail.letters.wording import Wording, shortened
from workflow.storage.access.links import Purpose
from workflow.storage.duties.order_lists import OrderTold, order_told
from workflow.storage.post.claims import Claimed

_TITLES = {
    RECALL: Words("Báo cáo được thu hồi: %(code)s"),
    WITHDRAW: Words("Nội dung được đưa ra khỏi kỳ: %(code)s"),
    REOPEN: Words("Nội dung được mở lại: %(code)s"),
    REASSIGN: Words("Nội dung được giao đơn vị khác: %(code)s"),
    EXTEND: Words("Lùi hạn: %(code)s"),
    TO_VOTE: Words("Biểu quyết lại: %(code)s"),
}
_ASKS = {
    WITHDRAW: Words("Chờ người thứ hai xác nhận đưa ra khỏi kỳ: %(code)s"),
    TO_VOTE: Words("Chờ người thứ hai xác nhận đưa lại biểu quyết: %(code)s"),
}


_STEPS = {
    "due_on": Words("báo cáo"),
    "confirm_by": Words("xác nhận"),
    "approve_by": Words("biểu quyết"),
}
_EXTENDED = {
    "item": Words("%(person)s lùi hạn %(step)s nội dung này đến hết %(day)s."),
    "unit": Words("%(person)s lùi hạn %(step)s %(n)s nội dung cùng đơn vị chủ trì đến hết %(day)s."),
    "period": Words("%(person)s lùi hạn %(step)s %(n)s nội dung của kỳ đến hết %(day)s."),
}


def order_notice(
    tx: Connection, claimed: Claimed, common: Mapping[str, Any], words: Wording
) -> tuple[str, dict[str, Any], Purpose] | Void:
    """The subject, the paragraphs and the link's purpose of the mail about an order, by its current state."""
    order = order_told(tx, claimed.context["order"])
    purpose = Purpose(claimed.context["purpose"])
    if purpose is Purpose.OFFICE:
        title, paragraphs = _to_office(order)
        path = f"/item/{order.cycle_id}"
    else:
        title, paragraphs = Words(_TITLES[order.kind], code=order.code), _to_concerned(order, common, words)
        path = ""
    say = partial(said, language=words.language)
    facts = {
        "call": purpose.value,
        "title": say(title),
        "paragraphs": [say(one) for one in paragraphs],
        "path": path,
    }
    return facts["title"], facts, purpose


def _to_concerned(order: OrderTold, common: Mapping[str, Any], words: Wording) -> list[str]:
    about = Words(
        "%(code)s “%(content)s” của %(period)s.",
        code=order.code,
        content=shortened(order.content, 120),
        period=common["period"],
    )
    why = [Words("Lý do: %(reason)s", reason=order.reason)] if order.reason else []
    return [Words.joined((about, _what(order, words))), *why, *_follows(order, common, words)]


def _what(order: OrderTold, words: Wording) -> str:
    if order.second and order.kind == TO_VOTE:
        return Words(
            "%(person)s đề nghị, %(second)s xác nhận: đưa báo cáo lần thứ %(n)s, đã bị trả lại, trở lại "
            "biểu quyết.",
            person=order.person,
            second=order.second,
            n=order.version,
        )
    if order.second:
        return Words(
            "%(person)s đề nghị, %(second)s xác nhận: đưa nội dung này ra khỏi kỳ.",
            person=order.person,
            second=order.second,
        )
    match order.kind:
        case "recall":
            return Words("%(person)s thu hồi báo cáo lần thứ %(n)s.", person=order.person, n=order.version)
        case "withdraw":
            return Words("%(person)s đưa nội dung này ra khỏi kỳ.", person=order.person)
        case "reopen":
            return Words("%(person)s mở lại nội dung này.", person=order.person)
        case "to-vote":
            return Words(
                "Biểu quyết khép lại mà chưa có quyết định; %(person)s lấy biểu quyết lại.",
                person=order.person,
            )
        case "extend":
            return Words(
                _EXTENDED[order.extent],
                person=order.person,
                step=_STEPS[order.step],
                n=order.count,
                day=words.day_of_week(order.until) if order.until else "",
            )
    return Words("%(person)s giao nội dung này cho đơn vị khác.", person=order.person)


def _follows(order: OrderTold, common: Mapping[str, Any], words: Wording) -> list[str]:
    match order.kind:
        case "recall":
            return [
                Words(
                    "Bản đó không phải xác nhận hay biểu quyết nữa. Đơn vị chủ trì sửa và gửi lại; "
                    "có bản mới, %(you)s sẽ nhận thư.",
                    you=common["you"],
                )
            ]
        case "withdraw":
            return [
                Words(
                    "Nội dung này không phải báo cáo, xác nhận hay biểu quyết nữa. "
                    "Những gì đã ghi vẫn lưu trong nhật ký."
                )
            ]
        case "reopen":
            return [
                Words(
                    "Đơn vị chủ trì gửi báo cáo mới; lượt này kết thúc hết %(day)s. "
                    "Báo cáo và kết quả biểu quyết trước vẫn lưu.",
                    day=words.day_of_week(order.until) if order.until else "",
                )
            ]
        case "to-vote":
            return [
                Words(
                    "Mọi thành viên được biểu quyết bỏ phiếu lại đến hết %(day)s; các phiếu trước vẫn lưu "
                    "nhưng không tính. Đơn vị chủ trì không phải gửi bản mới.",
                    day=words.day_of_week(order.until) if order.until else "",
                )
            ]
        case "extend":
            return [
                Words(
                    "Hạn trên trang và trong thư nhắc là hạn mới; các bước sau lùi theo, "
                    "nhưng không quá ngày khóa của kỳ."
                )
            ]
    asked = [Words("Đơn vị xác nhận: %(units)s.", units=", ".join(order.confirming))] * bool(order.confirming)
    return [
        Words.joined(
            (
                Words(
                    "Đơn vị chủ trì: %(units)s (trước là %(former)s).",
                    units=", ".join(order.leads),
                    former=", ".join(order.former),
                ),
                *asked,
            )
        ),
        Words("Báo cáo đã gửi giữ nguyên; ý kiến của đơn vị không còn được hỏi vẫn lưu nhưng không tính."),
    ]


def _to_office(order: OrderTold) -> tuple[str, list[str]]:
    about = Words("%(code)s “%(content)s”.", code=order.code, content=shortened(order.content, 120))
    why = Words("Lý do: %(reason)s", reason=order.reason)
    if order.second:
        done = Words(
            "%(second)s đã xác nhận đề nghị của %(person)s.", second=order.second, person=order.person
        )
        return Words(_TITLES[order.kind], code=order.code), [Words.joined((about, done)), why]
    if order.dropped_by:
        gone = Words(
            "%(who)s đã bỏ đề nghị của %(person)s; nội dung giữ nguyên.",
            who=order.dropped_by,
            person=order.person,
        )
        return Words("Đề nghị đã bỏ: %(code)s", code=order.code), [Words.joined((about, gone)), why]
    asks = Words("%(person)s đề nghị đưa nội dung này ra khỏi kỳ.", person=order.person)
    undone = Words(
        "Việc này bỏ một kết quả đã duyệt nên chưa có hiệu lực: cần một người khác của Văn phòng mở "
        "trang nội dung, xem lại rồi xác nhận hoặc bỏ đề nghị."
    )
    if order.kind == TO_VOTE:
        asks = Words("%(person)s đề nghị đưa báo cáo bị trả lại trở lại biểu quyết.", person=order.person)
        undone = Words(
            "Việc này bỏ một quyết định trả lại nên chưa có hiệu lực: cần một người khác của Văn phòng mở "
            "trang nội dung, xem lại rồi xác nhận hoặc bỏ đề nghị."
        )
    return Words(_ASKS[order.kind], code=order.code), [
        Words.joined((about, asks)),
        why,
        undone,
    ]
