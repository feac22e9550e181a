"""Slack: events, mentions, direct messages, assistant threads and a command, over HTTP or Socket Mode."""

from __future__ import annotations

import asyncio
import html
import logging
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp, AsyncAssistant, AsyncBoltRequest
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.context.assistant.thread_context_store.async_store import (
    AsyncAssistantThreadContextStore,
)
from slack_bolt.error import BoltUnhandledRequestError
from slack_bolt.response import BoltResponse
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.builtin_async_handlers import (
    AsyncConnectionErrorRetryHandler,
    AsyncRateLimitErrorRetryHandler,
    AsyncServerErrorRetryHandler,
)
from slack_sdk.signature import SignatureVerifier
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.webhook.async_client import AsyncWebhookClient

from api.bots.calling import meanwhile
from api.bots.desk import Desk, Mouth
from api.bots.memory import Once
from api.bots.messages import (
    Allowed,
    Delivery,
    DeliveryRefusedError,
    Incoming,
    Reply,
    listed,
)
from api.bots.rendering import examples, said
from api.bots.slack_blocks import escape
from api.bots.slack_mouths import AssistantMouth, Clients, CommandMouth, ThreadMouth
from qa.errors import SettingsError
from qa.questions import language_of
from qa.settings import PREFIX, Settings

_LOG = logging.getLogger("wenzheng.bots")
# Not one of ours: at a finer level than warnings the SDK tells what was asked.
_SDK_LOG = logging.getLogger("slack_bolt")
_TIMEOUT_SECONDS = 30
# Slack may ask to wait several times in a burst; Retry-After says how long each time.
_RATE_LIMIT_RETRIES = 10
# A signature is refused after five minutes by its timestamp, and may be five minutes ahead.
_SIGNED_SECONDS = 11 * 60.0
_LONGEST_PAUSE = 60.0
_NO_RETRY = {"X-Slack-No-Retry": "1"}
_REFUSALS = {401: "wrong_signature", 403: "unknown_workspace", 503: "not_ready"}
# Subtypes of messages that are questions all the same.
_ASKING = (None, "file_share", "thread_broadcast")
_TIMESTAMP = re.compile("[0-9]{1,12}")
_MARKUP = re.compile(r"<([@#!]?)([^<>|]*)(?:\|([^<>]*))?>")


@dataclass(frozen=True, slots=True)
class _Home:
    """Whose token it is, as auth.test tells."""

    team: str
    bot: str
    user: str


