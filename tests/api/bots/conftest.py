"""The bot in the real application on a real socket, Slack's double beside it."""

import threading
import time
from collections.abc import AsyncGenerator, Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager

import pytest

from api.http import Service, create_app
from qa.answers.answer import Answer
from qa.answers.telling import Told
from qa.chain import Chain, Searched
from qa.settings import Settings
from tests.api.bots.slack_double import SECRET, Sender, SlackDouble, slack_double
from tests.api.http.serving import served


def until(is_so: Callable[[], bool], seconds: float = 60.0) -> None:
    """Wait until it is so."""
    end = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.01)


PAGE = "https://reports.example.org/wenzheng"


class HeldChain(Chain):
    """Answers nothing before ``released``; ``asked`` are the questions that it was given."""

    def __init__(self, chain: Chain) -> None:
        super().__init__(chain.searcher)
        self.released = threading.Event()
        self.asked: list[tuple[str, tuple[str, ...]]] = []

    async def stream(
        self, text: str, turns: Sequence[str] = ()
    ) -> AsyncGenerator[Searched | Told | Answer, None]:
        self.asked.append((text, tuple(turns)))
        await self.threads.run(self.released.wait)
        async for event in super().stream(text, turns):
            yield event


class TellingChain(HeldChain):
    """Tells the sentences of an answer, and the whole of it when ``released``."""

    async def stream(
        self, text: str, turns: Sequence[str] = ()
    ) -> AsyncGenerator[Searched | Told | Answer, None]:
        async for event in Chain.stream(self, text, turns):
            if isinstance(event, Answer):
                await self.threads.run(self.released.wait)
            yield event


@pytest.fixture
def slack() -> Iterator[SlackDouble]:
    with slack_double() as double:
        yield double


@pytest.fixture
def held_chain(bundled_chain: Chain) -> Iterator[HeldChain]:
    """A chain over the samples that answers at once until ``released`` is cleared."""
    chain = HeldChain(bundled_chain)
    chain.released.set()
    yield chain
    chain.released.set()


ServedBot = Callable[..., AbstractContextManager[Sender]]


@pytest.fixture
def bot_served(slack: SlackDouble, bundled_settings: Settings) -> ServedBot:
    """Serves the application with a bot over a chain; what is given are other settings of it."""

    @contextmanager
    def serve(chain: Chain, *, ready: bool = True, **given: object) -> Iterator[Sender]:
        told = {
            "library": bundled_settings.library,
            "cache": bundled_settings.cache,
            "public_url": PAGE,
            "slack_bot_token": "xoxb-test",
            "slack_signing_secret": SECRET,
            "slack_api_url": slack.api,
        }
        service = Service(Settings.model_validate(told | given), lambda: chain)
        service.open()
        app = create_app(service)
        with served(app) as url:
            until(lambda: not ready or app.state.bots.platforms[0].is_ready)
            yield Sender(url)

    return serve


@pytest.fixture
def bot(bot_served: ServedBot, held_chain: HeldChain) -> Iterator[Sender]:
    with bot_served(held_chain) as sender:
        yield sender
