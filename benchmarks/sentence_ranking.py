"""The ranking of sentences fitted anew, what each feature is worth, and how the confidence separates.

    wenzheng ingest samples && python -m benchmarks.sentence_ranking [CASES.jsonl …]

Fits the weights of ``qa.answers.sentences.Weights`` to question cases with labelled evidence (softmax
over the candidate sentences, L2), and prints Markdown: the share of cases whose best sentence holds
evidence with the weights in force, with fitted ones by five-fold cross-validation, and with each
weight in turn at 0 (questions in words of their own, which have weights of their own, left out); then the confidence of sentences that hold the evidence beside that of the best
sentences that are left when those are taken away, and of questions that the reports do not answer.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields

import numpy as np
import torch

from api.assembly import embedder_of, library_of
from eval.questions import QuestionCase, read_case_set
from qa.answers.sentences import Sentence, Weights, rank_sentences
from qa.chain import Chain
from qa.search import Searcher
from qa.settings import load_settings

_FOLDS = 5
_L2 = 0.001
_NAMES = [field.name for field in fields(Weights)]
# Evidence of these stands in several sentences, or the question is in another language.
_OTHER_TYPES = frozenset({"aggregate", "compare", "english"})


@dataclass(frozen=True)
class Ranked:
    """A case's candidate sentences; ``holds[i]`` if the i-th holds some of the evidence."""

    case: QuestionCase
    sentences: Sequence[Sentence]
    features: torch.Tensor
    holds: torch.Tensor


def main(paths: list[str]) -> None:
    settings = load_settings()
    chain = Chain(Searcher(library_of(settings), embedder_of(settings)))
    cases = [case for name in paths or ["shipped"] for case in read_case_set(name)]
    ranked = [one for case in cases if (one := rank(chain, case))]
    answerable = [one for one in ranked if one.case.is_answerable and one.holds.any()]
    worded = [one for one in answerable if not one.sentences[0].is_faint]
    print("| weights | best sentence holds evidence |\n|---|---|")
    in_force = torch.tensor([getattr(Weights(), name) for name in _NAMES])
    print(f"| in force, {len(worded)} cases | {first(worded, in_force):.3f} |")
    print(f"| fitted, {_FOLDS}-fold cross-validation | {cross_validated(worded):.3f} |")
    for index, name in enumerate(_NAMES):
        without = in_force.clone()
        without[index] = 0.0
        print(f"| in force, without {name} | {first(worded, without):.3f} |")
    fitted = fit(worded)
    print("\nfitted: " + ", ".join(f"{n} {w:.1f}" for n, w in zip(_NAMES, fitted, strict=True)))
    print("\n| confidence of | n | 5 % | 25 % | median | 75 % |\n|---|---|---|---|---|---|")
    _row("sentences that hold the evidence", [_best(o, holds=True) for o in answerable])
    _row("the best ones left without them", [_best(o, holds=False) for o in answerable])
    unanswered = [one for one in ranked if not one.case.is_answerable]
    _row("questions without an answer", [one.sentences[0].confidence for one in unanswered])


def rank(chain: Chain, case: QuestionCase) -> Ranked | None:
    """None where search finds nothing, or for types that one sentence cannot answer."""
    if case.type in _OTHER_TYPES:
        return None
    findings = chain.search(case.question, turns=case.turns)
    sentences = rank_sentences(findings.question, findings.hits)
    if not sentences or findings.scope.missing:
        return None
    features = [[one.features[name] for name in _NAMES] for one in sentences]
    holds = [any(_touches(one, case)) for one in sentences]
    return Ranked(case, sentences, torch.tensor(features), torch.tensor(holds))


def _touches(sentence: Sentence, case: QuestionCase) -> Iterator[bool]:
    source, (start, end) = sentence.hit.passage.source, sentence.span
    for span in (span for evidence in case.evidence for span in evidence.spans):
        yield span.source == source and span.start < end and start < span.end


def fit(ranked: Sequence[Ranked]) -> torch.Tensor:
    """The weights that make the evidence likeliest: softmax over each case's sentences."""
    weights = torch.zeros(len(_NAMES), requires_grad=True)
    optimizer = torch.optim.LBFGS([weights], max_iter=200)

    def closure() -> torch.Tensor:
        optimizer.zero_grad()
        loss = _L2 * (weights**2).sum()
        for one in ranked:
            scores = one.features @ weights
            likely = torch.logsumexp(scores[one.holds], 0) - torch.logsumexp(scores, 0)
            loss = loss - likely / len(ranked)
        loss.backward()
        return loss

    optimizer.step(closure)
    return weights.detach()


def first(ranked: Sequence[Ranked], weights: torch.Tensor) -> float:
    """Share of the cases whose best sentence holds evidence."""
    hits = [bool(one.holds[int((one.features @ weights).argmax())]) for one in ranked]
    return float(np.mean(hits))


def cross_validated(ranked: Sequence[Ranked]) -> float:
    folds = [ranked[start::_FOLDS] for start in range(_FOLDS)]
    shares = []
    for fold in folds:
        rest = [one for other in folds if other is not fold for one in other]
        shares += [first(fold, fit(rest))] * len(fold)
    return float(np.mean(shares))


def _best(one: Ranked, *, holds: bool) -> float:
    kept = [s for s, held in zip(one.sentences, one.holds.tolist(), strict=True) if held == holds]
    return kept[0].confidence if kept else 0.0


def _row(name: str, values: Sequence[float]) -> None:
    if values:
        cuts = " | ".join(f"{np.quantile(values, q):.2f}" for q in (0.05, 0.25, 0.5, 0.75))
        print(f"| {name} | {len(values)} | {cuts} |")


if __name__ == "__main__":
    main(sys.argv[1:])
