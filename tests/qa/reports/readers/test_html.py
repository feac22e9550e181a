import pytest

from qa.errors import EmptySourceError
from tests.qa.reports.readers.made import read

PROSE = "全年实现地区生产总值增长7.6%,固定资产投资增长9.9%,社会消费品零售总额增长6.0%。" * 20
BODY = f"""<div class="nav"><ul><li><a href="/">首页</a></li><li><a href="/x">政务公开</a></li></ul></div>
<div id="zoom"><p>各位代表:</p><p>{PROSE}</p>
<table><tr><td>指标</td><td>2023年</td></tr><tr><td>生产总值</td><td>1234.5亿元</td></tr></table>
<p>二、2024年工作安排</p><p>{PROSE}</p></div>
<script>var x = "不是正文";</script><div class="footer">版权所有 备案号05000000</div>"""


def page(head: str = "", charset: str = "utf-8", body: str = BODY) -> bytes:
    told = f'<!DOCTYPE html><html><head><meta charset="{charset}">{head}</head>'
    return f"{told}<body>{body}</body></html>".encode("gb18030" if charset[0] == "g" else charset)


def test_the_main_text_is_read_and_the_furniture_is_not() -> None:
    text = read(page(), "a.html").text
    assert "各位代表:\n" in text
    assert text.count(PROSE) == 2
    for furniture in ("首页", "政务公开", "版权所有", "不是正文", "<p>"):
        assert furniture not in text


def test_a_tables_row_is_a_line() -> None:
    lines = read(page(), "a.html").text.splitlines()
    assert any("生产总值" in line and "1234.5亿元" in line for line in lines)


def test_a_paragraph_that_is_printed_twice_is_read_twice() -> None:
    assert read(page(body=f"<p>{PROSE}</p><p>{PROSE}</p>"), "a.html").text == f"{PROSE}\n{PROSE}"


def test_lines_broken_by_tags_are_lines_and_lines_of_the_markup_are_not() -> None:
    body = f"<div>各位代表:<br>一、回\n  顾<br/>增长<b>7.6</b>%<p>{PROSE}</p></div>"
    assert read(page(body=body), "a.html").text == f"各位代表:\n一、回顾\n增长7.6%\n{PROSE}"


def test_a_table_around_prose_is_no_table() -> None:
    body = f"<table><tr><td>{BODY}</td><td>旁边</td></tr></table>"
    text = read(page(body=body), "a.html").text
    assert text.count(PROSE) == 2
    assert "生产总值 | 1234.5亿元" in text.splitlines()


def test_text_in_deep_elements_is_read() -> None:
    body = "<div>" * 100 + f"<p>{PROSE}</p>" + "</div>" * 100
    assert PROSE in read(page(body=body), "a.html").text


def test_the_title_stands_first_once() -> None:
    titled = "<title>越城区2024年政府工作报告</title>"
    assert read(page(titled), "a.html").text.startswith("越城区2024年政府工作报告\n")
    body = BODY.replace('<div id="zoom">', '<div id="zoom"><h1>越城区2024年政府工作报告</h1>')
    assert read(page(titled, body=body), "a.html").text.count("越城区2024年政府工作报告") == 1


@pytest.mark.parametrize("charset", ["utf-8", "gb2312", "gbk"])
def test_the_pages_encoding_is_respected(charset: str) -> None:
    assert "固定资产投资增长9.9%" in read(page(charset=charset), "a.html").text


@pytest.mark.parametrize("told", ["gbk", "no-such-encoding", "utf-16", "iso-8859-1", "big5"])
def test_a_wrong_word_on_the_encoding_does_no_harm(told: str) -> None:
    data = page().replace(b'"utf-8"', f'"{told}"'.encode())
    assert "地区生产总值增长7.6%" in read(data, "a.html").text


def test_an_encoding_that_the_bytes_do_not_tell_is_the_pages_word() -> None:
    prose = "全年實現地區生產總值增長,固定資產投資增長。" * 30
    data = page(charset="big5", body=f"<p>{prose}</p>")
    assert prose in read(data, "a.html").text


def test_address_and_day_are_what_the_page_says() -> None:
    head = (
        '<link rel="canonical" href="https://www.example.gov.cn/a/1.html">'
        '<meta name="PubDate" content="2024-02-01 09:30">'
    )
    origin = read(page(head), "a.html").origin
    assert (origin.url, origin.published) == ("https://www.example.gov.cn/a/1.html", "2024-02-01")


def test_a_saved_page_names_where_it_was_saved_from() -> None:
    data = page().replace(
        b"<html>", b"<!-- saved from url=(0028)https://example.cn/2.html --><html>"
    )
    assert read(data, "a.html").origin.url == "https://example.cn/2.html"


def test_an_address_that_is_none_is_left_out() -> None:
    head = '<link rel="canonical" href="javascript:alert(1)">'
    assert read(page(head), "a.html").origin.url is None


def test_a_page_without_text_is_refused() -> None:
    with pytest.raises(EmptySourceError, match=r"^a\.html is empty"):
        read(b"<html><body><script>1</script></body></html>", "a.html")


def test_the_same_page_gives_the_same_text() -> None:
    assert read(page(), "a.html") == read(page(), "a.html")


@pytest.mark.parametrize(
    "title",
    [
        "政府工作报告_越城区人民政府",
        "越城区人民政府 - 政府工作报告",
        "政府工作报告 | 越城区人民政府 | 政务公开",
    ],
)
def test_a_site_s_name_is_no_part_of_the_title_but_tells_whose_report_it_is(title: str) -> None:
    found = read(page(f"<title>{title}</title>"), "a.html")
    assert found.origin.title == "政府工作报告"
    assert found.origin.place == ("越城区",)
    assert "越城区人民政府" not in found.text
