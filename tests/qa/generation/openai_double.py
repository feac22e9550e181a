"""A real HTTP server that speaks OpenAI's chat completions protocol, as well or as badly as scripted."""

import json
import math
import select
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import cycle, repeat
from types import TracebackType
from typing import Any, Literal, Self

JSON = dict[str, Any]

Fault = Literal["breaks", "ends", "hangs", "pings", "garbles", "fails", "repeats"]
"""What happens once some of the answer is out:

- ``breaks``: the connection closes in the middle of the body;
- ``ends``: the body ends in good order, but without a finish reason and ``[DONE]``;
- ``hangs``: nothing more comes;
- ``pings``: only comments (blank lines, when not streamed) come, and restart any read timeout;
- ``garbles``: a chunk that is no JSON comes;
- ``fails``: an ``error`` object comes where the answer should be, under status 200;
- ``repeats``: the text comes again and again.

``hangs``, ``pings`` and ``repeats`` last until the client or the double goes.
"""


@dataclass(frozen=True)
class Reply:
    """An answer: ``text``, in chunks of ``chunk_chars`` characters, ``chunk_seconds`` apart.

    ``silent_seconds`` pass before the first byte. A ``fault`` strikes after ``fault_after`` chunks
    of text (None: after all, before the finish reason); half-way, when the answer is not streamed.
    ``pings`` and ``repeats`` come ``chunk_seconds`` apart too, at 0 as fast as they are read.
    Where the request forces a tool, the text is sent as the tool's arguments.
    """

    text: str = ""
    chunk_chars: int = 4
    chunk_seconds: float = 0.0
    silent_seconds: float = 0.0
    finish_reason: str = "stop"
    refused: bool = False
    fault: Fault | None = None
    fault_after: int | None = None

    def __post_init__(self) -> None:
        if self.fault == "repeats" and not self.text:
            raise ValueError("no text to repeat")


@dataclass(frozen=True)
class Status:
    """An error by its HTTP status; ``retry_after`` in seconds."""

    code: int
    retry_after: float | None = None
    message: str = "scripted"


Scripted = Reply | Status | Callable[[JSON], Reply | Status]


@dataclass(frozen=True)
class Request:
    """What a client sent; ``headers`` do not mind the case of names."""

    body: JSON
    headers: Message


class OpenAIDouble:
    """Listens while entered; answers the n-th request with the n-th reply, then with the last one.

    A reply may be a function of the request's JSON; what it raises is raised on leaving. ``left``
    counts the clients that went before the end of their answer.
    """

    def __init__(self, *replies: Scripted) -> None:
        self.requests: list[Request] = []
        self.left = 0
        self._replies = replies or (Reply("好的。"),)
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        self._server = _Server(self)
        # A short poll: shutdown() waits for one, in every test.
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.release()
        self._server.server_close()
        for failure in self._server.failures:
            # The client saw only a broken connection: the cause must not stay hidden.
            raise failure from error

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}/v1"

    def wait_until_left(self, count: int = 1, seconds: float = 5.0) -> None:
        """Returns once ``count`` clients have gone early; TimeoutError if they have not."""
        until = time.monotonic() + seconds
        while self.left < count:
            if time.monotonic() > until:
                raise TimeoutError(f"{self.left} of {count} clients have gone")
            time.sleep(0.005)

    def reply_to(self, request: Request) -> Reply | Status:
        with self._lock:
            self.requests.append(request)
            scripted = self._replies[min(len(self.requests), len(self._replies)) - 1]
        return scripted(request.body) if callable(scripted) else scripted

    def count_left(self) -> None:
        with self._lock:
            self.left += 1


