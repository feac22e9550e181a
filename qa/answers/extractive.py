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
from qa.answers.refusals import refuse_missing, refuse_not_stated
from qa.answers.sufficiency import (
    is_foreign,
    is_unclear,
    lacks_parts,
    refuse_foreign,
    refuse_unclear,
    refuse_wrong_status,
    wrong_status,
)
from qa.facts.lexicon import names_of
from qa.questions import Question
from qa.reports.clean_text import fold
from qa.reports.report import Report
from qa.search import Findings, Hit, wanted_kinds

_HITS = 8
_MAX_SENTENCES = 3
_QUOTE_MAX_CHARS = 120
# Below this share of the question's words, weighted by rarity, no passage found answers it.
# Of 159 answerable shipped questions that come to quotes 1 in 100 lies at .1, 1 in 20 at .4.
_LEAST_COVERAGE = 0.2
# An indicator named counts as much as this many of the question's other words.
_INDICATOR_WORDS = 4
# What a sentence gains for standing in the kind of section asked for, and loses in the other.
_STATUS_SHARE = 0.2
_FIGURE = re.compile(r"\d[\d.,]*\s*(?:%|‰|个百分点|[万亿]*[一-龥]?)")
_WANTS_FIGURE = re.compile(r"多少|几[个家件台亩]|多大|多高|比例|增速|目标|how (?:many|much)", re.I)


@dataclass(frozen=True, slots=True)
class _Candidate:
    hit: Hit
    span: tuple[int, int]
    text: str
    score: float
    told: float


def answer_with_quotes(findings: Findings, reports: dict[str, Report]) -> Answer:
    """One to three quoted sentences, or a refusal with its reason. Never raises for a question."""
    question = findings.question
    if is_unclear(question):
        return refuse_unclear(question)
    if findings.scope.missing or not reports:
        return refuse_missing(findings, reports.values())
    candidates = _candidates(question, _telling(question, findings.hits)[:_HITS])
    told = _told_by_kind(question, candidates)
    if not candidates or is_foreign(findings, max(told.values(), default=0.0)):
        return refuse_foreign(question)
    reason = wrong_status(told, _one_kind(findings)) if _is_specific(question) else None
    if reason:
        return refuse_wrong_status(question, reason)
    chosen = _choose(question, candidates)
    too_little = _coverage(question, findings.hits) < _LEAST_COVERAGE
    if too_little or lacks_parts(question, [c.text for c in candidates[:_HITS]]):
        return refuse_not_stated(findings, reports)
    return _quote(question, findings, chosen)


def _telling(question: Question, hits: Sequence[Hit]) -> list[Hit]:
    """The hits that may hold a figure: the title, date and speaker lines state no indicator."""
    return [hit for hit in hits if hit.passage.kind != "other" or not question.indicators]


def _told_by_kind(question: Question, candidates: Sequence[_Candidate]) -> dict[str, float]:
    """Kind of section → the largest share of the question's words that one of its sentences holds."""
    told: dict[str, float] = {}
    for candidate in candidates:
        kind = candidate.hit.passage.kind
        told[kind] = max(told.get(kind, 0.0), candidate.told)
    return told


def _is_specific(question: Question) -> bool:
    """True if the question has words enough, about one place, to tell its status by them."""
    return len(question.places) < 2 and len(set(bigrams(question.rest))) >= 3


def _one_kind(findings: Findings) -> set[str]:
    """The kind of section that alone may answer, if the question leaves no doubt of it."""
    kinds = [wanted_kinds(findings.question, hit.report) for hit in findings.hits[:1]]
    return kinds[0] if kinds else set()


def _words(question: Question) -> list[str]:
    return bigrams(fold(f"{question.core} {question.context}"))


def _coverage(question: Question, hits: Sequence[Hit]) -> float:
    """The best share of what is asked that one passage holds, an indicator under any name."""
    return max(
        _share_told(question, f"{question.rest} {question.context}", hits),
        _share_told(question, question.formal, hits) if question.formal else 0.0,
    )


def _share_told(question: Question, asked: str, hits: Sequence[Hit]) -> float:
    words = set(bigrams(asked))
    named = _INDICATOR_WORDS * len(question.indicators)
    best = 0.0
    for hit in hits:
        held = len(words & set(bigrams(hit.passage.text)))
        told = named * _named_indicators(question, hit.passage.text)
        whole = max(1, len(words) + named)
        best = max(best, (held + told) / whole + 0.1 * hit.features["dense"])
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
        told = _overlap(own, words, rarity)
        named = _named_indicators(question, text)
        score = told + 0.4 * _overlap(context, words, rarity) + named
        score += 0.6 * _overlap(Counter(bigrams(question.formal)), words, rarity)
        score += _STATUS_SHARE * hit.features["status"]
        if _WANTS_FIGURE.search(question.text):
            score += 0.15 * bool(_FIGURE.search(fold(text)))
        share = (told + named) / 2 if question.indicators else told
        found.append(_Candidate(hit, span, text, score + 0.5 * hit.score, share))
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
    several = _of_parts(question, candidates)
    if several:
        return several
    if len(question.places) > 1:
        for mention in question.places:
            mine = [c for c in candidates if c.hit.report.place == mention.place.name]
            chosen += mine[:1]
        return chosen[:_MAX_SENTENCES] or list(candidates[:1])
    chosen = list(candidates[:1])
    for candidate in candidates[1:_MAX_SENTENCES]:
        contradicts = candidate.hit.features["status"] < 0
        if candidate.score >= 0.85 * candidates[0].score and not contradicts:
            chosen.append(candidate)
    return chosen


def _of_parts(question: Question, candidates: Sequence[_Candidate]) -> list[_Candidate]:
    """The best sentence for each of several questions asked in one breath."""
    parts = [part for part in re.split("[??]", question.core) if len(part.replace(" ", "")) >= 4]
    if len(parts) < 2 or len(question.places) > 1:
        return []
    chosen: list[_Candidate] = []
    for part in parts[:_MAX_SENTENCES]:
        words = set(bigrams(part))
        best = max(
            candidates,
            key=lambda c: len(words & set(bigrams(c.text))) / max(1, len(words)) + 0.3 * c.score,
        )
        if best not in chosen:
            chosen.append(best)
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
                place=_place(hit.report, said),
                period=_period(hit, said),
                quote=_without_markers(part),
                n=n,
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


def _without_markers(text: str) -> str:
    """A source's own [9] in other brackets: every marker of an answer is one of its citations."""
    return re.sub(r"\[(\d+)\]", r"［\1］", text)


def _figures(text: str) -> list[str]:
    return list(dict.fromkeys(match.group().strip() for match in _FIGURE.finditer(fold(text))))


def _place(report: Report, said: dict[str, str]) -> str:
    return report.place or said["unnamed"].format(title=report.title)


def _period(hit: Hit, said: dict[str, str]) -> str:
    """The period the passage tells of, and whether as a plan: a target must not read as achieved."""
    period = hit.passage.period or (str(hit.report.year) if hit.report.year else "")
    if not period:
        return ""
    return said["told_in_plan" if hit.passage.kind == "plan" else "told_in"].format(period=period)


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
