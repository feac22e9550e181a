from dataclasses import replace

import pytest

from eval.metrics.answers import (
    answer_length,
    correct,
    fault,
    figures_exact,
    figures_near,
    is_told_of,
    wrong_context,
)
from eval.questions import ExpectedFigure
from tests.eval.outcomes import A, B, answered, case, cited, refused, searched

ASKED = case(A, must=(("7.6%", "7.6个点"), ("1,500亿",)), must_not=("下降",))


def test_an_answer_needs_one_string_of_every_list() -> None:
    assert correct(answered(ASKED, "增长7.6%,达 1500 亿元")) == 1.0
    assert correct(answered(ASKED, "增长７．６％，１５００亿元")) == 1.0
    assert correct(answered(ASKED, "增长7.6%")) == 0.0


def test_a_forbidden_string_betrays_a_wrong_answer() -> None:
    assert correct(answered(ASKED, "下降7.6%,1500亿元")) == 0.0


def test_markers_are_no_part_of_the_words() -> None:
    assert correct(answered(case(A, must=(("共3家企业",),)), "共3[1]家企业")) == 1.0


def test_what_the_reports_do_not_say_is_refused() -> None:
    assert correct(refused(case())) == 1.0
    assert correct(answered(case(), "7.6%")) == 0.0
    assert correct(refused(ASKED)) == 0.0


def test_undefined_for_a_search_or_a_case_without_reference() -> None:
    assert correct(searched(ASKED, A)) is None
    assert correct(answered(case(A), "…")) is None
    assert fault(searched(ASKED, A)) is None
    assert answer_length(searched(ASKED, A)) is None


# --- figures -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reference", "given"),
    [
        ("126万亿元", "126亿元"),
        ("增长5.2%", "下降5.2%"),
        ("增长5.2%", "增长520%"),
        ("1244万人", "12.44万人"),
        ("增长5.2%", "增长5.25%"),
        ("1244万人", "1250万人"),
        ("2023年增长5.2%", "2022年增长3.0%"),
    ],
)
def test_the_seven_traps_are_rejected(reference: str, given: str) -> None:
    number = reference.removeprefix("增长").removeprefix("2023年增长")
    asked = case(A, answer=reference, must=((number,),))
    assert figures_exact(answered(asked, reference)) == 1.0
    assert figures_exact(answered(asked, given)) == 0.0


def test_the_tolerant_score_lets_1_percent_pass_and_nothing_else() -> None:
    asked = case(A, answer="1244万人", must=(("1244万",),))
    assert figures_near(answered(asked, "1250万人")) == 1.0
    assert figures_near(answered(asked, "1260万人")) == 0.0
    assert figures_near(answered(asked, "1250亿人")) == 0.0


def test_a_qualifier_belongs_to_the_figure() -> None:
    asked = case(A, answer="增长5%左右", must=(("5%",),))
    assert figures_exact(answered(asked, "增长5%")) == 0.0
    assert figures_near(answered(asked, "增长5%")) == 1.0


def test_an_expected_figure_wants_its_place_year_and_status() -> None:
    figure = ExpectedFigure("8%以上", "越城区", "2024", "target")
    asked = case(A, figures=(figure,))
    assert figures_exact(answered(asked, "越城区2024年固投的目标是8%以上[1]。")) == 1.0
    assert figures_exact(answered(asked, "绍兴市越城区2024年固投目标为8%以上。")) == 1.0
    assert figures_exact(answered(asked, "上城区2024年固投的目标是8%以上。")) == 0.0
    assert figures_exact(answered(asked, "越城区2023年固投的目标是8%以上。")) == 0.0
    assert figures_exact(answered(asked, "越城区2024年固投增长8%以上。")) == 0.0


def test_each_figure_of_a_comparison_stands_on_a_line_of_its_place() -> None:
    figures = (ExpectedFigure("增长4%", "临淄区"), ExpectedFigure("增长5%", "荔湾区"))
    asked = case(A, figures=figures)
    assert figures_exact(answered(asked, "临淄区增长4%。\n荔湾区增长5%。")) == 1.0
    assert figures_exact(answered(asked, "临淄区增长5%。\n荔湾区增长4%。")) == 0.0


def test_figures_are_undefined_where_the_reference_has_none() -> None:
    assert figures_exact(answered(case(A, answer="中国算力峰会", must=(("峰会",),)), "…")) is None
    assert figures_exact(answered(case(), "7.6%")) is None
    assert figures_near(searched(ASKED, A)) is None


def test_a_place_is_told_by_full_or_short_name() -> None:
    assert is_told_of(None, "…", 0)
    assert is_told_of("越城区", "越城增长", 0)
    assert not is_told_of("越城区", "增长", 0)


# --- faults ------------------------------------------------------------------------------------


RIGHT = case(A, must=(("7.6%",),), question="越城区2023年GDP增长多少?")


def test_supported_but_of_another_report_is_a_class_of_its_own() -> None:
    quote = cited(1, B, "增长4.3%", report="r2")
    outcome = answered(RIGHT, "上城区2023年GDP增长4.3%[1]。", quote)
    assert fault(outcome) == "wrong_place"
    assert wrong_context(outcome) == 1.0


def test_supported_but_of_another_year_too() -> None:
    outcome = answered(RIGHT, "越城区2022年GDP增长4.3%[1]。", cited(1, B, "增长4.3%"))
    assert fault(outcome) == "wrong_year"
    assert wrong_context(outcome) == 1.0


def test_the_other_classes() -> None:
    quote = cited(1, B, "增长4.3%")
    assert fault(answered(RIGHT, "增长7.6%[1]。", quote)) == "right"
    assert fault(refused(RIGHT)) == "refused_wrongly"
    assert fault(answered(case(), "增长7.6%")) == "should_have_refused"
    assert fault(answered(RIGHT, "增长9.9%[1]。", quote)) == "unsupported"
    assert fault(answered(RIGHT, "2023年增长4.3%[1]。", quote)) == "wrong"


def test_the_context_of_a_refusal_is_undefined() -> None:
    assert wrong_context(refused(RIGHT)) is None
    assert wrong_context(refused(case())) is None
    assert wrong_context(replace(refused(RIGHT), answer=None)) is None


def test_length_counts_no_markers() -> None:
    assert answer_length(answered(RIGHT, "增长7.6%[1]")) == 6.0
