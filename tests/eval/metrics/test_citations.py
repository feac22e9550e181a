import pytest

from eval.metrics.citations import (
    citation_precision,
    citation_recall,
    faithfulness,
    offsets_exact,
)
from eval.outcomes import Outcome
from eval.questions import Span
from tests.eval.outcomes import A, B, C, answered, case, cited, refused, searched

WIDE = Span("a", 5, 25)


def test_recall_is_the_share_of_the_evidence_that_citations_cover() -> None:
    assert citation_recall(answered(case(A, B), "…", cited(1, WIDE))) == 0.5
    assert citation_recall(answered(case(A), "…")) == 0.0


def test_precision_is_the_share_of_citations_that_hold_evidence() -> None:
    outcome = answered(case(A, B), "…", cited(1, WIDE), cited(2, C), cited(3, Span("a", 20, 30)))
    assert citation_precision(outcome) == pytest.approx(1 / 3)


def test_offsets_must_give_the_quote() -> None:
    outcome = answered(case(A), "…", cited(1, A), cited(2, B, exact=False))
    assert offsets_exact(outcome) == 0.5


def test_undefined_without_citations_or_evidence() -> None:
    assert citation_recall(answered(case(), "…", cited(1, A))) is None
    assert citation_precision(answered(case(A), "…")) is None
    assert citation_precision(answered(case(), "…", cited(1, A))) is None
    assert offsets_exact(answered(case(A), "…")) is None
    assert citation_recall(searched(case(A), A)) is None
    assert faithfulness(searched(case(A), A)) is None


def told(text: str, *quotes: str) -> Outcome:
    return answered(case(A), text, *(cited(n, A, quote) for n, quote in enumerate(quotes, 1)))


def test_a_figure_is_faithful_if_the_cited_sentence_prints_it() -> None:
    assert faithfulness(told("增长7.6%[1],达1500亿元[1]", "增长7.6%,达15亿元")) == 0.5
    assert faithfulness(told("增长7.6%[2]", "增长7.6%", "增长8%")) == 0.0
    assert faithfulness(told("增长7.6%", "增长8%", "增长7.6%")) == 1.0


def test_unit_sign_and_qualifier_belong_to_the_figure() -> None:
    assert faithfulness(told("下降7.6%[1]", "增长7.6%")) == 0.0
    assert faithfulness(told("达15万亿元[1]", "达15亿元")) == 0.0
    assert faithfulness(told("增长7%[1]", "增长7%左右")) == 0.0


def test_a_quoted_sentence_is_read_like_any_other() -> None:
    assert (
        faithfulness(told("海曙区(2022年):“化解299件信访积案。”[1]", "化解299件信访积案。")) == 1.0
    )
    assert (
        faithfulness(told("海曙区(2022年):“化解298件信访积案。”[1]", "化解299件信访积案。")) == 0.0
    )


def test_a_computed_difference_must_be_the_difference() -> None:
    quote = "甲增长11.1%,乙增长9.9%"
    line = "甲(11.1%)高于乙(9.9%),相差{}个百分点(计算)。"
    assert faithfulness(told(line.format("1.2"), quote)) == 1.0
    assert faithfulness(told(line.format("1.3"), quote)) == pytest.approx(2 / 3)


def test_undefined_without_figures_and_for_refusals() -> None:
    assert faithfulness(told("稷下街道[1]", "稷下街道")) is None
    assert faithfulness(refused(case(A))) is None
