import asyncio
import gzip
from pathlib import Path

import pytest

from qa.errors import (
    InputError,
    RefusedAddressError,
    SourceVanishedError,
    TooLargeError,
    WrongListError,
)
from qa.reports.fetching.fetcher import Fetcher
from qa.reports.fetching.lists import ListRead, read_list
from qa.reports.fetching.rules import FetchRules
from tests.qa.reports.fetching.site import Page, Site
from tests.qa.reports.readers.made import put

NAMESPACE = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'


def read(name: str, folder: Path, rules: FetchRules | None = None) -> ListRead:
    return asyncio.run(read_list(name, Fetcher(rules or FetchRules(), folder)))


def sitemap(*urls: str) -> bytes:
    inner = "".join(f"<url><loc> {url}\n</loc><lastmod>2026-01-01</lastmod></url>" for url in urls)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<urlset {NAMESPACE}>{inner}</urlset>'.encode()


def index(*urls: str) -> bytes:
    inner = "".join(f"<sitemap><loc>{url}</loc></sitemap>" for url in urls)
    return f"<sitemapindex {NAMESPACE}>{inner}</sitemapindex>".encode()


def test_a_text_names_addresses_and_files_beside_it(tmp_path: Path) -> None:
    text = "\ufeff# 各省报告\nhttps://a.cn/1\n\n  报告/b.txt  \r\nhttps://a.cn/1\n/c.txt\n"
    for encoding in ("utf-8", "gb18030"):
        given = put(tmp_path, "list.txt", text.encode(encoding))
        found = read(str(given), tmp_path).entries
        assert list(found) == ["https://a.cn/1", tmp_path / "报告/b.txt", Path("/c.txt")]


def test_a_sitemap_names_its_addresses(tmp_path: Path) -> None:
    given = put(tmp_path, "sitemap.xml", sitemap("https://a.cn/1?a=1&amp;b=2", "https://a.cn/2"))
    assert list(read(str(given), tmp_path).entries) == ["https://a.cn/1?a=1&b=2", "https://a.cn/2"]


def test_an_index_of_packed_sitemaps_is_followed(tmp_path: Path) -> None:
    with Site() as site:
        site.pages["/index.xml"] = Page(
            index(f"{site.url}/1.xml.gz", f"{site.url}/gone.xml", f"{site.url}/index.xml")
        )
        site.pages["/1.xml.gz"] = Page(gzip.compress(sitemap("https://a.cn/1")))
        found = read(f"{site.url}/index.xml", tmp_path, site.rules())
    assert list(found.entries) == ["https://a.cn/1"]
    assert [at for at, _ in found.failed] == [f"{site.url}/gone.xml"]
    assert site.paths.count("/index.xml") == 1


def test_a_list_of_the_web_names_no_files(tmp_path: Path) -> None:
    with Site({"/list": Page(b"/etc/passwd\nhttps://a.cn/1")}) as site:
        found = read(f"{site.url}/list", tmp_path, site.rules())
    assert list(found.entries) == ["/etc/passwd", "https://a.cn/1"]
    assert not any(isinstance(entry, Path) for entry in found.entries)


def test_a_sitemap_that_leads_into_a_private_network_is_not_followed(tmp_path: Path) -> None:
    inner = put(tmp_path, "inner.txt", b"https://a.cn/1")
    named = ("http://169.254.169.254/a", "file:///etc/passwd", str(inner))
    with Site({"/index.xml": Page(index(*named))}) as site:
        of_web = read(f"{site.url}/index.xml", tmp_path, site.rules())
    own = read(str(put(tmp_path, "index.xml", index(*named))), tmp_path)
    for found in (of_web, own):
        assert found.entries == {}
        assert [at for at, _ in found.failed] == list(named)
        assert {type(error) for _, error in found.failed} == {RefusedAddressError}


BOMB = b"""<?xml version="1.0"?>
<!DOCTYPE lolz [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>
<urlset><url><loc>https://a.cn/&b;</loc></url></urlset>"""
FILE = b"""<!DOCTYPE u [<!ENTITY x SYSTEM "file:///etc/passwd">]>
<urlset><url><loc>https://a.cn/&x;</loc></url></urlset>"""


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (BOMB, WrongListError),
        (FILE, WrongListError),
        (b"<urlset><url><loc>https://a.cn", WrongListError),
        (b"<!DOCTYPE html><html><a href=x>x</a></html>", WrongListError),
        (b"<html><a href='x'>x</a></html>", WrongListError),
        (b"<rss/>", WrongListError),
        (b"<urlset/>", WrongListError),
        (b"# nothing\n\n", WrongListError),
        (b"", InputError),
        (b"\x00\x01\x02binary\xff", InputError),
        (b"\x1f\x8bbroken", WrongListError),
        (gzip.compress(sitemap("https://a.cn/1"))[:-9], WrongListError),
        (gzip.compress(bytes(60 * 1024 * 1024)), TooLargeError),
        (b"<urlset>" + b"<a/>" * 600_000 + b"</urlset>", TooLargeError),
        (b"https://a.cn/1\n" + b"\n".join(b"https://a.cn/%d" % n for n in range(200_001)), TooLargeError),
    ],
)  # fmt: skip
def test_what_is_no_list_is_told(tmp_path: Path, data: bytes, error: type[InputError]) -> None:
    given = put(tmp_path, "list", data)
    with pytest.raises(error):
        read(str(given), tmp_path)


def test_a_list_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(SourceVanishedError):
        read(str(tmp_path / "none"), tmp_path)
