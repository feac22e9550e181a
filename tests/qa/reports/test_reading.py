from pathlib import Path

import pytest

from qa.errors import (
    EmptySourceError,
    NotAReportError,
    NotTextError,
    SourceVanishedError,
    TooLargeError,
)
from qa.reports.reading import SourceReader, files_of, read_source
from qa.reports.report import Source
from tests.qa.reports.readers.made import document as docx_of


def test_a_folder_names_the_files_below_it_that_may_be_reports_in_order(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    for name in ("z.txt", "b/a.md", "b/c.TXT", "b/d.text", "photo.png", "b/e.pdf"):
        (tmp_path / name).write_text("文")
    names = [str(path.relative_to(tmp_path)) for path in files_of(tmp_path)]
    assert names == ["b/a.md", "b/c.TXT", "b/d.text", "b/e.pdf", "z.txt"]


def test_a_path_that_is_no_folder_names_itself(tmp_path: Path) -> None:
    assert files_of(tmp_path / "photo.png") == [tmp_path / "photo.png"]


def test_a_folder_without_files_that_are_read_is_refused(tmp_path: Path) -> None:
    (tmp_path / "photo.png").write_text("文")
    with pytest.raises(NotAReportError, match="holds no file that is read"):
        files_of(tmp_path)


def test_a_folder_called_like_a_file_is_a_folder(tmp_path: Path) -> None:
    (tmp_path / "2024.txt").mkdir()
    (tmp_path / "2024.txt" / "a.txt").write_text("文")
    assert files_of(tmp_path) == [tmp_path / "2024.txt" / "a.txt"]


def test_a_source_bears_the_files_name_and_its_text(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes("第一行\r\n第二行".encode("gb18030"))
    source = read_source(tmp_path / "a.txt")
    assert (source.name, source.text) == ("a.txt", "第一行\r\n第二行")


@pytest.mark.parametrize(
    ("content", "error"),
    [(b"", EmptySourceError), (b" \n", EmptySourceError), (b"\0\1\2" * 99, NotTextError)],
)
def test_a_bad_file_is_refused_by_name(
    tmp_path: Path, content: bytes, error: type[Exception]
) -> None:
    (tmp_path / "bad.txt").write_bytes(content)
    with pytest.raises(error, match=r"^bad\.txt is "):
        read_source(tmp_path / "bad.txt")


def test_a_file_that_is_gone_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(SourceVanishedError, match=r"^gone\.txt cannot be read \(No such file"):
        read_source(tmp_path / "gone.txt")


def test_plain_text_is_read_without_another_process(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("各位代表", "utf-8")
    with SourceReader() as reader:
        (document,) = reader.read(tmp_path / "a.txt")
        assert reader._process._child is None
    assert document.source == read_source(tmp_path / "a.txt")


def test_a_file_is_what_its_content_is(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(docx_of("各位代表"))
    with SourceReader() as reader:
        (document,) = reader.read(tmp_path / "a.txt")
    assert isinstance(document.source, Source)
    assert (document.source.name, document.source.text) == ("a.txt", "各位代表")


def test_a_file_beyond_the_limit_is_not_even_opened(tmp_path: Path) -> None:
    with (tmp_path / "a.txt").open("wb") as file:
        file.truncate(500 << 20)
    with SourceReader() as reader:
        (document,) = reader.read(tmp_path / "a.txt")
    assert isinstance(document.source, TooLargeError)
    assert str(document.source).startswith("a.txt has more than 209,715,200 bytes")


def test_a_file_that_is_gone_is_one_failure(tmp_path: Path) -> None:
    with SourceReader() as reader:
        (document,) = reader.read(tmp_path / "gone.pdf")
    assert isinstance(document.source, SourceVanishedError)