class Slack:
    """The bot of one Slack app; raises ``SettingsError``.

    A delivery is acknowledged as soon as its question lies on the desk. Before ``auth.test`` has told
    whose token it is all are asked to come again: the bot would neither know itself nor its workspace.
    """

    def __init__(self, settings: Settings, desk: Desk) -> None:
        secret, token = settings.slack_signing_secret, settings.slack_bot_token
        assert token is not None
        if secret is None and settings.slack_app_token is None:
            names = f"{PREFIX}SLACK_SIGNING_SECRET (HTTP) or {PREFIX}SLACK_APP_TOKEN (Socket Mode)"
            reason = f"{names} is missing beside it"
            raise SettingsError("wrong_setting", name=f"{PREFIX}SLACK_BOT_TOKEN", reason=reason)
        self._settings = settings
        self._desk = desk
        self._teams = listed(settings.slack_teams)
        self._channels = listed(settings.slack_channels)
        self._verifier = SignatureVerifier(secret.get_secret_value()) if secret else None
        self._signatures = Once(_SIGNED_SECONDS)
        self._home: _Home | None = None
        self._known = asyncio.Event()
        self._clients = Clients(
            _client(settings, token.get_secret_value(), patient=True),
            _client(settings, token.get_secret_value(), patient=False),
        )
        self._bolt = self._app(secret.get_secret_value() if secret else None)

    @property
    def path(self) -> str | None:
        return "/bots/slack/events" if self._verifier else None

    @property
    def is_ready(self) -> bool:
        """Whether it knows whose token it has; before, all are asked to come again."""
        return self._known.is_set()

    # --- its life ---------------------------------------------------------------------------

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        timeout = aiohttp.ClientTimeout(total=_TIMEOUT_SECONDS)
        async with aiohttp.ClientSession(timeout=timeout) as session:
            for client in (self._clients.patient, self._clients.hasty, self._bolt.client):
                client.session = session
            async with meanwhile(self._learn_home):
                yield

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[None]:
        token = self._settings.slack_app_token
        if token is None:
            yield
            return
        socket = AsyncSocketModeHandler(
            self._bolt, token.get_secret_value(), logger=_SDK_LOG, web_client=self._clients.patient
        )

        async def connect() -> None:
            await self._known.wait()
            await socket.connect_async()

        try:
            async with meanwhile(connect):
                yield
        finally:
            await socket.close_async()

    async def _learn_home(self) -> None:
        pause, told = 1.0, ""
        while not self._known.is_set():
            try:
                tested = await self._clients.patient.auth_test()
            except Exception as error:
                # Whatever it was: without this there is no bot until the server starts anew.
                reason = _reason(error)
                if reason != told:
                    url = self._settings.slack_api_url
                    _LOG.error(
                        "no bot in Slack yet: %s; check %sSLACK_BOT_TOKEN and the way to %s",
                        reason,
                        PREFIX,
                        url,
                    )
                    told = reason
                await asyncio.sleep(pause)
                pause = min(2 * pause, _LONGEST_PAUSE)
            else:
                self._home = _Home(tested["team_id"], tested.get("bot_id", ""), tested["user_id"])
                self._known.set()

    # --- what is delivered ------------------------------------------------------------------

    async def receive(self, delivery: Delivery) -> Reply:
        try:
            body = delivery.body.decode("utf-8")
        except ValueError as error:
            raise DeliveryRefusedError(400, "broken_delivery") from error
        self._verify(body, delivery.headers)
        try:
            request = AsyncBoltRequest(body=body, headers=dict(delivery.headers))
        except (ValueError, AttributeError, TypeError) as error:
            # JSON that is no object, or whose parts are not of the kinds that Bolt reads at once.
            raise DeliveryRefusedError(400, "broken_delivery") from error
        response = await self._bolt.async_dispatch(request)
        if response.status >= 400:
            told = _NO_RETRY if response.status == 403 else None
            key = _REFUSALS.get(response.status, "delivery_failed")
            raise DeliveryRefusedError(response.status, key, told)
        media_type = response.headers.get("content-type", ["text/plain"])[0]
        return Reply(response.body or "", media_type.partition(";")[0])

    def _verify(self, body: str, headers: Mapping[str, str]) -> None:
        """Before anything is read in it: what strangers send is parsed by nobody."""
        signature = headers.get("x-slack-signature", "")
        timestamp = headers.get("x-slack-request-timestamp", "")
        assert self._verifier is not None
        if not _TIMESTAMP.fullmatch(timestamp) or not signature.isascii():
            raise DeliveryRefusedError(401, "wrong_signature")
        if not self._verifier.is_valid(body, timestamp, signature):
            raise DeliveryRefusedError(401, "wrong_signature")
        # Slack signs each of its retries anew, but within a second alike; it says that they are.
        is_retry = "x-slack-retry-num" in headers
        if not self._signatures.is_new(signature) and not is_retry:
            raise DeliveryRefusedError(401, "replayed", _NO_RETRY)

    def _app(self, secret: str | None) -> AsyncApp:
        # A function: Bolt fills its parameters by name, ``self`` of a method among them.
        async def authorize() -> AuthorizeResult:
            return self._authorized()

        app = AsyncApp(
            # Bolt sets the level of the logger that is called so: never the name of ours.
            name="slack_bolt.wenzheng",
            logger=_SDK_LOG,
            client=AsyncWebClient(base_url=self._settings.slack_api_url, logger=_SDK_LOG),
            signing_secret=secret or "",
            request_verification_enabled=secret is not None,
            before_authorize=self._admit,
            authorize=authorize,
            # The question lies on the desk before Slack hears that it was taken.
            process_before_response=True,
            raise_error_for_unhandled_request=True,
        )
        assistant = AsyncAssistant(thread_context_store=_NoContexts(), logger=_SDK_LOG)
        assistant.thread_started(self._assistant_opened)
        assistant.user_message(self._assistant_asked)
        app.assistant(assistant)
        app.event("app_mention")(self._mentioned)
        app.event("message")(self._messaged)
        app.command(re.compile("/.+"))(self._commanded)
        app.action(re.compile(".*"))(_acknowledge)
        app.error(_on_error)
        return app

    async def _admit(self, body: dict[str, Any], next: Callable[[], Awaitable[Any]]) -> Any:
        if body.get("type") == "url_verification":
            return await next()
        if self._home is None:
            return BoltResponse(status=503)
        team = body.get("team_id") or (body.get("team") or {}).get("id")
        if team not in self._allowed.workspaces:
            _LOG.warning("Slack workspace %s is not in %sSLACK_TEAMS", team, PREFIX)
            return BoltResponse(status=403)
        return await next()

    def _authorized(self) -> AuthorizeResult:
        home = self._home
        assert home is not None
        return AuthorizeResult(
            enterprise_id=None,
            team_id=home.team,
            bot_user_id=home.user,
            bot_id=home.bot,
            bot_token=self._clients.patient.token,
        )

    @property
    def _allowed(self) -> Allowed:
        assert self._home is not None
        return Allowed(self._teams or frozenset({self._home.team}), self._channels)

    # --- messages ---------------------------------------------------------------------------

    async def _mentioned(self, event: dict[str, Any], body: dict[str, Any]) -> None:
        # A mention that was edited in comes as an event of its own.
        if _is_a_question(event) and "edited" not in event:
            incoming = self._incoming(event, body, event.get("thread_ts") or event["ts"])
            self._take(incoming, ThreadMouth)

    async def _messaged(self, event: dict[str, Any], body: dict[str, Any]) -> None:
        if event.get("channel_type") == "im" and _is_a_question(event):
            self._take(self._incoming(event, body, event.get("thread_ts", "")), ThreadMouth)

    async def _assistant_asked(self, event: dict[str, Any], body: dict[str, Any]) -> None:
        if _is_a_question(event):
            self._take(self._incoming(event, body, event["thread_ts"]), AssistantMouth)

    async def _assistant_opened(self, set_suggested_prompts: Callable[..., Awaitable[Any]]) -> None:
        held = self._desk.chain.searcher.library.held
        prompts = [{"title": text, "message": text} for text in examples("zh", held)]
        if prompts:
            self._desk.run(_suggested(set_suggested_prompts, prompts))

    async def _commanded(self, ack: Callable[..., Awaitable[Any]], body: dict[str, Any]) -> None:
        text = _plain(body.get("text", ""))
        language = language_of(text)
        # A command has no thread: what one user asks in a channel is one conversation.
        incoming = Incoming(
            platform="slack",
            event_id=body["trigger_id"],
            workspace=body["team_id"],
            channel=body["channel_id"],
            thread=f"command {body['user_id']}",
            sender=body["user_id"],
            text=text,
            direct=body["channel_id"].startswith("D"),
        )
        client = AsyncWebhookClient(
            body["response_url"],
            session=self._clients.patient.session,
            logger=_SDK_LOG,
            retry_handlers=_retries(),
        )
        self._desk.accept(incoming, CommandMouth(client, language), self._allowed)
        told = f"{body.get('command', '')} {escape(text)}".strip()
        await ack(text=f"{told}\n{said('looking', language)}", response_type="ephemeral")

    def _take(self, incoming: Incoming, mouth: Callable[..., Mouth]) -> None:
        spoken = mouth(self._clients, incoming.channel, incoming.thread, incoming.language)
        self._desk.accept(incoming, spoken, self._allowed)

    def _incoming(self, event: dict[str, Any], body: dict[str, Any], thread: str) -> Incoming:
        # In a channel shared with another company its members have a workspace of their own.
        team = event.get("user_team") or event.get("source_team") or body["team_id"]
        return Incoming(
            platform="slack",
            event_id=body["event_id"],
            workspace=team,
            channel=event["channel"],
            thread=thread,
            sender=event["user"],
            text=_plain(event.get("text", "")),
            direct=event.get("channel_type") == "im",
        )


