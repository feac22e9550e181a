"""The indexes that are shipped, held to the contract."""

from collections.abc import Sequence
from pathlib import Path

import faiss
import numpy as np
import pytest

from embeddings import segmented_index, vector_segment
from embeddings.errors import IndexDamagedError, IndexMismatchError
from embeddings.faiss_index import FaissIndex
from embeddings.segmented_index import SegmentedIndex, write_vectors
from embeddings.segments import check_segments, segment_folders
from embeddings.vector_index import VectorBatch, VectorIndex
from embeddings.vectors import Ids, Vectors, normalise_rows
from tests.embeddings.index_contract import NONE, VectorIndexContract


class TestFaissIndex(VectorIndexContract):
    """Made anew at every change, as the library does with one that is small."""

    _held: dict[int, tuple[int, Vectors]]
    _folder: Path

    def make(self, folder: Path, batches: Sequence[VectorBatch], dimension: int) -> VectorIndex:
        self._folder, self._held, self._dimension = folder, {}, dimension
        return self.change(None, batches, NONE)

    def change(
        self, index: VectorIndex | None, added: Sequence[VectorBatch], removed: Ids
    ) -> VectorIndex:
        held = {key: one for key, one in self._held.items() if one[0] not in removed}
        ids = np.concatenate([np.array(list(held), np.int64), *(batch.ids for batch in added)])
        groups = np.concatenate(
            [np.array([g for g, _ in held.values()], np.int64), *(batch.groups for batch in added)]
        )
        old = np.array([v for _, v in held.values()], np.float32).reshape(-1, self._dimension)
        vectors = np.concatenate([old, *(batch.vectors for batch in added)])
        built = FaissIndex.build(ids, vectors, groups, model_id="m")
        self._held = dict(
            zip(ids.tolist(), zip(groups.tolist(), vectors, strict=True), strict=True)
        )
        built.save(self._folder)
        return built

    def reopen(self, index: VectorIndex) -> VectorIndex:
        return FaissIndex.load(self._folder, model_id="m", dimension=index.dimension)


class TestSegmentedIndex(VectorIndexContract):
    _folders: list[Path]

    def make(self, folder: Path, batches: Sequence[VectorBatch], dimension: int) -> VectorIndex:
        self._folders, self._dimension = [folder / "0"], dimension
        write_vectors(folder / "0", batches, model_id="m", dimension=dimension)
        return self.reopen(None)

    def change(self, index: VectorIndex, added: Sequence[VectorBatch], removed: Ids) -> VectorIndex:
        previous = self._folders[-1]
        folder = previous.with_name(str(len(self._folders)))
        write_vectors(
            folder,
            added,
            model_id="m",
            dimension=self._dimension,
            previous=previous,
            removed=removed,
        )
        check_segments(folder, segment_folders(folder))
        self._folders.append(folder)
        return self.reopen(None)

    def reopen(self, index: VectorIndex | None) -> VectorIndex:
        return SegmentedIndex.load(self._folders[-1], model_id="m", dimension=self._dimension)


