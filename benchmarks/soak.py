"""A day of mixed use in twenty minutes: does memory stay flat, is anything left open?

    python -m benchmarks.soak --minutes 20

Serves the samples with API keys, a bot and a language model's double that answers well, wrongly, late or
not at all, and drives the server from many clients at once: questions whole and streamed, chat
completions, searches, facts, uploads that bring versions and deletions, events of Slack, MCP, requests
that are wrong, without a key or beyond every limit, and clients that leave in the middle or never read.
Between rounds, when all is quiet, it counts what the process holds: memory, threads, open files, sockets,
child processes, temporary files. Exits with 1 if the last third of the rounds holds more than the second by
more than the tolerance, by their medians.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlsplit

import httpx

from eval.questions import read_case_set
from tests.api.bots.slack_double import TEAM, direct, event_body, signed, slack_double
from tests.qa.generation.openai_double import OpenAIDouble, Reply, Status

_READ, _WRITE, _ADMIN = (f"{scope}-0123456789abcdef" for scope in ("read", "write", "admin"))
_SIGNING = "soak-signing-secret"
_CLIENTS = 12
_ROUND_SECONDS, _QUIET_SECONDS = 60.0, 15.0
# What may be between two rounds without being a leak: caches fill, an ingest ends late.
_TOLERANCE = {"MiB": 40.0, "threads": 6, "files": 12, "sockets": 8, "children": 2, "temporary": 0}
_REPORT = (
    "{place}2025年政府工作报告\n——2025年1月8日在{place}第十七届人民代表大会第四次会议上\n"
    "{place}人民政府市长 王某\n\n各位代表:\n现在,我代表{place}人民政府,向大会报告工作,请予审议。\n\n"
    "一、2024年工作回顾\n全市地区生产总值增长{growth}%,达到1300.5亿元。"
    + "各项事业稳步推进。"
    * 120
    + "\n"
    "二、2025年工作安排\n地区生产总值增长6%左右。" + "继续做好民生工作。" * 60 + "\n"
)


# --- what is asked -------------------------------------------------------------------------------


@dataclass
class Use:
    """Clients of one server, and what became of what they asked."""

    address: str
    questions: list[str]
    rng: random.Random
    replies: Counter[str] = field(default_factory=Counter)

    def client(self, key: str = _READ) -> httpx.AsyncClient:
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        return httpx.AsyncClient(base_url=self.address, headers=headers, timeout=120)

    @property
    def question(self) -> str:
        return self.rng.choice(self.questions)

    def count(self, what: str, reply: httpx.Response) -> None:
        self.replies[f"{what} {reply.status_code}"] += 1


async def _ask(use: Use) -> None:
    async with use.client() as client:
        use.count("ask", await client.post("/api/ask", json={"question": use.question}))


async def _stream(use: Use) -> None:
    body = {"question": use.question, "stream": True}
    async with use.client() as client, client.stream("POST", "/api/ask", json=body) as reply:
        async for _ in reply.aiter_bytes():
            """Read to its end."""
        use.count("stream", reply)


async def _leave(use: Use) -> None:
    """A stream whose reader goes after the first piece, or before it."""
    body = {"question": use.question, "stream": True}
    patience = use.rng.choice([0.01, 0.1, 30])
    with suppress(httpx.TimeoutException):
        async with (
            use.client() as client,
            client.stream("POST", "/api/ask", json=body, timeout=patience) as reply,
        ):
            async for _ in reply.aiter_bytes():
                break
    use.replies["left"] += 1


async def _chat(use: Use) -> None:
    body = {"model": "wenzheng", "messages": [{"role": "user", "content": use.question}]}
    async with use.client() as client:
        body["stream"] = use.rng.random() < 0.5
        use.count("chat", await client.post("/v1/chat/completions", json=body))


async def _search(use: Use) -> None:
    async with use.client() as client:
        use.count("search", await client.get("/api/search", params={"question": use.question}))


async def _facts(use: Use) -> None:
    address = use.rng.choice(
        ["/api/facts?limit=50", "/api/facts?format=csv", "/api/indicators", "/api/reports",
         "/api/compare?indicator=GDP", "/metrics", "/readyz", "/", "/static/modules/main.js"]
    )  # fmt: skip
    async with use.client(_ADMIN) as client:
        use.count("facts", await client.get(address))


async def _version(use: Use) -> None:
    """A report sent, asked for, and deleted again: two versions of the library and more."""
    place = use.rng.choice(["海宁市", "桐乡市", "平湖市", "嘉善县"])
    text = _REPORT.format(place=place, growth=f"{use.rng.randrange(10, 99) / 10}")
    files = {"file": (f"{place}2025年.txt", text.encode())}
    async with use.client(_WRITE) as client:
        reply = await client.post("/api/reports", files=files)
        use.count("upload", reply)
        if reply.status_code != 202:
            return
        job: dict[str, Any] = reply.json()
        while job["state"] not in ("done", "failed"):
            reply = await client.get(f"/api/jobs/{job['id']}", params={"wait": 20})
            if reply.status_code != 200:
                return
            job = reply.json()
        use.replies[f"job {job['state']}"] += 1
        for report_id in (job["result"] or {}).get("added", []):
            use.count("delete", await client.delete(f"/api/reports/{report_id}"))


async def _broken_file(use: Use) -> None:
    made = use.rng.choice([b"%PDF-1.7 broken", b"PK\x03\x04 broken", b"\x00" * 5000, b"", b"word"])
    async with use.client(_WRITE) as client:
        use.count("bad file", await client.post("/api/reports", files={"file": ("a.pdf", made)}))


async def _bot(use: Use) -> None:
    message = direct(use.question, ts=f"{time.time():.6f}")
    raw = json.dumps(event_body(message, f"Ev{use.rng.random()}", TEAM)).encode()
    headers = {**signed(raw, secret=_SIGNING), "Content-Type": "application/json"}
    async with use.client() as client:
        use.count("bot", await client.post("/bots/slack/events", content=raw, headers=headers))


async def _mcp(use: Use) -> None:
    name = use.rng.choice(["ask", "search"])
    params = {"name": name, "arguments": {"question": use.question}}
    body = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}
    headers = {
        "Accept": "application/json, text/event-stream",
        "MCP-Protocol-Version": "2025-06-18",
    }
    async with use.client() as client:
        use.count("mcp", await client.post("/mcp", json=body, headers=headers))


async def _wrong(use: Use) -> None:
    async with use.client(use.rng.choice([_READ, "wrong", ""])) as client:
        method, path, body = use.rng.choice(
            [("POST", "/api/ask", b"{"), ("POST", "/api/ask", b"x" * 300_000), ("GET", "/no", b""),
             ("DELETE", "/api/reports/0", b""), ("PUT", "/api/ask", b""), ("GET", "/metrics", b""),
             ("POST", "/v1/embeddings", b"{}"), ("GET", "/static/../keys.py", b"")]
        )  # fmt: skip
        use.count("wrong", await client.request(method, path, content=body))


async def _raw(use: Use) -> None:
    """Half a head, half a body, no HTTP, nothing; then gone, or silent until the server closes."""
    parts = urlsplit(use.address)
    sent = use.rng.choice(
        [b"", b"GET /he", b"POST /api/ask HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 99\r\n"
         b"Authorization: Bearer " + _READ.encode() + b"\r\n\r\n{", b"\x16\x03\x01\x02\x00",
         b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n"]
    )  # fmt: skip
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    writer.write(sent)
    with suppress(TimeoutError, ConnectionError):
        async with asyncio.timeout(use.rng.choice([0.0, 1.0, 10.0])):
            await reader.read()
    writer.close()
    with suppress(ConnectionError):
        await writer.wait_closed()
    use.replies["raw"] += 1


_USES: tuple[tuple[Callable[[Use], Awaitable[None]], int], ...] = (
    (_ask, 8), (_stream, 6), (_leave, 4), (_chat, 4), (_search, 6), (_facts, 6), (_version, 1),
    (_broken_file, 1), (_bot, 3), (_mcp, 3), (_wrong, 5), (_raw, 4),
)  # fmt: skip


async def _round(use: Use, seconds: float) -> None:
    end = time.monotonic() + seconds
    kinds, weights = zip(*_USES, strict=True)

    async def one() -> None:
        while time.monotonic() < end:
            kind = use.rng.choices(kinds, weights)[0]
            try:
                await kind(use)
            except httpx.HTTPError as error:
                use.replies[f"{kind.__name__[1:]} {type(error).__name__}"] += 1

    await asyncio.gather(*(one() for _ in range(_CLIENTS)))


# --- what the process holds ----------------------------------------------------------------------


def _held(pid: int, temporary: Path) -> dict[str, float]:
    process = Path(f"/proc/{pid}")
    status = dict(
        line.split(":", 1) for line in (process / "status").read_text().splitlines() if ":" in line
    )
    links = [str(one.readlink()) for one in (process / "fd").iterdir() if one.is_symlink()]
    return {
        "MiB": int(status["VmRSS"].split()[0]) / 1024,
        "threads": int(status["Threads"]),
        "files": sum(not link.startswith(("socket:", "pipe:", "anon_inode:")) for link in links),
        "sockets": sum(link.startswith("socket:") for link in links),
        "children": len(_children(pid)),
        "temporary": sum(1 for path in temporary.rglob("*") if path.is_file()),
    }


def _children(pid: int) -> list[str]:
    tasks = Path(f"/proc/{pid}/task").glob("*/children")
    return [child for one in tasks for child in one.read_text().split()]


def _grown(rows: list[dict[str, float]]) -> list[str]:
    """What the rounds of the last third hold more of, in their middle, than those of the second, beyond the
    tolerance."""
    third = max(1, len(rows) // 3)
    told = []
    for name, most in _TOLERANCE.items():
        # A round may end while a version is opened beside the one that answers: that is no growth.
        before = median(row[name] for row in rows[third : 2 * third] or rows[:1])
        after = median(row[name] for row in rows[2 * third :] or rows[-1:])
        if after > before + most:
            told.append(f"{name}: {before:.0f} → {after:.0f}")
    return told


# --- the doubles beside it -----------------------------------------------------------------------


def _model_says(request: dict[str, Any], rng: random.Random) -> Reply | Status:
    """Mostly an answer, half of them with a figure that no report prints; at times none."""
    shown = str(request["messages"][-2 if len(request["messages"]) > 2 else -1]["content"])
    quoted = next((line for line in shown.split("\n") if line.startswith("[1] ")), "[1] 很好")
    if rng.random() < 0.7:
        return Reply(f"{quoted[4:60]}[1]。", chunk_seconds=0.01)
    return rng.choice(
        [Reply("地区生产总值增长99.9%[1]。"), Reply("x", silent_seconds=20), Status(500), Status(429),
         Reply("地区生产总值", fault="breaks"), Reply("地区生产总值", fault="hangs"), Reply("")]
    )  # fmt: skip


# --- the server ----------------------------------------------------------------------------------


def _environment(folder: Path, model: str, slack: str) -> dict[str, str]:
    given = {
        "LIBRARY": str(folder / "library"),
        "API_KEYS": f"read:{_READ},write:{_WRITE},admin:{_ADMIN}",
        "RATE_LIMIT": "none",
        "CLIENT_TIMEOUT_SECONDS": "5",
        "LLM": "openai:double",
        "LLM_BASE_URL": model,
        "LLM_API_KEY": "soak",
        "LLM_TIMEOUT_SECONDS": "5",
        "SLACK_BOT_TOKEN": "xoxb-soak",
        "SLACK_SIGNING_SECRET": _SIGNING,
        "SLACK_API_URL": slack,
    }
    told = {f"WENZHENG_{name}": value for name, value in given.items()}
    return {**os.environ, **told, "TMPDIR": str(folder / "tmp")}


def main() -> None:
    parser = argparse.ArgumentParser(description="a day of mixed use in twenty minutes")
    parser.add_argument("--minutes", type=float, default=20)
    parser.add_argument("--sources", default="samples")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    rng = random.Random(arguments.seed)
    with (
        TemporaryDirectory() as made,
        OpenAIDouble(lambda request: _model_says(request, rng)) as model,
        slack_double() as slack,
    ):
        folder = Path(made)
        (folder / "tmp").mkdir()
        environment = _environment(folder, model.url, slack.api)
        command = [sys.executable, "-m", "api.cli"]
        ingest = [*command, "ingest", arguments.sources]
        # Without the model: it would be asked about every figure.
        plain = {name: value for name, value in environment.items() if "_LLM" not in name}
        subprocess.run(ingest, check=True, stdout=subprocess.DEVNULL, env=plain)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        log = (folder / "log").open("wb")
        serve = [*command, "serve", "--port", str(port)]
        server = subprocess.Popen(serve, env=environment, stderr=log)
        try:
            asyncio.run(_soak(f"http://127.0.0.1:{port}", server, folder, arguments))
        finally:
            server.terminate()
            code = server.wait(timeout=90)
            log.close()
        _tell_log(folder / "log")
        print("temporary files:", [path.name for path in (folder / "tmp").rglob("*")])
        print(f"exit status of the server: {code}")


async def _soak(
    address: str, server: subprocess.Popen[bytes], folder: Path, arguments: argparse.Namespace
) -> None:
    questions = [case.question for case in read_case_set("shipped")]
    use = Use(address, questions, random.Random(arguments.seed))
    await _until_ready(use)
    rows: list[dict[str, float]] = []
    names = list(_TOLERANCE)
    print(f"| minute | requests | {' | '.join(names)} |\n|{'---|' * (len(names) + 2)}")
    end = time.monotonic() + arguments.minutes * 60
    started = time.monotonic()
    while time.monotonic() < end:
        await _round(use, _ROUND_SECONDS)
        await asyncio.sleep(_QUIET_SECONDS)
        rows.append(row := _held(server.pid, folder / "tmp"))
        told = " | ".join(f"{row[name]:.0f}" for name in names)
        minute = (time.monotonic() - started) / 60
        print(f"| {minute:.1f} | {use.replies.total():,} | {told} |", flush=True)
    print("\n" + "\n".join(f"{what}: {n:,}" for what, n in sorted(use.replies.items())))
    async with use.client(_ADMIN) as client:
        text = (await client.get("/metrics")).text
    shown = ("wenzheng_incidents_total", "wenzheng_http_requests_in_flight", "wenzheng_http_open")
    print("\n" + "\n".join(line for line in text.splitlines() if line.startswith(shown)))
    if grown := _grown(rows):
        raise SystemExit(f"grown: {'; '.join(grown)}")
    print("\nnothing grew beyond the tolerance")


async def _until_ready(use: Use) -> None:
    for _ in range(600):
        with suppress(httpx.HTTPError):
            async with use.client() as client:
                if (await client.get("/readyz")).is_success:
                    return
        await asyncio.sleep(0.2)
    raise SystemExit("the server was not ready after two minutes")


def _tell_log(path: Path) -> None:
    lines = path.read_text("utf-8", "replace").splitlines()
    traces = [n for n, line in enumerate(lines) if line.startswith("Traceback")]
    print(f"\n{len(lines)} lines of log, {len(traces)} tracebacks")
    for at in traces[:3]:
        print("\n".join(lines[max(0, at - 3) : at + 30]))


if __name__ == "__main__":
    main()
