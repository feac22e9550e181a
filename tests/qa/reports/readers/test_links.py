import lxml.html
import pytest

from qa.reports.readers.links import links_of


def links(body: str, head: str = "") -> tuple[str | None, list[str]]:
    found = links_of(lxml.html.document_fromstring(f"<html><head>{head}</head><body>{body}</body>"))
    return found.next_page, [href for href, _ in found.attachments]


@pytest.mark.parametrize(
    ("body", "following"),
    [
        ('<a href="a_2.html">下一页</a>', "a_2.html"),
        ('<a href="a_2.html"><span> 下一页 &gt;&gt; </span></a>', "a_2.html"),
        ('<a href="a_2.html">[下页]</a>', "a_2.html"),
        ('<a href="a?p=2" rel="next">2</a>', "a?p=2"),
        ('<a href="b.html">下一篇</a>', None),
        ('<a href="b.html">下一页的内容简介</a>', None),
        ('<a href="javascript:next()">下一页</a>', None),
        ('<a href="#">下一页</a>', None),
        ('<script>createPageHTML(3, 0, "t2024_1", "html");</script>', "t2024_1_1.html"),
        ("<script>createPageHTML(3, 1, 't2024_1', 'htm');</script>", "t2024_1_2.htm"),
        ('<script>createPageHTML(3, 2, "t2024_1", "html");</script>', None),
        ('<script>createPageHTML(1, 0, "t2024_1", "html");</script>', None),
        ("", None),
    ],
)
def test_the_next_part_of_a_page(body: str, following: str | None) -> None:
    assert links(body)[0] == following


def test_files_that_are_linked_or_shown() -> None:
    body = (
        '<a href="./P02.pdf">报告</a> <a href="b.DOCX?v=1">附件</a> <a href="c.html">其他</a>'
        '<iframe src="/viewer.html?file=/files/d.pdf"></iframe><embed src="e.pdf">'
        '<a href="http://[bad">x</a><a href="P02.exe">x</a>'
    )
    assert links(body)[1] == ["./P02.pdf", "b.DOCX?v=1", "/files/d.pdf", "e.pdf"]


def test_a_base_counts() -> None:
    base = '<base href="https://a.cn/x/">'
    body = '<a href="2.html">下一页</a><a href="a.pdf">报告</a>'
    assert links(body, base) == ("https://a.cn/x/2.html", ["https://a.cn/x/a.pdf"])
