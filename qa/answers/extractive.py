"""Answers made of quotes: the sentences of the findings that bear most on the question."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from embeddings.terms import bigrams
from prompts import messages
from qa.answers.answer import Answer, Check, Citation
from qa.answers.refusals import refuse, refuse_missing, refuse_not_stated
from qa.facts.lexicon import names_of
from qa.questions import Question
from qa.reports.clean_text import fold
from qa.reports.report import Report
from qa.search import Findings, Hit

_HITS = 8
_MAX_SENTENCES = 3
_QUOTE_MAX_CHARS = 120
# Below this share of the question's words, weighted by rarity, no passage found answers it.
# Measured on the shipped questions: 1st percentile of answerable ones .22.
_LEAST_COVERAGE = 0.2
# An indicator named counts as much as this many of the question's other words.
_INDICATOR_WORDS = 4
_FIGURE = re.compile(r"\d[\d.,]*\s*(?:%|‰|个百分点|[万亿]*[一-龥]?)")
_WANTS_FIGURE = re.compile(r"多少|几[个家件台亩]|多大|多高|比例|增速|目标|how (?:many|much)", re.I)


@dataclass(frozen=True, slots=True)
class _Candidate:
    hit: Hit
    span: tuple[int, int]
    text: str
    score: float


def answer_with_quotes(findings: Findings, reports: dict[str, Report]) -> Answer:
    """One to three quoted sentences, or a refusal with its reason. Never raises for a question."""
    question = findings.question
    said = messages("answers", question.language)
    if findings.scope.missing or not reports:
        return refuse_missing(findings, reports.values())
    if not _words(question):
        return refuse(question, "unclear", said["unclear"])
    if not findings.hits:
        return refuse(question, "out_of_scope", said["out_of_scope"])
    candidates = _candidates(question, findings.hits[:_HITS])
    if _coverage(question, findings.hits) < _LEAST_COVERAGE:
        return refuse_not_stated(findings, reports)
    return _quote(question, findings, _choose(question, candidates))


def _words(question: Question) -> list[str]:
    return bigrams(fold(f"{question.core} {question.context}"))


def _coverage(question: Question, hits: Iterable[Hit]) -> float:
    """The best share of what is asked that one passage holds, an indicator under any name."""
    words = set(bigrams(f"{question.rest} {question.context}"))
    named = _INDICATOR_WORDS * len(question.indicators)
    best = 0.0
    for hit in hits:
        held = len(words & set(bigrams(hit.passage.text)))
        told = named * _named_indicators(question, hit.passage.text)
        best = max(best, (held + told) / (len(words) + named) + 0.1 * hit.features["dense"])
    return best


def _candidates(question: Question, hits: Sequence[Hit]) -> list[_Candidate]:
    pairs = [
        (hit, span, text)
        for hit in hits
        for span, text in zip(hit.passage.sentences, hit.passage.sentence_texts(), strict=True)
    ]
    rarity = _rarity(text for _, _, text in pairs)
    own, context = Counter(bigrams(question.rest)), Counter(bigrams(question.context))
    found = []
    for hit, span, text in pairs:
        words = set(bigrams(text))
        score = _overlap(own, words, rarity) + 0.4 * _overlap(context, words, rarity)
        score += _named_indicators(question, text)
        if _WANTS_FIGURE.search(question.text):
            score += 0.15 * bool(_FIGURE.search(fold(text)))
        found.append(_Candidate(hit, span, text, score + 0.5 * hit.score))
    return sorted(found, key=lambda c: -c.score)


def _rarity(texts: Iterable[str]) -> dict[str, float]:
    """Word → log of the share of sentences that lack it, so that common words weigh little."""
    sets = [set(bigrams(text)) for text in texts]
    counts = Counter(word for words in sets for word in words)
    return {word: math.log(1 + len(sets) / n) for word, n in counts.items()}


def _named_indicators(question: Question, text: str) -> float:
    """Share of the indicators asked for that the sentence names, under any of their names."""
    if not question.indicators:
        return 0.0
    folded = fold(text).lower()
    named = [
        any(name in folded for name in map(str.lower, names_of(indicator)))
        for indicator in question.indicators
    ]
    return sum(named) / len(named)


def _overlap(asked: Counter[str], words: set[str], rarity: dict[str, float]) -> float:
    whole = sum(rarity.get(word, 0.0) for word in asked)
    if whole == 0:
        return 0.0
    return sum(rarity[word] for word in asked if word in words) / whole


def _choose(question: Question, candidates: Sequence[_Candidate]) -> list[_Candidate]:
    """The best sentence, one for each place of a comparison, and others nearly as good."""
    chosen: list[_Candidate] = []
    if len(question.places) > 1:
        for mention in question.places:
            mine = [c for c in candidates if c.hit.report.place == mention.place.name]
            chosen += mine[:1]
        return chosen[:_MAX_SENTENCES] or list(candidates[:1])
    for candidate in candidates[:_MAX_SENTENCES]:
        contradicts = candidate.hit.features["status"] < 0
        if candidate.score >= 0.85 * candidates[0].score and not contradicts:
            chosen.append(candidate)
    return chosen


def _quote(question: Question, findings: Findings, chosen: Sequence[_Candidate]) -> Answer:
    said = messages("answers", question.language)
    citations, lines, checks = [], [], []
    for n, candidate in enumerate(chosen, 1):
        hit = candidate.hit
        part = _telling_part(candidate.text, question)
        citations.append(Citation.of(n, hit.report, hit.passage, candidate.span))
        lines.append(
            said["quote"].format(
                place=_place(hit.report, said), period=_period(hit, question), quote=part, n=n
            )
        )
        checks += [Check(f, f in fold(candidate.text), n) for f in _figures(part)]
    notes = [] if findings.dense else [said["no_vectors"]]
    if findings.scope.absent:
        places = said["separator"].join(place.name for place in findings.scope.absent)
        notes.append(said["absent_places"].format(places=places))
    return Answer(
        status="partial" if findings.scope.absent else "answered",
        text="\n".join(lines),
        question=question.text,
        citations=tuple(citations),
        checks=tuple(checks),
        notes=tuple(notes),
    )


def _figures(text: str) -> list[str]:
    return list(dict.fromkeys(match.group().strip() for match in _FIGURE.finditer(fold(text))))


def _place(report: Report, said: dict[str, str]) -> str:
    return report.place or said["unnamed"].format(title=report.title)


def _period(hit: Hit, question: Question) -> str:
    period = hit.passage.period or (str(hit.report.year) if hit.report.year else "")
    if not period:
        return ""
    return f"({period}年)" if question.language == "zh" else f" ({period})"


def _telling_part(sentence: str, question: Question) -> str:
    """The run of clauses, at most ``_QUOTE_MAX_CHARS`` long, that holds most of what is asked."""
    if len(sentence) <= _QUOTE_MAX_CHARS:
        return sentence
    clauses = re.split(r"(?<=[,，;；])", sentence)
    asked = set(_words(question))
    gains = [len(asked & set(bigrams(clause))) for clause in clauses]
    best = max(range(len(clauses)), key=lambda i: gains[i])
    start, end = best, best + 1
    while True:
        length = len("".join(clauses[start:end]))
        grow_right = end < len(clauses) and length + len(clauses[end]) <= _QUOTE_MAX_CHARS
        grow_left = start > 0 and length + len(clauses[start - 1]) <= _QUOTE_MAX_CHARS
        if grow_right and (not grow_left or gains[end] >= gains[start - 1]):
            end += 1
        elif grow_left:
            start -= 1
        else:
            return "".join(clauses[start:end]).strip(" ,，;；")
