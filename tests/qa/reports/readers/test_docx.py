import io
import re
import zipfile

import docx
import pytest
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn

from qa.errors import TooLargeError, UnreadableFormError
from qa.reports.limits import ReadLimits
from qa.reports.origin import spot_of
from tests.qa.reports.readers.made import document, read


def changed(data: bytes, part: str, old: bytes, new: bytes) -> bytes:
    """The document with other bytes in one of its parts."""
    kept = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as whole, zipfile.ZipFile(kept, "w") as made:
        for info in whole.infolist():
            content = whole.read(info)
            made.writestr(
                info.filename, content.replace(old, new) if info.filename == part else content
            )
    return kept.getvalue()


def kept(made: docx.document.Document) -> bytes:  # type: ignore[name-defined]
    file = io.BytesIO()
    made.save(file)
    return file.getvalue()


def test_paragraphs_are_lines_and_are_numbered() -> None:
    found = read(document("政府工作报告", "", "各位代表:"), "a.docx")
    assert found.text == "政府工作报告\n\n各位代表:"
    at = found.text.index("各位")
    assert spot_of(found.origin.marks, at, at + 2).paragraph == 3


def test_a_tables_row_is_a_line() -> None:
    data = document("回顾", rows=[("指标", "2023年"), ("生产总值", "1234.5亿元")])
    assert read(data, "a.docx").text == "回顾\n指标 | 2023年\n生产总值 | 1234.5亿元"


def test_a_frame_of_one_cell_is_prose_and_merged_cells_come_once() -> None:
    made = docx.Document()
    made.add_table(1, 1).cell(0, 0).text = "各位代表:\n现在"
    table = made.add_table(1, 3)
    table.cell(0, 0).merge(table.cell(0, 1)).text = "合计"
    table.cell(0, 2).text = "9"
    assert read(kept(made), "a.docx").text == "各位代表:\n现在\n合计 | 9"


def test_insertions_under_review_are_read_and_deletions_are_not() -> None:
    made = docx.Document()
    paragraph = made.add_paragraph("增长")
    for tag, text in (("ins", "<w:t>7.6%</w:t>"), ("del", "<w:delText>7.5%</w:delText>")):
        paragraph._p.append(parse_xml(f"<w:{tag} {nsdecls('w')}><w:r>{text}</w:r></w:{tag}>"))
    assert read(kept(made), "a.docx").text == "增长7.6%"


def numbered(form: str, text: str) -> docx.document.Document:  # type: ignore[name-defined]
    """A document whose list 77 counts in a form."""
    made = docx.Document()
    root = made.part.numbering_part.element
    root.insert(
        0,
        parse_xml(
            f'<w:abstractNum {nsdecls("w")} w:abstractNumId="77"><w:lvl w:ilvl="0"><w:start w:val="1"/>'
            f'<w:numFmt w:val="{form}"/><w:lvlText w:val="{text}"/></w:lvl></w:abstractNum>'
        ),
    )
    root.append(
        parse_xml(f'<w:num {nsdecls("w")} w:numId="77"><w:abstractNumId w:val="77"/></w:num>')
    )
    return made


def count(paragraph: docx.text.paragraph.Paragraph) -> None:  # type: ignore[name-defined]
    place = '<w:numPr {}><w:ilvl w:val="0"/><w:numId w:val="77"/></w:numPr>'
    paragraph._p.get_or_add_pPr().append(parse_xml(place.format(nsdecls("w"))))


@pytest.mark.parametrize(
    ("form", "text", "labels"),
    [
        ("chineseCounting", "%1、", ["一、", "二、"]),
        ("chineseCountingThousand", "(%1)", ["(一)", "(二)"]),
        ("decimal", "%1.", ["1.", "2."]),
        ("bullet", "•", ["", ""]),
    ],
)
def test_automatic_numbers_are_part_of_the_text(form: str, text: str, labels: list[str]) -> None:
    made = numbered(form, text)
    for words in ("工作回顾", "工作安排"):
        count(made.add_paragraph(words))
        made.add_paragraph("正文")
    lines = read(kept(made), "a.docx").text.splitlines()
    assert lines[::2] == [f"{labels[0]}工作回顾", f"{labels[1]}工作安排"]


def test_numbers_beyond_ten_are_chinese() -> None:
    made = numbered("chineseCounting", "%1、")
    for _ in range(21):
        count(made.add_paragraph("项"))
    found = re.findall("(.+)、项", read(kept(made), "a.docx").text)
    assert (found[9], found[10], found[19], found[20]) == ("十", "十一", "二十", "二十一")


def test_a_style_may_carry_the_number() -> None:
    made = numbered("chineseCounting", "%1、")
    style = made.styles["Heading 1"]
    style.element.get_or_add_pPr().append(
        parse_xml(f'<w:numPr {nsdecls("w")}><w:numId w:val="77"/></w:numPr>')
    )
    made.add_paragraph("工作回顾", style="Heading 1")
    assert read(kept(made), "a.docx").text == "一、工作回顾"
    assert style.element.find(qn("w:pPr")) is not None


BOMB = b"""<!DOCTYPE lolz [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>"""


def test_an_xml_bomb_is_refused() -> None:
    data = changed(document("一"), "word/document.xml", b"<w:document", BOMB + b"<w:document")
    with pytest.raises(UnreadableFormError, match=r"^a\.docx defines XML entities"):
        read(data, "a.docx")


def test_a_bomb_in_another_encoding_is_refused() -> None:
    data = changed(document("一"), "docProps/app.xml", b"", b"")
    with zipfile.ZipFile(io.BytesIO(data), "a") as archive:
        archive.writestr("word/x.xml", (BOMB.decode() + "<a/>").encode("utf-16"))
    file = io.BytesIO(data)
    with zipfile.ZipFile(file, "a") as archive:
        archive.writestr("word/x.xml", (BOMB.decode() + "<a/>").encode("utf-16"))
    with pytest.raises(UnreadableFormError, match="defines XML entities"):
        read(file.getvalue(), "a.docx")


def test_a_part_that_bursts_is_refused() -> None:
    data = changed(document("一"), "word/document.xml", b"<w:body>", b"<w:body>" + b" " * 3_000_000)
    limits = ReadLimits(unpacked_max_bytes=1_000_000)
    with pytest.raises(TooLargeError, match=r"^a\.docx unpacks to too much"):
        read(data, "a.docx", limits)


def test_a_truncated_document_is_refused_by_name() -> None:
    data = document("一")
    with pytest.raises(UnreadableFormError, match=r"^a\.docx is damaged"):
        read(data[: len(data) // 2], "a.docx")


def test_a_document_with_a_broken_body_is_refused_by_name() -> None:
    data = changed(document("一"), "word/document.xml", b"</w:body>", b"")
    with pytest.raises(UnreadableFormError, match=r"^a\.docx is damaged"):
        read(data, "a.docx")
