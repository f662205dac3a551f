"""What `tiendo doctor security` looks at around the database: files, ports, Prefect, pages, proxies, catcher.

Each check measures (file modes, the kernel's list of ports, answers) and reports what it saw, with the cure
where something is open. What could not be checked is reported as unknown, never as a pass.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

import httpx

from flows.access import SERVER_VARIABLE, basic
from workflow.cli.checks.sockets import Listening, can_look, family_of, listening, mask_of
from workflow.cli.prefect_api import prefect_auth, where_prefect_auth
from workflow.hosts import address, is_this_machine
from workflow.private_files import MASK, open_to_others
from workflow.settings import FILE_VARIABLE, Settings

FOREIGN = "doi-ten.example"
"""A name this deployment is not reached by."""
SHORTEST_PASSWORD = 20
PATIENCE_SECONDS = 30
"""The timeout of one answer: a busy machine is no fault."""
START_IT = "Chạy khi tiendo đang chạy."


class CheckStanding(Enum):
    """The outcome of a check."""

    GOOD = "good"
    OPEN = "open"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Seen:
    """What one check saw; `cure` where something is open."""

    name: str
    standing: CheckStanding
    what: str
    cure: str = ""


@dataclass(frozen=True, slots=True)
class Deployment:
    """The deployment that is looked at: its settings, and its processes on this machine (none: not running
    here, or not visible on this system)."""

    settings: Settings
    processes: frozenset[int]

    @property
    def pages(self) -> str:
        """The address the pages listen on, without any proxy in front."""
        found = address(self.settings.host)
        host = "127.0.0.1" if found is not None and found.is_unspecified else self.settings.host
        return f"http://{f'[{host}]' if ':' in host else host}:{self.settings.port}"


def deployment_of(settings: Settings) -> Deployment:
    """The running deployment over the data folder of the settings."""
    try:
        pid = int((settings.data / "lock").read_text())
    except (OSError, ValueError):
        return Deployment(settings, frozenset())
    return Deployment(settings, frozenset(family_of(pid)))


def good(name: str, what: str) -> Seen:
    """Nothing is open there."""
    return Seen(name, CheckStanding.GOOD, what)


def is_open(name: str, what: str, cure: str) -> Seen:
    """Something is, with the cure."""
    return Seen(name, CheckStanding.OPEN, what, cure)


def unknown(name: str, what: str, cure: str = "") -> Seen:
    """It could not be looked at."""
    return Seen(name, CheckStanding.UNKNOWN, what, cure)


def files(found: Deployment) -> Iterator[Seen]:
    """Whether other users of the machine may read the stored files."""
    settings, name = found.settings, "Quyền của thư mục dữ liệu"
    wrong = open_to_others(settings.private_places)
    if not settings.data.is_dir():
        yield unknown(name, f"không có thư mục {settings.data}", "Chạy với cùng --data hay TIENDO_DATA.")
    elif wrong:
        text = f"người khác trên máy dùng được {len(wrong)} tệp hay thư mục, như {wrong[0]}"
        yield is_open(name, text, f"Khởi động lại tiendo (tự đóng lại), hoặc: chmod -R go= {settings.data}")
    else:
        yield good(name, f"{settings.data}: chỉ người chạy tiendo đọc được")
    secret = [Path(os.environ.get(FILE_VARIABLE, "tiendo.toml"))]
    secret += [Path(one) for one in (settings.dkim_key_file,) if one]
    for path in secret:
        if path.is_file():
            mode = path.stat().st_mode & 0o777
            if mode & 0o027:
                cure = f"chmod 600 {path}"
                yield is_open("Tệp có mật khẩu, khóa", f"{path}: quyền {mode:o}, người khác đọc được", cure)
            else:
                yield good("Tệp có mật khẩu, khóa", f"{path}: quyền {mode:o}")
    loose = [
        pid for pid in sorted(found.processes) if (mask := mask_of(pid)) is not None and mask & MASK != MASK
    ]
    if loose:
        text = f"tiến trình {', '.join(map(str, loose))} tạo tệp mà người khác đọc được"
        yield is_open("Quyền của tệp sẽ tạo", text, "Khởi động lại tiendo bằng lệnh tiendo của bản này.")
    elif found.processes:
        yield good("Quyền của tệp sẽ tạo", f"{len(found.processes)} tiến trình, umask 077")


def ports(found: Deployment) -> Iterator[Seen]:
    """Which of our ports listen on which addresses, according to the kernel."""
    settings, name = found.settings, "Cổng đang mở"
    if not can_look():
        yield unknown(name, "hệ điều hành này không cho biết")
        return
    known = {settings.port: "trang web"}
    if not settings.prefect_api_url:
        known[settings.prefect_port] = "Prefect"
    if settings.catches_mail and settings.catcher_port:
        known[settings.catcher_port] = "hộp thư thử"
    ours = [one for one in listening() if one.pid in found.processes or one.port in known]
    if not found.processes:
        yield unknown(name, f"không có tiendo up nào đang chạy trên {settings.data}", START_IT)
    elif settings.port not in {one.port for one in ours}:
        yield unknown(
            name, f"bản đang chạy không nghe ở cổng {settings.port}", "Chạy với cùng thiết lập như tiendo up."
        )
    for one in sorted(ours, key=lambda one: (one.port, one.host)):
        part = known.get(one.port, "tiến trình của tiendo")
        yield _port(settings, one, part)


def _port(settings: Settings, one: Listening, part: str) -> Seen:
    name, where = f"Cổng {one.port} ({part})", f"nghe ở {one.host}:{one.port}"
    if not one.is_open:
        return good(name, f"{where}: chỉ máy này vào được")
    if one.port != settings.port:
        return is_open(
            name, f"{where}: máy khác vào được", "Cho nghe ở 127.0.0.1, hoặc chặn cổng này bằng tường lửa."
        )
    if not settings.is_https:
        return is_open(
            name,
            f"{where}: đường dẫn và phiếu đi qua mạng không mã hóa",
            "Đặt một máy chủ trung gian có HTTPS phía trước, TIENDO_HOST=127.0.0.1 và TIENDO_BASE_URL=https://…",
        )
    if settings.proxies and all(one.is_loopback for one in settings.proxies):
        return is_open(
            name,
            f"{where}: máy khác đi vòng qua được máy chủ trung gian, không mã hóa",
            "Đặt TIENDO_HOST=127.0.0.1.",
        )
    return good(name, f"{where}: cho máy chủ trung gian {settings.trusted_proxies}")


def prefect(found: Deployment) -> Iterator[Seen]:
    """Whether Prefect asks for the password, and answers no other site's scripts."""
    settings, name = found.settings, "Mật khẩu của Prefect"
    url, auth = settings.where_prefect, prefect_auth(settings, makes=False)
    host = httpx.URL(url).host
    if url.startswith("http://") and not is_this_machine(host):
        yield is_open(
            "Đường đến Prefect",
            f"{url}: mật khẩu đi qua mạng không mã hóa",
            "Dùng địa chỉ https:// hoặc VPN.",
        )
    try:
        stranger = httpx.post(f"{url}/deployments/filter", json={}, timeout=PATIENCE_SECONDS)
        asked = httpx.get(f"{url}/admin/version", headers=basic(auth), timeout=PATIENCE_SECONDS)
        foreign = httpx.get(
            f"{url}/health", headers={"Origin": f"https://{FOREIGN}"}, timeout=PATIENCE_SECONDS
        )
    except httpx.HTTPError as error:
        yield unknown(name, f"{url} không trả lời: {error}", START_IT)
        return
    if stranger.status_code != 401:
        yield is_open(
            name,
            f"ai trên mạng tới được {url} cũng điều khiển được bộ chạy (trả lời {stranger.status_code})",
            f"Khởi động lại tiendo up; máy chủ Prefect riêng thì đặt {SERVER_VARIABLE} ở đó.",
        )
    elif asked.status_code != 200:
        yield unknown(
            name,
            "máy chủ hỏi mật khẩu, nhưng mật khẩu ở đây không đúng",
            f"Sửa {where_prefect_auth(settings)}.",
        )
    elif len(auth) < SHORTEST_PASSWORD:
        yield is_open(
            name, f"mật khẩu chỉ dài {len(auth)} ký tự", f"Đặt chuỗi ngẫu nhiên từ {SHORTEST_PASSWORD} ký tự."
        )
    else:
        yield good(name, f"không có mật khẩu thì trả lời 401; mật khẩu ở {where_prefect_auth(settings)}")
    if foreign.headers.get("access-control-allow-origin") in ("*", f"https://{FOREIGN}"):
        yield is_open(
            "Trang khác gọi Prefect",
            "script của mọi trang web đọc được trả lời của Prefect",
            "Đặt PREFECT_SERVER_CORS_ALLOWED_ORIGINS là địa chỉ trang Prefect.",
        )
    else:
        yield good("Trang khác gọi Prefect", "chỉ trang của chính Prefect")


