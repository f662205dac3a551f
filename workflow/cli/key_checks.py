"""What `tiendo doctor security` looks at in the database: keys kept apart from the data, and the last
anchor."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from workflow.cli.security_checks import Deployment, Seen, good, is_open, unknown
from workflow.clock import Clock
from workflow.domain.errors import TiendoError
from workflow.storage import Store
from workflow.storage.safekeeping import Anchored, anchored, private_keys_kept

LONGEST_UNANCHORED = timedelta(days=2)
"""The log is anchored daily; a day's outage is no fault yet."""


def database(found: Deployment) -> Iterator[Seen]:
    """Opens the database as it is, without bringing its tables up to date: a look changes nothing."""
    settings = found.settings
    if not settings.database_url and not (settings.data / "tiendo.db").exists():
        yield unknown("Cơ sở dữ liệu", f"không có ở {settings.data}", "Chạy với cùng --data hay TIENDO_DATA.")
        return
    store = Store(settings.where_database)
    try:
        with store.reading() as tx:
            kept, anchors = private_keys_kept(tx), anchored(tx)
        now = Clock(store).now()
    except TiendoError as error:
        yield unknown("Cơ sở dữ liệu", error.told)
        return
    finally:
        store.close()
    yield from _keys(found, kept)
    if anchors is None:
        yield unknown("Mốc neo của sổ ghi", "bản này không neo sổ ghi")
    for one in anchors or []:
        yield _anchor(one, now - one.anchored_at if one.anchored_at else None)


def _keys(found: Deployment, kept: list[str]) -> Iterator[Seen]:
    name = "Khóa ký để riêng"
    told = getattr(found.settings, "signing_key", "")
    file = Path(told) if told else found.settings.data / "signing-key.pem"
    if kept:
        yield is_open(
            name,
            f"khóa ký nằm trong cơ sở dữ liệu ({', '.join(kept)}): ai ghi được vào đó ký lại được lịch sử",
            "Đưa khóa ra tệp riêng: TIENDO_SIGNING_KEY.",
        )
    elif not file.is_file():
        yield unknown(name, f"chưa có tệp {file}: chưa khóa kỳ nào, hoặc khóa ở nơi khác")
    elif file.stat().st_mode & 0o077:
        mode = file.stat().st_mode & 0o777
        yield is_open(name, f"{file}: quyền {mode:o}, người khác đọc được", f"chmod 600 {file}")
    else:
        yield good(name, f"{file}: ngoài cơ sở dữ liệu, quyền {file.stat().st_mode & 0o777:o}")


def _anchor(one: Anchored, age: timedelta | None) -> Seen:
    name = f"Mốc neo của sổ ghi ({one.organisation})"
    if age is None or one.anchored_at is None:
        return is_open(name, "chưa neo lần nào", "Để tiendo chạy qua buổi chiều, hoặc neo ngay bằng lệnh.")
    told = f"{one.anchored_at:%d/%m/%Y %H:%M} (UTC), {age.days} ngày trước"
    if one.moved_at - one.anchored_at > LONGEST_UNANCHORED:
        return is_open(name, told, "Xem bộ chạy có đang chạy không; neo ngay bằng lệnh.")
    return good(name, told)
