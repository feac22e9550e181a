"""An index that has grown and shrunk is held against one built at once, and against bm25s."""

import random
from pathlib import Path

import bm25s
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from embeddings.bm25_index import Bm25Index, TextBatch
from embeddings.durable_files import check_files
from embeddings.errors import IndexDamagedError
from embeddings.lexical_writing import write_lexical
from embeddings.terms import bigrams

_WORDS = ("生产总值", "增长", "财政收入", "GDP", "7.6%", "社会消费品零售总额", "")
_QUERIES = ("生产总值增长", "财政收入 GDP", "7.6", "没有")


def _text(chance: random.Random) -> str:
    return ",".join(chance.choice(_WORDS) for _ in range(chance.randrange(6)))


def _batch(ids: range, chance: random.Random, groups: int = 3) -> TextBatch:
    numbers = np.array(ids, np.int64)
    return TextBatch(numbers, numbers // groups, [_text(chance) for _ in ids])


def _scores(index: Bm25Index, query: str, groups: list[int] | None = None) -> dict[int, float]:
    view = index.within(None if groups is None else np.array(groups, np.int64))
    return dict(zip(view.ids.tolist(), view.scores(query).tolist(), strict=True))


def _assert_same(grown: Bm25Index, held: dict[int, str]) -> None:
    ids = np.array(sorted(held), np.int64)
    fresh = Bm25Index.build(ids, [held[number] for number in ids.tolist()], ids // 3)
    assert len(grown) == len(fresh) == len(held)
    for query in _QUERIES:
        for groups in (None, [0], [1, 4, 5], [99]):
            assert _scores(grown, query, groups) == pytest.approx(
                _scores(fresh, query, groups), rel=1e-6
            )
    assert [term in grown for term in _WORDS] == [term in fresh for term in _WORDS]


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6), st.lists(st.tuples(st.integers(0, 9), st.integers(0, 4)), max_size=8))
def test_an_index_that_grew_and_shrank_scores_as_one_built_at_once(
    tmp_path_factory: pytest.TempPathFactory, seed: int, steps: list[tuple[int, int]]
) -> None:
    chance, held, previous, following = random.Random(seed), dict[int, str](), None, 0
    for more, fewer in [(0, 0), *steps]:
        gone = chance.sample(range(following // 3 + 1), min(fewer, following // 3 + 1))
        batch = _batch(range(following, following + more), chance)
        following += more
        folder = tmp_path_factory.mktemp("index")
        write_lexical(folder, [batch], previous=previous, removed=np.array(gone, np.int64))
        held = {key: text for key, text in held.items() if key // 3 not in gone}
        held |= dict(zip(batch.ids.tolist(), batch.texts, strict=True))
        previous = folder
        check_files(folder, [one.relative_to(folder).as_posix() for one in folder.rglob("*.bin")])
        _assert_same(Bm25Index.load(folder), held)


def test_batches_make_one_segment(tmp_path: Path) -> None:
    chance = random.Random(1)
    batches = [_batch(range(start, start + 50), chance) for start in (0, 50, 100)]
    write_lexical(tmp_path, batches)
    index = Bm25Index.load(tmp_path)
    assert len(index.segments) == 1
    texts = [text for batch in batches for text in batch.texts]
    _assert_same(index, dict(enumerate(texts)))


def test_little_beside_much_becomes_a_segment_and_shares_what_was_there(tmp_path: Path) -> None:
    chance = random.Random(2)
    write_lexical(tmp_path / "1", [_batch(range(100), chance)])
    write_lexical(tmp_path / "2", [_batch(range(100, 103), chance)], previous=tmp_path / "1")
    rows = "000001/rows.bin"
    assert (tmp_path / "1" / rows).samefile(tmp_path / "2" / rows)
    assert len(Bm25Index.load(tmp_path / "2").segments) == 2


def test_many_small_additions_leave_few_segments(tmp_path: Path) -> None:
    chance, previous = random.Random(3), None
    for number in range(60):
        folder = tmp_path / str(number)
        write_lexical(folder, [_batch(range(number, number + 1), chance)], previous=previous)
        previous = folder
    assert len(Bm25Index.load(folder).segments) <= 4


def test_scores_are_those_of_bm25s() -> None:
    chance = random.Random(4)
    texts = [_text(chance) for _ in range(200)]
    index = Bm25Index.build(np.arange(200), texts)
    columns: dict[str, int] = {}
    tokens = [[columns.setdefault(t, len(columns)) for t in bigrams(text)] for text in texts]
    theirs = bm25s.BM25(method="lucene", k1=1.5, b=0.75)
    theirs.index((tokens, columns), create_empty_token=False, show_progress=False)
    for query in _QUERIES:
        known = [term for term in bigrams(query) if term in columns]
        expected = theirs.get_scores(known) if known else np.zeros(200)
        np.testing.assert_allclose(index.scores(query), expected, rtol=1e-5)


def test_notices_a_large_file_that_was_cut(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("embeddings.durable_files._READ_WHOLE", 8)
    write_lexical(tmp_path, [_batch(range(50), random.Random(5))])
    path = tmp_path / "000001" / "rows.bin"
    content = path.read_bytes()
    path.write_bytes(content[:-4] + b"abcd")
    Bm25Index.load(tmp_path)
    with pytest.raises(IndexDamagedError, match="altered"):
        check_files(tmp_path, ["000001/rows.bin"])
    path.write_bytes(content[:-4])
    with pytest.raises(IndexDamagedError, match="altered"):
        Bm25Index.load(tmp_path)


def test_an_index_of_nothing_is_empty(tmp_path: Path) -> None:
    write_lexical(tmp_path, [])
    assert len(Bm25Index.load(tmp_path)) == 0


def test_an_altered_segment_is_not_written_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("embeddings.durable_files._READ_WHOLE", 8)
    write_lexical(tmp_path / "one", [_batch(range(50), random.Random(5))])
    path = tmp_path / "one" / "000001" / "rows.bin"
    path.write_bytes(path.read_bytes()[:-4] + b"abcd")
    with pytest.raises(IndexDamagedError, match="altered"):
        write_lexical(
            tmp_path / "two", [_batch(range(50, 90), random.Random(6))], previous=tmp_path / "one"
        )


def test_refuses_a_batch_that_does_not_fit_together(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="2 ids"):
        write_lexical(tmp_path, [TextBatch(np.arange(2), np.arange(2), ["增长"])])
