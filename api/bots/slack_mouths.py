"""How answers are said in Slack: in a thread, in an assistant's thread, or to who gave a command."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.webhook.async_client import AsyncWebhookClient

from api.bots.rendering import Shown, said
from api.bots.slack_blocks import Message, line, messages_of

# Most answers take less: a message that is replaced at once costs a call of few, and it is the first
# text that Slack notifies of.
_GRACE = 0.5
# chat.update is allowed some 50 times a minute.
_PAUSE = 1.5
# How long to leave updates out where Slack does not say it.
_REST_SECONDS = 30.0
# A response_url takes five messages; one is kept for a failure.
_MOST_RESPONSES = 4


@dataclass(frozen=True, slots=True)
class Clients:
    """``patient`` waits when Slack asks to (429, Retry-After); ``hasty`` leaves it out."""

    patient: AsyncWebClient
    hasty: AsyncWebClient


class ThreadMouth:
    """Posts one message and replaces it; what does not fit follows it.

    Without a ``thread`` it speaks in the channel itself, as is done in a chat of two.
    """

    grace = _GRACE
    pause = _PAUSE

    def __init__(self, clients: Clients, channel: str, thread: str, language: str) -> None:
        self._clients = clients
        self._channel = channel
        self._thread = thread
        self._language = language
        self._posted: str | None = None
        self._rests_until = 0.0

    async def begin(self) -> None:
        await self._post(line(said("looking", self._language)))

    async def update(self, text: str) -> None:
        if time.monotonic() < self._rests_until:
            return
        try:
            await self._replace(line(text), self._clients.hasty)
        except SlackApiError as error:
            if error.response.status_code != 429:
                raise
            self._rests_until = time.monotonic() + _seconds(error.response.headers)

    async def finish(self, shown: Shown) -> None:
        first, *rest = messages_of(shown)
        await self._replace(first)
        for message in rest:
            await self._post(message)

    async def fail(self, line_: str) -> None:
        await self._replace(line(line_))

    async def _replace(self, message: Message, client: AsyncWebClient | None = None) -> None:
        if self._posted is None:
            await self._post(message)
            return
        try:
            await (client or self._clients.patient).chat_update(
                channel=self._channel, ts=self._posted, parse="none", **message.as_json()
            )
        except SlackApiError as error:
            # Somebody deleted what we posted.
            if error.response.get("error") != "message_not_found":
                raise
            await self._post(message)

    async def _post(self, message: Message) -> None:
        posted = await self._clients.patient.chat_postMessage(
            channel=self._channel,
            thread_ts=self._thread or None,
            mrkdwn=False,
            unfurl_links=False,
            unfurl_media=False,
            **message.as_json(),
        )
        self._posted = self._posted or posted["ts"]


class AssistantMouth(ThreadMouth):
    """Shows a status while it looks; Slack clears it with the first message."""

    grace = 0.0

    async def begin(self) -> None:
        await self._clients.patient.assistant_threads_setStatus(
            channel_id=self._channel, thread_ts=self._thread, status=said("looking", self._language)
        )


class CommandMouth:
    """Answers a slash command, seen by who gave it alone; its acknowledgement showed that it was seen."""

    grace = 0.0
    pause = 60.0

    def __init__(self, client: AsyncWebhookClient, language: str) -> None:
        self._client = client
        self._language = language

    async def begin(self) -> None:
        """The acknowledgement has said so."""

    async def update(self, text: str) -> None:
        """A response cannot be replaced."""

    async def finish(self, shown: Shown) -> None:
        messages = messages_of(shown)
        if len(messages) > _MOST_RESPONSES:
            messages[_MOST_RESPONSES - 1 :] = [line(said("more", self._language))]
        for message in messages:
            await self._respond(message.as_json())

    async def fail(self, line_: str) -> None:
        await self._respond(line(line_).as_json())

    async def _respond(self, message: dict[str, Any]) -> None:
        response = await self._client.send_dict({"response_type": "ephemeral", **message})
        if response.status_code != 200:
            raise RuntimeError(f"response_url: {response.status_code} {response.body}")


def _seconds(headers: Mapping[str, str]) -> float:
    told = {name.lower(): value for name, value in headers.items()}.get("retry-after", "")
    return float(told) if told.isdecimal() else _REST_SECONDS
