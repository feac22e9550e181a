"""The page in a real browser over a real server."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from api.http import Service, create_app
from qa.chain import Chain
from qa.settings import Settings
from tests.api.http.keeping import changeable
from tests.api.http.serving import served
from tests.conftest import MakeVectorMaker

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

_BROWSERS = ("chromium", "chromium-browser", "google-chrome")


# While Playwright runs, an event loop runs in this thread: no test of another module could start one.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    playwright = pytest.importorskip(
        "playwright.sync_api", reason="browser tests need playwright: pip install 'wenzheng[dev]'"
    )
    path = next(filter(None, map(shutil.which, _BROWSERS)), None)
    if path is None:
        pytest.skip("browser tests need Chromium: apt-get install chromium")
    with playwright.sync_playwright() as engine:
        # Its sandbox does not run as root, which is who runs tests in a container.
        browser = engine.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


OpenPage = Callable[..., "Page"]


@pytest.fixture
def open_page(browser: Browser) -> Iterator[OpenPage]:
    """Opens an address in a window of its own; no script may have failed when the test ends."""
    failures: list[str] = []
    contexts = []

    def open_(address: str, **options: Any) -> Page:
        given = {"locale": "zh-CN", "viewport": {"width": 1280, "height": 860}} | options
        context = browser.new_context(**given)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(15_000)
        page.on("pageerror", lambda error: failures.append(str(error)))
        page.goto(address)
        return page

    yield open_
    for context in contexts:
        context.close()
    assert failures == []


@pytest.fixture(scope="module")
def site(bundled_chain: Chain, bundled_settings: Settings) -> Iterator[str]:
    """The address of a server over the samples, which tests only read."""
    service = Service(bundled_settings, lambda: bundled_chain)
    service.open()
    with served(create_app(service)) as address:
        yield address


@pytest.fixture
def own_settings(tmp_path: Path, small_library_dir: Path) -> Settings:
    """Settings of a library of the samples that a test may change."""
    folder = Path(shutil.copytree(small_library_dir, tmp_path / "library"))
    return Settings(library=folder, cache=tmp_path / "cache", embedding="hash")


@pytest.fixture
def own_site(own_settings: Settings, vector_maker: MakeVectorMaker) -> Iterator[str]:
    """The address of a server whose library a test may change."""
    with served(create_app(changeable(own_settings, vector_maker()))) as address:
        yield address


@pytest.fixture
def empty_site(tmp_path: Path, vector_maker: MakeVectorMaker) -> Iterator[str]:
    """The address of a server without a library."""
    settings = Settings(library=tmp_path / "none", cache=tmp_path / "cache", embedding="hash")
    with served(create_app(changeable(settings, vector_maker()))) as address:
        yield address
