"""The official client and LangChain's, over a real socket."""

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import openai
import pytest
from fastapi.testclient import TestClient
from langchain_core.messages import AIMessage, HumanMessage
from langchain_openai import ChatOpenAI

from api.http import Service, create_app
from qa.chain import Chain
from qa.errors import LibraryDamagedError
from qa.settings import Settings
from tests.api.http.serving import served
from tests.qa.generation.assisted import assisted
from tests.qa.generation.openai_double import Reply

GDP = "越城区2023年GDP增长多少?"


@pytest.fixture(scope="module")
def address(bundled_chain: Chain, bundled_settings: Settings) -> Iterator[str]:
    service = Service(bundled_settings, lambda: bundled_chain)
    service.open()
    with served(create_app(service)) as address:
        yield address


@pytest.fixture(scope="module")
def sdk(address: str) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=f"{address}/v1", api_key="unused", max_retries=0) as client:
        yield client


def asked(question: str) -> list[Any]:
    return [{"role": "user", "content": question}]


def test_the_official_client_gets_the_answer_and_its_citations(sdk: openai.OpenAI) -> None:
    reply = sdk.chat.completions.create(model="wenzheng", messages=asked(GDP))
    assert reply.choices[0].message.content == "越城区2023年地区生产总值增长7.6%[1]。"
    assert reply.choices[0].finish_reason == "stop"
    assert reply.usage is not None
    assert reply.usage.total_tokens == reply.usage.prompt_tokens + reply.usage.completion_tokens > 0
    told = (reply.model_extra or {})["wenzheng"]
    assert told == (reply.choices[0].message.model_extra or {})["wenzheng"]
    assert told["status"] == "answered"
    assert "answer" not in told
    assert told["citations"][0]["quote"].startswith("全年实现地区生产总值增长7.6%")


def test_earlier_messages_of_the_user_are_the_turns(sdk: openai.OpenAI) -> None:
    messages: list[Any] = [
        {"role": "system", "content": "Answer in verse. Never cite."},
        {"role": "user", "content": "荔湾区去年一般公共预算收入是多少?"},
        {"role": "assistant", "content": "上城区是116.79亿元。"},
        {"role": "user", "content": [{"type": "text", "text": "支出呢?"}]},
    ]
    reply = sdk.chat.completions.create(model="wenzheng", messages=messages)
    content = reply.choices[0].message.content or ""
    assert "荔湾区" in content
    assert "117.24亿元" in content


def test_a_stream_gives_the_same_text_and_the_answer_object_last(sdk: openai.OpenAI) -> None:
    question = "越城区和上城区2023年GDP增速哪个高?"
    whole = sdk.chat.completions.create(model="wenzheng", messages=asked(question))
    chunks = list(
        sdk.chat.completions.create(
            model="wenzheng",
            messages=asked(question),
            stream=True,
            stream_options={"include_usage": True},
        )
    )
    text = "".join(c.choices[0].delta.content or "" for c in chunks if c.choices)
    assert text == whole.choices[0].message.content
    assert len({chunk.id for chunk in chunks}) == 1
    assert [c.choices[0].finish_reason for c in chunks if c.choices][-1] == "stop"
    assert chunks[-1].usage is not None
    assert chunks[-1].usage.completion_tokens > 0
    with_objects = [c for c in chunks if "wenzheng" in (c.model_extra or {})]
    assert with_objects == chunks[-2:]
    told = (with_objects[-1].model_extra or {})["wenzheng"]
    assert {c["place"] for c in told["citations"]} == {"越城区", "上城区"}


def test_a_stream_without_usage_ends_with_the_answer_object(sdk: openai.OpenAI) -> None:
    stream = sdk.chat.completions.create(model="wenzheng", messages=asked(GDP), stream=True)
    *_, last = stream
    assert last.usage is None
    assert (last.model_extra or {})["wenzheng"]["status"] == "answered"


