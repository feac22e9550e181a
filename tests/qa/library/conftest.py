"""A library of its own for each test, and the one way these tests fill it."""

import shutil
from pathlib import Path
from typing import Protocol

import pytest

from qa.library.ingest import IngestSummary, Progress, VectorMaker, ingest
from qa.reports.parsing import PASSAGE_MAX_CHARS
from tests.conftest import MakeVectorMaker, no_progress


class Take(Protocol):
    def __call__(
        self,
        *paths: Path,
        vectors: VectorMaker | None = None,
        progress: Progress = no_progress,
        reembed: bool = False,
    ) -> IngestSummary: ...


@pytest.fixture
def library_dir(tmp_path: Path) -> Path:
    return tmp_path / "library"


@pytest.fixture
def take(library_dir: Path, vector_maker: MakeVectorMaker) -> Take:
    """Takes files and folders into the test's library."""

    def take_in(
        *paths: Path,
        vectors: VectorMaker | None = None,
        progress: Progress = no_progress,
        reembed: bool = False,
    ) -> IngestSummary:
        return ingest(
            library_dir,
            paths,
            vectors or vector_maker(),
            passage_max_chars=PASSAGE_MAX_CHARS,
            progress=progress,
            reembed=reembed,
        )

    return take_in


@pytest.fixture(scope="session")
def yuecheng(samples_dir: Path) -> Path:
    return next(samples_dir.glob("000_*"))


@pytest.fixture
def shangcheng(samples_dir: Path) -> Path:
    return next(samples_dir.glob("001_*"))


@pytest.fixture
def collection(samples_dir: Path) -> Path:
    """The file that holds four reports."""
    return next(samples_dir.glob("004_*"))


@pytest.fixture(scope="session")
def made_once(
    tmp_path_factory: pytest.TempPathFactory, yuecheng: Path, vector_maker: MakeVectorMaker
) -> Path:
    folder = tmp_path_factory.mktemp("made") / "library"
    ingest(folder, [yuecheng], vector_maker(), passage_max_chars=450, progress=no_progress)
    return folder


@pytest.fixture
def made(made_once: Path, library_dir: Path) -> Path:
    """The test's library, holding 越城区 already: a copy, which is quicker than an ingest."""
    return Path(shutil.copytree(made_once, library_dir))


def copy_to(target: Path, source: Path) -> Path:
    """A writable copy; samples are read-only."""
    target.parent.mkdir(parents=True, exist_ok=True)
    return Path(shutil.copyfile(source, target))
