"""The office's mail about its schedules: periods about to open or to be locked, those that wait for its
choice, and what could not be done; all in one mail, read when it is composed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from workflow.domain.periods.schedule import PeriodNotice
from workflow.domain.rules.routing_rules import Close
from workflow.domain.vietnamese import short_day
from workflow.domain.words import Words
from workflow.mail.letters.gathered import MOST_LISTED, Void
from workflow.mail.letters.wording import Wording
from workflow.storage.access.links import Purpose
from workflow.storage.duties.debtors import Debtor, debtors
from workflow.storage.opening.schedule import asked_of
from workflow.storage.post.claims import Claimed
from workflow.storage.sweeps.schedule_keeping import News, news_of

ORDER = (
    PeriodNotice.CHOICE,
    PeriodNotice.TROUBLE,
    PeriodNotice.BY_HAND,
    PeriodNotice.CLOSING,
    PeriodNotice.OPENING,
)
"""What needs an act of the office comes first."""


@dataclass(frozen=True, slots=True)
class Listing:
    """Names under a heading; `more` are not listed."""

    title: str
    names: tuple[str, ...]
    more: int = 0


@dataclass(frozen=True, slots=True)
class NewsEntry:
    """One piece of news in the mail."""

    title: str
    lines: tuple[str, ...]
    is_urgent: bool
    lists: tuple[Listing, ...] = ()


def schedule_news(
    tx: Connection, claimed: Claimed, words: Wording, now: datetime
) -> tuple[str, dict[str, Any], Purpose] | Void:
    """The subject, facts and purpose of the mail."""
    found = sorted(
        news_of(tx, claimed.organisation_id, now),
        key=lambda one: (ORDER.index(one.about), one.period.dates.opens_on),
    )
    if not found:
        return Void(Words("Lịch các kỳ không còn gì phải báo."))
    choices = [one for one in found if one.about is PeriodNotice.CHOICE]
    entries = [_choices(choices, words)] if choices else []
    entries += [_entry(tx, one, words, now) for one in found if one.about is not PeriodNotice.CHOICE]
    _ = words._
    subject = (
        entries[0].title
        if len(entries) == 1
        else _("Lịch các kỳ báo cáo: %(n)s việc văn phòng cần biết", n=len(found))
    )
    return subject, {"told": entries, "path": "/periods"}, Purpose.OFFICE


def _entry(tx: Connection, news: News, words: Wording, now: datetime) -> NewsEntry:
    match news.about:
        case PeriodNotice.OPENING:
            return _opening(tx, news, words)
        case PeriodNotice.CLOSING:
            return _closing(tx, news, words, now)
        case PeriodNotice.BY_HAND:
            return _by_hand(news, words)
        case PeriodNotice.TROUBLE:
            return _trouble(news, words)
    raise ValueError(f"{news.about} is told with others of its kind")


def _opening(tx: Connection, news: News, words: Wording) -> NewsEntry:
    _, dates = words._, news.period.dates
    asked = asked_of(tx, news.year, news.period)
    title = _(
        "%(period)s sắp mở ngày %(day)s, hạn báo cáo %(due)s",
        period=news.period.span.label,
        day=short_day(dates.opens_on),
        due=short_day(dates.due_on),
    )
    lines = (
        _(
            "Theo %(plan)s, kỳ này hỏi %(n)s nội dung của %(units)s đơn vị chủ trì.",
            plan=words.plan_name(news.year.number, news.year.title, None),
            n=news.period.n_items,
            units=len(asked.leads),
        ),
        _(
            "Kỳ tự mở %(opens)s. Hạn báo cáo: %(due)s. Khóa số liệu: hết %(cut_off)s.",
            opens=words.day_of_week(dates.opens_on),
            due=words.day_of_week(dates.due_on),
            cut_off=words.day_of_week(dates.cut_off),
        ),
        _("Muốn đổi ngày hoặc tạm giữ kỳ này, xin làm trước ngày mở, ở trang Các kỳ."),
    )
    lists = (
        _listing(_("Đơn vị chủ trì chưa có người báo cáo"), asked.without_reporter),
        _listing(_("Người chưa có địa chỉ thư"), asked.without_email),
    )
    found = tuple(one for one in lists if one.names)
    return NewsEntry(title, lines, bool(found), found)


def _closing(tx: Connection, news: News, words: Wording, now: datetime) -> NewsEntry:
    _, begun = words._, news.period.begun
    assert begun is not None
    cut_off = news.period.dates.cut_off
    title = _(
        "%(period)s sắp khóa số liệu %(day)s, còn %(n)s nội dung chưa xong",
        period=news.period.span.label,
        day=short_day(cut_off),
        n=begun.live,
    )
    closes = (
        _("Kỳ tự khóa khi hết %(day)s.", day=words.day_of_week(news.year.closes_after(news.period)))
        if begun.schedule.close is Close.AUTOMATIC
        else _("Sau đó văn phòng tự tay khóa kỳ.")
    )
    lapse = _(
        "Hết %(day)s, nội dung chưa được duyệt sẽ ghi là không có báo cáo được duyệt.",
        day=words.day_of_week(cut_off),
    )
    owing = tuple(_owing(one, words) for one in debtors(tx, begun.period_id, now))
    return NewsEntry(title, (lapse, closes), True, (_listing(_("Còn nợ việc"), owing),) if owing else ())


def _owing(debtor: Debtor, words: Wording) -> str:
    _ = words._
    parts = [
        _("báo cáo %(n)s", n=debtor.submit) if debtor.submit else "",
        _("xác nhận %(n)s", n=debtor.confirm) if debtor.confirm else "",
        _("biểu quyết %(n)s", n=debtor.vote) if debtor.vote else "",
        _("khó khăn, vướng mắc %(n)s", n=debtor.answer) if debtor.answer else "",
        _("phê duyệt báo cáo") if debtor.approve else "",
        _("chấm điểm %(n)s", n=debtor.assess) if debtor.assess else "",
    ]
    who = f"{debtor.name} ({', '.join(debtor.units)})" if debtor.units else debtor.name
    return f"{who}: {', '.join(filter(None, parts))}"


def _choices(news: list[News], words: Wording) -> NewsEntry:
    """The periods that wait for the office's choice, all in one."""
    _ = words._
    title = (
        _("%(period)s chưa mở, chờ văn phòng quyết định", period=news[0].period.span.label)
        if len(news) == 1
        else _("%(n)s kỳ chưa mở, chờ văn phòng quyết định", n=len(news))
    )
    lines = (
        _(
            "Ngày mở đã qua mà kỳ chưa mở, và từ nay đến hạn báo cáo không còn đủ thời gian "
            "cho các đơn vị nên kỳ không tự mở nữa. Chưa ai được mời báo cáo."
        ),
        _("Xin chọn ở trang Các kỳ: đặt lịch mới để kỳ mở, hoặc giữ lại không mở."),
    )
    periods = tuple(
        _(
            "%(period)s: ngày mở %(opens)s, hạn báo cáo %(due)s",
            period=one.period.span.label,
            opens=short_day(one.period.dates.opens_on),
            due=short_day(one.period.dates.due_on),
        )
        for one in news
    )
    return NewsEntry(title, lines, True, (_listing(_("Các kỳ chờ quyết định"), periods),))


def _by_hand(news: News, words: Wording) -> NewsEntry:
    _ = words._
    lines = (
        _(
            "Đã hết ngày khóa số liệu %(day)s. Xin xem trước rồi khóa kỳ ở trang Các kỳ.",
            day=words.day_of_week(news.period.dates.cut_off),
        ),
    )
    return NewsEntry(_("%(period)s đã đến lúc khóa", period=news.period.span.label), lines, True)


def _trouble(news: News, words: Wording) -> NewsEntry:
    _ = words._
    label = news.period.span.label
    title = (
        _("%(period)s chưa tự khóa được", period=label)
        if news.period.begun
        else _("%(period)s chưa tự mở được", period=label)
    )
    lines = (news.text, _("Chương trình thử lại mỗi giờ: sửa xong thì không phải làm gì thêm."))
    return NewsEntry(title, lines, True)


def _listing(title: str, names: tuple[str, ...]) -> Listing:
    return Listing(title, names[:MOST_LISTED], max(0, len(names) - MOST_LISTED))
