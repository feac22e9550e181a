import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import faiss
import numpy as np
import pytest

from embeddings.errors import IndexDamagedError, IndexMismatchError
from embeddings.faiss_index import FaissIndex

IDS = np.array([70, 10, 40])
VECTORS = np.array([[1, 0], [0, 1], [0.6, 0.8]], np.float32)
QUERY = np.array([0.8, 0.6], np.float32)


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    FaissIndex.build(IDS, VECTORS, model_id="e5").save(tmp_path / "index")
    return tmp_path / "index"


def test_a_loaded_index_finds_what_the_saved_one_found(saved: Path) -> None:
    ids, scores = FaissIndex.load(saved, model_id="e5", dimension=2).search(QUERY, 3)
    assert ids.tolist() == [40, 70, 10]
    np.testing.assert_allclose(scores, [0.96, 0.8, 0.6], rtol=1e-6)


def test_a_loaded_index_still_knows_its_similarities(saved: Path) -> None:
    index = FaissIndex.load(saved, model_id="e5", dimension=2)
    np.testing.assert_allclose(index.similarities(QUERY, IDS), [0.8, 0.6, 0.96], rtol=1e-6)


def test_an_empty_index_can_be_saved_and_loaded(tmp_path: Path) -> None:
    empty = FaissIndex.build(np.array([], np.int64), np.empty((0, 2), np.float32), model_id="e5")
    empty.save(tmp_path)
    assert len(FaissIndex.load(tmp_path, model_id="e5", dimension=2)) == 0


@pytest.mark.parametrize(("model_id", "dimension"), [("bge", 2), ("e5", 3)])
def test_refuses_an_index_of_another_model_or_dimension(
    saved: Path, model_id: str, dimension: int
) -> None:
    with pytest.raises(IndexMismatchError, match="made with 'e5'"):
        FaissIndex.load(saved, model_id=model_id, dimension=dimension)


def test_refuses_an_index_of_another_format(saved: Path) -> None:
    metadata = json.loads((saved / "metadata.json").read_text())
    (saved / "metadata.json").write_text(json.dumps(metadata | {"format_version": 99}))
    with pytest.raises(IndexMismatchError, match="format 99"):
        FaissIndex.load(saved, model_id="e5", dimension=2)


def test_refuses_the_folder_of_another_kind_of_index(saved: Path) -> None:
    metadata = json.loads((saved / "metadata.json").read_text())
    (saved / "metadata.json").write_text(json.dumps(metadata | {"kind": "bm25"}))
    with pytest.raises(IndexDamagedError, match="bm25"):
        FaissIndex.load(saved, model_id="e5", dimension=2)


@pytest.mark.parametrize("name", ["metadata.json", "vectors.faiss", "groups.npy"])
def test_notices_a_missing_file(saved: Path, name: str) -> None:
    (saved / name).unlink()
    with pytest.raises(IndexDamagedError, match=name):
        FaissIndex.load(saved, model_id="e5", dimension=2)


def test_notices_one_altered_byte(saved: Path) -> None:
    content = bytearray((saved / "vectors.faiss").read_bytes())
    content[-1] ^= 1
    (saved / "vectors.faiss").write_bytes(content)
    with pytest.raises(IndexDamagedError, match="altered"):
        FaissIndex.load(saved, model_id="e5", dimension=2)


@pytest.mark.parametrize("content", ["", "{", "[]", '{"kind": "faiss"}'])
def test_notices_unreadable_metadata(saved: Path, content: str) -> None:
    (saved / "metadata.json").write_text(content)
    with pytest.raises(IndexDamagedError):
        FaissIndex.load(saved, model_id="e5", dimension=2)


def test_notices_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(IndexDamagedError):
        FaissIndex.load(tmp_path / "nothing", model_id="e5", dimension=2)


@pytest.mark.parametrize(
    ("ids", "vectors"),
    [
        ([1, 1, 2], VECTORS),
        ([1, 2], VECTORS),
        ([1, 2, -1], VECTORS),
        ([1, 2, 3], VECTORS[0]),
        ([1, 2, 3], np.full((3, 2), np.nan, np.float32)),
    ],
)
def test_refuses_to_build_from_what_cannot_be_searched(
    ids: list[int], vectors: np.ndarray[tuple[int, ...], np.dtype[np.float32]]
) -> None:
    with pytest.raises(ValueError, match=r"ids|vector"):
        FaissIndex.build(np.array(ids), vectors, model_id="e5")


def test_searches_from_several_threads_agree() -> None:
    index = FaissIndex.build(IDS, VECTORS, model_id="e5")
    with ThreadPoolExecutor(8) as pool:
        found = pool.map(lambda _: index.search(QUERY, 3, IDS[:2])[0].tolist(), range(200))
    assert set(map(tuple, found)) == {(70, 10)}


@pytest.mark.parametrize("way", ["search", "similarities"])
def test_a_search_stays_on_the_thread_it_was_asked_on(way: str) -> None:
    index = FaissIndex.build(IDS, VECTORS, model_id="e5")

    def helpers_afterwards() -> int:
        faiss.omp_set_num_threads(4)
        index.search(QUERY, 3) if way == "search" else index.similarities(QUERY, IDS)
        return int(faiss.omp_get_max_threads())

    # OpenMP keeps the number for each thread: in one of its own no other test's is seen.
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(helpers_afterwards).result() == 1
