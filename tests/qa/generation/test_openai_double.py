"""The double against the real client: these tests also record what the client makes of each failure."""

import asyncio
import json
import threading
import time
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing, closing
from typing import Any

import openai
import pytest
from langchain.chat_models import init_chat_model
from langchain_core.exceptions import OutputParserException
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessageChunk, BaseMessageChunk
from langchain_openai import StreamChunkTimeoutError
from langchain_openai.chat_models.base import OpenAIRefusalError
from pydantic import BaseModel, ValidationError

from tests.qa.generation.openai_double import JSON, Fault, OpenAIDouble, Reply, Status

QUESTION = "越城区2023年GDP增长多少?"
TEXT = "地区生产总值增长7.6%。"


class Growth(BaseModel):
    value: str


GROWTH = Growth(value="7.6%")
GROWTH_TEXT = GROWTH.model_dump_json()


class Outcome:
    """The chunks that came, and the exception that followed them."""

    def __init__(self) -> None:
        self.chunks: list[AIMessageChunk] = []
        self.error: Exception | None = None

    @property
    def text(self) -> str:
        return "".join(chunk.text for chunk in self.chunks)

    @property
    def message(self) -> BaseMessageChunk:
        return self.chunks[0] + self.chunks[1:]


def streamed(model: BaseChatModel) -> Outcome:
    outcome = Outcome()
    try:
        outcome.chunks.extend(model.stream(QUESTION))
    except Exception as error:
        outcome.error = error
    return outcome


def astreamed(model: BaseChatModel) -> Outcome:
    outcome = Outcome()

    async def collect() -> None:
        async for chunk in model.astream(QUESTION):
            outcome.chunks.append(chunk)

    try:
        asyncio.run(collect())
    except Exception as error:
        outcome.error = error
    return outcome


either_way = pytest.mark.parametrize("ask", [streamed, astreamed])
Ask = Callable[[BaseChatModel], Outcome]


def model_of(double: OpenAIDouble, **settings: Any) -> BaseChatModel:
    given = {"api_key": "test", "timeout": 5.0, "max_retries": 0, **settings}
    return init_chat_model("openai:double", base_url=double.url, **given)


def half(fault: Fault) -> Reply:
    """The first half of the text, then the fault."""
    return Reply(TEXT, fault=fault, fault_after=2)


@either_way
def test_a_text_is_streamed_in_its_chunks(ask: Ask) -> None:
    with OpenAIDouble(Reply(TEXT, chunk_chars=5)) as double:
        outcome = ask(model_of(double))
    assert [chunk.text for chunk in outcome.chunks if chunk.text] == [
        "地区生产总",
        "值增长7.",
        "6%。",
    ]
    assert outcome.message.response_metadata["finish_reason"] == "stop"
    assert outcome.error is None


def test_a_text_comes_whole() -> None:
    with OpenAIDouble(Reply(TEXT)) as double:
        message = model_of(double).invoke(QUESTION)
    assert message.text == TEXT
    assert message.response_metadata["finish_reason"] == "stop"


def test_chunks_are_as_far_apart_as_scripted() -> None:
    started = time.monotonic()
    with OpenAIDouble(Reply(TEXT, chunk_chars=6, chunk_seconds=0.05)) as double:
        assert streamed(model_of(double)).text == TEXT
    # Between the role, two chunks of text and the ending.
    assert time.monotonic() - started >= 3 * 0.05


