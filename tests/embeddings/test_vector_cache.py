import multiprocessing
import sqlite3
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from embeddings.errors import CacheDamagedError, CacheUnwritableError
from embeddings.vector_cache import VectorCache, embed_with_cache
from embeddings.vectors import Vectors
from tests.embeddings.conftest import HashEmbedder

EAST = np.array([1, 0], np.float32)
BETWEEN = np.array([0.6, 0.8], np.float32)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "made" / "vectors.sqlite"


def test_gives_back_what_was_put(path: Path) -> None:
    with VectorCache(path) as cache:
        cache.put_many("m", {"东": EAST, "中": BETWEEN})
        held = cache.get_many("m", ["中", "东", "西"])
    assert held.keys() == {"中", "东"}
    np.testing.assert_array_equal(held["东"], EAST)
    np.testing.assert_allclose(held["中"], BETWEEN, atol=5e-4)
    assert np.linalg.norm(held["中"]) == pytest.approx(1)


def test_vectors_outlive_the_process_that_made_them(path: Path) -> None:
    with VectorCache(path) as cache:
        cache.put_many("m", {"东": EAST})
    with VectorCache(path) as cache:
        assert cache.get_many("m", ["东"])["东"].tolist() == [1, 0]


def test_another_models_vectors_are_not_given(path: Path) -> None:
    with VectorCache(path) as cache:
        cache.put_many("m", {"东": EAST})
        assert cache.get_many("other", ["东"]) == {}


def test_thousands_are_found_at_once(path: Path) -> None:
    texts = [str(number) for number in range(2500)]
    with VectorCache(path) as cache:
        cache.put_many("m", dict.fromkeys(texts, EAST))
        assert cache.get_many("m", texts).keys() == set(texts)


def test_texts_with_broken_characters_are_kept_apart(path: Path) -> None:
    with VectorCache(path) as cache:
        cache.put_many("m", dict([("\ud800", EAST), ("\ud801", BETWEEN)]))
        assert cache.get_many("m", ["\ud800"])["\ud800"].tolist() == [1, 0]


def test_a_batch_with_a_vector_that_is_not_finite_is_refused_whole(path: Path) -> None:
    with VectorCache(path) as cache:
        with pytest.raises(ValueError, match="finite"):
            cache.put_many("m", {"东": EAST, "坏": np.array([np.nan, 0], np.float32)})
        assert cache.get_many("m", ["东"]) == {}


def test_threads_share_one_cache(path: Path) -> None:
    def put_and_get(number: int) -> bool:
        cache.put_many("m", {str(number): EAST})
        return str(number) in cache.get_many("m", [str(number)])

    with VectorCache(path) as cache, ThreadPoolExecutor(8) as pool:
        assert all(pool.map(put_and_get, range(100)))


def put_fifty(path: Path, start: int) -> None:
    with VectorCache(path) as cache:
        for number in range(start, start + 50):
            cache.put_many("m", {str(number): EAST})


def test_processes_share_one_file(path: Path) -> None:
    spawn = multiprocessing.get_context("spawn")
    processes = [spawn.Process(target=put_fifty, args=(path, start)) for start in (0, 50)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert [process.exitcode for process in processes] == [0, 0]
    with VectorCache(path) as cache:
        assert len(cache.get_many("m", [str(number) for number in range(100)])) == 100


def test_a_cache_being_made_by_another_process_is_waited_for(path: Path) -> None:
    # SQLite refuses the switch to write-ahead logging at once while another connection is about
    # to write, whatever time it was given to wait.
    path.parent.mkdir()
    other = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    other.execute("CREATE TABLE t (x)")
    other.execute("BEGIN IMMEDIATE")
    end = threading.Timer(0.3, lambda: other.execute("COMMIT"))
    end.start()
    with VectorCache(path) as cache:
        cache.put_many("m", {"东": EAST})
    end.join()
    other.close()


def test_a_file_that_is_no_cache_is_damaged(tmp_path: Path) -> None:
    (tmp_path / "cache").write_bytes(b"not a database, whatever its name says" * 99)
    with pytest.raises(CacheDamagedError, match="delete the file"):
        VectorCache(tmp_path / "cache")


def test_a_vector_cut_short_is_damaged(path: Path) -> None:
    with VectorCache(path) as cache:
        cache.put_many("m", {"东": EAST})
        connection = sqlite3.connect(path)
        connection.execute("UPDATE vectors SET vector = x'00'")
        connection.commit()
        connection.close()
        with pytest.raises(CacheDamagedError):
            cache.get_many("m", ["东"])


def test_a_place_that_cannot_be_written_is_said_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(CacheUnwritableError):
        VectorCache(tmp_path / "file" / "cache")
    with pytest.raises(CacheUnwritableError):
        VectorCache(tmp_path)


def test_embeds_only_what_is_missing(path: Path, hash_embedder: HashEmbedder) -> None:
    with VectorCache(path) as cache:
        embed_with_cache(hash_embedder, ["甲", "乙"], cache)
        hash_embedder.embedded.clear()
        embed_with_cache(hash_embedder, ["乙", "丙"], cache)
    assert hash_embedder.embedded == ["丙"]


def test_embeds_equal_texts_once(path: Path, hash_embedder: HashEmbedder) -> None:
    with VectorCache(path) as cache:
        vectors = embed_with_cache(hash_embedder, ["甲", "乙", "甲"], cache)
    assert sorted(hash_embedder.embedded) == ["乙", "甲"]
    np.testing.assert_array_equal(vectors[0], vectors[2])


def test_vectors_come_in_the_texts_order(path: Path, hash_embedder: HashEmbedder) -> None:
    texts = ["长一些的句子", "短", "不长"]
    with VectorCache(path) as cache:
        vectors = embed_with_cache(hash_embedder, texts, cache)
    np.testing.assert_allclose(vectors, [hash_embedder.encode_query(t) for t in texts], atol=1e-3)


def test_a_second_run_gives_the_same_bits(path: Path, hash_embedder: HashEmbedder) -> None:
    with VectorCache(path) as cache:
        first = embed_with_cache(hash_embedder, ["甲", "乙"], cache)
        np.testing.assert_array_equal(first, embed_with_cache(hash_embedder, ["甲", "乙"], cache))


def test_no_texts_have_no_vectors(path: Path, hash_embedder: HashEmbedder) -> None:
    with VectorCache(path) as cache:
        assert embed_with_cache(hash_embedder, [], cache).shape == (0, 8)


def test_progress_counts_texts_held_equal_and_new(path: Path, hash_embedder: HashEmbedder) -> None:
    told: list[int] = []
    with VectorCache(path) as cache:
        embed_with_cache(hash_embedder, ["0"], cache)
        texts = [str(number) for number in range(100)] + ["99"]
        embed_with_cache(hash_embedder, texts, cache, told.append)
    assert told == [1, 65, 101]


class DyingEmbedder(HashEmbedder):
    """Fails on its second call, as a process that is killed between two chunks."""

    calls = 0

    def encode_documents(self, texts: Sequence[str], progress: object = None) -> Vectors:
        self.calls += 1
        if self.calls == 2:
            raise KeyboardInterrupt
        return super().encode_documents(texts)


def test_a_killed_run_resumes_where_it_stopped(path: Path, hash_embedder: HashEmbedder) -> None:
    texts = [str(number) for number in range(100)]
    with VectorCache(path) as cache, pytest.raises(KeyboardInterrupt):
        embed_with_cache(DyingEmbedder(), texts, cache)
    with VectorCache(path) as cache:
        embed_with_cache(hash_embedder, texts, cache)
    assert len(hash_embedder.embedded) == 100 - 64
