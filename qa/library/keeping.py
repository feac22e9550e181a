"""Texts kept a second time, beside the database: one damaged file must not take what only it held.

::

    kept/
      index.json          which text is in which segment; each text's files and held reports; corrections
      000001.jsonl.gz     a segment: texts, one a line, that came with one change

A segment is written once and shared by the versions after it, until a text in it is deleted.
"""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, select

from qa.library import tables
from qa.library.corrections import KeptCorrection, correction_of, correction_row, read_corrections
from qa.library.disk import file_fault, link
from qa.library.manifest import DATABASE, KEPT, Manifest
from qa.library.rebuilding import KeptFile, KeptReport, KeptText, origin_of
from qa.reports.origin import Origin
from qa.reports.report import Source

_INDEX = "index.json"
# More would make every opening slow: they are then written anew as one.
_MOST_SEGMENTS = 64


@dataclass(frozen=True, slots=True)
class Kept:
    """What a version keeps of itself: its texts, and what people corrected, by mark."""

    texts: list[KeptText]
    corrections: dict[str, KeptCorrection]


@dataclass(frozen=True, slots=True)
class _Held:
    """A text as the database knows it, but for the text."""

    sha256: str
    files: list[tuple[str, str]]
    reports: list[tuple[str, int, int]]


def keep_texts(folder: Path, base: Path | None) -> None:
    """Write what ``kept/`` of a new version has to hold, sharing what the version before holds of it.

    Raises ``OSError``, ``sqlalchemy.exc.DatabaseError``.
    """
    if not (folder / DATABASE).exists() or (folder / KEPT).exists():
        return
    old = _sound_segments(base) if base else {}
    engine = tables.open_database(folder / DATABASE)
    with engine.connect() as connection:
        held = list(_held(connection))
        live = {one.sha256 for one in held}
        shared = {name: digests for name, digests in old.items() if live.issuperset(digests)}
        if len(shared) >= _MOST_SEGMENTS:
            shared = {}
        (folder / KEPT).mkdir()
        for name in shared:
            assert base is not None
            link(base / KEPT / name, folder / KEPT / name)
        fresh = live.difference(*shared.values())
        segments = dict(shared)
        if fresh:
            name = f"{max((int(n[:6]) for n in old), default=0) + 1:06d}.jsonl.gz"
            _write_segment(folder / KEPT / name, connection, fresh)
            segments[name] = sorted(fresh)
        corrections = [_packed(one) for one in read_corrections(connection).values()]
    engine.dispose()
    index = {"segments": segments, "sources": [asdict(one) for one in held]}
    index["corrections"] = corrections
    (folder / KEPT / _INDEX).write_text(json.dumps(index, ensure_ascii=False), "utf-8")


def _sound_segments(base: Path) -> Mapping[str, list[str]]:
    """The segments of a version that may be shared: those that are as they were made."""
    try:
        files = Manifest.read_any(base).files
        segments = json.loads((base / KEPT / _INDEX).read_text("utf-8"))["segments"]
    except Exception:
        # Of no use is not of any harm: all texts are then written from the database.
        return {}
    digests = {name: files.get(f"{KEPT}/{name}") for name in segments}
    return {
        name: segments[name]
        for name, digest in digests.items()
        if digest and not file_fault(base / KEPT / name, digest)
    }


def _held(connection: Connection) -> Iterator[_Held]:
    sources, files, reports = tables.sources.c, tables.files.c, tables.reports.c
    named: dict[int, list[tuple[str, str]]] = {}
    query = select(files.source_id, files.name, files.path).order_by(files.id)
    for number, name, path in connection.execute(query):
        named.setdefault(number, []).append((name, path))
    standing: dict[int, list[tuple[str, int, int]]] = {}
    where = select(reports.source_id, reports.report_id, reports.start, reports.end)
    for number, *report in connection.execute(where.order_by(reports.id)):
        standing.setdefault(number, []).append((report[0], report[1], report[2]))
    for number, sha256 in connection.execute(
        select(sources.id, sources.sha256).order_by(sources.id)
    ):
        yield _Held(sha256, named.get(number, []), standing.get(number, []))


def _write_segment(path: Path, connection: Connection, wanted: Iterable[str]) -> None:
    sources = tables.sources.c
    with path.open("wb") as file, gzip.GzipFile("", "wb", 6, file, mtime=0) as packed:
        for sha256 in sorted(wanted):
            query = select(sources.id, sources.text).where(sources.sha256 == sha256)
            row = connection.execute(query).one()
            told = {
                "sha256": sha256,
                "text": row.text,
                "origin": origin_of(connection, row.id).as_json(),
            }
            packed.write(json.dumps(told).encode() + b"\n")


def _packed(kept: KeptCorrection) -> dict[str, Any]:
    row = correction_row(kept)
    return row | {"sample": base64.b64encode(kept.sample).decode()}


def _unpacked(row: Mapping[str, Any]) -> KeptCorrection:
    return correction_of(**{**row, "sample": base64.b64decode(row["sample"])})


def read_kept(folder: Path) -> Kept | None:
    """What a version keeps, None unless all of it is as it was made."""
    try:
        files = Manifest.read_any(folder).files
        kept = {name: digest for name, digest in files.items() if name.startswith(f"{KEPT}/")}
        if not kept or any(file_fault(folder / name, digest) for name, digest in kept.items()):
            return None
        index = json.loads((folder / KEPT / _INDEX).read_text("utf-8"))
        texts = {
            source.sha256: source
            for name in index["segments"]
            for source in _read_segment(folder / KEPT / name)
        }
        # Versions made before corrections were kept have none here.
        corrections = map(_unpacked, index.get("corrections", ()))
        held = [_kept_text(row, texts) for row in index["sources"]]
        return Kept(held, {one.mark: one for one in corrections})
    except Exception:
        # Whatever keeps it from being read, the damaged database is then all there is.
        return None


def _read_segment(path: Path) -> Iterator[Source]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            yield Source("", row["text"], Origin.of_json(row["origin"]))


def _kept_text(row: Mapping[str, Any], texts: Mapping[str, Source]) -> KeptText:
    found = texts[row["sha256"]]
    files = tuple(KeptFile(name, path, row["sha256"]) for name, path in row["files"])
    source = Source(files[0].name if files else "", found.text, found.origin)
    return KeptText(source, files, tuple(KeptReport(*report) for report in row["reports"]))