def pages(found: Deployment) -> Iterator[Seen]:
    """Whether people reach the pages by HTTPS, and what the pages let browsers do with cookies."""
    settings, name = found.settings, "Địa chỉ trang"
    if not settings.is_https and not settings.is_for_this_machine:
        yield is_open(
            name,
            f"{settings.where_pages} không mã hóa: người cùng mạng đọc được đường dẫn và gửi phiếu thay",
            "Đặt HTTPS phía trước và TIENDO_BASE_URL=https://…",
        )
    else:
        yield good(name, settings.where_pages)
    try:
        answer = httpx.get(
            f"{found.pages}/sign-in", params={"lang": settings.language}, timeout=PATIENCE_SECONDS
        )
    except httpx.HTTPError as error:
        yield unknown("Cookie", f"{found.pages} không trả lời: {error}", START_IT)
        return
    cookies = [one.lower() for one in answer.headers.get_list("set-cookie")]
    wanted = ["httponly", "samesite"] + ["secure"] * settings.is_https
    missing = sorted({mark for one in cookies for mark in wanted if mark not in one})
    if missing or not cookies:
        text = f"cookie thiếu {', '.join(missing)}" if cookies else "trang không đặt cookie nào để xem"
        yield is_open("Cookie", text, "Khởi động lại tiendo với TIENDO_BASE_URL đúng.")
    elif settings.is_https and "strict-transport-security" not in answer.headers:
        yield is_open("Cookie", "thiếu Strict-Transport-Security", "Khởi động lại với TIENDO_BASE_URL đúng.")
    else:
        yield good("Cookie", ", ".join(wanted) + (", HSTS" if settings.is_https else ""))


