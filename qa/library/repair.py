"""Mending a damaged library: what is sound is kept, what follows from the texts is made anew.

The damaged version is replaced by a new one and stays on the disk, like any version, until it ages out.
"""

from __future__ import annotations

import contextlib
import logging
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from embeddings import EmbeddingError
from embeddings.syncing import sync_path
from qa.errors import LibraryError, LibraryNotFoundError, LibraryUnwritableError
from qa.library import storage, tables
from qa.library.disk import file_fault, link, make_folder
from qa.library.indexing import Progress, VectorMaker, complete_vectors, finish_texts
from qa.library.integrity import (
    ORIGINALS,
    Damage,
    database_faults,
    original_fault,
    originals_damage,
    pointer_damage,
    version_damage,
)
from qa.library.keeping import read_kept
from qa.library.locking import unwritable
from qa.library.manifest import FORMAT, Manifest
from qa.library.migrations import copy_rows, has_todays_tables
from qa.library.originals import missing_originals
from qa.library.rebuilding import KeptFile, KeptText, reconcile, salvage, write_texts
from qa.library.rereading import Rereading, bring_corrections
from qa.reports.limits import ReadLimits
from qa.reports.reading import SourceReader
from qa.reports.report import Source

_LOG = logging.getLogger("wenzheng.library")


@dataclass(slots=True)
class RepairSummary:
    """What a repair found and did.

    ``database`` is the version whose database was kept, None if it had to be made anew; ``saved`` are
    files whose texts were found elsewhere than there, ``lost`` those whose texts were found nowhere,
    ``returned`` ids of reports that may have been deleted since the database that was kept. Without
    ``knows_all`` what came and went since then could not be read at all.
    """

    damage: list[Damage] = field(default_factory=list)
    version: str | None = None
    database: str | None = None
    rebuilt: list[str] = field(default_factory=list)
    saved: list[str] = field(default_factory=list)
    lost: list[KeptFile] = field(default_factory=list)
    returned: list[str] = field(default_factory=list)
    knows_all: bool = True
    originals_saved: list[str] = field(default_factory=list)
    originals_lost: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def is_whole(self) -> bool:
        """True if nothing that was held is missing."""
        return self.knows_all and not (self.lost or self.originals_lost)

    def as_json(self) -> dict[str, Any]:
        """All of it, under the same names."""
        return {**asdict(self), "is_whole": self.is_whole}


@dataclass(frozen=True, slots=True)
class _Choice:
    """The version that was meant to be in force, and the newest whose database is sound, if any.

    ``vouched`` if the manifest is the one that was made current: no more is known of its parts else than
    that they agree with it.
    """

    meant: Path
    vouched: bool
    sound: Path | None


def repair(
    library: Path,
    vectors: VectorMaker,
    *,
    passage_max_chars: int,
    progress: Progress,
    limits: ReadLimits | None = None,
) -> RepairSummary:
    """Find what is damaged and mend it; a sound library is left alone.

    Raises ``LibraryNotFoundError`` where there never was one, ``LibraryUnwritableError``,
    ``LibraryBusyError``, ``LibraryFormatError``.
    """
    if not storage.version_names(library):
        raise LibraryNotFoundError("no_library", path=library)
    with storage.exclusive(library), tables.damage_reported(library):
        summary = RepairSummary(_damage(library))
        if any(not one.part.startswith(ORIGINALS) for one in summary.damage):
            with SourceReader(limits) as reader:
                how = Rereading(vectors.embedding, passage_max_chars, None, progress)
                _replace(library, _choose(library), summary, reader, how)
            _add_vectors(library, vectors, progress, summary)
        elif not Manifest.read(storage.current_version(library)).has_vectors:
            _add_vectors(library, vectors, progress, summary)
        _mend_originals(library, summary)
        return summary


def _damage(library: Path) -> list[Damage]:
    pointer = pointer_damage_or_missing(library)
    found = [pointer] if pointer else []
    with contextlib.suppress(LibraryError):
        found += version_damage(storage.version_in_force(library))
    return found + originals_damage(library)


def pointer_damage_or_missing(library: Path) -> Damage | None:
    """As ``pointer_damage``; a library that has versions and none in force is damaged, too."""
    try:
        return pointer_damage(library)
    except LibraryNotFoundError:
        return Damage("CURRENT", "is missing")


def _choose(library: Path) -> _Choice:
    names = storage.version_names(library)
    vouched = storage.vouched_version(library)
    meant = vouched or _own(library, _named(library) or _newest_whole(library))
    older = [library / "versions" / n for n in reversed(names) if int(n) < int(meant.name)]
    # Where the manifest itself is altered, the database may contradict it and be sound.
    is_sound = _has_sound_database(meant) or (vouched is None and _agrees_with_itself(meant))
    sound = meant if is_sound else next(filter(_has_sound_database, older), None)
    return _Choice(meant, vouched is not None, sound)


