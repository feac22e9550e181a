"""The file that a report came as: to take away, its pages as pictures, and boxes of a sentence on them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Depends, Query, Request
from fastapi.concurrency import run_in_threadpool
from starlette.responses import FileResponse, JSONResponse, Response

from api.http.access import reader
from api.http.caching import not_modified, validators
from api.http.drawing import Page, ThePress
from api.http.problems import language_of
from api.http.reports import held_report, require_range
from api.http.schemas import BoxesBody, problems
from api.http.service import TheService
from api.originals import PAGED, file_name
from qa.errors import LibraryDamagedError, OriginalNotHeldError
from qa.library.holdings import HeldReport
from qa.library.library import Library
from qa.reports.boxes import boxes_of
from qa.reports.origin import Origin, spot_of

# A page is drawn in widths of so many steps: each pixel more would be another picture to keep.
_STEP = 200
_WIDTHS = Query(ge=_STEP, le=2400, description=f"pixels, raised to a multiple of {_STEP}")
_BYTES = "application/octet-stream"
_OFFICE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
# First bytes → media type. A web page is never called one: it would run here, beside our own.
_MEDIA: tuple[tuple[bytes, str], ...] = (
    (b"%PDF", "application/pdf"),
    (b"\x89PNG", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"II*\x00", "image/tiff"),
    (b"MM\x00*", "image/tiff"),
    (b"BM", "image/bmp"),
    (b"RIFF", "image/webp"),
    (b"\xd0\xcf\x11\xe0", "application/msword"),
    (rb"{\rtf", "application/rtf"),
)

router = APIRouter(prefix="/api/reports", tags=["reports"], dependencies=[Depends(reader)])


@router.get(
    "/{report_id}/original",
    responses={
        200: {
            "description": "the file; `Range` is served",
            "content": {_BYTES: {"schema": {"type": "string", "format": "binary"}}},
        },
        **problems(404, 503),
    },
)
async def original(request: Request, service: TheService, report_id: str) -> Response:
    """The file that the report came as, to be saved: PDF, scan, Word document or web page."""
    library = service.chain.searcher.library
    held, origin = await run_in_threadpool(_found, library, report_id)
    path = await run_in_threadpool(_original, library, held, origin)
    headers = {
        "ETag": f'"{origin.original}"',
        "Cache-Control": "private, no-cache",
        # Whatever a browser makes of it, it runs nothing and belongs to no origin.
        "Content-Security-Policy": "sandbox",
        "Content-Disposition": _saved_as(held, origin),
    }
    if known := not_modified(request, headers):
        return known
    return FileResponse(path, headers=headers, media_type=_media_type(path, origin))


@router.get(
    "/{report_id}/pages/{page}.png",
    response_class=Response,
    responses={
        200: {"content": {"image/png": {"schema": {"type": "string", "format": "binary"}}}},
        **problems(404, 422, 503),
    },
)
async def page_picture(
    request: Request,
    service: TheService,
    press: ThePress,
    report_id: str,
    page: int,
    width: Annotated[int, _WIDTHS] = 1200,
) -> Response:
    """A page (from 1) of a PDF or a scan as a picture."""
    library = service.chain.searcher.library
    held, origin = await run_in_threadpool(_found, library, report_id)
    if origin.form not in PAGED:
        raise OriginalNotHeldError("no_pages", name=held.report.source)
    path = await run_in_threadpool(_original, library, held, origin)
    if not 1 <= page <= len(origin.pages):
        raise OriginalNotHeldError("no_such_page", page=page, pages=len(origin.pages))
    wide = -(-width // _STEP) * _STEP
    headers = {"ETag": f'"{origin.original}-{page}-{wide}"', "Cache-Control": "private, no-cache"}
    if known := not_modified(request, headers):
        return known
    drawn = await press.drawn(Page(path, held.report.source, page, wide), language_of(request))
    return Response(drawn, headers=headers, media_type="image/png")


@router.get("/{report_id}/boxes", response_model=BoxesBody, responses=problems(404, 416, 422, 503))
def boxes(
    request: Request,
    service: TheService,
    report_id: str,
    start: Annotated[int, Query(ge=0)],
    end: Annotated[int, Query(ge=0)],
) -> Response:
    """Where the characters from `start` to `end`, the offsets of citations, stand: the page or paragraph
    that they begin on, and a box for each of their lines, page by page. Of a text without pages there
    are none."""
    library = service.chain.searcher.library
    headers = validators(library, start, end)
    if known := not_modified(request, headers):
        return known
    held, origin = _found(library, report_id)
    text = library.source_text(report_id)
    require_range(start, end, len(text), language_of(request))
    spot = spot_of(origin.marks, start, end)
    told: dict[str, Any] = {"report_id": report_id, "start": start, "end": min(end, len(text))}
    told |= {"page": spot.page, "paragraph": spot.paragraph, "url": held.report.url}
    told["pages"] = [
        {"page": one.page, "width": one.size[0], "height": one.size[1], "boxes": one.boxes}
        for one in boxes_of(origin.marks, origin.pages, text, start, end)
    ]
    return JSONResponse(told, headers=headers)


def _found(library: Library, report_id: str) -> tuple[HeldReport, Origin]:
    return held_report(library, report_id), library.origin_of(report_id)


def _original(library: Library, held: HeldReport, origin: Origin) -> Path:
    """The kept file, its bytes being those it is named by; raises ``LibraryError``."""
    title = held.report.title
    if not origin.original:
        raise OriginalNotHeldError("no_original", title=title)
    path = library.originals.find(origin.original)
    if path is None:
        raise LibraryDamagedError("original_missing", title=title)
    return path


def _media_type(path: Path, origin: Origin) -> str:
    if origin.form == "docx":
        return _OFFICE
    if origin.form == "html":
        return _BYTES
    with path.open("rb") as file:
        head = file.read(8)
    return next((media for magic, media in _MEDIA if head.startswith(magic)), _BYTES)


def _saved_as(held: HeldReport, origin: Origin) -> str:
    name = file_name(held, origin)
    plain = re.sub(r'[^ -~]|["\\%]', "_", name)
    coded = quote(name, safe="", errors="replace")
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{coded}"
