"""Slack's side: its Web API on a real socket, which records what it is told, and requests as it signs them."""

import hashlib
import hmac
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Any
from urllib.parse import urlencode

import httpx
from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.websockets import WebSocket, WebSocketDisconnect

from tests.api.http.serving import served

JSON = dict[str, Any]
SECRET = "8f742231b10e8888abcd99yyyzzz85a5"
TEAM, BOT, BOT_USER, USER, CHANNEL, DIRECT = (
    "T0HOME",
    "B0BOT",
    "U0BOT",
    "U0ASKER",
    "C0GENERAL",
    "D0ASKER",
)


@dataclass
class Call:
    """One call of the Web API, its arguments as the method reads them."""

    method: str
    arguments: JSON
    token: str
    at: float = field(default_factory=time.monotonic)

    @property
    def texts(self) -> str:
        """All that is read in the blocks."""
        return "".join(_texts(self.arguments.get("blocks") or []))


@dataclass
class SlackDouble:
    """What Slack was told, and what it says to it: ``refusals`` are replies to a method's next calls."""

    url: str = ""
    team: str = TEAM
    calls: list[Call] = field(default_factory=list)
    responses: list[JSON] = field(default_factory=list)
    refusals: dict[str, list[tuple[int, JSON, dict[str, str]]]] = field(default_factory=dict)
    envelopes: list[JSON] = field(default_factory=list)
    acknowledged: list[JSON] = field(default_factory=list)
    _changed: threading.Condition = field(default_factory=threading.Condition)
    _stamps: Iterator[int] = field(default_factory=lambda: count(1))

    @property
    def api(self) -> str:
        return f"{self.url}/api/"

    def of(self, method: str) -> list[Call]:
        return [call for call in list(self.calls) if call.method == method]

    def until(self, is_so: Any, seconds: float = 60.0) -> None:
        """Wait until what was told is so."""
        with self._changed:
            assert self._changed.wait_for(is_so, seconds), [c.method for c in self.calls]

    def shown(self) -> dict[str, Call]:
        """What stands in each message now: by its ts the last call that wrote it."""
        told: dict[str, Call] = {}
        for call in list(self.calls):
            if call.method == "chat.postMessage":
                told[call.arguments["ts"]] = call
            elif call.method == "chat.update":
                first = told.get(call.arguments["ts"])
                thread = first.arguments.get("thread_ts") if first else None
                call.arguments.setdefault("thread_ts", thread)
                told[call.arguments["ts"]] = call
        return told

    def answers(self) -> list[Call]:
        """What stands in the messages, without those that only say that somebody looks."""
        told = self.shown().values()
        return [one for one in told if not one.arguments["text"].startswith(("正在", "Looking"))]

    def record(self, call: Call) -> None:
        with self._changed:
            self.calls.append(call)
            self._changed.notify_all()

    def keep(self, where: list[JSON], what: JSON) -> None:
        with self._changed:
            where.append(what)
            self._changed.notify_all()

    def answered(self, call: Call) -> Response:
        if call.method == "auth.test":
            told = {"team_id": self.team, "user_id": BOT_USER, "bot_id": BOT, "url": self.url}
            return JSONResponse({"ok": True, **told})
        if call.method == "apps.connections.open":
            address = self.url.replace("http://", "ws://")
            return JSONResponse({"ok": True, "url": f"{address}/link"})
        if call.method == "chat.postMessage":
            call.arguments["ts"] = f"1700000000.{next(self._stamps):06d}"
        ts = call.arguments.get("ts")
        return JSONResponse({"ok": True, "ts": ts, "channel": call.arguments.get("channel")})