class TestSegmentedIndexWithLists(TestSegmentedIndex):
    """The lists of large segments, at the sizes of tests: each is read to its end."""

    @pytest.fixture(autouse=True)
    def _small(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(vector_segment, "LISTS_FROM", 3)
        monkeypatch.setattr(vector_segment, "READ_UP_TO", 0)
        monkeypatch.setattr(vector_segment, "LISTS_READ", 1000)
        # Of a handful of vectors FAISS says that they are few to train on.
        monkeypatch.setattr(vector_segment, "_LISTS_PER_ROOT", 0.2)
        monkeypatch.setattr(vector_segment, "_OVERSAMPLED", 4)


def _many(count: int, seed: int = 0) -> VectorBatch:
    random = np.random.default_rng(seed)
    centres = normalise_rows(random.normal(size=(50, 32)))
    vectors = centres[random.integers(0, 50, count)] + 0.15 * random.normal(size=(count, 32))
    return VectorBatch(np.arange(count), np.arange(count) // 10, normalise_rows(vectors))


@pytest.fixture
def with_lists(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> tuple[SegmentedIndex, VectorBatch]:
    monkeypatch.setattr(vector_segment, "LISTS_FROM", 1000)
    monkeypatch.setattr(vector_segment, "READ_UP_TO", 100)
    monkeypatch.setattr(vector_segment, "LISTS_READ", 4)
    batch = _many(5000)
    write_vectors(tmp_path / "index", [batch], model_id="m", dimension=32)
    index = SegmentedIndex.load(tmp_path / "index", model_id="m", dimension=32)
    return index, batch


def test_a_large_segment_is_searched_by_its_lists(
    with_lists: tuple[SegmentedIndex, VectorBatch],
) -> None:
    index, batch = with_lists
    assert all(segment.lists is not None for segment in index.segments)
    found = [_recall(index, batch, query, None) for query in range(0, 5000, 100)]
    assert np.mean(found) > 0.9


@pytest.mark.parametrize("groups", [1, 10, 11, 100, 400])
def test_never_fewer_than_match_are_found(
    with_lists: tuple[SegmentedIndex, VectorBatch], groups: int
) -> None:
    index, batch = with_lists
    chosen = np.random.default_rng(1).choice(500, groups, replace=False)
    ids, _ = index.search(batch.vectors[7], 200, chosen)
    assert len(ids) == min(200, 10 * groups)
    assert set(batch.groups[ids].tolist()) <= set(chosen.tolist())


def test_a_selective_filter_is_exact(with_lists: tuple[SegmentedIndex, VectorBatch]) -> None:
    index, batch = with_lists
    for query in range(0, 5000, 250):
        assert _recall(index, batch, query, np.arange(query % 490, query % 490 + 10)) == 1


def _recall(
    index: SegmentedIndex, batch: VectorBatch, query: int, groups: Ids | None, k: int = 10
) -> float:
    """The share found of the true nearest, ties of float16 forgiven."""
    scores = batch.vectors.astype(np.float16).astype(np.float32) @ batch.vectors[query]
    if groups is not None:
        scores = np.where(np.isin(batch.groups, groups), scores, -1)
    least = np.sort(scores)[-k] - 1e-6
    ids, _ = index.search(batch.vectors[query], k, groups)
    return float((scores[ids] >= least).mean())


def test_a_segment_is_no_larger_than_it_may_be(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(segmented_index, "MOST_ROWS", 100)
    whole = _many(250)
    batches = [
        VectorBatch(*(part[start : start + 50] for part in whole)) for start in range(0, 250, 50)
    ]
    write_vectors(tmp_path, batches, model_id="m", dimension=32)
    index = SegmentedIndex.load(tmp_path, model_id="m", dimension=32)
    assert [segment.count for segment in index.segments] == [100, 100, 50]
    assert _recall(index, whole, 3, None) == 1


def test_a_small_addition_shares_the_files_of_what_was_there(tmp_path: Path) -> None:
    whole = _many(210)
    first, second = (VectorBatch(*(p[a:b] for p in whole)) for a, b in ((0, 200), (200, 210)))
    write_vectors(tmp_path / "1", [first], model_id="m", dimension=32)
    write_vectors(tmp_path / "2", [second], model_id="m", dimension=32, previous=tmp_path / "1")
    one, two = (tmp_path / name / "000001" / "vectors.bin" for name in "12")
    assert one.samefile(two)
    assert (
        _recall(SegmentedIndex.load(tmp_path / "2", model_id="m", dimension=32), whole, 205, None)
        == 1
    )


@pytest.mark.parametrize(("model_id", "dimension"), [("other", 32), ("m", 16)])
def test_refuses_an_index_of_another_model_or_dimension(
    tmp_path: Path, model_id: str, dimension: int
) -> None:
    write_vectors(tmp_path, [_many(20)], model_id="m", dimension=32)
    with pytest.raises(IndexMismatchError, match="made with 'm'"):
        SegmentedIndex.load(tmp_path, model_id=model_id, dimension=dimension)


@pytest.mark.parametrize("name", ["ids.bin", "runs.bin", "vectors.bin", "lists.faiss"])
def test_notices_a_damaged_segment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr(vector_segment, "LISTS_FROM", 100)
    write_vectors(tmp_path, [_many(2000)], model_id="m", dimension=32)
    path = tmp_path / "000001" / name
    path.write_bytes(path.read_bytes()[:-1] + b"?")
    with pytest.raises(IndexDamagedError):
        SegmentedIndex.load(tmp_path, model_id="m", dimension=32)
    path.unlink()
    with pytest.raises(IndexDamagedError, match="lacks"):
        SegmentedIndex.load(tmp_path, model_id="m", dimension=32)


def test_a_search_stays_on_the_thread_it_was_asked_on(
    with_lists: tuple[SegmentedIndex, VectorBatch],
) -> None:
    faiss.omp_set_num_threads(4)
    with_lists[0].search(with_lists[1].vectors[0], 3)
    assert faiss.omp_get_max_threads() == 1


def _index_of(folder: Path, vectors: Vectors) -> SegmentedIndex:
    count = len(vectors)
    batch = VectorBatch(np.arange(count), np.arange(count) // 10, vectors)
    write_vectors(folder / "index", [batch], model_id="m", dimension=vectors.shape[1])
    return SegmentedIndex.load(folder / "index", model_id="m", dimension=vectors.shape[1])


def test_the_best_of_several_scans_are_those_of_all_products(tmp_path: Path) -> None:
    vectors = _many(10_000).vectors.astype(np.float16).astype(np.float32)
    ids, scores = _index_of(tmp_path, vectors).search(vectors[5], 300, None)
    products = vectors @ vectors[5]
    assert scores == pytest.approx(np.sort(products)[::-1][:300], abs=1e-5)
    assert scores == pytest.approx(products[ids], abs=1e-5)


def test_of_more_equals_than_are_wanted_those_with_the_lowest_ids_come(tmp_path: Path) -> None:
    vectors = -np.abs(_many(9000).vectors)
    asked = normalise_rows(np.ones((1, 32), np.float32))[0]
    # Thirty equals, and behind them ten that are nearer and push out twenty of them.
    vectors[:30] = normalise_rows(np.eye(1, 32, dtype=np.float32))
    vectors[100:110] = asked
    ids, _ = _index_of(tmp_path, vectors).search(asked, 20, None)
    assert ids.tolist() == [*range(100, 110), *range(10)]
