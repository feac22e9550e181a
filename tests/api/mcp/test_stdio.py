"""The server as a process of its own, spoken to over its standard input and output."""

import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from mcp import Client

from api.assembly import vector_maker_of
from api.cli import main
from qa.library.ingest import ingest
from qa.settings import Settings
from tests.api.mcp.clients import (
    QUESTION,
    ROOT,
    asking,
    command,
    environment,
    error_of,
    over_stdio,
    text_of,
)
from tests.conftest import no_progress


def _started(settings: Settings) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        command(settings),
        cwd=ROOT,
        env=environment(settings, WENZHENG_LOG_LEVEL="debug"),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def _lines(*messages: dict[str, Any]) -> bytes:
    return b"".join(json.dumps({"jsonrpc": "2.0", **one}).encode() + b"\n" for one in messages)


INITIALIZE = {
    "id": 0,
    "method": "initialize",
    "params": {
        "protocolVersion": "2025-06-18",
        "capabilities": {},
        "clientInfo": {"name": "test", "version": "0"},
    },
}
INITIALIZED = {"method": "notifications/initialized"}


def _asks(number: int, question: str) -> dict[str, Any]:
    params = {"name": "ask", "arguments": {"question": question}}
    return {"id": number, "method": "tools/call", "params": params}


@pytest.mark.parametrize("mode", ["auto", "legacy"])
def test_a_client_finds_tools_resources_and_prompts_and_gets_an_answer(
    bundled_settings: Settings, mode: str
) -> None:
    async def work(client: Client) -> None:
        assert len((await client.list_tools()).tools) == 6
        # At once: the library is still being opened.
        answer = await client.call_tool("ask", {"question": QUESTION})
        assert "7.6%" in text_of(answer)
        assert answer.structured_content["id"]
        (citation,) = answer.structured_content["citations"]
        where = {name: citation[name] for name in ("report_id", "start", "end")}
        read = await client.call_tool("read_passage", where)
        assert read.structured_content["text"] == citation["quote"]
        resources = (await client.list_resources()).resources
        assert len(resources) == 8
        assert (await client.read_resource(resources[0].uri)).contents
        assert len((await client.list_prompts()).prompts) == 2
        assert (await client.get_prompt("brief", {"place": "越城区"})).messages
        assert "没有编号" in error_of(await client.call_tool("read_passage", {"report_id": "x"}))

    asking(over_stdio(bundled_settings), work, mode)


def test_stdout_carries_nothing_but_the_protocol(bundled_settings: Settings) -> None:
    process = _started(bundled_settings)
    said = _lines(INITIALIZE, INITIALIZED, _asks(1, QUESTION), _asks(2, "支出呢?"))
    assert process.stdin
    assert process.stdout
    process.stdin.write(said + b"this is no JSON\n" + _lines({"id": 3, "method": "ping"}))
    process.stdin.flush()
    told: dict[Any, dict[str, Any]] = {}
    while not {0, 1, 2, 3} <= set(told):
        message = json.loads(process.stdout.readline())
        assert message["jsonrpc"] == "2.0"
        told[message.get("id")] = message
    assert "7.6%" in told[1]["result"]["structuredContent"]["answer"]
    rest, _ = process.communicate(timeout=30)
    assert [json.loads(line) for line in rest.splitlines()] == []
    assert process.returncode == 0


def test_a_client_that_goes_ends_the_server(bundled_settings: Settings) -> None:
    process = _started(bundled_settings)
    output, errors = process.communicate(_lines(INITIALIZE), timeout=60)
    assert json.loads(output.splitlines()[0])["result"]["serverInfo"]["name"] == "wenzheng"
    assert process.returncode == 0
    assert b"Traceback" not in errors


def test_a_client_that_dies_in_the_middle_is_no_failure(bundled_settings: Settings) -> None:
    process = _started(bundled_settings)
    assert process.stdin
    assert process.stdout
    assert process.stderr
    process.stdin.write(_lines(INITIALIZE, INITIALIZED))
    process.stdin.flush()
    assert process.stdout.readline()
    process.stdout.close()
    process.stdin.write(_lines({"id": 1, "method": "ping"}))
    process.stdin.close()
    errors = process.stderr.read()
    process.stderr.close()
    assert process.wait(30) == 0
    assert b"Traceback" not in errors


def test_ctrl_c_ends_it_although_it_waits_for_input(bundled_settings: Settings) -> None:
    process = _started(bundled_settings)
    try:
        assert process.stdin
        assert process.stdout
        process.stdin.write(_lines(INITIALIZE))
        process.stdin.flush()
        assert process.stdout.readline()
        process.send_signal(signal.SIGINT)
        assert process.wait(10) == -signal.SIGINT
    finally:
        process.kill()
        process.communicate()


def test_without_a_library_it_starts_says_so_and_sees_the_one_that_is_made(
    bundled_settings: Settings, tmp_path: Path, samples_dir: Path
) -> None:
    settings = bundled_settings.model_copy(update={"library": tmp_path / "library"})

    async def work(client: Client) -> None:
        told = error_of(await client.call_tool("ask", {"question": QUESTION}))
        assert "wenzheng ingest" in told
        ingest(
            settings.library,
            [next(samples_dir.glob("000*"))],
            vector_maker_of(settings),
            passage_max_chars=settings.passage_max_chars,
            progress=no_progress,
        )
        answer = await client.call_tool("ask", {"question": QUESTION})
        assert "7.6%" in text_of(answer)

    asking(over_stdio(settings), work)


def test_a_damaged_library_is_told_on_each_call(bundled_settings: Settings, tmp_path: Path) -> None:
    folder = tmp_path / "library"
    folder.mkdir()
    (folder / "CURRENT").write_text("000009", "utf-8")
    settings = bundled_settings.model_copy(update={"library": folder})

    async def work(client: Client) -> list[str]:
        asked = {"question": QUESTION}
        return [error_of(await client.call_tool("ask", asked)) for _ in range(2)]

    first, second = asking(over_stdio(settings), work)
    assert first == second
    assert str(folder) in first


@pytest.mark.parametrize("words", [["--host", "::1"], ["--port", "1"]])
def test_an_address_without_http_is_wrong_usage(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["mcp", *words])
    assert caught.value.code == 2
    assert "go with --http" in capsys.readouterr().err


def test_other_commands_do_not_load_the_sdk(bundled_settings: Settings) -> None:
    code = (
        "import sys; from api.cli import main; "
        f"main(['--library', {str(bundled_settings.library)!r}, 'reports']); "
        "assert not {'mcp', 'mcp_types'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