@contextmanager
def slack_double() -> Iterator[SlackDouble]:
    """Slack, on a socket of its own."""
    double = SlackDouble()
    app = FastAPI()

    @app.post("/api/{method}")
    async def api(method: str, request: Request) -> Response:
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        call = Call(method, await _arguments(request), token)
        refused = double.refusals.get(method)
        if refused:
            status, body, headers = refused.pop(0)
            return JSONResponse(body, status, headers)
        reply = double.answered(call)
        double.record(call)
        return reply

    @app.post("/response/{name}")
    async def respond(name: str, request: Request) -> Response:
        double.keep(double.responses, await request.json())
        return Response("ok")

    @app.websocket("/link")
    async def link(socket: WebSocket) -> None:
        await socket.accept()
        await socket.send_json({"type": "hello", "num_connections": 1})
        try:
            for envelope in double.envelopes:
                await socket.send_json(envelope)
            while True:
                double.keep(double.acknowledged, json.loads(await socket.receive_text()))
        except WebSocketDisconnect:
            pass

    with served(app) as double.url:
        yield double


async def _arguments(request: Request) -> JSON:
    if request.headers.get("content-type", "").startswith("application/json"):
        told: JSON = await request.json()
        return told
    form = dict(await request.form())
    return {name: _value(str(value)) for name, value in form.items()}


def _value(text: str) -> Any:
    return json.loads(text) if text.startswith(("[", "{")) else text


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            if key == "text" and isinstance(inner, str):
                yield inner
            else:
                yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)


# --- what Slack sends --------------------------------------------------------------------------


def signed(body: bytes, *, secret: str = SECRET, at: float | None = None) -> dict[str, str]:
    """The headers that Slack signs a body with."""
    timestamp = str(int(time.time() if at is None else at))
    base = b"v0:" + timestamp.encode() + b":" + body
    signature = hmac.new(secret.encode(), base, hashlib.sha256).hexdigest()
    return {"X-Slack-Request-Timestamp": timestamp, "X-Slack-Signature": f"v0={signature}"}


def event_body(event: JSON, event_id: str, team: str = TEAM) -> JSON:
    """What the Events API wraps an event in."""
    return {
        "token": "deprecated",
        "team_id": team,
        "api_app_id": "A0APP",
        "event": event,
        "type": "event_callback",
        "event_id": event_id,
        "event_time": 1700000000,
        "authorizations": [{"team_id": team, "user_id": BOT_USER, "is_bot": True}],
    }


def mention(text: str, ts: str = "1699999999.000100", **more: Any) -> JSON:
    told = {"type": "app_mention", "user": USER, "text": f"<@{BOT_USER}> {text}", "ts": ts}
    return {**told, "channel": CHANNEL, "event_ts": ts, "team": TEAM, **more}


def direct(text: str, ts: str = "1699999999.000200", **more: Any) -> JSON:
    told = {"type": "message", "channel_type": "im", "user": USER, "text": text, "ts": ts}
    return {**told, "channel": DIRECT, "event_ts": ts, "team": TEAM, **more}


def command(text: str, response_url: str, trigger: str = "1.2.abc", **more: str) -> dict[str, str]:
    told = {"token": "deprecated", "team_id": TEAM, "channel_id": CHANNEL, "user_id": USER}
    told |= {"command": "/wenzheng", "text": text, "trigger_id": trigger, "api_app_id": "A0APP"}
    return {**told, "response_url": response_url, **more}


@dataclass
class Sender:
    """Sends to the bot as Slack's servers do: by its public name, from elsewhere, signed."""

    url: str
    ids: Iterator[int] = field(default_factory=lambda: count(1))

    def event(self, event: JSON, event_id: str | None = None, team: str = TEAM) -> httpx.Response:
        return self.json(event_body(event, event_id or f"Ev{next(self.ids):08d}", team))

    def json(self, body: JSON, **headers: str) -> httpx.Response:
        return self.raw(json.dumps(body).encode(), **headers)

    def form(self, fields: dict[str, str]) -> httpx.Response:
        media_type = "application/x-www-form-urlencoded"
        return self.raw(urlencode(fields).encode(), **{"Content-Type": media_type})

    def raw(self, body: bytes, **headers: str) -> httpx.Response:
        told = {"Content-Type": "application/json", "Host": "bot.example.org", **signed(body)}
        return httpx.post(
            f"{self.url}/bots/slack/events", content=body, headers=told | headers, timeout=30
        )