def test_a_refusal_is_an_answer_with_its_reason(sdk: openai.OpenAI) -> None:
    reply = sdk.chat.completions.create(
        model="wenzheng", messages=asked("柯桥区2023年GDP增长多少?")
    )
    told = (reply.model_extra or {})["wenzheng"]
    assert told["refusal"]["reason"] == "place_not_held"
    assert told["refusal"]["detail"] == reply.choices[0].message.content


def test_clients_that_show_text_alone_can_have_the_sources_in_it(sdk: openai.OpenAI) -> None:
    model = "wenzheng-with-sources"
    whole = sdk.chat.completions.create(model=model, messages=asked(GDP))
    content = whole.choices[0].message.content or ""
    assert content.startswith(
        "越城区2023年地区生产总值增长7.6%[1]。\n\n[1] 2024年越城区政府工作报告"
    )
    chunks = sdk.chat.completions.create(model=model, messages=asked(GDP), stream=True)
    assert "".join(c.choices[0].delta.content or "" for c in chunks) == content


def test_models_are_listed_and_known_by_name(sdk: openai.OpenAI) -> None:
    names = [model.id for model in sdk.models.list()]
    assert names[0] == "wenzheng"
    assert sdk.models.retrieve("wenzheng").owned_by == "wenzheng"
    with pytest.raises(openai.NotFoundError, match="gpt-4o"):
        sdk.models.retrieve("gpt-4o")


def test_another_model_is_not_found(sdk: openai.OpenAI) -> None:
    with pytest.raises(openai.NotFoundError, match="no model gpt-4o") as raised:
        sdk.chat.completions.create(model="gpt-4o", messages=asked(GDP))
    assert raised.value.code == "model_not_found"


@pytest.mark.parametrize(
    "messages",
    [
        [],
        [{"role": "assistant", "content": "好的"}],
        [{"role": "user", "content": "  "}],
        [{"role": "user", "content": None}],
        [{"role": "user", "content": "长" * 2001}],
        [{"role": "robot", "content": "GDP"}],
        [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "x"}}]}],
    ],
)
def test_what_is_no_question_is_told_so(sdk: openai.OpenAI, messages: list[Any]) -> None:
    with pytest.raises(openai.UnprocessableEntityError, match="messages"):
        sdk.chat.completions.create(model="wenzheng", messages=messages)


def test_langchain_asks_and_streams(address: str) -> None:
    model = ChatOpenAI(model="wenzheng", base_url=f"{address}/v1", api_key="unused")  # type: ignore[arg-type]
    messages = [
        HumanMessage("荔湾区去年一般公共预算收入是多少?"),
        AIMessage("…"),
        HumanMessage("支出呢?"),
    ]
    whole = model.invoke(messages)
    assert "117.24亿元" in whole.text
    assert "".join(chunk.text for chunk in model.stream(messages)) == whole.text


def test_an_outage_before_the_first_word_has_a_status(
    bundled_settings: Settings, bundled_chain: Chain, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*arguments: object, **more: object) -> None:
        raise LibraryDamagedError("library_damaged", path="x", reason="disk gone")

    service = Service(bundled_settings, lambda: bundled_chain)
    service.open()
    monkeypatch.setattr(bundled_chain.searcher, "search", broken)
    with TestClient(
        create_app(service), base_url="http://127.0.0.1", raise_server_exceptions=False
    ) as client:
        for path, body in (
            ("/v1/chat/completions", {"model": "wenzheng", "messages": asked(GDP), "stream": True}),
            ("/api/ask", {"question": GDP, "stream": True}),
        ):
            reply = client.post(path, json=body)
            assert reply.status_code == 503
            assert reply.headers["content-type"] == "application/problem+json"
            assert "disk gone" in reply.json()["error"]["message"]


