"""Reports: what is held, its text, and changes of it."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import shutil
import unicodedata
from itertools import groupby
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query, Request
from fastapi.concurrency import run_in_threadpool
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, PlainTextResponse, Response

from api.http.access import reader, writer
from api.http.caching import not_modified, validators
from api.http.jobs import Job, Jobs, TheJobs
from api.http.problems import Problem, language_of
from api.http.schemas import (
    UPLOAD_FILES,
    UPLOAD_FORM,
    CorrectionBody,
    JobBody,
    ReportBody,
    ReportDetail,
    TextBody,
    problems,
)
from api.http.service import TheService
from api.originals import original_json
from api.rendering import report_json
from prompts import messages
from qa.errors import ReportNotFoundError
from qa.library.holdings import HeldReport
from qa.library.library import Library
from qa.library.selection import select_reports
from qa.reports.correcting import read_changes
from qa.reports.report import Passage

# Some 600 KiB of UTF-8: several times a report.
_MOST_CHARS = 200_000
_MOST_FIELDS = 100
# What a file's name may have in the usual file systems.
_NAME_BYTES = 255

router = APIRouter(prefix="/api/reports", tags=["reports"])

Offset = Annotated[int | None, Query(ge=0)]


# --- the list ----------------------------------------------------------------------------------


@router.get(
    "",
    response_model=list[ReportBody],
    responses=problems(422, 503),
    dependencies=[Depends(reader)],
)
def reports(
    request: Request,
    service: TheService,
    place: Annotated[str | None, Query(max_length=50)] = None,
    year: int | None = None,
    limit: Annotated[int | None, Query(ge=1, le=1000)] = None,
    cursor: Annotated[str | None, Query(max_length=2000)] = None,
) -> Response:
    """The reports held, by place code and year.

    `place` asks for a division and all below it. With `limit` the reply is a page, and its `Link`
    header leads to the next one.
    """
    library = service.chain.searcher.library
    headers = validators(library)
    if known := not_modified(request, headers):
        return known
    page, behind = reports_page(library, place, year, limit, cursor, language_of(request))
    if behind:
        asked = {"place": place, "year": year, "limit": limit, "cursor": behind}
        query = urlencode({name: value for name, value in asked.items() if value is not None})
        headers["Link"] = f'<{request.url.path}?{query}>; rel="next"'
    return JSONResponse([report_json(one) for one in page], headers=headers)


def reports_page(
    library: Library,
    place: str | None = None,
    year: int | None = None,
    limit: int | None = None,
    cursor: str | None = None,
    language: str = "zh",
) -> tuple[list[HeldReport], str | None]:
    """Reports by place code and year, and the cursor of those behind, None if there are none.

    Raises ``Problem`` for a cursor that none is.
    """
    after = _place_of(cursor, language) if cursor else ("",)
    found = [one for one in select_reports(library.held, place, year) if one.order > after]
    page = found[:limit]
    return page, _cursor(page[-1]) if len(page) < len(found) else None


def _cursor(last: HeldReport) -> str:
    return base64.urlsafe_b64encode(json.dumps(last.order).encode()).decode().rstrip("=")


def _place_of(cursor: str, language: str) -> tuple[str, int, str, int]:
    """Where in the order of all reports a page ended; it stays the same when reports come or go."""
    try:
        code, year, source, start = json.loads(
            base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        )
        return str(code), int(year), str(source), int(start)
    except (ValueError, TypeError, OverflowError, RecursionError) as error:
        # Endless numbers and lists a thousand deep are JSON to Python, too.
        told = messages("paging", language)["broken_cursor"]
        raise Problem(422, "invalid_request", told) from error


# --- one report --------------------------------------------------------------------------------


@router.get(
    "/{report_id}",
    response_model=ReportDetail,
    responses=problems(404, 503),
    dependencies=[Depends(reader)],
)
def one_report(request: Request, service: TheService, report_id: str) -> Response:
    """A report with its table of contents, to the passage: a heading within one is not listed."""
    library = service.chain.searcher.library
    held = held_report(library, report_id)
    headers = validators(library)
    if known := not_modified(request, headers):
        return known
    report = held.report
    detail = {"source": report.source, "start": report.start, "end": report.end}
    detail["original"] = original_json(library, held)
    told = {**report_json(held), **detail, "sections": _sections(library, report_id)}
    return JSONResponse(told, headers=headers)


def held_report(library: Library, report_id: str) -> HeldReport:
    """The report of an id; raises ``ReportNotFoundError``."""
    for one in library.held:
        if one.report.report_id == report_id:
            return one
    raise ReportNotFoundError("no_report", report_id=report_id)


def passages_of(library: Library, report_id: str) -> list[Passage]:
    """A report's passages in the order of the text."""
    ids = library.passage_ids(report_id)
    return sorted(library.passages(ids), key=lambda passage: passage.start)


