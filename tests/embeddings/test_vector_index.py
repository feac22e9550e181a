"""One contract for every VectorIndex: add an implementation to BUILDERS and it is held to it."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from embeddings.errors import IndexMismatchError
from embeddings.faiss_index import FaissIndex
from embeddings.vector_index import VectorIndex
from embeddings.vectors import Ids, Vectors, normalise_rows

Builder = Callable[[Ids, Vectors], VectorIndex]

BUILDERS: dict[str, Builder] = {
    "faiss": lambda ids, vectors: FaissIndex.build(ids, vectors, model_id="m"),
}

# East, north, and between; the query lies between too: its products are .8, .6 and .96.
IDS = np.array([70, 10, 40])
VECTORS = np.array([[1, 0], [0, 1], [0.6, 0.8]], np.float32)
QUERY = np.array([0.8, 0.6], np.float32)


@pytest.fixture(params=BUILDERS)
def build(request: pytest.FixtureRequest) -> Builder:
    return BUILDERS[request.param]


@pytest.fixture
def index(build: Builder) -> VectorIndex:
    return build(IDS, VECTORS)


def test_finds_the_nearest_first_with_the_inner_product_as_score(index: VectorIndex) -> None:
    ids, scores = index.search(QUERY, 2)
    assert ids.tolist() == [40, 70]
    np.testing.assert_allclose(scores, [0.96, 0.8], rtol=1e-6)


def test_finds_no_more_than_it_holds(index: VectorIndex) -> None:
    ids, scores = index.search(QUERY, 100)
    assert ids.tolist() == [40, 70, 10]
    np.testing.assert_allclose(scores, [0.96, 0.8, 0.6], rtol=1e-6)


def test_says_what_it_holds(index: VectorIndex) -> None:
    assert (len(index), index.dimension, index.model_id) == (3, 2, "m")


def test_results_are_int64_ids_and_float32_scores(index: VectorIndex) -> None:
    for ids, scores in (index.search(QUERY, 2), index.search(QUERY, 2, np.array([], np.int64))):
        assert ids.dtype == np.int64
        assert scores.dtype == np.float32


def test_only_allowed_ids_are_found(index: VectorIndex) -> None:
    ids, scores = index.search(QUERY, 3, np.array([10, 70]))
    assert ids.tolist() == [70, 10]
    np.testing.assert_allclose(scores, [0.8, 0.6], rtol=1e-6)


def test_an_allowed_id_that_is_not_held_is_not_found(index: VectorIndex) -> None:
    ids, _ = index.search(QUERY, 3, np.array([10, 11, 999]))
    assert ids.tolist() == [10]


def test_allowing_nothing_finds_nothing(index: VectorIndex) -> None:
    ids, scores = index.search(QUERY, 3, np.array([], np.int64))
    assert (len(ids), len(scores)) == (0, 0)


@pytest.mark.parametrize("k", [0, -1])
def test_asking_for_none_finds_none(index: VectorIndex, k: int) -> None:
    assert len(index.search(QUERY, k)[0]) == 0


def test_equal_scores_come_by_id(build: Builder) -> None:
    index = build(np.array([8, 2, 5]), np.array([[1, 0], [1, 0], [1, 0]], np.float32))
    assert index.search(np.array([1, 0], np.float32), 3)[0].tolist() == [2, 5, 8]


def test_similarities_come_in_the_order_asked_for(index: VectorIndex) -> None:
    scores = index.similarities(QUERY, np.array([10, 40, 70, 10]))
    np.testing.assert_allclose(scores, [0.6, 0.96, 0.8, 0.6], rtol=1e-6)


def test_the_similarity_of_an_id_not_held_is_nan(index: VectorIndex) -> None:
    scores = index.similarities(QUERY, np.array([999, 70]))
    assert np.isnan(scores[0])
    assert scores[1] == pytest.approx(0.8)
    assert np.isnan(index.similarities(QUERY, np.array([1, 2]))).all()


def test_similarities_of_no_ids_are_none(index: VectorIndex) -> None:
    assert index.similarities(QUERY, np.array([], np.int64)).shape == (0,)


def test_an_empty_index_finds_nothing(build: Builder) -> None:
    index = build(np.array([], np.int64), np.empty((0, 2), np.float32))
    assert len(index) == 0
    assert len(index.search(QUERY, 5)[0]) == 0
    assert len(index.search(QUERY, 5, np.array([1]))[0]) == 0
    assert np.isnan(index.similarities(QUERY, np.array([1]))).all()


@pytest.mark.parametrize("vector", [np.ones(3, np.float32), np.ones((1, 2), np.float32)])
def test_refuses_a_vector_of_another_shape(index: VectorIndex, vector: Vectors) -> None:
    with pytest.raises(IndexMismatchError):
        index.search(vector, 1)
    with pytest.raises(IndexMismatchError):
        index.similarities(vector, IDS)


@pytest.mark.parametrize("builder", BUILDERS.values(), ids=BUILDERS)
@given(seed=st.integers(0, 2**32 - 1), count=st.integers(1, 60), k=st.integers(1, 70))
def test_agrees_with_a_scan_by_numpy(builder: Builder, seed: int, count: int, k: int) -> None:
    random = np.random.default_rng(seed)
    ids = random.permutation(10_000)[:count]
    vectors = normalise_rows(random.normal(size=(count, 16)))
    query = normalise_rows(random.normal(size=(1, 16)))[0]
    allowed = random.choice(ids, size=random.integers(1, count + 1), replace=False)
    expected = {int(id): float(row @ query) for id, row in zip(ids, vectors, strict=True)}
    found, scores = builder(ids, vectors).search(query, k, allowed)
    best = sorted(allowed.tolist(), key=lambda id: -expected[id])[:k]
    assert len(found) == len(best)
    np.testing.assert_allclose(scores, [expected[id] for id in best], atol=1e-6)
    np.testing.assert_allclose(scores, [expected[int(id)] for id in found], atol=1e-6)
