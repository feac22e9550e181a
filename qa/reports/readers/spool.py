"""Bytes that come with documents, kept in files that are named by their digests."""

from __future__ import annotations

import contextlib
import hashlib
from pathlib import Path
from typing import IO

from qa.errors import InputError, TooLargeError


class Spool:
    """Writes what is added into ``folder``, which is made when something is.

    A file of more than ``max_bytes`` is refused: a parser that was taken over could fill the disk.
    """

    def __init__(self, folder: Path, max_bytes: int) -> None:
        self._folder = folder
        self._max_bytes = max_bytes
        self._file: IO[bytes] | None = None
        self._digest = hashlib.sha256()
        self._size = 0

    @property
    def _aside(self) -> Path:
        return self._folder / "coming.part"

    def add(self, piece: bytes, name: str) -> None:
        """Go on with the file; raises ``InputError`` where it cannot be written."""
        self._size += len(piece)
        if self._size > self._max_bytes:
            raise TooLargeError("too_large", name=name, most=f"{self._max_bytes:,}")
        try:
            if self._file is None:
                self._folder.mkdir(parents=True, exist_ok=True)
                self._file = self._aside.open("wb")
            self._file.write(piece)
            self._file.flush()
        except OSError as error:
            reason = error.strerror or error
            raise InputError("original_unwritable", name=name, reason=reason) from error
        self._digest.update(piece)

    def settle(self) -> str | None:
        """The sha256 of what was added since the last time, None if nothing was."""
        if self._file is None:
            return None
        sha256 = self._digest.hexdigest()
        self._file.close()
        self._aside.replace(self._folder / f"{sha256}.part")
        self._reset()
        return sha256

    def drop(self) -> None:
        """Forget what was added since the last time."""
        if self._file is not None:
            with contextlib.suppress(OSError):
                self._file.close()
        self._reset()

    def _reset(self) -> None:
        self._file, self._digest, self._size = None, hashlib.sha256(), 0
