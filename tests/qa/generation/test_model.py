"""Every way in which a model fails, met by the real client over HTTP."""

import time
from collections.abc import AsyncGenerator

import pytest
from langchain.chat_models import init_chat_model
from langchain_core.messages import HumanMessage

from qa.answers.answer import Usage
from qa.errors import ModelUnavailableError
from qa.event_loop import EVENT_LOOP
from qa.generation.model import LanguageModel, Talk
from tests.qa.generation.openai_double import OpenAIDouble, Reply, Scripted, Status

TEXT = "越城区2023年地区生产总值增长7.6%。"
ASKED = [HumanMessage("增长多少?")]


def model_at(double: OpenAIDouble) -> LanguageModel:
    model = init_chat_model(
        "openai:double",
        base_url=double.url,
        api_key="test",
        max_retries=0,
        timeout=20,
        stream_usage=True,
        stream_chunk_timeout=None,
    )
    return LanguageModel(model, "openai:double")


def heard(model: LanguageModel, seconds: float = 10.0) -> tuple[list[str], str | None, Talk]:
    """The pieces that arrived, the key of the error, the talk."""
    talk = Talk.within(seconds)
    pieces: list[str] = []

    async def listen() -> None:
        async for piece in model.stream(ASKED, talk):
            pieces.append(piece)

    try:
        EVENT_LOOP.run(listen)
    except ModelUnavailableError as error:
        return pieces, error.key, talk
    return pieces, None, talk


def hear(*script: Scripted, seconds: float = 10.0) -> tuple[str, str | None, OpenAIDouble]:
    with OpenAIDouble(*script) as double:
        pieces, key, _ = heard(model_at(double), seconds)
        return "".join(pieces), key, double


def test_the_answer_arrives_in_pieces_and_its_tokens_are_counted() -> None:
    with OpenAIDouble(Reply(TEXT)) as double:
        pieces, key, talk = heard(model_at(double))
    assert "".join(pieces) == TEXT
    assert len(pieces) > 1
    assert key is None
    assert talk.usage == Usage(len(ASKED[0].text) // 2, len(TEXT) // 2)


@pytest.mark.parametrize(
    ("reply", "told", "key"),
    [
        (Status(401), "", "model_unavailable"),
        (Status(404), "", "model_unavailable"),
        (Reply(""), "", "model_silent"),
        (Reply("不能回答。", refused=True), "", "model_silent"),
        (Reply(TEXT, finish_reason="content_filter"), TEXT, "model_declined"),
        (Reply(TEXT, fault="breaks", fault_after=2), TEXT[:8], "model_unavailable"),
        (Reply(TEXT, fault="ends", fault_after=2), TEXT[:8], "model_cut"),
        (Reply(TEXT, fault="garbles", fault_after=2), TEXT[:8], "model_unavailable"),
        (Reply(TEXT, fault="fails", fault_after=2), TEXT[:8], "model_unavailable"),
    ],
)
def test_a_failure_has_one_name_whatever_its_kind_and_what_came_before_it_is_kept(
    reply: Scripted, told: str, key: str
) -> None:
    text, failed, double = hear(reply)
    assert (text, failed) == (told, key)
    assert len(double.requests) == 1


@pytest.mark.parametrize(
    "reply",
    [
        Reply(TEXT, silent_seconds=30),
        Reply(TEXT, fault="hangs", fault_after=2),
        Reply(TEXT, fault="pings", fault_after=2, chunk_seconds=0.05),
        Reply(TEXT * 20, chunk_seconds=0.05),
    ],
)
def test_whatever_does_not_end_is_left_at_the_deadline(reply: Reply) -> None:
    with OpenAIDouble(reply) as double:
        started = time.monotonic()
        _, key, _ = heard(model_at(double), seconds=0.6)
        assert key == "model_timeout"
        assert time.monotonic() - started < 3
        double.wait_until_left()


def test_a_model_that_does_not_stop_is_stopped() -> None:
    with OpenAIDouble(Reply(TEXT, chunk_chars=40, fault="repeats")) as double:
        pieces, key, _ = heard(model_at(double))
        double.wait_until_left()
    assert key == "model_endless"
    assert len("".join(pieces)) < 7000


@pytest.mark.parametrize("code", [429, 500, 503])
def test_what_passes_is_tried_again_before_anything_was_told(code: int) -> None:
    text, key, double = hear(Status(code), Reply(TEXT))
    assert (text, key) == (TEXT, None)
    assert len(double.requests) == 2


def test_tries_are_few() -> None:
    _, key, double = hear(Status(500))
    assert key == "model_unavailable"
    assert len(double.requests) == 3


def test_the_endpoint_says_how_long_to_wait() -> None:
    started = time.monotonic()
    text, _, _ = hear(Status(429, retry_after=1), Reply(TEXT))
    assert text == TEXT
    assert time.monotonic() - started >= 1


def test_a_wait_longer_than_the_time_left_is_not_waited_for() -> None:
    started = time.monotonic()
    _, key, double = hear(Status(429, retry_after=30), seconds=5)
    assert key == "model_busy"
    assert len(double.requests) == 1
    assert time.monotonic() - started < 4


def test_an_endpoint_that_keeps_failing_is_left_alone_for_a_while() -> None:
    with OpenAIDouble(Reply(TEXT, fault="breaks", fault_after=1)) as double:
        model = model_at(double)
        keys = [heard(model)[1] for _ in range(7)]
    assert keys == ["model_unavailable"] * 5 + ["model_resting"] * 2
    assert len(double.requests) == 5


def test_a_wrong_request_does_not_make_the_endpoint_rest() -> None:
    with OpenAIDouble(Status(400)) as double:
        model = model_at(double)
        assert {heard(model)[1] for _ in range(7)} == {"model_unavailable"}
    assert len(double.requests) == 7


def test_a_reader_who_leaves_closes_the_connection_and_is_no_failure() -> None:
    async def leave(pieces: AsyncGenerator[str, None]) -> str:
        first = await anext(pieces)
        await pieces.aclose()
        return first

    with OpenAIDouble(Reply(TEXT, chunk_chars=4, fault="repeats")) as double:
        model = model_at(double)
        for _ in range(7):
            assert EVENT_LOOP.run(leave, model.stream(ASKED, Talk.within(5))) == TEXT[:4]
        double.wait_until_left(7)


def test_an_answer_cut_by_its_length_is_known_as_cut() -> None:
    with OpenAIDouble(Reply(TEXT, finish_reason="length")) as double:
        _, key, talk = heard(model_at(double))
    assert key is None
    assert talk.is_cut


@pytest.mark.parametrize(("given", "known"), [({}, 8192), ({"context_tokens": 2048}, 2048)])
def test_the_size_of_the_context_is_the_setting_s_else_a_cautious_one(
    given: dict[str, int], known: int
) -> None:
    model = init_chat_model("openai:unheard-of", api_key="test", base_url="http://127.0.0.1:9/v1")
    assert LanguageModel(model, "unheard-of", **given).context_tokens == known


def test_a_model_with_a_profile_tells_its_context_itself() -> None:
    model = init_chat_model("openai:gpt-4o", api_key="test")
    assert LanguageModel(model, "gpt-4o").context_tokens > 100_000
