"""Files that only the user tiendo runs as may read: the umask, the data folder closed to others at each
start, a check of what is open, and secrets in files of their own.

Whoever reads a secret (a link, a key, a mailbox password) can act in other people's names.
"""

from __future__ import annotations

import os
import secrets
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path

from workflow.domain.errors import TiendoError, WrongSetting

MASK = 0o077
"""The umask: new files get mode 600, new folders 700."""

_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def mask_new_files() -> None:
    """Sets the umask, so that no file this process or its children create is open to others."""
    os.umask(MASK)


def make_private_folder(folder: Path) -> None:
    """Creates the folder if it is missing, closed to others; raises WrongSetting where it would be one of
    the machine's own, which closing would break for everybody."""
    whole = folder.absolute()
    if whole == Path.home() or whole in Path.home().parents:
        raise WrongSetting(
            "Thư mục dữ liệu không thể là thư mục gốc hay thư mục riêng của người dùng.",
            where=str(whole),
            cure="Đặt TIENDO_DATA (hoặc --data) vào một thư mục riêng cho tiendo.",
        )
    mask_new_files()
    folder.mkdir(parents=True, exist_ok=True)
    close_to_others([folder])


def close_to_others(places: Iterable[Path]) -> list[Path]:
    """Removes other users' rights on these files and folders and everything in them. Returns those that are
    still open to others after that: somebody else's files, or a file system that keeps no modes."""
    return [path for path in open_to_others(places) if not _closed(path)]


def open_to_others(places: Iterable[Path]) -> list[Path]:
    """Which of these files and folders, and of all within, others may read, write or enter. Links are not
    followed; files deleted meanwhile are skipped."""
    return [path for place in places for path in _walk(place) if _mode(path) & _OTHERS]


def secret_in(path: Path, made: str = "") -> str:
    """The secret stored in that file, with mode 600; the first call creates it (`made`, or 256 random bits).

    Raises TiendoError where the file is there and empty, as after a full disk.
    """
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not path.exists():
        part = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
        handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write((made or secrets.token_urlsafe(32)) + "\n")
                file.flush()
                os.fsync(file.fileno())
            # A link instead of a rename: of two that create it at once, both use the first one's.
            path.hardlink_to(part)
        except FileExistsError:
            pass
        except OSError:
            part.replace(path)  # a file system without links
        finally:
            part.unlink(missing_ok=True)
    close_to_others([path])
    found = path.read_text(encoding="utf-8").strip()
    if not found:
        raise TiendoError(
            "Tệp mật khẩu rỗng.", where=str(path), cure="Xóa tệp ấy; tiendo tạo mật khẩu mới khi khởi động."
        )
    return found


def _walk(place: Path) -> Iterator[Path]:
    yield place
    for folder, folders, files in os.walk(place):
        for name in (*folders, *files):
            yield Path(folder, name)


def _mode(path: Path) -> int:
    try:
        found = path.lstat().st_mode
    except FileNotFoundError:
        return 0
    return 0 if stat.S_ISLNK(found) else stat.S_IMODE(found)


def _closed(path: Path) -> bool:
    try:
        path.chmod(_mode(path) & ~_OTHERS)
    except OSError:
        return not path.exists()
    return not _mode(path) & _OTHERS
