"""Facts about a subject that the lexicon does not know, found by the words of their clauses."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from embeddings.terms import bigrams
from qa.facts.lexicon import Indicator
from qa.library.reading import HeldFact

# Signs of a name that is only a verb (新建, 累计达): the clause says of what.
_BARE = 3
# A clause tells of the subject if it holds this much of the subject's words, weighted by rarity.
_COVERS = 0.55
_VERB = re.compile(
    "[新给对为把被已]|引进|招引|落地|建成|建设|改造|改建|创建|争创|办理|承办|受理|累计|完成|实施|开工|培育|认定|通过|获评|实现|安排|投入|接待|发放|筹集|兑付|盘活|整治|推进|启动|提升|开展|举办|入选"
)
_MEASURED = re.compile(r"(?:(?<=..)建设|总?数量?|总量|规模|量|额)$")


# 亿元以上, 过亿元, 5亿元以上: what the things counted are worth at least.
_WORTH = r"\d*(?:\.\d+)?(?:[十百千]?亿|[十百千]?万)"
_FLOOR = re.compile(
    rf"(?:[超过]过?(?P<over>{_WORTH})元?|(?<![十百千\d.])(?P<above>{_WORTH})元?及?以上)"
    r"(?=[^,。?!;]{0,6}(?:项目|企业|楼宇|平台|园区))"
)
_SCALES = {"万": 1e4, "亿": 1e8, "十": 10.0, "百": 100.0, "千": 1000.0}


def floor_of(name: str) -> float | None:
    """What each of the things named is worth at least, in 元: 1e8 for 亿元以上项目; None if open."""
    match = _FLOOR.search(name)
    if match is None:
        return None
    printed = match["over"] or match["above"]
    number = printed.rstrip("十百千万亿")
    scale = math.prod(_SCALES[sign] for sign in printed[len(number) :])
    return (float(number) if number else 1.0) * scale


def _in_one_form(text: str) -> str:
    """过亿元 as 亿元以上, “小巨人”企业 without its marks: the same thing in one form."""
    text = re.sub(r"[“”\"‘’]", "", text)
    return _FLOOR.sub(lambda match: f"{match['over'] or match['above']}元以上", text)


def called(subject: str) -> Indicator:
    """An indicator outside the lexicon, by the asker's name for it."""
    name = subject.replace(" ", "")
    return Indicator(name, "amount", name, (), (), (), name)


def facts_about(subject: str, held: Sequence[HeldFact]) -> dict[HeldFact, str]:
    """The facts whose clause tells of the subject, under its name → the name the report prints.

    Of each report the clause that holds most of the subject's words; of its figures the one whose
    own name does (国家级众创空间2家、高新技术企业116家).
    """
    floor = floor_of(subject)
    # The things asked for by their worth are told apart by it: not 10亿元以上项目 for 亿元以上项目.
    if floor is not None and any(floor_of(one.fact.printed_indicator) == floor for one in held):
        held = [one for one in held if floor_of(one.fact.printed_indicator) is not None]
    quotes = [_in_one_form(one.fact.quote.lower()) for one in held]
    weights = _weights(bigrams(_in_one_form(_MEASURED.sub("", subject))), quotes)
    best: dict[tuple[str, str], tuple[float, float, float]] = {}
    covering = []
    narrow = _narrowing(subject, quotes)
    for one, quote in zip(held, quotes, strict=True):
        if narrow not in quote:
            continue
        name = _in_one_form(one.fact.printed_indicator.lower())
        same = floor is None or floor_of(name) == floor
        fit = (float(same), _share(weights, quote), _share(weights, name))
        # A figure of another noun in the clause (5G基站…、充电桩1401座) is none of the subject.
        if fit[1] >= _COVERS and (fit[2] > 0 or len(name) <= _BARE):
            key = (one.fact.report_id, one.fact.status)
            best[key] = max(fit, best.get(key, fit))
            covering.append((one, key, fit))
    name = called(subject).name
    return {
        replace(
            one, fact=replace(one.fact, indicator=name, printed_indicator=name)
        ): one.fact.printed_indicator
        for one, key, fit in covering
        if fit == best[key]
    }


def _narrowing(subject: str, quotes: Sequence[str]) -> str:
    """What the subject opens with, if it narrows it: 养老床位 are not 家庭养老床位. Empty for verbs,
    which vary, and for words that no clause holds."""
    terms = bigrams(subject)
    opening = terms[0] if terms else ""
    if _VERB.match(opening) or not any(opening in quote for quote in quotes):
        return ""
    return opening


def _weights(terms: Sequence[str], quotes: Sequence[str]) -> dict[str, float]:
    """Term → its rarity among the clauses.

    A pair inside that no clause holds is a seam (线办 of 热线办理), not a word, and weighs half; one
    at the edge (业率 of 失业率) is a word that no clause speaks of.
    """
    weights = {}
    for term in terms:
        holding = sum(term in quote for quote in quotes)
        is_seam = not holding and term not in (terms[0], terms[-1])
        weights[term] = math.log(1 + len(quotes) / max(holding, 1)) / (2 if is_seam else 1)
    return weights


def _share(weights: Mapping[str, float], text: str) -> float:
    total = sum(weights.values())
    return sum(w for term, w in weights.items() if term in text) / total if total else 0.0
