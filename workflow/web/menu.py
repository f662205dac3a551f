"""The office's menu: the pages opened every day are single entries, the others are grouped by subject,
so that the menu stays one row. How it looks is `pages/office/office.html`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlencode

from workflow.domain.words import Words


@dataclass(frozen=True, slots=True)
class MenuEntry:
    """A page of the office: its name among the pages, its address below the holder's, its title."""

    name: str
    path: str
    title: Words
    needs_period: bool = True


@dataclass(frozen=True, slots=True)
class MenuGroup:
    """A group of pages under a title."""

    title: Words
    entries: tuple[MenuEntry, ...]


MENU: tuple[MenuEntry | MenuGroup, ...] = (
    MenuEntry("board", "", Words("Bảng theo dõi")),
    MenuEntry("owing", "/owing", Words("Ai còn việc")),
    MenuEntry("votes", "/votes", Words("Biểu quyết")),
    MenuEntry("reports", "/reports", Words("Báo cáo kỳ")),
    MenuGroup(
        Words("Đôn đốc"),
        (
            MenuEntry("difficulties", "/difficulties", Words("Vướng mắc")),
            MenuEntry("overdue", "/overdue", Words("Trễ hạn nhiều lần")),
            MenuEntry("mails", "/mails", Words("Thư gửi đi")),
        ),
    ),
    MenuGroup(
        Words("Kết quả, thi đua"),
        (
            MenuEntry("rollup", "/rollup", Words("Tổng hợp"), needs_period=False),
            MenuEntry("scores", "/scores", Words("Điểm thi đua")),
            MenuEntry("commendations", "/commendations", Words("Khen thưởng")),
        ),
    ),
    MenuGroup(
        Words("Kế hoạch, kỳ"),
        (
            MenuEntry("plan", "/plan", Words("Kế hoạch"), needs_period=False),
            MenuEntry("schedule", "/schedule", Words("Lịch năm")),
            MenuEntry("periods", "/periods", Words("Các kỳ"), needs_period=False),
            MenuEntry("days-off", "/days-off", Words("Ngày nghỉ"), needs_period=False),
            MenuEntry("rules", "/rules", Words("Quy tắc")),
            MenuEntry("organisation", "/organisation", Words("Loại đơn vị"), needs_period=False),
            MenuEntry("letterhead", "/letterhead", Words("Tiêu đề, chữ ký"), needs_period=False),
        ),
    ),
    MenuEntry("directory", "/directory", Words("Danh bạ"), needs_period=False),
)


@dataclass(frozen=True, slots=True)
class ShownMenu:
    """An entry or a group as a page shows it; `is_here` where the page is it, or in it."""

    title: Words
    address: str
    is_here: bool
    entries: tuple[ShownMenu, ...] = ()


def menu(base: str, period_code: str, at: str) -> tuple[ShownMenu, ...]:
    """The menu of a page named `at`; where no period is yet, only the pages that need none."""
    return tuple(_shown(base, period_code, at))


def _shown(base: str, period_code: str, at: str) -> Iterator[ShownMenu]:
    query = f"?{urlencode({'period': period_code})}" if period_code else ""

    def entry(one: MenuEntry) -> ShownMenu:
        return ShownMenu(one.title, f"{base}{one.path}{query}", one.name == at)

    for one in MENU:
        if isinstance(one, MenuEntry):
            if period_code or not one.needs_period:
                yield entry(one)
            continue
        entries = tuple(entry(each) for each in one.entries if period_code or not each.needs_period)
        if entries:
            yield ShownMenu(one.title, "", any(each.is_here for each in entries), entries)
