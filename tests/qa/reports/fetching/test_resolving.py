import asyncio
from collections.abc import Sequence

import pytest

from qa.errors import HostNotFoundError, RefusedAddressError
from qa.reports.fetching.addresses import parse_address
from qa.reports.fetching.resolving import Resolver, is_public, look_up, numbers_of
from qa.reports.fetching.rules import FetchRules


def leads_to(*numbers: str) -> Resolver:
    async def resolve(host: str, port: int) -> Sequence[str]:
        return numbers

    return resolve


@pytest.mark.parametrize("number", ["8.8.8.8", "223.5.5.5", "2400:3200::1", "2606:4700:4700::1111"])
def test_numbers_of_the_internet_are_public(number: str) -> None:
    assert is_public(number)


@pytest.mark.parametrize(
    "number",
    [
        "0.0.0.0", "10.1.2.3", "100.64.0.1", "127.0.0.1", "127.255.1.1", "169.254.169.254",
        "172.16.0.1", "192.0.0.1", "192.0.2.1", "192.88.99.1", "192.168.1.1", "198.18.0.1",
        "198.51.100.1", "203.0.113.1", "224.0.0.1", "239.1.1.1", "240.0.0.1", "255.255.255.255",
        "::", "::1", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "::8.8.8.8", "64:ff9b::7f00:1",
        "64:ff9b:1::1", "100::1", "2001::1", "2001:db8::1", "2002:7f00:1::", "2002:808:808::",
        "3fff::1", "5f00::1", "fc00::1", "fd12::1", "fe80::1", "fe80::1%eth0", "fec0::1", "ff02::1",
        "no number",
    ],
)  # fmt: skip
def test_all_other_numbers_are_not(number: str) -> None:
    assert not is_public(number)


def test_a_host_that_is_not_public_is_refused_with_the_number_it_leads_to() -> None:
    address = parse_address("http://a.cn/", FetchRules())
    with pytest.raises(RefusedAddressError, match=r"a\.cn \(10\.0\.0\.1\) is no public host"):
        asyncio.run(numbers_of(address, leads_to("10.0.0.1", "::1")))


def test_only_public_numbers_of_a_host_are_used() -> None:
    address = parse_address("http://a.cn/", FetchRules())
    found = asyncio.run(numbers_of(address, leads_to("10.0.0.1", "8.8.8.8")))
    assert found == ["8.8.8.8"]


def test_a_host_that_is_named_may_be_anywhere() -> None:
    address = parse_address("http://a.cn/", FetchRules(hosts=frozenset({"a.cn"})))
    assert asyncio.run(numbers_of(address, leads_to("10.0.0.1"))) == ["10.0.0.1"]


def test_a_host_that_is_not_found_is_its_own_error() -> None:
    address = parse_address("http://nothing.invalid/", FetchRules())
    with pytest.raises(HostNotFoundError, match=r"nothing\.invalid"):
        asyncio.run(numbers_of(address, look_up))
    with pytest.raises(HostNotFoundError):
        asyncio.run(numbers_of(address, leads_to()))


def test_the_systems_resolver_knows_this_machine() -> None:
    assert "127.0.0.1" in asyncio.run(look_up("127.0.0.1", 80))
