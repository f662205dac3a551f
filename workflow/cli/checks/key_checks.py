"""What `tiendo doctor security` looks at in the database: keys stored apart from the data, and the last
anchor."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from workflow.cli.checks.security_checks import Deployment, Seen, good, is_open, unknown
from workflow.clock import Clock
from workflow.domain.errors import TiendoError
from workflow.storage import Store
from workflow.storage.key_files import OPEN_TO_OTHERS
from workflow.storage.proof.audit_checks import last_checks
from workflow.storage.proof.safekeeping import Anchored, anchored, private_keys_kept

LONGEST_UNANCHORED = timedelta(days=2)
"""The log is anchored daily; a day's outage is no fault yet."""
LONGEST_UNVERIFIED = timedelta(days=35)
"""An anchor protects only where it is compared with the log: once a month."""


def database(found: Deployment) -> Iterator[Seen]:
    """Opens the database as it is, without migrating its tables: a check changes nothing."""
    settings = found.settings
    if not settings.database_url and not (settings.data / "tiendo.db").exists():
        yield unknown("Cơ sở dữ liệu", f"không có ở {settings.data}", "Chạy với cùng --data hay TIENDO_DATA.")
        return
    store = Store(settings.where_database)
    try:
        with store.reading() as tx:
            kept, anchors = private_keys_kept(tx), anchored(tx)
            verified_at = last_checks(tx).anchor_verified_at
        now = Clock(store).now()
    except TiendoError as error:
        yield unknown("Cơ sở dữ liệu", error.told)
        return
    finally:
        store.close()
    yield from _keys(found, kept)
    for one in anchors:
        yield about_anchor(one, now)
    if anchors:
        yield about_verified(verified_at, min(one.begun_at for one in anchors), now)


def _keys(found: Deployment, kept: list[str]) -> Iterator[Seen]:
    name = "Khóa ký để riêng"
    file = found.settings.where_signing_key.path
    if kept:
        yield is_open(
            name,
            f"khóa ký nằm trong cơ sở dữ liệu ({', '.join(kept)}): ai ghi được vào đó ký lại được lịch sử",
            "Đưa khóa ra tệp riêng: TIENDO_SIGNING_KEY.",
        )
    elif not file.is_file():
        yield unknown(name, f"chưa có tệp {file}: chưa khóa kỳ nào, hoặc khóa ở nơi khác")
    elif file.stat().st_mode & OPEN_TO_OTHERS:
        mode = file.stat().st_mode & 0o777
        yield is_open(name, f"{file}: quyền {mode:o}, người khác đọc được", f"chmod 600 {file}")
    else:
        yield good(name, f"{file}: ngoài cơ sở dữ liệu, quyền {file.stat().st_mode & 0o777:o}")


def about_anchor(one: Anchored, now: datetime) -> Seen:
    """Whether the organisation's log is anchored up to the last days."""
    name, cure = f"Mốc neo của sổ ghi ({one.organisation})", "Neo ngay: tiendo audit anchor; xem bộ chạy."
    if one.anchored_at is None:
        is_new = now - one.begun_at <= LONGEST_UNANCHORED
        text = "chưa neo lần nào"
        return unknown(name, text, cure) if is_new else is_open(name, text, cure)
    text = f"lần cuối {one.anchored_at:%d/%m/%Y %H:%M} UTC, {_days(now - one.anchored_at)}"
    is_behind = one.moved_at > one.anchored_at and now - one.anchored_at > LONGEST_UNANCHORED
    return is_open(name, text, cure) if is_behind else good(name, text)


def about_verified(verified_at: datetime | None, begun_at: datetime, now: datetime) -> Seen:
    """How long ago the log was compared with an anchor kept elsewhere."""
    name = "Đối chiếu với mốc neo đã gửi"
    cure = "Lưu thư có mốc neo rồi chạy: tiendo audit verify --anchor TỆP"
    if now - (verified_at or begun_at) > LONGEST_UNVERIFIED:
        text = f"lần cuối {_days(now - verified_at)}" if verified_at else "chưa đối chiếu lần nào"
        return is_open(name, text, cure)
    if verified_at is None:
        return unknown(name, "chưa đối chiếu lần nào", cure)
    return good(name, f"lần cuối {_days(now - verified_at)}")


def _days(age: timedelta) -> str:
    return f"{max(age.days, 0)} ngày trước"
