"""Answers that a language model writes: streamed, checked, repaired once, completed.

Nothing is released before its check. What the answer made without a model is sure of is in the final
answer whether the model said it or not; if nothing of the model's stands, that answer leaves.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, replace

from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage

from prompts import load, messages
from qa.answers.answer import Answer
from qa.answers.telling import Told, cited_in
from qa.errors import ModelUnavailableError
from qa.generation.checking import Checked, Checker, Similarity
from qa.generation.completing import adopt, missing_lines
from qa.generation.exhibits import choose_exhibits
from qa.generation.model import LanguageModel, Talk
from qa.generation.reading import SentenceReader
from qa.generation.releasing import Releasing
from qa.generation.tally import Tally
from qa.generation.tokens import estimate_tokens
from qa.library.library import Library
from qa.questions import Question
from qa.search import Findings

# Kept free of the prompt for what the model writes, at most this share of a small context.
_ANSWER_TOKENS, _ANSWER_SHARE = 1024, 0.25
# A short answer is what a question for figures wants: more is a passage copied out.
_LONGEST_EXACT, _LONGEST_BROAD = 320, 1500
_TURNS_SHOWN = 6
_MOST_REPAIRED = 6
# A sentence that answers something else, or obeys an order, is not worth another call.
_BEYOND_REPAIR = ("other", "instruction")
_BROAD = re.compile(
    r"总结|概括|概述|综述|归纳|梳理|介绍|解读|分析|说说|谈谈|聊聊|为什么|为何|原因|怎么看|如何看|特点|亮点|思路|总体"
    r"|summar|overview|explain|why|describe|tell me about",
    re.I,
)


def is_broad(question: Question) -> bool:
    """True if an overview or an explanation is asked for, which no single sentence gives."""
    return bool(_BROAD.search(question.text))


@dataclass(slots=True)
class _Course:
    """How the writing of one answer went."""

    trouble: ModelUnavailableError | None = None
    repaired: int = 0


class ModelWriter:
    """Writes answers with a language model; safe to use from several tasks of one event loop."""

    def __init__(
        self,
        model: LanguageModel,
        library: Library,
        similarity: Similarity | None = None,
        tally: Tally | None = None,
    ) -> None:
        self.model = model
        self.tally = tally or Tally()
        self._library = library
        self._similarity = similarity

    async def write(
        self, findings: Findings, exact: Answer, talk: Talk
    ) -> AsyncGenerator[Told | Answer, None]:
        """The sentences as they pass their checks, and last the whole answer.

        ``exact`` is the answer made without a model. Never raises for a model's failure: the answer
        then rests on what was released before, else it is ``exact`` with a note.
        """
        releasing = self._releasing(findings, exact)
        course = _Course()
        asked = self._messages(findings, releasing.checker)
        async for told in self._released(asked, releasing, talk, course):
            yield told
        answer = self._completed(findings, exact, releasing, course)
        addition = answer.text[sum(len(one.text) for one in releasing.released) :]
        if addition:
            yield Told(addition, cited_in(addition, answer.citations))
        self._count(releasing, course, talk)
        yield replace(answer, usage=talk.usage)

    # --- asking ---

    def _releasing(self, findings: Findings, exact: Answer) -> Releasing:
        question = findings.question
        first = [(citation.start, citation.end) for citation in exact.citations]
        room = self._room() - sum(map(estimate_tokens, (_instructions(question), _asked(question))))
        exhibits = choose_exhibits(findings, self._library, first, room, self.tally.hide)
        near = self._similarity if question.language == "en" else None
        broad = is_broad(question)
        checker = Checker(question, exhibits, self._library, near, exact=first, takes_all=broad)
        longest = _LONGEST_BROAD if broad or exact.table else _LONGEST_EXACT
        return Releasing(checker, longest, question.language)

    def _room(self) -> int:
        context = self.model.context_tokens
        return context - min(_ANSWER_TOKENS, int(context * _ANSWER_SHARE))

    def _messages(self, findings: Findings, checker: Checker) -> list[BaseMessage]:
        question = findings.question
        shown = "\n".join(exhibit.shown(question.language) for exhibit in checker.exhibits)
        # The materials stand beside the question: some models have no place for a system's message.
        return [
            SystemMessage(_instructions(question)),
            HumanMessage(_asked(question).format(exhibits=shown)),
        ]

    async def _released(
        self, asked: list[BaseMessage], releasing: Releasing, talk: Talk, course: _Course
    ) -> AsyncGenerator[Told, None]:
        """What passes of the model's answer and of its repair."""
        said: list[str] = []
        try:
            async for told in self._read(asked, releasing, talk, said):
                yield told
            failed = [f for f in releasing.failed if f.failure not in _BEYOND_REPAIR]
            if not failed or releasing.is_over:
                return
            before = len(releasing.released)
            repair = [*asked, AIMessage("".join(said)), _repair(failed, releasing.language)]
            async for told in self._read(repair, releasing, talk, []):
                yield told
            course.repaired = len(releasing.released) - before
        except ModelUnavailableError as error:
            course.trouble = error

    async def _read(
        self, asked: Sequence[BaseMessage], releasing: Releasing, talk: Talk, said: list[str]
    ) -> AsyncGenerator[Told, None]:
        """Sentence by sentence; checks run beside the event loop, which serves others meanwhile."""
        reader = SentenceReader()
        pieces = self.model.stream(asked, talk)
        try:
            async for piece in pieces:
                said.append(piece)
                for sentence in reader.feed(piece):
                    if told := await asyncio.to_thread(releasing.take, sentence):
                        yield told
                if releasing.is_over:
                    return
        finally:
            await pieces.aclose()
        for sentence in reader.rest() if not talk.is_cut else ():
            if told := await asyncio.to_thread(releasing.take, sentence):
                yield told

    # --- the whole answer ---

    def _completed(
        self, findings: Findings, exact: Answer, releasing: Releasing, course: _Course
    ) -> Answer:
        said = messages("generation", findings.question.language)
        reason = course.trouble.said(findings.question.language) if course.trouble else ""
        dropped = len(releasing.failed) - course.repaired
        notes = list(exact.notes)
        if dropped > 0:
            notes.append(said["dropped"].format(count=dropped))
        if not releasing.released:
            if reason:
                notes.append(said["fallback"].format(reason=reason))
            return replace(exact, notes=tuple(notes))
        if reason:
            notes.append(said["cut_short"].format(reason=reason))
        needs_none = exact.refusal is not None or (is_broad(findings.question) and not reason)
        lines = [] if needs_none else missing_lines(exact, releasing.released)
        citations = releasing.checker.citations
        adopted = adopt(exact, lines, citations)
        if lines:
            notes.append(said["completed"])
        text = "".join(one.text for one in releasing.released)
        checks = [check for one in releasing.released for check in one.checks]
        return replace(
            exact,
            status="partial" if reason or exact.status == "partial" else "answered",
            refusal=None,
            text="\n".join(part for part in (text, adopted.text) if part),
            citations=citations.made,
            table=adopted.table,
            checks=tuple(dict.fromkeys([*checks, *adopted.checks])),
            notes=tuple(notes),
            generator=self.model.name,
        )

    def _count(self, releasing: Releasing, course: _Course, talk: Talk) -> None:
        tally = self.tally
        tally.answers += 1
        tally.calls += talk.calls
        tally.usage += talk.usage
        tally.fallbacks += not releasing.released
        tally.repaired += course.repaired
        tally.released += len(releasing.released) - course.repaired
        for one in releasing.failed:
            tally.drop(str(one.failure))
        if course.trouble:
            tally.fail(course.trouble.key)


def _instructions(question: Question) -> str:
    return load(f"answer.{question.language}.md")


def _asked(question: Question) -> str:
    """The question below a place for the exhibits; the turns that it leans on stand before it."""
    said = messages("generation", question.language)
    earlier = " / ".join(_braced(turn) for turn in question.turns[-_TURNS_SHOWN:])
    return said["asked"].format(
        exhibits="{exhibits}",
        earlier=said["earlier"].format(turns=earlier) if earlier else "",
        question=_braced(question.text),
    )


def _braced(text: str) -> str:
    """A user's words are filled in before the exhibits are: their braces are no places."""
    return text.replace("{", "{{").replace("}", "}}")


def _repair(failed: Sequence[Checked], language: str) -> HumanMessage:
    """The failed sentences with what is wrong with each."""
    said = messages("generation", language)
    lines = [
        said["repair_line"].format(n=n, sentence=one.sentence, reason=said[f"failed_{one.failure}"])
        for n, one in enumerate(failed[:_MOST_REPAIRED], 1)
    ]
    return HumanMessage(load(f"repair.{language}.md").format(failed="\n".join(lines)))
