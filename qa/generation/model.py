"""The one door to a language model: deadline, retries, circuit breaker, count of tokens.

Every failure of a model, whatever its provider calls it, leaves here as ``ModelUnavailableError``.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias, TypeVar, cast

import pybreaker
from tenacity import AsyncRetrying, RetryCallState, retry_if_exception
from tenacity.wait import wait_exponential_jitter

from qa.answers.answer import Usage
from qa.errors import ModelUnavailableError

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel
    from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage

    _Chunks: TypeAlias = AsyncGenerator[AIMessageChunk, None]

Said = TypeVar("Said")

_ATTEMPTS = 3
_BACK_OFF = wait_exponential_jitter(multiplier=0.25, max=4.0, jitter=0.25)
# An endpoint that failed so often in a row is left alone for a while: every question would wait.
_FAILURES, _REST_SECONDS = 5, 30.0
# An answer of so many characters is a model that does not stop.
_LONGEST_ANSWER = 6000
_TOO_LONG = ("length", "max_tokens")
# What a model without a known size of context is taken to read.
_CONTEXT_TOKENS = 8192
_LONGEST_REASON = 200
_LOST = frozenset({"APIConnectionError", "TransportError", "ConnectionError"})
_LATE = frozenset({"APITimeoutError", "TimeoutException", "TimeoutError"})


@dataclass(slots=True)
class Talk:
    """One question's dealings with the model: all its calls share a deadline and a bill.

    ``deadline`` is on the clock of ``time.monotonic``. ``is_cut`` if the last answer reached the
    model's limit of length: its last sentence is none.
    """

    deadline: float
    usage: Usage = field(default_factory=Usage)
    calls: int = 0
    is_cut: bool = False

    @classmethod
    def within(cls, seconds: float) -> Talk:
        return cls(time.monotonic() + seconds)

    @property
    def left(self) -> float:
        """Seconds left, never below 0."""
        return max(0.0, self.deadline - time.monotonic())


class LanguageModel:
    """A LangChain chat model that answers in time or fails with a reason.

    ``model`` must not retry by itself. ``context_tokens`` is None where the model's own profile is
    to tell.
    """

    def __init__(
        self, model: BaseChatModel, name: str, *, context_tokens: int | None = None
    ) -> None:
        self.name = name
        profile = getattr(model, "profile", None) or {}
        self.context_tokens: int = (
            context_tokens or profile.get("max_input_tokens") or _CONTEXT_TOKENS
        )
        self._model = model
        self._breaker = pybreaker.CircuitBreaker(
            fail_max=_FAILURES,
            reset_timeout=_REST_SECONDS,
            exclude=[_is_ours],
            throw_new_error_on_trip=False,
        )

    async def stream(
        self, messages: Sequence[BaseMessage], talk: Talk
    ) -> AsyncGenerator[str, None]:
        """The answer in the pieces that arrive. Raises ``ModelUnavailableError``.

        Retried only before the first piece: what was told cannot be taken back.
        """
        whole: AIMessageChunk | None = None
        with _named_errors(), self._breaker.calling():
            chunks, chunk = await self._open(messages, talk)
            length = 0
            try:
                while chunk is not None and length <= _LONGEST_ANSWER:
                    whole = chunk if whole is None else whole + chunk
                    length += len(chunk.text)
                    if chunk.text:
                        yield chunk.text
                    chunk = await _next(chunks, talk)
            finally:
                await chunks.aclose()
                _bill(talk, whole)
        _see_that_it_ended(whole, length)
        talk.is_cut = _end_of(whole) in _TOO_LONG

    async def complete(self, messages: Sequence[BaseMessage], talk: Talk) -> str:
        """The whole answer at once. Raises ``ModelUnavailableError``."""
        return "".join([piece async for piece in self.stream(messages, talk)])

    async def _open(
        self, messages: Sequence[BaseMessage], talk: Talk
    ) -> tuple[_Chunks, AIMessageChunk | None]:
        """The stream and its first piece."""

        async def first() -> tuple[_Chunks, AIMessageChunk | None]:
            chunks = cast("_Chunks", self._model.astream(list(messages)))
            try:
                return chunks, await _next(chunks, talk)
            except BaseException:
                await chunks.aclose()
                raise

        return await _retried(first, talk)


async def _next(chunks: _Chunks, talk: Talk) -> AIMessageChunk | None:
    # Not wait_for: until Python 3.12 it may swallow a cancellation that meets an arriving piece.
    async with asyncio.timeout(talk.left):
        return await anext(chunks, None)


async def _retried(ask: Callable[[], Awaitable[Said]], talk: Talk) -> Said:
    """Ask again after failures that pass, as long as the time left allows the wait."""
    talk.calls += 1
    async for attempt in AsyncRetrying(
        retry=retry_if_exception(_passes),
        stop=lambda state: state.attempt_number >= _ATTEMPTS or state.upcoming_sleep >= talk.left,
        wait=_wait,
        reraise=True,
    ):
        with attempt:
            return await ask()
    raise AssertionError("the last attempt returns or raises")


def _passes(error: BaseException) -> bool:
    """True for what another try may mend: too many requests, a failing server, a lost connection."""
    status = getattr(error, "status_code", None)
    if isinstance(status, int):
        return status in (408, 409, 429) or status >= 500
    return _is_a(error, _LOST) and not _is_late(error)


def _is_a(error: BaseException, names: frozenset[str]) -> bool:
    """True if the error or what it was raised from is called so: every client has its own classes,
    of the same names, and only the installed ones could be imported."""
    causes = [error]
    while causes[-1].__cause__ is not None:
        causes.append(causes[-1].__cause__)
    return any(kind.__name__ in names for one in causes for kind in type(one).__mro__)


def _wait(state: RetryCallState) -> float:
    """Seconds before the next try: what the endpoint asks for, at least a jittered back-off."""
    error = state.outcome.exception() if state.outcome else None
    headers = getattr(getattr(error, "response", None), "headers", {})
    try:
        asked = float(headers.get("retry-after", 0))
    except ValueError:
        # A date instead of seconds.
        asked = 0.0
    return max(asked, _BACK_OFF(state))


def _is_late(error: BaseException) -> bool:
    return _is_a(error, _LATE)


def _is_ours(error: BaseException) -> bool:
    """True for what says nothing about the endpoint's health: a reader who left, a wrong request."""
    return not (_passes(error) or _is_late(error) or isinstance(error, ValueError))


