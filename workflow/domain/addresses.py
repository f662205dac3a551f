"""E-mail addresses as they may stand in a directory and go over the wire."""

from __future__ import annotations

import re

EMAIL = re.compile(r"[^@\s<>,;]+@[^@\s<>,;]+\.[^@\s<>,;]+")


def ascii_address(address: str) -> str:
    """The address as it goes over the wire: a domain with accents in its IDNA form.

    Raises ValueError where it is no address, or has accents before the @ (few servers take those).
    """
    local, _, domain = address.strip().rpartition("@")
    if not local or not domain or any(mark.isspace() or mark in '<>,;:"()[]\\' for mark in local + domain):
        raise ValueError(f"địa chỉ thư không hợp lệ: {address!r}")
    if not local.isascii():
        raise ValueError(f"địa chỉ thư có dấu trước @: {address!r}")
    return f"{local}@{domain if domain.isascii() else domain.encode('idna').decode()}"
