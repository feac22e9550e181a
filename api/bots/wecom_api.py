"""WeCom's API, as far as answers need it: a token, and a text to a member.

https://developer.work.weixin.qq.com/document/path/90236
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp

from api.bots.calling import (
    JSON,
    AccessToken,
    Pace,
    PlatformDownError,
    PlatformError,
    PlatformLimitedError,
    call,
    calling,
    patiently,
)
from qa.settings import Settings

_REFUSED_TOKENS = frozenset({40001, 40014, 42001})
_LIMITED = frozenset({45009, 45033})
_BUSY = -1
# An app may send 30 messages a minute to a member; what is above is dropped without a word.
_A_MINUTE = 30


class WecomApi:
    """Sends as one app of one corp while ``running``."""

    def __init__(self, settings: Settings) -> None:
        assert settings.wecom_secret is not None
        self._base = settings.wecom_api_url.rstrip("/")
        self._corp_id = settings.wecom_corp_id
        self._agent_id = settings.wecom_agent_id
        self._secret = settings.wecom_secret
        self._token = AccessToken(self._fetch_token)
        self._pace = Pace(_A_MINUTE, 60.0)
        self._session: aiohttp.ClientSession | None = None

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        async with calling() as self._session:
            yield

    async def check(self) -> None:
        """Raises ``PlatformError`` if WeCom does not take the corp's id and the secret."""
        await self._token.get()

    async def send_text(self, user: str, text: str) -> None:
        """Raises ``PlatformError`` if it was not taken, also after a while."""
        body = {
            "touser": user,
            "msgtype": "text",
            "agentid": self._agent_id,
            "text": {"content": text},
        }
        await self._pace.turn(user)
        await patiently(lambda: self._send(body))

    async def _send(self, body: JSON) -> None:
        token = await self._token.get()
        try:
            told = await self._post(token, body)
        except PlatformError as error:
            if error.code not in _REFUSED_TOKENS:
                raise
            self._token.forget(token)
            told = await self._post(await self._token.get(), body)
        if told.get("invaliduser"):
            raise PlatformError("message/send", "invaliduser")

    async def _post(self, token: str, body: JSON) -> JSON:
        return await self._call("message/send", params={"access_token": token}, json=body)

    async def _fetch_token(self) -> tuple[str, float]:
        params = {"corpid": self._corp_id, "corpsecret": self._secret.get_secret_value()}
        told = await self._call("gettoken", method="GET", params=params)
        return str(told.get("access_token", "")), float(told.get("expires_in", 0))

    async def _call(self, name: str, **given: object) -> JSON:
        assert self._session is not None
        replied = await call(self._session, name, f"{self._base}/cgi-bin/{name}", **given)  # type: ignore[arg-type]
        code = replied.body.get("errcode", replied.status)
        reason = str(replied.body.get("errmsg", ""))
        if code in _LIMITED or replied.status == 429:
            raise PlatformLimitedError(name, code, reason)
        if code == _BUSY:
            raise PlatformDownError(name, code, reason)
        if code != 0:
            raise PlatformError(name, code, reason)
        return replied.body
