from pathlib import Path

from embeddings import VectorCache
from eval.questions import Span
from eval.systems import Bench
from eval.vanilla import Vanilla, chunks
from tests.embeddings.conftest import HashEmbedder


def test_chunks_are_slices_of_the_text_and_leave_nothing_out(samples_dir: Path) -> None:
    text = next(iter(sorted(samples_dir.glob("*.txt")))).read_text("utf-8")
    found = list(chunks("t", text))
    assert all(0 < span.end - span.start <= 500 for span in found)
    covered = {i for span in found for i in range(span.start, span.end)}
    assert all(not text[i].strip() for i in set(range(len(text))) - covered)


def test_the_nearest_chunk_comes_first(tmp_path: Path) -> None:
    texts = {"a": "城镇新增就业三万人", "b": "粮食播种面积"}

    def nothing():  # type: ignore[no-untyped-def]
        raise AssertionError("not asked for")

    bench = Bench(texts, [], nothing, HashEmbedder, lambda: VectorCache(tmp_path / "v.sqlite"))
    reply = Vanilla(bench).reply("粮食播种面积", ())
    assert reply.ranked is not None
    assert reply.ranked[0] == Span("b", 0, 6)
    assert reply.text is None
