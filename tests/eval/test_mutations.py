"""One thing wrong at a time, on the facts of the real reports: scorer and checker must notice."""

from collections import Counter
from collections.abc import Sequence

import pytest

from eval.metrics.answers import figures_exact
from eval.metrics.citations import faithfulness
from eval.mutations import ALTERATIONS, Mutation, mutations
from eval.outcomes import Outcome
from eval.questions import Span
from eval.statements import Statement, state
from qa.facts.extraction import extract_facts
from qa.reports.report import Report, Source
from tests.eval.outcomes import A, answered, case, cited

# What a quote alone can tell: year, place and status often stand elsewhere in the report.
SEEN_IN_QUOTES = frozenset({"digit", "precision", "point", "unit", "sign", "qualifier"})


@pytest.fixture(scope="module")
def statements(
    sample_reports: Sequence[Report], sample_sources: dict[str, Source]
) -> list[Statement]:
    sources = {source.name: source for source in sample_sources.values()}
    facts = [f for r in sample_reports for f in extract_facts(sources[r.source], r)]
    return [state(fact) for fact in facts]


@pytest.fixture(scope="module")
def passing(statements: list[Statement]) -> list[Statement]:
    return [s for s in statements if _is_accepted(_outcome(s, s.text))]


@pytest.fixture(scope="module")
def altered(passing: list[Statement]) -> list[Mutation]:
    return list(mutations(passing, seed=1))


def _outcome(statement: Statement, text: str, quote: str | None = None) -> Outcome:
    asked = case(A, figures=statement.figures)
    return answered(asked, text, cited(1, Span("a", 0, 99), quote or statement.quote))


def _is_accepted(outcome: Outcome) -> bool:
    return figures_exact(outcome) == 1.0 and faithfulness(outcome) == 1.0


def test_true_sentences_pass(statements: list[Statement], passing: list[Statement]) -> None:
    assert len(statements) > 1000
    assert len(passing) >= 0.99 * len(statements)


def test_every_kind_is_tried(altered: list[Mutation]) -> None:
    kinds = Counter(mutation.kind for mutation in altered)
    assert set(kinds) == set(ALTERATIONS)
    assert min(kinds.values()) >= 100
    assert sum(kinds.values()) >= 300


def test_the_scorer_notices_every_alteration(altered: list[Mutation]) -> None:
    missed = [m for m in altered if figures_exact(_outcome(m.statement, m.altered.text)) != 0.0]
    # What is missed says in its own name that it is planned (计划引进…).
    assert len(missed) <= 0.001 * len(altered)
    assert {m.kind for m in missed} <= {"status"}


def test_the_check_against_the_quote_notices_what_a_quote_can_tell(altered: list[Mutation]) -> None:
    tried = [m for m in altered if m.kind in SEEN_IN_QUOTES]
    missed = [m for m in tried if faithfulness(_outcome(m.statement, m.altered.text)) == 1.0]
    # The altered figure happens to stand elsewhere in the sentence: 2家 beside 1家.
    assert len(missed) <= 0.003 * len(tried)
    assert all(m.altered.told.strip("为的目标是增长下降") in m.statement.quote for m in missed)


def test_an_altered_quote_no_longer_supports_the_answer(passing: list[Statement]) -> None:
    tried = [
        (s, quote)
        for s in passing
        for kind in sorted(SEEN_IN_QUOTES)
        if len(s.figures) == 1
        and (other := next(mutations([s], seed=2, kinds=[kind]), None))
        and (quote := _swapped(s, other.altered)) != s.quote
    ]
    missed = [s for s, quote in tried if faithfulness(_outcome(s, s.text, quote)) == 1.0]
    assert len(tried) >= 300
    assert len(missed) <= 0.01 * len(tried)


def _swapped(statement: Statement, altered: Statement) -> str:
    """The quote with the altered figure where the true one stands."""
    marks = "为的目标是"
    true, false = statement.told.lstrip(marks), altered.told.lstrip(marks)
    return statement.quote.replace(true, false)


def test_the_same_seed_alters_the_same(passing: list[Statement]) -> None:
    assert list(mutations(passing[:50], seed=3)) == list(mutations(passing[:50], seed=3))
