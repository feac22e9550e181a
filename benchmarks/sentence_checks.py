"""What the check of a model's sentence costs: true sentences and altered ones, with real exhibits.

    wenzheng ingest samples && python -m benchmarks.sentence_checks

Prints the milliseconds a sentence of ``qa.generation.checking`` and how many were let through.
"""

from __future__ import annotations

import random
import statistics
import time

from api.assembly import chain_of
from eval.mutations import mutations
from eval.statements import Statement, state
from qa.generation.checking import Checker
from qa.generation.exhibits import choose_exhibits
from qa.settings import load_settings

_FACTS = 150
_TOKENS = 6000


def main() -> None:
    chain = chain_of(load_settings(), assisted=False)
    library = chain.searcher.library
    facts = [held.fact for held in library.facts() if held.fact.place]
    random.Random(0).shuffle(facts)
    true = [state(fact) for fact in facts[:_FACTS]]
    altered = [mutation.altered for mutation in mutations(true, seed=0)]
    print("| sentences | checked | median ms | 95th percentile ms | first, median ms | released |")
    print("|---|---|---|---|---|---|")
    for name, statements in (("true", true), ("altered", altered)):
        first: list[float] = []
        times: list[float] = []
        released = 0
        for statement in statements:
            question, citation = _asked(statement)
            findings = chain.search(question)
            span = (statement.fact.start, statement.fact.end)
            exhibits = choose_exhibits(findings, library, [span], _TOKENS)
            checker = Checker(findings.question, exhibits, library)
            sentence = statement.text.replace("[1]", citation)
            started = time.perf_counter()
            checker.check(sentence)
            first.append((time.perf_counter() - started) * 1000)
            # From the second sentence on the sources are known.
            started = time.perf_counter()
            checked = checker.check(sentence)
            times.append((time.perf_counter() - started) * 1000)
            released += checked.failure is None
            if name == "altered" and checked.failure is None:
                print(f"let through: {statement.text} {checked.text} ({statement.quote})")
        share = statistics.quantiles(times, n=20)[-1]
        print(
            f"| {name} | {len(times)} | {statistics.median(times):.1f} | {share:.1f} | {released} |"
        )


def _asked(statement: Statement) -> tuple[str, str]:
    """A question for the fact, and a marker that names the passage shown first."""
    fact = statement.fact
    return f"{fact.place}{fact.period[:4]}年{fact.printed_indicator}是多少", "[1]"


if __name__ == "__main__":
    main()
