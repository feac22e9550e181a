"""What the desk remembers, for a time and within bounds: messages that came, earlier questions."""

from __future__ import annotations

import time
from collections import OrderedDict, deque
from collections.abc import Callable, Hashable

from api.bots.messages import Conversation

_DAY = 24 * 60 * 60.0


class Once:
    """Tells what is new from what came before, within ``seconds``; of the latest ``most`` keys."""

    def __init__(
        self, seconds: float, most: int = 20_000, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._seconds = seconds
        self._most = most
        self._clock = clock
        self._seen: OrderedDict[Hashable, float] = OrderedDict()

    def is_new(self, key: Hashable) -> bool:
        """Whether the key was not seen; it is from now on."""
        now = self._clock()
        while self._seen and (
            len(self._seen) > self._most or next(iter(self._seen.values())) <= now - self._seconds
        ):
            self._seen.popitem(last=False)
        if key in self._seen:
            return False
        self._seen[key] = now
        return True


class Turns:
    """The latest questions of each conversation, oldest first.

    A conversation is forgotten when it was silent for ``seconds``, or when ``most`` others spoke since.
    """

    def __init__(
        self,
        each: int = 6,
        most: int = 2_000,
        seconds: float = _DAY,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._each = each
        self._most = most
        self._seconds = seconds
        self._clock = clock
        self._asked: OrderedDict[Conversation, tuple[float, deque[str]]] = OrderedDict()

    def of(self, conversation: Conversation) -> list[str]:
        """Earlier questions, none if they are too long ago."""
        at, questions = self._asked.get(conversation, (0.0, deque[str]()))
        return list(questions) if at > self._clock() - self._seconds else []

    def add(self, conversation: Conversation, question: str) -> None:
        questions = deque(self.of(conversation), maxlen=self._each)
        questions.append(question)
        self._asked[conversation] = (self._clock(), questions)
        self._asked.move_to_end(conversation)
        if len(self._asked) > self._most:
            self._asked.popitem(last=False)
