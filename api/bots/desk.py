"""The desk: takes messages of all platforms, answers each once and in turn, says so when it cannot."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from typing import Any, Protocol

from api.bots.memory import Once, Turns
from api.bots.messages import Allowed, Conversation, Incoming
from api.bots.rendering import Shown, helping, said, shown
from qa.answers.answer import Answer
from qa.answers.telling import Told
from qa.chain import Chain
from qa.errors import OverloadedError

_LOG = logging.getLogger("wenzheng.bots")
# A platform sends an event again for up to an hour where it was not acknowledged.
_REMEMBERED_SECONDS = 2 * 60 * 60.0
# With a language model an answer mostly waits for it; without one the chain's own threads take turns.
_WORKERS = 8
_MOST_WAITING = 500
_MOST_CHARS = 2000
# What has been asked is answered before the process ends; who holds it up longer is told to ask again.
_PATIENCE_SECONDS = 75.0
_LAST_WORDS_SECONDS = 5.0


class Mouth(Protocol):
    """How a platform says one answer: where the question was asked, in its own form.

    Each raises what its platform's client raises; the desk logs it and says ``fail``.
    """

    @property
    def grace(self) -> float:
        """Seconds within which the answer itself may show that the question was seen; 0 for none."""

    @property
    def pause(self) -> float:
        """Seconds between updates that the platform allows."""

    async def begin(self) -> None:
        """Show that the question was seen; left out where the answer is there within the grace."""

    async def update(self, text: str) -> None:
        """Show what may be read so far; it may be left out."""

    async def finish(self, shown: Shown) -> None:
        """Show the whole answer in the place of what was shown before."""

    async def fail(self, line: str) -> None:
        """Say in one line why there is no answer, in the place of what was shown before."""


@dataclass(slots=True, eq=False)
class _Job:
    """A message that was accepted; ``made`` when its answer is, or cannot be.

    ``begun`` is the task that shows that it was seen: nothing else is shown before it has ended.
    """

    incoming: Incoming
    mouth: Mouth
    made: asyncio.Event
    begun: asyncio.Task[None]

    @classmethod
    def of(cls, incoming: Incoming, mouth: Mouth) -> _Job:
        made = asyncio.Event()

        async def begin() -> None:
            if mouth.grace == 0 or not await _set_within(made, mouth.grace):
                await _safely(mouth.begin(), incoming)

        return cls(incoming, mouth, made, asyncio.create_task(begin()))


class Desk:
    """Answers messages in the event loop of the application while ``running``.

    ``chain`` gives the chain in force, ``page`` is where readers reach our page, ``counted`` is told
    of every answer that leaves, ``overloaded`` of the platform of one that found no turn. Messages of
    one conversation are answered in order, those of others meanwhile; at most ``most`` wait.
    """

    def __init__(
        self,
        chain: Callable[[], Chain],
        page: str,
        *,
        counted: Callable[[Answer], object] = lambda answer: None,
        overloaded: Callable[[str], object] = lambda platform: None,
        workers: int = _WORKERS,
        most: int = _MOST_WAITING,
        patience: float = _PATIENCE_SECONDS,
    ) -> None:
        self._chain = chain
        self._page = page
        self._counted = counted
        self._overloaded = overloaded
        self._workers = workers
        self._most = most
        self._patience = patience
        self._once = Once(_REMEMBERED_SECONDS)
        self._turns = Turns()
        self._waiting: dict[Conversation, deque[_Job]] = {}
        self._ready = asyncio.Queue[Conversation]()
        self._jobs: set[_Job] = set()
        self._errands: set[asyncio.Task[None]] = set()
        self._open = False

    @property
    def chain(self) -> Chain:
        """The chain in force; raises the error that kept it from being opened."""
        return self._chain()

    def accept(self, incoming: Incoming, mouth: Mouth, allowed: Allowed) -> bool:
        """Take a message, or say why not; False if it came before, which nobody is told of.

        Returns before anything is looked up or sent.
        """
        if not self._once.is_new((incoming.platform, incoming.event_id)):
            return False
        refusal = allowed.refusal(incoming) or self._refusal(incoming)
        if refusal is None:
            self._take(incoming, mouth)
        else:
            self._decline(incoming, mouth, refusal)
        return True

    def _decline(self, incoming: Incoming, mouth: Mouth, refusal: str) -> None:
        _LOG.info("%s event %s: %s", incoming.platform, incoming.event_id, refusal)
        # Whoever floods us is not told so each time: what waits to be said would grow without end.
        if len(self._errands) <= 2 * self._most:
            line = said(refusal, incoming.language, most=_MOST_CHARS)
            self.run(_safely(mouth.fail(line), incoming))

    def _refusal(self, incoming: Incoming) -> str | None:
        if not self._open:
            return "closing"
        if len(incoming.text) > _MOST_CHARS:
            return "too_long"
        if len(self._jobs) >= self._most:
            self._overloaded(incoming.platform)
            return "busy"
        return None

    def _take(self, incoming: Incoming, mouth: Mouth) -> None:
        job = _Job.of(incoming, mouth)
        self._jobs.add(job)
        waiting = self._waiting.setdefault(incoming.conversation, deque())
        waiting.append(job)
        if len(waiting) == 1:
            self._ready.put_nowait(incoming.conversation)

    def run(self, errand: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Do something beside the answers that must not hold up an acknowledgement."""
        # The loop itself forgets tasks that nobody holds.
        task = asyncio.create_task(errand)
        self._errands.add(task)
        task.add_done_callback(self._errands.discard)
        return task

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Answer until the block ends, then what was accepted, within the patience."""
        workers = [asyncio.create_task(self._work()) for _ in range(self._workers)]
        self._open = True
        try:
            yield
        finally:
            self._open = False
            await self._emptied()
            for worker in workers:
                worker.cancel()
            await asyncio.gather(*workers, return_exceptions=True)
            await self._say_last_words()

    async def _emptied(self) -> None:
        deadline = time.monotonic() + self._patience
        while self._jobs and time.monotonic() < deadline:
            await asyncio.sleep(0.02)

    async def _say_last_words(self) -> None:
        for job in self._jobs:
            job.begun.cancel()
            line = said("closing", job.incoming.language)
            self.run(_safely(job.mouth.fail(line), job.incoming))
        if self._errands:
            await asyncio.wait(self._errands, timeout=_LAST_WORDS_SECONDS)

    async def _work(self) -> None:
        while True:
            conversation = await self._ready.get()
            waiting = self._waiting[conversation]
            job = waiting[0]
            await self._handle(job)
            self._jobs.discard(job)
            waiting.popleft()
            if waiting:
                self._ready.put_nowait(conversation)
            else:
                del self._waiting[conversation]

    async def _handle(self, job: _Job) -> None:
        incoming = job.incoming
        started = time.perf_counter()
        try:
            try:
                told = await self._shown(job)
            finally:
                job.made.set()
                await job.begun
            await job.mouth.finish(told)
        except OverloadedError as error:
            self._overloaded(incoming.platform)
            line = said("busy", incoming.language, most=_MOST_CHARS)
            _LOG.info("%s event %s: %s", incoming.platform, incoming.event_id, error)
            await _safely(job.mouth.fail(line), incoming)
        except Exception:
            _LOG.exception("%s event %s failed", incoming.platform, incoming.event_id)
            line = said("failed", incoming.language, id=incoming.event_id)
            await _safely(job.mouth.fail(line), incoming)
        else:
            took = (time.perf_counter() - started) * 1000
            _LOG.info("%s event %s answered, %.0f ms", incoming.platform, incoming.event_id, took)

    async def _shown(self, job: _Job) -> Shown:
        incoming, chain = job.incoming, self.chain
        held = chain.searcher.library.held
        if not incoming.text:
            return helping(incoming.language, held)
        turns = self._turns.of(incoming.conversation)
        answer = await _answered(chain, turns, job)
        self._turns.add(incoming.conversation, incoming.text)
        self._counted(answer)
        return shown(answer, incoming.language, self._page, held)


async def _answered(chain: Chain, turns: list[str], job: _Job) -> Answer:
    answer: Answer | None = None
    stream = chain.stream(job.incoming.text, turns)
    async with _telling(job) as tell, aclosing(stream) as events:
        async for event in events:
            if isinstance(event, Told):
                tell(event.text)
            elif isinstance(event, Answer):
                answer = event
    assert answer is not None
    return answer


@asynccontextmanager
async def _telling(job: _Job) -> AsyncIterator[Callable[[str], None]]:
    """Gives what adds to the text that is shown meanwhile, at the platform's pace.

    By a task of its own: an update that a platform delays would hold up the model, whose deadline
    does not wait. The last update has ended when the block has, else it could overwrite the answer.
    """
    text = ""
    over = asyncio.Event()

    def tell(more: str) -> None:
        nonlocal text
        text += more

    async def show() -> None:
        told = ""
        await job.begun
        while not await _set_within(over, job.mouth.pause):
            if text != told:
                told = text
                try:
                    await job.mouth.update(told)
                except Exception as error:
                    _LOG.warning("an update was not shown: %s", error)

    showing = asyncio.create_task(show())
    try:
        yield tell
    finally:
        over.set()
        # What is shown waits for the beginning, and the beginning for the answer.
        job.made.set()
        await showing


async def _set_within(event: asyncio.Event, seconds: float) -> bool:
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return False
    return True


async def _safely(saying: Coroutine[Any, Any, None], incoming: Incoming) -> None:
    try:
        await saying
    except Exception as error:
        _LOG.error("%s event %s: not said: %s", incoming.platform, incoming.event_id, error)
