"""Addresses: which are fetched at all, and each in one form by which the library knows it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import unquote

import httpx

from qa.errors import RefusedAddressError
from qa.reports.fetching.rules import FetchRules

_DEFAULT_PORTS = {"http": 80, "https": 443}
# Where sites serve the web. On others a request may be taken for another protocol's commands.
_USUAL_PORTS = frozenset({80, 443, *range(8000, 9000)})
# What no address contains; programs disagree on what it means where it does.
_ODD = re.compile(r"[\x00-\x20\x7f\\]")
_NUMBER = re.compile(r"[0-9]+|0[xX][0-9a-fA-F]*")
_MOST_CHARS = 4096
_LAST_PORT = 65535


@dataclass(frozen=True, slots=True)
class Address:
    """An address that may be asked, if its host turns out to be public: ``is_internal`` says that the
    rules name the host, so that it need not. ``url`` has no fragment."""

    url: str
    scheme: str
    host: str
    port: int
    is_internal: bool

    @property
    def origin(self) -> str:
        """Scheme, host and port: what one robots.txt is for."""
        return f"{self.scheme}://{_bracketed(self.host)}:{self.port}"

    @property
    def host_header(self) -> str:
        default = _DEFAULT_PORTS[self.scheme] == self.port
        return _bracketed(self.host) + ("" if default else f":{self.port}")

    def at(self, ip: str) -> str:
        """This address with its host's name replaced by the number that was looked up."""
        return str(httpx.URL(self.url).copy_with(host=ip))


def parse_address(text: str, rules: FetchRules, base: str | None = None) -> Address:
    """The address in its one form; ``base`` is what a relative one is relative to.

    Raises ``RefusedAddressError``.
    """
    url = _url_of(text, base)
    if url.scheme not in _DEFAULT_PORTS:
        raise RefusedAddressError("not_http", name=text)
    if url.userinfo:
        raise RefusedAddressError("address_with_password", name=_without_userinfo(url))
    host = _host_of(url, text)
    port = url.port or _DEFAULT_PORTS[url.scheme]
    if port > _LAST_PORT:
        raise RefusedAddressError("wrong_address", name=text[:200])
    named = f"{_bracketed(host)}:{port}" in rules.hosts
    is_internal = named or host in rules.hosts
    if not is_internal and (host == "localhost" or host.endswith(".localhost")):
        raise RefusedAddressError("private_address", name=text, host=host)
    if not named and port not in _USUAL_PORTS:
        raise RefusedAddressError("odd_port", name=text, port=port, host=host)
    plain = url.copy_with(host=host, fragment=None)
    if plain.path == "/":
        plain = plain.copy_with(path="/")
    return Address(str(plain), url.scheme, host, port, is_internal)


def readable(url: str) -> str:
    """The address without its scheme, signs instead of their codes: the name of what came from it."""
    bare = url.split("://", 1)[-1]
    try:
        text = unquote(bare, errors="strict")
    except UnicodeDecodeError:
        return bare
    return text if text.isprintable() else bare


def _url_of(text: str, base: str | None) -> httpx.URL:
    text = text.strip()
    if _ODD.search(text.replace(" ", "")) or len(text) > _MOST_CHARS:
        raise RefusedAddressError("wrong_address", name=text[:200])
    try:
        return httpx.URL(base).join(text) if base else httpx.URL(text)
    except httpx.InvalidURL as error:
        raise RefusedAddressError("wrong_address", name=text[:200]) from error


def _host_of(url: httpx.URL, text: str) -> str:
    """The host in letters of ASCII; raises for a number that is not written as numbers are.

    ``2130706433``, ``0x7f.1`` and ``0177.0.0.1`` all are 127.0.0.1 to some programs, not to others.
    """
    host = url.raw_host.decode("ascii").rstrip(".").lower()
    try:
        return str(ip_address(host))
    except ValueError:
        pass
    if not host or _NUMBER.fullmatch(host.rsplit(".", 1)[-1]) or re.search(r"[^a-z0-9._-]", host):
        raise RefusedAddressError("wrong_address", name=text[:200])
    return host


def _without_userinfo(url: httpx.URL) -> str:
    return str(url.copy_with(userinfo=b""))


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host
