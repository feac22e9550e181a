"""A report, a file name and a question that carry escapes, markup and formulas harm nobody who is shown them."""

import csv
import io
import json
import logging
from collections.abc import Iterator
from itertools import pairwise

import pytest
from fastapi.testclient import TestClient

from api.assembly import chain_of, vector_maker_of
from api.bots.rendering import shown
from api.cli import main
from api.http import Service, create_app
from api.http.logs import formatter
from api.mcp.endpoint import McpEndpoint
from eval.report_page import escape
from qa.errors import InputError
from qa.harmless import escaped, harmless
from qa.library.ingest import ingest
from qa.settings import Settings
from tests.api.venom import ESCAPES, FILE, FORMULA, QUESTIONS, REPORT, SCRIPT, TURNED, acting
from tests.embeddings.conftest import model_cache_dir


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    folder = tmp_path_factory.mktemp("venom")
    path = folder / FILE
    # A file that says its encoding is taken at its word; without the mark the controls would refuse it.
    path.write_text(REPORT.text, "utf-8-sig", newline="")
    made = Settings(library=folder / "library", cache=model_cache_dir())
    ingest(made.library, [path], vector_maker_of(made), passage_max_chars=450, progress=_silent)
    return made


def _silent(*_: object) -> None:
    """Tells nobody."""


@pytest.fixture(scope="module")
def client(settings: Settings) -> Iterator[TestClient]:
    chain = chain_of(settings)
    service = Service(settings, lambda: chain)
    service.open()
    app = create_app(service, endpoints=[McpEndpoint(service)])
    with TestClient(app, base_url="http://127.0.0.1") as client:
        yield client


