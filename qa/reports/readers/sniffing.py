"""What a file is, by its first bytes: names lie (a page saved as .doc, a report saved as .html)."""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from typing import Literal

Kind = Literal["text", "html", "pdf", "docx", "office", "image", "zip", "csv", "jsonl", "unknown"]

# So many bytes decide, except for what an archive holds.
HEAD_BYTES = 65_536
_MAGIC: tuple[tuple[bytes, Kind], ...] = (
    (b"PK\x03\x04", "zip"),
    (b"PK\x05\x06", "zip"),
    # Old Word and WPS alike.
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "office"),
    (rb"{\rtf", "office"),
    (b"\x89PNG\r\n\x1a\n", "image"),
    (b"\xff\xd8\xff", "image"),
    (b"II*\x00", "image"),
    (b"MM\x00*", "image"),
    (b"BM", "image"),
    (b"Rar!\x1a\x07", "unknown"),
    (b"7z\xbc\xaf\x27\x1c", "unknown"),
    (b"\x1f\x8b", "unknown"),
    (b"BZh", "unknown"),
    (b"\xfd7zXZ\x00", "unknown"),
    (b"%!PS", "unknown"),
    (b"GIF8", "unknown"),
)
_BEFORE_A_PAGE = re.compile(r"^(?:\s|\ufeff|<!--.*?-->|<\?xml[^>]*>)+", re.S)
_PAGE = re.compile(r"<(?:!doctype\s+html|html|head|body)\b", re.I)
# Columns that hold a report's text, in the order they are looked for.
TEXT_COLUMNS = (
    "full_text",
    "fulltext",
    "text",
    "content",
    "body",
    "全文",
    "正文",
    "文本",
    "内容",
    "报告全文",
)
_LEAST_COLUMNS = 2


def kind_of(head: bytes) -> Kind:
    """The kind that the first ``HEAD_BYTES`` tell; ``zip`` may turn out to be a document."""
    for magic, kind in _MAGIC:
        if head.startswith(magic):
            # Two letters are also the beginning of a text.
            if magic == b"BM" and b"\x00" not in head[:32]:
                continue
            return kind
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image"
    if b"%PDF-" in head[:1024]:
        return "pdf"
    return _text_kind(_text_of(head))


def kind_of_archive(data: bytes) -> Kind:
    """What a ZIP is: a document whose form is made of one, or an archive."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = set(archive.namelist())
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError):
        return "zip"
    if "word/document.xml" in names:
        return "docx"
    if "[Content_Types].xml" in names:
        return "unknown"
    return "office" if "content.xml" in names and "mimetype" in names else "zip"


def _text_of(head: bytes) -> str:
    for bom, encoding in ((b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be")):
        if head.startswith(bom):
            return head[2:].decode(encoding, "ignore")
    try:
        # The last sign may be cut.
        return head[: -4 if len(head) == HEAD_BYTES else None].decode("utf-8-sig")
    except UnicodeDecodeError as error:
        if error.start > HEAD_BYTES - 16:
            return head[: error.start].decode("utf-8-sig")
        return head.decode("gb18030", "ignore")


def _text_kind(text: str) -> Kind:
    start = _BEFORE_A_PAGE.match(text)
    if _PAGE.match(text, start.end() if start else 0):
        return "html"
    first = text.lstrip("\ufeff \t\r\n").split("\n", 1)[0].strip()
    if first.startswith("{") and _is_row(first, cut=len(text) >= HEAD_BYTES // 4):
        return "jsonl"
    return "csv" if separator_of(first) else "text"


def _is_row(line: str, *, cut: bool) -> bool:
    """An object with a text column; a line longer than the head is known by its first names."""
    try:
        row = json.loads(line)
    except (ValueError, RecursionError):
        return cut and re.match(r'\{\s*"[^"]{1,60}"\s*:', line) is not None
    return isinstance(row, dict) and text_column(list(row)) is not None


def separator_of(header: str) -> str | None:
    """The separator of a table whose first line names a column of texts; None for any other line."""
    for separator in (",", "\t", ";"):
        try:
            names = next(csv.reader([header[:2000]], delimiter=separator), [])
        except csv.Error:
            continue
        if len(names) >= _LEAST_COLUMNS and text_column(names):
            return separator
    return None


def text_column(names: list[str]) -> str | None:
    """The name of the column that holds the texts."""
    known = {name.strip().lower(): name for name in names}
    return next((known[name] for name in TEXT_COLUMNS if name in known), None)
