"""A folder that is watched: what comes into it is taken in, file by file, until someone says stop.

What the system tells of changes only wakes the watcher; what is to be done is found by looking. So
nothing is lost that happened while it was down, while an ingest ran, or on a disk that tells nothing.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from stat import S_ISREG
from typing import Literal

import watchfiles

from embeddings import EndpointUnavailableError
from qa.errors import LibraryUnwritableError, SourceVanishedError
from qa.library.held_files import paths_held
from qa.library.ingest import IngestSummary
from qa.library.read_files import Failure, key_of, wholes_of
from qa.library.taking import Taker
from qa.reports.reading import READABLE_SUFFIXES

_LOOK_SECONDS, _IDLE_LOOK_SECONDS = 0.5, 30.0
RETRY_SECONDS = 30.0
_BATCH = 20
# Files that programs keep beside the one they write.
_ASIDE = ("~$", ".", "~")

Signature = tuple[int, int]
"""Size and time of the last change."""


class Stopped(Exception):
    """Raised by a progress callback to end an ingest that runs: nothing went wrong."""


@dataclass(frozen=True, slots=True)
class FileOutcome:
    """What became of a file: its reports, or why there are none."""

    path: Path
    state: Literal["added", "unchanged", "failed", "removed"]
    reports: tuple[str, ...] = ()
    failures: tuple[Failure, ...] = ()


@dataclass(slots=True)
class _Seen:
    signature: Signature
    since: float
    settled: bool = False

    @property
    def is_due(self) -> bool:
        # An empty file is one that a program has just made: what it writes wakes us.
        return not self.settled and self.signature[0] > 0


@dataclass(slots=True)
class Watcher:
    """Watches one folder. ``told`` hears of each file, ``troubled`` of what keeps all of them waiting.

    A file is taken in once its size and time have stood still for ``settle_seconds``. With ``delete``
    the reports of files that are gone go too, but not while the folder is empty: that is how a disk
    looks that is not there.
    """

    folder: Path
    taker: Taker
    told: Callable[[FileOutcome], None]
    troubled: Callable[[Exception], None]
    settle_seconds: float = 2.0
    delete: bool = False
    poll: bool = False
    _seen: dict[Path, _Seen] = field(default_factory=dict)
    _gone: set[Path] = field(default_factory=set)
    _not_before: float = 0.0
    _trouble: str = ""

    def run(self, stop: threading.Event) -> None:
        """Watch until ``stop`` is set. Raises ``SourceVanishedError`` if the folder is none, or goes, and
        what will not pass by itself: ``LibraryError``, ``embeddings.EmbeddingError``."""
        self._require_folder()
        if self.delete:
            self._gone = set(self._vanished_before())
        changes = self._wakes(stop)
        try:
            while not stop.is_set():
                self._look()
                self._work(stop)
                next(changes, None)
        except Stopped:
            return

    def _wakes(self, stop: threading.Event) -> Iterator[None]:
        """Yields when something changed, or when it is time to look anyway."""
        looked = time.monotonic()
        for changed in watchfiles.watch(
            self.folder,
            stop_event=stop,
            rust_timeout=int(_LOOK_SECONDS * 1000),
            yield_on_timeout=True,
            raise_interrupt=False,
            force_polling=self.poll or None,
            watch_filter=None,
        ):
            due = time.monotonic() - looked > _IDLE_LOOK_SECONDS
            if changed or due or self._waits():
                looked = time.monotonic()
                yield

    def _waits(self) -> bool:
        if time.monotonic() < self._not_before:
            return False
        return bool(self._gone) or any(seen.is_due for seen in self._seen.values())

    def _require_folder(self) -> None:
        if not self.folder.is_dir():
            # An unmounted disk is no wish to delete all that was on it.
            raise SourceVanishedError("no_folder", name=self.folder)

    # --- looking -------------------------------------------------------------------------------

    def _look(self) -> None:
        """Compare the folder with what was seen before."""
        self._require_folder()
        now, found = time.monotonic(), dict(self._files())
        for path, signature in found.items():
            seen = self._seen.get(path)
            if seen is None or seen.signature != signature:
                self._seen[path] = _Seen(signature, now)
        for path in [path for path in self._seen if path not in found]:
            del self._seen[path]
            if self.delete:
                self._gone.add(path)
        self._gone -= found.keys()

    def _files(self) -> Iterator[tuple[Path, Signature]]:
        for path in self.folder.rglob("*"):
            inside = path.relative_to(self.folder).parts
            if path.suffix.lower() not in READABLE_SUFFIXES or any(map(_is_aside, inside)):
                continue
            try:
                state = path.stat()
            except OSError:
                # Gone since the folder was read, or a link to nowhere.
                continue
            if S_ISREG(state.st_mode):
                yield path, (state.st_size, state.st_mtime_ns)

    def _vanished_before(self) -> Iterator[Path]:
        """Files of the folder that are held and went while nobody watched."""
        root = key_of(self.folder)
        for key in paths_held(self.taker.library):
            wholes = wholes_of(key)
            if root in wholes[1:] and not any(Path(whole).is_file() for whole in wholes):
                yield Path(key)

    # --- working -------------------------------------------------------------------------------

    def _work(self, stop: threading.Event) -> None:
        """Take in what stands still; trouble of the library keeps it for the next time."""
        if time.monotonic() < self._not_before:
            return
        try:
            self._forget()
            while not stop.is_set() and (ready := self._ready()):
                self._take(ready)
        except (LibraryUnwritableError, EndpointUnavailableError) as error:
            self._wait_for(error)
        else:
            self._trouble = ""

    def _wait_for(self, error: Exception) -> None:
        self._not_before = time.monotonic() + RETRY_SECONDS
        if str(error) != self._trouble:
            self.troubled(error)
        self._trouble = str(error)

    def _ready(self) -> dict[Path, Signature]:
        still = time.monotonic() - self.settle_seconds
        ready = {
            path: seen.signature
            for path, seen in self._seen.items()
            if seen.is_due and seen.since <= still
        }
        return dict(list(ready.items())[:_BATCH])

    def _take(self, ready: Mapping[Path, Signature]) -> None:
        summary = self.taker.take(ready)
        for path, signature in ready.items():
            seen = self._seen[path]
            # What was written while it was read is taken in again.
            seen.settled = seen.signature == signature
            self.told(_outcome(path, summary))

    def _forget(self) -> None:
        """Before anything is taken in: a file that was moved is else known by its old path."""
        if self._gone and self._seen:
            count = self.taker.forget(map(key_of, self._gone))
            for path in sorted(self._gone) if count else ():
                self.told(FileOutcome(path, "removed"))
            self._gone.clear()


def _is_aside(name: str) -> bool:
    return name.startswith(_ASIDE)


def _outcome(path: Path, summary: IngestSummary) -> FileOutcome:
    key = key_of(path)
    ids = summary.read.get(key, [])
    failures = tuple(one for one in summary.failed if key in wholes_of(key_of(one.path)))
    if not ids:
        return FileOutcome(path, "failed", (), failures)
    added = any(one in summary.added for one in ids)
    return FileOutcome(path, "added" if added else "unchanged", tuple(ids), failures)