def test_an_outage_in_mid_stream_is_told_in_the_stream(
    bundled_settings: Settings,
    bundled_chain: Chain,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Clients must not take half an answer for a whole one."""
    with assisted(bundled_chain, bundled_settings, tmp_path, Reply("x")) as (chain, _):

        async def breaks(*arguments: object) -> Any:
            raise LibraryDamagedError("library_damaged", path="x", reason="disk gone")
            yield

        monkeypatch.setattr(chain.assistant, "answer", breaks)
        service = Service(bundled_settings, lambda: chain)
        service.open()
        with served(create_app(service)) as address:
            client = openai.OpenAI(base_url=f"{address}/v1", api_key="unused", max_retries=0)
            with client, pytest.raises(openai.APIError, match="disk gone"):
                list(
                    client.chat.completions.create(
                        model="wenzheng", messages=asked(GDP), stream=True
                    )
                )
            told = httpx.post(f"{address}/api/ask", json={"question": GDP, "stream": True}).text
    assert told.count("event: error") == 1
    assert "event: done" not in told


def test_embeddings_are_those_the_library_is_searched_with(
    sdk: openai.OpenAI, bundled_chain: Chain
) -> None:
    texts = ["地区生产总值增长7.6%", "老旧小区改造"]
    reply = sdk.embeddings.create(model="wenzheng-embedding", input=texts)
    embedder = bundled_chain.searcher.embedder
    assert embedder is not None
    vectors = np.array([one.embedding for one in reply.data])
    assert np.allclose(vectors, embedder.encode_documents(texts), atol=1e-6)
    assert reply.usage.total_tokens > 0


def test_questions_are_embedded_as_questions(address: str, bundled_chain: Chain) -> None:
    body = {"model": "wenzheng-embedding", "input": GDP, "input_type": "query"}
    as_numbers = httpx.post(f"{address}/v1/embeddings", json=body).json()["data"][0]["embedding"]
    body["encoding_format"] = "base64"
    packed = httpx.post(f"{address}/v1/embeddings", json=body).json()["data"][0]["embedding"]
    assert bundled_chain.searcher.embedder is not None
    wanted = bundled_chain.searcher.embedder.encode_query(GDP)
    assert np.allclose(as_numbers, wanted, atol=1e-6)
    assert np.array_equal(np.frombuffer(base64.b64decode(packed), "<f4"), wanted)


@pytest.mark.parametrize(
    "more",
    [{"input": []}, {"input": ""}, {"input": [1, 2]}, {"dimensions": 7}, {"input": ["长" * 8001]}],
)
def test_what_cannot_be_embedded_is_told_so(address: str, more: dict[str, Any]) -> None:
    body = {"model": "wenzheng-embedding", "input": "GDP", **more}
    reply = httpx.post(f"{address}/v1/embeddings", json=body)
    assert reply.status_code == 422
    assert next(iter(more)) in reply.json()["detail"]


def test_events_tell_the_stages_of_an_answer(address: str) -> None:
    body = {"question": "越城区和上城区2023年GDP增速哪个高?", "stream": True}
    reply = httpx.post(f"{address}/api/ask", json=body)
    events = [block.split("\n") for block in reply.text.strip().split("\n\n")]
    named = [
        (lines[0].removeprefix("event: "), lines[1].removeprefix("data: ")) for lines in events
    ]
    names = [name for name, _ in named]
    assert names[:2] == ["understood", "searched"]
    assert names[-1] == "done"
    understood = json.loads(named[0][1])
    assert understood["places"] == ["越城区", "上城区"]
    assert understood["years"] == [2023]
    done = json.loads(named[-1][1])
    sentences = [json.loads(data)["text"] for name, data in named if name == "sentence"]
    assert "".join(sentences) == done["answer"]
    citations = [json.loads(data) for name, data in named if name == "citation"]
    assert citations == done["citations"]
    by_address = httpx.get(
        f"{address}/api/ask",
        params={"question": body["question"]},
        headers={"accept": "text/event-stream"},
    )
    assert by_address.headers["content-type"].startswith("text/event-stream")
    assert by_address.text.count("event: done") == 1


def test_search_by_body_and_by_address_finds_the_same(address: str) -> None:
    body = {"question": "越城区老旧小区改造", "k": 3}
    found = httpx.post(f"{address}/api/search", json=body).json()
    assert [hit["rank"] for hit in found["hits"]] == [1, 2, 3]
    assert found == httpx.get(f"{address}/api/search", params=body).json()
    assert httpx.get(f"{address}/api/search", params={**body, "k": 0}).status_code == 422
