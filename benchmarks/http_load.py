"""Load on the HTTP API: answers a second, their latency, open streams, memory.

    apt-get install wrk && python -m benchmarks.http_load

Serves the samples without a language model and drives ``/api/ask`` with wrk over 64 connections, with
the shipped questions: once every request new to the service, once as people ask, again and again.
Then opens 200 event streams at once, and watches the memory of the process over 10,000 requests.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import re
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx

from benchmarks.serving import served
from eval.questions import QuestionCase, read_case_set

_CONNECTIONS, _STREAMS, _REQUESTS = 64, 200, 10_000
# Marks of no width in front of a question: the same question to the reader, a new one to a cache.
_SCRIPT = """
local bodies = {}
for line in io.lines("%s") do bodies[#bodies + 1] = line end
local thread_id, count = 0, 0
function setup(thread) thread:set("thread_id", thread_id); thread_id = thread_id + 1 end
function request()
  count = count + 1
  local body = bodies[(count * 2 + thread_id) %% #bodies + 1]
  if %s then
    local marks, rest = "", count * 2 + thread_id
    while rest > 0 do
      marks = marks .. (rest %% 2 == 1 and "\\u{200b}" or "\\u{200c}")
      rest = math.floor(rest / 2)
    end
    body = body:gsub('"question": "', '"question": "' .. marks, 1)
  end
  return wrk.format("POST", "/api/ask", {["Content-Type"] = "application/json"}, body)
end
function done(summary, latency, requests)
  local errors = summary.errors
  local failed = errors.connect + errors.read + errors.write + errors.status + errors.timeout
  local seconds = summary.duration / 1e6
  local median, late = latency:percentile(50) / 1e3, latency:percentile(95) / 1e3
  print(string.format("%%.1f %%.0f %%.0f %%d %%d", summary.requests / seconds,
    median, late, failed, summary.requests))
end
"""


def main() -> None:
    arguments = _arguments()
    cases = [case for case in read_case_set(arguments.cases) if len(case.turns) < 5]
    with TemporaryDirectory() as made:
        folder = Path(made)
        bodies = folder / "bodies.jsonl"
        bodies.write_text("".join(_body(case) + "\n" for case in cases), "utf-8")
        with served(folder / "library", arguments.sources) as (address, server):
            print(f"{len(cases)} questions, {_CONNECTIONS} connections, {arguments.seconds} s\n")
            print("| questions | answers a second | median ms | 95 % ms | errors |")
            print("|---|---|---|---|---|")
            for name, is_new in (("all new", True), ("again and again", False)):
                told = _load(address, folder, bodies, is_new=is_new, seconds=arguments.seconds)
                rate, median, late, errors, _ = told
                print(f"| {name} | {rate:.1f} | {median:.0f} | {late:.0f} | {errors} |", flush=True)
            whole, seconds = asyncio.run(_open_streams(address, cases))
            print(
                f"\n{whole} of {_STREAMS} streams open at once came to their end, in {seconds:.1f} s"
            )
            _watch_memory(address, folder, bodies, server)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="load on the HTTP API")
    parser.add_argument("--sources", default="samples")
    parser.add_argument("--cases", default="shipped")
    parser.add_argument("--seconds", type=int, default=20)
    return parser.parse_args()


def _body(case: QuestionCase) -> str:
    return json.dumps({"question": case.question, "turns": list(case.turns)}, ensure_ascii=False)


# --- what is measured ----------------------------------------------------------------------------


def _load(
    address: str, folder: Path, bodies: Path, *, is_new: bool, seconds: int
) -> tuple[float, float, float, int, int]:
    """Answers a second, median and 95th percentile in milliseconds, errors, answers."""
    script = folder / "ask.lua"
    script.write_text(_SCRIPT % (bodies, str(is_new).lower()), "utf-8")
    command = ["wrk", "-t2", f"-c{_CONNECTIONS}", f"-d{seconds}s", "--timeout", "30s"]
    try:
        done = subprocess.run(
            [*command, "-s", script, address], capture_output=True, text=True, check=True
        )
    except FileNotFoundError:
        sys.exit("wrk is not installed; apt-get install wrk")
    rate, median, late, errors, answers = done.stdout.strip().split("\n")[-1].split()
    return float(rate), float(median), float(late), int(errors), int(answers)


async def _open_streams(address: str, cases: list[QuestionCase]) -> tuple[int, float]:
    """How many event streams, all open before the first is read, ended with the answer; seconds."""
    limits = httpx.Limits(max_connections=None)
    started = time.perf_counter()
    async with httpx.AsyncClient(base_url=address, limits=limits, timeout=120) as client:
        asked = [
            client.build_request("POST", "/api/ask", json={"question": c.question, "stream": True})
            for c in cases[:_STREAMS]
        ]
        opened = await asyncio.gather(*(client.send(one, stream=True) for one in asked))
        told = await asyncio.gather(*(one.aread() for one in opened))
    whole = sum(b"event: done" in one for one in told)
    return whole, time.perf_counter() - started


def _watch_memory(
    address: str, folder: Path, bodies: Path, server: subprocess.Popen[bytes]
) -> None:
    print("\n| requests | MiB of the process |\n|---|---|")
    answers = 0
    while answers <= _REQUESTS:
        print(f"| {answers:,} | {_resident(server.pid):.0f} |", flush=True)
        answers += _load(address, folder, bodies, is_new=True, seconds=30)[-1]
    print(f"| {answers:,} | {_resident(server.pid):.0f} |")


def _resident(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    found = re.search(r"VmRSS:\s+(\d+)", status)
    assert found
    return int(found.group(1)) / 1024


if __name__ == "__main__":
    main()