class _NoContexts(AsyncAssistantThreadContextStore):
    """What a user looks at beside an assistant's thread is none of our business, nor kept in Slack."""

    async def save(self, *, channel_id: str, thread_ts: str, context: dict[str, str]) -> None:
        return None

    async def find(self, *, channel_id: str, thread_ts: str) -> None:
        return None


async def _suggested(
    set_suggested_prompts: Callable[..., Awaitable[Any]], prompts: list[dict[str, str]]
) -> None:
    try:
        await set_suggested_prompts(prompts=prompts, title=said("welcome", "zh"))
    except (SlackApiError, aiohttp.ClientError, TimeoutError) as error:
        _LOG.warning("no questions were suggested: %s", _reason(error))


async def _acknowledge(ack: Callable[..., Awaitable[Any]]) -> None:
    """A button that opens a link is told as well, and shows a warning if nobody takes notice."""
    await ack()


async def _on_error(error: Exception) -> BoltResponse:
    # Events that the app is subscribed to and we have no use for: a 404 would have them sent again.
    if isinstance(error, BoltUnhandledRequestError):
        return BoltResponse(status=200)
    _LOG.error("a delivery of Slack failed", exc_info=error)
    return BoltResponse(status=500)


def _is_a_question(event: dict[str, Any]) -> bool:
    """Whether a person asks: not a bot, not an edit, a deletion or a notice."""
    is_bot = bool(event.get("bot_id") or event.get("bot_profile"))
    return event.get("subtype") in _ASKING and not is_bot and bool(event.get("user"))


def _plain(text: str) -> str:
    """A message without mentions of people, its links and channels as they are read."""

    def read(found: re.Match[str]) -> str:
        kind, target, label = found.groups()
        if kind in ("@", "!"):
            return " "
        return label or target

    return " ".join(html.unescape(_MARKUP.sub(read, text)).split())


def _client(settings: Settings, token: str, *, patient: bool) -> AsyncWebClient:
    return AsyncWebClient(
        token=token,
        base_url=settings.slack_api_url,
        timeout=_TIMEOUT_SECONDS,
        logger=_SDK_LOG,
        retry_handlers=_retries() if patient else [],
    )


def _retries() -> list[Any]:
    return [
        AsyncConnectionErrorRetryHandler(),
        AsyncServerErrorRetryHandler(max_retry_count=2),
        AsyncRateLimitErrorRetryHandler(max_retry_count=_RATE_LIMIT_RETRIES),
    ]


def _reason(error: Exception) -> str:
    if isinstance(error, SlackApiError):
        return str(error.response.get("error"))
    return str(error) or type(error).__name__
