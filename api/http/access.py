"""Who may do what: keys and their scopes, or without keys whoever is on this machine.

A request is let in before its body is read (``Doorkeeper``); the routes say what scope they need.
"""

from __future__ import annotations

import logging
from collections.abc import Collection
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Security
from fastapi.security import APIKeyHeader, HTTPAuthorizationCredentials, HTTPBearer
from limits import parse
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.assembly import key_file_of, shared_hits_of
from api.http.headers import parse_origins
from api.http.incidents import Incidents
from api.http.limits import Allowance, RateLimit, parse_rate_limit
from api.http.loopback import (
    address_of,
    comes_from_here,
    is_forged,
    is_loopback,
    names_loopback,
)
from api.http.observing import KEY
from api.http.problems import Problem, language_of, respond
from api.keys import SCOPES, Key, KeyRing, given_keys
from api.keys import Scope as KeyScope
from prompts import messages
from qa.errors import KeyFileError, SettingsError
from qa.settings import Settings

_LOG = logging.getLogger("wenzheng.access")
_CALLER = "wenzheng.caller"
# What shows that the service is there, and the page, which asks for a key.
_OPEN = frozenset({"/", "/healthz", "/readyz", "/openapi.json"})
_OPEN_BELOW = "/static/"
# Wrong keys from one address: with the shortest keys allowed it takes ages to find one.
_FAILURES = "20/minute"

_BEARER = HTTPBearer(
    scheme_name="bearer",
    description="an API key, as OpenAI's clients send it; not needed where none is configured",
    auto_error=False,
)
_HEADER = APIKeyHeader(
    name="X-API-Key",
    scheme_name="header",
    description="the same where Authorization is taken, such as by a proxy",
    auto_error=False,
)


async def _declared(
    bearer: Annotated[HTTPAuthorizationCredentials | None, Security(_BEARER)],
    header: Annotated[str | None, Security(_HEADER)],
) -> None:
    """Shows in the OpenAPI document how a key is sent."""


Declared = Annotated[None, Depends(_declared)]


async def reader(request: Request, declared: Declared) -> None:
    """Whoever may ask and read."""
    require(request, "read")


async def writer(request: Request, declared: Declared) -> None:
    """Whoever may add and delete reports."""
    require(request, "write")


async def admin(request: Request, declared: Declared) -> None:
    """Whoever may see how the service does."""
    require(request, "admin")


@dataclass(frozen=True, slots=True)
class Caller:
    """Who makes a request: a key's id, or an address where there are no keys."""

    id: str
    scope: KeyScope
    allowance: Allowance | None

    def may(self, scope: KeyScope) -> bool:
        return SCOPES.index(self.scope) >= SCOPES.index(scope)


def caller_of(request: Request) -> Caller | None:
    """Who was let in with a request; None at an open address."""
    caller = request.scope.get(_CALLER)
    return caller if isinstance(caller, Caller) else None


class Guard:
    """Lets requests in. One for an application, because it counts them.

    ``signed`` are addresses where a signature takes a key's place: their routes check it.
    Raises ``SettingsError`` for wrong settings and ``KeyFileError`` for a file that cannot be used.
    """

    def __init__(self, settings: Settings, signed: Collection[str] = ()) -> None:
        self._host = settings.host
        self._signed = frozenset(signed)
        hits = shared_hits_of(settings)
        self._keys = KeyRing(key_file_of(settings), given_keys(settings.api_keys))
        self.origins = parse_origins(settings.cors_origins)
        self._limit = parse_rate_limit(settings.rate_limit, hits)
        # The default is for those whom the operator gave a key, not for himself.
        self._limits_all = "rate_limit" in settings.model_fields_set
        self._failures = RateLimit([parse(_FAILURES)], hits)
        self._told: str | None = None
        # A damaged file is told at the start, not to the first user.
        _ = self._keys.required

    def may_listen(self, address: str) -> None:
        """Raise ``SettingsError`` if others reach the address and there are no keys."""
        if not self._keys.required and not is_loopback(address):
            raise SettingsError("keys_needed", host=self._host)

    def enter(self, request: Request) -> None:
        """Let a request in, unless its address is open to all; raises ``Problem``."""
        path = request.scope["path"]
        if path in self._signed:
            # A platform's servers have no key, and come from elsewhere by our public name.
            return
        is_open = path in _OPEN or path.startswith(_OPEN_BELOW)
        try:
            if not self._keys.required:
                _refuse_strangers(request, self.origins)
            if not is_open:
                self.admit(request)
        except KeyFileError as error:
            if not is_open:
                raise self._unusable(request, error) from error

    def admit(self, request: Request) -> Caller:
        """Who makes the request, counted once; raises ``Problem``."""
        caller = caller_of(request)
        if caller is None:
            caller = self._identified(request)
            request.scope[_CALLER] = caller
        return caller

    def _identified(self, request: Request) -> Caller:
        if not self._keys.required:
            address = address_of(request)
            return Caller(address, "admin", self._counted(request, address, self._limits_all))
        key = self._key(request)
        request.scope[KEY] = key.id
        return Caller(key.id, key.scope, self._counted(request, key.id, True))

    def _key(self, request: Request) -> Key:
        text = _sent_key(request)
        address = address_of(request)
        left = self._failures.look(address)
        if text and not left.within:
            # The right key is refused as well: else the guessing would go on.
            raise _limited(request, "too_many_failures", left)
        key = self._keys.find(text) if text else None
        if key is None:
            if text:
                self._failures.take(address)
                _incidents(request).tell("key_rejected", "not_valid", address=address)
            raise _problem(request, 401, "no_valid_key", {"WWW-Authenticate": "Bearer"})
        return key

    def _counted(self, request: Request, caller: str, applies: bool) -> Allowance | None:
        if not (applies and self._limit):
            return None
        allowance = self._limit.take(caller)
        if not allowance.within:
            raise _limited(request, "too_many", allowance, limit=str(self._limit))
        return allowance

    def _unusable(self, request: Request, error: KeyFileError) -> Problem:
        """What strangers are told; where the file lies and what is wrong with it is for the log."""
        if str(error) != self._told:
            _LOG.error("%s", error)
            self._told = str(error)
        return _problem(request, 503, "keys_unusable")


