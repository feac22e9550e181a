"""What is told of the file that a report came as."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Any

from qa.library.holdings import HeldReport
from qa.library.library import Library
from qa.reports.origin import Origin

PAGED = frozenset({"pdf", "image"})
_SUFFIX = {"pdf": ".pdf", "docx": ".docx", "html": ".html"}


def original_json(library: Library, held: HeldReport) -> dict[str, Any] | None:
    """What a report's own object tells of its file; None where it is not kept."""
    origin = library.origin_of(held.report.report_id)
    if not origin.original:
        return None
    pages = len(origin.pages) if origin.form in PAGED else None
    return {
        "form": origin.form,
        "name": file_name(held, origin),
        # A file that is missing is told of by who asks for it.
        "bytes": library.originals.size(origin.original),
        "pages": pages,
    }


def file_name(held: HeldReport, origin: Origin) -> str:
    """What the file is called: without folders, archives and addresses before it, and as what it is."""
    last = PurePosixPath(held.report.source.partition("?")[0].rstrip("/")).name
    seen = "".join(sign for sign in last if sign.isprintable()) or "report"
    suffix = _SUFFIX.get(origin.form or "", "")
    return seen if seen.lower().endswith(suffix) else seen + suffix
