"""WeCom (企业微信): messages to an app of one's own, answered by messages of the app."""

from __future__ import annotations

import logging
import re
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

# The name of an error only: defusedxml parses.
from xml.etree.ElementTree import ParseError  # nosec B405

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from api.bots.calling import PlatformError, meanwhile
from api.bots.desk import Desk
from api.bots.memory import Once
from api.bots.messages import (
    Allowed,
    Delivery,
    DeliveryRefusedError,
    Incoming,
    Reply,
    listed,
)
from api.bots.plain_text import lines_of, size, texts_of
from api.bots.rendering import Shown, Source, said
from api.bots.wecom_api import WecomApi
from api.bots.wecom_crypto import (
    BrokenCiphertextError,
    ForeignReceiverError,
    WecomCrypto,
    WrongSignatureError,
)
from qa.errors import SettingsError
from qa.settings import PREFIX, Settings

_LOG = logging.getLogger("wenzheng.bots")
# A text of the app; what is longer WeCom cuts off.
_MOST_BYTES = 2048
# A message cannot be replaced: one that only says that we look is sent where the answer takes long.
_GRACE = 3.0
# WeCom delivers again within some seconds; what is older was kept by somebody.
_SIGNED_SECONDS = 5 * 60.0
_GREETED_SECONDS = 24 * 60 * 60.0
_TIMESTAMP = re.compile("[0-9]{1,12}")
# Of an app's text WeCom reads links alone as markup.
_TAG = re.compile("<(?=[/!?A-Za-z])")
_ZERO_WIDTH_SPACE = "\u200b"
_NEEDED = ("wecom_corp_id", "wecom_agent_id", "wecom_token", "wecom_aes_key")


class Wecom:
    """The bot of one app of one corp; raises ``SettingsError``.

    A callback is acknowledged by an empty reply as soon as its question lies on the desk: an answer
    in the reply itself would have to be there within five seconds, and alone.
    """

    path = "/bots/wecom/callback"

    def __init__(self, settings: Settings, desk: Desk) -> None:
        for name in _NEEDED:
            if getattr(settings, name) is None:
                reason = f"{PREFIX}{name.upper()} is missing beside it"
                raise SettingsError("wrong_setting", name=f"{PREFIX}WECOM_SECRET", reason=reason)
        assert settings.wecom_corp_id is not None
        self._settings = settings
        self._corp_id = settings.wecom_corp_id
        self._desk = desk
        self._crypto = _crypto(settings)
        self._api = WecomApi(settings)
        self._allowed = Allowed(
            frozenset({settings.wecom_corp_id}), senders=listed(settings.wecom_users)
        )
        self._signatures = Once(2 * _SIGNED_SECONDS)
        self._greeted = Once(_GREETED_SECONDS)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        async with self._api.running(), meanwhile(self._check):
            yield

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[None]:
        yield

    async def _check(self) -> None:
        # A wrong secret is told when the server starts, not when somebody waits for an answer.
        try:
            await self._api.check()
        except PlatformError as error:
            _LOG.error(
                "no answers in WeCom yet: %s; check %sWECOM_SECRET, the app's trusted IPs and the way to %s",
                error,
                PREFIX,
                self._settings.wecom_api_url,
            )

    # --- what is delivered ------------------------------------------------------------------

    async def receive(self, delivery: Delivery) -> Reply:
        if delivery.method == "GET":
            return Reply(self._verified(delivery.query))
        encrypted = _fields(delivery.body).get("Encrypt", "")
        message = _fields(self._opened(delivery.query, encrypted).encode())
        # Seen here, or else it could be given back to be read as an address's verification.
        self._signatures.is_new(delivery.query["msg_signature"])
        if message.get("ToUserName") != self._corp_id or not self._is_ours(message):
            raise DeliveryRefusedError(403, "unknown_workspace")
        self._take(message)
        return Reply()

    def _verified(self, query: Mapping[str, str]) -> str:
        """What WeCom wants decrypted when the address is entered.

        Never twice, and never a message: whoever kept a callback could have it decrypted by us.
        """
        text = self._opened(query, query.get("echostr", ""))
        if not self._signatures.is_new(query["msg_signature"]):
            raise DeliveryRefusedError(401, "replayed")
        if "<" in text:
            raise DeliveryRefusedError(400, "broken_delivery")
        return text

    def _opened(self, query: Mapping[str, str], encrypted: str) -> str:
        timestamp = query.get("timestamp", "")
        if not _TIMESTAMP.fullmatch(timestamp):
            raise DeliveryRefusedError(401, "wrong_signature")
        if abs(time.time() - int(timestamp)) > _SIGNED_SECONDS:
            raise DeliveryRefusedError(401, "wrong_signature")
        try:
            return self._crypto.opened(
                query.get("msg_signature", ""), timestamp, query.get("nonce", ""), encrypted
            )
        except WrongSignatureError as error:
            raise DeliveryRefusedError(401, "wrong_signature") from error
        except ForeignReceiverError as error:
            raise DeliveryRefusedError(403, "unknown_workspace") from error
        except BrokenCiphertextError as error:
            raise DeliveryRefusedError(400, "broken_delivery") from error

    def _is_ours(self, message: Mapping[str, str]) -> bool:
        return message.get("AgentID") in (None, str(self._settings.wecom_agent_id))

    # --- messages ---------------------------------------------------------------------------

    def _take(self, message: Mapping[str, str]) -> None:
        user, kind = message.get("FromUserName", ""), message.get("MsgType", "")
        # What changes in the corp is told by "sys".
        if not user or user == "sys":
            return
        if kind == "event":
            if message.get("Event") != "enter_agent" or not self._greeted.is_new(user):
                return
            event_id = f"{user}-{message.get('CreateTime')}"
        else:
            event_id = message.get("MsgId", "")
        if not event_id:
            raise DeliveryRefusedError(400, "broken_delivery")
        # Pictures and the like have no text, and are told how to ask.
        text = message.get("Content", "") if kind == "text" else ""
        incoming = Incoming(
            platform="wecom",
            event_id=event_id,
            workspace=message["ToUserName"],
            channel=user,
            thread="",
            sender=user,
            text=" ".join(text.split()),
            direct=True,
        )
        self._desk.accept(incoming, WecomMouth(self._api, user, incoming.language), self._allowed)