@either_way
def test_usage_is_streamed_when_asked_for(ask: Ask) -> None:
    with OpenAIDouble(Reply(TEXT)) as double:
        usage = ask(model_of(double, stream_usage=True)).message.usage_metadata
    counts = {"input_tokens": len(QUESTION) // 2, "output_tokens": len(TEXT) // 2}
    assert {name: usage[name] for name in counts} == counts
    assert usage["total_tokens"] == sum(counts.values())


@either_way
def test_usage_is_not_streamed_unasked(ask: Ask) -> None:
    with OpenAIDouble(Reply(TEXT)) as double:
        assert ask(model_of(double)).message.usage_metadata is None
        assert "stream_options" not in double.requests[0].body


def test_usage_comes_with_a_whole_answer() -> None:
    with OpenAIDouble(Reply(TEXT)) as double:
        usage = model_of(double).invoke(QUESTION).usage_metadata
    assert (usage["input_tokens"], usage["output_tokens"]) == (len(QUESTION) // 2, len(TEXT) // 2)


def test_requests_are_kept_with_their_headers() -> None:
    with OpenAIDouble() as double:
        model_of(double, temperature=0.5).invoke([("system", "简短。"), ("user", QUESTION)])
    [request] = double.requests
    assert (request.body["model"], request.body["temperature"]) == ("double", 0.5)
    assert [message["content"] for message in request.body["messages"]] == ["简短。", QUESTION]
    assert request.headers["authorization"] == "Bearer test"


def test_replies_follow_each_other_and_the_last_repeats() -> None:
    with OpenAIDouble(Reply("一"), Reply("二")) as double:
        model = model_of(double)
        assert [model.invoke(QUESTION).text for _ in range(3)] == ["一", "二", "二"]


def echo(request: JSON) -> Reply:
    return Reply(request["messages"][-1]["content"])


@either_way
def test_a_reply_may_depend_on_the_request(ask: Ask) -> None:
    with OpenAIDouble(echo) as double:
        assert ask(model_of(double)).text == QUESTION


def test_what_a_scripted_function_raises_is_raised_on_leaving() -> None:
    def refuse(request: JSON) -> Reply:
        raise KeyError("no such question")

    with pytest.raises(KeyError, match="no such question"), OpenAIDouble(refuse) as double:
        model_of(double).invoke(QUESTION)


def test_requests_at_the_same_time_are_each_answered() -> None:
    async def ask(model: BaseChatModel) -> list[str]:
        questions = [str(n) for n in range(8)]
        return [reply.text for reply in await asyncio.gather(*map(model.ainvoke, questions))]

    with OpenAIDouble(echo) as double:
        assert asyncio.run(ask(model_of(double))) == [str(n) for n in range(8)]


def test_no_connection_is_kept_so_a_client_may_serve_several_event_loops() -> None:
    with OpenAIDouble(Reply(TEXT)) as double:
        model = model_of(double)
        assert [astreamed(model).text for _ in range(2)] == [TEXT, TEXT]


def test_another_path_is_not_found() -> None:
    with OpenAIDouble() as double:
        request = urllib.request.Request(f"{double.url}/completions", b"{}")
        with pytest.raises(urllib.error.HTTPError, match="404") as caught:
            urllib.request.urlopen(request)
        caught.value.close()
    assert double.requests == []


STATUSES = {
    400: openai.BadRequestError,
    401: openai.AuthenticationError,
    403: openai.PermissionDeniedError,
    404: openai.NotFoundError,
    429: openai.RateLimitError,
    500: openai.InternalServerError,
    503: openai.InternalServerError,
}


@either_way
@pytest.mark.parametrize(("status", "error"), STATUSES.items())
def test_a_status_is_the_clients_error(ask: Ask, status: int, error: type[Exception]) -> None:
    with OpenAIDouble(Status(status, retry_after=7, message="太多了")) as double:
        outcome = ask(model_of(double))
    assert isinstance(outcome.error, error)
    assert outcome.chunks == []
    assert "太多了" in str(outcome.error)
    assert outcome.error.response.headers["retry-after"] == "7"


@pytest.mark.parametrize(("status", "error"), STATUSES.items())
def test_a_status_is_the_same_error_for_a_whole_answer(status: int, error: type[Exception]) -> None:
    with OpenAIDouble(Status(status)) as double, pytest.raises(error):
        model_of(double).invoke(QUESTION)


def test_the_client_waits_as_long_as_retry_after_says() -> None:
    # Its own first wait is at most half a second.
    with OpenAIDouble(Status(429, retry_after=0.7), Reply(TEXT)) as double:
        started = time.monotonic()
        assert streamed(model_of(double, max_retries=2)).text == TEXT
    assert time.monotonic() - started >= 0.7
    assert len(double.requests) == 2


def test_without_retry_after_the_client_waits_three_eighths_to_half_a_second_at_first() -> None:
    with OpenAIDouble(Status(500), Reply(TEXT)) as double:
        started = time.monotonic()
        assert streamed(model_of(double, max_retries=2)).text == TEXT
    assert time.monotonic() - started >= 0.375


def test_the_client_does_not_wait_longer_than_two_minutes() -> None:
    with OpenAIDouble(Status(429, retry_after=121), Reply(TEXT)) as double:
        assert isinstance(streamed(model_of(double, max_retries=2)).error, openai.RateLimitError)
    assert len(double.requests) == 1


@either_way
def test_silence_is_a_timeout(ask: Ask) -> None:
    with OpenAIDouble(Reply(TEXT, silent_seconds=60)) as double:
        outcome = ask(model_of(double, timeout=0.1))
    assert isinstance(outcome.error, openai.APITimeoutError)
    assert outcome.chunks == []


def test_silence_is_waited_for_again_at_each_retry() -> None:
    with OpenAIDouble(Reply(TEXT, silent_seconds=60)) as double:
        outcome = streamed(model_of(double, timeout=0.05, max_retries=1))
    assert isinstance(outcome.error, openai.APITimeoutError)
    assert len(double.requests) == 2


def test_silence_of_some_time_is_only_slow() -> None:
    started = time.monotonic()
    with OpenAIDouble(Reply(TEXT, silent_seconds=0.1)) as double:
        assert streamed(model_of(double)).text == TEXT
    assert time.monotonic() - started >= 0.1


@either_way
def test_a_stream_that_breaks_is_a_connection_error_after_what_came(ask: Ask) -> None:
    with OpenAIDouble(half("breaks")) as double:
        outcome = ask(model_of(double))
    assert type(outcome.error.__cause__) is openai.APIConnectionError
    assert type(outcome.error.__cause__.__cause__).__name__ == "RemoteProtocolError"
    assert outcome.text == TEXT[:8]


def test_a_stream_that_broke_is_not_asked_for_again() -> None:
    with OpenAIDouble(half("breaks")) as double:
        assert isinstance(
            streamed(model_of(double, max_retries=2)).error, openai.APIConnectionError
        )
    assert len(double.requests) == 1


@either_way
def test_a_stream_that_ends_early_looks_like_an_answer_without_a_finish_reason(ask: Ask) -> None:
    with OpenAIDouble(half("ends")) as double:
        outcome = ask(model_of(double))
    assert outcome.error is None
    assert outcome.text == TEXT[:8]
    assert "finish_reason" not in outcome.message.response_metadata


@either_way
def test_a_stream_that_hangs_is_a_timeout_after_what_came(ask: Ask) -> None:
    with OpenAIDouble(half("hangs")) as double:
        outcome = ask(model_of(double, timeout=0.3))
    assert isinstance(outcome.error, openai.APITimeoutError)
    assert outcome.text == TEXT[:8]


PINGS = Reply(TEXT, chunk_seconds=0.02, fault="pings", fault_after=2)


def test_pings_end_an_asynchronous_stream_by_the_time_between_chunks() -> None:
    with OpenAIDouble(PINGS) as double:
        outcome = astreamed(model_of(double, timeout=0.3, stream_chunk_timeout=0.4))
    assert isinstance(outcome.error, StreamChunkTimeoutError)
    assert not isinstance(outcome.error, openai.OpenAIError)
    assert outcome.text == TEXT[:8]


def test_pings_keep_a_synchronous_stream_waiting_beyond_its_timeout() -> None:
    outcomes: list[Outcome] = []
    with OpenAIDouble(PINGS) as double:
        model = model_of(double, timeout=0.2, stream_chunk_timeout=0.1)
        client = threading.Thread(target=lambda: outcomes.append(streamed(model)))
        client.start()
        client.join(0.5)
        assert client.is_alive()
    client.join()
    assert isinstance(outcomes[0].error, openai.APIConnectionError)


@either_way
def test_a_chunk_that_is_no_json_is_pythons_own_error(ask: Ask) -> None:
    with OpenAIDouble(half("garbles")) as double:
        outcome = ask(model_of(double))
    assert type(outcome.error) is json.JSONDecodeError
    assert outcome.text == TEXT[:8]


@either_way
def test_an_error_within_a_stream_has_no_status(ask: Ask) -> None:
    with OpenAIDouble(half("fails")) as double:
        outcome = ask(model_of(double))
    assert type(outcome.error) is openai.APIError
    assert "scripted" in str(outcome.error)
    assert outcome.text == TEXT[:8]


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ("breaks", openai.APIConnectionError),
        ("ends", json.JSONDecodeError),
        ("hangs", openai.APITimeoutError),
        ("garbles", json.JSONDecodeError),
        ("fails", ValueError),
    ],
)
def test_a_whole_answer_fails_by_its_fault(fault: Fault, error: type[Exception]) -> None:
    with OpenAIDouble(half(fault)) as double, pytest.raises(error):
        model_of(double, timeout=0.3).invoke(QUESTION)


