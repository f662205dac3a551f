"""Names and addresses of hosts: which mean this machine, which belong to a proxy, which origin is whose."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from urllib.parse import urlsplit

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

_PORTS = {"http": 80, "https": 443}


def is_this_machine(host: str) -> bool:
    """Whether a host is reached from this machine alone. Names that need a resolver are not."""
    if host.rstrip(".").lower() == "localhost":
        return True
    found = address(host)
    return found is not None and found.is_loopback


def address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """The host as a network address; None where it is a name. IPv4-mapped IPv6 is returned
    as IPv4."""
    try:
        found = ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return None
    return getattr(found, "ipv4_mapped", None) or found


def networks(text: str) -> tuple[Network, ...]:
    """Addresses and networks (CIDR), separated by commas or blanks; raises ValueError naming a wrong one."""
    found: list[Network] = []
    for one in text.replace(",", " ").split():
        try:
            found.append(ipaddress.ip_network(one, strict=False))
        except ValueError:
            raise ValueError(
                f"“{one}” không phải địa chỉ hay dải địa chỉ, như 127.0.0.1 hay 10.1.0.0/16"
            ) from None
    return tuple(found)


def is_in(host: str, among: Iterable[Network]) -> bool:
    """Whether the host is an address in one of these networks."""
    found = address(host)
    return found is not None and any(
        found in network for network in among if network.version == found.version
    )


def host_of(header: str) -> str:
    """The host that a `Host` header names, in lower case, without its port and brackets; "" if none."""
    try:
        return (urlsplit(f"//{header.strip()}").hostname or "").rstrip(".")
    except ValueError:
        return ""


def origin_of(url: str) -> tuple[str, str, int] | None:
    """The web origin of an address: scheme, host, port; None where it has none, as with `null`."""
    try:
        parts = urlsplit(url)
        port = parts.port or _PORTS.get(parts.scheme)
    except ValueError:
        return None
    if not parts.hostname or port is None:
        return None
    return parts.scheme, parts.hostname, port
