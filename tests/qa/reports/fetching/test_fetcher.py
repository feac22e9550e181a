"""The fetcher against real servers on this machine; the rules name their ports."""

import asyncio
import gzip
import threading
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler
from itertools import pairwise
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from qa.errors import (
    FetchTimeoutError,
    HostNotFoundError,
    HttpStatusError,
    InputError,
    RefusedAddressError,
    RobotsRefusalError,
    SiteBusyError,
    TooLargeError,
    UnreachableError,
    UntrustedSiteError,
)
from qa.reports.fetching.fetcher import Fetched, Fetcher, Unmodified, retry_after
from qa.reports.fetching.gathered import Validators
from qa.reports.fetching.resolving import Resolver, look_up
from qa.reports.fetching.rules import FetchRules
from tests.qa.reports.fetching.site import Page, Site, send

HELLO = Page("各位代表".encode())


def fetch(
    folder: Path,
    rules: FetchRules,
    *urls: str,
    resolver: Resolver = look_up,
    validators: Validators | None = None,
) -> list[Fetched | Unmodified]:
    """All at once by one fetcher; the first error is raised."""

    async def run() -> list[Fetched | Unmodified]:
        fetcher = Fetcher(rules, folder, resolver)
        asked = (fetcher.fetch(url, validators) for url in urls)
        found = await asyncio.gather(*asked, return_exceptions=True)
        for error in found:
            if isinstance(error, BaseException):
                raise error
        return [one for one in found if not isinstance(one, BaseException)]

    return asyncio.run(run())


def body(folder: Path, rules: FetchRules, url: str, resolver: Resolver = look_up) -> bytes:
    (found,) = fetch(folder, rules, url, resolver=resolver)
    assert isinstance(found, Fetched)
    return found.file.read_bytes()


def test_a_page_is_fetched_under_an_honest_name(tmp_path: Path) -> None:
    with Site({"/a.html": HELLO}) as site:
        rules = site.rules(contact="mail@example.org")
        assert body(tmp_path, rules, f"{site.url}/a.html#part") == HELLO.body
    assert [one.path for one in site.asked] == ["/robots.txt", "/a.html"]
    for one in site.asked:
        assert one.headers["User-Agent"].startswith("wenzheng/")
        assert one.headers["User-Agent"].endswith("; mail@example.org)")
        assert one.headers["Host"] == f"127.0.0.1:{site.port}"


@pytest.mark.parametrize("status", [401, 403, 404, 410, 412, 500, 204])
def test_a_status_without_the_page_is_told(tmp_path: Path, status: int) -> None:
    with Site({"/a": Page(status=status)}) as site, pytest.raises(HttpStatusError) as error:
        fetch(tmp_path, site.rules(), f"{site.url}/a")
    assert error.value.fields["status"] == status


# --- where a request may go --------------------------------------------------------------------


def test_this_machine_is_not_asked_unless_it_is_named(tmp_path: Path) -> None:
    with Site({"/a": HELLO}) as site, pytest.raises(RefusedAddressError):
        fetch(tmp_path, FetchRules(), f"{site.url}/a")
    assert site.asked == []


@pytest.mark.parametrize(
    ("target", "key"),
    [
        ("http://127.0.0.1/secret", "private_address"),
        ("http://169.254.169.254/latest/meta-data/", "private_address"),
        ("http://[::ffff:127.0.0.1]/", "private_address"),
        ("http://localhost/", "private_address"),
        ("http://2130706433/", "wrong_address"),
        ("//user:p@127.0.0.1/", "address_with_password"),
        ("file:///etc/passwd", "not_http"),
        ("gopher://127.0.0.1/", "not_http"),
        ("http://a.cn:22/", "odd_port"),
    ],
)
def test_a_redirect_is_looked_at_as_the_address_was(tmp_path: Path, target: str, key: str) -> None:
    moved = Page(status=302, headers={"Location": target})
    with Site({"/a": moved}) as site, pytest.raises(RefusedAddressError) as refused:
        fetch(tmp_path, site.rules(), f"{site.url}/a")
    assert refused.value.key == key


