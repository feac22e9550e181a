"""A small library to break, with what it must answer before and after each change of it."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from embeddings import Embedder, VectorCache
from qa.chain import Chain
from qa.errors import LibraryNotFoundError
from qa.library import storage
from qa.library.indexing import VectorMaker
from qa.library.ingest import ingest, remove
from qa.library.library import Library
from qa.search import Searcher
from tests.embeddings.conftest import HashEmbedder

QUESTIONS = (
    "越城区2023年GDP增长多少?",
    "上城区2023年地区生产总值是多少?",
    "今年要改造多少老旧小区?",
)
NOTHING = "no library"
SAMPLES = Path(__file__).parents[2] / "samples"


def no_progress(stage: str, done: int, total: int) -> None:
    """Tells nobody."""


@dataclass(frozen=True)
class Operation:
    """A change of a library: files to ingest, or a report to remove."""

    name: str
    paths: tuple[Path, ...] = ()
    report_id: str | None = None

    @property
    def arguments(self) -> list[str]:
        if self.report_id:
            return ["remove", self.report_id]
        return ["ingest", *map(str, self.paths)]

    def perform(self, library: Path, vectors: VectorMaker) -> None:
        if self.report_id:
            remove(library, self.report_id, vectors, no_progress)
        else:
            ingest(library, self.paths, vectors, passage_max_chars=450, progress=no_progress)


@dataclass(frozen=True)
class Scene:
    """A library as it is before an operation, and what is told before, on the way and after it."""

    operation: Operation
    start: Path
    allowed: dict[str, str]

    def copy_to(self, target: Path) -> Path:
        """The library to break, its versions sharing files as they do."""
        shutil.rmtree(target, ignore_errors=True)
        if self.start.exists():
            subprocess.run(["cp", "-a", str(self.start), str(target)], check=True)
        return target

    def state(self, told: str) -> str | None:
        """``before``, ``words``, ``after``, or None for what must never be told."""
        return next((name for name, text in self.allowed.items() if text == told), None)


def told(library: Path, embedder: Embedder) -> str:
    """All that a library says: its reports, its facts, its answers; raises what opening it raises."""
    try:
        opened = Library(library)
    except LibraryNotFoundError:
        return NOTHING
    try:
        vectors = opened.load_vectors(embedder)
        chain = Chain(Searcher(opened, embedder if vectors is not None else None))
        answers = [chain.ask(question).as_json() for question in QUESTIONS]
        for answer in answers:
            answer.pop("timings_ms", None)
        facts = [repr(held.fact) for held in opened.facts()]
        held = [(h.report.report_id, h.sources, h.passages, h.facts) for h in opened.held]
        return json.dumps(
            [held, len(facts), sorted(facts), answers], ensure_ascii=False, default=str
        )
    finally:
        opened.close()


def told_ids(library: Path) -> list[str]:
    """The ids of the reports held."""
    opened = Library(library)
    try:
        return list(opened.reports)
    finally:
        opened.close()


@dataclass(frozen=True)
class Stage:
    """Where scenes are made: a folder, and what embeds."""

    folder: Path
    embedding: str
    load: Callable[[], Embedder]

    @property
    def cache(self) -> Path:
        return self.folder / "cache"

    def vectors(self) -> VectorMaker:
        return VectorMaker(
            self.embedding, self.load, lambda: VectorCache(self.cache / "vectors.sqlite")
        )

    def scenes(self) -> list[Scene]:
        """A first ingest, another, a changed file taken in again, a removal."""
        first, second, changing = self._files()
        empty, one = self.folder / "none", self._made("one", first)
        two, other = self._made("two", first, second), self._made("other", first, changing)
        changing.write_text(changing.read_text("utf-8").replace("9.", "8."), "utf-8")
        return [
            self._scene(Operation("first ingest", (first,)), empty),
            self._scene(Operation("ingest", (second,)), one),
            self._scene(Operation("changed file", (changing,)), other),
            self._scene(Operation("remove", report_id=min(told_ids(two))), two),
        ]

    def _files(self) -> tuple[Path, Path, Path]:
        folder = self.folder / "in"
        folder.mkdir(parents=True, exist_ok=True)
        paths = [folder / name for name in ("a.txt", "b.txt", "c.txt")]
        for path, sample in zip(paths, ("000", "001", "003"), strict=True):
            text = next(SAMPLES.glob(f"{sample}_*")).read_text("utf-8")
            path.write_text(text[:4000], "utf-8")
        return paths[0], paths[1], paths[2]

    def _made(self, name: str, *paths: Path) -> Path:
        library = self.folder / name
        for path in paths:
            Operation("made", (path,)).perform(library, self.vectors())
        return library

    def _scene(self, operation: Operation, start: Path) -> Scene:
        embedder = self.load()
        scene = Scene(operation, start, {})
        library = scene.copy_to(self.folder / "tried")
        scene.allowed["before"] = told(library, embedder)
        operation.perform(library, self.vectors())
        scene.allowed["after"] = told(library, embedder)
        if not start.exists():
            scene.allowed["words"] = self._told_by_words(scene, embedder)
        shutil.rmtree(library)
        return scene

    def _told_by_words(self, scene: Scene, embedder: Embedder) -> str:
        library = scene.copy_to(self.folder / "tried")

        class Broken(Exception):
            pass

        def broken() -> Embedder:
            raise Broken

        maker = VectorMaker(self.embedding, broken, self.vectors().open_cache)
        try:
            scene.operation.perform(library, maker)
        except Broken:
            assert storage.has_library(library)
        return told(library, embedder)


def hash_stage(folder: Path) -> Stage:
    """A stage whose vectors cost nothing."""
    return Stage(folder, "hash", HashEmbedder)
