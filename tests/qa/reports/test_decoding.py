import codecs
import random

import pytest

from qa.errors import EmptySourceError, NotTextError
from qa.reports.decoding import decode
from qa.reports.report import Source

ENCODINGS = {
    "UTF-8": (b"", "utf-8"),
    "UTF-8 with a mark": (codecs.BOM_UTF8, "utf-8"),
    "GB18030": (b"", "gb18030"),
    "UTF-16 LE with a mark": (codecs.BOM_UTF16_LE, "utf-16-le"),
    "UTF-16 BE with a mark": (codecs.BOM_UTF16_BE, "utf-16-be"),
    "UTF-16 LE": (b"", "utf-16-le"),
    "UTF-16 BE": (b"", "utf-16-be"),
}
NOISE = random.Random(7).randbytes(4000)


@pytest.mark.parametrize(("mark", "encoding"), ENCODINGS.values(), ids=ENCODINGS)
@pytest.mark.parametrize("number", ["000", "001", "002", "003", "004"])
def test_a_real_file_reads_the_same_in_every_encoding(
    sample_sources: dict[str, Source], number: str, mark: bytes, encoding: str
) -> None:
    text = sample_sources[number].text
    assert decode(mark + text.encode(encoding)) == text


@pytest.mark.parametrize(("mark", "encoding"), ENCODINGS.values(), ids=ENCODINGS)
def test_line_ends_are_kept(mark: bytes, encoding: str) -> None:
    text = "各位代表:\r\n现在,我报告工作。\n\r\n 第二段\u3000"
    assert decode(mark + text.encode(encoding)) == text


def test_a_mark_inside_the_text_is_kept() -> None:
    text = "越城区政府\ufeff工作报告"
    assert decode(text.encode()) == text


@pytest.mark.parametrize("mark", ["\u00a0", "\u200b"], ids=["no-break space", "zero width space"])
def test_copied_pages_full_of_invisible_marks_are_text(mark: str) -> None:
    text = mark.join("全年实现地区生产总值增长7.6%,固定资产投资增长9.9%")
    assert decode(text.encode()) == text


def test_rare_signs_among_the_text_are_kept() -> None:
    text = "增长7.3℃,占地3㎡,艾尔肯·吐尼亚孜,①②,𠮷野家" + "报告工作" * 10
    assert decode(text.encode()) == decode(text.encode("gb18030")) == text


def test_content_decides_which_sources_are_equal_not_its_encoding() -> None:
    text = "越城区政府工作报告"
    assert Source("a", decode(text.encode())).sha256 == (
        Source("b", decode(text.encode("gb18030"))).sha256
    )


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(NOISE, id="noise"),
        pytest.param(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\2\0" + NOISE, id="PNG"),
        pytest.param(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n" + NOISE, id="PDF"),
        pytest.param(b"PK\x03\x04\x14\0\x06\0" + NOISE, id="DOCX"),
        pytest.param(b"\0" * 100, id="zeros"),
        pytest.param("政府\0工作报告".encode(), id="UTF-8 with a zero"),
        pytest.param(codecs.BOM_UTF16_LE + b"abc", id="UTF-16 cut in a sign"),
        pytest.param(codecs.BOM_UTF8 + b"\xff\xff", id="UTF-8 that is none"),
        pytest.param(codecs.BOM_UTF16_LE + b"\x00\xd8a\0", id="half a surrogate pair"),
        pytest.param(("政府工作報告" * 50).encode("big5"), id="Big5"),
    ],
)
def test_what_is_no_text_is_refused_by_name(data: bytes) -> None:
    with pytest.raises(NotTextError, match=r"^report\.bin is not text"):
        decode(data, "report.bin")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("text", ["", " ", "\n\r\n\t", "\u3000\n\u3000"])
def test_what_holds_nothing_is_refused_by_name(text: str, encoding: str) -> None:
    with pytest.raises(EmptySourceError, match=r"^blank\.txt is empty"):
        decode(text.encode(encoding), "blank.txt")
