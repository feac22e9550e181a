"""Reports of other forms than plain text, from the file to the citation."""

from pathlib import Path

import pytest

from qa.answers.answer import Citation
from qa.library import storage, tables
from qa.library.library import Library
from qa.reports.report import Passage
from tests.qa.library.conftest import Take
from tests.qa.library.reading import as_of_format_1
from tests.qa.reports.readers.made import document, packed, put
from tests.qa.reports.written import report_text

TITLE = "2026年绍兴市政府工作报告"
TEXT = report_text(TITLE, government="绍兴市人民政府")


def page(text: str = TEXT) -> bytes:
    paragraphs = "".join(f"<p>{line}</p>" for line in text.splitlines())
    address = '<link rel="canonical" href="https://example.gov.cn/1.html">'
    return f"<!DOCTYPE html><html><head>{address}</head><body>{paragraphs}</body></html>".encode()


def table(*texts: str) -> bytes:
    rows = "".join('2026,"{}"\r\n'.format(text.replace('"', '""')) for text in texts)
    return f"year,full_text\r\n{rows}".encode()


def another(place: str) -> str:
    return TEXT.replace("绍兴市", place)


def sources(folder: Path) -> set[str]:
    library = Library(folder)
    found = {name for held in library.held for name in held.sources}
    library.close()
    return found


def cited(library: Library) -> tuple[Citation, Passage]:
    """A citation of the last passage, and the passage."""
    (passage,) = library.passages([library.passage_keys[-1].id])
    report = library.reports[passage.report_id]
    return Citation.of(1, report, passage, passage.sentences[-1]), passage


def test_a_documents_citations_name_the_paragraph(
    take: Take, library_dir: Path, tmp_path: Path
) -> None:
    take(put(tmp_path, "a.docx", document(*TEXT.splitlines())))
    library = Library(library_dir)
    citation, _ = cited(library)
    told = citation.as_json()
    text = library.source_text(citation.report_id)
    assert text[citation.start : citation.end] == citation.quote
    assert told["paragraph"] == text.count("\n", 0, citation.start) + 1
    assert not {"page", "box", "url", "spot"} & set(told)
    library.close()


def test_a_pages_citations_and_report_name_its_address(
    take: Take, library_dir: Path, tmp_path: Path
) -> None:
    take(put(tmp_path, "a.html", page()))
    library = Library(library_dir)
    citation, _ = cited(library)
    assert citation.as_json()["url"] == "https://example.gov.cn/1.html"
    assert library.held[0].report.url == "https://example.gov.cn/1.html"
    library.close()


def test_plain_texts_citations_are_as_ever(made: Path) -> None:
    library = Library(made)
    citation, passage = cited(library)
    assert set(citation.as_json()) == {
        "n", "report_id", "report_title", "place", "year", "source", "start", "end", "quote", "headings",
    }  # fmt: skip
    assert passage.marks == ()
    library.close()


def test_members_and_rows_are_sources_and_unchanged_the_second_time(
    take: Take, library_dir: Path, tmp_path: Path
) -> None:
    archive = put(
        tmp_path, "a.zip", packed({"in/b.txt": TEXT.encode(), "c.docx": document("无关")})
    )
    rows = put(tmp_path, "d.csv", table(another("杭州市"), another("宁波市")))
    first = take(archive, rows)
    assert sources(library_dir) == {"a.zip/in/b.txt", "d.csv#1", "d.csv#2"}
    assert [failure.path for failure in first.failed] == [tmp_path / "a.zip" / "c.docx"]
    again = take(archive, rows)
    assert again.added == []
    assert sorted(again.unchanged) == sorted(first.added)


def test_a_row_that_is_gone_goes_from_the_library(
    take: Take, library_dir: Path, tmp_path: Path
) -> None:
    rows = put(tmp_path, "d.csv", table(another("杭州市"), another("宁波市")))
    take(rows)
    rows.write_bytes(table(another("杭州市")))
    take(rows)
    assert sources(library_dir) == {"d.csv#1"}


def test_a_member_that_cannot_be_read_this_time_stays(
    take: Take, library_dir: Path, tmp_path: Path
) -> None:
    archive = put(
        tmp_path, "a.zip", packed({"b.txt": TEXT.encode(), "c.txt": another("杭州市").encode()})
    )
    take(archive)
    archive.write_bytes(packed({"b.txt": TEXT.encode(), "c.txt": b""}))
    summary = take(archive)
    assert len(summary.failed) == 1
    assert sources(library_dir) == {"a.zip/b.txt", "a.zip/c.txt"}


def test_two_archives_of_one_name_both_stay(take: Take, library_dir: Path, tmp_path: Path) -> None:
    for folder, place in (("x", "杭州市"), ("y", "宁波市")):
        (tmp_path / folder).mkdir()
        put(tmp_path / folder, "a.zip", packed({"b.txt": another(place).encode()}))
    take(tmp_path / "x" / "a.zip", tmp_path / "y" / "a.zip")
    assert sources(library_dir) == {"a.zip/b.txt", "y/a.zip/b.txt"}


def test_a_bad_file_fails_alone(take: Take, library_dir: Path, tmp_path: Path) -> None:
    summary = take(put(tmp_path, "bad.pdf", b"%PDF-1.7 no"), put(tmp_path, "good.html", page()))
    assert [str(failure.error)[:18] for failure in summary.failed] == ["bad.pdf is damaged"]
    assert sources(library_dir) == {"good.html"}


@pytest.fixture
def before_origins(made: Path) -> Path:
    """A library made before origins were kept."""
    database = storage.current_version(made) / storage.DATABASE
    engine = tables.open_database(database, writable=True)
    with engine.begin() as connection:
        tables.origins.drop(connection)
    engine.dispose()
    return as_of_format_1(made)


def test_a_library_without_origins_is_read_and_added_to(
    before_origins: Path, take: Take, tmp_path: Path
) -> None:
    library = Library(before_origins)
    assert cited(library)[0].url is None
    assert library.held[0].report.url is None
    library.close()
    take(put(tmp_path, "a.html", page()))
    library = Library(before_origins)
    assert {held.report.url for held in library.held} == {None, "https://example.gov.cn/1.html"}
    library.close()
