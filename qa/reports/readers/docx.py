"""Word documents through python-docx: the only door to it. Tables and automatic numbers included."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from xml.parsers import expat

import docx
from docx.document import Document
from docx.oxml.ns import qn
from docx.table import Table
from docx.text.paragraph import Paragraph

from qa.errors import TooLargeError, UnreadableFormError
from qa.reports.origin import Mark, Origin
from qa.reports.readers.numbering import Numbering
from qa.reports.readers.protocol import Read, Task

_CELL_SEPARATOR = " | "
_MOST_DEPTH = 5
# What holds text that is not the paragraph's own: boxes drawn beside it, the second form of a
# drawing, and what was moved away.
_NOT_OWN = frozenset(
    {qn("w:txbxContent"), qn("w:moveFrom"), qn("w:del"), qn("w:rPr"), qn("w:pPr")}
    | {"{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"}
)
_SIGNS = {qn("w:tab"): "\t", qn("w:br"): "\n", qn("w:cr"): "\n", qn("w:noBreakHyphen"): "-"}


def read_docx(task: Task) -> Read:
    """A paragraph or a table's row on a line, paragraphs numbered; raises ``InputError``."""
    _refuse_bombs(task)
    document = docx.Document(io.BytesIO(task.data))
    lines, marks, start = [], [], 0
    for number, line in _lines(document):
        marks.append(Mark(start, paragraph=number))
        lines.append(line)
        start += len(line) + 1
    properties = document.core_properties
    origin = Origin(title=properties.title or None, marks=tuple(marks))
    return Read("\n".join(lines), origin)


def _refuse_bombs(task: Task) -> None:
    """Parts that are too large, locked, or define entities, which a document of Word never does."""
    left = task.limits.unpacked_max_bytes
    try:
        with zipfile.ZipFile(io.BytesIO(task.data)) as archive:
            for info in archive.infolist():
                if info.flag_bits & 1:
                    raise UnreadableFormError("encrypted", name=task.name)
                left -= _size(archive, info, left)
                if left < 0:
                    raise TooLargeError("bursts", name=task.name)
                if info.filename.endswith((".xml", ".rels")) and _defines(archive.read(info)):
                    raise UnreadableFormError("entities", name=task.name)
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise UnreadableFormError("damaged", name=task.name, reason=error) from error


def _size(archive: zipfile.ZipFile, info: zipfile.ZipInfo, most: int) -> int:
    """The true size of a part, counted up to a little more than ``most``."""
    if info.file_size > most:
        return info.file_size
    size = 0
    with archive.open(info) as part:
        while size <= most and (piece := part.read(1 << 20)):
            size += len(piece)
    return size


class _RootReachedError(Exception):
    """The root element has begun: there is no document type before it."""


def _defines(part: bytes) -> bool:
    """True if the part has a document type. Whatever its encoding: the parser reads it."""
    found = []

    def stop(*_: object) -> None:
        raise _RootReachedError

    def define(*_: object) -> None:
        found.append(True)
        raise _RootReachedError

    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = define
    parser.StartElementHandler = stop
    try:
        parser.Parse(part, True)
    except (_RootReachedError, expat.ExpatError):
        # What is broken is told by the reader of the whole.
        return bool(found)
    return bool(found)


# --- text --------------------------------------------------------------------------------------


def _lines(document: Document) -> Iterator[tuple[int, str]]:
    """The lines of the body, each with the number of its paragraph; a table counts as one."""
    numbering = Numbering(document)
    for number, block in enumerate(document.iter_inner_content(), 1):
        found = (
            _paragraph_lines(block, numbering)
            if isinstance(block, Paragraph)
            else _table_lines(block, numbering, 0)
        )
        for line in found:
            yield number, line


def _paragraph_lines(paragraph: Paragraph, numbering: Numbering) -> Iterator[str]:
    text = numbering.label(paragraph) + _text(paragraph._p)
    yield from text.split("\n")


def _text(element: object) -> str:
    """The text below an element in the order of the document, insertions under review included."""
    parts = []
    for child in element:  # type: ignore[attr-defined]
        if child.tag in _NOT_OWN:
            continue
        if child.tag == qn("w:t"):
            parts.append(child.text or "")
        elif child.tag in _SIGNS:
            parts.append(_SIGNS[child.tag])
        else:
            parts.append(_text(child))
    return "".join(parts)


def _table_lines(table: Table, numbering: Numbering, depth: int) -> Iterator[str]:
    """A row on a line; a table of a single column is a frame around prose."""
    for row in table.rows:
        cells = []
        seen = set()
        for cell in row.cells:
            # Merged cells come as often as they are wide.
            if id(cell._tc) not in seen:
                seen.add(id(cell._tc))
                cells.append(cell)
        if len(cells) == 1 and depth < _MOST_DEPTH:
            for block in cells[0].iter_inner_content():
                if isinstance(block, Paragraph):
                    yield from _paragraph_lines(block, numbering)
                else:
                    yield from _table_lines(block, numbering, depth + 1)
        elif cells:
            texts = [" ".join(cell.text.split()) for cell in cells]
            if any(texts):
                yield _CELL_SEPARATOR.join(texts)
