"""Pages of reports, and the one way these tests take them in from a site."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from qa.library.taking import Taker
from qa.library.web import WebIngest, WebSummary
from qa.reports.fetching.rules import FetchRules
from qa.reports.limits import ReadLimits
from qa.reports.parsing import PASSAGE_MAX_CHARS
from tests.conftest import MakeVectorMaker, no_progress
from tests.qa.reports.fetching.site import Page
from tests.qa.reports.written import report_text

PLACES = ("绍兴市", "杭州市", "宁波市", "温州市", "嘉兴市", "湖州市", "金华市", "衢州市")


def text_of(place: str, year: int = 2026) -> str:
    return report_text(f"{year}年{place}政府工作报告", government=f"{place}人民政府")


def page_of(place: str, etag: str | None = None) -> Page:
    return Page(text_of(place).encode(), headers={"ETag": etag} if etag else {})


def taker_of(library: Path, vector_maker: MakeVectorMaker, told: list[str] | None = None) -> Taker:
    return Taker(
        library,
        vector_maker(),
        PASSAGE_MAX_CHARS,
        ReadLimits(),
        no_progress,
        lambda error: told.append(error.key) if told is not None else None,
    )


def take(
    taker: Taker, rules: FetchRules, *entries: str | Path, list_name: str | None = None
) -> WebSummary:
    with WebIngest(taker, rules) as web:
        return web.take(list(entries), list_name)


def keys(summary: WebSummary) -> Sequence[str]:
    """What errors the entries failed with."""
    return [failure.error.key for failure in summary.failed]
