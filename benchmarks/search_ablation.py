"""What each ingredient of search is worth: each weight set to 0 in turn, over question cases.

    wenzheng ingest samples && python -m benchmarks.search_ablation [CASES.jsonl …]

Prints a Markdown table: the share of cases with all evidence in the first 1, 5 and 10 passages.
"""

from __future__ import annotations

import sys
from dataclasses import fields, replace

from api.assembly import embedder_of, library_of
from eval.questions import QuestionCase, read_case_set
from eval.retrieval import retrieval_table, run_retrieval, search_spans
from qa.chain import Chain
from qa.ranking import Weights
from qa.search import Searcher
from qa.settings import load_settings


def main(paths: list[str]) -> None:
    settings = load_settings()
    library, embedder = library_of(settings), embedder_of(settings)
    cases = [case for name in paths or ["shipped"] for case in read_case_set(name)]
    print("| search | top 1 | top 5 | top 10 | MRR |\n|---|---|---|---|---|")
    _row("all ingredients", Chain(Searcher(library, embedder)), cases)
    for field in fields(Weights):
        weights = replace(Weights(), **{field.name: 0.0})
        _row(f"without {field.name}", Chain(Searcher(library, embedder, weights)), cases)
    _row("words alone", Chain(Searcher(library, None)), cases)


def _row(name: str, chain: Chain, cases: list[QuestionCase]) -> None:
    last = retrieval_table(run_retrieval(cases, search_spans(chain))).splitlines()[-1]
    print(f"| {name} |{'|'.join(last.split('|')[3:])}")


if __name__ == "__main__":
    main(sys.argv[1:])