@pytest.fixture
def command(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> object:
    monkeypatch.setenv("WENZHENG_CACHE", str(settings.cache))

    def run(*arguments: str) -> str:
        main(["--library", str(settings.library), *arguments])
        told = capsys.readouterr()
        return told.out + told.err

    return run


def test_the_report_holds_what_it_should_harm_with(client: TestClient) -> None:
    """Programs get the text as it is written: offsets count all of it."""
    [report] = client.get("/api/reports").json()
    text = client.get(f"/api/reports/{report['report_id']}/text").json()["text"]
    assert all(venom in text for venom in (ESCAPES, TURNED, SCRIPT, FORMULA))
    assert SCRIPT.replace("/", "_") in report["sources"][0]


def test_an_answer_reads_in_the_order_that_was_checked(client: TestClient) -> None:
    texts = ""
    for question in QUESTIONS:
        answer = client.post("/api/ask", json={"question": question}).json()
        read = [answer["answer"], *answer["notes"], (answer["refusal"] or {}).get("detail", "")]
        texts += "".join(read)
        for citation in answer["citations"]:
            text = client.get(
                f"/api/reports/{citation['report_id']}/text",
                params={"start": citation["start"], "end": citation["end"]},
            ).json()["text"]
            assert text == citation["quote"]
    assert acting(texts) == []
    assert "7.6" in texts


def test_a_stream_and_a_chat_are_as_harmless(client: TestClient) -> None:
    for question in QUESTIONS:
        message = {"role": "user", "content": question}
        body = {"model": "wenzheng-with-sources", "messages": [message]}
        reply = client.post("/v1/chat/completions", json=body).json()
        assert acting(reply["choices"][0]["message"]["content"]) == []
        with client.stream("POST", "/api/ask", json={"question": question, "stream": True}) as told:
            lines = list(told.iter_lines())
        sentences = [
            json.loads(line.removeprefix("data: "))["text"]
            for before, line in pairwise(lines)
            if before == "event: sentence"
        ]
        assert sentences
        assert acting("".join(sentences)) == []


@pytest.mark.parametrize(
    "arguments",
    [["reports"], ["reports", "--json"], ["search", QUESTIONS[0]], ["facts"], ["facts", "--json"],
     ["search", QUESTIONS[0], "--json"], ["facts", "--csv"], ["ingest", f"/no/{FILE}"],
     ["doctor"], ["doctor", "--json", "--deep"], ["remove", ESCAPES],
     ["compare", "--place", "海宁", "--indicator", "GDP"],
     *(["ask", question] for question in QUESTIONS),
     *(["ask", question, "--json"] for question in QUESTIONS)],
)  # fmt: skip
def test_no_command_acts_on_the_terminal(command: object, arguments: list[str]) -> None:
    told = command(*arguments)  # type: ignore[operator]
    assert told.strip()
    assert acting(told) == []


def test_json_on_a_terminal_has_the_same_value(command: object, client: TestClient) -> None:
    told = json.loads(command("reports", "--json"))  # type: ignore[operator]
    assert told == client.get("/api/reports").json()


def test_no_cell_of_a_sheet_is_a_formula(client: TestClient) -> None:
    rows = list(csv.reader(io.StringIO(client.get("/api/facts?format=csv").text)))
    cells = [cell for row in rows for cell in row]
    assert any("HYPERLINK" in cell for cell in cells)
    assert not [cell for cell in cells if cell[:1] in "=+@\t\r" and cell]
    assert acting("".join(cells)) == []


def test_what_bots_say_is_harmless(client: TestClient) -> None:
    chain = client.app.state.service.chain  # type: ignore[attr-defined]
    for question in QUESTIONS:
        told = shown(chain.ask(question), "zh", "https://page.example", chain.searcher.library.held)
        parts = [told.text, *told.notes, told.hint]
        parts += [part for source in told.sources for part in (source.title, source.quote)]
        assert acting("".join(parts)) == []


def test_what_mcp_gives_to_read_is_harmless(client: TestClient) -> None:
    for name, arguments in (
        ("ask", {"question": QUESTIONS[0]}),
        ("search", {"question": QUESTIONS[0]}),
        ("facts", {}),
        ("list_reports", {}),
    ):
        params = {"name": name, "arguments": arguments}
        body = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}
        headers = {
            "Accept": "application/json, text/event-stream",
            "MCP-Protocol-Version": "2025-06-18",
        }
        reply = client.post("/mcp", json=body, headers=headers)
        line = next(line for line in reply.text.splitlines() if "jsonrpc" in line)
        content = json.loads(line.removeprefix("data: "))["result"]["content"]
        assert acting("".join(part["text"] for part in content)) == []


@pytest.mark.parametrize("form", ["console", "json"])
def test_a_line_of_the_log_stays_one_line_that_does_nothing(form: str) -> None:
    told = f"{ESCAPES}\n2026-11-27 [error] forged{TURNED}"
    info = (ValueError, ValueError(told), None)
    record = logging.LogRecord("wenzheng.x", logging.ERROR, "", 1, told, (), None)
    traced = logging.LogRecord("wenzheng.x", logging.ERROR, "", 1, "broke", (), info)
    fields = logging.LogRecord(
        "wenzheng.x", logging.ERROR, "", 1, {"event": "a", "x": told}, (), None
    )  # type: ignore[arg-type]
    for one in (record, fields):
        line = formatter(form).format(one)  # type: ignore[arg-type]
        assert "\n" not in line
        assert acting(line) == []
    assert acting(formatter(form).format(traced)) == []  # type: ignore[arg-type]


def test_an_error_says_a_name_without_what_acts() -> None:
    assert acting(InputError("empty", name=FILE).said("zh")) == []


def test_markup_stays_text_in_the_evaluations_report() -> None:
    assert "<script" not in escape(SCRIPT)


def test_only_what_acts_is_taken_out(client: TestClient) -> None:
    kept = "一行\n二行\t“引号”…—é👨‍👩‍👧\u200b"
    assert harmless(kept) == kept == json.loads(escaped(json.dumps(kept, ensure_ascii=False)))
    value = {"a": f"{ESCAPES}{TURNED}\U000e0041", "b": [1, None]}
    assert json.loads(escaped(json.dumps(value, ensure_ascii=False))) == value
