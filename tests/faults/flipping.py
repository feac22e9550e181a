"""Damage to what lies on the disk: flipped bits, files cut off, missing, or of another library."""

from __future__ import annotations

import random
import shutil
from pathlib import Path

from embeddings import EmbeddingError
from qa.errors import LibraryError
from qa.library import storage
from qa.library.doctor import examine
from qa.library.library import Library
from qa.library.repair import repair
from qa.settings import Settings
from tests.faults.figures import Figures
from tests.faults.scene import Scene, Stage, no_progress, told


def damage_everything(
    stage: Stage, scene: Scene, figures: Figures, flips: int, random_: random.Random, every: int = 1
) -> None:
    """Each ``every``-th file of the version in force: ``flips`` bits of it, cut off, emptied, removed."""
    library = scene.copy_to(stage.folder / "damaged")
    version = storage.version_in_force(library)
    names = sorted(str(p.relative_to(library)) for p in version.rglob("*") if p.is_file())
    for name in ["CURRENT", *names][::every]:
        size = (library / name).stat().st_size
        places = {0, size - 1, *(random_.randrange(size) for _ in range(flips))}
        for place in sorted(places):
            bit = 1 << random_.randrange(8)
            _try(stage, scene, figures, "flipped bit", name, _flip(place, bit))
        _try(stage, scene, figures, "cut off", name, _cut(random_.randrange(size)))
        _try(stage, scene, figures, "emptied", name, _cut(0))
        _try(stage, scene, figures, "missing", name, Path.unlink)


def foreign_parts(stage: Stage, scene: Scene, other: Path, figures: Figures) -> None:
    """Parts of another library in the place of one's own: each is sound in itself."""
    theirs = storage.version_in_force(other)
    for name in (storage.DATABASE, storage.LEXICAL, storage.VECTORS, "manifest.json", ""):

        def exchange(path: Path, name: str = name) -> None:
            if (theirs / name).is_dir():
                shutil.rmtree(path)
                shutil.copytree(theirs / name, path)
            else:
                shutil.copyfile(theirs / name, path)

        library = scene.copy_to(stage.folder / "damaged")
        part = str((storage.version_in_force(library) / name).relative_to(library))
        _try(stage, scene, figures, "of another library", part, exchange)


def _flip(place: int, bit: int):  # type: ignore[no-untyped-def]
    def flip(path: Path) -> None:
        # In place: a version that shares the file has the damage, too, as on a disk.
        with path.open("r+b") as file:
            file.seek(place)
            (byte,) = file.read(1)
            file.seek(place)
            file.write(bytes([byte ^ bit]))

    return flip


def _cut(size: int):  # type: ignore[no-untyped-def]
    def cut(path: Path) -> None:
        with path.open("r+b") as file:
            file.truncate(size)

    return cut


def _try(stage, scene, figures, kind, name, harm) -> None:  # type: ignore[no-untyped-def]
    library = scene.copy_to(stage.folder / "damaged")
    harm(library / name)
    figures.damaged[kind] += 1
    what = f"{kind}: {name}"
    embedder = stage.load()
    try:
        if told(library, embedder) != scene.allowed["before"]:
            figures.wrong.append(what)
        # The spare copy of the texts answers nothing: it is told of, and all else goes on.
        opened = Library(library)
        if not opened.faults:
            figures.unseen.append(f"{what}: not noticed when opened")
        opened.close()
    except (LibraryError, EmbeddingError):
        pass
    except Exception as error:
        figures.untyped.append(f"{what}: {error!r}")
    _examined(stage, library, figures, what, name)
    _repaired(stage, scene, library, figures, what)


def _examined(stage: Stage, library: Path, figures: Figures, what: str, name: str) -> None:
    settings = Settings(library=library, cache=stage.cache, embedding=stage.embedding)
    errors = [one for one in examine(settings) if one.severity == "error"]
    if not errors:
        figures.unseen.append(f"{what}: doctor finds nothing")
    elif not any(Path(name).name in one.message("en") for one in errors):
        figures.unseen.append(f"{what}: doctor names {[one.message('en') for one in errors]}")


def _repaired(stage: Stage, scene: Scene, library: Path, figures: Figures, what: str) -> None:
    whole_version = what.endswith(storage.version_in_force(scene.start).name)
    try:
        summary = repair(library, stage.vectors(), passage_max_chars=450, progress=no_progress)
        figures.asked += 1
        if not summary.is_whole:
            # Where nothing is left of what was held, saying so is what can be done.
            figures.repaired["loss told"] += 1
            figures.lost += [] if whole_version else [f"{what}: {summary}"]
            return
        if told(library, stage.load()) != scene.allowed["before"]:
            figures.lost.append(f"{what}: repaired, it tells something else")
        else:
            figures.repaired["answers as before the damage"] += 1
    except Exception as error:
        figures.lost.append(f"{what}: {error!r}")
