"""What the systems under test are built from: the library in force, or one made of a folder."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from qa.settings import Settings

if TYPE_CHECKING:
    from eval.systems import Bench
    from qa.reports.report import Report


@contextmanager
def bench_over(sources: str | None, settings: Settings) -> Iterator[Bench]:
    """The library in force, or, if ``sources`` names a folder, one made of it for this run."""
    if sources is None:
        yield _bench_of(settings, None)
        return
    with TemporaryDirectory() as folder:
        made = settings.model_copy(update={"library": Path(folder) / "library"})
        yield _bench_of(made, Path(sources))


def _bench_of(settings: Settings, sources: Path | None) -> Bench:
    from api.assembly import chain_of, embedder_of, model_of
    from embeddings import VectorCache
    from eval.systems import Bench

    texts = _texts_in(sources, settings) if sources else _texts_held(settings)
    reports = [report for name, text in texts.items() for report in _reports_in(name, text)]
    if sources and reports:
        _ingest(sources, settings)
    return Bench(
        texts,
        reports,
        chain=lambda: chain_of(settings, assisted=False),
        assisted_chain=lambda: chain_of(settings),
        embedder=lambda: embedder_of(settings),
        vector_cache=lambda: VectorCache(settings.cache / "vectors.sqlite"),
        model=lambda: model_of(settings),
    )


def _reports_in(name: str, text: str) -> list[Report]:
    """None in a passage of someone else's data set: such cases can still test a search."""
    from qa.errors import NotAReportError
    from qa.reports.parsing import parse_reports
    from qa.reports.report import Source

    try:
        return parse_reports(Source(name, text))
    except NotAReportError:
        return []


def _texts_in(folder: Path, settings: Settings) -> dict[str, str]:
    from qa.errors import InputError
    from qa.reports.reading import SourceReader

    files = sorted(path for path in folder.rglob("*") if path.is_file())
    texts = {}
    with SourceReader(settings.read_limits) as reader:
        for document in chain.from_iterable(map(reader.read, files)):
            if isinstance(document.source, InputError):
                raise document.source
            texts[document.source.name] = document.source.text
    return texts


def _texts_held(settings: Settings) -> dict[str, str]:
    from api.assembly import library_of

    library = library_of(settings)
    held = {report.source: report.report_id for report in library.reports.values()}
    return {source: library.source_text(held[source]) for source in sorted(held)}


def _ingest(folder: Path, settings: Settings) -> None:
    from api.assembly import vector_maker_of
    from api.cli import language
    from api.progress import ProgressBars
    from qa.library.ingest import ingest

    with ProgressBars(language()) as progress:
        ingest(
            settings.library,
            [folder],
            vector_maker_of(settings),
            passage_max_chars=settings.passage_max_chars,
            limits=settings.read_limits,
            progress=progress,
        )
