"""Feishu's open API through its SDK: one door for tokens, waiting, refusals and deciphering.

The SDK asks for its tokens with calls that block the event loop, and neither waits nor retries; so
tokens are given to it, and waiting is done here. Its import takes two seconds of CPU and 115 MB: only
settings that name the bot bring it in.
"""

from __future__ import annotations

import asyncio
import json
import math
import random
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx
from lark_oapi import AccessTokenType, BaseRequest, Client, HttpMethod, LogLevel, RequestOption
from lark_oapi.core.model import RawResponse
from lark_oapi.core.utils import AESCipher
from lark_oapi.ws.client import loop as _idle_loop

JSON = dict[str, Any]

_TIMEOUT_SECONDS = 15.0
_TOKEN_PATH = "/open-apis/auth/v3/tenant_access_token/internal"
# Feishu gives a new token in the last half hour of the old one, which stays valid meanwhile.
_RENEWED_BEFORE_SECONDS = 300.0
_UNREACHED_RETRIES = 2
_FIRST_WAIT, _LONGEST_WAIT = 1.0, 8.0
# In a group all bots together may say five things a second: in a burst one waits several times.
_LIMITED_RETRIES = 12
_LONGEST_TOLD_WAIT = 60.0
# Of all APIs, of a message or a chat, and of a message that is on its way.
_LIMITED = frozenset({99991400, 230020, 230049})
_TOKEN_REFUSED = frozenset({99991661, 99991663, 99991665, 99991668})
_RESET = "x-ogw-ratelimit-reset"


class FeishuError(Exception):
    """Feishu refused a call; ``code`` is what its documentation lists, 0 where it gave none."""

    def __init__(self, path: str, told: str, code: int = 0) -> None:
        super().__init__(f"{path}: {code or ''} {told[:300]}")
        self.code = code


class FeishuUnreachedError(FeishuError):
    """A call that got no answer in time, or one of a server in trouble; it may be made again."""


class FeishuLimitedError(FeishuError):
    """A call too many; ``wait`` are the seconds after which it may be made again, None if not told."""

    def __init__(self, path: str, told: str, code: int, wait: float | None) -> None:
        super().__init__(path, told, code)
        self.wait = wait


class _TokenRefusedError(FeishuError):
    """The token has expired before its time, or the app's secret was changed."""


@dataclass(frozen=True, slots=True)
class _Token:
    text: str
    renewed_at: float


