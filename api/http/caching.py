"""Replies that a client may keep until the library changes."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from fastapi import Request
from starlette.responses import Response

from qa.library.library import Library

UNCHANGED: dict[int | str, dict[str, Any]] = {304: {"description": "as the client has it"}}


def digest_of(*what: object) -> str:
    """Sixteen hex digits that name a request's meaning."""
    told = json.dumps(what, ensure_ascii=False, sort_keys=True, default=str)
    return hashlib.sha256(told.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def validators(library: Library, *what: object) -> dict[str, str]:
    """Headers of a reply that stays as it is while the library does; ``what`` tells it from others of
    the same address."""
    # A shared cache must not hand on what a key was needed for.
    return {
        "ETag": f'"{library.stamp}-{digest_of(*what)}"',
        "Cache-Control": "private, no-cache",
        "Vary": "Accept, Accept-Language",
    }


def not_modified(request: Request, headers: dict[str, str]) -> Response | None:
    """The reply to a client that holds what it asks for already, else None."""
    known = request.headers.get("if-none-match", "")
    tags = {tag.strip().removeprefix("W/") for tag in known.split(",")}
    if headers["ETag"] in tags or "*" in tags:
        return Response(status_code=304, headers=headers)
    return None
