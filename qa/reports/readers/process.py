"""Our side of the process that parses: started with the first file, replaced when it fails."""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict, replace
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import qa
from qa.errors import InputError, TooLargeError, UnreadableFormError
from qa.reports.limits import ReadLimits
from qa.reports.readers.protocol import Outcome, Read
from qa.reports.readers.spool import Spool
from qa.reports.readers.wire import outcome_of, piece_of

_PIECE_BYTES = 1 << 16
# What of our environment the parsers see: keys of models and of the API are none of their business.
_SHARED_NAMES = ("HOME", "LANG", "LC_ALL", "LC_CTYPE", "LD_LIBRARY_PATH", "PATH", "TMPDIR", "TZ")


class ReaderProcess:
    """Parses files in another process with limits. Use it as a context; it is not for two threads.

    One process reads many files. A file that it dies of, or takes too long for, has failed; what of
    its documents came before that stays.
    """

    def __init__(self, limits: ReadLimits, originals: Path | None = None) -> None:
        """The bytes of the documents that are files of their own are written into ``originals``, each
        as ``SHA256.part``; without it none are."""
        self._limits = limits if originals else replace(limits, original_max_bytes=0)
        self._originals = Spool(originals, limits.original_max_bytes) if originals else None
        self._child: subprocess.Popen[bytes] | None = None
        self._pending = b""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the process; the next file starts another."""
        self._end()

    def read(self, path: Path, name: str) -> Iterator[Outcome]:
        """The documents of a file; its failure as a whole is the last outcome."""
        try:
            for row in self._answered({"path": str(path.resolve()), "name": name}, name):
                if "piece" in row and self._originals is not None:
                    self._originals.add(piece_of(row), name)
                if "name" in row:
                    yield self._with_original(outcome_of(row))
        except InputError as error:
            yield Outcome(name, error)

    def _with_original(self, outcome: Outcome) -> Outcome:
        read, sha256 = outcome.read, self._originals.settle() if self._originals else None
        if sha256 is None or not isinstance(read, Read):
            return outcome
        return Outcome(outcome.name, replace(read, origin=replace(read.origin, original=sha256)))

    def draw(self, path: Path, name: str, page: int, width: int) -> bytes:
        """A page of a file as PNG, so many pixels wide or less; raises ``InputError``."""
        asked = {"path": str(path.resolve()), "name": name, "draw": [page, width]}
        pieces = []
        for row in self._answered(asked, name):
            if "piece" in row:
                pieces.append(piece_of(row))
            if "name" in row:
                failure = outcome_of(row).read
                assert isinstance(failure, InputError)
                raise failure
        return b"".join(pieces)

    def _answered(self, asked: Mapping[str, Any], name: str) -> Iterator[dict[str, Any]]:
        """The rows of the answer; raises ``InputError`` where the process fails over it."""
        complete = False
        try:
            child = self._started()
            assert child.stdin is not None
            child.stdin.write(
                json.dumps({**asked, "limits": asdict(self._limits)}).encode() + b"\n"
            )
            child.stdin.flush()
            for row in self._rows(child, name):
                yield row
                complete = "done" in row
        except BrokenPipeError as error:
            raise UnreadableFormError("reader_died", name=name, reason="EPIPE") from error
        finally:
            # Also where the one who asked stopped listening: old rows would be taken for new ones.
            if not complete:
                self._end()

    def _rows(self, child: subprocess.Popen[bytes], name: str) -> Iterator[dict[str, Any]]:
        """Rows up to the one that is ``done`` or says that the process ends."""
        while True:
            line = self._line(child, name)
            row: dict[str, Any] = json.loads(line)
            yield row
            if "done" in row or "exhausted" in row:
                return

    def _line(self, child: subprocess.Popen[bytes], name: str) -> bytes:
        """The next line; raises ``TooLargeError`` when it does not come in time."""
        assert child.stdout is not None
        deadline = time.monotonic() + self._limits.timeout_seconds
        pieces = [self._pending]
        while b"\n" not in pieces[-1]:
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([child.stdout], [], [], left)[0]:
                seconds = f"{self._limits.timeout_seconds:g}"
                raise TooLargeError("read_timeout", name=name, seconds=seconds)
            piece = os.read(child.stdout.fileno(), _PIECE_BYTES)
            if not piece:
                raise _death(child, name)
            pieces.append(piece)
        line, _, self._pending = b"".join(pieces).partition(b"\n")
        return line

    def _started(self) -> subprocess.Popen[bytes]:
        if self._child is None or self._child.poll() is not None:
            self._end()
            self._child = _start()
        return self._child

    def _end(self) -> None:
        child, self._child, self._pending = self._child, None, b""
        if self._originals is not None:
            self._originals.drop()
        if child is None:
            return
        with contextlib.suppress(ProcessLookupError):
            # The group: a converter that it started goes with it.
            os.killpg(child.pid, signal.SIGKILL)
        for stream in (child.stdin, child.stdout):
            if stream is not None:
                with contextlib.suppress(BrokenPipeError):
                    stream.close()
        child.wait()


def _start() -> subprocess.Popen[bytes]:
    root = str(Path(qa.__file__).parents[1])
    paths = [root, *filter(None, [os.environ.get("PYTHONPATH")])]
    shared = {name: os.environ[name] for name in _SHARED_NAMES if name in os.environ}
    # No shell, our own module, and nothing of a file but over the pipe.
    return subprocess.Popen(  # nosec B603
        [sys.executable, "-m", "qa.reports.readers.worker"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**shared, "PYTHONPATH": os.pathsep.join(paths), "PYTHONIOENCODING": "utf-8"},
        start_new_session=True,
    )


def _death(child: subprocess.Popen[bytes], name: str) -> UnreadableFormError:
    code = child.wait()
    reason = signal.Signals(-code).name if code < 0 else f"exit {code}"
    return UnreadableFormError("reader_died", name=name, reason=reason)
