"""The page: how much is loaded, how soon it can be used, and its pictures for the docs.

``pip install -c constraints.txt -e '.[dev]'`` and a Chromium (Debian: ``apt-get install chromium
fonts-noto-cjk``), then::

    python -m benchmarks.page                       # bytes and milliseconds, as Markdown
    python -m benchmarks.page --images docs/images  # and the pictures

Serves the samples in a library of its own, the first of them as a PDF that Chromium prints.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx
from playwright.sync_api import Browser, Page, sync_playwright

from benchmarks.forms import FORMS
from benchmarks.serving import served

_ROUNDS = 9
_PRINTED = "越城区2024年政府工作报告.pdf"
_ON_A_PAGE = "全年实现地区生产总值增长7.6%,固定资产投资增长9.9%,社会消费品零售总额增长6.0%,进出口总额增长32.1%,一般公共预算收入增长4.5%,城乡居民人均可支配收入分别增长5.8%、7.3%。"
_COMPARED = "2023年固定资产投资,上城区和越城区哪个增得快?"


def main() -> None:
    arguments = _arguments()
    with TemporaryDirectory() as made, sync_playwright() as playwright:
        library = Path(made) / "library"
        sources = _sources(Path(made) / "sources", Path(arguments.sources))
        with served(library, str(sources)) as (address, _):
            # Chromium's sandbox does not start as root.
            browser = playwright.chromium.launch(
                executable_path=arguments.chromium, args=["--no-sandbox"]
            )
            _weigh(browser, address)
            if arguments.images:
                _evaluate(library, arguments.sources)
                _draw(browser, address, arguments.images)
            browser.close()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sources", default="samples")
    parser.add_argument("--chromium", default=shutil.which("chromium") or "chromium")
    parser.add_argument("--images", type=Path, metavar="DIR", help="write the pictures there")
    return parser.parse_args()


def _sources(folder: Path, samples: Path) -> Path:
    """The samples, the first of them as a PDF."""
    shutil.copytree(samples, folder)
    first = min(folder.glob("*.txt"))
    FORMS["pdf"](first.read_text("utf-8"), folder / Path(_PRINTED).stem)
    first.unlink()
    return folder


def _paged(address: str) -> str:
    """The part of an address behind # that shows a sentence on its page."""
    reports = httpx.get(f"{address}/api/reports").json()
    (report,) = [one for one in reports if one["sources"] == [_PRINTED]]
    text = httpx.get(f"{address}/api/reports/{report['report_id']}/text").json()
    start = text["start"] + text["text"].index(_ON_A_PAGE)
    return f"#/reports/{report['report_id']}?start={start}&end={start + len(_ON_A_PAGE)}&view=page"


# --- weight and time -----------------------------------------------------------------------------

_VIEWS: dict[str, tuple[str, str]] = {
    "ask": ("", "#question"),
    "reports": ("#/reports", "tbody tr"),
    "figures": ("#/figures", "svg.chart"),
    "evaluation": ("#/evaluation", "main p"),
}


def _weigh(browser: Browser, address: str) -> None:
    print("| view | kB loaded for it, cold | ms until it can be used, median | slowest |")
    print("|---|---|---|---|")
    views = _VIEWS | {"page as printed": (_paged(address), ".stroke")}
    for name, (fragment, ready) in views.items():
        rounds = [_opened(browser, f"{address}/{fragment}", ready) for _ in range(_ROUNDS)]
        times = [milliseconds for milliseconds, _ in rounds]
        size = rounds[0][1] / 1000
        print(f"| {name} | {size:.0f} | {statistics.median(times):.0f} | {max(times):.0f} |")
    files = [one for one in Path("api/page").rglob("*") if one.is_file()]
    print(f"\nAll files of the page: {sum(one.stat().st_size for one in files) / 1000:.0f} kB")


def _opened(browser: Browser, address: str, ready: str) -> tuple[float, int]:
    """Milliseconds until what can be used is there, in a browser that holds nothing yet; bytes of the
    page's own files."""
    context = browser.new_context(locale="zh-CN")
    page = context.new_page()
    sizes: list[int] = []
    page.on("response", lambda reply: sizes.append(_size(reply.url, reply.headers)))
    started = time.perf_counter()
    page.goto(address, wait_until="commit")
    page.locator(ready).first.wait_for()
    milliseconds = (time.perf_counter() - started) * 1000
    page.wait_for_load_state("networkidle")
    context.close()
    return milliseconds, sum(sizes)


def _size(address: str, headers: dict[str, str]) -> int:
    return 0 if "/api/" in address else int(headers.get("content-length", 0))


# --- pictures ------------------------------------------------------------------------------------


def _evaluate(library: Path, sources: str) -> None:
    command = [sys.executable, "-m", "api.cli", "--library", str(library), "eval", "run"]
    systems = ["--cases", "questions-1", "--system", "wenzheng", "--system", "vanilla-echo"]
    subprocess.run(
        [*command, "--sources", sources, *systems], check=True, stdout=subprocess.DEVNULL
    )


def _draw(browser: Browser, address: str, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, steps in _PICTURES.items():
        page = browser.new_page(locale="zh-CN", viewport={"width": 1180, "height": 760})
        steps(page, address)
        page.screenshot(path=folder / f"page-{name}.png")
        page.close()


def _asked(page: Page, address: str) -> None:
    page.goto(address)
    for number, question in enumerate([_COMPARED, "越城区今年的GDP目标呢?"], 1):
        page.locator("#question").fill(question)
        page.keyboard.press("Enter")
        page.locator(".below").nth(number - 1).wait_for()
    page.locator(".turn").first.scroll_into_view_if_needed()


def _cited(page: Page, address: str) -> None:
    _asked(page, address)
    page.locator(".marker").first.click()
    page.locator("dialog mark").wait_for()


def _view(fragment: str, ready: str) -> Callable[[Page, str], None]:
    def steps(page: Page, address: str) -> None:
        page.goto(f"{address}/{fragment}")
        page.locator(ready).first.wait_for()

    return steps


def _on_its_page(page: Page, address: str) -> None:
    _view(_paged(address), ".stroke")(page, address)
    page.set_viewport_size({"width": 1180, "height": 1000})
    page.evaluate("scrollTo({ top: 0, behavior: 'instant' })")


def _charted(page: Page, address: str) -> None:
    _view("#/figures?indicator=地区生产总值&period=2023&computed=rank", "svg.chart")(page, address)
    page.set_viewport_size({"width": 1180, "height": 1400})


_PICTURES: dict[str, Callable[[Page, str], None]] = {
    "ask": _asked,
    "source": _cited,
    "reports": _view("#/reports", "tbody tr"),
    "printed": _on_its_page,
    "figures": _charted,
    "evaluation": _view("#/evaluation", "meter"),
}


if __name__ == "__main__":
    main()
