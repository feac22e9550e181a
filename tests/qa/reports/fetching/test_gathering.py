import asyncio
from pathlib import Path

from qa.errors import HttpStatusError, InputError
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