def test_a_redirect_to_another_port_of_the_same_machine_is_refused(tmp_path: Path) -> None:
    with Site({"/secret": HELLO}) as inner:
        moved = Page(status=301, headers={"Location": f"{inner.url}/secret"})
        with Site({"/a": moved}) as site, pytest.raises(RefusedAddressError):
            fetch(tmp_path, site.rules(), f"{site.url}/a")
    assert inner.asked == []


def test_a_name_is_looked_up_once_and_that_number_is_asked(tmp_path: Path) -> None:
    """DNS rebinding: the name leads elsewhere as soon as it has been looked up for the page."""
    numbers = ["127.0.0.1", "127.0.0.1", "127.0.0.2", "127.0.0.2"]

    async def rebinding(host: str, port: int) -> Sequence[str]:
        return [numbers.pop(0)]

    site = Site({"/a": HELLO})
    other = Site({"/a": Page(b"stolen")}, host="127.0.0.2", port=site.port)
    rules = site.rules(hosts=frozenset({f"rebinding.example:{site.port}"}))
    with site, other:
        url = f"http://rebinding.example:{site.port}/a"
        assert body(tmp_path, rules, url, rebinding) == HELLO.body
    # Two requests, for robots.txt and the page, each with one look-up.
    assert numbers == ["127.0.0.2", "127.0.0.2"]
    assert other.asked == []
    assert site.asked[-1].headers["Host"] == f"rebinding.example:{site.port}"


def test_a_name_that_becomes_private_is_refused_before_it_is_asked(tmp_path: Path) -> None:
    with Site({"/a": HELLO}, port=0) as site:

        async def private(host: str, port: int) -> Sequence[str]:
            return ["127.0.0.1"]

        with pytest.raises(RefusedAddressError):
            fetch(tmp_path, FetchRules(), "http://rebinding.example:8000/a", resolver=private)
        # A named host is not checked, but one it leads to is.
        site.pages["/b"] = Page(status=302, headers={"Location": "http://rebinding.example/"})
        with pytest.raises(RefusedAddressError, match=r"rebinding\.example \(127\.0\.0\.1\)"):
            fetch(tmp_path, site.rules(), f"{site.url}/b", resolver=private)
    assert site.paths == ["/b"]


def test_the_next_number_is_tried_where_one_is_silent(tmp_path: Path) -> None:
    with Site({"/a": HELLO}) as site:
        rules = site.rules(hosts=frozenset({f"two.example:{site.port}"}))

        async def two(host: str, port: int) -> Sequence[str]:
            return ["127.0.0.3", "127.0.0.1"]

        assert body(tmp_path, rules, f"http://two.example:{site.port}/a", two) == HELLO.body


def test_proxies_of_the_environment_are_not_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    with Site({"/a": HELLO}) as site:
        assert body(tmp_path, site.rules(), f"{site.url}/a") == HELLO.body


def test_redirects_are_followed_to_an_end_and_not_for_ever(tmp_path: Path) -> None:
    site = Site({"/end": HELLO, "/round": Page(status=302, headers={"Location": "/round"})})
    for number in range(4):
        target = f"/{number + 1}" if number < 3 else "/end"
        site.pages[f"/{number}"] = Page(status=307, headers={"Location": target})
    with site:
        (found,) = fetch(tmp_path, site.rules(), f"{site.url}/0")
        assert isinstance(found, Fetched)
        assert found.url == f"{site.url}/end"
        with pytest.raises(UnreachableError, match="more than 5 times"):
            fetch(tmp_path, site.rules(), f"{site.url}/round")
    assert site.paths.count("/round") == 6


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for trusted.example that nobody vouches for, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "trusted.example")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("trusted.example")]), False)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "certificate.pem"
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path.write_bytes(made.public_bytes(Encoding.PEM) + secret)
    return path


