"""The password of Prefect's API: who may call it can make the worker run flows, and so act for everybody.

Prefect asks for one string by HTTP Basic, of every client and of the pages (`PREFECT_SERVER_API_AUTH_STRING`,
`PREFECT_API_AUTH_STRING`). Nothing of Prefect is imported here.
"""

from __future__ import annotations

import base64
import os
import secrets
from pathlib import Path

from workflow.domain.errors import WrongSetting
from workflow.hosts import is_this_machine
from workflow.private_files import secret_in

SERVER_VARIABLE = "PREFECT_SERVER_API_AUTH_STRING"
CLIENT_VARIABLE = "PREFECT_API_AUTH_STRING"
_FILE = "api-auth"


def auth_file(home: Path) -> Path:
    """The file that stores the password, in the folder of Prefect's own files."""
    return home / _FILE


def kept_auth(home: Path) -> str:
    """The password stored in that folder; the first call generates it."""
    return secret_in(auth_file(home), made=f"tiendo:{secrets.token_urlsafe(32)}")


def server_auth(home: Path, host: str) -> str:
    """The password the server asks for: the environment's, or the stored one.

    Raises WrongSetting for a server that other machines reach and that has none in the environment: one
    stored in a file here is unknown to workers there, and a server without one runs code for whoever asks.
    """
    if given := os.environ.get(SERVER_VARIABLE, ""):
        return given
    if not is_this_machine(host):
        raise WrongSetting(
            "Máy chủ Prefect không được mở ra mạng khi chưa có mật khẩu: ai gọi được nó cũng điều khiển được "
            "bộ chạy.",
            where=f"--host {host}",
            cure=f"Đặt {SERVER_VARIABLE}=<tên>:<mật khẩu dài, ngẫu nhiên> ở máy chủ và "
            f"{CLIENT_VARIABLE} cùng giá trị ở mọi bộ chạy.",
        )
    return kept_auth(home)


def client_auth(home: Path | None) -> str:
    """The password a client sends: the environment's, or the one stored in that folder; "" without either."""
    if given := os.environ.get(CLIENT_VARIABLE, ""):
        return given
    return kept_auth(home) if home is not None and auth_file(home).exists() else ""


def basic(auth: str) -> dict[str, str]:
    """The headers that carry the password in a request; none without one."""
    return {"Authorization": f"Basic {base64.b64encode(auth.encode()).decode()}"} if auth else {}