def _sections(library: Library, report_id: str) -> list[dict[str, Any]]:
    """The stretches under one path of headings, in the order of the text."""
    passages = passages_of(library, report_id)
    sections = []
    for (headings, kind, period), group in groupby(
        passages, key=lambda passage: (passage.headings, passage.kind, passage.period)
    ):
        inside = list(group)
        sections.append(
            {
                "headings": list(headings),
                "kind": kind,
                "period": period,
                "start": inside[0].start,
                "end": inside[-1].end,
                "passages": len(inside),
            }
        )
    return sections


@router.get(
    "/{report_id}/text",
    response_model=TextBody,
    responses={
        200: {"content": {"text/plain": {"schema": {"type": "string"}}}},
        **problems(404, 416, 422, 503),
    },
    dependencies=[Depends(reader)],
)
def text(
    request: Request,
    service: TheService,
    report_id: str,
    start: Offset = None,
    end: Offset = None,
) -> Response:
    """Characters of the file that holds the report, by the offsets of citations.

    From the report's start to its end, unless `start` or `end` say otherwise; an end behind the file's is
    the file's, as in HTTP's own ranges. A long stretch is cut,
    and `next` is where it goes on. With `Accept: text/plain` the text alone.
    """
    library = service.chain.searcher.library
    held = held_report(library, report_id)
    plain = _wants_plain(request)
    headers = validators(library, plain)
    if known := not_modified(request, headers):
        return known
    first = held.report.start if start is None else start
    last = held.report.end if end is None else end
    told = stretch_of(library, held, first, last, _MOST_CHARS, language_of(request))
    if plain:
        if told["next"] is not None:
            headers["Link"] = f'<{request.url.path}?start={told["next"]}&end={last}>; rel="next"'
        return PlainTextResponse(told["text"], headers=headers)
    return JSONResponse(told, headers=headers)


def stretch_of(
    library: Library, held: HeldReport, start: int, end: int, most: int, language: str
) -> dict[str, Any]:
    """At most so many characters of a report's file from ``start`` on, with where they go on.

    Raises ``Problem`` for a range that the text does not have.
    """
    decoded = library.source_text(held.report.report_id)
    require_range(start, end, len(decoded), language)
    end = min(end, len(decoded))
    until = min(end, start + most)
    return {
        "report_id": held.report.report_id,
        "source": held.report.source,
        "start": start,
        "end": until,
        "total": len(decoded),
        "text": decoded[start:until],
        "next": until if until < end else None,
    }


def _wants_plain(request: Request) -> bool:
    accepted = request.headers.get("accept", "").lower()
    return "text/plain" in accepted and "json" not in accepted


def require_range(start: int, end: int, total: int, language: str) -> None:
    """Raises ``Problem`` for a range that a text of ``total`` characters does not have."""
    said = messages("paging", language)
    if start > end:
        told = said["start_behind_end"].format(start=start, end=end)
        raise Problem(422, "invalid_request", told)
    if start > total:
        told = said["beyond_the_text"].format(total=total)
        raise Problem(416, "no_such_range", told, {"Content-Range": f"characters */{total}"})


# --- changes -----------------------------------------------------------------------------------


@router.delete(
    "/{report_id}",
    status_code=204,
    responses=problems(404, 409, 503),
    dependencies=[Depends(writer)],
)
async def delete_report(jobs: TheJobs, report_id: str) -> Response:
    """Delete a report; when this replies, no answer rests on it any more."""
    await jobs.writer.remove(report_id)
    return Response(status_code=204)


