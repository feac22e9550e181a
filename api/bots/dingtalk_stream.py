"""DingTalk's stream mode: messages over a connection of ours, where its servers cannot reach us.

Frames, their routing and acknowledgements are the SDK's. Its loop is not: it waits for HTTP within
the event loop, takes a cancellation for a broken network, and logs the tickets of its connections.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable
from typing import Any
from urllib.parse import quote_plus

import websockets
from dingtalk_stream import (
    AckMessage,
    CallbackHandler,
    CallbackMessage,
    ChatbotMessage,
    Credential,
    DingTalkStreamClient,
)
from websockets.exceptions import WebSocketException

from api.bots.calling import PlatformError
from api.bots.dingtalk_api import DingtalkApi
from qa.settings import PREFIX

_LOG = logging.getLogger("wenzheng.bots")
_SDK_LOG = logging.getLogger("dingtalk_stream")
_AGENT = "dingtalk-sdk-python/wenzheng"
_FIRST_PAUSE, _LONGEST_PAUSE = 1.0, 60.0


class DingtalkStream:
    """Gives the messages of a connection to ``take``, which must not raise."""

    def __init__(self, api: DingtalkApi, take: Callable[[dict[str, Any]], None]) -> None:
        _quieten()
        self._api = api
        self._pause, self._told = _FIRST_PAUSE, ""
        # Its credential is for the SDK's own calls, of which none is made.
        self._client = DingTalkStreamClient(Credential("", ""), logger=_SDK_LOG)
        self._client.register_callback_handler(ChatbotMessage.TOPIC, _Handler(take))

    async def listen(self) -> None:
        """Stay connected until cancelled."""
        while True:
            try:
                await self._connected()
            except Exception as error:
                # Whatever it was: without a connection there is no bot until the server starts anew.
                self._complain(error)
            await asyncio.sleep(self._pause)

    def _complain(self, error: Exception) -> None:
        self._pause = min(2 * self._pause, _LONGEST_PAUSE)
        # Another's error may quote what was asked.
        tells = isinstance(error, PlatformError | OSError | WebSocketException)
        reason = str(error) if tells else type(error).__name__
        if reason != self._told:
            self._told = reason
            _LOG.error(
                "no connection to DingTalk: %s; check %sDINGTALK_CLIENT_ID and _SECRET",
                reason,
                PREFIX,
            )

    async def _connected(self) -> None:
        """One connection to its end: DingTalk ends each after some hours, and asks for another."""
        address, ticket = await self._api.open_stream(ChatbotMessage.TOPIC, _AGENT)
        if not address.startswith(("wss://", "ws://")):
            raise PlatformError("gateway/connections/open", "no address")
        async with websockets.connect(f"{address}?ticket={quote_plus(ticket)}") as socket:
            _LOG.info("connected to DingTalk")
            self._pause, self._told = _FIRST_PAUSE, ""
            self._client.websocket = socket
            async for frame in socket:
                told = await self._client.route_message(json.loads(frame))
                if told == DingTalkStreamClient.TAG_DISCONNECT:
                    return


class _Handler(CallbackHandler):  # type: ignore[misc]
    def __init__(self, take: Callable[[dict[str, Any]], None]) -> None:
        super().__init__()
        self._take = take

    async def process(self, message: CallbackMessage) -> tuple[int, str]:
        self._take(message.data)
        return AckMessage.STATUS_OK, "OK"


def _quieten() -> None:
    """The SDK logs what was asked, and to stderr in a form of its own where nobody handles it."""
    if not _SDK_LOG.handlers:
        _SDK_LOG.addHandler(logging.NullHandler())
    _SDK_LOG.propagate = False
