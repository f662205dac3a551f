"""The office's menu: the pages opened every day stand on their own, the others in groups by what they are
for, so that it stays one row. How it looks is `pages/office/office.html`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlencode

from workflow.domain.words import Words


@dataclass(frozen=True, slots=True)
class Entry:
    """A page of the office: its name among the pages, its address below the holder's, its title."""

    name: str
    path: str
    title: Words
    needs_period: bool = True


@dataclass(frozen=True, slots=True)
class Group:
    """Pages that stand together under a title."""

    title: Words
    entries: tuple[Entry, ...]


MENU: tuple[Entry | Group, ...] = (
    Entry("board", "", Words("Bảng theo dõi")),
    Entry("owing", "/owing", Words("Ai còn việc")),
    Entry("votes", "/votes", Words("Biểu quyết")),
    Entry("reports", "/reports", Words("Báo cáo kỳ")),
    Group(
        Words("Đôn đốc"),
        (
            Entry("difficulties", "/difficulties", Words("Vướng mắc")),
            Entry("overdue", "/overdue", Words("Trễ hạn nhiều lần")),
            Entry("mails", "/mails", Words("Thư gửi đi")),
        ),
    ),
    Group(
        Words("Kết quả, thi đua"),
        (
            Entry("rollup", "/rollup", Words("Tổng hợp"), needs_period=False),
            Entry("scores", "/scores", Words("Điểm thi đua")),
            Entry("commendations", "/commendations", Words("Khen thưởng")),
        ),
    ),
    Group(
        Words("Kế hoạch, kỳ"),
        (
            Entry("plan", "/plan", Words("Kế hoạch"), needs_period=False),
            Entry("schedule", "/schedule", Words("Lịch năm")),
            Entry("periods", "/periods", Words("Các kỳ"), needs_period=False),
            Entry("rules", "/rules", Words("Quy tắc")),
        ),
    ),
    Entry("directory", "/directory", Words("Danh bạ"), needs_period=False),
)


@dataclass(frozen=True, slots=True)
class Shown:
    """An entry or a group as a page shows it; `is_here` where the page is it, or in it."""

    title: Words
    address: str
    is_here: bool
    entries: tuple[Shown, ...] = ()


def menu(base: str, period_code: str, at: str) -> tuple[Shown, ...]:
    """The menu of a page named `at`; where no period is yet, only the pages that need none."""
    return tuple(_shown(base, period_code, at))


def _shown(base: str, period_code: str, at: str) -> Iterator[Shown]:
    query = f"?{urlencode({'period': period_code})}" if period_code else ""

    def entry(one: Entry) -> Shown:
        return Shown(one.title, f"{base}{one.path}{query}", one.name == at)

    for one in MENU:
        if isinstance(one, Entry):
            if period_code or not one.needs_period:
                yield entry(one)
            continue
        entries = tuple(entry(each) for each in one.entries if period_code or not each.needs_period)
        if entries:
            yield Shown(one.title, "", any(each.is_here for each in entries), entries)