@either_way
def test_the_client_drops_a_streamed_refusal(ask: Ask) -> None:
    with OpenAIDouble(Reply("我不能回答。", refused=True)) as double:
        outcome = ask(model_of(double))
    assert outcome.error is None
    assert outcome.text == ""
    assert "refusal" not in outcome.message.additional_kwargs
    assert outcome.message.response_metadata["finish_reason"] == "stop"


def test_a_whole_refusal_is_beside_the_text() -> None:
    with OpenAIDouble(Reply("我不能回答。", refused=True)) as double:
        message = model_of(double).invoke(QUESTION)
    assert message.text == ""
    assert message.additional_kwargs["refusal"] == "我不能回答。"


@either_way
@pytest.mark.parametrize("reason", ["stop", "length", "content_filter"])
@pytest.mark.parametrize("text", ["", TEXT])
def test_the_finish_reason_is_told_even_of_an_empty_answer(
    ask: Ask, reason: str, text: str
) -> None:
    with OpenAIDouble(Reply(text, finish_reason=reason)) as double:
        outcome = ask(model_of(double))
    assert outcome.error is None
    assert outcome.text == text
    assert outcome.message.response_metadata["finish_reason"] == reason


def test_a_structured_answer_is_asked_for_by_its_schema() -> None:
    with OpenAIDouble(Reply(GROWTH_TEXT)) as double:
        assert model_of(double).with_structured_output(Growth).invoke(QUESTION) == GROWTH
    assert double.requests[0].body["response_format"]["type"] == "json_schema"


