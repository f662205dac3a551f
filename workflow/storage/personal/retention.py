"""Data stored for a limited time: each kind with the setting that says how many days, how much of it is over
that age now, and its removal. The sweep at night removes it; `tiendo retention` shows or does the same.

Decisions, and what they rest on, are never among it (`docs/personal-data.md`). Files are
`workflow.old_files`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, and_, delete, func, or_, select, update

from workflow.domain.words import Words
from workflow.storage.access.links import Purpose
from workflow.storage.tables import (
    codes,
    link_uses,
    links,
    outbox,
    periods,
    webhook_deliveries,
)

_SESSIONS = (Purpose.SIGN_IN.value, Purpose.SESSION.value)
_STAYS = frozenset({"about", "purpose", "by"})
"""What a mail's row goes on saying in words: which kind of mail it was."""


@dataclass(frozen=True, slots=True)
class KeptKind:
    """A kind of data stored for a limited time: the setting that says how many days, what it is, which rows
    are older than a given moment, and what becomes of them."""

    setting: str
    label: str
    table: Table
    too_old: Callable[[datetime], ColumnElement[bool]]
    remove: Callable[[Connection, ColumnElement[bool]], object]


@dataclass(frozen=True, slots=True)
class Overage:
    """How much of a kind is too old. `days` is 0 where it is stored for ever."""

    setting: str
    label: str
    days: int
    count: int


def _delete(table: Table) -> Callable[[Connection, ColumnElement[bool]], object]:
    return lambda tx, which: tx.execute(delete(table).where(which))


def _ended_before(moment: datetime) -> ColumnElement[bool]:
    return or_(links.c.revoked_at < moment, links.c.expires_at < moment)


def _drop_links(tx: Connection, which: ColumnElement[bool]) -> None:
    tx.execute(delete(link_uses).where(link_uses.c.link_id.in_(select(links.c.id).where(which))))
    tx.execute(delete(links).where(which))


def _blank_uses(tx: Connection, which: ColumnElement[bool]) -> None:
    tx.execute(update(link_uses).where(which).values(address="", agent=""))


def _mails(states: tuple[str, ...], moment: datetime) -> ColumnElement[bool]:
    # The mails of a running period are still read for the deadlines they announced, and their subjects.
    is_over = or_(
        outbox.c.period_id.is_(None),
        outbox.c.period_id.in_(select(periods.c.id).where(periods.c.closed_at.is_not(None))),
    )
    return and_(
        outbox.c.state.in_(states),
        func.coalesce(outbox.c.undelivered_at, outbox.c.sent_at, outbox.c.made_at) < moment,
        or_(outbox.c.address != "", outbox.c.error != ""),
        is_over,
    )


def blank_mails(tx: Connection, which: ColumnElement[bool]) -> int:
    """Deletes the text, the address and the server's answer of mails; that there was one of that kind, to
    whom and when, stays. Returns of how many."""
    rows = tx.execute(select(outbox.c.id, outbox.c.context).where(which)).all()
    for row in rows:
        tx.execute(
            update(outbox)
            .where(outbox.c.id == row.id)
            .values(context=_skeleton(row.context), address="", error="")
        )
    return len(rows)


def _skeleton(context: Mapping[str, Any]) -> dict[str, Any]:
    """Ids, numbers and the kind of mail: what is read later so that nobody is notified twice of one thing."""
    return {name: value for name, value in context.items() if isinstance(value, int) or name in _STAYS}


KINDS = (
    KeptKind(
        "addresses_keep_days",
        Words("địa chỉ mạng và trình duyệt của các lần dùng đường dẫn"),
        link_uses,
        lambda moment: and_(link_uses.c.at < moment, or_(link_uses.c.address != "", link_uses.c.agent != "")),
        _blank_uses,
    ),
    KeptKind(
        "sign_ins_keep_days",
        Words("yêu cầu đăng nhập và phiên làm việc đã kết thúc"),
        links,
        lambda moment: and_(links.c.purpose.in_(_SESSIONS), _ended_before(moment)),
        _drop_links,
    ),
    KeptKind(
        "links_keep_days",
        Words("đường dẫn đã hết hiệu lực, cùng các lần dùng"),
        links,
        lambda moment: and_(links.c.purpose.not_in(_SESSIONS), _ended_before(moment)),
        _drop_links,
    ),
    KeptKind(
        "codes_keep_days",
        Words("mã xác nhận một lần"),
        codes,
        lambda moment: and_(
            codes.c.asked_at < moment, or_(codes.c.expires_at.is_(None), codes.c.expires_at < moment)
        ),
        _delete(codes),
    ),
    KeptKind(
        "mails_keep_days",
        Words("nội dung và địa chỉ của thư đã gửi ở các kỳ đã khóa"),
        outbox,
        lambda moment: _mails(("sent", "void"), moment),
        blank_mails,
    ),
    KeptKind(
        "bounces_keep_days",
        Words("nội dung, địa chỉ và lời báo lỗi của thư không tới ở các kỳ đã khóa"),
        outbox,
        lambda moment: _mails(("failed", "bounced"), moment),
        blank_mails,
    ),
    KeptKind(
        "webhooks_keep_days",
        Words("tin đã gửi tới hệ thống khác"),
        webhook_deliveries,
        lambda moment: and_(
            webhook_deliveries.c.state.in_(("sent", "failed")), webhook_deliveries.c.made_at < moment
        ),
        _delete(webhook_deliveries),
    ),
)


def due(tx: Connection, days: Mapping[str, int], now: datetime) -> list[Overage]:
    """How much of each kind is too old; `days` are the settings by name."""
    return [_due(tx, kind, days[kind.setting], now) for kind in KINDS]


def remove_due(tx: Connection, days: Mapping[str, int], now: datetime) -> list[Overage]:
    """Removes what is too old, and says how much of each kind that was."""
    found = []
    for kind in KINDS:
        one = _due(tx, kind, days[kind.setting], now)
        if one.count:
            kind.remove(tx, kind.too_old(now - timedelta(days=one.days)))
        found.append(one)
    return found


def _due(tx: Connection, kind: KeptKind, days: int, now: datetime) -> Overage:
    if not days:
        return Overage(kind.setting, kind.label, 0, 0)
    which = kind.too_old(now - timedelta(days=days))
    n_rows = tx.scalar(select(func.count()).select_from(kind.table).where(which)) or 0
    return Overage(kind.setting, kind.label, days, n_rows)
