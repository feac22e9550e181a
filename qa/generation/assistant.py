"""The part of the chain that a language model plays: cache, help with the question, the answer."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator
from dataclasses import replace

from qa.answers.answer import Answer
from qa.answers.telling import Told, told_of
from qa.generation.answer_cache import AnswerCache
from qa.generation.assistance import AskExactly, Assistance
from qa.generation.model import Talk
from qa.generation.writing import ModelWriter, is_broad
from qa.search import Findings

# What code is sure of, a model is not asked about: no report, no such year, only the other status.
_SETTLED = ("place_not_held", "period_not_held", "only_target_stated", "only_actual_stated")


class ModelAssistant:
    """Answers with a language model in ``timeout_seconds`` at most, whatever the model does."""

    def __init__(
        self,
        writer: ModelWriter,
        ask_exactly: AskExactly,
        *,
        timeout_seconds: float,
        cache: AnswerCache | None = None,
    ) -> None:
        self.writer = writer
        self._assistance = Assistance(writer.model, writer.tally, ask_exactly)
        self._timeout_seconds = timeout_seconds
        self._cache = cache

    async def answer(
        self, findings: Findings, exact: Answer, version: str
    ) -> AsyncGenerator[Told | Answer, None]:
        """Sentences as they are released, and last the whole answer; ``version`` is the library's."""
        question = findings.question
        if not _may_help(findings, exact):
            async for event in told_of(exact):
                yield event
            return
        kept = self._cache.get(question.text, question.turns, version) if self._cache else None
        if kept is not None:
            self.writer.tally.cached += 1
            async for event in told_of(_of_now(kept, exact)):
                yield event
            return
        talk = Talk.within(self._timeout_seconds)
        asked, started = exact, time.perf_counter()
        findings, exact = await self._assistance.improve(findings, exact, talk)
        if exact.refusal is not None and not findings.hits:
            async for event in told_of(_timed(replace(exact, usage=talk.usage), asked, started)):
                yield event
            return
        async for event in self.writer.write(findings, exact, talk):
            if not isinstance(event, Answer):
                yield event
                continue
            if self._cache and event.generator == self.writer.model.name:
                self._cache.put(question.text, question.turns, version, event)
            yield _timed(event, asked, started)


def _of_now(kept: Answer, exact: Answer) -> Answer:
    """A kept answer with what this question took; what it took the first time is told already."""
    return replace(kept, id="", usage=None, timings_ms=exact.timings_ms, withheld=exact.withheld)


def _timed(answer: Answer, exact: Answer, started: float) -> Answer:
    """The stages of the exact answer, and the model's beside them."""
    writing = (time.perf_counter() - started) * 1000
    return replace(answer, timings_ms={**exact.timings_ms, "write": writing})


def _may_help(findings: Findings, exact: Answer) -> bool:
    """False where code has settled the question, or it is none for the reports."""
    if exact.refusal is None:
        return True
    reason = exact.refusal.reason
    if reason in _SETTLED or reason == "out_of_scope":
        return False
    question = findings.question
    return (
        is_broad(question)
        or bool(question.turns)
        or question.language != "zh"
        or reason == "unclear"
    )
