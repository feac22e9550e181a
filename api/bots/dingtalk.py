"""DingTalk (钉钉): messages to an app's robot, over HTTP or its stream mode."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import logging
import re
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from api.bots.calling import PlatformError, meanwhile
from api.bots.desk import Desk
from api.bots.dingtalk_api import Chat, DingtalkApi
from api.bots.dingtalk_stream import DingtalkStream
from api.bots.memory import Once
from api.bots.messages import (
    Allowed,
    Delivery,
    DeliveryRefusedError,
    Incoming,
    Reply,
    listed,
)
from api.bots.plain_text import lines_of, texts_of
from api.bots.rendering import Shown, Source, said
from qa.errors import SettingsError
from qa.settings import PREFIX, Settings

_LOG = logging.getLogger("wenzheng.bots")
# The robot's API takes 15,000 bytes with quotation marks and line ends escaped.
_MOST_BYTES = 12_000
_GRACE = 3.0
_SIGNED_SECONDS = 60 * 60.0
# A signature is over its millisecond alone: two messages may share one, but not for long.
_SHARED_SECONDS = 60.0
_TIMESTAMP = re.compile("[0-9]{1,16}")
_GROUP = "2"


class Dingtalk:
    """The bot of one app of DingTalk; raises ``SettingsError``.

    A delivery is acknowledged by an empty reply as soon as its question lies on the desk.
    """

    def __init__(self, settings: Settings, desk: Desk) -> None:
        secret = settings.dingtalk_client_secret
        assert secret is not None
        if settings.dingtalk_client_id is None:
            reason = f"{PREFIX}DINGTALK_CLIENT_ID is missing beside it"
            name = f"{PREFIX}DINGTALK_CLIENT_SECRET"
            raise SettingsError("wrong_setting", name=name, reason=reason)
        self._settings = settings
        self._secret = secret.get_secret_value().encode()
        self._desk = desk
        self._api = DingtalkApi(settings)
        self._corps = listed(settings.dingtalk_corps)
        self._conversations = listed(settings.dingtalk_conversations)
        self._signatures = Once(2 * _SIGNED_SECONDS)

    @property
    def path(self) -> str | None:
        return "/bots/dingtalk/messages" if self._settings.dingtalk_mode == "http" else None

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        async with self._api.running(), meanwhile(self._check):
            yield

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[None]:
        if self._settings.dingtalk_mode == "http":
            yield
            return
        async with meanwhile(DingtalkStream(self._api, self._streamed).listen):
            yield

    async def _check(self) -> None:
        # A wrong secret is told when the server starts: over HTTP it shows as wrong signatures.
        try:
            await self._api.check()
        except PlatformError as error:
            _LOG.error(
                "DingTalk does not know this app: %s; check %sDINGTALK_CLIENT_ID, _SECRET and the way to %s",
                error,
                PREFIX,
                self._settings.dingtalk_api_url,
            )

    # --- what is delivered ------------------------------------------------------------------

    async def receive(self, delivery: Delivery) -> Reply:
        self._verify(delivery.headers)
        try:
            body = json.loads(delivery.body)
        except (ValueError, RecursionError) as error:
            raise DeliveryRefusedError(400, "broken_delivery") from error
        self._take(body)
        return Reply()

    def _verify(self, headers: Mapping[str, str]) -> None:
        timestamp, signature = headers.get("timestamp", ""), headers.get("sign", "")
        if not _TIMESTAMP.fullmatch(timestamp):
            raise DeliveryRefusedError(401, "wrong_signature")
        age = abs(time.time() - int(timestamp) / 1000)
        signed = timestamp.encode() + b"\n" + self._secret
        expected = base64.b64encode(hmac.digest(self._secret, signed, hashlib.sha256))
        if age > _SIGNED_SECONDS or not hmac.compare_digest(expected, signature.encode()):
            raise DeliveryRefusedError(401, "wrong_signature")
        # It signs no body: who once saw one could send another under it for an hour.
        if not self._signatures.is_new(timestamp) and age > _SHARED_SECONDS:
            _LOG.warning("a signature of DingTalk came again after %.0f s: refused", age)
            raise DeliveryRefusedError(401, "replayed")

    def _streamed(self, body: Any) -> None:
        try:
            self._take(body)
        except DeliveryRefusedError as error:
            # Told otherwise DingTalk would send it again.
            _LOG.warning("a message of DingTalk was left alone: %s", error)

    # --- messages ---------------------------------------------------------------------------

    def _take(self, body: Any) -> None:
        message = _Message.of(body)
        if self._corps is not None and message.bot_corp not in self._corps:
            raise DeliveryRefusedError(403, "unknown_workspace")
        if message.is_of_a_bot or not message.is_for_us:
            return
        chat = Chat(
            message.conversation,
            message.direct,
            message.staff,
            self._session(message),
            message.expires,
        )
        incoming = message.incoming
        allowed = Allowed(self._corps or frozenset({message.bot_corp}), self._conversations)
        self._desk.accept(incoming, DingtalkMouth(self._api, chat, incoming.language), allowed)

    def _session(self, message: _Message) -> str:
        session = self._api.session_of(message.webhook)
        if message.webhook and not session:
            _LOG.warning("a webhook that is not DingTalk's is not used; is the delivery forged?")
        return session


class _Message:
    """What a robot is told, of the kinds that are read; raises ``DeliveryRefusedError``."""

    def __init__(self, body: Mapping[str, Any]) -> None:
        self._body = body
        self.id = self._text("msgId")
        self.conversation = self._text("conversationId")
        self.sender = self._text("senderId")
        self.staff = self._text("senderStaffId")
        self.sender_corp = self._text("senderCorpId")
        self.bot_corp = self._text("chatbotCorpId")
        self.webhook = self._text("sessionWebhook")
        self.direct = body.get("conversationType") != _GROUP
        expires = body.get("sessionWebhookExpiredTime", 0)
        # In milliseconds.
        self.expires = expires / 1000 if isinstance(expires, int | float) else 0.0
        if not (self.id and self.conversation and self.sender):
            raise DeliveryRefusedError(400, "broken_delivery")

    @classmethod
    def of(cls, body: Any) -> _Message:
        if not isinstance(body, dict):
            raise DeliveryRefusedError(400, "broken_delivery")
        return cls(body)

    def _text(self, name: str) -> str:
        value = self._body.get(name)
        return value if isinstance(value, str) else ""

    @property
    def is_of_a_bot(self) -> bool:
        return self.sender == self._text("chatbotUserId")

    @property
    def is_for_us(self) -> bool:
        """Alone with the bot all is; in a group what names it."""
        return self.direct or self._body.get("isInAtList", True) is not False

    @property
    def incoming(self) -> Incoming:
        return Incoming(
            platform="dingtalk",
            event_id=self.id,
            workspace=self.sender_corp,
            channel=self.conversation,
            # A group has no threads: what one member asks there is one conversation.
            thread="" if self.direct else self.sender,
            sender=self.sender,
            text=" ".join(_question(self._body).split()),
            direct=self.direct,
        )


def _question(body: Mapping[str, Any]) -> str:
    """What was asked in a text, in text with pictures or by voice; else nothing."""
    text, content = body.get("text"), body.get("content")
    if isinstance(text, dict):
        return str(text.get("content") or "")
    if not isinstance(content, dict):
        return ""
    rich = content.get("richText")
    if isinstance(rich, list):
        return "".join(str(one.get("text") or "") for one in rich if isinstance(one, dict))
    return str(content.get("recognition") or "")


class DingtalkMouth:
    """Sends texts to a chat; what was sent stays."""

    grace = _GRACE
    pause = 60.0

    def __init__(self, api: DingtalkApi, chat: Chat, language: str) -> None:
        self._api = api
        self._chat = chat
        self._language = language

    async def begin(self) -> None:
        await self._api.send_text(self._chat, said("looking", self._language))

    async def update(self, text: str) -> None:
        """A message cannot be replaced."""

    async def finish(self, shown: Shown) -> None:
        for n, text in enumerate(messages_of(shown)):
            await self._api.send_text(self._chat, text, calls=n == 0)

    async def fail(self, line: str) -> None:
        for text in lines_of(line, _MOST_BYTES):
            await self._api.send_text(self._chat, text, calls=True)


def messages_of(shown: Shown) -> list[str]:
    """The texts of an answer: DingTalk's Markdown has no escape, its texts have no markup."""
    return texts_of(shown, _MOST_BYTES, _source)


def _source(source: Source) -> str:
    quote = f"\n“{source.quote}”" if source.quote else ""
    return f"[{source.n}] {source.title}{quote}\n{source.url}"
