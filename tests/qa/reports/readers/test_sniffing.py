import pytest

from qa.reports.readers.sniffing import kind_of, kind_of_archive, separator_of, text_column
from tests.qa.reports.readers.made import document, packed, printed


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        ("政府工作报告\n各位代表:".encode(), "text"),
        ("政府工作报告,2024年\n各位代表:".encode("gb18030"), "text"),
        (b"", "text"),
        (b"BM is how this text begins", "text"),
        (b"# a < b\n<html> is spoken of later", "text"),
        (b"\xef\xbb\xbf  <!DOCTYPE html><html>", "html"),
        (b"<?xml version='1.0'?>\n<!-- saved -->\n<HTML lang=zh>", "html"),
        ("<html>".encode("utf-16"), "html"),
        (b"junk\n%PDF-1.7", "pdf"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "office"),
        (rb"{\rtf1\ansi", "office"),
        (b"\x89PNG\r\n\x1a\n", "image"),
        (b"RIFF\0\0\0\0WEBP", "image"),
        (b"BM\x00\x01\x00", "image"),
        (b"Rar!\x1a\x07\x00", "unknown"),
        (b"\x1f\x8b\x08", "unknown"),
        (b"province,year,full_text\n", "csv"),
        ("省份\t年份\t正文\n".encode("gb18030"), "csv"),
        (b"province,year,title\n", "text"),
        (b"full_text\n", "text"),
        ('{"year": 2024, "正文": "各位代表"}\n'.encode(), "jsonl"),
        (b'{"year": 2024}\n', "text"),
        (b"{not json}", "text"),
    ],
)
def test_the_first_bytes_tell_the_kind(head: bytes, kind: str) -> None:
    assert kind_of(head) == kind


def test_a_row_longer_than_the_head_is_known_by_its_first_name() -> None:
    line = ('{"full_text": "' + "报告" * 40_000).encode()
    assert kind_of(line[:65_536]) == "jsonl"


def test_a_sign_cut_at_the_heads_end_does_not_make_a_text_another() -> None:
    text = ("a" + "报" * 30_000).encode()
    assert kind_of(text[:65_536]) == "text"


def test_an_archive_is_known_by_its_members() -> None:
    assert kind_of_archive(document("一")) == "docx"
    assert kind_of_archive(packed({"a.txt": b"x"})) == "zip"
    assert kind_of_archive(packed({"mimetype": b"x", "content.xml": b"x"})) == "office"
    assert (
        kind_of_archive(packed({"[Content_Types].xml": b"", "xl/workbook.xml": b""})) == "unknown"
    )
    assert kind_of_archive(b"PK\x03\x04 broken") == "zip"


def test_a_page_of_paper_is_not_known_by_its_name() -> None:
    assert kind_of(printed([(72, 72, "政府工作报告")])) == "pdf"


def test_a_header_without_a_column_of_texts_has_no_separator() -> None:
    assert separator_of("a,b,Full_Text") == ","
    assert separator_of("a;b;text") == ";"
    assert separator_of('a,"b') is None
    assert separator_of("现在,我代表区人民政府,向大会报告工作") is None


def test_the_fullest_column_comes_first() -> None:
    assert text_column(["content", "full_text"]) == "full_text"
    assert text_column(["内容", "年份"]) == "内容"
    assert text_column(["year"]) is None
