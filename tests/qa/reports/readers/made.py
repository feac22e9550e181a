"""Files of every form made for the tests, and the one way these tests read them."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from pathlib import Path

import docx
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

from qa.errors import InputError
from qa.reports.limits import ReadLimits
from qa.reports.readers.forms import read_documents
from qa.reports.readers.protocol import Outcome, Read, Task

FONT = "STSong-Light"
WIDTH, HEIGHT = 595.0, 842.0
Word = tuple[float, float, str]


def outcomes(data: bytes, name: str, limits: ReadLimits | None = None) -> list[Outcome]:
    """The documents of a file, read in this process."""
    return list(read_documents(Task(data, name, limits or ReadLimits())))


def read(data: bytes, name: str, limits: ReadLimits | None = None) -> Read:
    """The one document of a file; its error is raised."""
    (outcome,) = outcomes(data, name, limits)
    if isinstance(outcome.read, InputError):
        raise outcome.read
    return outcome.read


def document(*paragraphs: str, rows: Sequence[Sequence[str]] = ()) -> bytes:
    """A document of Word with paragraphs, and behind them a table."""
    made = docx.Document()
    for paragraph in paragraphs:
        made.add_paragraph(paragraph)
    if rows:
        table = made.add_table(len(rows), len(rows[0]))
        for row, cells in enumerate(rows):
            for column, text in enumerate(cells):
                table.cell(row, column).text = text
    kept = io.BytesIO()
    made.save(kept)
    return kept.getvalue()


def printed(*pages: Sequence[Word], size: float = 12, password: str | None = None) -> bytes:
    """A PDF with words at places: points from the left and from the top."""
    pdfmetrics.registerFont(UnicodeCIDFont(FONT))
    kept = io.BytesIO()
    lock = StandardEncryption(password) if password else None
    canvas = Canvas(kept, pagesize=(WIDTH, HEIGHT), encrypt=lock, invariant=1)
    for words in pages:
        canvas.setFont(FONT, size)
        for left, top, text in words:
            canvas.drawString(left, HEIGHT - top, text)
        canvas.showPage()
    canvas.save()
    return kept.getvalue()


def report_pdf(text: str, *, columns: int = 40, rows: int = 44) -> bytes:
    """A text as a PDF of running lines, as many to a page as given."""
    lines = [
        line[start : start + columns]
        for line in text.splitlines()
        for start in range(0, len(line), columns)
    ]
    pages = [lines[start : start + rows] for start in range(0, len(lines), rows)]
    return printed(
        *[[(57.0, 72 + 16 * n, line) for n, line in enumerate(page)] for page in pages], size=12
    )


def packed(files: dict[str, bytes]) -> bytes:
    """A ZIP of files under any names."""
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as made:
        for name, data in files.items():
            made.writestr(name, data)
    return kept.getvalue()


def put(folder: Path, name: str, data: bytes) -> Path:
    path = folder / name
    path.write_bytes(data)
    return path
