"""One contract for every place that keeps a library: derive a test class, say how it is changed and opened,
and it is held to every clause (`test_stores.py`)."""

from __future__ import annotations

import hashlib
from abc import abstractmethod
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import numpy as np
import pytest

from qa.errors import LibraryBusyError, LibraryNotFoundError, ReportNotFoundError
from qa.library.correcting import correct
from qa.library.ingest import IngestSummary, ingest, remove
from qa.library.library import Library
from qa.library.reading import Entry
from qa.reports.correcting import read_assignments
from qa.search import Searcher
from tests.conftest import Invented, MakeVectorMaker, no_progress
from tests.embeddings.conftest import HashEmbedder
from tests.qa.reports.readers.made import document, put, read, report_pdf

QUESTIONS = ("越城区2023年GDP增长多少", "研发投入目标", "城乡居民收入")


class Boom(Exception):
    """What a test breaks off with."""


class StoreContract:
    """The clauses."""

    @abstractmethod
    def changing(self) -> AbstractContextManager[Path]:
        """The folder to change the library in; in force at the block's end."""

    @abstractmethod
    def opened(self) -> Library:
        """The version in force."""

    @pytest.fixture(autouse=True)
    def given(self, vector_maker: MakeVectorMaker, samples_dir: Path, tmp_path: Path) -> None:
        self.vectors = vector_maker()
        self.samples = samples_dir
        self.texts = tmp_path / "texts"
        self.texts.mkdir()

    @pytest.fixture
    def library(self) -> Iterator[Library]:
        """The version with all samples."""
        self.ingest(self.samples)
        library = self.opened()
        yield library
        library.close()

    def ingest(self, path: Path) -> IngestSummary:
        with self.changing() as folder:
            return ingest(folder, [path], self.vectors, passage_max_chars=450, progress=no_progress)

    def remove(self, report_id: str) -> None:
        with self.changing() as folder:
            remove(folder, report_id, self.vectors, no_progress)

    def invented(self, place: str, year: int, review: str) -> Path:
        path = self.texts / f"{place}-{year}.txt"
        path.write_text(Invented(place, year, review=review).text, "utf-8")
        return path

    # --- what is there -------------------------------------------------------------------------

    def test_there_is_none_before_the_first_ingest(self) -> None:
        with pytest.raises(LibraryNotFoundError):
            self.opened()

    def test_an_ingest_that_finds_nothing_makes_none(self) -> None:
        (self.texts / "poem.txt").write_text("床前明月光" * 300, "utf-8")
        assert self.ingest(self.texts).failed
        with pytest.raises(LibraryNotFoundError):
            self.opened()

    def test_holds_what_an_embedded_one_holds(
        self, library: Library, small_library: Library
    ) -> None:
        assert [(h.report, h.sources, h.passages, h.facts) for h in library.held] == [
            (h.report, h.sources, h.passages, h.facts) for h in small_library.held
        ]
        ids = [key.id for key in library.passage_keys]
        theirs = [key.id for key in small_library.passage_keys]
        assert library.passages(ids) == small_library.passages(theirs)
        assert [h.fact for h in library.facts()] == [h.fact for h in small_library.facts()]
        for report_id in small_library.reports:
            assert library.source_text(report_id) == small_library.source_text(report_id)
        with pytest.raises(ReportNotFoundError):
            library.source_text("none")

    def test_finds_what_an_embedded_one_finds(
        self, library: Library, small_library: Library
    ) -> None:
        ours, theirs = (Searcher(one, HashEmbedder()) for one in (library, small_library))
        for question in QUESTIONS:
            found, expected = ours.search(question).hits, theirs.search(question).hits
            assert [hit.passage for hit in found] == [hit.passage for hit in expected]
            np.testing.assert_allclose(
                [hit.score for hit in found], [hit.score for hit in expected], atol=1e-3
            )

    def test_the_nearest_sentences_are_those_of_a_scan_under_every_filter(
        self, library: Library
    ) -> None:
        embedder = HashEmbedder()
        vectors = library.load_vectors(embedder)
        assert vectors is not None
        query = embedder.encode_query(QUESTIONS[0])
        scores = {
            sentence: float(embedder.encode_query(text) @ query)
            for entry in self._entries(library)
            for sentence, text in zip(entry.sentences, entry.passage.sentence_texts(), strict=True)
        }
        for report_id in [None, *library.reports]:
            allowed = [
                sentence
                for entry in self._entries(library)
                if report_id in (None, entry.passage.report_id)
                for sentence in entry.sentences
            ]
            groups = None if report_id is None else library.groups([report_id])
            found, told = vectors.search(query, 25, groups)
            best = sorted((scores[one] for one in allowed), reverse=True)[:25]
            assert set(found.tolist()) <= set(allowed)
            np.testing.assert_allclose(told, best, atol=2e-3)
            np.testing.assert_allclose(
                vectors.similarities(query, found), [scores[i] for i in found.tolist()], atol=2e-3
            )

    def _sentences(self, library: Library) -> set[int]:
        return {one for entry in self._entries(library) for one in entry.sentences}

    def _entries(self, library: Library) -> list[Entry]:
        return library.entries([key.id for key in library.passage_keys])

    # --- changes -------------------------------------------------------------------------------

    def test_an_ingest_is_idempotent(self, library: Library) -> None:
        assert not self.ingest(self.samples).added
        assert library.is_current()
        assert not library.is_superseded()

    def test_a_reader_keeps_its_version_while_others_follow(self, library: Library) -> None:
        first = library.held[0].report.report_id
        self.remove(first)
        added = self.ingest(self.invented("磐安县", 2031, "石墨烯产值增长31%。")).added
        assert not library.is_current()
        assert library.is_superseded()
        assert library.held[0].report.report_id == first
        assert library.source_text(first)
        assert all(library.passages([key.id]) for key in library.passage_keys)
        vectors = library.load_vectors(HashEmbedder())
        assert vectors is not None
        found, _ = vectors.search(HashEmbedder().encode_query("石墨烯"), 10_000)
        assert set(found.tolist()) == self._sentences(library)
        newer = self.opened()
        assert first not in newer.reports
        assert added[0] in newer.reports
        assert newer.stamp != library.stamp
        newer.close()

    def test_what_is_removed_is_found_no_more(self, library: Library) -> None:
        gone = library.held[-1].report.report_id
        self.remove(gone)
        newer = self.opened()
        vectors = newer.load_vectors(HashEmbedder())
        assert vectors is not None
        found, _ = vectors.search(HashEmbedder().encode_query(QUESTIONS[0]), 10_000)
        assert set(found.tolist()) == self._sentences(newer)
        assert gone not in newer.reports
        newer.close()

    def test_a_file_is_kept_as_it_came_and_with_the_text_it_first_brought(
        self, tmp_path: Path
    ) -> None:
        data = report_pdf(Invented("磐安县", 2031, "石墨烯产值增长31%。").text)
        text = read(data, "a.pdf").text
        self.ingest(put(self.texts, "a.pdf", data))
        self.ingest(put(tmp_path, "b.docx", document(*text.split("\n"))))
        library = self.opened()
        origin = library.origin_of(library.held[0].report.report_id)
        assert origin.original == hashlib.sha256(data).hexdigest()
        assert origin.pages
        assert library.originals.size(origin.original) == len(data)
        found = library.originals.find(origin.original)
        assert found
        assert found.read_bytes() == data
        nothing = "0" * 64
        assert library.originals.size(nothing) is None
        assert library.originals.find(nothing) is None
        library.close()

    def test_a_report_in_the_place_of_the_last_has_vectors_of_its_own(self) -> None:
        self.ingest(self.invented("磐安县", 2031, "石墨烯产值增长31%。"))
        first = self.opened()
        self.ingest(self.invented("磐安县", 2031, "跨海大桥通车,投资超过97亿元。"))
        library = self.opened()
        embedder = HashEmbedder()
        vectors = library.load_vectors(embedder)
        assert vectors is not None
        (number, text) = next(
            (sentence, text)
            for entry in self._entries(library)
            for sentence, text in zip(entry.sentences, entry.passage.sentence_texts(), strict=True)
            if "跨海大桥" in text
        )
        found, scores = vectors.search(embedder.encode_query(text), 1)
        assert (found.tolist(), round(float(scores[0]), 2)) == ([number], 1.0)
        first.close()
        library.close()

    def test_a_correction_is_in_force(self, library: Library) -> None:
        report_id = library.held[0].report.report_id
        changes = {report_id: read_assignments(["year=2019"])}
        with self.changing() as folder:
            correct(folder, changes, self.vectors, passage_max_chars=450, progress=no_progress)
        newer = self.opened()
        assert newer.reports[report_id].year == 2019
        assert library.reports[report_id].year != 2019
        vectors = newer.load_vectors(HashEmbedder())
        assert vectors is not None
        allowed = [
            sentence
            for entry in self._entries(newer)
            if entry.passage.report_id == report_id
            for sentence in entry.sentences
        ]
        query = HashEmbedder().encode_query(QUESTIONS[0])
        found, _ = vectors.search(query, 10_000, newer.groups([report_id]))
        assert sorted(found.tolist()) == allowed
        newer.close()

    def test_another_model_embeds_all_anew(
        self, library: Library, vector_maker: MakeVectorMaker
    ) -> None:
        class Other(HashEmbedder):
            model_id = "other"

        self.vectors = vector_maker("other", Other)
        with self.changing() as folder:
            ingest(
                folder,
                [],
                self.vectors,
                passage_max_chars=450,
                progress=no_progress,
                reembed=True,
            )
        newer = self.opened()
        for one, embedder in ((library, HashEmbedder()), (newer, Other())):
            vectors = one.load_vectors(embedder)
            assert vectors is not None
            found, _ = vectors.search(embedder.encode_query("GDP"), 10_000)
            assert set(found.tolist()) == self._sentences(one)
        newer.close()

    def test_a_change_that_breaks_off_leaves_all_as_it_was(self, library: Library) -> None:
        path = self.invented("磐安县", 2031, "石墨烯产值增长31%。")

        def broken(stage: str, done: int, total: int) -> None:
            if stage == "embed":
                raise Boom

        with pytest.raises(Boom), self.changing() as folder:
            ingest(folder, [path], self.vectors, passage_max_chars=450, progress=broken)
        assert library.is_current()
        assert self.ingest(path).added
        newer = self.opened()
        assert len(newer.held) == len(library.held) + 1
        newer.close()

    def test_one_writes_at_a_time(self, library: Library) -> None:
        with self.changing() as folder:
            self._hold(folder)
        assert library.is_current()

    def _hold(self, folder: Path) -> None:
        with pytest.raises(LibraryBusyError), self._held(folder), self.changing() as other:
            ingest(other, [], self.vectors, passage_max_chars=450, progress=no_progress)

    def _held(self, folder: Path) -> AbstractContextManager[None]:
        from qa.library import storage

        return storage.exclusive(folder)
