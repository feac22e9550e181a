"""Vectors already computed, kept by content so that no text is embedded twice."""

import hashlib
import sqlite3
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path

import numpy as np
from tenacity import retry, retry_if_exception, stop_after_delay
from tenacity.wait import wait_random

from embeddings.embedders import Embedder
from embeddings.errors import CacheDamagedError, CacheUnwritableError
from embeddings.vectors import Vectors, normalise

_SCHEMA = """
CREATE TABLE IF NOT EXISTS vectors (
    model_id TEXT NOT NULL,
    text_hash BLOB NOT NULL,
    vector BLOB NOT NULL,
    PRIMARY KEY (model_id, text_hash)
) WITHOUT ROWID
"""
# Another process writing a chunk takes milliseconds; a minute means it hangs.
_BUSY_SECONDS = 60.0
# SQLite builds differ in how many "?" they take; every one takes 999.
_HASHES_PER_QUERY = 500
# A killed run loses at most this many texts' work: some seconds of it.
_TEXTS_PER_CHUNK = 64


def _is_busy(error: BaseException) -> bool:
    return isinstance(error, sqlite3.OperationalError) and error.sqlite_errorcode in {
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
    }


class VectorCache:
    """Vectors by (model_id, sha256 of the text) in one SQLite file.

    Kept as float16, scaled to length 1 when read: 768 bytes for 384 dimensions instead of 1536,
    and a cosine moves by less than 0.001, a third of what int8 weights move it (0.003). Safe to
    share between threads and processes.

    Raises, from every method:
        CacheUnwritableError: the file cannot be made or written.
        CacheDamagedError: the file is not a cache, or broken.
    """

    def __init__(self, path: Path) -> None:
        """Open the cache at `path`, making it and its folder if need be."""
        self.path = path
        self._lock = threading.Lock()
        with self._translated_errors():
            path.parent.mkdir(parents=True, exist_ok=True)
            self._connection = sqlite3.connect(
                path, timeout=_BUSY_SECONDS, check_same_thread=False, isolation_level=None
            )
            try:
                self._log_ahead()
                self._connection.execute("PRAGMA synchronous = NORMAL")
                self._connection.execute(_SCHEMA)
            except sqlite3.Error:
                self._connection.close()
                raise

    def get_many(self, model_id: str, texts: Sequence[str]) -> dict[str, Vectors]:
        """The vectors held for these texts, each (dimension,); texts not held are absent."""
        by_hash = {_hash(text): text for text in texts}
        held: dict[str, Vectors] = {}
        hashes = iter(by_hash)
        while batch := list(islice(hashes, _HASHES_PER_QUERY)):
            for text_hash, blob in self._rows(model_id, batch):
                held[by_hash[text_hash]] = self._vector(blob)
        return held

    def put_many(self, model_id: str, vectors: Mapping[str, Vectors]) -> None:
        """Keep the vector of each text; all of them are stored or none.

        Raises:
            ValueError: a vector has a component that is not a finite number.
        """
        rows = [(model_id, _hash(text), _blob(vector)) for text, vector in vectors.items()]
        with self._lock, self._translated_errors():
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                self._connection.executemany("INSERT OR REPLACE INTO vectors VALUES (?,?,?)", rows)
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise

    def close(self) -> None:
        """Close the file; the cache cannot be used afterwards."""
        with self._lock:
            self._connection.close()

    def __enter__(self) -> "VectorCache":
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    @retry(
        retry=retry_if_exception(_is_busy),
        stop=stop_after_delay(_BUSY_SECONDS),
        wait=wait_random(0.01, 0.1),
        reraise=True,
    )
    def _log_ahead(self) -> None:
        # SQLite's own wait for a lock does not hold for this statement: of two processes that
        # make one file at a time, one is told at once that it is locked.
        self._connection.execute("PRAGMA journal_mode = WAL")

    def _rows(self, model_id: str, hashes: list[bytes]) -> list[tuple[bytes, bytes]]:
        marks = ",".join("?" * len(hashes))
        rows = "SELECT text_hash, vector FROM vectors WHERE model_id = ? AND text_hash IN (…)"
        # Nothing but question marks is put in.
        query = rows.replace("…", marks)
        with self._lock, self._translated_errors():
            return self._connection.execute(query, [model_id, *hashes]).fetchall()

    def _vector(self, blob: bytes) -> Vectors:
        if len(blob) % 2:
            raise self._damaged()
        return normalise(np.frombuffer(blob, dtype="<f2"))

    def _damaged(self) -> CacheDamagedError:
        return CacheDamagedError(
            f"the vector cache {self.path} cannot be read",
            "delete the file; vectors are computed again when needed",
        )

    @contextmanager
    def _translated_errors(self) -> Iterator[None]:
        try:
            yield
        except (OSError, sqlite3.OperationalError) as error:
            raise CacheUnwritableError(
                f"the vector cache {self.path} cannot be written ({error})",
                "free disk space, or choose another cache folder",
            ) from error
        except sqlite3.DatabaseError as error:
            raise self._damaged() from error


def embed_with_cache(
    embedder: Embedder,
    texts: Sequence[str],
    cache: VectorCache,
    progress: Callable[[int], None] | None = None,
) -> Vectors:
    """Vectors of documents, (n, dimension), embedding only the different texts not yet held.

    New vectors are stored a chunk at a time, so a killed run resumes where it stopped. What is
    returned has always been through the cache, so a second run gives the same bits as the first.
    `progress` is told how many of `texts` are done, first those that were held.
    """
    count = Counter(texts)
    vectors = cache.get_many(embedder.model_id, list(count))
    # In the order given: sorted by length, the first rates would promise too early an end.
    missing = [text for text in count if text not in vectors]
    done = len(texts) - sum(count[text] for text in missing)
    _report(progress, done)
    for start in range(0, len(missing), _TEXTS_PER_CHUNK):
        chunk = missing[start : start + _TEXTS_PER_CHUNK]
        fresh = dict(zip(chunk, embedder.encode_documents(chunk), strict=True))
        cache.put_many(embedder.model_id, fresh)
        vectors.update({text: _as_kept(vector) for text, vector in fresh.items()})
        done += sum(count[text] for text in chunk)
        _report(progress, done)
    rows = [vectors[text] for text in texts]
    return np.stack(rows) if rows else np.empty((0, embedder.dimension), np.float32)


def _report(progress: Callable[[int], None] | None, done: int) -> None:
    if progress is not None:
        progress(done)


def _hash(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()


def _blob(vector: Vectors) -> bytes:
    if not np.isfinite(vector).all():
        raise ValueError("a vector has a component that is not a finite number")
    return vector.astype("<f2").tobytes()


def _as_kept(vector: Vectors) -> Vectors:
    return normalise(vector.astype("<f2"))
