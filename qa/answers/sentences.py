"""Which sentence answers: every sentence of the best passages, ranked by what it shares with the question.

The weights come from a fit on questions with labelled evidence; ``python -m benchmarks.sentence_ranking``
fits them anew and shows what each feature is worth.
"""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields

from embeddings.terms import bigrams
from qa.facts.lexicon import Indicator, names_of
from qa.questions import Question
from qa.ranking import Hit
from qa.reports.clean_text import fold

# The passages whose sentences are candidates.
PASSAGES = 10
_FIGURE = re.compile(
    r"\d[\d.,]*\s*(?:%|‰|个百分点|[万亿]*[一-龥]?)|[一二三四五六七八九十百千万亿]{2,}"
)
_WANTS_FIGURE = re.compile(
    r"多少|几[个家件台亩部套所条场处座次人项名起宗户万亿成]|多大|多高|多长|比例|增速|增幅|占比|第几|目标(?!任务)|百分之几|how (?:many|much)",
    re.I,
)
_WANTS_DATE = re.compile(
    r"哪一?[天年月日]|哪几[天年月日]|什么时[候间]|何时|几月|几[号日]|日期|时间|when|what day|what date",
    re.I,
)
_DATE = re.compile(r"\d+[年月日号]|\d{4}-\d|[一二三四五六七八九十]+月")
_UNIT_ASKED = re.compile(r"(?:多少|几)[万亿]*([一-龥])")
_NO_UNIT = frozenset("是的呢吗了倍成点分百多少高低年月日号比例")
_ASKED_ALIKE = {
    "户": "家户",
    "家": "家户",
    "部": "部台",
    "台": "台部",
    "钱": "元",
    "元": "元",
    "名": "名人",
    "人": "人名",
}
_ENDS_SENTENCE = re.compile("[。!?;:”]$")
_NUMBERED = re.compile(r"^(?:[一二三四五六七八九十]{1,3}、|\([一二三四五六七八九十]{1,3}\))")
_YEARS = re.compile(r"(?:19|20)\d\d年?")
_TITLE = re.compile("工作报告(?:摘要|全文)?$")
_CLAUSES = re.compile(r"[;；。:：!！?？]|[,，](?!(?<=\d[,，])\d{3})")


@dataclass(frozen=True, slots=True)
class Weights:
    """What a sentence's features are worth, in units of the fit's log-odds."""

    words: float = 2.6
    clause: float = 2.2
    sense: float = 2.0
    indicator: float = 2.8
    formal: float = 1.1
    passage: float = 2.1
    status: float = 1.1
    period: float = 0.1
    figure: float = 2.0
    unit: float = 2.1
    date: float = 1.1
    length: float = 1.4


# For questions in words of their own: no sentence holds half of them, none names an indicator asked
# for. Fitted on such questions alone, where nearness in sense tells more than words.
FAINT = Weights(
    words=2.1,
    clause=1.9,
    sense=5.5,
    indicator=0.0,
    formal=0.9,
    passage=1.3,
    status=0.3,
    period=0.4,
    figure=1.9,
    unit=3.2,
    date=1.3,
    length=1.2,
)
_FAINT_WORDS = 0.5


