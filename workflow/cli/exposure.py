"""What a deployment must not be open to before any of it starts: other users of the machine, other
machines."""

from __future__ import annotations

from rich.markup import escape

from workflow.domain.errors import WrongSetting
from workflow.private_files import close_to_others
from workflow.settings import Settings


def closed(settings: Settings) -> str:
    """Removes other users' rights on all stored files; returns a warning where some are still open, or ""."""
    still_open = close_to_others(settings.private_places)
    if not still_open:
        return ""
    first = escape(str(still_open[0]))
    return (
        f"  [bold yellow]⚠ người khác trên máy này đọc được {len(still_open)} tệp, như {first}; "
        "xem tiendo doctor security[/]"
    )


def check_exposure(settings: Settings, *, has_catcher: bool = True) -> None:
    """Raises WrongSetting where the pages would be exposed by mistake: the catcher, which shows every link,
    to other machines; or behind a proxy that is not named, when all people would be counted as one client."""
    is_caught = has_catcher and settings.catches_mail
    if is_caught and not settings.is_for_this_machine and not settings.catcher_open:
        raise WrongSetting(
            "Hộp thư thử không được mở cho máy khác: ai mở được nó cầm mọi đường dẫn, kể cả để biểu quyết.",
            where=f"TIENDO_HOST={settings.host}, {settings.where_pages}",
            cure="Đặt TIENDO_SMTP_HOST để gửi thư thật; chỉ để thử nghiệm mới đặt TIENDO_CATCHER_OPEN=true.",
        )
    if settings.has_proxy and not settings.proxies:
        raise WrongSetting(
            "Trang đứng sau một máy chủ trung gian (proxy) mà chưa biết là máy nào, nên mọi người sẽ bị tính "
            "chung là một.",
            where=f"TIENDO_BASE_URL={settings.where_pages}",
            cure="Đặt TIENDO_TRUSTED_PROXIES là địa chỉ của nó, như 127.0.0.1 hay 10.1.0.0/16.",
        )
