import asyncio
from pathlib import Path

from qa.errors import HttpStatusError, InputError, RefusedAddressError
from qa.reports.fetching.fetcher import Fetcher
from qa.reports.fetching.gathered import Gathered, Validators
from qa.reports.fetching.gathering import Gatherer
from qa.reports.fetching.rules import FetchRules
from qa.reports.reading import SourceReader
from qa.reports.report import Source
from tests.qa.reports.fetching.site import Page, Site
from tests.qa.reports.readers.made import packed
from tests.qa.reports.written import report_text

TEXT = report_text("2026年绍兴市政府工作报告", government="绍兴市人民政府")


def gather(
    folder: Path, rules: FetchRules, *urls: str, known: dict[str, Validators] | None = None
) -> list[Gathered]:
    async def run(reader: SourceReader) -> list[Gathered]:
        return await Gatherer(Fetcher(rules, folder), reader).gather_all(urls, known or {})

    with SourceReader() as reader:
        return asyncio.run(run(reader))


def sources(gathered: Gathered) -> dict[str, Source]:
    """Key of each document → its source; an error is raised."""
    found = {}
    for document in gathered.documents:
        if isinstance(document.source, InputError):
            raise document.source
        found[document.key] = document.source
    return found


def page(text: str = TEXT, head: str = "", tail: str = "") -> str:
    paragraphs = "".join(f"<p>{line}</p>" for line in text.splitlines())
    return f"<!DOCTYPE html><html><head>{head}</head><body>{paragraphs}{tail}</body></html>"


def canonical(url: str) -> str:
    return f'<link rel="canonical" href="{url}">'


def test_a_page_in_gb2312_is_read_whatever_the_server_calls_it(tmp_path: Path) -> None:
    body = page(head='<meta charset="gb2312">').encode("gb18030")
    wrong = {"Content-Type": "text/html; charset=utf-8"}
    latin = {"Content-Type": "text/plain; charset=ISO-8859-1"}
    with Site({"/a": Page(body, headers=wrong), "/b": Page(body, headers=latin)}) as site:
        for gathered in gather(tmp_path, site.rules(), f"{site.url}/a", f"{site.url}/b"):
            (source,) = sources(gathered).values()
            assert source.text == TEXT.strip()


def test_a_source_is_named_by_its_address_and_cited_by_the_one_that_gave_it(tmp_path: Path) -> None:
    moved = Page(status=301, headers={"Location": "/%E6%8A%A5.txt"})
    with Site({"/a": moved, "/%E6%8A%A5.txt": Page(TEXT.encode())}) as site:
        (gathered,) = gather(tmp_path, site.rules(), f"{site.url}/a#top")
        (other,) = gather(tmp_path, site.rules(), f"{site.url}/报.txt")
    ((key, source),) = sources(gathered).items()
    assert key == gathered.url == f"{site.url}/a"
    assert source.name == f"127.0.0.1:{site.port}/a"
    assert source.origin.url == f"{site.url}/%E6%8A%A5.txt"
    assert next(iter(sources(other).values())).name == f"127.0.0.1:{site.port}/报.txt"


def test_a_page_may_name_its_own_address_but_not_another_hosts(tmp_path: Path) -> None:
    with Site() as site:
        own, other, front = f"{site.url}/own", "https://www.gov.cn/report", f"{site.url}/"
        for path, named in (("/a", own), ("/b", other), ("/c", front)):
            site.pages[path] = Page(page(head=canonical(named)).encode())
        urls = [f"{site.url}{path}" for path in ("/a", "/b", "/c")]
        found = gather(tmp_path, site.rules(), *urls)
    cited = [source.origin.url for one in found for source in sources(one).values()]
    assert cited == [own, urls[1], urls[2]]


def test_members_of_an_archive_and_rows_of_a_table_are_parts_of_its_address(tmp_path: Path) -> None:
    archive = packed(
        {"in/a.txt": TEXT.encode(), "b.html": page(head=canonical("http://x.cn/b")).encode()}
    )
    rows = f'text,url\n"{TEXT}",https://www.gov.cn/1\n'.encode()
    with Site({"/a": Page(archive), "/t?id=1": Page(rows)}) as site:
        first, second = gather(tmp_path, site.rules(), f"{site.url}/a", f"{site.url}/t?id=1")
    assert set(sources(first)) == {f"{site.url}/a#/in/a.txt", f"{site.url}/a#/b.html"}
    assert {source.origin.url for source in sources(first).values()} == {f"{site.url}/a"}
    ((key, source),) = sources(second).items()
    assert key == f"{site.url}/t?id=1#1"
    # A table says where each of its rows comes from.
    assert source.origin.url == "https://www.gov.cn/1"


def test_a_failure_is_the_addresss_document(tmp_path: Path) -> None:
    with Site() as site:
        first, second = gather(tmp_path, site.rules(), f"{site.url}/none", "http://10.0.0.1/")
    assert [document.key for document in first.documents] == [f"{site.url}/none"]
    assert isinstance(first.documents[0].source, HttpStatusError)
    assert "10.0.0.1 is no public host" in str(second.documents[0].source)
    assert list(tmp_path.iterdir()) == []


