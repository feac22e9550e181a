"""DingTalk's API, as far as answers need it: replies to a chat, by its webhook or as the robot.

https://open.dingtalk.com/document/orgapp/robot-overview
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

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

_LOG = logging.getLogger("wenzheng.bots")
_LIMITED_CODES = frozenset({90018, 90030, 130101, 410100})
_LIMITED_WORDS = ("qpslimit", "throttl", "flowcontrol")
# A robot may send 20 messages a minute to a chat; who sends more is shut out for ten minutes.
_A_MINUTE = 20
# An answer on its way when the webhook ends would be lost.
_WEBHOOK_LEEWAY = 60.0


@dataclass(frozen=True, slots=True)
class Chat:
    """Where a question was asked; ``session`` opens the chat's webhook until ``expires``, in Unix time."""

    conversation: str
    direct: bool
    staff: str
    session: str = ""
    expires: float = 0.0


class DingtalkApi:
    """Sends as one app's robot while ``running``."""

    def __init__(self, settings: Settings, clock: Callable[[], float] = time.time) -> None:
        assert settings.dingtalk_client_secret is not None
        self._base = settings.dingtalk_api_url.rstrip("/")
        self._webhook = settings.dingtalk_webhook_url
        self._client_id = settings.dingtalk_client_id
        self._secret = settings.dingtalk_client_secret
        self._clock = clock
        self._token = AccessToken(self._fetch_token)
        self._pace = Pace(_A_MINUTE, 60.0)
        self._session: aiohttp.ClientSession | None = None

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        async with calling() as self._session:
            yield

    async def check(self) -> None:
        """Raises ``PlatformError`` if DingTalk does not take the app's id and secret."""
        await self._token.get()

    def session_of(self, webhook: str) -> str:
        """What opens a chat's webhook, empty if the address is not DingTalk's.

        Whoever forges a delivery names any address: answers go to the one of the settings, with
        nothing of the one that was delivered but this.
        """
        try:
            given, ours = urlsplit(webhook), urlsplit(self._webhook)
            sessions = parse_qs(given.query).get("session", [""])
        except ValueError:
            return ""
        same = (given.scheme, given.netloc, given.path) == (ours.scheme, ours.netloc, ours.path)
        return sessions[0] if same else ""

    async def send_text(self, chat: Chat, text: str, *, calls: bool = False) -> None:
        """Raises ``PlatformError`` if it was not taken, also after a while.

        In a group it ``calls`` who asked, as long as the chat's webhook is open.
        """
        await self._pace.turn(chat.conversation)
        if chat.session and self._clock() < chat.expires - _WEBHOOK_LEEWAY:
            try:
                await patiently(lambda: self._reply(chat, text, calls=calls))
            except (PlatformLimitedError, PlatformDownError):
                raise
            except PlatformError as error:
                _LOG.warning("a chat's webhook in DingTalk was refused: %s", error)
            else:
                return
        await patiently(lambda: self._send(chat, text))

    async def open_stream(self, topic: str, agent: str) -> tuple[str, str]:
        """The address of a connection for a topic, and the ticket that opens it."""
        body = {
            "clientId": self._client_id,
            "clientSecret": self._secret.get_secret_value(),
            "subscriptions": [{"type": "CALLBACK", "topic": topic}],
            "ua": agent,
        }
        told = await self._call("gateway/connections/open", json=body)
        return str(told.get("endpoint", "")), str(told.get("ticket", ""))

    async def _reply(self, chat: Chat, text: str, *, calls: bool) -> None:
        body: JSON = {"msgtype": "text", "text": {"content": text}}
        if calls and not chat.direct and chat.staff:
            body["at"] = {"atUserIds": [chat.staff]}
        assert self._session is not None
        name, params = "robot/sendBySession", {"session": chat.session}
        replied = await call(self._session, name, self._webhook, params=params, json=body)
        code = replied.body.get("errcode", replied.status)
        reason = str(replied.body.get("errmsg", ""))
        if code in _LIMITED_CODES or replied.status == 429:
            raise PlatformLimitedError(name, code, reason)
        if code == -1:
            raise PlatformDownError(name, code, reason)
        if code != 0:
            raise PlatformError(name, code, reason)

    async def _send(self, chat: Chat, text: str) -> None:
        body: JSON = {
            "robotCode": self._client_id,
            "msgKey": "sampleText",
            "msgParam": json.dumps({"content": text}, ensure_ascii=False),
        }
        if chat.direct:
            name, body["userIds"] = "robot/oToMessages/batchSend", [chat.staff]
        else:
            name, body["openConversationId"] = "robot/groupMessages/send", chat.conversation
        token = await self._token.get()
        try:
            await self._call(name, token, json=body)
        except PlatformError as error:
            if error.code not in (401, "InvalidAuthentication"):
                raise
            self._token.forget(token)
            await self._call(name, await self._token.get(), json=body)

    async def _fetch_token(self) -> tuple[str, float]:
        body = {"appKey": self._client_id, "appSecret": self._secret.get_secret_value()}
        told = await self._call("oauth2/accessToken", json=body)
        return str(told.get("accessToken", "")), float(told.get("expireIn", 0))

    async def _call(self, name: str, token: str = "", *, json: JSON) -> JSON:
        assert self._session is not None
        headers = {"x-acs-dingtalk-access-token": token} if token else {}
        url = f"{self._base}/v1.0/{name}"
        replied = await call(self._session, name, url, json=json, headers=headers)
        if replied.status == 200:
            return replied.body
        code = replied.body.get("code", replied.status)
        reason = str(replied.body.get("message", ""))
        if replied.status == 429 or any(word in str(code).lower() for word in _LIMITED_WORDS):
            raise PlatformLimitedError(name, code, reason)
        raise PlatformError(name, code, reason)