@dataclass(frozen=True, slots=True)
class Certainty:
    """What features of the best sentence say of its being an answer at all, in log-odds."""

    words: float = 2.1
    clause: float = 1.0
    nearness: float = 1.1
    indicator: float = 2.0
    formal: float = 1.8
    passage: float = 2.5
    status: float = 1.4
    figure: float = 0.6
    unit: float = 0.3
    names_indicator: float = -1.8
    wants_figure: float = -0.9
    bias: float = -6.4


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence that may answer."""

    hit: Hit
    span: tuple[int, int]
    text: str
    features: Mapping[str, float] = field(repr=False)
    score: float = 0.0

    @property
    def told(self) -> float:
        """Share of the question's words, weighted by rarity, that the sentence holds; an indicator
        under any of its names counts as half of the question."""
        words = self.features["words"]
        return (
            (words + self.features["indicator"]) / 2 if self.features["names_indicator"] else words
        )

    @property
    def is_heading(self) -> bool:
        """True for headings and titles, which name what is told elsewhere and tell nothing; not for lines
        of a list, nor for those that say where and when a report was given."""
        text = fold(self.text).strip()
        if _ENDS_SENTENCE.search(text) or re.search(r"\d", _YEARS.sub("", _NUMBERED.sub("", text))):
            return False
        if self.hit.passage.kind == "other":
            return bool(_TITLE.search(text))
        above = {fold(heading).strip() for heading in self.hit.passage.headings}
        return text in above or bool(_NUMBERED.match(text))

    @property
    def confidence(self) -> float:
        """How likely the sentence is to answer, in [0, 1]: a logistic fit on sentences that hold the
        evidence against the best that are left when those are taken away."""
        return self.confidence_if()

    @property
    def is_faint(self) -> bool:
        """True if the question shares few words with any sentence: found by its sense alone."""
        return bool(self.features["faint"])

    def confidence_if(self, **known: float) -> float:
        """The confidence if the given features were other than they are."""
        if self.is_faint and self.features["cosine"]:
            near = self.features["nearest"] + _WORDS_PER_COSINE * self.features["most_words"]
            return 1 / (1 + math.exp(-_STEEP * (near - _FAINT_MIDDLE)))
        features = {**self.features, **known, "bias": 1.0}
        odds = sum(getattr(_CERTAINTY, f.name) * features[f.name] for f in fields(_CERTAINTY))
        return 1 / (1 + math.exp(-odds))


def has_the_kind_asked(asked: str, text: str) -> bool:
    """False if a question asks for a date, or for a figure, and the text has none."""
    if _WANTS_DATE.search(asked):
        return bool(_DATE.search(text))
    return not _WANTS_FIGURE.search(asked) or bool(_FIGURE.search(text))


_CERTAINTY = Certainty()
# Of development questions in their own words, 52 of 56 answerable ones lie above the cosine at which
# the confidence is .07, and 6 of 22 others. Chosen with these questions in sight.
_FAINT_MIDDLE, _STEEP, _WORDS_PER_COSINE = 0.906, 150.0, 0.06


def rank_sentences(
    question: Question, hits: Sequence[Hit], weights: Weights | None = None
) -> list[Sentence]:
    """The sentences of the best passages, the likeliest to answer first."""
    asked = _Asked.of(question, hits)
    sentences = [one for hit in hits[:PASSAGES] for one in asked.sentences_of(hit)]
    nearest = _most(sentences, "cosine")
    words = _most(sentences, "words")
    faint = words < _FAINT_WORDS and not _most(sentences, "indicator")
    weights = weights or (FAINT if faint else Weights())
    whole = {"nearest": nearest, "most_words": words, "faint": float(faint)}
    ranked = [_scored(one, nearest, weights, whole) for one in sentences]
    return sorted(ranked, key=lambda one: -one.score)


def _most(sentences: Sequence[Sentence], feature: str) -> float:
    return max((one.features[feature] for one in sentences), default=0.0)


def _scored(
    sentence: Sentence, nearest: float, weights: Weights, whole: Mapping[str, float]
) -> Sentence:
    """The sentence with its similarity told from the nearest one's: cosines lie close together."""
    features = {**sentence.features, **whole}
    cosine = features["cosine"]
    features["sense"] = max(0.0, 1.0 - (nearest - cosine) / _COSINE_SPREAD) if cosine else 0.0
    score = sum(getattr(weights, f.name) * features[f.name] for f in fields(weights))
    return Sentence(sentence.hit, sentence.span, sentence.text, features, score)


# Cosines of the bundled model lie within a few hundredths of this one.
_MIDDLING_COSINE, _PER_COSINE = 0.85, 20.0
# Sentences whose cosine lies this far below the nearest one's have nothing to do with the question.
_COSINE_SPREAD = 0.06


@dataclass(frozen=True, slots=True)
class _Words:
    """Words with what each counts for, the rare ones more; ``whole`` is what all of them count for."""

    worth: Mapping[str, float]
    whole: float

    @classmethod
    def of(cls, asked: Mapping[str, float], texts: Sequence[Collection[str]]) -> _Words:
        """Words asked with their weights, rare or common among the words of the candidates' ``texts``."""
        rarity = {
            word: math.log(1 + len(texts) / held)
            for word in asked
            if (held := sum(word in text for text in texts))
        }
        return cls(
            {word: weight * rarity[word] for word, weight in asked.items() if word in rarity},
            sum(weight * rarity.get(word, _UNHELD) for word, weight in asked.items()),
        )

    def share(self, words: Collection[str]) -> float:
        """Share of them among ``words``, in [0, 1]."""
        if not self.whole:
            return 0.0
        return sum(worth for word, worth in self.worth.items() if word in words) / self.whole


