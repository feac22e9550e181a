"""Feishu's side: its open API on a real socket, which records what it is told, and events as it sends them."""

import asyncio
import base64
import hashlib
import html
import json
import os
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import httpx
from Crypto.Cipher import AES
from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from tests.api.http.serving import served

JSON = dict[str, Any]
APP, SECRET, TOKEN, KEY = "cli_test", "app-s3cret", "verify-t0ken", "encrypt-k3y"
TENANT, BOT, USER = "2ca1d211f64f6438", "ou_bot", "ou_asker"
GROUP, DIRECT = "oc_group", "oc_direct"
LINK = re.compile(r"\[([^\]]*)\]\((https?://[^)]*)\)")
# What a card may have: https://open.feishu.cn/document/feishu-cards/card-json-v2-structure
MOST_BYTES = 30 * 1024


@dataclass
class Call:
    """One call of the open API; ``message`` is what was answered, or replaced."""

    name: str
    body: JSON
    token: str
    message: str = ""
    at: float = field(default_factory=time.monotonic)
    posted: str = ""

    @property
    def card(self) -> JSON:
        card: JSON = json.loads(self.body["content"])
        return card

    @property
    def elements(self) -> list[JSON]:
        elements: list[JSON] = self.card["body"]["elements"]
        return elements

    @property
    def summary(self) -> str:
        return str(self.card["config"]["summary"]["content"])

    @property
    def texts(self) -> str:
        """All that is read in the card."""
        return "\n".join(map(read, self.elements))

    @property
    def links(self) -> list[tuple[str, str]]:
        """Text and address of each link."""
        return links(self.elements)


def read(element: JSON) -> str:
    """What is read in an element of a card."""
    if element["tag"] == "markdown":
        return seen(element["content"])
    if element["tag"] == "div":
        return str(element["text"]["content"])
    if element["tag"] == "table":
        marked = {one["name"] for one in element["columns"] if one["data_type"] == "lark_md"}
        head = "\t".join(one["display_name"] for one in element["columns"])
        rows = [
            "\t".join(seen(cell) if name in marked else cell for name, cell in row.items())
            for row in element["rows"]
        ]
        return "\n".join([head, *rows])
    return ""


def seen(markdown: str) -> str:
    """Markdown as it is seen: a link by its text, entities as the signs they are."""
    return html.unescape(LINK.sub(r"\1", markdown))


def links(elements: list[JSON]) -> list[tuple[str, str]]:
    found = LINK.findall("\n".join(_marked(elements)))
    return [(html.unescape(text), url) for text, url in found]


def _marked(elements: list[JSON]) -> Iterator[str]:
    for element in elements:
        if element["tag"] == "markdown":
            yield element["content"]
        elif element["tag"] == "table":
            columns = [one["name"] for one in element["columns"] if one["data_type"] == "lark_md"]
            yield from (row[name] for row in element["rows"] for name in columns)


Refusal = tuple[int, JSON, dict[str, str]]
LIMITED: Refusal = (
    400,
    {"code": 230020, "msg": "This operation triggers the frequency limit."},
    {},
)
BROKEN: Refusal = (500, {}, {})


