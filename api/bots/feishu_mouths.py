"""How answers are said in Feishu: a card that answers the message, replaced while it is made."""

from __future__ import annotations

import time
from itertools import count

from api.bots.feishu_cards import Card, cards_of, line
from api.bots.feishu_client import FeishuClient, FeishuError, FeishuLimitedError
from api.bots.rendering import Shown, said

# Most answers take less: a card that is replaced at once costs a call of few.
_GRACE = 0.5
# A card may be replaced five times a second; each call costs some 35 ms of CPU, for the SDK connects anew.
_PAUSE = 1.5
# How long to leave updates out where Feishu does not say it.
_REST_SECONDS = 10.0
# Recalled or deleted by somebody, or too old.
_GONE = frozenset({230011, 230031, 230110})
# Groups and messages that have no threads.
_NO_THREADS = frozenset({230071, 230072})
_KEY_CHARS = 50


class CardMouth:
    """Answers ``message`` with one card and replaces it; what does not fit follows it.

    In a group it answers ``in_thread``; in a chat of two, below the question.
    """

    grace = _GRACE
    pause = _PAUSE

    def __init__(
        self, client: FeishuClient, message: str, language: str, *, in_thread: bool
    ) -> None:
        self._client = client
        self._message = message
        self._language = language
        self._in_thread = in_thread
        self._posted: str | None = None
        self._rests_until = 0.0
        self._numbers = count()

    async def begin(self) -> None:
        await self._post(line(said("looking", self._language)))

    async def update(self, text: str) -> None:
        if self._posted is None or time.monotonic() < self._rests_until:
            return
        try:
            await self._client.replace(self._posted, line(text), patient=False)
        except FeishuLimitedError as error:
            self._rests_until = time.monotonic() + (error.wait or _REST_SECONDS)

    async def finish(self, shown: Shown) -> None:
        first, *rest = cards_of(shown)
        await self._replace(first)
        for card in rest:
            await self._post(card)

    async def fail(self, line_: str) -> None:
        await self._replace(line(line_))

    async def _replace(self, card: Card) -> None:
        if self._posted is None:
            await self._post(card)
            return
        try:
            await self._client.replace(self._posted, card)
        except FeishuError as error:
            if error.code not in _GONE:
                raise
            self._posted = None
            await self._post(card)

    async def _post(self, card: Card) -> None:
        try:
            posted = await self._reply(card)
        except FeishuError as error:
            if not self._in_thread or error.code not in _NO_THREADS:
                raise
            self._in_thread = False
            posted = await self._reply(card)
        self._posted = self._posted or posted

    async def _reply(self, card: Card) -> str:
        # Each card has a key of its own: one that was sent, but whose answer was lost, is not sent twice.
        key = f"{next(self._numbers)}-{self._message}"[:_KEY_CHARS]
        return await self._client.reply(self._message, card, key, in_thread=self._in_thread)