@dataclass(frozen=True, slots=True)
class _Asked:
    """The question's words with their rarity among the candidate sentences."""

    question: Question
    own: _Words
    formal: tuple[_Words, ...]
    units: frozenset[str]
    wants_figure: bool
    wants_date: bool

    @classmethod
    def of(cls, question: Question, hits: Sequence[Hit]) -> _Asked:
        text = fold(question.text)
        units = {unit for unit in _UNIT_ASKED.findall(text) if unit not in _NO_UNIT}
        held = [set(bigrams(t)) for hit in hits[:PASSAGES] for t in hit.passage.sentence_texts()]
        own = {
            **dict.fromkeys(bigrams(question.context), _OF_CONTEXT),
            **dict.fromkeys(bigrams(question.rest), 1.0),
        }
        formal = [dict.fromkeys(frozenset(bigrams(one)), 1.0) for one in question.formal.split()]
        return cls(
            question=question,
            own=_Words.of(own, held),
            formal=tuple(_Words.of(one, held) for one in formal),
            units=frozenset(units),
            wants_figure=bool(_WANTS_FIGURE.search(text)),
            wants_date=bool(_WANTS_DATE.search(text)),
        )

    def sentences_of(self, hit: Hit) -> Iterable[Sentence]:
        texts = hit.passage.sentence_texts()
        similar = hit.similarities or (0.0,) * len(texts)
        for index, (span, text) in enumerate(zip(hit.passage.sentences, texts, strict=True)):
            features = self._features(hit, text)
            cosine = similar[index] if index < len(similar) else 0.0
            features["cosine"] = cosine
            # Without vectors nothing is known of nearness: neither near nor far.
            features["nearness"] = (cosine - _MIDDLING_COSINE) * _PER_COSINE if cosine else 0.0
            yield Sentence(hit, span, text, features)

    def _features(self, hit: Hit, text: str) -> dict[str, float]:
        folded = fold(text).replace("\n", "")
        words = frozenset(bigrams(folded))
        clauses = [frozenset(bigrams(clause)) for clause in _CLAUSES.split(folded)]
        return {
            "words": self.own.share(words),
            "clause": max(self.own.share(clause) for clause in clauses),
            "indicator": _named(self.question.indicators, folded),
            "formal": max((one.share(words) for one in self.formal), default=0.0),
            "passage": hit.features["found"],
            "status": 1.0 if self._is_of_this_year(hit, folded) else hit.features["status"],
            "period": hit.features["period"],
            "figure": float(self.wants_figure and bool(_FIGURE.search(folded))),
            "date": float(self.wants_date and bool(_DATE.search(folded))),
            "unit": self._unit(folded),
            "names_indicator": float(bool(self.question.indicators)),
            "wants_figure": float(self.wants_figure),
            "length": math.log(1 + len(folded) / 40),
        }

    def _is_of_this_year(self, hit: Hit, text: str) -> bool:
        """True if a review tells of the report's own year (到今年上半年), which is asked about."""
        is_asked = hit.report.year in self.question.years and not self.question.status
        return is_asked and hit.passage.kind == "review" and "今年" in text

    def _unit(self, text: str) -> float:
        """1 if a number stands before the unit asked for (多少家: 43家)."""
        return float(
            any(re.search(rf"\d[万亿]?多?余?[{_ASKED_ALIKE.get(u, u)}]", text) for u in self.units)
        )


# Words of the turns before count less than those of the question itself.
_OF_CONTEXT = 0.5
# What a word of the question counts for that no candidate holds, against rare words that count 2–5.
_UNHELD = 1.0


def _named(indicators: Sequence[Indicator], text: str) -> float:
    """Share of the indicators asked for that the sentence names, under any of their names."""
    if not indicators:
        return 0.0
    lower = text.lower()
    named = [any(name.lower() in lower for name in names_of(one)) for one in indicators]
    return sum(named) / len(named)
