"""The reading side of the originals: the file of a name, once its bytes are known to be those of the name."""

from __future__ import annotations

from pathlib import Path

from qa.library.integrity import original_fault

# Verified once: a file is named by its bytes, and a change of it changes its time or length.
_sound: dict[Path, tuple[int, int]] = {}


def sound_file(path: Path) -> Path | None:
    """The file, None if it is missing or its bytes are not those that it is named by."""
    try:
        stat = path.stat()
    except OSError:
        return None
    seen = (stat.st_mtime_ns, stat.st_size)
    if _sound.get(path) != seen:
        if original_fault(path) is not None:
            return None
        _sound[path] = seen
    return path


class KeptFiles:
    """The originals in a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def size(self, sha256: str) -> int | None:
        """Bytes of a file, None if it is missing; says nothing of what they are."""
        path = self._folder / sha256
        return path.stat().st_size if path.is_file() else None

    def find(self, sha256: str) -> Path | None:
        """The file on this disk, its bytes being those of its name; None if it is missing or altered."""
        return sound_file(self._folder / sha256)
