"""Which reader reads which kind. A reader's library is imported when its kind is met first."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from qa.errors import EmptySourceError, InputError, TooLargeError, UnreadableFormError
from qa.reports.decoding import decode
from qa.reports.readers.protocol import Outcome, Read, Reader, Task, Unpacker
from qa.reports.readers.sniffing import HEAD_BYTES, Kind, kind_of, kind_of_archive

# Some four hundred reports. More in one text is an attempt to use up memory, not a compilation.
MOST_CHARS = 20_000_000


def read_text(task: Task) -> Read:
    """Plain text: the decoded bytes as they are."""
    return Read(decode(task.data, task.name))


def _html(task: Task) -> Read:
    from qa.reports.readers.html import read_html

    return read_html(task)


def _pdf(task: Task) -> Read:
    from qa.reports.readers.pdf import read_pdf

    return read_pdf(task)


def _docx(task: Task) -> Read:
    from qa.reports.readers.docx import read_docx

    return read_docx(task)


def _office(task: Task) -> Read:
    from qa.reports.readers.office import read_office

    return read_office(task)


def _image(task: Task) -> Read:
    from qa.reports.readers.image import read_image

    return read_image(task)


def _unknown(task: Task) -> Read:
    raise UnreadableFormError("unsupported_form", name=task.name)


def _zip(task: Task) -> Iterator[Outcome]:
    from qa.reports.readers.archive import members

    for name, member in members(task):
        if isinstance(member, InputError):
            yield Outcome(name, member)
        else:
            yield from read_documents(Task(member, name, task.limits, task.proceed), packed=True)


def _csv(task: Task) -> Iterator[Outcome]:
    from qa.reports.readers.rows import read_csv

    return read_csv(task)


def _jsonl(task: Task) -> Iterator[Outcome]:
    from qa.reports.readers.rows import read_jsonl

    return read_jsonl(task)


READERS: Mapping[Kind, Reader] = {
    "text": read_text,
    "html": _html,
    "pdf": _pdf,
    "docx": _docx,
    "office": _office,
    "image": _image,
    "unknown": _unknown,
}
UNPACKERS: Mapping[Kind, Unpacker] = {"zip": _zip, "csv": _csv, "jsonl": _jsonl}


def read_documents(task: Task, *, packed: bool = False) -> Iterator[Outcome]:
    """The documents of a file, or of a member of an archive (``packed``), whatever its form.

    An archive within an archive is not unpacked: that is how a few bytes become terabytes. A file that fails as a whole is one outcome; nothing is raised but ``MemoryError``.
    """
    try:
        kind = kind_of(task.data[:HEAD_BYTES])
        if kind == "zip":
            kind = kind_of_archive(task.data)
        if kind == "zip" and packed:
            yield Outcome(task.name, UnreadableFormError("nested_archive", name=task.name))
        elif kind in UNPACKERS:
            yield from UNPACKERS[kind](task)
        else:
            read = _checked(READERS[kind](task), task.name)
            if kind == "text":
                yield Outcome(task.name, read)
            else:
                origin = replace(read.origin, form=kind)
                yield Outcome(task.name, replace(read, origin=origin), task.data)
    except InputError as error:
        yield Outcome(task.name, error)
    except MemoryError:
        raise
    except Exception as error:
        # Each library has errors of its own for a broken file, and none of them lists all of its.
        reason = f"{type(error).__name__}: {error}"[:200]
        yield Outcome(task.name, UnreadableFormError("damaged", name=task.name, reason=reason))


def drawn(task: Task, page: int, width: int) -> bytes:
    """A page (from 1) of a PDF or of pictures as PNG, at most so many pixels wide.

    Raises ``InputError``, ``MemoryError``.
    """
    draw = _DRAWERS.get(kind_of(task.data[:HEAD_BYTES]))
    if draw is None:
        raise UnreadableFormError("no_pages", name=task.name)
    try:
        return draw(task, page, width)
    except (InputError, MemoryError):
        raise
    except Exception as error:
        # As above: no library lists all the errors that it has for a broken file.
        reason = f"{type(error).__name__}: {error}"[:200]
        raise UnreadableFormError("damaged", name=task.name, reason=reason) from error


def _pdf_page(task: Task, page: int, width: int) -> bytes:
    from qa.reports.readers.pdf import draw_page

    return draw_page(task, page, width)


def _image_page(task: Task, page: int, width: int) -> bytes:
    from qa.reports.readers.image import draw_page

    return draw_page(task, page, width)


_DRAWERS: Mapping[Kind, Callable[[Task, int, int], bytes]] = {
    "pdf": _pdf_page,
    "image": _image_page,
}


def _checked(read: Read, name: str) -> Read:
    if not read.text.strip():
        raise EmptySourceError("empty", name=name)
    if len(read.text) > MOST_CHARS:
        raise TooLargeError("too_many_chars", name=name, most=f"{MOST_CHARS:,}")
    return read