class _Server(ThreadingHTTPServer):
    # server_close() does not join daemon threads: they would outlive the test.
    daemon_threads = False

    def __init__(self, double: OpenAIDouble) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.double = double
        self.closing = threading.Event()
        self.failures: list[BaseException] = []
        self._connections: set[socket.socket] = set()

    def get_request(self) -> tuple[socket.socket, Any]:
        connection, address = super().get_request()
        self._connections.add(connection)
        return connection, address

    def shutdown_request(self, request: Any) -> None:
        self._connections.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        error = sys.exception()
        if not isinstance(error, ConnectionError):
            self.failures += [error] if error else []
        elif not self.closing.is_set():
            self.double.count_left()

    def release(self) -> None:
        """Wakes the handlers that wait, and those that are stuck in reading or writing."""
        self.closing.set()
        for connection in list(self._connections):
            # Its handler may close it at this very moment.
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = json.loads(self.read_body())
        if self.path != "/v1/chat/completions":
            return self.fail(Status(404, message=f"no such path: {self.path}"))
        reply = self.server.double.reply_to(Request(body, self.headers))
        return self.fail(reply) if isinstance(reply, Status) else self.answer(reply, body)

    def read_body(self) -> bytes:
        length = int(self.headers["Content-Length"])
        body = self.rfile.read(length)
        if len(body) < length:
            # A client that went while it sent is not a broken script.
            raise ConnectionAbortedError
        return body

    def fail(self, status: Status) -> None:
        wait = status.retry_after
        headers = {} if wait is None else {"Retry-After": f"{wait:g}"}
        self.send_head(status.code, "application/json", headers)
        self.write_chunk(_error(status.message))
        self.end_chunks()

    def answer(self, reply: Reply, body: JSON) -> None:
        answer = _Streamed(reply, body) if body.get("stream") else _Whole(reply, body)
        self.pause(reply.silent_seconds)
        self.send_head(200, answer.content_type, {})
        for n, chunk in enumerate(_chunks(answer)):
            self.pause(reply.chunk_seconds if n else 0)
            self.write_chunk(chunk)
        if reply.fault == "hangs":
            self.pause(math.inf)
        elif reply.fault != "breaks":
            self.end_chunks()

    def send_head(self, status: int, content_type: str, headers: dict[str, str]) -> None:
        self.send_response(status)
        # A kept connection would outlive the event loop of an asynchronous client: ResourceWarning.
        common = {"Transfer-Encoding": "chunked", "Connection": "close"}
        for name, value in {"Content-Type": content_type, **common, **headers}.items():
            self.send_header(name, value)
        self.end_headers()

    def write_chunk(self, chunk: bytes) -> None:
        self.wfile.write(b"%x\r\n%b\r\n" % (len(chunk), chunk))

    def end_chunks(self) -> None:
        # A client may go as soon as it has read [DONE]: it has its whole answer.
        with suppress(ConnectionError):
            self.wfile.write(b"0\r\n\r\n")

    def pause(self, seconds: float) -> None:
        """Waits; ConnectionAbortedError as soon as the client or the double goes."""
        until = time.monotonic() + seconds
        while (rest := until - time.monotonic()) > 0:
            if self.server.closing.wait(min(rest, 0.01)) or self.client_has_gone():
                raise ConnectionAbortedError

    def client_has_gone(self) -> bool:
        readable, _, _ = select.select([self.connection], [], [], 0)
        return bool(readable) and self.connection.recv(1, socket.MSG_PEEK) == b""

    def log_message(self, *arguments: object) -> None:
        pass


class _Streamed:
    """An answer as server-sent events."""

    content_type = "text/event-stream; charset=utf-8"
    ping = b": keep-alive\n\n"
    garbled = b'data: {"choices": [{"delta": {"con\n\n'
    error = b"data: %b\n\n"

    def __init__(self, reply: Reply, body: JSON) -> None:
        self.reply, self.body = reply, body
        self.tool = None if reply.refused else _forced_tool(body)
        self.counts_usage = bool((body.get("stream_options") or {}).get("include_usage"))

    def chunks(self) -> list[bytes]:
        ending = [self._choice({}, self.reply.finish_reason)]
        if self.counts_usage:
            ending.append(self._event([], _usage(self.reply, self.body)))
        return [self._opening(), *self.repeated(), b"".join([*ending, b"data: [DONE]\n\n"])]

    def chunks_before_fault(self) -> list[bytes]:
        return [self._opening(), *self.repeated()[: self.reply.fault_after]]

    def repeated(self) -> list[bytes]:
        """The chunks of text."""
        text, size = self.reply.text, self.reply.chunk_chars
        pieces = [text[start : start + size] for start in range(0, len(text), size)]
        return [self._choice(self._delta(piece)) for piece in pieces]

    def _opening(self) -> bytes:
        if self.tool:
            calls = [{"index": 0, **_tool_call(self.tool, "")}]
            return self._choice({"role": "assistant", "content": None, "tool_calls": calls})
        return self._choice({"role": "assistant", "content": None if self.reply.refused else ""})

    def _delta(self, piece: str) -> JSON:
        if self.reply.refused:
            return {"refusal": piece}
        if self.tool:
            return {"tool_calls": [{"index": 0, "function": {"arguments": piece}}]}
        return {"content": piece}

    def _choice(self, delta: JSON, finish_reason: str | None = None) -> bytes:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish_reason}
        return self._event([choice], None)

    def _event(self, choices: list[JSON], usage: JSON | None) -> bytes:
        chunk = _envelope("chat.completion.chunk", self.body, choices)
        if self.counts_usage:
            chunk["usage"] = usage
        return b"data: %b\n\n" % _dump(chunk)