def _named(library: Path) -> Path | None:
    try:
        return storage.version_in_force(library)
    except LibraryError:
        return None


def _own(library: Path, meant: Path) -> Path:
    """The version, or the latest of the others if it is one of another library in the place of ours."""
    others = [library / "versions" / n for n in storage.version_names(library) if n != meant.name]
    ids = {path: _identity(path) for path in (meant, *others)}
    ours = {ids[path] for path in others} - {None}
    # A manifest alone in the place of ours speaks of another database than the one beside it.
    if ids[meant] is None or not ours or ids[meant] in ours or not _has_sound_database(meant):
        return meant
    return others[-1]


def _identity(folder: Path) -> str | None:
    try:
        return Manifest.read_any(folder).library
    except LibraryError:
        return None


def _newest_whole(library: Path) -> Path:
    """Nothing says which version it was: the latest that is whole."""
    folders = [library / "versions" / name for name in storage.version_names(library)]
    return [*folders[:1], *(folder for folder in folders if not version_damage(folder))][-1]


def _has_sound_database(folder: Path) -> bool:
    """True if the manifest vouches for the database; whether the manifest is sound is not asked."""
    try:
        digest = Manifest.read_any(folder).files.get(storage.DATABASE)
    except LibraryError:
        return False
    return digest is not None and file_fault(folder / storage.DATABASE, digest) is None


def _agrees_with_itself(folder: Path) -> bool:
    return not database_faults(folder / storage.DATABASE)


def _replace(
    library: Path,
    choice: _Choice,
    summary: RepairSummary,
    reader: SourceReader,
    how: Rereading,
) -> None:
    """Make a version of what is sound and put it in force."""
    with storage.new_version(library, over_damage=True) as folder:
        manifest = _manifest(choice, how.embedding)
        summary.version = folder.name.removesuffix(".part")
        summary.database = choice.sound.name if choice.sound else None
        # What was in force was replaced by something else: what it held cannot be known.
        named = _named(library)
        summary.knows_all = named is None or choice.vouched or choice.meant == named
        if choice.sound == choice.meant:
            _take_database(choice.meant, folder, how.passage_max_chars, to_write=False)
            if choice.vouched and _take_indexes(choice.meant, folder, manifest):
                return
        else:
            _salvage(library, choice, folder / storage.DATABASE, summary, reader, how)
        _LOG.warning(
            "the library %s: version %s is made anew of its texts", library, summary.version
        )
        summary.rebuilt.append(storage.LEXICAL)
        finish_texts(folder, manifest, how.progress, base=None)


def _manifest(choice: _Choice, embedding: str) -> Manifest:
    # A name that was altered would ask for another model from then on.
    older = [path for path in choice.meant.parent.iterdir() if path != choice.meant]
    for folder in [choice.meant] if choice.vouched else sorted(older, reverse=True):
        if folder.name.isdigit():
            try:
                held = Manifest.read_any(folder)
            except LibraryError:
                continue
            return Manifest(
                FORMAT, held.embedding, held.model_id, held.dimension, has_vectors=False
            )
    return Manifest(FORMAT, embedding, None, None, has_vectors=False)


def _take_database(old: Path, new: Path, max_chars: int, *, to_write: bool) -> None:
    """Take over a sound database; one of an earlier format with its rows, or its texts, in today's tables."""
    source, target = old / storage.DATABASE, new / storage.DATABASE
    # The manifest, which says what format it has, may be what is damaged.
    if has_todays_tables(source):
        shutil.copyfile(source, target) if to_write else link(source, target)
    elif not copy_rows(source, target):
        write_texts(target, salvage(source).texts, max_chars)


def _take_indexes(old: Path, new: Path, manifest: Manifest) -> bool:
    """Take over the sound indexes of a version whose database is kept; False if one has to be made."""
    try:
        held = Manifest.read_any(old)
    except LibraryError:
        return False
    damaged = {one.part.split("/")[1] for one in version_damage(old)}
    if storage.LEXICAL in damaged or held.format < FORMAT:
        return False
    shutil.copytree(old / storage.LEXICAL, new / storage.LEXICAL, copy_function=link)
    keeps_vectors = held.has_vectors and storage.VECTORS not in damaged
    if keeps_vectors:
        shutil.copytree(old / storage.VECTORS, new / storage.VECTORS, copy_function=link)
    fields = (FORMAT, manifest.embedding, manifest.model_id, manifest.dimension)
    Manifest(*fields, has_vectors=keeps_vectors).write(new)
    return True