@dataclass
class FeishuDouble:
    """What Feishu was told; ``refusals`` are its replies to the next calls of a name.

    A call whose name is in ``slow`` is carried out, and answered so many seconds later, once.
    ``each_second`` are the messages that it takes within a second, as in one group.
    """

    url: str = ""
    tenant: str = TENANT
    lasts: int = 7200
    calls: list[Call] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    refusals: dict[str, list[Refusal]] = field(default_factory=dict)
    slow: dict[str, float] = field(default_factory=dict)
    each_second: int | None = None
    valid: set[str] = field(default_factory=set)
    keys: dict[str, str] = field(default_factory=dict)
    _changed: threading.Condition = field(default_factory=threading.Condition)
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def of(self, name: str) -> list[Call]:
        return [call for call in list(self.calls) if call.name == name]

    def until(self, is_so: Callable[[], object], seconds: float = 60.0) -> None:
        """Wait until what was told is so."""
        with self._changed:
            assert self._changed.wait_for(is_so, seconds), [call.name for call in self.calls]

    def shown(self) -> dict[str, Call]:
        """What stands in each message now, by its id; ``message`` is what it answers."""
        told: dict[str, Call] = {}
        for call in list(self.calls):
            if call.name == "reply":
                told[call.posted] = call
            elif call.name == "patch":
                first = told[call.message]
                body = first.body | call.body
                told[call.message] = Call("patch", body, call.token, first.message, call.at)
        return told

    def answers(self) -> list[Call]:
        """What stands in the messages, without those that only say that somebody looks."""
        told = self.shown().values()
        return [one for one in told if not one.summary.startswith(("正在查阅", "Looking"))]

    def record(self, call: Call) -> None:
        with self._changed:
            self.calls.append(call)
            self._changed.notify_all()

    def refusal(self, call: Call) -> Refusal | None:
        """What Feishu says against a call, as told here or because of what it is."""
        if told := self.refusals.get(call.name):
            return told.pop(0)
        if call.name != "token" and call.token not in self.valid:
            return 400, {"code": 99991663, "msg": "Invalid access token for authorization."}, {}
        if call.name == "reply" and self.each_second is not None:
            lately = [one for one in self.of("reply") if one.at > call.at - 1.0]
            if len(lately) >= self.each_second:
                return LIMITED
        if call.name in ("reply", "patch"):
            size = len(json.dumps(call.body, ensure_ascii=False).encode())
            if size > MOST_BYTES:
                return 400, {"code": 230025, "msg": "The length reaches its limit."}, {}
            if not call.card["config"]["update_multi"] or call.card["schema"] != "2.0":
                return 400, {"code": 230099, "msg": "Failed to create card content"}, {}
        return None

    def answered(self, call: Call) -> JSON:
        if call.name == "token":
            if call.body != {"app_id": APP, "app_secret": SECRET}:
                return {"code": 10014, "msg": "app secret invalid"}
            token = f"t-{next(self._numbers)}"
            self.valid.add(token)
            return {"code": 0, "msg": "ok", "tenant_access_token": token, "expire": self.lasts}
        if call.name == "bot":
            return {"code": 0, "msg": "ok", "bot": {"app_name": "wenzheng", "open_id": BOT}}
        if call.name == "tenant":
            return {"code": 0, "data": {"tenant": {"name": "A", "tenant_key": self.tenant}}}
        return {"code": 0, "msg": "success", "data": {"message_id": call.posted or call.message}}

    def carry_out(self, call: Call) -> None:
        if call.name == "reply":
            known = self.keys.get(call.body["uuid"])
            if known is not None:
                # Sent before: Feishu says which message it was, and sends no other.
                call.posted = known
                return
            call.posted = self.keys[call.body["uuid"]] = f"om_posted{next(self._numbers)}"
        self.record(call)


@contextmanager
def feishu_double() -> Iterator[FeishuDouble]:
    """Feishu, on a socket of its own."""
    double = FeishuDouble()
    app = FastAPI()
    api = "/open-apis"

    async def take(name: str, request: Request, message: str = "") -> Response:
        body = await request.json() if await request.body() else {}
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        call = Call(name, body, token, message)
        if refusal := double.refusal(call):
            double.refused.append(name)
            status, told, headers = refusal
            return JSONResponse(told, status, headers) if told else Response("oops", status)
        double.carry_out(call)
        await asyncio.sleep(double.slow.pop(name, 0))
        return JSONResponse(double.answered(call))

    @app.post(f"{api}/auth/v3/tenant_access_token/internal")
    async def token(request: Request) -> Response:
        return await take("token", request)

    @app.get(f"{api}/bot/v3/info")
    async def bot(request: Request) -> Response:
        return await take("bot", request)

    @app.get(f"{api}/tenant/v2/tenant/query")
    async def tenant(request: Request) -> Response:
        return await take("tenant", request)

    @app.post(f"{api}/im/v1/messages/{{message}}/reply")
    async def reply(message: str, request: Request) -> Response:
        return await take("reply", request, message)

    @app.patch(f"{api}/im/v1/messages/{{message}}")
    async def patch(message: str, request: Request) -> Response:
        return await take("patch", request, message)

    with served(app) as double.url:
        yield double


