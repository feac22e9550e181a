"""What stands below an answer in a terminal."""

from dataclasses import replace
from pathlib import Path

import pytest

from api.rendering import answer_text
from qa.chain import Chain
from qa.library.ingest import ingest
from qa.library.library import Library
from qa.search import Searcher
from tests.conftest import Invented, MakeVectorMaker, no_progress
from tests.qa.reports.readers.made import document, put, report_pdf

REPORT = Invented("海宁市", 2025, "全市地区生产总值增长6.3%。")


@pytest.mark.parametrize(
    ("name", "data", "told"),
    [
        ("a.pdf", report_pdf(REPORT.text), "  (见第1页)"),
        ("a.docx", document(*REPORT.text.splitlines()), "  (见第6段)"),
        ("a.txt", REPORT.text.encode(), ""),
    ],
)
def test_a_citation_names_page_or_paragraph_in_the_questions_language(
    tmp_path: Path, vector_maker: MakeVectorMaker, name: str, data: bytes, told: str
) -> None:
    folder = tmp_path / "library"
    path = put(tmp_path, name, data)
    ingest(folder, [path], vector_maker(), passage_max_chars=450, progress=no_progress)
    library = Library(folder)
    answer = Chain(Searcher(library, None)).ask("海宁市2024年GDP增长多少?")
    citation = answer.citations[0]
    where = f"    {name}:{citation.start}-{citation.end}"
    assert f"{where}{told}" in answer_text(answer).splitlines()
    english = answer_text(replace(answer, question="How much did the GDP of Haining grow?"))
    told = told.replace("见第1页", "p. 1").replace("见第6段", "para. 6")
    assert f"{where}{told}" in english.splitlines()
    library.close()
