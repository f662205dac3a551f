"""Which addresses may be called: public ones by https, unless the deployment lets webhooks go inside.

Whoever may create a webhook must not reach what only this machine can reach (a database's port, a cloud's
metadata service). A name is looked up at each call and the very address that was checked is called, so that
a name that resolves differently the second time (DNS rebinding) has no effect.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from dataclasses import dataclass

import httpx

from workflow.domain.errors import TiendoError
from workflow.domain.words import Words

MOST_LETTERS = 2000
_NAT64 = ipaddress.ip_network("64:ff9b::/96")

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class WrongAddress(TiendoError):
    """An address that no webhook may have."""


@dataclass(frozen=True, slots=True)
class Reachable:
    """An address that was looked up and may be called: `url` with its name, `ip` to connect to."""

    url: httpx.URL
    ip: str

    @property
    def to_call(self) -> httpx.URL:
        """The URL with the checked address in place of the name."""
        return self.url.copy_with(host=self.ip)

    @property
    def host(self) -> str:
        """The value of the Host header."""
        return self.url.netloc.decode("ascii")


def checked(url: str, *, may_be_private: bool) -> httpx.URL:
    """The URL, as far as it can be checked without looking its name up; raises WrongAddress."""
    cure = Words("Dùng địa chỉ https công khai, như https://may.example/nhan-tin.")
    try:
        found = httpx.URL(url) if len(url) <= MOST_LETTERS else None
        host = found.host if found else ""
        if found is None or not host or found.port == 0 or not _is_encodable(found):
            raise WrongAddress(Words("Địa chỉ webhook không hợp lệ."), cure=cure)
    except (httpx.InvalidURL, ValueError, UnicodeError):
        raise WrongAddress(Words("Địa chỉ webhook không hợp lệ."), cure=cure) from None
    if found.scheme != "https" and not (may_be_private and found.scheme == "http"):
        raise WrongAddress(Words("Địa chỉ webhook phải bắt đầu bằng https://."), cure=cure)
    if found.userinfo:
        raise WrongAddress(Words("Địa chỉ webhook không được chứa tên và mật khẩu."), cure=cure)
    try:
        literal = ipaddress.ip_address(host)
    except ValueError:
        return found
    if not may_be_private and not is_public(literal):
        raise WrongAddress(Words("Địa chỉ webhook trỏ vào mạng nội bộ."), cure=cure)
    return found


async def looked_up(url: str, *, may_be_private: bool) -> Reachable:
    """The URL with an address to call; raises WrongAddress where any address of the name is not public."""
    found = checked(url, may_be_private=may_be_private)
    port = found.port or (443 if found.scheme == "https" else 80)
    try:
        resolved = await asyncio.get_running_loop().getaddrinfo(found.host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise WrongAddress(
            Words("Không tìm được máy %(host)s: %(error)s.", host=found.host, error=str(error))
        ) from None
    addresses = [str(one[4][0]).partition("%")[0] for one in resolved]
    if not addresses:
        raise WrongAddress(Words("Không tìm được máy %(host)s.", host=found.host))
    if not may_be_private:
        for address in addresses:
            if not is_public(ipaddress.ip_address(address)):
                raise WrongAddress(
                    Words(
                        "Máy %(host)s ở trong mạng nội bộ (%(address)s), không gọi.",
                        host=found.host,
                        address=address,
                    )
                )
    return Reachable(found, addresses[0])


def is_public(address: Address) -> bool:
    """Whether an address is one of the open internet's, also where it wraps another."""
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if inner is None and address in _NAT64:
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(inner)
        if address.teredo is not None:
            return False
    return address.is_global and not address.is_multicast and not address.is_reserved


def _is_encodable(url: httpx.URL) -> bool:
    """Whether the name can be asked for at all: labels of 1 to 63 letters."""
    labels = url.raw_host.decode("ascii").removesuffix(".").split(".")
    return ":" in url.host or all(0 < len(label) < 64 for label in labels)
