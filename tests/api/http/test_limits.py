import threading
import time
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from api.http import limits
from api.http.limits import RateLimit, parse_rate_limit
from api.keys import KeyFile
from qa.errors import SettingsError
from tests.api.http.conftest import GuardedClient

KEY, OTHER = "0123456789abcdef-1", "0123456789abcdef-2"
GIVEN = f"read:{KEY},read:{OTHER}"
SEARCH = "/api/search?question=GDP"


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The time, which only the test lets pass."""
    now = [1000.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    return now


def bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


# --- the window --------------------------------------------------------------------------------


def test_a_window_moves_with_the_clock(clock: list[float]) -> None:
    limit = parse_rate_limit("2/minute")
    assert limit.take("a").within
    clock[0] += 20
    assert limit.take("a").within
    refused = limit.take("a")
    assert (refused.within, refused.retry_after) == (False, 40)
    clock[0] += 39.9
    assert not limit.take("a").within
    clock[0] += 0.2
    assert limit.take("a").within
    assert not limit.take("a").within


def test_callers_do_not_use_up_each_others_limit(clock: list[float]) -> None:
    limit = parse_rate_limit("1/minute")
    assert [limit.take(who).within for who in "aabb"] == [True, False, True, False]


def test_of_several_limits_each_holds(clock: list[float]) -> None:
    limit = parse_rate_limit("2/second; 3/hour")
    assert [limit.take("a").within for _ in range(3)] == [True, True, False]
    clock[0] += 1.1
    assert limit.take("a").within
    clock[0] += 1.1
    refused = limit.take("a")
    assert not refused.within
    assert refused.retry_after == 3598
    assert refused.headers == {
        "RateLimit-Policy": '"second";q=2;w=1, "hour";q=3;w=3600',
        "RateLimit": '"second";r=2;t=1, "hour";r=0;t=3598',
        "Retry-After": "3598",
    }


def test_a_refused_request_is_not_counted(clock: list[float]) -> None:
    limit = parse_rate_limit("1/minute")
    limit.take("a")
    for _ in range(10):
        clock[0] += 5
        limit.take("a")
    clock[0] += 10.1
    assert limit.take("a").within, "who keeps asking is not kept out for ever"


def test_the_wall_clock_may_be_set_back(monkeypatch: pytest.MonkeyPatch) -> None:
    limit = parse_rate_limit("1/second")
    limit.take("a")
    monkeypatch.setattr(time, "time", lambda: 0.0)
    time.sleep(1.05)
    assert limit.take("a").within


def test_no_thread_is_started(clock: list[float]) -> None:
    before = threading.active_count()
    limit = parse_rate_limit("5/minute")
    for number in range(20):
        limit.take(str(number))
    assert threading.active_count() == before


def test_callers_beyond_number_do_not_fill_the_memory(
    clock: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "_MOST_CALLERS", 100)
    limit = parse_rate_limit("1/minute")
    for number in range(1000):
        limit.take(str(number))
    held = limit._windows.storage._hits  # type: ignore[attr-defined]
    assert len(held) <= 100
    assert not limit.take("999").within
    clock[0] += 61
    limit.take("new")
    for number in range(100):
        limit.take(f"later {number}")
    assert "LIMITER/999/1/1/minute" not in limit._windows.storage._hits  # type: ignore[attr-defined]


@pytest.mark.parametrize("text", ["", "none", "None", " off "])
def test_there_may_be_no_limit(text: str) -> None:
    assert not parse_rate_limit(text)


@pytest.mark.parametrize(
    "text", ["many", "600", "/minute", "600/fortnight", "-1/minute", "0/minute", "1/minute;", "5/s"]
)
def test_a_wrong_limit_is_a_wrong_setting(text: str) -> None:
    with pytest.raises(SettingsError, match=r"^WENZHENG_RATE_LIMIT: .*; correct the value$"):
        parse_rate_limit(text)


def test_a_limit_is_told_as_it_was_written() -> None:
    assert str(parse_rate_limit("600/minute;10 per 2 hour")) == "600/minute, 10/2hour"
    assert isinstance(parse_rate_limit("1/day"), RateLimit)


# --- over HTTP ---------------------------------------------------------------------------------


def test_a_key_is_limited_and_told_when_to_come_again(
    guarded: GuardedClient, clock: list[float]
) -> None:
    with guarded(api_keys=GIVEN, rate_limit="2/minute") as client:
        first = client.get(SEARCH, headers=bearer(KEY))
        assert first.status_code == 200
        assert first.headers["ratelimit"] == '"minute";r=1;t=60'
        assert first.headers["ratelimit-policy"] == '"minute";q=2;w=60'
        assert "retry-after" not in first.headers
        client.get(SEARCH, headers=bearer(KEY))
        refused = client.get(SEARCH, headers=bearer(KEY))
        assert refused.status_code == 429
        assert refused.headers["content-type"] == "application/problem+json"
        assert refused.headers["retry-after"] == "60"
        assert refused.headers["ratelimit"] == '"minute";r=0;t=60'
        assert refused.json()["error"]["code"] == "rate_limit_exceeded"
        assert client.get(SEARCH, headers=bearer(OTHER)).status_code == 200
        clock[0] += 60.1
        assert client.get(SEARCH, headers=bearer(KEY)).status_code == 200


def test_health_and_page_are_never_limited(guarded: GuardedClient) -> None:
    with guarded(api_keys=GIVEN, rate_limit="1/hour") as client:
        for path in ("/healthz", "/readyz", "/", "/static/modules/main.js"):
            replies = [client.get(path, headers=bearer(KEY)) for _ in range(3)]
            assert [reply.status_code for reply in replies] == [200] * 3
            assert "ratelimit" not in replies[0].headers


def test_the_default_counts_only_where_there_are_keys(
    guarded: GuardedClient, client: TestClient
) -> None:
    assert "ratelimit" not in client.get(SEARCH).headers
    with guarded(api_keys=GIVEN) as keyed:
        told = keyed.get(SEARCH, headers=bearer(KEY)).headers
        assert told["ratelimit-policy"] == '"minute";q=600;w=60'
    with guarded(api_keys=GIVEN, rate_limit="none") as keyed:
        assert "ratelimit" not in keyed.get(SEARCH, headers=bearer(KEY)).headers


def test_a_limit_that_is_set_counts_addresses_without_keys(guarded: GuardedClient) -> None:
    with guarded(rate_limit="2/minute") as client:
        statuses = [client.get(SEARCH).status_code for _ in range(3)]
    assert statuses == [200, 200, 429]


def test_a_key_made_while_running_is_limited_by_the_default(
    guarded: GuardedClient, tmp_path: Path
) -> None:
    file = KeyFile(tmp_path / "keys.json")
    with guarded(keys=file.path) as client:
        _, text = file.add("a", "read")
        assert "ratelimit" in client.get(SEARCH, headers=bearer(text)).headers


def test_guessing_is_stopped_by_address(guarded: GuardedClient, clock: list[float]) -> None:
    with guarded(api_keys=GIVEN, rate_limit="none") as client:
        guesses = [client.get(SEARCH, headers=bearer(f"guess {n}")) for n in range(21)]
        assert [reply.status_code for reply in guesses] == [401] * 20 + [429]
        right = client.get(SEARCH, headers=bearer(KEY))
        assert right.status_code == 429, "else guessing would go on"
        assert right.headers["retry-after"] == "60"
        assert client.get(SEARCH).status_code == 401
        elsewhere = TestClient(client.app, base_url="http://127.0.0.1", client=("10.0.0.9", 1))
        assert elsewhere.get(SEARCH, headers=bearer(KEY)).status_code == 200
        clock[0] += 60.1
        assert client.get(SEARCH, headers=bearer(KEY)).status_code == 200


def test_who_sends_no_key_guesses_nothing(guarded: GuardedClient) -> None:
    with guarded(api_keys=GIVEN) as client:
        assert {client.get(SEARCH).status_code for _ in range(30)} == {401}
        assert client.get(SEARCH, headers=bearer(KEY)).status_code == 200
