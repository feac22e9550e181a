"""Names to numbers, once for each request; only public ones are connected to."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable, Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from qa.errors import HostNotFoundError, RefusedAddressError
from qa.reports.fetching.addresses import Address

Resolver = Callable[[str, int], Awaitable[Sequence[str]]]
"""Host and port → the numbers it has, best first; raises ``OSError``."""

# https://www.iana.org/assignments/iana-ipv6-unicast-address-assignments: all that is given out.
_GIVEN_OUT = ip_network("2000::/3")
# Of that, what leads to an IPv4 address (Teredo, 6to4) or is for protocols and documents.
_WITHIN = tuple(map(ip_network, ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")))
# What ``is_global`` lets pass: relays of 6to4, and what Python 3.11 knows as neither.
_OTHER_IPV4 = tuple(map(ip_network, ("192.88.99.0/24", "192.0.0.0/24")))


async def look_up(host: str, port: int) -> list[str]:
    """The system's resolver."""
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(row[4][0]) for row in found))


async def numbers_of(address: Address, resolver: Resolver) -> list[str]:
    """The numbers of the address's host that may be connected to, at least one.

    A host that the rules name may have any; of another those that are not public are left out. Raises
    ``HostNotFoundError``, ``RefusedAddressError``.
    """
    try:
        found = list(await resolver(address.host, address.port))
    except (OSError, UnicodeError) as error:
        told = getattr(error, "strerror", None) or error
        raise HostNotFoundError("no_host", host=address.host, reason=told) from error
    if not found:
        raise HostNotFoundError("no_host", host=address.host, reason="no address")
    allowed = [number for number in found if address.is_internal or is_public(number)]
    if not allowed:
        told = f"{address.host} ({found[0]})" if found[0] != address.host else address.host
        raise RefusedAddressError("private_address", name=address.url, host=told)
    return allowed


def is_public(number: str) -> bool:
    """True for an address of the internet; False for one of a machine, a network, a group, or for one
    that stands for another (IPv4 in IPv6, NAT64)."""
    try:
        ip = ip_address(number)
    except ValueError:
        return False
    if isinstance(ip, IPv6Address):
        return ip in _GIVEN_OUT and ip.is_global and not any(ip in net for net in _WITHIN)
    return _is_public_ipv4(ip)


def _is_public_ipv4(ip: IPv4Address) -> bool:
    aside = ip.is_multicast or ip.is_reserved or ip.is_unspecified or ip.is_private
    return ip.is_global and not aside and not any(ip in net for net in _OTHER_IPV4)
