"""What a bot links to opens on the page with the cited sentence marked."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from api.bots.rendering import shown
from qa.chain import Chain
from tests.api.page.conftest import OpenPage


@pytest.mark.parametrize(
    "question",
    [
        "越城区2023年GDP增长多少?",
        "2023年固定资产投资,上城区和越城区哪个增得快?",
        "海曙区2022年固投增速",
    ],
)
def test_every_source_leads_to_its_sentence(
    open_page: OpenPage, site: str, bundled_chain: Chain, question: str
) -> None:
    answer = bundled_chain.ask(question)
    sources = shown(answer, "zh", site, bundled_chain.searcher.library.held).sources
    assert len(sources) == len(answer.citations) > 0
    for source, citation in zip(sources, answer.citations, strict=True):
        page = open_page(source.url)
        expect(page.locator("main mark")).to_have_text(citation.quote)
        expect(page.locator("main mark")).to_be_in_viewport()
