"""The notice to those who owe something by another day than they were told, because days off changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from functools import partial
from typing import Any

from workflow.domain.cycles.advance import Duty
from workflow.domain.vietnamese import letter_day
from workflow.domain.words import Words
from workflow.i18n import said
from workflow.mail.letters.wording import Wording
from workflow.storage.access.links import Purpose

MOST_DAYS = 8
"""Changed days that a mail lists."""

_KINDS = {
    "off": Words("nghỉ ngày %(day)s (%(reason)s)"),
    "worked": Words("làm việc ngày %(day)s (%(reason)s)"),
    "removed": Words("ngày %(day)s trở lại như thường lệ"),
}
_DUTIES = {
    Duty.SUBMIT: Words("Báo cáo %(n)s nội dung: trước là %(was)s, nay là hết %(becomes)s."),
    Duty.CONFIRM: Words("Xác nhận %(n)s báo cáo: trước là %(was)s, nay là hết %(becomes)s."),
    Duty.VOTE: Words("Biểu quyết %(n)s báo cáo: trước là %(was)s, nay là hết %(becomes)s."),
    Duty.ANSWER: Words("Xử lý %(n)s khó khăn, vướng mắc: trước là %(was)s, nay là hết %(becomes)s."),
    Duty.APPROVE: Words("Cho ý kiến về báo cáo của kỳ: trước là %(was)s, nay là hết %(becomes)s."),
    Duty.ASSESS: Words("Chấm điểm %(n)s mục: trước là %(was)s, nay là hết %(becomes)s."),
}


def days_moved(
    context: Mapping[str, Any], common: Mapping[str, Any], words: Wording
) -> tuple[str, dict[str, Any], Purpose]:
    """The subject, facts and purpose of the notice."""
    say = partial(said, language=words.language)
    days: Sequence[Mapping[str, str]] = context["days"]
    named = []
    for one in days[:MOST_DAYS]:
        message, on = _KINDS[one["kind"]], letter_day(date.fromisoformat(one["day"]))
        named.append(say(Words(message, day=on, reason=one["reason"])))
    if len(days) > MOST_DAYS:
        named.append(say(Words("và %(n)s ngày khác", n=len(days) - MOST_DAYS)))
    lines = [
        say(
            Words(
                _DUTIES[Duty(one["duty"])],
                n=one["n"],
                was=words.day_of_week(date.fromisoformat(one["was"])),
                becomes=words.day_of_week(date.fromisoformat(one["becomes"])),
            )
        )
        for one in context["moved"]
    ]
    title = say(Words("Hạn đổi vì lịch ngày nghỉ thay đổi"))
    facts = {
        "call": Purpose.DUTIES.value,
        "title": title,
        "paragraphs": [
            say(Words("Văn phòng vừa đổi lịch làm việc: %(days)s.", days="; ".join(named))),
            say(
                Words("Vì vậy hạn sau đây của %(you)s đổi theo; các hạn khác giữ nguyên.", you=common["you"])
            ),
            *lines,
        ],
        "path": "",
    }
    return title, facts, Purpose.DUTIES
