"""Replies that a client may keep until the library changes."""

from __future__ import annotations

from fastapi import Request
from starlette.responses import Response

from qa.library.library import Library


def validators(library: Library, form: str = "") -> dict[str, str]:
    """Headers of a reply that is the same as long as the library is; ``form`` names its format."""
    # A shared cache must not hand on what a key was needed for.
    return {
        "ETag": f'"{library.stamp}{form}"',
        "Cache-Control": "private, no-cache",
        "Vary": "Accept",
    }


def not_modified(request: Request, headers: dict[str, str]) -> Response | None:
    """The reply to a client that holds what it asks for already, else None."""
    known = request.headers.get("if-none-match", "")
    tags = {tag.strip().removeprefix("W/") for tag in known.split(",")}
    if headers["ETag"] in tags or "*" in tags:
        return Response(status_code=304, headers=headers)
    return None
