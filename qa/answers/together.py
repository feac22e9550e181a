"""Sentences that answer together: the parts of a thing told alike, the measures below one topic."""

from __future__ import annotations

import re
from collections.abc import Sequence

from qa.answers.excerpts import QUOTED, asked_of_each
from qa.answers.sentences import Sentence
from qa.questions import Question
from qa.reports.clean_text import fold
from qa.reports.report import Passage

_ASKS_MEASURES = re.compile(
    r"措施|举措|做法|采取了?(?:什么|哪些)|做了?(?:什么|哪些)(?:工作|事)|(?:怎么|如何|怎样)(?:去|来)?(?:做[好大强优]?|抓|推进|推动|落实|发展|解决|优化|改善|加强|提升|保障|支持|打造|促进|稳|扩大)"
)
# A short sentence without figures names what those behind it tell.
_TOPIC = re.compile(r"[^,;。\d]{2,20}[。:]?")
_COUNTED_UP = re.compile(
    r"[一二三四五六七八九十]{1,2}[是要]|\([一二三四五六七八九十]{1,3}\)|[一二三四五六七八九十]{1,3}、"
)
_MOST_MEASURES, _TOLD_BY_TOPIC = 4, 0.5
# Of sentences found by sense alone one this far below the best (in log-odds) tells of something else.
FAR = 2.5
# Parts told alike (以…为基底), from so many on, in at most so many sentences.
_LEAST_PARTS, _MOST_PARTS = 2, 6


def parts_told_alike(question: Question, ranked: Sequence[Sentence]) -> list[Sentence]:
    """All sentences of one passage that tell one of the parts asked for: 东部以…为基底. 西部以…为基底."""
    frame = asked_of_each(question)
    telling = [one for one in ranked if frame and frame in fold(one.text)]
    if sum(fold(one.text).count(frame) for one in telling) < _LEAST_PARTS:
        return []
    terms = QUOTED.findall(fold(question.text))
    named = [
        one for one in telling if all(term in fold(one.hit.passage.text) for term in terms)
    ] or telling
    beside = [one for one in named if one.hit.passage.start == named[0].hit.passage.start]
    return sorted(beside, key=lambda one: one.span)[:_MOST_PARTS]


def measures_together(question: Question, ranked: Sequence[Sentence]) -> list[Sentence]:
    """The sentences that tell, below the same topic as the best one, what is done about it: one measure
    is no answer to 采取哪些措施."""
    if not _ASKS_MEASURES.search(fold(question.text)) or len(question.places) > 1:
        return []
    best = ranked[0]
    topics = _topics_of(best.hit.passage)
    start = max((at for at in topics if at <= best.span[0]), default=best.hit.passage.start)
    end = min((at for at in topics if at > best.span[0]), default=best.hit.passage.end)
    around = [
        one
        for one in ranked
        if one.hit.passage.start == best.hit.passage.start and start <= one.span[0] < end
    ]
    topic = next((one for one in around if one.span[0] == start and _is_short(one.text)), None)
    # Below a topic that says what is asked all is on it; below 优化养老托幼服务 half is about children.
    on_topic = topic is not None and topic.told >= _TOLD_BY_TOPIC
    below = [
        one for one in around if one is not topic and (on_topic or one.score >= best.score - FAR)
    ]
    return sorted(below[:_MOST_MEASURES], key=lambda one: one.span) if len(below) > 1 else []


def _topics_of(passage: Passage) -> list[int]:
    """Where a passage comes to another topic: at 一要, and at a short sentence that longer ones follow."""
    texts = [fold(text).strip() for text in passage.sentence_texts()]
    behind = [*texts[1:], ""]
    return [
        start
        for (start, _), text, after in zip(passage.sentences, texts, behind, strict=True)
        if _COUNTED_UP.match(text)
        or (_is_short(text) and after and not (_is_short(after) or _COUNTED_UP.match(after)))
    ]


def _is_short(text: str) -> bool:
    return bool(_TOPIC.fullmatch(fold(text).strip()))