async def here(host: str, port: int) -> Sequence[str]:
    return ["127.0.0.1"]


def test_a_site_is_asked_by_number_and_proves_its_name(
    tmp_path: Path, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Site({"/a": HELLO}, certificate=certificate) as site:
        names = ("trusted.example", "other.example")
        rules = site.rules(hosts=frozenset(f"{name}:{site.port}" for name in names))
        trusted, other = (f"https://{name}:{site.port}/a" for name in names)
        with pytest.raises(UntrustedSiteError, match="self-signed"):
            fetch(tmp_path, rules, trusted, resolver=here)
        assert site.asked == []
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        assert body(tmp_path, rules, trusted, here) == HELLO.body
        with pytest.raises(UntrustedSiteError, match=r"not valid for 'other\.example'"):
            fetch(tmp_path, rules, other, resolver=here)
    assert site.paths == ["/a"]


def test_a_site_that_speaks_no_tls_is_told(tmp_path: Path) -> None:
    with Site({"/a": HELLO}) as site, pytest.raises(UntrustedSiteError):
        fetch(tmp_path, site.rules(), f"https://127.0.0.1:{site.port}/a")


# --- limits ------------------------------------------------------------------------------------


def test_a_page_that_says_it_is_too_large_is_not_read(tmp_path: Path) -> None:
    big = Page(b"x", headers={"Content-Length": "1000000000000"})
    with Site({"/a": big}) as site, pytest.raises(TooLargeError):
        fetch(tmp_path, site.rules(), f"{site.url}/a")


def endless(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.send_header("Connection", "close")
    handler.end_headers()
    while True:
        handler.wfile.write(b"x" * 65536)


def test_a_body_without_an_end_is_cut_off(tmp_path: Path) -> None:
    with Site({"/a": endless}) as site, pytest.raises(TooLargeError, match="1,000,000 bytes"):
        fetch(tmp_path, site.rules(max_bytes=1_000_000), f"{site.url}/a")
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) <= 1_000_000


def test_a_body_that_unpacks_to_much_is_cut_off(tmp_path: Path) -> None:
    packed = Page(gzip.compress(bytes(50_000_000)), headers={"Content-Encoding": "gzip"})
    with Site({"/a": packed}) as site, pytest.raises(TooLargeError):
        fetch(tmp_path, site.rules(max_bytes=1_000_000), f"{site.url}/a")
    assert len(packed.body) < 100_000


def test_a_packed_body_is_unpacked_once(tmp_path: Path) -> None:
    packed = Page(gzip.compress(HELLO.body), headers={"Content-Encoding": "gzip"})
    twice = Page(gzip.compress(packed.body), headers={"Content-Encoding": "gzip, gzip"})
    cut = Page(packed.body[:-12], headers={"Content-Encoding": "gzip"})
    odd = Page(b"x", headers={"Content-Encoding": "gzip"})
    with Site({"/a": packed, "/b": twice, "/c": cut, "/d": odd}) as site:
        assert body(tmp_path, site.rules(), f"{site.url}/a") == HELLO.body
        for path in ("/b", "/c", "/d"):
            with pytest.raises(UnreachableError, match="broken"):
                fetch(tmp_path, site.rules(), f"{site.url}{path}")
    assert site.asked[0].headers["Accept-Encoding"] == "gzip"


def test_a_silent_site_is_given_up(tmp_path: Path) -> None:
    site = Site()

    def silent(handler: BaseHTTPRequestHandler) -> None:
        site.wait(60)

    site.pages["/a"] = silent
    with site, pytest.raises(FetchTimeoutError, match=r"not answer within 0\.5 s"):
        fetch(tmp_path, site.rules(timeout_seconds=0.5), f"{site.url}/a")


@pytest.mark.parametrize("headers_drip", [True, False])
def test_a_site_that_drips_is_given_up_at_the_deadline(tmp_path: Path, headers_drip: bool) -> None:
    site = Site()

    def drip(handler: BaseHTTPRequestHandler) -> None:
        if not headers_drip:
            handler.send_response(200)
            handler.end_headers()
        while not site.wait(0.1):
            handler.wfile.write(b"x")

    site.pages["/a"] = drip
    begun = time.monotonic()
    with site, pytest.raises(FetchTimeoutError, match="not fetched within 2 s"):
        fetch(tmp_path, site.rules(deadline_seconds=2.0), f"{site.url}/a")
    assert time.monotonic() - begun < 60


def test_a_body_that_is_cut_off_is_no_page(tmp_path: Path) -> None:
    def cut(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", "1000")
        handler.end_headers()
        handler.wfile.write(b"half")
        handler.close_connection = True

    with Site({"/a": cut}) as site, pytest.raises(UnreachableError, match="broken"):
        fetch(tmp_path, site.rules(), f"{site.url}/a")


def test_where_nothing_listens_there_is_no_connection(tmp_path: Path) -> None:
    with Site() as site:
        rules = site.rules()
    with pytest.raises(UnreachableError, match="no connection"):
        fetch(tmp_path, rules, f"{site.url}/a")


def test_a_name_that_is_none_is_told(tmp_path: Path) -> None:
    with pytest.raises(HostNotFoundError):
        fetch(tmp_path, FetchRules(), "http://nothing.invalid/a")


# --- politeness --------------------------------------------------------------------------------


def test_robots_txt_is_asked_once_and_obeyed(tmp_path: Path) -> None:
    robots = Page(
        b"User-agent: *\nDisallow: /private/\n\nUser-agent: wenzheng\nDisallow: /*.bak$\n"
    )
    with Site({"/robots.txt": robots, "/private/a": HELLO, "/a.bak": HELLO}) as site:
        assert body(tmp_path, site.rules(), f"{site.url}/private/a") == HELLO.body
        with pytest.raises(RobotsRefusalError, match="asks programs not to"):
            fetch(tmp_path, site.rules(), f"{site.url}/private/a", f"{site.url}/a.bak")
    assert "/a.bak" not in site.paths


@pytest.mark.parametrize("page", [Page(status=404), Page(status=403), Page(b"<html>moved</html>")])
def test_a_site_without_robots_txt_allows_all(tmp_path: Path, page: Page) -> None:
    with Site({"/robots.txt": page, "/a": HELLO}) as site:
        assert body(tmp_path, site.rules(), f"{site.url}/a") == HELLO.body


def test_a_robots_txt_that_cannot_be_read_forbids_all_and_is_not_asked_for_each_page(
    tmp_path: Path,
) -> None:
    with Site({"/robots.txt": Page(status=500), "/a": HELLO}) as site:

        async def run() -> list[object]:
            fetcher = Fetcher(site.rules(), tmp_path)
            asked = (fetcher.fetch(f"{site.url}/a") for _ in range(3))
            return list(await asyncio.gather(*asked, return_exceptions=True))

        errors = asyncio.run(run())
    assert [type(error) for error in errors] == [SiteBusyError] * 3
    assert [one.path for one in site.asked] == ["/robots.txt"]


def test_a_robots_txt_without_an_end_counts_as_far_as_it_is_read(tmp_path: Path) -> None:
    def long(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.end_headers()
        handler.wfile.write(b"User-agent: *\nDisallow: /b\n")
        endless(handler)

    with Site({"/robots.txt": long, "/a": HELLO}) as site:
        assert body(tmp_path, site.rules(), f"{site.url}/a") == HELLO.body
        with pytest.raises(RobotsRefusalError):
            fetch(tmp_path, site.rules(), f"{site.url}/b")


def test_one_request_at_a_time_with_the_pause_that_was_asked_for(tmp_path: Path) -> None:
    robots = Page(b"User-agent: *\nCrawl-delay: 0.4\n")
    pages = {f"/{number}": HELLO for number in range(4)}
    with Site({"/robots.txt": robots, **pages}) as site:
        fetch(tmp_path, site.rules(delay_seconds=0.1), *(f"{site.url}{path}" for path in pages))
    times = [one.at for one in site.asked]
    assert site.most_at_once == 1
    # The pause after robots.txt is still our own.
    assert all(later - earlier >= 0.39 for earlier, later in pairwise(times[1:]))


def test_hosts_do_not_wait_for_each_other(tmp_path: Path) -> None:
    asked = threading.Event()

    def first(handler: BaseHTTPRequestHandler) -> None:
        """Answers only once the second was asked."""
        assert asked.wait(60)
        send(handler, HELLO)

    def second(handler: BaseHTTPRequestHandler) -> None:
        asked.set()
        send(handler, HELLO)

    here, there = Site({"/a": first}), Site({"/b": second}, host="127.0.0.2")
    with here, there:
        hosts = here.rules().hosts | there.rules().hosts
        fetch(tmp_path, here.rules(hosts=hosts), f"{here.url}/a", f"{there.url}/b")


def test_a_busy_site_is_asked_again_when_it_said(tmp_path: Path) -> None:
    busy = Page(status=429, headers={"Retry-After": "1"})
    with Site({"/a": [busy, HELLO]}) as site:
        assert body(tmp_path, site.rules(), f"{site.url}/a") == HELLO.body
    first, second = (one.at for one in site.asked if one.path == "/a")
    assert second - first >= 0.99


def test_a_site_that_wants_long_pauses_is_left_for_later(tmp_path: Path) -> None:
    busy = Page(status=503, headers={"Retry-After": "3600"})
    with Site({"/a": busy}) as site, pytest.raises(SiteBusyError, match="asks to wait 3600 s"):
        fetch(tmp_path, site.rules(), f"{site.url}/a")
    assert site.paths == ["/a"]


def test_retry_after_is_a_number_or_a_date() -> None:
    assert retry_after("120") == 120
    assert retry_after(None) == retry_after("soon") == retry_after("-5") == 0
    assert retry_after("Wed, 21 Oct 2015 07:28:00 GMT") == 0
    soon = datetime.now(UTC) + timedelta(seconds=100)
    assert 95 < retry_after(format_datetime(soon, usegmt=True)) <= 100


# --- what has not changed ----------------------------------------------------------------------


def test_a_version_that_is_known_is_not_sent_again(tmp_path: Path) -> None:
    page = Page(
        HELLO.body, headers={"ETag": '"1"', "Last-Modified": "Wed, 21 Oct 2015 07:28:00 GMT"}
    )
    with Site({"/a": [page, Page(status=304, headers={})]}) as site:
        (found,) = fetch(tmp_path, site.rules(), f"{site.url}/a")
        assert isinstance(found, Fetched)
        again = fetch(tmp_path, site.rules(), f"{site.url}/a", validators=found.validators)
    assert again == [Unmodified(f"{site.url}/a")]
    assert site.asked[-1].headers["If-None-Match"] == '"1"'
    assert site.asked[-1].headers["If-Modified-Since"] == "Wed, 21 Oct 2015 07:28:00 GMT"


def test_a_name_of_a_version_is_told_to_no_other_address(tmp_path: Path) -> None:
    known = Validators("http://other.example/a", etag='"1"')
    with Site({"/a": HELLO}) as site:
        fetch(tmp_path, site.rules(), f"{site.url}/a", validators=known)
    assert "If-None-Match" not in site.asked[-1].headers


def test_nothing_unmodified_where_nothing_was_asked(tmp_path: Path) -> None:
    with Site({"/a": Page(status=304)}) as site, pytest.raises(InputError):
        fetch(tmp_path, site.rules(), f"{site.url}/a")