class _Whole:
    """An answer as one JSON object."""

    content_type = "application/json"
    ping = b"\n"
    garbled = b"\x00"
    error = b"%b"

    def __init__(self, reply: Reply, body: JSON) -> None:
        self.reply, self.body = reply, body

    def chunks(self) -> list[bytes]:
        choice = {
            "index": 0,
            "message": self._message(),
            "logprobs": None,
            "finish_reason": self.reply.finish_reason,
        }
        completion = _envelope("chat.completion", self.body, [choice])
        return [_dump(completion | {"usage": _usage(self.reply, self.body)})]

    def chunks_before_fault(self) -> list[bytes]:
        if self.reply.fault == "fails":
            return []
        [whole] = self.chunks()
        return [whole[: len(whole) // 2]]

    def repeated(self) -> list[bytes]:
        return [_dump(self.reply.text)]

    def _message(self) -> JSON:
        message: JSON = {"role": "assistant", "content": None, "refusal": None}
        if self.reply.refused:
            return message | {"refusal": self.reply.text}
        if tool := _forced_tool(self.body):
            return message | {"tool_calls": [_tool_call(tool, self.reply.text)]}
        return message | {"content": self.reply.text}


def _chunks(answer: _Streamed | _Whole) -> Iterator[bytes]:
    """All that is sent of the answer; without end, where the fault has none."""
    fault = answer.reply.fault
    if fault is None:
        yield from answer.chunks()
        return
    yield from answer.chunks_before_fault()
    yield from _chunks_of_fault(fault, answer)


def _chunks_of_fault(fault: Fault, answer: _Streamed | _Whole) -> Iterable[bytes]:
    match fault:
        case "garbles":
            return [answer.garbled]
        case "fails":
            return [answer.error % _error("scripted")]
        case "pings":
            return repeat(answer.ping)
        case "repeats":
            return cycle(answer.repeated())
        case _:
            return []


def _forced_tool(body: JSON) -> str | None:
    choice = body.get("tool_choice")
    return choice["function"]["name"] if isinstance(choice, dict) else None


def _tool_call(name: str, arguments: str) -> JSON:
    function = {"name": name, "arguments": arguments}
    return {"id": "call_double", "type": "function", "function": function}


def _envelope(kind: str, body: JSON, choices: list[JSON]) -> JSON:
    named = {"id": "chatcmpl-double", "object": kind, "created": 0, "model": body["model"]}
    return named | {"choices": choices}


def _usage(reply: Reply, body: JSON) -> JSON:
    """A token is two characters."""
    prompt = sum(_characters(message.get("content")) for message in body["messages"]) // 2
    completion = len(reply.text) // 2
    counts = {"prompt_tokens": prompt, "completion_tokens": completion}
    return counts | {"total_tokens": prompt + completion}


def _characters(content: str | list[JSON] | None) -> int:
    if isinstance(content, list):
        return sum(len(part.get("text", "")) for part in content)
    return len(content or "")


def _error(message: str) -> bytes:
    return _dump({"error": {"message": message, "type": "t", "param": None, "code": None}})


def _dump(content: Any) -> bytes:
    return json.dumps(content, ensure_ascii=False).encode()
