from pathlib import Path

import pytest
from langchain_core.messages import AIMessage

from embeddings import VectorCache
from eval.questions import Span
from eval.systems import Bench, Reply, build_system
from eval.vanilla import Vanilla, chunks
from qa.errors import ModelUnavailableError
from tests.embeddings.conftest import HashEmbedder
from tests.eval.scripted_model import ScriptedModel

TEXTS = {"a": "城镇新增就业三万人", "b": "粮食播种面积"}


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    def nothing():  # type: ignore[no-untyped-def]
        raise AssertionError("not asked for")

    return Bench(TEXTS, [], nothing, HashEmbedder, lambda: VectorCache(tmp_path / "v.sqlite"))


def test_chunks_are_slices_of_the_text_and_leave_nothing_out(samples_dir: Path) -> None:
    text = next(iter(sorted(samples_dir.glob("*.txt")))).read_text("utf-8")
    found = list(chunks("t", text))
    assert all(0 < span.end - span.start <= 500 for span in found)
    covered = {i for span in found for i in range(span.start, span.end)}
    assert all(not text[i].strip() for i in set(range(len(text))) - covered)


def test_the_nearest_chunk_comes_first(bench: Bench) -> None:
    reply = Vanilla(bench).reply("粮食播种面积", ())
    assert reply.ranked is not None
    assert reply.ranked[0] == Span("b", 0, 6)


def test_without_a_model_it_only_searches(bench: Bench) -> None:
    assert build_system("vanilla", bench).reply("粮食播种面积", ()).text is None


def replied(bench: Bench, said: object) -> tuple[Reply, str]:
    """The reply of a pipeline whose model says ``said``, and the prompt that it was shown."""
    shown: list[str] = []
    model = ScriptedModel(script=lambda prompt: shown.append(prompt) or said)
    return Vanilla(bench, model).reply("面积?", ("粮食播种",)), shown[0]


def test_the_model_sees_chunks_and_question_and_its_citations_are_the_chunks(bench: Bench) -> None:
    usage = {"input_tokens": 20, "output_tokens": 3, "total_tokens": 23}
    reply, prompt = replied(bench, AIMessage("粮食播种面积。", usage_metadata=usage))
    assert all(text in prompt for text in TEXTS.values())
    assert prompt.endswith("粮食播种 面积?")
    assert (reply.text, reply.refusal, reply.tokens) == ("粮食播种面积。", None, 23)
    quoted = [(c.n, c.span.source, c.quote) for c in reply.citations]
    assert quoted == [(1, "b", TEXTS["b"]), (2, "a", TEXTS["a"])]


@pytest.mark.parametrize("said", ["不知道。", "抱歉,我不知道。", "I don't know."])
def test_what_it_does_not_know_is_a_refusal_without_citations(bench: Bench, said: str) -> None:
    reply, _ = replied(bench, said)
    assert (reply.refusal, reply.citations, reply.tokens) == ("does_not_know", (), None)


def test_a_model_that_fails_stops_the_run(bench: Bench) -> None:
    def fail(prompt: str) -> str:
        raise TimeoutError("too slow")

    with pytest.raises(ModelUnavailableError, match="too slow"):
        Vanilla(bench, ScriptedModel(script=fail)).reply("面积?", ())


def test_the_echo_answers_without_any_model(bench: Bench) -> None:
    assert build_system("vanilla-echo", bench).reply("粮食播种面积", ()).text == "粮食播种面积"
