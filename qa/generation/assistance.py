"""What a model may do before the answer: say a question anew, translate it, split a broad one.

It never replaces what was asked. A question said anew counts only if it is of the same places, years
and status, and if the reports answer it without the model.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from langchain_core.messages import HumanMessage

from prompts import load, messages
from qa.answers.answer import Answer
from qa.errors import ModelUnavailableError
from qa.generation.instructions import speaks_to_the_program
from qa.generation.model import LanguageModel, Talk
from qa.generation.reading import lines_of
from qa.generation.tally import Tally
from qa.generation.writing import is_broad
from qa.questions import Question
from qa.ranking import Hit
from qa.search import Findings

# Finds and answers a question without a model.
AskExactly = Callable[[str, Sequence[str]], tuple[Findings, Answer]]

_STEPS = 4
_NUMBER = re.compile(r"^\s*(?:[-•*]|\d{1,2}[.、)]|问题\d?[:\uff1a])\s*")
_SHORTEST, _LONGEST = 4, 200
_MOST_HITS = 20
# Below this the answer made without a model is not sure that it understood.
_UNSURE = 0.3


class Assistance:
    """Asks the model for help with a question; without help the question stays as it is."""

    def __init__(self, model: LanguageModel, tally: Tally, ask_exactly: AskExactly) -> None:
        self._model = model
        self._tally = tally
        self._ask_exactly = ask_exactly

    async def improve(
        self, findings: Findings, exact: Answer, talk: Talk
    ) -> tuple[Findings, Answer]:
        """Findings and exact answer, improved where the question was broad, foreign or unsure.

        A model that fails here fails its answer too, which says so; here it is only counted.
        """
        question = findings.question
        try:
            if is_broad(question):
                return await self._planned(findings, talk), exact
            if question.language != "zh" and _is_unsure(exact):
                return await self._translated(findings, talk), exact
            if _is_unsure(exact):
                return await self._rewritten(findings, exact, talk)
        except ModelUnavailableError as error:
            self._tally.fail(error.key)
        return findings, exact

    async def _find(self, question: str) -> tuple[Findings, Answer]:
        return await asyncio.to_thread(self._ask_exactly, question, ())

    async def _planned(self, findings: Findings, talk: Talk) -> Findings:
        """With what is found for each step, in turns."""
        question = findings.question
        asked = load(f"plan.{question.language}.md").format(question=question.text, steps=_STEPS)
        steps = _questions_in(await self._model.complete([HumanMessage(asked)], talk))
        found = [(await self._find(step))[0] for step in steps[:_STEPS]]
        return _merged(findings, [one for one in found if _is_within(one.question, question)])

    async def _translated(self, findings: Findings, talk: Talk) -> Findings:
        """With what the question finds in Chinese; it stays the question that is answered."""
        question = findings.question
        asked = load(f"translate.{question.language}.md").format(
            question=question.text, turns="\n".join(question.turns)
        )
        said = _questions_in(await self._model.complete([HumanMessage(asked)], talk))
        found = [(await self._find(one))[0] for one in said[:1]]
        return _merged(findings, [one for one in found if _is_within(one.question, question)])

    async def _rewritten(
        self, findings: Findings, exact: Answer, talk: Talk
    ) -> tuple[Findings, Answer]:
        question = findings.question
        asked = load(f"rewrite.{question.language}.md").format(
            question=question.text, turns="\n".join(question.turns)
        )
        said = _questions_in(await self._model.complete([HumanMessage(asked)], talk))
        if not said:
            return findings, exact
        found, answer = await self._find(said[0])
        if answer.refusal is not None or not _is_within(found.question, question):
            return findings, exact
        note = messages("generation", question.language)["understood_as"].format(question=said[0])
        kept = replace(found.question, text=question.text, turns=question.turns)
        return replace(found, question=kept), replace(
            answer, question=question.text, notes=(*answer.notes, note)
        )


def _questions_in(said: str) -> list[str]:
    """The lines of what a model said that can be questions, without their numbers."""
    lines = [_NUMBER.sub("", line).strip() for line in lines_of(said)]
    return [
        line
        for line in lines
        if _SHORTEST <= len(line) <= _LONGEST and not speaks_to_the_program(line)
    ]


def _is_unsure(exact: Answer) -> bool:
    """True if it is not certain that the question was understood: no answer, or a faint one."""
    if exact.refusal is not None:
        return exact.refusal.reason in ("unclear", "not_stated")
    return exact.confidence is not None and exact.confidence < _UNSURE


def _is_within(said: Question, asked: Question) -> bool:
    """True if a question of the model's is of the places, years and status that were asked for."""
    return (
        {m.place.code for m in said.places} == {m.place.code for m in asked.places}
        and set(said.years) <= {*asked.years, *asked.report_years}
        and said.status in (None, asked.status)
    )


def _merged(findings: Findings, others: Sequence[Findings]) -> Findings:
    """The hits of all, the question's own first, then one of each in turn; those in scope only."""
    lanes = [one.hits for one in (findings, *others)]
    turns = [
        lane[i] for i in range(max(map(len, lanes), default=0)) for lane in lanes if i < len(lane)
    ]
    hits: dict[str, Hit] = {}
    for hit in turns:
        if hit.report.report_id in findings.scope.report_ids:
            hits.setdefault(hit.passage.id, hit)
    return replace(findings, hits=tuple(hits.values())[:_MOST_HITS])
