from collections import Counter
from collections.abc import Sequence

import pytest

from eval.generation import generate_questions
from eval.metrics.answers import correct, figures_exact, required_claims
from eval.questions import QuestionCase
from eval.running import require_sources
from qa.facts.extraction import extract_facts
from qa.reports.report import Report, Source
from tests.eval.outcomes import answered, cited


@pytest.fixture(scope="module")
def generated(
    sample_reports: Sequence[Report], sample_sources: dict[str, Source]
) -> list[QuestionCase]:
    sources = {source.name: source for source in sample_sources.values()}
    facts = [f for r in sample_reports for f in extract_facts(sources[r.source], r)]
    texts = {name: source.text for name, source in sources.items()}
    everything = generate_questions(facts, sample_reports, texts, per_kind=1000)
    assert len({case.id for case in everything}) == len(everything)
    cases = generate_questions(facts, sample_reports, texts, per_kind=10)
    require_sources(cases, texts)
    assert cases == generate_questions(facts, sample_reports, texts, per_kind=10)
    return cases


def test_every_kind_is_made_and_marked(generated: list[QuestionCase]) -> None:
    kinds = Counter(case.type for case in generated)
    assert set(kinds) == {
        "figure", "target", "comparison", "follow_up", "no_indicator", "other_year", "other_place",
    }  # fmt: skip
    assert max(kinds.values()) <= 10
    assert all(case.generated for case in generated)
    assert len({case.id for case in generated}) == len(generated)


def test_unanswerable_ones_carry_their_reason(generated: list[QuestionCase]) -> None:
    reasons = {c.type: c.refusal for c in generated if not c.is_answerable}
    assert reasons == {
        "no_indicator": "not_stated",
        "other_year": "period_not_held",
        "other_place": "place_not_held",
    }


def test_the_reference_answers_its_own_question(generated: list[QuestionCase]) -> None:
    for case in generated:
        if case.is_answerable:
            quotes = [cited(1, case.evidence[0].spans[0], case.evidence[0].quote)]
            told = "。\n".join(
                ("目标是" if f.status == "target" else "").join((f"{f.place}{f.period}年", f.text))
                for f in case.figures
            )
            outcome = answered(case, told, *quotes)
            assert required_claims(case)
            assert (correct(outcome), figures_exact(outcome)) == (1.0, 1.0)


def test_a_follow_up_leans_on_the_turn_before(generated: list[QuestionCase]) -> None:
    follow_ups = [case for case in generated if case.type == "follow_up"]
    assert all(case.turns and case.figures[0].place for case in follow_ups)
    assert all(str(case.figures[0].place) not in case.question for case in follow_ups)
