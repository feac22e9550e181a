"""ZIP archives: members in memory, one after the other; nothing is ever unpacked to disk."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import PurePosixPath

from qa.errors import InputError, TooLargeError, UnreadableFormError
from qa.reports.readers.protocol import Task

_MOST_MEMBERS = 10_000
_ENCRYPTED = 0x1
_UTF8_NAME = 0x800
# Reports shrink to a third. What shrinks a thousandfold was made to burst.
_MOST_RATIO, _RATIO_FROM_BYTES = 200, 1024 * 1024
# What packers of desktops add.
_LITTER = ("__MACOSX/", ".DS_Store", "Thumbs.db", "desktop.ini")


def members(task: Task) -> Iterator[tuple[str, bytes | InputError]]:
    """Name (``archive.zip/inner.txt``) and bytes of each file, or why it cannot be had.

    Raises ``InputError`` if the archive as a whole cannot be read.
    """
    try:
        archive = zipfile.ZipFile(io.BytesIO(task.data))
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise UnreadableFormError("damaged", name=task.name, reason=error) from error
    with archive:
        files = [info for info in archive.infolist() if not info.is_dir()]
        if len(files) > _MOST_MEMBERS:
            raise TooLargeError("too_many_members", name=task.name, most=f"{_MOST_MEMBERS:,}")
        yield from _each(archive, files, task)


def _each(
    archive: zipfile.ZipFile, files: list[zipfile.ZipInfo], task: Task
) -> Iterator[tuple[str, bytes | InputError]]:
    left = task.limits.unpacked_max_bytes
    for info in files:
        inner = _name_of(info)
        if inner.startswith(_LITTER[0]) or PurePosixPath(inner).name in _LITTER:
            continue
        name = f"{task.name}/{inner}"
        try:
            data = _unpacked(archive, info, name, min(left, task.limits.file_max_bytes))
        except InputError as error:
            yield name, error
            continue
        left -= len(data)
        yield name, data


def _name_of(info: zipfile.ZipInfo) -> str:
    """Names without the mark of UTF-8 are in the packer's own encoding: here, that of Chinese Windows."""
    if info.flag_bits & _UTF8_NAME:
        return info.filename
    try:
        return info.filename.encode("cp437").decode("gb18030")
    except UnicodeError:
        return info.filename


def _unpacked(archive: zipfile.ZipFile, info: zipfile.ZipInfo, name: str, most: int) -> bytes:
    path = PurePosixPath(_name_of(info).replace("\\", "/"))
    if path.is_absolute() or ".." in path.parts or ":" in path.parts[0]:
        raise UnreadableFormError("unsafe_member", name=name)
    if info.flag_bits & _ENCRYPTED:
        raise UnreadableFormError("encrypted", name=name)
    bursts = info.file_size > _MOST_RATIO * max(1, info.compress_size)
    if info.file_size > most or (bursts and info.file_size > _RATIO_FROM_BYTES):
        raise TooLargeError("bursts", name=name)
    try:
        # The size that an entry declares may be a lie.
        with archive.open(info) as member:
            data = member.read(most + 1)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError) as error:
        raise UnreadableFormError("damaged", name=name, reason=error) from error
    if len(data) > most:
        raise TooLargeError("bursts", name=name)
    return data
