import pytest

from qa.errors import RefusedAddressError
from qa.reports.fetching.addresses import parse_address, readable
from qa.reports.fetching.gathered import is_address
from qa.reports.fetching.rules import FetchRules

NONE = FetchRules()
INNER = FetchRules(hosts=frozenset({"intra.example", "intra.example:9200", "[::1]:81"}))


@pytest.mark.parametrize(
    ("given", "known"),
    [
        ("HTTP://WWW.Gov.CN", "http://www.gov.cn/"),
        ("https://www.gov.cn:443/a#part", "https://www.gov.cn/a"),
        ("http://www.gov.cn./a?b=1", "http://www.gov.cn/a?b=1"),
        ("http://www.gov.cn:8080/a", "http://www.gov.cn:8080/a"),
        (" https://例子.中国/报告 ", "https://xn--fsqu00a.xn--fiqs8s/%E6%8A%A5%E5%91%8A"),
        ("http://www.gov.cn/a/%2F/../b", "http://www.gov.cn/a/b"),
        ("http://a.cn/%D5%FE", "http://a.cn/%D5%FE"),
        ("http://8.8.8.8/", "http://8.8.8.8/"),
    ],
)
def test_an_address_has_one_form(given: str, known: str) -> None:
    assert parse_address(given, NONE).url == known


@pytest.mark.parametrize(
    ("given", "key"),
    [
        ("file:///etc/passwd", "not_http"),
        ("ftp://a.cn/b", "not_http"),
        ("gopher://a.cn/", "not_http"),
        ("http://user:secret@a.cn/", "address_with_password"),
        ("http://a.cn@127.0.0.1/", "address_with_password"),
        ("http://localhost/", "private_address"),
        ("http://LOCALHOST./", "private_address"),
        ("http://a.localhost/", "private_address"),
        ("http://2130706433/", "wrong_address"),
        ("http://0x7f000001/", "wrong_address"),
        ("http://0x7f.1/", "wrong_address"),
        ("http://0177.0.0.1/", "wrong_address"),
        ("http://127.1/", "wrong_address"),
        ("http://127.0.0.0x1/", "wrong_address"),
        ("http://１２７.0.0.1/", "wrong_address"),
        ("http://a.cn:22/", "odd_port"),
        ("http://a.cn:25/", "odd_port"),
        ("http://a.cn:6379/", "odd_port"),
        ("http://a.cn:99999/", "wrong_address"),
        ("http:///a", "wrong_address"),
        ("http://", "wrong_address"),
        ("http://a.cn\\@b.cn/", "wrong_address"),
        ("http://a.cn/\r\nHost: b", "wrong_address"),
        ("http://a.cn/" + "a" * 5000, "wrong_address"),
        ("http://[::1", "wrong_address"),
    ],
)
def test_an_address_that_leads_elsewhere_than_to_a_site_is_refused(given: str, key: str) -> None:
    with pytest.raises(RefusedAddressError) as refused:
        parse_address(given, NONE)
    assert refused.value.key == key
    assert "secret" not in refused.value.said("zh")


def test_a_host_that_is_named_may_be_internal_and_a_port_only_if_it_is_named_too() -> None:
    assert parse_address("http://intra.example/", INNER).is_internal
    assert parse_address("http://INTRA.example:9200/", INNER).is_internal
    assert parse_address("http://[::1]:81/", INNER).is_internal
    assert not parse_address("http://sub.intra.example/", INNER).is_internal
    with pytest.raises(RefusedAddressError):
        parse_address("http://intra.example:22/", INNER)
    with pytest.raises(RefusedAddressError):
        parse_address("http://[::1]:82/", INNER)


def test_a_relative_address_is_looked_at_as_a_whole_one() -> None:
    base = "https://www.gov.cn/a/b.html"
    assert parse_address("c.pdf", NONE, base).url == "https://www.gov.cn/a/c.pdf"
    assert parse_address("//b.cn/c", NONE, base).url == "https://b.cn/c"
    with pytest.raises(RefusedAddressError):
        parse_address("//localhost/c", NONE, base)
    with pytest.raises(RefusedAddressError):
        parse_address("file:///c", NONE, base)


def test_the_host_is_told_by_name_and_asked_by_number() -> None:
    address = parse_address("https://www.gov.cn:8443/a?b", NONE)
    assert address.at("8.8.8.8") == "https://8.8.8.8:8443/a?b"
    assert address.at("2400:3200::1") == "https://[2400:3200::1]:8443/a?b"
    assert address.host_header == "www.gov.cn:8443"
    assert parse_address("https://www.gov.cn/", NONE).host_header == "www.gov.cn"


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://a.cn/%E6%8A%A5%E5%91%8A.pdf?id=1", "a.cn/报告.pdf?id=1"),
        ("http://a.cn/%D5%FE.htm", "a.cn/%D5%FE.htm"),
        ("http://a.cn/%0A", "a.cn/%0A"),
    ],
)
def test_what_came_from_an_address_has_a_readable_name(url: str, name: str) -> None:
    assert readable(url) == name


def test_an_address_is_told_from_a_path() -> None:
    assert is_address("HTTPS://a.cn")
    assert is_address("file:///etc/passwd")
    assert not any(map(is_address, ("reports/a.txt", "C:\\a.txt", "./http:/a", "a.cn/b")))