@contextmanager
def _named_errors() -> Iterator[None]:
    try:
        yield
    except pybreaker.CircuitBreakerError as error:
        raise ModelUnavailableError("model_resting", seconds=int(_REST_SECONDS)) from error
    except Exception as error:
        # Every provider has its own errors; whichever it is, the answer is made without the model.
        if _is_late(error):
            raise ModelUnavailableError("model_timeout") from error
        if getattr(error, "status_code", None) == 429:
            raise ModelUnavailableError("model_busy") from error
        raise ModelUnavailableError("model_unavailable", reason=_first_line(error)) from error


def _first_line(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return lines[0][:_LONGEST_REASON] if lines else type(error).__name__


def _bill(talk: Talk, said: AIMessage | None) -> None:
    """Add what the endpoint says it counted; some say nothing."""
    told = said.usage_metadata if said is not None else None
    if told:
        talk.usage += Usage(told["input_tokens"], told["output_tokens"])


def _see_that_it_ended(whole: AIMessageChunk | None, length: int) -> None:
    """Raises unless the model said something and came to an end of its own."""
    if length > _LONGEST_ANSWER:
        raise ModelUnavailableError("model_endless", limit=_LONGEST_ANSWER)
    if _end_of(whole) == "content_filter":
        raise ModelUnavailableError("model_declined")
    if length == 0:
        # A refusal of the protocol's own kind (``refusal``) arrives as an empty text, too.
        raise ModelUnavailableError("model_silent")
    if whole is not None and whole.response_metadata and not _end_of(whole):
        # A connection that is closed in good order raises nothing: the only sign is what is missing.
        raise ModelUnavailableError("model_cut")


def _end_of(whole: AIMessageChunk | None) -> str:
    """Why the model stopped, as its endpoint says; empty if it does not say."""
    told = whole.response_metadata if whole is not None else {}
    return str(
        told.get("finish_reason") or told.get("stop_reason") or told.get("done_reason") or ""
    )