# --- what Feishu sends -------------------------------------------------------------------------


def enciphered(body: JSON, key: str = KEY) -> bytes:
    """A body as Feishu sends it where there is an Encrypt Key."""
    plain = json.dumps(body).encode()
    padding = AES.block_size - len(plain) % AES.block_size
    iv = os.urandom(AES.block_size)
    cipher = AES.new(hashlib.sha256(key.encode()).digest(), AES.MODE_CBC, iv)
    encrypted = iv + cipher.encrypt(plain + bytes([padding]) * padding)
    return json.dumps({"encrypt": base64.b64encode(encrypted).decode()}).encode()


def signed(body: bytes, *, key: str = KEY, at: float | None = None) -> dict[str, str]:
    """The headers that Feishu signs a body with."""
    timestamp, nonce = str(int(time.time() if at is None else at)), os.urandom(8).hex()
    signature = hashlib.sha256((timestamp + nonce + key).encode() + body).hexdigest()
    return {
        "X-Lark-Request-Timestamp": timestamp,
        "X-Lark-Request-Nonce": nonce,
        "X-Lark-Signature": signature,
    }


def event_body(message: JSON, event_id: str, **more: Any) -> JSON:
    """What Feishu wraps a message in; ``more`` are other parts of the header or the sender."""
    header = {
        "event_id": event_id,
        "event_type": "im.message.receive_v1",
        "create_time": "1700000000000",
        "token": TOKEN,
        "app_id": APP,
        "tenant_key": TENANT,
    }
    sender = {
        "sender_id": {"open_id": USER, "union_id": "on_1", "user_id": None},
        "sender_type": more.pop("sender_type", "user"),
        "tenant_key": more.pop("sender_tenant", TENANT),
    }
    return {
        "schema": "2.0",
        "header": header | more,
        "event": {"sender": sender, "message": message},
    }


def at(key: str, open_id: str) -> JSON:
    return {"key": key, "id": {"open_id": open_id}, "name": "who", "tenant_key": TENANT}


def mention(text: str, message: str = "om_1", **more: Any) -> JSON:
    told = {
        "message_id": message,
        "create_time": "1700000000000",
        "chat_id": GROUP,
        "chat_type": "group",
        "message_type": "text",
        "content": json.dumps({"text": f"@_user_1 {text}"}),
        "mentions": [at("@_user_1", BOT)],
    }
    return told | more


def direct(text: str, message: str = "om_2", **more: Any) -> JSON:
    told = mention("", message, chat_id=DIRECT, chat_type="p2p", mentions=[])
    return told | {"content": json.dumps({"text": text})} | more


@dataclass
class FeishuSender:
    """Sends to the bot as Feishu's servers do: by its public name, enciphered and signed."""

    url: str
    ids: Iterator[int] = field(default_factory=lambda: count(1))

    def event(self, message: JSON, event_id: str | None = None, **more: Any) -> httpx.Response:
        body = event_body(message, event_id or f"{next(self.ids):032x}", **more)
        return self.raw(enciphered(body))

    def raw(self, body: bytes, **headers: str) -> httpx.Response:
        told = {"Content-Type": "application/json", "Host": "bot.example.org", **signed(body)}
        given = {name.encode(): value.encode() for name, value in (told | headers).items()}
        return httpx.post(f"{self.url}/bots/feishu/events", content=body, headers=given, timeout=30)