@pytest.mark.parametrize("method", ["json_schema", "function_calling", "json_mode"])
def test_a_structured_answer_comes_by_every_method(method: str) -> None:
    with OpenAIDouble(Reply(GROWTH_TEXT)) as double:
        model = model_of(double).with_structured_output(Growth, method=method)
        assert model.invoke(QUESTION) == GROWTH
        assert asyncio.run(model.ainvoke(QUESTION)) == GROWTH


@pytest.mark.parametrize("method", ["function_calling", "json_mode"])
def test_a_structured_answer_is_streamed_as_it_grows(method: str) -> None:
    with OpenAIDouble(Reply(GROWTH_TEXT)) as double:
        model = model_of(double).with_structured_output(Growth, method=method)
        assert list(model.stream(QUESTION))[-1] == GROWTH


def test_a_streamed_answer_of_a_schema_warns_although_it_is_right() -> None:
    with OpenAIDouble(Reply(GROWTH_TEXT)) as double:
        model = model_of(double).with_structured_output(Growth)
        with pytest.warns(UserWarning, match="field_name='parsed'"):
            assert list(model.stream(QUESTION))[-1] == GROWTH


REFUSED = Reply("我不能回答。", refused=True)
CUT_SHORT = Reply(GROWTH_TEXT[:6], finish_reason="length")


@pytest.mark.parametrize(
    ("method", "reply", "error"),
    [
        ("json_schema", REFUSED, OpenAIRefusalError),
        ("json_schema", Reply(TEXT), ValidationError),
        ("json_schema", Reply(""), ValueError),
        ("json_schema", CUT_SHORT, openai.LengthFinishReasonError),
        (
            "json_schema",
            Reply("", finish_reason="content_filter"),
            openai.ContentFilterFinishReasonError,
        ),
        ("function_calling", Reply(""), ValidationError),
        ("json_mode", REFUSED, OutputParserException),
        ("json_mode", Reply(TEXT), OutputParserException),
        ("json_mode", CUT_SHORT, openai.LengthFinishReasonError),
    ],
)
def test_a_structured_answer_that_is_none_is_an_error(
    method: str, reply: Reply, error: type[Exception]
) -> None:
    with OpenAIDouble(reply) as double, pytest.raises(error):
        model_of(double).with_structured_output(Growth, method=method).invoke(QUESTION)


