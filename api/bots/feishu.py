"""Feishu and Lark: messages to the bot in groups and in chats of two, delivered over HTTP."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import logging
import re
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

from pydantic import SecretStr

from api.bots.desk import Desk
from api.bots.feishu_client import FeishuClient, decipher
from api.bots.feishu_mouths import CardMouth
from api.bots.memory import Once
from api.bots.messages import Allowed, Delivery, DeliveryRefusedError, Incoming, Reply, listed
from qa.errors import SettingsError
from qa.settings import PREFIX, Settings

JSON = dict[str, Any]

_LOG = logging.getLogger("wenzheng.bots")
_PATH = "/bots/feishu/events"
_SIGNED_SECONDS = 5 * 60.0
# A timestamp may be five minutes ahead, and is refused five minutes after.
_REMEMBERED_SECONDS = 11 * 60.0
_LONGEST_PAUSE = 60.0
# What nobody signed is read only where it is as short as a challenge.
_CHALLENGE_BYTES = 4096
_TIMESTAMP = re.compile("[0-9]{1,13}")
_NEEDED = ("feishu_app_secret", "feishu_verification_token", "feishu_encrypt_key")
_MENTION = re.compile(r"@_user_\d+|@_all\b")
_TAKEN = Reply("{}", "application/json")


class Feishu:
    """The bot of one Feishu app; raises ``SettingsError``.

    The Encrypt Key is required: without one Feishu signs nothing, and whoever learns the token could speak
    in its name. Before Feishu has told whose app it is all deliveries are asked to come again.
    """

    def __init__(self, settings: Settings, desk: Desk) -> None:
        for name in _NEEDED:
            if getattr(settings, name) is None:
                reason = f"{PREFIX}{name.upper()} is missing beside it"
                raise SettingsError("wrong_setting", name=f"{PREFIX}FEISHU_APP_ID", reason=reason)
        assert settings.feishu_app_id is not None
        self._desk = desk
        self._url = settings.feishu_api_url
        self._client = FeishuClient(
            self._url, settings.feishu_app_id, _revealed(settings.feishu_app_secret)
        )
        self._token = _revealed(settings.feishu_verification_token)
        self._key = _revealed(settings.feishu_encrypt_key)
        self._tenants = listed(settings.feishu_tenants)
        self._chats = listed(settings.feishu_chats)
        self._signatures = Once(_REMEMBERED_SECONDS)
        self._bot = ""
        self._allowed = Allowed(frozenset())
        self._known = asyncio.Event()

    @property
    def path(self) -> str | None:
        return _PATH

    @property
    def is_ready(self) -> bool:
        """Whether it knows itself and who may ask; before, all are asked to come again."""
        return self._known.is_set()

    # --- its life ---------------------------------------------------------------------------

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        learning = asyncio.create_task(self._learn())
        try:
            yield
        finally:
            learning.cancel()
            await asyncio.gather(learning, return_exceptions=True)

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[None]:
        yield

    async def _learn(self) -> None:
        pause, told = 1.0, ""
        while not self.is_ready:
            try:
                self._bot = await self._client.bot()
                tenants = self._tenants or frozenset({await self._client.tenant()})
            except Exception as error:
                # Whatever it was: without this there is no bot until the server starts anew.
                reason = str(error) or type(error).__name__
                if reason != told:
                    _LOG.error(
                        "no bot in Feishu yet: %s; check %sFEISHU_APP_ID, its secret and scopes (or set "
                        "%sFEISHU_TENANTS), and the way to %s",
                        reason,
                        PREFIX,
                        PREFIX,
                        self._url,
                    )
                    told = reason
                await asyncio.sleep(pause)
                pause = min(2 * pause, _LONGEST_PAUSE)
            else:
                self._allowed = Allowed(tenants, self._chats)
                self._known.set()

    # --- what is delivered ------------------------------------------------------------------

    async def receive(self, delivery: Delivery) -> Reply:
        is_signed = self._is_signed(delivery)
        if not is_signed and len(delivery.body) > _CHALLENGE_BYTES:
            raise DeliveryRefusedError(401, "wrong_signature")
        told = self._opened(delivery.body)
        if told.get("type") == "url_verification":
            # Comes without a signature as the address is saved, and is told its own words alone.
            self._check_token(told.get("token"))
            return Reply(json.dumps({"challenge": told.get("challenge")}), "application/json")
        if not is_signed:
            raise DeliveryRefusedError(401, "wrong_signature")
        header = told.get("header")
        if isinstance(header, dict):
            self._check_token(header.get("token"))
            self._admit(header, delivery)
            self._dispatch(told, header)
        # Events of the first version have no header, and nothing that we have use for.
        return _TAKEN

    def _is_signed(self, delivery: Delivery) -> bool:
        """Whether Feishu signed it, within five minutes."""
        timestamp = delivery.headers.get("x-lark-request-timestamp", "")
        nonce = delivery.headers.get("x-lark-request-nonce", "")
        signed = (timestamp + nonce + self._key).encode() + delivery.body
        right = hashlib.sha256(signed).hexdigest()
        return _same(delivery.headers.get("x-lark-signature", ""), right) and _is_now(timestamp)

    def _opened(self, body: bytes) -> JSON:
        try:
            told = json.loads(body)
            if isinstance(told, dict) and isinstance(told.get("encrypt"), str):
                told = json.loads(decipher(told["encrypt"], self._key))
        except (ValueError, RecursionError) as error:
            raise DeliveryRefusedError(400, "broken_delivery") from error
        if not isinstance(told, dict):
            raise DeliveryRefusedError(400, "broken_delivery")
        return told

    def _check_token(self, token: object) -> None:
        if not isinstance(token, str) or not _same(token, self._token):
            raise DeliveryRefusedError(401, "wrong_token")

    def _admit(self, header: JSON, delivery: Delivery) -> None:
        if not self.is_ready:
            raise DeliveryRefusedError(503, "not_ready")
        tenant = header.get("tenant_key")
        if tenant not in self._allowed.workspaces:
            _LOG.warning("Feishu tenant %s is not in %sFEISHU_TENANTS", tenant, PREFIX)
            raise DeliveryRefusedError(403, "unknown_workspace")
        # Last: what is to come again must not have been remembered.
        if not self._signatures.is_new(delivery.headers["x-lark-signature"]):
            raise DeliveryRefusedError(401, "replayed")

    # --- messages ---------------------------------------------------------------------------

    def _dispatch(self, told: JSON, header: JSON) -> None:
        if header.get("event_type") != "im.message.receive_v1":
            return
        try:
            incoming = self._asked(told["event"], str(header["tenant_key"]))
        except (KeyError, TypeError, AttributeError, ValueError, RecursionError) as error:
            raise DeliveryRefusedError(400, "broken_delivery") from error
        if incoming is not None:
            in_thread = not incoming.direct
            mouth = CardMouth(
                self._client, incoming.event_id, incoming.language, in_thread=in_thread
            )
            self._desk.accept(incoming, mouth, self._allowed)

    def _asked(self, event: JSON, tenant: str) -> Incoming | None:
        """The message of a person to the bot; None where a bot speaks, or to somebody else."""
        sender, message = event["sender"], event["message"]
        direct = message["chat_type"] == "p2p"
        mentioned = [one["id"].get("open_id") for one in message.get("mentions") or ()]
        if sender["sender_type"] != "user" or not (direct or self._bot in mentioned):
            return None
        return Incoming(
            platform="feishu",
            # Feishu sends a message again under another event_id at times, and says to go by this.
            event_id=message["message_id"],
            workspace=sender.get("tenant_key") or tenant,
            channel=message["chat_id"],
            thread=_thread(message, direct=direct),
            sender=sender["sender_id"]["open_id"],
            text=_text(message),
            direct=direct,
        )


def _thread(message: JSON, *, direct: bool) -> str:
    # In a chat of two an answer that is quoted begins no thread; in a group what answers a question is of it.
    if direct:
        return str(message.get("thread_id") or "")
    return str(message.get("root_id") or message["message_id"])


def _text(message: JSON) -> str:
    """What a message says, without mentions; nothing of a picture, a file or a card."""
    content = json.loads(message["content"])
    if message["message_type"] == "text":
        text = content["text"]
    elif message["message_type"] == "post":
        text = "\n".join(_lines(content))
    else:
        return ""
    keys = {one["key"] for one in message.get("mentions") or ()} | {"@_all"}
    text = _MENTION.sub(lambda found: " " if found[0] in keys else found[0], text)
    # Half of a pair of surrogates, which JSON can have, could not be sent back.
    return " ".join(text.encode("utf-8", "ignore").decode().split())


def _lines(content: JSON) -> Iterator[str]:
    yield content.get("title") or ""
    for line in content.get("content") or ():
        yield "".join(one["text"] for one in line if isinstance(one.get("text"), str))


def _revealed(secret: SecretStr | None) -> str:
    assert secret is not None
    return secret.get_secret_value()


def _same(given: str, right: str) -> bool:
    return hmac.compare_digest(given.encode("utf-8", "replace"), right.encode())


def _is_now(timestamp: str) -> bool:
    if not _TIMESTAMP.fullmatch(timestamp):
        return False
    return abs(time.time() - int(timestamp)) <= _SIGNED_SECONDS
