"""A report that came from several sources: answered once, its other sources named and reached."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from api.http import create_app
from qa.library.ingest import ingest
from qa.settings import Settings
from tests.api.http.keeping import changeable
from tests.api.http.serving import served
from tests.api.page.asking import ask, fits
from tests.api.page.conftest import OpenPage
from tests.conftest import MakeVectorMaker, no_progress
from tests.qa.reports.readers.made import document, put

SAMPLES = Path(__file__).parents[3] / "samples"
YUECHENG = next(SAMPLES.glob("000_*.txt"))


@pytest.fixture(scope="module")
def held_twice(tmp_path_factory: pytest.TempPathFactory, vector_maker: MakeVectorMaker) -> Path:
    """A library of a report from a text and from Word, where it has a line more."""
    folder = tmp_path_factory.mktemp("twice")
    text = YUECHENG.read_text("utf-8")
    files = [put(folder, "越城区.txt", text.encode())]
    files.append(put(folder, "越城区.docx", document(*text.splitlines(), "(此件公开发布)")))
    library = folder / "library"
    ingest(library, files, vector_maker(), passage_max_chars=450, progress=no_progress)
    return library


@pytest.fixture
def address(held_twice: Path, tmp_path: Path, vector_maker: MakeVectorMaker) -> Iterator[str]:
    library = Path(shutil.copytree(held_twice, tmp_path / "library"))
    settings = Settings(library=library, cache=tmp_path / "cache", embedding="hash")
    with served(create_app(changeable(settings, vector_maker()))) as at:
        yield at


def test_a_source_names_the_other_file_and_leads_to_it(open_page: OpenPage, address: str) -> None:
    page = open_page(address)
    ask(page, "越城区2023年GDP增长多少?").locator(".marker").first.click()
    panel = page.get_by_role("dialog")
    also = panel.locator(".copies")
    expect(also).to_contain_text("另见：越城区.")
    also.get_by_role("link").click()
    expect(panel).to_be_hidden()
    expect(page.locator("main .copies")).to_contain_text("由另一来源作答：")
    page.locator("main .copies").get_by_role("link", name=re.compile("越城区")).click()
    expect(page.locator("main .copies")).to_contain_text("另见：越城区.")


def test_the_list_counts_it_once_and_says_which_answers(open_page: OpenPage, address: str) -> None:
    page = open_page(f"{address}/#/reports", viewport={"width": 390, "height": 800})
    expect(page.get_by_text("1 份报告，")).to_be_visible()
    told = page.locator("tbody .copies")
    expect(told).to_have_count(2)
    expect(told.filter(has_text="由另一来源作答")).to_have_count(1)
    expect(told.filter(has_text="另见：")).to_have_count(1)
    assert fits(page)