@pytest.mark.parametrize("reply", [REFUSED, Reply(TEXT), CUT_SHORT])
def test_a_tool_call_that_is_none_is_nothing_at_all(reply: Reply) -> None:
    with OpenAIDouble(reply) as double:
        model = model_of(double).with_structured_output(Growth, method="function_calling")
        assert model.invoke(QUESTION) is None


ENDLESS = Reply(TEXT, chunk_seconds=0.01, fault="repeats")


async def first_text(chunks: AsyncIterator[AIMessageChunk]) -> str:
    async with aclosing(chunks):
        async for chunk in chunks:
            if chunk.text:
                return chunk.text
    return ""


async def all_text(chunks: AsyncIterator[AIMessageChunk]) -> str:
    return "".join([chunk.text async for chunk in chunks])


def test_a_synchronous_client_may_leave_an_endless_answer() -> None:
    with OpenAIDouble(ENDLESS) as double:
        with closing(model_of(double).stream(QUESTION)) as chunks:
            assert next(chunk.text for chunk in chunks if chunk.text) == TEXT[:4]
        double.wait_until_left()


def test_an_asynchronous_client_may_leave_an_endless_answer() -> None:
    with OpenAIDouble(ENDLESS) as double:
        assert asyncio.run(first_text(model_of(double).astream(QUESTION))) == TEXT[:4]
        double.wait_until_left()


@pytest.mark.parametrize("reply", [Reply(TEXT, silent_seconds=60), half("hangs"), ENDLESS])
def test_a_cancelled_task_leaves_at_once(reply: Reply) -> None:
    async def ask_and_cancel(double: OpenAIDouble) -> None:
        # With its time between chunks the client waits by asyncio.wait_for(), which in Python 3.11
        # swallows a cancellation that comes together with a chunk: it would hang until its timeout.
        model = model_of(double, stream_chunk_timeout=None)
        task = asyncio.create_task(all_text(model.astream(QUESTION)))
        while not double.requests:
            await asyncio.sleep(0.005)
        task.cancel()
        await task

    with OpenAIDouble(reply) as double:
        with pytest.raises(asyncio.CancelledError):
            asyncio.run(ask_and_cancel(double))
        double.wait_until_left()


def test_a_client_that_stays_to_the_end_has_not_left() -> None:
    with OpenAIDouble(Reply(TEXT)) as double:
        streamed(model_of(double))
        with pytest.raises(TimeoutError, match="0 of 1"):
            double.wait_until_left(seconds=0.05)


FLOOD = Reply(TEXT, fault="repeats")


@pytest.mark.parametrize("reply", [Reply(silent_seconds=60), half("hangs"), PINGS, ENDLESS, FLOOD])
def test_leaving_ends_every_answer_at_once(reply: Reply) -> None:
    outcomes: list[Outcome] = []
    with OpenAIDouble(reply) as double:
        model = model_of(double)
        client = threading.Thread(target=lambda: outcomes.append(streamed(model)))
        client.start()
        while not double.requests:
            time.sleep(0.005)
        left_at = time.monotonic()
    assert time.monotonic() - left_at < 3
    client.join()
    assert isinstance(outcomes[0].error, openai.APIConnectionError)
    assert double.left == 0
    assert not [thread for thread in threading.enumerate() if "process_request" in thread.name]


def test_a_double_that_is_gone_cannot_be_reached() -> None:
    with OpenAIDouble() as double:
        model = model_of(double)
    assert isinstance(streamed(model).error, openai.APIConnectionError)


def test_there_must_be_a_text_to_repeat() -> None:
    with pytest.raises(ValueError, match="no text"):
        Reply(fault="repeats")
