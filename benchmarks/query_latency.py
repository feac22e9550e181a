"""Latency of a question and memory of the process, over the shipped questions.

    wenzheng ingest samples && python -m benchmarks.query_latency

Prints a Markdown table: milliseconds of ``search`` and ``ask`` when everything is loaded, seconds
until the first answer of a fresh process, and its peak memory.
"""

from __future__ import annotations

import resource
import statistics
import time
from collections.abc import Callable

_STARTED = time.perf_counter()

from api.assembly import chain_of  # noqa: E402 — the clock starts before the imports
from eval.questions import QuestionCase, read_case_set  # noqa: E402
from qa.settings import load_settings  # noqa: E402


def main() -> None:
    chain = chain_of(load_settings())
    cases = read_case_set()
    chain.ask(cases[0].question)
    first = time.perf_counter() - _STARTED
    print("| call | median ms | 95th percentile ms |\n|---|---|---|")
    for name, call in (
        ("search", lambda case: chain.search(case.question, 10, case.turns)),
        ("ask", lambda case: chain.ask(case.question, case.turns)),
    ):
        times = _times(call, cases)
        print(f"| {name} | {statistics.median(times):.1f} | {_percentile(times, 95):.1f} |")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"\nfirst answer after {first:.2f} s; peak memory {peak:.0f} MiB; {len(cases)} questions")


def _times(call: Callable[[QuestionCase], object], cases: list[QuestionCase]) -> list[float]:
    times = []
    for case in cases:
        started = time.perf_counter()
        call(case)
        times.append((time.perf_counter() - started) * 1000)
    return times


def _percentile(values: list[float], share: int) -> float:
    return statistics.quantiles(values, n=100, method="inclusive")[share - 1]


if __name__ == "__main__":
    main()
