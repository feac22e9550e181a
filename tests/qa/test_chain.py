import re

import pytest

from eval.questions import read_questions
from qa.answers.answer import Answer
from qa.chain import Chain


def test_every_citation_is_a_slice_of_its_source_and_has_a_marker(bundled_chain: Chain) -> None:
    library = bundled_chain.searcher.library
    for case in read_questions():
        answer = bundled_chain.ask(case.question, case.turns)
        for citation in answer.citations:
            source = library.source_text(citation.report_id)
            assert source[citation.start : citation.end] == citation.quote
        assert _markers(answer) == {citation.n for citation in answer.citations}
        assert (answer.status == "refused") == (not answer.citations)


def _markers(answer: Answer) -> set[int]:
    """Markers in the text and in the table's cells."""
    cells = [cell for row in answer.table.rows for cell in row] if answer.table else []
    in_text = {int(n) for n in re.findall(r"\[(\d+)\]", answer.text)}
    return in_text | {cell.citation for cell in cells if cell.citation is not None}


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("越城区2023年GDP增长多少?", "7.6%"),
        ("海曙区2022年固投增速", "13.3%"),
        ("荔湾推动注册的“永庆坊”系列商标有多少个?", "58个"),
        ("上城区哪条河获评市级美丽河湖", "引水河"),
    ],
)
def test_simple_questions_are_answered_with_the_figure_as_printed(
    bundled_chain: Chain, question: str, expected: str
) -> None:
    answer = bundled_chain.ask(question)
    assert answer.status == "answered"
    assert expected in answer.text


def test_the_answer_prints_place_and_year(bundled_chain: Chain) -> None:
    answer = bundled_chain.ask("越城区去年GDP增长多少?")
    assert "越城区" in answer.text
    assert "2023年" in answer.text


@pytest.mark.parametrize(
    ("question", "reason", "told"),
    [
        ("柯桥区2023年GDP增长多少", "place_not_held", "越城区"),
        ("越城区1999年GDP增长多少?", "period_not_held", "1999年"),
        ("", "unclear", "写明"),
        ("荔湾区这份政府工作报告是由哪位区长作的?", "not_stated", "荔湾区"),
    ],
)
def test_refusals_have_a_reason_and_say_what_is_held(
    bundled_chain: Chain, question: str, reason: str, told: str
) -> None:
    answer = bundled_chain.ask(question)
    assert answer.refusal is not None
    assert answer.refusal.reason == reason
    assert told in answer.refusal.detail


def test_a_refusal_speaks_the_language_of_the_question(bundled_chain: Chain) -> None:
    answer = bundled_chain.ask("What does the 1999 State Council report say about GDP in 1998?")
    assert answer.refusal is not None
    assert answer.refusal.detail.isascii() or "held" in answer.refusal.detail


def test_a_missing_place_among_several_makes_the_answer_partial(bundled_chain: Chain) -> None:
    answer = bundled_chain.ask("2023年固定资产投资,越城区和柯桥区哪个增得快?")
    assert answer.status == "partial"
    assert any("柯桥区" in note for note in answer.notes)


def test_a_follow_up_is_answered_from_its_context(bundled_chain: Chain) -> None:
    answer = bundled_chain.ask("支出呢?", ["荔湾区去年一般公共预算收入是多少?"])
    assert "117.24亿元" in answer.text