def proxies(found: Deployment) -> Iterator[Seen]:
    """Whether the proxy in front of the pages is named, and no network is trusted without need."""
    settings, name = found.settings, "Máy chủ trung gian"
    wide = [str(one) for one in settings.proxies if one.prefixlen < (8 if one.version == 4 else 32)]
    if wide:
        yield is_open(
            name,
            f"tin {', '.join(wide)}: gần như ai cũng tự khai được địa chỉ của mình",
            "Đặt TIENDO_TRUSTED_PROXIES đúng địa chỉ của máy chủ trung gian.",
        )
    elif settings.has_proxy and not settings.proxies:
        yield is_open(
            name, "có mà không biết là máy nào: mọi người tính chung là một", "Đặt TIENDO_TRUSTED_PROXIES."
        )
    else:
        yield good(name, settings.trusted_proxies or "không có, và không tin máy nào")


def catcher(found: Deployment) -> Iterator[Seen]:
    """Whether the caught mails, and so every link, are for this machine alone."""
    settings, name = found.settings, "Hộp thư thử"
    try:
        answer = httpx.get(f"{found.pages}/mail.json", headers={"Host": FOREIGN}, timeout=PATIENCE_SECONDS)
    except httpx.HTTPError as error:
        yield unknown(name, f"{found.pages} không trả lời: {error}", START_IT)
        return
    if answer.status_code == 200:
        yield is_open(
            name, "trả lời cả dưới tên máy lạ: trang web khác đọc được mọi đường dẫn", "Khởi động lại tiendo."
        )
    elif settings.catches_mail and not settings.is_for_this_machine:
        yield is_open(
            name,
            "máy khác mở được, và cầm được mọi đường dẫn",
            "Đặt TIENDO_SMTP_HOST; bỏ TIENDO_CATCHER_OPEN.",
        )
    else:
        yield good(name, "chỉ máy này mở được" if settings.catches_mail else "không mở: thư gửi thật")


Check = Callable[[Deployment], Iterator[Seen]]
CHECKS: tuple[Check, ...] = (files, ports, prefect, pages, proxies, catcher)