class WecomMouth:
    """Sends texts to a member; what was sent stays."""

    grace = _GRACE
    pause = 60.0

    def __init__(self, api: WecomApi, user: str, language: str) -> None:
        self._api = api
        self._user = user
        self._language = language

    async def begin(self) -> None:
        await self._say(said("looking", self._language))

    async def update(self, text: str) -> None:
        """A message cannot be replaced."""

    async def finish(self, shown: Shown) -> None:
        for text in messages_of(shown):
            await self._api.send_text(self._user, text)

    async def fail(self, line: str) -> None:
        await self._say(line)

    async def _say(self, line: str) -> None:
        for text in lines_of(line, _MOST_BYTES, literal):
            await self._api.send_text(self._user, text)


def messages_of(shown: Shown) -> list[str]:
    """The texts of an answer, as WeCom takes them."""
    return texts_of(shown, _MOST_BYTES, _source, literal)


def literal(text: str) -> str:
    """A text that makes no link: WeCom has no escape for a tag, so it is none any more."""
    return _TAG.sub(f"<{_ZERO_WIDTH_SPACE}", text)


def _source(source: Source) -> str:
    url = source.url.replace('"', "%22").replace("<", "%3C").replace(">", "%3E")
    link = f'<a href="{url}">[{source.n}] {literal(source.title)}</a>'
    whole = f"{link}\n“{literal(source.quote)}”" if source.quote else link
    return whole if size(whole) <= _MOST_BYTES else link


def _fields(body: bytes) -> dict[str, str]:
    """The elements of a flat document; none may define or include anything."""
    try:
        root = fromstring(body, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError) as error:
        raise DeliveryRefusedError(400, "broken_delivery") from error
    return {child.tag: child.text or "" for child in root}


def _crypto(settings: Settings) -> WecomCrypto:
    assert settings.wecom_token is not None
    assert settings.wecom_aes_key is not None
    assert settings.wecom_corp_id is not None
    token, key = settings.wecom_token, settings.wecom_aes_key
    try:
        return WecomCrypto(token.get_secret_value(), key.get_secret_value(), settings.wecom_corp_id)
    except ValueError as error:
        name = f"{PREFIX}WECOM_AES_KEY"
        raise SettingsError("wrong_setting", name=name, reason=str(error)) from error