@router.patch(
    "/{report_id}",
    response_model=ReportBody,
    responses=problems(400, 404, 409, 422, 503),
    dependencies=[Depends(writer)],
)
async def correct_report(
    service: TheService, jobs: TheJobs, report_id: str, body: CorrectionBody
) -> Response:
    """Correct what was read of a report; when this replies, answers rest on what was corrected.

    Fields left out stay; null takes a correction back, "-" says that there is no value. The report's id
    stays.
    """
    await jobs.writer.correct(report_id, read_changes(body.given()))
    held = held_report(service.chain.searcher.library, report_id)
    return JSONResponse(report_json(held))


@router.post(
    "",
    status_code=202,
    response_model=JobBody,
    responses=problems(400, 413, 415, 422, 503),
    dependencies=[Depends(writer)],
    openapi_extra={"requestBody": UPLOAD_FORM},
)
async def upload(request: Request, jobs: TheJobs) -> Response:
    """Take reports in as a job: web pages, PDF, scans, Word, text, data sets, archives, each in a field
    `file`.

    What a file is is told by its content. A file's name is what its citations call their source. `Location` is the job's address.
    """
    try:
        job = await _taken(request, jobs)
    except Problem as problem:
        incidents = request.app.state.service.incidents
        incidents.tell("upload_refused", problem.key, detail=problem.detail)
        raise
    except HTTPException as error:
        # Too large and too slow are told by who counts the bytes.
        if error.status_code == 400:
            incidents = request.app.state.service.incidents
            incidents.tell("upload_refused", "broken_form", detail=error.detail)
        raise
    headers = {"Location": f"/api/jobs/{job.id}"}
    return JSONResponse(job.as_json(language_of(request)), 202, headers)


async def _taken(request: Request, jobs: Jobs) -> Job:
    """The job of an upload; raises ``Problem`` if it is not taken."""
    # Read here and not as a parameter: the body of a client that may not write is never read.
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        told = "send the files as multipart/form-data, each in a field `file`"
        raise Problem(415, "wrong_media", told)
    jobs.require_room()
    async with request.form(max_files=UPLOAD_FILES, max_fields=_MOST_FIELDS) as form:
        files = _files(form)
        try:
            folder, paths = await run_in_threadpool(_spooled, jobs, files)
        except OSError as error:
            told = (
                f"the files cannot be kept ({error.strerror}); check the cache folder and its disk"
            )
            raise Problem(503, "unwritable", told) from error
    try:
        return await jobs.submit(folder, paths)
    except Problem:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def _files(form: FormData) -> list[tuple[str, UploadFile]]:
    """Name and content of each file; raises ``Problem`` for what is none or has no name."""
    files: list[tuple[str, UploadFile]] = []
    for field, value in form.multi_items():
        if field != "file" or not isinstance(value, UploadFile):
            raise Problem(
                422, "invalid_request", f"{field[:50]}: send files in fields named `file`"
            )
        files.append((_name_of(value.filename or ""), value))
    if not files:
        raise Problem(422, "invalid_request", "file: send at least one file in a field `file`")
    return files


def _name_of(given: str) -> str:
    """A file's own name without its folders, without signs that are not seen or that hide it."""
    last = re.split(r"[/\\]", given)[-1]
    seen = "".join(char for char in last if unicodedata.category(char) not in ("Cc", "Cf", "Cs"))
    name = seen.strip().lstrip(". ")
    if not name or len(name.encode()) > _NAME_BYTES:
        raise Problem(422, "invalid_request", "file: give each file a name of 1 to 255 bytes")
    return name


def _spooled(jobs: Jobs, files: list[tuple[str, UploadFile]]) -> tuple[Path, list[Path]]:
    """A new folder and the files in it, each in a folder named by its content: a library that holds
    another file of that name calls this one by both."""
    folder = jobs.new_folder()
    try:
        return folder, [_kept(folder, name, file) for name, file in files]
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def _kept(folder: Path, name: str, file: UploadFile) -> Path:
    digest = hashlib.file_digest(file.file, "sha256").hexdigest()  # type: ignore[arg-type]
    file.file.seek(0)
    path = folder / digest[:8] / name
    path.parent.mkdir(exist_ok=True)
    with path.open("wb") as kept:
        shutil.copyfileobj(file.file, kept)
    return path
