"""Keeps live keys out of every log of a process: links, sign-in links, API keys, passwords, providers' codes.

A log is read by more people than the mailbox a link was sent to, is copied to other machines and kept for
years. Masking happens where log records are created, so it applies to every logger (uvicorn, Prefect,
httpx, ours) and however they are formatted.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from typing import Any

MASK = "***"

_PATHS = re.compile(
    r"(?<=/[lo]/)(?!me\b)[^/\s?#\"'<>]+|(?<=/sign-in/)(?!oidc\b)[^/\s?#\"'<>]+", re.IGNORECASE
)
"""Anything in the place of a link's token, whether or not it is one."""
_TOKEN = re.compile(
    r"(?:(?<![\w-])|(?<=%[0-9A-Fa-f]{2}))(?:tiendo_)?(?=[\w-]*[A-Z])(?=[\w-]*[a-z])[\w-]{43}(?![\w-])",
    re.ASCII,
)
"""256 bits as `secrets.token_urlsafe` writes them, anywhere. Hashes in hex don't match."""
_QUERY = re.compile(r"(?P<name>[?&](?:code|state|nonce|stamp|session_state)=)[^\s&#\"']+", re.IGNORECASE)
_NAMED = re.compile(
    r"(?P<name>\b\w*(?:token|verifier|password|passwd|secret|api_key|auth_string)[\"']?\s*[=:]\s*[\"']?)"
    r"[^\s&\"',;)}\]]+",
    re.IGNORECASE,
)
"""Values next to the name of a secret: queries, forms, JSON, settings."""
_AUTHORIZATION = re.compile(r"(?P<name>\b(?:Bearer|Basic)\s+)[\w.~+/=-]{8,}", re.IGNORECASE)
_USER_INFO = re.compile(r"(?P<name>\b[a-z][a-z0-9+.-]*://[^\s:/@]*:)[^\s@]+(?=@)", re.IGNORECASE)
_JWT = re.compile(r"\beyJ[\w-]+\.[\w-]+\.[\w-]*", re.ASCII)


def masked(text: str) -> str:
    """The text with every key in it replaced by `***`."""
    if "/" in text:
        text = _PATHS.sub(MASK, text)
    text = _JWT.sub(MASK, _TOKEN.sub(MASK, text))
    for named in (_AUTHORIZATION, _USER_INFO, _QUERY, _NAMED):
        text = named.sub(rf"\g<name>{MASK}", text)
    return text


class MaskedRecord(logging.LogRecord):
    """A log record without keys: not in its message, its arguments or a traceback."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        # Some formatters read the values themselves: uvicorn's, of the line for each request.
        if isinstance(self.args, tuple):
            self.args = tuple(_masked_value(one) for one in self.args)
        elif isinstance(self.args, Mapping):
            self.args = {name: _masked_value(one) for name, one in self.args.items()}
        if isinstance(self.exc_info, tuple) and self.exc_info[0] is not None:
            # Formatters write this instead of the traceback where it is there.
            self.exc_text = masked(_TRACEBACK.formatException(self.exc_info))

    def getMessage(self) -> str:  # noqa: N802  (the library's name)
        """The message with its values, masked."""
        return masked(super().getMessage())


_TRACEBACK = logging.Formatter()


def _masked_value(value: Any) -> Any:
    return masked(value) if isinstance(value, str) else value


def mask_logs() -> None:
    """From now on every log record of this process is masked."""
    logging.setLogRecordFactory(MaskedRecord)