class FeishuClient:
    """Calls of one app; each raises ``FeishuError``.

    A call is ``patient`` when it waits where Feishu asks to, and tries again where it did not reach it.
    """

    def __init__(self, url: str, app_id: str, secret: str) -> None:
        _close_idle_loop()
        self._app = {"app_id": app_id, "app_secret": secret}
        self._token: _Token | None = None
        self._renewing = asyncio.Lock()
        self._sdk = (
            Client.builder()
            .app_id(app_id)
            .app_secret(secret)
            .domain(url.rstrip("/"))
            .timeout(_TIMEOUT_SECONDS)
            .enable_set_token(True)
            # At a finer level it tells what was asked.
            .log_level(LogLevel.WARNING)
            .build()
        )

    async def bot(self) -> str:
        """The open_id by which messages mention the bot."""
        told = await self._call(HttpMethod.GET, "/open-apis/bot/v3/info")
        return str(told["bot"]["open_id"])

    async def tenant(self) -> str:
        """The tenant_key of the company that the app belongs to."""
        told = await self._call(HttpMethod.GET, "/open-apis/tenant/v2/tenant/query")
        return str(told["data"]["tenant"]["tenant_key"])

    async def reply(self, message: str, card: JSON, key: str, *, in_thread: bool) -> str:
        """Answer a message with a card, once for each ``key`` however often it is tried; its id."""
        body = {
            "msg_type": "interactive",
            "content": _written(card),
            "reply_in_thread": in_thread,
            "uuid": key,
        }
        told = await self._call(HttpMethod.POST, f"{_messages(message)}/reply", body)
        return str(told["data"]["message_id"])

    async def replace(self, message: str, card: JSON, *, patient: bool = True) -> None:
        """Show another card in the place of one that was sent."""
        body = {"content": _written(card)}
        await self._call(HttpMethod.PATCH, _messages(message), body, patient=patient)

    async def _call(
        self, method: HttpMethod, path: str, body: JSON | None = None, *, patient: bool = True
    ) -> JSON:
        limited = unreached = 0
        while True:
            try:
                return await self._authorized(method, path, body)
            except FeishuLimitedError as error:
                if not patient or limited == _LIMITED_RETRIES:
                    raise
                wait = _longer(limited) if error.wait is None else error.wait
                limited += 1
            except FeishuUnreachedError:
                if not patient or unreached == _UNREACHED_RETRIES:
                    raise
                wait = _longer(unreached)
                unreached += 1
            await asyncio.sleep(wait)

    async def _authorized(self, method: HttpMethod, path: str, body: JSON | None) -> JSON:
        token = await self._valid_token()
        try:
            return await self._send(method, path, body, token.text)
        except _TokenRefusedError:
            if self._token is token:
                self._token = None
            return await self._send(method, path, body, (await self._valid_token()).text)

    async def _valid_token(self) -> _Token:
        # One asks for it, the others wait: a burst would else ask for as many tokens as it has answers.
        async with self._renewing:
            if self._token is None or time.monotonic() >= self._token.renewed_at:
                told = await self._send(HttpMethod.POST, _TOKEN_PATH, dict(self._app), None)
                lasts = max(0.0, float(told["expire"]) - _RENEWED_BEFORE_SECONDS)
                self._token = _Token(told["tenant_access_token"], time.monotonic() + lasts)
            return self._token

    async def _send(
        self, method: HttpMethod, path: str, body: JSON | None, token: str | None
    ) -> JSON:
        types = {AccessTokenType.TENANT} if token else set()
        request = BaseRequest.builder().http_method(method).uri(path).token_types(types)
        option = RequestOption.builder().tenant_access_token(token or "").build()
        try:
            response = await self._sdk.arequest(request.body(body).build(), option)
        except (httpx.HTTPError, ValueError) as error:
            # A body that is no JSON in spite of its type is a ValueError.
            told = str(error) or type(error).__name__
            raise FeishuUnreachedError(path, told) from error
        return _read(path, response.raw)


def _close_idle_loop() -> None:
    # Made as the SDK is imported, for the long connection; the process would end with a warning of it.
    if not _idle_loop.is_running():
        _idle_loop.close()


def decipher(encrypted: str, key: str) -> str:
    """What a delivery holds, as the Encrypt Key opens it; raises ``ValueError``."""
    try:
        return str(AESCipher(key).decrypt_str(encrypted))
    except (TypeError, IndexError) as error:
        raise ValueError("nothing that was enciphered") from error


def _messages(message: str) -> str:
    return f"/open-apis/im/v1/messages/{message}"


def _written(card: JSON) -> str:
    return json.dumps(card, ensure_ascii=False, separators=(",", ":"))


def _read(path: str, response: RawResponse) -> JSON:
    try:
        told: JSON = json.loads(response.content)
        code = int(told["code"])
    except (ValueError, TypeError, KeyError):
        told, code = {}, -1
    if code == 0 and response.status_code < 300:
        return told
    message = str(told.get("msg") or f"HTTP {response.status_code}")
    if response.status_code == 429 or code in _LIMITED:
        raise FeishuLimitedError(path, message, code, _wait(response.headers))
    if code in _TOKEN_REFUSED:
        raise _TokenRefusedError(path, message, code)
    if response.status_code >= 500 or code in (-1, 0):
        raise FeishuUnreachedError(path, message, max(code, 0))
    raise FeishuError(path, message, code)


def _wait(headers: Mapping[str, str]) -> float | None:
    """Seconds until the limit is lifted, as a header tells; None if it does not."""
    try:
        told = float({name.lower(): value for name, value in headers.items()}[_RESET])
    except (KeyError, ValueError):
        return None
    return min(max(told, 0.1), _LONGEST_TOLD_WAIT) if math.isfinite(told) else None


def _longer(tries: int) -> float:
    # Answers that were limited together would come back together.
    return min(_FIRST_WAIT * 2.0**tries, _LONGEST_WAIT) * random.uniform(0.5, 1.0)