class Doorkeeper:
    """Stands before the routes: what is not let in costs no reading of its body.

    FastAPI reads a body, an upload to its end, before it asks a route's dependencies. A route that
    forgot to name a scope needs a key all the same.
    """

    def __init__(self, app: ASGIApp, guard: Guard) -> None:
        self._app = app
        self._guard = guard

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            # There is none; one that came would pass by all that guards requests.
            await send({"type": "websocket.close", "code": 1008})
            return
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        try:
            self._guard.enter(request)
        except Problem as problem:
            await respond(problem)(scope, receive, send)
            return
        caller = caller_of(request)
        told = caller.allowance.headers if caller and caller.allowance else {}

        async def add(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(told)
            await send(message)

        await self._app(scope, receive, add)


def require(request: Request, scope: KeyScope) -> None:
    """Raise ``Problem`` unless a request may do what needs the scope."""
    guard = request.app.state.guard
    assert isinstance(guard, Guard)
    if not guard.admit(request).may(scope):
        challenge = {"WWW-Authenticate": f'Bearer error="insufficient_scope", scope="{scope}"'}
        raise _problem(request, 403, "scope_too_small", challenge, scope=scope)


def _refuse_strangers(request: Request, origins: tuple[str, ...]) -> None:
    if not comes_from_here(request):
        raise _stranger(request, 403, "not_this_machine")
    if not names_loopback(request):
        raise _stranger(request, 421, "not_loopback")
    if is_forged(request, origins):
        raise _stranger(request, 403, "other_site")


def _stranger(request: Request, status: int, name: str) -> Problem:
    _incidents(request).tell("stranger_refused", name, address=address_of(request))
    return _problem(request, status, name)


def _incidents(request: Request) -> Incidents:
    incidents = request.app.state.service.incidents
    assert isinstance(incidents, Incidents)
    return incidents


def _sent_key(request: Request) -> str:
    scheme, _, text = _only(request, "authorization").partition(" ")
    if scheme.lower() == "bearer":
        return text.strip()
    return _only(request, "x-api-key").strip()


def _only(request: Request, name: str) -> str:
    """A header's value; of one that came twice none, for whoever stands before us may have read the
    other."""
    values = request.headers.getlist(name)
    return values[0] if len(values) == 1 else ""


def _limited(request: Request, name: str, left: Allowance, **fields: object) -> Problem:
    _incidents(request).tell(
        "rate_limited", name, caller=request.scope.get(KEY), address=address_of(request)
    )
    return _problem(request, 429, name, left.headers, seconds=left.retry_after, **fields)


# What programs read; the first and the last two are the names of OpenAI's protocol.
_CODES = {
    "no_valid_key": "invalid_api_key",
    "scope_too_small": "insufficient_scope",
    "too_many": "rate_limit_exceeded",
    "too_many_failures": "rate_limit_exceeded",
}


def _problem(
    request: Request,
    status: int,
    name: str,
    headers: dict[str, str] | None = None,
    **fields: object,
) -> Problem:
    said = messages("access", language_of(request))[name].format(**fields)
    return Problem(status, _CODES.get(name, name), said, headers)
