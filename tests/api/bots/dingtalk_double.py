"""DingTalk's side: its API, webhooks and stream on a real socket, and deliveries as it signs them."""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import httpx
from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.websockets import WebSocket, WebSocketDisconnect

from tests.api.bots.bot_serving import Record, Sent
from tests.api.http.serving import served

JSON = dict[str, Any]
CLIENT, SECRET, CORP = "dingclient0001", "app-secret-of-dingtalk", "dingHOME"
USER, STAFF, GROUP, DIRECT = "$:LWCP_v1:$asker", "manager01", "cidGROUP==", "cidDIRECT=="
# Whoever is sent to that address has been deceived.
FORGED = "http://127.0.0.1:9/robot/sendBySession?session=s"


@dataclass
class DingtalkDouble(Record):
    """``refusals`` are replies to the next texts, by the way they come; ``frames`` are streamed."""

    url: str = ""
    refusals: dict[str, list[tuple[int, JSON]]] = field(default_factory=dict)
    tokens: list[str] = field(default_factory=list)
    is_expired: bool = False
    frames: list[JSON] = field(default_factory=list)
    acknowledged: list[JSON] = field(default_factory=list)
    opened: list[JSON] = field(default_factory=list)

    @property
    def webhook(self) -> str:
        return f"{self.url}/robot/sendBySession"

    def refusal(self, way: str) -> Response | None:
        waiting = self.refusals.get(way)
        if not waiting:
            return None
        status, body = waiting.pop(0)
        return JSONResponse(body, status)


@contextmanager
def dingtalk_double() -> Iterator[DingtalkDouble]:
    double = DingtalkDouble()
    app = FastAPI()

    @app.post("/robot/sendBySession")
    async def by_session(session: str, request: Request) -> Response:
        if refused := double.refusal("webhook"):
            return refused
        body = await request.json()
        double.keep(Sent(session, body["text"]["content"], "webhook", body))
        return JSONResponse({"errcode": 0, "errmsg": "ok"})

    @app.post("/v1.0/oauth2/accessToken")
    async def token(request: Request) -> Response:
        if await request.json() != {"appKey": CLIENT, "appSecret": SECRET}:
            return JSONResponse({"code": "invalidClientIdOrSecret", "message": "no"}, 400)
        double.tokens.append(f"token-{len(double.tokens) + 1}")
        double.is_expired = False
        return JSONResponse({"accessToken": double.tokens[-1], "expireIn": 7200})

    @app.post("/v1.0/robot/{kind}/{verb}")
    async def robot(kind: str, verb: str, request: Request) -> Response:
        if refused := double.refusal(kind):
            return refused
        told = request.headers.get("x-acs-dingtalk-access-token")
        if double.is_expired or told != double.tokens[-1]:
            return JSONResponse({"code": "InvalidAuthentication", "message": "expired"}, 401)
        body = await request.json()
        assert (body["robotCode"], body["msgKey"]) == (CLIENT, "sampleText")
        to = body["openConversationId"] if kind == "groupMessages" else body["userIds"][0]
        double.keep(Sent(to, json.loads(body["msgParam"])["content"], f"{kind}/{verb}", body))
        return JSONResponse({"processQueryKey": "k"})

    @app.post("/v1.0/gateway/connections/open")
    async def connect(request: Request) -> Response:
        if refused := double.refusal("stream"):
            return refused
        double.opened.append(await request.json())
        address = double.url.replace("http://", "ws://")
        return JSONResponse({"endpoint": f"{address}/connect", "ticket": "a ticket/+"})

    @app.websocket("/connect")
    async def stream(socket: WebSocket) -> None:
        assert socket.query_params["ticket"] == "a ticket/+"
        await socket.accept()
        try:
            while double.frames:
                sent = double.frames.pop(0)
                await socket.send_json(sent)
                double.acknowledged.append(json.loads(await socket.receive_text()))
                if sent["headers"]["topic"] == "disconnect":
                    break
            await socket.receive_text()
        except WebSocketDisconnect:
            pass

    with served(app) as double.url:
        yield double


# --- what DingTalk sends -----------------------------------------------------------------------


def message(text: str, msg_id: str, webhook: str, **more: Any) -> JSON:
    """A text in a group that names the robot."""
    return {
        "conversationId": GROUP,
        "atUsers": [{"dingtalkId": "$:LWCP_v1:$robot"}],
        "chatbotCorpId": CORP,
        "chatbotUserId": "$:LWCP_v1:$robot",
        "msgId": msg_id,
        "senderNick": "张三",
        "isAdmin": False,
        "senderStaffId": STAFF,
        "sessionWebhookExpiredTime": int((time.time() + 5400) * 1000),
        "createAt": int(time.time() * 1000),
        "senderCorpId": CORP,
        "conversationType": "2",
        "senderId": USER,
        "conversationTitle": "研究组",
        "isInAtList": True,
        "sessionWebhook": webhook,
        "text": {"content": f" {text}"},
        "robotCode": CLIENT,
        "msgtype": "text",
        **more,
    }


def direct(**more: Any) -> JSON:
    """What differs where one is alone with the robot."""
    return {"conversationType": "1", "conversationId": DIRECT, **more}


def signed(*, secret: str = SECRET, at: float | None = None) -> dict[str, str]:
    timestamp = str(int((time.time() if at is None else at) * 1000))
    base = f"{timestamp}\n{secret}".encode()
    digest = hmac.new(secret.encode(), base, hashlib.sha256).digest()
    return {"timestamp": timestamp, "sign": base64.b64encode(digest).decode()}


def frame(body: JSON, name: str) -> JSON:
    """What the stream wraps a message in."""
    headers = {"topic": "/v1.0/im/bot/messages/get", "messageId": name, "time": "1700000000000"}
    told = {"specVersion": "1.0", "type": "CALLBACK", "headers": headers}
    return {**told, "data": json.dumps(body)}


def system_frame(topic: str, name: str) -> JSON:
    headers = {"topic": topic, "messageId": name, "contentType": "application/json"}
    return {"specVersion": "1.0", "type": "SYSTEM", "headers": headers, "data": '{"opaque":"1"}'}


@dataclass
class DingtalkSender:
    """Sends as DingTalk's servers do: from elsewhere, by the bot's public name, signed."""

    url: str
    webhook: str
    ids: Iterator[int] = field(default_factory=lambda: count(1))

    def ask(self, asked: str, msg_id: str | None = None, **more: Any) -> httpx.Response:
        name = msg_id or f"msg{next(self.ids)}"
        session = f"{self.webhook}?session=session-{more.get('conversationId', GROUP)}"
        return self.json(message(asked, name, session) | more)

    def json(self, body: Any, **headers: str) -> httpx.Response:
        return self.raw(json.dumps(body).encode(), **(signed() | headers))

    def raw(self, body: bytes, **headers: str) -> httpx.Response:
        told = {"Content-Type": "application/json", "Host": "bot.example.org", **headers}
        address = f"{self.url}/bots/dingtalk/messages"
        return httpx.post(address, content=body, headers=told, timeout=30)
