"""One request to one address: the door to ``httpx``.

The request goes to the number that was checked, with the host's name in ``Host`` and in TLS: a name
that is looked up again to connect could lead elsewhere by then (DNS rebinding).
"""

from __future__ import annotations

import ssl
import zlib
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from functools import cached_property
from pathlib import Path

import httpx

from qa.errors import (
    FetchTimeoutError,
    InputError,
    TooLargeError,
    UnreachableError,
    UntrustedSiteError,
)
from qa.reports.fetching.addresses import Address
from qa.reports.fetching.resolving import Resolver, numbers_of
from qa.reports.fetching.rules import FetchRules

_MOST_NUMBERS = 3
_PIECE_BYTES = 1 << 18
_GZIP_OR_ZLIB = 47


class Wire:
    """Sends requests; keeps no connection and no cookie from one to the next."""

    def __init__(self, rules: FetchRules, resolver: Resolver) -> None:
        self._rules = rules
        self._resolver = resolver

    @cached_property
    def _trust(self) -> ssl.SSLContext:
        # SSL_CERT_FILE counts: an internal host's certificate has an issuer of its own.
        return httpx.create_ssl_context(trust_env=True)

    @asynccontextmanager
    async def asked(
        self, address: Address, headers: Mapping[str, str]
    ) -> AsyncIterator[httpx.Response]:
        """The answer to a GET, its body still to be read. No redirect is followed.

        Raises ``RefusedAddressError``, ``HostNotFoundError``, ``UnreachableError``,
        ``UntrustedSiteError``, ``FetchTimeoutError``; the block's own errors of reading likewise.
        """
        numbers = await numbers_of(address, self._resolver)
        # Proxies of the environment would look the name up themselves, unchecked.
        client = httpx.AsyncClient(
            # Reading all certificates takes a tenth of a second; without TLS none is looked at.
            verify=self._trust if address.scheme == "https" else False,
            timeout=self._rules.timeout_seconds,
            trust_env=False,
        )
        async with client:
            with _told(address, self._rules):
                response = await self._answer(client, address, numbers, headers)
                try:
                    yield response
                finally:
                    await response.aclose()

    async def _answer(
        self,
        client: httpx.AsyncClient,
        address: Address,
        numbers: list[str],
        headers: Mapping[str, str],
    ) -> httpx.Response:
        own = {
            "Host": address.host_header,
            "User-Agent": self._rules.user_agent,
            "Accept-Encoding": "gzip",
            "Accept-Language": "zh-CN,zh;q=0.9,en;q=0.5",
        }
        for number in numbers[:_MOST_NUMBERS]:
            request = client.build_request(
                "GET",
                address.at(number),
                headers={**own, **headers},
                extensions={"sni_hostname": address.host},
            )
            try:
                return await client.send(request, stream=True)
            except (httpx.ConnectError, httpx.ConnectTimeout) as error:
                if _tls_error(error) or number == numbers[:_MOST_NUMBERS][-1]:
                    raise
        raise AssertionError("there is at least one number")


async def save(
    response: httpx.Response, path: Path, name: str, max_bytes: int, *, cut: bool = False
) -> None:
    """Write an answer's body to a file, unpacked; with ``cut`` its beginning is enough.

    Raises ``TooLargeError`` as soon as it has more than ``max_bytes``, ``UnreachableError`` if it is
    broken off or packed in a way that was not asked for.
    """
    if int_of(response.headers.get("Content-Length")) > max_bytes and not cut:
        raise _too_large(name, max_bytes)
    try:
        await _written(response, path, name, max_bytes, cut=cut)
    except OSError as error:
        raise InputError("unwritable_file", name=path, reason=error.strerror) from error


async def _written(
    response: httpx.Response, path: Path, name: str, max_bytes: int, *, cut: bool
) -> None:
    unpack = _unpacker(response.headers.get("Content-Encoding", ""), name)
    taken = written = 0
    with path.open("wb") as file:
        # Raw: the library unpacks a whole piece at once, to a thousand times its size, and again
        # for each packing that the header names.
        async for piece in response.aiter_raw():
            taken += len(piece)
            for part in unpack.feed(piece):
                written += len(part)
                if max(taken, written) > max_bytes:
                    if cut:
                        return
                    raise _too_large(name, max_bytes)
                file.write(part)
    if not unpack.complete:
        raise UnreachableError("broken_answer", name=name, reason="gzip")


def int_of(text: str | None) -> int:
    """The number of a header, 0 if it has none."""
    return int(text) if text and text.strip().isdecimal() else 0


class _Unpacked:
    """A body as it is."""

    complete = True

    def feed(self, piece: bytes) -> Iterator[bytes]:
        yield piece


class _Gzip:
    """A body in gzip, in bounded pieces."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._inner = zlib.decompressobj(_GZIP_OR_ZLIB)

    @property
    def complete(self) -> bool:
        return self._inner.eof

    def feed(self, piece: bytes) -> Iterator[bytes]:
        # What stands behind the end is padding.
        while piece and not self._inner.eof:
            try:
                part = self._inner.decompress(piece, _PIECE_BYTES)
            except zlib.error as error:
                raise UnreachableError("broken_answer", name=self._name, reason=error) from error
            yield part
            piece = self._inner.unconsumed_tail


def _unpacker(encoding: str, name: str) -> _Unpacked | _Gzip:
    encoding = encoding.strip().lower()
    if encoding in ("", "identity"):
        return _Unpacked()
    if encoding in ("gzip", "x-gzip", "deflate"):
        return _Gzip(name)
    raise UnreachableError("broken_answer", name=name, reason=f"Content-Encoding: {encoding[:60]}")


@contextmanager
def _told(address: Address, rules: FetchRules) -> Iterator[None]:
    """The library's errors as ours."""
    name = address.url
    try:
        yield
    except httpx.TimeoutException as error:
        seconds = f"{rules.timeout_seconds:g}"
        raise FetchTimeoutError("fetch_timeout", name=name, seconds=seconds) from error
    except httpx.ConnectError as error:
        tls = _tls_error(error)
        if tls is not None:
            raise UntrustedSiteError("untrusted_site", name=name, reason=_reason(tls)) from error
        raise UnreachableError("no_connection", name=name, reason=_reason(error)) from error
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise UnreachableError("broken_answer", name=name, reason=_reason(error)) from error


def _reason(error: BaseException) -> str:
    return (getattr(error, "verify_message", "") or str(error) or type(error).__name__)[:200]


def _tls_error(error: BaseException | None) -> ssl.SSLError | None:
    """The error of TLS that a failed connection came of."""
    while error is not None:
        if isinstance(error, ssl.SSLError):
            return error
        error = error.__cause__ or error.__context__
    return None


def _too_large(name: str, most: int) -> InputError:
    return TooLargeError("too_large", name=name, most=f"{most:,}")