def _salvage(
    library: Path,
    choice: _Choice,
    database: Path,
    summary: RepairSummary,
    reader: SourceReader,
    how: Rereading,
) -> None:
    """The newest sound database, made to hold what was held: from the texts kept beside it or, where
    these are damaged, too, from what the database, the original files or the disk still have."""
    if choice.sound is not None:
        _take_database(choice.sound, database.parent, how.passage_max_chars, to_write=True)
    kept = read_kept(choice.meant)
    if kept is not None:
        if choice.sound is not None:
            reconcile(database, kept.texts)
        write_texts(database, kept.texts, how.passage_max_chars)
        summary.notes += map(str, bring_corrections(database, kept.corrections, how))
        return
    found = salvage(choice.meant / storage.DATABASE)
    corrections, held = found.corrections, set[str]()
    if choice.sound is not None:
        older = salvage(choice.sound / storage.DATABASE)
        corrections = older.corrections | corrections
        held = {text.source.sha256 for text in older.texts}
        summary.returned = sorted(older.report_ids - found.report_ids) if found.report_ids else []
    summary.knows_all = summary.knows_all and bool(found.report_ids)
    lost = [file for file in found.lost if file.sha256 not in held]
    elsewhere = list(_found_elsewhere(library, lost, reader))
    texts = [text for text in found.texts if text.source.sha256 not in held] + elsewhere
    write_texts(database, texts, how.passage_max_chars)
    summary.notes += map(str, bring_corrections(database, corrections, how))
    saved = {text.source.sha256 for text in texts}
    summary.saved = sorted(file.name for text in texts for file in text.files)
    summary.lost = [file for file in lost if file.sha256 not in saved]


def _found_elsewhere(
    library: Path, lost: Iterable[KeptFile], reader: SourceReader
) -> Iterator[KeptText]:
    """The lost texts that the files still hold: where they were read, or as originals."""
    wanted = {file.sha256: file for file in lost}
    paths = [Path(file.path) for file in wanted.values()]
    originals = library / ORIGINALS
    paths += sorted(originals.rglob("*")) if wanted and originals.is_dir() else []
    for path in paths:
        for source in _sources(path, reader) if path.is_file() else ():
            file = wanted.pop(source.sha256, None)
            if file is not None:
                yield KeptText(Source(file.name, source.text, source.origin), (file,), None)


def _sources(path: Path, reader: SourceReader) -> Iterator[Source]:
    for document in reader.read(path):
        if isinstance(document.source, Source):
            yield document.source


def _add_vectors(
    library: Path, vectors: VectorMaker, progress: Progress, summary: RepairSummary
) -> None:
    """Make the vectors, if they are not there; without them words answer."""
    if Manifest.read(storage.current_version(library)).has_vectors:
        return
    try:
        complete_vectors(library, vectors, progress, reembed=False)
        summary.rebuilt.append(storage.VECTORS)
    except EmbeddingError as error:
        _LOG.warning("the library %s: its vectors could not be made: %s", library, error)
        summary.notes.append(str(error))


def _mend_originals(library: Path, summary: RepairSummary) -> None:
    """Put back kept original files from where they were read; what cannot be put back is set aside."""
    bad = [library / one.part for one in summary.damage if one.part.startswith(ORIGINALS)]
    _return_missing(library, summary)
    for path in bad:
        found = next((p for p in _read_paths(library) if _is_original(p, path.name)), None)
        try:
            if found is None:
                path.rename(path.with_name(f"{path.name}.damaged"))
                summary.originals_lost.append(path.name)
            else:
                _put_back(found, path)
                summary.originals_saved.append(path.name)
        except OSError as error:
            raise LibraryUnwritableError(
                "unwritable", path=library, reason=error.strerror
            ) from error


def _return_missing(library: Path, summary: RepairSummary) -> None:
    """Of those that are not there at all, those that still lie where they were read."""
    for sha256 in missing_originals(library, storage.current_version(library)):
        found = next((p for p in _read_paths(library) if _is_original(p, sha256)), None)
        if found is not None:
            try:
                make_folder(library / ORIGINALS)
                _put_back(found, library / ORIGINALS / sha256)
            except OSError as error:
                raise unwritable(library, error) from error
            summary.originals_saved.append(sha256)


def _read_paths(library: Path) -> Iterator[Path]:
    for text in salvage(storage.current_version(library) / storage.DATABASE).texts:
        for file in text.files:
            yield Path(file.path)


def _is_original(path: Path, sha256: str) -> bool:
    return path.is_file() and original_fault(path, sha256) is None


def _put_back(source: Path, target: Path) -> None:
    aside = target.with_name(f"{target.name}.part")
    shutil.copyfile(source, aside)
    sync_path(aside)
    aside.replace(target)
    sync_path(target.parent)