def test_what_has_not_changed_has_no_documents(tmp_path: Path) -> None:
    with Site({"/a": [Page(TEXT.encode(), headers={"ETag": '"1"'}), Page(status=304)]}) as site:
        (first,) = gather(tmp_path, site.rules(), f"{site.url}/a")
        assert first.validators
        known = {first.url: first.validators}
        (again,) = gather(tmp_path, site.rules(), f"{site.url}/a", known=known)
    assert again.unmodified
    assert again.documents == ()


# --- parts and attachments ---------------------------------------------------------------------

TITLE, *LINES = TEXT.strip().splitlines()
NEXT = '<div class="pages"><a href="{}">下一页</a></div>'


def part(lines: list[str], following: str | None = None, *, title: str = TITLE) -> Page:
    tail = NEXT.format(following) if following else ""
    return Page(page("\n".join([title, *lines]), tail=tail).encode(), headers={"ETag": '"1"'})


def test_a_report_in_parts_is_one_text_whose_pages_are_counted(tmp_path: Path) -> None:
    site = Site()
    site.pages = {
        "/x/a.html": part(LINES[:4], "a_2.html"),
        "/x/a_2.html": part(LINES[4:6], "a_3.html"),
        "/x/a_3.html": part(LINES[6:], "a.html"),
    }
    with site:
        (gathered,) = gather(tmp_path, site.rules(), f"{site.url}/x/a.html")
    ((key, source),) = sources(gathered).items()
    assert key == f"{site.url}/x/a.html"
    assert source.text == TEXT.strip()
    marks = [(source.text[mark.start :].split("\n")[0], mark.page) for mark in source.origin.marks]
    assert marks == [(TITLE, 1), (LINES[4], 2), (LINES[6], 3)]
    # The first page's version says nothing of the others.
    assert gathered.validators is None


def test_a_part_that_cannot_be_had_fails_the_whole(tmp_path: Path) -> None:
    with Site({"/x/a.html": part(LINES[:4], "a_2.html")}) as site:
        (gathered,) = gather(tmp_path, site.rules(), f"{site.url}/x/a.html")
    (document,) = gathered.documents
    assert document.key == f"{site.url}/x/a.html"
    assert isinstance(document.source, HttpStatusError)


def test_only_parts_beside_a_beginning_report_are_asked_for(tmp_path: Path) -> None:
    with Site() as site:
        site.pages = {
            "/news.html": part(LINES[:0], "news_2.html", title="要闻"),
            "/x/a.html": part(LINES, "/y/b.html"),
            "/x/c.html": part(LINES, "http://10.0.0.1/x/d.html"),
        }
        urls = [f"{site.url}{path}" for path in site.pages]
        found = gather(tmp_path, site.rules(), *urls)
    assert sorted(site.paths) == ["/news.html", "/x/a.html", "/x/c.html"]
    assert sources(found[1])[urls[1]].text == TEXT.strip()
    assert found[1].validators


def test_the_report_attached_to_a_page_is_taken_for_it(tmp_path: Path) -> None:
    links = '<a href="/files/%E6%8A%A5%E5%91%8A.txt">附件</a><a href="form.doc">回执</a>'
    short = Page(page("关于印发政府工作报告的通知\n现印发给你们。", tail=links).encode())
    with Site({"/a": short, "/files/%E6%8A%A5%E5%91%8A.txt": Page(TEXT.encode())}) as site:
        (gathered,) = gather(tmp_path, site.rules(), f"{site.url}/a")
    ((key, source),) = sources(gathered).items()
    attached = f"{site.url}/files/%E6%8A%A5%E5%91%8A.txt"
    assert key == f"{site.url}/a#{attached}"
    assert source.origin.url == attached
    assert source.name == f"127.0.0.1:{site.port}/files/报告.txt"


def test_a_page_that_only_shows_a_file_gives_it(tmp_path: Path) -> None:
    shown = page("", head=f"<title>{TITLE}</title>", tail='<iframe src="P01.txt"></iframe>')
    with Site({"/a": Page(shown.encode()), "/P01.txt": Page(TEXT.encode())}) as site:
        (gathered,) = gather(tmp_path, site.rules(), f"{site.url}/a")
    assert list(sources(gathered)) == [f"{site.url}/a#{site.url}/P01.txt"]


def test_attachments_of_a_report_are_left_alone(tmp_path: Path) -> None:
    whole = Page(page(tail='<p><a href="a.pdf">政府工作报告.pdf</a></p>').encode())
    with Site({"/a": whole}) as site:
        (gathered,) = gather(tmp_path, site.rules(), f"{site.url}/a")
    assert site.paths == ["/a"]
    assert list(sources(gathered)) == [f"{site.url}/a"]


def test_an_attachment_that_leads_into_a_private_network_fails(tmp_path: Path) -> None:
    short = Page(page("政府工作报告", tail='<a href="http://169.254.169.254/a.pdf">x</a>').encode())
    with Site({"/a": short}) as site:
        (gathered,) = gather(tmp_path, site.rules(), f"{site.url}/a")
    (document,) = gathered.documents
    assert isinstance(document.source, RefusedAddressError)
