"""One contract for every `VectorIndex`: derive a test class, say how an index is made, changed and opened
anew, and it is held to every clause (`test_vector_index.py` shows how)."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from embeddings.errors import IndexMismatchError
from embeddings.vector_index import VectorBatch, VectorIndex
from embeddings.vectors import Ids, Vectors, normalise_rows

# North, between, and east; the query lies between too: its products are .6, .96 and .8.
IDS = np.array([10, 40, 70])
GROUPS = np.array([1, 2, 1])
VECTORS = np.array([[0, 1], [0.6, 0.8], [1, 0]], np.float32)
QUERY = np.array([0.8, 0.6], np.float32)
NONE = np.array([], np.int64)
# What float16 keeps of a cosine.
CLOSE = 1e-3


class VectorIndexContract:
    """The clauses. Of what `make` and `change` give back, the model's id is "m"."""

    def make(self, folder: Path, batches: Sequence[VectorBatch], dimension: int) -> VectorIndex:
        """A new index of these batches, kept at ``folder`` if it is kept in files."""
        raise NotImplementedError

    def change(self, index: VectorIndex, added: Sequence[VectorBatch], removed: Ids) -> VectorIndex:
        """The index after groups were removed and batches added; the same one if it changes in place."""
        raise NotImplementedError

    def reopen(self, index: VectorIndex) -> VectorIndex:
        """The index as another process opens it."""
        raise NotImplementedError

    @pytest.fixture
    def index(self, tmp_path: Path) -> VectorIndex:
        return self.make(tmp_path, [VectorBatch(IDS, GROUPS, VECTORS)], 2)

    def test_finds_the_nearest_first_with_the_inner_product_as_score(
        self, index: VectorIndex
    ) -> None:
        ids, scores = index.search(QUERY, 2)
        assert ids.tolist() == [40, 70]
        np.testing.assert_allclose(scores, [0.96, 0.8], atol=CLOSE)

    def test_finds_no_more_than_it_holds(self, index: VectorIndex) -> None:
        ids, scores = index.search(QUERY, 100)
        assert ids.tolist() == [40, 70, 10]
        np.testing.assert_allclose(scores, [0.96, 0.8, 0.6], atol=CLOSE)

    def test_says_what_it_holds(self, index: VectorIndex) -> None:
        assert (len(index), index.dimension, index.model_id) == (3, 2, "m")

    def test_results_are_int64_ids_and_float32_scores(self, index: VectorIndex) -> None:
        for ids, scores in (index.search(QUERY, 2), index.search(QUERY, 2, NONE)):
            assert ids.dtype == np.int64
            assert scores.dtype == np.float32

    def test_only_vectors_of_the_groups_are_found(self, index: VectorIndex) -> None:
        ids, scores = index.search(QUERY, 3, np.array([1]))
        assert ids.tolist() == [70, 10]
        np.testing.assert_allclose(scores, [0.8, 0.6], atol=CLOSE)

    def test_groups_may_be_named_in_any_order_and_twice(self, index: VectorIndex) -> None:
        assert index.search(QUERY, 3, np.array([2, 1, 2]))[0].tolist() == [40, 70, 10]

    def test_a_group_that_is_not_held_adds_nothing(self, index: VectorIndex) -> None:
        assert index.search(QUERY, 3, np.array([0, 2, 999]))[0].tolist() == [40]

    def test_no_group_finds_nothing(self, index: VectorIndex) -> None:
        ids, scores = index.search(QUERY, 3, NONE)
        assert (len(ids), len(scores)) == (0, 0)

    @pytest.mark.parametrize("k", [0, -1])
    def test_asking_for_none_finds_none(self, index: VectorIndex, k: int) -> None:
        assert len(index.search(QUERY, k)[0]) == 0

    def test_equal_scores_come_by_id(self, tmp_path: Path) -> None:
        same = np.array([[1, 0]] * 5, np.float32)
        index = self.make(tmp_path, [VectorBatch(np.arange(5), np.arange(5), same)], 2)
        assert index.search(np.array([1, 0], np.float32), 3)[0].tolist() == [0, 1, 2]

    def test_similarities_come_in_the_order_asked_for(self, index: VectorIndex) -> None:
        scores = index.similarities(QUERY, np.array([10, 40, 70, 10]))
        np.testing.assert_allclose(scores, [0.6, 0.96, 0.8, 0.6], atol=CLOSE)

    def test_the_similarity_of_an_id_not_held_is_nan(self, index: VectorIndex) -> None:
        scores = index.similarities(QUERY, np.array([999, 70, 11]))
        assert np.isnan(scores[[0, 2]]).all()
        assert scores[1] == pytest.approx(0.8, abs=CLOSE)

    def test_similarities_of_no_ids_are_none(self, index: VectorIndex) -> None:
        assert index.similarities(QUERY, NONE).shape == (0,)

    def test_an_empty_index_finds_nothing(self, tmp_path: Path) -> None:
        self._finds_nothing(self.make(tmp_path, [], 2))

    def test_an_empty_batch_adds_nothing(self, tmp_path: Path) -> None:
        empty = VectorBatch(NONE, NONE, np.empty((0, 2), np.float32))
        self._finds_nothing(self.make(tmp_path, [empty], 2))

    def _finds_nothing(self, index: VectorIndex) -> None:
        assert len(index) == 0
        assert len(index.search(QUERY, 5)[0]) == 0
        assert len(index.search(QUERY, 5, np.array([1]))[0]) == 0
        assert np.isnan(index.similarities(QUERY, np.array([1]))).all()

    @pytest.mark.parametrize("vector", [np.ones(3, np.float32), np.ones((1, 2), np.float32)])
    def test_refuses_a_vector_of_another_shape(self, index: VectorIndex, vector: Vectors) -> None:
        with pytest.raises(IndexMismatchError):
            index.search(vector, 1)
        with pytest.raises(IndexMismatchError):
            index.similarities(vector, IDS)

    # --- changes -------------------------------------------------------------------------------

    def test_what_is_added_is_found_beside_what_was_there(self, index: VectorIndex) -> None:
        batch = VectorBatch(np.array([80]), np.array([3]), QUERY[np.newaxis])
        grown = self.change(index, [batch], NONE)
        assert len(grown) == 4
        assert grown.search(QUERY, 9)[0].tolist() == [80, 40, 70, 10]
        assert grown.search(QUERY, 9, np.array([3]))[0].tolist() == [80]

    def test_what_is_removed_is_found_no_more(self, index: VectorIndex) -> None:
        left = self.change(index, [], np.array([2, 999]))
        assert len(left) == 2
        assert left.search(QUERY, 9)[0].tolist() == [70, 10]
        assert len(left.search(QUERY, 9, np.array([2]))[0]) == 0
        assert np.isnan(left.similarities(QUERY, np.array([40])))[0]

    def test_all_may_be_removed_and_others_added(self, index: VectorIndex) -> None:
        empty = self.change(index, [], GROUPS)
        self._finds_nothing(empty)
        again = self.change(empty, [VectorBatch(IDS + 100, GROUPS, VECTORS)], NONE)
        assert again.search(QUERY, 1)[0].tolist() == [140]

    def test_nothing_changes_nothing(self, index: VectorIndex) -> None:
        same = self.change(index, [], NONE)
        assert same.search(QUERY, 9)[0].tolist() == [40, 70, 10]

    def test_a_group_may_grow(self, index: VectorIndex) -> None:
        batch = VectorBatch(np.array([80]), np.array([2]), QUERY[np.newaxis])
        grown = self.change(index, [batch], NONE)
        assert grown.search(QUERY, 9, np.array([2]))[0].tolist() == [80, 40]

    def test_a_change_lasts(self, index: VectorIndex) -> None:
        batch = VectorBatch(np.array([80]), np.array([3]), QUERY[np.newaxis])
        opened = self.reopen(self.change(index, [batch], np.array([2])))
        ids, scores = opened.search(QUERY, 9)
        assert ids.tolist() == [80, 70, 10]
        np.testing.assert_allclose(scores, [1, 0.8, 0.6], atol=CLOSE)
        assert (len(opened), opened.dimension, opened.model_id) == (3, 2, "m")

    @pytest.mark.parametrize(
        ("ids", "groups", "vectors"),
        [
            ([80, 80], [1, 1], VECTORS[:2]),
            ([40, 80], [1, 1], VECTORS[:2]),
            ([80], [1], VECTORS[:2]),
            ([80, 81], [1], VECTORS[:2]),
            ([80, 81], [1, 1], np.full((2, 2), np.nan, np.float32)),
            ([-1, 80], [1, 1], VECTORS[:2]),
        ],
        ids=["twice", "held", "too few ids", "too few groups", "not finite", "negative"],
    )
    def test_refuses_what_cannot_be_searched(
        self, index: VectorIndex, ids: list[int], groups: list[int], vectors: Vectors
    ) -> None:
        with pytest.raises(ValueError, match=r"ids|vector"):
            self.change(index, [VectorBatch(np.array(ids), np.array(groups), vectors)], NONE)
        assert self.reopen(index).search(QUERY, 9)[0].tolist() == [40, 70, 10]

    # --- against a scan ------------------------------------------------------------------------

    @pytest.mark.parametrize("seed", range(12))
    def test_agrees_with_a_scan_through_additions_and_removals(
        self, tmp_path: Path, seed: int
    ) -> None:
        random = np.random.default_rng(seed)
        held: dict[int, tuple[int, Vectors]] = {}
        index, following = self.make(tmp_path, [], 16), 0
        for _ in range(4):
            count = int(random.integers(0, 40))
            ids = following + np.cumsum(random.integers(1, 4, count))
            groups = np.sort(random.integers(0, 8, count))
            vectors = _exact_in_half(normalise_rows(random.normal(size=(count, 16))))
            removed = random.integers(0, 8, int(random.integers(0, 4)))
            index = self.change(index, [VectorBatch(ids, groups, vectors)], removed)
            held = {key: one for key, one in held.items() if one[0] not in removed}
            held |= dict(zip(ids.tolist(), zip(groups.tolist(), vectors, strict=True), strict=True))
            following += 4 * count + 1
            self._agrees(index, held, random)
        self._agrees(self.reopen(index), held, random)

    def _agrees(
        self,
        index: VectorIndex,
        held: dict[int, tuple[int, Vectors]],
        random: np.random.Generator,
    ) -> None:
        assert len(index) == len(held)
        query = normalise_rows(random.normal(size=(1, 16)))[0]
        for groups in (None, random.integers(0, 10, 3)):
            expected = {
                key: float(vector @ query)
                for key, (group, vector) in held.items()
                if groups is None or group in groups
            }
            for k in (1, 7, 500):
                ids, scores = index.search(query, k, groups)
                best = sorted(expected.values(), reverse=True)[:k]
                np.testing.assert_allclose(scores, best, atol=CLOSE)
                found = [expected[number] for number in ids.tolist()]
                np.testing.assert_allclose(scores, found, atol=CLOSE)

    def test_searches_from_several_threads_agree(self, index: VectorIndex) -> None:
        def search(_: int) -> tuple[int, ...]:
            return tuple(index.search(QUERY, 3, np.array([1]))[0].tolist())

        with ThreadPoolExecutor(8) as pool:
            assert set(pool.map(search, range(200))) == {(70, 10)}


def _exact_in_half(vectors: Vectors) -> Vectors:
    return vectors.astype(np.float16).astype(np.float32)
