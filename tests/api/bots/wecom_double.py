"""WeCom's side: its API on a real socket, and callbacks encrypted and signed by another's code (wechatpy)."""

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
from wechatpy.enterprise.crypto import PrpCrypto, WeChatCrypto
from wechatpy.utils import WeChatSigner

from tests.api.bots.bot_serving import Record, Sent
from tests.api.http.serving import served

CORP, AGENT, SECRET, TOKEN = "wwHOME0000000001", 1000002, "app-secret", "callback-token"
AES_KEY = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C"
USER = "ZhangSan"


@dataclass
class WecomDouble(Record):
    """``refusals`` are replies to the next messages; tokens hold until ``expire``."""

    url: str = ""
    refusals: list[tuple[int, dict[str, Any]]] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)
    is_expired: bool = False

    def expire(self) -> None:
        self.is_expired = True

    def issue(self) -> str:
        self.is_expired = False
        self.tokens.append(f"token-{len(self.tokens) + 1}")
        return self.tokens[-1]

    def takes(self, token: str) -> bool:
        return not self.is_expired and self.tokens[-1:] == [token]


@contextmanager
def wecom_double() -> Iterator[WecomDouble]:
    double = WecomDouble()
    app = FastAPI()

    @app.get("/cgi-bin/gettoken")
    async def gettoken(corpid: str, corpsecret: str) -> Response:
        if (corpid, corpsecret) != (CORP, SECRET):
            return JSONResponse({"errcode": 40001, "errmsg": "invalid credential"})
        told = {"access_token": double.issue(), "expires_in": 7200}
        return JSONResponse({"errcode": 0, "errmsg": "ok"} | told)

    @app.post("/cgi-bin/message/send")
    async def send(access_token: str, request: Request) -> Response:
        if double.refusals:
            status, body = double.refusals.pop(0)
            return JSONResponse(body, status)
        if not double.takes(access_token):
            return JSONResponse({"errcode": 42001, "errmsg": "access_token expired"})
        body = await request.json()
        assert (body["msgtype"], body["agentid"]) == ("text", AGENT)
        assert len(body["text"]["content"].encode()) <= 2048
        double.keep(Sent(body["touser"], body["text"]["content"], "message/send", body))
        return JSONResponse({"errcode": 0, "errmsg": "ok", "msgid": "m"})

    with served(app) as double.url:
        yield double


# --- what WeCom sends --------------------------------------------------------------------------


def text_message(text: str, msg_id: str, user: str = USER, **more: object) -> dict[str, object]:
    told = {"ToUserName": CORP, "FromUserName": user, "CreateTime": int(time.time())}
    return {**told, "MsgType": "text", "Content": text, "MsgId": msg_id, "AgentID": AGENT, **more}


def event(name: str, user: str = USER, **more: object) -> dict[str, object]:
    told = {"ToUserName": CORP, "FromUserName": user, "CreateTime": int(time.time())}
    return {**told, "MsgType": "event", "Event": name, "EventKey": "", "AgentID": AGENT, **more}


def xml(fields: dict[str, object]) -> str:
    inner = "".join(f"<{name}><![CDATA[{value}]]></{name}>" for name, value in fields.items())
    return f"<xml>{inner}</xml>"


def encrypted(text: str, corp: str = CORP, key: str = AES_KEY) -> str:
    crypto = WeChatCrypto(TOKEN, key, corp)
    told: bytes = PrpCrypto(crypto.key).encrypt(text, corp)
    return told.decode()


def signed(secret: str, at: float | None = None, token: str = TOKEN) -> dict[str, str]:
    """The query of a callback over what is encrypted."""
    timestamp, nonce = str(int(time.time() if at is None else at)), "1597212914"
    signer = WeChatSigner()
    signer.add_data(token, timestamp, nonce, secret)
    return {"msg_signature": signer.signature, "timestamp": timestamp, "nonce": nonce}


def envelope(secret: str) -> bytes:
    """What the body has around what is encrypted."""
    told = {"ToUserName": CORP, "AgentID": AGENT, "Encrypt": secret}
    return xml(told).encode()


@dataclass
class WecomSender:
    """Sends as WeCom's servers do: from elsewhere, by the bot's public name."""

    url: str
    ids: Iterator[int] = field(default_factory=lambda: count(1))

    def ask(self, text: str, msg_id: str | None = None, user: str = USER) -> httpx.Response:
        return self.message(text_message(text, msg_id or f"70000{next(self.ids)}", user))

    def message(self, fields: dict[str, object], corp: str = CORP) -> httpx.Response:
        secret = encrypted(xml(fields), corp)
        return self.raw(envelope(secret), signed(secret))

    def raw(self, body: bytes, query: dict[str, str]) -> httpx.Response:
        return httpx.post(
            self.address, content=body, params=query, headers=self.headers, timeout=30
        )

    def verify(self, query: dict[str, str]) -> httpx.Response:
        return httpx.get(self.address, params=query, headers=self.headers, timeout=30)

    @property
    def address(self) -> str:
        return f"{self.url}/bots/wecom/callback"

    @property
    def headers(self) -> dict[str, str]:
        return {"Content-Type": "text/xml", "Host": "bot.example.org"}
