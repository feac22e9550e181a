"""What only this machine may reach: addresses, and browsers that others make act for them."""

from __future__ import annotations

from collections.abc import Collection
from ipaddress import ip_address, ip_network
from urllib.parse import urlsplit

from starlette.requests import Request

_SAFE_METHODS = ("GET", "HEAD", "OPTIONS")


def is_loopback(host: str) -> bool:
    """Whether an address, or a name that can be no other machine's, is this machine's own."""
    name = host.lower().rstrip(".")
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return False


def names_loopback(request: Request) -> bool:
    """Whether the ``Host`` header names this machine.

    By DNS rebinding a page of any site gets a name of its own that leads to 127.0.0.1: to the browser
    it is then of one origin with us and may ask and delete. Its requests still carry that name.
    """
    try:
        name = urlsplit(f"//{request.headers.get('host', '')}").hostname
    except ValueError:
        return False
    return is_loopback(name or "")


def comes_from_here(request: Request) -> bool:
    """Whether the client is on this machine, as far as it has an address."""
    address = request.client.host if request.client else ""
    try:
        return ip_address(address).is_loopback
    except ValueError:
        # A proxy may name a client by a word (unknown, _hidden), which tells of no machine, least of this.
        return "x-forwarded-for" not in request.headers


def is_forged(request: Request, origins: Collection[str]) -> bool:
    """Whether a page of another site than ``origins`` makes a browser change something here.

    A form or a fetch without CORS reaches us although its page cannot read the reply.
    """
    if request.method in _SAFE_METHODS:
        return False
    origin = request.headers.get("origin")
    if "*" in origins or origin in origins:
        return False
    if request.headers.get("sec-fetch-site") == "cross-site":
        return True
    host = request.headers.get("host", "").lower()
    return origin is not None and origin.lower().partition("://")[2] != host


def address_of(request: Request) -> str:
    """The client's address, of IPv6 its network: one subscriber has 2^64 addresses to change among."""
    address = request.client.host if request.client else ""
    try:
        found = ip_address(address)
    except ValueError:
        return address
    return str(ip_network((found, 64), strict=False)) if found.version == 6 else address
