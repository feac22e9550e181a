"""What the tests of platforms share: the served bot, and a double's record that can be waited for."""

import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlsplit

import httpx

from api.http import Service, create_app
from qa.chain import Chain
from qa.settings import Settings
from tests.api.bots.conftest import PAGE
from tests.api.http.serving import served


@contextmanager
def served_bot(chain: Chain, bundled: Settings, **given: object) -> Iterator[str]:
    """The address of the application with a bot over a chain; ``given`` are its settings."""
    told = {"library": bundled.library, "cache": bundled.cache, "public_url": PAGE}
    service = Service(Settings.model_validate(told | given), lambda: chain)
    service.open()
    with served(create_app(service)) as url:
        yield url


@dataclass
class Sent:
    """A text that a platform was told to show, and where."""

    to: str
    text: str
    way: str = ""
    body: dict[str, object] = field(default_factory=dict)


@dataclass
class Record:
    """What a double was told, in order."""

    sent: list[Sent] = field(default_factory=list)
    _changed: threading.Condition = field(default_factory=threading.Condition)

    def keep(self, sent: Sent) -> None:
        with self._changed:
            self.sent.append(sent)
            self._changed.notify_all()

    def answers(self) -> list[Sent]:
        """What was sent, without what only says that somebody looks."""
        return [one for one in list(self.sent) if not one.text.startswith(("正在", "Looking"))]

    def answered(self, count: int = 1, seconds: float = 60.0) -> list[Sent]:
        with self._changed:
            is_so: Callable[[], bool] = lambda: len(self.answers()) >= count  # noqa: E731
            assert self._changed.wait_for(is_so, seconds), [one.text for one in self.sent]
        return self.answers()


def check_links(url: str, question: str, text: str) -> None:
    """Every citation of the answer is in the text as a link to its sentence."""
    cited = httpx.post(f"{url}/api/ask", json={"question": question}).json()["citations"]
    assert len(cited) >= 2
    addresses = re.findall(r'https://[^\s"<>]+', text)
    assert len(addresses) == len(cited)
    for citation, address in zip(cited, addresses, strict=True):
        assert address.startswith(f"{PAGE}/#/reports/")
        path, _, query = urlsplit(address).fragment.partition("?")
        at = {name: int(value) for name, (value,) in parse_qs(query).items()}
        report = path.removeprefix("/reports/")
        whole = httpx.get(f"{url}/api/reports/{report}/text").json()["text"]
        assert whole[at["start"] : at["end"]] == citation["quote"]
        assert f"[{citation['n']}] {citation['report_title']}" in text
