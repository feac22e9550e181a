"""Very many files: read by many workers at once, written by one, a part at a time.

A worker does what costs time: it reads a file, finds its facts and makes its vectors. What is written is
written by ``ingest``, so that the library is that of an ordinary ingest; a run that was ended is taken up
where its last part was written, with the vectors that had come since.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from qa.errors import InputError, SourceVanishedError
from qa.library.indexing import VectorMaker
from qa.library.ingest import IngestSummary
from qa.library.read_files import Failure, ReadBefore, ReadFile, read_all
from qa.library.rereading import facts_of
from qa.library.taking import Taker
from qa.reports.limits import ReadLimits
from qa.reports.reading import files_of

if TYPE_CHECKING:
    from embeddings import Embedder
    from embeddings.vectors import Vectors

# Files between two writings, and the share of those written before. Each writing copies the database: a
# share keeps the cost of all together at a small multiple of the last one's.
_LEAST_FILES, _SHARE = 200, 0.25


@dataclass(frozen=True, slots=True)
class Work:
    """What a worker is told. ``known`` are the reports held already: they need no facts and no vectors."""

    vectors: VectorMaker
    passage_max_chars: int
    limits: ReadLimits
    known: frozenset[str]
    finds_facts: bool = True


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a file gave, and the vectors of its sentences: those of row ``n`` belong to text ``n``."""

    read: ReadBefore
    model_id: str
    texts: Sequence[str]
    vectors: Vectors | None


# Gives the outcomes of files as they come, in the files' order; one that got lost with its worker is missing.
Engine = Callable[[Sequence[Path], Work], Iterator[Outcome]]


class Worker:
    """Reads files, one after the other, in a process of its own; the model is loaded with the first."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._vectors = work.vectors
        self._embedder: Embedder | None = None

    def read(self, path: Path) -> Outcome:
        """What a file gives; a bad one gives its failure.

        Raises ``embeddings.EmbeddingError``: without vectors there is no going on.
        """
        try:
            read = self._read(path)
        except Exception as error:
            # A fault of ours over one file of a hundred thousand; it is told, and costs no other.
            told = SourceVanishedError("worker_failed", name=path.name, reason=repr(error))
            return Outcome(ReadBefore(path, (), [Failure(path, told)], {}), "", (), None)
        fresh = [
            sentence
            for file in read.files
            for report in file.reports
            if report.report_id not in self._work.known
            for passage in report.passages
            for sentence in passage.sentence_texts()
        ]
        texts = list(dict.fromkeys(fresh))
        if not texts:
            return Outcome(read, "", (), None)
        return self._embedded(read, texts)

    def _read(self, path: Path) -> ReadBefore:
        failed: list[Failure] = []
        with tempfile.TemporaryDirectory(prefix="wenzheng-") as folder:
            came = Path(folder) / "originals"
            found = read_all(
                [path], self._work.passage_max_chars, self._work.limits, failed, _tell_nobody, came
            )
            files = [self._with_facts(file) for file in found]
            originals = {part.stem: part.read_bytes() for part in came.glob("*.part")}
        return ReadBefore(path, files, failed, originals)

    def _with_facts(self, file: ReadFile) -> ReadFile:
        if not self._work.finds_facts:
            return file
        new = [one for one in file.reports if one.report_id not in self._work.known]
        return replace(file, facts=facts_of(file.source, new, None, []))

    def _embedded(self, read: ReadBefore, texts: list[str]) -> Outcome:
        from embeddings import embed_with_cache

        self._embedder = self._embedder or self._vectors.load()
        embedder = self._embedder
        with self._vectors.open_cache() as cache:
            matrix = embed_with_cache(embedder, texts, cache)
        return Outcome(read, embedder.model_id, texts, matrix)


def ingest_in_bulk(
    taker: Taker, paths: Iterable[Path], engine: Engine, work: Work
) -> IngestSummary:
    """Read files and folders with an engine, into the library as ``ingest`` does.

    Each part is in force once it is written. Raises as ``Taker.take`` and the engine do, with what was
    written before in force.
    """
    summary = IngestSummary()
    files = _files(paths, summary.failed)
    # Unpacked once, before many workers look for it.
    taker.vectors.load()
    waiting: list[ReadBefore] = []
    written = 0
    came = set()
    taker.progress("read", 0, len(files))
    for outcome in engine(files, work):
        _keep_vectors(taker.vectors, outcome)
        waiting.append(outcome.read)
        came.add(outcome.read.path)
        taker.progress("read", len(came), len(files))
        if len(waiting) >= max(_LEAST_FILES, written * _SHARE):
            summary.include(taker.take(waiting))
            written, waiting = len(came), []
    # Also of nothing: vectors that an earlier run was to make are made.
    summary.include(taker.take(waiting))
    summary.failed += [Failure(path, _lost(path)) for path in files if path not in came]
    return summary


def _files(paths: Iterable[Path], failed: list[Failure]) -> list[Path]:
    found: dict[Path, None] = {}
    for path in paths:
        try:
            found |= dict.fromkeys(files_of(path))
        except InputError as error:
            failed.append(Failure(path, error))
    return list(found)


def _keep_vectors(vectors: VectorMaker, outcome: Outcome) -> None:
    """Here they are found when the part is written; a worker on this machine has kept them here itself."""
    if outcome.vectors is None:
        return
    with vectors.open_cache() as cache:
        held = cache.get_many(outcome.model_id, outcome.texts)
        rows = zip(outcome.texts, outcome.vectors, strict=True)
        cache.put_many(outcome.model_id, {text: row for text, row in rows if text not in held})


def _lost(path: Path) -> InputError:
    return SourceVanishedError("worker_lost", name=path.name)


def _tell_nobody(stage: str, done: int, total: int) -> None:
    """Progress that nobody watches."""
